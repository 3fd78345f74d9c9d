"""What every page of the site has around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from pressrun import renditions
from pressrun.channels.web.policy import PAGE
from pressrun.inputs import Inputs, brief, of_channel, of_heads, of_logo, of_outputs
from pressrun.model import Article, Figure, Link, Publication
from pressrun.outputs import Output, Shelf
from pressrun.templates import Templates

NAME = "web"


#: what the kinds of feed are called, by media type
FEEDS = {"application/rss+xml": "RSS", "application/atom+xml": "Atom", "application/feed+json": "JSON Feed"}


def _is_in(path: str, folder: str) -> bool:
    """Whether a feed lies in a folder below the folder of feeds."""
    return path.partition("/")[2].rpartition("/")[0] == folder


@dataclass(frozen=True)
class Frame:
    """Fills the templates of pages."""

    publication: Publication
    templates: Templates
    shelf: Shelf
    #: what all pages load, by the name that templates know it by
    assets: Mapping[str, Output]

    def page(self, path: str, template: str, *, language: str = "", root: str | None = None, **context: Any) -> bytes:
        """A page at `path`, below the live site: "" or "a-slug/" for a folder's index.html, else a file's own path.

        `language` is that of the page, the site's by default. What the page names is led to by relative paths that end
        in a file, so that it opens from a disk too; `url` is the page's own address. Only a page that is served under
        other addresses than its own gives another `root`, that of the live site.
        """
        site = self.publication.site
        root = "../" * path.count("/") if root is None else root
        assets = {name: root + output.path.removeprefix(f"{NAME}/") for name, output in self.assets.items()}
        text = self.templates.render(
            NAME, template, language=language or site.language, site=site, root=root, url=site.url(path),
            feeds=self.feeds(), names=FEEDS, searched=site.settings.get("search", False),
            policy=context.pop("policy", PAGE),
            logo=self.shown(root, site.logo) if site.logo else None,
            address=partial(self._address, root), picture=partial(self._picture, root), **assets, **context,
        )  # fmt: skip
        return text.encode()

    def feeds(self, folder: str = "") -> list[Output]:
        """The feeds of the whole site, or those in a folder of theirs."""
        known = (output for kind in FEEDS for output in self.shelf.typed(kind))
        return [output for output in known if _is_in(output.live, folder)]

    def handouts(self, article: Article) -> list[Output]:
        """Those to print, but for an article that is gone."""
        if self.publication.gone(article):
            return []
        return [output for output in self.shelf.of(article.slug) if output.media_type == "application/pdf"]

    def output(
        self, path: str, make: Callable[[], bytes], inputs: Callable[[], Inputs], article: str = "", label: str = ""
    ) -> Output:
        """A page as an output; `path` as in `page`."""
        file = path if path.rpartition("/")[2] else f"{path}index.html"
        return Output(f"{NAME}/{file}", make, NAME, article=article, label=label, media_type="text/html", inputs=inputs)

    def inputs(self, *templates: str) -> Inputs:
        """What every page that is filled into these templates is made from; into any, if none is named."""
        return {**of_channel(self.publication, self.templates, NAME, *templates), **self._around}

    @cached_property
    def _around(self) -> Inputs:
        assets = brief(sorted((name, output.path) for name, output in self.assets.items()))
        return {"style and icons": assets, "feeds": of_outputs(self.feeds()), "logo": of_logo(self.publication)}

    def all_inputs(self, *templates: str) -> Inputs:
        """What a page is made from that shows what there is."""
        return self.publication.once(("pages", *templates), lambda: {**self.inputs(*templates), **self._all})

    @cached_property
    def _all(self) -> Inputs:
        articles = of_heads(self.publication, self.publication.on(NAME))
        feeds = (output for kind in FEEDS for output in self.shelf.typed(kind))
        return {"articles": articles, "feeds": of_outputs(feeds)}

    def _address(self, root: str, link: Link) -> str | None:
        anchor = f"#{link.anchor}" if link.anchor else ""
        if link.href:
            return link.href
        if not link.slug:
            return anchor
        return f"{root}{link.slug}/index.html{anchor}" if self.publication.has(link.slug) else None

    def _picture(self, root: str, figure: Figure) -> dict[str, Any]:
        return self.shown(root, figure.src)

    def shown(self, root: str, src: str) -> dict[str, Any]:
        """A picture for the template: the file that all browsers know, and better ones by type."""
        picture = self.publication.pictures[src]
        fallback = renditions.fallback(picture)
        return {
            "path": root + fallback.path, "width": fallback.width, "height": fallback.height,
            "set": _set(root, renditions.narrower(picture)),
            "better": [(kind, _set(root, found)) for kind, found in renditions.alternatives(picture)],
        }  # fmt: skip


def _set(root: str, found: list[renditions.Rendition]) -> str:
    """A srcset: the files of a picture with their widths."""
    return ", ".join(f"{root}{one.path} {one.width}w" for one in found)
