"""From the events of libyaml to nodes.

PyYAML's loaders are not used: they turn `no` into False and `1.10` into 1.1, keep the last of two equal keys,
and can be crashed by nesting or hung by merge keys. Its C event stream has none of these faults, so the nodes are
built here from events, with limits, and without anchors, aliases or tags.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from pressrun.faults import Fault, Place, Refused
from pressrun.source import misread
from pressrun.source.misread import Asked, begins
from pressrun.source.slips import advice, false_space
from pressrun.source.text import Source, decoded, quote

MOST_CHARACTERS = 2_000_000
MOST_NODES = 200_000
DEEPEST = 32

#: XML 1.0 forbids these, so no feed could carry them; a stray byte-order mark is invisible and breaks search; YAML
#: and mail take the separators U+0085, U+2028 and U+2029 for line breaks.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_COMMENT = re.compile(r"(?P<gap>[ \t]+)#")
_SWALLOWED = re.compile(r"(?:(?P<opening>[-:,?\[{])(?P<gap>[ \t]*))?(?P<comment>#.*)")


@dataclass(frozen=True, slots=True)
class Node:
    """Something in a YAML file, between two characters of its source."""

    source: Source = field(repr=False)
    #: first character and the one after the last, counted from 0
    start: int
    end: int

    @property
    def place(self) -> Place:
        return self.source.place(self.start)

    def fault(self, problem: str, remedy: str) -> Fault:
        return self.source.fault(self.start, problem, remedy)

    def as_text(self, asked: Asked = misread.IN_QUOTES) -> str:
        """A remedy: what was typed here, written so that YAML takes it for text."""
        first, column = self.source.where(self.start)
        last, after = self.source.where(self.end)
        line, rest = self.source.lines[first], self.source.lines[last][after:]
        if first == last and rest.strip() and not _COMMENT.match(rest):  # inside brackets
            return advice([line[:column] + quote(line[column:after]) + rest], asked)
        return advice(self.source.as_text(first, last, column), asked)


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

    def hidden(self, *, readers: bool) -> Fault:
        """YAML drops the comment behind this text, which is for readers or for machines."""
        remedy = self.as_text(misread.NO_COMMENT)
        if not readers:
            number, column = self.source.where(self.end)
            line = self.source.lines[number]
            remedy = advice([f"{line[:column]}  {line[column:].lstrip()}"], misread.TWO_SPACES)
        return self.source.fault(self.end + self.comment_gap, misread.DROPPED, remedy)

    def offsets(self) -> list[int]:
        """Where each character of the text, and then its end, was typed: past indentation, line breaks, escapes."""
        typed, at, found = self.source.text, self.start, list[int]()
        if self.style:
            at = typed.find("\n", at) + 1 if self.style in "|>" else at + 1
        while (done := len(found)) < len(self.text):
            character = self.text[done]
            while typed[at] != character and (typed[at] in " \t\n" or typed.startswith("\\\n", at)):
                at += 1
            if (count := self._as_typed(done, at)) > 1:  # most lines are, and need no look at each character
                found += range(at, at + count)
                at += count
                continue
            found.append(at)
            if self.style == '"' and typed[at] == "\\":
                at += {"x": 4, "u": 6, "U": 10}.get(typed[at + 1], 2)
            elif typed[at] == character:
                at += 2 if self.style == character == "'" else 1
        return [*found, at]

    def _as_typed(self, index: int, at: int) -> int:
        """How many characters of the text, from one on to the end of its line, stand in the source as they are."""
        end = self.text.find("\n", index)
        line = self.text[index : end if end >= 0 else None]
        style = self.style or "|"
        escaped = style in "'\"" and (style in line or "\\" in line)
        return len(line) if not escaped and self.source.text.startswith(line, at) else 0


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    pairs: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.pairs if name.text == key), None)


def read(path: str, data: bytes, keys: Collection[str] = ()) -> Node:
    """The one document of a YAML file, in which these keys may stand before a text.

    Raises Refused with the first fault when the file is not UTF-8, is no YAML, or uses what this project leaves out
    of YAML (anchors, aliases, tags, duplicate keys, several documents).
    """
    source = decoded(path, data, keys)
    if len(source.text) > MOST_CHARACTERS:
        _refuse(source.fault(0, f"The file is longer than {MOST_CHARACTERS:,} characters.", "Split it."))
    if bad := FORBIDDEN.search(source.text):
        _refuse(_control(source, bad.start(), bad.group()))
    if fault := false_space(source):
        _refuse(fault)
    try:
        return _Builder(source).document()
    except yaml.YAMLError as error:
        raise Refused([misread.explain(source, error)]) from None


def _refuse(fault: Fault) -> NoReturn:
    raise Refused([fault])


def _control(source: Source, index: int, character: str) -> Fault:
    return source.fault(index, f"An invisible control character (U+{ord(character):04X}) stands here.", "Delete it.")


class _Builder:
    """Nodes from the events of libyaml."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nodes = 0
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=yaml.CSafeLoader)
        self._read = 0

    def document(self) -> Node:
        next(self._events)  # the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            _refuse(self._source.fault(0, "The file is empty.", "Write at least its required keys."))
        node = self._node(self._next(), 0)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            remedy = "Delete it; a heading divides a text."
            _refuse(self._source.fault(after.start_mark.index, "A line of '---' begins a second document.", remedy))
        return node

    def _next(self) -> Any:
        """The next event, unless a comment before it swallows text."""
        event = next(self._events)
        start, end = event.start_mark.index, event.end_mark.index
        if "#" in self._source.text[self._read : start]:
            self._refuse_swallowed(start, isinstance(event, yaml.ScalarEvent))
        opens = isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent))
        self._read = start if opens else max(0, end - (start == end))
        return event

    def _refuse_swallowed(self, end: int, before_text: bool) -> None:
        """Text that begins with '#' looks like a comment; one that is meant stands two spaces behind its key."""
        for match in _SWALLOWED.finditer(self._source.text, self._read, end):
            if match["opening"] and (len(match["gap"]) < 2 or (before_text and match["opening"] in ":-")):
                _refuse(misread.swallowed(self._source, match.start("comment")))

    def _node(self, event: Any, depth: int) -> Node:
        self._nodes += 1
        start = event.start_mark.index
        if depth > DEEPEST or self._nodes > MOST_NODES:
            problem = "The file is nested too deeply or holds too many parts."
            _refuse(self._source.fault(start, problem, "Make it simpler."))
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            self._refuse_indicator(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _refuse_indicator(self, event: Any) -> NoReturn:
        """An anchor, an alias, a tag, or a key that is no text."""
        start, end = event.start_mark.index, event.end_mark.index
        if self._source.text.startswith("{{", start - 1):  # a merge field, which begins with both; text follows it
            start, end = start - 1, len(self._source.text[:end] + self._source.text[end:].partition("\n")[0])
        node = Node(self._source, start, end)
        character = self._source.text[node.start]
        problem = begins(character) if character in misread.TAKEN_FOR else "YAML takes this for a key."
        _refuse(node.fault(problem, node.as_text()))

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        if bad := FORBIDDEN.search(event.value):
            _refuse(_control(self._source, start, bad.group()))
        comment = None if event.style else _COMMENT.match(self._source.text, end)
        gap = len(comment["gap"]) if comment and event.value else 0
        return Scalar(self._source, start, end, event.value, event.style or None, gap)

    def _sequence(self, event: Any, depth: int) -> Sequence:
        items = []
        while not isinstance(following := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(following, depth + 1))
        return Sequence(self._source, event.start_mark.index, _end(following, items), tuple(items))

    def _mapping(self, event: Any, depth: int) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        first: dict[str, int] = {}
        while not isinstance(following := self._next(), yaml.MappingEndEvent):
            key = self._node(following, depth + 1)
            if not isinstance(key, Scalar):
                self._refuse_indicator(following)
            if key.text in first:
                problem = f"The key '{key.text}' was written before, on line {first[key.text]}."
                _refuse(key.fault(problem, "Keep one of them."))
            first[key.text] = following.start_mark.line + 1
            pairs.append((key, self._node(self._next(), depth + 1)))
        return Mapping(self._source, event.start_mark.index, _end(following, [v for _, v in pairs]), tuple(pairs))


def _end(event: Any, inner: list[Node]) -> int:
    """Where brackets close, or the last part ends: libyaml ends what has no brackets at the next thing."""
    closed = event.end_mark.index > event.start_mark.index
    if closed or not inner:
        return int(event.end_mark.index)
    return len(inner[-1].source.text[: inner[-1].end].rstrip())
