"""What is promised of each edition of the handout."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What an edition promises."""

    #: width and height in millimetres
    paper: tuple[float, float]
    #: points of most of its text, and of the smallest
    body: float = 12.0
    smallest: float = 9.0
    #: for a print shop
    press: bool = False
    #: in black ink alone
    black: bool = False
    #: pages side by side on sheets to fold, which no screen reader can follow
    folded: bool = False


_A4, _LETTER = (210.0, 297.0), (215.9, 279.4)
EDITIONS = {
    "a4": Edition(paper=_A4),
    "letter": Edition(paper=_LETTER),
    "large-print": Edition(paper=_A4, body=18, smallest=16),
    "office": Edition(paper=_A4, black=True),
    "a5-booklet": Edition(paper=(297.0, 210.0), folded=True),
    "press": Edition(paper=_A4, press=True),
}
