"""Rules about sentences: how long, and how hard to read all together."""

from __future__ import annotations

from collections.abc import Iterator

from pressrun.faults import Fault
from pressrun.proof.language.grade import LANGUAGES, grade
from pressrun.proof.language.passages import Passage
from pressrun.proof.language.sentences import Sentence, sentences
from pressrun.proof.language.vocabulary import first
from pressrun.proof.language.wording import Copy

#: years after which nobody goes to school
_UNIVERSITY = 16


def _sentences(copy: Copy) -> Iterator[tuple[Passage, Sentence]]:
    """Those of the author's own running text."""
    for passage in copy.passages:
        if passage.said.running and not passage.said.quoted:
            yield from ((passage, sentence) for sentence in sentences(passage.text, copy.words.shortened))


def long_sentences(copy: Copy, limit: int) -> Iterator[Fault]:
    """Those of more words than a limit."""
    for passage, sentence in _sentences(copy):
        if (count := len(sentence.words())) > limit:
            problem = f"This sentence has {count} words; more than {limit} are hard to follow."
            yield copy.fault(passage, sentence.start, problem, "Make two or three of it, or a list.")


def reading_grade(copy: Copy, limit: int) -> Iterator[Fault]:
    """A text that asks for more years of school than a limit; nothing of a language without a formula."""
    language = first(copy.article.language)
    whole = [sentence for _, sentence in _sentences(copy) if sentence.whole]
    found = grade(language, whole) if language in LANGUAGES else None
    if found and round(found.years) > limit:
        place, line = copy.article.find("body:")
        years = f"{found.years:.0f}" if found.years <= _UNIVERSITY else f"more than {_UNIVERSITY}"
        problem = f"This text asks for {years} years of school ({found.by}); the limit is {limit}."
        yield Fault(place, problem, "Write shorter sentences and shorter words.", line)
