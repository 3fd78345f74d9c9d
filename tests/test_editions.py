"""Every edition of the handout: its paper, its type, its ink, and how it fills its sheets."""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Iterator
from pathlib import Path

import folding
import page
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import words
from conftest import NOW, ROOT, Run, Workshop, absent
from PIL import Image

from pressrun import fit
from pressrun.build import Desk
from pressrun.channels import handout
from pressrun.colours import contrast
from pressrun.proof import made as proof

SLUG = "ketamine-withdrawal"
MM = 72 / 25.4
A4 = (595.28, 841.89)
PAPER = {"a4": A4, "letter": (612.0, 792.0), "large-print": A4, "office": A4, "a5-booklet": (A4[1], A4[0]), "press": A4}
FOLDED = [name for name, edition in handout.EDITIONS.items() if edition.folded]
SIDES = {"a4": 2, "letter": 2, "office": 2, "press": 2}
SMALLEST = {"large-print": 16.0}


#: drawing every edition of every article takes longer than all quick tests together
pytestmark = pytest.mark.heavy


def _paths(shown: Workshop, slug: str = SLUG) -> dict[str, Path]:
    return {name: shown.root / f"outputs/handout/{slug}-{name}.pdf" for name in handout.EDITIONS}


def _sizes(path: Path) -> Iterator[tuple[float, str]]:
    """Size in points and face of every run of text."""
    document = pypdfium2.PdfDocument(path)
    for sheet in document:
        for run in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            size = ctypes.c_float()
            assert pdfium.FPDFTextObj_GetFontSize(run, size)
            font = pdfium.FPDFTextObj_GetFont(run)
            name = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, 200)
            yield size.value * abs(run.get_matrix().d), name.value.decode()
    document.close()


def test_every_edition_has_a_style_sheet_and_a_label(shown: Workshop) -> None:
    folder = ROOT / "templates/handout/editions"

    assert {path.stem for path in folder.glob("*.css")} == set(handout.EDITIONS) == set(PAPER)
    assert len({edition.label for edition in handout.EDITIONS.values()}) == len(PAPER)
    assert set(handout.DEFAULT) == {"a4", "letter", "press"}
    overview = Desk(shown.root)
    shown.build(only=())
    text = (overview.root / "outputs/index.html").read_text(encoding="utf-8")
    assert all(edition.label in text for edition in handout.EDITIONS.values())


def test_a_site_that_names_no_editions_gets_the_usual_three(workshop: Workshop) -> None:
    workshop.article("sleep")

    workshop.build(only=("handout",))

    made = {path.stem.removeprefix("sleep-") for path in (workshop.root / "outputs/handout").glob("*.pdf")}
    assert made == set(handout.DEFAULT)


@pytest.mark.parametrize("slug", [SLUG, "finding-help", "pictured"])
def test_every_edition_has_its_paper_and_conforms_to_pdf_ua_1(shown: Workshop, slug: str) -> None:
    for edition, path in _paths(shown, slug).items():
        document = pypdfium2.PdfDocument(path)
        for sheet in document:
            left, bottom, right, top = sheet.get_trimbox()
            assert (right - left, top - bottom) == pytest.approx(PAPER[edition], abs=0.2), edition
        document.close()
        if edition in FOLDED:  # for paper alone, and it says so by having no tags
            continue
        report = page.validate_pdf(str(path), profile=page.ValidationProfile.PDF_UA_1)
        assert [(fault.rule_id, fault.message) for fault in report.failures] == [], edition


def _read(edition: str, path: Path) -> list[str]:
    return words.words(" ".join(folding.unfolded(path.read_bytes()))) if edition in FOLDED else words.pdf(path)


def test_every_edition_holds_the_seed_in_order(shown: Workshop) -> None:
    seed = words.words((ROOT / "tests/seed.txt").read_text(encoding="utf-8"))

    lost = {name: words.missing(seed, _read(name, path)) for name, path in _paths(shown).items()}
    assert {name: words for name, words in lost.items() if words} == {}


