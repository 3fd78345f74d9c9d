"""The files of newsletter issues, content/newsletters/*.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressrun import markup, schema, source
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Article, Citation, Issue, Link, Site, prose, spans
from pressrun.schema import ChannelKeys, Context

_FOLDER = "newsletters"


class Read:
    """What the files hold: sound issues, faults, and the names of the faulty ones."""

    def __init__(
        self, root: Path, channels: Mapping[str, ChannelKeys], site: Site, articles: Mapping[str, Article]
    ) -> None:
        self.issues: list[Issue] = []
        self.faults: list[Fault] = []
        self.faulty: set[str] = set()
        self._site = site
        self._articles = articles
        for channel in (name for name, keys in channels.items() if keys.issue):
            for path in sorted((root / _FOLDER).glob("*")):
                if path.suffix != ".yaml":
                    if re.search(r"\.ya?ml(?:\.txt)?$", path.name, re.IGNORECASE):
                        place = Place(f"content/{_FOLDER}/{path.name}")
                        self.faults.append(Fault(place, "An issue's name ends in .yaml.", "Rename it."))
                    continue
                context = Context(channels, zone=site.time_zone, links=site.links)
                try:
                    self.issues.append(self._issue(path, context, channel))
                except Refused as refused:
                    self.faults += refused.faults
                    self.faulty.add(path.stem)

    def _issue(self, path: Path, context: Context, channel: str) -> Issue:
        """Raises Refused."""
        data = path.read_bytes()
        node = source.read(f"content/{_FOLDER}/{path.name}", data, schema.WORDS)
        values: dict[str, Any] = {}
        with suppress(schema.Unusable):
            values = schema.values(node, context, context.channels[channel].issue, "an issue")
        if not markup.is_slug(path.stem):
            better = markup.slugify(path.stem) or "an-english-name"
            context.refuse(node, f"The file's name '{path.name}' cannot be an address.", f"Rename it to {better}.yaml.")
        if values and isinstance(node, source.Mapping):
            context.faults += _across(node, path.stem, values, channel, self._articles)
        if context.faults:
            raise Refused(context.faults)
        entries = values.pop("articles")
        # Over several articles stands a heading of their own.
        title = values.pop("title", "" if len(entries) == 1 and not entries[0].teaser else values["subject"])
        language = values.pop("language", self._site.language)
        return Issue(
            name=path.stem, id=path.stem, entries=entries, title=title, language=language, place=node.place,
            typed=data.decode("utf-8-sig"), **values,
        )  # fmt: skip


def _across(
    node: source.Mapping, name: str, values: Mapping[str, Any], channel: str, articles: Mapping[str, Article]
) -> Iterator[Fault]:
    """What shows only beside the articles: names that are taken, articles that are not there."""
    by_slug = {article.slug: article for article in articles.values()}
    for article in articles.values():
        if name in (article.id, article.slug, *article.aliases):
            problem = f"The article '{article.slug}' is an issue of the name '{name}' by itself."
            yield node.fault(problem, "Give the file another name.")
    listed = node.get("articles")
    items = listed.items if isinstance(listed, source.Sequence) else ()
    seen: set[str] = set()
    for entry, item in zip(values["articles"], items, strict=True):
        at = (item.get("slug") or item) if isinstance(item, source.Mapping) else item
        if entry.slug in seen:
            yield at.fault(f"'{entry.slug}' is in this issue twice.", "Take one of them out.")
        seen.add(entry.slug)
        if entry.slug not in by_slug:
            yield at.fault(*_no_article(entry.slug, by_slug))
        elif not by_slug[entry.slug].on(channel):
            yield at.fault(
                f"'{entry.slug}' keeps itself out of the {channel}.", f"Take '{channel}: false' out of that article."
            )
    for span in (span for text in prose(values.get("intro", ())) for span in spans(text)):
        excerpt = node.source.lines[span.place.line - 1] if isinstance(span, Link | Citation) else ""
        if isinstance(span, Citation):
            yield Fault(span.place, "An issue has no sources to cite.", "Write the source as a link.", excerpt)
        elif isinstance(span, Link) and span.slug and span.slug not in by_slug:
            yield Fault(span.place, *_no_article(span.slug, by_slug), excerpt)


def _no_article(slug: str, by_slug: Mapping[str, Article]) -> tuple[str, str]:
    remedy = schema.nearest(slug, tuple(by_slug)) if by_slug else "Write one first."
    return f"No article has the slug '{slug}'.", remedy
