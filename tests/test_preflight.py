"""The proof of the handouts: good copies pass, and every rule catches the defect that is seeded for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from conftest import NOW, Workshop, absent
from pikepdf import Array, Dictionary, Name, Operator, Pdf, Stream

from pressrun.channels import handout as channel
from pressrun.proof import made as proof
from pressrun.proof import press, typefaces
from pressrun.proof.handout import SIDES
from pressrun.proof.rules import MM, Copy, Rule, judge

Defect = Callable[[Pdf], None]


#: a defect for each of many rules: more than the quick tests have time for
pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def copies(published: Workshop) -> dict[str, proof.Handout]:
    """The handouts of the real content, by file name."""
    return {found.path.name: found for found in proof.handouts(published.desk, NOW)}


@pytest.fixture(scope="module")
def for_press(copies: dict[str, proof.Handout]) -> proof.Handout:
    return copies["finding-help-press.pdf"]


@pytest.fixture(scope="module")
def for_readers(copies: dict[str, proof.Handout]) -> proof.Handout:
    return copies["ketamine-withdrawal-a4.pdf"]


def _caught(pdf: Pdf, path: Path, good: proof.Handout, rules: tuple[Rule, ...]) -> set[str]:
    copy = Copy(path, pdf, good.edition, good.asked)
    return {finding.rule for finding in judge(copy, good.name, rules)}


def test_the_real_handouts_pass(copies: dict[str, proof.Handout]) -> None:
    assert len(copies) >= 6
    assert [str(finding) for found in copies.values() for finding in proof.prove(found)] == []


# ---- seeding defects


def _draw(operators: str) -> Defect:
    """Draws on the first page, in its own coordinates, as an artifact."""

    def seed(pdf: Pdf) -> None:
        stream = pdf.make_stream(f"/Artifact BMC q {operators} Q EMC".encode())
        pdf.pages[0].contents_add(stream, prepend=True)

    return seed


def _draw_with(kind: str, make: Callable[[Pdf], Any], operators: str) -> Defect:
    """Draws on the first page with a resource of its own, called /Seed."""

    def seed(pdf: Pdf) -> None:
        resources = pdf.pages[0].resources
        if kind not in resources:
            resources[kind] = Dictionary()
        resources[kind].Seed = make(pdf)
        _draw(operators)(pdf)

    return seed


def _image(pdf: Pdf, *, space: Any = Name.DeviceGray, side: int = 400, **keys: Any) -> Stream:
    channels = {"/DeviceRGB": 3, "/DeviceCMYK": 4}.get(str(space), 1)
    return pdf.make_stream(
        bytes(side * side * channels), Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side,
        BitsPerComponent=8, ColorSpace=space, **keys,
    )  # fmt: skip


def _form(pdf: Pdf, operators: str = "", **keys: Any) -> Stream:
    return pdf.make_stream(operators.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 100], **keys)


def _face(pdf: Pdf) -> tuple[str, Any, typefaces.Typeface]:
    """The first page's text face: its name among the resources, its dictionary, and what it can say."""
    fonts = pdf.pages[0].resources.Font
    return next(
        (name, font, typefaces.read(font))
        for name, font in fonts.items()
        if str(font.BaseFont).endswith("Hyperlegible")
    )


def _say(text: str, colour: str = "0 g", size: float = 12, x: float = 60, y: float = 60) -> Defect:
    """Writes on the first page, as an artifact."""

    def seed(pdf: Pdf) -> None:
        name, _, face = _face(pdf)
        _draw(f"{colour} BT {name} {size} Tf {x} {y} Td <{_encode(face, text).hex()}> Tj ET")(pdf)

    return seed


def _encode(face: typefaces.Typeface, text: str) -> bytes:
    codes = {letters: code for code, letters in face.letters.items()}
    return b"".join(codes[letter].to_bytes(2) for letter in text)


def _reword(old: str, new: str) -> Defect:
    """Changes text wherever it stands in one piece."""

    def seed(pdf: Pdf) -> None:
        changed = [_rewrite(page, lambda _, text: text.replace(old, new)) for page in pdf.pages]
        assert any(changed), f"{old!r} stands nowhere"

    return seed


