"""The two typefaces, from their packages: whole for print, cut down for the web; and more for other scripts.

Nothing is ever taken from what the machine happens to have, so pages and handouts are the same on every machine.
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module, metadata
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

from pressrun import store
from pressrun.outputs import PRIVATE, Output, digest

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

#: Latin with its Central European letters, punctuation, currency and arrows: what the text face has as well
_WESTERN = [*range(0x20, 0x180), *range(0x2010, 0x2041), 0x20AC, 0x2122, 0x2190, 0x2192, 0x2212, 0x2713]
_FEATURES = ["kern", "liga", "lnum", "tnum", "mark", "mkmk", "ccmp", "locl"]
#: what joins the letters of Arabic
_JOINING = ["calt", "curs", "fina", "init", "isol", "medi", "rlig"]
#: how far our text face reaches above and below its base line, in ems
_HEIGHT = (0.95, 0.29)
_LAM_ALEF = frozenset(f"ل{alef}" for alef in "آأإاٱ")


@dataclass(frozen=True, slots=True)
class Face:
    """One cut of a typeface."""

    family: str
    package: str
    file: str
    weight: int
    style: str = "normal"
    #: where a variable font is cut: axis tag and value
    axes: tuple[tuple[str, float], ...] = ()
    #: what is left of a face of another script; empty for our own, which keep what is Western
    points: tuple[int, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        return f"{self.family}-{self.weight}{'-italic' if self.style == 'italic' else ''}".lower().replace(" ", "-")

    @property
    def range(self) -> str:
        """Its characters as CSS's unicode-range."""
        points = sorted(set(self.points))
        starts = [point for point in points if point - 1 not in self.points]
        ends = [point for point in points if point + 1 not in self.points]
        return ", ".join(
            f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}"
            for first, last in zip(starts, ends, strict=True)
        )

    @property
    def stored(self) -> str:
        """Where the face lies for print, below outputs/."""
        return f"{PRIVATE}/fonts/{self.name}.ttf"


_TEXT = ("Atkinson Hyperlegible", "fontpkg_atkinson_hyperlegible")
FACES = (
    Face(*_TEXT, "AtkinsonHyperlegible-Regular.ttf", 400),
    Face(*_TEXT, "AtkinsonHyperlegible-Bold.ttf", 700),
    Face(*_TEXT, "AtkinsonHyperlegible-Italic.ttf", 400, "italic"),
    Face("Literata", "fontpkg_literata", "Literata[opsz,wght].ttf", 600, axes=(("wght", 600), ("opsz", 24))),
)


@dataclass(frozen=True, slots=True)
class Script:
    """A family for letters that the two typefaces lack, from a package of the extra `scripts`."""

    family: str
    package: str
    #: regular and bold; a variable font is cut at its weight
    files: tuple[str, ...]
    points: tuple[int, ...]
    #: Its letters stand in words among Western ones, so it has these too.
    mixed: bool = False

    def faces(self, *, printed: bool = True) -> Iterator[Face]:
        # Pango takes spaces from the typeface of the word before. A browser does not, and would load a face for one.
        spaces = (0x20, 0xA0) if printed else ()
        points = (*self.points, *(_WESTERN if self.mixed else spaces))
        for file, weight in zip(self.files, (400, 700), strict=True):
            axes = tuple((axis, value) for axis, value in (("wght", weight), ("wdth", 100)) if axis in file)
            yield Face(self.family, self.package, file, weight, axes=axes, points=points)

    def leads(self, letters: Mapping[str, int]) -> bool:
        """Whether it stands before our own faces: always, but for a foreign name or two in a Western text."""
        return not self.mixed or 100 * sum(letters.get(chr(point), 0) for point in self.points) > sum(letters.values())

    def installed(self) -> bool:
        return find_spec(self.package) is not None


