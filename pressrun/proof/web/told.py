"""Rules for what a page tells search engines, previews and feed readers: that must be there, and true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from PIL import Image, UnidentifiedImageError

from pressrun.proof.web.page import Page, listed, said
from pressrun.proof.web.rules import ERROR, WARN, Asked, Found, Rule

#: characters; what is longer is cut off by search engines
_TITLE = (15, 70)
_DESCRIPTION = (70, 165)
_HEADLINE = 110
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
#: 1.91 : 1, as previews show it
_CARD = (1200, 630)
_DISCREET = ("strict-origin-when-cross-origin", "strict-origin", "same-origin", "no-referrer")
_SCHEMA = ("https://schema.org", "http://schema.org")
_PAGES = ("WebPage", "MedicalWebPage")
_WANTED = {"Article": ("headline", "image", "datePublished", "dateModified", "author", "publisher"),
           "WebPage": ("name", "url", "inLanguage"), "MedicalWebPage": ("name", "url", "inLanguage")}  # fmt: skip


def _title(page: Page, _: Asked) -> Found:
    """Of an article, without the site's name behind it."""
    if page.tells:
        title = page.meta("og:title")
        if not page.title.startswith(title):
            yield 0, f"Its title is '{page.title}', elsewhere '{title}'."
        elif not _TITLE[0] <= len(title) <= _TITLE[1]:
            yield 0, f"Its title has {len(title)} characters."


def _description(page: Page, _: Asked) -> Found:
    found = page.metas("description")
    if page.indexed and len(found) != 1:
        yield 0, f"It has {len(found)} descriptions."
    elif page.indexed and not _DESCRIPTION[0] <= len(found[0]) <= _DESCRIPTION[1]:
        yield 0, f"Its description has {len(found[0])} characters."


def _canonical(page: Page, asked: Asked) -> Found:
    found = [link.get("href") or "" for link in page.links("canonical")]
    if page.indexed and found != [asked.url(page.path)]:
        yield 0, f"It says that its address is {found}."
    elif not page.indexed and not all(one.startswith(f"{asked.base_url}/") for one in found):
        yield 0, f"It sends search engines to {found}."


def _robots(page: Page, asked: Asked) -> Found:
    found = page.metas("robots")
    if len(found) != 1:
        yield 0, f"It speaks to search engines {len(found)} times."
    if page.indexed != (asked.url(page.path) in asked.mapped):
        yield 0, f"'{page.meta('robots')}', and the map of the site {'lacks' if page.indexed else 'names'} it."


def _colours(page: Page, _: Asked) -> Found:
    if page.signpost:
        return
    media = page.all("//meta[@name='theme-color']/@media")
    if page.meta("color-scheme") != "light dark" or len(media) != 2:
        yield 0, f"It says '{page.meta('color-scheme')}', with {len(media)} colors."


def _icons(page: Page, _: Asked) -> Found:
    if not page.links("icon"):
        yield 0, "It has no icon."


def _referrer(page: Page, _: Asked) -> Found:
    if not page.signpost and page.meta("referrer") not in _DISCREET:
        yield 0, f"It says '{page.meta('referrer')}'."


def _feeds(page: Page, _: Asked) -> Found:
    if page.indexed:
        found = [link for link in page.links("alternate") if link.get("type") in _FEEDS]
        if [link.get("type") for link in found] != list(_FEEDS) or not all(link.get("title") for link in found):
            yield 0, f"It names {[link.get('type') for link in found]}."


def _previews(page: Page, _: Asked) -> Found:
    if not page.indexed:
        return
    names = ("og:type", "og:site_name", "og:title", "og:description", "og:url", "og:locale")
    for name in (*names, *(("og:image", "og:image:alt") if page.tells else ())):
        if len(page.metas(name)) != 1 or not page.meta(name).strip():
            yield 0, f"It says {name} {len(page.metas(name))} times: '{page.meta(name)}'."


def _agreed(page: Page, asked: Asked) -> Found:
    if not page.indexed:
        return
    wanted = {"og:url": asked.url(page.path), "og:description": page.meta("description"),
              "og:locale": (page.root.get("lang") or "").replace("-", "_")}  # fmt: skip
    if page.tells:
        wanted["og:title"] = _head(page)
    for name, value in wanted.items():
        if value and page.meta(name) not in {"", value}:
            yield 0, f"{name} is '{page.meta(name)}', not '{value}'."


