"""The handouts that a build would make, as they lie there, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pikepdf

from pressrun import build, imprint, languages
from pressrun.build import Desk
from pressrun.channels import handout as channel
from pressrun.content import Content
from pressrun.model import Article, plain, prose
from pressrun.outputs import LOCAL
from pressrun.proof.editions import EDITIONS, Edition
from pressrun.proof.engines import black, coverage, lacking, vera
from pressrun.proof.handout import CONTENT, OFFICE, SAFE, SCREEN, SIDES, TYPE
from pressrun.proof.press import RULES as PRESS
from pressrun.proof.rules import Asked, Copy, Finding, Rule, judge

__all__ = ["EDITIONS", "Handout", "count_rules", "handouts", "lacking", "prove", "prove_slowly", "rules"]


class Handout(NamedTuple):
    """A file that a build would make, as it lies there."""

    path: Path
    #: as people call it, from outputs/ on
    name: str
    edition: Edition
    asked: Asked
    #: made from the content, templates and code of now
    fresh: bool


def handouts(desk: Desk, now: datetime, article: str = "") -> list[Handout]:
    """Every handout that the content asks for, or those of one article, and the local copies that were made.

    Raises Refused for a site or tokens at fault.
    """
    found = build.read(desk, now)
    found = replace(found, publication=replace(found.publication, local_sites=found.local_sites))
    articles = {known.slug: known for known in found.publication.live(channel.NAME)}
    shelf = build.declare(desk, found, [])
    declared = (output for output in shelf.all() if output.media_type == "application/pdf")
    return [
        Handout(
            path, f"outputs/{output.path}", EDITIONS[path.stem.removeprefix(f"{output.article}-")],
            _asked(articles[output.article], found, desk), shelf.fresh(output),
        )
        for output in declared
        if article in ("", output.article)
        # Local copies are made for those who ask.
        and ((path := shelf.folder / output.path).is_file() or output.channel != LOCAL)
    ]  # fmt: skip


def _asked(article: Article, found: Content, desk: Desk) -> Asked:
    site, pictures = found.publication.site, found.texts.pictures(article)
    version = languages.catalogue(desk.templates, article.language).gettext("Version %(number)s")
    return Asked(
        title=article.title, language=article.language, authors=tuple(author.name for author in article.authors),
        date=article.changed(), revision=article.revision, code=imprint.code(article),
        version=version.replace("%(number)s", "").strip(),
        numbers=tuple(number for line in article.helplines for number in (line.phone, line.sms) if number),
        email=site.email, body=" ".join(map(plain, prose(article.body))),
        typed=" ".join([article.typed, site.name, site.base_url, *site.links.values(), *map(str, article.helplines)]),
        pictures={(one.width, one.height): f"'{one.src}'" for one in pictures},
    )  # fmt: skip


def rules(edition: Edition) -> tuple[Rule, ...]:
    """What holds for the copies of an edition."""
    if edition.press:
        return (*PRESS, *TYPE, *SIDES, *CONTENT)
    if edition.folded:
        return (*TYPE, *OFFICE, *SAFE, *CONTENT)
    return (*SCREEN, *TYPE, *SIDES, *OFFICE, *SAFE, *CONTENT)


def prove(found: Handout) -> Iterator[Finding]:
    """What is wrong with one handout."""
    if not found.fresh:
        problem = "It is not made from what is there now." if found.path.is_file() else "It has not been made."
        yield Finding(found.name, 0, "made", problem, "Run: ./inv build")
        return
    try:
        with pikepdf.open(found.path) as pdf:
            yield from judge(Copy(found.path, pdf, found.edition, found.asked), found.name, rules(found.edition))
    except pikepdf.PdfError as error:
        yield Finding(found.name, 0, "pdf-readable", f"It cannot be read: {error}.", "Run: ./inv build")


def count_rules(found: Iterable[Handout]) -> int:
    """How many different rules hold for some handouts."""
    return len({rule.name for one in found for rule in rules(one.edition)})


def prove_slowly(found: Iterable[Handout]) -> Iterator[Finding]:
    """What veraPDF says of what is read aloud, and the ink of what is printed; of what has been made."""
    made = [one for one in found if one.fresh]
    aloud = [(one.path, one.name) for one in made if not (one.edition.press or one.edition.folded)]
    yield from vera(aloud)
    for one in made:
        if one.edition.black:
            yield from black(one.path, one.name)
        if one.edition.press:
            yield from coverage(one.path, one.name)
