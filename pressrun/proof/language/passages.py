"""What an article says, passage by passage, and where each word of it stands in the author's file.

The model keeps no place for a word, so the words of the passages are found again in the file, in its order: a passage
begins where its first words stand next behind the passage before it, and what only the file has (an address, a mark,
a key) is stepped over.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate

from pressrun.faults import Place
from pressrun.model import (
    Article,
    Block,
    Button,
    Callout,
    Citation,
    Code,
    Emphasis,
    Figure,
    Heading,
    Item,
    LineBreak,
    Link,
    List,
    Prose,
    Quote,
    Steps,
    Strong,
    Subheading,
    Table,
    Terms,
    Text,
    Words,
)  # fmt: skip

_WORD = re.compile(r"\w+")
#: so many words of the file may stand between two of a passage: an address is that long, at most
_STEP = 40
#: so many words tell one passage from another
_TELLING = 6
#: stands for what is no language: code
NO_WORD = "\ufffc"


@dataclass(frozen=True, slots=True)
class Said:
    """One run of text of an article, in its model."""

    text: str
    #: paragraphs and items, which may hold sentences; titles, headings, names and cells do not
    running: bool = True
    #: what an item explains
    term: bool = False
    #: somebody else's words
    quoted: bool = False
    #: each link's words in the text, from and to
    links: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Passage:
    """One run of text, which knows its place in the file."""

    said: Said
    _sheet: Sheet = field(repr=False)
    #: for each word of the text: where it begins in the text, and in the file
    _begins: tuple[int, ...] = field(repr=False)
    _found: tuple[int, ...] = field(repr=False)

    @property
    def text(self) -> str:
        return self.said.text

    def spot(self, at: int) -> tuple[Place, str]:
        """Where a character of the text stands in the file, and that line."""
        if not self._begins:
            return self._sheet.spot(0)
        number = max(bisect_right(self._begins, at) - 1, 0)
        return self._sheet.spot(self._found[number] + max(at - self._begins[number], 0))


class Sheet:
    """An author's file, of which passages are found one after another."""

    def __init__(self, article: Article) -> None:
        self._path = article.place.path
        self._text = article.typed
        self._lines = article.typed.splitlines(keepends=True) or [""]
        self._starts = [0, *accumulate(map(len, self._lines))]
        self._words = [(match[0], match.start()) for match in _WORD.finditer(article.typed)]
        self._by_word: dict[str, list[int]] = {}
        for number, (word, _) in enumerate(self._words):
            self._by_word.setdefault(word, []).append(number)
        self._cursor = 0

    def spot(self, at: int) -> tuple[Place, str]:
        """The place of a character, counted from 0, and its line."""
        line = min(max(bisect_right(self._starts, at) - 1, 0), len(self._lines) - 1)
        return Place(self._path, line + 1, at - self._starts[line] + 1), self._lines[line].rstrip("\r\n")

    def passage(self, said: Said) -> Passage:
        """Where a text stands: next behind the one before it, or anywhere else."""
        words = [(match[0], match.start()) for match in _WORD.finditer(said.text)]
        numbers = self._align([word for word, _ in words])
        found = tuple(self._words[number][1] for number in numbers) if numbers else (0,) * len(words)
        return Passage(said, self, tuple(start for _, start in words), found)

    def _align(self, words: list[str]) -> list[int]:
        """The number of each word among those of the file; of the one before it, for a word that is not there."""
        if not words:
            return []
        start = self._start(words)
        if start < 0:
            return []
        found = [start]
        for word in words[1:]:
            found.append(self._next(word, found[-1] + 1, found[-1]))
        self._cursor = found[-1] + 1
        return found

    def _start(self, words: list[str]) -> int:
        candidates = self._by_word.get(words[0], [])
        turn = bisect_left(candidates, self._cursor)
        best, most = -1, -1
        for candidate in [*candidates[turn:], *candidates[:turn]]:
            matching = self._matching(words[1:_TELLING], candidate)
            if matching == len(words[1:_TELLING]):
                return candidate
            if matching > most:
                best, most = candidate, matching
        return best

    def _matching(self, words: list[str], at: int) -> int:
        """How many words follow one of the file."""
        for count, word in enumerate(words):
            following = self._next(word, at + 1, -1)
            if following < 0:
                return count
            at = following
        return len(words)

    def _next(self, word: str, start: int, otherwise: int) -> int:
        numbers = self._by_word.get(word, [])
        at = bisect_left(numbers, start)
        return numbers[at] if at < len(numbers) and numbers[at] < start + _STEP else otherwise


def passages(article: Article) -> Iterator[Passage]:
    """Everything that an article says, in the order of reading; what it says to single channels stands last."""
    sheet = Sheet(article)
    for said in _said(article):
        if _WORD.search(said.text):
            yield sheet.passage(said)


def _said(article: Article) -> Iterator[Said]:
    yield Said(article.title, running=False)
    yield Said(article.summary)
    if article.image:
        yield from _block(article.image)
    yield from _blocks(article.body)
    yield from (_prose(correction.text) for correction in article.corrections)
    if article.withdrawn:
        yield _prose(article.withdrawn.reason)
    for name in article.channels:
        for value in article.options(name).values():
            if isinstance(value, str):
                yield Said(value, running=False)
            elif isinstance(value, tuple):
                yield from _blocks(tuple(part for part in value if isinstance(part, Block)))


def _blocks(body: Iterable[Block], *, quoted: bool = False) -> Iterator[Said]:
    for block in body:
        yield from _block(block, quoted=quoted)


def _block(block: Block, *, quoted: bool = False) -> Iterator[Said]:
    match block:
        case Heading(heading=text) | Subheading(subheading=text):
            yield _prose(text, running=False, quoted=quoted)
        case Text(text=text):
            yield _prose(text, quoted=quoted)
        case List(list=items) | Steps(steps=items) | Terms(terms=items):
            yield from _items(items, quoted=quoted)
        case Quote(text=inner):
            yield from _blocks(inner, quoted=True)
        case Callout(title=title, text=inner):
            yield Said(title, running=False)
            yield from _blocks(inner, quoted=quoted)
        case Figure(alt=alt, caption=caption):
            yield Said(alt)
            yield _prose(caption)
        case Table(caption=caption, columns=columns, rows=rows):
            yield from (
                _prose(text, running=False) for text in (caption, *columns, *(cell for row in rows for cell in row))
            )
        case Button(link=link):
            yield _prose((link,), running=False)


def _items(items: tuple[Item, ...], *, quoted: bool) -> Iterator[Said]:
    for item in items:
        yield replace(_prose(item.name, quoted=quoted), running=False, term=True)
        yield _prose(item.text, quoted=quoted)
        yield from _blocks(item.blocks, quoted=quoted)


def _prose(text: Prose, *, running: bool = True, quoted: bool = False) -> Said:
    words: list[str] = []
    links: list[tuple[int, int]] = []
    _gather(text, words, links)
    return Said("".join(words), running=running, quoted=quoted, links=tuple(links))


def _gather(prose: Prose, words: list[str], links: list[tuple[int, int]]) -> None:
    """The words of a text without its marks, and where its links begin and end among them."""
    for inline in prose:
        match inline:
            case Words(text):
                words.append(text)
            case Code():
                words.append(NO_WORD)
            case LineBreak():
                words.append("\n")
            case Strong(content) | Emphasis(content):
                _gather(content, words, links)
            case Link(content):
                start = sum(map(len, words))
                _gather(content, words, links)
                links.append((start, sum(map(len, words))))
            case Citation():
                pass
