"""What a handout tells those who have it read to them: its structure tree against the article."""

from __future__ import annotations

import re
from pathlib import Path

import page
import pytest
import tagged
import weasyprint
import words
from conftest import ARTICLE, ROOT, Workshop

from pressrun import pdf

SLUG = "ketamine-withdrawal"
SEED = (ROOT / "tests" / "seed.txt").read_text(encoding="utf-8").splitlines()
EDITIONS = ("a4", "letter", "press")
#: blocks of text
BLOCKS = ("H1", "H2", "H3", "P", "LBody", "TH", "TD")
SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>'
LONG = " ".join(f"w{number}" for number in range(150))


@pytest.fixture(params=EDITIONS)
def seed(request: pytest.FixtureRequest, published: Workshop) -> Path:
    """The real article, edition by edition."""
    return published.root / f"outputs/handout/{SLUG}-{request.param}.pdf"


def _drawn(tmp_path: Path, body: str, css: str = "") -> Path:
    """A small PDF of a page that no article makes."""
    html = f'<html lang="en"><title>x</title><body><h1>Title</h1>{body}</body>'
    target = tmp_path / "drawn.pdf"
    rules = "@page { size: 300pt 400pt } ul { list-style: disc } img { width: 30pt }"
    sheet = pdf.Sheet(html, rules + css, {"a.svg": SQUARE})
    target.write_bytes(pdf.lay_out(sheet, tmp_path / "private").write())
    report = page.validate_pdf(str(target), profile=page.ValidationProfile.PDF_UA_1)
    assert [(fault.rule_id, fault.message) for fault in report.failures] == []
    return target


def _printed(element: tagged.Element) -> list[str]:
    """An element's words, without addresses printed behind links."""
    return words.words(re.sub(r"\(\w+\.\w+[^)]*\)", "", element.text()))


def _texts(element: tagged.Element, *kinds: str) -> list[str]:
    return [found.text() for found in element.all(*kinds)]


def _handout(workshop: Workshop, body: str) -> tagged.Tagged:
    workshop.article("made", ARTICLE.split("body:")[0] + f"body:\n{body}")
    result = workshop.build(only=("handout",))
    assert result.faults == ()
    return tagged.read(workshop.root / "outputs/handout/made-a4.pdf")


def test_headings_are_those_of_the_article_level_by_level(seed: Path) -> None:
    found = [(element.kind, " ".join(_printed(element))) for element in tagged.read(seed).tree.all("H1", "H2", "H3")]

    headings = [line for line in SEED if len(line) < 70 and not line.startswith("-") and line[-1] not in ":.,"]
    assert headings[-1].startswith("Conclusion")
    expected = [("H1" if line is SEED[0] else "H2", " ".join(words.words(line))) for line in headings]
    assert [heading for heading in found if heading[1] != "Get help now"] == expected


def test_each_paragraph_and_each_item_is_one_element_in_the_order_of_the_seed(seed: Path) -> None:
    """Columns and pages divide some of them (#2903)."""
    found = [_printed(element) for element in tagged.read(seed).tree.all("H1", "H2", "P", "LBody")]

    places = [found.index(words.words(line)) for line in SEED if words.words(line) in found]

    assert [line for line in SEED if words.words(line) not in found] == []
    assert places == sorted(places)
    assert len(set(places)) == len(SEED)


def test_the_tree_holds_every_word_of_the_seed_in_order_and_once(seed: Path) -> None:
    found = _printed(tagged.read(seed).tree)

    assert words.missing([word for line in SEED for word in words.words(line)], found) == []
    assert found.count("dissociative") == 1


def test_lists_have_the_items_and_the_kind_of_numbers_that_they_show(seed: Path) -> None:
    lists = [element for element in tagged.read(seed).tree.all("L") if len(element.elements("LI")) > 2]

    assert [(len(found.elements("LI")), found.numbering) for found in lists] == [
        (3, "None"), (5, "Disc"), (3, "None"), (5, "Decimal"), (5, "None"),
    ]  # fmt: skip
    assert all(found.elements() == found.elements("LI") for found in lists)


def test_no_span_wraps_a_line(seed: Path) -> None:
    """Readers announce each (#2482)."""
    assert [found.text() for found in tagged.read(seed).tree.all("Span") if not found.language and not found.alt] == []


def test_running_feet_are_pagination_and_not_in_the_tree(seed: Path) -> None:
    """WeasyPrint tags them and leaves the tags out of the tree (#1836)."""
    found = tagged.read(seed)

    assert found.loose == []
    assert any("Page 1 of 2" in text for text, _ in found.artifacts)
    assert {mark for _, mark in found.artifacts} == {"Artifact"}
    assert "Page" not in words.words(found.tree.text())
    assert tagged.properties(seed) == ["/Type /Pagination/Subtype /Footer"] * len(found.artifacts)


def test_the_pictures_of_a_handout_say_what_they_show(seed: Path) -> None:
    (figure,) = tagged.read(seed).tree.all("Figure")

    assert figure.alt == f"QR code that leads to https://www.example.org/{SLUG}/"


