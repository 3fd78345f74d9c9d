"""The booklet: pages on sheets so that folding them gives a book."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import folding
import pikepdf
import pypdfium2
import pytest
from conftest import ARTICLE, ROOT, SITE, Run, Workshop

from pressrun import fit
from pressrun.pdf import imposition

MM = 72 / 25.4
A5 = (148 * MM, 210 * MM)
BLEED = 20.0
COUNTS = (1, 2, 3, 5, 8, 13)
XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="" pdfuaid:part="1"/>
<rdf:Description rdf:about=""><dc:title><rdf:Alt><rdf:li xml:lang="x-default">A title</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""


def booklet(lines: Iterable[int]) -> bytes:
    """Tagged A5 pages with bleed around them, all red, each with so many lines that name their page."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for number, count in enumerate(lines, 1):
        page = pdf.add_blank_page(page_size=(A5[0] + 2 * BLEED, A5[1] + 2 * BLEED))
        page.trimbox = pikepdf.Array([BLEED, BLEED, BLEED + A5[0], BLEED + A5[1]])
        page.resources.Font = pikepdf.Dictionary(F=font)
        words = "".join(f"BT /F 12 Tf 70 {500 - 15 * line} Td (Page {number}) Tj ET " for line in range(count))
        paint = f"1 0.8 0.8 rg 0 0 {A5[0] + 2 * BLEED} {A5[1] + 2 * BLEED} re f 0 g "
        page.Contents = pdf.make_stream((paint + words).encode())
    pdf.docinfo.Title, pdf.docinfo.Author = "A title", "The Team"
    pdf.Root.Lang = pikepdf.String("en-US")
    pdf.Root.Metadata = pdf.make_stream(XMP.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    pdf.Root.StructTreeRoot = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    stream = io.BytesIO()
    pdf.save(stream, deterministic_id=True)
    return stream.getvalue()


def _pages(count: int) -> bytes:
    return booklet([1] * count)


def _characters(data: bytes) -> Iterator[tuple[int, str, tuple[float, ...]]]:
    """Side, character and box of everything printed."""
    document = pypdfium2.PdfDocument(data)
    for number, side in enumerate(document):
        text = side.get_textpage()
        for place in range(text.count_chars()):
            if character := text.get_text_range(place, 1).strip():
                yield number, character, text.get_charbox(place)
    document.close()


@pytest.mark.parametrize("count", COUNTS)
def test_folded_sheets_read_in_the_order_of_the_pages_with_blank_ones_behind(count: int) -> None:
    read = folding.unfolded(imposition.impose(_pages(count)))

    assert read == [f"Page {number}" for number in range(1, count + 1)] + [""] * (-count % 4)


def test_eight_pages_lie_on_two_sheets_as_printers_lay_them() -> None:
    laid = [[8, 1], [2, 7], [6, 3], [4, 5]]

    found = folding.halves(imposition.impose(_pages(8)))

    assert [[int(text.removeprefix("Page ")) for text in side] for side in found] == laid
    assert imposition.order(8) == [tuple(side) for side in laid]


def test_a_booklet_read_from_right_to_left_opens_at_the_other_side() -> None:
    found = folding.halves(imposition.impose(_pages(5), right_to_left=True))

    assert found == [("Page 1", ""), ("", "Page 2"), ("Page 3", ""), ("Page 5", "Page 4")]


@pytest.mark.parametrize("count", COUNTS)
def test_there_are_as_few_sheets_of_a4_as_hold_the_pages(count: int) -> None:
    document = pypdfium2.PdfDocument(imposition.impose(_pages(count)))

    assert len(document) == {1: 2, 2: 2, 3: 2, 5: 4, 8: 4, 13: 8}[count]
    for side in document:
        assert side.get_size() == pytest.approx((297 * MM, 210 * MM), abs=0.01)
    document.close()


@pytest.mark.parametrize("count", COUNTS)
def test_nothing_is_lost_or_printed_twice(count: int) -> None:
    source = _pages(count)

    before = Counter(character for _, character, _ in _characters(source))
    assert sum(before.values()) >= 5 * count
    assert Counter(character for _, character, _ in _characters(imposition.impose(source))) == before


@pytest.mark.parametrize("count", COUNTS)
def test_pages_keep_their_size_and_meet_at_the_fold(count: int) -> None:
    """Every character has its place on its page, measured from the edge at the fold."""
    source = _pages(count)
    before: dict[int, list[tuple[float, ...]]] = {}
    for page, _, box in _characters(source):
        before.setdefault(page + 1, []).append(box)
    after: dict[tuple[int, bool], list[tuple[float, ...]]] = {}
    for side, _, box in _characters(imposition.impose(source)):
        after.setdefault((side, box[0] > 297 * MM / 2), []).append(box)

    expected = {
        (side, right): _moved(before[page], 297 * MM / 2 - BLEED - (0 if right else A5[0]), -BLEED)
        for side, pages in enumerate(imposition.order(count))
        for right, page in enumerate(pages)
        if page <= count
    }
    assert {place: pytest.approx(_flat(boxes), abs=0.01) for place, boxes in expected.items()} == {
        place: _flat(boxes) for place, boxes in after.items()
    }


def _moved(boxes: list[tuple[float, ...]], x: float, y: float) -> list[tuple[float, ...]]:
    return [(left + x, bottom + y, right + x, top + y) for left, bottom, right, top in boxes]


def _flat(boxes: list[tuple[float, ...]]) -> list[float]:
    return [value for box in boxes for value in box]


def test_what_bleeds_over_a_page_s_trim_does_not_reach_its_neighbour() -> None:
    document = pypdfium2.PdfDocument(imposition.impose(_pages(1)))
    picture = document[0].render(scale=2).to_pil().convert("RGB")
    document.close()
    fold, middle = round(297 * MM), round(210 * MM)

    assert picture.getpixel((fold + 2, middle)) == (255, 204, 204)
    assert {picture.getpixel((x, middle)) for x in range(fold - 60, fold - 1)} == {(255, 255, 255)}


def test_every_side_tells_by_thin_black_ticks_where_to_fold() -> None:
    with pikepdf.open(io.BytesIO(imposition.impose(_pages(5)))) as pdf:
        for side in pdf.pages:
            steps = [(str(step.operator), [*map(float, step.operands)]) for step in pikepdf.parse_content_stream(side)
                     if str(step.operator) != "Do"]  # fmt: skip
            assert [found for name, found in steps if name in ("K", "k", "RG", "rg", "G", "g", "CS", "cs")] == [
                [0, 0, 0, 1]
            ]
            assert [found for name, found in steps if name == "w"] == [[0.25]]
            ends = [found for name, found in steps if name in ("m", "l")]
            assert [x for x, _ in ends] == pytest.approx([297 * MM / 2] * 4, abs=0.01)
            assert [y for _, y in ends] == pytest.approx([0, 7 * MM, 203 * MM, 210 * MM], abs=0.01)


def test_the_printer_is_told_how_and_the_reader_what_it_is() -> None:
    with pikepdf.open(io.BytesIO(imposition.impose(_pages(3)))) as pdf:
        assert {key: str(value) for key, value in pdf.Root.ViewerPreferences.items()} == {
            "/DisplayDocTitle": "True", "/Duplex": "/DuplexFlipShortEdge", "/PrintScaling": "/None",
        }  # fmt: skip
        assert str(pdf.Root.Lang) == "en-US"
        assert (str(pdf.docinfo.Title), str(pdf.docinfo.Author)) == ("A title", "The Team")
        assert pdf.open_metadata()["dc:title"] == "A title"


def test_sheets_claim_no_tags() -> None:
    data = imposition.impose(_pages(3))
    with pikepdf.open(io.BytesIO(_pages(3))) as source, pikepdf.open(io.BytesIO(data)) as pdf:
        assert {"/StructTreeRoot", "/MarkInfo"} <= set(source.Root.keys())
        assert {"/StructTreeRoot", "/MarkInfo"} & set(pdf.Root.keys()) == set()
        assert "pdfuaid:part" in source.open_metadata()
        assert "pdfuaid:part" not in pdf.open_metadata()


def test_pages_share_their_fonts() -> None:
    with pikepdf.open(io.BytesIO(imposition.impose(_pages(13)))) as pdf:
        fonts = [
            found for found in pdf.objects if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/Font"
        ]
        assert len(fonts) == 1


@pytest.mark.heavy
def test_the_same_pages_give_the_same_bytes_whatever_the_process_and_the_hour() -> None:
    source = _pages(5)
    code = "import sys; from pressrun.pdf.imposition import impose; "
    code += "sys.stdout.buffer.write(impose(sys.stdin.buffer.read()))"

    def impose(seed: str, zone: str) -> bytes:
        time.sleep(1.1)  # qpdf would name a file by the second
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", code], input=source, capture_output=True, check=True, cwd=ROOT, env=environment
        )
        return done.stdout

    assert impose("1", "UTC") == impose("77", "Asia/Tokyo") == imposition.impose(source)


