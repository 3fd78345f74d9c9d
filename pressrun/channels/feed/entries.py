"""An article as an entry, put together once for all the feeds that hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property, partial

from pressrun import sections
from pressrun.channels.feed import images
from pressrun.channels.feed.document import Enclosure, Entry, Image, Term
from pressrun.faults import Refused
from pressrun.inputs import Inputs, brief, drawn, of_article, of_channel
from pressrun.model import Article, Figure, Publication, Site, states
from pressrun.outputs import LIVE, PRIVATE, Output, Shelf
from pressrun.templates import Templates
from pressrun.translations import is_outdated

NAME = "feed"
#: An identity must outlive every later change of the article, so its date is no date of the article (RFC 4151 wants
#: one on which the publisher held the domain).
TAG_DATE = "2025-01-01"
#: what XML 1.0 leaves out (https://www.w3.org/TR/xml/#charsets)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def tag(site: Site, name: str) -> str:
    """A name for ever (RFC 4151). Those of feeds have a slash, which no article's id has."""
    return f"tag:{site.host.partition(':')[0]},{TAG_DATE}:{name}"


def fit(text: str) -> str:
    """Text without what XML cannot hold."""
    return _UNFIT.sub("", text)


def _stored(article: Article) -> str:
    return f"{PRIVATE}/{NAME}/{article.slug}.html"


class Entries:
    """The entries of a build."""

    def __init__(self, publication: Publication, templates: Templates, shelf: Shelf) -> None:
        self._publication = publication
        self._templates = templates
        self._shelf = shelf
        self._known: dict[str, Entry] = {}
        self._inputs: dict[str, str] = {}

    def of(self, article: Article) -> Entry:
        if article.id not in self._known:
            self._known[article.id] = self._entry(article)
        return self._known[article.id]

    def inputs(self, article: Article) -> str:
        """What an entry is made from, as a hash."""
        if article.id not in self._inputs:
            handouts = [output for output in self._shelf.of(article.slug) if output.media_type == "application/pdf"]
            image = images.of(article, self._publication, self._templates, self._shelf)
            page = self.has_page(f"{article.slug}/")
            told = brief(self._updated[article.id], image, page, drawn(self._shelf, handouts), self._filling())
            self._inputs[article.id] = brief(of_article(self._publication, article), told)
        return self._inputs[article.id]

    def contents(self) -> Iterator[Output]:
        """What the entries hold, each once for all feeds and for later builds."""
        common = of_channel(self._publication, self._templates, NAME, "entry.html")
        for article in self._publication.on(NAME):
            make, inputs = partial(self._made, article), partial(self._content_inputs, common, article)
            yield Output(_stored(article), make, NAME, article=article.slug, inputs=inputs)

    def _content_inputs(self, common: Inputs, article: Article) -> Inputs:
        return {**common, **of_article(self._publication, article)}

    def _filling(self) -> str:
        return of_channel(self._publication, self._templates, NAME, "entry.html", "gone.txt")["templates"]

    def has_page(self, folder: str) -> bool:
        return f"{LIVE}/{folder}index.html" in self._shelf

    @cached_property
    def _updated(self) -> dict[str, datetime]:
        """When each article changed last, by its id.

        Those that changed on one day have one midnight, which Atom's readers take for a mass change: each but the first
        to be published gets a second more.
        """
        now, found = self._publication.now, dict[str, datetime]()
        times: dict[datetime, int] = {}
        for article in sorted(self._publication.articles, key=lambda article: (article.date, article.id)):
            latest = article.latest(now)
            found[article.id] = min(latest + timedelta(seconds=times.get(latest, 0)), max(latest, now))
            times[latest] = times.get(latest, 0) + 1
        return found

    def _entry(self, article: Article) -> Entry:
        site, folder = self._publication.site, f"{article.slug}/"
        gone = self._publication.gone(article)
        return Entry(
            id=tag(site, article.id), url=site.url(folder) if self.has_page(folder) else "",
            title=fit(article.title), summary=fit(self._summary(article)), content=self._content(article),
            language=article.language, published=article.date, updated=self._updated[article.id],
            authors=tuple(article.authors), terms=tuple(_terms(site, article)),
            enclosure=None if gone else self._enclosure(article),
            image=None if gone else images.of(article, self._publication, self._templates, self._shelf),
        )  # fmt: skip

    def _summary(self, article: Article) -> str:
        if not self._publication.gone(article):
            return article.summary
        return self._filled("gone.txt", article).strip()

    def _content(self, article: Article) -> str:
        return self._shelf.data(self._shelf.get(_stored(article))).decode()

    def _made(self, article: Article) -> bytes:
        page = self._publication.site.url(f"{article.slug}/")
        return fit(_plain(self._filled("entry.html", article), page)).encode()

    def _filled(self, template: str, article: Article) -> str:
        publication = self._publication
        state = publication.state(article)
        return self._templates.render(
            NAME, template, language=article.language, site=publication.site, article=article,
            gone=state in states.GONE, withdrawn=state == states.WITHDRAWN, outdated=is_outdated(publication, article),
            address=partial(publication.address, article), picture=self._picture,
        )  # fmt: skip

    def _picture(self, figure: Figure) -> Image:
        return images.shown(self._publication, figure.src)

    def _enclosure(self, article: Article) -> Enclosure | None:
        """The first handout; RSS readers know one enclosure an entry."""
        for handout in self._shelf.of(article.slug):
            if handout.media_type == "application/pdf" and (length := self._length(handout)):
                return Enclosure(self._publication.site.url(handout.live), length, handout.media_type)
        return None

    def _length(self, output: Output) -> int:
        """How many bytes an output has; 0 for one that cannot be made, whose fault is told where it is written."""
        try:
            return len(self._shelf.data(output))
        except Refused:
            return 0


def _terms(site: Site, article: Article) -> Iterator[Term]:
    """Without a tag that says the category again."""
    kinds = [(name, "category") for name in [article.category] if name] + [(name, "tag") for name in article.tags]
    seen = set()
    for name, kind in kinds:
        if (address := sections.address(name)) not in seen:
            yield Term(fit(name), address, site.url(f"{kind}/"))
        seen.add(address)


#: what an entry consists of; readers throw away the rest, and each of them another rest
_TAGS = {
    "a", "aside", "bdi", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure",
    "h2", "h3", "hr", "img", "li", "ol", "p", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "time",
    "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}, "th": {"scope"}, "blockquote": {"cite"},
    "time": {"datetime"}, "*": {"lang", "dir"},
}  # fmt: skip


def _plain(content: str, page: str) -> str:
    """Content without classes and anchors; what led to an anchor leads to the one on the page."""
    import nh3

    def absolute(_tag: str, attribute: str, value: str) -> str:
        return f"{page}{value}" if attribute == "href" and value.startswith("#") else value

    clean = nh3.clean(
        content, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=absolute, link_rel=None,
        url_schemes={"http", "https", "mailto", "tel", "sms"},
    )  # fmt: skip
    return clean.strip() + "\n"
