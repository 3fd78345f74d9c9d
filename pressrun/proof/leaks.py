"""Looks through everything in outputs/ for words that nobody has published yet, or that were taken back.

An article is unpublished as a draft, before its date (scheduled), after `expires:` and once withdrawn. What only such
articles say must stand in no file that readers or staff get.

* Of a draft and of a scheduled article nothing may be seen, but for its title and the name of its file in the overview
  (outputs/index.html), which tells staff what was left out.
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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pressrun import build, languages, overview
from pressrun.build import Desk
from pressrun.channels import newsletter
from pressrun.faults import Place
from pressrun.model import Article, Publication, plain
from pressrun.outputs import PRIVATE
from pressrun.proof import EDITIONS
from pressrun.proof.contents import said, stems
from pressrun.proof.parity.tokens import tokens

#: letters of the shortest word that is looked for by itself
_SHORTEST = 4
#: words in a row that give a text away, though each of them is known
_RUN = 4
_PROGRAMS = {".js", ".css"}
_UNSEEN = (PRIVATE, "proof")
_README = "README.md"
#: a part of the name of a file that says what is in it
_HEXADECIMAL = re.compile("[a-f]+")
#: what YAML has before a text
_KEY = re.compile(r"(?<![\w.])[\w-]+:(?=\s|$)")
#: words of a leak that are told
_TOLD = 8
_Run = tuple[str, ...]


class Leak(NamedTuple):
    """Something in a file that its readers must not have."""

    #: from outputs/ on
    file: str
    article: str
    #: draft, scheduled, expired or withdrawn
    state: str
    #: where the article stands
    place: Place
    #: what gives it away
    words: str

    def __str__(self) -> str:
        return f"{self.file}: It gives away what is {self.state}: '{self.words}'. It stands in {self.place.path}."


@dataclass(frozen=True)
class _Secrets:
    """What must stand nowhere, each with the slugs of the articles that say it."""

    words: Mapping[str, set[str]]
    runs: Mapping[_Run, set[str]]
    #: words that anybody may say, sorted
    known: list[str]


def leaks(desk: Desk, now: datetime) -> Iterator[Leak]:
    """Every file that gives something away, once for each article. Raises Refused for a site at fault."""
    publication = build.read(desk, now).publication
    hidden = {article.slug: article for article in _unpublished(publication)}
    if not hidden:
        return
    readers, staff = _secrets(desk, publication, _remains), _secrets(desk, publication, _told)
    for path in _files(desk.outputs):
        name = path.relative_to(desk.outputs).as_posix()
        found = _shared_out(_found(path, staff if name == overview.PATH else readers))
        for article in hidden.values():
            if _is_file_of(name, article, gone=article.gone(publication.now) and article not in publication.held):
                found.setdefault(article.slug, []).append(name)
        for slug, words in found.items():
            told = ", ".join(list(dict.fromkeys(words))[:_TOLD])
            state = publication.state(hidden[slug])
            yield Leak(f"{desk.outputs.name}/{name}", slug, state, hidden[slug].place, told)


def _unpublished(publication: Publication) -> list[Article]:
    gone = [article for article in publication.articles if article.gone(publication.now)]
    return [*publication.held, *gone]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] not in _UNSEEN and parts != (_README,):
            yield path


# ---- what is secret


def _remains(article: Article, publication: Publication) -> Iterator[str]:
    """What readers may still see of an article."""
    if article in publication.held:
        return
    yield from (article.title, article.slug, article.id, article.category, article.language, *article.tags)
    yield from article.aliases
    yield from (part for author in article.authors for part in (author.name, author.role, author.url))
    yield from (part for line in article.helplines for part in (line.name, line.phone, line.hours, line.about))
    yield from (str(article.options(name).get("title", "")) for name in article.channels)
    if article.withdrawn:
        yield plain(article.withdrawn.reason)


def _told(article: Article, publication: Publication) -> Iterator[str]:
    """What staff may see of an article in the overview."""
    yield from (article.title, article.place.path, article.language)
    yield from _remains(article, publication)


def _secrets(
    desk: Desk, publication: Publication, remains: Callable[[Article, Publication], Iterable[str]]
) -> _Secrets:  # fmt: skip
    hidden = _unpublished(publication)
    open_texts = [tokens(text) for text in _open(desk, publication)]
    open_texts += [tokens(text) for article in hidden for text in remains(article, publication)]
    known = {*_program(desk.templates), *(word for text in open_texts for word in text)}
    public_runs = {run for text in open_texts for run in _runs(text)}
    words: dict[str, set[str]] = {}
    runs: dict[_Run, set[str]] = {}
    for article in hidden:
        for text in (tokens(piece) for typed in _hidden(article, publication) for piece in _KEY.split(typed)):
            for word in text:
                if word not in known and _is_telling(word):
                    words.setdefault(word, set()).add(article.slug)
            for run in _runs(text):
                if run not in public_runs:
                    runs.setdefault(run, set()).add(article.slug)
    return _Secrets(words, runs, sorted(known))


def _hidden(article: Article, publication: Publication) -> Iterator[str]:
    """What an article says, as its author typed it; of one that is to come its address too."""
    yield article.typed
    if article in publication.held:
        yield from (article.slug, *article.aliases)


def _open(desk: Desk, publication: Publication) -> Iterator[str]:
    """What anybody may know: what is published, and what the publisher says of itself."""
    live = [article for article in publication.articles if not article.gone(publication.now)]
    for article in live:
        yield from (article.typed, article.slug, article.id, article.date.isoformat(), article.changed().isoformat())
    for path in (publication.site.place.path, *(issue.place.path for issue in publication.issues)):
        yield (desk.root / path).read_text(encoding="utf-8")
    yield from (path.read_text(encoding="utf-8") for path in sorted((desk.content / "sites").glob("*.yaml")))
    yield from (record.title for record in publication.records)
    for language in {article.language for article in publication.articles} | {publication.site.language}:
        date = languages.catalogue(desk.templates, language).date
        yield from (date(publication.now.replace(month=month, day=1)) for month in range(1, 13))
        yield languages.autonym(language)


def _program(templates: Path) -> frozenset[str]:
    """Words of the templates and of the program itself, such as those of the languages that it writes."""
    files = [path for path in templates.rglob("*") if path.is_file() and path.suffix != ".icc"]
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


def _is_file_of(name: str, article: Article, *, gone: bool) -> bool:
    """Whether a file is an article's own by its name; one that is gone keeps its page."""
    folders, _, file = name.rpartition("/")
    endings = "|".join([*EDITIONS, "copy"])
    slug = re.escape(article.slug)
    own = re.fullmatch(rf"{slug}(?:-(?:{endings}))?\.\w+|card-{slug}\.\w+\.png", file)
    placed = folders.split("/")
    page = article.slug in placed[1:2] if not gone else placed[1:] == [newsletter.NAME, article.slug]
    return bool(own) or page
