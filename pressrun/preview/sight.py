"""All that is seen of one article or issue after one save, and how it is made: first what is quick, then the rest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

from pressrun import build, channels, content
from pressrun.build import Desk
from pressrun.channels import feed, handout, newsletter, web
from pressrun.content import Content
from pressrun.faults import Fault, Place, Refused
from pressrun.mailing.sending import RECEIPTS
from pressrun.model import Article, Issue, Publication, Site
from pressrun.outputs import LIVE, Output, digest
from pressrun.preview import findings, panes, standing
from pressrun.preview.findings import Finding
from pressrun.preview.panes import Letter
from pressrun.preview.rack import Built, Rack
from pressrun.preview.recall import Recall, Recent
from pressrun.preview.standing import Entry, Group, Piece, Standing
from pressrun.templates import Templates
from pressrun.workers import Team, outcome

#: the channels that take so long that the others are shown before them
_SLOW = handout.NAME
#: seconds that whoever saves may wait because others draw
_GLANCE = 0.01


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
    """An article or an issue as its author sees it on the desk."""

    slug: str
    #: all that was read with it; None where nothing could be, and what is seen is what was seen before
    found: Content | None = field(default=None, repr=False)
    site: Site | None = None
    #: None for one that was never sound
    piece: Piece | None = None
    standing: Standing = field(default_factory=partial(Standing, "faulty"))
    queue: tuple[Group, ...] = ()
    #: of its own file, and of all others
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
    def listed(self) -> Mapping[str, Entry]:
        """Articles and issues of the list of all, by slug."""
        return {entry.slug: entry for group in self.queue for entry in group.entries}

    @property
    def unknown(self) -> bool:
        """Whether there is nothing of that name at all."""
        return not (self.piece or self.findings or self.slug in self.listed)

    @property
    def title(self) -> str:
        return standing.title(self.piece) if self.piece else self.slug

    @property
    def issue(self) -> Issue | None:
        return self.piece if isinstance(self.piece, Issue) else None


class Maker:
    """Makes sights, in one thread: what draws handouts is made for no more."""

    def __init__(
        self, desk: Desk, clock: Callable[[], datetime], folder: Path, team: Team | None = None
    ) -> None:  # fmt: skip
        """`folder` is for caches, `team` draws handouts, so that who saves meanwhile does not wait for them."""
        self._team = team
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

    def first(self) -> str:
        """The newest article, else whatever there is; empty where there is nothing. Raises Refused for site.yaml."""
        found = self._read("")
        slugs = [article.slug for article in (*found.publication.articles, *found.publication.held)]
        return next(iter([*slugs, *self._about(found, "").listed]), "")

    def quick(self, slug: str, before: Sight | None = None) -> Sight:
        """All but the handouts, which are as they were. What cannot be made is told, and what was there stays."""
        before = before or Sight(slug)
        try:
            found = self._read(slug)
        except Refused as refused:
            return _untouched(before, refused.faults)
        sight = self._about(found, slug)
        if not sight.piece:
            if sight.findings:  # it had a place among the others when it was sound
                sight = replace(
                    before, found=None, site=sight.site, queue=sight.queue, findings=sight.findings, others=sight.others
                )
            return replace(sight, digests=_digests(sight))
        try:
            return self._seen(sight, self._rack(found, slug, drawn=False), found)
        except Refused as refused:
            return _untouched(before, refused.faults)
        except Exception as error:  # noqa: BLE001  # whatever a template stumbles over while somebody works on it
            return _untouched(before, [self._stumbled(error)])

    def drawn(self, sight: Sight, first: str = "") -> Iterator[Sight | None]:
        """The same, declared anew, then with one edition after the other of the text of now, from `first` on.

        None says that others still draw.
        """
        found, slug = sight.found, sight.slug
        if not found or not sight.piece or not sight.rack:
            return
        faults: list[Fault] = []

        def seen(rack: Rack) -> Sight:
            return self._seen(self._about(found, slug), rack, found, faults)

        site, piece = found.publication.site, sight.piece
        if self._judged(("language", slug), (piece, piece.typed, site), partial(findings.of_language, piece, site)):
            yield seen(sight.rack)
        rack = self._rack(found, slug, drawn=True)
        if [_edition(output) for output in _leaflets(rack)] != [leaflet.name for leaflet in sight.leaflets]:
            yield seen(rack)
        for output in sorted(_leaflets(rack), key=lambda output: _edition(output) != first):
            try:
                yield from self._elsewhere(rack, output)
                rack.draw(output)
            except Refused as refused:
                faults += [fault for fault in refused.faults if fault not in faults]
            yield seen(rack)
        if not _leaflets(rack):
            rack = sight.rack
        of_parity = partial(findings.of_parity, self._desk, _alone(found, slug), rack, slug)
        if self._judged(("parity", slug), rack, of_parity):
            yield seen(rack)

    def _elsewhere(self, rack: Rack, output: Output) -> Iterator[None]:
        """Has the team draw an edition, if there is one and need of it. Raises Refused."""
        if not (self._team and output.job) or rack.has_drawn(output):
            return
        job = output.job()
        future = self._team.submit([job])
        while not wait([future], _GLANCE).done:
            yield None
        rack.take(output, outcome(self._team, future, job))

    def _judged(self, name: Hashable, made_from: object, judge: Callable[[], tuple[Finding, ...]]) -> bool:
        """Has something judged that may take a moment; whether that found something else than before."""
        earlier = self._memory.last(name)
        return self._memory.get(name, made_from, judge) != (earlier or ())

    def forget(self) -> None:
        """Reads templates anew, for one has changed, or the site's colour."""
        self._templates = None

    # ---- steps

    def _read(self, slug: str) -> Content:
        self._recent.shown = slug
        found = content.read(self._desk.content, self._keys, self._clock(), self._earlier, self._recent)
        self._sound |= found.kept
        return found

    def _about(self, found: Content, slug: str) -> Sight:
        publication = found.publication
        pieces: tuple[Piece, ...] = (*publication.articles, *publication.issues)
        piece = next((known for known in pieces if standing.name(known) == slug), None)
        sent = {path.stem for path in (self._desk.content / RECEIPTS).glob("*.json")}
        groups = standing.queue(found, sent)
        sight = Sight(slug, found, publication.site, piece, standing.of(groups, piece, slug), groups)
        own, others = _told(found, sight, (), ())
        return replace(sight, findings=own, others=others)

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
    """The others are on the web alone, where pages lead to them, and those of an issue in the newsletter.

    Nobody looks at their handouts and entries.
    """
    publication = found.publication
    mailed = {entry.slug for issue in publication.issues if issue.name == slug for entry in issue.entries}

    def aside(article: Article) -> Article:
        kept = {web.NAME, newsletter.NAME} if article.slug in mailed else {web.NAME}
        without = {name: False for name in channels.NAMES if name not in kept}
        return article if article.slug == slug else replace(article, channels={**article.channels, **without})

    return replace(publication, articles=tuple(map(aside, publication.articles)))


