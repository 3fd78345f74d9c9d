"""Slips of the pen in how a file is laid out: a line too far in, a dash without a space, a bar that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile
from typing import NamedTuple

from pressrun.faults import Fault
from pressrun.source.text import Source, indent

NEVER_CLOSED = "A quotation mark or bracket that opens here is never closed."

_BAR = re.compile(r"(?:.*: +|[ -]*- +)[|>][-+0-9]*(?: +#.*)?")
#: a line outside text below a bar
_LINE = re.compile(r" *(?P<dashes>(?:- +)*)(?:(?P<key>\w+):(?= |$) *)?(?P<text>.*)")
_NO_SPACE = re.compile(r" *(?:- +)*(?:-|(?P<key>\w+):)?\u00a0")


class Reading(NamedTuple):
    """What lines may have been meant as."""

    #: a character of the source
    at: int
    problem: str
    #: the first and the last line, and what to write instead
    first: int
    last: int
    lines: list[str]
    remedy: str


def false_space(source: Source) -> Fault | None:
    """The first non-breaking space that was meant for YAML."""
    for number in _outside(source.lines) if "\u00a0" in source.text else ():
        found = _NO_SPACE.match(source.lines[number])
        if found and (not found["key"] or found["key"] in source.keys):
            problem = "A non-breaking space stands here, where YAML wants a plain one."
            return source.fault(source.starts[number] + found.end() - 1, problem, "Replace it by a plain space.")
    return None


def slipped(source: Source, start: int, at: int) -> Fault | None:
    """Why YAML has made one text, which begins at a character, of lines, one of which begins at another."""
    first, last = source.where(start)[0], source.where(at)[0]
    if source.text[start] in "\"'>":
        return None
    above = next((n for n in range(first - 1, -1, -1) if _is_read(source.lines[n])), 0)
    for slip in slips(source, last):
        if slip.first >= first or (slip.first == above and slip.lines[0].endswith(": |")):
            return source.fault(slip.at, slip.problem, slip.remedy)
    return None


def slips(source: Source, stopped: int) -> Iterator[Reading]:
    """What may have slipped, down to the line at which the reading stopped."""
    lines = source.lines
    outside = list(_outside(lines))
    if stopped in outside:
        yield from _heading_at_margin(source, outside, stopped)
    read = [number for number in outside if _is_read(lines[number])]
    before: list[str] = []  # the lines above that are indented less and less
    for number, below in pairwise([*read, -1]):
        line, column = lines[number], indent(lines[number])
        following = lines[below] if below >= 0 else ""
        while before and indent(before[-1]) > column:
            before.pop()
        beside = before.pop() if before and indent(before[-1]) == column else ""
        found = (
            *_key_too_far(line, before, source),
            *_item_too_far(line, before, following),
            *_dash_too_near(line, (beside, following)),
            *_bar_missing(line, following, source),
        )
        for at, problem, remedy, mended in found:
            yield Reading(source.starts[number] + at, problem, number, number, [mended], remedy)
        before.append(line)
        if number >= stopped:
            break


def open_quotes(source: Source, stopped: int) -> Iterator[Reading]:
    """Quotation marks that no mark closes before the next item or key."""
    lines, outside = source.lines, list(_outside(source.lines))
    for turn, number in enumerate(outside):
        found = _line(lines[number])
        mark, text = found["text"][:1], found["text"][1:]
        if number > stopped or mark not in {*"\"'"} or mark in re.sub(r"\\.|''", "", text):
            continue
        column, below = indent(lines[number]), pairwise(outside[turn:])
        last = next((above for above, n in below if indent(lines[n]) <= column), outside[-1])
        mended = [*lines[number:last], lines[last].rstrip() + mark]
        at = source.starts[number] + found.start("text")
        yield Reading(at, NEVER_CLOSED, number, last, mended, "Close it behind its last word.")


#: a column, the problem, the remedy, the line as it was meant
_Found = Iterator[tuple[int, str, str, str]]


def _key_too_far(line: str, before: list[str], source: Source) -> _Found:
    """A key below the text of another key, to which YAML adds it."""
    found, above = _line(line), _line(before[-1] if before else "")
    column, wanted = indent(line), max(above.start("key"), 0)
    below_text = above["key"] and above["text"] if before else True
    if found["key"] in source.keys and not found["dashes"] and below_text and wanted < column:
        problem = f"The key '{found['key']}' stands {_spaces(column - wanted)} too far in."
        yield column, problem, f"Delete the {_spaces(column - wanted, '')} before it.", line[column - wanted :]


def _item_too_far(line: str, before: list[str], following: str) -> _Found:
    """An item below the text of another, to which YAML adds it; or the first of a list."""
    column, above = indent(line), _line(before[-1] if before else "")
    if not line.startswith("- ", column):
        return
    wanted = indent(before[-1]) if before else 0
    inside = column < above.end("dashes")
    if not inside and following.lstrip().startswith("- ") and not above["text"]:
        inside, wanted = max(above.start("key"), 0) <= indent(following) < column, indent(following)
    if inside:
        problem = f"This line is indented {_spaces(column - wanted)} further than its neighbours."
        yield column, problem, "Line it up with them.", line[column - wanted :]


def _dash_too_near(line: str, beside: tuple[str, str]) -> _Found:
    """A dash without a space, among items."""
    column = indent(line)
    if re.match(r"-[^\s-]", line[column:]) and any(near.startswith(f"{line[:column]}- ") for near in beside):
        mended = f"{line[:column]}- {line[column + 1 :]}"
        yield column, "An item needs a space behind its dash.", advice([mended], ("Write:", "")), mended


def _bar_missing(line: str, following: str, source: Source) -> _Found:
    """A key with text on the lines below it."""
    key, below = _line(line), _line(following)
    empty = key["key"] in source.keys and not key["text"] and indent(following) > key.start("key")
    if empty and not below["key"] and not following.lstrip().startswith("-"):
        remedy = f"Write '{key['key']}: |', and the text below it, indented."
        yield key.start("key"), "Text that begins on the next line needs a bar here.", remedy, line.rstrip() + " |"


def _heading_at_margin(source: Source, outside: list[int], stopped: int) -> Iterator[Reading]:
    """Lines of text that begin with '#', below a bar and not indented, so that what follows them has no place."""
    lines, turn = source.lines, outside.index(stopped)
    comments = [*takewhile(lambda n: not _is_read(lines[n]), outside[turn - 1 :: -1] if turn else ())]
    above = outside[turn - len(comments) - 1]
    if not 0 < len(comments) < turn or not _BAR.fullmatch(lines[above]):
        return
    first, margin = comments[-1], indent(lines[above])
    if indent(lines[stopped]) > margin or lines[first].lstrip().startswith("##"):
        end = next((n for n in outside[turn:] if _line(lines[n])["key"] in source.keys), len(lines))
        deep = " " * max(margin + 1, indent(lines[stopped]), indent(lines[above + 1]))
        mended = [line if indent(line) > margin else deep + line.lstrip() for line in lines[first:end]]
        problem = "This line is a comment for YAML, since it is not indented."
        at = source.starts[first] + indent(lines[first])
        yield Reading(at, problem, first, end - 1, mended, "Indent it like the text around it.")


def _is_read(line: str) -> bool:
    """Neither empty nor a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _line(line: str) -> re.Match[str]:
    found = _LINE.match(line)
    assert found  # every line matches
    return found


def _spaces(count: int, one: str = "one ") -> str:
    return f"{one}space" if count == 1 else f"{count} spaces"


def advice(lines: list[str], asked: tuple[str, str]) -> str:
    """A remedy with its corrected lines, indented to stand below a message."""
    return "\n".join([asked[len(lines) > 1], *(f"    {line}".rstrip() for line in lines)])


def _outside(lines: Iterable[str]) -> Iterator[int]:
    """Lines that YAML reads: no empty ones, and none of text below a bar."""
    margin, deep = -1, False  # of what opened the text, then of the text
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        column = indent(line)
        if 0 <= margin < column or (deep and column == margin):
            margin, deep = margin if deep else column, True
            continue
        opens = _BAR.fullmatch(line)
        margin, deep = max(_line(line).start("key"), column) if opens else -1, False
        yield number
