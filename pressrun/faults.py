"""What is wrong, where, and what to do about it.

A fault is data: readers collect every fault of every file, and one `Refused` carries them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: characters of a long line that are shown before and behind the caret
_WINDOW = 50


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in an author's file."""

    #: the file, relative to the desk, with forward slashes
    path: str
    #: counted from 1
    line: int = 1
    #: counted from 1, in characters
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that keeps a text from being published."""

    place: Place
    #: a sentence
    problem: str
    #: one or more sentences; the last may be a corrected line on a line of its own
    remedy: str
    #: the line of the file, as its author typed it
    excerpt: str = ""

    def __str__(self) -> str:
        message = f"{self.place}: {self.problem} {self.remedy}"
        if not self.excerpt.strip():
            return message
        caret = self.place.column - 1
        start = max(0, caret - _WINDOW) if len(self.excerpt) > 2 * _WINDOW else 0
        shown = self.excerpt[start : max(caret, start + _WINDOW) + _WINDOW].replace("\t", " ")
        return f"{message}\n    {shown}\n    {' ' * (caret - start)}^"


class Refused(Exception):
    """Content cannot be published as it is; `faults` says why, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))
