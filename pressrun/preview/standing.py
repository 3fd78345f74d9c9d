"""Where articles stand on their way to readers: drafts, what is scheduled, what is out, what is due for review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from pressrun.content import Content
from pressrun.model import Article, states

#: that of an article that was never sound
_FAULTY = "faulty"
_TITLES = {
    states.DRAFT: "Drafts", states.IN_REVIEW: "In review", states.SCHEDULED: "Scheduled",
    states.DUE: "Due for review", states.LIVE: "Out", states.WITHDRAWN: "Withdrawn", states.EXPIRED: "Expired",
    _FAULTY: "Cannot be read yet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How one article stands."""

    #: one of `states`, where due begins before the review, or faulty for one that was never sound
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
        return self.state in {*states.HELD, _FAULTY}


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
        state = found.publication.state(article, notice=states.SOON)
        review = article.review.next if article.review else None
        when = {states.SCHEDULED: article.date, states.DUE: review}.get(state)
        groups[state].append(Entry(article.slug, article.title, article.language, when))
    known = {article.slug for article in articles}
    unread = sorted(slug for slug in found.faulty if slug and slug not in known and _is_article(found, slug))
    groups[_FAULTY] = [Entry(slug, slug, "") for slug in unread]
    groups[states.SCHEDULED].sort(key=lambda entry: (entry.when, entry.slug))
    groups[states.DRAFT].sort(key=lambda entry: entry.title)
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
        return Standing(_FAULTY)
    since = dict.fromkeys((states.SCHEDULED, states.LIVE, states.DUE), article.date)
    withdrawn = article.withdrawn.date if article.withdrawn else None
    when = {**since, states.WITHDRAWN: withdrawn, states.EXPIRED: article.expires}.get(group.state)
    review = article.review.next if article.review else None
    return Standing(group.state, when, review, number, len(group.entries))


def _places(groups: tuple[Group, ...], slug: str) -> Iterator[tuple[Group, int]]:
    for group in groups:
        for number, entry in enumerate(group.entries, 1):
            if entry.slug == slug:
                yield group, number
