"""Pictures of sixteen colours: what they are put together from is what every reader of PNG finds in them."""

from __future__ import annotations

import io
import struct
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressrun import png

COLOURS = bytes(range(0, 240, 5))


def opened(data: bytes) -> Image.Image:
    """The picture, by a reader that checks every sum in the file."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def drawing(width: int, height: int, seed: bytes) -> Image.Image:
    values = bytes(seed[at % len(seed)] % 16 for at in range(width * height))
    return Image.frombytes("P", (width, height), values)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40).map(lambda half: 2 * half), st.integers(0, 700), st.integers(1, 30), st.integers(0, 700),
    st.binary(min_size=1, max_size=50),
)  # fmt: skip
def test_rows_stand_where_they_belong(width: int, before: int, height: int, behind: int, seed: bytes) -> None:
    drawn = drawing(width, height, seed)
    pieces = [*png.blank(width, before), png.rows(drawn, 0, height), *png.blank(width, behind)]
    data = png.joined(pieces, width, COLOURS)

    found = opened(data)
    assert (found.size, found.mode, found.format) == ((width, before + height + behind), "P", "PNG")
    assert found.tobytes() == bytes(width * before) + drawn.tobytes() + bytes(width * behind)
    assert bytes(found.getpalette() or ())[: len(COLOURS)] == COLOURS


def test_the_packed_rows_are_one_sound_whole() -> None:
    drawn = drawing(64, 20, b"some words")
    data = png.joined([png.rows(drawn, 3, 9), *png.blank(64, 1000)], 64, COLOURS)
    at = data.index(b"IDAT")
    length = struct.unpack(">I", data[at - 4 : at])[0]
    # zlib says so when its sum is wrong, and leaves behind what is too much.
    packer = zlib.decompressobj()
    assert len(packer.decompress(data[at + 4 : at + 4 + length])) == (6 + 1000) * 33
    assert packer.eof
    assert packer.unused_data == b""


def test_paper_takes_hardly_any_room() -> None:
    assert len(png.joined(png.blank(1200, 630), 1200, COLOURS)) < 3_000
    assert len(list(png.blank(1200, 630))) <= 10
    assert list(png.blank(1200, 0)) == []
