"""Cards for those who share a page, and icons: whole words, in the right typeface, the same in every run."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from pressrun import cards, colours, fonts
from pressrun.faults import Place
from pressrun.model import Article, Author, Site
from pressrun.outputs import LIVE, Shelf
from pressrun.templates import Templates

TOKENS = Templates(ROOT / "templates").tokens
HERE = Place("a.yaml", 1, 1)
SITE = Site(
    name="Example Health", base_url="https://www.example.org", language="en-US", time_zone=ZoneInfo("UTC"),
    email="info@example.org", place=HERE,
)  # fmt: skip
ARTICLE = Article(
    title="Sleep and You", summary="What helps when sleep does not come.", authors=(Author(name="The Team"),),
    date=datetime(2025, 3, 14, tzinfo=UTC), body=(), id="1", slug="sleep", language="en-US", place=HERE,
)  # fmt: skip
TITLES = {
    "en-US": "Living with someone who drinks: what you can do, and what you cannot",
    "es": "El sueño y usted: qué ayuda cuando no llega",
    "ar": "النوم وأنت: ما الذي يساعد عندما لا يأتي النوم في عام 2025؟",
    "he": "שינה ואתם: מה עוזר כשהשינה לא באה",
    "vi": "Giấc ngủ và bạn: điều gì giúp ích khi không ngủ được",
    "ru": "Сон и вы: что помогает, когда не спится",
    "el": "Ο ύπνος και εσείς: τι βοηθά",
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """What a test says of Pillow or of typefaces is said to nobody else."""
    yield
    for remembered in (cards._shaped, cards._head, cards._length, cards._characters, cards._font):
        remembered.cache_clear()


def made(title: str = ARTICLE.title, language: str = "en-US", tokens: Mapping[str, Any] = TOKENS) -> Image.Image:
    article = replace(ARTICLE, title=title, language=language)
    return Image.open(io.BytesIO(cards.card("fax", tokens, SITE, article).make()))


def ink(picture: Image.Image, top: int = 140) -> tuple[int, int, int, int]:
    """What the words below the masthead cover: left, top, right, bottom."""
    below = picture.convert("RGB").crop((0, top, *picture.size))
    found = ImageChops.difference(below, Image.new("RGB", below.size, TOKENS["light"]["paper"])).getbbox()
    assert found
    return found[0], found[1] + top, found[2], found[3] + top


@pytest.mark.parametrize("language", TITLES)
def test_a_card_is_as_large_as_networks_want_and_its_words_keep_off_its_edges(language: str) -> None:
    card = made(TITLES[language], language)
    left, top, right, bottom = ink(card)

    assert (card.size, card.format) == ((1200, 630), "PNG")
    assert left >= 70
    assert right <= 1130
    assert top > 140
    assert bottom < 610


def test_words_stand_where_readers_begin() -> None:
    left, _, right, _ = ink(made())
    assert 74 <= left <= 90
    assert right < 900
    left, _, right, _ = ink(made("النوم وأنت", "ar"))
    assert left > 300
    assert 1110 <= right <= 1126


def test_a_title_without_a_letter_in_any_typeface_is_left_out() -> None:
    named, left_out = made(SITE.name), [made("睡眠与你", "zh"), made("Sleep 😴 and you")]
    nameless = replace(ARTICLE, title=SITE.name, summary="")
    shown = Image.open(io.BytesIO(cards.card("fax", TOKENS, SITE, nameless).make()))
    for card in left_out:
        assert card.tobytes() == shown.tobytes() != named.tobytes()


@pytest.mark.parametrize("language", ["ar", "he"])
def test_without_its_shaper_no_letter_is_set_wrong(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shaped, named = made(TITLES[language], language), made("睡眠与你", language)
    monkeypatch.setattr(cards, "_shaped", lambda: False)
    plain = made(TITLES[language], language)
    assert plain.tobytes() != shaped.tobytes()
    # The masthead is set a little otherwise without it; the words below are the name's alone.
    assert abs(ink(plain)[0] - ink(named)[0]) < 20
    assert made(TITLES["es"], "es").size == (1200, 630)


def test_without_the_packages_of_a_script_its_titles_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.Script, "installed", lambda script: False)
    assert made(TITLES["ar"], "ar").tobytes() == made("睡眠与你", "ar").tobytes()


_KNOWN = st.text("abcimWÄğßế,.-…—’0189 \u00a0\u200b\u0301АбвΩابتلאשת؟", max_size=400)
_ANY = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=700)


@settings(max_examples=100, deadline=None)
@given(st.one_of(_KNOWN, _ANY), st.sampled_from(["en", "ar"]))
def test_no_title_stops_it_and_none_is_clipped(title: str, language: str) -> None:
    left, _, right, bottom = ink(made(title, language))
    assert left >= 40
    assert right <= 1160
    assert bottom < 620


@pytest.mark.parametrize("title", ["W" * 3_000, "i" * 80 + "W" * 80, "word " * 400, "a-b" * 300, "Hm " + "\u200b" * 50])
def test_what_is_too_long_is_cut_and_never_clipped(title: str) -> None:
    left, _, right, bottom = ink(made(title))
    assert left >= 70
    assert right <= 1130
    assert bottom < 610


def test_lines_are_about_even() -> None:
    setting = cards._setting("One two three four five six seven eight nine ten", cards._HEAD, "en")
    assert setting
    found = cards._fitted(setting, [80], 600, 5)
    assert found
    lengths = [cards._length(line, setting.face, "en") for line in found.lines]
    assert len(lengths) == 2
    assert min(lengths) > 0.7 * max(lengths)


def test_every_edge_fades_into_the_paper() -> None:
    """Between a letter and the paper stand shades of its own role alone, in an order: nowhere a fringe."""
    paper, muted, text, accent = (TOKENS["light"][role] for role in ("paper", "muted", "text", "accent"))
    article = replace(ARTICLE, summary="What helps when sleep does not come: a word of Ünïcödé ghjpqy.")
    card = Image.open(io.BytesIO(cards.card("fax", TOKENS, SITE, article).make())).convert("RGB")
    title, lead = card.crop((0, 140, 1200, 400)), card.crop((0, 400, 1200, 630))
    for part, role in ((title, text), (lead, muted), (card.crop((0, 20, 600, 120)), accent)):
        known = {colours.mix(role, paper, step / steps) for steps in (3, 4, 5) for step in range(steps + 1)}
        found = [colour for _, colour in part.getcolors(99) or ()]
        assert {f"#{bytes(colour).hex()}" for colour in found if isinstance(colour, tuple)} <= known
        assert len(found) > 3


# ---- colours, names, keys


def test_a_card_has_the_publisher_s_colours() -> None:
    tokens = Templates(ROOT / "templates", "#7a1f5c").tokens
    card = made(tokens=tokens).convert("RGB")
    assert card.getpixel((600, 4)) == (0x7A, 0x1F, 0x5C)
    assert card.getpixel((4, 620)) == (0xFF, 0xFF, 0xFF)
    assert (0x1C, 0x25, 0x29) in {colour for _, colour in card.getcolors(9_999) or ()}


def test_the_address_changes_with_all_that_is_drawn_and_with_nothing_else() -> None:
    path = cards.card_path(TOKENS, SITE, ARTICLE)
    assert path.startswith("assets/card-sleep.")
    assert cards.card("fax", TOKENS, SITE, ARTICLE).path == f"{LIVE}/{path}"

    changed = {
        cards.card_path(TOKENS, SITE, replace(ARTICLE, title="Other")),
        cards.card_path(TOKENS, SITE, replace(ARTICLE, summary="Other.")),
        cards.card_path(TOKENS, SITE, replace(ARTICLE, language="ar")),
        cards.card_path(TOKENS, replace(SITE, name="Other"), ARTICLE),
        cards.card_path(TOKENS, replace(SITE, base_url="https://example.com"), ARTICLE),
        cards.card_path(Templates(ROOT / "templates", "#7a1f5c").tokens, SITE, ARTICLE),
    }
    assert len(changed | {path}) == 7
    assert cards.card_path(TOKENS, SITE, replace(ARTICLE, revision=2, tags=("sleep",))) == path


def test_two_runs_draw_the_same_bytes() -> None:
    for language, title in TITLES.items():
        article = replace(ARTICLE, title=title, language=language)
        first = cards.card("fax", TOKENS, SITE, article).make()
        cards._font.cache_clear()
        cards._head.cache_clear()
        cards._length.cache_clear()
        assert cards.card("fax", TOKENS, SITE, article).make() == first


def test_a_card_is_drawn_again_only_when_it_changed(tmp_path: Path) -> None:
    def fresh(article: Article) -> bool:
        shelf = Shelf(tmp_path)
        output = cards.card("fax", TOKENS, SITE, article)
        shelf.add([output])
        found = shelf.fresh(output)
        shelf.write(output)
        shelf.close()
        return found

    assert [fresh(ARTICLE), fresh(ARTICLE), fresh(replace(ARTICLE, title="Other"))] == [False, True, False]


def test_cards_are_small_and_quick() -> None:
    article = replace(ARTICLE, title=TITLES["en-US"], summary=" ".join(["some words"] * 12))
    made()
    start = time.process_time()
    sizes = [len(cards.card("fax", TOKENS, SITE, replace(article, slug=str(n))).make()) for n in range(10)]
    assert time.process_time() - start < 1  # ten times what it takes, for a busy machine
    assert max(sizes) < 40_000


# ---- icons


@pytest.mark.parametrize("size", [96, 180, 192, 512])
def test_an_icon_is_the_drawing_of_its_svg(size: int) -> None:
    icon = Image.open(io.BytesIO(cards.icon(TOKENS, size)))
    scale = size / 32
    assert (icon.size, icon.mode, icon.format) == ((size, size), "RGBA", "PNG")

    def at(x: float, y: float) -> object:
        return icon.getpixel((int(x * scale), int(y * scale)))

    accent, line = (0x1F, 0x5F, 0x6B, 255), (255, 255, 255, 255)
    assert at(16, 3) == at(16, 12.9) == at(22, 22.4) == accent
    assert at(16, 9.5) == at(16, 16) == at(12, 22.5) == line
    assert icon.getchannel("A").getpixel((0, 0)) == 0


def test_an_icon_for_systems_that_round_it_themselves_is_whole() -> None:
    icon = Image.open(io.BytesIO(cards.icon(TOKENS, 180, whole=True)))
    assert icon.getpixel((0, 0)) == (0x1F, 0x5F, 0x6B, 255)
    assert icon.getchannel("A").getextrema() == (255, 255)


def test_the_favicon_holds_what_browsers_ask_for() -> None:
    data = cards.favicon(TOKENS)
    icon = Image.open(io.BytesIO(data))
    assert icon.format == "ICO"
    assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    assert cards.favicon(TOKENS) == data
    assert len(data) < 5_000
