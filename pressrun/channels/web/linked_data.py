"""What a page tells machines in schema.org's words (JSON-LD): nothing that it does not show people too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from pressrun.model import Article, Author, Heading, Publication, plain
from pressrun.outputs import Output

Node = dict[str, Any]

#: Google cuts longer ones (https://developers.google.com/search/docs/appearance/structured-data/article)
_LONGEST_HEADLINE = 110
#: words of a name that is no single person's
_GROUPS = frozenset({
    "team", "group", "staff", "editors", "board", "service", "committee", "council", "association", "library",
    "equipo", "redacción", "servicio", "comisión", "comité", "consejo", "asociación", "biblioteca",
    "فريق", "الفريق", "لجنة", "اللجنة", "مكتبة", "المكتبة",
})  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What the page of an article shows beside the article."""

    publication: Publication
    article: Article
    #: (name, whole address), from the home page to this one
    trail: Sequence[tuple[str, str]]
    #: the lead picture or the card: {url, width, height, caption, credit}
    picture: Node
    handouts: Sequence[Output]
    #: the article in its other languages
    translations: Sequence[Article]


def script(shown: Shown) -> Markup:
    """The graph as the content of a <script>, which no word in it can end."""
    text = json.dumps({"@context": "https://schema.org", "@graph": list(_graph(shown))}, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # what HTML could take for markup is escaped as JSON allows


def _graph(shown: Shown) -> Iterator[Node]:
    site = shown.publication.site
    yield _full({"@type": "Organization", "@id": site.url("#organization"), "name": site.name, "url": site.url(""),
                 "email": site.email, "description": site.description})  # fmt: skip
    yield {
        "@type": "WebSite", "@id": site.url("#website"), "url": site.url(""), "name": site.name,
        "inLanguage": site.language, "publisher": {"@id": site.url("#organization")},
    }  # fmt: skip
    yield _full(_page(shown))
    yield _full(_article(shown))
    yield _full(_picture(shown))
    yield {
        "@type": "BreadcrumbList", "@id": _id(shown, "breadcrumb"), "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(shown.trail, 1)
        ],
    }  # fmt: skip


def _full(node: Node) -> Node:
    """Without what is not known."""
    return {name: value for name, value in node.items() if value not in ("", None, [], {})}


def _id(shown: Shown, part: str) -> str:
    return f"{shown.publication.site.url(shown.article.slug)}/#{part}"


def _page(shown: Shown) -> Node:
    article, site = shown.article, shown.publication.site
    review = article.review
    return {
        "@type": "MedicalWebPage", "@id": _id(shown, "page"), "url": site.url(f"{article.slug}/"),
        "name": article.title, "description": article.summary, "inLanguage": article.language,
        "isPartOf": {"@id": site.url("#website")}, "breadcrumb": {"@id": _id(shown, "breadcrumb")},
        "primaryImageOfPage": {"@id": _id(shown, "picture")}, "mainEntity": {"@id": _id(shown, "article")},
        "about": article.category and {"@type": "Thing", "name": article.category},
        "audience": {"@type": "Audience", "audienceType": "General public"},
        "lastReviewed": review.on and _date(review.on) if review else None,
        "reviewedBy": review and _who(Author(name=review.by, role=review.role), site.name),
        "hasPart": list(_sections(shown)),
    }  # fmt: skip


def _sections(shown: Shown) -> Iterator[Node]:
    for heading in (block for block in shown.article.body if isinstance(block, Heading)):
        aspect = heading.aspect
        yield _full({
            "@type": "HealthTopicContent" if aspect else "WebPageElement", "@id": _id(shown, heading.id),
            "name": plain(heading.heading), "url": _id(shown, heading.id),
            "hasHealthAspect": aspect and f"https://schema.org/{aspect.title().replace('-', '')}HealthAspect",
        })  # fmt: skip


def _article(shown: Shown) -> Node:
    article, site = shown.article, shown.publication.site
    return {
        "@type": "Article", "@id": _id(shown, "article"), "mainEntityOfPage": {"@id": _id(shown, "page")},
        "headline": _headline(article.title), "description": article.summary, "inLanguage": article.language,
        "image": {"@id": _id(shown, "picture")}, "datePublished": _time(article.date),
        "dateModified": _time(article.latest(shown.publication.now)), "version": str(article.revision),
        "author": [_who(author, site.name) for author in article.authors],
        "publisher": {"@id": site.url("#organization")}, "isAccessibleForFree": True,
        "articleSection": article.category, "keywords": list(article.tags),
        "citation": [_full({"@type": "CreativeWork", "name": source.title, "url": source.url,
                            "datePublished": source.date,
                            "publisher": source.publisher and {"@type": "Organization", "name": source.publisher}})
                     for source in article.sources],
        "correction": [{"@type": "CorrectionComment", "text": plain(correction.text),
                        "datePublished": _time(correction.date)} for correction in article.corrections],
        "encoding": [{"@type": "MediaObject", "contentUrl": site.url(handout.live), "name": handout.label,
                      "encodingFormat": handout.media_type} for handout in shown.handouts],
        **_translations(shown),
    }  # fmt: skip


def _translations(shown: Shown) -> Node:
    """Where the same work is in its other languages; schema.org knows originals and their translations."""
    others = {other.slug: {"@id": f"{shown.publication.site.url(other.slug)}/#article"} for other in shown.translations}
    if shown.article.translation_of:
        return {"translationOfWork": others.get(shown.article.translation_of)}
    return {"workTranslation": list(others.values())}


def _picture(shown: Shown) -> Node:
    found, site = shown.picture, shown.publication.site
    return {
        "@type": "ImageObject", "@id": _id(shown, "picture"), "url": found["url"], "contentUrl": found["url"],
        "width": {"@type": "QuantitativeValue", "value": found["width"], "unitCode": "E37"},
        "height": {"@type": "QuantitativeValue", "value": found["height"], "unitCode": "E37"},
        "caption": found["caption"], "creditText": found["credit"] or site.name,
        "copyrightNotice": found["credit"] or site.name,
        "creator": None if found["credit"] else {"@id": site.url("#organization")},
    }  # fmt: skip


def _who(author: Author, site: str) -> Node:
    group = author.name == site or not _GROUPS.isdisjoint(author.name.lower().split())
    kind = {"@type": "Organization"} if group else {"@type": "Person", "jobTitle": author.role}
    return _full({**kind, "name": author.name, "url": author.url})


def _headline(title: str) -> str:
    if len(title) <= _LONGEST_HEADLINE:
        return title
    return title[: _LONGEST_HEADLINE - 1].rpartition(" ")[0] + "…"


def _date(when: datetime) -> str:
    return when.date().isoformat()


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
