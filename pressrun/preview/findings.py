"""What is to mend or to think about in an article or an issue, at its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pressrun.build import Desk
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Article, Issue, Publication, Site
from pressrun.outputs import Shelf

FAULT, WARNING = "fault", "warning"
#: how a build writes the place before what is not quite right
_PLACED = re.compile(r"(?P<path>[^\s:]+):(?P<line>\d+):(?P<column>\d+): (?P<text>.*)", re.DOTALL)
_WORD = re.compile(r"[\w./-]+|\S")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an author should know."""

    #: 'fault' keeps the text from being published, 'warning' does not
    level: str
    place: Place
    problem: str
    remedy: str = ""
    #: the line of the file, as its author typed it
    excerpt: str = ""

    @property
    def before(self) -> str:
        """The line up to where it is."""
        return self.excerpt[: self.place.column - 1]

    @property
    def marked(self) -> str:
        """The word that is meant; a space at the end of a line."""
        found = _WORD.match(self.excerpt, self.place.column - 1)
        return found[0] if found else " "

    @property
    def behind(self) -> str:
        return self.excerpt[self.place.column - 1 :].removeprefix(self.marked)


def gathered(
    faults: Iterable[Fault], warnings: Iterable[Fault], said: Iterable[str], judged: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """Faults first, then by place. What other judges find of an article is one more iterable of findings here."""
    found = [*_of(FAULT, faults), *_of(WARNING, warnings), *map(_read, said), *judged]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.level != FAULT, one.place, one.problem)))


def of_language(piece: Article | Issue, site: Site) -> tuple[Finding, ...]:
    """What readers may stumble over; nothing where the packages of the extra `proof` are not installed."""
    try:
        from pressrun.proof import language

        article = language.of_issue(piece) if isinstance(piece, Issue) else piece
        found = list(language.prove(article, site))
    except ModuleNotFoundError:
        return ()
    except Refused as refused:  # a rule in site.yaml that there is not
        return tuple(_of(FAULT, refused.faults))
    return tuple(Finding(WARNING, one.place, one.problem, one.remedy, one.excerpt) for one in found)


def of_parity(desk: Desk, publication: Publication, shelf: Shelf, slug: str) -> tuple[Finding, ...]:
    """What is made of an article or an issue and says otherwise than it does, as far as it is made."""
    from pressrun.proof.parity import Court

    court = Court(desk, publication, shelf)
    found = [found for copy in court.copies(slug) if shelf.is_there(copy.output) for found in court.judge(copy)]
    return tuple(Finding(WARNING, one.place, one.said.removeprefix(f"{desk.outputs.name}/")) for one in found)


def _of(level: str, faults: Iterable[Fault]) -> Iterator[Finding]:
    return (Finding(level, one.place, one.problem, one.remedy, one.excerpt) for one in faults)


def _read(said: str) -> Finding:
    """A warning of a build, which is a sentence behind its place."""
    if not (found := _PLACED.fullmatch(said)):
        return Finding(WARNING, Place(""), said)
    place = Place(found["path"], int(found["line"]), int(found["column"]))
    return Finding(WARNING, place, found["text"])
