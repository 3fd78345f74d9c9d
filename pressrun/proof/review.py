"""What is due: checks of the facts, and translations of texts that have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pressrun import schema, source, translations
from pressrun.faults import Fault
from pressrun.model import Article, Publication
from pressrun.proof import rulings
from pressrun.proof.rulings import Finding, Rulings

PAST, DUE, BEHIND = "review-past", "review-due", "translation-behind"
RULES = (PAST, DUE, BEHIND)


def prove(publication: Publication) -> Iterator[Finding]:
    """What is due by the publication's instant or soon, in the order of the files, drafts left out.

    Raises Refused for a rule in site.yaml that there is not.
    """
    ruled = rulings.read(publication.site)
    behind = {fault.place.path: fault for fault in translations.outdated(publication)}
    for article in rulings.articles(publication):
        outdated = behind.get(article.place.path)
        found = [*_reviewed(article, publication.now, ruled), *ruled.weigh(BEHIND, [outdated] if outdated else [])]
        yield from ruled.excuse(article, RULES, found)


def _reviewed(article: Article, now: datetime, ruled: Rulings) -> Iterator[Finding]:
    due = article.review and article.review.next
    if due and due <= now:
        yield from ruled.weigh(PAST, [_fault(article, f"The facts were to be checked again by {due:%Y-%m-%d}.")])
    elif due and due <= now + timedelta(days=ruled.limit(DUE)):
        yield from ruled.weigh(DUE, [_fault(article, f"The facts are to be checked again by {due:%Y-%m-%d}.")])


def _fault(article: Article, problem: str) -> Fault:
    node = source.read(article.place.path, article.typed.encode(), schema.WORDS)
    written = node.get("review") if isinstance(node, source.Mapping) else None
    at = written.get("next") if isinstance(written, source.Mapping) else None
    return (at or node).fault(problem, "Have them checked, then write who did, when, and when again, below 'review:'.")
