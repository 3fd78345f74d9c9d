"""A rule, a copy that it judges, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pypdfium2

from pressrun.proof import drawn, lines
from pressrun.proof.drawn import Item
from pressrun.proof.editions import Edition
from pressrun.proof.geometry import Box

MM = 72 / 25.4
#: (page counted from 1, or 0 for the whole file; a sentence that says what is wrong)
Found = Iterator[tuple[int, str]]


class Finding(NamedTuple):
    """One thing that is wrong with a file."""

    file: str
    page: int
    rule: str
    problem: str
    #: what must hold instead
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}, page {self.page}" if self.page else self.file
        return f"{where}: {self.rule}: {self.problem} {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What its author and the site ask a handout to say."""

    title: str
    language: str
    authors: tuple[str, ...]
    #: of its last change
    date: datetime
    revision: int
    #: the word before its number, in the language in which the templates speak
    version: str = "Version"
    #: which tells whether a copy is current
    code: str
    #: to call or text
    numbers: tuple[str, ...]
    #: where other formats can be had
    email: str
    #: the words of the body
    body: str = ""
    #: all that author and site typed
    typed: str = ""
    #: names of its pictures by their width and height in pixels
    pictures: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass
class Copy:
    """A handout's file, read back."""

    path: Path
    pdf: pikepdf.Pdf
    edition: Edition
    asked: Asked

    @cached_property
    def items(self) -> list[Item]:
        return drawn.items(self.pdf)

    def drawn(self, *kinds: str) -> Iterator[Item]:
        return (item for item in self.items if item.kind in kinds)

    @cached_property
    def lines(self) -> list[list[Item]]:
        return list(lines.lines(self.items))

    @cached_property
    def text(self) -> str:
        """All words in the order of reading, by PDFium, which knows scripts that run from right to left."""
        document = pypdfium2.PdfDocument(self.path)
        try:
            text = " ".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()
        # PDFium writes these for a hyphen at the end of a line.
        return re.sub("[\ufffe\x02]", "-", text)

    @cached_property
    def pages(self) -> list[Any]:
        return [page.obj for page in self.pdf.pages]

    def box(self, page: int, name: str) -> Box | None:
        """A page's box, None if the page itself has none; the MediaBox may be inherited."""
        found = self.pdf.pages[page - 1].mediabox if name == "MediaBox" else self.pages[page - 1].get(f"/{name}")
        if found is None:
            return None
        left, bottom, right, top = (float(number) for number in found)
        return min(left, right), min(bottom, top), max(left, right), max(bottom, top)

    def trim(self, page: int) -> Box:
        """Where the paper is cut: the TrimBox, or the whole page."""
        found = self.box(page, "TrimBox") or self.box(page, "MediaBox")
        assert found
        return found

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The XMP packet's properties by name, as in `xmp:CreateDate`."""
        return self.pdf.open_metadata(set_pikepdf_as_editor=False)


class Rule(NamedTuple):
    """What must hold for a file."""

    name: str
    #: what is required, a sentence
    wanted: str
    #: who requires it
    source: str
    find: Callable[[Copy], Found]


def judge(copy: Copy, file: str, rules: Iterable[Rule]) -> Iterator[Finding]:
    """All findings in the order of the rules; what one rule finds often on a page is told once, with a count."""
    for rule in rules:
        for (page, problem), same in groupby(sorted(rule.find(copy))):
            count = len(list(same))
            often = f" ({count} times)" if count > 1 else ""
            yield Finding(file, page, rule.name, problem + often, rule.wanted)
