"""Rules for what a document says of itself, and for where it leads."""

from __future__ import annotations

import re
from pathlib import Path

from pressrun.proof.feed.document import Document, moment
from pressrun.proof.feed.rules import Found, Rule, Shelf

#: RFC 4151
TAG = re.compile(r"tag:([\w.-]+),(\d{4}(?:-\d\d(?:-\d\d)?)?):[\w.~!$&'()*+,;=:@/?%-]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_VERSIONS = {"RSS": "2.0", "Atom": "1.0", "JSON": "https://jsonfeed.org/version/1.1"}
_ENDINGS = {"RSS": "{}.xml", "Atom": "{}.atom.xml", "JSON": "{}.json"}
_MAIN = {"RSS": "feed.xml", "Atom": "atom.xml", "JSON": "feed.json"}
_ICON = 144


def _version(document: Document, _: Shelf) -> Found:
    if document.version != _VERSIONS[document.kind]:
        yield f"It says that it is version '{document.version}'."


def _title(document: Document, _: Shelf) -> Found:
    for name, text in (("title", document.title), ("description", document.about)):
        if not text or "<" in text:
            yield f"Its {name} is '{text}'."


def _self(document: Document, shelf: Shelf) -> Found:
    if document.links.get("self") != [shelf.url(document.path)]:
        yield f"It says that it lies at {document.links.get('self', [])}."


def _home(document: Document, shelf: Shelf) -> Found:
    known = [f"{shelf.asked.base_url}/{folder}" for folder in ("", document.folder)]
    if len(document.homes) != 1 or document.homes[0] not in known:
        yield f"It leads people to {list(document.homes)}."


def _id(document: Document, shelf: Shelf) -> Found:
    if document.kind != "Atom":
        return
    others = [other for other in shelf.documents.values() if other.id == document.id and other.kind == "Atom"]
    if not TAG.fullmatch(document.id) or any(other.folder != document.folder for other in others):
        yield f"Its id is '{document.id}'."


def _hub(document: Document, shelf: Shelf) -> Found:
    main = not document.folder and not document.archived
    if document.links.get("hub", []) != ([shelf.asked.hub] if shelf.asked.hub and main else []):
        yield f"Its hub is {document.links.get('hub', [])}."


def _language(document: Document, shelf: Shelf) -> Found:
    spoken = document.folder.removeprefix("language/").rstrip("/") if document.folder.startswith("language/") else ""
    if document.language.lower() != (spoken or shelf.asked.language.lower()):
        yield f"Its language is '{document.language}'."


def _imprint(document: Document, _: Shelf) -> Found:
    """JSON Feed has no words for these."""
    if document.kind != "JSON" and not (document.rights and document.generator):
        yield "It does not say who made it, or whose it is."
    if document.kind == "RSS" and not document.minutes.isdigit():
        yield f"Readers may keep it for '{document.minutes}' minutes."


def _author(document: Document, _: Shelf) -> Found:
    if document.kind != "RSS" and not any(document.authors):
        yield "It has no author."


def _icon(document: Document, shelf: Shelf) -> Found:
    if not document.icons:
        yield "It has no icon."
    for url in document.icons:
        if not lies(url, shelf):
            yield f"Its icon {url} is not there."
    image = document.image
    if document.kind != "RSS" or not image:
        return
    sides = [image.get(name, "") for name in ("width", "height")]
    if not all(side.isdigit() and 0 < int(side) <= _ICON for side in sides):
        yield f"Its image measures {sides[0]} by {sides[1]}."
    if image.get("title") != document.title or image.get("link") not in document.homes:
        yield "Its image has not the title and link of the feed."


def lies(url: str, shelf: Shelf) -> Path | None:
    """The file behind an address of the site."""
    path = shelf.asked.live / url.removeprefix(f"{shelf.asked.base_url}/")
    return path if url.startswith(f"{shelf.asked.base_url}/") and path.is_file() else None


def _style(document: Document, shelf: Shelf) -> Found:
    if document.kind == "JSON":
        return
    beside = (shelf.asked.live / f"feed/{document.path}").parent
    if not document.style or ":" in document.style or not (beside / document.style).is_file():
        yield f"Its style sheet is '{document.style}'."


def _dates(document: Document, shelf: Shelf) -> Found:
    """Of the newest entry; what RSS does not say of an entry, the same document in Atom does."""
    if document.kind == "JSON":
        return
    twin = shelf.documents.get(_beside(document, "Atom"), document)
    pairs = [("updated", document.updated, [(entry.updated, twin.kind) for entry in twin.entries])]
    if document.kind == "RSS":
        pairs.append(("published", document.published, [(entry.published, "RSS") for entry in document.entries]))
    for name, text, dates in pairs:
        newest = max(filter(None, (moment(*date) for date in dates)), default=None)
        found = moment(text, document.kind)
        if found is None or (newest and found != newest) or found > shelf.asked.now:
            yield f"It was {name} at '{text}'."


def _beside(document: Document, kind: str) -> str:
    """The path of the same document in another format."""
    if not document.archived:
        return document.folder + _MAIN[kind]
    return f"{document.folder}archive/{_ENDINGS[kind].format(number(document))}"


def number(document: Document) -> int:
    """Of an archive document."""
    found = re.search(r"archive/(\d+)\.", document.path)
    return int(found[1]) if found else 0


def _same(document: Document, shelf: Shelf) -> Found:
    for kind in _MAIN:
        other = shelf.documents.get(_beside(document, kind))
        if other is None:
            yield f"It is not there as {kind}."
            continue
        said = [[(entry.id, entry.title, entry.content, entry.authors) for entry in one.entries]
                for one in (document, other)]  # fmt: skip
        dates = [[moment(entry.published, one.kind) for entry in one.entries] for one in (document, other)]
        if said[0] != said[1] or dates[0] != dates[1] or document.title != other.title:
            yield f"It does not say the same as {other.path}."


def _paging(document: Document, shelf: Shelf) -> Found:
    """RFC 5005; JSON Feed leads to what is older alone."""
    siblings = [other for other in shelf.documents.values()
                if other.folder == document.folder and other.kind == document.kind]  # fmt: skip
    last, own = max((number(other) for other in siblings), default=0), number(document)
    before = own - 1 if own else last
    wanted = {"prev-archive": before}
    if document.kind != "JSON":
        wanted |= {"next-archive": own + 1 if own and own < last else 0}
        current = [shelf.url(document.folder + _MAIN[document.kind])] if own else []
        if document.links.get("current", []) != current:
            yield f"It leads to what to subscribe to by {document.links.get('current', [])}."
        if document.marks != ({"archive"} if own else set() if last else {"complete"}):
            yield f"It is marked as {sorted(document.marks)}."
    for rel, at in wanted.items():
        path = f"{document.folder}archive/{_ENDINGS[document.kind].format(at)}"
        if document.links.get(rel, []) != ([shelf.url(path)] if at else []) or (at and path not in shelf.documents):
            yield f"Its {rel} is {document.links.get(rel, [])}."


RULES = (
    Rule("feed-version", "It must be RSS 2.0, Atom 1.0 or JSON Feed 1.1.", _version),
    Rule("feed-title", "It needs a title and a description, in plain text.", _title),
    Rule("feed-self", "It must name its own address.", _self),
    Rule("feed-home", "It must lead to one page: the home page, or that of the same articles.", _home),
    Rule("feed-id", "It must be a tag: URI (RFC 4151), another for each feed.", _id),
    Rule("feed-hub", "The feeds of the whole site name the hub of site.yaml, and no others.", _hub),
    Rule("feed-language", "It must name the language of its titles.", _language),
    Rule("feed-imprint", "It must name its maker, its owner and, in RSS, how long it may be kept.", _imprint),
    Rule("feed-author", "It must name its author, for entries that have none.", _author),
    Rule("feed-icon", "It needs an icon of the live site, in RSS of 144 pixels at most with the feed's words.", _icon),
    Rule("feed-style", "Browsers need a style sheet that lies beside it.", _style),
    Rule("feed-dates", "Its date is that of the newest entry, never that of a build.", _dates),
    Rule("feed-same", "RSS, Atom and JSON Feed must hold the same entries in the same order.", _same),
    Rule("feed-paging", "Its documents must lead to each other as RFC 5005 has it.", _paging),
)
