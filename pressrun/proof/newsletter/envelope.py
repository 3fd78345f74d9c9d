"""Rules for what mail servers see: bytes, header fields and the build of the message."""

from __future__ import annotations

import re
from collections import Counter
from email.utils import parsedate_to_datetime

from pressrun.proof.newsletter.letter import Letter
from pressrun.proof.newsletter.rules import Found, Rule

_LONGEST_LINE = 998
_LONGEST_WORD = 75
_NEEDED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id")
#: which programs read letter by letter
_MACHINE = re.compile(r"List-.*|Feedback-ID|Message-ID", re.IGNORECASE)
_WORD = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")
_ONE_CLICK = "List-Unsubscribe=One-Click"


def _ascii(letter: Letter) -> Found:
    if count := sum(byte > 0x7F for byte in letter.data):
        yield 0, f"It holds {count} bytes that are not ASCII."


def _line_ends(letter: Letter) -> Found:
    bare = len(re.findall(rb"(?<!\r)\n|\r(?!\n)", letter.data))
    if bare:
        yield 0, f"{bare} lines end in a bare CR or LF."


def _long_lines(letter: Letter) -> Found:
    longest = max(map(len, re.split(rb"\r\n|\r|\n", letter.data)))
    if longest > _LONGEST_LINE:
        yield 0, f"A line has {longest} characters."


def _needed(letter: Letter) -> Found:
    missing = [name for name in _NEEDED if not letter.values(name)]
    yield from ((0, f"It has no {name}.") for name in missing)


def _twice(letter: Letter) -> Found:
    counts = Counter(name.lower() for name, _ in letter.fields)
    yield from ((0, f"The header '{name}' stands in it {count} times.") for name, count in counts.items() if count > 1)


def _words(letter: Letter) -> Found:
    for name, value in letter.fields:
        for word in re.findall(r"=\?\S*", value):
            if not _WORD.fullmatch(word.rstrip(",;")) or len(word) > _LONGEST_WORD:
                yield 0, f"{name} holds '{word[:40]}', which is no encoded word or longer than {_LONGEST_WORD}."


def _machine(letter: Letter) -> Found:
    for name, value in letter.fields:
        if _MACHINE.fullmatch(name) and "=?" in value:
            yield 0, f"{name} is encoded: '{value[:40]}'."


def _recipient(letter: Letter) -> Found:
    if (count := len(letter.addresses("To"))) != 1:
        yield 0, f"It goes to {count} recipients."
    yield from ((0, f"It has a {name}.") for name, _ in letter.fields if name.lower() in ("cc", "bcc"))


def _sender(letter: Letter) -> Found:
    if (found := letter.addresses("From")) != [letter.asked.sender]:
        yield 0, f"It comes from '{', '.join(found)}', not from '{letter.asked.sender}'."


def _aligned(letter: Letter) -> Found:
    identity = "".join(letter.values("Message-ID")).strip("<>").rpartition("@")[2].lower()
    domain = "".join(letter.addresses("From")[:1]).rpartition("@")[2].lower()
    near = identity == domain or identity.endswith(f".{domain}") or domain.endswith(f".{identity}")
    if identity and domain and not near:
        yield 0, f"It comes from {domain}, and its Message-ID from {identity}."


def _identity(letter: Letter) -> Found:
    for name in ("Message-ID", "List-Id"):
        for value in letter.values(name):
            if value and not re.fullmatch(r"[^<>]*<[^<>\s]+>", value):
                yield 0, f"{name} is '{value}'."


def _date(letter: Letter) -> Found:
    for value in letter.values("Date"):
        try:
            zone = parsedate_to_datetime(value).tzinfo
        except (ValueError, TypeError):
            zone = None
        if value and zone is None:
            yield 0, f"Its date is '{value}'."


def _build(letter: Letter) -> Found:
    kinds = [part.get_content_type() for part in letter.parts]
    if letter.message.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        yield 0, f"It is {letter.message.get_content_type()} of {', '.join(kinds)}."


def _transfer(letter: Letter) -> Found:
    for part in letter.parts:
        found = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
        if found not in ("quoted-printable", "base64"):
            yield 0, f"The part {part.get_content_type()} is sent as {found}."


def _charset(letter: Letter) -> Found:
    for part in letter.parts:
        if (found := str(part.get_param("charset", "")).lower()) != "utf-8":
            yield 0, f"The charset of the part {part.get_content_type()} is '{found}'."


def _unsubscribe(letter: Letter) -> Found:
    """What programs offer as their own button; a service that sends puts in its own."""
    leave, listed = letter.asked.leave, "".join(letter.values("List-Unsubscribe"))
    clicks = letter.values("List-Unsubscribe-Post")
    ways = re.findall(r"<([^<>]*)>", listed)
    if not leave.startswith(("mailto:", "https:")):
        if listed or clicks:
            yield 0, "It has List-Unsubscribe of its own, though a service sends it."
        return
    if leave.startswith("mailto:"):
        if ways != [leave]:
            yield 0, f"List-Unsubscribe is '{listed}', not <{leave}>."
        if clicks:
            yield 0, "It has List-Unsubscribe-Post without an https address."
        return
    if ways[:1] != [leave] or len(ways) != 2 or not ways[1].startswith("mailto:"):
        yield 0, f"List-Unsubscribe is '{listed}', not <{leave}> and <mailto:...>."
    if clicks != [_ONE_CLICK]:
        yield 0, f"List-Unsubscribe-Post is {clicks}."


def _readable(letter: Letter) -> Found:
    """What Python's reader of mail stumbles over."""
    defects = [defect for part in letter.message.walk() for defect in part.defects]
    yield from ((0, f"It is not built as mail is: {type(defect).__name__}.") for defect in defects)


RULES = (
    Rule("mail-ascii", "error", "A message must be all ASCII, or servers change it on its way.", _ascii),
    Rule("mail-line-ends", "error", "Every line must end in CRLF (RFC 5322).", _line_ends),
    Rule("mail-line-length", "error", "A line may have 998 characters (RFC 5322).", _long_lines),
    Rule("mail-readable", "error", "Header and parts must be as RFC 5322 and RFC 2046 want them.", _readable),
    Rule("mail-headers-needed", "error", "Mail services turn away what lacks it.", _needed),
    Rule("mail-headers-once", "error", "A header may stand once (RFC 5322, 3.6).", _twice),
    Rule("mail-encoded-words", "error", "Encoded words have 75 characters at most (RFC 2047).", _words),
    Rule("mail-encoded-machine", "error", "What programs read must stand unencoded.", _machine),
    Rule("mail-recipient", "error", "It must go to exactly one, so that nobody learns of others.", _recipient),
    Rule("mail-sender", "error", "It must come from the site's sender.", _sender),
    Rule("mail-aligned", "error", "Both must be of one domain, or it looks forged.", _aligned),
    Rule("mail-identity", "error", "It must be one name in angle brackets (RFC 5322, RFC 2919).", _identity),
    Rule("mail-date", "error", "It must be a date with its offset (RFC 5322, 3.3).", _date),
    Rule("mail-build", "error", "It must be multipart/alternative, the text first, the HTML last.", _build),
    Rule("mail-transfer", "error", "A part must be sent as quoted-printable or base64.", _transfer),
    Rule("mail-charset", "error", "Every part must be UTF-8 and say so.", _charset),
    Rule("mail-unsubscribe-header", "error", "The headers must offer the site's way to unsubscribe.", _unsubscribe),
)
