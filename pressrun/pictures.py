"""Pictures below content/images/, looked at before anybody else opens them."""

from __future__ import annotations

import io
from difflib import get_close_matches
from pathlib import Path

from pressrun.model import Picture
from pressrun.outputs import digest

MOST_BYTES = 20_000_000
#: 13,000 x 13,000 pixels in 20 KB cost a PDF writer 1.35 GB
MOST_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


class Unfit(Exception):
    """A picture that cannot be used: a problem and a remedy."""


def read(folder: Path, src: str) -> Picture:
    """The picture at a path below the folder. Raises Unfit."""
    path = folder / src.removeprefix("images/")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unfit(f"The picture '{src}' lies outside content/images/.", "Put it there.")
    if not path.is_file():
        raise Unfit(f"There is no picture '{src}'.", _hint(folder, src))
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        raise Unfit(f"The picture '{src}' is larger than 20 MB.", "Save it smaller.")
    return _looked_at(src, data)


def published(picture: Picture) -> str:
    """Its path on the live site, which changes with its content."""
    stem, _, ending = picture.src.rpartition("/")[2].rpartition(".")
    return f"assets/{stem}.{digest(picture.data)[:8]}.{ending}"


def _hint(folder: Path, src: str) -> str:
    known = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if close := get_close_matches(src, known, 1):
        return f"Did you mean '{close[0]}'?"
    return "Put it into content/images/."


def _looked_at(src: str, data: bytes) -> Picture:
    from PIL import Image, ImageFile

    # WeasyPrint switches this on for the whole process, and half a JPEG would pass.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unfit(f"The picture '{src}' has more than 40 million pixels.", "Save it smaller.")
            image.load()
            return Picture(src, data, Image.MIME[str(image.format)], image.width, image.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Unfit(f"The picture '{src}' cannot be read.", "Save it again as PNG, JPEG, GIF or WebP.") from None
