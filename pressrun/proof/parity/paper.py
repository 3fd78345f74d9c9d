"""Reads PDF as a reader sees it, with PDFium.

Where a PDF is tagged, its structure tells what belongs together and in which order; running heads, page numbers and
the marks of lists stand outside of it. A booklet for the printer has no tags: its pages are cut out of the sheets and
put in order. Lines that run from right to left are put together letter by letter, by their places on the paper.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from pressrun.proof.parity.glyphs import Glyph, glyphs, lined
from pressrun.proof.parity.reading import Notes, Reading, placed

#: structure types inside a line
_INLINE = {"Link", "Span", "Em", "Strong", "Code", "Reference", "Quote", "Note", "Annot"}
#: the mark before an item
_MARK = "Lbl"
_HEADING = re.compile(r"H([1-6])")
_HYPHENATED = re.compile("[\u2010\u00ad\x02\ufffe]\\s*\n\\s*")


class Form(NamedTuple):
    """What is known of a PDF before it is read."""

    right_to_left: bool
    #: some of its words run from right to left
    turned: bool
    #: two pages lie on each side, to be folded
    folded: bool
    #: it is read on a screen as well, where links lead somewhere
    linked: bool


@dataclass
class _Element:
    kind: str
    alt: str = ""
    kids: dict[int, _Element | list[Glyph] | str] = field(default_factory=dict)


def read(path: Path | bytes, form: Form) -> Reading:
    """Raises ValueError for a file that is no PDF."""
    with _opened(path) as document:
        tree = _Element("")
        uris: set[str] = set()
        for page in document:
            _read_page(page, tree, form)
            uris |= set(_uris(document, page) if form.linked else ())
        found = _Scribe(form).written(tree) if tree.kids else _divided("\n".join(_loose(document, form)))
        if form.linked:
            found.addresses = frozenset(uris)
    return found


def addresses(path: Path) -> Iterator[tuple[int, str]]:
    """The page, counted from 1, and the address of every link. Raises ValueError for a file that is no PDF."""
    with _opened(path) as document:
        for number, page in enumerate(document, 1):
            yield from ((number, uri) for uri in _uris(document, page) if uri)


@contextmanager
def _opened(path: Path | bytes) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise ValueError(str(error)) from error
    try:
        yield document
    finally:
        document.close()


def _divided(text: str) -> Reading:
    notes = Notes()
    notes.add(_HYPHENATED.sub("", text))
    return Reading(*notes.divided(), cut=True, furnished=True)


# ---- with tags


def _read_page(page: Any, tree: _Element, form: Form) -> None:
    """PDFium shows the tree page by page, each element at the same place below its parent on every page."""
    found = pdfium.FPDF_StructTree_GetForPage(page)
    if not found:
        return
    count = pdfium.FPDF_StructTree_CountChildren(found)
    if count > 0:
        marked = _glyphs_by_mark(page) if form.turned else _text_by_mark(page)
        for number in range(count):
            _grow(tree, number, pdfium.FPDF_StructTree_GetChildAtIndex(found, number), marked)
    pdfium.FPDF_StructTree_Close(found)


def _grow(parent: _Element, place: int, found: Any, marked: dict[int, Any]) -> None:
    if not found:
        return
    known = parent.kids.get(place)
    if not isinstance(known, _Element):
        kind = _string(pdfium.FPDF_StructElement_GetType, found)
        alt = _string(pdfium.FPDF_StructElement_GetAltText, found) if kind == "Figure" else ""
        known = parent.kids[place] = _Element(kind, alt)
    for number in range(pdfium.FPDF_StructElement_CountChildren(found)):
        mark = pdfium.FPDF_StructElement_GetChildMarkedContentID(found, number)
        if mark >= 0 and mark in marked:
            known.kids[number] = marked.pop(mark)
        else:
            _grow(known, number, pdfium.FPDF_StructElement_GetChildAtIndex(found, number), marked)


def _string(call: Callable[..., int], *arguments: Any) -> str:
    buffer = ctypes.create_string_buffer(call(*arguments, None, 0))
    call(*arguments, buffer, len(buffer))
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _text_by_mark(page: Any) -> dict[int, str]:
    text = pdfium.FPDFText_LoadPage(page)
    found: dict[int, str] = {}
    for number in range(pdfium.FPDFPage_CountObjects(page)):
        part = pdfium.FPDFPage_GetObject(page, number)
        mark = pdfium.FPDFPageObj_GetMarkedContentID(part)
        if mark >= 0 and pdfium.FPDFPageObj_GetType(part) == pdfium.FPDF_PAGEOBJ_TEXT:
            found[mark] = found.get(mark, "") + _shown(part, text)
    pdfium.FPDFText_ClosePage(text)
    return found


def _shown(part: Any, text: Any) -> str:
    size = pdfium.FPDFTextObj_GetText(part, text, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFTextObj_GetText(part, text, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _glyphs_by_mark(page: Any) -> dict[int, list[Glyph]]:
    found: dict[int, list[Glyph]] = {}
    for glyph in glyphs(page):
        if glyph.mark >= 0:
            found.setdefault(glyph.mark, []).append(glyph)
    return found


class _Scribe:
    """Writes down a tree in its order."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._notes = Notes()
        self._pending: list[Glyph] = []
        self._lines: list[str] = []
        self._headings: list[tuple[int, int, int]] = []
        self._images: list[tuple[str, int, int]] = []

    def written(self, tree: _Element) -> Reading:
        self._element(tree)
        self._break()
        tokens, text, starts = self._notes.divided()
        headings, images = placed(self._headings, starts), placed(self._images, starts)
        return Reading(tokens, text, starts, headings=headings, images=images, cut=True)

    def _element(self, element: _Element) -> None:
        if element.kind == _MARK:
            return
        if element.kind not in _INLINE:
            self._break()
        start = self._notes.at
        if element.alt:
            self._images.append((element.alt, start, start))
        for _, kid in sorted(element.kids.items()):
            match kid:
                case _Element():
                    self._element(kid)
                case str():
                    self._lines.append(kid)
                case _:
                    self._pending += kid
        if element.kind not in _INLINE:
            self._break()
        if heading := _HEADING.fullmatch(element.kind):
            self._headings.append((int(heading[1]), start, self._notes.at))

    def _break(self) -> None:
        """The end of a block, and of a word with it."""
        self._lines += lined(self._pending, right_to_left=self._form.right_to_left)
        self._pending = []
        if self._lines:
            self._notes.add(_HYPHENATED.sub("", "\n".join(self._lines)) + "\n")
        self._lines = []


