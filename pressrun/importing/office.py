"""What a Word file says besides its text: who wrote it and when, in what language, comments, running headers."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from pressrun.faults import Fault, Place, Refused
from pressrun.importing import numbering, words

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
#: letters moved by a point or more
_POSITION = re.compile(rb'<w:position w:val="(-?)(?:[2-9]|[1-9]\d+)"\s*/>')
_SAVE = "Open it in Word or LibreOffice, choose File, Save As, and the kind Word (.docx), and import what you saved."
#: a file of more bytes than this, unpacked, is no article
_MOST_BYTES = 400_000_000


@dataclass(frozen=True)
class Office:
    """An opened Word file."""

    files: zipfile.ZipFile

    def properties(self) -> dict[str, str]:
        """Its title, author, summary, tags and dates, by their names in Dublin Core, but for what programs write."""
        root = self._xml("docProps/core.xml")
        said = {etree.QName(node).localname: (node.text or "").strip() for node in root} if root is not None else {}
        return {name: text for name, text in said.items() if not words.is_by_machine(text)}

    def language(self) -> str:
        """The tag that most of its words have; empty if it says none."""
        found: Counter[str] = Counter()
        for run in self._parts("word/document.xml", "r"):
            for lang in run.iterfind(f"{_WORD}rPr/{_WORD}lang"):
                found[lang.get(f"{_WORD}val") or ""] += len("".join(run.itertext()))
        root = self._xml("word/styles.xml")
        default = root.find(f"{_WORD}docDefaults//{_WORD}lang") if root is not None else None
        every = sum(len("".join(run.itertext())) for run in self._parts("word/document.xml", "r"))
        found[(default.get(f"{_WORD}val") or "") if default is not None else ""] += every - found.total()
        tag = max(found, key=lambda name: found[name])
        return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", tag) else ""

    def comments(self) -> Iterator[tuple[str, str]]:
        """Who says it, and what."""
        for comment in self._parts("word/comments.xml", "comment"):
            yield comment.get(f"{_WORD}author") or "somebody", " ".join(map(_said, comment.iter(f"{_WORD}p")))

    def margins(self) -> list[str]:
        """What stands in running headers and footers."""
        names = [name for name in self.files.namelist() if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name)]
        said = [" ".join(map(_said, self._parts(name, "p"))).strip() for name in names]
        return list(dict.fromkeys(text for text in said if re.search(r"[^\W\d]{2}", text)))

    def paragraphs(self) -> list[str]:
        """The words of each paragraph and each diagram, in which nothing of it may be lost."""
        texts = [_said(part) for part in self._parts("word/document.xml", "p")]
        drawn = [
            name for name in self.files.namelist() if re.fullmatch(r"word/(?:diagrams/data|charts/chart)\d*\.xml", name)
        ]
        for name in drawn:
            root = self._xml(name)
            texts += [node.text or "" for node in root.iter(_DRAWN)] if root is not None else []
        return [text for text in texts if text.strip()]

    def is_changed(self) -> bool:
        """Whether deletions are recorded and not yet accepted."""
        return any(len(part) for part in self._parts("word/document.xml", "del"))

    def prepared(self) -> bytes:
        """The file for a reader of Word files that knows neither letters moved up or down (10⁶ would be 106) nor lists
        that change the signs of others.
        """
        made, lists = io.BytesIO(), self._xml("word/numbering.xml")
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as target:
            for name in self.files.namelist():
                data = self.files.read(name)
                if name == "word/document.xml":
                    data = _POSITION.sub(_aligned, data)
                elif name == "word/numbering.xml":
                    data = etree.tostring(numbering.settled(lists))
                target.writestr(name, data)
        return made.getvalue()

    def ordinals(self) -> list[int]:
        """The number of each item of the outermost numbered lists."""
        document, lists = self._xml("word/document.xml"), self._xml("word/numbering.xml")
        return numbering.ordinals(document, numbering.settled(lists)) if lists is not None else []

    def headed(self) -> list[bool]:
        """Of each table, whether its style sets the first row apart."""
        return [_is_headed(table) for table in self._parts("word/document.xml", "tbl")]

    def _parts(self, name: str, tag: str) -> Iterator[Any]:
        root = self._xml(name)
        return root.iter(f"{_WORD}{tag}") if root is not None else iter(())

    def _xml(self, name: str) -> Any:
        """The root of a part; None where the file has none."""
        if name not in self.files.namelist():
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(self.files.read(name), parser)


def _aligned(found: re.Match[bytes]) -> bytes:
    return b'<w:vertAlign w:val="%s"/>' % (b"subscript" if found[1] else b"superscript")


def opened(source: str, data: bytes) -> Office:
    """A Word file. Raises Refused for what is none, is protected or is broken."""
    if problem := _foreign(data):
        raise Refused([Fault(Place(source), *problem)])
    try:
        files = zipfile.ZipFile(io.BytesIO(data))
        names = files.namelist()
        if "mimetype" in names:
            raise Refused([Fault(Place(source), "This is a file of LibreOffice's own format.", _SAVE)])
        if "word/document.xml" not in names or sum(info.file_size for info in files.infolist()) > _MOST_BYTES:
            raise Refused([Fault(Place(source), "There is no Word document in this file.", _SAVE)])
        office = Office(files)
        office.paragraphs()
    except (zipfile.BadZipFile, etree.XMLSyntaxError, NotImplementedError, RuntimeError, EOFError, OSError):
        remedy = "Take another copy, or let Word repair it: File, Open, Browse, Open and Repair."
        raise Refused([Fault(Place(source), "The Word file is broken.", remedy)]) from None
    return office


def _foreign(data: bytes) -> tuple[str, str] | None:
    """What is wrong with a file that is no .docx at all."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return (
                "The Word file is protected by a password.",
                "Open it in Word, take the password away (File, Info) and save it.",
            )
        return "This is a Word file of the kind before 2007 (.doc).", _SAVE
    if data.startswith(b"{\\rtf"):
        return "This is a file in Rich Text Format.", _SAVE
    return None if data.startswith(b"PK") else ("This is no Word document.", _SAVE)


def _said(paragraph: Any) -> str:
    """The words of one paragraph, formulas among them, without those of boxes in it and of text that was moved away."""
    texts = (node for node in paragraph.iter(f"{_WORD}t", f"{_MATHS}t") if not _is_apart(node, paragraph))
    return "".join(node.text or "" for node in texts)


def _is_apart(node: Any, paragraph: Any) -> bool:
    for above in node.iterancestors():
        if above is paragraph:
            return False
        if above.tag in (f"{_WORD}moveFrom", f"{_WORD}p", _CHOICE):
            return True
    return False


def _is_headed(table: Any) -> bool:
    look = table.find(f"{_WORD}tblPr/{_WORD}tblLook")
    style = table.find(f"{_WORD}tblPr/{_WORD}tblStyle")
    if look is None or style is None or (style.get(f"{_WORD}val") or "").lower() in ("tablegrid", "tablenormal"):
        return False
    first = look.get(f"{_WORD}firstRow")
    return first in ("1", "true") if first else bool(int(look.get(f"{_WORD}val") or "0", 16) & 0x20)