@pytest.mark.heavy
@pytest.mark.parametrize("count", COUNTS)
def test_qpdf_finds_nothing_amiss_in_sheets(count: int, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "sheets.pdf"
    path.write_bytes(imposition.impose(_pages(count)))

    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", path)


@pytest.mark.parametrize(
    ("layouts", "looser", "chosen"),
    [
        ([[9] * 4], {}, [9] * 4),
        ([[9] * 9, [9] * 8, [9] * 6], {}, [9] * 8),  # fewest sheets, then fewest blanks
        ([[9] * 6, [9] * 7, [9] * 5], {1: [[9] * 9]}, [9] * 7),  # looser would take one more sheet
        ([[9] * 6, [8] * 6], {0: [[9] * 7, [9] * 8]}, [9] * 8),  # the first of equals, and so loose that it fills
        ([[9] * 2], {0: [[9, 9, 7, 9], [9, 9, 0, 1]]}, [9, 9, 0, 1]),  # better blank than few lines
        ([[9] * 2], {0: [[9, 9, 7, 9]]}, [9] * 2),
    ],
)
def test_the_booklet_with_fewest_sheets_and_then_fewest_blanks_is_chosen(
    layouts: list[list[int]], looser: dict[int, list[list[int]]], chosen: list[int]
) -> None:
    found = fit.fold(map(booklet, layouts), lambda number: map(booklet, looser[number]))

    assert found == booklet(chosen)


@pytest.mark.heavy
@pytest.mark.parametrize(("site", "article", "place"), [
    ("", "channels: {handout: {editions: [a5-booklet]}}\n", "1:33"), ("editions: [a5-booklet]\n", "", "1:1"),
])  # fmt: skip
def test_a_booklet_without_pikepdf_is_a_fault_with_its_remedy(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, site: str, article: str, place: str
) -> None:
    monkeypatch.setattr(imposition, "find_spec", lambda name: None)
    workshop.write("content/site.yaml", SITE + site)
    workshop.article("sleep", article + ARTICLE)

    faults = workshop.build(only=("handout",)).faults

    remedy = "Run 'pip install pikepdf', or take this edition out of 'editions:'."
    assert [str(fault).splitlines()[0] for fault in faults] == [
        f"content/articles/sleep.yaml:{place}: The edition a5-booklet needs pikepdf, which is not installed. {remedy}"
    ]
    assert list((workshop.root / "outputs").rglob("sleep*.pdf")) == []
