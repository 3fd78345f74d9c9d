"""The two typefaces, from their packages: whole for print, cut down for the web.

Nothing is ever taken from what the machine happens to have, so pages and handouts are the same on every machine.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.outputs import PRIVATE, Output, digest

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

#: Latin with its Central European letters, punctuation, currency and arrows: what the text face has as well
_WESTERN = [*range(0x20, 0x180), *range(0x2010, 0x2041), 0x20AC, 0x2122, 0x2190, 0x2192, 0x2212, 0x2713]


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

    @property
    def name(self) -> str:
        return f"{self.family}-{self.weight}{'-italic' if self.style == 'italic' else ''}".lower().replace(" ", "-")

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


def printed(channel: str) -> Iterator[Output]:
    """The faces for print, as static TrueType: variable fonts make a PDF differ from one run to the next."""
    for face in FACES:
        yield Output(face.stored, partial(_static, face), channel, _key(face, "print"))


def served(channel: str, below: str) -> Iterator[tuple[Face, Output]]:
    """The faces for a page, as WOFF2 of Western characters."""
    for face in FACES:
        key = _key(face, "web")
        path = f"{below}/{face.name}.{key[:8]}.woff2"
        yield face, Output(path, partial(_woff2, face), channel=channel, key=key, media_type="font/woff2")


@cache
def _key(face: Face, use: str) -> str:
    versions = [metadata.version(name) for name in ("fonttools", face.package.replace("_", "-"))]
    return digest(use, repr(face), repr(_WESTERN), *versions)


def folder(face: Face) -> Path:
    """Where the package of a face keeps its files."""
    return Path(str(import_module(face.package).ROOT)) / "files"


def _static(face: Face) -> bytes:
    return _western(face) if face.axes else (folder(face) / face.file).read_bytes()


@cache
def _woff2(face: Face) -> bytes:
    font = _opened(io.BytesIO(_western(face)))
    font.flavor = "woff2"
    return _saved(font)


@cache
def _western(face: Face) -> bytes:
    """A face cut down to Western characters first, which makes the cut through its axes twice as fast."""
    from fontTools import subset

    options = subset.Options()
    options.layout_features = ["kern", "liga", "lnum", "tnum", "mark", "mkmk", "ccmp", "locl"]
    options.hinting = False
    font = _opened(folder(face) / face.file)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=_WESTERN)
    cutter.subset(font)
    if face.axes:
        from fontTools.varLib import instancer

        instancer.instantiateVariableFont(font, dict(face.axes), inplace=True, updateFontNames=False)
    return _saved(font)


def _opened(file: Path | io.BytesIO) -> TTFont:
    from fontTools.ttLib import TTFont

    return TTFont(file, recalcTimestamp=False)


def _saved(font: TTFont) -> bytes:
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()
