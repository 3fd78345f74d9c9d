"""A YAML file as nodes that know their line and column; text stays the text that was typed.

PyYAML's loaders are not used: they turn `no` into False and `1.10` into 1.1, keep the last of two equal keys,
and can be crashed by nesting or hung by merge keys. Its C event stream has none of these faults, so the nodes are
built here from events, with limits, and without anchors, aliases or tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from pressrun.faults import Fault, Place, Refused

MOST_CHARACTERS = 2_000_000
MOST_NODES = 200_000
DEEPEST = 32

#: XML 1.0 forbids these, so no feed could carry them; a stray byte-order mark is invisible and breaks search.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file."""

    #: relative to the desk, with forward slashes
    path: str
    text: str
    lines: tuple[str, ...] = field(repr=False)

    def fault(self, line: int, column: int, problem: str, remedy: str) -> Fault:
        """A fault of this file; line and column count from 1."""
        excerpt = self.lines[line - 1] if line <= len(self.lines) else ""
        return Fault(Place(self.path, line, column), problem, remedy, excerpt)

    def fault_at(self, index: int, problem: str, remedy: str) -> Fault:
        """A fault at a character of the text, counted from 0."""
        line = self.text.count("\n", 0, index)
        start = self.text.rfind("\n", 0, index) + 1
        return self.fault(line + 1, index - start + 1, problem, remedy)


@dataclass(frozen=True, slots=True)
class Node:
    """Something in a YAML file, between two characters of its source."""

    source: Source = field(repr=False)
    #: first character and the one after the last, counted from 0
    start: int
    end: int

    def fault(self, problem: str, remedy: str) -> Fault:
        return self.source.fault_at(self.start, problem, remedy)


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """Text as its author typed it, whatever YAML would make of it."""

    text: str
    #: None for text without quotes, otherwise one of ' " | >
    style: str | None
    #: spaces before a comment behind unquoted text, 0 without one
    comment_gap: int = 0

    @property
    def empty(self) -> bool:
        """Nothing was typed: YAML's null."""
        return self.style is None and not self.text

    def fault_in(self, part: str, nth: int, problem: str, remedy: str) -> Fault:
        """A fault at the nth (from 0) occurrence of a part of the text; at the text's start if it is not found.

        Searching the source is exact for block and single-line scalars and close enough for folded ones,
        whose lines YAML joins.
        """
        found = list(re.finditer(re.escape(part), self.source.text[self.start : self.end], re.IGNORECASE))
        offset = found[min(nth, len(found) - 1)].start() if found and part else 0
        return self.source.fault_at(self.start + offset, problem, remedy)


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    pairs: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.pairs if name.text == key), None)


def read(path: str, data: bytes) -> Node:
    """The one document of a YAML file.

    Raises Refused with the first fault when the file is not UTF-8, is no YAML, or uses what this project leaves out
    of YAML (anchors, aliases, tags, duplicate keys, several documents).
    """
    source = _decode(path, data)
    if len(source.text) > MOST_CHARACTERS:
        _refuse(source.fault(1, 1, f"The file is longer than {MOST_CHARACTERS:,} characters.", "Split it."))
    if bad := _FORBIDDEN.search(source.text):
        _refuse(_control(source, bad.start(), bad.group()))
    try:
        return _Builder(source).document()
    except yaml.YAMLError as error:
        raise Refused([_explain(source, error)]) from None


def _decode(path: str, data: bytes) -> Source:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            [Fault(Place(path, line), "The file is not UTF-8.", "Save it with the encoding UTF-8.")]
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(path, text, tuple(text.split("\n")))


def _refuse(fault: Fault) -> NoReturn:
    raise Refused([fault])


def _control(source: Source, index: int, character: str) -> Fault:
    return source.fault_at(index, f"An invisible control character (U+{ord(character):04X}) stands here.", "Delete it.")


