"""What templates say beside an article: words of the catalogues, facts of the site, and words in their own files.

Phrases that a template says through a catalogue may stand anywhere. Words that it has of its own, without a catalogue,
may stand around an article's body, but not within: there they could not be told from words that nobody approved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

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


class Phrases:
    """Runs of words that may stand beside an article."""

    def __init__(self, *groups: Iterable[Phrase]) -> None:
        self._by_first: dict[str, set[Phrase]] = {}
        for phrase in (phrase for group in groups for phrase in group if phrase):
            self._by_first.setdefault(phrase[0], set()).add(phrase)
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
            self._letters = "\0".join(["", *("".join(one) for known in self._by_first.values() for one in known), ""])
        letters = "".join(found)
        return (letters if len(letters) >= _MANY else f"\0{letters}\0") in self._letters

    def _longest(self, found: list[str], at: int) -> int:
        known = self._by_first.get(found[at], ())
        return max((len(one) for one in known if tuple(found[at : at + len(one)]) == one), default=0)


def phrase(text: str) -> Phrase:
    return tokens(text)


def catalogues(templates: Path) -> frozenset[Phrase]:
    """What templates may say in any language, in pieces between the values that are filled in."""
    files = tuple(sorted((path, path.stat().st_mtime_ns) for path in (templates / _LANGUAGES).glob("*.po")))
    return _catalogued(files)


@cache
def _catalogued(files: tuple[tuple[Path, int], ...]) -> frozenset[Phrase]:
    found: set[Phrase] = set()
    for path, _ in files:
        for message in _MESSAGE.finditer(path.read_text(encoding="utf-8")):
            found |= set(_pieces("".join(_STRING.findall(message[1]))))
    return frozenset(found)


def spoken(templates: Path, channel: str) -> frozenset[Phrase]:
    """What the templates of a channel say through a catalogue, whether or not one has it."""
    found: set[Phrase] = set()
    for text in _texts(templates, channel):
        for said in _SAID.finditer(text):
            found |= set(_pieces(said[1] or said[2] or ""))
    return frozenset(found)


def own(templates: Path, channel: str) -> frozenset[Phrase]:
    """Words that stand in the templates of a channel as they are."""
    return frozenset(
        phrase(piece) for text in _texts(templates, channel) for piece in _MARKS.sub("\n", text).split("\n")
    )


def _texts(templates: Path, channel: str) -> Iterator[str]:
    for folder in (_SHARED, channel):
        for path in sorted((templates / folder).rglob("*")):
            if path.suffix in {".html", ".txt"}:
                yield path.read_text(encoding="utf-8")


def _pieces(message: str) -> Iterator[Phrase]:
    return (phrase(piece.replace('\\"', '"')) for piece in _GAP.split(message))
