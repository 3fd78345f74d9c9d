"""The layout of authors' YAML files: what `inv fmt` writes.

A file is not written anew from its values, which would fold its text afresh and part its comments from what they speak
of. Its own lines are put in order, by the places that `source` knows: keys as the contract has them, with the comments
above them (the body may stand last); two spaces for what belongs to a line above; quotes where text needs them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import dropwhile
from pathlib import Path
from typing import Any

from pressrun import disk, schema, source
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Site
from pressrun.schema import ChannelKeys, Context, Kind, contract, shapes
from pressrun.schema.shapes import Shape
from pressrun.source import Node, Scalar, Sequence

_LONGEST = 120
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_BEHIND = re.compile(r"([ \t]*)(#.*)")


@dataclass
class Report:
    """What became of files, by their paths below the desk."""

    changed: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: sentences about files that are sound and were left alone all the same
    left: list[str] = field(default_factory=list)


def every(
    content: Path, site: Site, channels: Mapping[str, ChannelKeys], slugs: Collection[str], *, write: bool
) -> Report:
    """Lays out the files of these names, or all. Raises ValueError for a name that no file has."""
    found = {path: kind for kind, pattern in contract.FILES.items() for path in sorted(content.parent.glob(pattern))}
    names = {path.stem for path in found}
    if unknown := [slug for slug in slugs if slug not in names]:
        raise ValueError(f"There is no file '{unknown[0]}.yaml'. {schema.nearest(unknown[0], tuple(names))}")
    report, kinds = Report(), contract.kinds(channels)
    for path, kind in found.items():
        if slugs and path.stem not in slugs:
            continue
        name, data = path.relative_to(content.parent).as_posix(), path.read_bytes()
        try:
            made = laid_out(name, data, kinds[kind], Context(channels, zone=site.time_zone, links=site.links))
        except Refused as refused:
            report.faults += refused.faults
        except ValueError as error:
            report.left.append(str(error))
        else:
            report.changed += [name] if made != data else []
            if write and made != data:
                disk.write(path, made)
    return report


def laid_out(path: str, data: bytes, kind: Kind, context: Context) -> bytes:
    """A file in our layout; its lines end as they did.

    Raises Refused with what is wrong in it, and ValueError when it would not say the same afterwards.
    """
    node, before = _read(path, data, kind, context)
    lines = _Lines(node.source).document(node, shapes.of(kind, context.channels))
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    made = ending.join(line.encode() for line in [*lines, ""])
    with suppress(Refused):
        other, after = _read(path, made, kind, context)
        if before == after and shapes.plain(node) == shapes.plain(other) and comments(node) == comments(other):
            return made
    raise ValueError(f"{path} is written in a way of its own, which cannot be laid out. It stays as it is.")


def _read(path: str, data: bytes, kind: Kind, context: Context) -> tuple[Node, Any]:
    """A file and what it says. Raises Refused."""
    node, context = source.read(path, data, schema.WORDS), replace(context, faults=[])
    found: Any = {}
    with suppress(schema.Unusable):
        found = kind(node, context)
    if context.faults:
        raise Refused(context.faults)
    return node, {key: value for key, value in found.items() if not isinstance(value, Place)}


def comments(node: Node) -> list[str]:
    """Those of a file, in the order of the alphabet."""
    text, at, found = node.source.text, 0, list[str]()
    for scalar in _scalars(node):
        begin = text.find("\n", scalar.start) if scalar.style in ("|", ">") else scalar.start
        found += _COMMENT.findall(text[at:begin])
        at = max(scalar.end, begin)
    return sorted(comment.rstrip() for comment in [*found, *_COMMENT.findall(text[at:])])


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, source.Mapping):
        yield from (scalar for pair in node.pairs for part in pair for scalar in _scalars(part))
    elif isinstance(node, Sequence):
        yield from (scalar for item in node.items for scalar in _scalars(item))


def _within(shape: Shape, kind: str) -> Shape:
    """What a shape says of mappings ('properties') or lists ('items')."""
    return next((one for one in [shape, *shape.get("anyOf", ())] if kind in one), {})


def _begun(lines: list[str]) -> list[str]:
    """Lines without empty ones before the first."""
    return list(dropwhile(lambda line: not line, lines))


class _Lines:
    """The lines of one file, put in order."""

    def __init__(self, text: source.Source) -> None:
        self._source, self._text = text, text.text
        #: the first line that is not taken over yet
        self._next = 0

    def document(self, node: Node, shape: Shape) -> list[str]:
        if self._in_brackets(node):
            return [line.rstrip() for line in self._source.lines]
        lines = self._block(node, 0, shape, -1)
        return lines + self._notes(len(self._source.lines), 0)

    def _in_brackets(self, node: Node) -> bool:
        return not isinstance(node, Scalar) and self._text[node.start] in "[{"

    def _notes(self, end: int, indent: int) -> list[str]:
        """The comments before a line, each run of empty lines as one."""
        lines = [line.strip() for line in self._source.lines[self._next : end]]
        self._next = max(self._next, end)
        found = [line for line, before in zip(lines, ["x", *lines], strict=False) if (line or before) and line != "---"]
        return [f"{' ' * indent}{line}".rstrip() for line in found]

    def _block(self, node: Node, indent: int, shape: Shape, above: int) -> list[str]:
        """A list or mapping without brackets, below something that begins at the column `above`."""
        parts = self._items(node, indent, shape) if isinstance(node, Sequence) else self._pairs(node, indent, shape)
        lines = [line for part in parts for line in part]
        last = self._next
        for number in range(self._next, len(self._source.lines)):
            line = self._source.lines[number].lstrip()
            if line and not (line.startswith("#") and len(self._source.lines[number]) - len(line) > above):
                break
            last = number + 1 if line else last
        return _begun(lines + self._notes(last, indent))

    def _items(self, node: Sequence, indent: int, shape: Shape) -> Iterator[list[str]]:
        inner, column = _within(shape, "items").get("items", {}), self._source.where(node.start)[1]
        at = node.start
        for item in node.items:
            line = self._source.where(at)[0]
            while self._source.starts[line] + column < at or self._source.lines[line][column : column + 1] != "-":
                line += 1
            dash = self._source.starts[line] + column
            yield self._notes(line, indent) + self._entry(" " * indent + "-", item, inner, dash + 1, column)
            at = item.end

    def _pairs(self, node: Node, indent: int, shape: Shape) -> list[list[str]]:
        """Those of a mapping in the order of its keys, each with the comments above it."""
        assert isinstance(node, source.Mapping)
        properties = _within(shape, "properties").get("properties", {})
        ranks = {name: rank for rank, name in enumerate(properties)}
        if node.pairs[-1][0].text == "body":
            ranks["body"] = len(ranks)
        other = _within(shape, "additionalProperties").get("additionalProperties") or {}
        column, top, found = self._source.where(node.start)[1], list[str](), list[tuple[int, list[str]]]()
        for key, value in node.pairs:
            notes = self._notes(self._source.where(key.start)[0], indent)
            if not found and "" in notes:  # they speak of the whole
                end = len(notes) - notes[::-1].index("")
                top, notes = notes[:end], notes[end:]
            colon = self._text.index(":", key.end)
            inner = properties.get(key.text, other)
            head = f"{' ' * indent}{self._written(key, in_brackets=True)}:"
            entry = self._entry(head, value, inner, colon + 1, column)
            found.append((ranks.get(key.text, 0), notes + entry))
        first, *others = (lines for _, lines in sorted(found, key=lambda part: part[0]))
        return [top, _begun(first), *others]

    def _entry(self, head: str, node: Node, shape: Shape, at: int, column: int) -> list[str]:
        """A value behind its key or dash, which stands in a column and ends before the character `at`."""
        line, indent = self._source.where(at)[0], len(head) - len(head.lstrip())
        below = self._source.where(node.start)[0] > line
        if isinstance(node, Scalar):
            return self._scalar(head, node, " " * (indent + 2), below=below)
        if self._in_brackets(node):
            return self._flow(head, node, " " * (indent + 2), shape)
        self._next = line + below
        behind = self._comment(at) if below else ""
        inner = self._block(node, indent + 2, shape, column)
        apart = behind or inner[0].lstrip().startswith("#") or (below and isinstance(node, Sequence))
        if head.endswith("-") and not apart:
            return [f"{head} {inner[0].lstrip()}", *inner[1:]]
        return [head + behind, *inner]

    def _comment(self, at: int) -> str:
        """A comment behind a character, two spaces or more away."""
        line, column = self._source.where(at)
        found = _BEHIND.fullmatch(self._source.lines[line], column)
        return f"{found[1] if len(found[1]) > 1 else '  '}{found[2].rstrip()}" if found else ""

    def _scalar(self, head: str, node: Scalar, pad: str, *, below: bool) -> list[str]:
        if node.style in ("|", ">"):
            return self._below_bar(head, node, pad)
        behind = self._comment(node.end)
        self._next = self._source.where(node.end)[0] + 1
        lines = [line.strip(" \t") for line in self._text[node.start : node.end].split("\n")]
        if len(lines) == 1:
            lines = [self._written(node, in_brackets=False, commented=bool(behind))]
        lines = [lines[0], *(pad + line if line else "" for line in lines[1:])]
        lines[-1] += behind
        long = below and len(head) + 1 + len(lines[0]) > _LONGEST
        return [head, pad + lines[0], *lines[1:]] if long else [f"{head} {lines[0]}", *lines[1:]]

    def _below_bar(self, head: str, node: Scalar, pad: str) -> list[str]:
        """Text below '|' or '>', with its own line breaks and the spaces at its lines' ends."""
        first = self._source.where(node.start)[0]
        header = re.match(r"[|>]([-+0-9]*)", self._text[node.start :])
        assert header
        last = self._source.where(node.end - 1)[0]
        lines = list(self._source.lines[first + 1 : last + 1])
        while "+" not in header[1] and lines and not lines[-1].strip():
            del lines[-1]
        self._next = first + 1 + len(lines)
        begin = next((line for line in lines if line.strip()), "")
        own = node.text.lstrip("\n")
        deeper = len(own) - len(own.lstrip(" "))
        margin = len(begin) - len(begin.lstrip(" ")) - deeper
        mark = f"{node.style}{'2' if deeper else ''}{''.join(re.findall('[-+]', header[1]))}"
        behind = self._comment(node.start + len(header[0]))
        return [f"{head} {mark}{behind}", *(pad + line[margin:] if line[margin:] else "" for line in lines)]

    def _flow(self, head: str, node: Node, pad: str, shape: Shape) -> list[str]:
        """What stands between brackets, on one line where it fits and no comment stands in it."""
        behind = self._comment(node.end)
        self._next = self._source.where(node.end)[0] + 1
        lines = self._text[node.start : node.end].split("\n")
        with suppress(ValueError):
            joined = f"{head} {self._inline(node, shape)}{behind}"
            if len(lines) == 1 or (len(joined) <= _LONGEST and not any(map(_COMMENT.search, lines))):
                return [joined]
        rest = [pad + line.lstrip() if line.strip() else "" for line in lines[1:]]
        rest[-1] += behind
        return [f"{head} {lines[0].rstrip()}", *rest]

    def _inline(self, node: Node, shape: Shape) -> str:
        """Raises ValueError for text of several lines."""
        if isinstance(node, Scalar):
            return self._written(node, in_brackets=True)
        if isinstance(node, Sequence):
            inner = _within(shape, "items").get("items", {})
            return f"[{', '.join(self._inline(item, inner) for item in node.items)}]"
        assert isinstance(node, source.Mapping)
        keys = _within(shape, "properties").get("properties", {})
        ranks = {name: rank for rank, name in enumerate(keys)}
        pairs = sorted(node.pairs, key=lambda pair: ranks.get(pair[0].text, 0))
        text = ", ".join(
            f"{self._inline(key, {})}: {self._inline(value, keys.get(key.text, {}))}" for key, value in pairs
        )
        return f"{{{text}}}" if self._text[node.start] == "{" else text

    def _written(self, node: Scalar, *, in_brackets: bool, commented: bool = False) -> str:
        """A text of one line, with quotes where it needs them; what is not in quotes stays so. Raises ValueError."""
        typed = self._text[node.start : node.end]
        if "\n" in typed:
            raise ValueError(typed)
        if node.style is None or (node.style == '"' and "\\" in typed):
            return typed
        return source.quote(node.text) if commented else source.written(node.text, in_brackets=in_brackets)
