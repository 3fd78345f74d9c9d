"""The web site: a page an article and the pages around them, without scripts, right by double-click as well."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pressrun import copies, fonts, imprint, pictures
from pressrun.channels.web.frame import NAME, Frame
from pressrun.model import Article, Publication
from pressrun.outputs import Output, Shelf, digest
from pressrun.schema import ChannelKeys
from pressrun.templates import Templates

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
        yield Output(path, partial(bytes, picture.data), NAME, media_type=picture.media_type)
    css = templates.render(NAME, "style.css", faces=[(face, font.path.rpartition("/")[2]) for face, font in faces])
    style = _asset("style", "css", css, "text/css")
    icon = _asset("icon", "svg", templates.render(NAME, "icon.svg"), "image/svg+xml")
    yield from (style, icon)
    frame = Frame(publication, templates, shelf, {"style": style, "icon": icon})
    yield frame.output("", partial(_index, frame), label="Web site")
    for article in publication.on(NAME):
        yield frame.output(f"{article.slug}/", partial(_page, frame, article), article.slug, "Web page")
        for alias in article.aliases:
            yield frame.output(f"{alias}/", partial(_signpost, frame, article, alias), article.slug)
    for copy in copies.every(publication, _PAPER):
        yield frame.output(f"verify/{copy.code}/", partial(_answer, frame, copy))


def _asset(name: str, ending: str, text: str, media_type: str) -> Output:
    """A file whose name changes with its content, so that browsers may keep it for ever."""
    path = f"{_ASSETS}/{name}.{digest(text)[:8]}.{ending}"
    return Output(path, partial(bytes, text.encode()), NAME, media_type=media_type)


def _index(frame: Frame) -> bytes:
    return frame.page("", "index.html", articles=frame.publication.live(NAME))


def _page(frame: Frame, article: Article) -> bytes:
    return frame.page(
        f"{article.slug}/", "article.html", language=article.language, article=article,
        handouts=frame.handouts(article), gone=article.gone(frame.publication.now),
    )  # fmt: skip


def _answer(frame: Frame, copy: copies.Copy) -> bytes:
    """What stands behind the code on paper: whether that copy is still the one to use."""
    article = copy.article
    return frame.page(
        f"verify/{copy.code}/", "verify.html", copy=copy, article=article,
        handouts=frame.handouts(article) if article else [], present=imprint.code(article) if article else "",
        page=bool(article and article.on(NAME)),
    )  # fmt: skip


def _signpost(frame: Frame, article: Article, alias: str) -> bytes:
    """What stands at an earlier address and leads to the article."""
    return frame.page(f"{alias}/", "signpost.html", language=article.language, article=article)
