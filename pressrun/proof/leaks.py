"""Looks through everything in outputs/ for words that nobody has published yet, or that were taken back.

An article is unpublished as a draft, in review, before its date (scheduled), after `expires:` and once withdrawn; so is
a newer text in review of one that stands as it was approved; an issue of the newsletter as a draft, in review, and
while it waits for its date or for an article. Of an article at fault, what it said when it was last sound is
published, if it ever was; what its file says now is not. What only such files say must stand in no file that readers
or staff get.

* Of a draft, of what is in review, scheduled or waits, nothing may be seen, but for its title and the name of its file
  in the overview (outputs/index.html), which tells staff what was left out; and in that, the lines of an article at
  fault.
* Of an expired or withdrawn article its address stays, and says so. There, in lists and in feeds these may stay: its
  title (also the one for a channel), authors and their roles, category, tags, language, dates, earlier addresses, its
  helplines, and the reason of a withdrawal. Its summary, body, pictures, sources, corrections, review and what it
  said to single channels must be gone, and so must its handouts, newsletters and card.

A word is looked for in all files but scripts and style sheets, whose own words are many; a run of words in these too.
Words of the program, of the templates, of the site's files and of what is published give nothing away. A card is a
picture: it can only be seen that there is none. Not looked through: .pressrun/, where builds keep their books and
which nobody publishes; proof/, which is written by the proof; README.md of outputs/ itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pressrun import build, languages, layers, overview
from pressrun.build import Desk
from pressrun.channels import newsletter
from pressrun.content import Content
from pressrun.faults import Place
from pressrun.model import Article, Publication, plain, states
from pressrun.outputs import PRIVATE
from pressrun.proof import rulings
from pressrun.proof.contents import said, stems
from pressrun.proof.editions import EDITIONS
from pressrun.proof.parity.tokens import tokens

#: letters of the shortest word that is looked for by itself
_SHORTEST = 4
#: words in a row that give a text away, though each of them is known
_RUN = 4
_PROGRAMS = {".js", ".css"}
_UNSEEN = (PRIVATE, "proof")
_README = "README.md"
_ARTICLE = re.compile(r"content/articles/.+\.yaml")
#: a part of the name of a file that says what is in it
_HEXADECIMAL = re.compile("[a-f]+")
#: says when, and not what; commands write it in forms that a page does not have
_DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
#: what YAML has before a text
_KEY = re.compile(r"(?<![\w.])[\w-]+:(?=\s|$)")
#: words of a leak that are told
_TOLD = 8
_Run = tuple[str, ...]


class Leak(NamedTuple):
    """Something in a file that its readers must not have."""

    #: from outputs/ on
    file: str
    #: its slug, or the name of an issue
    article: str
    #: draft, in review, scheduled, expired, withdrawn, or faulty
    state: str
    #: where the article stands
    place: Place
    #: what gives it away
    words: str

    @property
    def severity(self) -> str:
        """Of an archive for staff, which nobody uploads: it was true when it was packed, and no build changes it."""
        return rulings.WARN if self._packed else rulings.ERROR

    @property
    def _packed(self) -> bool:
        return self.file.split("/")[1:2] == ["bundle"]

    def __str__(self) -> str:
        remedy = " Delete that archive, and pack another: ./inv publish.bundle" if self._packed else ""
        where = f"It stands in {self.place.path}."
        return f"{self.file}: It gives away what is {self.state}: '{self.words}'. {where}{remedy}"


@dataclass(frozen=True)
class _Hidden:
    """A file of an author that is not published as it stands there."""

    #: of an article, or the name of an issue
    slug: str
    state: str
    place: Place
    #: what it says
    texts: tuple[str, ...]
    #: what readers may still see of it, and what staff may see in the overview
    remains: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    #: a notice stands where its page was
    gone: bool = False
    #: what was made of it earlier stays
    kept: bool = False


@dataclass(frozen=True)
class _Secrets:
    """What must stand nowhere, each with the slugs of the articles that say it."""

    words: Mapping[str, set[str]]
    runs: Mapping[_Run, set[str]]
    #: words that anybody may say, sorted
    known: list[str]


def leaks(desk: Desk, now: datetime) -> Iterator[Leak]:
    """Every file that gives something away, once for each article. Raises Refused for a site at fault."""
    found = build.read(desk, now)
    hidden = {one.slug: one for one in _unpublished(desk, found)}
    if not hidden:
        return
    texts = [tokens(text) for text in _open(desk, found.publication)]
    readers = _secrets(desk, texts, hidden.values(), lambda one: one.remains)
    staff = _secrets(desk, texts, hidden.values(), lambda one: (*one.remains, *one.told))
    for path in _files(desk.outputs):
        name = path.relative_to(desk.outputs).as_posix()
        given = _shared_out(_found(path, staff if name == overview.PATH else readers))
        for one in hidden.values():
            if _is_file_of(name, one):
                given.setdefault(one.slug, []).append(name)
        for slug, words in given.items():
            told = ", ".join(list(dict.fromkeys(words))[:_TOLD])
            yield Leak(f"{desk.outputs.name}/{name}", slug, hidden[slug].state, hidden[slug].place, told)


def _unpublished(desk: Desk, found: Content) -> Iterator[_Hidden]:
    """Files at fault first: what stands below the same name may be the text that was sound before."""
    publication = found.publication
    known = {article.slug: article for article in (*publication.held, *publication.articles)}
    for path in sorted({fault.place.path for fault in found.faults if _ARTICLE.fullmatch(fault.place.path)}):
        typed, slug = (desk.root / path).read_text(encoding="utf-8", errors="replace"), Path(path).stem
        yield _Hidden(slug, "faulty", Place(path), (typed,), told=(typed, path), kept=slug in known)
    for issue in publication.held_issues:
        state, texts = publication.issue_state(issue), (issue.typed, issue.name)
        yield _Hidden(issue.name, state, issue.place, texts, told=(issue.subject, issue.place.path))
    for article in publication.waiting.values():
        told = (article.title, article.place.path, article.language)
        yield _Hidden(article.slug, states.IN_REVIEW, article.place, (article.typed,), told=told, kept=True)
    for article in publication.held:
        hints = (article.typed, article.slug, *article.aliases)
        told = (article.title, article.place.path, article.language)
        yield _Hidden(article.slug, publication.state(article), article.place, hints, told=told)
    for article in publication.articles:
        if publication.gone(article):
            told = (article.title, article.place.path, article.language)
            state, remains = publication.state(article), tuple(_remains(article))
            yield _Hidden(article.slug, state, article.place, (article.typed,), remains, told, gone=True)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] not in _UNSEEN and parts != (_README,):
            yield path


# ---- what is secret


def _remains(article: Article) -> Iterator[str]:
    """What readers may still see of an article that was taken back."""
    yield from (article.title, article.slug, article.id, article.category, article.language, *article.tags)
    yield from article.aliases
    yield from (part for author in article.authors for part in (author.name, author.role, author.url))
    yield from (part for line in article.helplines for part in (line.name, line.phone, line.hours, line.about))
    yield from (str(article.options(name).get("title", "")) for name in article.channels)
    if article.withdrawn:
        yield plain(article.withdrawn.reason)


def _secrets(
    desk: Desk, texts: Iterable[_Run], hidden: Collection[_Hidden], seen: Callable[[_Hidden], Iterable[str]]
) -> _Secrets:  # fmt: skip
    """What only hidden files say, beside some open texts and what may be seen of each."""
    open_texts = [*texts, *(tokens(text) for one in hidden for text in seen(one))]
    known = {*_program(desk.templates), *(word for text in open_texts for word in text)}
    public_runs = {run for text in open_texts for run in _runs(text)}
    words: dict[str, set[str]] = {}
    runs: dict[_Run, set[str]] = {}
    for one in hidden:
        for text in (tokens(piece) for typed in one.texts for piece in _KEY.split(_DATE.sub(" ", typed))):
            for word in text:
                if word not in known and _is_telling(word):
                    words.setdefault(word, set()).add(one.slug)
            for run in _runs(text):
                if run not in public_runs:
                    runs.setdefault(run, set()).add(one.slug)
    return _Secrets(words, runs, sorted(known))


def _open(desk: Desk, publication: Publication) -> Iterator[str]:
    """What anybody may know: what is published, and what the publisher says of itself."""
    live = [article for article in publication.articles if not publication.gone(article)]
    for article in live:
        yield from (article.typed, article.slug, article.id)
    yield (desk.root / publication.site.place.path).read_text(encoding="utf-8")
    yield from (issue.typed for issue in publication.issues)
    yield from (path.read_text(encoding="utf-8") for path in sorted((desk.content / "sites").glob("*.yaml")))
    yield from (record.title for record in publication.records)
    for language in {article.language for article in publication.articles} | {publication.site.language}:
        date = languages.catalogue(desk.templates, language).date
        yield from (date(publication.now.replace(month=month, day=1)) for month in range(1, 13))
        yield languages.autonym(language)


def _program(templates: Path) -> frozenset[str]:
    """Words of the templates and of the program itself, such as those of the languages that it writes."""
    files = [path for path in layers.files(templates).values() if path.suffix != ".icc"]
    found = [path.read_text(encoding="utf-8") for path in files]
    return frozenset(word for text in found for word in tokens(text)) | _own_words()


@cache
def _own_words() -> frozenset[str]:
    files = sorted(Path(build.__file__).parent.rglob("*.py"))
    return frozenset(word for path in files for word in tokens(path.read_text(encoding="utf-8")))


def _is_telling(word: str) -> bool:
    """Whether a word cannot stand somewhere by chance: not as a piece of a hash, say."""
    return len(word) >= _SHORTEST and word.isalpha() and not _HEXADECIMAL.fullmatch(word)


def _runs(text: _Run) -> Iterator[_Run]:
    return (text[at : at + _RUN] for at in range(len(text) - _RUN + 1))


# ---- what a file gives away


def _found(path: Path, secrets: _Secrets) -> Iterator[tuple[set[str], str]]:
    text = tokens(said(path))
    if path.suffix not in _PROGRAMS:
        yield from ((secrets.words[word], word) for word in text if word in secrets.words)
    yield from ((secrets.runs[run], " ".join(run)) for run in _runs(text) if run in secrets.runs)
    for stem in stems(path):
        if len(stem) >= _SHORTEST and not _begins(stem, secrets.known):
            yield from ((slugs, word) for word, slugs in secrets.words.items() if word.startswith(stem))


def _shared_out(hits: Iterable[tuple[set[str], str]]) -> dict[str, list[str]]:
    """What a file gives away by article; what several say belongs to one that is there for another reason, if any."""
    found: dict[str, list[str]] = {}
    for slugs, words in sorted(hits, key=lambda hit: len(hit[0])):
        for slug in slugs & found.keys() or slugs:
            found.setdefault(slug, []).append(words)
    return found


def _begins(stem: str, words: list[str]) -> bool:
    """Whether one of some sorted words begins with a stem."""
    at = bisect_left(words, stem)
    return at < len(words) and words[at].startswith(stem)


def _is_file_of(name: str, one: _Hidden) -> bool:
    """Whether a file is somebody's own by its name; an article that is gone keeps its page."""
    if one.kept:
        return False
    folders, _, file = name.rpartition("/")
    endings = "|".join([*EDITIONS, "copy"])
    slug = re.escape(one.slug)
    own = re.fullmatch(rf"{slug}(?:-(?:{endings}))?\.\w+|card-{slug}\.\w+\.png", file)
    placed = folders.split("/")
    letter = placed[1:] == [newsletter.NAME, one.slug]
    return bool(own) or letter or (one.slug in placed[1:2] and not one.gone)
