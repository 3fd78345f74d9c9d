"""Reads every output back and lays it beside its article, word by word; makes nothing.

It shares no code with what renders: the expected words are those of the model, and what is read is read by other
parsers than those that wrote it. docs/proof.md says what counts as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pressrun import build, outputs
from pressrun.build import Desk
from pressrun.model import Article, direction
from pressrun.outputs import Output
from pressrun.proof.parity import made
from pressrun.proof.parity.difference import OLDER, Difference
from pressrun.proof.parity.made import Court
from pressrun.templates import Templates

__all__ = ["OLDER", "PAGE", "Court", "Difference", "Proved", "examine", "judged", "page", "prove"]

#: its templates; stands in place of the channel, so that no build removes the page
_NAME = "proof"
PAGE = f"{_NAME}/index.html"


class Proved(NamedTuple):
    """One article with everything that was made of it and read back."""

    article: Article
    #: what was read, from outputs/ on, in the order of the channels
    files: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def direction(self) -> str:
        return direction(self.article.language)

    @property
    def by_file(self) -> list[tuple[str, list[Difference]]]:
        """The differences of words, by the file that has some."""
        found = (one for one in self.differences if one.kind != OLDER)
        return [(file, list(group)) for file, group in groupby(found, key=lambda one: one.output)]

    @property
    def older(self) -> list[str]:
        """The files that were made from something else than what is there now."""
        return [found.output for found in self.differences if found.kind == OLDER]


def prove(desk: Desk, now: datetime, article: str = "") -> Iterator[Difference]:
    """Every difference between the live articles, or one of them, and what lies in outputs/.

    Raises Refused for a site or tokens at fault.
    """
    for proved in examine(desk, now, article):
        yield from proved.differences


def examine(desk: Desk, now: datetime, article: str = "") -> list[Proved]:
    """The live articles, or one of them, with what was read and how it differs. Raises as `prove` does."""
    return judged(made.court(desk, now), article)


def judged(court: Court, article: str = "") -> list[Proved]:
    """The same by a court that is there already: of what was just built, reading and declaring need no second time."""
    copies: dict[str, list[made.Copy]] = {}
    for copy in court.copies(article):
        copies.setdefault(copy.wanted.article.slug, []).append(copy)
    return [_proved(court, found) for found in copies.values()]


def _proved(court: Court, copies: Sequence[made.Copy]) -> Proved:
    article = copies[0].wanted.article
    made_of = {copy.output.path: copy.output for copy in copies}
    differences = [*court.older(article, made_of.values())]
    for copy in copies:
        differences += court.judge(copy)
    return Proved(article, tuple(dict.fromkeys(map(made.name, copies))), tuple(differences))


def page(desk: Desk, now: datetime, proved: Iterable[Proved], leaks: Iterable[object] = ()) -> str:
    """Writes what was found where staff can read it; the path below outputs/.

    `leaks` are told in words. Raises as `pressrun.outputs.put` does.
    """
    site = build.read(desk, now).publication.site
    other = desk.outputs / made.OTHER_PAGE
    filled = Templates(desk.templates, site.accent).render(
        _NAME, "index.html", site=site, proved=list(proved), leaks=list(map(str, leaks)),
        letters=other.name if other.is_file() else "",
    )  # fmt: skip
    outputs.put(desk.outputs, Output(PAGE, filled.encode, _NAME, media_type="text/html"))
    return PAGE