_NOTO = ("fontpkg_noto_sans", ("NotoSans[wdth,wght].ttf",) * 2)
_HEEBO = ("fontpkg_heebo", ("Heebo[wght].ttf",) * 2)
#: Noto Sans Arabic draws letters and their dots apart, so that nobody could copy or search them.
_PLEX = ("fontpkg_ibm_plex_sans_arabic", ("IBMPlexSansArabic-Regular.ttf", "IBMPlexSansArabic-Bold.ttf"))
#: what the text face lacks of the letters and marks of Western and African languages and of Vietnamese
_LATIN = (
    *map(ord, "ĈĉĔĕĜĝĤĥĨĩĬĭİĲĳĴĵĸĹĺĿŀŉŊŋŌōŎŏŖŗŜŝŦŧŨũŬŭŴŵŶŷſ‐‑‒―′″"),
    *range(0x180, 0x192), *range(0x193, 0x218), *range(0x21C, 0x2C6), *range(0x300, 0x370), *range(0x1E00, 0x1F00),
)  # fmt: skip
#: what the text face has of Greek
_SHARED = frozenset(map(ord, "ΔΩμπ"))
#: one line a family; the first that has a character draws it
SCRIPTS = (
    Script("Noto Sans Latin", *_NOTO, _LATIN, mixed=True),
    Script("Noto Sans Greek", *_NOTO, (*range(0x370, 0x400), *range(0x1F00, 0x2000))),
    Script("Noto Sans Cyrillic", *_NOTO, tuple(range(0x400, 0x530))),
    Script("IBM Plex Sans Arabic", *_PLEX, tuple(range(0x600, 0x700))),
    Script("Heebo", *_HEEBO, (*range(0x591, 0x600), *range(0xFB1D, 0xFB50))),
)


def needed(text: Iterable[str]) -> tuple[Script, ...]:
    """The families that the letters of a text need beside our own faces."""
    found = set(map(ord, set(text))) - _SHARED
    return tuple(script for script in SCRIPTS if not found.isdisjoint(script.points))


def absent(character: str) -> list[Script]:
    """The family that has a character, if its package is not installed."""
    return [script for script in needed(character) if not script.installed()]


def stack(face: str, scripts: Iterable[Script], text: str | Mapping[str, int]) -> str:
    """A font-family of CSS: our own face among the families that a text needs, or one with so many of each letter."""
    text = Counter(text)
    leading = {f"'{script.family}'": script.leads(text) for script in scripts}
    before, behind = ([name for name in leading if leading[name] is leads] for leads in (True, False))
    return ", ".join([*before, face, *behind])


def stacks(face: str, texts: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """A font-family of CSS for each language of a site, by how often it has each letter in it.

    Where one language's own is the usual one, "", it has none: our face, and behind it the families for foreign names.
    """
    scripts = [script for script in needed(chain(*texts.values())) if script.installed()]
    usual = ", ".join([face, *(f"'{script.family}'" for script in scripts)])
    own = {
        language: stack(face, [script for script in needed(text) if script in scripts], text)
        for language, text in sorted(texts.items())
    }
    return {"": usual} | {language: found for language, found in own.items() if not usual.startswith(found)}


def cuts(scripts: Iterable[Script]) -> list[Face]:
    """Our own upright faces, for print has no italics, and those of families for other scripts."""
    return [
        *(face for face in FACES if face.style == "normal"),
        *(face for script in scripts for face in script.faces()),
    ]


def printed(channel: str, scripts: Iterable[Script] = ()) -> Iterator[Output]:
    """The faces for print, as static TrueType: variable fonts make a PDF differ from one run to the next."""
    for face in cuts(scripts):
        yield Output(face.stored, partial(_static, face), channel, _key(face, "print"))


def served(channel: str, below: str, scripts: Iterable[Script] = ()) -> Iterator[tuple[Face, Output]]:
    """The faces for pages, as WOFF2: our own of Western characters, and the families of other scripts."""
    for face in (*FACES, *(face for script in scripts for face in script.faces(printed=False))):
        key = _key(face, "web")
        path = f"{below}/{face.name}.{key[:8]}.woff2"
        yield face, Output(path, partial(_woff2, face), channel=channel, key=key, media_type="font/woff2")


@cache
def _key(face: Face, use: str) -> str:
    versions = [metadata.version(name) for name in ("fonttools", face.package.replace("_", "-"))]
    code = [Path(__file__).read_bytes()] if face.points else []  # which also changes what is cut
    return digest(use, repr(face), repr(list(face.points) or _WESTERN), *versions, *code)


def folder(face: Face) -> Path:
    """Where the package of a face keeps its files."""
    return Path(str(import_module(face.package).ROOT)) / "files"


@cache
def axes(face: Face) -> list[float]:
    """Where a variable font is cut, in the order of its own axes."""
    with _opened(folder(face) / face.file, lazy=True) as font:
        return [dict(face.axes).get(axis.axisTag, axis.defaultValue) for axis in font["fvar"].axes]


#: of TrueType: nothing, for FreeType fits letters by its own means to a face without any; and what forbids the letters'
_PROGRAMS = {"fpgm": "PUSHB[] 0\nPOP[]", "prep": "PUSHB[] 1 1\nINSTCTRL[]"}


@cache
def unhinted(face: Face) -> bytes:
    """A whole face for pictures: fitting its letters to pixels takes longer, and shows at small sizes alone."""
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables.ttProgram import Program

    with _opened(folder(face) / face.file, lazy=True) as font:
        for name, program in _PROGRAMS.items() if "glyf" in font else ():
            font[name] = newTable(name)
            font[name].program = Program()
            font[name].program.fromAssembly(program)
        return _saved(font, in_place=True)


def _static(face: Face) -> bytes:
    return _cut(face) if face.axes or face.points else (folder(face) / face.file).read_bytes()


@cache
def _woff2(face: Face) -> bytes:
    return store.kept(_recipe(face, "web"), partial(_packed, face))


@cache
def _cut(face: Face) -> bytes:
    return store.kept(_recipe(face, "cut"), partial(_made, face))


@cache
def _recipe(face: Face, use: str) -> str:
    """A hash of all that a cut of a face is made from, on any machine."""
    packers = [metadata.version(name) for name in ("brotli", "brotlicffi") if find_spec(name)]
    source = (folder(face) / face.file).read_bytes()
    return digest(_key(face, use), sys.version, *packers, source, Path(__file__).read_bytes())


def _packed(face: Face) -> bytes:
    font = _opened(io.BytesIO(_cut(face)))
    font.flavor = "woff2"
    return _saved(font)


def _made(face: Face) -> bytes:
    """A face cut down to its characters first, which makes the cut through its axes twice as fast."""
    from fontTools import subset

    options = subset.Options()
    options.layout_features = _FEATURES + _JOINING if face.points else _FEATURES
    options.hinting = False
    options.drop_tables += ["meta"]
    font = _opened(folder(face) / face.file)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=face.points or _WESTERN)
    cutter.subset(font)
    if face.axes:
        from fontTools.varLib import instancer

        instancer.instantiateVariableFont(font, dict(face.axes), inplace=True, updateFontNames=False)
    if face.points:
        _level(font)
        _part(font)
    return _saved(font)