def _head(page: Page) -> str:
    return next((said(head) for head in page.root.iter("h1")), "")


def _card(page: Page, asked: Asked) -> Found:
    address = page.meta("og:image")
    if not address:
        return
    file = asked.file(address)
    true = _size(file) if file else None
    told = page.meta("og:image:width"), page.meta("og:image:height")
    if true is None:
        yield 0, f"Its picture '{address}' is none of the site."
    elif true != _CARD or told != tuple(map(str, true)):
        yield 0, f"Its picture is {true[0]} by {true[1]}, and said to be {told[0]} by {told[1]}."


def _size(file: Any) -> tuple[int, int] | None:
    try:
        with Image.open(file) as image:
            return image.size
    except UnidentifiedImageError:
        return None


def _twitter(page: Page, _: Asked) -> Found:
    if page.tells and page.metas("twitter:card") != ["summary_large_image"]:
        yield 0, f"It asks for {page.metas('twitter:card')}."


def _pdf(page: Page, asked: Asked) -> Found:
    for link in page.links("alternate"):
        if link.get("type") == "application/pdf":
            file = asked.file(page.address(link.get("href", "")))
            if not link.get("title") or (file and file.read_bytes()[:5] != b"%PDF-"):
                yield link.sourceline, f"'{link.get('href')}' has no title, or is no PDF."


# ---- for machines


def _readable(page: Page, _: Asked) -> Found:
    if page.tells and len(page.data_blocks) != 1:
        yield 0, f"It tells machines {len(page.data_blocks)} times what it is."
    for block in page.data_blocks:
        text = block.text or ""
        try:
            found = json.loads(text)
        except ValueError as error:
            yield block.sourceline, f"It cannot be read: {error}."
            continue
        if not isinstance(found, dict) or found.get("@context") not in _SCHEMA:
            yield block.sourceline, "It does not say that its words are those of schema.org."
        if "<" in text:
            yield block.sourceline, "It holds '<', which may end it early."


def _complete(page: Page, _: Asked) -> Found:
    if not page.tells or not page.graph:
        return
    for kinds in (("Article",), _PAGES):
        if len(page.nodes(*kinds)) != 1:
            yield 0, f"It tells of {len(page.nodes(*kinds))} {kinds[0]}."
    for kind, names in _WANTED.items():
        for node in page.nodes(kind):
            yield from ((0, f"{kind} lacks {name}.") for name in names if not node.get(name))


