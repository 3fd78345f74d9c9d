"""The checklist of a print-ready, accessible handout: 25 points, on the seed article in every edition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import folding
import page
import pikepdf
import pypdfium2
import pytest
import tagged
import words
import yaml
from conftest import NOW, ROOT, Run, Workshop
from tagged import Element

from pressrun import build, drawing, imprint, model, pdf
from pressrun.channels import handout
from pressrun.colours import contrast
from pressrun.proof import engines
from pressrun.proof import made as proof

pytestmark = pytest.mark.heavy

SLUG = "ketamine-withdrawal"
MM = 72 / 25.4
EDITIONS = tuple(handout.EDITIONS)
ALOUD = ("a4", "letter", "large-print", "office")
TAGGED = (*ALOUD, "press")
LINK = f"https://www.example.org/{SLUG}/"


@pytest.fixture(scope="module")
def seed(shown: Workshop) -> dict[str, Path]:
    return {name: shown.root / f"outputs/handout/{SLUG}-{name}.pdf" for name in EDITIONS}


@pytest.fixture(scope="module")
def article(shown: Workshop) -> model.Article:
    found = next(found for found in build.read(shown.desk, NOW).publication.on("handout") if found.slug == SLUG)
    assert found.body
    return found


@pytest.fixture(scope="module")
def findings(shown: Workshop) -> dict[str, set[str]]:
    """The rules that the proof finds broken, by edition."""
    copies = proof.handouts(shown.desk, NOW, SLUG)
    assert len(copies) == len(EDITIONS)
    return {copy.path.stem.removeprefix(f"{SLUG}-"): {found.rule for found in proof.prove(copy)} for copy in copies}


def _holds(findings: dict[str, set[str]], *names: str, editions: tuple[str, ...] = EDITIONS) -> bool:
    """Whether the proof has these rules for these editions, and finds none of them broken."""
    for edition in editions:
        known = {rule.name for rule in proof.rules(proof.EDITIONS[edition])}
        assert set(names) <= known, (edition, set(names) - known)
        assert not findings[edition] & set(names), (edition, findings[edition])
    return True


def _opened(path: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(path) as found:
        yield found


def _typed() -> dict[str, object]:
    found = yaml.safe_load((ROOT / f"content/articles/{SLUG}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


# ---- accessible


def test_01_it_conforms_to_pdf_ua_1_in_the_eyes_of_two_validators(seed: dict[str, Path]) -> None:
    for name in TAGGED:
        report = page.validate_pdf(str(seed[name]), profile=page.ValidationProfile.PDF_UA_1)
        assert report.is_compliant, (name, [(found.rule_id, found.message) for found in report.failures])
    assert [str(found) for found in engines.vera([(seed[name], name) for name in TAGGED])] == []


def test_02_the_document_says_what_it_is(seed: dict[str, Path], article: model.Article) -> None:
    for name in EDITIONS:
        with pikepdf.open(seed[name]) as found:
            assert str(found.Root.Lang) == "en-US"
            assert found.Root.ViewerPreferences.DisplayDocTitle
            said = {key: str(found.docinfo.get(f"/{key}", "")) for key in ("Title", "Author", "Subject", "Keywords")}
            assert said["Title"] == article.title
            assert said["Author"] == article.authors[0].name
            assert said["Subject"] == article.summary
            assert said["Keywords"] == article.category
            with found.open_metadata(set_pikepdf_as_editor=False) as metadata:
                assert metadata["dc:title"] == article.title


def _outline(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [" ".join(mark.get_title().split()) for mark in document.get_toc()]
    finally:
        document.close()


def test_03_headings_are_the_article_s_level_by_level(seed: dict[str, Path], article: model.Article) -> None:
    levels = {"heading": "H2", "subheading": "H3"}
    wanted = [("H1", article.title)]
    wanted += [
        (levels[block.kind], model.plain(getattr(block, block.kind))) for block in article.body if block.kind in levels
    ]
    own = ("Get help now", "Notes")
    for name in TAGGED:
        tree = tagged.read(seed[name]).tree
        found = [(element.kind, element.text()) for element in tree.all("H1", "H2", "H3", "H4")]
        assert [pair for pair in found if pair[1] not in own] == wanted, name
        depths = [int(kind[1]) for kind, _ in found]
        assert depths[0] == 1
        assert depths.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(depths))
        assert [title for title in _outline(seed[name]) if title not in own] == [title for _, title in wanted]


def test_04_no_line_is_an_element_and_running_text_is_an_artifact(seed: dict[str, Path]) -> None:
    for name in TAGGED:
        found = tagged.read(seed[name])
        assert found.loose == []
        lines = [span for span in found.tree.all("Span") if len(span.kids) == 1 and not span.language]
        links = 0 if name != "press" else len(lines)  # on a press, where nothing can be followed, a link is a span
        assert len(lines) == links, name
        feet = [text for text, _ in found.artifacts]
        assert any(text.startswith("Page 1 of") for text in feet)
        assert "Page 1 of" not in found.tree.text()
        assert any("/Type /Pagination" in properties for properties in tagged.properties(seed[name]))


def test_05_lists_say_how_they_count_and_pictures_what_they_show(
    seed: dict[str, Path], article: model.Article, shown: Workshop
) -> None:
    wanted = [
        len(getattr(block, block.kind)) for block in article.body if block.kind in ("list", "steps", "terms")
    ]  # fmt: skip
    code = imprint.code(article)
    for name in TAGGED:
        tree = tagged.read(seed[name]).tree
        lists = [element for element in tree.all("L") if element.elements("LI")]
        assert [len(element.elements("LI")) for element in lists] == wanted, name
        assert all(element.numbering for element in lists)
        alts = [figure.alt for figure in tree.all("Figure")]
        assert alts == [f"QR code that leads to https://www.example.org/verify/{code}/"]


def test_06_its_words_are_the_article_s_in_order(seed: dict[str, Path], run: Run) -> None:
    wanted = words.words((ROOT / "tests/seed.txt").read_text(encoding="utf-8"))
    for name in TAGGED:
        told = re.findall(r'"(.*)"$', run("pdfinfo", "-struct-text", seed[name]), re.MULTILINE)
        assert words.missing(wanted, words.words(" ".join(told))) == [], name
    assert words.missing(wanted, words.words(" ".join(folding.unfolded(seed["a5-booklet"].read_bytes())))) == []


def test_07_links_are_described_lead_to_safe_targets_and_print_their_address(
    seed: dict[str, Path], findings: dict[str, set[str]]
) -> None:
    assert _holds(findings, "links-described", "links-target", editions=ALOUD)
    for name in EDITIONS:
        text = " ".join(words.pdf(seed[name]))
        assert "nami org" in text
        assert "example org" in text


def test_08_every_font_is_embedded_subset_and_has_its_letters(seed: dict[str, Path], run: Run) -> None:
    for name in EDITIONS:
        rows = run("pdffonts", seed[name]).splitlines()[2:]
        assert len(rows) >= 3, name
        for row in rows:
            assert re.search(r" yes yes yes +\d+ +\d+$", row), row
            assert "Type 3" not in row


def test_09_every_word_stands_out_from_its_ground(shown: Workshop) -> None:
    light = yaml.safe_load((ROOT / "templates/tokens.yaml").read_text(encoding="utf-8"))["light"]
    texts, grounds = ("text", "muted", "link", "accent", "danger"), ("paper", "tint", "danger-tint")
    for ink, least in ((light, 4.5), (handout.large_ink(light), 7.0)):
        assert min(contrast(ink[text], ink[ground]) for text, ground in product(texts, grounds)) >= least
        assert contrast(ink["accent-text"], ink["accent"]) >= least if least < 7 else 7


# ---- legible


def test_10_type_is_large_enough(findings: dict[str, set[str]]) -> None:
    assert _holds(findings, "type-body", "type-smallest")
    assert proof.EDITIONS["large-print"].body == 18
    assert proof.EDITIONS["large-print"].smallest == 16


def test_11_lines_are_short_ragged_whole_and_upright(seed: dict[str, Path], findings: dict[str, set[str]]) -> None:
    assert _holds(findings, "type-line", "type-hyphen", "type-italics")
    typed = set(re.findall(r"\b[A-Z]{4,}\b", (ROOT / f"content/articles/{SLUG}.yaml").read_text(encoding="utf-8")))
    own = {"SAMHSA", "NAMI"}
    for name in EDITIONS:
        assert {word for word in words.pdf(seed[name]) if re.fullmatch(r"[A-Z]{4,}", word)} <= typed | own
        for found in _opened(seed[name]):
            # Justified text would be stretched by the spaces between its words.
            steps = [step for sheet in found.pages for step in pikepdf.parse_content_stream(sheet)]
            assert not any(float(step.operands[0]) for step in steps if str(step.operator) == "Tw")
    css = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates/handout").rglob("*.css"))
    assert "justify;" not in css.replace("justify-content", "")


def test_12_sheets_are_filled_and_no_heading_or_page_is_stranded(
    seed: dict[str, Path], findings: dict[str, set[str]]
) -> None:
    flat = tuple(name for name in EDITIONS if name != "a5-booklet")
    assert _holds(findings, "sides-even", "sides-fill", "sides-lines", "sides-heading", editions=flat)
    sides = {}
    for name in EDITIONS:
        with pikepdf.open(seed[name]) as found:
            sides[name] = len(found.pages)
    assert sides == {"a4": 2, "letter": 2, "large-print": 6, "office": 2, "a5-booklet": 4, "press": 2}
    assert [runt for name in ("a4", "letter", "press", "large-print") for runt in _runts(seed[name])] == []


def _runts(path: Path) -> list[str]:
    """Last lines of paragraphs that are narrower than 12 % of their column, by PDFium's boxes."""
    document = pypdfium2.PdfDocument(path)
    found = []
    for sheet in document:
        text = sheet.get_textpage()
        left, _, right, _ = sheet.get_trimbox()
        column = (right - left - 24 * MM) / (1 if "large" in path.stem else 2)
        for number in range(text.count_rects()):
            box = text.get_rect(number)
            words_of_line = text.get_text_bounded(*box).strip()
            alone = not any(
                abs(other[1] - box[1]) < 6 and other != box and min(abs(other[0] - box[2]), abs(box[0] - other[2])) < 30
                for other in map(text.get_rect, range(text.count_rects()))
            )
            if alone and box[2] - box[0] < 0.12 * column and re.search(r"[.:!?]$", words_of_line):
                found.append(words_of_line)
    document.close()
    return found


