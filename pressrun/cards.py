"""What stands for a page where somebody shares it: a card with its title (Open Graph), and the site's icon.

A card costs few milliseconds: its sixteen colours are known beforehand, so it is drawn and stored in their numbers.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from importlib import metadata
from importlib.util import find_spec
from itertools import pairwise
from math import ceil
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pressrun import colours, fonts, png
from pressrun.model import Article, Site, direction
from pressrun.outputs import LIVE, Output, digest

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFont import FreeTypeFont

#: what networks show whole, in pixels
WIDTH, HEIGHT = 1200, 630

#: in pixels: from the edges to words, the band at the top, the masthead's base line, the line below it
_EDGE, _BAND, _MASTHEAD, _LINE = 80, 16, 94, 124
_COLUMN = WIDTH - 2 * _EDGE
#: Title and standfirst stand in the middle between these, in pixels; the title is no higher than the last.
_TOP, _BOTTOM, _HIGHEST = 152, 588, 285
#: in pixels, the first at which the words fit
_TITLES = (112, 100, 92, 84, 76, 70, 64, 58, 54, 50, 46, 44)
_LEADS, _NAMES, _HOSTS = (36, 33, 30), (32, 28, 24, 20), (26, 22, 18)
_MOST_LINES, _LEAD_LINES = 5, 3
#: more than any card holds
_MOST_LETTERS = 600
#: the size at which words are measured
_MEASURED = 100
#: height of a line and of its capitals in ems, and what stands below the base line as a share of the line
_LEADING = {"Literata": 1.18, "IBM Plex Sans Arabic": 1.5}
_RISE, _FALL = 0.72, 0.22
#: between title and standfirst, in pixels
_GAP = 34

#: How many shades each role has between its ground, which is paper, and full. With the grounds they make sixteen
#: colours, four bits each, which pack three times as fast as the 256 that no eye could tell from them.
_SHADES = {"text": 5, "muted": 4, "accent": 3}
#: the line below the masthead, in the last of the sixteen: a share of the role "muted"
_LINE_SHADE, _LINE_SHARE = 15, 0.3
_TEXT, _BOLD, _, _HEAD = fonts.FACES


def card_path(tokens: Mapping[str, Any], site: Site, article: Article) -> str:
    """Its path below the live site, which changes with what is drawn."""
    return _path(article, _drawn(tokens, site, article))


def _path(article: Article, drawn: str) -> str:
    return f"assets/card-{article.slug}.{drawn[:8]}.png"


def card(channel: str, tokens: Mapping[str, Any], site: Site, article: Article) -> Output:
    """A card of 1200 x 630 pixels for an article, as an output of a channel."""
    drawn = _drawn(tokens, site, article)
    path, key = f"{LIVE}/{_path(article, drawn)}", digest(drawn, *_versions())
    return Output(
        path, partial(_card, _palette(tokens), site, article), channel, key, article.slug, media_type="image/png"
    )


def icon(tokens: Mapping[str, Any], size: int, *, whole: bool = False) -> bytes:
    """The site's icon as PNG, `size` pixels wide and high.

    If `whole` is true its corners are not rounded, for systems that round icons themselves.
    """
    return _png(_icon(tokens, size, 0 if whole else 7))


def favicon(tokens: Mapping[str, Any]) -> bytes:
    """The site's icon as favicon.ico, 16, 32 and 48 pixels wide."""
    large, *others = (_icon(tokens, size, 7) for size in (48, 32, 16))
    stream = io.BytesIO()
    large.save(stream, "ICO", sizes=[(16, 16), (32, 32), (48, 48)], append_images=others)
    return stream.getvalue()


# ---- what a card is made from


def _drawn(tokens: Mapping[str, Any], site: Site, article: Article) -> str:
    words = (site.name, site.language, site.host, article.title, article.summary, article.language)
    return digest("card", *words, repr(_palette(tokens)), _code())


@cache
def _code() -> str:
    return digest(*(Path(file).read_bytes() for file in (__file__, png.__file__, fonts.__file__)))