def _pointed(page: Page, asked: Asked) -> Found:
    """A node may point at one of another page, but not at one of its own that is not there."""
    nodes = [node for outer in page.graph for node in _nodes(outer)]
    ids = [node["@id"] for node in nodes if "@id" in node and len(node) > 1]
    yield from ((0, f"Two nodes are '{one}'.") for one in sorted({one for one in ids if ids.count(one) > 1}))
    for node in nodes:
        target = node.get("@id", "")
        if len(node) == 1 and target.partition("#")[0] in {page.url, f"{asked.base_url}/"} and target not in ids:
            yield 0, f"It points at '{target}', which is not there."


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """A node, and those in it."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(inner)


def _true(page: Page, _: Asked) -> Found:
    """Machines are told nothing that people are not."""
    told: list[tuple[str, Any]] = []
    for node in page.nodes("Article"):
        told += [("headline", node.get("headline")), ("description", node.get("description"))]
        told += [(key, one.get("name")) for key in ("author", "citation") for one in _each(node, key)]
        told += [("correction", one.get("text")) for one in _each(node, "correction")]
        told += [("keywords", one) for one in listed(node.get("keywords"))]
    for node in page.nodes(*_PAGES) if page.tells else ():
        told += [("name", node.get("name"))]
        told += [(key, one.get("name")) for key in ("reviewedBy", "hasPart") for one in _each(node, key)]
    for key, words in told:
        if isinstance(words, str) and " ".join(words.split()) not in page.shown:
            yield 0, f"Its text does not say '{words}' ({key})."
    for node in page.nodes("Article"):
        if node.get("headline") not in {None, _head(page)} or len(node.get("headline") or "") > _HEADLINE:
            yield 0, f"Its headline is '{node.get('headline')}'."


def _each(node: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    return (one for one in listed(node.get(key)) if isinstance(one, dict))


def _moments(page: Page, asked: Asked) -> Found:
    shown = page.all("//main//time/@datetime")
    for node in page.nodes("Article"):
        dates = [str(node.get(key, "")) for key in ("datePublished", "dateModified")]
        found = [_moment(one) for one in dates]
        if None in found or found != sorted(one for one in found if one) or (found[-1] or asked.now) > asked.now:
            yield 0, f"It was published {dates[0]} and changed {dates[1]}."
        yield from ((0, f"Its text does not show {one}.") for one in dates if one not in shown)
        preview = [page.meta(f"article:{key}_time") for key in ("published", "modified")]
        if any(one and one not in dates for one in preview):
            yield 0, f"Previews are told {preview}, search engines {dates}."
    days = [one[:10] for one in shown]
    for node in page.nodes(*_PAGES):
        if (day := node.get("lastReviewed")) and day[:10] not in days:
            yield 0, f"Its text does not show that it was reviewed on {day}."


def _moment(text: str) -> datetime | None:
    """None for what is no instant with a zone."""
    if not re.match(r"\d{4}-\d\d-\d\dT", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _crumbs(page: Page, _: Asked) -> Found:
    for node in page.nodes("BreadcrumbList"):
        found = list(_each(node, "itemListElement"))
        positions = [one.get("position") for one in found]
        if positions != list(range(1, len(found) + 1)) or not all(one.get("name") for one in found):
            yield 0, f"Its steps are {positions}."
        elif found and found[-1].get("item", page.url) != page.url:
            yield 0, f"Its path ends at '{found[-1]['item']}'."


RULES = (
    Rule(
        "page-title-length",
        WARN,
        "search engines' practice",
        "An article's title must lead, and have 15 to 70 characters.",
        _title,
    ),
    Rule(
        "page-description",
        WARN,
        "HTML 4.2.5.1",
        "What search engines show needs one description of 70 to 165 characters.",
        _description,
    ),
    Rule(
        "page-canonical",
        ERROR,
        "RFC 6596",
        "It must name its own whole address, or, kept from search engines, one of the site.",
        _canonical,
    ),
    Rule(
        "page-robots",
        ERROR,
        "sitemaps.org",
        "It must say once whether search engines may show it, and the map of the site the same.",
        _robots,
    ),
    Rule(
        "page-colors", ERROR, "HTML 4.2.5.1", "It must say that it is light and dark, with a color for each.", _colours
    ),
    Rule("page-icon", ERROR, "HTML 4.6.7.8", "It needs an icon, or browsers ask for one in vain.", _icons),
    Rule(
        "page-referrer",
        ERROR,
        "Referrer Policy 3",
        "Other sites must not learn which page somebody came from.",
        _referrer,
    ),
    Rule(
        "page-feeds",
        ERROR,
        "RSS Advisory Board, autodiscovery",
        "It must lead to the RSS, Atom and JSON feed, with titles.",
        _feeds,
    ),
    Rule("page-preview", ERROR, "Open Graph, ogp.me", "Previews elsewhere need these once, and not empty.", _previews),
    Rule(
        "page-preview-true", ERROR, "Open Graph, ogp.me", "Previews elsewhere must say the same as the page.", _agreed
    ),
    Rule(
        "page-card",
        ERROR,
        "Open Graph, ogp.me",
        "A preview's picture must be one of the site, 1200 by 630, as it says.",
        _card,
    ),
    Rule(
        "page-card-kind",
        ERROR,
        "X Cards markup",
        "An article must ask for a large picture (summary_large_image).",
        _twitter,
    ),
    Rule("page-handout", ERROR, "HTML 4.6.7.1", "A handout needs a title and must be a PDF.", _pdf),
    Rule(
        "page-data",
        ERROR,
        "JSON-LD 1.1, 7",
        "An article needs one block of JSON-LD for schema.org, without '<'.",
        _readable,
    ),
    Rule("page-data-complete", ERROR, "Search Central, article", "Search engines need all of these.", _complete),
    Rule("page-data-nodes", ERROR, "JSON-LD 1.1, 3.3", "Each node must be there once.", _pointed),
    Rule(
        "page-data-true",
        ERROR,
        "Search Central, general guidelines",
        "Machines must be told what people are shown.",
        _true,
    ),
    Rule(
        "page-data-dates",
        ERROR,
        "schema.org/datePublished",
        "Dates must have a zone and be shown: published, then changed, by now.",
        _moments,
    ),
    Rule(
        "page-data-path",
        ERROR,
        "Search Central, breadcrumb",
        "A path needs names and numbers from 1, and ends at the page.",
        _crumbs,
    ),
)
