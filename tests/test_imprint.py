"""The document code: a word more or less makes another, and what no reader sees makes none."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from conftest import NOW, ROOT, Workshop
from hypothesis import given
from hypothesis import strategies as st

from pressrun import channels, content, imprint
from pressrun.faults import Place
from pressrun.model import Article, Author

KEYS = {name: channels.load(name).KEYS for name in channels.NAMES}
LONG = """\
title: Sleep and You
summary: What helps when sleep does not come.
authors: [The Team]
date: 2025-03-14
image: {src: dot.png, alt: A dark room, caption: A caption}
sources: [{title: A book}]
corrections: [{date: 2025-04-01, text: A number was wrong.}]
body:
  - A first paragraph with *emphasis* and [a link](https://example.com/).
  - heading: A heading
  - terms:
      - A term: An explanation that
          runs on.
  - figure: {src: dot.png, alt: A dot}
"""


BARE = Article(
    title="A", summary="B", authors=(Author(name="C"),), date=datetime(2025, 3, 14, tzinfo=UTC), body=(), id="d",
    slug="d", language="en", place=Place("d"),
)  # fmt: skip


def _article(workshop: Workshop, text: str) -> Article:
    workshop.write("content/articles/x.yaml", text)
    workshop.write("content/images/dot.png", (ROOT / "tests/cases/long-form/dot.png").read_bytes())
    found = content.read(workshop.desk.content, KEYS, NOW)
    assert found.faults == ()
    (article,) = found.publication.live("handout")
    return article


CHANGES = {
    "a word of the title": ("Sleep and You", "Sleep and Us"),
    "a word of the summary": ("does not come", "will not come"),
    "a letter of the text": ("first paragraph", "First paragraph"),
    "a mark": ("*emphasis*", "**emphasis**"),
    "an address": ("example.com/", "example.com/x"),
    "a heading": ("heading: A heading", "heading: Another"),
    "its level": ("heading: A heading", "subheading: A heading"),
    "a term": ("A term:", "The term:"),
    "what a picture shows": ("alt: A dot", "alt: A spot"),
    "the lead picture": ("A dark room", "A room"),
    "its caption": ("A caption", "The caption"),
    "a source": ("A book", "The book"),
    "a correction": ("A number", "A figure"),
    "a helpline": ("date:", "helplines: []\ndate:"),
    "the language": ("date:", "language: en-GB\ndate:"),
    "a heading less": ("  - heading: A heading\n", ""),
    "who it is": ("date:", "id: other\ndate:"),
    "a passage for paper": ("  - heading:", "  - {text: On paper., only: handout}\n  - heading:"),
    "its words on paper": ("date:", "channels: {handout: {title: Sleep}}\ndate:"),
}
KEPT = {
    "a comment": ("date:", "# a comment\ndate:"),
    "the order of keys": ("title: Sleep and You\n", ""),
    "tags": ("date:", "tags: [night]\ndate:"),
    "the version": ("date:", "revision: 2\ndate:"),
    "a check of the facts": ("date:", "review: {by: Somebody, next: 2026-01-01}\ndate:"),
    "a line broken elsewhere": ("that\n          runs", "that runs"),
    "a passage for the web": ("  - heading:", "  - {text: On screen., only: web}\n  - heading:"),
    "another title on the web": ("date:", "channels: {web: {title: Sleep}}\ndate:"),
    "an anchor": ("heading: A heading", "heading: A heading\n    id: there"),
    "a passage that paper shares": ("heading: A heading", "heading: A heading\n    only: [web, handout]"),
}


def _changed(change: tuple[str, str]) -> str:
    text = LONG.replace(*change, 1)
    assert text != LONG
    return text if "title:" in text.splitlines()[0] else text + "title: Sleep and You\n"


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_readers_see_makes_another_code(workshop: Workshop, name: str) -> None:
    assert imprint.code(_article(workshop, _changed(CHANGES[name]))) != imprint.code(_article(workshop, LONG))


@pytest.mark.parametrize("name", KEPT)
def test_a_change_that_no_reader_of_paper_sees_makes_none(workshop: Workshop, name: str) -> None:
    assert imprint.code(_article(workshop, _changed(KEPT[name]))) == imprint.code(_article(workshop, LONG))


def test_a_paragraph_may_be_broken_into_lines_anew(workshop: Workshop) -> None:
    head = LONG.partition("body:")[0]
    one, three = (head + f"body: |\n  One two{gap}three *four*{gap}five.\n" for gap in (" ", "\n  "))

    assert imprint.code(_article(workshop, one)) == imprint.code(_article(workshop, three))


def test_codes_on_paper_stay_what_they_are(workshop: Workshop) -> None:
    """This code is printed somewhere: a change of the model must not change it."""
    article = _article(workshop, LONG)

    assert imprint.text_hash(article) == "797c85f3c16e9f4dd91ff743ac4ca404cf8745e4c0df49e1bc2f43ca89b4020b"
    assert imprint.code(article) == "1c27xg4w"


@given(st.lists(st.tuples(st.text(), st.text(), st.text(min_size=1)), min_size=2, max_size=2, unique=True))
def test_every_text_has_a_code_of_its_own_without_letters_that_look_like_others(parts: list[tuple[str, ...]]) -> None:
    codes = [imprint.code(replace(BARE, title=title, summary=summary, id=id_)) for title, summary, id_ in parts]

    assert codes[0] != codes[1]
    for code in codes:
        assert re.fullmatch("[0-9a-hjkmnp-tv-z]{8}", code)
        assert imprint.is_code(code)


@pytest.mark.parametrize("text", ["", "abc", "abcdefgh1", "abcdefgl", "../../..", "abcdefg\n"])
def test_nothing_else_is_a_code(text: str) -> None:
    assert not imprint.is_code(text)
