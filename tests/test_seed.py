"""The real article, word for word, in every channel."""

from __future__ import annotations

from pathlib import Path

import pytest
import words
from conftest import ROOT, Workshop

SLUG = "ketamine-withdrawal"
SEED = words.words((ROOT / "tests" / "seed.txt").read_text(encoding="utf-8"))


def _extracted(published: Workshop) -> dict[str, list[str]]:
    outputs = published.root / "outputs"
    plain, html = words.message((outputs / f"newsletter/{SLUG}.eml").read_bytes())
    handouts = {path.name: words.pdf(path) for path in sorted(outputs.glob(f"handout/{SLUG}-*.pdf"))}
    return {
        "web": words.page(published.read(f"web/{SLUG}/index.html")),
        "newsletter.txt": plain,
        "newsletter.html": html,
        "feed": words.entry(outputs / "feed/feed.xml", SLUG),
        **handouts,
    }


def test_every_channel_holds_every_word_of_the_seed_in_order(published: Workshop) -> None:
    lost = {name: words.missing(SEED, found) for name, found in _extracted(published).items()}

    assert {name: words for name, words in lost.items() if words} == {}
    assert len(lost) >= 4 + 3


def test_no_channel_says_the_text_twice(published: Workshop) -> None:
    """A sentence from the middle of the seed stands once; the standfirst may repeat the first paragraph's words."""
    sentence = words.words("In recent years, ketamine has been hailed for its rapid antidepressant effects")
    for name, found in _extracted(published).items():
        starts = [n for n in range(len(found)) if found[n : n + len(sentence)] == sentence]
        assert len(starts) == 1, name


@pytest.mark.parametrize("change", ["drop", "swap"])
def test_the_comparison_sees_a_lost_and_a_displaced_word(change: str) -> None:
    found = SEED.copy()
    if change == "drop":
        del found[found.index("tapering")]
    else:
        found[60], found[61] = found[61], found[60]

    assert words.missing(SEED, found)


@pytest.mark.heavy
def test_pdftotext_reads_the_same_words(published: Workshop, run: object) -> None:
    assert callable(run)
    for path in sorted((published.root / "outputs/handout").glob(f"{SLUG}-*.pdf")):
        assert words.missing(SEED, words.words(run("pdftotext", path, "-"))) == [], path.name


def test_the_guide_that_the_seed_points_to_is_a_page_of_this_site(published: Workshop) -> None:
    page = published.read(f"web/{SLUG}/index.html")

    assert '<a href="../finding-help/index.html">our detailed guide</a>' in page
    assert Path(published.root / "outputs/web/finding-help/index.html").is_file()
    assert 'href="https://www.nami.org/"' in page
