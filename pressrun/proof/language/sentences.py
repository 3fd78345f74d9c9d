"""Where sentences begin and end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

WORD = re.compile(r"[^\W_]+(?:['’.\u2010-][^\W_]+)*")
#: what ends a sentence, in any script, with what closes behind it
_END = re.compile(r"(?P<mark>[.!?…؟۔。]+)[\"'”’»)\]]*(?=\s+[\"'“‘«(¿¡\[]*(?P<next>\S))|\n")


class Sentence(NamedTuple):
    start: int
    text: str

    def words(self) -> list[str]:
        """Those that hold a letter: numbers are read at a glance."""
        return [word for word in WORD.findall(self.text) if any(map(str.isalpha, word))]

    @property
    def whole(self) -> bool:
        """Whether it ends as sentences do; an item such as 'Two cups' does not."""
        return self.text.rstrip("\"'”’»)] \n")[-1:] in {*".!?…؟۔。:"}


def sentences(text: str, shortened: Collection[str]) -> Iterator[Sentence]:
    """The sentences of a passage; a dot behind a shortened word, or before a small letter, ends none."""
    start = 0
    for end in _END.finditer(text):
        if end["mark"] and _goes_on(text[start : end.start()], end, shortened):
            continue
        yield from _sentence(text, start, end.end())
        start = end.end()
    yield from _sentence(text, start, len(text))


def _goes_on(before: str, end: re.Match[str], shortened: Collection[str]) -> bool:
    if end["next"].islower():
        return True
    last = before.split()[-1:] or [""]
    word = last[0].strip("([“\"'").lower()
    return end["mark"] == "." and (word in shortened or (len(word) == 1 and word.isalpha()))


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    found = text[start:end]
    if found.strip():
        yield Sentence(start + len(found) - len(found.lstrip()), found.strip())
