"""Word files in: what is refused, what is asked for, and that no word is lost without being told."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, Run
from PIL import Image

from pressrun.faults import Refused
from pressrun.importing import word
from pressrun.importing.draft import Draft, Left

FILES = ROOT / "tests" / "importing" / "word"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _read(data: bytes, name: str = "a-file.docx") -> Draft:
    return word.read(Path(name), data)


def _document(body: str, of: str = "office-bold", **parts: str) -> bytes:
    """A real file with another text, and perhaps other parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(FILES / f"{of}.docx") as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                data = f'<w:document xmlns:w="{WORD}" xmlns:m="{MATH}"><w:body>{body}</w:body></w:document>'.encode()
            data = parts.get(Path(name).stem, "").encode() or data
            target.writestr(name, data)
    return made.getvalue()


def _paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def _opendocument() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return made.getvalue()


SAVE = "Open it in Word or LibreOffice, choose File, Save As, and the kind Word (.docx), and import what you saved."
FOREIGN = [
    (OLE + b"\0" * 600, f"This is a Word file of the kind before 2007 (.doc). {SAVE}"),
    (OLE + "EncryptedPackage".encode("utf-16-le"),
     "The Word file is protected by a password. Open it in Word, take the password away (File, Info) and save it."),
    (b"{\\rtf1 a}", f"This is a file in Rich Text Format. {SAVE}"),
    (b"plain words", f"This is no Word document. {SAVE}"),
    (b"", f"This is no Word document. {SAVE}"),
    (_opendocument(), f"This is a file of LibreOffice's own format. {SAVE}"),
    (b"PK\x03\x04 and no more",
     "The Word file is broken. Take another copy, or let Word repair it: File, Open, Browse, Open and Repair."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "said"), FOREIGN)
def test_what_is_no_word_file_is_refused_with_a_remedy(data: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        _read(data)
    assert [f"{fault.problem} {fault.remedy}" for fault in refused.value.faults] == [said]


@pytest.mark.parametrize("path", sorted(FILES.glob("*.docx")), ids=lambda path: path.stem)
def test_a_file_cut_off_anywhere_is_refused_or_read(path: Path) -> None:
    data = path.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 12)):
        with pytest.raises(Refused):
            _read(data[:end])


def test_words_that_the_reader_of_word_files_passes_by_are_told() -> None:
    formula = "<w:p><w:r><w:t>Take </w:t></w:r><m:oMath><m:r><m:t>twice</m:t></m:r></m:oMath></w:p>"
    draft = _read(_document(_paragraph("A first one.") + formula))
    assert list(draft.body) == [
        "A first one.", "Take", Left(0, 0, "paragraph 2 with words that are missing", "Take twice"),
    ]  # fmt: skip
    assert "These parts of Word's are left out: formulas." in draft.notes


def test_a_text_box_is_kept_with_all_its_words() -> None:
    """Those of today's Word, which the reader of Word files passes by; some of its words stand elsewhere."""
    named = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    choice = f'<mc:AlternateContent xmlns:mc="{named}"><mc:Choice>{{}}</mc:Choice></mc:AlternateContent>'
    box = f"<w:p><w:r>{choice}</w:r></w:p>"
    for said in ("When in doubt, throw it out.", "What is put in it."):
        body = _paragraph("Put in what it is.") + box.format(_paragraph(said)) + _paragraph("The end.")
        assert [item.text for item in _read(_document(body)).body if isinstance(item, Left)] == [said]


def test_a_formula_that_is_missing_in_a_long_paragraph_is_pointed_at() -> None:
    formula = "<m:oMath><m:r><m:t>twice</m:t></m:r></m:oMath>"
    runs = f"<w:r><w:t>Take the medicine </w:t></w:r>{formula}<w:r><w:t> a day.</w:t></w:r>"
    assert list(_read(_document(f"<w:p>{runs}</w:p>")).body)[1:] == [
        Left(0, 0, "paragraph 1 with words that are missing", "Take the medicine twice a day.\n(look for: twice)")
    ]


def test_typed_bullets_and_numbers_are_lists() -> None:
    lines = ["Words.", "•\tWash your hands", "• Dry them, 10. times", "1. First", "2) Then", "Words.", "• One alone"]
    lines += ["Three steps:", "1. Wet: with water", "2. Soap: a lot", "- Top shelf: cooked food", "– Below: raw meat"]
    assert list(_read(_document("".join(map(_paragraph, lines)))).body) == [
        "Words.",
        "- Wash your hands\n- Dry them, 10. times",
        "1. First\n2. Then",
        "Words.",
        "• One alone",
        "Three steps:",
        {"steps": [{"Wet": "with water"}, {"Soap": "a lot"}]},
        {"terms": [{"Top shelf": "cooked food"}, {"Below": "raw meat"}]},
    ]


