"""Draws PDFs with WeasyPrint, locked in: it reads what it is handed and nothing else, and may not complain.

By default WeasyPrint embeds any file of the machine that a link names, and reports a missing picture on its log alone.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun import fonts
from pressrun.pdf import columns
from pressrun.pdf.inks import Inks, paint
from pressrun.pdf.letters import legible
from pressrun.pdf.lines import Lines
from pressrun.pdf.press import Condition, prepare
from pressrun.pdf.tags import Complaint, Tags, pages

if TYPE_CHECKING:
    from weasyprint import Document

__all__ = ["SCHEME", "Complaint", "Layout", "Sheet", "forget", "lay_out", "picture", "warm"]

#: scheme of the addresses under which a document finds its pictures and fonts
SCHEME = "asset:"
#: how far letters reach below and above their line, in their size
_DEPTH, _HEIGHT = 0.2, 0.7

#: left, bottom, right and top
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """Everything that one document is made from."""

    html: str
    css: str
    #: data by name, reached as asset:NAME
    assets: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A document whose lines and pages are settled, to be written with one edition's inks or another's."""

    document: Document
    #: addresses that the document asked for in vain
    denied: Sequence[str]

    @property
    def sides(self) -> int:
        return len(self.document.pages)

    @property
    def mirrored(self) -> bool:
        """Whether it is read from right to left."""
        return bool(self._last.children[0].style["direction"] == "rtl")

    @property
    def _last(self) -> Any:
        return self.document.pages[-1]._page_box  # noqa: SLF001  # see Tags

    def words(self) -> tuple[float, list[Rectangle]]:
        """How wide the last side is, and where its words stand, up from its lower edge; in one unit."""
        from weasyprint.formatting_structure.boxes import TextBox

        height = self._last.margin_height()
        texts = (box for box in self._last.descendants() if isinstance(box, TextBox) and box.text.strip())
        return self._last.margin_width(), [_rectangle(box, height) for box in texts]

    def write(self, inks: Inks | None = None, condition: Condition | None = None) -> bytes:
        """A tagged PDF/UA-1, cut to its trim box, or with a press's condition a PDF/X-4 that is tagged as well.

        The same layout gives the same bytes. Without inks, colours stay as the style sheet has them. Raises Complaint.
        """
        tags = Tags(links=not condition)
        variant = {"pdf_variant": "pdf/x-4", "pdf_tags": True} if condition else {"pdf_variant": "pdf/ua-1"}
        with _attentive(self.denied), tags.noted(), legible():
            finisher = partial(_finish, tags, inks, condition)
            return bytes(self.document.write_pdf(pdf_identifier=True, finisher=finisher, **variant))


def _rectangle(text: Any, height: float) -> Rectangle:
    """Where letters stand that have about the height of most."""
    size, base = text.style["font_size"], height - text.position_y - text.baseline
    return text.position_x, base - _DEPTH * size, text.position_x + text.width, base + _HEIGHT * size


def lay_out(sheet: Sheet, private: Path) -> Layout:
    """Breaks a document into lines and pages.

    `private` is a folder for the caches of fontconfig. Raises Complaint.
    """
    _only_our_fonts(private)
    import weasyprint

    faces = tuple((name, data) for name, data in sheet.assets.items() if name.endswith(".ttf"))
    css, shared, lines = _styles(sheet.css, faces, private)
    fetcher = _fetcher(sheet.assets)
    with _attentive(fetcher.denied), lines.kept(), columns.reused():
        html = weasyprint.HTML(string=sheet.html, base_url=SCHEME, url_fetcher=fetcher)
        return Layout(html.render(stylesheets=[css], **shared), fetcher.denied)


def warm(private: Path) -> None:
    """Gets ready what the first document would wait for."""
    _only_our_fonts(private)
    import weasyprint  # noqa: F401


@lru_cache(maxsize=4)  # articles in one language have the same few style sheets
def _styles(css: str, faces: tuple[tuple[str, bytes], ...], private: Path) -> tuple[Any, Mapping[str, Any], Lines]:
    """A style sheet that was read, and what goes with it. Raises Complaint."""
    import weasyprint
    from weasyprint.css.counters import CounterStyle

    fetcher = _fetcher(dict(faces))
    with _attentive(fetcher.denied):
        typefaces, lines = _typefaces(faces, private)
        shared = {"font_config": typefaces, "counter_style": CounterStyle()}
        return weasyprint.CSS(string=css, base_url=SCHEME, url_fetcher=fetcher, **shared), shared, lines


@lru_cache(maxsize=2)
def _typefaces(_faces: tuple[tuple[str, bytes], ...], _private: Path) -> tuple[Any, Lines]:
    """What Pango knows of our typefaces, which a style sheet adds to it once, and lines that are set in them."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration(), Lines()


def forget() -> None:
    """Lets go of style sheets and typefaces; those that are held when Python ends leave a folder behind."""
    _styles.cache_clear()
    _typefaces.cache_clear()


atexit.register(forget)


@contextmanager
def _attentive(denied: Sequence[str]) -> Iterator[None]:
    """Makes a complaint of what WeasyPrint puts on its log, and of addresses that were denied to it.

    WeasyPrint swallows a refused address inside an SVG, so the fetcher keeps its own list.
    """
    from weasyprint.urls import FatalURLFetchingError

    records = _Records()
    logger = logging.getLogger("weasyprint")
    level, propagate = logger.level, logger.propagate
    logger.addHandler(records)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    except FatalURLFetchingError:
        assert denied  # told below
    finally:
        logger.removeHandler(records)
        logger.setLevel(level)
        logger.propagate = propagate
    if complaints := records.messages + [f"{url} was refused" for url in denied]:
        raise Complaint("; ".join(dict.fromkeys(complaints)))


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


def _finish(tags: Tags, inks: Inks | None, condition: Condition | None, _: Document, pdf: Any) -> None:
    tags.finish(pdf)
    if inks:
        paint(pdf, inks)
    if condition:
        prepare(pdf, condition)
        return
    for page in pages(pdf):
        page["MediaBox"] = page["BleedBox"] = page["TrimBox"]


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
    # The last hundredth of its size would take six times as long.
    image.quantize(16, dither=Dither.NONE).save(stream, "PNG", compress_level=7)
    return stream.getvalue()
