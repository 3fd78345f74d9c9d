"""The feeds: every article whole, newest first, as RSS 2.0, Atom and JSON Feed.

There is one of the whole site, one for each category and, on a site in several languages, one for each language.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pressrun.channels.feed.entries import NAME, Entries
from pressrun.channels.feed.feeds import FORMATS, LIMIT, MAIN, Desk, Feed, Format, Part, feeds, parts
from pressrun.channels.feed.images import icon
from pressrun.model import Publication
from pressrun.outputs import Output, Shelf
from pressrun.schema import ChannelKeys, Key, number, record, web_address
from pressrun.templates import Templates

__all__ = ["KEYS", "LIMIT", "MAIN", "NAME", "render"]

_FEED = {
    "limit": Key(number, "how many entries", default=LIMIT),
    "hub": Key(web_address, "a WebSub hub, which `inv publish.announce` tells of what is new"),
}
KEYS = ChannelKeys(
    options={},
    settings={NAME: Key(record(dict, _FEED, "'feed' of the site"), "{limit, hub}")},
)


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Every feed in three formats, with the documents of its archive, and what they are shown with."""
    entries = Entries(publication, templates, shelf)
    desk = Desk(publication, templates, shelf, entries)
    yield from entries.contents()
    for feed in feeds(publication):
        for part in parts(feed, desk.limit):
            main = not (feed.folder or part.number)  # pages lead there
            if main or publication.concerns(article.slug for article in part.articles):
                yield from (_output(desk, feed, part, kind) for kind in FORMATS)
    yield _shown("feed.css", partial(_style, desk), "text/css")
    yield _shown("icon.png", partial(icon, templates), "image/png")


def _output(desk: Desk, feed: Feed, part: Part, kind: Format) -> Output:
    """Staff see those of the whole site, and an article's first one."""
    path, main = kind.path(feed, part.number), not (feed.folder or part.number)
    held = frozenset(article.slug for article in part.articles) if main and kind is FORMATS[0] else frozenset()
    label = f"Feed ({kind.name})" if main else ""
    make = partial(desk.make, feed, part, kind)
    inputs = partial(desk.inputs, feed, part)
    return Output(path, make, NAME, label=label, media_type=kind.media_type, live=path, holds=held, inputs=inputs)


def _shown(name: str, make: partial[bytes], media_type: str) -> Output:
    path = f"{NAME}/{name}"
    return Output(path, make, NAME, media_type=media_type, live=path)


def _style(desk: Desk) -> bytes:
    language = desk.publication.site.language
    return desk.templates.render(NAME, "feed.css", language=language).encode()
