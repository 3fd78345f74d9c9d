"""Pictures without what cameras and programs write beside them: places, names, dates, thumbnails, comments.

Nothing is encoded again: a file is taken apart, and only the parts that a decoder draws with are put together. What is
unknown goes. Files may be broken or hostile: whoever opens the result finds out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct, error, unpack_from

_BIG, _LITTLE, _SHORT = Struct(">I"), Struct("<I"), Struct(">H")

_EXIF = b"Exif\0\0"
#: an EXIF block that says how a picture is turned, and nothing else
_TURNED = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0"
_ORIENTATION = 0x112

#: frames, tables and scans; what is left are comments and the segments of programs, APP0 to APP15
_JPEG_DRAWN = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)})
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
#: markers without a length
_JPEG_BARE = frozenset({0x01, 0xD8})
_JPEG_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

_PNG = b"\x89PNG\r\n\x1a\n"
#: pixels, palette, transparency, colours, density, movement
_PNG_DRAWN = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs mDCV cLLI acTL fcTL fdAT".split()
)
_WEBP_DRAWN = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ICCP"})
#: EXIF and XMP, among the flags of a WebP's head
_WEBP_SAID, _WEBP_EXIF = 0x0C, 0x08
_GIF_LOOPS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})


def bare(data: bytes) -> bytes:
    """The same picture without metadata; the same bytes if it has none, or is neither JPEG, PNG, GIF nor WebP.

    A JPEG, PNG or WebP that is stored turned keeps a note of that, and a colour profile stays.
    """
    if data.startswith(b"\xff\xd8"):
        return b"".join(_jpeg(data))
    if data.startswith(_PNG):
        return b"".join(_png(data))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return b"".join(_gif(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return b"".join(_webp(data))
    return data


def _turned(tiff: bytes) -> bytes:
    """An EXIF block with the orientation of another, if it has one that matters."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    try:
        start = unpack_from(f"{order}I", tiff, 4)[0]
        for number in range(unpack_from(f"{order}H", tiff, start)[0] if order else 0):
            tag, kind, _, value = unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
            if tag == _ORIENTATION:
                return _TURNED % value if kind == 3 and 2 <= value <= 8 else b""
    except error:
        pass
    return b""


# ---- JPEG


def _jpeg(data: bytes) -> Iterator[bytes]:
    """Its segments up to its end: phones put a second picture behind it, and programs whatever they like."""
    yield data[:2]
    at, kind = 2, 0
    while found := _JPEG_NEXT.search(data, at):
        between = data[at : found.start()]
        if kind == _JPEG_SCAN or not between.strip(b"\xff"):
            yield between
        kind, at = data[found.end() - 1], found.end()
        if kind == _JPEG_END:
            yield b"\xff\xd9"
            return
        if kind not in _JPEG_BARE and at + 2 <= len(data):
            size = _SHORT.unpack_from(data, at)[0]
            yield _segment(kind, data[at + 2 : at + size])
            at += max(size, 2)
    if kind == _JPEG_SCAN:
        yield data[at:]


def _segment(kind: int, data: bytes) -> bytes:
    if kind not in _JPEG_DRAWN:
        data = _application(kind, data)
        if not data:
            return b""
    return b"\xff%c" % kind + _SHORT.pack(len(data) + 2) + data


def _application(kind: int, data: bytes) -> bytes:
    """What a decoder needs of a program's segment; empty for nothing."""
    match kind:
        case 0xE0 if data.startswith(b"JFIF\0"):
            return data if len(data) == 14 else data[:12] + b"\0\0"  # without the thumbnail
        case 0xE1 if data.startswith(_EXIF) and (turned := _turned(data[6:])):
            return _EXIF + turned
        case 0xE2 if data.startswith(b"ICC_PROFILE\0"):
            return data
        case 0xEE if data.startswith(b"Adobe"):
            return data[:12]  # how colours are stored
    return b""


# ---- PNG


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG
    at = len(_PNG)
    while at + 12 <= len(data):
        name, end = data[at + 4 : at + 8], at + 12 + _BIG.unpack_from(data, at)[0]
        if name in _PNG_DRAWN and end <= len(data):
            yield data[at:end]
        if name == b"eXIf" and (turned := _turned(data[at + 8 : end - 4])):
            yield _chunk(name, turned)
        if name == b"IEND":
            return
        at = end


def _chunk(name: bytes, data: bytes) -> bytes:
    from zlib import crc32

    return _BIG.pack(len(data)) + name + data + _BIG.pack(crc32(name + data))


# ---- WebP


def _webp(data: bytes) -> Iterator[bytes]:
    parts = list(_drawn(data[12 : 8 + _LITTLE.unpack_from(data, 4)[0]]))
    yield b"RIFF" + _LITTLE.pack(4 + sum(map(len, parts))) + b"WEBP"
    yield from parts


def _drawn(body: bytes) -> Iterator[bytes]:
    found = list(_riff(body))
    said = (_turned(data.removeprefix(_EXIF)) for name, data in found if name == b"EXIF")
    turned = next(said, b"") if body.startswith(b"VP8X") else b""
    for name, data in found:
        if name == b"VP8X" and data:
            flags = data[0] & ~_WEBP_SAID | (_WEBP_EXIF if turned else 0)
            yield _part(name, bytes([flags]) + data[1:10])
        elif name == b"ANMF":
            frame = b"".join(_part(*inner) for inner in _riff(data[16:]) if inner[0] in _WEBP_DRAWN)
            yield _part(name, data[:16] + frame)
        elif name in _WEBP_DRAWN:
            yield _part(name, data)
    if turned:
        yield _part(b"EXIF", turned)


def _riff(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks that are whole, by name."""
    at = 0
    while at + 8 <= len(body):
        end = at + 8 + _LITTLE.unpack_from(body, at + 4)[0]
        if end <= len(body):
            yield body[at : at + 4], body[at + 8 : end]
        at = end + end % 2


def _part(name: bytes, data: bytes) -> bytes:
    return name + _LITTLE.pack(len(data)) + data + b"\0" * (len(data) % 2)


# ---- GIF


def _gif(data: bytes) -> Iterator[bytes]:
    at = 13 + _table(data, 10)
    yield data[:at]
    while at < len(data):
        start, kind = at, data[at : at + 1]
        if kind == b",":
            at = _blocks(data, at + 11 + _table(data, at + 9))
            yield data[start:at]
        elif kind == b"!":
            at = _blocks(data, at + 2)
            yield _extension(data[start:at])
        elif kind == b";":
            yield kind
            return
        else:
            at += 1


def _extension(data: bytes) -> bytes:
    """One that times a frame or repeats all of them; empty for any other."""
    loops = data[1:2] == b"\xff" and data[3:14] in _GIF_LOOPS and len(data) <= 32
    return data if loops or (data[1:2] == b"\xf9" and len(data) == 8) else b""


def _table(data: bytes, at: int) -> int:
    """The length of a table of colours, by the flags at a place."""
    flags = data[at] if at < len(data) else 0
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Where the blocks end that begin at a place."""
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
