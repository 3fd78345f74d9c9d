"""The feed, read back by a reader that shares no code with its writer."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest
from conftest import ARTICLE, SITE, Workshop


@pytest.fixture(autouse=True)
def one_edition(workshop: Workshop) -> None:
    """The feed needs the length of the first handout alone."""
    workshop.write("content/site.yaml", SITE + "editions: [a4]\n")


def _parsed(workshop: Workshop) -> Any:
    feed = feedparser.parse((workshop.root / "outputs/feed/feed.xml").read_bytes(), sanitize_html=False)
    assert not feed.bozo
    return feed


def test_an_entry_holds_its_text_its_handout_and_its_authors(published: Workshop) -> None:
    entries = _parsed(published).entries

    assert [entry.link for entry in entries] == [
        "https://www.example.org/finding-help/",
        "https://www.example.org/ketamine-withdrawal/",
    ]
    entry = entries[1]
    handout = published.root / "outputs/handout/ketamine-withdrawal-a4.pdf"
    assert entry.title == "The Hidden Dangers: Does Ketamine Cause Withdrawal Symptoms?"
    assert entry.summary.startswith("In this article, we will explore")
    assert "NMDA receptor antagonist" in entry.content[0].value
    assert entry.author == "SubstanceAbuseAction Team"
    assert [tag.term for tag in entry.tags] == ["Addiction"]
    assert entry.published == "Fri, 14 Mar 2025 00:00:00 -0400"
    assert [(link.href, link.length, link.type) for link in entry.enclosures] == [
        ("https://www.example.org/handout/ketamine-withdrawal-a4.pdf", str(handout.stat().st_size), "application/pdf")
    ]


def test_the_channel_names_the_home_page_and_itself(published: Workshop) -> None:
    feed = _parsed(published).feed

    assert feed.link == "https://www.example.org/"
    assert [link.href for link in feed.links if link.rel == "self"] == ["https://www.example.org/feed/feed.xml"]
    assert feed.language == "en-US"
    assert feed.updated == "Fri, 14 Mar 2025 00:00:00 -0400"


def test_every_address_in_the_feed_is_whole(published: Workshop) -> None:
    from html5lib import parse

    for entry in _parsed(published).entries:
        tree = parse(entry.content[0].value, treebuilder="etree", namespaceHTMLElements=False)
        addresses = [
            value for element in tree.iter() for name, value in element.items() if name in {"href", "src", "cite"}
        ]
        assert addresses
        assert [url for url in addresses if not url.startswith(("https://", "tel:", "sms:", "mailto:"))] == []


@pytest.mark.parametrize("keys", [{"id": "kept"}, {"aliases": "[before]"}])
def test_an_entry_keeps_its_name_through_a_new_slug(workshop: Workshop, keys: dict[str, str]) -> None:
    first = workshop.article("before", **({"id": "kept"} if "id" in keys else {}))
    workshop.build(only=("feed",))
    before = _parsed(workshop).entries[0]
    first.unlink()
    workshop.article("after", title="Another title", **keys)

    workshop.build(only=("feed",))

    after = _parsed(workshop).entries[0]
    assert after.link != before.link
    assert after.id == before.id
    assert not after.guidislink


def test_newest_first_and_no_more_than_the_limit(workshop: Workshop) -> None:
    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text() + "feed: {limit: 2}\n")
    for slug, date in (("b", "2025-01-02"), ("c", "2025-01-03"), ("a", "2025-01-01")):
        workshop.article(slug, date=date)

    workshop.build(only=("feed",))

    assert [entry.link.split("/")[-2] for entry in _parsed(workshop).entries] == ["c", "b"]


def test_an_article_can_stay_out(workshop: Workshop) -> None:
    workshop.article("in")
    workshop.article("out", ARTICLE, channels="{feed: false}")

    workshop.build(only=("feed",))

    assert [entry.link.split("/")[-2] for entry in _parsed(workshop).entries] == ["in"]


@pytest.mark.parametrize("title", ["A & B <i>", "]]>", "שלום", "😀 emoji", '"quoted"', "&amp; stays"])
def test_odd_titles_come_back_as_they_were_typed(workshop: Workshop, title: str) -> None:
    workshop.article("odd", title=f"'{title}'")

    workshop.build(only=("feed",))

    raw = _parsed(workshop).entries[0].title
    from html import unescape

    assert title in {raw, unescape(raw)}


def test_the_overview_leads_from_an_article_to_its_entry_if_it_has_one(workshop: Workshop) -> None:
    workshop.article("in")
    workshop.article("out", channels="{feed: false}")

    workshop.build(only=("feed",))

    assert workshop.read("index.html").count('href="feed/feed.xml"') == 2  # once for all, once for the article
