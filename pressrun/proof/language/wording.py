"""Rules about single words: plain, kind, finished, told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pressrun.faults import Fault
from pressrun.model import Article, Site
from pressrun.proof.language.passages import Passage
from pressrun.proof.language.vocabulary import Term, Vocabulary, first

#: languages that say a word twice to say more
_DOUBLING = frozenset({"id", "jv", "km", "lo", "ms", "th", "tl", "vi", "zh", "ja"})
#: of any language
_PLACEHOLDER = re.compile(r"\bTK(?:TK)?\b|\bXXX+\b|\bTODO\b(?=:)|\bFIXME\b|\?\?\?+|(?i:\blorem ipsum\b)")
_DOUBLED = re.compile(r"(?<![\w'’-])([^\W\d_]+)\s+(\1)(?![\w'’-])", re.IGNORECASE)
_QUOTES = "\"'“”‘’«»„"
#: addresses, which are no words
_ADDRESS = re.compile(r"https?://\S+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[\w-]+\.)+[a-z]{2,6}\b(?:/\S*)?")
_CAPITALS = re.compile(r"(?<![\w&/])[A-Z]{2,6}(?=s?(?![\w&/]))")
_ROMAN = re.compile(r"[IVX]+")
#: so many capital letters in a row are a title in capitals
_SHOUTED = 0.6


@dataclass(frozen=True)
class Copy:
    """An article's text as the rules read it."""

    article: Article
    site: Site
    passages: list[Passage]
    words: Vocabulary
    #: words that site.yaml says are fine, in small letters
    known: frozenset[str] = frozenset()

    @cached_property
    def own_names(self) -> frozenset[str]:
        """Of publisher and helplines."""
        return frozenset({self.site.name, *(line.name for line in self.site.helplines)})

    @cached_property
    def names(self) -> re.Pattern[str]:
        """Those, and names of authors and institutions: nobody can put them better."""
        authors = {author.name for author in self.article.authors}
        spoken = sorted({*self.own_names, *authors, *self.words.names}, key=len, reverse=True)
        return re.compile("|".join(r"\s+".join(map(re.escape, name.split())) for name in spoken))

    @property
    def placeholders(self) -> Iterator[re.Pattern[str]]:
        return filter(None, (_PLACEHOLDER, self.words.placeholders))

    def fault(self, passage: Passage, at: int, problem: str, remedy: str) -> Fault:
        place, line = passage.spot(at)
        return Fault(place, problem, remedy, line)


def plain_words(copy: Copy) -> Iterator[Fault]:
    for passage, at, found, term in _terms(copy, copy.words.plain):
        yield copy.fault(passage, at, f"There is a plainer word for '{found}'.", f"Say: {term.better}.")


def stigma(copy: Copy) -> Iterator[Fault]:
    for passage, at, found, term in _terms(copy, copy.words.stigma):
        problem = f"'{found}' can sound like a judgement on people."
        yield copy.fault(passage, at, problem, f"Say: {term.better} ({copy.words.authority}).")


def _terms(copy: Copy, terms: Iterable[Term]) -> Iterator[tuple[Passage, int, str, Term]]:
    """Words that could be better, outside of quotations and names; where two terms overlap, the first in the list."""
    for passage in copy.passages:
        if passage.said.quoted:
            continue
        taken = [match.span() for match in copy.names.finditer(passage.text)]
        hits = []
        for term in terms:
            for match in term.pattern.finditer(passage.text):
                if not any(start < match.end() and match.start() < end for start, end in taken):
                    taken.append(match.span())
                    hits.append((match.start(), " ".join(match[0].split()), term))
        for at, found, term in sorted(hits, key=lambda hit: hit[0]):
            if found.lower() not in copy.known and not _is_mention(passage.text, at, len(found)):
                yield passage, at, found, term