def _rewrite(page: Any, change: Callable[[typefaces.Typeface, str], str]) -> int:
    """Writes a page's text anew, without kerning where it changes; how often."""
    faces = {name: typefaces.read(font) for name, font in page.resources.Font.items()}
    steps: list[Any] = []
    count = 0
    face = next(iter(faces.values()))
    for step in pikepdf.parse_content_stream(page):
        steps.append(step)
        if str(step.operator) == "Tf":
            face = faces[str(step.operands[0])]
        elif str(step.operator) == "TJ":
            codes = face.codes(b"".join(bytes(part) for part in step.operands[0] if isinstance(part, pikepdf.String)))
            before = face.text(codes)
            if (after := change(face, before)) != before:
                steps[-1] = ([pikepdf.String(_encode(face, after))], Operator("Tj"))
                count += 1
    page.Contents.write(pikepdf.unparse_content_stream(steps))
    return count


def _each_page(change: Callable[[Any], None]) -> Defect:
    def seed(pdf: Pdf) -> None:
        for page in pdf.pages:
            change(page)

    return seed


def _set(page: Any, name: str, *box: float) -> None:
    page.obj[name] = Array([round(side, 3) for side in box])


def _bleed(page: Any, millimetres: float) -> None:
    left, bottom, right, top = (float(side) for side in page.trimbox)
    room = millimetres * MM
    _set(page, "/BleedBox", left - room, bottom - room, right + room, top + room)


def _drop(holder: Callable[[Pdf], Any], key: str) -> Defect:
    def seed(pdf: Pdf) -> None:
        del holder(pdf)[key]

    return seed


def _put(holder: Callable[[Pdf], Any], key: str, value: Callable[[Pdf], Any]) -> Defect:
    def seed(pdf: Pdf) -> None:
        holder(pdf)[key] = value(pdf)

    return seed


def _property(name: str, value: str) -> Defect:
    def seed(pdf: Pdf) -> None:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as found:
            found[name] = value

    return seed


def _without_property(name: str) -> Defect:
    def seed(pdf: Pdf) -> None:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as found:
            del found[name]

    return seed


def _compress_metadata(pdf: Pdf) -> None:
    import zlib

    data = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(zlib.compress(data), filter=Name.FlateDecode)


def _two_intents(pdf: Pdf) -> None:
    pdf.Root.OutputIntents.append(pdf.Root.OutputIntents[0])


def _profile_of_a_screen(pdf: Pdf) -> None:
    profile = pdf.Root.OutputIntents[0].DestOutputProfile
    data = profile.read_bytes()
    profile.write(data[:12] + b"mntrRGB " + data[20:])


def _whole_font(pdf: Pdf) -> None:
    _, font, _ = _face(pdf)
    font.BaseFont = Name(f"/{str(font.BaseFont).partition('+')[2]}")


def _type_3(pdf: Pdf) -> Any:
    return Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=[0, 0, 1, 1], FontMatrix=[1, 0, 0, 1, 0, 0], FirstChar=65,
        LastChar=65, Widths=[1], Encoding=Dictionary(Differences=[65, Name.A]),
        CharProcs=Dictionary(A=pdf.make_stream(b"")),
    )  # fmt: skip


def _unknown_letter(pdf: Pdf) -> None:
    name, _, _ = _face(pdf)
    _draw(f"BT {name} 12 Tf 60 60 Td <0000> Tj ET")(pdf)


def _crowded_corners(pdf: Pdf) -> None:
    steps = [step for step in pikepdf.parse_content_stream(pdf.pages[0]) if str(step.operator) not in ("S", "s")]
    pdf.pages[0].Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))


def _lzw(pdf: Pdf) -> None:
    # Six codes of nine bits: clear, "-----A", end, as in the standard's own example.
    stream = pdf.make_stream(b"")
    stream.write(bytes.fromhex("800b6050220c0c8501"), filter=Name.LZWDecode)
    pdf.Root.Seed = stream


def _root(pdf: Pdf) -> Any:
    return pdf.Root


def _page(pdf: Pdf) -> Any:
    return pdf.pages[0].obj


def _info(pdf: Pdf) -> Any:
    return pdf.docinfo


def _script(_: Pdf) -> Any:
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def _link(pdf: Pdf) -> Any:
    return Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[100, 100, 200, 120])])


def _intent(pdf: Pdf) -> Any:
    return pdf.Root.OutputIntents[0]


