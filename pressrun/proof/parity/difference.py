"""What an output says otherwise than its article."""

from __future__ import annotations

from typing import NamedTuple

from pressrun.faults import Place

MISSING, ADDED, CHANGED, MOVED, OLDER = "missing", "added", "changed", "out of order", "older"
#: what is wrong, as a sentence about a passage
_SENTENCES = {
    MISSING: "{block}: '{expected}' is missing.",
    ADDED: "{block}: '{found}' is not in the article.",
    CHANGED: "{block}: it should say '{expected}', but says '{found}'.",
    MOVED: "{block}: '{expected}' stands in another place.",
    OLDER: "It is not made from what is there now. Run: ./inv build",
}
_LONGEST = 160


class Difference(NamedTuple):
    #: the file, from outputs/ on; a part of it follows behind a comma
    output: str
    #: slug of the article
    article: str
    #: what it is about, as people say it: paragraph, heading, item of a list, alt text, ...
    block: str
    #: where that stands in the author's file
    place: Place
    #: missing, added, changed, out of order; older for a file that was made from something else
    kind: str
    expected: str = ""
    found: str = ""

    @property
    def said(self) -> str:
        """What is wrong, and where, as a sentence."""
        said = _SENTENCES[self.kind].format(
            block=self.block[:1].upper() + self.block[1:], expected=_brief(self.expected), found=_brief(self.found)
        )
        return f"{self.output}: {said}"

    def __str__(self) -> str:
        return f"{self.place}: {self.said}"


def _brief(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()} …"
