"""Where articles stand on their way to readers: drafts, what is scheduled, what is out, what is due for review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from pressrun.content import Content
from pressrun.model import Article, Publication

#: how long before its review an article is in the queue for it
_SOON = timedelta(days=30)
_TITLES = {
    "draft": "Drafts", "scheduled": "Scheduled", "due": "Due for review", "live": "Out", "withdrawn": "Withdrawn",
    "expired": "Expired", "faulty": "Cannot be read yet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How one article stands."""

    #: draft, scheduled, live, withdrawn, expired, due (for review), or faulty for one that was never sound
    state: str
    #: the instant that goes with it, if any
    when: datetime | None = None
    #: when it is to be looked at again
    review: datetime | None = None
    #: which it is of those that stand alike, and of how many; the scheduled ones by their hour
    number: int = 0
    of: int = 0

    @property
    def held(self) -> bool:
        """Whether no reader gets it by now."""
        return self.state in ("draft", "scheduled", "faulty")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in the list of all."""

    slug: str
    title: str
    language: str
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    state: str
    title: str
    entries: tuple[Entry, ...]


def queue(found: Content) -> tuple[Group, ...]:
    """Every article by how it stands, what waits first."""
    groups: dict[str, list[Entry]] = {state: [] for state in _TITLES}
    articles = (*found.publication.held, *found.publication.articles)
    for article in articles:
        state = _state(found.publication, article)
        review = article.review.next if article.review else None
        when = {"scheduled": article.date, "due": review}.get(state)
        groups[state].append(Entry(article.slug, article.title, article.language, when))
    known = {article.slug for article in articles}
    unread = sorted(slug for slug in found.faulty if slug and slug not in known and _is_article(found, slug))
    groups["faulty"] = [Entry(slug, slug, "") for slug in unread]
    groups["scheduled"].sort(key=lambda entry: (entry.when, entry.slug))
    groups["draft"].sort(key=lambda entry: entry.title)
    return tuple(Group(state, _TITLES[state], tuple(entries)) for state, entries in groups.items() if entries)


def _is_article(found: Content, slug: str) -> bool:
    """Newsletters of several articles may be at fault as well."""
    paths = (PurePosixPath(fault.place.path) for fault in found.faults)
    return any(path.stem == slug and "articles" in path.parts for path in paths)


def of(found: Content, article: Article | None, slug: str) -> Standing:
    """How an article stands; None for one that was never sound."""
    groups = queue(found)
    group, number = next(_places(groups, slug), (None, 0))
    if not article or not group:
        return Standing("faulty")
    gone = article.withdrawn.date if article.withdrawn else article.expires
    instants = {"scheduled": article.date, "live": article.date, "due": article.date}
    when = None if group.state == "draft" else instants.get(group.state, gone)
    review = article.review.next if article.review else None
    return Standing(group.state, when, review, number, len(group.entries))


def _places(groups: tuple[Group, ...], slug: str) -> Iterator[tuple[Group, int]]:
    for group in groups:
        for number, entry in enumerate(group.entries, 1):
            if entry.slug == slug:
                yield group, number


def _state(publication: Publication, article: Article) -> str:
    state = publication.state(article)
    due = article.review and article.review.next and article.review.next - _SOON <= publication.now
    return "due" if state == "live" and due else state
