"""What ink may do on a press: which inks, how much, how fine, and how near the edge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pressrun.proof.drawn import Item
from pressrun.proof.geometry import Box
from pressrun.proof.inks import foreign, heaviest, space_name
from pressrun.proof.rules import MM, Copy, Found, Rule

_X4 = "ISO 15930-7"
_TRADE = "practice of print shops"
_PAINT = ("text", "fill", "stroke", "image", "shading")
#: the largest type of running text, in points: its stems are thinner than plates may be out of place by
_BODY = 12.0
#: the share of black from which text is black
_DARK = 0.85
_MOST_INK = 3.0
_DENSITY = 300
_FINE = (
    "Pictures must have 300 pixels an inch where they stand. Take a larger one, or do without the edition for print"
    " shops: channels: {handout: {editions: [a4, letter]}}"
)
_HAIRLINE = 0.25
_MARGIN = 3 * MM
#: points by which numbers in a file may be rounded
_NEAR = 0.05


def _colours(copy: Copy) -> Found:
    for item in copy.drawn("text", "fill", "stroke", "shading"):
        if foreign(item.ink.space):
            yield item.page, f"Something is drawn in {item.ink.space} ({item.kind})."


def _images(copy: Copy) -> Found:
    for item in copy.drawn("image"):
        if foreign(item.ink.space):
            yield item.page, f"A picture is in {item.ink.space}."


def _groups(copy: Copy) -> Found:
    pages = list(enumerate(copy.pages, 1))
    holders = [*pages, *((item.page, item.source) for item in copy.drawn("form"))]
    for page, holder in holders:
        space = space_name(holder.get("/Group", {}).get("/CS"))
        if space not in ("", "DeviceCMYK", "ICC CMYK"):
            yield page, f"Transparency is mixed in {space}."


def _density(copy: Copy) -> Found:
    for item in copy.drawn("image"):
        if item.size < _DENSITY - 1:
            size = (int(item.source.Width), int(item.source.Height))
            name = copy.asked.pictures.get(size, "A picture")
            yield item.page, f"{name} of {size[0]} x {size[1]} pixels has {item.size:.0f} pixels an inch here."


def _small_text(copy: Copy) -> Found:
    """Bold letters and numerals of lists have stems that bear a little displacement."""
    for item in copy.drawn("text"):
        thin = item.typeface and "bold" not in item.typeface.name.lower() and re.search(r"[^\W\d]", item.text)
        if thin and item.size <= _BODY + _NEAR and not _rich(item) and any(item.ink.cmyk[:3]):
            yield item.page, f"Text of {item.size:.4g} pt is printed in several inks: '{item.text[:30]}'."


def _rich_text(copy: Copy) -> Found:
    yield from (
        (item.page, f"Black text has other inks in it: '{item.text[:30]}'.")
        for item in copy.drawn("text")
        if _rich(item)
    )


def _rich(item: Item) -> bool:
    return len(item.ink.cmyk) == 4 and item.ink.cmyk[3] >= _DARK and any(item.ink.cmyk[:3])


def _coverage(copy: Copy) -> Found:
    for item in copy.drawn(*_PAINT):
        total = heaviest(item.source) if item.kind == "shading" else item.ink.total
        if total > _MOST_INK + 0.001:
            yield item.page, f"The inks of one colour add up to {100 * total:.0f} %."


def _hairlines(copy: Copy) -> Found:
    for item in copy.drawn("stroke", "fill"):
        if item.seen and item.size < _HAIRLINE - 0.005:
            yield item.page, f"A line is {item.size:.2f} pt thick."


def near_the_edge(copy: Copy, margin: float) -> Iterator[tuple[Item, float]]:
    """Text that stands nearer to the edge of the paper than the margin, and how near."""
    for item in copy.drawn("text"):
        left, bottom, right, top = item.box
        trim = copy.trim(item.page)
        room = min(left - trim[0], bottom - trim[1], trim[2] - right, trim[3] - top)
        if room < margin - _NEAR and item.text.strip():
            yield item, room


def _margin(copy: Copy) -> Found:
    for item, room in near_the_edge(copy, _MARGIN):
        yield item.page, f"'{item.text[:30]}' stands {room / MM:.1f} mm from the edge."


def _cut(copy: Copy) -> Found:
    for item in copy.drawn("fill", "stroke", "image", "shading"):
        trim, bleed = copy.trim(item.page), copy.box(item.page, "BleedBox")
        white = len(item.ink.cmyk) == 4 and not item.ink.total
        if bleed and item.seen and not white and not _marks(item) and _stops_short(item.box, trim, bleed):
            yield item.page, f"Something that reaches the edge ends there ({item.kind})."


def _stops_short(box: Box, trim: Box, bleed: Box) -> bool:
    """Whether a side of a box lies on the cut, or between the cut and the end of the bleed."""
    for side, sign in ((0, -1), (1, -1), (2, 1), (3, 1)):
        outside, room = sign * (box[side] - trim[side]), sign * (bleed[side] - trim[side])
        if -0.5 < outside < room - 10 * _NEAR:
            return True
    return False


def _marks(item: Item) -> bool:
    return item.ink.space.startswith("Separation All")


def _registration(copy: Copy) -> Found:
    for item in copy.drawn(*_PAINT):
        bleed = copy.box(item.page, "BleedBox")
        if bleed is None or not item.seen:
            continue
        outside = _outside(item.box, bleed)
        if _marks(item) and not outside:
            yield item.page, "Registration colour stands inside the BleedBox."
        elif outside and not _marks(item):
            yield item.page, f"Something outside the BleedBox is in {item.ink.space}."


def _outside(box: Box, bleed: Box) -> bool:
    beside = box[2] <= bleed[0] + _NEAR or box[0] >= bleed[2] - _NEAR
    return beside or box[3] <= bleed[1] + _NEAR or box[1] >= bleed[3] - _NEAR


def _corners(copy: Copy) -> Found:
    marked = [item.page for item in copy.drawn("stroke", "fill") if _marks(item)]
    for number in range(1, len(copy.pages) + 1):
        if (count := marked.count(number)) < 8:
            yield number, f"There are {count} crop marks."


RULES = (
    Rule("x4-colours", "Paint must be CMYK, grey or a spot colour.", _X4, _colours),
    Rule("x4-images", "Pictures must be converted to CMYK or grey.", _X4, _images),
    Rule("x4-groups", "It must be mixed in CMYK.", _X4, _groups),
    Rule("press-density", _FINE, _TRADE, _density),
    Rule("press-small-text", "Text to be read, up to 12 pt, must be black alone, or white.", _TRADE, _small_text),
    Rule("press-rich-black", "Black text must be black ink alone.", _TRADE, _rich_text),
    Rule("press-ink", "A colour may hold 300 % of ink.", _TRADE, _coverage),
    Rule("press-hairlines", "Lines must be 0.25 pt thick or more.", _TRADE, _hairlines),
    Rule("press-margin", "Text must stand 3 mm or more inside the cut.", _TRADE, _margin),
    Rule("press-cut", "What reaches the cut must go on to the end of the bleed.", _TRADE, _cut),
    Rule(
        "press-registration", "Marks, and they alone, must stand outside the bleed, in all inks.", _TRADE, _registration
    ),
    Rule("press-marks", "Each corner must have its two crop marks.", _TRADE, _corners),
)
