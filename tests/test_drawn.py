"""The interpreter of content streams: where things stand, how large they are, in which ink."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from pressrun.proof import drawn, typefaces
from pressrun.proof.drawn import Item
from pressrun.proof.inks import Ink, heaviest, space_name
from pressrun.proof.lines import lines, words

#: codes 1 to 3 are as wide as their type is high, half of it, and a quarter
WIDTHS = [1, [1000, 500], 3, 3, 250]


@pytest.fixture
def pdf() -> Iterator[Pdf]:
    """A page with a face, /F, of the letters a, b and c."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(200, 100))
        cmap = b"2 beginbfchar <0001> <0061> <0002> <0062> endbfchar 1 beginbfrange <0003> <0003> [<0063>] endbfrange"
        below = Dictionary(W=Array(WIDTHS), FontDescriptor=Dictionary(Ascent=800, Descent=-200))
        face = Dictionary(
            Subtype=Name.Type0, BaseFont=Name("/ABCDEF+Face"), DescendantFonts=[below], ToUnicode=made.make_stream(cmap)
        )
        made.pages[0].Resources = Dictionary(Font=Dictionary(F=made.make_indirect(face)))
        yield made


def _drawn(pdf: Pdf, operators: str) -> list[Item]:
    pdf.pages[0].Contents = pdf.make_stream(operators.encode())
    return [item for item in drawn.items(pdf) if item.kind not in ("form", "settings")]


def _box(item: Item) -> tuple[float, ...]:
    return tuple(round(side, 3) for side in item.box)


@pytest.mark.parametrize(
    ("operators", "box", "size", "text"),
    [
        ("BT /F 10 Tf 20 30 Td <0001> Tj ET", (20, 28, 30, 38), 10, "a"),
        ("BT /F 10 Tf 20 30 Td [<0001> 500 <0002>] TJ ET", (20, 28, 30, 38), 10, "ab"),
        ("BT /F 10 Tf 1 Tc 50 Tz 20 30 Td <00010001> Tj ET", (20, 28, 31, 38), 10, "aa"),
        ("2 0 0 2 0 0 cm BT /F 10 Tf 20 30 Td <0003> Tj ET", (40, 56, 45, 76), 20, "c"),
        ("1 0 0 -1 0 100 cm BT /F 10 Tf 1 0 0 -1 20 30 Tm <0001> Tj ET", (20, 68, 30, 78), 10, "a"),
        ("BT /F 10 Tf 12 TL 20 30 Td T* <0001> Tj ET", (20, 16, 30, 26), 10, "a"),
        ("BT /F 10 Tf 0 1 -1 0 20 30 Tm <0001> Tj ET", (12, 30, 22, 40), 10, "a"),
    ],
)
def test_text_stands_where_its_matrices_put_it(
    pdf: Pdf, operators: str, box: tuple[float, ...], size: float, text: str
) -> None:
    (item,) = _drawn(pdf, operators)

    assert (_box(item), round(item.size, 3), item.text) == (box, size, text)


def test_text_moves_on_behind_itself(pdf: Pdf) -> None:
    first, second, third = _drawn(pdf, "BT /F 10 Tf 20 30 Td <0001> Tj <0002> Tj 5 -12 Td <0001> Tj ET")

    assert [_box(item)[:2] for item in (first, second, third)] == [(20, 28), (30, 28), (25, 16)]


@pytest.mark.parametrize(
    ("operators", "kind", "box", "size"),
    [
        ("10 10 30 20 re f", "fill", (10, 10, 40, 30), 20),
        ("10 10 30 20 re 0 0 5 5 re f*", "fill", (0, 0, 40, 30), 30),
        ("4 w 10 10 m 50 10 l S", "stroke", (10, 8, 50, 12), 4),
        ("2 0 0 2 0 0 cm 1 w 10 10 m 20 20 l S", "stroke", (19, 19, 41, 41), 2),
        ("0 0 20 20 re W n 10 10 30 30 re f", "fill", (10, 10, 20, 20), 30),
        ("q 0 0 5 5 re W n Q 10 10 30 30 re f", "fill", (10, 10, 40, 40), 30),
        ("10 0 0 10 5 5 cm BI /W 20 /H 40 /IM true /BPC 1 ID x EI", "image", (5, 5, 15, 15), 144),
    ],
)
def test_what_is_painted_has_its_box_and_size(
    pdf: Pdf, operators: str, kind: str, box: tuple[float, ...], size: float
) -> None:
    (item,) = _drawn(pdf, operators)

    assert (item.kind, _box(item), round(item.size, 3)) == (kind, box, size)


