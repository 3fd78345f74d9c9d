"""Front matter: what stands above the text in files of Hugo, Jekyll and Pelican, with the line of each key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pressrun import source
from pressrun.faults import Fault, Place, Refused
from pressrun.source import Node, Scalar, Sequence

_FENCED = re.compile(r"\s*(?P<mark>---|\+\+\+)[ \t]*\n(?P<inside>.*?)(?:^|\n)(?P=mark)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADER = re.compile(r"(?P<key>[A-Za-z][\w-]*):[ \t]*(?P<value>.*)")
#: the keys by which Pelican's headers are known
_PELICAN = ("title", "date", "category", "tags", "slug", "author", "authors", "summary", "status", "modified", "lang")


@dataclass
class Front:
    """What stands above a text."""

    values: dict[str, Any] = field(default_factory=dict)
    #: from 1
    lines: dict[str, int] = field(default_factory=dict)
    #: as typed, its key included
    typed: dict[str, str] = field(default_factory=dict)
    #: the text below, as many lines down as in the file
    body: str = ""


def split(path: str, text: str) -> Front:
    """Front matter and text of a file. Raises Refused where it cannot be read."""
    if fenced := _FENCED.match(text):
        read = _yaml if fenced["mark"] == "---" else _toml
        front = read(path, "\n" * text.count("\n", 0, fenced.start("inside")) + fenced["inside"])
        end = fenced.end()
    elif re.match(r"\{\s*\"", text) and (found := _json(path, text)):
        front, end = found
    elif (header := _HEADER.match(text)) and header["key"].lower() in _PELICAN:
        front, end = _headers(text)
    else:
        if re.match(r"(---|\+\+\+)[ \t]*\n", text) and re.match(r".*\n[\w-]+[ \t]*[:=]", text):
            remedy = "Write the same mark on a line of its own below them."
            raise Refused([Fault(Place(path), "The keys at the top of this file have no end.", remedy)])
        front, end = Front(), 0
    front.body = "\n" * text.count("\n", 0, end) + text[end:]
    _type(front, text[:end].split("\n"))
    return front


def _type(front: Front, lines: list[str]) -> None:
    """Notes each key's lines as typed."""
    starts = sorted(set(front.lines.values()))
    for key, first in front.lines.items():
        last = next((start for start in starts if start > first), len(lines))
        typed = [line for line in lines[first - 1 : last - 1] if line.strip() and line.strip() not in ("---", "+++")]
        front.typed[key] = "\n".join(typed)


def _yaml(path: str, text: str) -> Front:
    front = Front()
    if not re.sub(r"(?m)^\s*(#.*)?$", "", text).strip():
        return front
    node = source.read(path, _mended(text).encode())
    if not isinstance(node, source.Mapping):
        raise Refused([node.fault("Keys and values belong here.", "Write `title: ...`, one key a line.")])
    for name, value in node.pairs:
        front.values[name.text] = _value(value)
        front.lines[name.text] = name.place.line
    return front


def _mended(text: str) -> str:
    """What other programs read, and our reader, which is stricter for authors' sake, would refuse."""
    return re.sub(r"(?m)^([\w-]+:)[ \t]*#.*$", r"\1", text)


def _value(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text if node.style or node.text not in ("null", "~") else ""
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    assert isinstance(node, source.Mapping)
    return {name.text: _value(value) for name, value in node.pairs}


def _toml(path: str, text: str) -> Front:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = Place(path, int(at[1]), int(at[2])) if at else Place(path, max(1, text.count("\n")))
        said = re.sub(r"\s*\(at .*\)", "", str(error))
        raise Refused([Fault(place, f"TOML cannot read this: {said}.", "Correct it as TOML wants it.")]) from None
    return Front(_plain(found), dict(_found(found, text)))


def _found(keys: dict[str, Any], text: str) -> Iterator[tuple[str, int]]:
    for key in keys:
        at = re.search(rf"(?m)^\s*\[*[ \t]*[\"']?{re.escape(key)}\b", text)
        yield key, text.count("\n", 0, at.end()) + 1 if at else 1


def _plain(value: Any) -> Any:
    """Dates, numbers and the like as text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, bool) or value is None:
        return "true" if value else "false" if value is False else ""
    return str(value)


def _json(path: str, text: str) -> tuple[Front, int] | None:
    try:
        found, end = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        place = Place(path, error.lineno, error.colno)
        raise Refused([Fault(place, f"JSON cannot read this: {error.msg}.", "Correct it as JSON wants it.")]) from None
    return (Front(_plain(found), dict(_found(found, text[:end]))), end) if isinstance(found, dict) else None


def _headers(text: str) -> tuple[Front, int]:
    front, key, end = Front(), "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.fullmatch(line):
            key = header["key"].lower()
            front.values[key], front.lines[key] = header["value"].strip(), number
        elif line[:1] in (" ", "\t") and line.strip():
            front.values[key] += " " + line.strip()
        else:
            break
        end += len(line) + 1
    return front, min(end, len(text))
