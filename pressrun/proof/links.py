"""Where links to the site itself lead, in what lies in outputs/."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path, PurePath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pressrun.build import Desk
from pressrun.channels import feed, handout, newsletter
from pressrun.faults import Fault, Place
from pressrun.model import Article, Block, Link, Publication, Quote, Site, blocks, prose, spans
from pressrun.outputs import LIVE
from pressrun.proof import addresses, rulings
from pressrun.proof.rulings import Finding

LOST = "link-lost"
_SCHEMES = ("http:", "https:")


class Spot(NamedTuple):
    """An address, and where its author typed it."""

    url: str
    place: Place
    excerpt: str


# ---- the site itself


def prove(desk: Desk, publication: Publication, article: str = "") -> Iterator[Finding]:
    """Links to the site itself, in pages, feeds and newsletters of outputs/ (or of one article) that lead to nothing.

    Those that an author typed are told at their place in the article. Raises Refused for a rule in site.yaml that
    there is not.
    """
    ruled, house = rulings.read(publication.site), House(desk.outputs / LIVE, publication.site)
    if not house.folder.is_dir():
        yield from ruled.weigh(LOST, [Fault(Place(f"outputs/{LIVE}"), "It has not been made.", "Run: ./inv build")])
        return
    told: set[str] = set()
    for one in rulings.articles(publication):
        lost = {spot.url: spot for spot in typed(one) if house.lacks(spot.url)}
        told |= lost.keys()
        faults = (_lost(spot.place, spot.url, house, spot.excerpt) for spot in lost.values())
        yield from ruled.excuse(one, [LOST], ruled.weigh(LOST, faults))
    yield from ruled.weigh(LOST, _in_outputs(desk.outputs, house, told, article))


def _in_outputs(folder: Path, house: House, told: set[str], article: str) -> Iterator[Fault]:
    """Each lost address at its first place, with the number of other documents that have it."""
    leave = _leave(house.site)
    lost: dict[str, list[Place]] = {}
    for path, address, file in _documents(folder, house):
        if article and not _is_of(article, PurePath(path).with_suffix("")):
            continue
        try:
            found = list(addresses.read(file, address))
        except ValueError as error:
            yield Fault(Place(f"{folder.name}/{path}"), f"It cannot be read: {error}.", "Run: ./inv build")
            continue
        for url in dict.fromkeys(url for _, url in found):
            if url not in told and url != leave and house.lacks(url):
                line = next(line for line, known in found if known == url)
                lost.setdefault(url, []).append(Place(f"{folder.name}/{path}", line))
    for url, places in sorted(lost.items(), key=lambda found: found[1]):
        yield _lost(places[0], url, house, others=len(places) - 1)


def _lost(place: Place, url: str, house: House, excerpt: str = "", others: int = 0) -> Fault:
    page = house.page(url)
    named = page is not None and house.file(page) is not None
    problem = f"'{url}' leads to {'a heading that is not there' if named else 'nothing that was made'}"
    problem += f" (here and in {others} more)." if others else "."
    remedy = (
        f"It lies on your own site, {house.site.base_url}: correct it, write an article's slug, or run: ./inv build"
    )
    return Fault(place, problem, remedy, excerpt)


class House:
    """The live site as it lies in outputs/web/."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = folder, site
        self._anchors = cache(partial(_anchors, folder))

    def page(self, url: str) -> str | None:
        """The path below the live site that an address leads to; None for one that leads elsewhere."""
        bare = url.partition("#")[0].partition("?")[0]
        if bare != self.site.base_url and not bare.startswith(f"{self.site.base_url}/"):
            return None
        return unquote(bare[len(self.site.base_url) + 1 :])

    def file(self, page: str) -> Path | None:
        """The file that a server gives for a path."""
        found = self.folder / page.lstrip("/")
        if not page or page.endswith("/") or found.is_dir():
            found /= "index.html"
        return found if found.is_file() else None

    def lacks(self, url: str) -> bool:
        """Whether an address leads to this site, and there to nothing."""
        page = self.page(url)
        if page is None:
            return False
        file, anchor = self.file(page), unquote(urlsplit(url).fragment)
        if file is None:
            return True
        named = anchor and anchor != "top" and not anchor.startswith(":~:") and file.suffix == ".html"
        return bool(named and anchor not in self._anchors(file))


def _anchors(folder: Path, file: Path) -> frozenset[str]:
    assert file.is_relative_to(folder)
    root = addresses.tree(file)
    return frozenset([*root.xpath("//@id"), *root.xpath("//a/@name")])


def _documents(folder: Path, house: House) -> Iterator[tuple[str, str, Path]]:
    """(path below outputs/, address, file) of what may lead somewhere.

    Feeds and newsletters lie in the live site too; only the plain text of a letter does not.
    """
    for file in sorted(house.folder.rglob("*")):
        path = file.relative_to(house.folder).as_posix()
        # What else is JSON there is the search's own.
        if file.suffix != ".json" or path.startswith(f"{feed.NAME}/"):
            yield f"{LIVE}/{path}", house.site.url(path.removesuffix("index.html")), file
    for file in sorted((folder / newsletter.NAME).glob("*.txt")):
        yield file.relative_to(folder).as_posix(), house.site.base_url, file


def _is_of(article: str, document: PurePath) -> bool:
    """Whether a document is made of one article or issue alone: its page, letter or handout."""
    handouts = [f"{article}-{edition}" for edition in handout.EDITIONS]
    letter = document.parts[1:3] == (newsletter.NAME, article)
    return letter or document.parts[1] == article or document.name in (article, *handouts)


def _leave(site: Site) -> str:
    """Where readers unsubscribe, which some program other than this answers."""
    unsubscribe = site.settings.get(newsletter.NAME, {}).get("unsubscribe", {})
    return str(unsubscribe.get("leave", "")).replace("{token}", "preview")


# ---- what authors type


def typed(article: Article) -> Iterator[Spot]:
    """Every whole web address of an article, with its place."""
    options = (value for name in article.channels for value in article.options(name).values())
    said = tuple(part for value in options if isinstance(value, tuple) for part in value if isinstance(part, Block))
    lines = article.typed.splitlines()
    for text in (*article.prose(), *prose(said)):
        for span in spans(text):
            if isinstance(span, Link) and span.href.startswith(_SCHEMES):
                yield Spot(span.href, span.place, lines[span.place.line - 1] if span.place.line <= len(lines) else "")
    quotes = (block.url for block in blocks((*article.body, *said)) if isinstance(block, Quote))
    authors = (author.url for author in article.authors)
    for url in filter(None, (*quotes, *authors, *(source.url for source in article.sources))):
        yield Spot(url, *article.find(url))