def _dark(pdf: Pdf) -> Any:
    """A gradient that ends in too much ink."""
    ends = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[1, 1, 1, 0.5], N=1)
    return Dictionary(ShadingType=2, ColorSpace=Name.DeviceCMYK, Coords=[100, 100, 200, 100], Function=ends)


def _masked(pdf: Pdf) -> Any:
    """Settings with a soft mask that paints red."""
    return Dictionary(SMask=Dictionary(S=Name.Luminosity, G=_red_form(pdf)))


def _tile(pdf: Pdf) -> Any:
    return pdf.make_stream(
        b"1 0 0 rg 0 0 5 5 re f", PatternType=1, PaintType=1, TilingType=1, BBox=[0, 0, 9, 9], XStep=9, YStep=9,
        Resources=Dictionary(),
    )  # fmt: skip


def _marks(pdf: Pdf) -> Any:
    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[1, 1, 1, 1], N=1)
    return Array([Name.Separation, Name.All, Name.DeviceCMYK, tint])


def _descriptor(pdf: Pdf) -> Any:
    return _face(pdf)[1].DescendantFonts[0].FontDescriptor


def _screen(pdf: Pdf) -> Any:
    return Array([Name.ICCBased, pdf.make_stream(b"", N=3)])


def _lab(_: Pdf) -> Any:
    return Array([Name.Lab, Dictionary(WhitePoint=[1, 1, 1])])


def _red_form(pdf: Pdf) -> Any:
    return _form(pdf, "1 0 0 rg 0 0 9 9 re f")


def _red_group(pdf: Pdf) -> Any:
    return _form(pdf, Group=Dictionary(CS=Name.DeviceRGB))


def _red_image(pdf: Pdf) -> Any:
    return _image(pdf, space=Name.DeviceRGB)


def _coarse_image(pdf: Pdf) -> Any:
    return _image(pdf, side=200)


def _postscript(pdf: Pdf) -> Any:
    return pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.PS)


def _transfer(_: Pdf) -> Any:
    return Dictionary(TR=Name.Identity)


def _halftone(_: Pdf) -> Any:
    return Dictionary(HT=Dictionary(HalftoneType=1))


_X_VERSION = "{http://www.npes.org/pdfx/ns/id/}GTS_PDFXVersion"
_SMALL = "72 0 0 72 100 100 cm /Seed Do"

