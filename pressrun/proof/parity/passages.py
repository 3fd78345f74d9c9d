"""An article as every channel has to say it: its passages in reading order, and what may stand elsewhere.

The words are those of the model, as they were parsed; nothing here asks a template or what fills it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from pressrun import model
from pressrun.faults import Place
from pressrun.model import Article, Block, Inline, Issue, Item, LocalSite, Prose
from pressrun.proof.parity.places import Places
from pressrun.proof.parity.reading import quoted
from pressrun.proof.parity.tokens import known, levelled, spans, tokens

_UNSAID = re.compile(r"^(?:https?://(?:www\.)?|mailto:|tel:|sms:)|/+$")
#: the whole address of a link; None where it leads nowhere yet
Address = Callable[[model.Link], str | None]


@dataclass(frozen=True)
class Form:
    """How a channel says what has no words in the text."""

    #: addresses stand behind the words that lead there
    printed: bool = False
    #: alt texts stand among the words
    spoken_pictures: bool = False
    #: how a sentence of the article's language lists names
    listed: Callable[[Sequence[str]], str] = ", ".join


@dataclass(frozen=True)
class Passage:
    """A run of words that belong together: a paragraph, an item, a row, ..."""

    block: str
    words: str
    place: Place
    #: addresses that its words lead to, in order
    links: tuple[str, ...] = ()
    #: of a heading, counted from that of the title; 0 for other words
    level: int = 0
    #: the same behind another name, for a language that writes "and" and a name as one word
    joined: str = ""

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return known(self.words)

    def quote(self, first: int, last: int) -> str:
        """Its words from `first` to before `last`, as they stand in the article."""
        text = levelled(self.words)
        return quoted(text, [start for _, start in spans(text)], self.tokens, first, last)


@dataclass(frozen=True)
class Dated:
    block: str
    when: datetime
    place: Place


@dataclass(frozen=True)
class Number:
    """A telephone number of a helpline."""

    number: str
    place: Place


@dataclass(frozen=True)
class Picture:
    alt: str
    place: Place


@dataclass
class Wanted:
    """All that a channel has to say of an article."""

    article: Article
    #: in this order, with nothing between them
    body: list[Passage] = field(default_factory=list)
    #: each wherever its template wants it
    around: list[Passage] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    dates: list[Dated] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)


def wanted(article: Article, address: Address, form: Form) -> Wanted:
    """What a channel says of an article that it carries whole; the article is as that channel carries it."""
    writer = _Writer(article, address, form)
    found = Wanted(article)
    found.around += writer.around()
    found.body += writer.blocks(article.body)
    found.pictures = writer.pictures
    found.dates += writer.dates()
    found.numbers += (Number(line.phone, article.find("helplines:")[0]) for line in article.helplines)
    return found


def of_local(local: LocalSite) -> Iterator[Passage]:
    """What an outreach site's own copy of a handout says of that site."""
    place = Place(f"content/sites/{local.slug}.yaml")
    told = (("name", local.name), ("address", local.address), ("phone", local.phone), ("hours", local.hours))
    for what, words in told:
        if words:
            yield Passage(f"{what} of an outreach site", words, place)


def teaser(article: Article, address: Address, form: Form) -> Wanted:
    """What a newsletter says of an article of which it has only a teaser."""
    return Wanted(article, around=list(_Writer(article, address, form).opening()))


def introduction(
    article: Article, issue: Issue, address: Address, form: Form, fill: Callable[[str], str]
) -> Wanted:  # fmt: skip
    """The words before the articles of a newsletter; `fill` puts words in place of fields."""
    place = issue.place
    passages = _Writer(article, address, form).blocks(issue.intro)
    body = [
        replace(one, block=f"{one.block} of the introduction", words=fill(one.words), place=place, level=0)
        for one in passages
    ]
    return Wanted(article, body=body)


