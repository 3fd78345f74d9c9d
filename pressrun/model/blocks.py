"""The parts of an article's body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from pressrun.faults import Place
from pressrun.model.text import Link, Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of an article's body; `kind` is its key in the YAML and the name of its template."""

    kind: ClassVar[str]
    #: the channels that carry it; None means all
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(Block):
    kind = "heading"
    heading: Prose
    #: the anchor; unique in its article
    id: str
    #: what the section tells of its topic: symptoms, causes, side-effects, ...; may be empty
    aspect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subheading(Block):
    kind = "subheading"
    subheading: Prose
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Block):
    """A paragraph."""

    kind = "text"
    text: Prose


@dataclass(frozen=True, slots=True)
class Item:
    text: Prose
    #: what the item is about, set bold before it; may be empty
    name: Prose = ()
    #: what stands below the text: further paragraphs, inner lists
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Block):
    kind = "list"
    list: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps(Block):
    kind = "steps"
    steps: tuple[Item, ...]
    #: the first step's number
    start: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Block):
    kind = "terms"
    terms: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote(Block):
    kind = "quote"
    text: tuple[Block, ...]
    cite: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout(Block):
    kind = "callout"
    #: note, tip, warning or danger
    tone: str
    title: str
    text: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Block):
    kind = "figure"
    #: path below content/images/
    src: str
    #: empty for pure decoration
    alt: str
    caption: Prose = ()
    credit: str = ""
    place: Place = field(default=Place(""), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Block):
    kind = "table"
    caption: Prose
    columns: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    #: the first cell of a row heads it
    row_headers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Block):
    kind = "button"
    label: str
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Break(Block):
    """A page break in print."""

    kind = "break"


def blocks(body: Iterable[Block]) -> Iterator[Block]:
    """Every block of a body, outer ones first."""
    for block in body:
        yield block
        match block:
            case List(list=items) | Steps(steps=items) | Terms(terms=items):
                for item in items:
                    yield from blocks(item.blocks)
            case Quote(text=inner) | Callout(text=inner):
                yield from blocks(inner)


def prose(body: Iterable[Block]) -> Iterator[Prose]:
    """Every text of a body in reading order, but for what stands in inner blocks, which follows its own block."""
    for block in blocks(body):
        yield from _prose(block)


def _prose(block: Block) -> Iterator[Prose]:
    match block:
        case Heading(heading=text) | Subheading(subheading=text) | Text(text=text) | Figure(caption=text):
            yield text
        case List(list=items) | Steps(steps=items) | Terms(terms=items):
            for item in items:
                yield item.name
                yield item.text
        case Table(caption=caption, columns=columns, rows=rows):
            yield caption
            yield from columns
            for row in rows:
                yield from row
        case Button(link=link):
            yield (link,)
