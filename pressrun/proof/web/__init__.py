"""Reads the pages of the site back and judges them, offline; shares no code with templates and what fills them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pressrun.proof.web import site
from pressrun.proof.web.access import RULES as ACCESS
from pressrun.proof.web.markup import RULES as MARKUP
from pressrun.proof.web.page import Page
from pressrun.proof.web.rules import BY_AXE, BY_NU, ERROR, Asked, Finding, Rule, apply, fold
from pressrun.proof.web.safety import RULES as SAFETY
from pressrun.proof.web.told import RULES as TOLD

__all__ = ["COUNT", "NAMES", "READABLE", "RULES", "Asked", "Finding", "judge"]

READABLE = "page-readable"
#: of a page by itself
RULES: tuple[Rule, ...] = (*MARKUP, *ACCESS, *SAFETY, *TOLD)
#: of every rule that site.yaml may name, with those that compare pages, and what other programs find
NAMES = (*(rule.name for rule in RULES), *(rule.name for rule in site.RULES), BY_NU, BY_AXE)
#: of our own rules, with the one that a page can be read at all
COUNT = len(RULES) + len(site.RULES) + 1
_NO_CHANGES: Mapping[str, str] = {}


def judge(
    files: Iterable[tuple[str, bytes]], asked: Asked, severities: Mapping[str, str] = _NO_CHANGES
) -> Iterator[Finding]:
    """All that is wrong with pages, by their paths below outputs/web/; each is read, judged and forgotten.

    `severities` change those of the rules.
    """
    yield from fold(_judge(files, asked, severities))


def _judge(files: Iterable[tuple[str, bytes]], asked: Asked, severities: Mapping[str, str]) -> Iterator[Finding]:
    briefs: list[site.Brief] = []
    for path, data in files:
        try:
            page = Page(path, data, asked.url(path))
        except ValueError as error:
            problem = f"It cannot be read: {error}."
            yield Finding(f"outputs/web/{path}", 0, READABLE, ERROR, problem, "Run: ./inv build")
            continue
        briefs.append(site.brief(page))
        yield from apply(page, asked, RULES, severities)
    yield from site.compare(briefs, asked, severities)
