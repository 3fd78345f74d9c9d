"""A rule for pages, what it finds, and how much that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from pressrun.proof.web.page import Page

#: (line counted from 1, or 0 for the whole page; a sentence that says what is wrong)
Found = Iterator[tuple[int, str]]

WARN, ERROR, IGNORE = "warn", "error", "ignore"
#: what other programs find: the Nu Html Checker, and axe
BY_NU, BY_AXE = "page-nu", "page-axe"


class Asked(NamedTuple):
    """What the content asks of pages."""

    base_url: str
    #: of the site, and of the pages that are in another
    language: str
    languages: Mapping[str, str]
    #: the live site as it lies in outputs/
    live: Path
    now: datetime
    #: paths of pages that may run a script of the site
    scripted: frozenset[str]
    #: addresses that the site's map names
    mapped: frozenset[str]

    def url(self, path: str) -> str:
        """The address of a page by its path below outputs/web/."""
        whole = path.removesuffix("index.html") if path == "index.html" or path.endswith("/index.html") else path
        return f"{self.base_url}/{whole}"

    def file(self, url: str) -> Path | None:
        """The file behind an address of the site."""
        found = self.live / unquote(url.removeprefix(f"{self.base_url}/").partition("?")[0].partition("#")[0])
        return found if url.startswith(f"{self.base_url}/") and found.is_file() else None


class Finding(NamedTuple):
    """One thing that is wrong with a page, and with how many others as well."""

    file: str
    line: int
    rule: str
    #: warn or error
    severity: str
    problem: str
    #: what must hold instead
    remedy: str
    #: who asks for it
    source: str = ""
    others: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        also = f" (Here and on {self.others} more.)" if self.others else ""
        asked = f" [{self.source}]" if self.source else ""
        return f"{where}: {self.severity} {self.rule}: {self.problem}{also} {self.remedy}{asked}"


class Rule(NamedTuple):
    """What must hold for a page."""

    name: str
    #: warn or error, where site.yaml does not say otherwise
    severity: str
    #: the standard, or the practice, that asks for it
    source: str
    #: what is required, a sentence
    wanted: str
    find: Callable[[Page, Asked], Found]


def apply(page: Page, asked: Asked, rules: Iterable[Rule], severities: Mapping[str, str]) -> Iterator[Finding]:
    """All findings in the order of the rules; what one rule finds often on a line is told once."""
    for rule in rules:
        severity = severities.get(rule.name, rule.severity)
        if severity == IGNORE:
            continue
        for line, problem in dict.fromkeys(sorted(rule.find(page, asked))):
            yield Finding(f"outputs/web/{page.path}", line, rule.name, severity, problem, rule.wanted, rule.source)


def fold(found: Iterable[Finding]) -> Iterator[Finding]:
    """What templates repeat on many pages, each told at its first place with the number of the others."""
    listed = list(found)
    order: dict[tuple[str, str], int] = {}
    for one in listed:
        order.setdefault((one.rule, one.problem), len(order))

    def place(finding: Finding) -> int:
        return order[finding.rule, finding.problem]

    for _, same in groupby(sorted(listed, key=place), key=place):
        first, *others = same
        yield first._replace(others=len({one.file for one in others} - {first.file}))
