"""All that is known of one article, as sentences: approvals, publications, sendings, corrections, copies on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pressrun import approvals, build, copies
from pressrun.build import Desk
from pressrun.channels import feed, handout, web
from pressrun.content import Content
from pressrun.mailing import sending
from pressrun.model import Article, plain
from pressrun.publishing import approving
from pressrun.publishing.ledger import CORRECTED, EVENTS, WITHDRAWN, Entry, Ledger

#: digits of a hash that are told
_SHORT = 8
#: what a channel makes of an article, in other words than its name
_CALLED = {web.NAME: "page", feed.NAME: "entry"}


def told(desk: Desk, now: datetime, name: str, book: Ledger) -> list[str]:
    """A line for everything that happened to an article or an issue, the earliest first. Raises ValueError, Refused.

    One whose file is gone, or at fault, is known by what was remembered of it.
    """
    found = build.read(desk, now)
    kept = [record.id for record in found.publication.records if record.slug == name]
    id_, piece = (kept or [name])[-1], None
    try:
        piece = approving.text(found, name)
        id_ = piece.id
    except ValueError:
        if not book.entries(id_):
            raise
    zone = found.publication.site.time_zone
    happened: list[tuple[datetime, str]] = [
        (one.on, f"{one.by} approved the text {one.hash[:_SHORT]}{_beside(one.git)}.")
        for one in approvals.read(desk.content, zone)[0]
        if one.id == id_
    ]
    entries = [entry for entry in book.entries() if entry.key.id in (id_, "")]
    happened += [(entry.at, _sentence(entry)) for entry in entries]
    happened += _sendings(desk, found, id_, name)
    happened += _copies(found, id_)
    if isinstance(piece, Article):
        happened += _notes(piece, {_bare(entry.detail.get("note", "")) for entry in entries})
    return [f"{at.astimezone(zone):%Y-%m-%d %H:%M}  {words}" for at, words in sorted(happened)]


def _bare(words: str) -> str:
    """Words without the marks that they were typed with."""
    return "".join(filter(str.isalnum, words))


def _beside(git: str) -> str:
    return f" (git: {git})" if git else ""


def _sentence(entry: Entry) -> str:
    where = f" for '{entry.key.audience}'" if entry.key.audience else ""
    channel = _CALLED.get(entry.key.channel, entry.key.channel)
    what = f"The {channel}" if channel else "The article" if entry.key.id else "The whole site"
    text = f" with the text {entry.key.hash[:_SHORT]}" if entry.key.id and entry.key.hash else ""
    told = (f"{name}: {said[:_SHORT] if name == 'earlier' else said}" for name, said in entry.detail.items())
    detail = "; ".join(told).rstrip(".")
    return f"{what}{text} {EVENTS[entry.event]}{where}, by {entry.by}.{f' {detail}.' if detail else ''}"


def _sendings(desk: Desk, found: Content, id_: str, slug: str) -> Iterator[tuple[datetime, str]]:
    """By the receipts of the mailing: who got what, only its own ledger knows."""
    every = (*found.publication.issues, *found.publication.held_issues)
    names = {id_, *(issue.id for issue in every if slug in [entry.slug for entry in issue.entries])}
    for path in sorted((desk.content / sending.RECEIPTS).glob("*.json")):
        if path.stem in names:
            receipt = sending.received(path)
            begun = datetime.fromisoformat(receipt["begun"])
            knows = f"the ledger {receipt['ledger'][:_SHORT]} knows to whom"
            yield begun, f"The newsletter '{receipt['issue']}' began to be sent; {knows}."


def _copies(found: Content, id_: str) -> Iterator[tuple[datetime, str]]:
    states = {copy.code: copy.state for copy in copies.every(found.publication, handout.NAME)}
    for record in found.publication.records:
        if record.id == id_:
            state = states.get(record.code, copies.GONE)
            said = f"Handout {record.code}, version {record.revision}, was remembered; it is {state} now."
            yield record.recorded, said


def _notes(article: Article, known: set[str]) -> Iterator[tuple[datetime, str]]:
    """What the article itself says of corrections and of its withdrawal, beside what the ledger told."""
    for one in article.corrections:
        if _bare(said := plain(one.text)) not in known:
            yield one.date, f"The article {EVENTS[CORRECTED]}: {said}"
    if article.withdrawn and _bare(said := plain(article.withdrawn.reason)) not in known:
        yield article.withdrawn.date, f"The article {EVENTS[WITHDRAWN]}: {said}"
