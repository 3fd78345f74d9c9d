"""The pages that a build would make, as they lie in outputs/web/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree

from pressrun import build
from pressrun.build import Desk
from pressrun.channels import web as channel
from pressrun.channels.web import search
from pressrun.faults import Refused
from pressrun.model import Publication
from pressrun.outputs import LIVE, Output, Shelf
from pressrun.proof import rulings
from pressrun.proof.web import Asked, Finding, judge
from pressrun.proof.web.rules import ERROR, fold

_FOLDER, _ENDING = f"{LIVE}/", ".html"
_MAP = "sitemap.xml"


@dataclass(frozen=True)
class Pages:
    """Every page of the site but the newsletters', which have rules of their own."""

    #: outputs/
    folder: Path
    #: paths below outputs/web/
    paths: tuple[str, ...]
    asked: Asked
    #: those that were not made from what is there now
    stale: frozenset[str]
    severities: Mapping[str, str]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """What lies there of those that are judged, by path below outputs/web/."""
        return ((path, self.asked.live.joinpath(path).read_bytes()) for path in self.paths if path not in self.stale)


def pages(desk: Desk, now: datetime, article: str = "") -> Pages:
    """Every page, or that of one article.

    Raises Refused for a site or tokens at fault, and for a rule in site.yaml that there is not.
    """
    found = build.read(desk, now)
    publication = found.publication
    severities = {name: ruling.level for name, ruling in rulings.read(publication.site).site.items() if ruling.level}
    shelf = build.declare(desk, found, [])
    outputs = [
        output for output in shelf.all()
        if output.channel == channel.NAME and output.path.endswith(_ENDING)
        and article in ("", output.path.removeprefix(_FOLDER).partition("/")[0])
    ]  # fmt: skip
    stale = {_below(output) for output in outputs if not _is_fresh(shelf, output)}
    paths = tuple(_below(output) for output in outputs)
    return Pages(desk.outputs, paths, _asked(publication, desk.outputs / LIVE), frozenset(stale), severities)


def _below(output: Output) -> str:
    return output.path.removeprefix(_FOLDER)


def _is_fresh(shelf: Shelf, output: Output) -> bool:
    """By what it was made from; what tells nothing of that is made anew here."""
    path = shelf.folder / output.path
    try:
        if shelf.key(output):
            return shelf.fresh(output)
        return path.is_file() and shelf.data(output) == path.read_bytes()
    except Refused:
        return False


def _asked(publication: Publication, live: Path) -> Asked:
    """The one place that knows how the content becomes what pages must say."""
    site = publication.site
    articles = publication.on(channel.NAME)
    languages = {f"{slug}/index.html": one.language for one in articles for slug in (one.slug, *one.aliases)}
    return Asked(
        base_url=site.base_url, language=site.language, languages=languages, live=live, now=publication.now,
        scripted=frozenset([f"{search.PATH}index.html"]), mapped=_mapped(live),
    )  # fmt: skip


def _mapped(live: Path) -> frozenset[str]:
    """Addresses that the map of the site names, or the maps that it leads to; none where it cannot be read."""
    try:
        trees = [etree.parse(file) for file in sorted(live.glob(_MAP.replace(".", "*.")))]
    except etree.LxmlError:
        return frozenset()
    return frozenset(str(url) for tree in trees for url in tree.xpath("//*[local-name()='loc']/text()"))


def prove(found: Pages) -> Iterator[Finding]:
    """What is wrong with the pages, and which of them are older than the content."""
    yield from fold(_old(found))
    yield from judge(found.files(), found.asked, found.severities)


def _old(found: Pages) -> Iterator[Finding]:
    for path in filter(found.stale.__contains__, found.paths):
        made = (found.asked.live / path).is_file()
        problem = "It is not made from what is there now." if made else "It has not been made."
        yield Finding(f"outputs/{_FOLDER}{path}", 0, "made", ERROR, problem, "Run: ./inv build")
