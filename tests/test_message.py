"""Messages, read back by Python's own parser, which shares no code with their writer."""

from __future__ import annotations

import re
import textwrap
from datetime import UTC, datetime
from email import message_from_bytes, policy, quoprimime
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pressrun.message import Message, _quoted, canonical, wrapped

_WRITTEN = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]

HOSTILE = (
    "",
    "Plain",
    "Sleep, “ketamine” and you",
    "caf\N{LATIN SMALL LETTER E WITH ACUTE} " * 40,
    "=?utf-8?q?x=0D=0ABcc:_evil@example.org?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUub3Jn?= and more",
    "a\r\nBcc: evil@example.org",
    "a\r\n\r\n<p>body</p>",
    "a\x0bb\x0cc\x85d\u2028e\x00f\x7fg",
    "\N{PARTY POPPER}" * 300,
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{ROCKET} " * 30,
    "هل يسبب الكيتامين أعراض الانسحاب؟ " * 9,
    "ｔｈｅ ｌａｚｙ ｄｏｇ " * 20,
    "x" * 300,
    "word " * 60,
    "a  b   c",
    'He said "no", \\ and left; (a comment) <tag@example.org>, group: x;',
)


def _message(**changes: Any) -> Message:
    standard: dict[str, Any] = {
        "sender_name": "Substance Abuse Action", "sender": "info@example.org", "recipient": "info@example.org",
        "subject": "A subject", "date": datetime(2025, 3, 14, tzinfo=UTC), "message_id": "abc@example.org",
        "html": "<p>Hello</p>\n", "text": "Hello\n", "language": "en-US",
    }  # fmt: skip
    return Message(**standard | changes)


def _read(message: Message) -> EmailMessage:
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def _defects(read: EmailMessage) -> list[Any]:
    headers = [defect for name in read for defect in getattr(read[name], "defects", [])]
    return [*read.defects, *headers, *(defect for part in read.walk() for defect in part.defects)]


def _decoded(data: bytes, name: str) -> str:
    """A header after RFC 2047 by the older of Python's two decoders."""
    raw = message_from_bytes(data)[name]
    return str(make_header(decode_header(re.sub(r"\r\n(?= )", "", raw))))


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")


def _sound(data: bytes) -> None:
    """What every message must hold to on its way through old and hostile servers."""
    assert data.isascii()
    lines = data.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 998
    assert not any(line == b"." or line.startswith(b"From ") for line in lines)
    head = data.split(b"\r\n\r\n")[0].decode()
    names = re.findall(r"^([A-Za-z0-9-]+):", head, re.MULTILINE)
    assert len(names) == len(set(names))
    for line in head.split("\r\n"):
        assert line.strip()
        assert "=?" not in line or len(line) <= 76


@pytest.mark.parametrize("subject", HOSTILE)
def test_a_subject_comes_back_as_it_went_in_and_brings_no_header_along(subject: str) -> None:
    message = _message(subject=subject)
    read = _read(message)
    assert list(read) == _WRITTEN
    assert _decoded(message.as_bytes(), "Subject") == _one_line(subject)
    assert read["Subject"] == _one_line(subject)
    assert _defects(read) == []
    _sound(message.as_bytes())


