"""Handouts in other languages and scripts, from right to left too: the articles in tests/articles/."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from unicodedata import combining, normalize

import page
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import tagged
from conftest import ROOT, SITE, Workshop
from markupsafe import Markup

from pressrun import fit, fonts, markup, model, pdf
from pressrun.languages import Catalogue, catalogue
from pressrun.proof import engines
from pressrun.templates import foreign, said

ARTICLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/articles").glob("*.yaml"))}
DOT = (ROOT / "tests/cases/long-form/dot.png").read_bytes()
EDITIONS = ("a4", "letter", "large-print", "office", "press")
PHONE = "+1 (212) 555-0143"


def _built(workshop: Workshop, *editions: str, slugs: tuple[str, ...]) -> dict[str, model.Article]:
    workshop.write("content/site.yaml", SITE + f"editions: [{', '.join(editions)}]\n")
    workshop.write("content/images/dot.png", DOT)
    for slug in slugs:
        workshop.article(slug, ARTICLES[slug])
    result = workshop.build(only=("handout",))
    assert result.faults == ()
    return {article.slug: article for article in result.content.publication.articles}


# ---- what an article says, and what stands in the tree


def _letters(text: str) -> Counter[str]:
    """Letters and digits without vowel signs: PDFium guesses at the order in which a line that turns is read."""
    return Counter(letter for letter in normalize("NFKC", text) if letter.isalnum() and not combining(letter))


def _texts(article: model.Article) -> Iterator[str]:
    """Its texts in order, as they are printed."""
    yield article.title
    yield article.summary
    yield from _within(article.body, catalogue(ROOT / "templates", article.language))
    yield from (source.title + source.publisher + source.date + _behind(source.url) for source in article.sources)


def _within(body: Sequence[model.Block], said: Catalogue) -> Iterator[str]:
    for block in body:
        match block:
            case model.Heading(heading=text) | model.Subheading(subheading=text) | model.Text(text=text):
                yield _printed(text)
            case model.List(list=items) | model.Steps(steps=items) | model.Terms(terms=items):
                for item in items:  # an item's element holds its inner blocks too
                    yield from (
                        _within(item.blocks, said) if item.blocks else [_printed(item.name) + _printed(item.text)]
                    )
            case model.Quote(text=inner):
                yield from _within(inner, said)
            case model.Callout(tone=tone, title=title, text=inner):
                yield said.gettext(f"{tone.capitalize()}: %(title)s").replace("%(title)s", title)
                yield from _within(inner, said)
            case model.Figure(caption=caption) if caption:
                yield _printed(caption)
            case model.Table(caption=caption, columns=columns, rows=rows):
                yield from map(_printed, (caption, *columns, *(cell for row in rows for cell in row)))
            case model.Button(label=label):
                yield label


def _printed(prose: model.Prose) -> str:
    return Markup(markup.to_html(prose, lambda link: link.href, printed=True)).striptags()


def _behind(address: str) -> str:
    return markup.readable(address) if address else ""


def _misplaced(article: model.Article, tree: tagged.Element) -> list[str]:
    """Texts that the tree lacks, or holds before an earlier one."""
    found = [_letters(element.text()) for element in tree.all("H1", "H2", "H3", "P", "LBody", "TH", "TD")]
    missed, at = [], 0
    for text in _texts(article):
        place = next((place for place in range(at, len(found)) if found[place] == _letters(text)), None)
        if place is None:
            missed.append(text)
        else:
            at = place + 1
    return missed


def _shapes(article: model.Article) -> Counter[str]:
    """How many lists of a kind an article has, by how they are numbered."""
    kinds = {"list": "Disc", "steps": "Decimal", "terms": "None"}
    found = Counter(kinds[block.kind] for block in model.blocks(article.body) if block.kind in kinds)
    return found + Counter({"Decimal": 1 if article.sources else 0})


def _check(path: Path, article: model.Article) -> None:
    name = path.stem
    report = page.validate_pdf(str(path), profile=page.ValidationProfile.PDF_UA_1)
    assert [(fault.rule_id, fault.message) for fault in report.failures] == [], name
    found = tagged.read(path)
    assert _misplaced(article, found.tree) == [], name
    assert found.loose == [], name
    assert Counter(element.numbering for element in found.tree.all("L")) == _shapes(article), name
    alts = [figure.alt for figure in article.figures() if figure.alt]
    assert [figure.alt for figure in found.tree.all("Figure") if "QR" not in figure.alt] == alts, name
    tables = [block for block in model.blocks(article.body) if isinstance(block, model.Table)]
    for table, shown in zip(tables, found.tree.all("Table"), strict=True):
        heads = {head.identifier: _letters(head.text()) for head in shown.all("TH")}
        assert list(heads.values())[: len(table.columns)] == [_letters(_printed(cell)) for cell in table.columns], name
        assert all(len(cell.headers) == 1 + table.row_headers for cell in shown.all("TD")), name
    # PDFium reads a line with words of both directions from right to left.
    spoken = {(frozenset(element.text().split()), element.language) for element in found.tree.all()}
    assert {(frozenset(words.split()), language) for words, language in _foreign(article)} <= spoken, name
    assert [face for face, embedded in _faces(path) if not embedded or face[6] != "+"] == [], name


def _foreign(article: model.Article) -> set[tuple[str, str]]:
    """Words in an article of another language: the site's, and our own where there is no catalogue."""
    if article.language.startswith("en"):
        return set()
    site = {"Example Health", "988 Suicide & Crisis Lifeline", "24 hours, every day"}
    ours = {"Get help now", "Sources"} if article.sources else {"Get help now"}
    if catalogue(ROOT / "templates", article.language).language != "en":
        ours = set()
    return {(words, "en-US") for words in site} | {(words, "en") for words in ours}


