"""Words for social media: as long as each network takes, counted as it counts, and nobody's words but the author's."""

from __future__ import annotations

import pytest
from conftest import Workshop
from hypothesis import given
from hypothesis import strategies as st

from pressrun.sharing import NETWORKS, posts, write

BY_NAME = {network.name: network for network in NETWORKS}
ADDRESS = "https://www.example.org/sleep-and-you/"
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
WAVE = "\U0001f44b\U0001f3fd"
FLAG = "\U0001f1ea\U0001f1f8"


@pytest.mark.parametrize(
    ("text", "letters", "on_x", "on_threads"),
    [
        ("plain", 5, 5, 5),
        ("e\u0301t\u00e9", 3, 3, 4),
        (FAMILY, 1, 2, 19),
        (WAVE, 1, 2, 8),
        (FLAG * 2, 2, 4, 16),
        ("\u2764\ufe0f", 1, 2, 2),
        ("睡眠", 2, 4, 2),
        ("نوم", 3, 3, 3),
        ("नि", 1, 2, 2),
        ("\u1112\u1161\u11ab", 1, 2, 3),
        ("“Well”", 6, 6, 6),
    ],
)
def test_letters_count_as_the_network_counts_them(text: str, letters: int, on_x: int, on_threads: int) -> None:
    counts = [BY_NAME[name].count(text) for name in ("Bluesky", "Mastodon", "X", "Threads")]
    assert counts == [letters, letters, on_x, on_threads]


@pytest.mark.parametrize(
    ("text", "septets"),
    [("a" * 160, 160), ("\u20ac[x]", 7), ("à è ñ Ö", 7), ("ś" * 70, 160), ("نوم" * 23, 158), (FLAG, 10)],
)
def test_a_text_message_costs_its_septets_or_its_share_of_seventy(text: str, septets: int) -> None:
    assert BY_NAME["SMS"].count(text) == septets


@pytest.mark.parametrize(
    ("name", "room"), [("Mastodon", 500 - 23), ("X", 280 - 23), ("Bluesky", 300 - 66), ("Threads", 500 - 66)]
)
def test_an_address_counts_as_the_network_counts_it(name: str, room: int) -> None:
    address = f"https://www.example.org/{'a' * 41}/"
    title = "b" * 9
    whole = "c" * (room - len(title) - 2)

    assert write(BY_NAME[name], title, whole, address) == f"{title}\n{whole}\n{address}"
    assert write(BY_NAME[name], title, f"{whole}c", address) != f"{title}\n{whole}c\n{address}"


SUMMARY = (
    "Sleep comes late. Dr. Specimen says why, and e.g. what helps! " + "The rest is for those who want more of it. " * 6
)
CUTS = {
    "Mastodon": SUMMARY.strip(),
    "Bluesky": SUMMARY[: SUMMARY.index("helps!") + 6] + " The rest is for those who want more of it." * 4,
    "X": SUMMARY[: SUMMARY.index("helps!") + 6] + " The rest is for those who want more of it." * 4,
    "SMS": SUMMARY[: SUMMARY.index("helps!") + 6] + " The rest is for those who want more of it.",
}


@pytest.mark.parametrize("name", CUTS)
def test_a_summary_loses_whole_sentences_first(name: str) -> None:
    assert write(BY_NAME[name], "Sleep and You", SUMMARY.strip(), ADDRESS) == f"Sleep and You\n{CUTS[name]}\n{ADDRESS}"


@pytest.mark.parametrize(
    ("title", "summary", "written"),
    [
        ("Sleep", "What to do, " * 20, "Sleep\n" + "What to do, " * 8 + "What to do, What...\n"),
        ("A title of many words " * 9, "Short.", "A title of many words " * 5 + "A title...\n"),
        ("Sleep’s “why”", "Short – and plain.", 'Sleep\'s "why"\nShort - and plain.\n'),
        ("睡眠" * 60, "很好。", "睡眠" * 14 + "...\n"),
        ("حديقة في شارعنا", "ما الذي يزرعه الجيران معا في كل عام", "حديقة في شارعنا\n"),
        ("x" * 200, "Short.", "x" * 118 + "...\n"),
        ("x" * 9 + " " + "y" * 200, "Short.", ""),
    ],
)
def test_what_is_too_long_is_cut_behind_a_word(title: str, summary: str, written: str) -> None:
    """In a text message, which has least room: a third of it is the address."""
    assert write(BY_NAME["SMS"], title.strip(), summary.strip(), ADDRESS) == (written + ADDRESS if written else "")


_PIECES = st.sampled_from(["a", "word ", " ", ". ", "! ", FAMILY, FLAG, "é", "睡", "نوم ", "’"])
_WORDS = st.lists(_PIECES, min_size=1, max_size=300).map("".join)


@given(title=_WORDS.filter(str.strip), summary=_WORDS.filter(str.strip))
def test_no_text_is_too_long_and_none_has_words_of_ours(title: str, summary: str) -> None:
    title, summary = " ".join(title.split()), " ".join(summary.split())
    for post in posts(title, summary, ADDRESS):
        assert post.cost <= post.limit
        assert post.text.endswith(f"\n{ADDRESS}")
        if post.networks != "SMS":
            for line, whole in zip(post.text.split("\n")[:-1], (title, summary), strict=False):
                assert line == whole or whole.startswith(line.removesuffix("…").rstrip())


def test_the_overview_shows_them_with_the_picture_in_the_article_s_language(workshop: Workshop) -> None:
    workshop.article("sueno", title="El sueño", summary="Lo que ayuda.", language="es")
    workshop.article("quiet", channels="{web: false}")
    workshop.article("gone", withdrawn="{date: 2025-04-01, reason: It was wrong.}")
    workshop.article("renamed", channels="{web: {title: Another title on the page}}")

    workshop.build()

    page = workshop.read("index.html")
    texts = page.split('<p class="text"')[1:]
    assert len(texts) == 2  # each for all networks
    assert any(
        'lang="es"' in text and ">El sueño\nLo que ayuda.\nhttps://www.example.org/sueno/<" in text for text in texts
    )
    assert any(">Another title on the page\n" in text for text in texts)
    card = page.split('<img src="web/assets/card-sueno.')[1].split('"')[0]
    assert (workshop.root / f"outputs/web/assets/card-sueno.{card}").is_file()


def test_the_overview_follows_a_title_that_the_page_alone_has(workshop: Workshop) -> None:
    workshop.article("sleep", channels="{web: {title: First}}")
    workshop.build()
    workshop.article("sleep", channels="{web: {title: Second}}")
    workshop.build()

    assert ">Second\n" in workshop.read("index.html")
