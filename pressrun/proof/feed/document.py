"""A document of a feed read back: what its format has of the things that every format has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from lxml import etree

_SPACES = {
    "atom": "http://www.w3.org/2005/Atom", "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/", "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
}  # fmt: skip
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_RFC822 = re.compile(r"(\w{3}), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")


class Unreadable(Exception):
    """What lies there is no feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What site and articles ask of the feeds."""

    base_url: str
    language: str
    #: how many entries a document that readers subscribe to may hold
    limit: int
    #: empty for none
    hub: str
    now: datetime
    #: of the articles, newest first
    ids: tuple[str, ...]
    #: of those in whose place a notice stands
    gone: frozenset[str]
    #: the folder of the live site
    live: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: str
    title: str
    summary: str
    content: str
    published: str
    #: empty where the format has no such date
    updated: str = ""
    urls: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    #: (what it is called by machines, whose word that is, what people call it)
    terms: tuple[tuple[str, str, str], ...] = ()
    #: (address, media type, length)
    enclosures: tuple[tuple[str, str, str], ...] = ()
    #: addresses
    images: tuple[str, ...] = ()
    #: (width, height, media type), where the format has them
    sizes: tuple[tuple[str, str, str], ...] = ()
    language: str = ""
    #: what does not fit its format, in words
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    #: below outputs/feed/
    path: str
    kind: str
    version: str
    title: str
    about: str
    homes: tuple[str, ...]
    language: str
    #: addresses by relation
    links: Mapping[str, list[str]]
    entries: tuple[Entry, ...]
    id: str = ""
    updated: str = ""
    published: str = ""
    authors: tuple[str, ...] = ()
    #: addresses
    icons: tuple[str, ...] = ()
    #: of RSS: address, title, link, width, height
    image: Mapping[str, str] = field(default_factory=dict)
    rights: str = ""
    generator: str = ""
    minutes: str = ""
    #: the style sheet; relative
    style: str = ""
    #: complete, archive
    marks: frozenset[str] = frozenset()

    @property
    def folder(self) -> str:
        """Of its feed, with a slash behind it; empty for that of the whole site."""
        folder = self.path.rpartition("/")[0].removesuffix("archive").rstrip("/")
        return f"{folder}/" if folder else ""

    @property
    def archived(self) -> bool:
        return "archive/" in self.path


def moment(text: str, kind: str) -> datetime | None:
    """The instant of a date in a format's own way of writing; None for what is no such date."""
    try:
        if kind != "RSS":
            return datetime.fromisoformat(text) if _RFC3339.fullmatch(text) else None
        found, written = parsedate_to_datetime(text), _RFC822.fullmatch(text)
        return found if written and f"{found:%a}" == written[1] else None
    except ValueError:
        return None


def read(path: str, data: bytes) -> Document:
    """Raises Unreadable."""
    if path.endswith(".json"):
        return _json(path, data)
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError as error:
        raise Unreadable(str(error)) from None
    style = "".join(node.get("href") or "" for node in root.itersiblings(preceding=True) if node.tag is etree.PI)
    if root.tag == "rss" and root.find("channel") is not None:
        return _rss(path, root, style)
    if root.tag == f"{{{_SPACES['atom']}}}feed":
        return _atom(path, root, style)
    raise Unreadable(f"Its first element is <{etree.QName(root).localname}>")


def _text(element: Any, path: str) -> str:
    return (element.findtext(path, "", _SPACES) or "").strip()


def _texts(element: Any, path: str) -> tuple[str, ...]:
    return tuple((found.text or "").strip() for found in element.iterfind(path, _SPACES))


def _attributes(element: Any, path: str, *names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(found.get(name, "") for name in names) for found in element.iterfind(path, _SPACES))


