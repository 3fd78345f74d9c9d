"""Rules for the entries of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import lxml.html

from pressrun.proof.feed.document import Document, Entry, moment
from pressrun.proof.feed.head import LANGUAGE, TAG, lies, number
from pressrun.proof.feed.rules import Found, Rule, Shelf

_ELEMENTS = {
    "a", "aside", "bdi", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure",
    "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "span", "strong", "sup", "table", "tbody", "td", "th", "thead",
    "time", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"href", "src", "alt", "width", "height", "start", "scope", "cite", "lang", "dir", "datetime"}
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|&(?:#\d+|\w+);")


def _named(entry: Entry) -> str:
    return f"'{entry.title[:40]}'"


def _is_whole(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("https", "http") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _elements(entry: Entry) -> Iterator[Any]:
    if entry.content:
        root = lxml.html.fragment_fromstring(entry.content, create_parent="main")
        yield from (element for element in root.iter() if element is not root)


def _ids(document: Document, shelf: Shelf) -> Found:
    host = (urlsplit(shelf.asked.base_url).hostname or "").lower()
    for entry in document.entries:
        found = TAG.fullmatch(entry.id)
        if not found or found[1].lower() != host or "/" in entry.id:
            yield f"The id of {_named(entry)} is '{entry.id}'."
    seen = [entry.id for entry in document.entries]
    for twice in {name for name in seen if seen.count(name) > 1}:
        yield f"Two entries have the id '{twice}'."


def _form(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        yield from (f"{_named(entry)}: {oddity}." for oddity in entry.oddities)


def _titles(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        if not entry.title or _MARKUP.search(entry.title):
            yield f"An entry's title is '{entry.title}'."


def _links(document: Document, shelf: Shelf) -> Found:
    for entry in document.entries:
        own = all(url.startswith(f"{shelf.asked.base_url}/") and "#" not in url for url in entry.urls)
        if len(entry.urls) > 1 or not own:
            yield f"{_named(entry)} leads to {list(entry.urls)}."


def _words(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        if not entry.content or not entry.summary or _MARKUP.search(entry.summary):
            yield f"{_named(entry)} has not both."
        elif entry.summary == entry.content:
            yield f"{_named(entry)} has its text twice."


def _safe(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        for element in _elements(entry):
            if not isinstance(element.tag, str) or element.tag not in _ELEMENTS:
                yield f"{_named(entry)} holds <{element.tag}>."
            yield from (f"{_named(entry)} holds {name}=." for name in element.keys() if name not in _ATTRIBUTES)  # noqa: SIM118  # of lxml's kind


def _addresses(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        inside = [
            (name, value) for element in _elements(entry) for name, value in element.items()
            if name in ("href", "src", "cite")
        ]  # fmt: skip
        for name, value in inside:
            elsewhere = name == "href" and re.match(r"(?:tel|sms|mailto):.", value)
            if not _is_whole(value) and not elsewhere:
                yield f"{_named(entry)} leads to '{value}'."


def _pictures(document: Document, shelf: Shelf) -> Found:
    for entry in document.entries:
        for element in _elements(entry):
            sized = all(element.get(name) for name in ("width", "height", "src"))
            if element.tag == "img" and not (sized and "alt" in element.keys()):  # noqa: SIM118  # of lxml's kind
                yield f"A picture of {_named(entry)} lacks its size or its words."
        for url in entry.images:
            if not lies(url, shelf):
                yield f"The picture {url} of {_named(entry)} is not there."
        for width, height, kind in entry.sizes:
            if not (width.isdigit() and height.isdigit() and kind.startswith("image/")):
                yield f"The picture of {_named(entry)} lacks its size or its type."


def _enclosures(document: Document, shelf: Shelf) -> Found:
    for entry in document.entries:
        if len(entry.enclosures) > 1:
            yield f"{_named(entry)} has {len(entry.enclosures)} files."
        for url, kind, length in entry.enclosures:
            file = lies(url, shelf)
            if kind != "application/pdf" or file is None:
                yield f"{_named(entry)} comes with {url} ({kind})."
            elif length != str(file.stat().st_size):
                yield f"{_named(entry)} comes with a file of {file.stat().st_size} bytes and says '{length}'."


def _dates(document: Document, shelf: Shelf) -> Found:
    for entry in document.entries:
        texts = [entry.published, *([entry.updated] if document.kind != "RSS" else [])]
        found = [moment(text, document.kind) for text in texts]
        sound = [date for date in found if date]
        if None in found or sound != sorted(sound) or sound[-1] > shelf.asked.now:
            yield f"The dates of {_named(entry)} are {texts}."


def _instants(document: Document, _: Shelf) -> Found:
    seen = [entry.updated for entry in document.entries if document.kind == "Atom"]
    for twice in {text for text in seen if seen.count(text) > 1}:
        yield f"Two entries were updated at '{twice}'."


def _order(document: Document, _: Shelf) -> Found:
    dates = [moment(entry.published, document.kind) for entry in document.entries]
    sound = [date for date in dates if date]
    if sound != sorted(sound, reverse=True):
        yield "They do not stand by date."


def _authors(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        if not entry.authors or not all(entry.authors):
            yield f"{_named(entry)} does not say who wrote it."


def _terms(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        for term, scheme, label in entry.terms:
            if not (term and label) or (document.kind != "JSON" and not _is_whole(scheme)):
                yield f"{_named(entry)} has the category '{term}' ('{label}') of '{scheme}'."


def _languages(document: Document, _: Shelf) -> Found:
    for entry in document.entries:
        if entry.language and not LANGUAGE.fullmatch(entry.language):
            yield f"The language of {_named(entry)} is '{entry.language}'."
        if document.folder.startswith("language/") and entry.language:
            yield f"{_named(entry)} is in '{entry.language}'."


def _held(document: Document, shelf: Shelf) -> Found:
    """The feed of the whole site holds the newest articles; a feed's archive leaves no gap."""
    asked, ids = shelf.asked, [entry.id.rpartition(":")[2] for entry in document.entries]
    known = [name for name in asked.ids if name in ids]
    if ids != known:
        yield f"It holds {ids}."
    if document.archived:
        return
    if not document.folder and ids != list(asked.ids[: asked.limit]):
        yield f"Of {list(asked.ids[: asked.limit])}, it holds {ids}."
    if len(ids) > asked.limit:
        yield f"It holds {len(ids)} entries."
    if not document.folder and (lost := set(asked.ids) - set(ids) - _archived(document, shelf)):
        yield f"Neither it nor its archive holds {sorted(lost)}."


