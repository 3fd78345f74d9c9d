"""Reads the structure tree of a PDF back through PDFium, which shares no code with what wrote it."""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as raw


@dataclass
class Element:
    """An element with what it holds, in order: text or further elements."""

    kind: str
    language: str = ""
    alt: str = ""
    numbering: str = ""
    scope: str = ""
    identifier: str = ""
    headers: list[str] = field(default_factory=list)
    kids: dict[int, Element | str] = field(default_factory=dict)

    def all(self, *kinds: str) -> Iterator[Element]:
        """Itself and all elements below of some kinds, in order."""
        if not kinds or self.kind in kinds:
            yield self
        for kid in self.elements():
            yield from kid.all(*kinds)

    def elements(self, *kinds: str) -> list[Element]:
        kids = [kid for _, kid in sorted(self.kids.items()) if isinstance(kid, Element)]
        return [kid for kid in kids if not kinds or kid.kind in kinds]

    def text(self) -> str:
        parts = [kid if isinstance(kid, str) else kid.text() for _, kid in sorted(self.kids.items())]
        return " ".join(" ".join(parts).split())


@dataclass
class Tagged:
    """What a PDF tells of its text."""

    tree: Element
    #: text that is tagged, but stands in no element
    loose: list[str]
    #: text outside the tree, each with the name of its mark
    artifacts: list[tuple[str, str]]


def read(path: Path) -> Tagged:
    """PDFium shows the tree page by page, each element at the same place below its parent on every page.

    So what stands at one place is one element.
    """
    document = pypdfium2.PdfDocument(path)
    top = Element("")
    loose: list[str] = []
    artifacts: list[tuple[str, str]] = []
    try:
        for page in document:
            marked = _marked(page, artifacts)
            found = raw.FPDF_StructTree_GetForPage(page)
            for number in range(raw.FPDF_StructTree_CountChildren(found)):
                _add(top, number, raw.FPDF_StructTree_GetChildAtIndex(found, number), marked)
            raw.FPDF_StructTree_Close(found)
            loose += filter(str.strip, marked.values())
    finally:
        document.close()
    (whole,) = top.elements()
    return Tagged(whole, loose, artifacts)


def properties(path: Path) -> list[str]:
    """The properties of artifacts that have some, as they stand in the file; PDFium does not show names."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", path.read_bytes(), re.DOTALL)
    # A stream may end in what the pattern takes for the end of its line.
    drawn = b"\n".join(zlib.decompressobj().decompress(data) for data in streams if data[:1] == b"\x78")
    return [found.decode() for found in re.findall(rb"/Artifact\s+<<(.*?)>>\s*BDC", drawn)]


def _add(parent: Element, place: int, found: Any, marked: dict[int, str]) -> None:
    if not found:
        return
    known = parent.kids.setdefault(place, _element(found))
    assert isinstance(known, Element)
    for number in range(raw.FPDF_StructElement_CountChildren(found)):
        content = raw.FPDF_StructElement_GetChildMarkedContentID(found, number)
        if content >= 0 and content in marked:
            known.kids[number] = marked.pop(content)
        else:
            _add(known, number, raw.FPDF_StructElement_GetChildAtIndex(found, number), marked)


def _element(found: Any) -> Element:
    element = Element(
        _string(raw.FPDF_StructElement_GetType, found),
        _string(raw.FPDF_StructElement_GetLang, found),
        _string(raw.FPDF_StructElement_GetAltText, found),
        identifier=_string(raw.FPDF_StructElement_GetID, found),
    )
    for number in range(raw.FPDF_StructElement_GetAttributeCount(found)):
        attributes = raw.FPDF_StructElement_GetAttributeAtIndex(found, number)
        element.numbering += _value(raw.FPDF_StructElement_Attr_GetValue(attributes, b"ListNumbering"))
        element.scope += _value(raw.FPDF_StructElement_Attr_GetValue(attributes, b"Scope"))
        headers = raw.FPDF_StructElement_Attr_GetValue(attributes, b"Headers")
        count = raw.FPDF_StructElement_Attr_CountChildren(headers)
        element.headers += [_value(raw.FPDF_StructElement_Attr_GetChildAtIndex(headers, kid)) for kid in range(count)]
    return element


def _string(call: Callable[..., int], *arguments: Any) -> str:
    buffer = ctypes.create_string_buffer(call(*arguments, None, 0))
    call(*arguments, buffer, len(buffer))
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _value(attribute: Any) -> str:
    return _measured(raw.FPDF_StructElement_Attr_GetStringValue, attribute) if attribute else ""


def _measured(call: Callable[..., int], *arguments: Any) -> str:
    """A text from a function of PDFium that tells its length apart."""
    length = ctypes.c_ulong()
    call(*arguments, None, 0, length)
    buffer = ctypes.create_string_buffer(length.value)
    call(*arguments, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length, length)
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _marked(page: Any, artifacts: list[tuple[str, str]]) -> dict[int, str]:
    """Text of a page by the number of its marked content; other text goes to the artifacts."""
    text = raw.FPDFText_LoadPage(page)
    found: dict[int, str] = {}
    for number in range(raw.FPDFPage_CountObjects(page)):
        part = raw.FPDFPage_GetObject(page, number)
        mark = raw.FPDFPageObj_GetMarkedContentID(part)
        shown = _shown(part, text)
        if mark >= 0:
            found[mark] = found.get(mark, "") + shown
        elif shown.strip():
            artifacts.append((shown.strip(), _mark(part)))
    raw.FPDFText_ClosePage(text)
    return found


def _mark(part: Any) -> str:
    marks = raw.FPDFPageObj_CountMarks(part)
    return _measured(raw.FPDFPageObjMark_GetName, raw.FPDFPageObj_GetMark(part, 0)) if marks else ""


def _shown(part: Any, text: Any) -> str:
    if raw.FPDFPageObj_GetType(part) != raw.FPDF_PAGEOBJ_TEXT:
        return ""
    size = raw.FPDFTextObj_GetText(part, text, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFTextObj_GetText(part, text, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")
