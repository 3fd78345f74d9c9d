"""How full a handout's paper is, and which of several layouts fits it: judged by what the layout really gave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

#: pages of a folded sheet
_FOLDED = 4
#: lines on a page, its foot among them, that look forgotten where fewer
_FEW = 8
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


def fold(layouts: Iterable[bytes], looser: Callable[[int], Iterable[bytes]]) -> bytes:
    """Of layouts for a booklet, the first of those with fewest sheets and, among these, with fewest blank pages.

    Where pages stay blank, `looser` draws the layout of a number in ways that take more pages; the first of these that
    fills the same sheets, and strands no few lines on a page, is taken.
    """
    drawn = list(layouts)
    counts = [len(_lines(data)) for data in drawn]
    best = min(range(len(drawn)), key=lambda number: (-(-counts[number] // _FOLDED), -counts[number]))
    room = counts[best] + -counts[best] % _FOLDED
    if counts[best] == room:
        return drawn[best]
    return next((data for data in looser(best) if _fills(_lines(data), room)), drawn[best])


def _fills(lines: list[int], room: int) -> bool:
    """Whether there are so many pages, and whether those between the covers are blank or have enough on them."""
    return len(lines) == room and all(count == 0 or count >= _FEW for count in lines[1:-1])


def _lines(data: bytes) -> list[int]:
    """How many lines of text each page has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        return [len(page.get_textpage().get_text_range().splitlines()) for page in document]
    finally:
        document.close()


def measure(data: bytes) -> Extent:
    """The extent of a PDF whose foot ends with the page's number at the right."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        sides = len(document)
        page = document[sides - 1]
        left, _, right, _ = page.get_trimbox()
        text = page.get_textpage()
        boxes = [text.get_rect(number) for number in range(text.count_rects())]
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
