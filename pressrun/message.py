"""A mail message as bytes: the same message, the same bytes, and not a header more than was asked for.

Python's own `email` package is not used to write: on many current versions it lets a subject inject headers
(CVE-2024-6923), drops spaces from long subjects that are not Latin, encodes long List-Unsubscribe addresses into
uselessness, and draws a random boundary.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache, partial
from itertools import groupby
from typing import Any

#: without the line end (RFC 5322, 2.1.1)
_LONGEST_LINE = 998
#: lines of this length and less are folded nowhere on their way (RFC 5322, 2.1.1)
_FOLD = 78
#: in UTF-8: in base64 they fill a line of at most 76 with the name of their header (RFC 2047, 2)
_WORD_BYTES = 39


#: around a merge field's name and default, in text that no author can type (characters for private use)
_OPEN, _BETWEEN, _CLOSE = "\ue000", "\ue001", "\ue002"
_FIELD = re.compile(f"{_OPEN}([a-z]+){_BETWEEN}([^{_CLOSE}]*){_CLOSE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one message says; `html` and `text` are the same letter twice.

    Subject, html, text and the values of headers may hold merge fields, made by `field`.
    """

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
        """The message after RFC 5322 and RFC 2046, 7-bit, with CRLF, each field at its default.

        Raises ValueError for a header it cannot carry.
        """
        return Mould(self).cast(self.recipient, self.message_id, {})


def packed(message: Message) -> bytes:
    """A message as JSON, to be kept with its merge fields open."""
    return json.dumps(asdict(message) | {"date": message.date.isoformat()}, indent=0).encode()


def unpacked(data: bytes) -> Message:
    """What `packed` made. Raises ValueError, TypeError or KeyError for anything else."""
    found = json.loads(data)
    headers = tuple((name, value) for name, value in found.pop("headers"))
    return Message(**found | {"date": datetime.fromisoformat(found["date"]), "headers": headers})


def field(name: str, default: str) -> str:
    """A merge field in a text of a message; the default is in the text's own form, that is, escaped in HTML."""
    return f"{_OPEN}{name}{_BETWEEN}{default}{_CLOSE}"


def filled(text: str, fill: Callable[[str, str], str] = lambda _name, default: default) -> str:
    """A text with something in place of every field, by its name and default; the default if not told otherwise."""
    return _FIELD.sub(lambda found: fill(found[1], found[2]), text)


def fields(*texts: str) -> dict[str, tuple[str, str]]:
    """Every merge field in some texts: how it stands there -> its name and default."""
    return {found[0]: (found[1], found[2]) for text in texts for found in _FIELD.finditer(text)}


class Mould:
    """A message that was put together once, for any number of recipients: only what differs is made for each."""

    def __init__(self, message: Message) -> None:
        self._parts: list[bytes | Callable[[str, str, Mapping[str, str]], str]] = []
        boundary = _boundary(message)
        seen = set()
        for name, make in _headers(message, boundary):
            if name.lower() in seen:
                raise ValueError(f"two headers are called {name}")
            seen.add(name.lower())
            self._parts.append(make)
        # The last part is the one that a mail program prefers (RFC 2046, 5.1.4).
        bodies = (("text/plain", message.text, str), ("text/html", message.html, html.escape))
        for media_type, content, escape in bodies:
            head = [
                _header("Content-Type", f"{media_type}; charset=utf-8"),
                _header("Content-Language", message.language),
                _header("Content-Transfer-Encoding", "quoted-printable"),
            ]
            self._add(["", f"--{boundary}", *head, ""])
            self._add_body(content, escape)
        self._add(["", f"--{boundary}--"])

    def cast(self, recipient: str, message_id: str, fields: Mapping[str, str]) -> bytes:
        """The bytes for one recipient; a field without a value there has its default. Raises ValueError."""
        return b"".join(
            part if isinstance(part, bytes) else part(recipient, message_id, fields).encode("ascii")
            for part in self._parts
        )

    def _add(self, lines: list[str]) -> None:
        self._parts.append(("\r\n".join(lines) + "\r\n").encode("ascii"))

    def _add_body(self, content: str, escape: Callable[[str], str]) -> None:
        """Quoted-printable encodes line by line, so lines without a field are encoded here, once."""
        for varies, lines in groupby(canonical(content).split("\r\n")[:-1], key=lambda line: _OPEN in line):
            text = "\n".join(lines)
            if varies:
                self._parts.append(partial(_varying, text, escape))
            else:
                self._add(_quoted(text))