def _faces(path: Path) -> set[tuple[str, bool]]:
    """Names of the fonts in use, and whether they are embedded."""
    document, found = pypdfium2.PdfDocument(path), set()
    for sheet in document:
        for run in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            font, name = pdfium.FPDFTextObj_GetFont(run), ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, 200)
            found.add((name.value.decode(), pdfium.FPDFFont_GetIsEmbedded(font) == 1))
    document.close()
    return found


def test_the_articles_are_varied() -> None:
    languages = Counter(slug[:2] for slug in ARTICLES)
    keys = set(re.findall(r"(?m)^(?: +- )?([a-z]+):", "".join(ARTICLES.values())))

    assert len(ARTICLES) >= 14
    assert {name for name, count in languages.items() if count >= 3} == {"ar", "en", "es"}
    assert keys >= {"table", "steps", "terms", "callout", "quote", "figure", "button", "break", "corrections", "review",
                    "sources", "image", "updated", "revision", "category"}  # fmt: skip


def test_an_arabic_handout_reads_from_right_to_left(workshop: Workshop) -> None:
    articles = _built(workshop, "a4", slugs=("ar-cup",))
    path = workshop.root / "outputs/handout/ar-cup-a4.pdf"

    _check(path, articles["ar-cup"])

    assert tagged.read(path).tree.elements()[0].all("H1")
    assert {face[7:] for face, _ in _faces(path)} == {
        "Atkinson-Hyperlegible", "Atkinson-Hyperlegible-Bold", "IBM-Plex-Sans-Arabic", "IBM-Plex-Sans-Arabic-Bold",
    }  # fmt: skip
    lines = _lines(path)
    assert next(left for words, left, _ in lines if re.match("الصفحة|2 من", words)) < 100
    assert next(right for words, _, right in lines if "تغسل" in words) > 550


def _lines(path: Path) -> list[tuple[str, float, float]]:
    """The words of the first side line by line, with their left and right ends in points."""
    document = pypdfium2.PdfDocument(path)
    text = document[0].get_textpage()
    boxes = [text.get_rect(number) for number in range(text.count_rects())]
    found = [(text.get_text_bounded(*box), box[0], box[2]) for box in boxes]
    document.close()
    return found


@pytest.mark.heavy
def test_the_specimen_of_every_block_conforms_in_every_edition(workshop: Workshop) -> None:
    case = ROOT / "tests/cases/long-form"
    workshop.write("content/site.yaml", SITE + f"editions: [{', '.join(EDITIONS)}]\n")
    workshop.article("specimen", (case / "article.yaml").read_text(encoding="utf-8"))
    workshop.write("content/images/dot.png", DOT)
    assert workshop.build(only=("handout",)).faults == ()

    paths = [workshop.root / f"outputs/handout/specimen-{name}.pdf" for name in EDITIONS]
    for path in paths:
        report = page.validate_pdf(str(path), profile=page.ValidationProfile.PDF_UA_1)
        assert [(fault.rule_id, fault.message) for fault in report.failures] == [], path.name
    assert [str(found) for found in engines.vera([(path, path.name) for path in paths])] == []


@pytest.mark.heavy
@pytest.mark.parametrize("language", ["ar", "en", "es", "he ru vi"])
def test_every_article_is_sound_in_every_edition(workshop: Workshop, language: str) -> None:
    slugs = tuple(slug for slug in ARTICLES if slug[:2] in language.split())
    articles = _built(workshop, *EDITIONS, slugs=slugs)

    paths = {(slug, name): workshop.root / f"outputs/handout/{slug}-{name}.pdf" for slug in slugs for name in EDITIONS}
    for (slug, _), path in paths.items():
        _check(path, articles[slug])
    assert [str(found) for found in engines.vera([(path, path.name) for path in paths.values()])] == []
    if language == "ar":
        line = _line(workshop.root / "outputs/handout/ar-library-a4.pdf", "+")
        assert line.endswith(re.sub("[^+0-9]", "", PHONE)), "what stands before it is the other column"
        assert len(pypdfium2.PdfDocument(workshop.root / "outputs/handout/ar-houseplants-a4.pdf")) >= 3


