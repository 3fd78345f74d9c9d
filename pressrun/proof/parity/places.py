"""Where an article's words stand in its author's file."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from pressrun.faults import Place
from pressrun.model import Article
from pressrun.proof.parity.tokens import levelled, spans

#: so many words of a passage are looked for, and fewer where a mark of CommonMark stands among them
_FIRST = (8, 4, 2, 1)


class Places:
    """Finds passages one behind the other, as they stand in the file."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._lines, self._starts, self._characters, self._words, self._offsets = _divided(article.typed)
        body = re.search(r"^body:", "\n".join(self._lines), re.MULTILINE)
        self._at = self._offset(body.start() if body else 0)

    def _offset(self, character: int) -> int:
        number = bisect_right(self._characters, character)
        return self._offsets[number]

    def key(self, name: str) -> Place:
        """Where a key of the article stands; the file's first line if it is not there."""
        pattern = re.compile(rf"^{name}:")
        number = next((number for number, line in enumerate(self._lines, 1) if pattern.match(line)), 1)
        return Place(self._article.place.path, number, 1)

    def next(self, text: str, default: Place | None = None) -> Place:
        """Where a text stands, behind those that were asked for before; with a default, below that place."""
        wanted = [token for token, _ in spans(levelled(text))]
        at = self._offset(self._starts[default.line - 1]) if default else self._at
        for count in _FIRST:
            if count > len(wanted) and count > 1:
                continue
            found = self._words.find(f" {' '.join(wanted[:count])} ", max(at - 1, 0)) if wanted else -1
            if found >= 0:
                if not default and (count > 1 or len(wanted) == 1):
                    self._at = found + 1
                return self._place(found)
        return default or self._place(max(self._at - 1, 0))

    def _place(self, offset: int) -> Place:
        number = min(bisect_right(self._offsets, offset) - 1, len(self._characters) - 1)
        character = self._characters[number] if self._characters else 0
        line = bisect_right(self._starts, character) - 1
        return Place(self._article.place.path, line + 1, character - self._starts[line] + 1)


class _Divided(NamedTuple):
    """A file, line by line and word by word; the others are places where these begin."""

    lines: list[str]
    starts: list[int]
    characters: list[int]
    words: str
    offsets: list[int]


@lru_cache(maxsize=8)
def _divided(typed: str) -> _Divided:
    # Levelled line by line, so that a line keeps its number.
    lines = [levelled(line) for line in typed.split("\n")]
    found = list(spans("\n".join(lines)))
    return _Divided(
        lines, [0, *accumulate(len(line) + 1 for line in lines)], [start for _, start in found],
        "".join(f" {token}" for token, _ in found) + " ", [0, *accumulate(len(token) + 1 for token, _ in found)],
    )  # fmt: skip
