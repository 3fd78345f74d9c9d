"""Another organisation's name, logo, accent and contact in site.yaml change every channel, and leave none of ours."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import drawings
import pypdfium2
import pytest
from conftest import ARTICLE, Workshop
from PIL import Image

from pressrun.colours import contrast
from pressrun.faults import Refused
from pressrun.templates import Templates

ACCENT = "#8a3b12"
BRAND = f"""\
name: Specimen Garden Library
base_url: https://garden.example.com
language: en-GB
time_zone: Europe/London
email: hello@garden.example.com
address: 7 Specimen Row
accent: "{ACCENT}"
logo: logo.png
editions: [a4, large-print, office]
"""
#: what is ours by default, or in the tests' usual site: our accent in the light and in the dark with its tints
OURS = re.compile(
    rb"1f5f6b|8ecbd6|edf3f4|Example Health|info@example\.org|www\.example\.org|1 Example Street", re.IGNORECASE
)


@pytest.fixture
def branded(workshop: Workshop) -> Workshop:
    workshop.write("content/site.yaml", BRAND)
    workshop.write("content/images/logo.png", drawings.every()["logo.png"])
    workshop.article("sleep", ARTICLE)
    workshop.build(only=())
    return workshop


def _colour(path: Path, at: tuple[int, int]) -> str:
    with Image.open(path) as image:
        return "#" + image.convert("RGB").crop((*at, at[0] + 1, at[1] + 1)).tobytes().hex()


def test_a_brand_reaches_every_channel(branded: Workshop) -> None:
    outputs = branded.root / "outputs"
    assets = outputs / "web/assets"
    icon, sheet = (next(assets.glob(f"{name}.*")).read_text() for name in ("icon", "style"))
    page, letter, rss = map(branded.read, ("web/sleep/index.html", "newsletter/sleep.html", "feed/feed.xml"))

    for text in (page, letter, rss, branded.read("index.html")):
        assert "Specimen Garden Library" in text
    for text in (page, letter):
        assert "hello@garden.example.com" in text
    for text in (sheet, icon, letter, branded.read("index.html")):
        assert ACCENT in text
    for text in (page, letter, branded.read("feed/atom.xml")):
        assert "/assets/logo." in text
    card = next(assets.glob("card-sleep.*.png"))
    assert _colour(card, (5, 5)) == ACCENT
    assert _colour(outputs / "web/favicon.ico", (24, 3)) == ACCENT


@pytest.mark.parametrize("edition", ["a4", "large-print", "office"])
def test_a_brand_is_on_every_handout(branded: Workshop, edition: str) -> None:
    document = pypdfium2.PdfDocument(branded.root / f"outputs/handout/sleep-{edition}.pdf")
    text = document[0].get_textpage().get_text_range()
    pictures = [found for found in document[0].get_objects() if found.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]

    assert "Specimen Garden Library" in text
    assert "hello@garden.example.com" in text
    assert len(pictures) >= 1  # the QR code is drawn of lines
    document.close()


def test_nothing_of_ours_is_left(branded: Workshop) -> None:
    found = {path: OURS.search(data) for path, data in branded.tree().items()}
    assert len(found) > 30
    assert [(path, match[0]) for path, match in found.items() if match] == []


def test_another_logo_makes_what_shows_it_anew(branded: Workshop) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (90, 30), ACCENT).save(stream, "PNG")
    branded.write("content/images/logo.png", stream.getvalue())

    written = branded.build(only=()).written

    assert {"web/sleep/index.html", "newsletter/sleep.eml", "handout/sleep-a4.pdf", "feed/atom.xml"} <= set(written)


@pytest.mark.parametrize("accent", ["#767676", "#c2410c", "#0000ff", "#000000", "#d6006e"])
def test_every_accent_that_is_taken_can_be_read_wherever_it_stands(accent: str, workshop: Workshop) -> None:
    tokens = Templates(workshop.desk.templates, accent).tokens

    for scheme in ("light", "dark"):
        roles = tokens[scheme]
        assert min(contrast(roles["accent"], roles[ground]) for ground in ("paper", "tint", "accent-text")) >= 4.5


def test_a_colour_that_is_too_pale_comes_with_one_that_would_do(workshop: Workshop) -> None:
    pale = re.compile(
        r"The colour #ffcc00 is too pale: its contrast with white is 1\.5 : 1\. Choose a darker one: (#\w{6}) would do"
    )
    build: Callable[[str], object] = lambda accent: (  # noqa: E731
        workshop.write("content/site.yaml", BRAND.replace(ACCENT, accent).replace("logo: logo.png\n", "")),
        workshop.build(),
    )
    with pytest.raises(Refused) as refused:
        build("#ffcc00")
    found = pale.search(str(refused.value))
    assert found
    build(found[1])
