"""All that is seen of one article after one save, and how it is made: first what is quick, then what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

from pressrun import build, channels, content
from pressrun.build import Desk
from pressrun.channels import feed, handout, web
from pressrun.content import Content
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Article, Publication, Site
from pressrun.outputs import LIVE, Output, digest
from pressrun.preview import findings, panes, standing
from pressrun.preview.findings import Finding
from pressrun.preview.panes import Letter
from pressrun.preview.rack import Built, Rack
from pressrun.preview.recall import Recall, Recent
from pressrun.preview.standing import Group, Standing
from pressrun.templates import Templates

#: the channels that take so long that the others are shown before them
_SLOW = handout.NAME


@dataclass(frozen=True, slots=True)
class Leaflet:
    """An edition of the handout."""

    name: str
    label: str
    #: the PDF; empty until it was drawn for the first time
    data: bytes = field(default=b"", repr=False)
    #: of the PDF
    digest: str = ""
    pages: int = 0
    #: whether it is drawn of the text of now
    fresh: bool = False


@dataclass(frozen=True)
class Sight:
    """An article as its author sees it on the desk."""

    slug: str
    #: all that was read with it; None before any could be read
    found: Content | None = field(default=None, repr=False)
    #: None for one that was never sound
    article: Article | None = None
    standing: Standing = field(default_factory=partial(Standing, "faulty"))
    queue: tuple[Group, ...] = ()
    #: of this article, and of all other files
    findings: tuple[Finding, ...] = ()
    others: tuple[Finding, ...] = ()
    #: the path of its page below the live site; empty without one
    page: str = ""
    letter: Letter | None = None
    entry: Mapping[str, Any] | None = None
    leaflets: tuple[Leaflet, ...] = ()
    rack: Rack | None = field(default=None, repr=False)
    #: that it was filled with; None before any could be read
    templates: Templates | None = field(default=None, repr=False)
    #: what tells one state of a pane from another, by its name
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def site(self) -> Site | None:
        return self.found.publication.site if self.found else None

    @property
    def unknown(self) -> bool:
        """Whether there is no such article at all."""
        listed = any(entry.slug == self.slug for group in self.queue for entry in group.entries)
        return not (self.article or self.findings or listed)

    @property
    def stale(self) -> bool:
        """Whether a fault keeps what is shown from being the text of now."""
        return any(finding.level == findings.FAULT for finding in self.findings)


class Maker:
    """Makes sights, in one thread: what draws handouts is made for no more."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime], folder: Path) -> None:
        """`folder` is for caches."""
        self._desk = desk
        self._clock = clock
        self._folder = folder
        self._memory = Recall()
        self._recent = Recent()
        self._built = Built(desk.outputs)
        self._keys = build.keys(channels.NAMES)
        self._sound: dict[str, bytes] = {}
        self._templates: Templates | None = None
        #: the handouts of an article, and what belongs to them, as they were declared last
        self._declared: dict[str, list[Output]] = {}

    def slugs(self) -> list[str]:
        """The articles that can be shown, the newest first. Raises Refused when site.yaml is at fault."""
        found = self._read("")
        articles = (*found.publication.articles, *found.publication.held)
        return [article.slug for article in articles] + [
            entry.slug for group in standing.queue(found) for entry in group.entries if group.state == "faulty"
        ]

    def quick(self, slug: str, before: Sight | None = None) -> Sight:
        """All but the handouts, which are as they were. What cannot be made is told, and what was there stays."""
        before = before or Sight(slug)
        try:
            found = self._read(slug)
        except Refused as refused:
            return _untouched(before, refused.faults)
        sight = _about(found, slug)
        if not sight.article:
            return replace(sight, digests=_digests(sight))
        try:
            rack = self._rack(found, slug, drawn=False)
            return self._seen(sight, rack, found)
        except Refused as refused:
            return _untouched(before, refused.faults)
        except Exception as error:  # noqa: BLE001  # whatever a template stumbles over while somebody works on it
            return _untouched(before, [self._stumbled(error)])

    def drawn(self, sight: Sight, first: str = "") -> Iterator[Sight]:
        """The same, declared anew, then with one edition after the other of the text of now, from `first` on."""
        found = sight.found
        if not found or not sight.article or not sight.rack:
            return
        rack = self._rack(found, sight.slug, drawn=True)
        faults: list[Fault] = []
        if self._judge(sight.article, found.publication.site):
            yield self._seen(_about(found, sight.slug), sight.rack, found)
        if [_edition(output) for output in _leaflets(rack)] != [leaflet.name for leaflet in sight.leaflets]:
            yield self._seen(_about(found, sight.slug), rack, found)
        for output in sorted(_leaflets(rack), key=lambda output: _edition(output) != first):
            try:
                rack.draw(output)
            except Refused as refused:
                faults += [fault for fault in refused.faults if fault not in faults]
            yield self._seen(_about(found, sight.slug), rack, found, faults)
        if self._compare(found, rack, sight.slug):
            yield self._seen(_about(found, sight.slug), rack, found, faults)

    def _compare(self, found: Content, rack: Rack, slug: str) -> bool:
        """Lays what was made of an article beside it; whether that found something else than before."""
        earlier = self._memory.last(("parity", slug))
        judge = partial(findings.of_parity, self._desk, _alone(found, slug), rack, slug)
        return self._memory.get(("parity", slug), rack, judge) != (earlier or ())

    def _judge(self, article: Article, site: Site) -> bool:
        """Has an article's language judged; whether that found something else than before."""
        name = ("language", article.slug)
        earlier, judge = self._memory.last(name), partial(findings.of_language, article, site)
        return self._memory.get(name, (article, article.typed, site), judge) != (earlier or ())

    def forget(self) -> None:
        """Reads templates anew, for one has changed, or the site's colour."""
        self._templates = None

    # ---- steps

    def _read(self, slug: str) -> Content:
        self._recent.shown = slug
        found = content.read(self._desk.content, self._keys, self._clock(), self._earlier, self._recent)
        self._sound |= found.kept
        return found

    def _earlier(self, path: str) -> bytes | None:
        """An article's text when it was last sound: here, or in a build."""
        return self._sound.get(path) or build.earlier(self._desk, path)

    def _rack(self, found: Content, slug: str, *, drawn: bool) -> Rack:
        """Every output that may be looked at; with `drawn`, the handouts are declared anew, which takes a while."""
        publication = _alone(found, slug)
        templates = self._templates = self._templates or Templates(self._desk.templates, publication.site.accent)
        rack = Rack(self._folder, self._memory, self._built)
        for name in channels.NAMES:
            if name == _SLOW and slug in self._declared and not drawn:
                rack.add(self._declared[slug])
                continue
            outputs = list(channels.load(name).render(publication, templates, rack))
            rack.add(outputs)
            if name == _SLOW:
                self._declared[slug] = outputs
        return rack

    def _seen(self, sight: Sight, rack: Rack, found: Content, faults: Iterable[Fault] = ()) -> Sight:
        """With everything in it that the rack has."""
        slug, site = sight.slug, found.publication.site
        known = {output.path for output in rack.all()}
        page = f"{slug}/index.html"
        letter = next((one for one in rack.of(slug) if one.media_type == "message/rfc822"), None)
        entries = feed.MAIN[-1]
        item = panes.entry(rack.data(rack.get(entries)), site.url(f"{slug}/")) if entries in known else None
        seen = replace(
            sight, rack=rack, templates=self._templates, page=page if f"{LIVE}/{page}" in known else "", entry=item,
            letter=panes.letter(rack.data(letter)) if letter else None,
            leaflets=tuple(_leaflet(rack, output) for output in _leaflets(rack)),
        )  # fmt: skip
        judged = [one for name in ("language", "parity") for one in self._memory.last((name, slug)) or ()]
        own, others = _told(found, seen, faults, rack.warned(slug), judged)
        seen = replace(seen, findings=own, others=others)
        return replace(seen, digests=_digests(seen))

    def _stumbled(self, error: Exception) -> Fault:
        """A template's mistake, at its line if it says so."""
        name, line = getattr(error, "filename", None), getattr(error, "lineno", None)
        path = Path(name).resolve() if name else self._desk.templates
        root = self._desk.root.resolve()
        place = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        return Fault(Place(place, line or 1), f"The page cannot be made: {type(error).__name__}: {error}.", "")