def test_13_no_click_here_and_a_code_that_a_telephone_can_read(
    seed: dict[str, Path], article: model.Article, shown: Workshop, run: Run, tmp_path: Path
) -> None:
    answer = f"https://www.example.org/verify/{imprint.code(article)}/"
    assert build.read(shown.desk, NOW).warnings == ()
    for name in EDITIONS:
        assert "click here" not in " ".join(words.pdf(seed[name])).lower()
        run("pdftoppm", "-r", "150", "-gray", "-png", seed[name], tmp_path / name)
        codes = [
            code
            for picture in sorted(tmp_path.glob(f"{name}-*.png"))
            for code in run("zbarimg", "-q", "--raw", picture, check=False).split()
            if code.startswith("http")  # what zbarimg says of the desktop's bus is no code
        ]
        assert codes == [answer], name
    (width,) = re.findall(r"\.code img \{ width: (\d+)mm", (ROOT / "templates/handout/style.css").read_text())
    modules = 29
    assert int(width) * modules / (modules + 8) >= 20  # four modules of white on each side


def test_14_it_says_who_wrote_it_when_what_is_current_and_whom_to_call(findings: dict[str, set[str]]) -> None:
    names = ("content-authors", "content-helplines", "content-code", "content-date", "content-version")
    assert _holds(findings, *names, "content-formats")


