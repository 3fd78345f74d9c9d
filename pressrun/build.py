"""From the authors' folder to what readers get, in four steps: read, check, render, write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from pressrun import channels, content, languages, overview, schema
from pressrun.content import Content
from pressrun.faults import Fault, Refused
from pressrun.model import Link, LocalSite, Site
from pressrun.outputs import LOCAL, PRIVATE, Output, Shelf
from pressrun.schema import ChannelKeys
from pressrun.templates import Templates

#: for every outreach site
ALL = "all"

#: (how many outputs are done, how many there are, the one that comes next)
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """The folders of a project."""

    root: Path

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of all outputs is wanted."""

    #: these channels alone
    only: Collection[str] = ()
    #: this article alone, by its slug
    article: str = ""
    #: local copies as well, for this outreach site or for all
    site: str = ""


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Result:
    """What a build did."""

    content: Content
    #: of the content, and of handouts that could not be drawn
    faults: tuple[Fault, ...]
    #: paths of the outputs that are new or changed, and of those that were removed
    written: tuple[str, ...]
    removed: tuple[str, ...]
    #: how many outputs there are
    total: int
    #: what readers will get that is not quite right
    warnings: tuple[str, ...]
    tips: tuple[str, ...]


def read(desk: Desk, now: datetime, names: Collection[str] = channels.NAMES) -> Content:
    """What the authors wrote, as of an instant (in the site's zone, if it names none).

    Raises Refused when site.yaml is at fault.
    """
    return content.read(desk.content, _keys(names), now, partial(_earlier, desk))


def read_site(desk: Desk) -> Site:
    """Who publishes; raises Refused when site.yaml is at fault."""
    return content.read_site(desk.content, _keys(channels.NAMES))


def read_local_sites(desk: Desk) -> tuple[LocalSite, ...]:
    """The outreach sites whose files are sound; raises Refused when site.yaml is at fault."""
    return content.read_local_sites(desk.content, _keys(channels.NAMES))


def _keys(names: Collection[str]) -> dict[str, ChannelKeys]:
    return {name: channels.load(name).KEYS for name in names}


def _earlier(desk: Desk, path: str) -> bytes | None:
    """An article's text when it was last sound, or a picture."""
    kept = desk.outputs / PRIVATE / path
    return kept.read_bytes() if kept.is_file() else None


def build(desk: Desk, now: datetime, scope: Scope = EVERYTHING, progress: Progress = lambda *_: None) -> Result:
    """Makes all outputs of a scope.

    Raises Refused when nothing can be made, because site.yaml or the tokens are at fault; ValueError when there is no
    such article or outreach site.
    """
    found = read(desk, now)
    publication = found.publication
    names = [known.slug for known in publication.articles] + [known.name for known in publication.issues]
    _known("article", scope.article, names)
    _known("outreach site", scope.site, [ALL, *(known.slug for known in found.local_sites)])
    chosen = tuple(local for local in found.local_sites if scope.site in (local.slug, ALL))
    found = replace(found, publication=replace(found.publication, local_sites=chosen))
    faults = list(found.faults)
    shelf = declare(desk, found, faults)
    wanted = [output for output in shelf.all() if _wanted(output, scope)]
    written = _write(shelf, wanted, faults, progress)
    kept = set(found.faulty)
    if not scope.article:
        more, unfinished = _finish(
            found, Templates(desk.templates, found.publication.site.accent), shelf, scope, faults
        )
        written += _write(shelf, more, faults)
        kept |= {""} if unfinished else set()
    removed = [] if scope.article else shelf.prune(
        channels={*(set(scope.only) or {*channels.NAMES, overview.NAME, ""}), *([LOCAL] if scope.site == ALL else [])},
        kept=kept,
    )  # fmt: skip
    shelf.close()
    warnings = (*map(str, found.warnings), *shelf.warnings())
    return Result(
        found, tuple(faults), tuple(written), tuple(removed), len(shelf.all()), warnings, tuple(_tips(found, desk))
    )


def _known(what: str, name: str, names: Sequence[str]) -> None:
    if name and name not in names:
        raise ValueError(f"There is no {what} '{name}'. {schema.nearest(name, tuple(names) or ('none',))}")


def declare(desk: Desk, found: Content, faults: list[Fault]) -> Shelf:
    """A shelf with every output, none of them made yet.

    The overview stands last, so that it can tell of faults found while writing. Raises Refused for tokens at fault.
    """
    templates = Templates(desk.templates, found.publication.site.accent)
    shelf = Shelf(desk.outputs)
    for name in channels.NAMES:
        shelf.add(channels.load(name).render(found.publication, templates, shelf))
    # What is published is remembered, so that a later fault in it changes nothing.
    shelf.add(Output(f"{PRIVATE}/{path}", partial(bytes, data)) for path, data in found.kept.items())
    shelf.add([overview.output(found.publication, templates, shelf, faults)])
    return shelf


def _wanted(output: Output, scope: Scope) -> bool:
    chosen = not scope.only or output.channel in (*scope.only, LOCAL, "", overview.NAME)
    return chosen and (not scope.article or output.article in (scope.article, ""))


def _finish(
    found: Content, templates: Templates, shelf: Shelf, scope: Scope, faults: list[Fault]
) -> tuple[list[Output], bool]:
    """What channels make of their other outputs, on the shelf; and whether one of them could not."""
    more: list[Output] = []
    failed = False
    for name in (name for name in channels.NAMES if name in scope.only or not scope.only):
        try:
            more += channels.finish(name, found.publication, templates, shelf)
        except Refused as refused:
            failed = True
            faults += [fault for fault in refused.faults if fault not in faults]
    shelf.add(more)
    return more, failed


def _nobody(_done: int, _all: int, _next: str) -> None:
    """Tells nobody how far a build is."""


def _write(shelf: Shelf, wanted: list[Output], faults: list[Fault], progress: Progress = _nobody) -> list[str]:
    """Writes each output; one that cannot be made keeps its earlier file and adds to the faults."""
    written = []
    for number, output in enumerate(wanted):
        progress(number, len(wanted), output.path)
        try:
            if shelf.write(output):
                written.append(output.path)
        except Refused as refused:
            faults += [fault for fault in refused.faults if fault not in faults]
    progress(len(wanted), len(wanted), "")
    return written


def _tips(found: Content, desk: Desk) -> Iterator[str]:
    site, publication = found.publication.site, found.publication
    if not site.address or site.address.startswith("["):
        yield f"{site.place.path}: a newsletter needs a postal address by law. Write yours behind 'address:'."
    spoken = {site.language} | {article.language for article in publication.articles}
    spoken |= {issue.language for issue in publication.issues}
    for language, remedy in languages.unspoken(desk.templates, spoken):
        yield f"Words of the pages in '{language}' are English: {remedy}."
    yield from _dark_links(found)


def _dark_links(found: Content) -> Iterator[str]:
    slugs = {article.slug for article in found.publication.articles} | set(found.faulty)
    for span in (span for article in found.publication.articles for span in article.spans()):
        if isinstance(span, Link) and span.slug and span.slug not in slugs:
            yield f"{span.place}: /{span.slug}/ is not published yet, so its link shows as plain text."
