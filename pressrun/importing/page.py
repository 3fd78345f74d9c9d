"""A web page, saved as a file, to a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from justhtml import Element, JustHTML, Node

from pressrun import markup
from pressrun.importing import citations, content, head, html, post, words
from pressrun.importing.draft import Draft
from pressrun.importing.elements import Source, attribute, descendants, followed
from pressrun.importing.elements import words as said

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read(path: Path, data: bytes, *, source: str = "") -> Draft:
    """The article in a page of HTML, without the parts that stand around it."""
    source = source or str(path)
    text = decoded(data)
    page = JustHTML(text, sanitize=False, track_node_locations=True, scripting_enabled=False).root
    about = head.read(page)
    title = about.title()
    values = about.values(title)
    article, gone = content.find(page)
    notes = content.told(gone)
    drop_title(article, title)
    sources = citations.take(article)
    items = html.items(Source(text, top=level(article), follow=inside(article)), [article])
    if sources:
        values["sources"] = sources
        notes.append(cited(len(sources)))
    if "summary" not in values and (begins := words.summary(post.paragraphs(items))):
        values["summary"] = begins
        notes.append("Its summary is made of its first paragraph.")
    addresses = [urlsplit(address).path for address in about.addresses()]
    return Draft(source, _slug(path, addresses), values, items, notes=notes, addresses=addresses, text=text)


def decoded(data: bytes) -> str:
    """The text of a page in the encoding that it names, or else in UTF-8, or else in that of Windows."""
    named = JustHTML(data[:2048], sanitize=False).encoding or "windows-1252"
    said_so = re.search(rb"charset|^\xef\xbb\xbf|^\xff\xfe|^\xfe\xff", data[:2048])
    for encoding in (named, "utf-8") if said_so else ("utf-8",):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def cited(count: int) -> str:
    many = f"Its {count} footnotes are its sources now: take out what is no source."
    return many if count > 1 else "Its footnote is its source now: take it out if it is none."


def drop_title(article: Node, title: str) -> None:
    """Takes the heading that says the title out of the text."""
    for node in article.query("h1, h2"):
        if isinstance(node, Node) and said(node).casefold() == title.casefold() and node.parent:
            node.parent.remove_child(node)
            return


def level(article: Node) -> int:
    """The highest level of its headings."""
    return min((int(node.name[1]) for node in descendants(article) if node.name in _HEADINGS and said(node)), default=2)


def inside(article: Node) -> Callable[[str], str]:
    """Where links inside the text lead: to our anchor of a heading; links to other places of it lead nowhere."""
    anchors = {
        name: markup.anchor(said(node))
        for node in descendants(article)
        if isinstance(node, Node) and node.name in _HEADINGS
        for name in _names(node)
    }

    def follow(href: str) -> str:
        if not href.startswith("#"):
            return followed(href)
        return f"#{anchors[href[1:]]}" if href[1:] in anchors else ""

    return follow


def _names(heading: Node) -> Iterator[str]:
    """What links call a heading: its own id, that of an anchor in it, or of the section that it begins."""
    parts = [heading, *(one for one in heading.query("[id], a[name]") if isinstance(one, Node))]
    above = [one for one in (heading.parent.children or () if heading.parent else ()) if isinstance(one, Element)]
    parts += [heading.parent] if heading.parent and above[:1] == [heading] else []
    yield from (name for part in parts for key in ("id", "name") if (name := attribute(part, key)))


def _slug(path: Path, addresses: list[str]) -> str:
    """The last part of its address, or its file's name."""
    stem = path.parent.name if path.stem.lower() in ("index", "default") and path.parent.name else path.stem
    parts = [re.sub(r"\.\w+$", "", address.rstrip("/").rpartition("/")[2]) for address in addresses]
    return next((part for part in parts if markup.is_slug(part)), markup.slugify(stem))
