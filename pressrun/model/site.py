"""Who publishes, and all that is visible at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pressrun.faults import Place
from pressrun.model import states
from pressrun.model.article import Article, Helpline
from pressrun.model.body import Body
from pressrun.model.issue import Issue
from pressrun.model.record import Record
from pressrun.model.text import Link

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    name: str
    base_url: str
    language: str
    time_zone: ZoneInfo
    email: str
    address: str = ""
    accent: str = ""
    logo: str = ""
    description: str = ""
    helplines: tuple[Helpline, ...] = ()
    default_helplines: tuple[Helpline, ...] = ()
    #: named addresses, used in text as CommonMark references: [the label][name]
    links: Mapping[str, str] = field(default_factory=dict)
    #: settings that belong to one channel or to publishing, by key
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: Place = field(compare=False, repr=False)

    def url(self, path: str) -> str:
        """The address of a path on the live site."""
        return f"{self.base_url}/{path}"

    @property
    def host(self) -> str:
        return self.base_url.split("//", 1)[-1].split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What site.yaml says of one rule of the proof."""

    #: ignore, warn or error; empty for the rule's own
    level: str = ""
    #: for a rule that counts something; 0 for the rule's own
    limit: int = 0
    #: for a rule about words: those that are fine
    known: tuple[str, ...] = ()
    place: Place = field(default=Place(""), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Picture:
    #: below content/images/
    src: str
    data: bytes
    #: image/png, image/jpeg, image/gif or image/webp
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSite:
    """Where handouts are given out, and whom readers find there."""

    slug: str
    name: str
    address: str = ""
    phone: str = ""
    hours: str = ""
    #: where a QR code leads
    url: str = ""
    logo: Picture | None = None


def _afresh(_name: str, find: Callable[[], str]) -> str:
    return find()


@dataclass(frozen=True, slots=True)
class Publication:
    """All that is visible at one instant."""

    site: Site
    #: newest first
    articles: tuple[Article, ...]
    #: drafts, what nobody has approved, and what appears later, soonest first
    held: tuple[Article, ...]
    pictures: Mapping[str, Picture]
    now: datetime
    #: those for which local copies are made
    local_sites: tuple[LocalSite, ...] = ()
    #: what was given out on paper, in the order in which it was
    records: tuple[Record, ...] = ()
    #: anchors of headings that were once on the web, by an article's id
    anchors: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    #: newsletter issues with a file of their own, the newest first
    issues: tuple[Issue, ...] = ()
    #: drafts of issues, and those that wait for their hour or for an article, soonest first
    held_issues: tuple[Issue, ...] = ()
    #: ids of articles and issues whose present text is approved; None where nobody has to
    approved: frozenset[str] | None = None
    #: texts in review of articles that are published as they were approved last, by slug
    waiting: Mapping[str, Article] = field(default_factory=dict)
    #: slugs of the articles, and names of issues, whose outputs alone are declared, where all others stand as they are;
    #: None for all
    touched: frozenset[str] | None = None
    #: (a name that tells all that a fact depends on, how to find it) to the fact, which may be remembered
    fact: Callable[[str, Callable[[], str]], str] = field(default=_afresh, repr=False, compare=False)

    #: what is asked for again for every article, and always the same
    _by_slug: dict[str, Article] = field(init=False, repr=False, compare=False)
    _fingerprints: dict[str, str] = field(init=False, repr=False, compare=False)
    _carried: dict[str, dict[str, Article]] = field(init=False, repr=False, compare=False)
    _live: dict[str, list[Article]] = field(init=False, repr=False, compare=False)
    _works: dict[str, list[Article]] = field(init=False, repr=False, compare=False)
    _known: dict[object, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        works: dict[str, list[Article]] = {}
        for article in sorted(self.articles, key=lambda article: (bool(article.translation_of), article.language)):
            works.setdefault(article.translation_of or article.slug, []).append(article)
        by_slug = {article.slug: article for article in self.articles}
        for name, value in (
            ("_by_slug", by_slug),
            ("_fingerprints", {}),
            ("_carried", {}),
            ("_live", {}),
            ("_works", works),
            ("_known", {}),
        ):
            object.__setattr__(self, name, value)

    def on(self, channel: str) -> list[Article]:
        """The visible articles as a channel carries them."""
        return list(self.carried(channel).values())

    def carried(self, channel: str) -> Mapping[str, Article]:
        """The same, by slug."""
        if channel not in self._carried:
            found = (article.on(channel) for article in self.articles)
            self._carried[channel] = {article.slug: article for article in found if article}
        return self._carried[channel]

    def live(self, channel: str) -> list[Article]:
        """Those of them whose text still stands."""
        if channel not in self._live:
            self._live[channel] = [article for article in self.on(channel) if not self.gone(article)]
        return self._live[channel]

    def translations(self, article: Article) -> list[Article]:
        """The same work in its other languages, the original first; those that are visible."""
        work = article.translation_of or article.slug
        return [other for other in self._works.get(work, ()) if other.slug != article.slug]

    def state(self, article: Article, **how: Any) -> str:
        """How one of its articles stands, by `states.of`, which says what else may be told it."""
        return states.of(article, self.now, self.approved, **how)

    def gone(self, article: Article) -> bool:
        """Whether a notice stands in place of the text."""
        return self.state(article) in states.GONE

    def issue_state(self, issue: Issue) -> str:
        return states.of_issue(issue, self.now, self._by_slug, self.approved)

    def why_held(self, held: Article | Issue) -> str:
        """Why readers have nothing of an article or an issue."""
        state = self.state(held) if isinstance(held, Article) else self.issue_state(held)
        return states.why_held(held, state, self.now, self._by_slug)

    def address(self, article: Article, link: Link) -> str | None:
        """The whole address of a link that stands in an article; None while what it leads to is not published."""
        if link.href:
            return link.href
        slug = link.slug or article.slug
        anchor = f"#{link.anchor}" if link.anchor else ""
        return self.site.url(f"{slug}/{anchor}") if self.has(slug) else None

    def let_go(self) -> None:
        """The words of articles are read again when somebody asks for them again."""
        for article in self.articles:
            if isinstance(article.body, Body):
                article.body.let_go()

    def concerns(self, slugs: Iterable[str]) -> bool:
        """Whether outputs that are made of these articles are to be declared."""
        return self.touched is None or not self.touched.isdisjoint(slugs)

    def once(self, key: object, find: Callable[[], Known]) -> Known:
        """What is found out of it under a key, and only the first time."""
        if key not in self._known:
            self._known[key] = find()
        found: Known = self._known[key]
        return found

    def has(self, slug: str) -> bool:
        return slug in self._by_slug

    def find(self, slug: str) -> Article | None:
        return self._by_slug.get(slug)

    def fingerprint(self, slug: str) -> str:
        """A hash of all that an article says, wherever in its file it stands."""
        if slug not in self._fingerprints:
            self._fingerprints[slug] = self._by_slug[slug].fingerprint()
        return self._fingerprints[slug]
