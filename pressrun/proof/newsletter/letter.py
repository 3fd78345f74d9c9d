"""A message read back: its header fields as they stand, its two parts, and the tree of the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from functools import cached_property
from typing import Any

import lxml.html

#: whose text is no words for readers
_SILENT = ("style", "script", "title", "head")
_BLOCKS = (
    "p",
    "td",
    "th",
    "li",
    "dt",
    "dd",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "caption",
    "body",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the issue and the site ask a message to say."""

    #: of the issue
    name: str
    base_url: str
    language: str
    #: ltr or rtl
    direction: str
    subject: str
    preheader: str
    #: postal
    address: str
    #: mailto:..., https://..., a service's merge tag, or nothing for a service that adds a footer of its own
    leave: str
    #: the service that sends; empty when the message is sent from here
    provider: str
    #: a mail address
    sender: str
    #: the message's page on the live site; empty for none
    view: str = ""
    #: what stands in the message for the service to fill in
    merge_tags: tuple[str, ...] = ()
    #: all that author and site typed
    typed: str = ""


@dataclass(eq=False)
class Letter:
    """One message; its own self alone is equal to it, so that what was made of it can be kept."""

    data: bytes
    asked: Asked

    @cached_property
    def head(self) -> bytes:
        """The header, as it stands."""
        return re.split(rb"\r?\n\r?\n", self.data, maxsplit=1)[0]

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """Name and undecoded value of every header field, unfolded, in order."""
        unfolded = re.sub(r"\r?\n(?=[ \t])", "", self.head.decode("latin-1"))
        lines = [line for line in re.split(r"\r?\n", unfolded) if line]
        return [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def values(self, name: str) -> list[str]:
        """Every value of a header field."""
        return [value for known, value in self.fields if known.lower() == name.lower()]

    @cached_property
    def message(self) -> Message:
        """By the older reader of mail, which no header upsets."""
        return message_from_bytes(self.data)

    @cached_property
    def subject(self) -> str:
        """Decoded; as it stands if that cannot be."""
        found = "".join(self.values("Subject")[:1])
        try:
            return str(make_header(decode_header(found)))
        except (HeaderParseError, ValueError, LookupError):
            return found

    def addresses(self, name: str) -> list[str]:
        """The mail addresses of a header field, without names."""
        return [address for _, address in getaddresses(self.values(name)) if address]

    @cached_property
    def parts(self) -> list[Message]:
        return [part for part in self.message.walk() if not part.is_multipart()]

    @cached_property
    def html(self) -> str:
        return self._part("text/html")

    @cached_property
    def text(self) -> str:
        return self._part("text/plain")

    def _part(self, kind: str) -> str:
        return next((decoded(part).replace("\r\n", "\n") for part in self.parts if part.get_content_type() == kind), "")

    @cached_property
    def tree(self) -> Any:
        """The root of the HTML; of an empty page, if there is none."""
        parser = lxml.html.HTMLParser(encoding="utf-8")
        return lxml.html.document_fromstring((self.html.strip("\n") or "<html></html>").encode(), parser=parser)

    @cached_property
    def elements(self) -> list[Any]:
        return [element for element in self.tree.iter() if isinstance(element.tag, str)]

    def all(self, *tags: str) -> list[Any]:
        return [element for element in self.elements if element.tag in tags]

    @cached_property
    def links(self) -> list[tuple[int, str]]:
        return [(element.sourceline, element.get("href").strip()) for element in self.all("a", "area")
                if element.get("href") is not None]  # fmt: skip

    @cached_property
    def styles(self) -> list[tuple[int, str]]:
        """Every style block: the line that it begins on, and what it says."""
        return [(element.sourceline, element.text or "") for element in self.all("style")]

    @cached_property
    def shown(self) -> list[tuple[Any, str]]:
        """Every run of words that readers see, with the element that it stands in."""
        return list(self._shown(self.tree, hidden=False))

    def _shown(self, element: Any, *, hidden: bool) -> Iterator[tuple[Any, str]]:
        hidden = hidden or element.tag in _SILENT or is_hidden(element)
        runs = [element.text, *(child.tail for child in element)]
        for run, child in zip(runs, [None, *element], strict=True):
            if child is not None and isinstance(child.tag, str):
                yield from self._shown(child, hidden=hidden)
            if not hidden and run and run.strip():
                yield element, run

    @cached_property
    def said(self) -> list[tuple[int, str]]:
        """Words with their line: the subject (line 0), what the HTML shows or names, and the text part (line 0)."""
        named = [
            (element.sourceline, element.get(name))
            for element in self.elements for name in ("alt", "title", "aria-label", "href", "src") if element.get(name)
        ]  # fmt: skip
        titles = [(element.sourceline, element.text_content()) for element in self.all("title")]
        shown = [(element.sourceline, run) for element, run in self.shown]
        return [(0, self.subject), *titles, *named, *shown, *((0, line) for line in self.text.splitlines())]

    @cached_property
    def words(self) -> str:
        """All that the HTML shows, on one line."""
        return folded(" ".join(run for _, run in self.shown))


def decoded(part: Message) -> str:
    """What a part says; what cannot be decoded stands as U+FFFD."""
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def declarations(style: str) -> dict[str, str]:
    """What a style attribute of simple declarations says, by property in small letters."""
    pairs = (item.partition(":") for item in style.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if value}


def is_hidden(element: Any) -> bool:
    return declarations(element.get("style", "")).get("display", "").startswith("none")


def block(element: Any) -> Any:
    """The paragraph, cell or the like that an element stands in."""
    return next((above for above in element.iterancestors() if above.tag in _BLOCKS), element)


def folded(text: str) -> str:
    """With single spaces."""
    return " ".join(text.split())