@cache
def _versions() -> tuple[str, ...]:
    import PIL
    from PIL import features

    parts = [f"{name} {features.version(name)}" for name in ("freetype2", "raqm", "harfbuzz", "fribidi", "zlib")]
    packages = {face.package for face in fonts.FACES} | {script.package for script in fonts.SCRIPTS}
    found = (name.replace("_", "-") for name in sorted(packages))
    known = {name: metadata.version(name) for name in found if find_spec(name.replace("-", "_"))}
    return (PIL.__version__, *parts, repr(known))


def _palette(tokens: Mapping[str, Any]) -> tuple[str, ...]:
    """Paper, and the colours of the roles."""
    light = tokens["light"]
    return (light["paper"], *(light[role] for role in _SHADES))


# ---- typefaces


@cache
def _characters(face: fonts.Face) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(fonts.folder(face) / face.file, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=64)
def _font(face: fonts.Face, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.truetype(io.BytesIO(fonts.unhinted(face)), size)
    if face.axes:
        font.set_variation_by_axes(fonts.axes(face))
    return font


def _face(words: str, own: fonts.Face) -> fonts.Face | None:
    """The typeface that has every letter, our own if it can; None if none has, for boxes say nothing."""
    letters = {ord(letter) for letter in words if unicodedata.category(letter) != "Cf"}
    if not _shaped() and any(map(_needs_shaping, words)):
        return None
    weight = 400 if own.weight == 400 else 700
    families = (script.faces() for script in fonts.needed(words) if script.installed())
    others = (face for family in families for face in family if face.weight == weight)
    return next((face for face in (own, *others) if letters <= _characters(face)), None)


@cache
def _shaped() -> bool:
    """Whether Pillow can join letters and set text from right to left."""
    from PIL import features

    return bool(features.check("raqm"))


def _needs_shaping(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("R", "AL", "AN", "NSM")


@lru_cache(maxsize=8192)
def _length(word: str, face: fonts.Face, language: str) -> float:
    """In ems."""
    return _font(face, _MEASURED).getlength(word, **_options(language)) / _MEASURED


def _options(language: str) -> dict[str, Any]:
    return {"direction": direction(language), "language": language} if _shaped() else {}


# ---- lines


@dataclass(frozen=True, slots=True)
class _Setting:
    """Words in a typeface, in a language."""

    words: tuple[str, ...]
    face: fonts.Face
    language: str

    def leading(self, size: int) -> int:
        return round(size * _LEADING.get(self.face.family, 1.36))

    def options(self) -> dict[str, Any]:
        return _options(self.language)

    def lengths(self) -> list[float]:
        """Those of a space and of the words, in ems."""
        return [_length(word, self.face, self.language) for word in (" ", *self.words)]


@dataclass(frozen=True, slots=True)
class _Set:
    """Words in lines."""

    setting: _Setting
    size: int
    lines: list[str]

    @property
    def height(self) -> int:
        return self.setting.leading(self.size) * len(self.lines)

    def font(self) -> FreeTypeFont:
        return _font(self.setting.face, self.size)

    def width(self) -> int:
        return round(max(self.font().getlength(line, **self.setting.options()) for line in self.lines))


def _setting(words: str, face: fonts.Face, language: str) -> _Setting | None:
    """Words in our face, or in the one that has their letters; None if none has."""
    words = unicodedata.normalize("NFC", " ".join(words[:_MOST_LETTERS].split()))
    found = _face(words, face)
    return _Setting(tuple(words.split(" ")), found, language) if words and found else None


def _fitted(setting: _Setting, sizes: Iterable[int], height: int, most: int, width: int = _COLUMN) -> _Set | None:
    """The words at the first size at which they fit, in lines that are about even; None if there is none."""
    space, *lengths = setting.lengths()
    for size in sizes:
        ends = _ends(lengths, space, width / size)
        if max(lengths) <= width / size and len(ends) <= min(most, height // setting.leading(size)):
            return _Set(setting, size, _lines(setting.words, _even(lengths, space, width / size)))
    return None


def _even(lengths: list[float], space: float, width: float) -> list[int]:
    """Behind which word each line ends, when no more lines than needed are as narrow as can be."""
    most = len(_ends(lengths, space, width))
    narrow, wide = max(lengths), width
    for _ in range(8):
        middle = (narrow + wide) / 2
        narrow, wide = (middle, wide) if len(_ends(lengths, space, middle)) > most else (narrow, middle)
    return _ends(lengths, space, wide)


def _ends(lengths: list[float], space: float, width: float) -> list[int]:
    """Behind which word each line ends, when as many stand in it as fit."""
    ends, free = [], width + space
    for number, length in enumerate(lengths):
        free -= length + space
        if free < 0 and number:
            ends.append(number)
            free = width - length
    return [*ends, len(lengths)]


def _lines(words: tuple[str, ...], ends: list[int]) -> list[str]:
    return [" ".join(words[start:end]) for start, end in pairwise([0, *ends])]


def _shortened(setting: _Setting, height: int) -> _Set:
    """What fits of words that are too many, or too long, at the smallest size."""
    size = _TITLES[-1]
    width = _COLUMN / size
    cut = replace(setting, words=tuple(piece for word in setting.words for piece in _pieces(setting, word, width)))
    space, *lengths = cut.lengths()
    lines = _lines(cut.words, _ends(lengths, space, width))
    kept = lines[: min(_MOST_LINES, height // cut.leading(size))]
    if kept != lines:
        kept[-1] = (kept[-1].rpartition(" ")[0] or kept[-1][:-2]) + "…"
    return _Set(cut, size, kept)


def _pieces(setting: _Setting, word: str, width: float) -> list[str]:
    """A word in as few parts of about one length as fit a line each."""
    for number in range(1, len(word)):
        pieces = wrap(word, ceil(len(word) / number))
        if all(_length(piece, setting.face, setting.language) <= width for piece in pieces):
            return pieces
    return list(word)


# ---- drawing


def _ground(role: str) -> int:
    """The number of a role's paper; those of its shades follow."""
    roles = list(_SHADES)
    return sum(1 + _SHADES[before] for before in roles[: roles.index(role)])


def _full(role: str) -> int:
    return _ground(role) + _SHADES[role]


@cache
def _ramps(palette: tuple[str, ...]) -> bytes:
    """The colours by their numbers: each role from paper to full, and the line."""
    paper, *full = palette
    mixed = [
        colours.mix(colour, paper, step / steps)
        for colour, steps in zip(full, _SHADES.values(), strict=True)
        for step in range(steps + 1)
    ]
    mixed.append(colours.mix(full[list(_SHADES).index("muted")], paper, _LINE_SHARE))
    return b"".join(bytes.fromhex(colour[1:]) for colour in mixed)


def _draw(sheet: Image.Image, text: _Set, base: int, role: str, *, right: bool) -> None:
    """Draws lines, the first on a base line, at the left edge or the right.

    A letter's edges are numbers between its ground's and its own, so they must stand on the ground of their role.
    """
    from PIL import ImageDraw

    setting, pen = text.setting, ImageDraw.Draw(sheet)
    pen.fontmode = "L"
    at, anchor = (WIDTH - _EDGE, "rs") if right else (_EDGE, "ls")
    for number, line in enumerate(text.lines):
        place = (at, base + number * setting.leading(text.size))
        pen.text(place, line, _full(role), text.font(), anchor, **setting.options())


def _card(palette: tuple[str, ...], site: Site, article: Article) -> bytes:
    language = article.language
    mirrored = direction(language) == "rtl"
    head = _head(site.name, site.language, site.host, mirrored=mirrored)
    pieces = [head, *png.blank(WIDTH, HEIGHT - head.count)]
    title = _setting(article.title, _HEAD, language)
    if shown := title or _setting(site.name, _HEAD, site.language):
        found = _fitted(shown, _TITLES, _HIGHEST, _MOST_LINES) or _shortened(shown, _HIGHEST)
        sheet = _body(found, _setting(article.summary, _TEXT, language) if title else None, mirrored=mirrored)
        _, top, _, bottom = sheet.getbbox() or (0, HEIGHT, 0, HEIGHT)
        top = max(top, head.count)
        before, behind = png.blank(WIDTH, top - head.count), png.blank(WIDTH, HEIGHT - bottom)
        pieces = [head, *before, png.rows(sheet, top, bottom), *behind]
    return png.joined(pieces, WIDTH, _ramps(palette))


@lru_cache(maxsize=32)
def _head(name: str, language: str, host: str, *, mirrored: bool) -> png.Piece:
    """The band, and a masthead as that of a page: who speaks and where, over a thin line. The same for many cards."""
    from PIL import Image

    sheet = Image.new("P", (WIDTH, _LINE + 2), _ground("accent"))
    who, where = _setting(name, _BOLD, language), _setting(host, _TEXT, "en")
    free = _COLUMN
    if who and (found := _fitted(who, _NAMES, HEIGHT, 1)):
        _draw(sheet, found, _MASTHEAD, "accent", right=mirrored)
        free -= found.width() + _GAP
    if where and (found := _fitted(where, _HOSTS, HEIGHT, 1, free)):
        width = _EDGE + found.width() + _GAP // 2
        left = 0 if mirrored else WIDTH - width
        sheet.paste(_ground("muted"), (left, 0, left + width, _LINE))
        _draw(sheet, found, _MASTHEAD, "muted", right=not mirrored)
    sheet.paste(_full("accent"), (0, 0, WIDTH, _BAND))
    sheet.paste(_LINE_SHADE, (_EDGE, _LINE, WIDTH - _EDGE, _LINE + 2))
    return png.rows(sheet, 0, sheet.height)


def _body(title: _Set, lead: _Setting | None, *, mirrored: bool) -> Image.Image:
    """Title and standfirst, if there is room for it, in the middle of a card that is empty but for them."""
    from PIL import Image

    sheet = Image.new("P", (WIDTH, HEIGHT))
    leading = title.setting.leading(title.size)
    own = title.height - leading + round(_RISE * title.size + _FALL * leading)
    below = lead and _fitted(lead, _LEADS, _BOTTOM - _TOP - own - _GAP, _LEAD_LINES)
    height = own + (_GAP + below.height if below else 0)
    top = (_TOP + _BOTTOM - height) // 2
    _draw(sheet, title, top + round(_RISE * title.size), "text", right=mirrored)
    if below:
        begin = top + own + _GAP
        sheet.paste(_ground("muted"), (0, begin - _GAP // 2, WIDTH, begin + below.size + below.height))
        _draw(sheet, below, begin + below.size, "muted", right=mirrored)
    return sheet


def _icon(tokens: Mapping[str, Any], size: int, radius: float) -> Image.Image:
    """The drawing of templates/web/icon.svg, whose sheet is 32 units wide; drawn larger, so that edges are smooth."""
    from PIL import Image, ImageDraw

    light, scale = tokens["light"], 8 * size / 32
    side = round(32 * scale)
    ground, lines = Image.new("L", (side, side)), Image.new("L", (side, side))
    ImageDraw.Draw(ground).rounded_rectangle((0, 0, side - 1, side - 1), radius * scale, 255)
    pen = ImageDraw.Draw(lines)
    for y, end in ((9.5, 24), (16, 24), (22.5, 17)):
        box = ((8 - 1.5) * scale, (y - 1.5) * scale, (end + 1.5) * scale - 1, (y + 1.5) * scale - 1)
        pen.rounded_rectangle(box, 1.5 * scale, 255)
    picture = Image.new("RGB", (size, size), light["accent"])
    picture.paste(light["accent-text"], mask=lines.resize((size, size), Image.Resampling.BOX))
    picture.putalpha(ground.resize((size, size), Image.Resampling.BOX))
    return picture


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=3)
    return stream.getvalue()