def _links(element: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rel, href in _attributes(element, "atom:link", "rel", "href"):
        found.setdefault(rel or "alternate", []).append(href)
    return found


def _marks(element: Any) -> frozenset[str]:
    return frozenset(name for name in ("complete", "archive") if element.find(f"fh:{name}", _SPACES) is not None)


# ---- RSS


def _rss(path: str, root: Any, style: str) -> Document:
    channel = root.find("channel")
    image = channel.find("image")
    return Document(
        path=path, kind="RSS", version=root.get("version", ""), title=_text(channel, "title"),
        about=_text(channel, "description"), homes=_texts(channel, "link"), language=_text(channel, "language"),
        links=_links(channel), entries=tuple(map(_item, channel.iterfind("item"))),
        updated=_text(channel, "lastBuildDate"), published=_text(channel, "pubDate"),
        icons=_texts(channel, "image/url"), rights=_text(channel, "copyright"), generator=_text(channel, "generator"),
        image={child.tag: (child.text or "").strip() for child in image} if image is not None else {},
        minutes=_text(channel, "ttl"), style=style, marks=_marks(channel),
    )  # fmt: skip


def _item(item: Any) -> Entry:
    return Entry(
        id=_text(item, "guid"), title=_text(item, "title"), summary=_text(item, "description"),
        content=_text(item, "content:encoded"), published=_text(item, "pubDate"), urls=_texts(item, "link"),
        authors=_texts(item, "dc:creator"),
        terms=tuple((word, domain, word) for (domain,), word in zip(
            _attributes(item, "category", "domain"), _texts(item, "category"), strict=True)),
        enclosures=tuple(_attributes(item, "enclosure", "url", "type", "length")),  # type: ignore[arg-type]
        images=tuple(url for (url,) in _attributes(item, "media:content", "url")),
        sizes=_attributes(item, "media:content", "width", "height", "type"),  # type: ignore[arg-type]
        language=_text(item, "dc:language"), oddities=tuple(_odd_item(item)),
    )  # fmt: skip


def _odd_item(item: Any) -> Iterator[str]:
    if any(guid.get("isPermaLink") != "false" for guid in item.iterfind("guid")):
        yield "its guid passes for an address"
    names = [child.tag for child in item]
    content = f"{{{_SPACES['content']}}}encoded"
    if "description" in names and content in names and names.index("description") > names.index(content):
        yield "its description stands behind the content"
    if "author" in names:
        yield "RSS wants a mail address in <author>"


# ---- Atom


def _atom(path: str, root: Any, style: str) -> Document:
    links = _links(root)
    return Document(
        path=path, kind="Atom", version="1.0", title=_text(root, "atom:title"), about=_text(root, "atom:subtitle"),
        homes=tuple(links.get("alternate", ())), language=root.get(_LANGUAGE, ""), links=links,
        entries=tuple(map(_atom_entry, root.iterfind("atom:entry", _SPACES))), id=_text(root, "atom:id"),
        updated=_text(root, "atom:updated"), authors=_texts(root, "atom:author/atom:name"),
        icons=(*_texts(root, "atom:icon"), *_texts(root, "atom:logo")), rights=_text(root, "atom:rights"),
        generator=_text(root, "atom:generator"), style=style, marks=_marks(root),
    )  # fmt: skip


def _atom_entry(entry: Any) -> Entry:
    links = _links(entry)
    content = entry.find("atom:content", _SPACES)
    odd = content is not None and content.get("type") != "html"
    return Entry(
        id=_text(entry, "atom:id"), title=_text(entry, "atom:title"), summary=_text(entry, "atom:summary"),
        content=_text(entry, "atom:content"), published=_text(entry, "atom:published"),
        updated=_text(entry, "atom:updated"), urls=tuple(links.get("alternate", ())),
        authors=_texts(entry, "atom:author/atom:name"),
        terms=_attributes(entry, "atom:category", "term", "scheme", "label"),  # type: ignore[arg-type]
        enclosures=_attributes(entry, "atom:link[@rel='enclosure']", "href", "type", "length"),  # type: ignore[arg-type]
        images=tuple(url for (url,) in _attributes(entry, "media:content", "url")),
        sizes=_attributes(entry, "media:content", "width", "height", "type"),  # type: ignore[arg-type]
        language=entry.get(_LANGUAGE, ""), oddities=("the type of its content is not html",) if odd else (),
    )  # fmt: skip


# ---- JSON Feed


def _json(path: str, data: bytes) -> Document:
    try:
        found = json.loads(data)
        return _json_document(path, found)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unreadable(str(error)) from None


def _json_document(path: str, found: dict[str, Any]) -> Document:
    links = {"self": [found["feed_url"]]} if "feed_url" in found else {}
    links |= {"hub": [hub["url"] for hub in found["hubs"]]} if "hubs" in found else {}
    links |= {"prev-archive": [found["next_url"]]} if "next_url" in found else {}
    return Document(
        path=path, kind="JSON", version=found.get("version", ""), title=found.get("title", ""),
        about=found.get("description", ""), homes=tuple(filter(None, [found.get("home_page_url")])),
        language=found.get("language", ""), links=links, entries=tuple(map(_json_entry, found["items"])),
        authors=tuple(author["name"] for author in found.get("authors", ())),
        icons=tuple(found[name] for name in ("favicon", "icon") if name in found),
    )  # fmt: skip


def _json_entry(item: dict[str, Any]) -> Entry:
    enclosures = item.get("attachments", ())
    return Entry(
        id=item.get("id", ""), title=item.get("title", ""), summary=item.get("summary", ""),
        content=item.get("content_html", "").strip(), published=item.get("date_published", ""),
        updated=item.get("date_modified", ""), urls=tuple(filter(None, [item.get("url")])),
        authors=tuple(author["name"] for author in item.get("authors", ())),
        terms=tuple((word, "", word) for word in item.get("tags", ())),
        enclosures=tuple(
            (one["url"], one["mime_type"], str(one.get("size_in_bytes", ""))) for one in enclosures
        ),
        images=tuple(filter(None, [item.get("image")])), language=item.get("language", ""),
    )  # fmt: skip