# ---- press


def test_15_boxes_of_the_press_edition(findings: dict[str, set[str]], seed: dict[str, Path]) -> None:
    assert _holds(findings, "x4-trim", "x4-boxes", "x4-art", "press-bleed", editions=("press",))
    with pikepdf.open(seed["press"]) as found:
        for sheet in found.pages:
            trim, bleed = ([float(side) for side in sheet.obj[box]] for box in ("/TrimBox", "/BleedBox"))
            assert all(abs(outer - inner) >= 3 * MM for outer, inner in zip(bleed, trim, strict=True))


def test_16_what_is_cut_bleeds_and_words_stay_clear_of_the_cut(findings: dict[str, set[str]]) -> None:
    assert _holds(findings, "press-cut", "press-margin", editions=("press",))
    assert _holds(findings, "office-margin", editions=(*ALOUD, "a5-booklet"))


def test_17_it_is_pdf_x_4_for_a_named_condition(findings: dict[str, set[str]], seed: dict[str, Path]) -> None:
    names = ("x4-version", "x4-encryption", "x4-id", "x4-conformance", "x4-packet", "x4-information", "x4-trapped")
    assert _holds(findings, *names, "x4-output-intent", "x4-condition", "x4-profile", editions=("press",))
    with pikepdf.open(seed["press"]) as found:
        assert str(found.Root.OutputIntents[0].OutputConditionIdentifier) == "FOGRA39"


