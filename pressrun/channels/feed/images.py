"""Pictures as feeds show them, each under its whole address."""

from __future__ import annotations

from pressrun import cards, icons, renditions
from pressrun.channels.feed.document import Image
from pressrun.model import Article, Publication
from pressrun.outputs import LIVE, Shelf
from pressrun.templates import Templates

#: pixels; RSS allows no more
ICON_SIDE = 144
_CARD = (1200, 630)


def shown(publication: Publication, src: str) -> Image:
    """A picture in the form that every reader knows."""
    found = renditions.fallback(publication.pictures[src])
    return Image(publication.site.url(found.path), found.width, found.height, found.media_type)


def of(article: Article, publication: Publication, templates: Templates, shelf: Shelf) -> Image | None:
    """What stands for an article: its own picture, or the card of its page if there is one."""
    if article.image:
        return shown(publication, article.image.src)
    site = publication.site
    path = cards.card_path(templates.tokens, site, article)
    return Image(site.url(path), *_CARD, "image/png") if f"{LIVE}/{path}" in shelf else None


def logo(publication: Publication) -> str:
    site = publication.site
    return shown(publication, site.logo).path if site.logo else ""


def icon(templates: Templates) -> bytes:
    """The site's icon, as large as RSS allows."""
    return icons.icon(templates.tokens, ICON_SIDE)
