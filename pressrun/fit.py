"""How full a handout's paper is, and which of several layouts fits it: judged by what the layout really gave."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import Any, NamedTuple

from pressrun.model import direction

#: how full the last side should be: less looks forgotten, more looks crammed
_FULL = (0.40, 0.97)


class Extent(NamedTuple):
    """How much paper a PDF takes."""

    sides: int
    #: the share of the last side's height that is in use, from its first line to its foot
    fill: float


def choose(layouts: Iterable[bytes]) -> bytes:
    """The first layout that fills whole sheets well (or one side of one); else the first of those with fewest sides.

    Later layouts are not asked for once one fits.
    """
    drawn: list[tuple[int, bytes]] = []
    for data in layouts:
        sides, fill = measure(data)
        # A single side that is not full gains nothing from a closer setting.
        if fill <= _FULL[1] and (sides == 1 or (sides % 2 == 0 and fill >= _FULL[0])):
            return data
        drawn.append((sides, data))
    return min(drawn, key=lambda layout: layout[0])[1]


def measure(data: bytes) -> Extent:
    """The extent of a PDF whose foot ends with the page's number."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        sides = len(document)
        page = document[sides - 1]
        left, _, right, _ = page.get_trimbox()
        text = page.get_textpage()
        boxes = [text.get_rect(number) for number in range(text.count_rects())]
        if _mirrored(document):
            boxes = [(left + right - box[2], box[1], left + right - box[0], box[3]) for box in boxes]
    finally:
        document.close()
    foot = min((box for box in boxes if box[0] > (left + right) / 2), key=lambda box: box[1])[3]
    words = [box for box in boxes if box[1] > foot]
    if not words:
        return Extent(sides, 0.0)
    top, middle = max(box[3] for box in words), (left + right) / 2
    # Text across the whole side counts for both columns.
    columns = ([box for box in words if box[0] < middle], [box for box in words if box[2] > middle])
    ends = [min((box[1] for box in column), default=top) for column in columns]
    return Extent(sides, (top - sum(ends) / 2) / (top - foot))


def _mirrored(document: Any) -> bool:
    """Whether a PDF's language is written from right to left."""
    from pypdfium2 import raw

    name = ctypes.create_string_buffer(80)
    raw.FPDFCatalog_GetLanguage(document, ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort)), len(name))
    return direction(name.raw.decode("utf-16-le").rstrip("\0")) == "rtl"