@pytest.mark.parametrize("slug", [SLUG, "pictured"])
def test_type_is_never_smaller_than_its_edition_allows(shown: Workshop, slug: str) -> None:
    for edition, path in _paths(shown, slug).items():
        sizes = [size for size, _ in _sizes(path)]
        assert min(sizes) >= SMALLEST.get(edition, 9.0) - 0.01, edition
        body = 18 if edition == "large-print" else 12
        assert max(set(sizes), key=sizes.count) == pytest.approx(body, abs=0.01), edition


def test_no_edition_has_italics(shown: Workshop) -> None:
    paths = _paths(shown, "pictured")

    assert [name for name, path in paths.items() if any("Italic" in face for _, face in _sizes(path))] == []
    assert any("Bold" in face for _, face in _sizes(paths["a4"]))


@pytest.mark.parametrize("accent", ["#1f5f6b", "#c2410c", "#767676"])
def test_every_word_in_large_print_has_a_contrast_of_seven_to_one(accent: str) -> None:
    light = {
        "paper": "#ffffff", "text": "#1c2529", "muted": "#52606a", "rule": "#c9d3d6", "link": accent, "accent": accent,
        "accent-text": "#ffffff", "tint": "#edf3f4", "danger": "#9b2d1f", "danger-tint": "#fbf0ee",
    }  # fmt: skip

    ink = handout.large_ink(light)

    for role in ("text", "muted", "link", "accent", "danger"):
        assert min(contrast(ink[role], ink[ground]) for ground in ("paper", "tint", "danger-tint")) >= 7, role
    assert contrast(ink["accent-text"], ink["accent"]) >= 7


def test_the_seed_fills_its_sheets(shown: Workshop) -> None:
    flat = {name: path for name, path in _paths(shown).items() if name not in FOLDED}
    found = {name: fit.measure(path.read_bytes()) for name, path in flat.items()}

    assert {name: found[name].sides for name in SIDES} == SIDES
    assert [name for name, extent in found.items() if extent.sides % 2 or not 0.4 <= extent.fill <= 0.97] == []


def test_the_seed_is_a_booklet_with_covers_and_no_blank_page(shown: Workshop) -> None:
    pages = folding.unfolded(_paths(shown)["a5-booklet"].read_bytes())

    assert [bool(page) for page in pages] == [True] * 8
    assert "Ketamine Cause" in pages[0]
    assert "988" in pages[0]
    assert "Is this copy current?" in pages[-1]
    assert "Code b8wf717p" in pages[-1]
    assert [page.split()[0 if number % 2 == 0 else -1] for number, page in enumerate(_feet(pages), 2)] == list("234567")


def _feet(pages: list[str]) -> list[str]:
    return [page.splitlines()[-1] for page in pages[1:-1]]


@pytest.mark.parametrize("slug", [SLUG, "finding-help", "pictured"])
def test_words_of_a_booklet_keep_away_from_fold_and_edges_in_lines_of_75_characters(shown: Workshop, slug: str) -> None:
    path = _paths(shown, slug)["a5-booklet"]
    document = pypdfium2.PdfDocument(path)
    for side in document:
        width, height = side.get_size()
        text = side.get_textpage()
        for left, bottom, right, top in [text.get_rect(number) for number in range(text.count_rects())]:
            inner, outer = sorted((abs(left - width / 2), abs(right - width / 2)))
            assert (left < width / 2) == (right < width / 2)
            assert inner >= 14 * MM
            assert min(width / 2 - outer, bottom, height - top) >= 5 * MM
    document.close()
    lines = [line for halves in folding.halves(path.read_bytes()) for half in halves for line in half.splitlines()]
    assert max(map(len, lines)) <= 75


def test_the_code_on_a_booklet_leads_to_the_page(shown: Workshop, run: Run, tmp_path: Path) -> None:
    run("pdftoppm", "-r", "150", "-gray", "-png", "-l", "1", _paths(shown)["a5-booklet"], tmp_path / "side")

    found = run("zbarimg", "-q", "--raw", *tmp_path.glob("side*.png")).split()
    (code,) = (address.split("/")[4] for address in found if address.startswith("https://www.example.org/verify/"))
    assert code in words.pdf(_paths(shown)["a4"])


