"""Web pages in: what they say of themselves, their encoding, what is left out around the article, footnotes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from pressrun.importing import page
from pressrun.importing.draft import Draft

TEXT = "<p>A paragraph that is long enough to be taken for running text by everybody.</p>"
DATA = """<script type="application/ld+json">{"@graph": [{"@type": "Person", "@id": "#a", "name": "A. Writer"},
{"@type": ["BlogPosting"], "headline": "x", "datePublished": "2024-05-01T08:00:00+02:00", "dateModified": "2024-06-01",
"author": [{"@id": "#a"}], "articleSection": ["Sleep"]}]}</script>"""


def _read(html: str | bytes, name: str = "saved-page.html") -> Draft:
    return page.read(Path(name), html if isinstance(html, bytes) else html.encode())


SAID: list[tuple[str, str, Any]] = [
    ("title", "<title>A Text | The Site</title><h1>The Site</h1>" + TEXT, "A Text"),
    ("title", "<title>A Text - The Site</title><h1>A Text</h1>" + TEXT, "A Text"),
    ("title", "<title>A well-known text</title>" + TEXT, "A well-known text"),
    ("title", "<meta property=og:title content='A – B'><meta property=og:site_name content=S>" + TEXT, "A"),
    ("summary", "<meta name=description content='Said so.'>" + TEXT, "Said so."),
    ("summary", "<h1>T</h1>" + TEXT, "A paragraph that is long enough to be taken for running text by everybody."),
    ("authors", "<meta name=author content='A. Writer and B. Writer'>" + TEXT, ["A. Writer", "B. Writer"]),
    ("authors", "<p class=byline>By A. Writer</p>" + TEXT, ["A. Writer"]),
    ("authors", DATA + TEXT, ["A. Writer"]),
    ("date", DATA + TEXT, "2024-05-01T08:00:00+02:00"),
    ("date", "<article><time datetime=2023-01-02>a day in winter</time>" + TEXT, "2023-01-02"),
    ("updated", DATA + TEXT, "2024-06-01"),
    ("category", DATA + TEXT, "Sleep"),
    ("tags", "<meta name=keywords content='a, b'>" + TEXT, ["a", "b"]),
    ("language", "<html lang=es_ES>" + TEXT, "es-ES"),
    ("image", "<meta property=og:image content=a.png><meta property=og:image:alt content=A>" + TEXT,
     {"src": "a.png", "alt": "A"}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "html", "value"), SAID)
def test_what_a_page_says_of_itself(key: str, html: str, value: Any) -> None:
    assert _read(html).values[key] == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "iso-8859-15", "shift_jis"])
def test_a_page_is_read_in_the_encoding_that_it_names(encoding: str) -> None:
    words = "日本の夜" if encoding == "shift_jis" else "déjà vu, naïve œuvre" if encoding != "utf-16" else "ночь"
    html = f"<meta charset={encoding}><title>T</title><p>{words}</p>"
    assert _read(html.encode(encoding)).body == [words]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_a_page_that_names_no_encoding_is_read_in_its_own(encoding: str) -> None:
    assert _read("<title>T</title><p>“déjà vu”</p>".encode(encoding)).body == ["“déjà vu”"]


AROUND = [
    "<nav>Home and so on</nav>", "<div class=cookie-banner>We count our readers.</div>", "<aside>Other texts</aside>",
    "<div id=related-posts>Related words</div>", "<footer>The small print</footer>", "<div hidden>Hidden words</div>",
    "<div class='share buttons'>Share me</div>", "<header><a href=/>The site</a></header>",
    "<div role=navigation>Here and there</div>", "<section class=newsletter>Our letters</section>",
]  # fmt: skip


@pytest.mark.parametrize("frame", AROUND)
@pytest.mark.parametrize("article", ["<article>{}</article>", "<div><div>{}</div></div>", "<main>{}</main>"])
def test_what_stands_around_the_article_is_told_in_one_note(frame: str, article: str) -> None:
    draft = _read(f"<title>T</title>{frame}{article.format(TEXT + TEXT)}")
    assert len(draft.body) == 2
    assert [note for note in draft.notes if "left out" in note]


KEPT = [
    "<div class=sharing-with-several-people>Words about sharing.</div>", "<body class='has-sidebar'>Words of the text.",
    "<blockquote>Somebody's words<footer>Somebody</footer></blockquote>", "<p class=promo>A paragraph.</p>",
    f"<div class=sidebar>{TEXT * 9}</div>",
]  # fmt: skip


@pytest.mark.parametrize("part", KEPT)
def test_what_only_sounds_like_a_frame_is_kept(part: str) -> None:
    draft = _read(f"<title>T</title>{TEXT}{part}{TEXT}")
    assert len(draft.body) > 2
    assert not [note for note in draft.notes if "left out" in note]


SAYS = "Said <a href=https://x.org/>here</a>"
NOTES = [
    f"<p>a<sup><a href=#n1 id=r1>1</a></sup></p><hr><ol><li id=n1>{SAYS} <a href=#r1>↩</a></ol>",
    f"<p>a<a name=r1 href=#n1><sup>1</sup></a></p><div id=note1><p><a name=n1 href=#r1>1</a> {SAYS}</p></div>",
    f"<p>a<a href=#n1 role=doc-noteref>1</a></p><section><hr><ol><li id=n1><p>{SAYS}</ol></section>",
]


@pytest.mark.parametrize("html", NOTES)
def test_a_footnote_is_a_source(html: str) -> None:
    draft = _read(f"<title>T</title><article>{html}</article>")
    assert draft.body == ["a[^1]"]
    assert draft.values["sources"] == [{"title": "Said here", "url": "https://x.org/"}]


def test_links_inside_a_page_lead_to_our_anchors() -> None:
    draft = _read("<title>T</title><p><a href='#x'>a</a> <a href='#top'>b</a><h2 id=x>What to do</h2>c")
    assert draft.body[0] == "[a](#what-to-do) b"
    assert getattr(draft.body[1], "what", "") == "a link that leads nowhere"


def test_a_page_is_called_as_its_address_was() -> None:
    draft = _read("<link rel=canonical href=https://old.example.org/2019/a-text.html>" + TEXT)
    assert (draft.slug, draft.addresses) == ("a-text", ["/2019/a-text.html"])
    assert _read(TEXT, "some/Where To/index.html").slug == "where-to"
    assert _read(TEXT).slug == "saved-page"


def test_pictures_in_the_page_itself_come_along() -> None:
    lamp = (ROOT / "tests" / "made" / "lamp.bmp").read_bytes()
    coded = base64.b64encode(lamp).decode()
    draft = _read(
        f"<title>T</title>{TEXT}<img alt=A src='data:image/bmp;base64,{coded}'><img src='data:image/gif;,' alt=B>"
    )
    assert [name for name, data in draft.pictures.items() if data[:4] == b"\x89PNG"] == ["saved-page/picture-1.png"]
    assert draft.body[1] == {"figure": {"src": "saved-page/picture-1.png", "alt": "A"}}
    assert getattr(draft.body[2], "what", "") == "a picture that shows nothing"
