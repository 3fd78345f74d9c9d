"""Reads what authors write, while they write it, and says what readers may stumble over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from pressrun.faults import Fault
from pressrun.model import Article, Heading, Issue, Publication, Site, Words
from pressrun.proof import rulings
from pressrun.proof.language import marks, reading, wording
from pressrun.proof.language.grade import LANGUAGES
from pressrun.proof.language.passages import passages
from pressrun.proof.language.vocabulary import first, vocabulary
from pressrun.proof.language.wording import Copy
from pressrun.proof.rulings import Finding, Rulings

__all__ = ["RULES", "Finding", "of_issue", "prove", "unmeasured"]

_COUNTING: Mapping[str, Callable[[Copy, int], Iterable[Fault]]] = {
    "reading-grade": reading.reading_grade,
    "long-sentence": reading.long_sentences,
}
_WORDING: Mapping[str, Callable[[Copy], Iterable[Fault]]] = {
    "plain-words": wording.plain_words,
    "link-text": wording.link_texts,
    "abbreviation": wording.abbreviations,
    "placeholder": wording.placeholders,
    "doubled-word": wording.doubled_words,
    "stigma": wording.stigma,
    "stray-mark": marks.stray_marks,
}
#: names of the rules, in the order in which they are told
RULES = (*_COUNTING, *_WORDING)


def prove(found: Publication | Article, site: Site) -> Iterator[Finding]:
    """What readers of one article, or of all that are or will be published, may stumble over, in the files' order.

    An article is judged whatever its state; of a publication, drafts and what was taken back are left out. Raises
    Refused for a rule in site.yaml that there is not.
    """
    ruled = rulings.read(site)
    for article in [found] if isinstance(found, Article) else rulings.articles(found):
        yield from sorted(_prove(article, site, ruled))


def _prove(article: Article, site: Site, ruled: Rulings) -> Iterator[Finding]:
    copy = Copy(article, site, list(passages(article)), vocabulary(article.language))
    found = [finding for rule in RULES for finding in ruled.weigh(rule, _find(rule, copy, ruled))]
    yield from ruled.excuse(article, RULES, found)
    yield from ruled.unknown(article)


def of_issue(issue: Issue) -> Article:
    """What a newsletter issue says by itself, around its articles, as an article that says it."""
    title = "" if issue.title == issue.subject else issue.title
    return Article(
        title=issue.subject, summary=issue.preheader, body=(Heading(heading=(Words(title),), id=""), *issue.intro),
        authors=(), date=issue.date, id=issue.id, slug=issue.name, language=issue.language, place=issue.place,
        source=lambda: issue.typed,
    )  # fmt: skip


def _find(rule: str, copy: Copy, ruled: Rulings) -> Iterable[Fault]:
    if rule in _COUNTING:
        return _COUNTING[rule](copy, ruled.limit(rule))
    known = frozenset(word.lower() for word in ruled.known(rule))
    return _WORDING[rule](Copy(copy.article, copy.site, copy.passages, copy.words, known))


def unmeasured(found: Iterable[Article]) -> Iterator[str]:
    """What cannot be judged, by language: a sentence each."""
    tags: dict[str, list[str]] = {}
    for article in found:
        tags.setdefault(first(article.language), []).append(article.slug)
    for language, slugs in sorted(tags.items()):
        whose = f"in '{language}' ({', '.join(slugs)})"
        if language not in LANGUAGES:
            yield f"No formula is known here for the reading grade of texts {whose}: it was not measured."
        if not vocabulary(language).written:
            yield f"Plain words, stigma and link texts {whose} were not judged: that language has no list yet."
