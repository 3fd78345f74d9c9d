"""What shows only across files: names that are taken, links that lead nowhere, articles that nobody can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from pathlib import Path

from pressrun import model, schema
from pressrun.faults import Fault, Place
from pressrun.folder import Folder, passages, shown
from pressrun.model import Article


def faults(folder: Folder, articles: Mapping[str, Article], files: Mapping[str, bytes]) -> list[Fault]:
    """Those of sound articles, by their paths below content/, beside all other files."""
    found = [*_twice(folder, articles, files, "slug"), *_twice(folder, articles, files, "id")]
    by_slug = {article.slug: article for article in articles.values()}
    there = by_slug.keys() | {Path(path).stem for path in files if path not in articles}
    for path, article in articles.items():
        wrong = [*_dead_leads(article, by_slug, there), *_wrong_pictures(article, folder)]
        if article.translation_of and article.translation_of not in there:
            node = folder.node(path, files[path])
            wrong.append(((node.get("translation_of") or node).place, *_no_article(article.translation_of, by_slug)))
        found += [Fault(*said, excerpt=article.typed.split("\n")[said[0].line - 1]) for said in wrong]
    return found


def _twice(folder: Folder, articles: Mapping[str, Article], files: Mapping[str, bytes], what: str) -> Iterable[Fault]:
    first: dict[str, str] = {}
    for path, article in articles.items():
        names = [article.id] if what == "id" else [article.slug, *article.aliases]
        for position, name in enumerate(names):
            other = first.setdefault(name, path)
            if other == path and names.index(name) == position:
                continue
            node = folder.node(path, files[path])
            if what == "id" and not (node.get("id") or folder.node(other, files[other]).get("id")):
                continue
            key = "aliases" if name in names[1:] else what
            whose = f"content/{other} has" if other != path else "This article has"
            yield (node.get(key) or node).fault(
                f"{whose} the {what} '{name}' too.", f"Give one of them another {what}."
            )


def _dead_leads(
    article: Article, by_slug: Mapping[str, Article], there: AbstractSet[str]
) -> Iterable[tuple[Place, str, str]]:
    """Links inside the site that lead nowhere."""
    for lead in (*article.leads(), *model.leads(model.prose(passages(article.channels)))):
        if lead.slug and lead.slug not in there:
            yield model.place(article.place.path, lead), *_no_article(lead.slug, by_slug)
        elif lead.anchor and (not lead.slug or lead.slug in by_slug):
            known = by_slug.get(lead.slug, article).anchors()
            if lead.anchor not in known:
                remedy = schema.nearest(lead.anchor, known) if known else "There are no headings to lead to."
                yield model.place(article.place.path, lead), f"No heading has the anchor '{lead.anchor}'.", remedy


def alike(articles: Iterable[Article]) -> Iterable[Fault]:
    """Titles and summaries that two articles share: in a list, nobody can tell them apart."""
    first: dict[str, Article] = {}
    for article in sorted(articles, key=lambda article: article.place):
        for what, words in (("title", article.title), ("summary", article.summary)):
            if (other := first.setdefault(f"{what} {words.casefold()}", article)) is not article:
                place, line = article.find(f"{what}:")
                yield Fault(place, f"{other.place.path} has the same {what}.", "Give each article its own.", line)


def _wrong_pictures(article: Article, folder: Folder) -> Iterable[tuple[Place, str, str]]:
    for picture in shown(article):
        if wrong := folder.picture(picture.src):
            yield model.place(article.place.path, picture), *wrong


def _no_article(slug: str, by_slug: Mapping[str, Article]) -> tuple[str, str]:
    close = get_close_matches(slug, list(by_slug), 1)
    elsewhere = "Write the slug of an article, or https://... for a page elsewhere."
    remedy = f"Did you mean '{close[0]}'?" if close else elsewhere
    return f"No article has the slug '{slug}'.", remedy
