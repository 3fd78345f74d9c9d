"""The overview for staff: every article with all that was made of it, and what was left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from itertools import groupby
from os.path import isfile  # twice as fast as Path, for thousands of files

from pressrun import cards, fonts, sharing
from pressrun.faults import Fault
from pressrun.inputs import Inputs, brief, of_channel, of_heads
from pressrun.languages import ENGLISH
from pressrun.model import Publication
from pressrun.outputs import LIVE, Output, Shelf, digest
from pressrun.templates import Templates

NAME = "overview"
PATH = "index.html"


def output(publication: Publication, templates: Templates, shelf: Shelf, faults: Iterable[Fault]) -> Output:
    """One page, at the top of outputs/."""
    make = partial(_page, publication, templates, shelf, faults)
    inputs = partial(_inputs, publication, templates, shelf, faults)
    return Output(PATH, make, NAME, media_type="text/html", inputs=inputs)


def _inputs(publication: Publication, templates: Templates, shelf: Shelf, faults: Iterable[Fault]) -> Inputs:
    """What it is made from; asked for when all others are made, for it tells what is there."""
    labelled = [output for output in shelf.all() if output.label]
    there = [
        (output.path, output.label, output.article, sorted(output.holds), _exists(shelf, output.path),
         output.thumbnail, bool(output.thumbnail) and _exists(shelf, output.thumbnail))
        for output in labelled
    ]  # fmt: skip
    places = [article.place.path for article in (*publication.articles, *publication.held)]
    issues = [(issue, publication.issue_state(issue)) for issue in (*publication.issues, *publication.held_issues)]
    told = [*issues, *faults, *places, *publication.waiting]
    return {
        **of_channel(publication, templates, NAME, "index.html"),
        "articles": of_heads(publication, publication.articles),
        "held": of_heads(publication, publication.held), "outputs": brief(there), "told": brief(told, _faces(shelf)),
        "shared": of_heads(publication, publication.on(LIVE)),
    }  # fmt: skip


def _page(publication: Publication, templates: Templates, shelf: Shelf, faults: Iterable[Fault]) -> bytes:
    slugs = [article.slug for article in publication.articles] + [issue.name for issue in publication.issues]
    made = {slug: _made(shelf, slug) for slug in slugs}
    return templates.render(
        NAME, "index.html", language=ENGLISH, publication=publication, site=publication.site, faults=faults,
        groups={slug: _groups(outputs) for slug, outputs in made.items()},
        posts=_posts(publication, templates, shelf), common=_made(shelf, ""),
        thumbnails=_thumbnails(shelf, made), faces=_faces(shelf),
    ).encode()  # fmt: skip


def _posts(publication: Publication, templates: Templates, shelf: Shelf) -> dict[str, tuple[str, list[sharing.Post]]]:
    """What to say of each article that has a page, as its page says it: the picture's path and the texts, by slug."""
    site, found = publication.site, {}
    for article in publication.live(LIVE):
        path = f"{LIVE}/{cards.card_path(templates.tokens, site, article)}"
        if _exists(shelf, path):
            words = article.title, article.summary, site.url(f"{article.slug}/")
            kept = publication.fact(f"posts {digest(*words)}", partial(_written, *words))
            found[article.slug] = path, [sharing.Post(*post) for post in json.loads(kept)]
    return found


def _written(title: str, summary: str, address: str) -> str:
    return json.dumps(sharing.posts(title, summary, address))


def _made(shelf: Shelf, slug: str) -> list[Output]:
    """Without those that could not be made, or were not asked for yet: a dead link helps nobody."""
    return [output for output in shelf.of(slug) if _exists(shelf, output.path)]


def _exists(shelf: Shelf, path: str) -> bool:
    return isfile(f"{shelf.folder}/{path}")  # noqa: PTH113


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