class _Builder:
    """Nodes from the events of libyaml."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nodes = 0
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=yaml.CSafeLoader)

    def document(self) -> Node:
        next(self._events)  # the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            _refuse(self._source.fault(1, 1, "The file is empty.", "Write at least its required keys."))
        node = self._node(next(self._events), 0)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            _refuse(self._fault(after, "A line of '---' starts a second document.", "Keep one document in a file."))
        return node

    def _fault(self, event: Any, problem: str, remedy: str) -> Fault:
        return self._source.fault(event.start_mark.line + 1, event.start_mark.column + 1, problem, remedy)

    def _node(self, event: Any, depth: int) -> Node:
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            _refuse(self._fault(event, "The file is nested too deeply or holds too many parts.", "Make it simpler."))
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            _refuse(_indicator(self._source, event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        if bad := _FORBIDDEN.search(event.value):
            _refuse(_control(self._source, start, bad.group()))
        gap = 0
        if event.style is None and (comment := _COMMENT.match(self._source.text, end)):
            gap = len(comment.group("gap"))
        return Scalar(self._source, start, end, event.value, event.style, gap)

    def _sequence(self, event: Any, depth: int) -> Sequence:
        items = []
        while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(following, depth + 1))
        return Sequence(self._source, event.start_mark.index, _end(following), tuple(items))

    def _mapping(self, event: Any, depth: int) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        first: dict[str, int] = {}
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            key = self._node(following, depth + 1)
            if not isinstance(key, Scalar):
                _refuse(_indicator(self._source, following))
            if key.text in first:
                _refuse(
                    key.fault(
                        f"The key '{key.text}' was written before, on line {first[key.text]}.", "Keep one of them."
                    )
                )
            first[key.text] = following.start_mark.line + 1
            pairs.append((key, self._node(next(self._events), depth + 1)))
        return Mapping(self._source, event.start_mark.index, _end(following), tuple(pairs))


def _end(event: Any) -> int:
    return int(event.end_mark.index)


_COMMENT = re.compile(r"(?P<gap>[ \t]+)#")

#: A line of YAML: dashes, perhaps one of our keys (all lower-case), then the author's text.
_LINE = re.compile(r"(?P<lead>\s*(?:- +)*(?:[a-z_]+: +)?)(?P<text>.*?)\s*$")

#: What YAML takes text for that begins with one of its indicators.
_TAKEN_FOR = {
    "*": "a reference to another part of the file",
    "&": "a name for another part of the file",
    "!": "a type",
    "[": "a list",
    "{": "a mapping",
    '"': "quoted text, which ends at the next quotation mark",
    "'": "quoted text, which ends at the next apostrophe",
    "`": "a character that YAML reserves",
    "@": "a character that YAML reserves",
    "%": "an instruction to YAML",
    ">": "folded text, which starts on the next line",
    "|": "text that starts on the next line",
}


def quote(text: str) -> str:
    """Text as a YAML scalar that reads back as the same text."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def corrected(line: str) -> str:
    """A line of YAML with its text in quotes, indented to stand below a message."""
    match = _LINE.match(line)
    assert match  # every line matches
    return f"\n    {match['lead']}{quote(match['text'])}"


def _indicator(source: Source, event: Any) -> Fault:
    line, column = event.start_mark.line, event.start_mark.column
    character = source.lines[line][column : column + 1]
    taken_for = _TAKEN_FOR.get(character, "a mapping")
    return source.fault(
        line + 1, column + 1, f"YAML takes '{character}' here for {taken_for}.",
        f"If it is text, put it in quotes:{corrected(source.lines[line])}",
    )  # fmt: skip


