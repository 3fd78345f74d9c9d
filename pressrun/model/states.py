"""How an article or an issue of the newsletter stands at an instant. Nothing else decides it; everything else asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from pressrun.model.article import Article
from pressrun.model.issue import Issue

DRAFT, IN_REVIEW, SCHEDULED, APPROVED, LIVE, DUE, WITHDRAWN, EXPIRED = (
    "draft", "in review", "scheduled", "approved", "live", "due", "withdrawn", "expired",
)  # fmt: skip
#: readers have nothing of it yet
HELD = frozenset({DRAFT, IN_REVIEW, SCHEDULED})
#: a notice stands in place of the text
GONE = frozenset({WITHDRAWN, EXPIRED})
#: how long before a review staff are told of it
SOON = timedelta(days=30)


def of(
    article: Article, now: datetime, approved: Collection[str] | None = None, out: Collection[str] | None = None,
    notice: timedelta = timedelta(),
) -> str:  # fmt: skip
    """The state of an article.

    `approved`: ids of those whose present text is approved; None where nobody has to. `out`: ids of those that are
    online by the ledger; None where that is not asked for. `notice`: how long before its review an article is due.
    """
    if article.draft:
        return DRAFT
    if approved is not None and article.id not in approved:
        return IN_REVIEW
    if article.date > now:
        return SCHEDULED
    if article.withdrawn and article.withdrawn.date <= now:
        return WITHDRAWN
    if article.expires and article.expires <= now:
        return EXPIRED
    if approved is not None and out is not None and article.id not in out:
        return APPROVED
    review = article.review and article.review.next
    # In UTC: what is added in a zone is added to the hands of its clocks.
    return DUE if review and review <= now.astimezone(UTC) + notice else LIVE


def of_issue(
    issue: Issue, now: datetime, visible: Collection[str], approved: Collection[str] | None = None
) -> str:  # fmt: skip
    """draft, in review, scheduled (for its hour, or for one of its articles) or live; `visible` has slugs."""
    if issue.draft:
        return DRAFT
    if approved is not None and issue.id not in approved:
        return IN_REVIEW
    return SCHEDULED if issue.date > now or _awaited(issue, visible) else LIVE


def _awaited(issue: Issue, visible: Collection[str]) -> list[str]:
    return [entry.slug for entry in issue.entries if entry.slug not in visible]


def said(state: str) -> str:
    """A state in words for people."""
    return "due for review" if state == DUE else state


def why_held(held: Article | Issue, state: str, now: datetime, visible: Collection[str] = ()) -> str:
    """Why readers have nothing of it, behind its name."""
    if state != SCHEDULED:
        return {DRAFT: "a draft", IN_REVIEW: "in review: nobody has approved its text"}[state]
    if isinstance(held, Article):
        return f"appears on {held.date:%Y-%m-%d %H:%M %Z}"
    waits = [f"until {held.date:%Y-%m-%d %H:%M %Z}"] if held.date > now else []
    waits += [f"for '{slug}', which is not out" for slug in _awaited(held, visible)]
    return f"waits {', '.join(waits)}"
