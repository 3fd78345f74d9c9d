"""Readers of single values: text, numbers, dates, addresses."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pressrun import markup, source
from pressrun.colours import ENOUGH, contrast, readable
from pressrun.model import Block, Prose
from pressrun.schema import shapes
from pressrun.schema.context import Context, Kind, Unusable, nearest
from pressrun.schema.shapes import COMMONMARK, TEXT, matched, shaped
from pressrun.source import Node, Scalar

# ---- text


def scalar_of(node: Node, context: Context) -> Scalar:
    """A non-empty scalar, unless YAML has made something else of it."""
    if not isinstance(node, Scalar):
        behind_dash = node.source.text.startswith("- ", max(0, node.start - 2))
        if behind_dash or isinstance(node, source.Mapping) or node.source.text[node.start] == "[":
            raise misread(node, context)
        raise context.refuse(node, "A list stands where text belongs.", "Write one text.")
    if not node.text.strip():
        raise context.refuse(
            node, "Nothing is written here where text belongs.", "Write it, or delete a key that may be missing."
        )
    return node


def misread(node: Node, context: Context) -> Unusable:
    """YAML has made a list or a mapping of text."""
    first = node.source.text[node.start]
    colon = isinstance(node, source.Mapping) and first not in "{?"
    return context.refuse(node, source.HOLDS_COLON if colon else source.begins(first), node.as_text())


@shaped(TEXT)
def word(node: Node, context: Context) -> str:
    """Text for machines or a name; a comment may stand two spaces behind it."""
    return " ".join(_uncommented(node, context, 1).text.split())


@shaped(TEXT)
def line(node: Node, context: Context) -> str:
    """Plain text for readers, its white space folded."""
    return " ".join(typed(node, context).text.split())


def typed(node: Node, context: Context) -> Scalar:
    """Text for readers, of which nothing may be lost to a comment."""
    return _uncommented(node, context, 99)


def _uncommented(node: Node, context: Context, most: int) -> Scalar:
    scalar = scalar_of(node, context)
    if 0 < scalar.comment_gap <= most:
        context.faults.append(scalar.hidden(readers=most > 1))
        raise Unusable
    return scalar


def or_empty(kind: Kind, nothing: Any) -> Kind:
    """What may be left out on purpose, by writing empty quotes."""

    @shaped(lambda channels: shapes.of(kind, channels) | {"pattern": r"\S|^$"})
    def read(node: Node, context: Context) -> Any:
        return nothing if isinstance(node, Scalar) and node.style and not node.text else kind(node, context)

    return read


# ---- CommonMark

#: a line that means something else once it is joined to the line before: an empty one, an item, a heading, a quote
_OWN_LINE = re.compile(r"\n[ \t]*(?=\n|(?:[-*+]|[0-9]{1,9}[.)]|#{1,6}|>)[ \t])")


def reader(node: Node, context: Context) -> markup.Reader:
    """A reader of a text in CommonMark, for which YAML must not join lines."""
    scalar = typed(node, context)
    text = scalar.source.text[scalar.start : scalar.end].rstrip()
    if scalar.style != "|" and (lost := _OWN_LINE.search(text, text.find("\n") + 1 if scalar.style == ">" else 0)):
        at = scalar.start + len(text) - len(text[lost.end() :].lstrip())
        remedy = "Write '|' before the text, instead of quotes or '>', and the text on the lines below."
        fault = scalar.source.fault(at, "YAML joins this line to the one above.", remedy)
        context.faults.append(source.slipped(scalar.source, scalar.start, at) or fault)
        raise Unusable
    offsets = cache(scalar.offsets)

    def report(at: int, problem: str, remedy: str) -> None:
        context.faults.append(scalar.source.fault(offsets()[at], problem, remedy))

    return markup.Reader(scalar.text, report, lambda at: scalar.source.place(offsets()[at]), context.links)


@shaped(COMMONMARK)
def prose(node: Node, context: Context) -> Prose:
    """CommonMark of one run of text."""
    return reader(node, context).prose()


@shaped(COMMONMARK)
def blocks(node: Node, context: Context) -> tuple[Block, ...]:
    """CommonMark of any length."""
    return reader(node, context).blocks()


@shaped(COMMONMARK)
def paragraphs(node: Node, context: Context) -> tuple[Block, ...]:
    """CommonMark of any length, without headings."""
    return reader(node, context).blocks(headings=False)


# ---- values


@shaped({"$comment": "`true` or `false`", "type": ["boolean", "string"], "pattern": r"^\s*(?:true|false)\s*$"})
def boolean(node: Node, context: Context) -> bool:
    text = word(node, context)
    if text not in ("true", "false"):
        raise context.refuse(node, f"'{text}' is neither true nor false.", "Write true or false.")
    return text == "true"


@shaped(
    matched("[1-9][0-9]{0,8}", "a whole number") | {"type": ["integer", "string"], "minimum": 1, "maximum": 999999999}
)
def number(node: Node, context: Context) -> int:
    text = word(node, context)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise context.refuse(node, f"'{text}' is not a whole number of 1 or more.", "Write digits only.")
    return int(text)


def matching(pattern: str, wanted: str, remedy: str) -> Kind:
    """A word that matches a pattern as a whole."""

    @shaped(matched(pattern, wanted))
    def read(node: Node, context: Context) -> str:
        text = word(node, context)
        if not re.fullmatch(pattern, text):
            raise context.refuse(node, f"'{text}' is not {wanted}.", remedy)
        return text

    return read


def one_of(*words: str) -> Kind:
    @shaped({"enum": list(words)})
    def read(node: Node, context: Context) -> str:
        text = word(node, context)
        if text not in words:
            remedy = nearest(text, words) if words[1:] else f"Write '{words[0]}'; to do without, delete the line."
            raise context.refuse(node, f"'{text}' is not known here.", remedy)
        return text

    return read


slug = matching(
    r"(?=.{1,80}$)[a-z0-9]+(?:-[a-z0-9]+)*", "a slug", "Use lower-case letters, digits and single hyphens, 80 at most."
)
id_ = matching(r"[A-Za-z0-9._-]{1,80}", "an id", "Use letters, digits, '.', '_' and '-', 80 at most.")
web_address = matching(r"https?://[^\s/]+\S*", "a web address", "Write https://...")
email = matching(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\s@<>,;:.]+", "a mail address", "Write name@example.org.")
language = matching(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "a language tag", "Write en, en-US, es, ar, ...")
_colour = matching(r"#[0-9a-fA-F]{6}", "a colour", 'Write it in quotes as "#1f5f6b".')
phone = matching(r"\+?[0-9][0-9 ()./-]*|[0-9]{1,5}", "a telephone number", "Write digits, spaces and hyphens.")


@shaped(shapes.like(_colour))
def accent(node: Node, context: Context) -> str:
    """A colour that can be read on white paper, and on which white can be read."""
    text = str(_colour(node, context))
    if (ratio := contrast(text, "#ffffff")) < ENOUGH:
        problem = f"The colour {text} is too pale: its contrast with white is {ratio:.1f} : 1."
        raise context.refuse(
            node, problem, f"Choose a darker one: {readable(text, '#ffffff', '#000000', ENOUGH)} would do."
        )
    return text


@shaped(matched(r"https?://[^\s/]+(?:\S*[^\s/])?", "a web address without a slash at its end"))
def base_url(node: Node, context: Context) -> str:
    text = str(web_address(node, context))
    if text.endswith("/"):
        raise context.refuse(node, "The address ends in a slash.", f"Write {text.rstrip('/')}")
    return text


@shaped(matched("[A-Za-z][A-Za-z0-9_+/-]+", "a time zone"))
def time_zone(node: Node, context: Context) -> ZoneInfo:
    text = word(node, context)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise context.refuse(node, f"'{text}' is no time zone.", "Write Europe/London, America/New_York, ...") from None


_FIRST_YEAR = 1900
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


@shaped(matched(_MOMENT.pattern, "a date or a time"))
def moment(node: Node, context: Context) -> datetime:
    """A date (00:00 in the site's zone) or a time, in that zone unless it has an offset of its own."""
    text = word(node, context)
    match = _MOMENT.fullmatch(text)
    if not match:
        raise context.refuse(node, f"'{text}' is not a date.", f"Write year-month-day{_meant(text)}.")
    try:
        found = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}{match['offset'] or ''}")
    except ValueError:
        found = datetime.min  # noqa: DTZ901  # only its year is asked for
    if not _FIRST_YEAR <= found.year < 2200:
        raise context.refuse(node, f"The calendar has no {text}.", "Check year (1900 to 2199), month, day and hour.")
    if found.tzinfo:
        return found.astimezone(context.zone)
    found = found.replace(tzinfo=context.zone)
    if match["time"] and (wrong := _shifted(found, text)):
        raise context.refuse(node, *wrong)
    return found


