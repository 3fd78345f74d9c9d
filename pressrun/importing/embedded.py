"""Pictures that come inside a file, in formats that the site takes."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from pressrun import pictures
from pressrun.importing.draft import Asked

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_WRITTEN = re.compile(
    r"data:(?P<kind>[\w/+.-]+)(?:;[\w=-]+)*?(?P<coded>;base64)?,(?P<data>.*)", re.DOTALL | re.IGNORECASE
)


@dataclass
class Embedded:
    """Those of one file."""

    slug: str
    #: by their names below content/images/
    taken: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def name(self, data: bytes, kind: str, alt: str, line: int = 0, column: int = 0) -> str:
        """The name of a picture of a media type; empty if no browser shows it, which is asked for."""
        try:
            kept, suffix = (data, _SUFFIXES[kind]) if kind in _SUFFIXES else (_as_png(data), "png")
        except (OSError, ValueError, SyntaxError):
            which = f"The picture '{alt}'" if alt else f"Picture {len(self.taken) + 1}"
            remedy = "Save it as PNG (in Word: right click, Save as Picture), and put it into content/images/."
            problem = f"{which} has the format {kind.rpartition('/')[2].upper()}, which cannot be shown everywhere."
            self.asked.append(Asked(line, column, problem, remedy))
            return ""
        known = next((name for name, other in self.taken.items() if other == kept), "")
        name = known or f"{self.slug}/picture-{len(self.taken) + 1}.{suffix}"
        self.taken[name] = kept
        return name

    def written(self, src: str, alt: str, line: int, column: int) -> str:
        """The name of a picture that an address holds; other addresses as they are."""
        found = _WRITTEN.fullmatch(src)
        if not found:
            return src
        try:
            data = base64.b64decode(found["data"]) if found["coded"] else unquote_to_bytes(found["data"])
        except ValueError:
            data = b""
        return self.name(data, found["kind"].lower(), alt, line, column)


def _as_png(data: bytes) -> bytes:
    """A picture of any kind that Pillow reads."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("TIFF", "BMP", "ICO", "PPM", "TGA", "DIB")) as image:
        if image.width * image.height > pictures.MOST_PIXELS:
            raise ValueError
        made = io.BytesIO()
        image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB").save(made, "PNG")
    return made.getvalue()
