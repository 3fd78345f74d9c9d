"""Rules about what authors write, how much each matters to a site, and where an article has a reason against one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from pressrun import schema
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Article, Publication, Ruling, Site
from pressrun.proof.newsletter import RULES as LETTERS
from pressrun.proof.web import NAMES as PAGES

IGNORE, WARN, ERROR = "ignore", "warn", "error"
_SETTING = "proof"
#: judges the reasons themselves
REASONS = "reason"


class Rule(NamedTuple):
    """What must hold for an article, its links or its review."""

    name: str
    #: warn or error, where site.yaml does not say otherwise
    level: str = WARN
    #: how much is too much, for a rule that counts; 0 for others
    limit: int = 0
    #: site.yaml may name words that are fine
    knows: bool = False


#: those of `language`, of `links` and of `review`, by name
RULES: Mapping[str, Rule] = {rule.name: rule for rule in (
    Rule("reading-grade", limit=12),
    Rule("long-sentence", limit=35),
    Rule("plain-words", knows=True),
    Rule("link-text", knows=True),
    Rule("abbreviation", knows=True),
    Rule("placeholder"),
    Rule("doubled-word", knows=True),
    Rule("stigma", knows=True),
    Rule("stray-mark"),
    Rule(REASONS),
    Rule("link-lost", ERROR),
    Rule("link-dead", ERROR),
    Rule("review-past"),
    Rule("review-due", limit=30),
    Rule("translation-behind"),
)}  # fmt: skip


class Finding(NamedTuple):
    """One thing that goes against a rule, at its place in an author's file or in an output."""

    place: Place
    rule: str
    #: warn or error
    severity: str
    problem: str
    #: what to do
    remedy: str
    #: the line of the file
    excerpt: str = ""

    def __str__(self) -> str:
        return str(Fault(self.place, f"{self.severity} {self.rule}: {self.problem}", self.remedy, self.excerpt))


class Rulings(NamedTuple):
    """The rules as they hold for one site."""

    site: Mapping[str, Ruling]

    def level(self, rule: str) -> str:
        """ignore, warn or error."""
        return (rule in self.site and self.site[rule].level) or RULES[rule].level

    def limit(self, rule: str) -> int:
        """How much is too much: years of school, words, days."""
        return (rule in self.site and self.site[rule].limit) or RULES[rule].limit

    def known(self, rule: str) -> frozenset[str]:
        """Words that are fine here."""
        return frozenset(self.site[rule].known if rule in self.site else ())

    def weigh(self, rule: str, found: Iterable[Fault]) -> Iterator[Finding]:
        """What a rule finds, with how much that matters here; nothing of a rule that is ignored."""
        if (level := self.level(rule)) != IGNORE:
            for fault in found:
                yield Finding(fault.place, rule, level, fault.problem, fault.remedy, fault.excerpt)

    def excuse(self, article: Article, rules: Iterable[str], found: Iterable[Finding]) -> Iterator[Finding]:
        """What of an article's findings by some rules stands; what its author has a reason for does not."""
        idle = {rule for rule in rules if rule in article.proof}
        for finding in found:
            idle.discard(finding.rule)
            if finding.rule not in article.proof:
                yield finding
        yield from self.weigh(REASONS, (_idle(article, rule) for rule in sorted(idle)))

    def unknown(self, article: Article) -> Iterator[Finding]:
        """Reasons against rules that there are not."""
        yield from self.weigh(REASONS, (_unknown(article, rule) for rule in article.proof if rule not in RULES))


def read(site: Site) -> Rulings:
    """Raises Refused for a rule in site.yaml that there is not, or that has no such setting."""
    found = settings(site)
    faults = [Fault(found[name].place, *said) for name in found if (said := _unfit(name, found[name]))]
    if faults:
        raise Refused(faults)
    return Rulings(found)


def articles(publication: Publication) -> list[Article]:
    """Those that readers can or will be able to read, in the order of their files."""
    waiting = [article for article in publication.held if not article.draft]
    live = [article for article in publication.articles if not publication.gone(article)]
    return sorted([*live, *waiting], key=lambda article: article.place)


def settings(site: Site) -> Mapping[str, Ruling]:
    """What site.yaml says of rules, by name, of which some may not be."""
    found: Mapping[str, Ruling] = site.settings.get(_SETTING, {})
    return found


@cache
def names() -> tuple[str, ...]:
    """Of every rule that site.yaml may name."""
    return (*RULES, *(rule.name for rule in LETTERS), *PAGES)


def _unfit(name: str, ruling: Ruling) -> tuple[str, str] | None:
    if name not in names():
        return f"'{_SETTING}' has no rule '{name}'.", schema.nearest(name, names())
    rule = RULES.get(name, Rule(name))
    if ruling.limit and not rule.limit:
        return f"The rule '{name}' counts nothing.", "Delete its 'limit'."
    if ruling.known and not rule.knows:
        return f"The rule '{name}' is not about words.", "Delete its 'known'."
    return None


def _idle(article: Article, rule: str) -> Fault:
    place, line = article.find(f"{rule}:")
    return Fault(place, f"Nothing here goes against '{rule}' any more.", f"Delete it below '{_SETTING}:'.", line)


def _unknown(article: Article, rule: str) -> Fault:
    place, line = article.find(f"{rule}:")
    return Fault(place, f"There is no rule '{rule}'.", schema.nearest(rule, tuple(RULES)), line)
