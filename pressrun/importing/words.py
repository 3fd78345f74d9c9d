"""The text of a file that somebody brings, and what can be said of it in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pressrun import source
from pressrun.importing import commonmark

#: the longest summary that is made of a paragraph
_LONGEST = 300
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]?\s+(?=[\"“‘(]?[A-Z0-9À-Þ])")
_ANNOUNCES = re.compile(
    r"(?:In )?this (?:article|guide|leaflet|post|page|booklet|blog post)\b.*", re.IGNORECASE | re.DOTALL
)
#: what Windows calls Latin letters has words' signs where Unicode has controls
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_LINES = {0x2028: "\n", 0x2029: "\n", 0x0B: "\n", 0x0C: "\n"}


def readable(path: str, data: bytes) -> tuple[str, list[str]]:
    """The text of a file without characters that nobody can print, and notes of them. Raises Refused at no UTF-8."""
    typed = source.decoded(path, data, ()).text
    text = typed.translate(_WINDOWS | _LINES) if source.FORBIDDEN.search(typed) else typed
    text, gone = source.FORBIDDEN.subn("", text)
    notes = [f"{gone} invisible control characters were left out."] if gone else []
    return text, notes


def summary(paragraphs: Sequence[str]) -> str:
    """The sentence that says what the article is about, or else the first ones; empty where there are none."""
    if not paragraphs:
        return ""
    sentences = _SENTENCE.split(" ".join(paragraphs[0].split()))
    if announced := next((found for found in sentences if _ANNOUNCES.fullmatch(found)), ""):
        return announced
    said = sentences[0]
    for sentence in sentences[1:]:
        if len(said) + 1 + len(sentence) > _LONGEST:
            break
        said += " " + sentence
    return said if len(said) <= _LONGEST * 2 else said[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"


def plain(text: str) -> str:
    """The words of a CommonMark text."""
    from pressrun import model

    return " ".join(" ".join(map(model.plain, model.prose(commonmark.blocks(text)))).split())
