"""The outputs that a build would make of each article, as they lie there, and what each of them says."""

from __future__ import annotations

import email
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message
from functools import cache, cached_property, partial
from pathlib import Path
from unicodedata import bidirectional

from pressrun import build, imprint, languages, sections
from pressrun.build import Desk
from pressrun.channels import feed, handout, newsletter, web
from pressrun.faults import Place
from pressrun.model import Article, Button, Issue, Link, Publication, Quote, blocks, direction, plain, prose
from pressrun.outputs import LOCAL, Output, Shelf
from pressrun.proof.editions import EDITIONS
from pressrun.proof.parity import entries, furniture
from pressrun.proof.parity.alignment import align
from pressrun.proof.parity.difference import MISSING, OLDER, Difference
from pressrun.proof.parity.facts import odds
from pressrun.proof.parity.furniture import Index, Phrases
from pressrun.proof.parity.page import Page
from pressrun.proof.parity.passages import (
    Address,
    Dated,
    Form,
    Number,
    Wanted,
    introduction,
    of_local,
    teaser,
    wanted,
)  # fmt: skip
from pressrun.proof.parity.reading import Notes, Reading

_SCREEN, _PAPER, _PLAIN = Form(), Form(printed=True), Form(printed=True, spoken_pictures=True)
_PDF, _MAIL = "application/pdf", "message/rfc822"
#: the parts of a message: media type, what people call it
_PARTS = (("text/plain", "plain text"), ("text/html", "HTML"))
#: the proof of the newsletters has a page of its own
OTHER_PAGE = f"proof/{newsletter.NAME}.html"
#: what readers fill in by name, with what stands there for those who have none
_FIELD = re.compile(r"\{\{\s*(?:name|site)\s*\|\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Copy:
    """One output, or a part of one, with what it has to say of one article."""

    output: Output
    channel: str
    wanted: Wanted
    read: Callable[[], Reading]
    #: which part of the output
    part: str = ""
    #: the output is about this article alone
    alone: bool = True


#: phrases between the passages of a body, around it, and in the alt texts of a template's own pictures
_Allowed = tuple[Phrases, Phrases, Phrases]
#: a difference without its output: block, place, kind, expected, found
_Found = tuple[str, Place, str, str, str]


@dataclass
class Court:
    """Judges copies by the site that they belong to."""

    desk: Desk
    publication: Publication
    shelf: Shelf
    _allowed: dict[object, _Allowed] = field(default_factory=dict)
    _judged: dict[object, tuple[Wanted, Reading, list[_Found]]] = field(default_factory=dict)

    # ---- what there is to judge

    def copies(self, article: str = "") -> Iterator[Copy]:
        """Of every live article and channel that carries it, or of one article, or of one issue of the newsletter."""
        yield from self._pages(self._live(web.NAME, article))
        yield from self._handouts({one.slug: one for one in self._live(handout.NAME, article)})
        for issue in newsletter.issues(self.publication):
            yield from self._letters(issue, article)
        yield from self._feeds(self._live(feed.NAME, article))

    def _live(self, channel: str, slug: str) -> list[Article]:
        return [article for article in self.publication.live(channel) if slug in ("", article.slug)]

    def _asked(self, article: Article, form: Form, ask: Callable[[Article, Address, Form], Wanted] = wanted) -> Wanted:
        def find() -> Wanted:
            listed = languages.catalogue(self.desk.templates, article.language).listed
            return ask(article, partial(self.publication.address, article), replace(form, listed=listed))

        return self.publication.once(("wanted", id(article), form, ask), find)

    def _pages(self, articles: Iterable[Article]) -> Iterator[Copy]:
        for article in articles:
            output = self.shelf.get(f"{web.NAME}/{article.slug}/index.html")
            asked = self._asked(article, _SCREEN)
            yield Copy(output, web.NAME, asked, partial(self._page, output, f"{article.slug}/"))

    def _page(self, output: Output, address: str) -> Reading:
        page = Page(self.publication.site.url(address))
        page.read(self.shelf.there(output).decode())
        return page.reading()

    def _handouts(self, articles: Mapping[str, Article]) -> Iterator[Copy]:
        for output in (output for output in self.shelf.all() if output.article in articles):
            # Local copies are made for those who ask.
            local = output.channel == LOCAL and output.path.endswith(".pdf") and self.shelf.is_there(output)
            if output.media_type == _PDF or local:
                article = articles[output.article]
                asked = self.publication.once(("on paper", id(article)), partial(self._printed, article))
                for site in self.publication.local_sites if local else ():
                    if f"/sites/{site.slug}/" in output.path:
                        numbers = [Number(site.phone, article.place)] if site.phone else []
                        asked = replace(
                            asked, around=[*asked.around, *of_local(site)], numbers=[*asked.numbers, *numbers]
                        )
                yield Copy(output, handout.NAME, asked, partial(self._sheets, output, article))

    def _printed(self, article: Article) -> Wanted:
        """One date stands on paper, that of the last change."""
        asked = self._asked(article, _PAPER)
        first, *others = asked.dates
        dates = [Dated("date", article.changed(), first.place)]
        return replace(asked, dates=dates + [date for date in others if date.block != "date of the update"])

    def _sheets(self, output: Output, article: Article) -> Reading:
        from pressrun.proof.parity import paper  # where nothing is printed, no PDF need be read

        edition = EDITIONS[Path(output.path).stem.removeprefix(f"{article.slug}-")]
        form = paper.Form(
            direction(article.language) == "rtl",
            _has_turned(article),
            edition.folded,
            linked=not (edition.folded or edition.press),
        )
        return paper.read(self.shelf.there(output), form)

    def _letters(self, issue: Issue, only: str) -> Iterator[Copy]:
        """The articles of an issue, or the one of them that alone is asked for, in either part."""
        known = self.publication.carried(newsletter.NAME)
        articles = {slug: article for slug, article in known.items() if only in ("", slug, issue.name)}
        output = self.shelf.get(newsletter.message(issue))
        message = cache(partial(self._message, output))
        for form, (media_type, part) in zip((_PLAIN, _SCREEN), _PARTS, strict=True):
            read = cache(partial(self._letter, message, media_type))
            carried = [(articles[entry.slug], entry.teaser) for entry in issue.entries if entry.slug in articles]
            for article, is_teaser in carried:
                if not self.publication.gone(article):
                    asked = self._asked(article, form, teaser if is_teaser else wanted)
                    yield Copy(output, newsletter.NAME, asked, read, part, alone=not issue.title)
            if issue.intro and carried:
                asked = introduction(
                    carried[0][0], issue, partial(self.publication.address, carried[0][0]), form, self._filled
                )
                yield Copy(output, newsletter.NAME, asked, read, part, alone=False)

    def _filled(self, text: str) -> str:
        """An author's words with what stands in place of a field, for a service or for nobody."""
        settings = self.publication.site.settings.get(newsletter.NAME, {})
        service = newsletter.PROVIDERS.get(settings.get("unsubscribe", {}).get("provider", ""))
        return _FIELD.sub(lambda one: service.name.format(one[1]) if service else one[1], text)

    def _message(self, output: Output) -> Message:
        return email.message_from_bytes(self.shelf.there(output))

    def _letter(self, message: Callable[[], Message], media_type: str) -> Reading:
        part = next((part for part in message().walk() if part.get_content_type() == media_type), None)
        data = part.get_payload(decode=True) if part else b""
        assert isinstance(data, bytes)
        content = data.decode(part.get_content_charset("utf-8") if part else "utf-8", "replace")
        if media_type == "text/html":
            page = Page(self.publication.site.url(""))
            page.read(content)
            return page.reading()
        notes = Notes()
        notes.add(content)
        return Reading(*notes.divided())

    # ---- feeds

    def _feeds(self, articles: Iterable[Article]) -> Iterator[Copy]:
        """Each feed divides its entries among documents; in one of each format there must be the article."""
        families: dict[tuple[str, str], list[Output]] = {}
        for output in self.shelf.all():
            if output.channel == feed.NAME and output.path.endswith((".xml", ".json")):
                families.setdefault(_family(output.path), []).append(output)
        asked = {article.slug: self._asked(article, _SCREEN) for article in articles}
        for (folder, _), outputs in families.items():
            for article in articles:
                if _belongs(article, folder):
                    yield from self._entries(article, outputs, asked[article.slug])

    def _entries(self, article: Article, outputs: list[Output], asked: Wanted) -> Iterator[Copy]:
        holding = [output for output in outputs if article.id in self._entries_of(output)]
        if not holding:
            yield Copy(outputs[0], feed.NAME, asked, lambda: Reading([], "", []))
        for output in holding:
            entry = self._entries_of(output)[article.id]
            yield Copy(output, feed.NAME, asked, partial(self._entry, article, entry))

    @cached_property
    def _known_entries(self) -> dict[str, dict[str, entries.Entry]]:
        return {}

    def _entries_of(self, output: Output) -> Mapping[str, entries.Entry]:
        """By the article's id, which ends the entry's own; none for a document that cannot be read."""
        if output.path not in self._known_entries:
            try:
                found = list(entries.read(output.path, self.shelf.there(output)))
            except (ValueError, FileNotFoundError):
                found = []
            self._known_entries[output.path] = {entry.id.rpartition(":")[2]: entry for entry in found}
        return self._known_entries[output.path]

    def _entry(self, article: Article, entry: entries.Entry) -> Reading:
        """The same for every document that says the same."""
        return self.publication.once(("entry", article.slug, *entry[1:]), lambda: self._read_entry(article, entry))

    def _read_entry(self, article: Article, entry: entries.Entry) -> Reading:
        page = Page(self.publication.site.url(f"{article.slug}/"))
        page.heading(1, entry.title)
        page.text(entry.summary)
        page.date(entry.published)
        page.read(entry.content)
        return page.reading()

    # ---- judging

    def judge(self, copy: Copy) -> Iterator[Difference]:
        article = copy.wanted.article
        if not self.shelf.is_there(copy.output):
            yield Difference(name(copy), article.slug, "file", article.place, MISSING, "the whole file")
            return
        try:
            reading = copy.read()
        except ValueError as error:
            yield Difference(name(copy), article.slug, "file", article.place, MISSING, f"a readable file ({error})")
            return
        if not reading.tokens:
            yield Difference(name(copy), article.slug, "article", article.place, MISSING, article.title)
            return
        for block, place, kind, expected, found in self._compared(copy, reading):
            yield Difference(name(copy), article.slug, block, place, kind, expected, found)

    def _compared(self, copy: Copy, reading: Reading) -> list[_Found]:
        key = id(copy.wanted), id(reading)
        if key not in self._judged:  # which keeps both, so that nothing else gets their ids
            self._judged[key] = copy.wanted, reading, list(self._compare(copy, reading))
        return self._judged[key][-1]

    def _compare(self, copy: Copy, reading: Reading) -> Iterator[_Found]:
        within, beside, pictured = self._phrases(copy, reading)
        made = align(reading, copy.wanted, within, beside, alone=copy.alone)
        for one in made.deviations:
            yield one.passage.block, one.passage.place, one.kind, one.expected, one.found
        dated = languages.catalogue(self.desk.templates, copy.wanted.article.language).date
        for odd in odds(made, pictured, dated):
            yield odd.block, odd.place, odd.kind, odd.expected, odd.found

    def older(self, article: Article, outputs: Iterable[Output]) -> Iterator[Difference]:
        """Those of an article's outputs that lie there and were made from something else."""
        for output in outputs:
            if self.shelf.is_there(output) and not self.shelf.fresh(output):
                yield Difference(f"outputs/{output.path}", article.slug, "file", article.place, OLDER)

    # ---- what may stand beside an article

    def _phrases(self, copy: Copy, reading: Reading) -> _Allowed:
        article, channel = copy.wanted.article, copy.channel
        key = (channel, article.slug, reading.cut)
        if key not in self._allowed:
            find = partial(furniture.spoken, self.desk.templates, channel)
            said, own = self.publication.once(("spoken", channel), find)
            facts, names = self.publication.once(("said beside", id(article)), lambda: self._of_article(article))
            links = furniture.indexed(_links(article))
            # Pages of paper have heads and feet within the text, and boxes between its first paragraphs.
            within = Phrases(*said, links, *([facts, self._publisher] if reading.cut else []))
            beside = Phrases(*said, links, facts, *own, self._publisher, self._others)
            self._allowed[key] = within, beside, Phrases(*said, links, names)
        return self._allowed[key]

    def _of_article(self, article: Article) -> tuple[Index, Index]:
        """What templates say of an article, and in the alt texts of their own pictures."""
        code = imprint.code(article)
        return furniture.indexed(self._facts(article, code)), furniture.indexed(self._pictured(code))

    def _facts(self, article: Article, code: str) -> Iterator[str]:
        site = self.publication.site
        intro = article.options(newsletter.NAME).get("intro", ())
        yield from (self._filled(plain(text)) for text in prose(intro))
        speech = languages.catalogue(self.desk.templates, article.language)
        date = speech.date
        yield from (speech.listed(["", author.name]) for author in article.authors)
        yield from (article.title, article.summary, article.category, *article.tags, str(article.revision))
        yield from (part for author in article.authors for part in (author.name, author.role, author.url))
        yield from (part for line in article.helplines for part in (line.name, line.phone, line.sms, line.url))
        yield from (part for line in article.helplines for part in (line.hours, line.about))
        review = article.review
        dates = (article.date, article.updated, article.changed(), review and review.on, review and review.next)
        yield from (date(when) for when in (*dates, *(one.date for one in article.corrections)) if when)
        yield from (code, imprint.text_hash(article)[:16], self._answer(code))
        yield from (site.url(f"{article.slug}/"), site.url(f"{newsletter.NAME}/{article.slug}/"))

    def _answer(self, code: str) -> str:
        """The address that says whether a copy on paper is current."""
        return self.publication.site.url(f"verify/{code}/")

    def _pictured(self, code: str) -> Iterator[str]:
        """What the alt texts of a template's own pictures say: whose logo it is, and where a code leads."""
        yield from (self.publication.site.name, self._answer(code))
        yield from (part for local in self.publication.local_sites for part in (local.name, local.url))

    @cached_property
    def _publisher(self) -> Index:
        """What the site and its outreach sites say of themselves."""
        site = self.publication.site
        words = [site.name, site.email, site.base_url, site.description, *site.address.splitlines()]
        for local in self.publication.local_sites:
            words += [local.name, local.address, local.phone, local.hours, local.url]
        return furniture.indexed(words)

    @cached_property
    def _others(self) -> Index:
        """What lists say of other articles."""
        articles = self.publication.articles
        words = [part for one in articles for part in (one.title, one.summary)]
        spoken = {one.language for one in articles}
        words += map(languages.autonym, spoken if len(spoken) > 1 else ())
        return furniture.indexed(words)


def _links(article: Article) -> list[str]:
    """Every address that an article names: a template may print it."""
    links = [span.href for span in article.spans() if isinstance(span, Link)]
    links += [block.link.href for block in blocks(article.body) if isinstance(block, Button)]
    links += [block.url for block in blocks(article.body) if isinstance(block, Quote)]
    return [*links, *(source.url for source in article.sources)]


def _has_turned(article: Article) -> bool:
    """Whether some letters of an article run from right to left."""
    letters = "" if article.typed.isascii() else article.typed
    return direction(article.language) == "rtl" or any(bidirectional(letter) in {"R", "AL"} for letter in set(letters))


def name(copy: Copy) -> str:
    """What people call it: its path from outputs/ on, and the part of a message."""
    return f"outputs/{copy.output.path}" + (f", {copy.part}" if copy.part else "")


def court(desk: Desk, now: datetime) -> Court:
    """Raises Refused for a site or tokens at fault."""
    found = build.read(desk, now)
    found = replace(found, publication=replace(found.publication, local_sites=found.local_sites))
    return Court(desk, found.publication, build.declare(desk, found, []))


def _family(path: str) -> tuple[str, str]:
    """Which feed a document belongs to, and in which format: what its subscribers read as one."""
    folder, _, file = path.partition("/")[2].rpartition("/")
    folder = re.sub(r"(?:^|/)archive$", "", folder)
    kind = "JSON" if file.endswith(".json") else "Atom" if "atom" in file else "RSS"
    return folder, kind


def _belongs(article: Article, folder: str) -> bool:
    kind, _, name = folder.partition("/")
    if kind == "category":
        return bool(article.category) and sections.address(article.category) == name
    return not folder or sections.address(article.language) == name
