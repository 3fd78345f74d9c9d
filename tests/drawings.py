"""The pictures of the specimen in tests/site/, drawn when they are wanted."""

from __future__ import annotations

import io

from PIL import ExifTags, Image, ImageDraw

#: where a photograph was taken, which no reader is told: degrees, minutes, seconds
GPS: dict[int, object] = {
    ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (40.0, 26.0, 46.0),
    ExifTags.GPS.GPSLongitudeRef: "W", ExifTags.GPS.GPSLongitude: (79.0, 58.0, 56.0),
}  # fmt: skip
MAKER = "Specimen Camera"
_GREEN, _GOLD = (38, 92, 58), (236, 196, 92)


def every() -> dict[str, bytes]:
    """By their names below content/images/."""
    return {"wide.jpg": wide(), "bed.png": _png(_bed()), "leaf.png": _png(_leaf()), "logo.png": _png(_logo())}


def wide() -> bytes:
    """As a camera leaves it: large, and with what it knows of the place."""
    across, down = Image.linear_gradient("L").rotate(90), Image.radial_gradient("L")
    mask = Image.blend(across, down, 0.3).resize((2000, 1125), Image.Resampling.BICUBIC)
    image = Image.composite(Image.new("RGB", mask.size, _GOLD), Image.new("RGB", mask.size, _GREEN), mask)
    noted = Image.Exif()
    noted[ExifTags.Base.Make] = MAKER
    noted.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90, exif=noted)
    return stream.getvalue()


def _bed() -> Image.Image:
    image = Image.new("RGB", (800, 600), "#f4efe2")
    pen = ImageDraw.Draw(image)
    for left in (60, 440):
        for top in (50, 330):
            pen.rounded_rectangle((left, top, left + 300, top + 220), 18, fill="#7a5a3a")
            for row in range(4):
                pen.line((left + 30, top + 40 + row * 48, left + 270, top + 40 + row * 48), fill="#3f7d4e", width=12)
    return image


def _leaf() -> Image.Image:
    image = Image.new("RGBA", (240, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((20, 20, 220, 100), fill="#3f7d4e")
    return image


def _logo() -> Image.Image:
    image = Image.new("RGBA", (96, 96), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((4, 4, 92, 92), fill="#1f5f6b")
    return image


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
