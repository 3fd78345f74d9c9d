"""Draws PDFs with WeasyPrint, locked in: it reads what it is handed and nothing else, and may not complain.

By default WeasyPrint embeds any file of the machine that a link names, and reports a missing picture on its log alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pydyf

from pressrun import fonts
from pressrun.pdf import letters
from pressrun.pdf.tags import Complaint, Tags, lookup

if TYPE_CHECKING:
    from weasyprint import Document

__all__ = ["BLEED_PT", "SCHEME", "SLUG_PT", "Complaint", "Sheet", "draw", "picture"]

#: scheme of the addresses under which a document finds its pictures and fonts
SCHEME = "asset:"
#: WeasyPrint puts the bleed box 10 pt outside the trim box, so 3.5 mm bleed, and the rest is room for the marks.
BLEED_PT = 10.0
SLUG_PT = 24.0


@dataclass(frozen=True)
class Sheet:
    """Everything that one document is made from."""

    html: str
    css: str
    #: data by name, reached as asset:NAME
    assets: Mapping[str, bytes] = field(default_factory=dict)
    #: draw crop marks outside the bleed
    marks: bool = False


def draw(sheet: Sheet, private: Path) -> bytes:
    """A tagged PDF/UA-1; the same sheet gives the same bytes.

    `private` is a folder for the caches of fontconfig. Raises Complaint.
    """
    _only_our_fonts(private)
    import weasyprint
    from weasyprint.css.counters import CounterStyle
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    records = _Records()
    logger = logging.getLogger("weasyprint")
    level, propagate = logger.level, logger.propagate
    logger.addHandler(records)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    fetcher = _fetcher(sheet.assets)
    data = b""
    try:
        document = weasyprint.HTML(string=sheet.html, base_url=SCHEME, url_fetcher=fetcher)
        shared = {"font_config": FontConfiguration(), "counter_style": CounterStyle()}
        css = weasyprint.CSS(string=sheet.css, base_url=SCHEME, url_fetcher=fetcher, **shared)
        tags = Tags()
        with tags.noted(), letters.told():
            data = document.write_pdf(
                stylesheets=[css], **shared, pdf_variant="pdf/ua-1", pdf_identifier=True,
                finisher=partial(_finish, sheet.marks, tags),
            )  # fmt: skip
    except FatalURLFetchingError:
        assert fetcher.denied  # told below
    finally:
        logger.removeHandler(records)
        logger.setLevel(level)
        logger.propagate = propagate
    # WeasyPrint swallows a refused address inside an SVG, so the fetcher keeps its own list.
    if complaints := records.messages + [f"{url} was refused" for url in fetcher.denied]:
        raise Complaint("; ".join(dict.fromkeys(complaints)))
    return bytes(data)


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _only_our_fonts(private: Path) -> None:
    """Hides the machine's fonts from Pango: a missing glyph is then a complaint, not another typeface.

    Pango crashes without any font, so it is shown the folder of our text face.
    """
    folder = private.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "fonts.conf"
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig><dir>{escape(str(fonts.folder(fonts.FACES[0])))}</dir>"
        f"<cachedir>{escape(str(folder / 'fontconfig'))}</cachedir></fontconfig>\n"
    )
    if not settings.is_file() or settings.read_text(encoding="utf-8") != text:
        settings.write_text(text, encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(settings)


def _fetcher(assets: Mapping[str, bytes]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        """Hands out declared assets; refuses and remembers everything else."""

        denied: list[str]

        def fetch(self, url: str, _headers: dict[str, str] | None = None) -> Any:
            if url.startswith(SCHEME) and (name := url[len(SCHEME) :]) in assets:
                return URLFetcherResponse(url, assets[name], {"Content-Type": _media_type(name)})
            self.denied.append(url)
            raise FatalURLFetchingError(f"{url} is no declared asset")

    fetcher = Fetcher(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
    fetcher.denied = []
    return fetcher


def _media_type(name: str) -> str:
    ending = name.rpartition(".")[2]
    known = {"svg": "image/svg+xml", "ttf": "font/ttf", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
    return known.get(ending, "image/png")


def _finish(marks: bool, tags: Tags, _: Document, pdf: Any) -> None:
    tags.finish(pdf)
    if marks:
        _mark_corners(pdf)


def _mark_corners(pdf: Any) -> None:
    """Draws crop marks in all inks, outside the bleed, as an artifact.

    WeasyPrint's own marks are RGB, lie under the page's content and reach into the bleed.
    """
    tint = pydyf.Dictionary({"FunctionType": 2, "Domain": "[0 1]", "C0": "[0 0 0 0]", "C1": "[1 1 1 1]", "N": 1})
    pdf.add_object(tint)
    for page in [
        found for found in pdf.objects if isinstance(found, pydyf.Dictionary) and found.get("Type") == "/Page"
    ]:
        spaces = lookup(pdf, lookup(pdf, page["Resources"])["ColorSpace"])
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


def picture(data: bytes, width: int) -> bytes:
    """The first page of a PDF, within its trim, as a PNG of the given width in pixels."""
    import io

    import pypdfium2
    from PIL.Image import Dither, Resampling

    document = pypdfium2.PdfDocument(data)
    try:
        page = document[0]
        page.set_cropbox(*page.get_trimbox())
        height = round(width * page.get_height() / page.get_width())
        # Drawn larger and shrunk, small type stays even.
        large = page.render(scale=3 * width / page.get_width()).to_pil().convert("RGB")
    finally:
        document.close()
    stream = io.BytesIO()
    image = large.resize((width, height), Resampling.LANCZOS)
    image.quantize(64, dither=Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()
