"""The site's icon as pictures, for browsers and for systems that put it among programs."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun import packages, store
from pressrun.outputs import digest

if TYPE_CHECKING:
    from PIL import Image


def icon(tokens: Mapping[str, Any], size: int, *, whole: bool = False) -> bytes:
    """The site's icon as PNG, `size` pixels wide and high.

    If `whole` is true its corners are not rounded, for systems that round icons themselves.
    """
    return _kept(lambda: _png(_icon(tokens, size, 0 if whole else 7)), tokens, f"{size} {whole}")


def favicon(tokens: Mapping[str, Any]) -> bytes:
    """The site's icon as favicon.ico, 16, 32 and 48 pixels wide."""
    return _kept(lambda: _favicon(tokens), tokens, "favicon")


def _kept(make: Callable[[], bytes], tokens: Mapping[str, Any], what: str) -> bytes:
    return store.kept(digest("icon", what, repr(tokens), _code()), make)


@cache
def _code() -> str:
    return digest(packages.version("pillow"), Path(__file__).read_bytes())


def _favicon(tokens: Mapping[str, Any]) -> bytes:
    large, *others = (_icon(tokens, size, 7) for size in (48, 32, 16))
    stream = io.BytesIO()
    large.save(stream, "ICO", sizes=[(16, 16), (32, 32), (48, 48)], append_images=others)
    return stream.getvalue()


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