#: what is wrong, how it is made so, and the one rule that must see it
PRESS: list[tuple[str, Defect, str]] = [
    ("no identifier", _drop(lambda pdf: pdf.trailer, "/ID"), "x4-id"),
    ("calls itself X-3", _property(_X_VERSION, "PDF/X-3"), "x4-conformance"),
    ("metadata compressed", _compress_metadata, "x4-packet"),
    ("no document ID", _without_property("xmpMM:DocumentID"), "x4-provenance"),
    ("no date of change", _without_property("xmp:ModifyDate"), "x4-provenance"),
    ("no title", _drop(_info, "/Title"), "x4-information"),
    ("no creation date", _drop(_info, "/CreationDate"), "x4-information"),
    ("no word of trapping", _drop(_info, "/Trapped"), "x4-trapped"),
    ("trapping unknown", _put(_info, "/Trapped", lambda _: Name.Unknown), "x4-trapped"),
    ("no output intent", _drop(_root, "/OutputIntents"), "x4-output-intent"),
    ("two output intents", _two_intents, "x4-output-intent"),
    ("no printing condition", _drop(_intent, "/OutputConditionIdentifier"), "x4-condition"),
    ("no registry", _drop(_intent, "/RegistryName"), "x4-condition"),
    ("no profile", _drop(_intent, "/DestOutputProfile"), "x4-profile"),
    ("the profile of a screen", _profile_of_a_screen, "x4-profile"),
    ("no trim box", _drop(_page, "/TrimBox"), "x4-trim"),
    ("cut a millimetre short", lambda pdf: _set(pdf.pages[0], "/TrimBox", 0, 0, 595.276, 841.89 - MM), "x4-trim"),
    ("two millimetres of bleed", _each_page(lambda page: _bleed(page, 2)), "press-bleed"),
    ("bleed outside the media", _each_page(lambda page: _set(page, "/MediaBox", -5, -5, 600, 847)), "x4-boxes"),
    ("an art box", _put(_page, "/ArtBox", lambda pdf: pdf.pages[0].TrimBox), "x4-art"),
    ("a link", _put(_page, "/Annots", _link), "x4-annotations"),
    ("a script at opening", _put(_root, "/OpenAction", _script), "x4-actions"),
    ("a script for a page", _put(_page, "/AA", lambda pdf: Dictionary(O=_script(pdf))), "x4-actions"),
    ("an attachment", _put(_root, "/AF", lambda _: Array()), "x4-attachments"),
    ("a form", _put(_root, "/AcroForm", lambda _: Dictionary(Fields=[])), "x4-forms"),
    ("layers", _put(_root, "/OCProperties", lambda _: Dictionary(OCGs=[], D=Dictionary())), "press-layers"),
    ("a font not embedded", _drop(_descriptor, "/FontFile2"), "x4-embedded"),
    ("a whole font", _whole_font, "press-subset"),
    ("a Type 3 font", _draw_with("/Font", _type_3, "BT /Seed 1 Tf 60 60 Td (A) Tj ET"), "press-type-3"),
    ("a letter without a glyph", _unknown_letter, "x4-glyphs"),
    ("LZW", _lzw, "x4-filters"),
    ("OPI", _put(_root, "/Seed", lambda pdf: _image(pdf, OPI=Dictionary())), "x4-opi"),
    ("PostScript", _put(_root, "/Seed", _postscript), "x4-postscript"),
    ("a transfer function", _draw_with("/ExtGState", _transfer, "/Seed gs"), "x4-halftones"),
    ("a halftone", _draw_with("/ExtGState", _halftone, "/Seed gs"), "x4-halftones"),
    ("RGB", _draw("1 0 0 rg 100 100 50 50 re f"), "x4-colours"),
    ("RGB lines", _draw("0 0 0 RG 100 100 m 200 100 l S"), "x4-colours"),
    ("Lab", _draw_with("/ColorSpace", _lab, "/Seed cs 50 0 0 sc 99 99 9 9 re f"), "x4-colours"),
    ("a screen's profile", _draw_with("/ColorSpace", _screen, "/Seed cs 1 0 0 sc 9 99 9 9 re f"), "x4-colours"),
    ("RGB in a form", _draw_with("/XObject", _red_form, "1 0 0 1 99 99 cm /Seed Do"), "x4-colours"),
    ("RGB in a soft mask", _draw_with("/ExtGState", _masked, "/Seed gs"), "x4-colours"),
    ("RGB in a pattern", _draw_with("/Pattern", _tile, "/Pattern cs /Seed scn 99 99 9 9 re f"), "x4-colours"),
    ("a picture in RGB", _draw_with("/XObject", _red_image, _SMALL), "x4-images"),
    ("an inline picture in RGB", _draw("0.1 0 0 0.1 99 99 cm BI /W 1 /H 1 /BPC 8 /CS /RGB ID abc EI"), "x4-images"),
    ("transparency in RGB", _put(_page, "/Group", lambda _: Dictionary(CS=Name.DeviceRGB)), "x4-groups"),
    ("a group in RGB", _draw_with("/XObject", _red_group, "/Seed Do"), "x4-groups"),
    ("a coarse picture", _draw_with("/XObject", _coarse_image, _SMALL), "press-density"),
    ("coloured small print", _say("help", "0.9 0.3 0.3 0.1 k"), "press-small-text"),
    ("rich black text", _say("help", "0.6 0.5 0.5 1 k", size=30), "press-rich-black"),
    ("too much ink", _draw("1 1 1 0.5 k 100 100 50 50 re f"), "press-ink"),
    ("too much ink in a gradient", _draw_with("/Shading", _dark, "100 100 50 50 re W n /Seed sh"), "press-ink"),
    ("a hairline", _draw("0.1 w 0 0 0 1 K 100 100 m 200 100 l S"), "press-hairlines"),
    ("text at the cut", _say("help", x=4), "press-margin"),
    ("ends at the cut", _draw("0 0 0 0.5 k 0 100 50 50 re f"), "press-cut"),
    ("ends in the bleed", _draw("0 0 0 0.5 k -5 100 55 50 re f"), "press-cut"),
    ("marks on the page", _draw_with("/ColorSpace", _marks, "/Seed cs 1 scn 9 99 9 9 re f"), "press-registration"),
    ("black outside the bleed", _draw("0 0 0 1 k -20 100 5 5 re f"), "press-registration"),
    ("no marks", _crowded_corners, "press-marks"),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "rule"), [case[1:] for case in PRESS], ids=[case[0] for case in PRESS])
