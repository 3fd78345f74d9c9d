"""Where articles and issues of the newsletter stand on their way to readers: what waits, what is out, what is due."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from pressrun.channels.newsletter.keys import unmerged
from pressrun.content import Content
from pressrun.model import Article, Issue, states

#: what is looked at
Piece = Article | Issue
#: that of a file that was never sound; of issues that are live: of one that nobody was sent, and of the others
_FAULTY, _READY, _SENT = "faulty", "ready", "sent"
_TITLES = {
    states.DRAFT: "Drafts", states.IN_REVIEW: "In review", states.SCHEDULED: "Scheduled", _READY: "To be sent",
    states.DUE: "Due for review", states.LIVE: "Out", _SENT: "Sent", states.WITHDRAWN: "Withdrawn",
    states.EXPIRED: "Expired", _FAULTY: "Cannot be read yet",
}  # fmt: skip
#: folders below content/ with the files of what is listed, and whether those are issues
_FOLDERS = {"articles": False, "newsletters": True}


def name(piece: Piece) -> str:
    """What its file is called, and its outputs."""
    return piece.slug if isinstance(piece, Article) else piece.name


def title(piece: Piece) -> str:
    """What staff call it."""
    return piece.title if isinstance(piece, Article) else unmerged(piece.subject)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one article or issue stands."""

    #: one of `states`, where due begins before the review; ready or sent for an issue; faulty for what was never sound
    state: str
    #: the instant that goes with it, if any
    when: datetime | None = None
    #: when it is to be looked at again
    review: datetime | None = None
    #: which it is of those that stand alike, and of how many; the scheduled ones by their hour
    number: int = 0
    of: int = 0
    #: what an issue waits for
    why: str = ""

    @property
    def held(self) -> bool:
        """Whether no reader gets it by now."""
        return self.state in {*states.HELD, _FAULTY}


@dataclass(frozen=True, slots=True)
class Entry:
    """An article or an issue in the list of all."""

    slug: str
    title: str
    #: as `Standing` has it
    state: str = _FAULTY
    language: str = ""
    when: datetime | None = None
    issue: bool = False
    #: what an issue waits for
    why: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    state: str
    title: str
    entries: tuple[Entry, ...]


def queue(found: Content, sent: Container[str]) -> tuple[Group, ...]:
    """Every article and issue by how it stands, what waits first; `sent` has the ids of issues whose sending began."""
    groups: dict[str, list[Entry]] = {state: [] for state in _TITLES}
    for entry in (*_articles(found), *_issues(found, sent)):
        groups[entry.state].append(entry)
    known = {entry.slug for entries in groups.values() for entry in entries}
    paths = {PurePosixPath(fault.place.path) for fault in found.faults}
    unread = {path.stem: path.parts[1] for path in paths if len(path.parts) > 2 and path.parts[1] in _FOLDERS}
    groups[_FAULTY] = [
        Entry(slug, slug, issue=_FOLDERS[folder]) for slug, folder in sorted(unread.items())
        if slug in found.faulty - known
    ]  # fmt: skip
    groups[states.SCHEDULED].sort(key=lambda entry: (entry.when, entry.slug))
    groups[states.DRAFT].sort(key=lambda entry: entry.title)
    return tuple(Group(state, _TITLES[state], tuple(entries)) for state, entries in groups.items() if entries)


def _articles(found: Content) -> Iterator[Entry]:
    for article in (*found.publication.held, *found.publication.articles):
        state = found.publication.state(article, notice=states.SOON)
        review = article.review.next if article.review else None
        when = {states.SCHEDULED: article.date, states.DUE: review}.get(state)
        yield Entry(article.slug, article.title, state, article.language, when)


def _issues(found: Content, sent: Container[str]) -> Iterator[Entry]:
    """An issue waits for its articles, even while they are shown with it."""
    publication = found.publication
    articles, now = publication.articles, publication.now
    out = {article.slug for article in articles if publication.state(article) not in states.HELD}
    for issue in (*publication.held_issues, *publication.issues):
        state = states.of_issue(issue, now, out, publication.approved)
        state = _SENT if issue.id in sent else {states.LIVE: _READY}.get(state, state)
        waits = state == states.SCHEDULED
        when, why = (issue.date, states.why_held(issue, state, now, out)) if waits else (None, "")
        yield Entry(issue.name, title(issue), state, issue.language, when, True, why)


def of(groups: tuple[Group, ...], piece: Piece | None, slug: str) -> Standing:
    """How an article or an issue stands; None for one that was never sound."""
    places = ((group, place) for group in groups for place in enumerate(group.entries, 1) if place[1].slug == slug)
    group, (number, entry) = next(places, (None, (0, Entry(slug, slug))))
    if not piece or not group:
        return Standing(_FAULTY)
    when: dict[str, datetime | None] = dict.fromkeys((states.SCHEDULED, states.LIVE, states.DUE, _READY), piece.date)
    review = None
    if isinstance(piece, Article):
        when[states.WITHDRAWN] = piece.withdrawn.date if piece.withdrawn else None
        when[states.EXPIRED] = piece.expires
        review = piece.review.next if piece.review else None
    return Standing(group.state, when.get(group.state), review, number, len(group.entries), entry.why)
