"""Readers of single values: text, numbers, dates, addresses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pressrun import markup, model, source
from pressrun.model import Block, Prose
from pressrun.schema.context import Context, Kind, Unusable, nearest
from pressrun.source import Node, Scalar, Sequence

# ---- text


def scalar_of(node: Node, context: Context, wanted: str) -> Scalar:
    """A non-empty scalar, unless YAML has made something else of it."""
    if isinstance(node, Scalar):
        if node.empty or not node.text.strip():
            raise context.refuse(
                node, f"Nothing is written here where {wanted} belongs.", "Write it, or delete the key."
            )
        return node
    taken_for = "list" if isinstance(node, Sequence) else "mapping"
    line = node.source.lines[node.source.text.count("\n", 0, node.start)]
    typed = node.source.text[node.start : node.start + 1]
    if typed in "[{" or (taken_for == "mapping" and "\n" not in node.source.text[node.start : node.end].rstrip()):
        cause = f"begins with '{typed}'" if typed in "[{" else "holds ': '"
        raise context.refuse(
            node, f"YAML takes this text for a {taken_for} because it {cause}.",
            f"Put the text in quotes:{source.corrected(line)}",
        )  # fmt: skip
    raise context.refuse(node, f"A {taken_for} stands where {wanted} belongs.", "Write the text behind the key.")


def word(node: Node, context: Context) -> str:
    """Text for machines or a name; a comment may stand two spaces behind it."""
    scalar = scalar_of(node, context, "text")
    if scalar.comment_gap == 1:
        raise _hidden(scalar, context)
    return " ".join(scalar.text.split())


def line(node: Node, context: Context) -> str:
    """Plain text for readers: nothing behind it may be lost to a comment; its white space is folded."""
    return " ".join(typed(node, context).text.split())


def typed(node: Node, context: Context) -> Scalar:
    scalar = scalar_of(node, context, "text")
    if scalar.comment_gap:
        raise _hidden(scalar, context)
    return scalar


def _hidden(scalar: Scalar, context: Context) -> Unusable:
    text = scalar.source.text
    number = text.count("\n", 0, scalar.end) + 1
    column = scalar.end - text.rfind("\n", 0, scalar.end)
    context.faults.append(source.hidden(scalar.source, number, column, scalar.source.lines[number - 1]))
    return Unusable()


def alt(node: Node, context: Context) -> str:
    """What a picture shows; empty quotes mark pure decoration."""
    if isinstance(node, Scalar) and node.style in ("'", '"') and not node.text:
        return ""
    return line(node, context)


def text_reader(scalar: Scalar, context: Context) -> markup.Reader:
    def report(part: str, nth: int, problem: str, remedy: str) -> None:
        context.faults.append(scalar.fault_in(part, nth, problem, remedy))

    return markup.Reader(report, lambda part, nth: scalar.fault_in(part, nth, "", "").place, context.links)


def prose(node: Node, context: Context) -> Prose:
    """CommonMark of one run of text."""
    scalar = typed(node, context)
    return text_reader(scalar, context).prose(scalar.text)


def paragraphs(node: Node, context: Context) -> tuple[Block, ...]:
    """CommonMark of any length, without headings."""
    scalar = typed(node, context)
    found = text_reader(scalar, context).blocks(scalar.text)
    if any(isinstance(block, model.Heading | model.Subheading) for block in found):
        raise context.refuse(scalar, "A heading stands inside another block.", "Take it out, or make it bold text.")
    return found


# ---- values


def boolean(node: Node, context: Context) -> bool:
    text = word(node, context)
    if text not in ("true", "false"):
        raise context.refuse(node, f"'{text}' is neither true nor false.", "Write true or false.")
    return text == "true"


def number(node: Node, context: Context) -> int:
    text = word(node, context)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise context.refuse(node, f"'{text}' is not a whole number of 1 or more.", "Write digits only.")
    return int(text)


def matching(pattern: str, wanted: str, remedy: str) -> Kind:
    """A word that matches a pattern as a whole."""

    def read(node: Node, context: Context) -> str:
        text = word(node, context)
        if not re.fullmatch(pattern, text):
            raise context.refuse(node, f"'{text}' is not {wanted}.", remedy)
        return text

    return read


def one_of(*words: str) -> Kind:
    def read(node: Node, context: Context) -> str:
        text = word(node, context)
        if text not in words:
            raise context.refuse(node, f"'{text}' is not known here.", nearest(text, words))
        return text

    return read


slug = matching(
    r"(?=.{1,80}$)[a-z0-9]+(?:-[a-z0-9]+)*", "a slug", "Use lower-case letters, digits and single hyphens, 80 at most."
)
web_address = matching(r"https?://[^\s/]+\S*", "a web address", "Write https://...")
email = matching(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\s@<>,;:.]+", "a mail address", "Write name@example.org.")
language = matching(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "a language tag", "Write en, en-US, es, ar, ...")
colour = matching(r"#[0-9a-fA-F]{6}", "a colour", 'Write it in quotes as "#1f5f6b".')
phone = matching(r"\+?[0-9][0-9 ()./-]*|[0-9]{1,5}", "a telephone number", "Write digits, spaces and hyphens.")


def base_url(node: Node, context: Context) -> str:
    text = str(web_address(node, context))
    if text.endswith("/"):
        raise context.refuse(node, "The address ends in a slash.", f"Write {text.rstrip('/')}")
    return text


def time_zone(node: Node, context: Context) -> ZoneInfo:
    text = word(node, context)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise context.refuse(node, f"'{text}' is no time zone.", "Write Europe/London, America/New_York, ...") from None


_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?) ?(?P<offset>Z|[+-]\d{2}:\d{2})?)?"
)


def moment(node: Node, context: Context) -> datetime:
    """A date (00:00 in the site's zone) or a time, in that zone unless it has an offset of its own."""
    text = word(node, context)
    try:
        return _moment(text, context.zone)
    except ValueError as error:
        raise context.refuse(node, *error.args) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Raises ValueError with a problem and a remedy."""
    match = _MOMENT.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a date.", "Write 2025-03-14, or 2025-03-14T09:00.")
    try:
        found = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}")
    except ValueError:
        raise ValueError(f"The calendar has no {text}.", "Check day, month and hour.") from None
    if match["offset"]:
        return datetime.fromisoformat(f"{found.isoformat()}{match['offset']}").astimezone(zone)
    found = found.replace(tzinfo=zone)
    if not match["time"]:
        return found
    if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found.replace(tzinfo=None):
        raise ValueError(f"Clocks in {zone} skip {text}.", "Choose another hour.")
    if found.utcoffset() != found.replace(fold=1).utcoffset():
        raise ValueError(f"Clocks in {zone} show {text} twice.", f"Add the offset: {text}{_offset(found)}")
    return found


def _offset(when: datetime) -> str:
    minutes = (when.utcoffset() or timedelta()) // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
