"""What became of the files that somebody brought, and how it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pressrun.faults import Fault
from pressrun.importing.draft import Asked, Left


@dataclass
class Report:
    """What became of the files."""

    #: by the source, the article's path below the desk
    imported: dict[str, str] = field(default_factory=dict)
    refused: list[Fault] = field(default_factory=list)
    #: files whose article is there already, and its path
    there: dict[str, str] = field(default_factory=dict)
    left: list[tuple[str, Left]] = field(default_factory=list)
    asked: list[tuple[str, Asked]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: earlier addresses that are no slugs, and where their articles are now
    moved: dict[str, str] = field(default_factory=dict)
    #: files of other kinds
    passed: int = 0


def lines(report: Report) -> Iterator[str]:
    """All that is to be told of single files, a line each."""
    for fault in sorted(report.refused):
        yield f"refused {fault}"
    for source, path in report.there.items():
        yield f"there   {source}: {path} is there already and stays as it is. Rename one of the two to have both."
    for source, asked in report.asked:
        yield f"to do   {_place(source, asked.line, asked.column)}: {asked.message} {asked.remedy}"
    for source, left in report.left:
        what, first = left.what[0].upper() + left.what[1:], left.text.strip().split("\n")[0][:100]
        yield f"left    {_place(source, left.line, left.column)}: {what} is a comment now: {first}"
    for source, note in report.notes:
        yield f"note    {source}: {note}"
    for old, new in report.moved.items():
        yield f"moved   {old} {new}"


def _place(source: str, line: int, column: int) -> str:
    return f"{source}:{line}:{max(column, 1)}" if line else source


def kinds(report: Report) -> list[tuple[str, int]]:
    """How much was left of each kind, most first."""
    return Counter(left.what for _, left in report.left).most_common()