def _headers(message: Message, boundary: str) -> Iterator[tuple[str, Any]]:
    """Each header's name with its bytes, or with what makes them for a recipient."""
    yield "From", _fixed_header("From", _mailbox(message.sender_name, message.sender))
    yield "To", lambda recipient, _id, _fields: _header("To", f"<{_addressee(recipient)}>") + "\r\n"
    yield (
        "Subject",
        lambda _to, _id, fields: _header("Subject", _text(_merged(message.subject, fields), "Subject")) + "\r\n",
    )
    yield "Date", _fixed_header("Date", format_datetime(message.date))
    yield "Message-ID", lambda _to, id_, _fields: _header("Message-ID", f"<{_addressee(id_)}>") + "\r\n"
    for name, value in message.headers:
        yield name, _free_header(name, value)
    yield "MIME-Version", _fixed_header("MIME-Version", "1.0")
    yield "Content-Type", _fixed_header("Content-Type", f'multipart/alternative; boundary="{boundary}"')


def _fixed_header(name: str, value: str) -> bytes:
    return (_header(name, value) + "\r\n").encode("ascii")


def _free_header(name: str, value: str) -> Any:
    if _OPEN not in value:
        return _fixed_header(name, value)
    return lambda _to, _id, fields: _header(name, _merged(value, fields)) + "\r\n"


def _varying(text: str, escape: Callable[[str], str], _to: str, _id: str, fields: Mapping[str, str]) -> str:
    return "\r\n".join([*_quoted(_merged(text, fields, escape)), ""])


def _merged(text: str, fields: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    return filled(text, lambda name, default: escape(_one_line(fields.get(name, ""))) or default)


def _boundary(message: Message) -> str:
    """A line that no part holds, the same for every recipient."""
    return "=_" + hashlib.sha256(f"{filled(message.html)}\0{filled(message.text)}".encode()).hexdigest()[:32]


def canonical(text: str) -> str:
    """Text with the line ends of mail, CRLF (RFC 2046, 4.1.1), and with one at its end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (text if text.endswith("\n") or not text else f"{text}\n").replace("\n", "\r\n")


#: stands for a space in a merge field, {{name|dear reader}}, while lines are broken
_WHOLE = "\ue003"


def wrapped(text: str, first: str = "", rest: str = "", width: int = 72) -> str:
    """Text broken into lines that mail programs show as they are; hard line breaks stay, addresses are never cut."""
    if "{{" in text:
        text = re.sub(r"\{\{[^{}\n]*\}\}", lambda field: field[0].replace(" ", _WHOLE), text)
    lines: list[str] = []
    for line in text.split("\n"):
        lines.extend(_broken(line, rest if lines else first, rest, width) or [""])
    return "\n".join(lines).replace(_WHOLE, " ")


def _broken(line: str, first: str, rest: str, width: int) -> list[str]:
    words = line.split(" ")
    if not all(words) or any(map(str.isspace, words)) or _BLANKS.search(line):
        wrap = textwrap.TextWrapper(width, initial_indent=first, subsequent_indent=rest,
                                    break_long_words=False, break_on_hyphens=False)  # fmt: skip
        return wrap.wrap(line)
    # The usual line has one space between its words: a pattern breaks it in a tenth of the time.
    start = _fit(width - len(first)).match(line)
    assert start
    return [first + start[1], *(rest + words for words in _fit(width - len(rest)).findall(line, start.end()))]


#: what textwrap takes for a space as well
_BLANKS = re.compile("[\t\x0b\x0c\r]")


@cache
def _fit(width: int) -> re.Pattern[str]:
    """As many words as fit, or one that is longer, and the space behind them."""
    return re.compile(f"(.{{1,{max(1, width)}}}|[^ ]+)(?: |$)")


# ---- headers


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


#: with room for the sign that a line goes on, and for two characters more at its beginning
_LONGEST_QUOTED = 74
_NOT_ASCII = re.compile(rb"[^\t -~]+")


def _quoted(text: str) -> list[str]:
    """Lines of text as quoted-printable lines of at most 76 characters (RFC 2045, 6.7)."""
    # SMTP doubles a '.' that begins a line, and 'From ' starts a message in a mailbox file; either grows by two. So
    # nothing has to be changed on the way.
    return [
        f"={ord(line[0]):02X}{line[1:]}" if line.startswith((".", "From ")) else line
        for whole in map(_spelt, text.replace("=", "=3D").split("\n"))
        for line in ([whole] if len(whole) <= _LONGEST_QUOTED else _folded(whole))
    ]


def _spelt(line: str) -> str:
    """A line with the bytes of all but plain ASCII, and a blank at its end, as numbers."""
    if not (line.isascii() and line.isprintable()):
        line = _NOT_ASCII.sub(_escaped, line.encode()).decode("ascii")
    return f"{line[:-1]}={ord(line[-1]):02X}" if line.endswith((" ", "\t")) else line


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"=" + found[0].hex("=").upper().encode()


def _folded(line: str) -> Iterator[str]:
    """A line in parts that go on behind a sign, none of which begins inside a number."""
    start = 0
    while len(line) - start > _LONGEST_QUOTED:
        stop = start + _LONGEST_QUOTED - 1
        stop -= 2 if line[stop - 2] == "=" else line[stop - 1] == "="
        yield f"{line[start:stop]}="
        start = stop
    yield line[start:]
