"""A web page, saved as a file, to a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from justhtml import Element, JustHTML, Node

from pressrun import markup
from pressrun.importing import citations, content, fields, head, html, post, words
from pressrun.importing.draft import Draft, Item
from pressrun.importing.elements import Source, attribute, descendants, followed, out, parts, select
from pressrun.importing.elements import words as said
from pressrun.importing.embedded import Embedded

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
#: what browsers take for the encoding of Windows
_LATIN = dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252")
#: no picture is written in so few characters
_PLACEHOLDER = 200
#: how many lines may stand between a title and the text
_FRONT = 8
#: classes of lines that say who wrote it, and when
_CREDITS = {"author", "authors", "byline", "date", "dateline", "posted-on", "published", "entry-date", "entry-meta"}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read(path: Path, data: bytes, *, source: str = "") -> Draft:
    """The article in a page of HTML, without the parts that stand around it."""
    source = source or str(path)
    text = decoded(data)
    page = JustHTML(text, sanitize=False, track_node_locations=True, scripting_enabled=False).root
    about = head.read(page)
    title = about.title() or re.sub(r"[-_\s]+", " ", path.stem).strip().capitalize()
    values, guessed = about.values(title), {}
    article, gone = content.find(page)
    notes = content.told(gone)
    _drop_front(article, values)
    _mend_lists(article)
    sources = citations.take(article)
    addresses = [urlsplit(address).path for address in about.addresses()]
    embedded = Embedded(slug := _slug(path, addresses))
    _take_pictures(article, embedded)
    about_it = Source(text, top=level(article), follow=inside(article), notes=notes)
    found = html.lined(about_it, [article])
    items, lines = [item for item, _ in found], [line for _, line in found]
    if sources:
        values["sources"] = sources
        notes.append(cited(len(sources)))
    if "summary" not in values and (begins := summary(items)):
        values["summary"] = begins
        guessed["summary"] = words.FIRST
    return Draft(
        source, slug, values, items, embedded.taken, embedded.asked, notes, guessed, lines, addresses=addresses,
        text=text,
    )  # fmt: skip


def decoded(data: bytes) -> str:
    """The text of a page in the encoding that it names, or else in UTF-8, or else in that of Windows."""
    mark = next((name for sign, name in _MARKS if data.startswith(sign)), "")
    named = _CHARSET.search(data[:2048])
    said = mark or (named[1].decode().lower() if named else "utf-8")
    for encoding in (_LATIN.get(said, said), "utf-8"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def summary(items: list[Item]) -> str:
    """What the first paragraph says."""
    bare = [re.sub(r"\[\^\d+\]", "", item) if isinstance(item, str) else item for item in items]
    return words.summary(post.paragraphs(bare))


def cited(count: int) -> str:
    many = f"Its {count} footnotes are its sources now: take out what is no source."
    return many if count > 1 else "Its footnote is its source now: take it out if it is none."


def _drop_front(article: Node, values: dict[str, Any]) -> None:
    """Takes out of the text, at its beginning, what the keys say: title, authors, date; a subtitle is the summary."""
    names: list[str] = values.get("authors", [])
    known = {one.casefold() for one in (values.get("title", ""), *names, ", ".join(names))}
    heads = select(article, "h1, h2")
    if title := next((node for node in heads if said(node).casefold() == values.get("title", "").casefold()), None):
        out(title)
    leaves = select(article, "p, h3, h4, div, time, address, span")
    for node in [one for one in leaves if said(one) and not one.query("p, div, img")][:_FRONT]:
        text, classes = said(node), {*(attribute(node, "class") or "").lower().split()}
        dated = fields.moment(text)[:10] == str(values.get("date", ""))[:10] != ""
        credited = dated or (bool(classes & _CREDITS) and len(text.split()) < 13)
        above = "subtitle" in classes and values.setdefault("summary", text) == text
        if above or credited or re.sub("^by ", "", text.casefold()) in known:
            out(node)


def _take_pictures(article: Node, embedded: Embedded) -> None:
    """Pictures that the page itself holds; what is too short for one keeps a place for it until a script has run."""
    for node in select(article, "img[src^='data:']"):
        src, where = attribute(node, "src") or "", (node.origin_line or 0, node.origin_col or 0)
        named = embedded.written(src, attribute(node, "alt") or "", *where) if len(src) > _PLACEHOLDER else ""
        node.attrs = {**(node.attrs or {}), "src": named}


def _mend_lists(article: Node) -> None:
    """Lists that go on: LibreOffice writes an inner list as a list of nothing but a list, behind the outer one."""
    for node in select(article, "ul, ol"):
        before, inner, depth = _before(node), node, 1
        while len(found := parts(inner)) == 1 and found[0].name in ("ul", "ol"):
            inner, depth = found[0], depth + 1
        if before is None or before.name not in ("ul", "ol") or not parts(before):
            continue
        host = before
        for level in range(depth - 1):
            last = (parts(host) or [host])[-1]
            lists = [part for part in parts(last)[-1:] if part.name in ("ul", "ol")]
            if not lists or (level == depth - 2 and lists[0].name != inner.name):
                lists = [Element(inner.name, {}, "html")]
                last.append_child(lists[0])
            host = lists[0]
        if depth > 1 or attribute(node, "start") == str(len(parts(before)) + 1):
            for part in parts(inner):
                host.append_child(part)
            out(node)


def _before(node: Element) -> Element | None:
    """The element before one, if no words stand between."""
    beside = [child for child in (node.parent.children or () if node.parent else ()) if said(child)]
    at = beside.index(node) if node in beside else 0
    before = beside[at - 1] if at else None
    return before if isinstance(before, Element) else None


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
    named = [heading, *select(heading, "[id], a[name]")]
    named += [heading.parent] if heading.parent and parts(heading.parent)[:1] == [heading] else []
    yield from (name for part in named for key in ("id", "name") if (name := attribute(part, key)))


def _slug(path: Path, addresses: list[str]) -> str:
    """The last part of its address, or its file's name."""
    stem = path.parent.name if path.stem.lower() in ("index", "default") and path.parent.name else path.stem
    parts = [re.sub(r"\.\w+$", "", address.rstrip("/").rpartition("/")[2]) for address in addresses]
    return next((part for part in parts if markup.is_slug(part)), markup.slugify(stem))
