"""Every proof, alone or all as one: what each found, and what could not be looked at here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any, NamedTuple

from pressrun import build
from pressrun.build import Desk
from pressrun.channels import feed, handout, newsletter, web
from pressrun.content import Content
from pressrun.proof import rulings


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be proved."""

    desk: Desk
    now: datetime
    #: this article or issue alone, by its slug or name
    article: str = ""
    #: also what takes long and needs programs of its own
    full: bool = False
    #: also links to other sites, which asks the network
    external: bool = False


class Verdict(NamedTuple):
    """What one proof found."""

    #: what was looked at, and by how many rules
    what: str
    #: each says of itself where it stands; one that is a warning has the severity `warn`
    findings: tuple[Any, ...] = ()
    #: what else is told
    notes: tuple[str, ...] = ()
    #: what could not run on this machine, and how to come by it
    lacking: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Any]:
        return [finding for finding in self.findings if getattr(finding, "severity", "") != rulings.WARN]

    @property
    def warnings(self) -> int:
        return len(self.findings) - len(self.errors)

    def fails(self, *, strict: bool = False, full: bool = False) -> bool:
        """Whether an error stands; strictly, also whether a warning does; fully, whether something could not run."""
        return bool(self.errors or (strict and self.findings) or (full and self.lacking))

    def __str__(self) -> str:
        found = [f"{count(len(self.errors), 'error')}" if self.errors else "no errors"]
        found += [count(self.warnings, "warning")] if self.warnings else []
        lacking = ", and not everything could run" if self.lacking else ""
        return f"{self.what}: {', '.join(found)}{lacking}."


class Nothing(ValueError):
    """There is nothing of that kind to prove."""

    #: of a task that was asked for what there is not
    code = 2