def _level(font: TTFont) -> None:
    """Gives a face the height of our text face, so that a line that holds both is no higher than others."""
    units = font["head"].unitsPerEm
    up, down = (round(share * units) for share in _HEIGHT)
    head, table = font["hhea"], font["OS/2"]
    head.ascent, head.descent, head.lineGap = up, -down, 0
    table.sTypoAscender, table.sTypoDescender, table.sTypoLineGap = up, -down, 0
    table.usWinAscent, table.usWinDescent = up, down


def _part(font: TTFont) -> None:
    """Draws letters that run from right to left apart, all but lam and alef: PDF readers swap those of one glyph."""
    known = letters(font)
    for part in _substitutions(font, 4):
        for first, ligatures in part.ligatures.items():
            part.ligatures[first] = [
                form for form in ligatures if _stays("".join(known.get(name, "") for name in (first, *form.Component)))
            ]


def _stays(text: str) -> bool:
    return text in _LAM_ALEF or not any(bidirectional(letter) in ("R", "AL") for letter in text)


def letters(font: TTFont) -> dict[str, str]:
    """What each glyph stands for: its own character, or those of the glyphs that it takes the place of."""
    found = {name: chr(point) for point, name in font.getBestCmap().items()}
    known = 0
    while known < len(found):
        known = len(found)
        for part in _substitutions(font, 1):
            for glyph, form in part.mapping.items():
                if glyph in found:
                    found.setdefault(form, found[glyph])
        for part in _substitutions(font, 4):
            for first, ligatures in part.ligatures.items():
                for form in ligatures:
                    if found.keys() >= {first, *form.Component}:
                        found.setdefault(form.LigGlyph, "".join(found[name] for name in (first, *form.Component)))
    return found


def _substitutions(font: TTFont, kind: int) -> Iterator[Any]:
    """The tables of a font that replace one glyph (kind 1) or several (4) by one."""
    table = font["GSUB"].table if "GSUB" in font else None
    for lookup in table.LookupList.Lookup if table and table.LookupList else ():
        parts = (getattr(part, "ExtSubTable", part) for part in lookup.SubTable)
        yield from (part for part in parts if part.LookupType == kind)


def _opened(file: Path | io.BytesIO, *, lazy: bool | None = None) -> TTFont:
    from fontTools.ttLib import TTFont

    return TTFont(file, lazy=lazy, recalcTimestamp=False)


def _saved(font: TTFont, *, in_place: bool = False) -> bytes:
    """Its bytes; tables stay in their places if asked for, which is faster."""
    stream = io.BytesIO()
    font.save(stream, reorderTables=None if in_place else True)
    return stream.getvalue()
