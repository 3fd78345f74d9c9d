"""What search engines read: every page that they may show, when it changed, and where they find that list.

Left out are the notices in place of what is gone, which nobody should find by searching, the answers behind printed
codes, signposts, the search page and the page for wrong addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape

from pressrun.channels.web import house, lists
from pressrun.channels.web.frame import NAME, Frame
from pressrun.model import Article, Publication
from pressrun.outputs import Output

#: how many addresses one file may hold, by sitemaps.org
LIMIT = 50_000
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    changed: datetime | None = None
    #: by language, the page itself among them; empty for a page in one language
    versions: tuple[tuple[str, str], ...] = ()


def outputs(frame: Frame, found: lists.Catalogue, pages_of_lists: Iterable[lists.Listing]) -> Iterator[Output]:
    publication, path = frame.publication, f"{NAME}/sitemap.xml"
    pages = list(listed(publication, found, pages_of_lists))
    parts = [pages[start : start + LIMIT] for start in range(0, len(pages), LIMIT)]
    if len(parts) == 1:
        yield _file(path, partial(_urls, publication, pages), frame)
    else:
        names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        yield _file(path, partial(_index, publication, names), frame)
        for name, part in zip(names, parts, strict=True):
            yield _file(f"{NAME}/{name}", partial(_urls, publication, part), frame)
    yield Output(f"{NAME}/robots.txt", partial(_robots, publication), NAME, media_type="text/plain")


def _file(path: str, make: partial[bytes], frame: Frame) -> Output:
    # Its own name stands for its template: there is none.
    return Output(path, make, NAME, media_type="application/xml", inputs=partial(frame.all_inputs, "sitemap.xml"))


def listed(publication: Publication, found: lists.Catalogue, pages_of_lists: Iterable[lists.Listing]) -> Iterator[Page]:
    """Every page for search engines."""
    for listing in (listing for listing in pages_of_lists if listing.indexed):
        yield Page(listing.path, _changed(publication, listing.articles))
    yield from (Page(house.ABOUT), Page(house.FEEDS))
    for article in found.live:
        work = found.works[article.translation_of or article.slug]
        versions = tuple((other.language, f"{other.slug}/") for other in work) if len(work) > 1 else ()
        yield Page(f"{article.slug}/", article.latest(publication.now), versions)


def _changed(publication: Publication, articles: Sequence[Article]) -> datetime | None:
    return max((article.latest(publication.now) for article in articles), default=None)


def _urls(publication: Publication, pages: Sequence[Page]) -> bytes:
    body = "".join(_url(publication, page) for page in pages)
    return _document("urlset", f"{body}", ' xmlns:xhtml="http://www.w3.org/1999/xhtml"')


def _url(publication: Publication, page: Page) -> str:
    site = publication.site
    changed = f"<lastmod>{page.changed.isoformat(timespec='seconds')}</lastmod>" if page.changed else ""
    versions = "".join(
        f'\n<xhtml:link rel="alternate" hreflang="{escape(language)}" href="{escape(site.url(path))}"/>'
        for language, path in page.versions
    )
    return f"<url><loc>{escape(site.url(page.path))}</loc>{changed}{versions}</url>\n"


def _index(publication: Publication, names: Sequence[str]) -> bytes:
    site = publication.site
    return _document(
        "sitemapindex", "".join(f"<sitemap><loc>{escape(site.url(name))}</loc></sitemap>\n" for name in names)
    )


def _document(root: str, body: str, more: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SPACE}"{more}>\n{body}</{root}>\n'.encode()


def _robots(publication: Publication) -> bytes:
    """It is read at the top of a host alone; a site in a folder names its sitemap to search engines by itself."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {publication.site.url('sitemap.xml')}\n".encode()
