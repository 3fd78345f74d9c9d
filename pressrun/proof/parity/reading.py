"""What was read back out of an output."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass, field
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
    #: the same as they stand there, to be quoted
    words: list[str]
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

    def quote(self, start: int, end: int) -> str:
        return " ".join(self.words[start:end])


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

    def divided(self) -> tuple[list[str], list[str], list[int]]:
        """The words as they are compared, as they stand there, and where each begins."""
        text = "".join(self._parts)
        found = list(spans(text))
        starts = [start for _, start in found]
        return [token for token, _ in found], [text[start : start + len(token)] for token, start in found], starts


def placed(noted: list[tuple[T, int, int]], starts: list[int]) -> list[Span[T]]:
    """What is said of characters, said of words."""
    return [Span(value, bisect_left(starts, start), bisect_left(starts, end)) for value, start, end in noted]