def test_18_its_inks_are_the_press_s(findings: dict[str, set[str]]) -> None:
    names = ("x4-colours", "x4-images", "x4-groups", "press-small-text", "press-rich-black", "press-ink")
    assert _holds(findings, *names, "press-density", editions=("press",))


def test_19_nothing_but_paint_and_marks_outside_the_bleed(findings: dict[str, set[str]], seed: dict[str, Path]) -> None:
    assert _holds(findings, "x4-annotations", "x4-actions", "x4-attachments", "press-marks", editions=("press",))
    with pikepdf.open(seed["press"]) as found:
        assert not any("/Annots" in sheet.obj for sheet in found.pages)


def test_20_the_office_edition_needs_black_ink_alone_and_little(seed: dict[str, Path], run: Run) -> None:
    found = run("gs", "-q", "-o", "-", "-sDEVICE=ink_cov", seed["office"])
    inks = [[float(value) for value in line.split()[:4]] for line in re.findall(r"(?m)^.*CMYK OK$", found)]

    assert len(inks) == 2
    assert all(side[:3] == [0, 0, 0] for side in inks)
    assert sum(side[3] for side in inks) / len(inks) <= 10


# ---- general


def test_21_qpdf_finds_nothing_amiss(seed: dict[str, Path], run: Run) -> None:
    for path in seed.values():
        assert "No syntax or stream encoding errors found" in run("qpdf", "--check", path)


def test_22_weasyprint_complains_of_nothing_and_would_be_heard(tmp_path: Path) -> None:
    # A complaint is a fault, and the content was built without one; here is one.
    with pytest.raises(pdf.Complaint, match="no-such-rule"):
        pdf.lay_out(pdf.Sheet('<html lang="en"><title>x</title><h1>x</h1>', "h1 { no-such-rule: 1 }"), tmp_path)


def test_23_drawn_again_it_has_the_same_bytes(seed: dict[str, Path], shown: Workshop) -> None:
    before = {name: path.read_bytes() for name, path in seed.items()}
    for path in seed.values():
        path.unlink()
    drawing.fitted.cache_clear()

    shown.build(only=("handout",))

    assert [name for name, path in seed.items() if path.read_bytes() != before[name]] == []


def test_24_files_are_small(seed: dict[str, Path]) -> None:
    sizes = {name: path.stat().st_size for name, path in seed.items()}

    assert sizes["a4"] <= 60_000
    assert sizes["press"] <= 250_000
    assert max(size for name, size in sizes.items() if name != "press") <= 100_000


def test_25_the_booklet_folds_to_the_pages_in_order(seed: dict[str, Path]) -> None:
    with pikepdf.open(seed["a5-booklet"]) as found:
        assert len(found.pages) == 4
        for side in found.pages:
            assert [float(number) / MM for number in side.mediabox] == pytest.approx([0, 0, 297, 210], abs=0.1)
    pages = folding.unfolded(seed["a5-booklet"].read_bytes())
    assert all(pages)
    numbers = [re.findall(r"^\d$|^\d(?= )|(?<= )\d$", text.splitlines()[-1]) for text in pages[1:-1]]
    assert [int(number) for found in numbers for number in found[:1]] == [2, 3, 4, 5, 6, 7]


def test_every_element_that_is_read_aloud_is_known() -> None:
    """The reader of trees that these points rely on sees what is wrong with one."""
    broken = Element("Document", kids={0: Element("H1", kids={0: "Title"}), 1: Element("H3", kids={0: "Deep"})})

    assert [element.kind for element in broken.all("H1", "H2", "H3")] == ["H1", "H3"]
