"""A document as RSS 2.0 and as Atom.

feedgen 1.0.0 writes what it knows; lxml puts right what it does not: it drops every attribute of an Atom entry's links
but the address, takes the last link given for RSS's own, and knows no hub, no archives (RFC 5005), no language of an
entry and no style sheet.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from pressrun.channels.feed.document import Document, Entry, Image
from pressrun.channels.feed.images import ICON_SIDE

#: minutes for which a reader need not ask again
_TTL = 60
_ATOM = "{http://www.w3.org/2005/Atom}"
_PAGING = "{http://purl.org/syndication/history/1.0}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES = {"fh": _PAGING.strip("{}"), "media": _MEDIA.strip("{}")}
_RSS_TYPE, _ATOM_TYPE = "application/rss+xml", "application/atom+xml"


def rss(document: Document) -> bytes:
    feed = _begun(document)
    feed.load_extension("dc", atom=False)
    side = str(ICON_SIDE)
    feed.image(document.icon, document.title, document.home, width=side, height=side)
    for entry in document.entries:
        item = _entered(feed, entry)
        for author in entry.authors:
            item.dc.dc_creator(author.name)
        for term in entry.terms:
            item.category(term=term.name, scheme=term.scheme)
    root = _reread(feed.rss_str())
    channel = root[0]
    channel[1:1] = [*_links(document, _RSS_TYPE), *_paging(document)]
    for element, entry in zip(channel.iterfind("item"), document.entries, strict=True):
        if entry.language != document.language:
            etree.SubElement(element, f"{_DC}language").text = entry.language
        _picture(element, entry.image)
    return _written(root, document)


def atom(document: Document) -> bytes:
    feed = _begun(document)
    name, url = document.publisher
    feed.author({"name": name, "uri": url})
    feed.icon(document.icon)
    feed.logo(document.logo)
    for entry in document.entries:
        item = _entered(feed, entry)
        item.author([{"name": author.name, "uri": author.url} for author in entry.authors])
        for term in entry.terms:
            item.category(term=term.address, scheme=term.scheme, label=term.name)
    root = _reread(feed.atom_str())
    for link in root.findall(f"{_ATOM}link"):
        root.remove(link)
    home = _link("alternate", document.home, type="text/html")
    at = root.index(root.find(f"{_ATOM}updated")) + 1
    root[at:at] = [*_links(document, _ATOM_TYPE), home, *_paging(document)]
    for element, entry in zip(root.iterfind(f"{_ATOM}entry"), document.entries, strict=True):
        _mend(element, entry, document)
    return _written(root, document)


def _begun(document: Document) -> Any:
    """A generator with what both formats say of a whole document; without dates it would take the clock's."""
    from feedgen.feed import FeedGenerator

    feed = FeedGenerator()
    feed.id(document.id)
    feed.title(document.title)
    feed.description(document.about)
    feed.language(document.language)
    feed.generator("Pressrun")
    feed.docs("https://www.rssboard.org/rss-specification")
    feed.rights(f"© {document.publisher[0]}")
    feed.ttl(_TTL)
    feed.link(href=document.home, rel="alternate")
    feed.updated(document.updated)
    feed.pubDate(document.published)
    return feed


def _entered(feed: Any, entry: Entry) -> Any:
    item = feed.add_entry(order="append")
    item.guid(entry.id, permalink=False)
    item.title(entry.title)
    if entry.url:
        item.link(href=entry.url)
    # A summary beside the content, or feedgen puts the whole text into the description.
    item.summary(entry.summary)
    item.content(entry.content, type="html")
    item.published(entry.published)
    item.updated(entry.updated)
    if entry.enclosure:
        item.enclosure(entry.enclosure.url, str(entry.enclosure.length), entry.enclosure.media_type)
    return item


def _reread(data: bytes) -> Any:
    """The root element, which feedgen leaves without the further namespaces."""
    found = etree.fromstring(data)
    root = etree.Element(found.tag, found.attrib, nsmap={**found.nsmap, **_NAMESPACES})
    root[:] = list(found)
    return root


def _link(rel: str, href: str, **attributes: str) -> Any:
    return etree.Element(f"{_ATOM}link", {"rel": rel, "href": href, **attributes})


def _links(document: Document, media_type: str) -> list[Any]:
    """To itself, to its hub, and to the other documents of its feed."""
    further = {"prev-archive": document.previous, "next-archive": document.next, "current": document.current}
    return [
        _link("self", document.address, type=media_type),
        *([_link("hub", document.hub)] if document.hub else []),
        *(_link(rel, href, type=media_type) for rel, href in further.items() if href),
    ]


def _paging(document: Document) -> list[Any]:
    name = "complete" if document.complete else "archive" if document.current else ""
    return [etree.Element(_PAGING + name)] if name else []


def _mend(element: Any, entry: Entry, document: Document) -> None:
    """An Atom entry's language, links and picture."""
    if entry.language != document.language:
        element.set(_LANGUAGE, entry.language)
    for link in element.findall(f"{_ATOM}link"):
        element.remove(link)
    if entry.url:
        element.append(_link("alternate", entry.url, type="text/html"))
    if file := entry.enclosure:
        element.append(_link("enclosure", file.url, type=file.media_type, length=str(file.length)))
    _picture(element, entry.image)


def _picture(element: Any, image: Image | None) -> None:
    if image:
        size = {"width": str(image.width), "height": str(image.height)}
        kind = {"type": image.media_type, "medium": "image"}
        etree.SubElement(element, f"{_MEDIA}content", {"url": image.path, **kind, **size})


def _written(root: Any, document: Document) -> bytes:
    etree.cleanup_namespaces(root)
    etree.indent(root)
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{document.style}"'))
    found: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return found
