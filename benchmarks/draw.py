"""What benchmarks/build.py has drawn in processes of their own.

draw.py pages COUNT FOLDER     the documents that our handouts are drawn from, in a desk, for others to draw
draw.py weasyprint FOLDER      those documents by WeasyPrint alone, in one process, with nothing shared
draw.py typst COUNT FOLDER     the same words by Typst, in one process
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import corpus

if TYPE_CHECKING:
    from pressrun import pdf


def pages(count: int, folder: Path) -> None:
    """The setting that was chosen of each article's A4 handout, as HTML and CSS with what they name beside them."""
    from pressrun import build, pdf

    laid_out: list[tuple[pdf.Layout, pdf.Sheet]] = []
    written: list[pdf.Layout] = []
    lay_out, write = pdf.lay_out, pdf.Layout.write

    def noted(sheet: pdf.Sheet, private: Path) -> pdf.Layout:
        laid_out.append((lay_out(sheet, private), sheet))
        return laid_out[-1][0]

    def noted_write(layout: pdf.Layout, *inks: Any) -> bytes:
        written.append(layout)
        return write(layout, *inks)

    pdf.lay_out, pdf.Layout.write = noted, noted_write  # type: ignore[assignment,method-assign]
    desk = build.Desk(Path.cwd())
    shelf = build.declare(desk, build.read(desk, datetime.now(UTC)), [])
    for number in range(count):
        shelf.get(f"handout/article-{number}-a4.pdf").make()
        # Several settings are tried; the one that is written last was chosen.
        _keep(next(sheet for layout, sheet in laid_out if layout is written[-1]), folder, number)
        laid_out.clear()


def _keep(sheet: pdf.Sheet, folder: Path, number: int) -> None:
    from pressrun import pdf

    for name, data in sheet.assets.items():
        (folder / name).write_bytes(data)
    link = f'<link rel="stylesheet" href="{number}.css"></head>'
    html = sheet.html.replace(pdf.SCHEME, "")
    (folder / f"{number}.css").write_text(sheet.css.replace(pdf.SCHEME, ""), encoding="utf-8")
    (folder / f"{number}.plain.html").write_text(html, encoding="utf-8")
    (folder / f"{number}.html").write_text(html.replace("</head>", link), encoding="utf-8")


def weasyprint(folder: Path) -> None:
    """As its documentation shows, with the machine's fonts at hand."""
    import weasyprint as drawer
    from weasyprint.text.fonts import FontConfiguration

    for page in sorted(folder.glob("*.plain.html")):
        fonts = FontConfiguration()
        css = drawer.CSS(page.with_name(page.name.replace(".plain.html", ".css")), font_config=fonts)
        drawer.HTML(page).write_pdf(
            page.with_suffix(".pdf"), stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1"
        )


def typst(count: int, folder: Path) -> None:
    """A plain document of two columns."""
    import typst as compiler

    source = folder / "handout.typ"
    for article in corpus.articles(count):
        head = '#set document(title: "Handout")\n#set page(paper: "a4")\n#set text(size: 12pt, lang: "en")\n'
        body = "\n\n".join(map(_typst, article.body))
        source.write_text(f"{head}= {_escaped(article.title)}\n\n#columns(2)[\n{body}\n]\n", encoding="utf-8")
        (folder / f"{article.slug}.pdf").write_bytes(compiler.compile(str(source), pdf_standards=["ua-1"]))


def _typst(block: corpus.Block) -> str:
    match block:
        case corpus.Heading(text, level):
            return f"{'=' * level} {_escaped(text)}"
        case corpus.Paragraph(text):
            return _escaped(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text))
        case corpus.Listing(items, numbered):
            return "\n".join(f"{'+' if numbered else '-'} {_escaped(f'{name} {text}'.strip())}" for name, text in items)


def _escaped(text: str) -> str:
    return re.sub(r"([\\#$_`<>@=/+\[\]-])", r"\\\1", text.replace("*", ""))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pages", number, name]:
            pages(int(number), Path(name))
        case ["weasyprint", name]:
            weasyprint(Path(name))
        case ["typst", number, name]:
            typst(int(number), Path(name))
