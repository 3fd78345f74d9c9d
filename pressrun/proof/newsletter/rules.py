"""A rule for messages, what it finds, and how much that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from pressrun.proof.newsletter.letter import Letter

#: (line of the HTML counted from 1, or 0 for the whole message; a sentence that says what is wrong)
Found = Iterator[tuple[int, str]]


class Finding(NamedTuple):
    """One thing that is wrong with a message."""

    file: str
    line: int
    rule: str
    #: warn or error
    severity: str
    problem: str
    #: what must hold instead
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file} (html line {self.line})" if self.line else self.file
        return f"{where}: {self.severity} {self.rule}: {self.problem} {self.remedy}"


class Rule(NamedTuple):
    """What must hold for a message."""

    name: str
    #: warn or error, where site.yaml does not say otherwise
    severity: str
    #: what is required, a sentence
    wanted: str
    find: Callable[[Letter], Found]


def apply(letter: Letter, file: str, rules: Iterable[Rule], severities: Mapping[str, str]) -> Iterator[Finding]:
    """All findings in the order of the rules; what one rule finds often on a line is told once, with a count."""
    for rule in rules:
        severity = severities.get(rule.name, rule.severity)
        if severity == "ignore":
            continue
        for (line, problem), same in groupby(sorted(rule.find(letter))):
            count = len(list(same))
            often = f" ({count} times)" if count > 1 else ""
            yield Finding(file, line, rule.name, severity, problem + often, rule.wanted)
