"""Words as they are compared: what only looks different is the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

#: soft hyphens, marks of direction, joiners and other letters without a shape; and the stroke that lengthens Arabic
_SHAPELESS = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x640, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)
#: numbers are words of their own, and so is a sign with a meaning
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[%‰$€£¥<>±×÷°]")
#: no reader misses it, and paper leaves it out; a line may end behind it, and so may bold letters within
_SCHEME = re.compile(r"\b(?:https?\s?://\s?(?:www\.)?|(?:mailto|tel|sms):)", re.IGNORECASE)


class _Unseen(dict[int, int | None]):
    """Without a shape, and marks upon letters: a PDF draws vowel signs beside the letter to which they belong."""

    def __missing__(self, point: int) -> int | None:
        found = self[point] = None if unicodedata.category(chr(point)) == "Mn" else point
        return found


_UNSEEN = _Unseen(_SHAPELESS)


def levelled(text: str) -> str:
    """A text without ligatures, kinds of spaces, vowel signs and what has no shape."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_UNSEEN)


def spans(text: str) -> Iterator[tuple[str, int]]:
    """The words of a levelled text in lower case, and the character at which each begins."""
    blank = _SCHEME.sub(lambda found: " " * len(found[0]), text)
    return ((found[0].casefold(), found.start()) for found in _TOKEN.finditer(blank))


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple(map(str.casefold, _TOKEN.findall(_SCHEME.sub(" ", levelled(text)))))


def digits(number: str) -> str:
    """A telephone number without what only groups it."""
    return "".join(filter(str.isdigit, number))


#: the same of what several channels say, or templates
known = lru_cache(maxsize=10_000)(tokens)