def test_lists_of_inner_styles_stand_in_outer_ones() -> None:
    names = ((1, "Bullet"), (2, "Bullet 2"), (3, "Bullet 3"), (4, "Number 2"))
    kinds = "".join(
        f'<w:style w:type="paragraph" w:styleId="L{n}"><w:name w:val="List {name}"/>'
        f'<w:pPr><w:numPr><w:numId w:val="{n}"/></w:numPr></w:pPr></w:style>'
        for n, name in names
    )
    levels = "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/>'
        f'<w:pStyle w:val="L{n}"/></w:lvl></w:abstractNum>'
        for n, _ in names
    )
    numbers = "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n, _ in names)
    styles = f'<w:styles xmlns:w="{WORD}">{kinds}</w:styles>'
    numbering = f'<w:numbering xmlns:w="{WORD}">{levels}{numbers}</w:numbering>'
    lines = [(1, "Outer"), (2, "Inner"), (3, "Deep"), (4, "Counted"), (1, "Last")]
    body = "".join(_paragraph(said, f'<w:pStyle w:val="L{n}"/>') for n, said in lines)

    assert list(_read(_document(body, "office-odt", styles=styles, numbering=numbering)).body) == [
        "- Outer\n  - Inner\n    - Deep\n\n  1. Counted\n\n- Last"
    ]
    alone = _document(_paragraph("Inner", '<w:pStyle w:val="L2"/>'), "office-odt", styles=styles, numbering=numbering)
    assert list(_read(alone).body) == ["- Inner"]


def test_tables_say_what_was_made_of_them() -> None:
    cell, row = "<w:tc><w:tcPr>{}</w:tcPr>{}</w:tc>", "<w:tr>{}</w:tr>"
    plain = ["Food", "Where", "Milk", "Door", "Fish", "Below"]
    cells = [cell.format("", _paragraph(said)) for said in plain]
    wide = cell.format('<w:gridSpan w:val="2"/>', _paragraph("Nothing else"))
    rows = "".join(row.format("".join(cells[at : at + 2])) for at in (0, 2, 4)) + row.format(wide)
    counted = rows.replace("Where", "12")
    draft = _read(_document(f"{_paragraph('Words.')}<w:tbl>{rows}</w:tbl><w:tbl>{counted}</w:tbl>"))

    inner = [["Milk", "Door"], ["Fish", "Below"], ["Nothing else", ""]]
    assert list(draft.body)[1:] == [
        {"table": {"columns": ["Food", "Where"], "rows": inner}},
        {"table": {"columns": ["", ""], "rows": [["Food", "12"], *inner]}},
    ]
    assert list(draft.notes) == [
        "The first row of the table 'Food, Where' was taken for its headings, for no row is marked as such.",
        "A merged cell of the table 'Food, Where' is written once, or once in each row: see whether the rows say it.",
        "The table 'Food, 12' has no headings: write them behind `columns:`.",
        "A merged cell of the table 'Food, 12' is written once, or once in each row: see whether the rows say it.",
    ]


def test_letters_moved_up_and_down_stay_apart() -> None:
    moved = '<w:r><w:rPr><w:position w:val="{}"/></w:rPr><w:t>{}</w:t></w:r>'
    runs = f"<w:r><w:t>10</w:t></w:r>{moved.format(6, 6)}<w:r><w:t> H</w:t></w:r>{moved.format(-4, 2)}"
    assert list(_read(_document(f"<w:p>{runs}</w:p>")).body) == ["10⁶ H₂"]


def test_bold_lines_are_headings_only_where_there_are_no_others() -> None:
    bold = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r></w:p>"
    plain = _paragraph("Words below it.")
    lines = bold.format("The title") + plain + bold.format("A part") + plain + bold.format("A whole sentence.") + plain
    draft = _read(_document(lines))
    assert draft.values["title"] == "The title"
    assert list(draft.body) == [
        "Words below it.",
        "## A part",
        "Words below it.",
        "**A whole sentence.**",
        "Words below it.",
    ]
    headed = _paragraph("A heading", '<w:pStyle w:val="Heading2"/>')
    assert "**A part**" in _read(_document(plain + headed + bold.format("A part"))).body


