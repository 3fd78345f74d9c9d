"""Reads messages back and judges them, offline; shares no code with what renders and builds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pressrun.proof.newsletter.clients import RULES as CLIENTS
from pressrun.proof.newsletter.clients import Feature, mean, used
from pressrun.proof.newsletter.envelope import RULES as ENVELOPE
from pressrun.proof.newsletter.letter import Asked, Letter
from pressrun.proof.newsletter.links import RULES as LINKS
from pressrun.proof.newsletter.looks import RULES as LOOKS
from pressrun.proof.newsletter.rules import Finding, apply
from pressrun.proof.newsletter.words import RULES as WORDS

__all__ = ["RULES", "Asked", "Feature", "Figures", "Finding", "figures", "judge", "support"]

RULES = (*ENVELOPE, *WORDS, *LOOKS, *LINKS, *CLIENTS)
_NO_CHANGES: Mapping[str, str] = {}


class Figures(NamedTuple):
    """What a message measures."""

    #: bytes of the HTML, and of its style blocks
    html: int
    styles: int
    #: how many mail programs know what it uses, on average
    support: float
    #: the features that it uses, the least known first
    features: list[Feature]


def judge(data: bytes, asked: Asked, file: str, severities: Mapping[str, str] = _NO_CHANGES) -> Iterator[Finding]:
    """All that is wrong with a message; `severities` change those of the rules."""
    yield from apply(Letter(data, asked), file, RULES, severities)


def support(data: bytes, asked: Asked) -> list[Feature]:
    """The features that a message uses, the least known first."""
    return list(used(Letter(data, asked)))


def figures(data: bytes, asked: Asked) -> Figures:
    """What a message measures."""
    letter, found = Letter(data, asked), support(data, asked)
    styles = sum(len(text.encode()) for _, text in letter.styles)
    return Figures(len(letter.html.encode()), styles, mean(found), found)
