"""Hashes of texts: the document code, which tells a copy on paper whose text it has, and what somebody approved."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import groupby
from typing import Any

from pressrun.model import Article, Block, Issue, Site, Words

#: Crockford's base32, without letters that look like others (https://www.crockford.com/base32.html)
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 8
_CODE = re.compile(f"[{_DIGITS}]{{{_LENGTH}}}")
#: what readers get of an article; who wrote and checked it, and when, is told beside it
_READ = ("language", "title", "summary", "image", "body", "sources", "helplines", "corrections")
#: what no reader of paper sees of a block
_UNSEEN = ("channels", "id", "aspect")
#: before the name of a picture that is shown as it was earlier, with a part of its hash and a slash between
EARLIER = "earlier:"
#: what readers get of an article in any channel; authors and who checked it are told beside it
_SAID = ("language", "title", "summary", "category", "tags", "authors", "image", "body", "sources", "corrections",
         "withdrawn")  # fmt: skip
_NOTHING: Mapping[str, str] = {}
_OF_ISSUE = ("subject", "preheader", "title", "intro", "language", "list")


def code(article: Article) -> str:
    """The code of a text, the same in all editions: another word makes another code.

    The article is as its channel carries it.
    """
    found = hashlib.sha256(f"{article.id}\n{text_hash(article)}".encode()).digest()
    number = int.from_bytes(found[: _LENGTH * 5 // 8])
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_code(text: str) -> bool:
    return bool(_CODE.fullmatch(text))


def text_hash(article: Article) -> str:
    """SHA-256 in hexadecimal of what readers get of an article, as its channel carries it."""
    read = {name: _plain(tuple(article.body) if name == "body" else getattr(article, name)) for name in _READ}
    return _hashed(read)


def translation_hash(article: Article) -> str:
    """16 hexadecimal digits of what a translator of an article translates, for every channel.

    Helplines, dates and what machines alone read are no part of it.
    """
    image = article.image and (article.image.alt, _plain(article.image.caption))
    words = {
        name: {key: _plain(value) for key, value in article.options(name).items() if _is_said(value)}
        for name in article.channels
    }
    said = {
        "title": article.title, "summary": article.summary, "image": image, "body": _plain(tuple(article.body)),
        "sources": [source.title for source in article.sources],
        "corrections": [_plain(correction.text) for correction in article.corrections],
        "channels": {name: own for name, own in words.items() if own},
    }  # fmt: skip
    found = {name: part for name, part in said.items() if part}
    return _hashed(found)[:16]


def content_hash(article: Article, site: Site, pictures: Mapping[str, str]) -> str:
    """SHA-256 in hexadecimal of all that readers of any channel get from an article; `pictures` has hashes by src.

    No part of it are its address, the dates that only say when (of publication, update, expiry and the check of its
    facts), the templates, and what site.yaml lends it: the default helplines, and addresses named there.
    """
    names = {address: f"[{name}]" for name, address in site.links.items()}
    read = {name: _plain(tuple(article.body) if name == "body" else getattr(article, name), ("id",), names)
            for name in _SAID}  # fmt: skip
    if article.review:
        read["checked by"] = [article.review.by, article.review.role]
    if article.helplines != site.default_helplines:
        read["helplines"] = {"names": [helpline.name for helpline in article.helplines]}
    read["channels"] = {
        name: own if isinstance(own, bool) else {key: _plain(value, ("id",), names) for key, value in own.items()}
        for name, own in article.channels.items()
    }
    read["pictures"] = {present(src): known for src, known in pictures.items()}
    return _hashed({name: part for name, part in read.items() if part})


def present(src: str) -> str:
    """The name in content/images/ of a picture that may be shown as it was earlier."""
    return src.partition("/")[2] if src.startswith(EARLIER) else src


def issue_hash(issue: Issue) -> str:
    """The same of a newsletter's own words, and of whom it goes to."""
    read = {name: _plain(getattr(issue, name), ("id",)) for name in _OF_ISSUE}
    return _hashed(read | {"articles": [[entry.slug, entry.teaser] for entry in issue.entries]})


def _hashed(found: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _is_said(value: Any) -> bool:
    """Whether a channel's option is words for readers: a text, or blocks."""
    return isinstance(value, str) or (isinstance(value, tuple) and any(isinstance(part, Block) for part in value))


def _plain(value: Any, unseen: Collection[str] = _UNSEEN, names: Mapping[str, str] = _NOTHING) -> Any:
    """Parts of the model as lists, mappings and strings; addresses that have names by these.

    What is empty is left out, so that a key that comes to the model later changes no code on paper.
    """
    if is_dataclass(value):
        seen = (field.name for field in fields(value) if field.compare and field.name not in unseen)
        found = {name: _plain(part, unseen, names) for name in seen if (part := getattr(value, name))}
        if "href" in found:
            found["href"] = names.get(found["href"], found["href"])
        if "src" in found:
            found["src"] = present(found["src"])
        return [type(value).__name__, found]
    if isinstance(value, tuple):
        return [_plain(part, unseen, names) for part in _joined(value)]
    return value if isinstance(value, str | int) else str(value)


def _joined(parts: tuple[Any, ...]) -> Iterator[Any]:
    """Words that stand side by side are one text, wherever its author broke the line."""
    for together, group in groupby(parts, key=lambda part: isinstance(part, Words)):
        if together:
            yield Words("".join(part.text for part in group))
        else:
            yield from group
