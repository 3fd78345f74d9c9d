"""Where passages stand in an output, word for word: the most of them that stand there in their order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

#: places of one passage that are looked at
_MOST = 40
#: a passage of fewer letters is found in whole words alone, even where lines may cut words
_SHORT = 12


class Run(NamedTuple):
    """Words from `start` to before `end`."""

    start: int
    end: int


class Text:
    """The words of an output, to be searched; where lines may cut words, letters are searched."""

    def __init__(self, tokens: Sequence[str], *, cut: bool) -> None:
        self._gap = "" if cut else " "
        self._joined = self._gap + "".join(token + self._gap for token in tokens)
        lengths = (len(token) + len(self._gap) for token in tokens)
        self._starts = list(accumulate(lengths, initial=len(self._gap)))

    def find(self, wanted: Sequence[str]) -> Iterator[Run]:
        """Every place where some words stand, the first ones first; all words that a place touches."""
        needle = self._gap + "".join(token + self._gap for token in wanted)
        at = self._joined.find(needle) if wanted else -1
        while at >= 0:
            start, end = at + len(self._gap), at + len(needle)
            run = Run(bisect_right(self._starts, start) - 1, bisect_left(self._starts, end))
            whole = self._starts[run.start] == start and self._starts[run.end] == end
            if whole or len(needle) >= _SHORT:
                yield run
            at = self._joined.find(needle, at + 1)


class _Link(NamedTuple):
    """A passage at a place, behind the best of those before it."""

    #: words of the chain up to here, and minus the word at which it begins: a shorter chain is a better one
    worth: tuple[int, int]
    passage: int
    run: Run
    before: _Link | None


class _Best:
    """The best chain that ends before a word (a Fenwick tree)."""

    def __init__(self, length: int) -> None:
        self._tree: list[_Link | None] = [None] * (length + 2)

    def add(self, link: _Link) -> None:
        at = link.run.end + 1
        while at < len(self._tree):
            known = self._tree[at]
            if known is None or known.worth < link.worth:
                self._tree[at] = link
            at += at & -at

    def before(self, start: int) -> _Link | None:
        at, best = start + 1, None
        while at > 0:
            known = self._tree[at]
            if known is not None and (best is None or best.worth < known.worth):
                best = known
            at -= at & -at
        return best


def chained(text: Text, length: int, passages: Sequence[Sequence[str]]) -> dict[int, Run]:
    """The places of those passages, by number, that stand in their order; together they have the most words."""
    best = _Best(length)
    every: list[_Link] = []
    for number, wanted in enumerate(passages):
        links = []
        for run in islice(text.find(wanted), _MOST):
            before = best.before(run.start)
            words, first = before.worth if before else (0, run.start)
            links.append(_Link((words + len(wanted), first), number, run, before))
        for link in links:
            best.add(link)
        every += links
    last = max(every, key=lambda link: (link.worth[0], link.worth[1] - link.run.end), default=None)
    found: dict[int, Run] = {}
    while last:
        found[last.passage] = last.run
        last = last.before
    return found
