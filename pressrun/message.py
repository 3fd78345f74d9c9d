"""A mail message as bytes: the same message, the same bytes, and not a header more than was asked for.

Python's own `email` package is not used to write: on many current versions it lets a subject inject headers
(CVE-2024-6923), drops spaces from long subjects that are not Latin, encodes long List-Unsubscribe addresses into
uselessness, and draws a random boundary.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import quoprimime
from email.utils import format_datetime

#: RFC 5322, 2.1.1
_LONGEST_LINE = 998


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one message says; `html` and `text` are the same letter twice."""

    sender_name: str
    sender: str
    recipient: str
    subject: str
    date: datetime
    #: without angle brackets
    message_id: str
    html: str
    text: str
    language: str
    #: further headers; their values are ASCII and go in as they are
    headers: tuple[tuple[str, str], ...] = ()

    def as_bytes(self) -> bytes:
        """The message after RFC 5322 and RFC 2046, 7-bit, with CRLF. Raises ValueError for a header it cannot carry."""
        parts = [("text/plain", self.text), ("text/html", self.html)]
        boundary = "=_" + hashlib.sha256(f"{self.message_id}{self.html}{self.text}".encode()).hexdigest()[:32]
        lines = [_header(name, value) for name, value in self._headers(boundary)]
        for media_type, content in parts:
            lines += ["", f"--{boundary}", f"Content-Type: {media_type}; charset=utf-8"]
            lines += [f"Content-Language: {self.language}", "Content-Transfer-Encoding: quoted-printable", ""]
            lines += _quoted(content)
        lines += [f"--{boundary}--", ""]
        return "\r\n".join(lines).encode("ascii")

    def _headers(self, boundary: str) -> Iterator[tuple[str, str]]:
        yield "From", f"{_words(self.sender_name, quoted=True)} <{self.sender}>"
        yield "To", f"<{self.recipient}>"
        yield "Subject", _words(self.subject)
        yield "Date", format_datetime(self.date)
        yield "Message-ID", f"<{self.message_id}>"
        yield from self.headers
        yield "MIME-Version", "1.0"
        yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'


def _header(name: str, value: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]*(?:\r\n [\x20-\x7e]+)*", value) or len(name) + len(value) > _LONGEST_LINE:
        raise ValueError(f"the header {name} cannot carry {value!r}")
    return f"{name}: {value}"


def _words(text: str, *, quoted: bool = False) -> str:
    """Text in a header: plain where it can be, else base64 words of at most 75 characters (RFC 2047)."""
    text = " ".join(text.split())
    if text.isascii() and text.isprintable() and "=?" not in text and len(text) <= 66:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"' if quoted else text
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode()}?=" for chunk in _chunks(text))


def _chunks(text: str) -> Iterator[str]:
    """Runs of whole characters, each of at most 45 bytes in UTF-8."""
    chunk = ""
    for character in text:
        if len((chunk + character).encode()) > 45:
            yield chunk
            chunk = ""
        chunk += character
    yield chunk


def _quoted(content: str) -> list[str]:
    """Quoted-printable lines of at most 76 characters (RFC 2045)."""
    data = content.replace("\r\n", "\n").encode().decode("latin-1")
    body = quoprimime.body_encode(data, maxlinelen=76, eol="\n")
    # A '.' that stands alone ends a message in SMTP, and 'From ' starts one in a mailbox file.
    return [
        re.sub(r"^(?:\.$|From )", lambda found: f"={ord(found[0][0]):02X}{found[0][1:]}", line)
        for line in body.split("\n")
    ]