# ---- without tags


def _loose(document: Any, form: Form) -> Iterator[str]:
    """The text of every page, in the order of the pages."""
    if not form.folded:
        for page in document:
            yield _side(page, form, 0, page.get_width())
        return
    pages: dict[int, str] = {}
    for side, sheet in enumerate(document):
        middle = sheet.get_width() / 2
        halves = [_side(sheet, form, 0, middle), _side(sheet, form, middle, sheet.get_width())]
        low, high = side + 1, 2 * len(document) - side
        rising = side % 2 == 1
        pages[low if rising != form.right_to_left else high] = halves[0]
        pages[high if rising != form.right_to_left else low] = halves[1]
    yield from (text for _, text in sorted(pages.items()))


def _side(page: Any, form: Form, left: float, right: float) -> str:
    """The text between two places of a page, in points from its left edge."""
    if form.turned:
        there = (glyph for glyph in glyphs(page) if left <= glyph.x < right)
        return "\n".join(lined(there, right_to_left=form.right_to_left))
    box = page.get_mediabox()
    text = page.get_textpage()
    found: str = text.get_text_bounded(left=box[0] + left, right=box[0] + right, bottom=box[1], top=box[3])
    text.close()
    return found.replace("\r", "")


def _uris(document: Any, page: Any) -> Iterator[str]:
    place, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    while pdfium.FPDFLink_Enumerate(page, place, link):
        if action := pdfium.FPDFLink_GetAction(link):
            buffer = ctypes.create_string_buffer(pdfium.FPDFAction_GetURIPath(document, action, None, 0))
            pdfium.FPDFAction_GetURIPath(document, action, buffer, len(buffer))
            yield buffer.value.decode()
