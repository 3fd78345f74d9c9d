"""What the rules know of each language, from the files in words/."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pressrun.languages import ENGLISH

_FOLDER = "words"


@dataclass(frozen=True)
class Term:
    """A word that could be better."""

    pattern: re.Pattern[str]
    better: str


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The words of one language; empty where nobody has written its file yet."""

    #: the first part of its tag
    language: str
    plain: tuple[Term, ...] = ()
    stigma: tuple[Term, ...] = ()
    #: who recommends the better terms
    authority: str = ""
    #: whose words are left alone
    names: tuple[str, ...] = ()
    #: words of links, in small letters, that do not say where they lead
    vague: frozenset[str] = frozenset()
    click: re.Pattern[str] | None = None
    #: those that need no explanation
    abbreviations: frozenset[str] = frozenset()
    placeholders: re.Pattern[str] | None = None
    #: words that may stand twice
    doubled: frozenset[str] = frozenset()
    #: in small letters, without their last dot
    shortened: frozenset[str] = frozenset()

    @property
    def written(self) -> bool:
        """Whether there is a file for it."""
        return bool(self.plain)


def first(tag: str) -> str:
    """The language of a tag (BCP 47), without script and region."""
    return tag.partition("-")[0].lower()


def vocabulary(tag: str) -> Vocabulary:
    """The words of the language of a tag."""
    return _read(first(tag))


@cache
def _read(language: str) -> Vocabulary:
    file = resources.files(__package__) / _FOLDER / f"{language}.json"
    if not (language.isalpha() and file.is_file()):
        # What every language borrows: PDF, QR, ...
        return Vocabulary(language=language, abbreviations=_read(ENGLISH).abbreviations)
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    stigma = ((pattern, term["say"]) for term in found["stigma"] for pattern in term["avoid"])
    return Vocabulary(
        language=language, plain=tuple(_terms(found["plain"].items())), stigma=tuple(_terms(stigma)),
        authority=found["sources"]["stigma"]["title"], names=tuple(found["names"]), vague=frozenset(found["vague"]),
        click=re.compile(rf"\b(?:{found['click']})\b", re.IGNORECASE),
        abbreviations=frozenset(found["abbreviations"]), placeholders=re.compile(found["placeholders"]),
        doubled=frozenset(found["doubled"]), shortened=frozenset(found["shortened"]),
    )  # fmt: skip


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[Term]:
    """White space in a pattern is any white space."""
    for pattern, better in pairs:
        spaced = pattern.replace(" ", r"\s+")
        yield Term(re.compile(rf"(?<![\w-])(?:{spaced})(?![\w-])", re.IGNORECASE), better)
