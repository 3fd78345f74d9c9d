"""What readers load of a picture: as large as was said, the same in every run, never made twice."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat
from test_pictures import MARK, TURNS, drawing, noted, saved

from pressrun import pictures, renditions
from pressrun.model import Picture
from pressrun.outputs import LIVE, Shelf
from pressrun.renditions import Rendition

KINDS = {
    "photograph.jpg": ("JPEG", "RGB"), "grey.jpg": ("JPEG", "L"), "inks.jpg": ("JPEG", "CMYK"),
    "drawing.png": ("PNG", "RGB"), "clear.png": ("PNG", "RGBA"), "clear-grey.png": ("PNG", "LA"),
    "palette.png": ("PNG", "P"), "bits.png": ("PNG", "1"), "still.gif": ("GIF", "P"),
    "saved.webp": ("WEBP", "RGB"), "clear.webp": ("WEBP", "RGBA"),
}  # fmt: skip
FALLBACKS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/png"}


def look(src: str, width: int = 1000, height: int = 700) -> Picture:
    kind, mode = KINDS[src]
    image = drawing(width, height).convert(mode)
    if mode.endswith("A"):  # what is nowhere clear is saved without
        image.putpixel((width - 1, height - 1), (0, 0, 0, 0) if mode == "RGBA" else (0, 0))
    return pictures.look(src, saved(image, kind))


def made(picture: Picture) -> dict[str, bytes]:
    return {output.path: output.make() for output in renditions.outputs("fax", picture)}


def every(picture: Picture) -> list[Rendition]:
    return [*renditions.narrower(picture), *(one for _, found in renditions.alternatives(picture) for one in found)]


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


# ---- arithmetic


@given(st.integers(1, 20_000))
def test_widths_grow_and_none_is_wider_than_the_picture(own: int) -> None:
    found = renditions.widths(own)
    assert found == sorted(set(found))
    assert found[-1] == min(own, 1600)
    assert set(found[:-1]) <= set(renditions.WIDTHS)
    assert all(wide >= 1.1 * narrow for narrow, wide in pairwise(found))
    assert len(found) >= 3 or own < 960


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 1800), st.integers(1, 300))
def test_every_file_is_as_large_as_was_said(width: int, height: int) -> None:
    picture = pictures.look("a.png", saved(Image.new("RGB", (width, height), "teal"), "PNG"))
    files = made(picture)
    found = every(picture)

    assert set(files) == {f"{LIVE}/{one.path}" for one in found}
    assert renditions.narrower(picture)[-1] == renditions.fallback(picture)
    for one in found:
        with opened(files[f"{LIVE}/{one.path}"]) as image:
            assert image.size == (one.width, one.height)
            assert Image.MIME[image.format or ""] == one.media_type
        assert one.width <= width
        assert one.height <= height


@pytest.mark.parametrize("src", KINDS)
def test_every_kind_of_picture_gets_a_file_that_every_program_reads(src: str) -> None:
    picture = look(src)
    own = renditions.fallback(picture)
    better = dict(renditions.alternatives(picture))
    files = made(picture)

    assert own.media_type == (
        FALLBACKS.get(KINDS[src][0]) or ("image/png" if KINDS[src][1] == "RGBA" else "image/jpeg")
    )
    assert (own.width, own.height) == (1000, 700)
    assert list(better) == ["image/avif", "image/webp"]
    assert [one.width for one in better["image/avif"]] == [320, 640, 1000]
    expected = drawing(1000, 700).convert(KINDS[src][1]).convert("RGB")
    for one in every(picture):
        with opened(files[f"{LIVE}/{one.path}"]) as image:
            assert image.mode in ("RGB", "RGBA", "L", "LA", "P", "1")
            shown = image.convert("RGB")
            drawn = expected.resize(shown.size)
            away = ImageStat.Stat(ImageChops.difference(shown, drawn)).mean
            assert max(away) < (12 if KINDS[src][1] in ("1", "P") else 4), one


def test_what_is_clear_stays_clear() -> None:
    picture = Image.new("RGBA", (400, 200), "#00000000")
    picture.paste("#cc3311", (0, 0, 200, 200))
    palette = Image.new("P", (400, 200), 1)
    palette.putpalette([204, 51, 17, 0, 0, 0])
    for data in (saved(picture, "PNG"), saved(picture, "WEBP"), saved(palette, "PNG", transparency=1)):
        found = pictures.look("a", data)
        for path, file in made(found).items():
            with opened(file) as image:
                corner = image.convert("RGBA").getpixel((image.width - 9, 9))
                assert isinstance(corner, tuple), path
                assert corner[3] == 0, path


@pytest.mark.parametrize("size", [(1, 1), (63, 2_000), (40, 9)])
def test_a_tiny_picture_has_one_file(size: tuple[int, int]) -> None:
    picture = pictures.look("a.png", saved(Image.new("RGB", size), "PNG"))
    assert renditions.alternatives(picture) == []
    assert renditions.narrower(picture) == [renditions.fallback(picture)]
    assert len(made(picture)) == 1


def test_a_picture_too_high_for_a_format_does_without() -> None:
    picture = pictures.look("a.png", saved(Image.new("1", (100, 30_000)), "PNG"))
    assert renditions.alternatives(picture) == []
    assert [image.size for image in map(opened, made(picture).values())] == [(100, 30_000)]


@pytest.mark.parametrize(("kind", "better"), [("GIF", 0), ("PNG", 0), ("WEBP", 1)])
def test_a_picture_that_moves_goes_on_moving(kind: str, better: int) -> None:
    frames = [drawing(1800, 90), drawing(1800, 90).rotate(180)]
    picture = pictures.look("a", saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=90))
    files = made(picture)

    assert len(renditions.alternatives(picture)) == better
    moving = [one for one in every(picture) if one.media_type == picture.media_type]
    assert [(one.width, one.height) for one in moving] == [(1800, 90)]
    assert files[f"{LIVE}/{moving[0].path}"] == picture.data
    still = renditions.fallback(picture)
    assert still.media_type in ("image/jpeg", "image/png", "image/gif")
    with opened(files[f"{LIVE}/{still.path}"]) as image:
        assert image.size == (still.width, still.height)


# ---- what is in them


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_no_file_holds_notes(kind: str) -> None:
    picture = pictures.look("a", noted(kind, drawing(700, 400)))
    for path, data in made(picture).items():
        assert MARK not in data, path
        with opened(data) as image:
            assert dict(image.getexif()) == {}, path
            assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info), path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_file_is_upright(orientation: int) -> None:
    turn = TURNS[orientation]
    stored = drawing(400, 240).transpose(turn) if turn is not None else drawing(400, 240)
    for kind in ("JPEG", "PNG", "WEBP"):
        picture = pictures.look("a", noted(kind, stored, orientation))
        for data in made(picture).values():
            with opened(data) as image:
                reddest = image.convert("RGB").getpixel((image.width // 4, image.height // 4))
                assert isinstance(reddest, tuple)
                assert reddest[0] > 150
                assert reddest[1] < 70
                assert image.width > image.height


def test_colours_of_another_profile_become_those_of_every_screen() -> None:
    """LAB has a profile of its own in every Pillow; a drawing in it has other numbers for the same red."""
    standard = ImageCms.createProfile("sRGB")
    swapped = bytearray(ImageCms.ImageCmsProfile(standard).tobytes())
    # Red and blue change places: what is stored as blue is shown as red.
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    at = swapped.find("sRGB".encode("utf-16-be"))
    if at >= 0:
        swapped[at : at + 8] = "abcd".encode("utf-16-be")
    picture = pictures.look("a.png", saved(Image.new("RGB", (200, 100), "#0000ff"), "PNG", icc_profile=bytes(swapped)))
    for data in made(picture).values():
        with opened(data) as image:
            colour = image.convert("RGB").getpixel((9, 9))
            assert isinstance(colour, tuple)
            assert colour[0] > 240
            assert colour[2] < 20


@pytest.mark.parametrize("profile", [b"", b"x", b"\0" * 200])
def test_a_broken_profile_changes_nothing(profile: bytes) -> None:
    picture = pictures.look("a.png", saved(Image.new("RGB", (200, 100), "#0000ff"), "PNG", icc_profile=profile))
    for data in made(picture).values():
        with opened(data) as image:
            colour = image.convert("RGB").getpixel((9, 9))
            assert isinstance(colour, tuple)
            assert colour[2] > 240


def test_a_small_file_is_never_made_larger() -> None:
    for src in ("photograph.jpg", "drawing.png", "palette.png", "bits.png"):
        picture = look(src)
        path = f"{LIVE}/{renditions.fallback(picture).path}"
        own = next(output for output in renditions.outputs("fax", picture) if output.path == path)
        assert len(own.make()) <= len(picture.data)


# ---- names, keys, and what is made again


def test_pictures_of_one_name_have_addresses_of_their_own() -> None:
    data = look("drawing.png").data
    names = ("one/my bed #1.png", "two/my bed #1.png", "my-bed-1.png", "my-bed-1.jpg", "My Bed 1.png")
    paths = {renditions.fallback(pictures.look(name, data)).path for name in names}
    assert len(paths) == len(names)
    assert all(path.startswith("assets/my-bed-1.") and path.endswith("-1000.png") for path in paths)
    assert renditions.fallback(pictures.look("—.png", data)).path.startswith("assets/picture.")


@pytest.mark.parametrize("src", ["photograph.jpg", "clear.png", "saved.webp"])
def test_two_runs_make_the_same_bytes(src: str) -> None:
    picture = look(src)
    first = made(picture)
    renditions._upright.cache_clear()
    assert made(picture) == first
    renditions._upright.cache_clear()
    backwards = {output.path: output.make() for output in reversed(list(renditions.outputs("fax", picture)))}
    assert backwards == first


def test_nothing_is_encoded_again_while_nothing_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(picture: Picture) -> set[str]:
        shelf, before = Shelf(tmp_path), len(encoded)
        shelf.add(renditions.outputs("fax", picture))
        for output in shelf.all():
            shelf.write(output)
        shelf.close()
        return set(encoded[before:])

    encoded: list[str] = []
    own: Any = renditions._encoded

    def counted(image: Image.Image, media_type: str, *, drawn: bool) -> bytes:
        encoded.append(media_type)
        data: bytes = own(image, media_type, drawn=drawn)
        return data

    monkeypatch.setattr(renditions, "_encoded", counted)
    picture = look("photograph.jpg", 700, 400)
    assert build(picture) == {"image/jpeg", "image/avif", "image/webp"}
    assert build(picture) == set()
    monkeypatch.setattr(renditions, "_versions", lambda: ("another Pillow",))
    assert build(picture) == {"image/jpeg", "image/avif", "image/webp"}


def test_outputs_know_their_channel_and_their_kind() -> None:
    for output in renditions.outputs("fax", look("photograph.jpg")):
        assert output.channel == "fax"
        assert len(output.key) == 64
        assert output.media_type == f"image/{output.path.rpartition('.')[2]}"
