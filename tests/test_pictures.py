"""Pictures lose what cameras and programs note in them, and nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from struct import pack
from typing import Any
from zlib import crc32

import pytest
from conftest import Workshop
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageSequence, PngImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from pressrun import metadata, pictures

MARK = b"52.5200N-MARK"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d>' + MARK + b"</d></x:xmpmeta>"
KINDS = ("JPEG", "PNG", "WEBP", "GIF")
TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def drawing(width: int = 120, height: int = 80) -> Image.Image:
    """Red at the top left, so that it shows how it is turned."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    picture.paste("#cc0000", (0, 0, width // 2, height // 2))
    return picture


def exif(orientation: int = 1) -> bytes:
    found = Image.Exif()
    found[Base.Orientation] = orientation
    found[Base.ImageDescription] = MARK.decode()
    found.get_ifd(IFD.GPSInfo)[GPS.GPSAreaInformation] = MARK
    found.get_ifd(IFD.Exif)[Base.BodySerialNumber] = MARK.decode()
    return found.tobytes()


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def noted(kind: str, picture: Image.Image | None = None, orientation: int = 1) -> bytes:
    """A picture with every kind of note that Pillow can write, and some that it cannot."""
    own = picture or drawing()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if kind == "JPEG":
        data = saved(own, kind, exif=exif(orientation), comment=MARK, xmp=XMP, icc_profile=profile)
        segments = (b"\xff\xed", b"\xff\xec", b"\xff\xe3", b"\xff\xfe")
        return data[:2] + b"".join(name + pack(">H", 2 + len(MARK)) + MARK for name in segments) + data[2:] + MARK
    if kind == "PNG":
        said = PngImagePlugin.PngInfo()
        said.add_text("Author", MARK.decode())
        said.add_itxt("XML:com.adobe.xmp", XMP.decode())
        said.add_text("Comment", MARK.decode(), zip=True)
        data = saved(own, kind, exif=exif(orientation), pnginfo=said, icc_profile=profile)
        chunks = (b"tIME", b"caBX", b"prVt")
        more = b"".join(pack(">I", len(MARK)) + name + MARK + pack(">I", crc32(name + MARK)) for name in chunks)
        return data[:33] + more + data[33:] + MARK
    if kind == "WEBP":
        data = saved(own, kind, exif=exif(orientation), xmp=XMP, icc_profile=profile)
        more = b"note" + pack("<I", len(MARK)) + MARK + b"\0"
        return data[:4] + pack("<I", len(data) + len(more) - 8) + data[8:] + more
    frames = [own.convert("P"), own.convert("P").rotate(90)]
    data = saved(frames[0], kind, comment=MARK, save_all=True, append_images=frames[1:], loop=3, duration=70)
    at = data.index(b"!\xff\x0bNETSCAPE2.0")
    program = b"!\xff\x0bXMP DataXMP" + XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return data[:at] + program + data[at:-1] + b"!\xfe" + bytes([len(MARK)]) + MARK + b"\0;" + MARK


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_loses_its_notes_and_keeps_its_pixels(kind: str) -> None:
    data = noted(kind)
    assert MARK in data
    found = pictures.look("a", data)

    assert MARK not in found.data
    assert not re.search(rb"xmp|[Ee]xif|eXIf|tEXt|iTXt|zTXt|tIME|caBX|prVt|note", found.data)
    assert pixels(found.data) == pixels(data)
    assert (found.width, found.height) == (120, 80)
    assert metadata.bare(found.data) == found.data
    with Image.open(io.BytesIO(found.data)) as picture:
        assert dict(picture.getexif()) == {}
        assert bool(picture.info.get("icc_profile")) == (kind != "GIF")
        if kind == "GIF":
            assert (picture.info["loop"], picture.info["duration"], len(list(ImageSequence.Iterator(picture)))) == (
                3,
                70,
                2,
            )


MODES = {"JPEG": "RGB L CMYK", "PNG": "RGB RGBA L LA P 1", "WEBP": "RGB RGBA L", "GIF": "RGB L P 1"}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes.split()])
def test_a_picture_without_notes_stays_as_it_is(kind: str, mode: str) -> None:
    data = saved(drawing().convert(mode), kind)
    assert metadata.bare(data) == data


def test_progressive_and_moving_pictures_stay_as_they_are() -> None:
    frames = [drawing(), drawing().rotate(180)]
    together: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 90}
    for data in (
        saved(drawing(), "JPEG", progressive=True, restart_marker_rows=1),
        *(saved(frames[0], kind, **together) for kind in ("WEBP", "PNG", "GIF")),
    ):
        assert metadata.bare(data) == data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_is_stored_turned_is_as_large_as_it_is_shown(kind: str, orientation: int) -> None:
    turn = TURNS[orientation]
    stored = drawing().transpose(turn) if turn is not None else drawing()
    found = pictures.look("a", noted(kind, stored, orientation))

    assert (found.width, found.height) == (120, 80)
    assert MARK not in found.data
    with Image.open(io.BytesIO(found.data)) as picture:
        assert dict(picture.getexif()) == ({Base.Orientation: orientation} if orientation > 1 else {})
    assert metadata.bare(found.data) == found.data