def test_a_defect_of_a_press_file_is_caught_by_the_rule_meant(
    for_press: proof.Handout, seed: Defect, rule: str
) -> None:
    with pikepdf.open(for_press.path) as pdf:
        seed(pdf)

        assert _caught(pdf, for_press.path, for_press, press.RULES) == {rule}


def test_a_press_file_in_a_later_version_or_locked_is_caught(for_press: proof.Handout, tmp_path: Path) -> None:
    saves: dict[str, dict[str, Any]] = {
        "x4-version": {"min_version": "1.7"},
        "x4-encryption": {"encryption": pikepdf.Encryption(owner="x", user="", R=4)},
    }
    for rule, options in saves.items():
        with pikepdf.open(for_press.path) as pdf:
            pdf.save(tmp_path / "bad.pdf", **options)
        with pikepdf.open(tmp_path / "bad.pdf") as pdf:
            assert rule in _caught(pdf, for_press.path, for_press, press.RULES)


def test_every_rule_for_a_press_has_its_seeded_defect() -> None:
    assert {rule for _, _, rule in PRESS} | {"x4-version", "x4-encryption"} == {rule.name for rule in press.RULES}
    assert len(press.RULES) >= 22


def _elements(pdf: Pdf, kind: str) -> list[Any]:
    return [found for found in pdf.objects if isinstance(found, Dictionary) and found.get("/S") == kind]


def _tag(kind: str, key: str, value: Any = None) -> Defect:
    """Changes the first element of a kind that has a key, or drops the key."""

    def seed(pdf: Pdf) -> None:
        element = next(found for found in _elements(pdf, kind) if key in found)
        if value is None:
            del element[key]
        else:
            element[key] = value

    return seed


def _last_line_as_heading(pdf: Pdf) -> None:
    """Tags what stands at the very foot as a heading."""
    _elements(pdf, "/P")[-1].S = Name.H2


def _untagged(pdf: Pdf) -> None:
    del pdf.Root["/StructTreeRoot"], pdf.Root["/MarkInfo"]


def _annotation(key: str, value: Any = None) -> Defect:
    def seed(pdf: Pdf) -> None:
        link = pdf.pages[0].Annots[0]
        if value is None:
            del link[key]
        else:
            link[key] = value

    return seed


def _scaled(share: float) -> Defect:
    def seed(pdf: Pdf) -> None:
        for page in pdf.pages:
            page.contents_add(pdf.make_stream(f"{share} 0 0 {share} 90 90 cm".encode()), prepend=True)

    return seed


def _lengthen(pdf: Pdf) -> None:
    """Squeezes a line of the body into itself three times more."""
    done = False
    steps: list[Any] = []
    for step in pikepdf.parse_content_stream(pdf.pages[0]):
        if not done and str(step.operator) == "TJ" and len(step.operands[0]) > 40:
            narrow, usual = ([30], Operator("Tz")), ([100], Operator("Tz"))
            steps += [narrow, step, step, step, step, usual]
            done = True
        else:
            steps.append(step)
    pdf.pages[0].Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))


def _hyphenate(pdf: Pdf) -> None:
    seen: list[str] = []

    def change(face: typefaces.Typeface, text: str) -> str:
        if not seen and "-" in face.letters.values() and text.endswith("concerns"):
            seen.append(text)
            return f"{text[:-2]}-"
        return text

    _rewrite(pdf.pages[0], change)
    assert seen


def _slant(pdf: Pdf) -> None:
    _, font, _ = _face(pdf)
    font.BaseFont = Name(f"{font.BaseFont}-Italic")


def _third_side(pdf: Pdf) -> None:
    pdf.pages.append(pdf.pages[1])


def _emptied(pdf: Pdf) -> None:
    """Leaves the running foot of the last side."""
    kept: list[Any] = []
    depth = 0
    for step in pikepdf.parse_content_stream(pdf.pages[1]):
        name = str(step.operator)
        if name in ("BDC", "BMC"):
            depth += name == "BDC" and "/MCID" in step.operands[1]
        if not (depth and name in ("TJ", "Tj")):
            kept.append(step)
        if name == "EMC":
            depth = 0
    pdf.pages[1].Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))