def _explain(source: Source, error: yaml.YAMLError) -> Fault:
    """What an author most likely did where libyaml gave up."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return source.fault(1, 1, "YAML cannot read this file.", "Compare it with the example in the README.")
    for number in _suspects(source, error):
        if fault := _misread_line(source, number):
            return fault
    return _broken_structure(source, error)


def _suspects(source: Source, error: yaml.MarkedYAMLError) -> list[int]:
    """Lines (from 0) on which the cause may lie: where reading stopped, the line before, where the construct began."""
    assert error.problem_mark is not None
    stopped = min(error.problem_mark.line, len(source.lines) - 1)
    before = next((n for n in range(stopped - 1, -1, -1) if source.lines[n].strip()), stopped)
    # An open quotation mark runs on to wherever the next one stands, so there the beginning is the likelier culprit.
    began = error.context_mark.line if error.context_mark and "quoted" in (error.context or "") else stopped
    return [began, stopped, before]


def _misread_line(source: Source, number: int) -> Fault | None:
    line = source.lines[number]
    match = _LINE.match(line)
    assert match  # every line matches
    text, column = match["text"], match.start("text") + 1
    if not text or text.startswith("#"):
        return None
    if re.fullmatch(r"[|>][-+0-9]*", text) or _closed(text):
        return None
    if text[0] in _TAKEN_FOR:
        return source.fault(
            number + 1, column, f"YAML takes text that begins with {text[0]} for {_TAKEN_FOR[text[0]]}.",
            f"Put the text in quotes:{corrected(line)}",
        )  # fmt: skip
    if (colon := re.search(r":(?= |$)", text)) and not re.fullmatch(r"[\w-]+:( .*)?", text[: colon.end() + 1].strip()):
        return _colon(source, number, column, line)
    if colon and re.search(r":(?= |$)", text[colon.end() :]):
        return _colon(source, number, column, line)
    if colon and match["lead"].rstrip().endswith(":"):
        return _colon(source, number, column, line)
    if comment := _COMMENT.search(text):
        return hidden(source, number + 1, column + comment.start(), line)
    return None


def _closed(text: str) -> bool:
    """Text that is quoted, listed or mapped properly from its first to its last character."""
    pairs = {'"': r'"(?:[^"\\]|\\.)*"', "'": r"'(?:[^']|'')*'", "[": r"\[[^\[\]]*\]", "{": r"\{[^{}]*\}"}
    pattern = pairs.get(text[0])
    return bool(pattern and re.fullmatch(pattern, text))


def _colon(source: Source, number: int, column: int, line: str) -> Fault:
    problem = "YAML takes text that holds ': ' for a key and its value."
    if column == len(line) - len(line.lstrip()) + 1 and number and source.lines[number - 1].strip():
        remedy = "Put the whole text in quotes, or write '|' before it and the text on the lines below."
        return source.fault(number + 1, column, problem, remedy)
    return source.fault(number + 1, column, problem, f"Put the text in quotes:{corrected(line)}")


def hidden(source: Source, line: int, column: int, excerpt: str) -> Fault:
    """YAML drops what stands behind ' #'; line and column count from 1."""
    return source.fault(
        line, column, "YAML drops everything behind ' #'.",
        f"If it is text, put it in quotes; a comment goes on a line of its own:{corrected(excerpt)}",
    )  # fmt: skip


_NEVER_CLOSED = "A quotation mark or bracket that opens here is never closed."
_MISALIGNED = "The indentation of this line does not fit the lines above it."
_LINE_UP = "Line it up with its neighbours."

#: a part of libyaml's message, the problem in an author's words, the remedy
_STRUCTURE = (
    ("tab character", "A tab stands where YAML wants spaces.", "Indent with spaces."),
    ("expected ':'", "This is neither 'key: value' nor part of the text above it.", "Add the colon, or indent it."),
    ("end of stream", _NEVER_CLOSED, "Close it."),
    ("',' or", _NEVER_CLOSED, "Close it, or put the text in quotes."),
    ("expected key", _MISALIGNED, _LINE_UP),
    ("'-' indicator", _MISALIGNED, _LINE_UP),
    ("not allowed", "YAML does not expect this here.", "Check the indentation, or put the text in quotes."),
)


def _broken_structure(source: Source, error: yaml.MarkedYAMLError) -> Fault:
    said = error.problem or ""
    for words, problem, remedy in _STRUCTURE:  # noqa: B007  # used behind the loop
        if words in said:
            mark = error.context_mark if problem == _NEVER_CLOSED and error.context_mark else error.problem_mark
            break
    else:
        problem, remedy, mark = f"YAML cannot read this: {said}.", "Put text in quotes.", error.problem_mark
    assert mark is not None
    return source.fault(min(mark.line + 1, len(source.lines)), mark.column + 1, problem, remedy)
