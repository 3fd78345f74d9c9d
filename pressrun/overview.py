"""The overview for staff: every article with all that was made of it, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import groupby

from pressrun import fonts
from pressrun.faults import Fault
from pressrun.languages import ENGLISH
from pressrun.model import Publication
from pressrun.outputs import Output, Shelf
from pressrun.templates import Templates

NAME = "overview"
PATH = "index.html"


def output(publication: Publication, templates: Templates, shelf: Shelf, faults: Iterable[Fault]) -> Output:
    """One page, at the top of outputs/."""
    return Output(PATH, partial(_page, publication, templates, shelf, faults), NAME, media_type="text/html")


def _page(publication: Publication, templates: Templates, shelf: Shelf, faults: Iterable[Fault]) -> bytes:
    slugs = [article.slug for article in publication.articles] + [issue.name for issue in publication.issues]
    made = {slug: _made(shelf, slug) for slug in slugs}
    return templates.render(
        NAME, "index.html", language=ENGLISH, publication=publication, site=publication.site, faults=faults,
        groups={slug: _groups(outputs) for slug, outputs in made.items()},
        common=_made(shelf, ""), thumbnails=_thumbnails(shelf, made), faces=_faces(shelf),
    ).encode()  # fmt: skip


def _made(shelf: Shelf, slug: str) -> list[Output]:
    """Without those that could not be made, or were not asked for yet: a dead link helps nobody."""
    return [output for output in shelf.of(slug) if _exists(shelf, output.path)]


def _exists(shelf: Shelf, path: str) -> bool:
    return (shelf.folder / path).is_file()


def _groups(outputs: list[Output]) -> list[list[Output]]:
    """The outputs of each channel, in the order of the channels."""
    return [list(group) for _, group in groupby(outputs, key=lambda output: output.channel)]


def _thumbnails(shelf: Shelf, made: dict[str, list[Output]]) -> dict[str, str]:
    """The first picture that stands for an article, by slug."""
    pictures = {slug: [output.thumbnail for output in outputs if output.thumbnail] for slug, outputs in made.items()}
    return {slug: found[0] for slug, found in pictures.items() if found and _exists(shelf, found[0])}


def _faces(shelf: Shelf) -> list[tuple[fonts.Face, str]]:
    """The typefaces of whatever page is made, with their paths."""
    served = [output.path for output in shelf.all() if output.media_type == "font/woff2"]
    return [(face, path) for face in fonts.FACES for path in served if f"/{face.name}." in path]
