"""A picture in the formats and widths that readers load: small ones for phones, one that every program reads.

What there is, and how large, is arithmetic, known before anything is encoded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pressrun import imprint, markup
from pressrun.model import Picture
from pressrun.outputs import LIVE, Output, digest

if TYPE_CHECKING:
    from PIL import Image

#: in pixels; the last is the widest that is published
WIDTHS = (320, 640, 960, 1280, 1600)
#: A width stands for the picture's own when that is less than a tenth wider.
_NEAR = 1.1
#: in pixels; what is smaller has no alternatives
_TINY = 64
#: the longest side of a WebP, in pixels
_LONGEST = 16_383
_NEW = ("image/avif", "image/webp")

#: Tiles and threads would make an AVIF differ from one machine to another.
_SAVED: dict[str, dict[str, Any]] = {
    "image/avif": {"quality": 58, "speed": 6, "max_threads": 1, "autotiling": False},
    "image/webp": {"quality": 80, "method": 4},
    "image/jpeg": {"quality": 82, "progressive": True, "optimize": True},
    "image/png": {"compress_level": 6},
}


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file of a picture, upright, in sRGB and without metadata."""

    #: below the live site
    path: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is in a file, as its first bytes say."""

    #: of the file that every program reads
    media_type: str
    moving: bool = False


def fallback(picture: Picture) -> Rendition:
    """The file that every program reads: JPEG, PNG or GIF, at most 1600 pixels wide, for <img>, mail and feeds.

    A moving GIF or PNG is itself, however wide.
    """
    if _whole(picture):
        return _rendition(picture, picture.media_type, picture.width)
    return _rendition(picture, _kind(picture).media_type, min(picture.width, WIDTHS[-1]))


def narrower(picture: Picture) -> list[Rendition]:
    """The format that every program reads in every width, the narrowest first and `fallback` last."""
    if _kind(picture).moving or picture.width < _TINY:
        return [fallback(picture)]
    return _every(picture, _kind(picture).media_type)


def alternatives(picture: Picture) -> list[tuple[str, list[Rendition]]]:
    """Smaller formats by media type, the best first, each in every width, the narrowest first.

    None for a moving GIF or PNG and for what is less than 64 pixels wide; a moving WebP is its own.
    """
    if _kind(picture).moving and not _whole(picture):
        return [(picture.media_type, [_rendition(picture, picture.media_type, picture.width)])]
    if _kind(picture).moving or picture.width < _TINY:
        return []
    fitting = [(kind, [one for one in _every(picture, kind) if one.height <= _LONGEST]) for kind in _NEW]
    return [(kind, found) for kind, found in fitting if found]


def outputs(channel: str, picture: Picture) -> Iterator[Output]:
    """Every file of a picture on the live site, as an output of a channel."""
    of = [one for _, found in alternatives(picture) for one in found]
    for one in (*narrower(picture), *of):
        key = digest("rendition", picture.data, repr(one), *_versions())
        yield Output(f"{LIVE}/{one.path}", partial(_made, picture, one), channel, key, media_type=one.media_type)


# ---- arithmetic


def _every(picture: Picture, media_type: str) -> list[Rendition]:
    return [_rendition(picture, media_type, width) for width in widths(picture.width)]


def widths(own: int) -> list[int]:
    """The widths in which a picture is published, by its own; all in pixels. None is wider than the picture."""
    widest = min(own, WIDTHS[-1])
    return [*(width for width in WIDTHS if width * _NEAR <= widest), widest]


def _rendition(picture: Picture, media_type: str, width: int) -> Rendition:
    height = max(1, round(picture.height * width / picture.width))
    return Rendition(f"{_name(picture)}-{width}.{media_type.rpartition('/')[2]}", media_type, width, height)


@lru_cache(maxsize=512)
def _name(picture: Picture) -> str:
    """Changes with the picture, and not with how it is encoded: mail that was sent leads to it for ever."""
    src = imprint.present(picture.src)
    name = markup.slugify(PurePosixPath(src).stem) or "picture"
    return f"assets/{name}.{digest(src, picture.data)[:8]}"


@lru_cache(maxsize=512)
def _kind(picture: Picture) -> _Kind:
    with _opened(picture) as image:
        moving = bool(getattr(image, "is_animated", False))
        opaque = picture.media_type == "image/jpeg" or (picture.media_type == "image/webp" and image.mode == "RGB")
    return _Kind("image/jpeg" if opaque else "image/png", moving)


def _whole(picture: Picture) -> bool:
    """Whether its file itself is published: one that moves, in a format that every program reads."""
    return _kind(picture).moving and picture.media_type != "image/webp"


# ---- encoding


@cache
def _versions() -> tuple[str, ...]:
    import PIL
    from PIL import features

    codecs = [f"{name} {features.version(name)}" for name in ("avif", "webp", "jpg", "zlib", "littlecms2")]
    return (PIL.__version__, *codecs, Path(__file__).read_text(encoding="utf-8"))


def _opened(picture: Picture) -> Image.Image:
    from PIL import Image

    return Image.open(io.BytesIO(picture.data))


def _made(picture: Picture, rendition: Rendition) -> bytes:
    if _kind(picture).moving and rendition.media_type == picture.media_type:
        return picture.data
    image = _upright(picture)
    size = (rendition.width, rendition.height)
    if image.size != size:
        image = image.resize(size, reducing_gap=3)
    made = [_encoded(image, rendition.media_type, drawn=picture.media_type in ("image/png", "image/gif"))]
    if _ready(picture, rendition):
        made.append(picture.data)
    return min(made, key=len)


def _ready(picture: Picture, rendition: Rendition) -> bool:
    """Whether the file can be published as it is."""
    same = (rendition.media_type, rendition.width, rendition.height)
    if same != (picture.media_type, picture.width, picture.height):
        return False
    with _opened(picture) as image:
        return image.mode != "CMYK" and "icc_profile" not in image.info and "exif" not in image.info


def _encoded(image: Image.Image, media_type: str, *, drawn: bool) -> bytes:
    def saved(**options: Any) -> bytes:
        stream = io.BytesIO()
        image.save(stream, media_type.rpartition("/")[2], **_SAVED[media_type], **options)
        return stream.getvalue()

    if not drawn:
        return saved()
    if media_type == "image/webp":  # drawings are often smaller, and always better, without loss
        return min(saved(), saved(lossless=True), key=len)
    return saved(subsampling="4:4:4") if media_type == "image/avif" else saved()


@lru_cache(maxsize=1)
def _upright(picture: Picture) -> Image.Image:
    """The picture as it is shown, in sRGB, no wider than any rendition; kept while its renditions are made."""
    from PIL import ImageOps

    with _opened(picture) as image:
        profile = image.info.get("icc_profile", b"")
        # A JPEG far larger than needed is decoded smaller, but at twice the width at least, which looks the same.
        width, height = (max(1, side * 2 * WIDTHS[-1] // picture.width) for side in image.size)
        image.draft(None, (width, height))
        upright = _plain(ImageOps.exif_transpose(image))
    width = min(picture.width, WIDTHS[-1])
    upright = upright.resize((width, max(1, round(picture.height * width / picture.width))), reducing_gap=3)
    upright = _standard(upright, profile) if profile else upright
    upright = upright.convert("RGB") if upright.mode == "CMYK" else upright
    upright.info = {}  # Pillow would write some of it
    return upright


def _plain(image: Image.Image) -> Image.Image:
    """In the modes that every codec takes."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if image.mode == "1" else "RGB")


def _standard(image: Image.Image, profile: bytes) -> Image.Image:
    """Its colours in sRGB; as they are if its profile is broken or of other colours."""
    from PIL import ImageCms

    try:
        own = ImageCms.getOpenProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(own):
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
