"""The letters of a PDF at their places, put into the order in which they are read.

PDFium tears words with vowel signs apart, and numbers in lines that run from right to left; so their letters are put
together anew: from right to left, but for numbers and for words in other scripts.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

#: points that letters of one line may differ in height, as a citation does
_LINE = 6.0
_RIGHT = {"R", "AL", "AN"}
#: what runs from left to right inside such a line: words with what stands between them; or a number with its signs
_LEFT = re.compile("1*L(?:[L1-3]*[L1])?|1(?:[12]*1)?")
#: and what runs from right to left in another line
_TURNED = re.compile("R(?:[R1-3]*R)?")


class Glyph(NamedTuple):
    letter: str
    x: float
    y: float
    #: number of the marked content that it belongs to; below 0 for none
    mark: int


def glyphs(page: Any) -> Iterator[Glyph]:
    """Every letter of a page, in the order of PDFium; x and y in points."""
    text = pdfium.FPDFText_LoadPage(page)
    x, y = ctypes.c_double(), ctypes.c_double()
    marks: dict[int, int] = {}
    for number in range(pdfium.FPDFText_CountChars(text)):
        letter = chr(pdfium.FPDFText_GetUnicode(text, number))
        # A vowel sign stands at a height of its own, and none is compared.
        if pdfium.FPDFText_IsGenerated(text, number) == 1 or unicodedata.category(letter) == "Mn":
            continue
        part = pdfium.FPDFText_GetTextObject(text, number)
        key = ctypes.cast(part, ctypes.c_void_p).value or 0
        if key not in marks:
            marks[key] = pdfium.FPDFPageObj_GetMarkedContentID(part) if key else -1
        pdfium.FPDFText_GetCharOrigin(text, number, x, y)
        yield Glyph(letter, x.value, y.value, marks[key])
    pdfium.FPDFText_ClosePage(text)


def lined(found: Iterable[Glyph], *, right_to_left: bool) -> Iterator[str]:
    """Letters as lines of text: those that follow each other at one height."""
    line: list[Glyph] = []
    for glyph in found:
        if line and abs(glyph.y - line[-1].y) > _LINE:
            yield _read(line, right_to_left)
            line = []
        line.append(glyph)
    if line:
        yield _read(line, right_to_left)


def _read(line: list[Glyph], right_to_left: bool) -> str:
    """One line in the order in which it is read."""
    if not _RIGHT & {unicodedata.bidirectional(glyph.letter) for glyph in line}:
        return "".join(glyph.letter for glyph in sorted(line, key=lambda glyph: glyph.x))
    # A ligature is two letters at one place, the first one first when they are read.
    ordered = sorted(line, key=lambda glyph: -glyph.x)
    if not right_to_left:
        ordered.reverse()
    letters = "".join(unicodedata.normalize("NFKC", glyph.letter) for glyph in ordered)
    turned = _LEFT if right_to_left else _TURNED
    for run in turned.finditer("".join(map(_class, letters))):
        letters = letters[: run.start()] + letters[run.start() : run.end()][::-1] + letters[run.end() :]
    return letters


def _class(letter: str) -> str:
    """L for letters from left to right, 1 for digits, 2 for what joins them, 3 for what has no direction, else R."""
    kind = unicodedata.bidirectional(letter)
    if kind == "L":
        return "L"
    if kind == "EN":
        return "1"
    if kind in {"ES", "CS"}:
        return "2"
    return "R" if kind in _RIGHT | {"NSM"} else "3"
