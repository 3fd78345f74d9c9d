"""From the authors' folder to what readers get, in four steps: read, check, render, write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from pressrun import channels, content, disk, folder, forks, inputs, languages, outputs, overview, plan, schema, workers
from pressrun.content import Content
from pressrun.faults import Fault, Refused
from pressrun.memory import EVERY, Memory
from pressrun.model import LocalSite, Site, place
from pressrun.outputs import LOCAL, PRIVATE, Output, Shelf
from pressrun.schema import ChannelKeys
from pressrun.snapshot import Edit, Report
from pressrun.templates import Templates

#: for every outreach site
ALL = "all"

#: (how many outputs are done, how many there are, the one that comes next)
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """The folders of a project."""

    root: Path
    #: for looking alone: all that is held back is made as if it were published, beside outputs/ and never into them
    preview: bool = False

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def outputs(self) -> Path:
        return self.root / ("preview" if self.preview else "outputs")


@dataclass(frozen=True, slots=True)
class Scope:
    """What of all outputs is wanted."""

    #: these channels alone
    only: Collection[str] = ()
    #: this article alone, by its slug
    article: str = ""
    #: local copies as well, for this outreach site or for all
    site: str = ""
    #: even what is up to date
    anew: bool = False
    #: who makes what takes long
    hire: workers.Hire = workers.alone
    #: how many copies of this process make the rest
    copies: int = 1
    #: what changed since the last build of the same, if that is known
    edit: Edit | None = None


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
    #: every output
    shelf: Shelf
    #: a hash of what outputs/ holds now
    seal: str = ""


def read(desk: Desk, now: datetime, names: Collection[str] = channels.NAMES, memory: Memory | None = None) -> Content:
    """What the authors wrote, as of an instant (in the site's zone, if it names none).

    Raises Refused when site.yaml is at fault.
    """
    memory = memory or remembered(desk)
    return content.read(desk.content, keys(names), now, partial(earlier, desk), memory)


def remembered(desk: Desk) -> Memory:
    """What the last build read."""
    memory = Memory(desk.outputs / PRIVATE / "articles.json", inputs.program())
    memory.shown = EVERY if desk.preview else ""
    return memory


def read_site(desk: Desk) -> Site:
    """Who publishes; raises Refused when site.yaml is at fault."""
    return content.read_site(desk.content, keys(channels.NAMES))


def read_local_sites(desk: Desk) -> tuple[LocalSite, ...]:
    """The outreach sites whose files are sound; raises Refused when site.yaml is at fault."""
    return content.read_local_sites(desk.content, keys(channels.NAMES))


def keys(names: Collection[str]) -> dict[str, ChannelKeys]:
    return {name: channels.load(name).KEYS for name in names}


def earlier(desk: Desk, path: str) -> bytes | None:
    """An article's text when it was last sound, or a picture."""
    kept = desk.outputs / PRIVATE / path
    return kept.read_bytes() if kept.is_file() else None


def build(
    desk: Desk, now: datetime, scope: Scope = EVERYTHING, progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
) -> Result:  # fmt: skip
    """Makes all outputs of a scope, when no other build is running; `waiting` is told once if that takes a while.

    Raises Refused when nothing can be made, because site.yaml or the tokens are at fault; ValueError when there is no
    such article or outreach site, when another build takes too long, and when a file cannot be written.
    """
    with outputs.alone(desk.outputs, waiting):
        return _build(desk, now, scope, progress)


def edited(desk: Desk, now: datetime, scope: Scope) -> Result | None:
    """Makes what the words of a few articles are in, if nothing else changed; None where more has to be made.

    Raises as `build` does.
    """
    with outputs.alone(desk.outputs):
        return _edited(desk, now, scope, scope.edit) if scope.edit else None


def _build(desk: Desk, now: datetime, scope: Scope, progress: Progress) -> Result:
    return (scope.edit and _edited(desk, now, scope, scope.edit)) or _whole(desk, now, scope, progress)


def _edited(desk: Desk, now: datetime, scope: Scope, edit: Edit) -> Result | None:
    inputs.trust(edit.program)
    memory = remembered(desk)
    read = folder.read(desk.content, keys(channels.NAMES))
    found = content.edited(read, now, partial(earlier, desk), memory, edit.paths)
    if not found or scope.anew or scope.article or scope.site:
        return None
    touched, faults = found.publication.touched or frozenset(), list[Fault]()
    shelf = declare(desk, found, faults, standing=edit.seal)
    if not shelf.stands(lambda output: _wanted(output, scope)) or (shelf.told_of_others(touched) and scope.only):
        return None
    wanted = [output for output in shelf.all() if _wanted(output, scope) and output.article in ("", *touched)]
    before = len(shelf.paths())
    with workers.employed(shelf, wanted, scope.hire):
        written = _write(shelf, wanted, faults)
    more, unfinished = _finish(found, shelf, scope, faults)
    written += _write(shelf, more, faults)
    removed = [] if faults or more or unfinished else _pruned(shelf, scope, shelf.others(touched))
    seal = _closed(shelf, memory)
    if faults or more:
        return None
    total = edit.report.total + len(shelf.paths()) - before
    return Result(
        found, (), tuple(written), tuple(removed), total, _said(found, shelf), tuple(_tips(found, desk)), shelf, seal,
    )  # fmt: skip


def _whole(desk: Desk, now: datetime, scope: Scope, progress: Progress) -> Result:
    memory = remembered(desk)
    found = _chosen(read(desk, now, memory=memory), scope)
    faults = list(found.faults)
    shelf = declare(desk, found, faults, anew=scope.anew)
    wanted = [output for output in shelf.all() if _wanted(output, scope)]
    with forks.employed(shelf, wanted, scope.copies) as parted, workers.employed(shelf, wanted, scope.hire):
        if parted:  # copies have the bodies
            found.publication.let_go()
        written = _write(shelf, wanted, faults, progress)
    kept = set(found.faulty)
    if not scope.article:
        more, unfinished = _finish(found, shelf, scope, faults)
        written += _write(shelf, more, faults)
        kept |= {""} if unfinished else set()
    removed = [] if scope.article else _pruned(shelf, scope, kept)
    seal = _closed(shelf, memory)
    return Result(
        found, tuple(faults), tuple(written), tuple(removed), len(shelf.all()), _said(found, shelf),
        tuple(_tips(found, desk)), shelf, seal,
    )  # fmt: skip


def _pruned(shelf: Shelf, scope: Scope, kept: set[str]) -> list[str]:
    made = set(scope.only) or {*channels.NAMES, overview.NAME, ""}
    return shelf.prune(channels=made | ({LOCAL} if scope.site == ALL else set()), kept=kept)


def _closed(shelf: Shelf, memory: Memory) -> str:
    """Writes down what was made of what; the seal of that."""
    with disk.plainly(f"{shelf.folder.name}/{PRIVATE}"):
        plan.remember(shelf)
        memory.save()
    return shelf.close()


def _said(found: Content, shelf: Shelf) -> tuple[str, ...]:
    return (*map(str, found.warnings), *shelf.warnings())


def moments(found: Content) -> Iterator[datetime]:
    """The instants at which what is published, or how it stands, may change by itself."""
    publication = found.publication
    for article in (*publication.articles, *publication.held):
        yield article.date
        review = article.review
        taken = article.withdrawn
        yield from filter(None, [article.updated, article.expires, review and review.next, taken and taken.date])
        yield from (correction.date for correction in article.corrections)
    yield from (issue.date for issue in (*publication.issues, *publication.held_issues))


def report(result: Result) -> Report:
    """What is said of a build, but for what it made and for faults."""
    publication = result.content.publication
    notes = [f"Left out: {article.slug} ({publication.why_held(article)})" for article in publication.held]
    notes += [f"Left out: {issue.place.path} ({publication.why_held(issue)})" for issue in publication.held_issues]
    notes += [f"As it was approved last: {slug} (its newer text is in review)" for slug in publication.waiting]
    return Report(tuple(notes), result.warnings, result.tips, len(publication.articles), result.total)


def planned(desk: Desk, now: datetime, scope: Scope = EVERYTHING) -> list[tuple[str, str]]:
    """(path, why) for each output that a build would make, in their order; makes none. Raises as `build` does."""
    found = _chosen(read(desk, now), scope)
    shelf = declare(desk, found, list(found.faults), anew=scope.anew)
    return list(plan.reasons(shelf, [output for output in shelf.all() if _wanted(output, scope)]))


def explained(desk: Desk, now: datetime, path: str) -> Mapping[str, str]:
    """The inputs of an output by name. Raises as `build` does, and ValueError when there is no such output."""
    found = read(desk, now)
    shelf = declare(desk, found, list(found.faults))
    path = path.removeprefix(f"{desk.outputs.name}/")
    _known("output", path, [output.path for output in shelf.all()])
    return plan.explained(shelf, path)


def _chosen(found: Content, scope: Scope) -> Content:
    """With those outreach sites that are asked for. Raises ValueError for an article or a site that is not there."""
    publication = found.publication
    names = [known.slug for known in publication.articles] + [known.name for known in publication.issues]
    _known("article", scope.article, names)
    _known("outreach site", scope.site, [ALL, *(known.slug for known in found.local_sites)])
    chosen = tuple(local for local in found.local_sites if scope.site in (local.slug, ALL))
    return replace(found, publication=replace(publication, local_sites=chosen))


def _known(what: str, name: str, names: Sequence[str]) -> None:
    if name and name not in names:
        raise ValueError(f"There is no {what} '{name}'. {schema.nearest(name, tuple(names) or ('none',))}")


def declare(
    desk: Desk, found: Content, faults: list[Fault], *, anew: bool = False, standing: str = ""
) -> Shelf:  # fmt: skip
    """A shelf with every output, none of them made yet; with those that are touched, where a manifest is `standing`.

    The overview stands last, so that it can tell of faults found while writing. Raises Refused for tokens at fault.
    """
    templates = Templates(desk.templates, found.publication.site.accent)
    shelf = Shelf(desk.outputs, anew=anew, standing=standing)
    for name in channels.NAMES:
        shelf.add(channels.load(name).render(found.publication, templates, shelf))
    # What is published is remembered, so that a later fault in it changes nothing.
    shelf.add(Output(f"{PRIVATE}/{path}", partial(bytes, data)) for path, data in found.kept.items())
    if found.publication.touched is None:
        shelf.add([overview.output(found.publication, templates, shelf, faults)])
    return shelf


def _wanted(output: Output, scope: Scope) -> bool:
    chosen = not scope.only or output.channel in (*scope.only, LOCAL, "", overview.NAME)
    return chosen and (not scope.article or output.article in (scope.article, ""))


def _finish(found: Content, shelf: Shelf, scope: Scope, faults: list[Fault]) -> tuple[list[Output], bool]:
    """What channels make of their other outputs, on the shelf; and whether one of them could not."""
    more: list[Output] = []
    failed = False
    for name in (name for name in channels.NAMES if name in scope.only or not scope.only):
        try:
            more += channels.finish(name, found.publication, shelf)
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
    shelf.intend(wanted)
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
    for article in found.publication.articles:
        for lead in article.leads():
            if lead.slug and lead.slug not in slugs:
                at = place(article.place.path, lead)
                yield f"{at}: /{lead.slug}/ is not published yet, so its link shows as plain text."
