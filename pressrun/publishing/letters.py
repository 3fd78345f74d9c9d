"""Newsletters at their hour: which are due, to which list, and what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pressrun.build import Desk
from pressrun.channels import newsletter
from pressrun.faults import Refused
from pressrun.mailing import posting
from pressrun.mailing.lists import Segment
from pressrun.mailing.posting import Order
from pressrun.mailing.sending import Changed
from pressrun.model import Issue, Publication
from pressrun.publishing import ledger
from pressrun.publishing.ledger import Key

#: events after which an issue is not touched again by itself
SETTLED = frozenset({ledger.SENT, ledger.HANDED_OVER, ledger.HELD})
#: hours after which an issue is held, if site.yaml says nothing else
LATE = 24


@dataclass(frozen=True, slots=True)
class Due:
    """An issue whose hour has come, and whom it goes to."""

    issue: Issue
    list: str
    #: when it was to go out
    at: datetime
    segment: Segment
    #: of the site, for newsletters
    settings: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """In the ledger; without a hash, for whatever its words become, it goes out once."""
        return Key(self.issue.id, newsletter.NAME, self.list)

    def late(self, now: datetime, hours: int) -> bool:
        """Whether nobody expects it any more."""
        return now - self.at > timedelta(hours=hours)


class Fate(NamedTuple):
    """What became of an issue."""

    #: of the ledger; empty for what comes again with the next run
    event: str
    told: str
    #: whether it fails the run
    wrong: bool = False


def due(publication: Publication) -> Iterator[Due]:
    """The issues that are out and name a list, and every article's own for the list of `publish:`, the oldest first."""
    usual = publication.site.settings.get("publish", {}).get("list", "")
    settings = publication.site.settings.get(newsletter.NAME, {})
    dates = {article.id: article.date for article in publication.articles}
    found = []
    for issue in newsletter.issues(publication):
        if name := issue.list or (usual if issue.id in dates else ""):
            other = issue.id in dates and issue.language != publication.site.language
            segment = Segment(language=issue.language if other else "")
            found.append(Due(issue, name, dates.get(issue.id, issue.date), segment, settings))
    yield from sorted(found, key=lambda one: (one.at, one.issue.id))


def send(
    desk: Desk, one: Due, environment: Mapping[str, str], clock: Callable[[], datetime], begin: Callable[[], None]
) -> Fate:  # fmt: skip
    """Sends it, hands it over, or says why not. Whoever may have got it never gets it again.

    `begin` is called when nothing but a mail server stands between it and its first recipient any more.
    Raises ModuleNotFoundError where an extra is missing.
    """
    name, settings = one.issue.name, one.settings
    try:
        if provider := settings.get("unsubscribe", {}).get("provider"):
            if "listmonk" in settings:
                return Fate(ledger.HANDED_OVER, posting.hand_over(desk, clock(), name, environment))
            paste = f"paste outputs/{newsletter.NAME}/{name}.html at {provider}"
            return Fate(ledger.HANDED_OVER, f"The newsletter '{name}' is due: {paste}.")
        if environment.get("CI") and not environment.get(posting.FOLDER):
            why = f"{posting.FOLDER} must name a folder that outlives this run: its ledger knows who got a copy"
            return Fate("", f"The newsletter '{name}' was not sent: {why}.", wrong=True)
        order = Order(issue=name, list=one.list, segment=one.segment)
        plan = posting.plan(desk, clock(), order, environment)
        begin()
        found = posting.carry_out(plan, desk, clock)
    except Changed as error:
        found = posting.account(one.issue.id, environment)
        if found.deferred:  # nobody puts back what was corrected, so it is told once
            said = f"The newsletter '{name}' is held, and {found.deferred} did not get it: {error}"
            return Fate(ledger.HELD, said, wrong=True)
    except (ValueError, Refused) as error:  # Stopped, Busy, faults in a list, and what the environment lacks
        return Fate("", f"The newsletter '{name}' was not sent: {error}", wrong=True)
    said = f"The newsletter '{name}' to '{one.list}': {found}."
    if found.stopped or found.deferred:
        return Fate("", f"{said} {found.stopped or 'The next run tries the others again.'}", wrong=bool(found.stopped))
    return Fate(ledger.SENT, said, wrong=bool(found.unknown))