def _line(path: Path, character: str) -> str:
    """The digits that stand on paper on the line of a character, from left to right."""
    document = pypdfium2.PdfDocument(path)
    text = document[0].get_textpage()
    drawn = [(text.get_charbox(number), text.get_text_range(number, 1)) for number in range(text.count_chars())]
    document.close()
    foot = next(box[1] for box, letter in drawn if letter == character)
    return "".join(letter for box, letter in sorted(drawn) if abs(box[1] - foot) < 3 and letter in "+0123456789")


# ---- typefaces


def test_a_text_takes_the_families_that_it_needs_and_no_more() -> None:
    def families(text: str) -> list[str]:
        return [script.family for script in fonts.needed(text)]

    assert families("Plain – with “quotes”, é, ł, ș and 5 μg") == []
    assert families("كوب") == ["IBM Plex Sans Arabic"]
    assert families("ספל, чашка") == ["Noto Sans Cyrillic", "Heebo"]
    assert families("cốc") == ["Noto Sans Latin"]


def test_a_foreign_name_does_not_change_the_typeface_of_a_western_text() -> None:
    (latin,) = fonts.needed("ử")

    assert fonts.stack("'Ours'", [latin], "Nguyễn Ử wrote " + "much in English " * 30) == "'Ours', 'Noto Sans Latin'"
    assert fonts.stack("'Ours'", [latin], "rửa chiếc cốc") == "'Noto Sans Latin', 'Ours'"


def test_a_face_is_cut_to_the_same_bytes_each_time() -> None:
    face = next(fonts.SCRIPTS[-1].faces())

    assert fonts._made(face) == fonts._cut(face)


def test_a_family_that_is_not_installed_is_a_fault_at_its_first_letter(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts.Script, "installed", lambda _: False)
    workshop.write("content/site.yaml", SITE + "editions: [a4]\n")
    workshop.article("cup", ARTICLES["ar-cup"])

    result = workshop.build(only=("handout",))

    remedy = "Install the package fontpkg-ibm-plex-sans-arabic, or all of them: pip install 'pressrun[scripts]'."
    assert [f"{fault.place}: {fault.problem} {fault.remedy}" for fault in result.faults] == [
        f"content/articles/cup.yaml:1:8: The typeface for 'ك' (U+0643) is not installed. {remedy}"
    ]


# ---- directions


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("uz-Arab-AF", "rtl"), ("ar-Latn", "ltr"),
     ("en-US", "ltr"), ("pa", "ltr"), ("pa-Arab", "rtl"), ("es", "ltr")],
)  # fmt: skip
def test_a_language_tag_tells_the_direction(language: str, direction: str) -> None:
    assert model.direction(language) == direction


def test_words_of_another_language_are_marked() -> None:
    assert foreign("en", "ar") == ' lang="en" dir="ltr"'
    assert foreign("en", "es-MX") == ' lang="en"'
    assert foreign("en", "en-US") == ""
    assert said("Tip <", "en", "he") == '<span lang="en" dir="ltr">Tip &lt;</span>'
    assert said("Tip", "en", "en-GB") == "Tip"


def test_telephone_numbers_stay_whole_and_read_from_left_to_right() -> None:
    shown = markup.to_html((model.Words(f"هاتف {PHONE} أو 1-800-555-0199، 9-5"),), lambda _: None, printed=True)

    assert re.findall('<span class="([^"]*)">([^<]*)</span>', shown) == [
        ("whole dial", PHONE), ("whole dial", "1-800-555-0199"), ("whole", "9-5"),
    ]  # fmt: skip


def _sheet(language: str) -> pdf.Sheet:
    start, end = ("right", "left") if model.direction(language) == "rtl" else ("left", "right")
    feet = f'@bottom-{start} {{ content: "A foot"; font: 10pt x }} @bottom-{end} {{ content: "1"; font: 10pt x }}'
    css = f"""@page {{ size: 300pt; margin: 20pt 20pt 40pt; {feet} }} h1 {{ font: 10pt x }}
        body, p {{ margin: 0; font: 10pt/12pt x; text-align: {start} }}"""
    return pdf.Sheet(f'<html lang="{language}" dir="{model.direction(language)}"><title>x</title><h1>x</h1><p>x x', css)


def test_a_side_from_right_to_left_is_as_full_as_its_mirror_image(tmp_path: Path) -> None:
    left, right = (fit.measure(pdf.lay_out(_sheet(language), tmp_path).write()) for language in ("en", "ar"))

    assert left.fill == pytest.approx(right.fill, abs=0.001)