def _forget_a_letter(pdf: Pdf) -> None:
    cmap = _face(pdf)[1].ToUnicode
    assert b"<2019>" in cmap.read_bytes()
    cmap.write(cmap.read_bytes().replace(b"<2019>", b"<fffd>"))


def _recode(pdf: Pdf) -> None:
    """Turns document codes round, in the foot and in the address."""
    for page in pdf.pages:
        _rewrite(page, lambda _, text: re.sub("(?<=Code |rify/)[0-9a-z]{8}", lambda code: code[0][::-1], text))


def _heavy(pdf: Pdf) -> None:
    pdf.Root.Seed = pdf.make_stream(bytes(300_000), Filter=Name.Identity)


#: what is wrong, how it is made so, and the rules that must see it: as few as can
READERS: list[tuple[str, Defect, set[str]]] = [
    ("untagged", _untagged, {"ua-1"}),
    ("no alternative to a picture", _tag("/Figure", "/Alt"), {"ua-1"}),
    ("headings begin low", _tag("/H1", "/S", Name.H3), {"ua-1"}),
    ("no title", _drop(_info, "/Title"), {"about-title"}),
    ("no title in the metadata", _without_property("dc:title"), {"ua-1", "about-title"}),
    ("another title", _property("dc:title", "Another"), {"about-title"}),
    ("no title in the window", _drop(_root, "/ViewerPreferences"), {"ua-1", "about-title"}),
    ("no language", _drop(_root, "/Lang"), {"ua-1", "about-language"}),
    ("another language", _put(_root, "/Lang", lambda _: "fr"), {"about-language"}),
    ("no author", _drop(_info, "/Author"), {"about-author"}),
    ("small print", _say("help", size=8), {"type-smallest"}),
    ("small body", _scaled(0.8), {"type-body", "type-smallest"}),
    ("a long line", _lengthen, {"type-line"}),
    ("a broken word", _hyphenate, {"type-hyphen"}),
    ("italics", _slant, {"type-italics"}),
    ("three sides", _third_side, {"sides-even"}),
    ("a heading at the foot", _last_line_as_heading, {"sides-heading"}),
    ("a side with its foot alone", _emptied, {"sides-lines", "content-authors"}),
    ("the wrong paper", _each_page(lambda page: _set(page, "/TrimBox", 0, 0, 580, 842)), {"office-paper"}),
    ("words at the edge", _say("help", x=8), {"office-margin"}),
    ("a link without description", _annotation("/Contents"), {"ua-1", "links-described"}),
    ("a link in clear text", _annotation("/A", Dictionary(S=Name.URI, URI="http://example.org")), {"links-target"}),
    ("a link to a file", _annotation("/A", Dictionary(S=Name.URI, URI="file:///etc/passwd")), {"links-target"}),
    ("letters that cannot be copied", _forget_a_letter, {"pdf-letters"}),
    ("a heavy file", _heavy, {"pdf-weight"}),
    ("a script", _put(_root, "/OpenAction", _script), {"pdf-actions"}),
    ("an attachment", _put(_root, "/AF", lambda _: Array()), {"pdf-attachments"}),
    ("a form", _put(_root, "/AcroForm", lambda _: Dictionary(Fields=[])), {"pdf-forms"}),
    ("a font not embedded", _drop(_descriptor, "/FontFile2"), {"ua-1", "pdf-embedded"}),
    ("another helpline", _reword("662", "663"), {"content-helplines"}),
    ("another code", _recode, {"content-code"}),
    ("another version", _reword("Version 1", "Version 2"), {"content-version"}),
    ("another date", _reword("2025", "2052"), {"content-date"}),
    ("another author", _reword("SubstanceAbuse", "AbuseSubstance"), {"content-authors"}),
    ("another address", _reword("info@example", "example@info"), {"content-formats"}),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "rules"), [case[1:] for case in READERS], ids=[case[0] for case in READERS])
def test_a_defect_of_a_readers_copy_is_caught_by_the_rules_meant(
    for_readers: proof.Handout, tmp_path: Path, seed: Defect, rules: set[str]
) -> None:
    with pikepdf.open(for_readers.path) as pdf:
        seed(pdf)
        pdf.save(tmp_path / "bad.pdf", fix_metadata_version=False)
    bad = for_readers._replace(path=tmp_path / "bad.pdf")

    assert {finding.rule for finding in proof.prove(bad)} == rules


