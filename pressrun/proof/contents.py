"""All that a file says to anybody who opens it: its words, its notes, what is packed into it."""

from __future__ import annotations

import email
import email.policy
import gzip
import html
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: what holds no words: typefaces, and programs for a processor
WORDLESS = {".woff2", ".ico", ".icc", ".wasm", ".pagefind"}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"}
_INDEXES = {".pf_index", ".pf_meta", ".pf_filter"}
_FRAGMENT = ".pf_fragment"
#: with what Pagefind's files begin
_BEGINNING = b"pagefind_dcd"
#: a letter as JSON and JavaScript write it
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def said(path: Path) -> str:
    """The words of a file, escaped ones as letters; what cannot be read as text is left out."""
    ending = path.suffix.lower()
    if ending in WORDLESS:
        return ""
    read: Callable[[Path], str] = _text
    if ending in _PICTURES:
        read = _picture
    elif ending == ".pdf":
        read = _pdf
    elif ending == ".eml":
        read = _message
    elif ending in _INDEXES or ending == _FRAGMENT:
        read = _packed
    return _plain(read(path))


def stems(path: Path) -> list[str]:
    """The words by which a part of Pagefind's index is asked, without their endings; none for another file."""
    if path.suffix != ".pf_index":
        return []
    return [word for word in _strings(_unpacked(path)) if word.isalpha()]


def _plain(text: str) -> str:
    """Twice, for a feed holds HTML that is escaped once more."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return html.unescape(html.unescape(text))


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "ignore")


def _message(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    heads = [str(value) for name, value in message.items() if name.lower() != "content-type"]
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return "\n".join([*heads, *(part for part in parts if isinstance(part, str))])


def _pdf(path: Path) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
        return "\n".join([*document.get_metadata_dict().values(), *pages])
    finally:
        document.close()


def _picture(path: Path) -> str:
    """What is noted in a picture, not what it shows."""
    from PIL import Image

    with Image.open(path) as picture:
        notes = [*picture.info.values(), *picture.getexif().values()]
        return "\n".join(note.decode("utf-8", "ignore") if isinstance(note, bytes) else str(note) for note in notes)


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).removeprefix(_BEGINNING)


def _packed(path: Path) -> str:
    data = _unpacked(path)
    return data.decode("utf-8", "ignore") if path.suffix == _FRAGMENT else "\n".join(_strings(data))


def _strings(data: bytes) -> Iterator[str]:
    """Every text in a value of CBOR (RFC 8949), of whatever shape that is."""
    at = 0
    while at < len(data):
        kind, length, at = _head(data, at)
        if kind in {2, 3}:  # bytes, text
            if kind == 3:
                yield data[at : at + length].decode("utf-8", "ignore")
            at += length


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """The major type of the item at a byte, its number or length, and where what it holds begins.

    What holds others is followed by them, so going on from there visits them all.
    """
    kind, short = data[at] >> 5, data[at] & 31
    if short < 24:
        return kind, short, at + 1
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
    form: dict[int, Any] = {1: ">B", 2: ">H", 4: ">I", 8: ">Q"}
    length = struct.unpack_from(form[size], data, at + 1)[0] if size and at + size < len(data) else 0
    return kind, length, at + 1 + size
