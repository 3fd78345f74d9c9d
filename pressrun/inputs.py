"""What outputs are made from, by name, as short hashes: the same inputs make the same bytes, whatever the time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from pressrun import packages, renditions
from pressrun.faults import Place
from pressrun.model import Article, Lead, Publication, Site
from pressrun.outputs import Output, Shelf, digest
from pressrun.templates import Templates
from pressrun.translations import is_outdated

Inputs = Mapping[str, str]

#: what fills and writes; what draws handouts has keys of its own
_PACKAGES = ("jinja2", "markupsafe", "nh3", "markdown-it-py", "css-inline", "feedgen", "lxml", "babel", "pillow")


def brief(*parts: object) -> str:
    return digest(*(part if isinstance(part, str | bytes) else repr(part) for part in parts))[:16]


#: the hash of the program, if it is known without reading it
_TRUSTED: list[str] = []


def trust(found: str) -> None:
    """Takes what `program` gave in an earlier process, if none of its files looks otherwise since."""
    _TRUSTED[:] = [found] if found else []


def program() -> str:
    """The package's own code and the versions of the packages that it uses."""
    return _TRUSTED[0] if _TRUSTED else _program()


@cache
def _program() -> str:
    root = Path(__file__).parent
    code = (part for path in sorted(root.rglob("*.py")) for part in (str(path.relative_to(root)), path.read_bytes()))
    return brief(sys.version, *map(packages.version, _PACKAGES), *code)


def of_channel(publication: Publication, templates: Templates, channel: str, *names: str) -> dict[str, str]:
    """What all outputs of a channel are made from, or those that are filled into templates of these names."""
    return publication.once(("channel", channel, *names), lambda: _of_channel(publication, templates, channel, names))


def _of_channel(publication: Publication, templates: Templates, channel: str, names: Sequence[str]) -> dict[str, str]:
    key = templates.key(channel, names, publication.fact)[:16]
    return {"program": program(), "templates": key, "site": of_site(publication.site)}


def of_site(site: Site) -> str:
    """Everything in site.yaml, wherever in the file it stands."""
    settings = {name: bool(value) if isinstance(value, Place) else value for name, value in site.settings.items()}
    return brief({name: getattr(site, name) for name in site.__dataclass_fields__ if name not in ("settings", "place")},
                 settings)  # fmt: skip


def of_logo(publication: Publication) -> str:
    """The picture in site.yaml's `logo`."""
    logo = publication.site.logo
    return brief(renditions.fallback(publication.pictures[logo])) if logo else ""


def of_article(publication: Publication, article: Article) -> dict[str, str]:
    """An article's words, how it stands, and what it needs of others."""
    # With the article, which keeps others from its identity.
    return publication.once(("inputs", id(article)), lambda: (article, _of_article(publication, article)))[1]


def _of_article(publication: Publication, article: Article) -> dict[str, str]:
    now = publication.now
    stands = (publication.state(article), article.latest(now))
    return {
        f"text of {article.slug}": publication.fingerprint(article.slug),
        f"state of {article.slug}": brief(stands, is_outdated(publication, article)),
        f"links of {article.slug}": of_links(publication, article.leads()),
        f"pictures of {article.slug}": brief([
            renditions.fallback(publication.pictures[picture.src])
            for picture in article.shown() if picture.src in publication.pictures
        ]),
    }  # fmt: skip


def of_links(publication: Publication, leads: Iterable[Lead]) -> str:
    """Which of the articles that are led to are there."""
    return brief([(lead.slug, publication.has(lead.slug)) for lead in leads if lead.slug])


def of_heads(publication: Publication, articles: Iterable[Article]) -> str:
    """What lists show of articles."""
    now = publication.now
    return brief([
        (head.slug, head.id, head.title, head.summary, head.language, head.translation_of, head.date, head.latest(now),
         publication.state(head), head.category, head.tags, head.authors, head.aliases, bool(head.review))
        for head in articles
    ])  # fmt: skip


def of_outputs(outputs: Iterable[Output]) -> str:
    """What a page says of other outputs without looking into them."""
    return brief([(output.path, output.live, output.label, output.thumbnail) for output in outputs])


def drawn(shelf: Shelf, outputs: Iterable[Output]) -> str:
    """What decides the bytes of other outputs."""
    return brief([(output.path, shelf.key(output)) for output in outputs])
