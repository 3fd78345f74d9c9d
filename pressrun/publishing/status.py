"""Signs of life: what the last run found, for whoever watches, and which runs did not happen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.request import urlopen

from pressrun.model import Publication

#: on the live site
PATH = "status.json"
#: a target that keeps every version for ever is told no more often than this, while nothing changes
_SELDOM = timedelta(days=1)
#: seconds
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Status:
    """What a run leaves on the live site."""

    #: when it ended
    at: datetime
    #: how many articles are live
    live: int
    #: how many things failed it; their words may name what nobody has published yet
    problems: int = 0
    #: the next instant at which something appears or goes by itself
    next: datetime | None = None

    def encoded(self) -> bytes:
        """As JSON; instants are ISO 8601."""
        told = asdict(self) | {"ok": not self.problems}
        return (json.dumps(told, default=datetime.isoformat, indent=1) + "\n").encode()

    def told(self) -> str:
        """For people, in a line."""
        went = f"{self.problems} went wrong" if self.problems else "all went well"
        live = f"{self.live} article{' is' if self.live == 1 else 's are'}"
        coming = f" Something is due {_said(self.next)}." if self.next else ""
        return f"The last run that left word ended {_said(self.at)}: {went}, {live} live.{coming}"

    def says_the_same(self, other: Status | None) -> bool:
        """Whether it tells nothing new, and the other is still young enough to be believed."""
        if other is None or self.at - other.at >= _SELDOM:
            return False
        return (self.live, self.problems) == (other.live, other.problems)


def decoded(data: bytes | None) -> Status | None:
    """A status as it was left; None for what is none."""
    try:
        found = json.loads(data or b"")
        at, following = (datetime.fromisoformat(found[key]) if found[key] else None for key in ("at", "next"))
        return Status(at, int(found["live"]), int(found["problems"]), following) if at and at.tzinfo else None
    except (ValueError, TypeError, KeyError):
        return None


def missed(last: Status | None, publication: Publication, now: datetime, every: int) -> Iterator[str]:
    """Sentences about runs that did not happen, of one every so many minutes, and what they would have published."""
    if not (last and every) or now - last.at < 2 * timedelta(minutes=every):
        return
    count = (now - last.at) // timedelta(minutes=every) - 1
    yield f"{count} run{'s' * (count > 1)} did not happen since {_said(last.at)}."
    for name, when in _between(publication, last.at, now - timedelta(minutes=every)):
        yield f"'{name}' was due {_said(when)}, and is late."


def _said(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M %Z}"


def _between(publication: Publication, since: datetime, until: datetime) -> Iterable[tuple[str, datetime]]:
    """What became visible meanwhile, by the name of its file, in order."""
    pairs = [(article.slug, article.date) for article in publication.articles]
    pairs += [(issue.name, issue.date) for issue in publication.issues]
    return sorted((pair for pair in pairs if since < pair[1] <= until), key=lambda pair: pair[1])


def call(url: str, said: bytes | None = None) -> str:
    """Tells a watcher, or a hub, that there is something to know; why that failed, if it did. It never fails a run."""
    try:
        with urlopen(url, said, timeout=_PATIENCE):  # noqa: S310  # site.yaml takes web addresses alone
            return ""
    except Exception as error:  # noqa: BLE001  # whatever they do, the site is published
        return f"{getattr(error, 'reason', '') or error or type(error).__name__}."
