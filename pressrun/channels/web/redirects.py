"""Earlier addresses and what servers should say of each file, in the words of the usual hosts.

Every earlier address also has a page that leads on, for hosts that read none of this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from pressrun.channels.web import house, policy
from pressrun.channels.web.frame import NAME, Frame
from pressrun.model import Publication
from pressrun.outputs import Output

#: for administrators, outside the live site
_SERVER = "server"
LONG, BRIEF = "public, max-age=31536000, immutable", "public, max-age=300"
_COMMON = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
#: content types that servers would not guess from a name
TYPES = {
    "feed.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
}


def outputs(frame: Frame) -> Iterator[Output]:
    publication = frame.publication
    files = {
        # GitHub Pages leaves out files whose names begin with "_" unless this one is there.
        f"{NAME}/.nojekyll": _nothing, f"{NAME}/_redirects": _redirects, f"{NAME}/_headers": _headers,
        f"{_SERVER}/s3-redirects.json": _objects,
    }  # fmt: skip
    for path, make in files.items():
        yield Output(path, partial(make, publication), NAME, media_type="text/plain")
    yield Output(f"{_SERVER}/nginx.conf", partial(_nginx, frame), NAME, media_type="text/plain")


def moved(publication: Publication) -> dict[str, str]:
    """Earlier slugs, and the slug that each leads to: one step, since content refuses an alias that is a slug."""
    return {alias: article.slug for article in publication.on(NAME) for alias in article.aliases}


def _nothing(_publication: Publication) -> bytes:
    return b""


def _redirects(publication: Publication) -> bytes:
    """Netlify takes the first line, as "!" alone wins over the page that leads on; Cloudflare knows no "!" and no
    address without its exact slash.
    """
    base = house.base(publication.site)
    lines = [
        line
        for old, new in moved(publication).items()
        for line in (
            f"{base}{old}/ {base}{new}/ 301!", f"{base}{old}/ {base}{new}/ 301", f"{base}{old} {base}{new}/ 301"
        )
    ]  # fmt: skip
    return "".join(f"{line}\n" for line in ["# Netlify, Cloudflare Pages, GitLab Pages", *lines]).encode()


def _objects(publication: Publication) -> bytes:
    """Parameters of S3's PutObject, one for each page that leads on; routing rules would end at fifty."""
    base = house.base(publication.site)
    objects = [
        {
            "Key": f"{base[1:]}{old}/index.html", "ContentType": "text/html; charset=utf-8", "CacheControl": BRIEF,
            "WebsiteRedirectLocation": f"{base}{new}/",
        }
        for old, new in moved(publication).items()
    ]  # fmt: skip
    return (json.dumps(objects, indent=2) + "\n").encode()


def _headers(publication: Publication) -> bytes:
    """Cloudflare joins what several rules say of one header, so no two rules for one header match the same path."""
    base, searched = house.base(publication.site), bool(publication.site.settings.get("search"))
    rules = [(f"{base}*", {"Content-Security-Policy": policy.widest(search=searched), **_COMMON})]
    rules += [(f"{base}{part}", {"Cache-Control": LONG}) for part in ("assets/*",)]
    pages = ["/".join([":a", ":b", ":c", ":d"][:depth]) + "/" for depth in range(1, 5)]
    brief = ["", *pages, "feed/*", "handout/*", "sitemap.xml", "robots.txt"]
    rules += [(f"{base}{part}", {"Cache-Control": BRIEF}) for part in brief]
    for file, kind in TYPES.items():
        rules += [(f"{base}feed/{part}{file}", {"Content-Type": kind}) for part in ("", ":kind/:section/")]
    lines = ["# Netlify, Cloudflare Pages"]
    for path, headers in rules:
        lines += [path, *(f"  {name}: {value}" for name, value in headers.items())]
    return "".join(f"{line}\n" for line in lines).encode()


def _nginx(frame: Frame) -> bytes:
    site = frame.publication.site
    text = frame.templates.render(
        NAME, "nginx.conf.txt", language=site.language, site=site, base=house.base(site), types=TYPES, common=_COMMON,
        moved=moved(frame.publication), host=urlsplit(site.base_url).hostname, long=LONG, brief=BRIEF,
        page=policy.header(policy.PAGE), search=policy.header(policy.SEARCH), letter=policy.header(policy.LETTER),
    )  # fmt: skip
    return text.encode()
