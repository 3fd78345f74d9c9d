"""Translations of articles: which of them were made from a text that has changed since."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from pressrun import imprint, schema, source
from pressrun.faults import Fault, Refused
from pressrun.model import Article, Publication

_KEY = "translated_from"
_LINES = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


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
    if (changed := _noted(article.place.path, data, noted)) != data:
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_bytes(changed)
        temporary.replace(path)
    return article.place.path, noted


def _noted(path: str, data: bytes, noted: str) -> bytes:
    """An article's file with another `translated_from`, and no other byte changed. Raises ValueError."""
    node = source.read(path, data, schema.WORDS)
    assert isinstance(node, source.Mapping)
    bom = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    lines = _LINES.split(data.removeprefix(bom).decode())
    key, value = next((pair for pair in node.pairs if pair[0].text == _KEY), (None, node))
    first, column = node.source.where(value.start)
    if key and node.source.where(value.end)[0] == first:
        end = node.source.where(value.end)[1]
        gap = "" if lines[first][:column].endswith(" ") else " "
        lines[first] = lines[first][:column] + gap + noted + lines[first][end:]
    elif not key:
        _insert(lines, node, f"{_KEY}: {noted}")
    changed = bom + "".join(lines).encode()
    if _read_back(path, changed) != noted:
        raise ValueError(f"{path} is written in a way of its own. Write this line into it: {_KEY}: {noted}")
    return changed


def _insert(lines: list[str], node: source.Mapping, line: str) -> None:
    """A line of its own behind that of `translation_of`."""
    key, value = next(pair for pair in node.pairs if pair[0].text == "translation_of")
    last = node.source.where(value.end)[0]
    end = re.search(r"[\r\n]*$", lines[last])
    newline = end[0] if end and end[0] else "\n"
    if not (end and end[0]):
        lines[last] += newline
    lines.insert(last + 1, " " * node.source.where(key.start)[1] + line + newline)


def _read_back(path: str, data: bytes) -> str:
    try:
        node = source.read(path, data, schema.WORDS)
    except Refused:
        return ""
    found = node.get(_KEY) if isinstance(node, source.Mapping) else None
    return found.text if isinstance(found, source.Scalar) else ""
