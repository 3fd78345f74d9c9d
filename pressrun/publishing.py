"""Giving out: what must be remembered of what readers get."""

from __future__ import annotations

from datetime import datetime

from pressrun import build, copies, records
from pressrun.channels import handout
from pressrun.faults import Refused
from pressrun.model import Publication, Record
from pressrun.outputs import Shelf
from pressrun.templates import Templates


def give_out(desk: build.Desk, now: datetime) -> list[Record]:
    """Remembers the texts of the handouts in outputs/; those that were not remembered before.

    Raises Refused for faults in the content, ValueError when a handout in outputs/ has not its present text.
    """
    found = build.read(desk, now)
    if found.faults:
        raise Refused(found.faults)
    publication = found.publication
    if stale := _stale(desk, publication):
        raise ValueError(f"{stale} in outputs/ was not made from its article's present text. Build first: ./inv build")
    return records.append(
        desk.content,
        [
            Record(
                code=code, id=article.id, slug=article.slug, title=article.title, revision=article.revision,
                date=article.changed(), recorded=publication.now,
            )
            for code, article in copies.current(publication, handout.NAME).items()
        ],
    )  # fmt: skip


def _stale(desk: build.Desk, publication: Publication) -> str:
    """The first handout that a build would draw anew, by the manifest of outputs/; empty when there is none."""
    shelf = Shelf(desk.outputs)
    made = handout.render(publication, Templates(desk.templates, publication.site.accent), shelf)
    return next((output.path for output in made if output.article and not shelf.fresh(output)), "")