def _is_mention(text: str, at: int, length: int) -> bool:
    """Whether words stand in quotation marks of their own: they are spoken of."""
    return text[at - 1 : at] in {*_QUOTES} and text[at + length : at + length + 2].strip(".,;:")[:1] in {*_QUOTES}


def abbreviations(copy: Copy) -> Iterator[Fault]:
    """Each at its first place; those in the name of publisher or helpline stand for that name."""
    named = (passage.text for passage in copy.passages if passage.said.term)
    told = {
        *copy.words.abbreviations,
        *named,
        *_CAPITALS.findall(" ".join(copy.own_names)),
        *map(str.upper, copy.known),
    }
    whole = "\n".join(passage.text for passage in copy.passages)
    for passage in copy.passages:
        if passage.said.quoted or _is_shouted(passage.text):
            continue
        unread = (copy.names, _ADDRESS, *copy.placeholders)
        hidden = [match.span() for pattern in unread for match in pattern.finditer(passage.text)]
        for match in _CAPITALS.finditer(passage.text):
            short = match[0]
            if short in told or _ROMAN.fullmatch(short) or any(start <= match.start() < end for start, end in hidden):
                continue
            told.add(short)
            if not _is_expanded(short, whole):
                problem = f"'{short}' is not explained anywhere in this article."
                remedy = f"Write it out where it comes first: the long form ({short})."
                yield copy.fault(passage, match.start(), problem, remedy)


def _is_shouted(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(text.split()) > 1 and sum(map(str.isupper, letters)) > _SHOUTED * len(letters)


def _is_expanded(short: str, whole: str) -> bool:
    """The long form (SHORT), or SHORT (the long form), or SHORT stands for ...; the long one has its first letter."""
    behind = re.search(rf"\(\s*[\"“«']?{short}[\"”»']?s?\b", whole)
    before = re.search(
        rf"\b{short}\s*(?:\(|[:–—]\s+)(?:\w[\w'’-]*\s+){{0,2}}{short[0]}\w*[\s-]+\w", whole, re.IGNORECASE
    )
    said = re.search(rf"\b{short}[\"”»']?,?\s+(?:is short for|stands for|means|significa|son las siglas de)\b", whole)
    return bool(behind or before or said)


def placeholders(copy: Copy) -> Iterator[Fault]:
    for passage in copy.passages:
        hits = {match.start(): match[0] for pattern in copy.placeholders for match in pattern.finditer(passage.text)}
        for at, found in sorted(hits.items()):
            yield copy.fault(passage, at, f"'{found}' waits to be replaced.", "Write what belongs there.")


def doubled_words(copy: Copy) -> Iterator[Fault]:
    """The second of two; two capital letters are a name: Walla Walla."""
    if first(copy.article.language) in _DOUBLING:
        return
    for passage in copy.passages:
        for match in _DOUBLED.finditer(passage.text):
            once, again = match[1], match[2]
            meant = once[0].isupper() and again[0].isupper()
            if not meant and once.lower() not in copy.words.doubled | copy.known:
                yield copy.fault(passage, match.start(2), f"'{again}' stands here twice.", "Delete one.")


def link_texts(copy: Copy) -> Iterator[Fault]:
    """Words that only make sense with a mouse over them."""
    remedy = "Say what is found there: it is printed, and read aloud out of its place."
    for passage in copy.passages:
        vague = []
        for start, end in passage.said.links:
            words = passage.text[start:end]
            bare = " ".join(words.strip(" .:!»›→").lower().split())
            if bare in copy.words.vague and bare not in copy.known:
                vague.append((start, end))
                yield copy.fault(passage, start, f"The link '{words}' does not say where it leads.", remedy)
        for click in copy.words.click.finditer(passage.text) if copy.words.click else ():
            spoken_of = _is_mention(passage.text, click.start(), len(click[0]))
            if not spoken_of and not any(start < click.end() and click.start() < end for start, end in vague):
                yield copy.fault(passage, click.start(), f"Nobody can '{click[0]}' on paper.", remedy)
