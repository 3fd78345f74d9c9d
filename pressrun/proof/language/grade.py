"""How many years of school a text asks of its readers, by the formulas that are published for its language.

textstat has the same formulas, but its count of English syllables wants a dictionary that it fetches from the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pressrun.proof.language.sentences import Sentence

#: Flesch's formulas were made on samples of a hundred words; a shorter text tells nothing
ENOUGH = 100

# ---- syllables

_VOWELS = re.compile(r"[aeiouy]+")
#: an e that is not heard inside a word: statement, careful, sometimes; but element
_MUTE_INSIDE = re.compile(r"(?<=[aeiouy][^aeiouyl])e(?=(?:ment|ful|less|ly|ness|thing|time|fore|where)s?)")
#: and at its end: make, homes, looked, league; but table, places, wanted, handled
_MUTE_ENDINGS = (
    re.compile(r"(?<=[gq])ues?$"),
    re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouyl]l)e$"),
    re.compile(r"(?<=[^aeiouyscgxzlh])es$|(?<=[^cs]h)es$|(?<=[aeiouyl]l)es$"),
    re.compile(r"(?<=[^aeiouytdlr])ed$|(?<=[aeiouylr][lr])ed$"),
)
#: neighbours that are heard apart: radio, science, diet, area, video, usual, poet, going, player, mechanism, suicide
_APART = re.compile(
    r"(?<![tcsxgn])i(?=o)(?<!lli)|(?<![tcsxg])i(?=[au])|[ctx]i(?=at)|sci(?=en)|(?<![tc])i(?=en[ct])|i(?=et)"
    r"|(?:ar|id)e(?=as?$)|(?:cr|th)e(?=at[^uh])|re(?=act)|(?<![pm])e(?=o|um)|(?<![qg])u(?=a|ou|ity)"
    r"|po(?=e)|[oey](?=ing$)|[aeou]y(?=er|o)|is(?=ms?$)|su(?=ici)|[lr]u(?=i[dn])|co(?=op)"
)

_SPANISH_NUCLEUS = re.compile(r"[iuü]?[aeoáéó](?:[iuü](?![aeoáéóíú]))?|[iuü]?[íú]|[iuü]+")


def english(word: str) -> int:
    """Syllables of an English word, by its spelling; right for nine words in ten."""
    word = re.sub(r"[^a-z]", "", word.lower())
    heard = _MUTE_INSIDE.sub("", re.sub(r"^y(?=[aeiou])", "", word))
    for ending in _MUTE_ENDINGS:
        if (shorter := ending.sub("", heard)) != heard:
            heard = shorter
            break
    return max(len(_VOWELS.findall(heard)) + len(_APART.findall(word)), 1)


def spanish(word: str) -> int:
    """Syllables of a Spanish word, whose spelling tells them."""
    word = re.sub(r"y$", "i", re.sub(r"[qg]u(?=[eiéí])", "g", word.lower()))
    return max(len(_SPANISH_NUCLEUS.findall(word)), 1)


# ---- formulas


class Counts(NamedTuple):
    sentences: int
    words: int
    syllables: int

    @property
    def length(self) -> float:
        """Words of a sentence."""
        return self.words / self.sentences

    @property
    def weight(self) -> float:
        """Syllables of a word."""
        return self.syllables / self.words


class Grade(NamedTuple):
    #: of school in the United States
    years: float
    #: the formula, and its own figure if that is another
    by: str


def flesch_kincaid(counts: Counts) -> Grade:
    """Kincaid and others, 1975: 'Derivation of New Readability Formulas for Navy Enlisted Personnel'."""
    return Grade(0.39 * counts.length + 11.8 * counts.weight - 15.59, "Flesch-Kincaid")


#: the least ease of reading, and the years of school: Fernández Huerta's table, its last rows as years of university
_YEARS = ((90, 4), (80, 5), (70, 6), (60, 8), (50, 12), (30, 14))


def fernandez_huerta(counts: Counts) -> Grade:
    """Fernández Huerta, 1959: 'Medidas sencillas de lecturabilidad', as put right by Law (2011)."""
    ease = 206.84 - 60 * counts.weight - 1.02 * counts.length
    years = next((years for least, years in _YEARS if ease >= least), 16)
    return Grade(years, f"Fernández Huerta, {ease:.0f} of 100")


_FORMULAS: Mapping[str, tuple[Callable[[str], int], Callable[[Counts], Grade]]] = {
    "en": (english, flesch_kincaid),
    "es": (spanish, fernandez_huerta),
}
LANGUAGES = frozenset(_FORMULAS)


def grade(language: str, sentences: list[Sentence]) -> Grade | None:
    """Of a text in a language that has a formula; None for one too short to tell. Raises KeyError for others."""
    syllables, formula = _FORMULAS[language]
    words = [word for sentence in sentences for word in sentence.words()]
    if len(words) < ENOUGH:
        return None
    return formula(Counts(len(sentences), len(words), sum(map(syllables, words))))
