"""Giving out: what must be remembered of what readers get, and the hub that tells them of news."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Iterator
from datetime import datetime

from pressrun import anchors, build, copies, outputs, records
from pressrun.channels import feed, handout, web
from pressrun.faults import Refused
from pressrun.model import Article, Publication, Record
from pressrun.outputs import PRIVATE, Output, Shelf, digest
from pressrun.publishing import status
from pressrun.templates import Templates

#: what the hub was told of: digests of feeds, by path below outputs/
_ANNOUNCED = f"{PRIVATE}/announced.json"
#: stands in place of the channel, so that no build removes the file
CHANNEL = "publish"


def give_out(desk: build.Desk, now: datetime) -> list[Record]:
    """Remembers the texts of the handouts in outputs/; those that were not remembered before.

    Raises Refused for faults in the content, ValueError when a handout in outputs/ has not its present text.
    """
    publication = made(desk, now)
    return remember(desk, publication.now, copies.current(publication, handout.NAME).items())


def made(desk: build.Desk, now: datetime) -> Publication:
    """What the handouts in outputs/ were made from. Raises as `give_out` does."""
    found = build.read(desk, now)
    if found.faults:
        raise Refused(found.faults)
    if stale := _stale(desk, found.publication):
        raise ValueError(f"{stale} in outputs/ was not made from its article's present text. Build first: ./inv build")
    return found.publication


def remember(desk: build.Desk, now: datetime, texts: Iterable[tuple[str, Article]]) -> list[Record]:
    """Remembers texts on paper by their codes; those that were not remembered before."""
    found = [
        Record(
            code=code, id=article.id, slug=article.slug, title=article.title, revision=article.revision,
            date=article.changed(), recorded=now,
        )
        for code, article in texts
    ]  # fmt: skip
    return records.append(desk.content, found)


def keep_anchors(desk: build.Desk, now: datetime) -> list[Article]:
    """Remembers the anchors of the headings of all that is published; the articles that had new ones.

    Raises Refused for faults in the content.
    """
    found = build.read(desk, now)
    if found.faults:
        raise Refused(found.faults)
    return anchors.append(desk.content, found.publication.live(web.NAME), found.publication.anchors)


def _stale(desk: build.Desk, publication: Publication) -> str:
    """The first handout that a build would draw anew, by the manifest of outputs/; empty when there is none."""
    shelf = Shelf(desk.outputs)
    made = handout.render(publication, Templates(desk.templates, publication.site.accent), shelf)
    return next((output.path for output in made if output.article and not shelf.fresh(output)), "")


def announce(desk: build.Desk) -> Iterator[str]:
    """Tells the site's WebSub hub which feeds of the whole site have changed since; a sentence about each of them.

    A hub that cannot be reached is told the next time. Raises Refused for a site at fault, ValueError for one without
    a hub.
    """
    site = build.read_site(desk)
    hub = site.settings.get(feed.NAME, {}).get("hub", "")
    if not hub:
        raise ValueError("site.yaml names no hub. To have one, add: feed: {hub: https://...}")
    told = _announced(desk)
    for path in feed.MAIN:
        file, url = desk.outputs / path, site.url(path)
        found = digest(hub, url, file.read_bytes()) if file.is_file() else ""
        if found in ("", told.get(path)):
            continue
        asked = urllib.parse.urlencode({"hub.mode": "publish", "hub.url": url}).encode()
        if problem := status.call(hub, asked):
            yield f"{hub} could not be told of {url}: {problem}"
            continue
        yield f"{hub} was told of {url}"
        told[path] = found
    outputs.put(desk.outputs, Output(_ANNOUNCED, lambda: json.dumps(told, indent=1, sort_keys=True).encode(), CHANNEL))


def _announced(desk: build.Desk) -> dict[str, str]:
    """Nothing where that is not known: the hub is told again, which harms nobody."""
    try:
        found = json.loads((desk.outputs / _ANNOUNCED).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
