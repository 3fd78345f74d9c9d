"""The lists of articles: home, by category, tag, author, language and year, and from A to Z.

What is gone stands in the archive alone, marked. A translation stands under its original where a list has both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pressrun import sections
from pressrun.channels.web import letters
from pressrun.channels.web.frame import NAME, Frame
from pressrun.model import Article, Author, Publication
from pressrun.outputs import Output
from pressrun.sections import Section

#: how many articles home shows, and a page of any other list
NEWEST = 20
PAGE = 50

AUTHOR, CATEGORY, LANGUAGE, TAG = "author", "category", "language", "tag"
ARCHIVE, A_TO_Z = "archive/", "archive/a-z/"
_GATHER = {CATEGORY: sections.categories, TAG: sections.tags, AUTHOR: sections.authors}
_FOLDERS = {CATEGORY: "category/", TAG: "tag/", AUTHOR: "author/", LANGUAGE: f"{ARCHIVE}language/"}


def address(kind: str, name: str) -> str:
    """Where the page of a category, tag, author or language is, below the live site."""
    return f"{_FOLDERS[kind]}{sections.address(name)}/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One work in a list."""

    article: Article
    #: the same work in other languages, the original first
    others: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as others lead to it."""

    name: str
    path: str
    #: the last part of its path
    address: str
    #: how many works it has
    count: int
    #: of its newest article
    language: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    path: str
    template: str
    #: those that it names; the newest change of them is its own
    articles: Sequence[Article]
    #: of the page; the site's for an empty one
    language: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    #: the folder of the feeds that follow it, below that of all feeds
    feeds: str = ""
    #: for search engines too
    indexed: bool = True


@dataclass(frozen=True)
class Catalogue:
    """What is on the site, and by what it can be found."""

    publication: Publication
    #: whose text stands, the newest first
    live: Sequence[Article]
    #: those that are gone too
    all: Sequence[Article]
    #: the live articles by the slug of the original, the original first
    works: Mapping[str, Sequence[Article]]
    #: slugs of the live articles
    standing: AbstractSet[str]
    _links: dict[str, list[Shown]] = field(default_factory=dict)

    def entries(self, articles: Iterable[Article]) -> list[Entry]:
        """One for each work that stands: its original, or the first of its translations if that is not listed."""
        listed = {article.slug: article for article in articles if article.slug in self.standing}
        firsts = {_work(article): _first(self.works[_work(article)], listed) for article in listed.values()}
        return [
            Entry(article, tuple(other for other in self.works[_work(article)] if other.slug != article.slug))
            for article in listed.values()
            if firsts[_work(article)] == article.slug
        ]

    def sections(self, kind: str) -> list[Section]:
        """What there is of a kind, even if all of it is gone: addresses stay. Languages only if there are several."""
        if kind == LANGUAGE:
            spoken = sections.languages(self.live)
            return spoken if len(spoken) > 1 else []
        return _GATHER[kind](self.all)

    def links(self, kind: str) -> list[Shown]:
        """What there is to read of a kind, by name."""
        if kind not in self._links:
            found = [
                Shown(
                    section.name, address(kind, section.name), section.address, len(entries),
                    entries[0].article.language,
                )
                for section in self.sections(kind)
                if (entries := self.entries(section.articles))
            ]  # fmt: skip
            self._links[kind] = sorted(found, key=lambda shown: letters.order(shown.name))
        return self._links[kind]

    def years(self) -> dict[int, list[Article]]:
        found: dict[int, list[Article]] = {}
        for article in self.all:
            found.setdefault(article.date.year, []).append(article)
        return found


def catalogue(publication: Publication) -> Catalogue:
    live, works = publication.live(NAME), dict[str, list[Article]]()
    for article in sorted(live, key=lambda article: (bool(article.translation_of), article.language)):
        works.setdefault(_work(article), []).append(article)
    return Catalogue(publication, live, publication.on(NAME), works, {article.slug for article in live})


def _work(article: Article) -> str:
    return article.translation_of or article.slug


def _first(work: Iterable[Article], listed: Mapping[str, Article]) -> str:
    return next(article.slug for article in work if article.slug in listed)


def listings(found: Catalogue) -> Iterator[Listing]:
    """Every page of every list, home first."""
    yield _home(found)
    yield _archive(found)
    yield from _years(found)
    yield _a_to_z(found)
    for kind in _FOLDERS:
        for section in found.sections(kind):
            yield from _section(found, kind, section)


def outputs(frame: Frame, pages: Iterable[Listing]) -> Iterator[Output]:
    for listing in pages:
        label = "Web site" if not listing.path else ""
        inputs = partial(frame.all_inputs, listing.template)
        yield frame.output(listing.path, partial(_page, frame, listing), inputs, label=label)


def _page(frame: Frame, listing: Listing) -> bytes:
    return frame.page(
        listing.path, listing.template, language=listing.language, described=described, state=frame.publication.state,
        indexed=listing.indexed, followed=frame.feeds(listing.feeds) if listing.feeds else [], **listing.context,
    )  # fmt: skip


def _home(found: Catalogue) -> Listing:
    entries = found.entries(found.live)
    context = {
        "entries": entries[:NEWEST], "more": len(entries) > NEWEST, "total": len(entries),
        "languages": found.links(LANGUAGE), "categories": found.links(CATEGORY),
    }  # fmt: skip
    return Listing("", "index.html", found.live[:NEWEST], context=context)


def _archive(found: Catalogue) -> Listing:
    years = [
        {"name": year, "path": f"{ARCHIVE}{year}/", "count": len(articles)} for year, articles in found.years().items()
    ]
    kinds = {kind: found.links(kind) for kind in _FOLDERS}
    return Listing(ARCHIVE, "archive.html", found.all, context={"years": years, "kinds": kinds, "articles": found.live})


def _years(found: Catalogue) -> Iterator[Listing]:
    years = found.years()
    for year, articles in years.items():
        one = Listing(f"{ARCHIVE}{year}/", "year.html", articles, context={"year": year})
        yield from _paged(one, articles)


def _a_to_z(found: Catalogue) -> Listing:
    return Listing(A_TO_Z, "a-z.html", found.all, context={"letters": letters.gathered(found.all)})


def _section(found: Catalogue, kind: str, section: Section) -> Iterator[Listing]:
    spoken = {article.language for article in section.articles}
    context: dict[str, Any] = {"kind": kind, "name": section.name, "who": None}
    if kind == AUTHOR:
        context["who"] = _author(section)
    language = spoken.pop() if len(spoken) == 1 else ""
    feeds = f"{kind}/{section.address}"
    entries = found.entries(section.articles)
    one = Listing(
        address(kind, section.name), "list.html", section.articles, language, context, feeds, indexed=bool(entries)
    )
    yield from _paged(one, entries)


def _author(section: Section) -> Author:
    """An author with the newest role and address that the articles give."""
    named = [
        author
        for article in section.articles
        for author in article.authors
        if sections.address(author.name) == section.address
    ]
    role, url = (next(filter(None, values), "") for values in ([a.role for a in named], [a.url for a in named]))
    return Author(name=section.name, role=role, url=url)


def _paged(one: Listing, entries: Sequence[Entry] | Sequence[Article]) -> Iterator[Listing]:
    """The pages of a list; the first has the list's own address."""
    parts = [entries[start : start + PAGE] for start in range(0, len(entries), PAGE)] or [entries]
    paths = [one.path, *(f"{one.path}{number}/" for number in range(2, len(parts) + 1))]
    for number, (path, part) in enumerate(zip(paths, parts, strict=True), 1):
        around = {
            "number": number, "pages": len(parts), "total": len(entries), "entries": part,
            "before": paths[number - 2] if number > 1 else "", "after": paths[number] if number < len(parts) else "",
        }  # fmt: skip
        articles = [entry.article if isinstance(entry, Entry) else entry for entry in part]
        yield replace(one, path=path, articles=articles, context={**one.context, **around})


#: how long a description is that search engines show whole
_SHORT, _LONG = 70, 165


def described(lead: str, articles: Sequence[Article]) -> str:
    """What a list holds, in a sentence for search engines: its titles, and summaries where titles are too few."""
    lead = lead.unescape() if hasattr(lead, "unescape") else lead
    titles = "; ".join(article.title for article in articles[:8])
    text = f"{lead}: {titles}" if titles else lead
    for article in articles[:3]:
        if len(text) >= _SHORT:
            break
        text += f". {article.summary}" if text[-1] not in ".?!" else f" {article.summary}"
    return _cut(text)


def _cut(text: str) -> str:
    """A text of at most so many characters, that ends with a whole word."""
    if len(text) <= _LONG:
        return text
    return f"{text[: _LONG - 1].rpartition(' ')[0].rstrip(' ,;:.')}…"
