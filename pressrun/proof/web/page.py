"""A page as it was written: every element stands where its tags put it, with its line; nothing is mended in silence."""

from __future__ import annotations

import json
import re
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from lxml import etree

#: (line counted from 1, a sentence)
Faults = list[tuple[int, str]]

#: elements without an end, HTML 13.1.2
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)  # fmt: skip
_FOREIGN = ("svg", "math")
_NAME = re.compile(r"[a-z_][\w.-]*")
#: what XML, and so the tree, cannot hold
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\ufffe\uffff]")
_DATA = "application/ld+json"


class Page:
    """An HTML document at its address."""

    def __init__(self, path: str, data: bytes, url: str) -> None:
        """Raises ValueError for what is not text in UTF-8, or holds no element."""
        #: below outputs/web/
        self.path = path
        self.url = url
        self.data = data
        reader = _Reader()
        reader.feed(_CONTROLS.sub(" ", data.decode()))
        reader.finish()
        if reader.root is None:
            raise ValueError("it holds no element")
        self.root: Any = reader.root
        self.doctype = reader.doctype
        #: tags that do not match, and attributes that stand twice
        self.tags, self.attributes = reader.tags, reader.attributes

    def all(self, xpath: str, **names: str) -> list[Any]:
        found = self.root.xpath(xpath, **names)
        assert isinstance(found, list)
        return found

    def metas(self, name: str) -> list[str]:
        """What the <meta> of a name or property say."""
        return [str(said) for said in self.all("//meta[@name=$name or @property=$name]/@content", name=name)]

    def meta(self, name: str) -> str:
        return next(iter(self.metas(name)), "")

    def links(self, rel: str) -> list[Any]:
        """The <link> of a relation."""
        return self.all("//link[contains(concat(' ', @rel, ' '), concat(' ', $rel, ' '))]", rel=rel)

    def address(self, href: str) -> str:
        """A whole address."""
        return urljoin(self.url, href.strip())

    @property
    def signpost(self) -> bool:
        """Whether it only leads on: nobody stays there."""
        return bool(self.all("//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh']"))

    @property
    def indexed(self) -> bool:
        return "noindex" not in self.meta("robots")

    @property
    def tells(self) -> bool:
        """Whether it is an article's, whose text stands."""
        return self.indexed and self.meta("og:type") == "article"

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(self.all("//@id"))

    @cached_property
    def title(self) -> str:
        return " ".join(said(element) for element in self.all("/html/head/title"))

    @cached_property
    def shown(self) -> str:
        """The words of its text, as people read them."""
        return " ".join(said(element) for element in self.all("//main"))

    @cached_property
    def data_blocks(self) -> list[Any]:
        """What it tells machines, as elements."""
        return self.all("//script[@type=$kind]", kind=_DATA)

    @cached_property
    def graph(self) -> list[dict[str, Any]]:
        """The nodes of what it tells machines; none where that cannot be read."""
        try:
            found = [json.loads(block.text or "") for block in self.data_blocks]
        except ValueError:
            return []
        graphs = [one.get("@graph", [one]) for one in found if isinstance(one, dict)]
        return [node for graph in graphs if isinstance(graph, list) for node in graph if isinstance(node, dict)]

    def nodes(self, *kinds: str) -> list[dict[str, Any]]:
        """Those of some types."""
        return [node for node in self.graph if set(kinds) & {*listed(node.get("@type"))}]


def listed(value: Any) -> list[Any]:
    """A value of JSON-LD, which may be one or several."""
    return value if isinstance(value, list) else [] if value is None else [value]


def said(element: Any) -> str:
    """The words of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def name(element: Any) -> str:
    """What an element is called to those who hear it; roughly the computation of accname-1.2."""
    root = element.getroottree()
    labels = (element.get("aria-labelledby") or "").split()
    called = " ".join(said(one) for label in labels for one in root.xpath("//*[@id=$label]", label=label))
    return called.strip() or (element.get("aria-label") or "").strip() or _content(element).strip()


def _content(element: Any) -> str:
    if element.get("aria-hidden") == "true":
        return ""
    own = (element.get("alt") if element.tag == "img" else element.text) or ""
    inner = "".join((name(child) if child.tag == "img" else _content(child)) + (child.tail or "") for child in element)
    return f"{own}{inner}" or element.get("title") or ""


def language(element: Any) -> str:
    """The language tag that holds for an element."""
    return next((one.get("lang") for one in (element, *element.iterancestors()) if one.get("lang")), "")


def focusable(element: Any) -> bool:
    """Whether a keyboard reaches it."""
    tabindex = element.get("tabindex")
    if tabindex is not None:
        return not tabindex.startswith("-")
    controls = element.tag in {"button", "input", "select", "textarea", "summary", "iframe"}
    return (element.tag in {"a", "area"} and element.get("href") is not None) or controls


class _Reader(HTMLParser):
    """Builds a tree from tags alone, and notes every tag that does not fit."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: Any = None
        self.doctype = ""
        self.tags: Faults = []
        self.attributes: Faults = []
        self._open: list[Any] = []

    def handle_decl(self, decl: str) -> None:
        self.doctype = self.doctype or (decl if self.root is None else "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if not _NAME.fullmatch(tag) or (self.root is not None and not self._open):
            self.tags.append((line, f"<{tag}> stands where no element may."))
            return
        element: Any = etree.SubElement(self._open[-1], tag) if self._open else etree.Element(tag)
        self.root = element if self.root is None else self.root
        element.sourceline = line
        for key, value in attrs:
            if not _NAME.fullmatch(key) or key in element.attrib:
                self.attributes.append((line, f"<{tag}> has '{key}' twice, or it is no name."))
            else:
                element.set(key, value or "")
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID and not any(one.tag in _FOREIGN for one in self._open) and tag not in _FOREIGN:
            self.tags.append((self.getpos()[0], f"<{tag}/> does not end that element."))
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if all(one.tag != tag for one in self._open):
            self.tags.append((self.getpos()[0], f"</{tag}> ends nothing."))
            return
        while (last := self._open.pop()).tag != tag:
            self._lost(last)

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data

    def finish(self) -> None:
        self.close()
        for element in reversed(self._open):
            self._lost(element)
        self._open = []

    def _lost(self, element: Any) -> None:
        self.tags.append((element.sourceline, f"<{element.tag}> is not ended where it should be."))
