"""What readers of values share: keys, the context, and the way to say that a value does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pressrun import source
from pressrun.faults import Fault
from pressrun.source import Node, Scalar, Sequence


class Unusable(Exception):
    """A value that does not fit; its fault is already noted."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping."""

    kind: Kind
    about: str
    required: bool = False


Keys = Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """What one channel adds to the contract."""

    #: below `channels: {<channel>: ...}` of an article
    options: Keys
    #: at the top of site.yaml
    settings: Keys


@dataclass
class Context:
    """What readers of values need beside the value."""

    channels: Mapping[str, ChannelKeys]
    faults: list[Fault] = field(default_factory=list)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    links: Mapping[str, str] = field(default_factory=dict)

    def refuse(self, node: Node, problem: str, remedy: str) -> Unusable:
        self.faults.append(node.fault(problem, remedy))
        return Unusable()


Kind = Callable[[Node, Context], Any]


def list_of(kind: Kind) -> Kind:
    """A list whose items are all read, so that all their faults show."""

    def read(node: Node, context: Context) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            raise context.refuse(node, "A list belongs here.", "Write [one, two], or one a line with '- ' before it.")
        if not node.items:
            raise context.refuse(node, "The list is empty.", "Write at least one item, or delete the key.")
        return all_of([partial(kind, item, context) for item in node.items])

    return read


def all_of(reads: list[Callable[[], Any]]) -> tuple[Any, ...]:
    """The results of all reads; Unusable when one of them failed, but not before the last was tried."""
    results, failed = [], False
    for read in reads:
        try:
            results.append(read())
        except Unusable:
            failed = True
    if failed:
        raise Unusable
    return tuple(results)


def nearest(text: str, known: tuple[str, ...]) -> str:
    """A remedy that names the nearest known word."""
    if close := get_close_matches(text, known, 1, 0.6):
        return f"Did you mean '{close[0]}'?"
    return f"Known are: {', '.join(known)}."


def values(node: Node, context: Context, keys: Keys, what: str) -> dict[str, Any]:
    """The values of a mapping by key; every unknown, missing and unfitting one is noted."""
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, f"Keys and values belong here: {what}.", f"Write {_example(keys)}")
    found: dict[str, Any] = {}
    failed = False
    for name, value in node.pairs:
        if name.text not in keys:
            context.refuse(
                name, f"{what[0].upper()}{what[1:]} has no key '{name.text}'.", nearest(name.text, tuple(keys))
            )
            failed = True
            continue
        try:
            found[name.text] = keys[name.text].kind(value, context)
        except Unusable:
            failed = True
    failed = _missing(node, context, keys, what) or failed
    if failed:
        raise Unusable
    return found


def _missing(node: source.Mapping, context: Context, keys: Keys, what: str) -> bool:
    missing = [name for name, key in keys.items() if key.required and node.get(name) is None]
    for name in missing:
        context.refuse(node, f"{what[0].upper()}{what[1:]} has no '{name}'.", f"Add it: {keys[name].about}.")
    return bool(missing)


def _example(keys: Keys) -> str:
    return "{" + ", ".join(f"{name}: ..." for name, key in keys.items() if key.required) + "}"


def record(make: Callable[..., Any], keys: Keys, what: str) -> Kind:
    """A mapping as a value of the model, whose fields have the keys' names."""
    return lambda node, context: make(**values(node, context, keys, what))


def one_pair(node: Node) -> tuple[Scalar, Node] | None:
    if isinstance(node, source.Mapping) and len(node.pairs) == 1:
        return node.pairs[0]
    return None
