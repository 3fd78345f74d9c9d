"""The bytes of outputs as somebody sees them: a message in a mail program, an entry in a reader, a handout's pages."""

from __future__ import annotations

import email
import io
import json
import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

#: characters that a list of messages has room for
_PREVIEW = 110
#: what nobody sees of a page
_UNSEEN = ("style", "title", "script")
#: in mail, after the preheader: what fills the line, so that nothing else comes to stand there
_FILLING = re.compile("[\u034f\u200c\u00a0\\s]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message, read back out of its file."""

    #: a name, or an address where there is none
    sender: str
    subject: str
    #: what a list of messages shows behind the subject
    preview: str
    html: str
    text: str


def letter(data: bytes) -> Letter:
    """What a mail program makes of an .eml file."""
    message = email.message_from_bytes(data)
    parts = {part.get_content_type(): _text(part) for part in message.walk() if not part.is_multipart()}
    html, text = (parts.get(f"text/{kind}", "") for kind in ("html", "plain"))
    name, address = parseaddr(str(message["from"]))
    return Letter(_decoded(name) or address, _decoded(message["subject"]), _first_words(html), html, text)


def _decoded(field: str) -> str:
    return str(make_header(decode_header(field)))


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode(part.get_content_charset("utf-8"))


def _first_words(html: str) -> str:
    words = _Words()
    words.feed(html)
    return _FILLING.sub(" ", "".join(words.found)).strip()[:_PREVIEW]


class _Words(HTMLParser):
    """The words of a page, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # the parser's own name
        if tag in _UNSEEN:
            self._inside = tag
        self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.found.append(data)


def entry(data: bytes, address: str) -> dict[str, Any] | None:
    """The entry of a page in a JSON Feed; None if it is not there."""
    items: list[dict[str, Any]] = json.loads(data)["items"]
    return next((item for item in items if item.get("url") == address), items[0] if len(items) == 1 else None)


@lru_cache(maxsize=32)
def count_pages(data: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        return len(document)
    finally:
        document.close()


def page(data: bytes, number: int, width: int) -> bytes:
    """A page of a PDF, counted from 1, as a PNG so many pixels wide. Raises IndexError for one that is not there.

    PDFium may be used by one thread at a time.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        if not 0 < number <= len(document):
            raise IndexError(number)
        sheet = document[number - 1]
        image = sheet.render(scale=width / sheet.get_width()).to_pil()
    finally:
        document.close()
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "PNG", compress_level=1)
    return stream.getvalue()