def count(number: int, what: str) -> str:
    """A number of things, in words."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _found(wish: Wish, what: str, made: list[Any]) -> list[Any]:
    if not made:
        raise Nothing(f"There is no {what}{f' of {wish.article!r}' if wish.article else ''} to prove.")
    return made


def _known(wish: Wish, chosen: Sequence[object]) -> None:
    if wish.article and not chosen:
        raise Nothing(f"There is no article {wish.article!r} to prove.")


# ---- what lies in outputs/


def handouts(wish: Wish) -> Verdict:
    """Can they be read by everybody, and printed by anybody?"""
    from pressrun.proof import made as proof

    found = _found(wish, handout.NAME, proof.handouts(wish.desk, wish.now, wish.article))
    start = perf_counter()
    findings = [finding for one in found for finding in proof.prove(one)]
    each = 1000 * (perf_counter() - start) / len(found)
    notes, lacking = [f"{each:.0f} ms a handout."], proof.lacking() if wish.full else []
    if wish.full and not lacking:
        findings += proof.prove_slowly(found)
    if not wish.full:
        notes.append("veraPDF and the ink were left out: --full asks for them.")
    what = f"{count(len(found), handout.NAME)}, {proof.count_rules(found)} rules"
    return Verdict(what, tuple(findings), tuple(notes), tuple(lacking))


def newsletters(wish: Wish, *, page: bool = True) -> Verdict:
    """Do all mail programs show them, and let them in? Writes a page about it, if that is wanted."""
    from pressrun.proof.newsletter import RULES, made

    letters = _found(wish, newsletter.NAME, made.newsletters(wish.desk, wish.now, wish.article))
    proved = [(letter, list(made.prove(letter))) for letter in letters]
    notes = [f"{letter.name}: {made.summary(letter)}" for letter in letters] if page else []
    notes += [str(wish.desk.outputs / made.page(wish.desk, wish.now, proved))] if page else []
    findings = tuple(finding for _, found in proved for finding in found)
    return Verdict(f"{count(len(letters), 'letter')}, {len(RULES)} rules", findings, tuple(notes))


def feeds(wish: Wish) -> Verdict:
    """Does every reader understand them?"""
    from pressrun.proof.feed import COUNT, made

    found = made.feeds(wish.desk, wish.now)
    return Verdict(f"{count(len(found.paths), 'document')} of feeds, {COUNT} rules", tuple(made.prove(found)))


def parity(wish: Wish) -> Verdict:
    """Does every channel say what the articles say, and nothing that is not published? Writes a page about it."""
    from pressrun.proof import parity as proof
    from pressrun.proof.leaks import leaks

    proved = _found(wish, "live article", proof.examine(wish.desk, wish.now, wish.article))
    given_away = [] if wish.article else list(leaks(wish.desk, wish.now))
    differences = [found for one in proved for found in one.differences]
    note = str(wish.desk.outputs / proof.page(wish.desk, wish.now, proved, given_away))
    what = f"{count(len(proved), 'article')} in {count(sum(len(one.files) for one in proved), 'output')}"
    return Verdict(what, (*differences, *given_away), (note,))


def pages(wish: Wish) -> Verdict:
    """Are they valid, can everybody read them, and is what they tell machines true?"""
    from pressrun.proof.web import COUNT, engines, made

    found = made.pages(wish.desk, wish.now, wish.article)
    _found(wish, "page", list(found.paths))
    findings, lacking = list(made.prove(found)), engines.lacking() if wish.full else []
    if wish.full:
        findings += engines.prove(found)
    notes = () if wish.full else ("The Nu Html Checker and axe were left out: --full asks for them.",)
    return Verdict(f"{count(len(found.paths), 'page')}, {COUNT} rules", tuple(findings), notes, tuple(lacking))


# ---- what authors wrote


def language(wish: Wish) -> Verdict:
    """May readers stumble over the words of articles?"""
    from pressrun.proof import language as proof

    found = _read(wish)
    publication = found.publication
    articles = [*publication.articles, *publication.held] if wish.article else rulings.articles(publication)
    issues = [*publication.issues, *(one for one in publication.held_issues if wish.article or not one.draft)]
    articles += map(proof.of_issue, issues)
    chosen = [article for article in articles if wish.article in ("", article.slug)]
    _known(wish, chosen)
    # A faulty file is judged as it was when it was last sound, so its faults must be told.
    findings: list[Any] = [*found.faults]
    findings += [finding for article in chosen for finding in proof.prove(article, publication.site)]
    letters = sum(article.slug in {one.name for one in issues} for article in chosen)
    counted = [count(len(chosen) - letters, "article")] + [count(letters, "newsletter issue")] * bool(letters)
    what = f"{' and '.join(counted)}, {len(proof.RULES)} rules of language"
    return Verdict(what, tuple(findings), tuple(proof.unmeasured(chosen)))


def links(wish: Wish) -> Verdict:
    """Does every link to the site lead somewhere, and on request every other link?"""
    from pressrun.proof import elsewhere
    from pressrun.proof import links as proof

    publication = _read(wish).publication
    if wish.article:
        live, held = (
            [one for one in some if one.slug == wish.article] for some in (publication.articles, publication.held)
        )
        issues = [one for one in (*publication.issues, *publication.held_issues) if one.name == wish.article]
        _known(wish, [*live, *held, *issues])
        publication = replace(publication, articles=tuple(live), held=tuple(held))
    findings = list(proof.prove(wish.desk, publication, wish.article))
    if not wish.external:
        note = "Links to other sites were left out: --external asks for them."
        return Verdict("Links within the site", tuple(findings), (note,))
    dead, notes = elsewhere.prove(wish.desk, publication)
    return Verdict("Links within the site and to others", (*findings, *dead), tuple(notes))


def review(wish: Wish) -> Verdict:
    """Which articles are to be checked again, and which translations are behind?"""
    from pressrun.proof import review as proof

    publication = _read(wish).publication
    chosen = [article for article in rulings.articles(publication) if wish.article in ("", article.slug)]
    _known(wish, chosen)
    paths = {article.place.path for article in chosen}
    findings = tuple(finding for finding in proof.prove(publication) if finding.place.path in paths)
    return Verdict(f"{count(len(chosen), 'article')}, {len(proof.RULES)} rules of review", findings)


def _read(wish: Wish) -> Content:
    """Raises Refused for a site at fault."""
    return build.read(wish.desk, wish.now)


#: every proof by the name of its task, in the order in which they run
PROOFS: Mapping[str, Callable[[Wish], Verdict]] = {
    "language": language,
    "review": review,
    "parity": parity,
    "links": links,
    web.NAME: pages,
    handout.NAME: handouts,
    newsletter.NAME: newsletters,
    feed.NAME: feeds,
}


def everything(wish: Wish, names: Collection[str] = ()) -> Iterator[Verdict]:
    """The verdict of every proof, or of some, as each is done; of those that look at single articles, for one article.

    What is not installed here is named by the verdict that it leaves out. Raises Nothing where there is nothing at all,
    Refused for a site at fault.
    """
    proved = 0
    for name, prove in PROOFS.items():
        whole = wish.article and name == feed.NAME  # it is about everything at once
        if whole or (names and name not in names):
            continue
        try:
            yield prove(wish)
            proved += 1
        except ModuleNotFoundError as error:
            yield Verdict(f"The proof '{name}'", lacking=(f"It cannot run: {error.name} is not installed.",))
        except Nothing:  # an issue of several articles has no handout, an article may be in one channel
            continue
    if not proved:
        raise Nothing(f"There is nothing{f' of {wish.article!r}' if wish.article else ''} to prove.")
