"""The overview for staff: every article with all that was made of it, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from pressrun.faults import Fault
from pressrun.model import Publication
from pressrun.outputs import Output, Shelf
from pressrun.templates import Templates

NAME = "overview"
PATH = "index.html"


def output(publication: Publication, templates: Templates, shelf: Shelf, faults: Iterable[Fault]) -> Output:
    """One page, at the top of outputs/."""
    return Output(PATH, partial(_page, publication, templates, shelf, tuple(faults)), NAME, media_type="text/html")


def _page(publication: Publication, templates: Templates, shelf: Shelf, faults: tuple[Fault, ...]) -> bytes:
    made = {article.slug: shelf.of(article.slug) for article in publication.articles}
    return templates.render(
        NAME, "index.html", publication=publication, site=publication.site, made=made,
        common=shelf.of(""), thumbnails=_thumbnails(made), faults=faults,
    ).encode()  # fmt: skip


def _thumbnails(made: dict[str, list[Output]]) -> dict[str, str]:
    """The first picture that stands for an article, by slug."""
    found = {
        slug: next((output.thumbnail for output in outputs if output.thumbnail), "") for slug, outputs in made.items()
    }
    return {slug: path for slug, path in found.items() if path}
