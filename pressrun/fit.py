"""How full a handout's paper is, and which of several layouts fits it: judged by what the layout really gave."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pressrun.model import direction

#: pages of a folded sheet
_FOLDED = 4
#: lines on a page, its foot among them, that look forgotten where fewer
_FEW = 8
#: how full the last side should be: less looks forgotten, more looks crammed
_LEAST, _MOST = 0.40, 0.97
#: how much shorter than a layout the next one is likely to be
_CLOSER = 0.93
#: how far off it may be what a layout seems to take: letters are then in its PDF that reach less far, or farther
_BLUR = 0.01

#: left, bottom, right and top, up from the lower edge of the paper
Box = tuple[float, float, float, float]


class Extent(NamedTuple):
    """How much paper a PDF takes."""

    sides: int
    #: the share of the last side's height that is in use, from its first line to its foot
    fill: float
    #: on each side, its foot's among them; empty where nobody counted
    words: tuple[int, ...] = ()

    def fits(self) -> bool:
        """Whole sheets, well filled, or one side of one."""
        # A single side that is not full gains nothing from a closer setting.
        return self.fill <= _MOST and (self.sides == 1 or (self.sides % 2 == 0 and self.fill >= _LEAST))

    @property
    def length(self) -> float:
        """In sides."""
        return self.sides - 1 + self.fill

    def shortened(self, share: float) -> Extent:
        """The extent of so much less."""
        sides = math.ceil(self.length * share)
        return Extent(sides, self.length * share - sides + 1)

    def doubtful(self) -> bool:
        """Whether the PDF itself must tell if it fits."""
        return any(abs(self.fill - limit) < _BLUR for limit in (_LEAST, _MOST))

    def misfit(self) -> int:
        """How many words are too many, or, below zero, too few; about, and 0 for what fits."""
        if self.fits():
            return 0
        if self.sides % 2 and self.sides > 1:
            return self.words[-1]
        full = max(self.words)
        return round((self.fill - (_LEAST if self.fill < _LEAST else _MOST)) * full) or 1


class Choice(NamedTuple):
    #: which of the layouts
    number: int
    extent: Extent
    #: words too many, or, below zero, too few, in the layout that comes nearest to fitting; about
    misfit: int


def choose(look: Callable[[int], Extent], measure: Callable[[int], Extent], count: int) -> Choice:
    """The first of several layouts that fits, else the first of those with fewest sides.

    The first must be the roomiest and the last the closest. Those between are only laid out where they seem to fit.
    `look` lays one out and tells at a glance what it takes, `measure` draws it to tell exactly and to count words.
    """

    def tried(number: int) -> Extent:
        extent = look(number)
        return measure(number) if extent.doubtful() else extent

    roomiest = tried(0)
    known = {0: roomiest}
    between, last = range(1, count - 1), count - 1
    if not roomiest.fits():
        known |= _tried_until_one_fits(tried, [n for n in between if roomiest.shortened(_CLOSER**n).fits()])
    if count > 1 and not any(extent.fits() for extent in known.values()):
        known[last] = tried(last)
        share = known[last].length / roomiest.length
        found = [n for n in between if n not in known and roomiest.shortened(1 - (1 - share) * n / last).fits()]
        known |= _tried_until_one_fits(tried, found)
    for number, extent in sorted(known.items()):
        if extent.fits():
            return Choice(number, extent, 0)
    number = min(known, key=lambda number: (known[number].sides, number))
    few = [measure(other) for other, extent in known.items() if extent.sides == known[number].sides]
    return Choice(number, known[number], min((extent.misfit() for extent in few), key=abs))


def _tried_until_one_fits(tried: Callable[[int], Extent], numbers: Iterable[int]) -> dict[int, Extent]:
    known: dict[int, Extent] = {}
    for number in numbers:
        known[number] = tried(number)
        if known[number].fits():
            break
    return known


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
        texts = [page.get_textpage() for page in document]
        words = tuple(len(text.get_text_bounded().split()) for text in texts)
        left, _, right, _ = document[len(texts) - 1].get_trimbox()
        boxes = [texts[-1].get_rect(number) for number in range(texts[-1].count_rects())]
        mirrored = _mirrored(document)
    finally:
        document.close()
    return Extent(len(words), _filled(boxes, left, right, mirrored=mirrored), words)


def glance(sides: int, width: float, words: Iterable[Box], *, mirrored: bool) -> Extent:
    """The extent of a layout, without the count of its words, by where words stand on its last side."""
    return Extent(sides, _filled(words, 0, width, mirrored=mirrored))


def _filled(boxes: Iterable[Box], left: float, right: float, *, mirrored: bool) -> float:
    """How full a side is, by where its words stand; mirrored where they are read from right to left."""
    boxes, middle = list(boxes), (left + right) / 2
    if mirrored:
        boxes = [(left + right - box[2], box[1], left + right - box[0], box[3]) for box in boxes]
    foot = min((box for box in boxes if box[0] > middle), key=lambda box: box[1])[3]
    text = [box for box in boxes if box[1] > foot]
    if not text:
        return 0.0
    top = max(box[3] for box in text)
    # Text across the whole side counts for both columns.
    columns = ([box for box in text if box[0] < middle], [box for box in text if box[2] > middle])
    ends = [min((box[1] for box in column), default=top) for column in columns]
    return (top - sum(ends) / 2) / (top - foot)


def _mirrored(document: Any) -> bool:
    """Whether a PDF's language is written from right to left."""
    from pypdfium2 import raw

    name = ctypes.create_string_buffer(80)
    raw.FPDFCatalog_GetLanguage(document, ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort)), len(name))
    return direction(name.raw.decode("utf-16-le").rstrip("\0")) == "rtl"
