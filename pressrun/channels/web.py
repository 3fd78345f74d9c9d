"""The web site: a page an article and an index, without scripts, right by double-click as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from pressrun import copies, fonts, imprint, pictures
from pressrun.model import Article, Figure, Link, Publication
from pressrun.outputs import Output, Shelf, digest
from pressrun.schema import ChannelKeys
from pressrun.templates import Templates

NAME = "web"
KEYS = ChannelKeys(options={}, settings={})
_ASSETS = f"{NAME}/assets"
#: the channel whose copies can be verified
_PAPER = "handout"


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Pages, their style sheet, fonts and pictures."""
    faces = list(fonts.served(NAME, _ASSETS))
    yield from (font for _, font in faces)
    for picture in publication.pictures.values():
        path = f"{NAME}/{pictures.published(picture)}"
        yield Output(path, partial(_bytes, picture.data), NAME, media_type=picture.media_type)
    css = templates.render(NAME, "style.css", faces=[(face, font.path.rpartition("/")[2]) for face, font in faces])
    style = _asset("style", "css", css, "text/css")
    icon = _asset("icon", "svg", templates.render(NAME, "icon.svg"), "image/svg+xml")
    yield from (style, icon)
    site = _Site(publication, templates, shelf, {"style": style, "icon": icon})
    yield Output(f"{NAME}/index.html", site.index, NAME, label="Web site", media_type="text/html")
    for article in publication.on(NAME):
        yield Output(
            f"{NAME}/{article.slug}/index.html", partial(site.page, article), NAME,
            article=article.slug, label="Web page", media_type="text/html",
        )  # fmt: skip
        for alias in article.aliases:
            make = partial(site.signpost, article)
            yield Output(f"{NAME}/{alias}/index.html", make, NAME, article=article.slug, media_type="text/html")
    for copy in copies.every(publication, _PAPER):
        path = f"{NAME}/verify/{copy.code}/index.html"
        yield Output(path, partial(site.answer, copy), NAME, media_type="text/html")


def _asset(name: str, ending: str, text: str, media_type: str) -> Output:
    """A file whose name changes with its content, so that browsers may keep it for ever."""
    path = f"{_ASSETS}/{name}.{digest(text)[:8]}.{ending}"
    return Output(path, partial(_bytes, text.encode()), NAME, media_type=media_type)


def _bytes(data: bytes) -> bytes:
    return data


class _Site:
    """What the pages share."""

    def __init__(
        self, publication: Publication, templates: Templates, shelf: Shelf, assets: Mapping[str, Output]
    ) -> None:
        self._publication = publication
        self._templates = templates
        self._shelf = shelf
        self._assets = assets

    def index(self) -> bytes:
        return self._fill("index.html", root="", articles=self._publication.live(NAME))

    def page(self, article: Article) -> bytes:
        gone = article.gone(self._publication.now)
        handouts = [] if gone else self._handouts(article)
        return self._fill("article.html", root="../", article=article, handouts=handouts, gone=gone)

    def answer(self, copy: copies.Copy) -> bytes:
        """What stands behind the code on paper: whether that copy is still the one to use."""
        article = copy.article
        handouts = self._handouts(article) if article and not article.gone(self._publication.now) else []
        return self._fill(
            "verify.html", root="../../", copy=copy, article=article, handouts=handouts,
            present=imprint.code(article) if article else "", page=bool(article and article.on(NAME)),
        )  # fmt: skip

    def _handouts(self, article: Article) -> list[Output]:
        return [output for output in self._shelf.of(article.slug) if output.media_type == "application/pdf"]

    def signpost(self, article: Article) -> bytes:
        """What stands at an earlier address and leads to the article."""
        return self._fill("signpost.html", root="../", article=article)

    def _fill(self, template: str, root: str, **context: object) -> bytes:
        site = self._publication.site
        feeds = [output for output in self._shelf.all() if output.media_type == "application/rss+xml"]
        assets = {name: root + output.path.removeprefix(f"{NAME}/") for name, output in self._assets.items()}
        text = self._templates.render(
            NAME, template, site=site, root=root, feeds=feeds,
            logo=self._shown(root, site.logo) if site.logo else None,
            address=partial(self._address, root), picture=partial(self._picture, root), **assets, **context,
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
        return self._shown(root, figure.src)

    def _shown(self, root: str, src: str) -> dict[str, object]:
        picture = self._publication.pictures[src]
        return {"path": root + pictures.published(picture), "width": picture.width, "height": picture.height}
