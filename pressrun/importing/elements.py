"""Elements of HTML: what they are called, what they say, and where they stand in their source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from justhtml import Comment, Element, Node, Text

from pressrun.importing.draft import Left

_NOWHERE = re.compile(r"\s*(?:javascript|data|file|about|blob|vbscript):", re.IGNORECASE)
_TAG = re.compile(r"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
#: what has no end tag
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}


def followed(href: str) -> str:
    """An address as it is; empty if it leads nowhere from paper or a mail."""
    return "" if _NOWHERE.match(href) else href


@dataclass(frozen=True)
class Source:
    """A text in HTML, and how it is to be read."""

    html: str
    line: int = 1
    column: int = 1
    #: headings down to this level become sections', deeper ones subheadings
    top: int = 2
    #: an address as the article should have it; empty where it leads nowhere
    follow: Callable[[str], str] = followed
    #: what is to be said of what was made of it
    notes: list[str] = field(default_factory=list)

    def left(self, node: Node | Text, what: str) -> Left:
        line, column = node.origin_line or 1, node.origin_col or 1
        return Left(self.line + line - 1, column + (self.column - 1 if line == 1 else 0), what, self._written(node))

    def _written(self, node: Node | Text) -> str:
        """An element as its author wrote it, up to its end tag."""
        start = node.origin_offset
        if start is None:
            return node.to_html(pretty=False) if isinstance(node, Node) else str(node.data)
        if isinstance(node, Comment):
            end = self.html.find("-->", start) + 3
        elif node.name in _VOID:
            tag = _TAG.match(self.html, start)
            end = tag.end() if tag else 0
        else:
            inner = max([start, *(found.origin_offset or 0 for found in descendants(node))])
            closing = re.compile(rf"</{re.escape(node.name)}\s*>", re.IGNORECASE).search(self.html, inner)
            end = closing.end() if closing else 0
        return self.html[start : end if end > start else len(self.html)]


def descendants(node: Node | Text) -> Iterator[Node | Text]:
    waiting: list[Node | Text] = list(node.children or ())
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.children or ()


def select(node: Node, selector: str) -> list[Element]:
    return [found for found in node.query(selector) if isinstance(found, Element)]


def parts(node: Node) -> list[Element]:
    """The elements right below one."""
    return [child for child in node.children or () if isinstance(child, Element)]


def above(node: Node) -> list[Node]:
    """What an element stands in, the nearest first."""
    return [node.parent, *above(node.parent)] if node.parent else []


def out(node: Element) -> str:
    """Takes an element out; its words."""
    if node.parent:
        node.parent.remove_child(node)
    return words(node)


def attribute(node: Node, name: str) -> str | None:
    """An attribute's value; None where the element has none."""
    attrs = node.attrs or {}
    return (attrs[name] or "").strip() if name in attrs else None


def words(node: Node | Text) -> str:
    return " ".join(node.to_text(strip=False, separator_blocks_only=True).split())


def is_hidden(node: Node) -> bool:
    style = re.sub(r"\s", "", attribute(node, "style") or "").lower()
    return attribute(node, "hidden") is not None or "display:none" in style or "visibility:hidden" in style


def cited(quote: Node) -> Node | None:
    """Where a quotation says whose words it has: a footer, or a <cite> that stands alone at its end."""
    last = next((child for child in reversed(quote.children or []) if words(child)), None)
    if not isinstance(last, Node) or last.name in ("footer", "cite"):
        return last if isinstance(last, Node) else None
    inner = next(iter(last.query("cite")), None) if last.name == "p" else None
    return last if inner and words(inner) == words(last).lstrip("-–— ") else None
