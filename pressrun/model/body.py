"""The body of an article, read when somebody asks for its words, and what others need to know of it without them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, overload

from pressrun.faults import Place
from pressrun.model.blocks import Block, Figure, Heading, Subheading, blocks, prose
from pressrun.model.text import Link, Prose, spans


class Lead(NamedTuple):
    """Where a link inside the site leads to, and where it stands in the author's file."""

    #: empty for a heading of the same article
    slug: str
    anchor: str
    line: int
    column: int


class Shown(NamedTuple):
    """A picture, and where it stands in the author's file."""

    src: str
    line: int
    column: int


class Traits(NamedTuple):
    """What is known of a body without its words."""

    #: of all that it says
    digest: str
    leads: tuple[Lead, ...]
    figures: tuple[Shown, ...]
    #: of its headings, in their order
    anchors: tuple[str, ...]
    #: whether some channels carry less of it than others
    selective: bool


def traits(body: Iterable[Block]) -> Traits:
    body = tuple(body)
    every = list(blocks(body))
    return Traits(
        hashlib.sha256(repr(body).encode()).hexdigest()[:16],
        tuple(leads(prose(body))),
        tuple(shown(block) for block in every if isinstance(block, Figure)),
        tuple(block.id for block in body if isinstance(block, Heading | Subheading)),
        any(block.channels is not None for block in body),
    )


def leads(texts: Iterable[Prose]) -> Iterator[Lead]:
    """The links inside the site that stand in texts."""
    for span in (span for text in texts for span in spans(text)):
        if isinstance(span, Link) and not span.href:
            yield Lead(span.slug, span.anchor, span.place.line, span.place.column)


def shown(figure: Figure) -> Shown:
    return Shown(figure.src, figure.place.line, figure.place.column)


class Body(Sequence[Block]):
    """Blocks; equal to a tuple of the same blocks."""

    def __init__(
        self, read: Callable[[], tuple[Block, ...]], known: Traits | None = None,
        blocks: tuple[Block, ...] | None = None,
    ) -> None:  # fmt: skip
        """`read` gives the blocks; if they were read already, they are `blocks`."""
        self._read = read
        if blocks is not None:
            self.__dict__["all"] = blocks
        if known:
            self.__dict__["traits"] = known

    @cached_property
    def all(self) -> tuple[Block, ...]:
        return self._read()

    def let_go(self) -> None:
        """Its blocks are read again when somebody asks for them again."""
        self.traits  # noqa: B018  # stays known
        self.__dict__.pop("all", None)

    @cached_property
    def traits(self) -> Traits:
        return traits(self.all)

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Block, ...]: ...
    def __getitem__(self, index: int | slice) -> Block | tuple[Block, ...]:
        return self.all[index]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Block]:
        return iter(self.all)

    def __eq__(self, other: object) -> bool:
        return self.all == (other.all if isinstance(other, Body) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Tells of what it says, without reading it."""
        return f"Body({self.traits.digest})"


def traits_of(body: Sequence[Block]) -> Traits:
    return body.traits if isinstance(body, Body) else traits(body)


def place(path: str, found: Lead | Shown) -> Place:
    return Place(path, found.line, found.column)
