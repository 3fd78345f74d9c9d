"""A built site as a browser finds it: its pages, where their links lead, and what they tell machines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
from conftest import Workshop

BASE = "https://www.example.org"
#: below outputs/: pages that mail programs made the rules for
LETTERS = "newsletter/"


@dataclass(frozen=True)
class Page:
    """One HTML file of outputs/web/."""

    web: Path
    #: below outputs/web/
    path: str

    @cached_property
    def raw(self) -> bytes:
        return (self.web / self.path).read_bytes()

    @cached_property
    def text(self) -> str:
        return self.raw.decode()

    @cached_property
    def tree(self) -> Any:
        return html5lib.parse(self.text, treebuilder="lxml", namespaceHTMLElements=False).getroot()

    @property
    def url(self) -> str:
        """Its address on the live site."""
        return f"{BASE}/{self.path.removesuffix('index.html')}"

    def all(self, xpath: str, **variables: str) -> list[Any]:
        found = self.tree.xpath(xpath, **variables)
        assert isinstance(found, list), xpath
        return found

    def one(self, xpath: str) -> Any:
        """The only one of its kind."""
        found = self.all(xpath)
        assert len(found) == 1, f"{self.path}: {len(found)} of {xpath}"
        return found[0]

    def words(self, xpath: str) -> str:
        """The text of the only element of its kind, with single spaces."""
        return said(self.one(xpath))

    def meta(self, name: str) -> str:
        """What the only <meta> of a name or property says."""
        return str(self.one(f"/html/head/meta[@name='{name}' or @property='{name}']/@content"))

    def links(self, rel: str, kind: str = "") -> list[str]:
        kinds = f"[@type='{kind}']" if kind else ""
        return [str(href) for href in self.all(f"/html/head/link[@rel='{rel}']{kinds}/@href")]

    def file(self, address: str) -> Path:
        """The file that an address names, relative or on the live site."""
        whole = urlsplit(urljoin(self.url, address))
        assert f"{whole.scheme}://{whole.netloc}" == BASE, f"{self.path}: {address}"
        path = unquote(whole.path).lstrip("/")
        return self.web / (f"{path}index.html" if not path or path.endswith("/") else path)

    @property
    def indexed(self) -> bool:
        return "noindex" not in self.meta("robots")

    @cached_property
    def graph(self) -> list[dict[str, Any]]:
        """The nodes of its JSON-LD."""
        found = json.loads(self.one("//script[@type='application/ld+json']").text)
        assert found["@context"] == "https://schema.org"
        graph: list[dict[str, Any]] = found["@graph"]
        return graph

    def node(self, kind: str) -> dict[str, Any]:
        found = [node for node in self.graph if kind in kinds(node)]
        assert len(found) == 1, f"{self.path}: {len(found)} of {kind}"
        return found[0]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Anchor and words of each heading of the article's text."""
        return [(str(head.get("id")), said(head)) for head in self.all(f"{TEXT}//h2 | {TEXT}//h3")]


#: an article's text, without what stands around it
TEXT = "//main//*[@class='text' or contains(@class, 'text ')]"


def kinds(node: dict[str, Any]) -> list[str]:
    kind = node.get("@type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def said(element: Any) -> str:
    """The text of an element, with single spaces."""
    return spaced(element.xpath("string()"))


def every(workshop: Workshop) -> list[Page]:
    """Every page but the newsletters' web copies."""
    web = workshop.root / "outputs/web"
    paths = sorted(path.relative_to(web).as_posix() for path in web.rglob("*.html"))
    return [_page(web, path, (web / path).stat().st_mtime_ns) for path in paths if not path.startswith(LETTERS)]


def page(workshop: Workshop, slug: str) -> Page:
    web, path = workshop.root / "outputs/web", f"{slug}/index.html"
    return _page(web, path, (web / path).stat().st_mtime_ns)


@cache
def _page(web: Path, path: str, _written: int) -> Page:
    """Read once, as long as it is not written anew."""
    return Page(web, path)
