"""What becomes of an article, as page, feeds, sitemap, search and earlier addresses tell it: a test a state."""

from __future__ import annotations

import gzip
import json
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import feedparser
import pytest
import words
from conftest import ARTICLE, NOW, SITE, Workshop
from lxml import etree
from site_pages import BASE, Page, page, said

WORDS = "A first paragraph."
PUBLISHED = "2025-03-14T00:00:00-04:00"


@pytest.fixture(autouse=True)
def searched(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", SITE + "editions: [a4]\nsearch: true\n")
    workshop.article("standing", title="An Article That Stands", summary="It is here so that nothing is ever empty.")


@dataclass
class Entry:
    """An article as one feed has it."""

    id: str
    url: str
    title: str
    content: str
    updated: datetime
    files: list[str] = field(default_factory=list)


@dataclass
class Told:
    """What the site says of one article."""

    workshop: Workshop
    slug: str

    @property
    def page(self) -> Page:
        return page(self.workshop, self.slug)

    @property
    def entries(self) -> dict[str, Entry]:
        """By kind of feed; empty if no feed has it."""
        found = {"json": self._json(), "rss": self._xml("feed.xml"), "atom": self._xml("atom.xml")}
        return {kind: entry for kind, entry in found.items() if entry}

    @property
    def entry(self) -> Entry:
        """The entry that all three feeds agree on."""
        entries = self.entries
        assert sorted(entries) == ["atom", "json", "rss"]
        for kind in ("id", "url", "title", "files"):
            assert len({str(getattr(entry, kind)) for entry in entries.values()}) == 1, kind
        assert entries["atom"].updated == entries["json"].updated
        assert len({" ".join(words.page(entry.content)) for entry in entries.values()}) == 1
        return entries["json"]

    def _json(self) -> Entry | None:
        for item in json.loads(self.workshop.read("feed/feed.json"))["items"]:
            if item["url"] == f"{BASE}/{self.slug}/":
                files = [file["url"] for file in item.get("attachments", [])]
                updated = datetime.fromisoformat(item["date_modified"])
                return Entry(item["id"], item["url"], item["title"], item["content_html"], updated, files)
        return None

    def _xml(self, name: str) -> Entry | None:
        feed = feedparser.parse((self.workshop.root / "outputs/feed" / name).read_bytes(), sanitize_html=False)
        assert not feed.bozo
        for item in feed.entries:
            if item.link == f"{BASE}/{self.slug}/":
                files = [file.href for file in item.get("enclosures", [])]
                moment = item["updated_parsed" if "updated_parsed" in item else "published_parsed"]
                updated = datetime.fromtimestamp(timegm(moment), NOW.tzinfo)
                return Entry(item.id, item.link, item.title, item.content[0].value, updated, files)
        return None

    @property
    def in_sitemap(self) -> str | None:
        """When it changed, by the sitemap; None if that does not list it."""
        tree = etree.fromstring(self.workshop.read("web/sitemap.xml").encode())
        space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
        for url in tree.findall("s:url", space):
            if url.findtext("s:loc", namespaces=space) == f"{BASE}/{self.slug}/":
                return str(url.findtext("s:lastmod", "", space))
        return None

    @property
    def in_search(self) -> str | None:
        """What can be searched of it."""
        for path in (self.workshop.root / "outputs/web/pagefind/fragment").glob("*.pf_fragment"):
            found = json.loads(gzip.decompress(path.read_bytes()).removeprefix(b"pagefind_dcd"))
            if found["url"].strip("/").removesuffix("/index.html") == self.slug:
                return str(found["content"])
        return None

    @property
    def in_lists(self) -> list[str]:
        """The lists of articles that lead to it."""
        return [name for name in ("index.html", "archive/a-z/index.html") if self._listed(name)]

    def _listed(self, name: str) -> bool:
        web = self.workshop.root / "outputs/web"
        found = Page(web, name)
        target = (web / self.slug / "index.html").resolve()
        return any(found.file(href).resolve() == target for href in _own(found))

    @property
    def handouts(self) -> list[str]:
        return sorted(path.name for path in (self.workshop.root / "outputs/web/handout").glob(f"{self.slug}-*.pdf"))


def _own(found: Page) -> Iterator[str]:
    """Addresses of the site's own pages that a page leads to."""
    for href in found.all("//main//a/@href"):
        if not href.startswith(("#", "http", "tel:", "sms:", "mailto:")):
            yield str(href)


def _tell(workshop: Workshop, slug: str, now: datetime = NOW) -> Told:
    assert workshop.build(now, only=()).faults == ()
    return Told(workshop, slug)


def _json(workshop: Workshop, path: str) -> Any:
    return json.loads(workshop.read(path))


def test_a_slug_renamed(workshop: Workshop) -> None:
    """The new address is the only one that anything names; the earlier one leads on, in all four forms."""
    earlier = workshop.article("before")
    before = _tell(workshop, "before")
    name = before.entry.id
    assert before.in_sitemap == PUBLISHED
    assert WORDS in (before.in_search or "")
    earlier.unlink()
    workshop.article("after", aliases="[before]")

    after = _tell(workshop, "after")

    assert after.entry.id == name
    assert after.in_sitemap == PUBLISHED
    assert WORDS in (after.in_search or "")
    assert after.in_lists == ["index.html", "archive/a-z/index.html"]
    assert after.page.links("canonical") == [f"{BASE}/after/"]
    gone = Told(workshop, "before")
    assert (gone.entries, gone.in_sitemap, gone.in_search, gone.in_lists) == ({}, None, None, [])
    stub = gone.page
    assert not stub.indexed
    assert stub.links("canonical") == [f"{BASE}/after/"]
    refresh = stub.one("/html/head/meta[@http-equiv='refresh']/@content")
    assert refresh == "0; url=../after/index.html"
    assert stub.file(stub.one("//main//a/@href")) == after.page.web / "after/index.html"
    rules = [line.split() for line in workshop.read("web/_redirects").splitlines() if not line.startswith("#")]
    assert {rule[0].rstrip("/") for rule in rules} == {"/before"}
    assert {(rule[1], rule[2].rstrip("!")) for rule in rules} == {("/after/", "301")}
    nginx = workshop.read("server/nginx.conf")
    assert "/before/ /after/;" in nginx
    assert "/after/ " not in nginx.replace(" /after/;", ";")
    (moved,) = _json(workshop, "server/s3-redirects.json")
    assert moved["Key"] == "before/index.html"
    assert moved["WebsiteRedirectLocation"] in {"/after/", f"{BASE}/after/"}


def test_an_article_corrected(workshop: Workshop) -> None:
    """Everything says what was put right and when, and that the article changed then."""
    workshop.article("put-right")
    before = _tell(workshop, "put-right").entry
    correction = "{date: 2025-05-02, text: We had *noon*; it is the morning.}"
    workshop.article("put-right", corrections=f"[{correction}]", revision="2")

    after = _tell(workshop, "put-right")

    day = datetime.fromisoformat("2025-05-02T00:00:00-04:00")
    section = said(after.page.one("//*[@id='_corrections']/.."))
    assert section.startswith("Corrections May 2, 2025: We had noon; it is the morning.")
    assert after.page.all("//*[@id='_corrections']/..//time/@datetime") == [day.isoformat()]
    assert after.page.node("Article")["dateModified"] == day.isoformat()
    assert WORDS in after.page.text
    assert (after.entry.id, after.entry.updated) == (before.id, day)
    assert "it is the morning." in after.entry.content
    assert WORDS in after.entry.content
    assert after.in_sitemap == day.isoformat()
    assert WORDS in (after.in_search or "")
    assert after.in_lists == ["index.html", "archive/a-z/index.html"]
    assert after.handouts == ["put-right-a4.pdf"]


def test_an_article_withdrawn(workshop: Workshop) -> None:
    """A public notice says so and why, where the text was; nobody is led there who does not come by himself."""
    workshop.article("taken-back", aliases="[earlier]")
    before = _tell(workshop, "taken-back").entry
    workshop.article("taken-back", aliases="[earlier]", withdrawn="{date: 2025-05-02, reason: It was *wrong*.}")

    after = _tell(workshop, "taken-back")

    told = said(after.page.one("//main"))
    assert "This article was withdrawn on May 2, 2025. It was wrong." in told
    assert "988" in told
    assert WORDS not in after.page.text
    assert after.page.words("//h1") == "Sleep and You"
    assert not after.page.indexed
    assert after.page.all("//script | //link[@rel='canonical'] | //link[@type='application/pdf']") == []
    assert after.entry.id == before.id
    assert after.entry.updated == datetime.fromisoformat("2025-05-02T00:00:00-04:00")
    assert "withdrawn on" in after.entry.content
    assert "It was" in after.entry.content
    assert WORDS not in "".join(entry.content for entry in after.entries.values())
    assert after.entry.files == []
    assert (after.in_sitemap, after.handouts) == (None, [])
    notice = "Sleep and You. This article was withdrawn on May 2, 2025. It was wrong."
    assert (after.in_search or "").startswith(notice)
    assert after.in_lists == ["archive/a-z/index.html"]
    assert "Sleep and You withdrawn" in said(Page(after.page.web, "archive/a-z/index.html").one("//main"))
    assert not Told(workshop, "earlier").page.indexed
    assert "/earlier/ /taken-back/;" in workshop.read("server/nginx.conf")
    for path in ("feed/feed.xml", "feed/atom.xml", "feed/feed.json", "web/sitemap.xml"):
        assert "taken-back-a4.pdf" not in workshop.read(path)


def test_an_article_expired(workshop: Workshop) -> None:
    """On the day, and not before, a notice takes the place of the text."""
    workshop.article("passing", expires="2025-06-02")
    day = datetime.fromisoformat("2025-06-02T00:00:00-04:00")
    eve = _tell(workshop, "passing", day - timedelta(seconds=1))
    assert WORDS in eve.page.text
    assert WORDS in (eve.in_search or "")
    before = eve.entry
    assert before.files == [f"{BASE}/handout/passing-a4.pdf"]

    after = _tell(workshop, "passing", day)

    assert "This article expired on June 2, 2025." in said(after.page.one("//main"))
    assert WORDS not in after.page.text
    assert not after.page.indexed
    assert (after.entry.id, after.entry.updated, after.entry.files) == (before.id, day, [])
    assert "expired on" in after.entry.content
    assert WORDS not in "".join(entry.content for entry in after.entries.values())
    assert (after.in_sitemap, after.in_search, after.handouts) == (None, None, [])
    assert after.in_lists == ["archive/a-z/index.html"]
    assert "Sleep and You expired" in said(Page(after.page.web, "archive/a-z/index.html").one("//main"))


def test_an_article_scheduled(workshop: Workshop) -> None:
    """Nothing that readers get knows of it before its minute; then all of it is there."""
    workshop.article("coming", ARTICLE.replace(WORDS, "Words of the morrow."), title="A Title of the Morrow",
                     date="2025-06-02T09:00:00-04:00", aliases="[foretold]", tags="[Morrowtide]")  # fmt: skip
    hour = datetime.fromisoformat("2025-06-02T09:00:00-04:00")

    before = _tell(workshop, "coming", hour - timedelta(seconds=1))

    assert (before.entries, before.in_sitemap, before.in_search, before.in_lists, before.handouts) == (
        {},
        None,
        None,
        [],
        [],
    )
    whole = workshop.tree()
    live = {name: data for name, data in whole.items() if name != "index.html"}  # the overview is for staff
    marks = (b"morrow", b"Morrow", b"coming", b"foretold")
    assert [name for name, data in live.items() if any(word in data for word in marks)] == []
    assert [name for name in live if "coming" in name or "foretold" in name or "morrow" in name] == []

    after = _tell(workshop, "coming", hour)

    assert "Words of the morrow." in after.page.text
    assert after.page.indexed
    assert after.entry.updated == hour
    assert after.entry.files == [f"{BASE}/handout/coming-a4.pdf"]
    assert after.in_sitemap == hour.isoformat()
    assert "Words of the morrow." in (after.in_search or "")
    assert after.in_lists == ["index.html", "archive/a-z/index.html"]
    assert "/foretold/ /coming/;" in workshop.read("server/nginx.conf")
    assert (workshop.root / "outputs/web/tag/morrowtide/index.html").is_file()
    newest = _json(workshop, "feed/feed.json")["items"][0]
    assert newest["url"] == f"{BASE}/coming/"
