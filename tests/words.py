"""Reads words back out of outputs, with parsers that share no code with what wrote them."""

from __future__ import annotations

import difflib
import email
import email.policy
import re
from pathlib import Path

import feedparser
import html5lib
import pypdfium2

#: what stands between words of a page but is no text of it
_SILENT = {"style", "script", "title", "head"}


def words(text: str) -> list[str]:
    """Words without the marks between them; hyphens and apostrophes inside belong to a word."""
    return re.findall(r"\w+(?:[-'\u2019]\w+)*", text.replace("\u00ad", "").replace("\u00a0", " "))


def page(html: str) -> list[str]:
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    parts: list[str] = []

    def walk(element: object) -> None:
        if getattr(element, "tag", None) in _SILENT:
            return
        parts.append(getattr(element, "text", None) or "")
        for child in element:  # type: ignore[attr-defined]  # an element of a tree
            walk(child)
            parts.append(child.tail or "")
        # The end of a block ends a word; the end of an inline element does not.
        if getattr(element, "tag", None) not in {"a", "strong", "em", "code", "span", "sup"}:
            parts.append(" ")

    walk(tree)
    return words("".join(parts))


def pdf(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return words(" ".join(document[number].get_textpage().get_text_range() for number in range(len(document))))
    finally:
        document.close()


def message(data: bytes) -> tuple[list[str], list[str]]:
    """The words of the plain part and of the HTML part."""
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert not parsed.defects
    plain, html = (part.get_content() for part in parsed.iter_parts())
    return words(plain), page(html)


def entry(path: Path, slug: str) -> list[str]:
    """The words of a feed's entry, its title first."""
    found = next(item for item in feedparser.parse(str(path)).entries if f"/{slug}/" in item.link)
    return words(found.title) + page(found.content[0].value)


def missing(wanted: list[str], found: list[str]) -> list[str]:
    """The words of one text that another lacks or has in another order; what it adds in between does not count."""
    steps = difflib.SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes()
    return [word for step, start, end, _, _ in steps if step in {"delete", "replace"} for word in wanted[start:end]]


def letter(data: bytes) -> tuple[str, str]:
    """The plain part and the HTML part as they were written."""
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    plain, html = (part.get_content() for part in parsed.iter_parts())
    return plain, html
