"""The handout: accessible, hermetic, and as large as its paper."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import page
import pypdfium2
import pytest
import words
from conftest import ARTICLE, ROOT, Run, Workshop

from pressrun import pdf
from pressrun.pdf import press
from pressrun.templates import tied

MM = 72 / 25.4
SIZES = {"a4": (210 * MM, 297 * MM), "letter": (612.0, 792.0), "press": (210 * MM, 297 * MM)}


def _handouts(published: Workshop) -> list[Path]:
    found = sorted((published.root / "outputs/handout").glob("*.pdf"))
    assert len(found) == 6
    return found


def test_every_handout_conforms_to_pdf_ua_1(published: Workshop) -> None:
    for path in _handouts(published):
        report = page.validate_pdf(str(path), profile=page.ValidationProfile.PDF_UA_1)
        assert [(fault.rule_id, fault.message) for fault in report.failures] == [], path.name
        assert report.is_compliant


def test_the_validator_would_see_a_document_whose_headings_begin_low(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(pdf.lay_out(pdf.Sheet('<html lang="en"><title>x</title><h3>x</h3>', ""), tmp_path).write())

    assert not page.validate_pdf(str(bad), profile=page.ValidationProfile.PDF_UA_1).is_compliant


def test_each_edition_has_its_paper(published: Workshop) -> None:
    for path in _handouts(published):
        document = pypdfium2.PdfDocument(path)
        for sheet in document:
            left, bottom, right, top = sheet.get_trimbox()
            width, height = SIZES[path.stem.rpartition("-")[2]]
            assert abs(right - left - width) < 0.2
            assert abs(top - bottom - height) < 0.2
        document.close()


def test_the_press_edition_has_three_millimetres_of_bleed_and_marks_beyond_it(published: Workshop) -> None:
    document = pypdfium2.PdfDocument(published.root / "outputs/handout/ketamine-withdrawal-press.pdf")
    for sheet in document:
        trim, bleed, media = sheet.get_trimbox(), sheet.get_bleedbox(), sheet.get_mediabox()
        for side, sign in ((0, -1), (1, -1), (2, 1), (3, 1)):
            assert sign * (bleed[side] - trim[side]) >= 3 * MM
            assert sign * (media[side] - bleed[side]) >= 3 * MM
        picture = sheet.render(scale=4).to_pil().convert("L")
        x = int((trim[0] - media[0] - press.SLUG_PT + 4) * 4)
        y = int((media[3] - trim[3]) * 4)
        assert min(picture.getpixel((x, y + step)) for step in (-1, 0, 1)) < 128
    document.close()


def test_a_copy_says_which_text_it_has_and_where_to_ask_for_another(published: Workshop) -> None:
    codes = set()
    for path in _handouts(published):
        document = pypdfium2.PdfDocument(path)
        sides = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document]
        document.close()
        assert "For large print or another format, write to info@example.org" in sides[0]
        found = re.search(r"Code (\w{8}) · Version 1, March 14, 2025 · Text fingerprint [0-9a-f]{16} ", sides[0])
        assert found
        (colophon,) = " ".join(sides).split("Is this copy current? Scan, or go to ")[1:]
        assert colophon.startswith(
            f"example.org/verify/{found[1]} This article is in the category Addiction and created"
        )
        assert "Version 1, March 14, 2025." in colophon
        assert f"Online: example.org/{path.stem.rpartition('-')[0]}" in colophon
        codes.add((path.stem.rpartition("-")[0], found[1]))
    assert len(codes) == 2


def test_large_print_is_offered_where_it_is_made(workshop: Workshop) -> None:
    workshop.article("sleep", ARTICLE + "channels: {handout: {editions: [a4, large-print]}}\n")

    workshop.build(only=("handout",))

    found = {name: words.pdf(workshop.root / f"outputs/handout/sleep-{name}.pdf") for name in ("a4", "large-print")}
    assert words.missing(words.words("Also in large print. For another format, write to info"), found["a4"]) == []
    assert words.missing(words.words("Health For another format, write to info"), found["large-print"]) == []


def test_links_are_whole_addresses_and_no_file_of_this_machine(published: Workshop) -> None:
    for path in _handouts(published):
        data = path.read_bytes()
        assert b"file:" not in data
        assert str(ROOT).encode() not in data


def test_the_same_article_gives_the_same_bytes_again(published: Workshop) -> None:
    path = published.root / "outputs/handout/finding-help-a4.pdf"
    before = path.read_bytes()
    path.unlink()

    published.build(only=("handout",))

    assert path.read_bytes() == before


@pytest.mark.heavy
def test_a_letter_that_no_font_has_is_a_fault_at_its_article(workshop: Workshop) -> None:
    workshop.article("odd", ARTICLE.replace("A first paragraph.", "Text in \u4e2d\u6587."))
    workshop.article("good")

    result = workshop.build(only=("handout",))

    remedy = "Write something else, or keep this off paper with 'except: handout'."
    assert [str(fault).splitlines() for fault in result.faults] == [
        [
            f"content/articles/odd.yaml:6:{column}: The handout's typefaces have no '{character}' ({point}). {remedy}",
            "      Text in \u4e2d\u6587.",
            " " * (column + 3) + "^",
        ]
        for column, character, point in ((11, "\u4e2d", "U+4E2D"), (12, "\u6587", "U+6587"))
    ]
    assert (workshop.root / "outputs/handout/good-a4.pdf").is_file()
    assert not (workshop.root / "outputs/handout/odd-a4.pdf").exists()


@pytest.mark.heavy
def test_a_picture_s_name_may_hold_spaces(workshop: Workshop) -> None:
    dot = (ROOT / "tests/cases/long-form/dot.png").read_bytes()
    workshop.write("content/images/My Picture (1).PNG", dot)
    workshop.article("seen", image='{src: My Picture (1).PNG, alt: "A dot"}')

    assert workshop.build(only=("handout", "web")).faults == ()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that notes who asks."""
    asked: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Note)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


