"""The fonts of a PDF: what a code in a string shows, and how far it moves on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")


@dataclass(slots=True)
class Typeface:
    """One font resource."""

    name: str
    kind: str
    embedded: bool
    #: bytes of a code
    length: int
    #: in thousandths of the size, by code
    widths: dict[int, float]
    usual: float
    #: above and below the baseline, in parts of the size
    ascent: float
    descent: float
    letters: dict[int, str] = field(default_factory=dict)

    def codes(self, data: bytes) -> list[int]:
        if self.length == 1:
            return list(data)
        return [data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2)]

    def width(self, codes: list[int]) -> float:
        known, usual = self.widths, self.usual
        return sum([known.get(code, usual) for code in codes])

    def text(self, codes: list[int]) -> str:
        return "".join([self.letters.get(code, "\ufffd") for code in codes])

    @property
    def subset(self) -> bool:
        return re.match(r"[A-Z]{6}\+", self.name) is not None


def read(font: Any) -> Typeface:
    """A font dictionary; of composite fonts those with codes of two bytes, which is what is embedded today."""
    kind = str(font.get("/Subtype", ""))
    below = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    about = below.get("/FontDescriptor", {})
    composite = below is not font
    return Typeface(
        str(font.get("/BaseFont", "")).lstrip("/"), kind.lstrip("/"),
        any(key in about for key in ("/FontFile", "/FontFile2", "/FontFile3")), 2 if composite else 1,
        _composite(below.get("/W", [])) if composite else _simple(font),
        float(below.get("/DW", 1000)) if composite else float(about.get("/MissingWidth", 0)),
        float(about.get("/Ascent", 800)) / 1000, float(about.get("/Descent", -250)) / 1000,
        _letters(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else {},
    )  # fmt: skip


def _simple(font: Any) -> dict[int, float]:
    first = int(font.get("/FirstChar", 0))
    return {first + number: float(width) for number, width in enumerate(font.get("/Widths", []))}


def _composite(runs: Any) -> dict[int, float]:
    """ISO 32000-1, 9.7.4.3: `first [w w w]`, or `first last w`."""
    widths: dict[int, float] = {}
    parts = list(runs)
    while len(parts) > 1:
        first = int(parts.pop(0))
        if isinstance(parts[0], int):
            last, width = int(parts.pop(0)), float(parts.pop(0))
            widths |= dict.fromkeys(range(first, last + 1), width)
        else:
            widths |= {first + number: float(width) for number, width in enumerate(parts.pop(0))}
    return widths


def _letters(cmap: bytes) -> dict[int, str]:
    letters: dict[int, str] = {}
    for kind, block in _BLOCK.findall(cmap):
        found = [bytes.fromhex(digits.decode()) if not (opened or closed) else opened + closed
                 for digits, opened, closed in _HEX.findall(block)]  # fmt: skip
        if kind == b"bfchar":
            letters |= {_code(code): _text(text) for code, text in zip(found[::2], found[1::2], strict=True)}
        else:
            _add_ranges(letters, found)
    return letters


def _add_ranges(letters: dict[int, str], found: list[bytes]) -> None:
    """ISO 32000-1, 9.10.3: `<first> <last> <text of the first>`, or `<first> <last> [<text> ...]`."""
    parts = iter(found)
    for first in parts:
        codes = range(_code(first), _code(next(parts)) + 1)
        text = next(parts)
        if text == b"[":
            letters |= {code: _text(next(parts)) for code in codes}
            assert next(parts) == b"]"
        else:
            start = _code(text[-2:])
            letters |= {code: _text(text[:-2]) + chr(start + number) for number, code in enumerate(codes)}


def _code(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _text(data: bytes) -> str:
    return data.decode("utf-16-be", "replace")
