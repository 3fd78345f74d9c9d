"""The press edition: PDF/X-4 (ISO 15930-7), with bleed, marks and the printing condition that its inks are meant for.

WeasyPrint knows the variant, but gives it a random identifier, RGB marks that reach into the bleed, and links.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pydyf

from pressrun.outputs import digest
from pressrun.pdf.inks import WHITE, Ink, Inks
from pressrun.pdf.tags import lookup, pages

#: WeasyPrint puts the bleed box 10 pt outside the trim box, so 3.5 mm bleed, and the rest is room for the marks.
BLEED_PT = 10.0
SLUG_PT = 24.0
#: roles of words and lines, which more than one ink would blur, with their share of black
_GREYS = {"": 1.0, "text": 1.0, "link": 1.0, "muted": 0.75, "rule": 0.3}


@dataclass(frozen=True)
class Condition:
    """How a press prints: the name of the condition in the ICC's registry, and its profile."""

    name: str
    profile: bytes = field(repr=False)

    def inks(self, colours: dict[str, str]) -> Inks:
        """The inks of colours #rrggbb, by role: words in black alone, the rest as the profile mixes them."""
        mixed = {role: self._mix(colour) for role, colour in colours.items()}
        return Inks(mixed | {role: (0.0, 0.0, 0.0, share) for role, share in _GREYS.items()}, self._convert)

    def _mix(self, colour: str) -> Ink:
        from PIL import Image

        if colour == "#ffffff":
            return WHITE
        mixed = self._convert(Image.new("RGB", (1, 1), colour)).getpixel((0, 0))
        return tuple(round(share / 255, 2) for share in mixed)

    def _convert(self, image: Any) -> Any:
        from PIL import ImageCms

        if image.mode == "CMYK":
            return image.copy()
        return ImageCms.applyTransform(image.convert("RGB"), self._transform)

    @cached_property
    def _transform(self) -> Any:
        import io

        from PIL import ImageCms

        intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
        profile = ImageCms.getOpenProfile(io.BytesIO(self.profile))
        return ImageCms.buildTransform(ImageCms.createProfile("sRGB"), profile, "RGB", "CMYK", intent, flags)


def prepare(pdf: Any, condition: Condition) -> None:
    """Makes a PDF of the variant pdf/x-4 one in truth."""
    profile = pydyf.Stream([condition.profile], {"N": 4}, compress=True)
    pdf.add_object(profile)
    name = pydyf.String(condition.name)
    pdf.catalog["OutputIntents"] = pydyf.Array([pydyf.Dictionary({
        "Type": "/OutputIntent", "S": "/GTS_PDFX", "OutputConditionIdentifier": name, "Info": name,
        "RegistryName": pydyf.String("http://www.color.org"), "DestOutputProfile": profile.reference,
    })])  # fmt: skip
    _identify(pdf)
    for page in pages(pdf):
        page.pop("Annots", None)
        _mark(pdf, page)


#: PDF/UA-1 (ISO 14289-1, 5) beside PDF/X-4: the tags are as right as the screen's.
_ACCESSIBLE = b'<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1" />'


def _identify(pdf: Any) -> None:
    """Gives the metadata an identifier that only the content changes."""
    metadata = lookup(pdf, pdf.catalog["Metadata"])
    text = b"".join(metadata.stream)
    drawn = digest(*(lookup(pdf, page["Contents"]).data for page in pages(pdf)))
    identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, drawn)).encode()
    text = re.sub(rb"(?<=xmp\.did:)[0-9a-f-]+", identifier, text)
    metadata.stream[:] = [re.sub(rb"<rdf:RDF[^>]*>", lambda found: found[0] + _ACCESSIBLE, text, count=1)]


def _mark(pdf: Any, page: Any) -> None:
    """Draws crop marks in all inks, outside the bleed, as an artifact."""
    tint = pydyf.Dictionary({"FunctionType": 2, "Domain": "[0 1]", "C0": "[0 0 0 0]", "C1": "[1 1 1 1]", "N": 1})
    spaces = lookup(pdf, lookup(pdf, page["Resources"])["ColorSpace"])
    if "Marks" not in spaces:
        spaces.clear()  # those of Lab, which nothing uses
        pdf.add_object(tint)
        spaces["Marks"] = pydyf.Array(["/Separation", "/All", "/DeviceCMYK", tint.reference])
    left, bottom, right, top = page["TrimBox"]
    lines = [
        line
        for x, outward_x in ((left, -1), (right, 1))
        for y, outward_y in ((bottom, -1), (top, 1))
        for line in (
            _line(x + outward_x * BLEED_PT, y, x + outward_x * SLUG_PT, y),
            _line(x, y + outward_y * BLEED_PT, x, y + outward_y * SLUG_PT),
        )
    ]
    # The page is drawn upside down, which maps the trim box, and so the marks, onto itself.
    drawing = lookup(pdf, page["Contents"]).stream
    drawing += [b"/Artifact BMC q /Marks CS 1 SCN 0.25 w", *lines, b"S Q EMC"]


def _line(x1: float, y1: float, x2: float, y2: float) -> bytes:
    return f"{x1:.3f} {y1:.3f} m {x2:.3f} {y2:.3f} l".encode()
