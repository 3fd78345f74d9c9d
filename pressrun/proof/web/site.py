"""Rules that compare pages: what each must have for itself, and what they must say of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pressrun.proof.web.page import Page
from pressrun.proof.web.rules import ERROR, IGNORE, WARN, Asked, Finding


class Brief(NamedTuple):
    """What is kept of a page when it has been read."""

    path: str
    url: str
    title: str
    description: str
    indexed: bool
    #: addresses of it in other languages, by language tag
    translations: Mapping[str, str]
    #: what names them twice
    doubled: bool


#: (path, a sentence that says what is wrong)
Found = Iterator[tuple[str, str]]


class Rule(NamedTuple):
    """What must hold for all pages."""

    name: str
    severity: str
    source: str
    wanted: str
    find: Callable[[Sequence[Brief], Asked], Found]


def brief(page: Page) -> Brief:
    """What other pages may be compared with."""
    links = [link for link in page.links("alternate") if link.get("hreflang")]
    named = {link.get("hreflang"): link.get("href", "") for link in links}
    return Brief(
        page.path, page.url, page.title, page.meta("description"), page.indexed and not page.signpost, named,
        len(named) != len(links),
    )  # fmt: skip


def compare(pages: Sequence[Brief], asked: Asked, severities: Mapping[str, str]) -> Iterator[Finding]:
    """All findings in the order of the rules."""
    for rule in RULES:
        severity = severities.get(rule.name, rule.severity)
        if severity != IGNORE:
            for path, problem in rule.find(pages, asked):
                yield Finding(f"outputs/web/{path}", 0, rule.name, severity, problem, rule.wanted, rule.source)


def _titles(pages: Sequence[Brief], _: Asked) -> Found:
    yield from _shared([(page.path, page.title) for page in pages if page.indexed and page.title], "title")


def _descriptions(pages: Sequence[Brief], _: Asked) -> Found:
    told = [(page.path, page.description) for page in pages if page.indexed and page.description]
    yield from _shared(told, "description")


def _shared(told: Sequence[tuple[str, str]], what: str) -> Found:
    """Told at the second page that says the same."""
    first: dict[str, str] = {}
    for path, text in told:
        if (other := first.setdefault(text, path)) != path:
            yield path, f"Its {what} '{text[:50]}' is also that of {other}."


def _translations(pages: Sequence[Brief], asked: Asked) -> Found:
    """Google takes no link between languages that does not lead back."""
    by_url = {page.url: page for page in pages}
    for page in (page for page in pages if page.translations):
        own = asked.languages.get(page.path, asked.language)
        if page.doubled or page.translations.get(own) != page.url:
            yield page.path, f"Of its languages, {own} does not lead to itself."
        elif "x-default" not in page.translations:
            yield page.path, "It leads nobody whose language is not among them (x-default)."
        for tag, url in page.translations.items():
            if url in by_url and by_url[url].translations != page.translations:
                yield page.path, f"{url} ({tag}) does not lead back, or knows other languages."


RULES = (
    Rule("page-title-own", ERROR, "WCAG 2.4.2", "Each page needs a title of its own.", _titles),
    Rule("page-description-own", WARN, "Search Central, snippets", "Each page needs a description of its own.",
         _descriptions),
    Rule("page-translations", ERROR, "Search Central, localized versions",
         "Each page must name all its languages, itself and x-default, and they the same.", _translations),
)  # fmt: skip
