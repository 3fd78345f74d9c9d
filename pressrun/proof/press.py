"""What a print shop asks of a file: PDF/X-4, and how it says itself what it is.

The standard's text is not free; its rules are told here as they are described in public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pikepdf

from pressrun.proof import paint
from pressrun.proof.rules import MM, Copy, Found, Rule
from pressrun.proof.typefaces import Typeface

_X4 = "ISO 15930-7"
_TRADE = "practice of print shops"
#: what a folder of annotations, a page or the whole document may start
_STARTERS = ("/OpenAction", "/AA")
#: pdfxid:GTS_PDFXVersion
_VERSION = "{http://www.npes.org/pdfx/ns/id/}GTS_PDFXVersion"
_BLEED = 3 * MM
#: how far a page may be from its paper's size
_TOLERANCE = 0.2 * MM


def _version(copy: Copy) -> Found:
    if copy.pdf.pdf_version > "1.6":
        yield 0, f"This is PDF {copy.pdf.pdf_version}."


def _encryption(copy: Copy) -> Found:
    if copy.pdf.is_encrypted:
        yield 0, "The file is encrypted."


def _identifier(copy: Copy) -> Found:
    if len(copy.pdf.trailer.get("/ID", [])) != 2:
        yield 0, "The file's trailer has no /ID."


def _conformance(copy: Copy) -> Found:
    if (found := copy.metadata.get(_VERSION, "")) != "PDF/X-4":
        yield 0, f"The metadata call the file '{found}'."


def _packet(copy: Copy) -> Found:
    metadata = copy.pdf.Root.get("/Metadata")
    if metadata is not None and "/Filter" in metadata:
        yield 0, "The metadata are compressed."


def _provenance(copy: Copy) -> Found:
    names = ("xmpMM:DocumentID", "xmpMM:RenditionClass", "xmpMM:VersionID", "xmp:CreateDate", "xmp:ModifyDate",
             "xmp:MetadataDate", "dc:title")  # fmt: skip
    yield from ((0, f"The metadata have no {name}.") for name in names if not copy.metadata.get(name))


def _information(copy: Copy) -> Found:
    keys = ("/Title", "/CreationDate", "/ModDate")
    yield from ((0, f"The document information has no {key[1:]}.") for key in keys if not copy.pdf.docinfo.get(key))


def _trapped(copy: Copy) -> Found:
    if copy.pdf.docinfo.get("/Trapped") not in ("/True", "/False"):
        yield 0, "The document information does not say whether the file is trapped."


def _intents(copy: Copy) -> list[Any]:
    return [intent for intent in copy.pdf.Root.get("/OutputIntents", []) if intent.get("/S") == "/GTS_PDFX"]


def _intent(copy: Copy) -> Found:
    if len(found := _intents(copy)) != 1:
        yield 0, f"There are {len(found)} output intents for PDF/X."


def _condition(copy: Copy) -> Found:
    for intent in _intents(copy):
        for key in ("/OutputConditionIdentifier", "/RegistryName"):
            if not str(intent.get(key, "")):
                yield 0, f"The output intent has no {key[1:]}."


def _profile(copy: Copy) -> Found:
    for intent in _intents(copy):
        profile = intent.get("/DestOutputProfile")
        if profile is None:
            yield 0, "The output intent has no profile."
            continue
        head = profile.read_bytes()[:20]
        if head[12:16] != b"prtr" or head[16:20] != b"CMYK" or profile.get("/N") != 4:
            yield 0, "The output intent's profile is not one of a printer in CMYK."


def _boxes(copy: Copy, find: Callable[[int], Iterator[str]]) -> Found:
    for number in range(1, len(copy.pages) + 1):
        yield from ((number, problem) for problem in find(number))


def _trim(copy: Copy) -> Found:
    def find(page: int) -> Iterator[str]:
        box = copy.box(page, "TrimBox")
        if box is None:
            yield "The page has no TrimBox."
            return
        sides = box[2] - box[0], box[3] - box[1]
        if any(abs(side - wanted * MM) > _TOLERANCE for side, wanted in zip(sides, copy.edition.paper, strict=True)):
            yield f"The TrimBox is {sides[0] / MM:.1f} x {sides[1] / MM:.1f} mm."

    return _boxes(copy, find)


def _bleed(copy: Copy) -> Found:
    def find(page: int) -> Iterator[str]:
        trim = copy.box(page, "TrimBox")
        bleed = copy.box(page, "BleedBox") or trim
        if not trim or not bleed:
            return
        for side, sign, name in zip(range(4), (-1, -1, 1, 1), ("left", "foot", "right", "head"), strict=True):
            if (room := sign * (bleed[side] - trim[side])) < _BLEED - 0.01:
                yield f"The bleed at the {name} is {room / MM:.1f} mm."

    return _boxes(copy, find)


def _nested(copy: Copy) -> Found:
    def find(page: int) -> Iterator[str]:
        bleed = copy.box(page, "BleedBox")
        media = copy.box(page, "MediaBox")
        assert media
        for name, inner in (("BleedBox", bleed), ("TrimBox", copy.trim(page))):
            if inner and (inner[0] < media[0] or inner[1] < media[1] or inner[2] > media[2] or inner[3] > media[3]):
                yield f"The {name} reaches outside the MediaBox."

    return _boxes(copy, find)


def _art(copy: Copy) -> Found:
    return _boxes(copy, lambda page: iter(["The page has an ArtBox."] if copy.box(page, "ArtBox") else []))


def _annotations(copy: Copy) -> Found:
    for number, page in enumerate(copy.pages, 1):
        bleed = copy.box(number, "BleedBox") or copy.trim(number)
        for annotation in page.get("/Annots", []):
            left, bottom, right, top = (float(side) for side in annotation.get("/Rect", (0, 0, 0, 0)))
            inside = left < bleed[2] and right > bleed[0] and bottom < bleed[3] and top > bleed[1]
            if inside and annotation.get("/Subtype") not in ("/PrinterMark", "/TrapNet"):
                yield number, f"There is an annotation ({str(annotation.get('/Subtype', '/?'))[1:]}) on the page."


def _actions(copy: Copy) -> Found:
    root = copy.pdf.Root
    holders = [(0, root), *enumerate(copy.pages, 1)]
    yield from ((page, f"There is a {key}.") for page, found in holders for key in _STARTERS if key in found)
    if "/JavaScript" in root.get("/Names", {}):
        yield 0, "There is JavaScript."


def _attachments(copy: Copy) -> Found:
    if "/EmbeddedFiles" in copy.pdf.Root.get("/Names", {}) or "/AF" in copy.pdf.Root:
        yield 0, "A file is attached."


def _forms(copy: Copy) -> Found:
    if "/AcroForm" in copy.pdf.Root:
        yield 0, "There is a form to fill in."


def _layers(copy: Copy) -> Found:
    if "/OCProperties" in copy.pdf.Root:
        yield 0, "There are layers that can be switched."


def _typefaces(copy: Copy) -> list[Typeface]:
    return list({id(item.typeface): item.typeface for item in copy.items if item.typeface}.values())


def _embedded(copy: Copy) -> Found:
    faces = [face for face in _typefaces(copy) if face.kind != "Type3"]
    yield from ((0, f"The font {face.name} is not in the file.") for face in faces if not face.embedded)


def _subset(copy: Copy) -> Found:
    faces = [face for face in _typefaces(copy) if face.kind != "Type3"]
    yield from ((0, f"The font {face.name} is in the file as a whole.") for face in faces if not face.subset)


def _type_3(copy: Copy) -> Found:
    yield from ((0, "A font is drawn by operators (Type 3).") for face in _typefaces(copy) if face.kind == "Type3")


def _missing(copy: Copy) -> Found:
    yield from ((item.page, "A character has no glyph.") for item in copy.drawn("text") if item.missing)


def _streams(copy: Copy) -> Iterator[Any]:
    return (found for found in copy.pdf.objects if isinstance(found, pikepdf.Stream))


def _filters(copy: Copy) -> Found:
    for stream in _streams(copy):
        found = stream.get("/Filter", [])
        names = [str(found)] if isinstance(found, pikepdf.Name) else [str(name) for name in found]
        yield from ((0, f"A stream has the filter {name[1:]}.") for name in names if name in ("/LZWDecode", "/Crypt"))


def _opi(copy: Copy) -> Found:
    yield from (
        (0, "A picture stands for one that lies elsewhere (OPI).") for found in _streams(copy) if "/OPI" in found
    )


def _postscript(copy: Copy) -> Found:
    wrong = (found for found in _streams(copy) if "/PS" in (found.get("/Subtype"), found.get("/Subtype2")))
    yield from ((0, "The file holds PostScript.") for _ in wrong)


def _halftones(copy: Copy) -> Found:
    for item in copy.drawn("settings"):
        for key in ("/TR", "/TR2", "/HT", "/HTP"):
            if item.source.get(key, "/Default") != "/Default":
                yield item.page, f"The page sets how a press screens or transfers ink ({key[1:]})."


RULES = (
    Rule("x4-version", "It must be PDF 1.6 or older.", _X4, _version),
    Rule("x4-encryption", "It must be open to everybody.", _X4, _encryption),
    Rule("x4-id", "The trailer must have an /ID of two parts.", _X4, _identifier),
    Rule("x4-conformance", "The XMP metadata must say PDF/X-4 as pdfxid:GTS_PDFXVersion.", _X4, _conformance),
    Rule("x4-packet", "The XMP metadata must stand there uncompressed.", _X4, _packet),
    Rule("x4-provenance", "The XMP metadata must name document, version, dates and title.", _X4, _provenance),
    Rule("x4-information", "The document information must have Title, CreationDate and ModDate.", _X4, _information),
    Rule("x4-trapped", "Trapped must be True or False.", _X4, _trapped),
    Rule("x4-output-intent", "There must be exactly one output intent GTS_PDFX.", _X4, _intent),
    Rule("x4-condition", "It must name its printing condition and the registry that knows it.", _X4, _condition),
    Rule("x4-profile", "It must embed an ICC profile of class prtr with four channels.", _X4, _profile),
    Rule("x4-trim", "The TrimBox must be the edition's paper, within 0.2 mm.", _X4, _trim),
    Rule("x4-boxes", "MediaBox must hold BleedBox, and BleedBox TrimBox.", _X4, _nested),
    Rule("x4-art", "A page with a TrimBox must have no ArtBox.", _X4, _art),
    Rule("press-bleed", "The BleedBox must lie 3 mm or more outside the TrimBox.", _TRADE, _bleed),
    Rule(
        "x4-annotations",
        "Links, notes and fields must lie outside the BleedBox; print the address instead.",
        _X4,
        _annotations,
    ),
    Rule("x4-actions", "No action and no script may be in the file.", _X4, _actions),
    Rule("x4-attachments", "Nothing may be attached.", _X4, _attachments),
    Rule("x4-forms", "No form may be in the file.", _X4, _forms),
    Rule("press-layers", "All that is in the file must print.", _TRADE, _layers),
    Rule("x4-embedded", "Every font must be embedded.", _X4, _embedded),
    Rule("press-subset", "Every font must be a subset of what is used.", _TRADE, _subset),
    Rule("press-type-3", "Letters must come from outline fonts.", _TRADE, _type_3),
    Rule("x4-glyphs", "Every character must have its glyph.", _X4, _missing),
    Rule("x4-filters", "Streams must use neither LZW nor encryption.", _X4, _filters),
    Rule("x4-opi", "Every picture must be in the file.", _X4, _opi),
    Rule("x4-postscript", "No PostScript may be in the file.", _X4, _postscript),
    Rule("x4-halftones", "The press must be free to set its own.", _X4, _halftones),
    *paint.RULES,
)