def test_a_small_picture_inside_a_jpeg_is_gone() -> None:
    """What was cut off a picture is often still in its thumbnail."""
    data = saved(drawing(), "JPEG")
    inner = bytes([4, 1]) + MARK[:12]
    head = b"JFIF\0\1\1\0\0\1\0\1" + inner
    whole = data[:2] + b"\xff\xe0" + pack(">H", 2 + len(head)) + head + data[20:]
    assert MARK[:12] in whole
    assert metadata.bare(whole) == data


def test_of_two_pictures_in_a_jpeg_the_first_is_left() -> None:
    first, second = drawing(), Image.new("RGB", (320, 200), "#00ff00")
    data = saved(first, "MPO", save_all=True, append_images=[second])
    found = pictures.look("a.jpg", data)

    assert found.media_type == "image/jpeg"
    assert len(found.data) <= len(saved(first, "JPEG"))
    assert found.data.count(b"\xff\xd8\xff") == 1
    assert b"MPF\0" not in found.data
    assert pixels(found.data) == pixels(saved(first, "JPEG"))


def test_inks_stay_as_they_are_meant() -> None:
    data = saved(drawing().convert("CMYK"), "JPEG", exif=exif())
    found = pictures.look("a", data).data
    assert b"Adobe" in found
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(found)) as after:
        assert not ImageChops.difference(before, after).getbbox()


HEAD = b"MM\0*\0\0\0\x08\0\x01\x01\x12"
BROKEN = [
    b"", b"II", b"MM\0*", b"XX\0*\0\0\0\x08", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff",
    HEAD + b"\0\x03\0\0\0\x01\0\x09\0\0", HEAD + b"\0\x04\0\0\0\x01\0\x06\0\0",
]  # fmt: skip


@pytest.mark.parametrize("tiff", BROKEN)
def test_broken_notes_are_dropped_like_others(tiff: bytes) -> None:
    data = saved(drawing(), "JPEG")
    segment = b"Exif\0\0" + tiff
    assert metadata.bare(data[:2] + b"\xff\xe1" + pack(">H", 2 + len(segment)) + segment + data[2:]) == data


def _hostile(kind: str) -> st.SearchStrategy[bytes]:
    whole = noted(kind)

    def broken(changes: list[tuple[int, int]], end: int) -> bytes:
        data = bytearray(whole)
        for at, value in changes:
            data[at % len(data)] = value
        return bytes(data[: len(data) - end % len(data)])

    changes = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8)
    return st.builds(broken, changes, st.one_of(st.just(0), st.integers(0, 10**6)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS).flatmap(_hostile))
def test_no_hostile_file_stops_it(data: bytes) -> None:
    found = metadata.bare(data)
    assert len(found) <= len(data) + 2
    assert metadata.bare(found) == found


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b""]), st.binary(max_size=80)
)
def test_no_file_at_all_stops_it(head: bytes, data: bytes) -> None:
    metadata.bare(head + data)


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_picture_stays_a_fault(kind: str) -> None:
    noise = Image.effect_noise((60, 60), 90)
    whole = saved(noise, kind)
    for part in range(1, 20):
        with pytest.raises(pictures.Unfit, match="cannot be read"):
            pictures.look("a", whole[: len(whole) * part // 20])


EVERY: dict[str, Callable[[], bytes]] = {
    "camera.jpg": lambda: noted("JPEG", drawing(700, 400).transpose(Image.Transpose.ROTATE_90), 6),
    "scan.png": lambda: noted("PNG"),
    "saved.webp": lambda: noted("WEBP"),
    "moving.gif": lambda: noted("GIF"),
}


@pytest.mark.parametrize("channel", ["web", "newsletter", "handout"])
def test_no_file_that_readers_get_holds_notes(workshop: Workshop, channel: str) -> None:
    for name, make in EVERY.items():
        workshop.write(f"content/images/{name}", make())
    figures = "".join(f"  - figure: {{src: {name}, alt: A picture}}\n" for name in EVERY)
    head = "title: Pictures\nsummary: Of every kind.\nauthors: [The Team]\ndate: 2025-03-14\n"
    workshop.article("kinds", f"{head}image: {{src: camera.jpg, alt: A picture}}\nbody:\n{figures}")

    assert workshop.build(only=(channel,)).faults == ()

    found = [path for path in (workshop.root / "outputs").rglob("*") if path.is_file()]
    assert len(found) > 3
    assert [path for path in found if MARK in path.read_bytes()] == []