def test_items_may_hold_lists_and_paragraphs(workshop: Workshop) -> None:
    found = _handout(workshop, "  - |\n    - One\n\n      - inner\n\n      Last\n    - Two\n  - steps: [A, B]\n").tree

    outer, inner, steps = found.all("L")
    assert (outer.numbering, inner.numbering, steps.numbering) == ("Disc", "Disc", "Decimal")
    first, second = outer.elements()
    assert [kid.kind for kid in first.elements()] == ["Lbl", "LBody"]
    assert first.elements("LBody")[0].elements("L") == [inner]
    assert first.text() == "• One – inner Last"
    assert second.text() == "• Two"


@pytest.mark.heavy
def test_a_table_over_pages_has_one_head_and_every_cell_names_its_headers(workshop: Workshop) -> None:
    rows = "".join(f"        - [R{number}, a{number}, b{number}]\n" for number in range(60))
    found = _handout(
        workshop,
        f"  - table:\n      caption: All\n      columns: [N, A, B]\n      row_headers: true\n      rows:\n{rows}",
    )

    (table,) = found.tree.all("Table")
    assert [kid.kind for kid in table.elements()] == ["Caption", "THead", "TBody"]
    assert len(list(table.all("TR"))) == 61
    heads = {head.identifier: (head.text(), head.scope) for head in table.all("TH")}
    assert len(heads) == 3 + 60
    assert list(heads.values())[:4] == [("N", "Column"), ("A", "Column"), ("B", "Column"), ("R0", "Row")]
    named = [[heads[name][0] for name in cell.headers] for cell in table.all("TD")]
    assert named == [[column, f"R{number}"] for number in range(60) for column in "AB"]
    assert ("N", "Artifact") in found.artifacts
    assert found.loose == []


def test_a_paragraph_that_columns_and_pages_divide_is_one(tmp_path: Path) -> None:
    link = f'<a href="https://example.org/">{LONG}</a>'
    body = f"<main><p>{LONG} {link} {LONG}</p><ul><li>{LONG}<li>{LONG}</ul></main>"
    found = tagged.read(_drawn(tmp_path, body, "main { columns: 2 }")).tree

    (paragraph,) = found.all("P")
    assert paragraph.text() == f"{LONG} {LONG} {LONG}"
    assert [(kid.kind, kid.text()) for kid in paragraph.elements()] == [("Link", LONG)]
    (items,) = found.all("L")
    assert [item.text() for item in items.elements()] == [f"• {LONG}"] * 2


def test_text_of_another_language_says_so(tmp_path: Path) -> None:
    body = (
        f'<p>In <em lang="en">plain</em> <span lang="es">español {LONG}</span>.</p>'
        '<div lang="fr"><p>Bonjour</p><p lang="de">Hallo <strong lang="fr">ça</strong></p></div>'
    )
    found = tagged.read(_drawn(tmp_path, body)).tree

    told = [(element.kind, element.language, element.text()) for element in found.all() if element.language]
    assert told == [
        ("Span", "es", f"español {LONG}"), ("Div", "fr", "Bonjour Hallo ça"), ("P", "de", "Hallo ça"),
        ("Span", "fr", "ça"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "markup", ['<img src="asset:a.svg" alt="">', '<span aria-hidden="true">Deco <img src="asset:a.svg"></span>']
)
def test_decoration_is_an_artifact(markup: str, tmp_path: Path) -> None:
    """WeasyPrint makes it a figure that says nothing (#2550)."""
    target = _drawn(tmp_path, f'<p>Text {markup}</p><p><img src="asset:a.svg" alt="A square"></p>')

    found = tagged.read(target)

    assert [figure.alt for figure in found.tree.all("Figure")] == ["A square"]
    assert _texts(found.tree, "P")[0] == "Text"
    assert set(tagged.properties(target)) == {"/Type /Layout"}
    assert found.loose == []


def test_a_picture_that_says_nothing_and_hides_nothing_fails_the_drawing(tmp_path: Path) -> None:
    with pytest.raises(pdf.Complaint, match="no required alt"):
        _drawn(tmp_path, '<p><img src="asset:a.svg"></p>')


def test_a_header_over_columns_heads_each_of_them(tmp_path: Path) -> None:
    head = '<thead><tr><th>N</th><th colspan="2">AB</th></tr></thead>'
    rows = '<tr><th scope="row" rowspan="2">R</th><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>'
    found = tagged.read(_drawn(tmp_path, f"<table>{head}<tbody>{rows}</tbody></table>")).tree

    heads = {head.identifier: head.text() for head in found.all("TH")}
    assert [[heads[name] for name in cell.headers] for cell in found.all("TD")] == [["AB", "R"]] * 4


def test_groups_hold_no_text_of_their_own(tmp_path: Path) -> None:
    body = "<div>One <p>two</p> <strong>three</strong> four</div><section>Five</section>"

    found = tagged.read(_drawn(tmp_path, body)).tree

    assert _texts(found, "P") == ["One", "two", "three four", "Five"]


def test_another_weasyprint_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasyprint, "__version__", "70.1")

    with pytest.raises(RuntimeError, match=r"pdf/tags\.py"):
        _drawn(tmp_path, "<p>x</p>")


def test_a_link_in_a_hidden_place_fails_the_drawing(tmp_path: Path) -> None:
    with pytest.raises(pdf.Complaint, match="link"):
        _drawn(tmp_path, '<p aria-hidden="true"><a href="https://example.org/">x</a></p>')
