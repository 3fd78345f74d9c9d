"""What is published, as frozen values: no reading, no writing, no clock.

A field has the name of its key in the authors' files (`../docs/architecture.md` draws the way from file to output).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pressrun.faults import Place

# ---- text inside a block


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    content: Prose


@dataclass(frozen=True, slots=True)
class Emphasis:
    content: Prose


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


@dataclass(frozen=True, slots=True)
class Citation:
    #: place in the article's `sources`, counted from 1
    number: int
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    content: Prose
    #: the whole address; empty for a link inside this site
    href: str
    #: the article that it leads to; empty for an outside address or a heading of the same article
    slug: str
    #: the heading that it leads to, without '#'
    anchor: str
    place: Place = field(compare=False)


Inline = Words | Strong | Emphasis | Code | LineBreak | Citation | Link
#: CommonMark text of one paragraph, an item, a cell, ...
Prose = tuple[Inline, ...]


def plain(prose: Prose) -> str:
    """The words of a text without its marks."""
    return "".join(map(_plain, prose))


def _plain(inline: Inline) -> str:
    match inline:
        case Words(text) | Code(text):
            return text
        case Strong(content) | Emphasis(content) | Link(content):
            return plain(content)
        case LineBreak():
            return "\n"
        case Citation(number):
            return f"[{number}]"


def spans(prose: Prose) -> Iterator[Inline]:
    """Every part of a text, outer ones first."""
    for inline in prose:
        yield inline
        if isinstance(inline, Strong | Emphasis | Link):
            yield from spans(inline.content)


# ---- blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of an article's body; `kind` is its key in the YAML and the name of its template."""

    kind: ClassVar[str]
    #: the channels that carry it; None means all
    channels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(Block):
    kind = "heading"
    heading: Prose
    #: the anchor; unique in its article
    id: str


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
    place: Place = field(default=Place(""), compare=False)


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


# ---- the article


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
    body: tuple[Block, ...]
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
    place: Place = field(compare=False)

    def options(self, channel: str) -> Mapping[str, Any]:
        """What the article says to a channel that carries it."""
        options = self.channels.get(channel, {})
        return {} if isinstance(options, bool) else options

    def on(self, channel: str) -> Article | None:
        """The article as one channel carries it, with that channel's words and blocks; None where it is kept out."""
        if self.channels.get(channel) is False:
            return None
        options = self.options(channel)
        return replace(
            self,
            title=options.get("title", self.title),
            summary=options.get("summary", self.summary),
            body=_carried(self.body, channel),
        )

    def changed(self) -> datetime:
        """When readers last got something new: publication, update or correction."""
        return max([self.date, *filter(None, [self.updated]), *(correction.date for correction in self.corrections)])

    def gone(self, now: datetime) -> bool:
        """Withdrawn or expired: a notice stands in place of the text."""
        withdrawn = self.withdrawn is not None and self.withdrawn.date <= now
        return withdrawn or (self.expires is not None and self.expires <= now)

    def prose(self) -> Iterator[Prose]:
        """Every text of the article that can hold links and citations."""
        yield from prose(self.body)
        yield from (correction.text for correction in self.corrections)
        if self.withdrawn:
            yield self.withdrawn.reason
        if self.image:
            yield self.image.caption

    def figures(self) -> Iterator[Figure]:
        """Every picture of the article, the lead picture first."""
        if self.image:
            yield self.image
        yield from (block for block in blocks(self.body) if isinstance(block, Figure))


def _carried(body: tuple[Block, ...], channel: str) -> tuple[Block, ...]:
    return tuple(block for block in body if block.channels is None or channel in block.channels)


def blocks(body: tuple[Block, ...]) -> Iterator[Block]:
    """Every block of a body, outer ones first."""
    for block in body:
        yield block
        match block:
            case List(list=items) | Steps(steps=items) | Terms(terms=items):
                for item in items:
                    yield from blocks(item.blocks)
            case Quote(text=inner) | Callout(text=inner):
                yield from blocks(inner)


def prose(body: tuple[Block, ...]) -> Iterator[Prose]:
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


# ---- the site and the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    name: str
    base_url: str
    language: str
    time_zone: ZoneInfo
    email: str
    address: str = ""
    accent: str = ""
    logo: str = ""
    description: str = ""
    helplines: tuple[Helpline, ...] = ()
    default_helplines: tuple[Helpline, ...] = ()
    #: named addresses, used in text as CommonMark references: [the label][name]
    links: Mapping[str, str] = field(default_factory=dict)
    #: settings that belong to one channel or to publishing, by key
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: Place = field(compare=False)

    def url(self, path: str) -> str:
        """The address of a path on the live site."""
        return f"{self.base_url}/{path}"

    @property
    def host(self) -> str:
        return self.base_url.split("//", 1)[-1].split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Picture:
    #: below content/images/
    src: str
    data: bytes
    #: image/png, image/jpeg, image/gif or image/webp
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Publication:
    """All that is visible at one instant."""

    site: Site
    #: newest first
    articles: tuple[Article, ...]
    #: drafts, and what appears later, soonest first
    held: tuple[Article, ...]
    pictures: Mapping[str, Picture]
    now: datetime

    def on(self, channel: str) -> list[Article]:
        """The visible articles as a channel carries them."""
        return [article for found in self.articles if (article := found.on(channel))]

    def live(self, channel: str) -> list[Article]:
        """Those of them whose text still stands."""
        return [article for article in self.on(channel) if not article.gone(self.now)]

    def state(self, article: Article) -> str:
        """draft, scheduled, withdrawn, expired or live."""
        if article.draft:
            return "draft"
        if article.date > self.now:
            return "scheduled"
        if not article.gone(self.now):
            return "live"
        return "withdrawn" if article.withdrawn else "expired"

    def has(self, slug: str) -> bool:
        return any(article.slug == slug for article in self.articles)
