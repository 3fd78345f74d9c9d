"""An article and what belongs to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from pressrun.faults import Place
from pressrun.model.blocks import Block, Figure, blocks, prose
from pressrun.model.body import Body, Lead, Shown, leads, shown, traits_of
from pressrun.model.text import Inline, Prose, spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    name: str
    role: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    by: str
    role: str = ""
    on: datetime | None = None
    next: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citable:
    """One of an article's `sources`."""

    title: str
    url: str = ""
    publisher: str = ""
    #: as typed: a source may be dated by its year alone
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    date: datetime
    text: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    date: datetime
    reason: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpline:
    name: str
    phone: str
    url: str = ""
    hours: str = ""
    sms: str = ""
    about: str = ""


#: What an article says to one channel: False keeps it out, otherwise the channel's own options by key.
Options = Mapping[str, Any] | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    title: str
    summary: str
    authors: tuple[Author, ...]
    date: datetime
    body: Sequence[Block]
    #: the article's name for machines, for ever
    id: str
    slug: str
    language: str
    category: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    updated: datetime | None = None
    translation_of: str = ""
    translated_from: str = ""
    revision: int = 1
    expires: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    withdrawn: Withdrawal | None = None
    draft: bool = False
    image: Figure | None = None
    review: Review | None = None
    sources: tuple[Citable, ...] = ()
    helplines: tuple[Helpline, ...] = ()
    channels: Mapping[str, Options] = field(default_factory=dict)
    #: why a rule of the proof does not hold here, by its name; readers see nothing of it
    proof: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    place: Place = field(compare=False, repr=False)
    #: gives the whole file, as its author typed it
    source: Callable[[], str] = field(default=str, compare=False, repr=False)
    #: how often each character stands in the file
    letters: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def typed(self) -> str:
        """The whole file, as its author typed it."""
        return self.source()

    def fingerprint(self) -> str:
        """A hash of all that it says, wherever in its file it stands."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def find(self, words: str) -> tuple[Place, str]:
        """Where words stand in the author's file, and their line; the first line if they are not found."""
        lines = self.typed.splitlines() or [""]
        number = next((number for number, line in enumerate(lines) if words in line), 0)
        column = max(lines[number].find(words), 0)
        return Place(self.place.path, number + 1, column + 1), lines[number]

    def options(self, channel: str) -> Mapping[str, Any]:
        """What the article says to a channel that carries it."""
        options = self.channels.get(channel, {})
        return {} if isinstance(options, bool) else options

    def on(self, channel: str) -> Article | None:
        """The article as one channel carries it, with that channel's words and blocks; None where it is kept out."""
        if self.channels.get(channel) is False:
            return None
        own = {name: words for name, words in self.options(channel).items() if name in ("title", "summary")}
        selective = traits_of(self.body).selective
        if not own and not selective:
            return self
        body = Body(partial(_carried, self.body, channel)) if selective else self.body
        return replace(self, **own, body=body)

    def changed(self) -> datetime:
        """When readers last got something new: publication, update or correction."""
        return max([self.date, *filter(None, [self.updated]), *(correction.date for correction in self.corrections)])

    def latest(self, now: datetime) -> datetime:
        """When readers last got something new by an instant: publication, update, correction, or a notice in place."""
        notices = [self.withdrawn.date if self.withdrawn else None, self.expires]
        changes = [self.updated, *(correction.date for correction in self.corrections), *notices]
        return max([self.date, *(change for change in changes if change and change <= now)])

    def prose(self) -> Iterator[Prose]:
        """Every text of the article that can hold links and citations."""
        yield from prose(self.body)
        yield from self._around()

    def _around(self) -> Iterator[Prose]:
        """What it says outside its body."""
        yield from (correction.text for correction in self.corrections)
        if self.withdrawn:
            yield self.withdrawn.reason
        if self.image:
            yield self.image.caption

    def spans(self) -> Iterator[Inline]:
        """Every part of every text, links and citations among them."""
        return (span for text in self.prose() for span in spans(text))

    def figures(self) -> Iterator[Figure]:
        """Every picture of the article, the lead picture first."""
        if self.image:
            yield self.image
        yield from (block for block in blocks(self.body) if isinstance(block, Figure))

    def leads(self) -> Iterator[Lead]:
        """Where the links inside the site lead to; known without reading the body, as is what `shown` tells."""
        yield from traits_of(self.body).leads
        yield from leads(self._around())

    def shown(self) -> Iterator[Shown]:
        """Every picture of the article by its name, the lead picture first."""
        if self.image:
            yield shown(self.image)
        yield from traits_of(self.body).figures

    def anchors(self) -> tuple[str, ...]:
        """Those of its headings, in their order."""
        return traits_of(self.body).anchors


def _carried(body: Sequence[Block], channel: str) -> tuple[Block, ...]:
    return tuple(block for block in body if block.channels is None or channel in block.channels)
