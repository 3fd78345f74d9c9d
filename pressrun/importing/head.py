"""What a web page says of itself: in its head, in its data for search engines, and beside its heading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from justhtml import Node

from pressrun.importing import fields
from pressrun.importing.elements import attribute, select, words
from pressrun.importing.words import is_by_machine

#: kinds of schema.org's that an article may be, the surest first
_KINDS = (re.compile("Article$|Posting$|Report$"), re.compile("WebPage$|CreativeWork$"))
#: names of a page's dates
_PUBLISHED = (
    "article:published_time", "date", "dc.date", "dc.date.issued", "dcterms.date", "dcterms.created", "pubdate",
    "publish-date", "parsely-pub-date", "citation_publication_date",
)  # fmt: skip
_CHANGED = ("article:modified_time", "og:updated_time", "last-modified", "dcterms.modified")
_BETWEEN = re.compile(r"\s+[|»·•–—-]+\s+|\s*::\s*")
_BY = re.compile(r"^(?:(?:written |posted |published )?by|von|por|par)\s*:?\s+", re.IGNORECASE)
_FOLLOWED = re.compile(r"\s+(?:on|am|le)\s+\w+ \d.*$|\s*[|·•].*$", re.IGNORECASE | re.DOTALL)
_AND = re.compile(r"\s+(?:and|&|und|y|et)\s+|\s*;\s*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass
class Head:
    """A page's own words about it."""

    page: Node
    meta: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)

    def values(self, title: str) -> dict[str, Any]:
        """By the contract's keys; without what the page does not say."""
        date = self._date(("datePublished", "dateCreated"), _PUBLISHED)
        date = date or fields.moment(self._element("[itemprop=datePublished], time[pubdate], article time, time"))
        updated = self._date(("dateModified",), _CHANGED)
        found = {
            "title": title,
            "summary": self._said("description", "og:description", "twitter:description", "dc.description")
            or _text(self.data.get("description")),
            "authors": self.authors(),
            "date": date,
            "updated": updated if updated[:10] > date[:10] else "",
            "language": self._language(),
            "category": self._said("article:section") or _text(self.data.get("articleSection")),
            "tags": self._tags(),
            "image": self._image(),
        }
        return {key: value for key, value in found.items() if value}

    def addresses(self) -> list[str]:
        """Where it stood until now."""
        canonical = self.page.query_one("link[rel~=canonical]")
        urls = [
            attribute(canonical, "href") if isinstance(canonical, Node) else "",
            self._said("og:url"),
            _text(self.data.get("url")),
        ]
        return list(dict.fromkeys(url for url in urls if url and urlsplit(url).path.strip("/")))

    def title(self) -> str:
        """Its main heading, or else what it calls itself, without the site's name."""
        whole = words(node) if isinstance(node := self.page.query_one("head title, title"), Node) else ""
        called = [text for text in (self._said("og:title", "twitter:title", "dc.title"), whole) if text]
        heads = [text for node in select(self.page, "h1") if (text := words(node))]
        fitting = [head for text in called for head in heads if _fits(head, text)]
        if fitting:
            return fitting[0]
        return self._without_site(called[0]) if called else heads[0] if heads else ""

    def authors(self) -> list[str]:
        given = self.data.get("author") or self.data.get("creator")
        byline = "[itemprop=author] [itemprop=name], [rel~=author], [itemprop=author], .byline, .author"
        found = [
            [name for one in (given if isinstance(given, list) else [given]) if (name := _author(one))],
            *(self.meta.get(name, []) for name in ("author", "article:author", "dc.creator")),
            [self._element(byline)],
        ]
        names = [
            [
                part
                for name in said
                if not name.startswith("http")
                for part in _AND.split(_bare(name))
                if not is_by_machine(part)
            ]
            for said in found
        ]
        return list(dict.fromkeys(next(filter(None, names), [])))

    # ---- where it says so

    def _said(self, *names: str) -> str:
        return next((text for name in names for text in self.meta.get(name, []) if text), "")

    def _element(self, selector: str) -> str:
        node = self.page.query_one(selector)
        if not isinstance(node, Node):
            return ""
        return attribute(node, "datetime") or attribute(node, "content") or words(node)

    def _date(self, keys: Iterable[str], names: Iterable[str]) -> str:
        said = [
            *(_text(self.data.get(key)) for key in keys),
            *(text for name in names for text in self.meta.get(name, [])),
        ]
        return next((found for text in said if (found := fields.moment(text.replace("/", "-")))), "")

    def _language(self) -> str:
        root = self.page.query_one("html")
        said = (attribute(root, "lang") or attribute(root, "xml:lang")) if isinstance(root, Node) else ""
        tag = (said or self._said("og:locale", "content-language")).replace("_", "-")
        return tag if _LANGUAGE.fullmatch(tag) else ""

    def _tags(self) -> list[str]:
        links = [words(node) for node in select(self.page, "a[rel~=tag]")]
        said = [*self.meta.get("article:tag", []), *(links or self.meta.get("keywords", []))]
        return list(
            dict.fromkeys(tag.strip() for text in said for tag in text.split(",") if 0 < len(tag.strip()) < 60)
        )[:12]

    def _image(self) -> dict[str, str]:
        src = self._said("og:image", "og:image:url", "twitter:image", "twitter:image:src")
        alt = self._said("og:image:alt", "twitter:image:alt")
        return {"src": src} | ({"alt": alt} if alt else {}) if src else {}

    def _without_site(self, title: str) -> str:
        site, parts = self._said("og:site_name", "application-name"), _BETWEEN.split(title)
        kept = [part for part in parts if part.casefold() != site.casefold()]
        if len(kept) == len(parts) > 1 and len(parts[-1].split()) <= 5:
            kept = parts[:-1]
        # What stands between the parts that are kept is the author's.
        return title[: title.rfind(kept[-1]) + len(kept[-1])][title.find(kept[0]) :] if kept else title


