"""Marks of CommonMark that were meant, but not written as it wants them, so that they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pressrun.faults import Fault
from pressrun.proof.language.passages import Passage
from pressrun.proof.language.wording import Copy

#: what may be seen of a mark, whether it has a meaning at the beginning of a line alone, and how it is written
_MARKS = (
    (re.compile(r"(?<!\S)-(?=[^\W\d_])"), True, "Write a space behind it, for an item of a list."),
    (re.compile(r"(?<!\S)#+(?=[^\W\d_])"), True, "Write '## ' with a space, for a heading."),
    (re.compile("[•◦‣▪●]"), True, "Begin each item with '- ' on a line of its own, for a list."),
    (
        re.compile(r"(?<![\w*])\*\*(?=[^\s*]| [^*]*[^\s*]\*\*)"), False,
        "Write two stars right before the first word and two right behind the last, for bold text.",
    ),
    (
        re.compile(r"\[[^\]]*\w[^\]]*\] \((?:(?:https?:/|mailto:|tel:)\S+|/?[a-z0-9]+(?:[-/#]+[a-z0-9]+)+/?)\)"), False,
        "Write no space between the square and the round bracket, for a link.",
    ),
)  # fmt: skip
#: one '#' before a few words, and no full stop: other words with it are hashtags
_HEADING = re.compile(r"#\S+(?: [^\s#]+){1,5}(?<![.!?,;:])")


def stray_marks(copy: Copy) -> Iterator[Fault]:
    """The first of each kind in a passage; what stands behind a backslash is meant."""
    for passage in copy.passages:
        for pattern, leading, remedy in _MARKS:
            for match in pattern.finditer(passage.text):
                fault = _fault(passage, match, remedy)
                before, mark = fault.excerpt[: fault.place.column - 1], fault.excerpt[fault.place.column - 1 :]
                inside = leading and match.start() and before.strip(" >")
                tag = match[0] == "#" and not _HEADING.fullmatch(mark.strip())
                if not inside and not tag and "\\" not in before[-1:] + mark[: len(match[0])]:
                    yield fault
                    break


def _fault(passage: Passage, match: re.Match[str], remedy: str) -> Fault:
    """At a mark, whose place is that of the first word behind it: passages know no other."""
    word = re.compile(r"\w").search(passage.text, match.start())
    ahead = word.start() - match.start() if word else 0
    place, line = passage.spot(match.start() + ahead)
    return Fault(
        replace(place, column=max(place.column - ahead, 1)), f"'{match[0]}' is printed here as it stands.", remedy, line
    )