def test_parts_of_a_line_are_told_apart_and_what_a_clip_hides_is_not_seen(pdf: Pdf) -> None:
    found = _drawn(pdf, "0 0 5 5 re W n 1 1 m 2 1 l 50 50 m 60 50 l S")

    assert [item.seen for item in found] == [True, False]


def test_inks_follow_their_operators(pdf: Pdf) -> None:
    pdf.pages[0].Resources.ColorSpace = Dictionary(S=Array([Name.Separation, Name.All, Name.DeviceCMYK, Dictionary()]))
    box = "0 0 1 1 re f"

    found = _drawn(pdf, f"{box} 0.5 g {box} q 1 0 0 rg {box} Q {box} 0 0 0 1 k {box} /S cs 1 scn {box}")

    assert [item.ink for item in found] == [
        Ink("DeviceGray", (0,)), Ink("DeviceGray", (0.5,)), Ink("DeviceRGB", (1, 0, 0)), Ink("DeviceGray", (0.5,)),
        Ink("DeviceCMYK", (0, 0, 0, 1)), Ink("Separation All of DeviceCMYK", (1,)),
    ]  # fmt: skip


def test_a_form_within_itself_ends(pdf: Pdf) -> None:
    form = pdf.make_indirect(
        pdf.make_stream(b"1 0 0 1 1 1 cm 0 0 9 9 re f /X Do", BBox=[0, 0, 20, 20], Subtype=Name.Form)
    )
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].Resources.XObject = Dictionary(X=form)

    found = _drawn(pdf, "1 0 0 1 50 50 cm /X Do")

    assert _box(found[0]) == (51, 51, 60, 60)
    assert 5 < len(found) < 50


def test_marks_nest(pdf: Pdf) -> None:
    found = _drawn(pdf, "/P <</MCID 4>> BDC 0 0 1 1 re f /Artifact BMC 0 0 1 1 re f EMC EMC 0 0 1 1 re f")

    assert [(item.mark, item.artifact) for item in found] == [(4, False), (4, True), (-1, False)]


def test_words_of_a_line_are_joined_and_columns_are_kept_apart(pdf: Pdf) -> None:
    def shown(x: float, y: float, code: str) -> str:
        return f"BT /F 10 Tf {x} {y} Td <{code}> Tj ET "

    found = _drawn(pdf, shown(10, 50, "0001") + shown(20, 50, "0002") + shown(28, 50, "0001") + shown(80, 50, "0003")
                   + shown(10, 30, "0002") + "/Artifact BMC " + shown(10, 5, "0001") + "EMC")  # fmt: skip

    assert [words(line) for line in lines(found)] == ["ab a", "c", "b"]


def test_a_simple_font_has_codes_of_one_byte() -> None:
    face = typefaces.read(Dictionary(Subtype=Name.TrueType, BaseFont=Name.Face, FirstChar=65, Widths=[600, 700]))

    assert face.width(face.codes(b"AB")) == 1300
    assert not face.subset
    assert not face.embedded


def test_spaces_of_colour_have_names(pdf: Pdf) -> None:
    profile = pdf.make_stream(b"", N=3)
    assert space_name(Name.DeviceRGB) == "DeviceRGB"
    assert space_name(Array([Name.ICCBased, profile])) == "ICC RGB"
    assert space_name(Array([Name.Indexed, Name.DeviceRGB, 1, b""])) == "Indexed of DeviceRGB"


def test_the_most_ink_of_a_gradient_is_found_in_its_parts() -> None:
    part = Dictionary(FunctionType=2, C0=[0, 0, 0, 0], C1=[1, 0.5, 0, 1], N=1)
    whole = Dictionary(ColorSpace=Name.DeviceCMYK, Function=Dictionary(FunctionType=3, Functions=[part]))

    assert heaviest(whole) == 2.5
