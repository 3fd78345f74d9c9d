"""Outreach sites' own copies of the handouts."""

from __future__ import annotations

from pathlib import Path

import page
import pypdfium2
import pytest
from conftest import Run, Workshop

NORTH = """\
name: North Street Clinic
address: 12 North Street
phone: "555 0100"
hours: Monday to Friday
url: https://north.example.org/visit
"""
LIBRARY = 'name: The Library\nphone: "555 0199"\n'
ONLY = ("handout",)


@pytest.fixture
def sited(workshop: Workshop) -> Workshop:
    workshop.article("sleep", channels="{handout: {editions: [a4]}}")
    workshop.write("content/sites/north.yaml", NORTH)
    workshop.write("content/sites/library.yaml", LIBRARY)
    return workshop


def _copy(sited: Workshop, site: str) -> Path:
    return sited.root / f"outputs/handout/sites/{site}/sleep-a4.pdf"


def _text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return " ".join(" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in document)
    finally:
        document.close()


def test_each_site_has_a_copy_with_its_own_data_and_no_other_sites(sited: Workshop) -> None:
    result = sited.build(only=ONLY, site="all")

    assert result.faults == ()
    north, library = _text(_copy(sited, "north")), _text(_copy(sited, "library"))
    for words in ("North Street Clinic", "12 North Street", "555 0100", "Monday to Friday", "north.example.org/visit"):
        assert words in north
        assert words not in library
    for words in ("The Library", "555 0199"):
        assert words in library
        assert words not in north
    usual = _text(sited.root / "outputs/handout/sleep-a4.pdf")
    assert "Library" not in usual
    assert "North" not in usual
    assert page.validate_pdf(str(_copy(sited, "north")), profile=page.ValidationProfile.PDF_UA_1).is_compliant


def test_a_local_copy_is_neither_published_nor_shown(sited: Workshop) -> None:
    sited.build(only=(), site="all")

    assert not [path for path in (sited.root / "outputs/web").rglob("*") if "sites" in path.parts]
    assert "555 0100" not in sited.read("web/sleep/index.html") + sited.read("index.html") + sited.read("feed/feed.xml")


def test_one_site_can_be_named_and_other_builds_leave_its_copy_alone(sited: Workshop) -> None:
    sited.build(only=ONLY, site="north")

    assert _copy(sited, "north").is_file()
    assert not _copy(sited, "library").exists()
    sited.build(only=())
    assert _copy(sited, "north").is_file()


def test_the_copy_of_a_site_that_is_gone_is_removed_with_the_next_copies_of_all(sited: Workshop) -> None:
    sited.build(only=ONLY, site="all")
    (sited.root / "content/sites/north.yaml").unlink()

    result = sited.build(only=ONLY, site="all")

    assert result.removed == ("handout/sites/north/sleep-a4.pdf",)
    assert not _copy(sited, "north").parent.exists()
    assert _copy(sited, "library").is_file()


def test_a_site_that_is_not_there_is_named_with_the_nearest(sited: Workshop) -> None:
    with pytest.raises(ValueError, match=r"There is no outreach site 'nort'. Did you mean 'north'\?"):
        sited.build(only=ONLY, site="nort")


@pytest.mark.heavy
def test_the_code_of_a_copy_leads_where_its_site_says(sited: Workshop, run: Run, tmp_path: Path) -> None:
    sited.build(only=ONLY, site="all")
    found = {}
    for site in ("north", "library"):
        run("pdftoppm", "-r", "150", "-gray", "-png", _copy(sited, site), tmp_path / site)
        pictures = sorted(tmp_path.glob(f"{site}*.png"))
        codes = [run("zbarimg", "-q", "--raw", picture, check=False).split() for picture in pictures]
        found[site] = [code for codes_of_side in codes for code in codes_of_side]

    assert "https://north.example.org/visit" in found["north"]
    assert not any("north.example.org" in code for code in found["library"])
