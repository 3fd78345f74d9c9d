"""Titles from A to Z, as far as Unicode's decompositions know an alphabet."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pressrun.model import Article

#: the heading of titles that begin with a figure
FIGURES = "0–9"


def order(text: str) -> str:
    """What a text is sorted by: its letters without marks, case and what stands before the first of them."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    folded = bare.casefold()
    start = next((at for at, letter in enumerate(folded) if letter.isalnum()), 0)
    return folded[start:]


def letter(text: str) -> str:
    """The heading under which a text stands, in its own alphabet."""
    first = order(text)[:1]
    return FIGURES if first.isdigit() else first.upper()


def gathered(articles: Iterable[Article]) -> list[tuple[str, list[Article]]]:
    """Articles by the first letter of their titles."""
    found: dict[str, list[Article]] = {}
    for article in sorted(articles, key=lambda article: (order(article.title), article.slug)):
        found.setdefault(letter(article.title), []).append(article)
    return list(found.items())
