"""The anchors of headings that were once on the web, so that links to them lead somewhere for ever.

One line of JSON a text, added and never changed: an article's id and its anchors, in the order of its headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pressrun.faults import Fault
from pressrun.model import Article
from pressrun.registers import Register

#: below content/
PATH = "records/anchors.jsonl"

#: by an article's id: its anchors each time that they were remembered
Known = Mapping[str, Sequence[Sequence[str]]]


def of(article: Article) -> list[str]:
    return list(article.anchors())


def read(content: Path) -> tuple[Known, tuple[Fault, ...]]:
    """What is remembered, and a fault for each line that cannot be read."""
    lines, faults = _REGISTER.read(content)
    found: dict[str, list[list[str]]] = {}
    for id_, anchors in lines:
        found.setdefault(id_, []).append(anchors)
    return found, faults


def _record(line: Any) -> tuple[str, list[str]]:
    """Raises ValueError."""
    match line:
        case {"id": str(id_), "anchors": [*anchors]} if all(isinstance(anchor, str) and anchor for anchor in anchors):
            return id_, anchors
    raise ValueError


_REGISTER = Register(
    PATH, "record of anchors", "Put it back as it was, from git or a backup: links to headings depend on it.",
    _record, lambda line: {"id": line[0], "anchors": line[1]},
)  # fmt: skip


def append(content: Path, articles: Iterable[Article], known: Known) -> list[Article]:
    """Remembers the anchors of the articles whose anchors are not those of the last time; which these are."""
    new = [
        article for article in articles if (anchors := of(article)) and anchors not in known.get(article.id, ())[-1:]
    ]
    _REGISTER.append(content, lambda _known: [(article.id, of(article)) for article in new])
    return new


def former(article: Article, known: Known) -> dict[str, list[str]]:
    """By the anchor of a heading: earlier anchors that lead to it now."""
    present = of(article)
    found: dict[str, list[str]] = {}
    taken = set(present)
    for earlier in reversed(known.get(article.id, ())):
        for anchor, heir in _heirs(earlier, present):
            if anchor not in taken:
                found.setdefault(heir, []).append(anchor)
                taken.add(anchor)
    return found


def _heirs(earlier: Sequence[str], present: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Each anchor that is gone, and the one that stands in its place: of a heading that was renamed, else the next."""
    for what, start, end, there, _ in SequenceMatcher(None, earlier, present, autojunk=False).get_opcodes():
        if what in ("replace", "delete") and present:
            for offset, anchor in enumerate(earlier[start:end]):
                yield anchor, present[min(there + (offset if what == "replace" else 0), len(present) - 1)]
