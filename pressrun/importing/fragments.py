"""Blocks of Markdown that are HTML, and those that stand between an HTML tag and its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.tree import SyntaxTreeNode

_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[a-zA-Z][\w-]*)[^>]*?(?P<empty>/?)>")
_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
SAYS_NOTHING = re.compile(
    r"(?:\s|&nbsp;|</?(?:div|p|br|span|center|section|strong|em|b|i|ul|li)\b[^>]*>)*", re.IGNORECASE
)
MORE = re.compile(r"\s*<!--\s*(?:more|excerpt\w*|endexcerpt)\s*-->\s*", re.IGNORECASE)


def groups(nodes: Sequence[SyntaxTreeNode]) -> Iterator[list[SyntaxTreeNode]]:
    """Blocks one by one, but what stands between an HTML tag and its end together."""
    position = 0
    while position < len(nodes):
        depth, end = 0, position
        for end in range(position, len(nodes)):
            depth += _depth(nodes[end].content) if nodes[end].type == "html_block" else 0
            if depth <= 0 or nodes[position].type != "html_block":
                break
        if depth > 0:
            end = position
        yield list(nodes[position : end + 1])
        position = end + 1


def _depth(text: str) -> int:
    """How many tags a text opens and does not close."""
    found = [tag for tag in _TAG.finditer(re.sub(r"<!--.*?-->", "", text)) if tag["name"].lower() not in _VOID]
    return sum(-1 if tag["closes"] else 0 if tag["empty"] else 1 for tag in found)


def is_html(nodes: Sequence[SyntaxTreeNode]) -> bool:
    return any(
        inner.type == "html_block" or (inner.type == "html_inline" and not BREAK.fullmatch(inner.content))
        for node in nodes for inner in node.walk()
    )  # fmt: skip
