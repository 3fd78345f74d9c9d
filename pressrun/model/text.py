"""Text inside a block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from pressrun.faults import Place


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    content: Prose


@dataclass(frozen=True, slots=True)
class Emphasis:
    content: Prose


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


@dataclass(frozen=True, slots=True)
class Citation:
    #: place in the article's `sources`, counted from 1
    number: int
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    content: Prose
    #: the whole address; empty for a link inside this site
    href: str
    #: the article that it leads to; empty for an outside address or a heading of the same article
    slug: str
    #: the heading that it leads to, without '#'
    anchor: str
    place: Place = field(compare=False, repr=False)


Inline = Words | Strong | Emphasis | Code | LineBreak | Citation | Link
#: CommonMark text of one paragraph, an item, a cell, ...
Prose = tuple[Inline, ...]

#: languages written from right to left, and scripts, which a tag may name behind its language
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"arab", "hebr", "nkoo", "syrc", "thaa"})


@cache
def direction(language: str) -> str:
    """`ltr` or `rtl` for a language tag (BCP 47), for HTML's dir."""
    first, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    right = script in _RIGHT_TO_LEFT_SCRIPTS if script else first in _RIGHT_TO_LEFT
    return "rtl" if right else "ltr"


def plain(prose: Prose) -> str:
    """The words of a text without its marks."""
    return "".join(map(_plain, prose))


def _plain(inline: Inline) -> str:
    match inline:
        case Words(text) | Code(text):
            return text
        case Strong(content) | Emphasis(content) | Link(content):
            return plain(content)
        case LineBreak():
            return "\n"
        case Citation(number):
            return f"[{number}]"


def spans(prose: Prose) -> Iterator[Inline]:
    """Every part of a text, outer ones first."""
    for inline in prose:
        yield inline
        if isinstance(inline, Strong | Emphasis | Link):
            yield from spans(inline.content)
