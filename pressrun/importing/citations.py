"""Footnotes of pages and Word files to an article's sources: a mark that leads to a note, which leads back to it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from justhtml import Element, Node, Text

from pressrun.importing.elements import above, attribute, descendants, out, parts, select, words

#: links to other places of the page
_INNER = "a[href^='#']"
_HOLDERS = ("li", "p", "div", "dd", "aside", "td")
#: what programs call an element that is one note
_NOTE = re.compile(r"note\d+$")
_BACK = re.compile(r"[\s↑↩↵⤴⏎\ufe0e\ufe0f^\[\](){}.:0-9ivxlcdm*†‡]*", re.IGNORECASE)


def take(root: Node) -> list[dict[str, Any]]:
    """The notes in the order of their marks, taken out of the tree; each mark becomes an element <cite-source>n</>."""
    named = {name: node for node in [*descendants(root)] if isinstance(node, Element) for name in _names(node)}
    found: list[Element] = []
    for mark in select(root, _INNER):
        holder = _holder(named.get((attribute(mark, "href") or "")[1:]))
        if not holder or not words(mark) or not _BACK.fullmatch(words(mark)) or holder in above(mark):
            continue
        backs = [link for link in select(holder, _INNER) if _leads_back(link, mark, named)]
        if backs or attribute(mark, "role") == "doc-noteref":
            if holder not in found:
                found.append(holder)
            _mark(mark, found.index(holder) + 1)
    around = {id(holder.parent): holder.parent for holder in found if holder.parent}
    sources = [_source(holder) for holder in found]
    for node in around.values():
        _clear(node)
    return sources


def _names(node: Element) -> list[str]:
    return [name for name in (attribute(node, "id"), attribute(node, "name") if node.name == "a" else None) if name]


def _holder(target: Element | None) -> Element | None:
    """The item or the paragraph that a note's name stands at."""
    if target is None or target.name in _HOLDERS:
        return target
    around = [node for node in above(target) if isinstance(node, Element)]
    items = [node for node in around[:4] if node.name == "li" or _NOTE.search(attribute(node, "id") or "")]
    return next(iter(items or [node for node in around[:3] if node.name in _HOLDERS]), None)


def _leads_back(link: Element, mark: Element, named: dict[str, Element]) -> bool:
    target = named.get((attribute(link, "href") or "")[1:])
    return target is not None and (target is mark or target in above(mark)[:2] or mark in above(target)[:2])


def _mark(mark: Element, number: int) -> None:
    while mark.parent and mark.parent.name == "sup" and words(mark.parent) == words(mark):
        mark = mark.parent  # type: ignore[assignment]  # a <sup> is an element
    cited = Element("cite-source", {}, "html")
    cited.append_child(Text(str(number)))
    assert mark.parent
    mark.parent.replace_child(cited, mark)


def _source(holder: Element) -> dict[str, Any]:
    for link in select(holder, _INNER):
        if _BACK.fullmatch(words(link)):
            out(link)
    hrefs = [attribute(link, "href") or "" for link in select(holder, "a")]
    url = next((href for href in hrefs if href.startswith("http")), "")
    text = re.sub(r"^[\[(]?\d{1,3}[\])]?[.:]?\s+", "", words(holder))
    out(holder)
    return {"title": text or url} | ({"url": url} if url else {})


def _clear(node: Node) -> None:
    """Takes out what held notes and holds nothing else, and the rule above it."""
    while node.parent and node.name in ("ol", "ul", "dl", "section", "div", "aside") and not words(node):
        around = node.parent
        before = next((one for one, after in pairwise(parts(around)) if after is node), None)
        for part in (node, before) if before is not None and before.name == "hr" else (node,):
            around.remove_child(part)
        node = around
