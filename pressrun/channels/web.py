"""The web site: a page an article and an index, without scripts, right by double-click as well."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pressrun import fonts, pictures
from pressrun.model import Article, Figure, Link, Publication
from pressrun.outputs import Output, Shelf, digest
from pressrun.schema import ChannelKeys
from pressrun.templates import Templates

NAME = "web"
KEYS = ChannelKeys(options={}, settings={})
_ASSETS = f"{NAME}/assets"


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Pages, their style sheet, fonts and pictures."""
    faces = list(fonts.served(NAME, _ASSETS))
    yield from (font for _, font in faces)
    for picture in publication.pictures.values():
        path = f"{NAME}/{pictures.published(picture)}"
        yield Output(path, partial(_bytes, picture.data), NAME, media_type=picture.media_type)
    css = templates.render(NAME, "style.css", faces=[(face, font.path.rpartition("/")[2]) for face, font in faces])
    style = f"{_ASSETS}/style.{digest(css)[:8]}.css"
    yield Output(style, partial(_bytes, css.encode()), NAME, media_type="text/css")
    site = _Site(publication, templates, shelf, style)
    yield Output(f"{NAME}/index.html", site.index, NAME, media_type="text/html")
    for article in publication.on(NAME):
        yield Output(
            f"{NAME}/{article.slug}/index.html", partial(site.page, article), NAME,
            article=article.slug, label="Web page", media_type="text/html",
        )  # fmt: skip


def _bytes(data: bytes) -> bytes:
    return data


class _Site:
    """What the pages share."""

    def __init__(self, publication: Publication, templates: Templates, shelf: Shelf, style: str) -> None:
        self._publication = publication
        self._templates = templates
        self._shelf = shelf
        self._style = style

    def index(self) -> bytes:
        return self._fill("index.html", root="", articles=self._publication.on(NAME))

    def page(self, article: Article) -> bytes:
        beside = [output for output in self._shelf.of(article.slug) if output.media_type == "application/pdf"]
        gone = article.gone(self._publication.now)
        return self._fill("article.html", root="../", article=article, handouts=[] if gone else beside, gone=gone)

    def _fill(self, template: str, root: str, **context: object) -> bytes:
        feeds = [output for output in self._shelf.all() if output.media_type == "application/rss+xml"]
        text = self._templates.render(
            NAME, template, site=self._publication.site, root=root, feeds=feeds,
            style=root + self._style.removeprefix(f"{NAME}/"),
            address=partial(self._address, root), picture=partial(self._picture, root), **context,
        )  # fmt: skip
        return text.encode()

    def _address(self, root: str, link: Link) -> str | None:
        """Other pages by relative paths that end in a file, so that they open from a disk too."""
        anchor = f"#{link.anchor}" if link.anchor else ""
        if link.href:
            return link.href
        if not link.slug:
            return anchor
        return f"{root}{link.slug}/index.html{anchor}" if self._publication.has(link.slug) else None

    def _picture(self, root: str, figure: Figure) -> dict[str, object]:
        picture = self._publication.pictures[figure.src]
        return {"path": root + pictures.published(picture), "width": picture.width, "height": picture.height}
