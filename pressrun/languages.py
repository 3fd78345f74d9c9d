"""The words of the templates in the languages of the articles, and dates as people write them there.

A template's own words are written in English; `templates/languages/<language>.po` has them in another language (GNU
gettext, read by Babel). A language without a catalogue is given the English words.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from gettext import c2py
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pressrun import layers

#: the language in which templates are written
ENGLISH = "en"
#: languages whose dates need no Babel
_BUILT_IN = frozenset({"en", "en-us"})
FOLDER = "languages"


def marked(message: str) -> str:
    """Marks words in Python, which a template says later, for those who gather the words of the catalogues."""
    return message


@dataclass(frozen=True)
class Catalogue:
    """Words and dates of one language."""

    #: the language tag (BCP 47) of what it says: the one asked for, or English
    language: str
    #: by the English words; those that depend on a number have several forms, others one
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    #: which form a number takes
    plural: Any = field(default=None, repr=False)

    def gettext(self, message: str) -> str:
        return self.words[message][0] if message in self.words else message

    def ngettext(self, one: str, many: str, number: int) -> str:
        if one in self.words:
            return self.words[one][int(self.plural(number))]
        return one if number == 1 else many

    def date(self, when: datetime) -> str:
        """A date as readers write it: March 14, 2025."""
        if self.language.lower() in _BUILT_IN:
            return f"{when:%B} {when.day}, {when.year}"
        from babel.dates import format_date

        return str(format_date(when.date(), "long", locale=_locale(self.language)))

    def listed(self, names: Sequence[str]) -> str:
        """Names as a sentence lists them: A, B and C."""
        if self.language.partition("-")[0].lower() == ENGLISH:
            return " and ".join([*filter(None, [", ".join(names[:-1])]), *names[-1:]])
        from babel.lists import format_list

        return str(format_list(names, locale=_locale(self.language)))

    def name(self, language: str) -> str:
        """What another language is called in this one; its tag where that is not known."""
        if not find_spec("babel"):
            return language
        found = _locale(language).get_language_name(_locale(self.language))
        return str(found or language)


def autonym(language: str) -> str:
    """What a language calls itself, as in a list of translations: español. Its tag where that is not known."""
    return Catalogue(language).name(language)


def catalogue(root: Path, language: str) -> Catalogue:
    """The catalogue of a language tag, or of its first part; `root` is the desk's folder of templates."""
    first = language.partition("-")[0].lower()
    if first == ENGLISH:
        usable = language.lower() in _BUILT_IN or find_spec("babel")
        return Catalogue(language if usable else ENGLISH)
    paths = (layers.find(root, f"{FOLDER}/{name}.po") for name in dict.fromkeys([language, first]))
    path = next(filter(None, paths), None)
    if path is None or not find_spec("babel"):
        return Catalogue(ENGLISH)
    return _read(language, path.read_bytes())


def unspoken(root: Path, tags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The languages among some in which templates cannot speak, each with what is to be done."""
    for tag in sorted(tags):
        first = tag.partition("-")[0].lower()
        if first != ENGLISH and catalogue(root, tag).language == ENGLISH:
            missing = f"write templates/{FOLDER}/{first}.po; docs/languages.md says how"
            yield tag, missing if find_spec("babel") else "run: pip install 'pressrun[languages]'"


@cache
def _read(language: str, data: bytes) -> Catalogue:
    from babel.messages.pofile import read_po

    found = read_po(io.BytesIO(data), locale=_locale(language))
    words: dict[str, tuple[str, ...]] = {}
    for message in found:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if key and forms and all(forms) and not message.fuzzy:
            words[key] = forms
    return Catalogue(language, words, c2py(found.plural_expr))


@cache
def _locale(language: str) -> Any:
    from babel import Locale, UnknownLocaleError

    for tag in (language, language.partition("-")[0], ENGLISH):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError
