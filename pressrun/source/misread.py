"""Text that YAML takes for something else: what an author most likely meant, and how to write it.

A corrected line is printed only if libyaml reads on past it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

import yaml

from pressrun.faults import Fault
from pressrun.source.slips import NEVER_CLOSED, Reading, advice, open_quotes, slips
from pressrun.source.text import Source, indent, quote

#: A remedy that a corrected line follows, and one that several follow.
Asked = tuple[str, str]
IN_QUOTES = ("Put the text in quotes:", "Write '|' and the text on the lines below it:")
IF_TEXT = ("If it is text, put it in quotes:", "If it is text, write '|' and the text on the lines below it:")
NO_COMMENT = (
    f"A comment goes on a line of its own. {IF_TEXT[0]}",
    f"A comment goes on a line of its own. {IF_TEXT[1]}",
)
TWO_SPACES = ("If it is text, put it in quotes; write two spaces before a comment:", "")

HOLDS_COLON = "YAML takes text that holds ': ' for a key and its value."
DROPPED = "YAML drops everything behind ' #'."

#: What YAML takes text for that begins with one of its indicators.
TAKEN_FOR = {
    "*": "a reference to another part of the file",
    "&": "a name for another part of the file",
    "!": "a type",
    "[": "a list in brackets",
    "{": "keys and values in brackets",
    '"': "quoted text, which ends at the next quotation mark",
    "'": "quoted text, which ends at the next apostrophe",
    "`": "a character that it reserves",
    "@": "a character that it reserves",
    "%": "an instruction to itself",
    ">": "folded text, which starts on the next line",
    "|": "text that starts on the next line",
    "#": "a comment",
    "-": "an item of a list",
    "?": "a key",
}

#: More than these are not tried: each costs a reading of the file.
_MOST_READINGS = 16

#: quoted, or in brackets, from its first to its last character
_CLOSED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|\[[^\[\]]*\]|\{[^{}]*\}|[|>][-+0-9]*')
_KEY = re.compile(r"(\w+): +")
_MISSING_COLON = re.compile(r"(?P<lead> *(?:- +)*)(?P<key>\w+)(?!: ):? *(?P<rest>\S.*)")


def begins(character: str) -> str:
    return f"YAML takes text that begins with {character} for {TAKEN_FOR[character]}."


def explain(source: Source, error: yaml.YAMLError) -> Fault:
    """What an author most likely did where libyaml gave up: the first reading whose correction helps."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return source.fault(0, "YAML cannot read this file.", "Compare it with the example in the README.")
    mark = error.problem_mark
    stopped = min(mark.line, len(source.lines) - 1)
    if tab := re.match(r" *\t", source.lines[stopped]):
        at = source.starts[stopped] + tab.end() - 1
        return source.fault(at, "A tab stands where YAML wants spaces.", "Indent with spaces.")
    suspects = [(n, mark.column if n == stopped else None) for n in _suspects(source, error, stopped)]
    readings = chain.from_iterable(_readings(source, *suspect) for suspect in suspects)
    for kind in (slips(source, stopped), readings, open_quotes(source, stopped)):
        for found in islice(kind, _MOST_READINGS):
            if _helps(source, found, mark.line):
                return source.fault(found.at, found.problem, found.remedy)
    return _broken_structure(source, error, mark.index)


def swallowed(source: Source, start: int) -> Fault:
    """A text that begins with '#'."""
    number, column = source.where(start)
    for found in islice(_bracketed(source, number, column + 1), _MOST_READINGS):
        if _helps(source, found, -1):
            return source.fault(start, begins("#"), advice(found.lines, NO_COMMENT))
    line = source.lines[number]
    if colour := re.match(r"#[0-9a-fA-F]{6}(?=\s|$)", line[column:]):
        mended = line[:column] + quote(colour[0]) + line[column + colour.end() :]
        return source.fault(start, begins("#"), advice([mended], ("Put the colour in quotes:", "")))
    first, last = _paragraph(source, number)
    lines = source.as_text(number, last if first == number else number, column)
    return source.fault(start, begins("#"), advice(lines, NO_COMMENT))


def _suspects(source: Source, error: yaml.MarkedYAMLError, stopped: int) -> list[int]:
    """Lines on which the cause may lie: where the construct began, where reading stopped, the line before."""
    before = next((n for n in range(stopped - 1, -1, -1) if source.lines[n].strip()), stopped)
    # An open quotation mark runs on to wherever the next one stands, so there the beginning is the likelier culprit.
    began = error.context_mark.line if error.context_mark and "block" not in (error.context or "") else stopped
    return list(dict.fromkeys([min(began, stopped), stopped, before]))


def _readings(source: Source, number: int, stop: int | None) -> Iterator[Reading]:
    """What a line may have been meant as, on which libyaml may have stopped at a column."""
    line = source.lines[number]
    key = _MISSING_COLON.fullmatch(line)
    if key and key["key"] in source.keys:
        problem = f"The key '{key['key']}' needs a colon and a space behind it."
        changed = f"{key['lead']}{key['key']}: {key['rest']}"
        remedy = advice([changed], ("Write:", ""))
        yield Reading(source.starts[number] + key.end("key"), problem, number, number, [changed], remedy)
    if stop is None:
        comment = re.search(r"[\s\[{]#", line)
        stop = comment.end() - 1 if comment else 0
    yield from _bracketed(source, number, stop)
    yield from _whole(source, *_paragraph(source, number))