def _alone(found: Content, slug: str) -> Publication:
    return replace(found.publication, articles=tuple(_aside(found.publication.articles, slug)))


def _aside(articles: Iterable[Article], slug: str) -> Iterator[Article]:
    """The others are on the web alone, where pages lead to them: nobody looks at their handouts and entries."""
    apart = dict.fromkeys((name for name in channels.NAMES if name != web.NAME), False)
    for article in articles:
        yield article if article.slug == slug else replace(article, channels={**article.channels, **apart})


def _about(found: Content, slug: str) -> Sight:
    article = next((known for known in found.publication.articles if known.slug == slug), None)
    own, others = _told(found, Sight(slug, article=article), (), ())
    return Sight(slug, found, article, standing.of(found, article, slug), standing.queue(found), own, others)


def _told(
    found: Content, sight: Sight, faults: Iterable[Fault], said: Iterable[str], judged: Iterable[Finding] = ()
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What is to be told of an article, and of all other files."""
    told = findings.gathered([*found.faults, *faults], found.warnings, said, judged)
    own = tuple(finding for finding in told if _concerns(sight, finding.place.path))
    return own, tuple(finding for finding in told if finding not in own)


def _concerns(sight: Sight, path: str) -> bool:
    """Whether a file is that of the article, or no file is named."""
    if not path or sight.article:
        return not sight.article or path in (sight.article.place.path, "")
    return PurePosixPath(path).stem == sight.slug


def _untouched(before: Sight, faults: Iterable[Fault]) -> Sight:
    """What was seen before, with what keeps it from being made anew."""
    told = findings.gathered(faults, (), ())
    seen = replace(before, findings=(*told, *(one for one in before.findings if one not in told)))
    return replace(seen, digests=_digests(seen))


def _leaflets(rack: Rack) -> list[Output]:
    return [output for output in rack.all() if output.job]


def _leaflet(rack: Rack, output: Output) -> Leaflet:
    try:
        data = rack.data(output)
    except Refused:
        data = b""
    pages = panes.count_pages(data) if data else 0
    return Leaflet(_edition(output), output.label, data, _short(data), pages, rack.is_drawn(output))


def _edition(output: Output) -> str:
    name = output.path.rpartition("/")[2].removesuffix(".pdf")
    return name.removeprefix(f"{output.article}-")


@lru_cache(maxsize=32)
def _short(data: bytes) -> str:
    return digest(data)[:12] if data else ""


def _digests(sight: Sight) -> dict[str, str]:
    page = sight.rack.data(sight.rack.get(f"{LIVE}/{sight.page}")) if sight.rack and sight.page else b""
    pictured = [leaflet.digest for leaflet in sight.leaflets if f"{sight.slug}-{leaflet.name}.png".encode() in page]
    letter = sight.letter
    told = (sight.standing, sight.queue, sight.findings, sight.others, sight.article and sight.article.title)
    parts: dict[str, bytes | str] = {
        "page": page,
        "pictures": repr(pictured),
        "letter": letter.html if letter else "",
        "words": letter.text if letter else "",
        "entry": repr(sight.entry),
        "head": repr(letter and (letter.sender, letter.subject, letter.preview)),
        "leaflets": repr([(one.name, one.digest, one.fresh) for one in sight.leaflets]),
        "told": repr(told),
        "shape": repr([bool(part) for part in (sight.article, sight.page, letter, sight.entry)]),
    }
    return {name: digest(data)[:12] for name, data in parts.items()}
