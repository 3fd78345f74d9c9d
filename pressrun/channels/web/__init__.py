"""The web site: a page an article and the pages around them, without scripts, right by double-click as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain

from pressrun import copies, fonts, icons, imprint, renditions
from pressrun.channels.web import article, house, lists, redirects, search, sheets, sitemap
from pressrun.channels.web.frame import NAME, Frame
from pressrun.inputs import Inputs, brief, of_article, of_outputs, program
from pressrun.model import Publication
from pressrun.outputs import Output, Shelf, digest
from pressrun.schema import ChannelKeys
from pressrun.templates import Templates

__all__ = ["KEYS", "NAME", "render"]

KEYS = ChannelKeys(options={}, settings=search.KEYS)
_ASSETS = f"{NAME}/assets"
#: the channel whose copies can be verified
_PAPER = "handout"


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Pages, their style sheet, fonts and pictures."""
    texts = _texts(publication)
    scripts = [script for script in fonts.needed(chain(*texts.values())) if script.installed()]
    faces = list(fonts.served(NAME, _ASSETS, scripts))
    yield from (font for _, font in faces)
    for picture in publication.pictures.values():
        yield from renditions.outputs(NAME, picture)
    look = {
        "faces": [(face, font.path.rpartition("/")[2]) for face, font in faces],
        "stacks": {role: fonts.stacks(templates.tokens["faces"][role], texts) for role in ("text", "title")},
    }
    style, others = (
        _asset(name, "css", _compact(publication, templates.render(NAME, f"{name}.css", **look)), "text/css")
        for name in ("style", "lists")
    )
    icon = _asset("icon", "svg", templates.render(NAME, "icon.svg"), "image/svg+xml")
    touch_icon = _asset("icon-180", "png", icons.icon(templates.tokens, 180, whole=True), "image/png")
    yield from (style, others, icon, touch_icon)
    make = partial(icons.favicon, templates.tokens)
    yield Output(f"{NAME}/favicon.ico", make, NAME, media_type="image/vnd.microsoft.icon")
    frame = Frame(
        publication, templates, shelf, {"style": style, "lists": others, "icon": icon, "touch_icon": touch_icon}
    )
    if publication.touched is None:
        yield from _around(frame)
    yield from article.outputs(frame)
    for copy in copies.every(publication, _PAPER):
        slug = copy.article.slug if copy.article else ""
        if publication.concerns([slug]):
            make, inputs = partial(_answer, frame, copy), partial(_copy, frame, copy)
            yield frame.output(f"verify/{copy.code}/", make, inputs, slug)


def _around(frame: Frame) -> Iterator[Output]:
    """What no article's words are in."""
    catalogue = lists.catalogue(frame.publication)
    pages = list(lists.listings(catalogue))
    yield from lists.outputs(frame, pages)
    yield from house.outputs(frame, catalogue)
    yield from sitemap.outputs(frame, catalogue, pages)
    yield from redirects.outputs(frame)
    yield from search.outputs(frame)


def _texts(publication: Publication) -> dict[str, Counter[str]]:
    """How often each letter is read, by language, for the typefaces that it needs; uncounted where it needs none."""
    site, articles = publication.site, publication.on(NAME)
    texts = {site.language: Counter("".join([site.name, site.description, *map(str, site.helplines)]))}
    if not fonts.needed(chain(*texts.values(), *(article.letters for article in articles))):
        return {language: Counter() for language in (site.language, *(article.language for article in articles))}
    for found in articles:
        texts.setdefault(found.language, Counter()).update(found.letters)
    return texts


def finish(publication: Publication, shelf: Shelf) -> Iterator[Output]:
    """The index of the search page, made from pages."""
    yield from search.index(publication, shelf)


def _compact(publication: Publication, css: str) -> str:
    return publication.fact(f"compact style sheet of {program()} {digest(css)}", partial(sheets.compact, css))


def _asset(name: str, ending: str, content: str | bytes, media_type: str) -> Output:
    """A file whose name changes with its content, so that browsers may keep it for ever."""
    data = content.encode() if isinstance(content, str) else content
    return Output(f"{_ASSETS}/{name}.{digest(data)[:8]}.{ending}", partial(bytes, data), NAME, media_type=media_type)


def _copy(frame: Frame, copy: copies.Copy) -> Inputs:
    found = copy.article
    told = brief(copy.code, copy.title, copy.revision, copy.date, copy.state)
    if not found:
        return {**frame.inputs("verify.html"), "copy": told}
    about = of_article(frame.publication, found)
    handouts = of_outputs(frame.handouts(found))
    return {**frame.inputs("verify.html"), "copy": told, **about, "handouts": handouts}


def _answer(frame: Frame, copy: copies.Copy) -> bytes:
    """What stands behind the code on paper: whether that copy is still the one to use."""
    found = copy.article
    return frame.page(
        f"verify/{copy.code}/", "verify.html", copy=copy, article=found,
        handouts=frame.handouts(found) if found else [], present=imprint.code(found) if found else "",
        page=bool(found and found.on(NAME)),
    )  # fmt: skip
