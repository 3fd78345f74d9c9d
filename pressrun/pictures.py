"""Pictures below content/images/, looked at before anybody else opens them."""

from __future__ import annotations

import io
import warnings
from difflib import get_close_matches
from pathlib import Path

from pressrun import metadata
from pressrun.model import Picture

MOST_BYTES = 20_000_000
#: 13,000 x 13,000 pixels in 20 KB cost a PDF writer 1.35 GB
MOST_PIXELS = 40_000_000
#: Pillow's modes of more than 8 bits a colour
_DEEP = ("I", "I;16", "I;16B", "F")
#: EXIF's orientations from here on are turned by a quarter
_SIDEWAYS = 5
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


class Unfit(Exception):
    """A picture that cannot be used."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy


def read(folder: Path, src: str) -> Picture:
    """The picture at a path below the folder. Raises Unfit."""
    path = folder / src.removeprefix("content/").removeprefix("images/")
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unfit(f"The picture '{src}' lies outside content/images/.", "Put it there.")
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise Unfit(f"The picture '{src}' is larger than 20 MB.", "Save it smaller.")
        if path.is_file():
            return look(src, path.read_bytes())
    except OSError:  # a name that the disk cannot have, or a file that it will not show
        pass
    raise Unfit(f"There is no picture '{src}'.", _hint(folder, src))


def _hint(folder: Path, src: str) -> str:
    known = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if close := get_close_matches(src, known, 1):
        return f"Did you mean '{close[0]}'?"
    return f"Put it at content/images/{src.removeprefix('content/').removeprefix('images/')}."


def look(src: str, data: bytes) -> Picture:
    """The picture in a file, without its metadata, as large as it is shown. Raises Unfit."""
    from PIL import Image, ImageFile
    from PIL.ExifTags import Base

    # WeasyPrint switches this on for the whole process, and half a JPEG would pass.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    problem, remedy = f"The picture '{src}' has more than 40 million pixels.", "Save it smaller."
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            data = metadata.bare(data)
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
        with image:
            if image.mode in _DEEP:
                problem, remedy = f"The picture '{src}' has 16 bits of grey.", "Save it with 8."
            elif image.width * image.height <= MOST_PIXELS:
                image.load()
                turned = image.getexif().get(Base.Orientation, 1) >= _SIDEWAYS
                width, height = reversed(image.size) if turned else image.size
                return Picture(src, data, Image.MIME[str(image.format)], width, height)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        pass
    except Exception:  # noqa: BLE001  # Pillow raises whatever its decoders stumble over
        problem, remedy = f"The picture '{src}' cannot be read.", "Save it again as PNG, JPEG, GIF or WebP."
    raise Unfit(problem, remedy)
