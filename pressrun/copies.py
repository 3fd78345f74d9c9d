"""How copies on paper stand: whether a text that was given out is still the one to use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pressrun import imprint
from pressrun.model import Article, Publication, states

#: what a copy may be that no article is: with other words than its article has by now, or of one that is not there
REPLACED, GONE = "replaced", "gone"


@dataclass(frozen=True, slots=True)
class Copy:
    """A text on paper, by its document code."""

    code: str
    title: str
    revision: int
    date: datetime
    #: its article's: live, due (for review), withdrawn or expired; or replaced, or gone
    state: str
    #: its article as the channel carries it today, withdrawn ones too; None for what is not published on paper
    article: Article | None


def current(publication: Publication, channel: str) -> dict[str, Article]:
    """The articles that a channel puts on paper, by the codes of their texts."""
    return {_code(publication, channel, article): article for article in publication.live(channel)}


def _code(publication: Publication, channel: str, article: Article) -> str:
    name = f"code on {channel} of {publication.fingerprint(article.slug)}"
    return publication.fact(name, partial(imprint.code, article))


def every(publication: Publication, channel: str) -> Iterator[Copy]:
    """Each text that is on paper or may be: those of today, and those that were ever given out."""
    today = current(publication, channel)
    by_id = {article.id: article for article in publication.on(channel)}
    for code, article in today.items():
        state = publication.state(article)
        state = states.LIVE if state in states.HELD else state  # what is only looked at so far
        yield Copy(code, article.title, article.revision, article.changed(), state, article)
    for record in publication.records:
        if record.code not in today:
            found = by_id.get(record.id)
            state = publication.state(found) if found else GONE
            state = state if state in (GONE, *states.GONE) else REPLACED
            yield Copy(record.code, record.title, record.revision, record.date, state, found)