def _meant(text: str) -> str:
    """The dates that three numbers can stand for, or an example."""
    numbers = [int(digits) for digits in re.findall(r"[0-9]+", text)]
    found = set()
    for year, month, day in {(0, 1, 2), (2, 0, 1), (2, 1, 0)} if len(numbers) == len("ymd") else ():
        with suppress(ValueError):
            found.add(date(numbers[year], numbers[month], numbers[day]))
    likely = sorted(day.isoformat() for day in found if day.year >= _FIRST_YEAR)
    return f": {' or '.join(likely)}" if likely else ", such as 2025-03-14, or 2025-03-14T09:00 with an hour"


def _shifted(found: datetime, text: str) -> tuple[str, str] | None:
    """What is wrong with a time at which clocks are put forward or back."""
    if found.astimezone(UTC).astimezone(found.tzinfo).replace(tzinfo=None) != found.replace(tzinfo=None):
        return f"Clocks in {found.tzinfo} skip {text}.", "Choose another hour."
    if found.utcoffset() != found.replace(fold=1).utcoffset():
        return f"Clocks in {found.tzinfo} show {text} twice.", f"Add the offset: {text}{_offset(found)}"
    return None


def _offset(when: datetime) -> str:
    minutes = (when.utcoffset() or timedelta()) // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
