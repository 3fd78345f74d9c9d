"""HTML to what our articles are made of.

What is no text, list, picture, table or definition is left where it stood, with its line and column, as are words
that a reader does not see or that are struck out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from justhtml import Comment, Document, DocumentFragment, Element, JustHTML, Node, Text

from pressrun.importing import elements, marks, tables, typed
from pressrun.importing.draft import Item
from pressrun.importing.elements import Source, attribute, cited, is_hidden, words
from pressrun.importing.marks import BREAK, Run

#: what has no block, and what people call it
_NO_BLOCK = {
    "applet": "a program", "audio": "a sound", "button": "a button", "canvas": "a drawing", "del": "struck-out words",
    "embed": "an embedded object", "form": "a form", "frameset": "frames", "hr": "a rule", "iframe": "an iframe",
    "input": "a field", "map": "an image map", "math": "a formula", "object": "an embedded object",
    "s": "struck-out words", "script": "a script", "select": "a field", "strike": "struck-out words",
    "style": "a style sheet", "svg": "a drawing", "template": "a template", "textarea": "a field", "video": "a video",
}  # fmt: skip
#: what says nothing to a reader
_SILENT = {"base", "col", "colgroup", "link", "meta", "param", "rp", "source", "title", "track", "wbr"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
#: which key of a block is a figure's caption
_CAPTIONED = {"figure": "caption", "table": "caption", "quote": "cite"}
_LISTS = ("ul", "ol", "menu", "dir")
_SET: dict[str, dict[str, Any]] = {
    **{name: {"strong": True} for name in ("b", "strong")},
    **{name: {"emphasis": True} for name in ("i", "em", "cite", "dfn", "var")},
    **{name: {"code": True} for name in ("code", "kbd", "samp", "tt")},
}
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SIGNS = {"sup": _RAISED, "sub": _LOWERED}
#: lists in lists up to here, for our reader refuses what is nested deeper than it can bear; below, items are paragraphs
_DEEPEST = 6
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)(?:[?#].*)?$", re.IGNORECASE)


def convert(html: str, line: int = 1, column: int = 1) -> list[Item]:
    """The items of a fragment that begins at a line and column of its source (from 1).

    A picture whose `alt` is missing is a `figure` without that key; `alt=""` stays what it is, decoration. Addresses
    and pictures' names are those of the source. Lines and columns are exact to the character.
    """
    tree = JustHTML(html, fragment=True, sanitize=False, track_node_locations=True, scripting_enabled=False)
    return items(Source(html, line, column), [tree.root])


def items(source: Source, roots: Iterable[Node | Text]) -> list[Item]:
    """The items of some elements of a tree, which `justhtml` made of the source with positions."""
    return [item for item, _ in lined(source, roots)]


def lined(source: Source, roots: Iterable[Node | Text]) -> list[tuple[Item, int]]:
    """The same, each with the line of the source at which it begins."""
    flow = Flow(source, headings=True)
    for root in roots:
        flow.add(root, Run(""))
    return typed.gathered(flow.done())


@dataclass
class Flow:
    """Blocks in the making: of a body, an item, a quotation; or, `flat`, of what holds nothing but text."""

    source: Source
    headings: bool = False
    flat: bool = False
    #: in how many lists it stands
    depth: int = 0
    found: list[tuple[Item, int]] = field(default_factory=list)
    #: that of the block in the making
    _line: int = 0
    #: the paragraph in the making, and what follows it, for it cannot stand inside
    _runs: list[Run] = field(default_factory=list)
    _after: list[Item] = field(default_factory=list)

    def read(self, node: Node, like: Run) -> None:
        for child in node.children or ():
            self.add(child, like)

    def add(self, node: Node | Text, like: Run) -> None:
        if isinstance(node, Text):
            self._runs.append(replace(like, text=str(node.data or "")))
        elif isinstance(node, Comment):
            if str(node.data or "").strip():
                self._leave(node, "a comment")
        elif isinstance(node, Element):
            self._element(node, like)
        elif isinstance(node, Document | DocumentFragment):
            self.read(node, like)

    def done(self) -> list[tuple[Item, int]]:
        """Its items and their lines; two lists that follow each other have different signs."""
        self._end()
        found: list[tuple[Item, int]] = []
        for item, line in self.found:
            before = found[-1][0] if found else None
            if isinstance(item, str) and isinstance(before, str):
                found.append((marks.apart(before, item), line))
            else:
                found.append((item, line))
        return found

    def text(self, node: Node, like: Run) -> str:
        """What an element says as a cell or a name, which hold nothing but text; the rest follows."""
        return marks.text(self._inner(node, like), paragraph=False)

    def _inner(self, node: Node, like: Run) -> list[Run]:
        inner = Flow(self.source, flat=True)
        inner.read(node, like)
        self._after += inner._after
        return inner._runs

    def _end(self) -> None:
        if self.flat:
            self._runs.append(BREAK)
            return
        self._found(*(written for part in _paragraphs(self._runs) if (written := marks.text(part))))
        self._runs = []

    def _found(self, *items: Item) -> None:
        self.found += [(item, self._line) for item in (*items, *self._after)]
        self._after = []

    def _leave(self, node: Node | Text, what: str) -> None:
        self._after.append(self.source.left(node, what))

    # ---- elements

    def _element(self, node: Node, like: Run) -> None:
        name = node.name
        if name in _NO_BLOCK and not (name == "form" and node.query("p, h1, h2, h3, table")):
            self._leave(node, _NO_BLOCK[name])
        elif name in _SILENT:
            pass
        elif is_hidden(node):
            if words(node):
                self._leave(node, "hidden words")
        elif name in _SET:
            self.read(node, replace(like, **_SET[name]))
        elif name in _BLOCKS:
            self._end()
            self._line = self.source.line + (node.origin_line or 1) - 1
            (self.read if self.flat else self._block)(node, like)
            self._end()
        else:
            self._inline(node, like)

    def _inline(self, node: Node, like: Run) -> None:
        match node.name:
            case "br":
                self._runs.append(BREAK)
            case "a":
                self._link(node, like)
            case "img":
                self._picture(node)
            case "cite-source":
                self._runs.append(Run(f"[^{words(node)}]", raw=True))
            case "sup" | "sub":
                self._raised(node, like)
            case "noscript":
                self._without_scripts(node, like)
            case "q":
                self._between("“", node, "”", like)
            case "rt":  # how a word is said
                self._between("(", node, ")", like)
            case _:
                self.read(node, like)

    def _block(self, node: Node, like: Run) -> None:
        if node.name in _LISTS and self.depth == _DEEPEST:
            self.source.notes.append(f"A list deep in others is paragraphs now: '{words(node)[:40]}'.")
        match node.name:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._heading(node, like)
            case "ul" | "ol" | "menu" | "dir" if self.depth < _DEEPEST:
                self._list(node, like)
            case "blockquote":
                self._quote(node, like)
            case "pre":
                self._preformatted(node, like)
            case "dl":
                self._definitions(node, like)
            case "table" if not tables.is_layout(node):
                self._table(node, like)
            case "figure":
                self._figure(node, like)
            case "summary":
                self.read(node, replace(like, strong=True))
            case _:
                self.read(node, like)

    def _link(self, node: Node, like: Run) -> None:
        href = attribute(node, "href")
        address = self.source.follow(href) if href else ""
        if href and not address:
            self._leave(node, "a link that leads nowhere")
        elif href and not words(node) and node.query("img") and not _PICTURE.search(href):
            self._leave(node, "a link around a picture")
        self.read(node, replace(like, href=address or like.href))

    def _picture(self, node: Node) -> None:
        names = ("data-src", "data-lazy-src", "data-original", "src")
        several = (attribute(node, "data-srcset") or attribute(node, "srcset") or "").partition(" ")[0]
        src = next((found for name in names if (found := attribute(node, name))), several)
        if not src or {attribute(node, "width"), attribute(node, "height")} & {"0", "1"}:
            self._leave(node, "a picture that shows nothing")
            return
        alt, title = attribute(node, "alt"), " ".join((attribute(node, "title") or "").split())
        figure: dict[str, Any] = {"src": src}
        if alt is not None:
            figure["alt"] = " ".join(alt.split())
        if " " in title and title != figure.get("alt"):
            figure["caption"] = marks.text([Run(title)], paragraph=False)
        self._after.append({"figure": figure})

    def _without_scripts(self, node: Node, like: Run) -> None:
        """Often the picture before it again."""
        before, last = self._after, [item for item, _ in self.found[-1:]]
        self._after = []
        self.read(node, like)
        self._after = before + [item for item in self._after if item not in (*before, *last)]

    def _between(self, opening: str, node: Node, closing: str, like: Run) -> None:
        self._runs.append(replace(like, text=opening))
        self.read(node, like)
        self._runs.append(replace(like, text=closing))

    def _raised(self, node: Node, like: Run) -> None:
        """Figures above and below the line have characters of their own: 10⁶, H₂O."""
        text, table = words(node), _SIGNS[node.name]
        if text and all(ord(char) in table for char in text) and not node.query("a"):
            self._runs.append(replace(like, text=text.translate(table)))
        else:
            self.read(node, like)

    def _heading(self, node: Node, like: Run) -> None:
        runs = self._inner(node, like)
        if not self.headings:
            self._runs += [replace(run, strong=run != BREAK) for run in runs]
            return
        if all(run.strong or not run.text.strip() for run in runs):  # they are bold anyway
            runs = [replace(run, strong=False) for run in runs]
        level = "##" if int(node.name[1]) <= self.source.top else "###"
        self._found(*filter(None, [marks.heading(runs, level)]))

    def _list(self, node: Node, like: Run) -> None:
        """What cannot stand in an item follows it; on the first level, the list goes on behind it."""
        start = attribute(node, "start") or "1"
        number = (int(start) if start.isdecimal() and len(start) < 9 else 1) if node.name == "ol" else None
        items: list[list[str]] = []
        for child in node.children or ():
            inner = (child.children or ()) if child.name == "li" else [child]
            said = self._said(inner, like)
            if child.name in _LISTS and items:
                items[-1] += [marks.apart(items[-1][-1], part) for part in said]
            elif said:
                items.append(said)
            if self._after and not self.depth and items:
                self._found(marks.listed(items, number))
                number, items = number and number + len(items), []
        self._found(*([marks.listed(items, number)] if items else []))

    def _said(self, nodes: Iterable[Node | Text], like: Run) -> list[str]:
        """The texts of a list's or a quotation's inner blocks; what cannot stand in it follows."""
        inner = Flow(self.source, depth=self.depth + 1)
        for node in nodes:
            inner.add(node, like)
        parts = [part for part, _ in inner.done()]
        self._after += [part for part in parts if not isinstance(part, str)]
        return [part for part in parts if isinstance(part, str)]

    def _quote(self, node: Node, like: Run) -> None:
        cite, url = cited(node), attribute(node, "cite") or ""
        said = self._said((child for child in node.children or () if child is not cite), like)
        by = re.sub(r"^[-–—\s]+", "", words(cite)) if cite else ""
        url = url if url.startswith(("http://", "https://")) else ""
        if said and not self.depth and (by or url):
            named = {"cite": by, "url": url}
            self._found({"quote": {"text": "\n\n".join(said)} | {key: said for key, said in named.items() if said}})
        elif said or by:
            self._found(marks.quote([*said, *([marks.text([Run(by)])] if by else [])]))

    def _preformatted(self, node: Node, like: Run) -> None:
        """Line by line; as code, if nothing in it is set as text is."""
        code = not node.query("a, b, i, em, strong, img")
        for run in marks.merged(self._inner(node, replace(like, code=code))):
            for number, line in enumerate(run.text.expandtabs(4).split("\n") if run != BREAK else ["", ""]):
                indent = len(line) - len(line.lstrip(" ")) if number or not self._runs else 0
                self._runs += [BREAK] * bool(number) + [replace(run, text="\u00a0" * indent + line[indent:])] * bool(
                    line
                )

    def _definitions(self, node: Node, like: Run) -> None:
        parts = [part for one in elements.parts(node) for part in (elements.parts(one) if one.name == "div" else [one])]
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
        if parts and len(parts) % 2 == 0 and all(_is_term(*pair) for pair in pairs):
            self._found({"terms": [{self.text(name, like): self.text(said, like)} for name, said in pairs]})
            return
        for part in parts:
            self._end()
            self.read(part, replace(like, strong=True) if part.name == "dt" else like)
            self._end()

    def _table(self, node: Node, like: Run) -> None:
        if found := tables.read(node, lambda cell: self.text(cell, like), self.source.notes):
            self._found({"table": found})

    def _figure(self, node: Node, like: Run) -> None:
        caption = next(iter(node.query("figcaption")), None)
        inner = Flow(self.source, depth=self.depth)
        for child in node.children or ():
            if child is not caption:
                inner.add(child, like)
        parts = [part for part, _ in inner.done()]
        runs = self._inner(caption, like) if isinstance(caption, Node) else []
        if not (marks.text(runs) and _is_captioned(parts, runs)):
            self._runs += runs
        self._found(*parts)


def _paragraphs(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Two line breaks in a row end a paragraph."""
    part: list[Run] = []
    for run in runs:
        said = (one for one in reversed(part) if one == BREAK or one.text.strip(" \t\n\f\r"))
        if run == BREAK and next(said, None) == BREAK:
            yield part
            part = []
        part.append(run)
    yield part


def _is_term(name: Element, said: Element) -> bool:
    """Whether these are a name and its explanation, and the explanation one run of text."""
    fit = (name.name, said.name) == ("dt", "dd") and words(name) and words(said)
    return bool(fit and not said.query("p + p, ul, ol, dl, table, pre, blockquote, h2, h3"))


def _is_captioned(parts: Sequence[Item], caption: Sequence[Run]) -> bool:
    """Gives the last part that can have a caption this one, and says whether there is such a part."""
    for part in reversed(parts):
        kind = next(iter(part)) if isinstance(part, dict) else ""
        if isinstance(part, dict) and kind in _CAPTIONED and _CAPTIONED[kind] not in part[kind]:
            part[kind][_CAPTIONED[kind]] = (
                marks.words(caption) if kind == "quote" else marks.text(caption, paragraph=False)
            )
            return True
    return False
