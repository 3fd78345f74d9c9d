"""What feeds there are, and the documents that each of them consists of (RFC 5005).

While all entries of a feed fit its limit, it is one document, and complete. Otherwise that document holds the newest,
and archive documents hold the older: each half as many as the limit, counted from the oldest, so that a new article
changes none of them. One that is not yet full is not made, and with half the limit there is never one alone, which
nothing would lead on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pressrun import sections
from pressrun.channels.feed import images, json_feed, xml
from pressrun.channels.feed.document import Document
from pressrun.channels.feed.entries import NAME, TAG_DATE, Entries, tag
from pressrun.inputs import Inputs, brief, of_channel
from pressrun.languages import autonym
from pressrun.model import Article, Publication
from pressrun.outputs import Shelf
from pressrun.templates import Templates

LIMIT = 50
#: A feed without entries is as old as its identity: the clock's time would change it with every build.
_NEVER = datetime.fromisoformat(TAG_DATE).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Feed:
    """What readers subscribe to."""

    #: below feed/, with a slash behind it; empty for that of the whole site
    folder: str
    title: str
    language: str
    #: newest first
    articles: tuple[Article, ...]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a feed, whatever its format."""

    #: of an archive document, counted from the oldest; 0 for the one that readers subscribe to
    number: int
    articles: tuple[Article, ...]
    #: numbers of the archive documents before and behind it; 0 for none
    previous: int = 0
    next: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    file: str
    archived: str
    media_type: str
    write: Callable[[Document], bytes]

    def path(self, feed: Feed, number: int) -> str:
        return f"{NAME}/{feed.folder}{self.archived.format(number) if number else self.file}"


FORMATS = (
    Format("RSS", "feed.xml", "archive/{}.xml", "application/rss+xml", xml.rss),
    Format("Atom", "atom.xml", "archive/{}.atom.xml", "application/atom+xml", xml.atom),
    Format("JSON", "feed.json", "archive/{}.json", "application/feed+json", json_feed.write),
)

#: what readers of the whole site subscribe to
MAIN = tuple(f"{NAME}/{kind.file}" for kind in FORMATS)


def feeds(publication: Publication) -> Iterator[Feed]:
    """That of the whole site first."""
    site, articles = publication.site, tuple(publication.on(NAME))
    yield Feed("", site.name, site.language, articles)
    for section in sections.categories(articles):
        folder, title = f"category/{section.address}/", f"{site.name}: {section.name}"
        yield Feed(folder, title, site.language, section.articles, section.name)
    if len(spoken := sections.languages(articles)) > 1:
        for section in spoken:
            folder, title = f"language/{section.address}/", f"{site.name}: {autonym(section.name)}"
            yield Feed(folder, title, section.name, section.articles)


def parts(feed: Feed, limit: int) -> Iterator[Part]:
    """The document to subscribe to, then the archive from the oldest on."""
    articles = feed.articles
    each = (limit + 1) // 2
    full = len(articles) // each if len(articles) > limit else 0
    yield Part(0, articles[:limit], previous=full, complete=not full)
    for number in range(1, full + 1):
        end = len(articles) - (number - 1) * each
        behind = number + 1 if number < full else 0
        yield Part(number, articles[end - each : end], previous=number - 1, next=behind)


@dataclass(frozen=True, slots=True)
class Desk:
    """Puts documents together and has them written."""

    publication: Publication
    templates: Templates
    shelf: Shelf
    entries: Entries

    @property
    def settings(self) -> dict[str, Any]:
        found: dict[str, Any] = self.publication.site.settings.get(NAME, {})
        return found

    @property
    def limit(self) -> int:
        return int(self.settings.get("limit", LIMIT))

    def make(self, feed: Feed, part: Part, kind: Format) -> bytes:
        return kind.write(self._document(feed, part, kind))

    def inputs(self, feed: Feed, part: Part) -> Inputs:
        """What a document is made from, in every format."""
        found = of_channel(self.publication, self.templates, NAME, "about.txt")
        place = (feed.folder, feed.title, feed.language, feed.category, part.number, part.previous, part.next)
        shown = (part.complete, self._home(feed), images.logo(self.publication))
        entries = [self.entries.inputs(article) for article in part.articles]
        return {**found, "feed": brief(place, shown), "entries": brief(entries)}

    def _document(self, feed: Feed, part: Part, kind: Format) -> Document:
        site, path = self.publication.site, kind.path(feed, part.number)
        entries = tuple(map(self.entries.of, part.articles))
        icon = site.url(f"{NAME}/icon.png")

        def at(number: int) -> str:
            return site.url(kind.path(feed, number)) if number else ""

        return Document(
            id=tag(site, f"{NAME}/{feed.folder}"), title=feed.title, about=self._about(feed), language=feed.language,
            publisher=(site.name, site.url("")), home=self._home(feed), address=site.url(path), entries=entries,
            updated=max((entry.updated for entry in entries), default=_NEVER),
            published=max((entry.published for entry in entries), default=_NEVER),
            hub=self._hub(feed, part), previous=at(part.previous), next=at(part.next),
            current=site.url(kind.path(feed, 0)) if part.number else "", complete=part.complete,
            icon=icon, logo=images.logo(self.publication) or icon,
            style="../" * (path.count("/") - 1) + "feed.css",
        )  # fmt: skip

    def _about(self, feed: Feed) -> str:
        site = self.publication.site
        about = site.description if not feed.folder else ""
        return (
            about
            or self.templates.render(
                NAME, "about.txt", language=feed.language, site=site, category=feed.category
            ).strip()
        )

    def _hub(self, feed: Feed, part: Part) -> str:
        """A hub is told of the feeds of the whole site alone, so no other document names it."""
        return "" if feed.folder or part.number else str(self.settings.get("hub", ""))

    def _home(self, feed: Feed) -> str:
        """The page of the same articles, if there is one."""
        path = feed.folder if self.entries.has_page(feed.folder) else ""
        return self.publication.site.url(path)
