"""Which letters the glyphs of joined and marked scripts stand for, so that words can be found and read aloud."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unicodedata import normalize

from pressrun import fonts

#: lam and alef, and the character that is both
_JOINED = {normalize("NFKC", chr(point)): chr(point) for point in range(0xFEF5, 0xFEFD)}


@contextmanager
def legible() -> Iterator[None]:
    """Takes the letters of glyphs from the typeface, in the families for other scripts.

    WeasyPrint 70 gives all letters of a cluster (a letter with its vowel sign, say) to the glyph that it draws first,
    and none to the next one, wherever that stands later.
    """
    from weasyprint.pdf import stream

    plain, families = stream.Font, {script.family for script in fonts.SCRIPTS}

    def font(*arguments: Any) -> Any:
        made = plain(*arguments)
        if made.family in families:
            made.to_unicode = _Told(_letters(bytes(made.file_content)))
        return made

    stream.Font = font
    try:
        yield
    finally:
        stream.Font = plain


class _Told(dict[int, str]):
    """The letters of the glyphs that are drawn, whatever WeasyPrint takes them for."""

    def __init__(self, letters: dict[int, str]) -> None:
        self._letters = letters

    def __setitem__(self, glyph: int, text: str) -> None:
        super().__setitem__(glyph, self._letters.get(glyph, text))


@cache
def _letters(data: bytes) -> dict[int, str]:
    """The letters of each glyph by its number.

    PDF readers turn round the letters of one glyph with all others, so lam and alef are the one character that
    Unicode has for both.
    """
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(data))
    return {font.getGlyphID(name): _JOINED.get(text, text) for name, text in fonts.letters(font).items()}
