"""The feed: every article whole, newest first, as RSS 2.0."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pressrun import pictures
from pressrun.model import Article, Figure, Link, Publication
from pressrun.outputs import Output, Shelf
from pressrun.schema import ChannelKeys, Key, number, values
from pressrun.templates import Templates

if TYPE_CHECKING:
    from feedgen.feed import FeedGenerator

NAME = "feed"
_LIMIT = 50
#: An entry's identity must outlive every later change of the article, so its date is no date of the article
#: (RFC 4151 wants one on which the publisher held the domain).
_TAG_DATE = "2025-01-01"

_FEED = {"limit": Key(number, f"how many entries; {_LIMIT} by default")}
KEYS = ChannelKeys(
    options={},
    settings={NAME: Key(lambda node, context: values(node, context, _FEED, "'feed'"), "{limit}")},
)


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """The feed of the whole site."""
    limit = publication.site.settings.get(NAME, {}).get("limit", _LIMIT)
    articles = publication.live(NAME)[:limit]
    make = partial(_feed, publication, templates, shelf, articles)
    yield Output(
        f"{NAME}/feed.xml", make, NAME, label="Feed", media_type="application/rss+xml", live=f"{NAME}/feed.xml"
    )


def _feed(publication: Publication, templates: Templates, shelf: Shelf, articles: list[Article]) -> bytes:
    from feedgen.feed import FeedGenerator

    site = publication.site
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False)
    feed.title(site.name)
    feed.description(site.description or f"Articles from {site.name}")
    feed.language(site.language)
    feed.generator("Pressrun")
    # feedgen takes the last link given for the channel's own, so the home page comes last.
    feed.link(href=site.url(f"{NAME}/feed.xml"), rel="self", type="application/rss+xml")
    feed.link(href=site.url(""), rel="alternate")
    if articles:
        newest = max(article.changed() for article in articles)
        feed.lastBuildDate(newest)
        feed.pubDate(max(article.date for article in articles))
    for article in articles:
        _enter(feed, publication, templates, shelf, article)
    return bytes(feed.rss_str(pretty=True))


def _enter(feed: FeedGenerator, publication: Publication, templates: Templates, shelf: Shelf, article: Article) -> None:
    site = publication.site
    entry: Any = feed.add_entry(order="append")
    entry.guid(f"tag:{site.host},{_TAG_DATE}:{article.id}", permalink=False)
    entry.title(article.title)
    entry.link(href=site.url(f"{article.slug}/"))
    # A summary beside the content, or feedgen puts the whole text into the description.
    entry.summary(article.summary)
    entry.content(_content(publication, templates, article), type="html")
    entry.published(article.date)
    entry.updated(article.changed())
    for author in article.authors:
        entry.dc.dc_creator(author.name)
    for term in filter(None, [article.category, *article.tags]):
        entry.category(term=term)
    for handout in shelf.of(article.slug):
        if handout.media_type == "application/pdf":
            entry.enclosure(site.url(handout.live), str(len(shelf.data(handout))), handout.media_type)
            break  # RSS readers know one enclosure an entry


def _content(publication: Publication, templates: Templates, article: Article) -> str:
    def address(link: Link) -> str | None:
        if link.href:
            return link.href
        slug = link.slug or article.slug
        anchor = f"#{link.anchor}" if link.anchor else ""
        return publication.site.url(f"{slug}/{anchor}") if publication.has(slug) else None

    def picture(figure: Figure) -> dict[str, object]:
        found = publication.pictures[figure.src]
        path = publication.site.url(pictures.published(found))
        return {"path": path, "width": found.width, "height": found.height}

    return templates.render(
        NAME, "entry.html", site=publication.site, article=article, address=address, picture=picture
    )
