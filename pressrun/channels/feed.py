"""The feed: every article whole, newest first, as RSS 2.0."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pressrun import pictures
from pressrun.faults import Refused
from pressrun.model import Article, Figure, Publication
from pressrun.outputs import Output, Shelf
from pressrun.schema import ChannelKeys, Key, number
from pressrun.schema.context import values
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
    path, slugs = f"{NAME}/feed.xml", frozenset(article.slug for article in articles)
    yield Output(path, make, NAME, label="Feed", media_type="application/rss+xml", live=path, holds=slugs)


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
    # feedgen would take the clock's time. A feed without articles is as old as its identity.
    never = datetime.fromisoformat(_TAG_DATE).replace(tzinfo=UTC)
    feed.lastBuildDate(max((article.changed() for article in articles), default=never))
    feed.pubDate(max((article.date for article in articles), default=never))
    for article in articles:
        _enter(feed, publication, templates, shelf, article)
    return bytes(feed.rss_str(pretty=True))


def _enter(feed: FeedGenerator, publication: Publication, templates: Templates, shelf: Shelf, article: Article) -> None:
    site = publication.site
    entry: Any = feed.add_entry(order="append")
    entry.guid(f"tag:{site.host.partition(':')[0]},{_TAG_DATE}:{article.id}", permalink=False)
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
        if handout.media_type == "application/pdf" and (length := _length(shelf, handout)):
            entry.enclosure(site.url(handout.live), str(length), handout.media_type)
            break  # RSS readers know one enclosure an entry


def _length(shelf: Shelf, output: Output) -> int:
    """How many bytes an output has; 0 for one that cannot be made, whose fault is told where it is written."""
    try:
        return len(shelf.data(output))
    except Refused:
        return 0


def _content(publication: Publication, templates: Templates, article: Article) -> str:
    def picture(figure: Figure) -> dict[str, object]:
        found = publication.pictures[figure.src]
        path = publication.site.url(pictures.published(found))
        return {"path": path, "width": found.width, "height": found.height}

    filled = templates.render(
        NAME,
        "entry.html",
        language=article.language,
        site=publication.site,
        article=article,
        address=partial(publication.address, article),
        picture=picture,
    )
    return _plain(filled, publication.site.url(f"{article.slug}/"))


#: what an entry consists of; readers throw away the rest, and each of them another rest
_TAGS = {
    "a", "aside", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure", "h2",
    "h3", "hr", "img", "li", "ol", "p", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}, "th": {"scope"}, "blockquote": {"cite"},
    "div": {"lang", "dir"},
}  # fmt: skip


def _plain(content: str, page: str) -> str:
    """Content without classes and anchors; what led to an anchor leads to the one on the page."""
    import nh3

    def absolute(_tag: str, attribute: str, value: str) -> str:
        return f"{page}{value}" if attribute == "href" and value.startswith("#") else value

    clean = nh3.clean(
        content, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=absolute, link_rel=None,
        url_schemes={"http", "https", "mailto", "tel", "sms"},
    )  # fmt: skip
    return clean.strip() + "\n"