def _told(
    found: Content, sight: Sight, faults: Iterable[Fault], said: Iterable[str], judged: Iterable[Finding] = ()
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What is to be told of an article, and of all other files."""
    told = findings.gathered([*found.faults, *faults], found.warnings, said, judged)
    own = tuple(finding for finding in told if _concerns(sight, finding.place.path))
    return own, tuple(finding for finding in told if finding not in own)


def _concerns(sight: Sight, path: str) -> bool:
    """Whether a file is that of the article or issue, or no file is named."""
    if sight.piece:
        return path in (sight.piece.place.path, "")
    return PurePosixPath(path).stem == sight.slug or not path


def _untouched(before: Sight, faults: Iterable[Fault]) -> Sight:
    """What was seen before, with what keeps it from being made anew."""
    told = findings.gathered(faults, (), ())
    seen = replace(before, found=None, findings=(*told, *(one for one in before.findings if one not in told)))
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
    parts: dict[str, bytes | str] = {
        "page": page,
        "pictures": repr(pictured),
        "letter": letter.html if letter else "",
        "words": letter.text if letter else "",
        "entry": repr(sight.entry),
        "head": repr(letter and (letter.sender, letter.subject, letter.preview)),
        "leaflets": repr([(one.name, one.digest, one.fresh) for one in sight.leaflets]),
        "told": repr((sight.title, sight.standing, sight.queue, sight.findings, sight.others)),
        "shape": repr([bool(part) for part in (sight.piece, sight.page, letter, sight.entry)]),
    }
    return {name: digest(data)[:12] for name, data in parts.items()}