@pytest.mark.parametrize("slug", [SLUG, "finding-help", "pictured"])
def test_the_office_edition_uses_black_ink_alone_and_little(shown: Workshop, run: Run, slug: str) -> None:
    found = run("gs", "-q", "-o", "-", "-sDEVICE=ink_cov", _paths(shown, slug)["office"])
    inks = [[float(value) for value in line.split()[:4]] for line in re.findall(r"(?m)^.*CMYK OK$", found)]

    assert inks
    assert all(side[:3] == [0, 0, 0] for side in inks)
    assert sum(side[3] for side in inks) / len(inks) <= 10


def test_the_other_editions_would_fail_that_test(shown: Workshop, run: Run) -> None:
    found = run("gs", "-q", "-o", "-", "-sDEVICE=ink_cov", _paths(shown)["a4"])

    assert float(found.split()[0]) > 1


def test_all_of_them_pass_the_proof_but_for_a_picture_too_coarse_for_a_press(shown: Workshop) -> None:
    if missing := proof.lacking():
        absent(missing[0])
    copies = proof.handouts(shown.desk, NOW)
    findings = [*(finding for found in copies for finding in proof.prove(found)), *proof.prove_slowly(copies)]

    assert len(copies) == 3 * len(handout.EDITIONS)
    assert all("https://www.example.org" in copy.asked.typed for copy in copies), "whose hyphens may end a line"
    assert [(finding.file, finding.rule) for finding in findings] == [
        ("outputs/handout/pictured-press.pdf", "press-density")
    ]


KINDS = {"rgb.png": "RGB", "clear.png": "RGBA", "grey.png": "L", "clear-grey.png": "LA", "palette.png": "P",
         "bits.png": "1", "rgb.jpg": "RGB", "grey.jpg": "L", "inks.jpg": "CMYK", "rgb.webp": "RGB",
         "palette.gif": "P"}  # fmt: skip


def test_pictures_of_every_kind_become_black_or_a_press_s_inks(workshop: Workshop, run: Run) -> None:
    formats = {"jpg": "JPEG"}
    for name, mode in KINDS.items():
        stream = io.BytesIO()
        # Left half red, right half white, so that a picture turned upside down in its inks would show.
        picture = Image.new("RGB", (400, 200), "#ffffff")
        picture.paste("#cc3311", (0, 0, 200, 200))
        ending = name.rpartition(".")[2]
        picture.convert(mode).save(stream, formats.get(ending, ending.upper()))
        workshop.write(f"content/images/{name}", stream.getvalue())
    figures = "".join(f"  - figure: {{src: {name}, alt: A picture}}\n" for name in KINDS)
    head = "title: Pictures\nsummary: Of every kind.\nauthors: [The Team]\ndate: 2025-03-14\n"
    workshop.article("kinds", f"{head}channels: {{handout: {{editions: [office, press]}}}}\nbody:\n{figures}")

    assert workshop.build(only=("handout",)).faults == ()

    office, press = (workshop.root / f"outputs/handout/kinds-{name}.pdf" for name in ("office", "press"))
    inks = re.findall(
        r"(?m)^ *([\d.]+) +([\d.]+) +([\d.]+) +[\d.]+ +CMYK OK$", run("gs", "-q", "-o", "-", "-sDEVICE=ink_cov", office)
    )
    assert inks
    assert all(float(ink) == 0 for side in inks for ink in side)
    with pikepdf.open(press) as found:
        streams = [part for part in found.objects if isinstance(part, pikepdf.Stream)]
        images = [part for part in streams if part.get("/Subtype") == "/Image"]
        spaces = [str(image.ColorSpace) for image in images]
        assert len(images) >= len(KINDS)
        assert set(spaces) == {"/DeviceCMYK", "/DeviceGray"}
        assert spaces.count("/DeviceCMYK") >= 7
        for image in (image for image in images if image.ColorSpace == "/DeviceCMYK"):
            if "/SMask" in image:  # what is clear in a picture is another one
                del image["/SMask"]
            grey = pikepdf.PdfImage(image).as_pil_image().convert("L")
            red, white = (grey.getpixel((x, 100)) for x in (100, 300))
            assert isinstance(red, int)
            assert isinstance(white, int)
            assert red < 170 < 240 < white, image.get("/Filter")
