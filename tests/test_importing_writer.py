"""What the writer writes, our own reader reads as the same words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from pressrun import channels, folder, model, source
from pressrun.faults import Refused
from pressrun.importing import commonmark, plain, writer
from pressrun.importing.draft import Draft, Left

KEYS = {name: channels.load(name).KEYS for name in channels.NAMES}
VALUES = {"title": "A title", "summary": "A summary.", "authors": ["The Team"], "date": "2025-03-14"}

#: what YAML, CommonMark or our loader might take for something else
_TRICKY = st.sampled_from(
    [": ", " #", "- ", "* ", "[", "]", "{", "}", '"', "'", "`", "@", "%", ">", "|", "&", "!", "?", "---", "no", "1.10",
     "12:30", "key:", "#", "_", "\\", "1. ", "+ ", "=", "~", "<b>", "<", "&amp;", "…", "’", "é", "عربي", "list:x", ", ",
     "a" * 120, "word " * 30]
)  # fmt: skip
_LETTERS = st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"], exclude_characters="\ufdd0\ufdd1")
_WORDS = st.lists(st.one_of(_TRICKY, st.text(_LETTERS, min_size=1, max_size=8), st.just(" ")), min_size=1, max_size=8)
PLAIN = _WORDS.map("".join).map(lambda text: " ".join(text.split())).filter(bool)


def _read(draft: Draft) -> model.Article:
    found = folder.read(ROOT / "content", KEYS)
    return found.article("articles/x.yaml", writer.write(draft, "an-id").text.encode())


def _draft(values: dict[str, Any], body: list[Any]) -> Draft:
    return Draft("x.txt", "x", {**VALUES, **values}, body)


@given(title=PLAIN, summary=PLAIN, tags=st.lists(PLAIN, max_size=3), author=PLAIN, alt=PLAIN)
def test_any_words_stand_in_any_key(title: str, summary: str, tags: list[str], author: str, alt: str) -> None:
    values: dict[str, Any] = {
        "title": title,
        "summary": summary,
        "authors": [author, {"name": author, "role": "nurse"}],
    }
    values |= {"tags": tags, "image": {"src": "a.png", "alt": alt}, "sources": [{"title": title, "date": "2019"}]}
    article = _read(_draft(values, ["Text."]))

    assert (article.title, article.summary, article.tags) == (title, summary, tuple(tags))
    assert [found.name for found in article.authors] == [author, author]
    assert article.image is not None
    assert (article.image.alt, article.sources[0].title) == (alt, title)


def test_a_picture_without_a_description_shows_where_it_belongs_and_is_a_fault() -> None:
    figure = {"src": "bed.png", "caption": "A bed"}
    draft = replace(_draft({}, [{"figure": figure}]), guessed={"date": "It has no date: today's stands for one."})
    text = writer.write(draft, "an-id").text

    asks = "  - figure:\n      src: bed.png\n      # alt: what the picture shows\n      caption: A bed\n"
    assert asks in text
    assert "# It has no date: today's stands for one.\ndate: 2025-03-14\n" in text
    with pytest.raises(Refused):
        _read(draft)
    found = folder.read(ROOT / "content", KEYS)
    written = text.replace("# alt: what the picture shows", "alt: A bed, with the moon")
    block = found.article("articles/x.yaml", written.encode()).body[0]
    assert isinstance(block, model.Figure)
    assert block.alt == "A bed, with the moon"


def test_a_long_text_that_begins_like_a_block_goes_on_below_its_own_words() -> None:
    words = f"list:x, {'word ' * 40}end"
    article = _read(_draft({}, ["Before.", words, Left(3, 5, "A script", "<script>")]))
    assert [model.plain(text) for text in article.prose()] == ["Before.", words]


@given(
    paragraphs=st.lists(PLAIN, min_size=1, max_size=4),
    long=st.booleans(),
    items=st.lists(PLAIN, min_size=1, max_size=3),
)
def test_any_words_stand_in_a_body(paragraphs: list[str], long: bool, items: list[str]) -> None:
    body: list[Any] = [commonmark.escaped(text) for text in paragraphs]
    body.insert(1, "\n".join(f"- {commonmark.escaped(item)}" for item in items))
    body.append(f"## {commonmark.escaped(paragraphs[0])} x")
    if long:
        body.append(Left(3, 5, "A script", "<script>\n# a: [b\n</script>"))
    article = _read(_draft({}, body))

    said = [*paragraphs[:1], *items, *paragraphs[1:], f"{paragraphs[0]} x"]
    assert [model.plain(text) for text in article.prose() if text] == said


@given(names=st.lists(PLAIN, min_size=1, max_size=3, unique=True), texts=st.lists(PLAIN, min_size=3, max_size=3))
def test_any_words_stand_in_terms_and_tables(names: list[str], texts: list[str]) -> None:
    marked = [commonmark.escaped(text) for text in texts]
    body: list[Any] = [
        {"terms": [{commonmark.escaped(name): marked[0]} for name in names]},
        {"table": {"columns": [*marked, ""], "rows": [["", *marked]]}},
        {"callout": {"kind": "note", "title": texts[1], "text": marked[1]}},
    ]
    article = _read(_draft({}, body))

    terms, table, callout = article.body
    assert isinstance(terms, model.Terms)
    assert isinstance(table, model.Table)
    assert isinstance(callout, model.Callout)
    assert [(model.plain(item.name), model.plain(item.text)) for item in terms.terms] == [(n, texts[0]) for n in names]
    assert [model.plain(cell) for cell in (*table.columns, *table.rows[0])] == [*texts, "", "", *texts]
    assert callout.title == texts[1]


_MARKS = st.sampled_from(
    ["a", "**b**", "`c d`", "[e f](https://example.org/)", "\\", "*", "-", "1.", "#", ">", "x" * 30]
)


@given(st.lists(_MARKS, min_size=30, max_size=60))
def test_lines_are_broken_without_a_change_of_meaning(words: list[str]) -> None:
    for lead in ("", "- ", "> ", "10. "):
        text = commonmark.wrapped(lead + "w " + " ".join(words))
        assert commonmark.blocks(text) == commonmark.blocks(lead + "w " + " ".join(words))


def test_long_lines_are_broken() -> None:
    text = commonmark.wrapped("- " + "word " * 60)
    assert max(map(len, text.split("\n"))) <= commonmark.WIDTH
    assert {line[:2] for line in text.split("\n")[1:]} == {"  "}


def test_what_the_short_form_can_say_stands_in_it_with_the_keys_in_their_order() -> None:
    text = writer.write(
        _draft({"tags": ["a"], "category": "b"}, ["One.", "## Two", "- x\n- y", "- other"]), "an-id"
    ).text
    assert re.findall(r"(?m)^(\w+):", text) == ["title", "summary", "authors", "date", "body", "id", "category", "tags"]

    text = writer.write(_draft({"tags": ["a"]}, ["One.", "## Two", "- x\n- y"]), "an-id").text
    assert "body: |\n  One.\n\n  ## Two\n\n  - x\n  - y\nid: an-id\n" in text


def test_what_was_left_stands_as_a_comment_at_its_place() -> None:
    text = writer.write(
        _draft({}, ["One: two.", Left(7, 3, "An iframe", "<iframe\n src='x'>"), "Three."]), "an-id"
    ).text
    assert "  - \"One: two.\"\n  # An iframe, line 7:\n  #   <iframe\n  #    src='x'>\n  - Three.\n" in text


def _unlinked(value: Any) -> Any:
    """Blocks without their links, and without the difference between anchors."""
    if isinstance(value, tuple):
        flat = (part for inline in value for part in (inline.content if isinstance(inline, model.Link) else (inline,)))
        return " ".join("".join(p.text if isinstance(p, model.Words) else repr(_unlinked(p)) for p in flat).split())
    return value


def test_the_seed_text_gives_the_article_that_stands_in_content() -> None:
    """Block for block and word for word; what its links lead to, plain text cannot say."""
    path = ROOT / "content/articles/ketamine-withdrawal.yaml"
    expected = folder.read(ROOT / "content", KEYS).article("articles/ketamine-withdrawal.yaml", path.read_bytes())
    data = (ROOT / "tests/seed.txt").read_bytes()
    draft = plain.read(path.with_suffix(".txt"), data, source="ketamine-withdrawal.txt")
    draft = Draft(**{**_fields(draft), "values": {**draft.values, "date": "2025-03-14"}})

    article = _read(draft)

    assert draft.slug == "ketamine-withdrawal"
    for key in ("title", "summary", "authors", "category", "date"):
        assert getattr(article, key) == getattr(expected, key), key
    assert [block.kind for block in article.body] == [block.kind for block in expected.body]
    assert [_unlinked(text) for text in article.prose()] == [_unlinked(text) for text in expected.prose()]
    assert draft.notes == []


def _fields(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__dataclass_fields__}


@pytest.mark.parametrize("text", ["a\u2028b", "a\x07b"])
def test_characters_that_no_article_may_have_are_refused_not_written(text: str) -> None:
    with pytest.raises(Refused):
        source.read("x", f"k: {text}\n".encode())
