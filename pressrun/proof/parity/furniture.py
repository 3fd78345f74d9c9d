"""What templates say beside an article: words of the catalogues, facts of the site, and words in their own files.

Phrases that a template says through a catalogue may stand anywhere. Words that it has of its own, without a catalogue,
may stand around an article's body, but not within: there they could not be told from words that nobody approved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pressrun import layers
from pressrun.proof.parity.tokens import tokens

_LANGUAGES = "languages"
_SHARED = "shared"
#: what the templates of a channel say through a catalogue
_SAID = re.compile(r"\b_\(\s*\"((?:[^\"\\]|\\.)*)\"|\{%-?\s*trans\b[^%]*%\}(.*?)\{%-?\s*endtrans", re.DOTALL)
#: of a catalogue (GNU gettext): a message in one string or in several
_MESSAGE = re.compile(r'^msg(?:id|id_plural|str(?:\[\d+\])?) ((?:"(?:[^"\\]|\\.)*"\n?)+)', re.MULTILINE)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
#: where a value or a tag stands in a message
_GAP = re.compile(r"%\(\w+\)[sd]|\{\{.*?\}\}|<[^>]*>|\\n|%%")
#: all of a template that is not its own words
_MARKS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style.*?</style>|<!--.*?-->|<[^>]*>", re.DOTALL)

#: letters that stand in a row by no accident
_MANY = 9

Phrase = tuple[str, ...]
#: phrases by their first word
Index = Mapping[str, Collection[Phrase]]
#: a file, and when it was changed
_Stamp = tuple[str, int]


class Phrases:
    """Runs of words that may stand beside an article."""

    def __init__(self, *indexes: Index) -> None:
        self._indexes = indexes
        self._letters = ""

    def unknown(self, found: list[str]) -> Iterator[tuple[int, int]]:
        """The runs of words, from and to, that none of the phrases explains."""
        at = start = 0
        while at < len(found):
            if known := self._longest(found, at):
                if start < at:
                    yield start, at
                start = at + known
            at += known or 1
        if start < at:
            yield start, at

    def has_letters(self, found: list[str]) -> bool:
        """Whether some words are one phrase, cut otherwise, or many letters in a row of one, such as a long address."""
        if not self._letters:
            known = (phrases for index in self._indexes for phrases in index.values())
            self._letters = "\0".join(["", *("".join(phrase) for phrases in known for phrase in phrases), ""])
        letters = "".join(found)
        return (letters if len(letters) >= _MANY else f"\0{letters}\0") in self._letters

    def _longest(self, found: list[str], at: int) -> int:
        known = (one for index in self._indexes for one in index.get(found[at], ()))
        return max((len(one) for one in known if tuple(found[at : at + len(one)]) == one), default=0)


def indexed(texts: Iterable[str]) -> Index:
    found: dict[str, set[Phrase]] = {}
    for phrase in filter(None, map(tokens, texts)):
        found.setdefault(phrase[0], set()).add(phrase)
    return found


class Spoken(NamedTuple):
    """What templates say."""

    #: through a catalogue, whether or not one has it; a sentence is in pieces, between the values that are filled in
    said: tuple[Index, ...]
    #: by themselves
    own: tuple[Index, ...]


def spoken(templates: Path, channel: str) -> Spoken:
    """What the templates of a channel say, and the catalogues of all languages."""
    catalogues = _catalogued(_stamped(templates, _LANGUAGES, ".po"))
    found = [_said(_stamped(templates, name, ".html", ".txt")) for name in (_SHARED, channel)]
    return Spoken((catalogues, *(said for said, _ in found)), tuple(own for _, own in found))


def _stamped(templates: Path, folder: str, *endings: str) -> tuple[_Stamp, ...]:
    files = (path for path in layers.files(templates, folder).values() if path.suffix in endings)
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=8)
def _catalogued(files: tuple[_Stamp, ...]) -> Index:
    messages = (message[1] for text in _texts(files) for message in _MESSAGE.finditer(text))
    return indexed({piece for message in messages for piece in _pieces("".join(_STRING.findall(message)))})


@lru_cache(maxsize=8)
def _said(files: tuple[_Stamp, ...]) -> tuple[Index, Index]:
    texts = list(_texts(files))
    said = {piece for text in texts for one in _SAID.finditer(text) for piece in _pieces(one[1] or one[2] or "")}
    return indexed(said), indexed({piece for text in texts for piece in _MARKS.sub("\n", text).split("\n")})


def _texts(files: Iterable[_Stamp]) -> Iterator[str]:
    return (Path(path).read_text(encoding="utf-8") for path, _ in files)


def _pieces(message: str) -> list[str]:
    return [piece.replace('\\"', '"') for piece in _GAP.split(message)]