def test_without_a_title_the_file_s_name_stands_for_it() -> None:
    draft = _read(_document(_paragraph("Some words.")), "sleep_and-you.docx")
    assert (draft.values["title"], draft.slug) == ("Sleep and you", "sleep-and-you")


def test_pictures_come_along_in_formats_that_the_site_takes() -> None:
    draft = _read((FILES / "pandoc-pictures.docx").read_bytes(), "many.docx")
    assert list(draft.pictures) == ["many/picture-1.png", "many/picture-2.jpg"]
    with Image.open(io.BytesIO(draft.pictures["many/picture-1.png"])) as image:
        assert (image.format, image.size) == ("PNG", (48, 32))


def _with_picture(data: bytes, descr: str) -> bytes:
    """The file with another picture in it, and another description of it."""
    made = io.BytesIO()
    with zipfile.ZipFile(FILES / "office-leaflet.docx") as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("word/media/"):
                part = data or part
            if name == "[Content_Types].xml" and data:
                part = part.replace(b"image/png", b"image/x-emf")
            if name == "word/document.xml":
                part = part.replace("Una lámpara amarilla".encode(), descr.encode())
            target.writestr(name, part)
    return made.getvalue()


def test_a_picture_that_no_browser_shows_is_asked_for() -> None:
    draft = _read(_with_picture(b"\x01\0\0\0 EMF", "A lamp"))
    assert [asked.message for asked in draft.asked] == [
        "The picture 'A lamp' has the format X-EMF, which cannot be shown everywhere."
    ]
    assert "a picture that shows nothing" in [item.what for item in draft.body if isinstance(item, Left)]
    assert not draft.pictures


@pytest.mark.parametrize("made", ["image1.png", "C:\\Users\\me\\lamp.png", "", "Picture 3"])
def test_a_file_s_name_describes_no_picture(made: str) -> None:
    figures = [
        item["figure"] for item in _read(_with_picture(b"", made)).body if isinstance(item, dict) and "figure" in item
    ]
    assert figures == [{"src": "a-file/picture-1.png"}]


def test_a_description_that_a_machine_wrote_is_asked_about() -> None:
    draft = _read(_with_picture(b"", "A lamp&#10;&#10;Description automatically generated"))
    assert [asked.message for asked in draft.asked] == [
        "The description of a picture was written by a machine: 'A lamp'."
    ]


def _properties(creator: str, description: str) -> str:
    names = " ".join(f'xmlns:{name}="http://purl.org/dc/{path}/"' for name, path in
                     (("dc", "elements/1.1"), ("dcterms", "terms")))  # fmt: skip
    said = f"<dc:creator>{creator}</dc:creator><dc:description>{description}</dc:description>"
    return f"<core {names}>{said}<dcterms:created>2013-12-23T23:15:00Z</dcterms:created></core>"


def test_what_is_guessed_from_the_properties_is_told() -> None:
    draft = _read(_document(_paragraph("Some words."), core=_properties("Jo Bloggs", "What helps.")))

    assert (draft.values["authors"], draft.values["summary"]) == (["Jo Bloggs"], "What helps.")
    assert draft.guessed == {
        "authors": "Its author is from the Word file's properties ('author'): check it.",
        "date": "Its date is from the Word file's properties ('created'): check it.",
        "summary": "Its summary is from the Word file's properties ('comments'): check it.",
    }


@pytest.mark.parametrize("name", [
    "Ms Office User", "Microsoft Office User", "python-docx", "Unknown", "LibreOffice", "User", "Admin",
])  # fmt: skip
def test_what_programs_write_into_the_properties_is_nobody_s_word(name: str) -> None:
    draft = _read(_document(_paragraph("Some words."), core=_properties(name, "generated by python-docx")))

    assert "authors" not in draft.values
    assert draft.guessed.keys() == {"date"}


@pytest.mark.heavy
@pytest.mark.parametrize("program", ["pandoc", "soffice"])
def test_a_file_made_just_now_says_the_same(tmp_path: Path, run: Run, program: str) -> None:
    if not shutil.which(program):  # the files in tests/importing stand for it
        pytest.skip(f"this machine has no {program}")
    made = ROOT / "tests" / "made"
    if program == "pandoc":
        run("pandoc", made / "arabic.md", "-o", tmp_path / "arabic.docx")
        expected = FILES / "pandoc-arabic.docx"
    else:
        run("soffice", "--headless", "--convert-to", "docx", "--outdir", tmp_path, made / "review.fodt")
        expected = FILES / "office-review.docx"
    fresh = next(tmp_path.glob("*.docx"))
    assert list(_read(fresh.read_bytes()).body) == list(_read(expected.read_bytes()).body)