@given(st.text(max_size=400))
def test_any_subject_comes_back(subject: str) -> None:
    data = _message(subject=subject).as_bytes()
    assert list(message_from_bytes(data)) == _WRITTEN
    assert _decoded(data, "Subject") == _one_line(subject)
    _sound(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_stays_one_name_before_one_address(name: str) -> None:
    data = _message(sender_name=name).as_bytes()
    read = message_from_bytes(data, policy=policy.default)
    assert [address.addr_spec for address in read["From"].addresses] == ["info@example.org"]
    assert message_from_bytes(data)["From"].endswith("<info@example.org>")
    # Python joins neighbouring encoded words of a name with a space (bpo-35547), so only short names compare whole.
    if len(name.encode()) <= 39:
        assert read["From"].addresses[0].display_name == _one_line(name)
    _sound(data)


def test_a_name_with_quotes_and_commas_is_quoted() -> None:
    head = _message(sender_name='Help, "now" \\ here').as_bytes().split(b"\r\n")[0]
    assert head == rb'From: "Help, \"now\" \\ here" <info@example.org>'


@given(st.text(max_size=300), st.text(max_size=300))
def test_both_parts_come_back_byte_for_byte_with_the_line_ends_of_mail(text: str, html: str) -> None:
    data = _message(text=text, html=html).as_bytes()
    read = message_from_bytes(data, policy=policy.default)
    plain, rich = read.iter_parts()
    assert [plain.get_content_type(), rich.get_content_type()] == ["text/plain", "text/html"]
    assert plain.get_payload(decode=True) == canonical(text).encode()
    assert rich.get_payload(decode=True) == canonical(html).encode()
    assert _defects(read) == []
    _sound(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".\n",
        "a\n.\n..\nb",
        "From me\nFrom " + "x" * 69,
        "=\n =20\t \n",
        "x" * 2000,
        "ü" * 999,
        "a\rb\x0cc\x85d",
    ],
)
def test_lines_that_break_a_message_on_its_way_are_encoded(text: str) -> None:
    data = _message(text=text, html=text).as_bytes()
    read = message_from_bytes(data)
    assert [part.get_payload(decode=True) for part in read.walk()][1:] == [canonical(text).encode()] * 2
    assert max(map(len, data.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    _sound(data)


_LINES = st.lists(st.one_of(
    st.text(st.sampled_from("ab =.\u00e9\u2014\U0001f389"), max_size=120), st.text("a=", min_size=60, max_size=400),
    st.text(max_size=100),
)).map("\n".join)  # fmt: skip


@given(_LINES)
def test_lines_are_quoted_as_python_quotes_them(text: str) -> None:
    """All but what servers would change, and blanks at the end of a line, of which Python breaks some apart."""
    plain = re.sub(r"[\t ]+(?=\n|\Z)|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "", text)
    expected = quoprimime.body_encode(plain.encode().decode("latin-1"), maxlinelen=74, eol="\n").split("\n")
    found = _quoted(plain)
    assert [re.sub("^=2E", ".", re.sub("^=46rom ", "From ", line)) for line in found] == expected
    assert quoprimime.body_decode("\n".join(_quoted(text))) == text.encode().decode("latin-1")


_WORDS = st.text(st.sampled_from("abcdefg-      \n\t\u00a0\u2003\x0b{}|"), max_size=400)


@given(
    st.one_of(_WORDS, st.text(max_size=300)), st.sampled_from(["", "  ", "10. "]), st.integers(0, 8), st.integers(1, 80)
)
def test_lines_are_broken_where_python_breaks_them(text: str, first: str, indent: int, width: int) -> None:
    rest = " " * indent
    assume("{{" not in text)
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line, width, initial_indent=rest if lines else first, subsequent_indent=rest,
            break_long_words=False, break_on_hyphens=False,
        ) or [""]  # fmt: skip
    assert wrapped(text, first, rest, width) == "\n".join(lines)


@given(st.text(max_size=200))
def test_line_ends_become_those_of_mail_once_and_for_all(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert once == "" or once.endswith("\r\n")
    assert not re.search(r"\r(?!\n)|(?<!\r)\n", once)


def test_the_same_message_is_the_same_bytes_and_another_has_another_boundary() -> None:
    assert _message().as_bytes() == _message().as_bytes()
    one, other = (_read(_message(text=text)).get_boundary() for text in ("one", "other"))
    assert one != other


def test_headers_of_the_callers_go_in_as_they_are() -> None:
    leave = "<https://www.example.org/leave/" + "0123456789abcdef" * 8 + ">"
    message = _message(headers=(("List-Unsubscribe", leave), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")))
    assert b"List-Unsubscribe: " + leave.encode() + b"\r\n" in message.as_bytes()
    assert _read(message)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": (("X-A", "a\r\nBcc: evil@example.org"),)},
        {"headers": (("X-A", "a\r\n\r\nbody"),)},
        {"headers": (("X-A", "a\r\n \r\n b"),)},
        {"headers": (("X-A", "a\nb"),)},
        {"headers": (("X-A", "ä"),)},
        {"headers": (("X-A", "x" * 1000),)},
        {"headers": (("X-A: b\r\nBcc", "a"),)},
        {"headers": (("X-A", "a"), ("x-a", "b"))},
        {"headers": (("subject", "another"),)},
        {"sender": "a@example.org>, <b@example.org"},
        {"sender": "a@example.org\r\nBcc: b@example.org"},
        {"sender": "jörg@example.org"},
        {"recipient": "a@example.org, b@example.org"},
        {"message_id": "a b@example.org"},
        {"language": "en\r\nX-A: b"},
    ],
)  # fmt: skip
def test_a_header_that_would_change_the_message_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"header|address"):
        _message(**changes).as_bytes()


def test_a_domain_in_another_script_is_written_as_servers_know_it() -> None:
    read = _read(_message(sender="info@bücher.example", recipient="info@bücher.example"))
    assert read["To"] == "info@xn--bcher-kva.example"
    assert read["From"].addresses[0].domain == "xn--bcher-kva.example"
