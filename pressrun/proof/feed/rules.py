"""A rule for the documents of feeds, what it finds, and how that is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from pressrun.proof.feed.document import Asked, Document

#: sentences that say what is wrong
Found = Iterator[str]


class Finding(NamedTuple):
    """One thing that is wrong with a document."""

    file: str
    rule: str
    problem: str
    #: what must hold instead
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.problem} {self.remedy}"


class Shelf(NamedTuple):
    """All documents, by path; a rule for one may look at the others."""

    documents: Mapping[str, Document]
    asked: Asked

    def url(self, path: str) -> str:
        return f"{self.asked.base_url}/feed/{path}"


class Rule(NamedTuple):
    """What must hold for a document."""

    name: str
    #: what is required, a sentence
    wanted: str
    find: Callable[[Document, Shelf], Found]


def apply(document: Document, shelf: Shelf, rules: Iterable[Rule]) -> Iterator[Finding]:
    """All findings in the order of the rules, each told once."""
    for rule in rules:
        for problem in dict.fromkeys(rule.find(document, shelf)):
            yield Finding(f"outputs/feed/{document.path}", rule.name, problem, rule.wanted)