_REACHES = [
    '<img src="{}" alt="x">',
    '<link rel="attachment" href="{}">',
    '<a rel="attachment" href="{}">x</a>',
    '<link rel="stylesheet" href="{}">',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<p style="background: url({})">x</p>',
    '<ul style="list-style: url({})"><li>x</li></ul>',
    '<style>@import "{}";</style>',
    '<style>@font-face {{ font-family: x; src: url("{}") }} p {{ font-family: x }}</style><p>x</p>',
    '<p style="border-image: url({}) 1">x</p>',
    '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
    '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
]


@pytest.mark.parametrize("markup", _REACHES)
@pytest.mark.parametrize("target", ["file", "http", "relative", "data"])
def test_a_handout_reads_nothing_that_was_not_declared(
    markup: str, target: str, tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-7f3a")
    base, asked = listener
    address = {
        "file": secret.as_uri(), "http": f"{base}/x", "relative": "secret.txt", "data": "data:text/plain,canary-7f3a",
    }[target]  # fmt: skip
    html = f'<html lang="en"><title>x</title><h1>x</h1>{markup.format(address)}'

    try:
        data = pdf.lay_out(pdf.Sheet(html, ""), tmp_path / "private").write()
    except pdf.Complaint:
        data = b""

    assert asked == []
    assert b"canary" not in data
    if data:
        assert not re.search(rb"/EmbeddedFile\b", data)


def test_a_rule_that_weasyprint_does_not_know_fails_the_drawing(tmp_path: Path) -> None:
    with pytest.raises(pdf.Complaint, match="text-wrap"):
        pdf.lay_out(pdf.Sheet('<html lang="en"><title>x</title><h1>x</h1>', "h1 { text-wrap: balance }"), tmp_path)


@pytest.mark.heavy
def test_qpdf_and_poppler_find_nothing_amiss(published: Workshop, run: Run) -> None:
    for path in _handouts(published):
        assert "No syntax or stream encoding errors found" in run("qpdf", "--check", path)
        fonts = run("pdffonts", path).splitlines()[2:]
        assert fonts
        assert [line for line in fonts if line.split()[-5:-3] != ["yes", "yes"]] == []
        facts = dict(re.findall(r"^([^:\n]+):\s+(.*)$", run("pdfinfo", path), re.MULTILINE))
        assert facts["Tagged"] == "yes"
        assert facts["Title"]


@pytest.mark.heavy
def test_the_code_on_paper_leads_to_the_page_that_says_whether_it_is_current(
    published: Workshop, run: Run, tmp_path: Path
) -> None:
    for path in _handouts(published):
        run("pdftoppm", "-r", "150", "-gray", "-png", path, tmp_path / path.stem)
        found = run("zbarimg", "-q", "--raw", *sorted(tmp_path.glob(f"{path.stem}-*.png")), check=False)
        (code,) = re.findall(r"^https://www\.example\.org/verify/(\w{8})/$", found, re.MULTILINE)
        page = published.read(f"web/verify/{code}/index.html")
        assert "This copy is current." in page
        assert f'href="../../{path.stem.rpartition("-")[0]}/index.html"' in page


@pytest.mark.parametrize("filler", [14, 16])
def test_a_short_list_stays_in_one_column_and_no_item_of_a_long_one_alone(workshop: Workshop, filler: int) -> None:
    short = "".join(f"{number}. Briefly {number}.\n" for number in range(1, 7))
    long = "".join(f"- Lengthy {number}: {'what stands in it takes lines ' * 4}\n" for number in range(1, 10))
    body = f"Beside the numbers.\n\n## One\n\n{'What fills a column. ' * 6 * filler}\n\n{short}\n## Two\n\n{long}"
    head = ARTICLE.partition("body:")[0]
    workshop.article("torn", head + "body: |\n" + "".join(f"  {line}\n" for line in body.splitlines()))
    workshop.write("content/site.yaml", workshop.root.joinpath("content/site.yaml").read_text() + "editions: [a4]\n")
    assert workshop.build(only=("handout",)).faults == ()

    document = pypdfium2.PdfDocument(workshop.root / "outputs/handout/torn-a4.pdf")
    items: dict[str, Counter[tuple[int, bool]]] = {"Briefly": Counter(), "Lengthy": Counter()}
    for number, sheet in enumerate(document):
        text = sheet.get_textpage()
        for word, columns in items.items():
            found = text.search(f"{word} ")
            while place := found.get_next():
                columns[number, text.get_charbox(place[0])[0] > sheet.get_width() / 2] += 1
    document.close()
    assert list(items["Briefly"].values()) == [6]
    assert items["Lengthy"].total() == 9
    assert len(items["Lengthy"]) > 1
    assert min(items["Lengthy"].values()) > 1


@pytest.mark.parametrize(
    ("title", "set_"),
    [
        ("Getting a Good Rest: A Short Guide", "Getting a Good Rest: A~Short~Guide"),
        ("Sleep and You", "Sleep and You"),
        ("What Helps – a Guide for Families", "What Helps – a~Guide for~Families"),
        ("Over 65: 7 of Ten Sleep Less", "Over 65: 7 of Ten Sleep~Less"),
    ],
)
def test_no_line_of_a_title_ends_with_the_short_word_that_begins_a_phrase(title: str, set_: str) -> None:
    assert tied(title) == set_.replace("~", "\u00a0")
