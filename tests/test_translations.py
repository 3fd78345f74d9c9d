"""Whether a translation still says what its original says: a hash of what was translated, a warning, `inv fmt`."""

from __future__ import annotations

import re

import pytest
from conftest import ARTICLE, NOW, ROOT, Workshop

from pressrun import build, imprint, translations
from pressrun.model import Article

SPANISH = """\
title: El sueño y usted
summary: Qué ayuda cuando el sueño no llega.
authors: [El equipo]
date: 2025-03-14
language: es
translation_of: sleep
body: Un párrafo.
"""


def _read(workshop: Workshop) -> dict[str, Article]:
    found = build.read(workshop.desk, NOW)
    assert found.faults == ()
    return {article.slug: article for article in (*found.publication.articles, *found.publication.held)}


def _freshen(workshop: Workshop, slug: str = "sueno") -> tuple[str, str]:
    found = build.read(workshop.desk, NOW)
    return translations.freshen(workshop.desk.content, found.publication, found.faulty, slug)


def _hash(workshop: Workshop, text: str = ARTICLE, **keys: str) -> str:
    workshop.article("sleep", text, **keys)
    return imprint.translation_hash(_read(workshop)["sleep"])


def test_the_hash_of_what_is_translated_stays_the_same_for_ever(workshop: Workshop) -> None:
    """It stands in the files of translations."""
    assert _hash(workshop) == "56125129af97e8f2"


@pytest.mark.parametrize(
    ("key", "value"),
    [("title", "Sleep"), ("summary", "What helps."), ("body", "Another paragraph."), ("sources", "[{title: A book}]"),
     ("image", "{src: dot.png, alt: A dot}"), ("corrections", '[{date: 2025-03-15, text: "A number was wrong."}]'),
     ("channels", "{newsletter: {subject: Another}}")],
)  # fmt: skip
def test_another_word_makes_another_hash(workshop: Workshop, key: str, value: str) -> None:
    workshop.write("content/images/dot.png", (ROOT / "tests/cases/long-form/dot.png").read_bytes())
    text = ARTICLE.partition("body:")[0] if key == "body" else ARTICLE

    assert _hash(workshop, text, **{key: value}) != _hash(workshop)


@pytest.mark.parametrize(
    ("key", "value"),
    [("date", "2025-03-13"), ("review", "{by: A nurse, next: 2026-01-01}"), ("helplines", "[]"), ("tags", "[night]"),
     ("channels", "{handout: {editions: [a4]}, feed: false}"), ("revision", "2"), ("sources", "[]")],
)  # fmt: skip
def test_what_nobody_translates_is_no_part_of_it(workshop: Workshop, key: str, value: str) -> None:
    assert _hash(workshop, **{key: value}) == _hash(workshop)


def test_a_translation_is_noted_and_goes_stale_when_its_original_changes(workshop: Workshop) -> None:
    workshop.article("sleep")
    path = workshop.article("sueno", SPANISH)
    assert build.read(workshop.desk, NOW).warnings == ()

    place, noted = _freshen(workshop)

    assert place == "content/articles/sueno.yaml"
    assert noted == imprint.translation_hash(_read(workshop)["sleep"])
    line = f"translated_from: {noted}\n"
    assert path.read_text(encoding="utf-8") == SPANISH.replace("sleep\n", f"sleep\n{line}")
    workshop.build()
    note = "Esta traducción se hizo a partir de una versión anterior del original."
    assert build.read(workshop.desk, NOW).warnings == ()
    assert note not in workshop.read("newsletter/sueno.txt")

    workshop.article("sleep", title="Sleep at Night")
    workshop.build()

    (warning,) = build.read(workshop.desk, NOW).warnings
    assert str(warning).splitlines()[0] == (
        "content/articles/sueno.yaml:7:18: The text that this translates has changed since. "
        "Bring it up to date, then run ./inv fmt --translated sueno."
    )
    for ending in ("txt", "html"):
        assert note in " ".join(re.sub("<[^>]*>", " ", workshop.read(f"newsletter/sueno.{ending}")).split())
    found = build.read(workshop.desk, NOW).publication
    assert [translations.is_outdated(found, article) for article in found.articles] == [
        article.slug == "sueno" for article in found.articles
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("translated_from: {}\n", "translated_from: {}\n"),
        ('translated_from:   "{}"  # by hand\n', "translated_from:   {}  # by hand\n"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_no_other_byte_changes(workshop: Workshop, before: str, after: str, ends: str, mark: str) -> None:
    workshop.article("sleep")
    text = mark + (before + SPANISH).replace("\n", ends)
    path = workshop.write("content/articles/sueno.yaml", text.replace("{}", "0" * 16).encode())

    _, noted = _freshen(workshop)

    assert path.read_bytes() == (mark + (after + SPANISH).replace("\n", ends)).replace("{}", noted).encode()
    assert _freshen(workshop)[1] == noted


def test_a_file_whose_last_line_has_no_end_gets_a_line(workshop: Workshop) -> None:
    workshop.article("sleep")
    text = SPANISH.replace("translation_of: sleep\n", "") + "translation_of: sleep"
    path = workshop.write("content/articles/sueno.yaml", text)

    _, noted = _freshen(workshop)

    assert path.read_text(encoding="utf-8") == f"{text}\ntranslated_from: {noted}\n"


@pytest.mark.parametrize(
    ("slug", "text", "said"),
    [
        ("nothing", SPANISH, "There is no article 'nothing'."),
        ("sleep", SPANISH, "'sleep' is no translation. Write 'translation_of: SLUG' into content/articles/sleep.yaml"),
        ("sueno", SPANISH + "colour: red\n", "'sueno' has faults. Mend them first: ./inv check"),
        ("sueno", "{title: A, summary: B, authors: [C], date: 2025-03-14, body: D, translation_of: sleep}\n",
         "content/articles/sueno.yaml is written in a way of its own. Write this line into it: translated_from: "),
    ],
)  # fmt: skip
def test_what_cannot_be_noted_is_refused_in_words(workshop: Workshop, slug: str, text: str, said: str) -> None:
    workshop.article("sleep")
    path = workshop.write("content/articles/sueno.yaml", text)

    with pytest.raises(ValueError, match="^" + re.escape(said)):
        _freshen(workshop, slug)
    assert path.read_text(encoding="utf-8") == text


def test_two_translations_into_one_language_lead_to_one_page_each(workshop: Workshop) -> None:
    workshop.article("sleep")
    for slug in ("sueno", "dormir"):
        workshop.article(slug, SPANISH)

    assert workshop.build(only=("web",)).faults == ()

    for slug in ("sleep", "sueno", "dormir"):
        found = re.findall(
            r'hreflang="([^"]+)" href="https://www.example.org/([^/"]+)/', workshop.read(f"web/{slug}/index.html")
        )
        assert [language for language, _ in found][:3] == ["en-US", "es", "x-default"], slug
        assert dict(found)["es"] == ("dormir" if slug == "sleep" else slug)
