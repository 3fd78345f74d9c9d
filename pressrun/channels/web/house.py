"""Pages about the site itself: who publishes, how to follow, and what stands at an address that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from pressrun import languages
from pressrun.channels.web import lists
from pressrun.channels.web.frame import Frame
from pressrun.model import Site
from pressrun.outputs import Output

ABOUT, FEEDS, MISSING = "about/", "feeds/", "404.html"


def outputs(frame: Frame, found: lists.Catalogue) -> Iterator[Output]:
    yield frame.output(ABOUT, partial(_about, frame, found), partial(frame.all_inputs, "about.html"))
    yield frame.output(FEEDS, partial(_feeds, frame, found), partial(frame.all_inputs, "feeds.html"))
    yield frame.output(MISSING, partial(_missing, frame), partial(frame.all_inputs, "missing.html"))


def base(site: Site) -> str:
    """The path of the live site on its host: "/", or "/folder/"."""
    return f"{urlsplit(site.base_url).path.rstrip('/')}/"


def _about(frame: Frame, found: lists.Catalogue) -> bytes:
    postal = frame.publication.site.address
    return frame.page(
        ABOUT, "about.html", described=lists.described, languages=found.links(lists.LANGUAGE),
        postal=postal and not postal.startswith("["), reviewed=any(article.review for article in found.live),
    )  # fmt: skip


def _feeds(frame: Frame, found: lists.Catalogue) -> bytes:
    subjects = [(each.name, each.language, each.address) for each in found.links(lists.CATEGORY)]
    spoken = [(languages.autonym(each.name), each.name, each.address) for each in found.links(lists.LANGUAGE)]
    return frame.page(
        FEEDS, "feeds.html", described=lists.described,
        categories=_followed(frame, lists.CATEGORY, subjects), languages=_followed(frame, lists.LANGUAGE, spoken),
    )  # fmt: skip


def _followed(frame: Frame, kind: str, sections: list[tuple[str, str, str]]) -> list[tuple[str, str, list[Output]]]:
    """Name, its language and feeds of each section that has feeds of its own."""
    found = [(name, language, frame.feeds(f"{kind}/{address}")) for name, language, address in sections]
    return [(name, language, feeds) for name, language, feeds in found if feeds]


def _missing(frame: Frame) -> bytes:
    """It is served in place of pages at any depth: only whole paths lead from there."""
    return frame.page(MISSING, "missing.html", root=base(frame.publication.site))
