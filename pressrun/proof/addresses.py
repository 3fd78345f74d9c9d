"""The addresses in a document that was made: a page, a feed, a map of the site, a plain text, a handout."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import lxml.html
from lxml import etree

#: (line, or page of a handout, counted from 1; whole address)
Found = Iterator[tuple[int, str]]

_SCHEMES = ("http://", "https://")
_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"]+)", re.IGNORECASE)
#: what other sites show of a page
_SHOWN = ("og:image", "og:url", "twitter:image")
#: what may look like an address in a feed and is a name for machines
_NAMES = ("id", "version", "guid")
_IN_TEXT = re.compile(r"https?://[^\s\"'<>\\]+")
_BEHIND = ".,;:!?)]"


def tree(file: Path) -> Any:
    """The root of a page."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    return lxml.html.document_fromstring(file.read_bytes() or b"<html></html>", parser=parser)


def read(file: Path, url: str) -> Found:
    """Every address in a document whose own address is `url`; none of a kind of file that leads nowhere.

    Raises ValueError for a document that cannot be read, at the latest with the first address.
    """
    reader = _READERS.get(file.suffix)
    if not reader:
        return
    try:
        yield from reader(file, url)
    except etree.LxmlError as error:
        raise ValueError(str(error)) from None


def _page(file: Path, url: str) -> Found:
    return _of_html(tree(file), url)


def _xml(file: Path, url: str) -> Found:
    for element in etree.parse(file).getroot().iter(etree.Element):
        line, text, name = element.sourceline, (element.text or "").strip(), etree.QName(element).localname
        yield from ((line, element.get(key)) for key in ("href", "src", "url") if element.get(key))
        if text.startswith("<"):
            yield from ((line, found) for found in _of_fragment(text, url))
        elif text.startswith(_SCHEMES) and (name not in _NAMES or element.get("isPermaLink") == "true"):
            yield line, text


def _json(file: Path, url: str) -> Found:
    return ((1, found) for found in _of_value(json.loads(file.read_bytes()), url))


def _of_value(value: Any, url: str) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _of_value(inner, url) if name not in _NAMES else ()
        case list():
            for inner in value:
                yield from _of_value(inner, url)
        case str() if value.lstrip().startswith("<"):
            yield from _of_fragment(value, url)
        case str() if value.startswith(_SCHEMES) and len(value.split()) == 1:
            yield value


def _text(file: Path, _: str) -> Found:
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        yield from ((number, found.rstrip(_BEHIND)) for found in _IN_TEXT.findall(line))


def _pdf(file: Path, _: str) -> Found:
    """In place of a line stands a page."""
    from pressrun.proof.parity import paper

    return paper.addresses(file)


_READERS: Mapping[str, Callable[[Path, str], Found]] = {
    ".html": _page, ".xml": _xml, ".json": _json, ".txt": _text, ".pdf": _pdf,
}  # fmt: skip


def _of_fragment(text: str, url: str) -> Iterator[str]:
    return (found for _, found in _of_html(lxml.html.fragment_fromstring(text, "div"), url))


def _of_html(root: Any, url: str) -> Found:
    base = urljoin(url, next(iter(root.xpath("//base/@href")), ""))
    for element in root.iter(etree.Element):
        for address in filter(None, map(str.strip, _of_element(element))):
            yield element.sourceline or 1, urljoin(base, address)


def _of_element(element: Any) -> Iterator[str]:
    for name in ("href", "src", "poster", "action", "data"):
        if element.tag != "base" and (value := element.get(name)) is not None:
            yield value
    for candidate in (element.get("srcset") or "").split(","):
        yield candidate.strip().partition(" ")[0]
    if element.tag == "meta":
        content = element.get("content") or ""
        if (element.get("http-equiv") or "").lower() == "refresh" and (found := _REFRESH.search(content)):
            yield found[1]
        if element.get("property", element.get("name")) in _SHOWN:
            yield content
