"""Reads the entries of feeds: RSS and Atom with Expat, JSON with Python's own reader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from xml.etree import ElementTree as ET

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


class Entry(NamedTuple):
    """What a document says of one article; empty for what it does not say."""

    id: str
    title: str
    summary: str
    #: HTML
    content: str
    #: as RFC 3339
    published: str


def read(path: str, data: bytes) -> Iterator[Entry]:
    """The entries of a document, by the ending of its name. Raises ValueError for one that cannot be read."""
    if path.endswith(".json"):
        yield from map(_of_json, json.loads(data).get("items", []))
        return
    try:
        root = ET.fromstring(data)  # noqa: S314  # our own file, and Expat fetches nothing
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    if root.tag.startswith(_ATOM):
        yield from map(_of_atom, root.iter(f"{_ATOM}entry"))
    else:
        yield from map(_of_rss, root.iter("item"))


def _of_json(item: dict[str, str]) -> Entry:
    return _entry(str(item.get(name, "")) for name in ("id", "title", "summary", "content_html", "date_published"))


def _of_atom(entry: ET.Element) -> Entry:
    return _entry(entry.findtext(f"{_ATOM}{name}", "") for name in ("id", "title", "summary", "content", "published"))


def _of_rss(item: ET.Element) -> Entry:
    found = [item.findtext(name, "") for name in ("guid", "title", "description", _CONTENT)]
    return _entry([*found, _iso(item.findtext("pubDate", ""))])


def _entry(parts: Iterable[str]) -> Entry:
    id_, title, summary, content, published = parts
    return Entry(id_, title, summary, content, published)


def _iso(date: str) -> str:
    try:
        return parsedate_to_datetime(date).isoformat()
    except ValueError:
        return date
