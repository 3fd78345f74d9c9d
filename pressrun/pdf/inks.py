"""What an edition is printed with. A layout names each colour by its role; the inks say what a role is painted with.

So the screen, an office printer and a press share one layout.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pydyf

from pressrun.pdf.tags import Complaint

if TYPE_CHECKING:
    from PIL.Image import Image

#: three shares of light (RGB) or four of ink (CMYK), 0 to 1
Ink = tuple[float, ...]
WHITE, BLACK = (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)

_COLOUR = re.compile(rb"(\S+) (\S+) (\S+) (rg|RG)")
_OPERATORS = {(3, b"rg"): b"rg", (3, b"RG"): b"RG", (4, b"rg"): b"k", (4, b"RG"): b"K"}
_SPACES = {"L": "/DeviceGray", "CMYK": "/DeviceCMYK"}


@dataclass(frozen=True)
class Inks:
    #: the ink of each role, and of plain black under ""
    roles: Mapping[str, Ink]
    #: what a picture must become; None leaves it as it is
    convert: Callable[[Image], Image] | None = None


def placeholders(roles: Iterable[str]) -> dict[str, str]:
    """The colours by which a layout names the roles, for CSS."""
    return {role: f"#0000{number:02x}" for number, role in enumerate(sorted(roles), 1)}


def paint(pdf: Any, inks: Inks) -> None:
    """Puts the inks in place of the names, in pages, drawings and pictures. Raises Complaint for any other colour."""
    codes = {code: inks.roles[role] for role, code in placeholders(filter(None, inks.roles)).items()}
    codes["#000000"] = inks.roles[""]
    space = f"/Device{'CMYK' if len(inks.roles['']) == 4 else 'RGB'}"
    for part in pdf.objects:
        if not isinstance(part, pydyf.Stream):
            continue
        if part.extra.get("Subtype") == "/Image":
            if inks.convert and part.extra["ColorSpace"] != "/DeviceGray":
                _recolour(part, inks.convert)
            continue
        if "Group" in part.extra:
            part.extra["Group"]["CS"] = space
        part.stream[:] = [_painted(item, codes) for item in part.stream]


def _painted(item: Any, codes: Mapping[str, Ink]) -> Any:
    found = _COLOUR.fullmatch(item) if isinstance(item, bytes) else None
    if not found:
        return item
    code = "#" + "".join(f"{round(float(share) * 255):02x}" for share in found.groups()[:3])
    if code not in codes:
        raise Complaint(f"a template paints with {code}, which is none of the tokens")
    ink = codes[code]
    return b" ".join([*(f"{share:.4g}".encode() for share in ink), _OPERATORS[len(ink), found[4]]])


def _recolour(part: Any, convert: Callable[[Image], Image]) -> None:
    """Converts a picture; what was a JPEG stays one."""
    from PIL import Image

    data = b"".join(bytes(piece.data if hasattr(piece, "data") else piece) for piece in part.stream)
    jpeg = part.extra["Filter"] == "/DCTDecode"
    with Image.open(io.BytesIO(data if jpeg else _png(part.extra, data))) as image:
        found = convert(image)
    part.extra["ColorSpace"] = _SPACES[found.mode]
    part.extra.pop("DecodeParms", None)
    part.extra.pop("Decode", None)
    if not jpeg:
        part.extra["Filter"] = "/FlateDecode"
        part.stream[:] = [zlib.compress(found.tobytes(), 9)]
        return
    stream = io.BytesIO()
    found.save(stream, "JPEG", quality=92)
    part.stream[:] = [stream.getvalue()]
    if found.mode == "CMYK":  # Pillow writes it the way that Photoshop does, upside down
        part.extra["Decode"] = pydyf.Array((1, 0) * 4)


def _png(extra: Mapping[str, Any], data: bytes) -> bytes:
    """A PNG file around the pixels of one, which is all that WeasyPrint keeps."""
    head = struct.pack(">IIBBBBB", extra["Width"], extra["Height"], 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
