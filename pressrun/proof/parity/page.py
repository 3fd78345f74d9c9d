"""Reads HTML as a reader sees it, with lxml."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any
from urllib.parse import urljoin

from lxml import html

from pressrun.proof.parity.reading import Notes, Reading, Span, placed

#: parts that are no text, or lead about
_SILENT = {"head", "style", "script", "template", "nav", "noscript"}
_INLINE = {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong",
           "sub", "sup", "time", "u"}  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_HIDDEN = re.compile(r"display:\s*none")


class Page:
    """One document, or a piece of one, whose address is known."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._notes = Notes()
        self._links: list[tuple[str, int, int]] = []
        self._headings: list[tuple[int, int, int]] = []
        self._images: list[tuple[str, int, int]] = []
        self._times: list[tuple[str, int, int]] = []
        self._boxes: list[tuple[tuple[Hashable, ...], int, int]] = []

    def heading(self, level: int, text: str) -> None:
        """Words that stand above the document, as the title of an entry does."""
        start = self._notes.at
        self._notes.add(f"{text}\n")
        self._headings.append((level, start, self._notes.at))

    def date(self, when: str) -> None:
        """A date for machines that no words tell."""
        self._times.append((when, self._notes.at, self._notes.at))

    def text(self, text: str) -> None:
        self._notes.add(f"{text}\n")

    def read(self, markup: str) -> None:
        self._element(_root(html.document_fromstring(markup or "<p></p>")), ())

    def reading(self) -> Reading:
        tokens, text, starts = self._notes.divided()
        boxes = placed(self._boxes, starts)
        above: list[tuple[Hashable, ...]] = [()] * len(tokens)
        for path, start, end in boxes:  # an outer element is noted before those that it holds
            above[start:end] = [path] * (end - start)
        return Reading(
            tokens, text, starts, links=_linked(self._links, text, starts), headings=placed(self._headings, starts),
            images=placed(self._images, starts), times=placed(self._times, starts),
            boxes={path[-1]: Span(path[-1], start, end) for path, start, end in boxes}, above=above,
        )  # fmt: skip

    def _element(self, element: Any, outer: tuple[Hashable, ...]) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SILENT or _is_hidden(element):
            return
        path = (*outer, len(self._boxes))
        place = len(self._boxes)
        start = self._notes.at
        self._boxes.append((path, start, start))
        self._notes.add(("" if tag in _INLINE else "\n") + (element.text or ""))
        for child in element:
            self._element(child, path)
            self._notes.add(child.tail or "")
        if tag not in _INLINE:
            self._notes.add("\n")
        self._boxes[place] = (path, start, self._notes.at)
        self._note(element, tag, start)

    def _note(self, element: Any, tag: str, start: int) -> None:
        end = self._notes.at
        if tag == "a" and (href := element.get("href")):
            self._links.append((urljoin(self._address, href), start, end))
        elif tag == "img" and element.get("alt"):
            self._images.append((element.get("alt"), start, start))
        elif tag == "time" and (when := element.get("datetime")):
            self._times.append((when, start, end))
        elif heading := _HEADING.fullmatch(tag):
            self._headings.append((int(heading[1]), start, end))


def _linked(links: list[tuple[str, int, int]], text: str, starts: list[int]) -> list[Span[str]]:
    """Links by the words that lead there; one of a sign, or of the end of a word, belongs to the word before it."""
    found = zip(placed(links, starts), links, strict=True)
    return [
        link if link.start < link.end or not text[start:end].strip() else Span(href, max(link.start - 1, 0), link.end)
        for link, (href, start, end) in found
    ]


def _is_hidden(element: Any) -> bool:
    """From those who see: a mail's preheader, a picture's second link."""
    return (
        element.get("aria-hidden") == "true"
        or element.get("hidden") is not None
        or bool(_HIDDEN.search(element.get("style", "")))
    )


def _root(document: Any) -> Any:
    """The part that holds the article: what stands around it is the site's."""
    for tag in ("article", "main"):
        found = list(document.iter(tag))
        if len(found) == 1:
            return found[0]
    return document.find("body")
