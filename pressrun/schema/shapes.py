"""What a value looks like, in JSON Schema: each kind of value says so itself, beside what reads it.

An editor takes `988` for a number and `true` for a truth value, where our readers take what was typed: text may be
either. `$comment` is what the reference calls a kind, and `x-typed` an example as an author types it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from pressrun import source

Shape = dict[str, Any]
#: a shape, or how it is found from the table of channels
Told = Shape | Callable[[Mapping[str, Any]], Shape]
Reader = TypeVar("Reader", bound=Callable[..., Any])

TEXT: Shape = {"$comment": "text", "type": ["string", "number", "boolean"], "pattern": r"\S"}
COMMONMARK = TEXT | {"$comment": "CommonMark"}


def shaped(shape: Told) -> Callable[[Reader], Reader]:
    """Notes at a reader what it takes."""

    def note(reader: Reader) -> Reader:
        vars(reader)["shape"] = shape
        return reader

    return note


def of(kind: Callable[..., Any], channels: Mapping[str, Any]) -> Shape:
    """What a kind of value looks like. Raises KeyError for one that does not say."""
    shape: Told = vars(kind)["shape"]
    return shape(channels) if callable(shape) else shape


def like(kind: Callable[..., Any]) -> Told:
    """The shape of another kind."""
    return partial(of, kind)


def matched(pattern: str, what: str) -> Shape:
    """Text that matches a pattern as a whole; an editor has numbers of what looks like one."""
    named = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    shape: Shape = {"$comment": what, "type": ["string"], "pattern": rf"^\s*(?:{named})\s*$"}
    if found := [name for name, text in (("number", "1.5"), ("integer", "988")) if re.fullmatch(pattern, text)]:
        shape["type"].append(found[0])
        shape |= {} if re.fullmatch(pattern, "-1") else {"minimum": 0}
    if re.fullmatch(pattern, "true"):
        shape["type"].append("boolean")
    return shape


def fields(keys: Mapping[str, Any], what: str, channels: Mapping[str, Any]) -> Shape:
    """A mapping with these keys."""
    return {
        "type": "object",
        "title": what,
        "properties": {name: of(key.kind, channels) | _told(key) for name, key in keys.items()},
        "required": [name for name, key in keys.items() if key.required],
        "additionalProperties": False,
    }


def _told(key: Any) -> Shape:
    """What a key says of itself."""
    told: Shape = {"description": key.about}
    if key.default is not None:
        told["default"] = key.default
    if key.example:
        told["examples"] = [plain(source.read("an example", key.example.encode()), _value)]
        told["x-typed"] = key.example
    return told


def _value(scalar: source.Scalar) -> Any:
    return {"true": True, "false": False}.get(scalar.text, scalar.text)


def plain(node: source.Node, take: Callable[[source.Scalar], Any] = lambda scalar: scalar.text) -> Any:
    """Nodes as lists, mappings and text."""
    if isinstance(node, source.Sequence):
        return [plain(item, take) for item in node.items]
    if isinstance(node, source.Mapping):
        return {key.text: plain(value, take) for key, value in node.pairs}
    assert isinstance(node, source.Scalar)
    return take(node)