class _Writer:
    def __init__(self, article: Article, address: Address, form: Form) -> None:
        self._article, self._address, self._form = article, address, form
        self._places = Places(article)
        self.pictures: list[Picture] = []

    # ---- around the body

    def opening(self) -> Iterator[Passage]:
        yield Passage("title", self._article.title, self._places.key("title"), level=1)
        yield Passage("summary", self._article.summary, self._places.key("summary"))

    def around(self) -> Iterator[Passage]:
        article, places = self._article, self._places
        yield from self.opening()
        if article.image:
            yield from self._figure(article.image, "lead picture")
        at = places.key("authors")
        for author in article.authors:
            joined = self._form.listed(["", author.name])
            yield Passage("author", author.name, at, joined=joined)
            yield from (Passage("author's role", author.role, at) for _ in filter(None, [author.role]))
        if article.review:
            yield Passage("review", f"{article.review.by} {article.review.role}", places.key("review"))
        for line in article.helplines:
            yield from _helpline(line, places.key("helplines"))
        yield from self._remarks()

    def _remarks(self) -> Iterator[Passage]:
        """Sources and corrections, which stand below the text."""
        at = self._places.key("sources")
        for source in self._article.sources:
            told = f"{source.title} {source.publisher} {source.date}" + self._behind(source.url, source.title)
            links = (source.url,) if source.url else ()
            yield Passage("source", told, self._places.next(source.title, at), links)
        at = self._places.key("corrections")
        for correction in self._article.corrections:
            yield self._passage("correction", correction.text, at)

    def dates(self) -> Iterator[Dated]:
        article, places = self._article, self._places
        yield Dated("date", article.date, places.key("date"))
        if article.updated:
            yield Dated("date of the update", article.updated, places.key("updated"))
        review = article.review
        if review and review.on:
            yield Dated("date of the review", review.on, places.key("review"))
        if review and review.next:
            yield Dated("date of the next review", review.next, places.key("review"))
        for correction in article.corrections:
            yield Dated("date of a correction", correction.date, places.key("corrections"))

    # ---- the body

    def blocks(self, body: Iterable[Block]) -> Iterator[Passage]:
        for block in body:
            for passage in self._block(block):
                if passage.tokens:
                    yield passage

    def _block(self, block: Block) -> Iterator[Passage]:
        match block:
            case model.Heading(heading=text):
                yield self._passage("heading", text, level=2)
            case model.Subheading(subheading=text):
                yield self._passage("subheading", text, level=3)
            case model.Text(text=text):
                yield self._passage("paragraph", text)
            case model.List(list=items) | model.Steps(steps=items) | model.Terms(terms=items):
                yield from self._items(block.kind, items)
            case model.Quote(text=inner):
                yield from self.blocks(inner)
                yield self._cite(block)
            case model.Callout(title=title, text=inner):
                yield Passage("title of a callout", title, self._places.next(title))
                yield from self.blocks(inner)
            case model.Figure():
                yield from self._figure(block, "figure")
            case model.Table():
                yield from self._table(block)
            case model.Button(label=label, link=link):
                yield self._button(label, link)

    def _items(self, kind: str, items: Iterable[Item]) -> Iterator[Passage]:
        names = {"list": "item", "steps": "step", "terms": "term"}
        for number, item in enumerate(items, 1):
            yield self._passage(f"{names[kind]} {number}", (*item.name, model.Words(" "), *item.text))
            yield from self.blocks(item.blocks)

    def _cite(self, quote: model.Quote) -> Passage:
        """An address without words may be printed or not: on a screen there is nothing to click."""
        words = quote.cite and quote.cite + self._behind(quote.url, quote.cite)
        links = (quote.url,) if quote.url and quote.cite else ()
        return Passage("source of a quote", words, self._places.next(words) if words else Place(""), links)

    def _figure(self, figure: model.Figure, block: str) -> Iterator[Passage]:
        """The place of its words is the figure's own."""
        if figure.alt:
            self.pictures.append(Picture(figure.alt, figure.place))
            if self._form.spoken_pictures:
                yield Passage("alt text", figure.alt, figure.place)
        caption = self._passage(f"caption of a {block}", (*figure.caption, model.Words(f" {figure.credit}")))
        yield Passage(caption.block, caption.words, figure.place, caption.links)

    def _table(self, table: model.Table) -> Iterator[Passage]:
        yield self._passage("caption of a table", table.caption)
        for number, row in enumerate((table.columns, *table.rows)):
            cells = [part for cell in row for part in (*cell, model.Words(" "))]
            yield self._passage(f"row {number} of a table" if number else "head of a table", tuple(cells))

    def _button(self, label: str, link: model.Link) -> Passage:
        target = self._address(link)
        words = label + (self._behind(target, label) if target else "")
        return Passage("button", words, self._places.next(label), (target,) if target else ())

    # ---- words

    def _passage(self, block: str, prose: Prose, default: Place | None = None, level: int = 0) -> Passage:
        links = (span for span in model.spans(prose) if isinstance(span, model.Link))
        targets = tuple(filter(None, map(self._address, links)))
        place = self._places.next(model.plain(prose), default)
        return Passage(block, "".join(map(self._said, prose)), place, targets, level)

    def _said(self, inline: Inline) -> str:
        match inline:
            case model.Strong(content) | model.Emphasis(content):
                return "".join(map(self._said, content))
            case model.Link(content):
                words = "".join(map(self._said, content))
                address = self._address(inline) or ""
                return words if _bare(address) == _bare(words) else words + self._shown(address)
        return model.plain((inline,))

    def _behind(self, address: str, words: str) -> str:
        """An address in print, unless the words are the address."""
        return "" if tokens(address) == tokens(words) else self._shown(address)

    def _shown(self, address: str) -> str:
        """In brackets, for words may follow at once."""
        return f" ({address})" if self._form.printed and address else ""


def _bare(address: str) -> str:
    """An address without what nobody says of it."""
    return _UNSAID.sub("", address).casefold()


def _helpline(line: model.Helpline, at: Place) -> Iterator[Passage]:
    yield Passage("name of a helpline", line.name, at)
    yield Passage("telephone number", line.phone, at)
    if line.sms and line.sms != line.phone:
        yield Passage("number for text messages", line.sms, at)
    for block, words in (("hours of a helpline", line.hours), ("words on a helpline", line.about)):
        if words:
            yield Passage(block, words, at)
