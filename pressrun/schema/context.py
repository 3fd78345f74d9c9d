"""What readers of values share: keys, the context, and the way to say that a value does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from pressrun import source
from pressrun.faults import Fault
from pressrun.schema import shapes
from pressrun.schema.shapes import shaped
from pressrun.source import Node, Scalar, Sequence


class Unusable(Exception):
    """A value that does not fit; its fault is already noted."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping."""

    kind: Kind
    about: str
    required: bool = False
    #: what holds where the key is missing, if that can be written down
    default: Any = None
    #: a value as an author types it
    example: str = ""


Keys = Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """What one channel adds to the contract."""

    #: below `channels: {<channel>: ...}` of an article
    options: Keys
    #: at the top of site.yaml
    settings: Keys
    #: of a file of content/newsletters/, for a channel that carries issues
    issue: Keys = field(default_factory=dict)


@dataclass
class Context:
    """What readers of values need beside the value."""

    channels: Mapping[str, ChannelKeys]
    faults: list[Fault] = field(default_factory=list)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    links: Mapping[str, str] = field(default_factory=dict)
    #: another src for pictures that are to be shown as they were
    pictures: Mapping[str, str] = field(default_factory=dict)

    def refuse(self, node: Node, problem: str, remedy: str) -> Unusable:
        self.faults.append(node.fault(problem, remedy))
        return Unusable()


Kind = Callable[[Node, Context], Any]


def list_of(kind: Kind, least: int = 1) -> Kind:
    """A list whose items are all read, so that all their faults show."""

    @shaped(lambda channels: {"type": "array", "items": shapes.of(kind, channels), "minItems": least})
    def read(node: Node, context: Context) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            if (
                isinstance(node, Scalar)
                and node.text.startswith("-")
                and (slip := source.slipped(node.source, node.start, node.end))
            ):
                context.faults.append(slip)
                raise Unusable
            raise context.refuse(node, "A list belongs here.", "Write [one, two], or one a line with '- ' before it.")
        if len(node.items) < least:
            raise context.refuse(node, "The list is empty.", "Write at least one item.")
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
    small = {name.lower(): name for name in known}
    if close := get_close_matches(text.lower(), small, 1, 0.6):
        return f"Did you mean '{small[close[0]]}'?"
    return f"Known are: {', '.join(known)}."


def values(node: Node, context: Context, keys: Keys, what: str) -> dict[str, Any]:
    """The values of a mapping by key; every unknown, missing and unfitting one is noted."""
    if not isinstance(node, source.Mapping):
        needed = ", ".join(f"'{name}: ...'" for name in [name for name in keys if keys[name].required] or keys)
        raise context.refuse(node, f"Keys and values belong here: {what}.", f"Write {needed}.")
    what = what[0].upper() + what[1:]
    before = len(context.faults)
    found: dict[str, Any] = {}
    for position, (name, value) in enumerate(node.pairs):
        if name.text not in keys:
            _unknown(node, position, context, keys, what)
            continue
        try:
            found[name.text] = keys[name.text].kind(value, context)
        except Unusable:
            continue
    for missing, key in keys.items():
        if key.required and node.get(missing) is None:
            context.refuse(node, f"{what} has no '{missing}'.", f"Add '{missing}: ...', {key.about}.")
    if len(context.faults) > before:
        raise Unusable
    return found


def _unknown(node: source.Mapping, position: int, context: Context, keys: Keys, what: str) -> None:
    name = node.pairs[position][0]
    if _cut_off(node.pairs[position]) and position:
        if not _cut_off(node.pairs[position - 1]):
            _refuse_comma(node, position, context)
        return
    remedy = nearest(name.text, tuple(keys))
    if node.start == 0 and not name.text.isidentifier():
        remedy = "If it belongs to the text above it, indent it like that text."
    context.refuse(name, f"{what} has no key '{name.text}'.", remedy)


def _cut_off(pair: tuple[Scalar, Node]) -> bool:
    """Whether this is no key but, between brackets, what stands behind a comma."""
    name, value = pair
    return isinstance(value, Scalar) and value.empty and name.source.text[name.end : name.end + 1] in ",}"


def _refuse_comma(node: source.Mapping, position: int, context: Context) -> None:
    """Between brackets, a comma ends a text."""
    *_, (last, _) = takewhile(_cut_off, node.pairs[position:])
    text = source.Node(node.source, node.pairs[position - 1][1].start, last.end)
    comma = node.source.text.rfind(",", 0, node.pairs[position][0].start)
    context.faults.append(node.source.fault(comma, "YAML takes this comma for the end of the text.", text.as_text()))


def record(make: Callable[..., Any], keys: Keys, what: str) -> Kind:
    """A mapping as a value of the model, whose fields have the keys' names."""

    @shaped(lambda channels: shapes.fields(keys, what, channels))
    def read(node: Node, context: Context) -> Any:
        return make(**values(node, context, keys, what))

    return read


def made(kind: Kind, make: Callable[[Any], Any]) -> Kind:
    """What a kind reads, made into something else."""
    return shaped(shapes.like(kind))(lambda node, context: make(kind(node, context)))


def either(single: Kind, mapping: Kind) -> Kind:
    """A mapping, or what is said in short."""

    @shaped(lambda channels: {"anyOf": [shapes.of(single, channels), shapes.of(mapping, channels)]})
    def read(node: Node, context: Context) -> Any:
        return (mapping if isinstance(node, source.Mapping) else single)(node, context)

    return read


def named(kind: Kind, problem: str, remedy: str) -> Kind:
    """Values by names of the author's own."""

    @shaped(lambda channels: {"type": "object", "additionalProperties": shapes.of(kind, channels)})
    def read(node: Node, context: Context) -> dict[str, Any]:
        if not isinstance(node, source.Mapping):
            raise context.refuse(node, problem, remedy)
        read = all_of([partial(kind, value, context) for _, value in node.pairs])
        return dict(zip((name.text for name, _ in node.pairs), read, strict=True))

    return read
