"""The page of an article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from heapq import nlargest
from operator import itemgetter
from typing import Any

from pressrun import anchors, cards, model, sections
from pressrun.channels.web.frame import NAME, Frame
from pressrun.channels.web.linked_data import Shown, script
from pressrun.inputs import Inputs, brief, of_article, of_heads, of_outputs
from pressrun.model import Article, Publication, plain, states
from pressrun.outputs import LIVE, Output
from pressrun.translations import is_outdated

#: words that people read in a minute, of plain text (Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047)
_SPEED = 238
#: how many other articles a page leads to
_RELATED = 3
#: in characters: more than search engines and previews show is cut off at a word
_LONGEST_DESCRIPTION = 165

_Shelves = dict[tuple[str, tuple[str, str]], list[Article]]


def outputs(frame: Frame) -> Iterator[Output]:
    """Every article's page and what previews show of it, and a signpost at each of its earlier addresses."""
    shelves = _shelves(frame.publication)
    touched = (article for article in frame.publication.on(NAME) if frame.publication.concerns([article.slug]))
    for article in touched:
        make = partial(_page, frame, article, shelves)
        inputs = partial(_inputs, frame, article, shelves)
        yield frame.output(f"{article.slug}/", make, inputs, article.slug, "Web page")
        if not frame.publication.gone(article):
            yield _card(frame, article)
        for alias in article.aliases:
            head = partial(_head, frame, article)
            yield frame.output(f"{alias}/", partial(_signpost, frame, article, alias), head, article.slug)


def _card(frame: Frame, article: Article) -> Output:
    """What previews show, which has no words of the body."""
    drawn = frame.templates.tokens, frame.publication.site, article
    if frame.publication.touched is not None and (path := f"{LIVE}/{cards.card_path(*drawn)}") in frame.shelf:
        return frame.shelf.standing(path)
    return cards.card(NAME, *drawn)


def _inputs(frame: Frame, article: Article, shelves: _Shelves) -> Inputs:
    publication = frame.publication
    return {
        **frame.inputs("article.html"), **of_article(publication, article),
        "handouts": of_outputs(frame.handouts(article)),
        "translations": of_heads(publication, publication.translations(article)),
        "neighbours": of_heads(publication, _related(shelves, article)),
        "earlier anchors": brief(anchors.former(article, publication.anchors)),
    }  # fmt: skip


def _head(frame: Frame, article: Article) -> Inputs:
    return {**frame.inputs("signpost.html"), "article": of_heads(frame.publication, [article])}


def _signpost(frame: Frame, article: Article, alias: str) -> bytes:
    """What stands at an earlier address and leads to the article."""
    return frame.page(f"{alias}/", "signpost.html", language=article.language, article=article)


def _page(frame: Frame, article: Article, shelves: _Shelves) -> bytes:
    publication = frame.publication
    state = publication.state(article)
    gone = state in states.GONE
    translations = [other for other in publication.translations(article) if _stands(publication, other)]
    cited: Counter[int] = Counter()

    def cite(source: int) -> str:
        """The anchor of one more place that cites a source."""
        cited[source] += 1
        return f"cite-{source}-{cited[source]}"

    picture = _picture(frame, article)
    shown = Shown(publication, article, _trail(frame, article), picture, frame.handouts(article), translations)
    return frame.page(
        f"{article.slug}/", "article.html", language=article.language, article=article, gone=gone,
        handouts=shown.handouts, translations=translations, related=[] if gone else _related(shelves, article),
        minutes=_minutes(article), cite=cite, cited=cited, card=picture, alternates=_alternates(article, translations),
        about=described(article.summary), modified=article.latest(publication.now),
        data="" if gone else script(shown), section=sections.address,
        former=anchors.former(article, publication.anchors),
        state=state,
        outdated=is_outdated(publication, article),
    )  # fmt: skip


def _stands(publication: Publication, article: Article) -> bool:
    return bool(article.on(NAME)) and not publication.gone(article)


def described(summary: str) -> str:
    """A summary as search engines and previews show it."""
    if len(summary) <= _LONGEST_DESCRIPTION:
        return summary
    return summary[: _LONGEST_DESCRIPTION - 1].rpartition(" ")[0].rstrip(",;:.") + "…"


def _trail(frame: Frame, article: Article) -> list[tuple[str, str]]:
    """From the home page to the article: names and addresses."""
    site = frame.publication.site
    trail = [(site.name, site.url(""))]
    if article.category:
        trail.append((article.category, site.url(f"category/{sections.address(article.category)}/")))
    return [*trail, (article.title, site.url(f"{article.slug}/"))]


def _picture(frame: Frame, article: Article) -> dict[str, Any]:
    """What stands for the article elsewhere: always the card, which has the size that previews want."""
    site = frame.publication.site
    path = cards.card_path(frame.templates.tokens, site, article)
    return {"url": site.url(path), "width": cards.WIDTH, "height": cards.HEIGHT, "caption": article.title, "credit": ""}


def _alternates(article: Article, translations: list[Article]) -> list[tuple[str, Article]]:
    """(language tag, article) for each language, and for readers of none of them; empty if there is but one."""
    every = [article, *translations]
    if not translations:
        return []
    original = next((other for other in every if not other.translation_of), every[0])
    one_each = {other.language: other for other in reversed(every)}
    return [*sorted(one_each.items(), key=itemgetter(0)), ("x-default", original)]


def _minutes(article: Article) -> int:
    words = sum(len(plain(text).split()) for text in model.prose(article.body))
    return max(1, round(words / _SPEED))


def _shelves(publication: Publication) -> _Shelves:
    """The articles that stand, by what may make them neighbours: their language with their category, or a tag."""
    found: _Shelves = {}
    for article in publication.live(NAME):
        for subject in _subjects(article):
            found.setdefault((article.language, subject), []).append(article)
    return found


def _subjects(article: Article) -> list[tuple[str, str]]:
    tags = dict.fromkeys(("tag", tag.casefold()) for tag in article.tags)
    return [*([("category", article.category)] if article.category else []), *tags]


def _related(shelves: _Shelves, article: Article) -> list[Article]:
    """Those in the same language with whom it shares a category (which counts for two tags) or tags."""
    nearness: dict[str, int] = {}
    shared = [(2 if kind == "category" else 1, shelves.get((article.language, (kind, subject)), ()))
              for kind, subject in _subjects(article)]  # fmt: skip
    for weight, others in shared:
        for other in others:
            nearness[other.slug] = nearness.get(other.slug, 0) + weight
    nearness.pop(article.slug, None)
    # Only the nearest are put in order: a category may hold thousands.
    least = min(nlargest(_RELATED, nearness.values()), default=0)
    near = {other.slug: other for _, others in shared for other in others if nearness.get(other.slug, 0) >= least}
    near.pop(article.slug, None)
    newest = sorted(near.values(), key=lambda other: (-nearness[other.slug], -other.date.timestamp(), other.id))
    return newest[:_RELATED]