def _fits(head: str, title: str) -> bool:
    """Whether a heading says what the title says, and is no more than a site's name in it."""
    head, title = (" ".join(text.casefold().split()) for text in (head, title))
    ours, others = set(re.findall(r"\w+", head)), set(re.findall(r"\w+", title))
    return (
        title.startswith(head)
        or (head in title and len(head) > len(title) * 0.6)
        or len(ours & others) * 2 > max(len(ours), len(others))
    )


def read(page: Node) -> Head:
    head = Head(page)
    for node in select(page, "meta"):
        said = (attribute(node, key) for key in ("property", "name", "itemprop", "http-equiv"))
        name = next(filter(None, said), "")
        if name and (text := " ".join((attribute(node, "content") or "").split())):
            head.meta.setdefault(name.lower(), []).append(text)
    for node in select(page, "script"):
        if "ld+json" in (attribute(node, "type") or ""):
            head.data = head.data or _article(str(node.to_text(separator="")))
    return head


def _article(text: str) -> dict[str, Any]:
    """What structured data says of the article, its references to authors followed."""
    try:
        known = list(_things(json.loads(re.sub(r"<!\[CDATA\[|\]\]>", "", text), strict=False)))
    except ValueError:
        return {}
    named = {thing["@id"]: thing for thing in known if "name" in thing and isinstance(thing.get("@id"), str)}
    things = (thing for kind in _KINDS for thing in known if kind.search(_text(thing.get("@type"))))
    found = next(things, {})
    given = found.get("author")
    authors = given if isinstance(given, list) else [given] if given else []
    return found | {"author": [named.get(one.get("@id", ""), one) if isinstance(one, dict) else one for one in authors]}


def _things(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        for part in data:
            yield from _things(part)
    elif isinstance(data, dict):
        yield data
        for part in data.values():
            yield from _things(part)


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next(iter(value), "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def _author(value: Any) -> str:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _bare(name: str) -> str:
    """A name without the words around it in a byline."""
    return _FOLLOWED.sub("", _BY.sub("", name.strip()))[:80].strip(" ,")
