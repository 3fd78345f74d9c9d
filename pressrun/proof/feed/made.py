"""The documents of feeds that a build would make, as they lie in outputs/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pressrun import build
from pressrun.build import Desk
from pressrun.channels import feed as channel
from pressrun.faults import Refused
from pressrun.model import Publication
from pressrun.outputs import LIVE, Output, Shelf
from pressrun.proof.feed import Asked, Finding, judge

_FOLDER = f"{channel.NAME}/"
_ENDINGS = (".xml", ".json")


@dataclass(frozen=True)
class Feeds:
    """Every document of every feed."""

    #: outputs/
    folder: Path
    #: paths below it
    paths: tuple[str, ...]
    asked: Asked
    #: those that were not made from what is there now
    stale: tuple[str, ...]

    def files(self) -> dict[str, bytes]:
        """What lies there, by path below outputs/feed/."""
        found = ((path.removeprefix(_FOLDER), self.folder / path) for path in self.paths if path not in self.stale)
        return {name: path.read_bytes() for name, path in found}


def feeds(desk: Desk, now: datetime) -> Feeds:
    """Raises Refused for a site or tokens at fault."""
    found = build.read(desk, now)
    shelf = build.declare(desk, found, [])
    outputs = [output for output in shelf.all() if output.channel == channel.NAME and output.path.endswith(_ENDINGS)]
    stale = tuple(output.path for output in outputs if not _is_fresh(shelf, output))
    paths = tuple(output.path for output in outputs)
    return Feeds(desk.outputs, paths, _asked(found.publication, desk.outputs / LIVE), stale)


def _is_fresh(shelf: Shelf, output: Output) -> bool:
    """Feeds are made anew by every build, so they are made anew here."""
    path = shelf.folder / output.path
    try:
        return path.is_file() and shelf.data(output) == path.read_bytes()
    except Refused:
        return False


def _asked(publication: Publication, live: Path) -> Asked:
    site, articles = publication.site, publication.on(channel.NAME)
    settings = site.settings.get(channel.NAME, {})
    return Asked(
        base_url=site.base_url, language=site.language, limit=settings.get("limit", channel.LIMIT),
        hub=settings.get("hub", ""), now=publication.now, ids=tuple(article.id for article in articles),
        gone=frozenset(article.id for article in articles if publication.gone(article)), live=live,
    )  # fmt: skip


def prove(found: Feeds) -> Iterator[Finding]:
    """What is wrong with the feeds, and which of them are older than the content."""
    for path in found.stale:
        made = (found.folder / path).is_file()
        problem = "It is not made from what is there now." if made else "It has not been made."
        yield Finding(f"outputs/{path}", "made", problem, "Run: ./inv build")
    if not found.stale:
        yield from judge(found.files(), found.asked)