def test_every_rule_for_readers_has_its_seeded_defect(for_readers: proof.Handout) -> None:
    seeded = {rule for _, _, rules in READERS for rule in rules}
    # These have tests of their own below.
    apart = {"sides-fill", "office-black", "pdf-encryption", "pdf-subset", "pdf-type-3", "pdf-glyphs"}
    assert seeded | apart == {rule.name for rule in proof.rules(for_readers.edition)}
    assert len(READERS) >= 15


def test_colour_on_an_office_printer_is_caught(for_readers: proof.Handout) -> None:
    """A4 in colours, taken for the office edition."""
    office = for_readers._replace(edition=proof.EDITIONS["office"])

    assert {finding.rule for finding in proof.prove(office)} == {"office-black"}


def test_a_last_side_with_too_little_or_too_much_is_caught(for_readers: proof.Handout) -> None:
    """A line below the text is a foot that leaves no room; one far below the paper leaves far too much."""
    for height, filled in ((250, True), (-2000, False)):
        with pikepdf.open(for_readers.path) as pdf:
            if not filled:
                pdf.pages[1].Contents = pdf.make_stream(_without_feet(pdf.pages[1]))
            name, _, face = _face(pdf)
            words = _encode(face, "help").hex()
            shown = f"/Artifact BMC BT {name} 12 Tf 40 {height} Td <{words}> Tj ET EMC"
            pdf.pages[1].contents_add(pdf.make_stream(shown.encode()), prepend=True)
            caught = _caught(pdf, for_readers.path, for_readers, SIDES)

        assert caught == {"sides-fill"}


def _without_feet(page: Any) -> bytes:
    return page.Contents.read_bytes().replace(b"/Artifact", b"/Span")  # type: ignore[no-any-return]


def test_a_file_that_is_missing_changed_or_broken_is_told(for_readers: proof.Handout, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"no PDF")

    (missing,) = proof.prove(for_readers._replace(path=tmp_path / "none.pdf", fresh=False))
    (stale,) = proof.prove(for_readers._replace(fresh=False))
    (unreadable,) = proof.prove(for_readers._replace(path=broken))

    name = "outputs/handout/ketamine-withdrawal-a4.pdf"
    assert str(missing) == f"{name}: made: It has not been made. Run: ./inv build"
    assert str(stale) == f"{name}: made: It is not made from what is there now. Run: ./inv build"
    assert str(unreadable).startswith(f"{name}: pdf-readable: It cannot be read: ")


def test_an_article_that_changed_makes_its_handouts_stale(workshop: Workshop) -> None:
    workshop.article("sleep")
    made = proof.handouts(workshop.desk, NOW)

    assert [(found.path.name, found.fresh) for found in made] == [
        ("sleep-a4.pdf", False), ("sleep-letter.pdf", False), ("sleep-press.pdf", False),
    ]  # fmt: skip
    assert proof.handouts(workshop.desk, NOW, "other") == []


def test_every_edition_is_known_to_the_proof() -> None:
    assert set(proof.EDITIONS) == set(channel.EDITIONS)


@pytest.mark.heavy
def test_the_engines_see_what_they_are_for(
    for_readers: proof.Handout, for_press: proof.Handout, tmp_path: Path
) -> None:
    if missing := proof.lacking():
        absent(missing[0])
    untagged, flooded = tmp_path / "untagged.pdf", tmp_path / "flooded.pdf"
    for good, bad, seed in (
        (for_readers, untagged, _untagged), (for_press, flooded, _draw("1 1 1 0.5 k 100 100 50 50 re f")),
    ):  # fmt: skip
        with pikepdf.open(good.path) as pdf:
            seed(pdf)
            pdf.save(bad)
    office = proof.EDITIONS["office"]

    def caught(*found: proof.Handout) -> set[str]:
        return {finding.rule for finding in proof.prove_slowly(found)}

    assert caught(for_readers, for_press) == set()
    assert caught(for_readers._replace(path=untagged)) == {"verapdf-ua-1"}
    assert caught(for_press._replace(path=flooded)) == {"ink-total"}
    assert caught(for_readers._replace(edition=office)) == {"ink-black"}
