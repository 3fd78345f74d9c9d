"""Footnotes of Markdown to an article's sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pressrun import markup
from pressrun.importing import commonmark, words

_DEFINITION = re.compile(r" {0,3}\[\^([^\]\s]+)\]:[ \t]*(.*)")
MARK = re.compile(r"\[\^([^\]\s]+)\](?!:)")


@dataclass
class Footnotes:
    """Those of one text."""

    texts: dict[str, str] = field(default_factory=dict)
    #: in the order in which the text first names them
    cited: list[str] = field(default_factory=list)

    def mark(self, label: str) -> str:
        """What stands for a mark such as [^note] in the text."""
        if label not in self.texts:
            return rf"\[^{label}]"
        if label not in self.cited:
            self.cited.append(label)
        return f"[^{self.cited.index(label) + 1}]"

    def sources(self) -> list[dict[str, str]]:
        rest = [label for label in self.texts if label not in self.cited]
        return [_source(self.texts[label]) for label in [*self.cited, *rest] if self.texts[label].strip()]


def taken(text: str) -> tuple[str, Footnotes]:
    """A text whose footnotes are gone, with empty lines in their place, and the footnotes."""
    found = Footnotes()
    if not _DEFINITION.search(text):
        return text, found
    coded = _coded(text)
    lines, label, above = text.split("\n"), "", ""
    for number, line in enumerate(lines):
        if (begins := _DEFINITION.fullmatch(line)) and number not in coded:
            label, found.texts[begins[1]] = begins[1], begins[2]
        elif label and line.strip() and (above or line.startswith(("    ", "\t"))):
            found.texts[label] += "\n" + line.strip()
        elif label and not line.strip() and _goes_on(lines, number):
            found.texts[label] += "\n"
        else:
            label = ""
        if label:
            lines[number] = ""
        above = line.strip()
    return "\n".join(lines), found


def _goes_on(lines: list[str], number: int) -> bool:
    """Whether an empty line stands inside a footnote."""
    after = next((line for line in lines[number + 1 :] if line.strip()), "")
    return after.startswith(("    ", "\t"))


def _coded(text: str) -> set[int]:
    """Lines that are code."""
    tokens = (token for token in commonmark.parser().parse(text) if token.type == "fence" and token.map)
    return {number for token in tokens if token.map for number in range(*token.map)}


def _source(text: str) -> dict[str, str]:
    """What a footnote says, its first address apart, further ones behind their words."""
    hrefs = [span for span in commonmark.spans(text) if span.kind in ("link", "autolink")]
    urls = [span for span in hrefs if markup.OUTSIDE.fullmatch(span.href) and span.href.startswith("http")]
    edits = [
        (span.label[1] + 1, span.end, f" ({commonmark.escaped(span.href)})") for span in urls[1:] if span.kind == "link"
    ]
    source = {"title": words.plain(commonmark.edited(text, edits)) or text.strip()}
    if urls:
        source["url"] = urls[0].href
    elif bare := re.search(r"https?://[^\s<>)\]]*[^\s<>)\].,;:]", text):
        source["url"] = bare[0]
    return source
