"""The messages that a build would make, as they lie in outputs/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pressrun import build, outputs
from pressrun.build import Desk
from pressrun.channels import newsletter as channel
from pressrun.faults import Refused
from pressrun.model import Article, Issue, Link, Publication, Site, direction, plain, prose, spans
from pressrun.outputs import Output, Shelf
from pressrun.proof import rulings
from pressrun.proof.newsletter import RULES, Asked, Figures, Finding, figures, judge
from pressrun.proof.newsletter.letter import Letter, decoded
from pressrun.templates import Templates

#: its templates; stands in place of the channel, so that no build removes the page
_NAME = "proof"
#: so many of the least known features are told
_LEAST = 4
PAGE = f"{_NAME}/{channel.NAME}.html"
#: what readers fill in by name, with what stands there for those who have none
_FIELD = re.compile(r"\{\{\s*(name|site)\s*\|\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Newsletter:
    """A message that a build would make, as it lies there."""

    path: Path
    #: as people call it, from outputs/ on
    name: str
    asked: Asked
    #: made from the content, templates and code of now
    fresh: bool
    severities: Mapping[str, str] = field(default_factory=dict)

    def figures(self) -> Figures:
        return figures(self.path.read_bytes(), self.asked)


def newsletters(desk: Desk, now: datetime, article: str = "") -> list[Newsletter]:
    """Every message that the content asks for, or that of one article or issue.

    Raises Refused for a site or tokens at fault, and for a rule in site.yaml that there is not.
    """
    found = build.read(desk, now)
    publication = found.publication
    severities = {name: ruling.level for name, ruling in rulings.read(publication.site).site.items() if ruling.level}
    issues = {issue.name: issue for issue in channel.issues(publication)}
    shelf = build.declare(desk, found, [])
    return [
        Newsletter(
            shelf.folder / output.path, f"outputs/{output.path}", _asked(issues[output.article], publication),
            _is_fresh(shelf, output), severities,
        )
        for output in shelf.all()
        if output.media_type == "message/rfc822" and article in ("", output.article)
    ]  # fmt: skip


def _is_fresh(shelf: Shelf, output: Output) -> bool:
    """Messages are made anew by every build, so they are made anew here."""
    path = shelf.folder / output.path
    try:
        return path.is_file() and shelf.data(output) == path.read_bytes()
    except Refused:
        return False


def _asked(issue: Issue, publication: Publication) -> Asked:
    """The one place that knows how the site's settings and an issue become what a message must say."""
    site = publication.site
    settings: dict[str, Any] = site.settings.get(channel.NAME, {})
    unsubscribe = settings.get("unsubscribe", {"leave": f"mailto:{site.email}?subject=unsubscribe"})
    provider = unsubscribe.get("provider", "")
    service = channel.PROVIDERS.get(provider)
    texts = [issue.subject, issue.preheader, *map(plain, prose(issue.intro))]
    defaults = {default for text in texts for name, default in _FIELD.findall(text) if name == "name"}
    fill = partial(_FIELD.sub, lambda one: service.name.format(one[2]) if service and one[1] == "name" else one[2])
    articles = {article.slug: article for article in publication.articles}
    return Asked(
        name=issue.name, base_url=site.base_url, language=issue.language, direction=direction(issue.language),
        subject=fill(issue.subject), preheader=fill(issue.preheader), address=site.address,
        leave=service.leave if service else unsubscribe["leave"].replace("{token}", "preview"),
        provider=provider, sender=settings.get("from", site.email),
        view=site.url(f"{channel.NAME}/{issue.name}/"),
        merge_tags=(service.leave, *map(service.name.format, sorted(defaults))) if service else (),
        typed=" ".join(_typed(issue, [articles[one.slug] for one in issue.entries if one.slug in articles], site)),
    )  # fmt: skip


def _typed(issue: Issue, articles: Iterable[Article], site: Site) -> Iterator[str]:
    yield from (article.typed for article in articles)
    yield from (span.href for text in prose(issue.intro) for span in spans(text) if isinstance(span, Link))
    yield from map(str, site.helplines)


def prove(found: Newsletter) -> Iterator[Finding]:
    """What is wrong with one message, and whether the files of its parts are its parts."""
    if not found.fresh:
        problem = "It is not made from what is there now." if found.path.is_file() else "It has not been made."
        yield Finding(found.name, 0, "made", "error", problem, "Run: ./inv build")
        return
    data = found.path.read_bytes()
    yield from judge(data, found.asked, found.name, found.severities)
    for part, ending in zip(Letter(data, found.asked).parts, (".txt", ".html"), strict=False):
        beside = found.path.with_suffix(ending)
        if not beside.is_file() or beside.read_bytes() != decoded(part).encode():
            problem = f"{beside.name} does not hold the same as the message's part."
            yield Finding(found.name, 0, "made", "error", problem, "Run: ./inv build")


def summary(found: Newsletter) -> str:
    """What a message measures, in a line."""
    if not found.fresh:
        return "not measured"
    figures = found.figures()
    least = ", ".join(f"{feature.title} {feature.percent:.0f} %" for feature in figures.features[:_LEAST])
    return (
        f"HTML {figures.html / 1000:.1f} kB, style blocks {figures.styles / 1024:.1f} KB, "
        f"known to {figures.support:.1f} % of mail programs on average; least known: {least}"
    )


def page(desk: Desk, now: datetime, proved: Iterable[tuple[Newsletter, list[Finding]]]) -> str:
    """Writes what was found where staff can read it; the path below outputs/."""
    site = build.read(desk, now).publication.site
    rows = [(found, found.figures() if found.fresh else None, findings) for found, findings in proved]
    filled = Templates(desk.templates, site.accent).render(
        _NAME, f"{channel.NAME}.html", site=site, rows=rows, rules=RULES
    )
    outputs.put(desk.outputs, Output(PAGE, filled.encode, _NAME, media_type="text/html"))
    return PAGE
