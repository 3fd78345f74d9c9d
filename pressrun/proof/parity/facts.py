"""What is said of words rather than in words: links, levels of headings, alt texts, dates and numbers to call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from pressrun.faults import Place
from pressrun.proof.parity.alignment import Alignment
from pressrun.proof.parity.chain import Run
from pressrun.proof.parity.difference import ADDED, CHANGED, MISSING, MOVED
from pressrun.proof.parity.furniture import Phrases
from pressrun.proof.parity.passages import Passage
from pressrun.proof.parity.reading import Reading
from pressrun.proof.parity.tokens import digits, tokens

_TEL = "tel:"
#: where a citation leads, inside its page
_CITED = "#source-"


@dataclass(frozen=True)
class Odd:
    """A difference of what is said of words."""

    block: str
    place: Place
    kind: str
    expected: str = ""
    found: str = ""


def odds(made: Alignment, phrases: Phrases, dated: Callable[[datetime], str]) -> Iterator[Odd]:
    """`dated` gives a date as the templates write it."""
    yield from _links(made)
    yield from _headings(made)
    yield from _pictures(made, phrases)
    yield from _dates(made, dated)
    yield from _numbers(made.reading, made)


def _placed(made: Alignment) -> Iterator[tuple[Passage, Run]]:
    yield from ((made.wanted.body[number], run) for number, run in sorted(made.body.items()))
    yield from ((made.wanted.around[number], run) for number, run in sorted(made.around.items()))


# ---- links


def _links(made: Alignment) -> Iterator[Odd]:
    reading = made.reading
    for passage, run in _placed(made):
        wanted = [_address(link) for link in passage.links]
        if reading.addresses is not None:
            known = {_address(link) for link in reading.addresses}
            found = [link for link in wanted if link in known]
        elif reading.links is not None:
            found = [
                _address(link.value) for link in reading.links
                if run.start <= link.start < link.end <= run.end and _CITED not in link.value
            ]  # fmt: skip
            if passage.block in _NAMES:
                continue
        else:
            return
        yield from _compare(passage, wanted, found)


#: what a template may make a link of: its own page of an author, a helpline's site
_NAMES = {"author", "author's role", "title", "summary", "name of a helpline", "telephone number",
          "number for text messages", "review", "words on a helpline", "hours of a helpline"}  # fmt: skip


def _compare(passage: Passage, wanted: list[str], found: list[str]) -> Iterator[Odd]:
    block = f"link of a {passage.block}" if passage.block[0] not in "aeiou" else f"link of an {passage.block}"
    if wanted == found:
        return
    if sorted(wanted) == sorted(found):
        yield Odd(block, passage.place, MOVED, " ".join(wanted), " ".join(found))
        return
    lost = [link for link in wanted if link not in found]
    more = [link for link in found if link not in wanted]
    if not lost and not more:  # one of several links to one address
        lost = wanted[len(found) :] or [""]
    kind = CHANGED if lost and more else MISSING if lost else ADDED
    yield Odd(block, passage.place, kind, " ".join(lost), " ".join(more))


def _address(link: str) -> str:
    """An address without what makes no difference to where it leads."""
    return unquote(link).rstrip("?#").removesuffix("index.html").rstrip("/").casefold().replace("/index.html#", "/#")


# ---- headings


def _headings(made: Alignment) -> Iterator[Odd]:
    """Levels count from the title's."""
    reading = made.reading
    if reading.headings is None:
        return
    title = next((run for passage, run in _placed(made) if passage.level == 1), None)
    above = _level(reading, title) if title else 1
    if title and not above:
        passage = next(passage for passage in made.wanted.around if passage.level == 1)
        yield Odd(passage.block, passage.place, CHANGED, f"{passage.words} (as a heading)", "the same as plain words")
    top = (above or 1) - 1
    for passage, run in _placed(made):
        level = _level(reading, run)
        if passage.level < 2 and not (passage.level == 0 and level and passage in made.wanted.body):
            continue
        if passage.level and level != passage.level + top:
            found = f"one of level {level}" if level else "plain words"
            yield Odd(
                passage.block,
                passage.place,
                CHANGED,
                f"{passage.words} (heading of level {passage.level + top})",
                found,
            )
        elif not passage.level:
            yield Odd(
                passage.block, passage.place, CHANGED, f"{passage.words} (plain words)", f"a heading of level {level}"
            )