def _bracketed(source: Source, number: int, stop: int) -> Iterator[Reading]:
    """The line with one more text between its brackets in quotes, that nearest to a column first."""
    line, before = source.lines[number], source.lines[number][:stop]
    if sum(map(before.count, "[{")) <= sum(map(before.count, "]}")):
        return
    for opening in [*re.finditer(r"[\[{,] *", before)][:-7:-1]:
        key = _KEY.match(before, opening.end())
        column = key.end() if key and key[1] in source.keys else opening.end()
        ends = re.finditer(r",(?= *\w+:)|[\]}]" if column > opening.end() else r"[,\]}]", line[stop:])
        for end in (stop + match.start() for match in ends):
            text = line[column:end].strip()
            at, problem = _astray(text)
            if problem and text.count("[") == text.count("]") and text.count("{") == text.count("}"):
                lines = [line[:column] + quote(text) + line[end:]]
                start = source.starts[number] + column
                yield Reading(start + at, problem, number, number, lines, advice(lines, _asked(problem)))


def _whole(source: Source, first: int, last: int) -> Iterator[Reading]:
    """A whole text in quotes or below a bar: with what may be a key before it, then without."""
    column, line, start = _text_column(source, first), source.lines[first], source.starts[first]
    text = line[column:].rstrip()
    if text[:1] in {"[", "{"} and line[:column].endswith(": "):
        closed = line.rstrip() + {"[": "]", "{": "}"}[text[0]]
        yield Reading(start + column, NEVER_CLOSED, first, first, [closed], advice([closed], ("Close it:", "")))
    if _CLOSED.fullmatch(text):
        return
    any_key = re.compile(r"[^:#]+: +").match(line, column)
    for at, problem in islice(_all_astray(source, first, last, column), 1):
        for begin in [column, *([any_key.end()] if any_key else [])]:
            lines = source.as_text(first, last, begin)
            yield Reading(at, problem, first, last, lines, advice(lines, _asked(problem)))


def _all_astray(source: Source, first: int, last: int, column: int) -> Iterator[tuple[int, str]]:
    for number in range(first, last + 1):
        line = source.lines[number]
        text = line[column:] if number == first else line.lstrip()
        at, problem = _astray(text, continued=number != first)
        if problem:
            yield source.starts[number] + len(line) - len(text) + at, problem


def _astray(text: str, *, continued: bool = False) -> tuple[int, str]:
    """Where in a text without quotes YAML goes astray, and how; no words if it does not."""
    if re.match(r"[-?](?: |$)|#" if continued else r"[-?](?: |$)|[^-?]", text) and text[0] in TAKEN_FOR:
        return 0, begins(text[0])
    found = re.search(r":(?=\s|$)|(?<=\s)#", text)
    if not found:
        return 0, ""
    if found.group() == "#":
        return found.start(), DROPPED
    value = text[found.end() :].lstrip()
    if value and value[0] in TAKEN_FOR and value[0] != "#":
        return len(text) - len(value), begins(value[0])
    return 0, HOLDS_COLON


def _asked(problem: str) -> Asked:
    return NO_COMMENT if problem in (DROPPED, begins("#")) else IN_QUOTES


def _text_column(source: Source, number: int) -> int:
    """Where the text of a line begins, behind a dash and a key: behind a dash, any word may begin a paragraph."""
    line = source.lines[number]
    dashes = re.match(r" *(?:- +)*", line)
    assert dashes  # every line matches
    key = _KEY.match(line, dashes.end())
    return key.end() if key and (key[1] in source.keys or "-" not in dashes[0]) else dashes.end()


def _paragraph(source: Source, number: int) -> tuple[int, int]:
    """First and last line of the text that a line is part of: what is indented more belongs to the line above."""
    lines, first = source.lines, number
    if not re.match(r" *(?:- |[a-z_]+: )", lines[number]):
        above = (n for n in range(number - 1, -1, -1) if lines[n].strip())
        first = next((n for n in above if indent(lines[n]) < indent(lines[number])), number)
    if not lines[first][_text_column(source, first) :].strip():
        first = number
    last = first
    for below in range(first + 1, len(lines)):
        if lines[below].strip():
            if indent(lines[below]) <= indent(lines[first]):
                break
            last = below
    return first, last


def _helps(source: Source, found: Reading, stopped: int) -> bool:
    """Whether libyaml, which stopped at a line, reads on past some lines when they are written otherwise."""
    text = "\n".join([*source.lines[: found.first], *found.lines, *source.lines[found.last + 1 :]])
    try:
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        moved = len(found.lines) - (found.last - found.first + 1)
        line = error.problem_mark.line - moved if error.problem_mark else 0
        return line > found.last and line != stopped
    return True


_MISALIGNED = ("The indentation of this line does not fit the lines above it.", "Line it up with its neighbours.")

#: a part of libyaml's message, the problem in an author's words, the remedy
_STRUCTURE = (
    ("expected ':'", "This is neither 'key: value' nor part of the text above it.", "Add the colon, or indent it."),
    ("end of stream", NEVER_CLOSED, "Close it."),
    ("document indicator", NEVER_CLOSED, "Close it."),
    ("',' or", NEVER_CLOSED, "Close it, or put the text in quotes."),
    ("document start", "A line of '...' ends a file for YAML.", "Delete it."),
    ("expected key", *_MISALIGNED),
    ("'-' indicator", *_MISALIGNED),
    ("", "YAML does not expect this here.", "Check the indentation, or put the text in quotes."),
)


def _broken_structure(source: Source, error: yaml.MarkedYAMLError, at: int) -> Fault:
    said, began = error.problem or "", error.context_mark
    problem, remedy = next((problem, remedy) for words, problem, remedy in _STRUCTURE if words in said)
    if began and (problem == NEVER_CLOSED or "expected ':'" in said):
        at = began.index
    elif "document start" in said:
        at = source.text.rfind("\n...", 0, at) + 1
    return source.fault(at, problem, remedy)
