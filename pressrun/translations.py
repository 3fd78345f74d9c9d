"""Translations of articles: which of them were made from a text that has changed since."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from pressrun import disk, edits, imprint, schema, source
from pressrun.faults import Fault
from pressrun.model import Article, Publication

_KEY = "translated_from"


def is_outdated(publication: Publication, article: Article) -> bool:
    """Whether an article was translated from an earlier text than that of its original, which readers can see."""
    return _differs(publication, article, publication.find(article.translation_of))


def outdated(publication: Publication) -> Iterator[Fault]:
    """A warning for every such translation, drafts among them."""
    articles = (*publication.articles, *publication.held)
    originals = {article.slug: article for article in articles}
    for article in articles:
        if not _differs(publication, article, originals.get(article.translation_of)):
            continue
        node = source.read(article.place.path, article.typed.encode(), schema.WORDS)
        assert isinstance(node, source.Mapping)
        yield (node.get(_KEY) or node).fault(
            "The text that this translates has changed since.",
            f"Bring it up to date, then run ./inv fmt --translated {article.slug}.",
        )


def _differs(publication: Publication, article: Article, original: Article | None) -> bool:
    if not (original and article.translated_from):
        return False
    name = f"translated text of {original.fingerprint()}"
    return article.translated_from != publication.fact(name, partial(imprint.translation_hash, original))


def freshen(content: Path, publication: Publication, faulty: Collection[str], slug: str) -> tuple[str, str]:
    """Notes in a translation's file that it says what its original says now; the file's path and what was noted.

    Raises ValueError, in words for who asked for it, where that cannot be.
    """
    articles = {article.slug: article for article in (*publication.articles, *publication.held)}
    for name in (slug, articles[slug].translation_of if slug in articles else ""):
        if name in faulty and name:
            raise ValueError(f"'{name}' has faults. Mend them first: ./inv check")
    if slug not in articles:
        raise ValueError(f"There is no article '{slug}'. {schema.nearest(slug, tuple(articles) or ('none',))}")
    article = articles[slug]
    if not article.translation_of:
        raise ValueError(f"'{slug}' is no translation. Write 'translation_of: SLUG' into {article.place.path} first.")
    noted = imprint.translation_hash(articles[article.translation_of])
    path = content / article.place.path.removeprefix("content/")
    data = path.read_bytes()
    if (changed := edits.put(article.place.path, data, _KEY, noted, "translation_of")) != data:
        disk.write(path, changed)
    return article.place.path, noted