def _level(reading: Reading, run: Run) -> int:
    """The level of the heading that some words are; 0 for none."""
    found = (span.value for span in reading.headings or () if span.start <= run.start and run.end <= span.end)
    return next(found, 0)


# ---- pictures


def _pictures(made: Alignment, phrases: Phrases) -> Iterator[Odd]:
    if made.reading.images is None:
        return
    wanted = made.wanted.pictures
    asked = [tokens(picture.alt) for picture in wanted]
    every = [(span.value, tokens(span.value)) for span in made.reading.images]
    # A template's own pictures say where a code leads, or whose logo it is.
    found = [
        (alt, said)
        for alt, said in every
        if said in asked or (made.alone and any(True for _ in phrases.unknown(list(said))))
    ]
    if [said for _, said in found] == asked:
        return
    if len(found) == len(asked):
        for picture, (alt, said) in zip(wanted, found, strict=True):
            if tokens(picture.alt) != said:
                yield Odd("alt text", picture.place, CHANGED, picture.alt, alt)
        return
    said_there = [said for _, said in found]
    for picture in wanted:
        if tokens(picture.alt) not in said_there:
            yield Odd("alt text", picture.place, MISSING, picture.alt)
    for alt, said in found:
        if said not in asked:
            yield Odd("alt text", made.wanted.article.place, ADDED, "", alt)


# ---- dates


def _dates(made: Alignment, dated: Callable[[datetime], str]) -> Iterator[Odd]:
    reading, wanted = made.reading, made.wanted.dates
    text, gap = made.rest, "" if reading.cut else " "
    for date in wanted:
        shown = dated(date.when)
        marked = any(_is(span.value, date.when) for span in reading.times)  # its words are looked at below
        if f"{gap}{gap.join(tokens(shown))}{gap}" not in text and not marked:
            yield Odd(date.block, date.place, MISSING, shown)
    for span in reading.times if wanted else ():
        told = tuple(reading.tokens[span.start : span.end])
        meant = [date for date in wanted if _is(span.value, date.when)]
        if (meant and not told) or any(tokens(dated(date.when)) == told for date in meant):
            continue
        date = next((date for date in wanted if tokens(dated(date.when)) == told), meant[0] if meant else wanted[0])
        said = reading.quote(range(span.start, span.end))
        expected = f"{dated(date.when)} ({date.when.isoformat()})"
        yield Odd(date.block, date.place, CHANGED, expected, f"{said} ({span.value})")


def _is(written: str, when: datetime) -> bool:
    try:
        return datetime.fromisoformat(written) == when
    except (ValueError, TypeError):
        return False


# ---- numbers


def _numbers(reading: Reading, made: Alignment) -> Iterator[Odd]:
    """Numbers to call must be called by the address too; the words are passages."""
    links = reading.addresses if reading.addresses is not None else [span.value for span in reading.links or ()]
    if reading.addresses is None and reading.links is None:
        return
    called = {digits(link) for link in links if link.startswith(_TEL)}
    own = {digits(link) for passage in made.wanted.body for link in passage.links if link.startswith(_TEL)}
    wanted = {digits(number.number): number for number in made.wanted.numbers}
    more = (
        []
        if not made.alone
        else sorted(called - own - {known for number in wanted for known in (number, number.removeprefix("1"))})
    )
    for called_by, number in wanted.items():
        if called_by not in called:
            kind = CHANGED if more else MISSING
            yield Odd(
                "telephone number", number.place, kind, f"{_TEL}{called_by}", " ".join(f"{_TEL}{one}" for one in more)
            )
            more = []
    for one in more:
        place = made.wanted.numbers[0].place if made.wanted.numbers else made.wanted.article.place
        yield Odd("telephone number", place, ADDED, "", f"{_TEL}{one}")
