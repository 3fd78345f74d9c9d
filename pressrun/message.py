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

#: without the line end (RFC 5322, 2.1.1)
_LONGEST_LINE = 998
#: lines of this length and less are folded nowhere on their way (RFC 5322, 2.1.1)
_FOLD = 78
#: in UTF-8: in base64 they fill a line of at most 76 with the name of their header (RFC 2047, 2)
_WORD_BYTES = 39


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
        # The last part is the one that a mail program prefers (RFC 2046, 5.1.4).
        parts = [("text/plain", self.text), ("text/html", self.html)]
        boundary = "=_" + hashlib.sha256(f"{self.message_id}{self.html}{self.text}".encode()).hexdigest()[:32]
        lines = [*_head(self._headers(boundary)), ""]
        for media_type, content in parts:
            lines += [f"--{boundary}", *_head(self._part_headers(media_type)), "", *_quoted(content)]
        lines += [f"--{boundary}--", ""]
        return "\r\n".join(lines).encode("ascii")

    def _headers(self, boundary: str) -> Iterator[tuple[str, str]]:
        yield "From", _mailbox(self.sender_name, self.sender)
        yield "To", f"<{_addressee(self.recipient)}>"
        yield "Subject", _text(self.subject, "Subject")
        yield "Date", format_datetime(self.date)
        yield "Message-ID", f"<{_addressee(self.message_id)}>"
        yield from self.headers
        yield "MIME-Version", "1.0"
        yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'

    def _part_headers(self, media_type: str) -> Iterator[tuple[str, str]]:
        yield "Content-Type", f"{media_type}; charset=utf-8"
        yield "Content-Language", self.language
        yield "Content-Transfer-Encoding", "quoted-printable"


def canonical(text: str) -> str:
    """Text with the line ends of mail, CRLF (RFC 2046, 4.1.1), and with one at its end."""
    lines = re.split(r"\r\n|\r|\n", text)
    return "\r\n".join(lines if lines[-1] == "" else [*lines, ""])


# ---- headers


def _head(headers: Iterator[tuple[str, str]]) -> list[str]:
    """Header lines, every name once."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in found:
            raise ValueError(f"two headers are called {name}")
        found[name.lower()] = _header(name, value)
    return list(found.values())


def _header(name: str, value: str) -> str:
    """A header that may be folded, but nothing that a reader could take for another header or for the end of them."""
    lines = f"{name}: {value}".split("\r\n")
    sound = re.fullmatch(r"[A-Za-z0-9-]+: [\x21-\x7e][\x20-\x7e]*|[A-Za-z0-9-]+: ", lines[0])
    folded = all(re.fullmatch(r" +[\x21-\x7e][\x20-\x7e]*", line) for line in lines[1:])
    if not (sound and folded) or max(map(len, lines)) > _LONGEST_LINE:
        raise ValueError(f"the header {name} cannot carry {value!r}")
    return "\r\n".join(lines)


def _addressee(address: str) -> str:
    """An address as mail servers know it: the domain in ASCII (RFC 5891). Raises ValueError."""
    local, _, domain = address.rpartition("@")
    address = f"{local}@{domain.encode('idna').decode()}"
    if not re.fullmatch(r"[\x21-\x7e]+", address) or set(address) & set('<>,;:\\"()'):
        raise ValueError(f"'{address}' is no address for mail")
    return address


def _mailbox(name: str, address: str) -> str:
    """A name in quotes, or in encoded words on lines of their own, before an address."""
    name = _one_line(name)
    if not name:
        return f"<{_addressee(address)}>"
    if _speaks_ascii(name) and len(name) <= 60:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{_addressee(address)}>'
    return f"{_encoded(name)}\r\n <{_addressee(address)}>"


def _text(text: str, name: str) -> str:
    """Text in a header: folded between its words if they are plain, else in encoded words (RFC 2047)."""
    text = _one_line(text)
    words = text.split(" ")
    if not _speaks_ascii(text) or "" in words or max(map(len, words)) > _FOLD - len(f"{name}: "):
        return _encoded(text)
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _FOLD:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]).removeprefix(f"{name}: ")


def _one_line(text: str) -> str:
    """Text without line ends and other control characters."""
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")


def _speaks_ascii(text: str) -> bool:
    """Whether a header may hold the text as it is; what looks like an encoded word would be decoded."""
    return text.isascii() and "=?" not in text


def _encoded(text: str) -> str:
    """Encoded words, a line each, whose readers join them again without a space (RFC 2047, 6.2)."""
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode()}?=" for chunk in _chunks(text))


def _chunks(text: str) -> Iterator[str]:
    """Runs of whole characters that each fit an encoded word."""
    chunk = ""
    for character in text:
        if len((chunk + character).encode()) > _WORD_BYTES:
            yield chunk
            chunk = ""
        chunk += character
    yield chunk


# ---- bodies


def _quoted(content: str) -> list[str]:
    """Quoted-printable lines of at most 76 characters (RFC 2045, 6.7), the last of them empty."""
    data = canonical(content).replace("\r\n", "\n").encode().decode("latin-1")
    body = quoprimime.body_encode(data, maxlinelen=74, eol="\n")
    # A '.' that stands alone ends a message in SMTP, and 'From ' starts one in a mailbox file; either grows by two.
    return [
        re.sub(r"^(?:\.$|From )", lambda found: f"={ord(found[0][0]):02X}{found[0][1:]}", line)
        for line in body.split("\n")
    ]
