"""What was read back out of an output."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Generic, NamedTuple, TypeVar

from pressrun.proof.parity.tokens import levelled, spans

T = TypeVar("T")


class Span(NamedTuple, Generic[T]):
    """Something that is said of some words: of those from `start` to before `end`."""

    value: T
    start: int
    end: int


@dataclass
class Reading:
    """The words of an output in reading order, and what is said of them; None where the form cannot say it."""

    tokens: list[str]
    #: the same as they stand there, to be quoted, and the character at which each begins
    text: str
    starts: list[int]
    #: addresses
    links: list[Span[str]] | None = None
    #: levels
    headings: list[Span[int]] | None = None
    #: alt texts; each stands before a word
    images: list[Span[str]] | None = None
    #: dates for machines
    times: list[Span[str]] = field(default_factory=list)
    #: the elements, and of each word those that hold it, the outermost first; empty where there are none
    boxes: dict[Hashable, Span[Hashable]] = field(default_factory=dict)
    above: list[tuple[Hashable, ...]] = field(default_factory=list)
    #: addresses that it leads to, where it does not say from which words
    addresses: frozenset[str] | None = None
    #: words may be cut anywhere, by the end of a line
    cut: bool = False
    #: running heads and page numbers stand among the words
    furnished: bool = False

    def quote(self, places: Sequence[int]) -> str:
        """Words as they stand there, with what stands between neighbours."""
        return " ".join(quoted(self.text, self.starts, self.tokens, run[0], run[-1] + 1) for run in _runs(places))


class Notes:
    """Gathers text and what is said of it, until it is divided into words."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0

    @property
    def at(self) -> int:
        """The character that comes next."""
        return self._length

    def add(self, text: str) -> None:
        text = levelled(text)
        self._parts.append(text)
        self._length += len(text)

    def divided(self) -> tuple[list[str], str, list[int]]:
        """The words as they are compared, the text, and where in it each word begins."""
        text = "".join(self._parts)
        found = list(spans(text))
        return [token for token, _ in found], text, [start for _, start in found]


def quoted(text: str, starts: Sequence[int], tokens: Sequence[str], first: int, last: int) -> str:
    """The words of a text from `first` to before `last`, as they stand there."""
    return " ".join(text[starts[first] : starts[last - 1] + len(tokens[last - 1])].split())


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Numbers, those that follow each other together."""
    found = groupby(enumerate(places), key=lambda place: place[1] - place[0])
    return [[place for _, place in run] for _, run in found]


def placed(noted: list[tuple[T, int, int]], starts: list[int]) -> list[Span[T]]:
    """What is said of characters, said of words."""
    return [Span(value, bisect_left(starts, start), bisect_left(starts, end)) for value, start, end in noted]