def _archived(document: Document, shelf: Shelf) -> set[str]:
    found = [
        other for other in shelf.documents.values()
        if other.archived and other.folder == document.folder and other.kind == document.kind
    ]  # fmt: skip
    return {entry.id.rpartition(":")[2] for other in sorted(found, key=number) for entry in other.entries}


def _notices(document: Document, shelf: Shelf) -> Found:
    for entry in document.entries:
        gone = entry.id.rpartition(":")[2] in shelf.asked.gone
        if gone and (entry.enclosures or entry.images or any(element.tag == "img" for element in _elements(entry))):
            yield f"{_named(entry)} was taken back and still has its files."


RULES = (
    Rule("entry-id", "Each must have a tag: URI of the site (RFC 4151) of its own.", _ids),
    Rule("entry-form", "It must be what its format asks for.", _form),
    Rule("entry-title", "It must be plain text: many readers show marks as they stand.", _titles),
    Rule("entry-link", "It must lead to its page on the site.", _links),
    Rule("entry-words", "Each needs its whole text, and a summary in plain text beside it.", _words),
    Rule("entry-safe", "Text must be plain HTML, without scripts, frames, forms and styles.", _safe),
    Rule("entry-address", "Every address in a text must be whole, for readers do not know where it stood.", _addresses),
    Rule(
        "entry-picture",
        "A picture needs its words (none for an ornament), its size and a file of the live site.",
        _pictures,
    ),
    Rule("entry-enclosure", "It may come with one PDF of the live site, whose length must be true.", _enclosures),
    Rule("entry-dates", "Dates must be as the format writes them: published, then updated, by now.", _dates),
    Rule("entry-instant", "Each needs an instant of its own, or readers see a mass change.", _instants),
    Rule("entry-order", "The newest must come first.", _order),
    Rule("entry-author", "Each must name its authors.", _authors),
    Rule("entry-category", "It needs a word for machines, one for people, and whose word it is.", _terms),
    Rule(
        "entry-language",
        "It must be a language tag, and that of the feed where the feed is of one language.",
        _languages,
    ),
    Rule("entry-held", "A feed must hold the newest articles, its archive the others, and nothing else.", _held),
    Rule("entry-notice", "Of what was withdrawn or has expired, a notice stays and nothing else.", _notices),
)
