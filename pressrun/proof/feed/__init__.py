"""Reads feeds back and judges them, offline; shares no code with what writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pressrun.proof.feed.document import Asked, Document, Unreadable, read
from pressrun.proof.feed.entries import RULES as ENTRIES
from pressrun.proof.feed.head import RULES as HEAD
from pressrun.proof.feed.rules import Finding, Rule, Shelf, apply

__all__ = ["COUNT", "READABLE", "RULES", "Asked", "Finding", "judge"]

READABLE = "feed-readable"
RULES: tuple[Rule, ...] = (*HEAD, *ENTRIES)
#: of rules, with the one that a document can be read at all
COUNT = len(RULES) + 1


def judge(files: Mapping[str, bytes], asked: Asked) -> Iterator[Finding]:
    """All that is wrong with the documents of all feeds, by their paths below outputs/feed/."""
    documents: dict[str, Document] = {}
    for path, data in files.items():
        try:
            documents[path] = read(path, data)
        except Unreadable as error:
            yield Finding(f"outputs/feed/{path}", READABLE, f"It cannot be read: {error}.", "Run: ./inv build")
    shelf = Shelf(documents, asked)
    for document in documents.values():
        yield from apply(document, shelf, RULES)
