"""A picture of sixteen colours as PNG, put together from pieces that were packed before and those that are its own.

Most of a drawing is paper. Packing that again and again takes longer than packing the words on it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

#: in deflate and zlib: for rows that may stand behind any others, and what begins and ends a whole (RFC 1950, 1951)
_BARE, _BEGIN, _END = -15, b"\x78\x01", b"\x03\x00"
_BITS, _PALETTE = 4, 3
_MODULUS = 65521


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a picture, packed for themselves."""

    count: int
    packed: bytes
    #: the rows themselves; empty for those of colour 0 alone
    raw: bytes = b""


def rows(picture: Image.Image, top: int, bottom: int) -> Piece:
    """The rows of a picture of mode P, whose width is even, from one to the one before another."""
    width = picture.width
    # Two more pixels make the byte that stands before every row and says that it is not filtered.
    raw = picture.crop((-2, top, width, bottom)).tobytes("raw", "P;4")
    return Piece(bottom - top, _deflated(raw), raw)


def blank(width: int, count: int) -> Iterable[Piece]:
    """Rows of colour 0, in pieces whose numbers are powers of two, so that few have to be known."""
    return (_blank(width, 1 << bit) for bit in range(count.bit_length()) if count >> bit & 1)


@lru_cache(maxsize=64)
def _blank(width: int, count: int) -> Piece:
    return Piece(count, _deflated(bytes(count * _length(width))))


def joined(pieces: Iterable[Piece], width: int, colours: bytes) -> bytes:
    """The file (ISO/IEC 15948); `colours` holds three bytes for each of at most sixteen."""
    height, check, packed = 0, zlib.adler32(b""), [_BEGIN]
    for piece in pieces:
        height += piece.count
        check = zlib.adler32(piece.raw, check) if piece.raw else _zeros(check, piece.count * _length(width))
        packed.append(piece.packed)
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([_BITS, _PALETTE, 0, 0, 0])
    data = b"".join([*packed, _END, check.to_bytes(4, "big")])
    chunks = [(b"IHDR", head), (b"PLTE", colours), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _length(width: int) -> int:
    """In bytes, of a row of pixels."""
    return 1 + width // 2


def _deflated(raw: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _BARE)
    return packer.compress(raw) + packer.flush(zlib.Z_SYNC_FLUSH)


def _zeros(check: int, count: int) -> int:
    """What zlib.adler32 says after so many zeros more: its first sum stays, and is added to the second for each."""
    low, high = check & 0xFFFF, check >> 16
    return (high + count * low) % _MODULUS << 16 | low


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")
