"""Articles that belong together, under the address that pages and feeds of theirs share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from pressrun.markup import slugify
from pressrun.model import Article
from pressrun.outputs import digest


@dataclass(frozen=True, slots=True)
class Section:
    """Articles of one category, tag, author, language, ..."""

    #: as the first of its articles spells it
    name: str
    #: the last part of its address: lower-case ASCII, digits and hyphens
    address: str
    #: in the order of the publication
    articles: tuple[Article, ...]


@cache
def address(name: str) -> str:
    """Names that differ in case, spaces or marks alone have one address; one without any Latin letter a hash."""
    return slugify(name) or f"x{digest(' '.join(name.casefold().split()))[:8]}"


def gathered(articles: Iterable[Article], names: Callable[[Article], Iterable[str]]) -> list[Section]:
    """A section for each name that an article has, sorted by address."""
    found: dict[str, tuple[str, dict[str, Article]]] = {}
    for article in articles:
        for name in names(article):
            _, members = found.setdefault(address(name), (name, {}))
            members[article.slug] = article
    return [Section(name, where, tuple(members.values())) for where, (name, members) in sorted(found.items())]


def categories(articles: Iterable[Article]) -> list[Section]:
    return gathered(articles, lambda article: [article.category] if article.category else [])


def tags(articles: Iterable[Article]) -> list[Section]:
    return gathered(articles, lambda article: article.tags)


def authors(articles: Iterable[Article]) -> list[Section]:
    return gathered(articles, lambda article: [author.name for author in article.authors])


def languages(articles: Iterable[Article]) -> list[Section]:
    """Sections whose name is a language tag; its address is that tag in lower case."""
    return gathered(articles, lambda article: [article.language])
