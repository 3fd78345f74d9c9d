"""The proof of the feeds: good feeds pass, and every rule catches the defect that is seeded for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import NOW, Workshop
from newsstand import HUB, publish

from pressrun.proof.feed import COUNT, READABLE, RULES, Asked, judge, made

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return publish(tmp_path_factory.mktemp("stand"))


@pytest.fixture(scope="module")
def good(stand: Workshop) -> made.Feeds:
    return made.feeds(stand.desk, NOW)


def _replaced(path: str, old: str, new: str, count: int = 1) -> Callable[[Files], None]:
    def seed(files: Files) -> None:
        text = files[path].decode()
        assert old in text, f"{path} does not hold {old}"
        files[path] = text.replace(old, new, count).encode()

    return seed


def _changed(path: str, pattern: str, new: str, count: int = 1) -> Callable[[Files], None]:
    def seed(files: Files) -> None:
        text, found = re.subn(pattern, new, files[path].decode(), count=count, flags=re.DOTALL)
        assert found, f"{path} does not match {pattern}"
        files[path] = text.encode()

    return seed


def _json(path: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Files], None]:
    def seed(files: Files) -> None:
        found = json.loads(files[path])
        change(found)
        files[path] = json.dumps(found, ensure_ascii=False).encode()

    return seed


def _without(path: str) -> Callable[[Files], None]:
    def seed(files: Files) -> None:
        del files[path]

    return seed


@dataclass(frozen=True)
class Defect:
    name: str
    rule: str
    seed: Callable[[Files], None]


_ITEM, _ENTRY = r"<item>.*?</item>", r"<entry.*?</entry>"
_HOST = "https://www.example.org"

DEFECTS = (
    Defect("an & that is not written out", READABLE, _replaced("feed.xml", "&amp; sundry", "& sundry")),
    Defect("a control character", READABLE, _replaced("atom.xml", "Health for all", "Health\x0bfor all")),
    Defect("a file cut off", READABLE, lambda files: files.update({"feed.json": files["feed.json"][:-9]})),
    Defect("no feed at all", READABLE, lambda files: files.update({"feed.xml": b"<html/>"})),
    Defect("RSS of another version", "feed-version", _replaced("feed.xml", 'version="2.0"', 'version="0.91"')),
    Defect("JSON Feed without a version", "feed-version", _json("feed.json", lambda feed: feed.pop("version"))),
    Defect("a feed without a title", "feed-title", _changed("atom.xml", r"<title>[^<]*</title>", "<title/>")),
    Defect("no description", "feed-title", _changed("feed.xml", r"<description>[^<]*</description>", "")),
    Defect("self leads to another format", "feed-self", _replaced("feed.xml", "feed/feed.xml", "feed/atom.xml")),
    Defect("no self", "feed-self", _changed("atom.xml", r'<link rel="self"[^>]*/>', "")),
    Defect("feed_url of another feed", "feed-self", _replaced("feed.json", "feed/feed.json", "feed/x.json")),
    Defect("the hub as the channel's link", "feed-home",
           _replaced("feed.xml", f"<link>{_HOST}/</link>", f"<link>{HUB}</link>")),
    Defect("two links of the channel", "feed-home",
           _replaced("feed.xml", f"<link>{_HOST}/</link>", f"<link>{_HOST}/</link><link>{_HOST}/</link>")),
    Defect("an address for an id", "feed-id", _changed("atom.xml", r"<id>[^<]*</id>", f"<id>{_HOST}/</id>")),
    Defect("a category with the id of the whole", "feed-id",
           _replaced("category/sleep/atom.xml", "feed/category/sleep/</id>", "feed/</id>")),
    Defect("no hub in RSS", "feed-hub", _changed("feed.xml", r'<atom:link rel="hub"[^>]*/>', "")),
    Defect("no hub in JSON", "feed-hub", _json("feed.json", lambda feed: feed.pop("hubs"))),
    Defect("a hub that is not told", "feed-hub",
           _replaced("category/sleep/feed.xml", "<atom:link ", f'<atom:link rel="hub" href="{HUB}"/><atom:link ')),
    Defect("no language", "feed-language", _changed("feed.xml", r"<language>[^<]*</language>", "")),
    Defect("a language feed in another", "feed-language",
           _replaced("language/es/atom.xml", 'xml:lang="es"', 'xml:lang="en"')),
    Defect("no copyright", "feed-imprint", _changed("feed.xml", r"<copyright>[^<]*</copyright>", "")),
    Defect("no generator", "feed-imprint", _changed("atom.xml", r"<generator>[^<]*</generator>", "")),
    Defect("a ttl in words", "feed-imprint", _replaced("feed.xml", "<ttl>60<", "<ttl>an hour<")),
    Defect("Atom without an author", "feed-author", _changed("atom.xml", r"<author>.*?</author>", "")),
    Defect("a large image", "feed-icon", _replaced("feed.xml", "<width>144<", "<width>512<")),
    Defect("an image with another title", "feed-icon",
           _changed("feed.xml", r"(<image>.*?<title>)[^<]*", r"\1Another")),
    Defect("an icon that is not there", "feed-icon", _replaced("atom.xml", "feed/icon.png", "feed/none.png")),
    Defect("no style sheet", "feed-style", _changed("feed.xml", r"<\?xml-stylesheet.*?\?>", "")),
    Defect("a style sheet elsewhere", "feed-style",
           _replaced("category/sleep/atom.xml", 'href="../../feed.css"', 'href="feed.css"')),
    Defect("the time of the build", "feed-dates",
           _changed("atom.xml", r"<updated>[^<]*", "<updated>2025-06-01T12:00:00+00:00")),
    Defect("lastBuildDate by the clock", "feed-dates",
           _changed("feed.xml", r"<lastBuildDate>[^<]*", "<lastBuildDate>Sun, 01 Jun 2025 08:00:00 -0400")),
    Defect("an entry less in Atom", "feed-same", _changed("atom.xml", _ENTRY, "")),
    Defect("another title in JSON", "feed-same",
           _json("feed.json", lambda feed: feed["items"][0].update(title="Another"))),
    Defect("a format is missing", "feed-same", _without("category/sleep/feed.json")),
    Defect("not complete", "feed-paging", _replaced("language/es/atom.xml", "<fh:complete/>", "")),
    Defect("complete with an archive", "feed-paging",
           _replaced("archive/1.atom.xml", "<fh:archive/>", "<fh:archive/><fh:complete/>")),
    Defect("no prev-archive", "feed-paging", _changed("feed.xml", r'<atom:link rel="prev-archive"[^>]*/>', "")),
    Defect("prev-archive leads past one", "feed-paging", _replaced("atom.xml", "archive/4.atom", "archive/3.atom")),
    Defect("an archive without current", "feed-paging",
           _changed("archive/2.xml", r'<atom:link rel="current"[^>]*/>', "")),
    Defect("next_url to nowhere", "feed-paging", _replaced("feed.json", "archive/4.json", "archive/5.json")),
    Defect("a guid that is no tag", "entry-id", _changed("feed.xml", r"tag:www[^<]*:(\w+)</guid>", r"\1</guid>")),
    Defect("the tag of another host", "entry-id",
           _changed("atom.xml", r"(<entry.*?)tag:www\.example\.org", r"\1tag:example.com")),
    Defect("two entries of one id", "entry-id",
           _json("feed.json", lambda feed: feed["items"][1].update(id=feed["items"][0]["id"]))),
    Defect("a guid that passes for an address", "entry-form",
           _replaced("feed.xml", 'isPermaLink="false"', 'isPermaLink="true"')),
    Defect("a name in RSS's author", "entry-form", _replaced("feed.xml", "<item>", "<item><author>A</author>")),
    Defect("content before description", "entry-form",
           _changed("feed.xml", r"(<description>[^<]*</description>)\s*(<content:encoded>.*?</content:encoded>)",
                    r"\2\1", 0)),
    Defect("content of type CDATA", "entry-form", _replaced("atom.xml", 'content type="html"', 'content type="CDATA"')),
    Defect("markup in a title", "entry-title",
           _changed("feed.xml", r"(<item>.*?<title>)", r"\1&lt;b&gt;New&lt;/b&gt; ")),
    Defect("& written out twice", "entry-title", _changed("atom.xml", r"(<entry.*?<title>)", r"\1&amp;amp; ")),
    Defect("an entry without a title", "entry-title",
           _json("feed.json", lambda feed: feed["items"][0].pop("title"))),
    Defect("the enclosure as second alternate", "entry-link",
           _changed("atom.xml", r'<link rel="enclosure" href="([^"]*)"[^>]*/>', r'<link href="\1"/>')),
    Defect("a relative link", "entry-link", _changed("feed.xml", r"(<item>.*?<link>)https://www\.example\.org", r"\1")),
    Defect("no summary", "entry-words", _changed("atom.xml", r"<summary>[^<]*</summary>", "")),
    Defect("the text as the description alone", "entry-words",
           _changed("feed.xml", r"<content:encoded>.*?</content:encoded>", "")),
    Defect("the text in the description as well", "entry-words",
           _changed("feed.xml", r"<description>([^<]*)</description>(\s*<content:encoded>)([^<]*)",
                    r"<description>\3</description>\2\3", 0)),
    Defect("a script", "entry-safe",
           _json("feed.json", lambda feed: feed["items"][0].update(content_html="<p>A</p><script>a()</script>"))),
    Defect("a class", "entry-safe", _replaced("feed.xml", "&lt;aside&gt;", '&lt;aside class="a"&gt;')),
    Defect("an event handler", "entry-safe", _replaced("atom.xml", "&lt;p&gt;", '&lt;p onclick="a()"&gt;')),
    Defect("a frame", "entry-safe", _replaced("atom.xml", "&lt;p&gt;", "&lt;iframe&gt;&lt;/iframe&gt;&lt;p&gt;")),
    Defect("a relative address in a text", "entry-address",
           _replaced("atom.xml", 'href="https://example.com/"', 'href="/a/"')),
    Defect("an anchor in a text", "entry-address",
           _changed("feed.xml", r'href="https://www\.example\.org/pictured/#source-1"', 'href="#source-1"')),
    Defect("a relative picture", "entry-address",
           _changed("feed.xml", r'img src="https://www\.example\.org', 'img src="')),
    Defect("a picture without words", "entry-picture", _replaced("feed.xml", ' alt="A red square"', "")),
    Defect("a picture without a size", "entry-picture", _changed("atom.xml", r'(img src="[^"]*") width="\d+"', r"\1")),
    Defect("media without a type", "entry-picture",
           _changed("feed.xml", r'(<media:content [^>]*?)type="[^"]*"', r"\1")),
    Defect("JSON's image elsewhere", "entry-picture",
           _json("feed.json", lambda feed: feed["items"][1].update(image="https://example.com/a.png"))),
    Defect("an untrue length", "entry-enclosure", _changed("feed.xml", r'length="\d+"', 'length="0"')),
    Defect("a length of nothing", "entry-enclosure", _changed("atom.xml", r'length="\d+"', 'length="None"')),
    Defect("an enclosure that is not there", "entry-enclosure",
           _replaced("feed.xml", "handout/pictured-a4.pdf", "handout/none.pdf")),
    Defect("a relative enclosure", "entry-enclosure",
           _replaced("atom.xml", f'href="{_HOST}/handout/', 'href="/handout/')),
    Defect("two enclosures", "entry-enclosure", _changed("feed.xml", r"(<enclosure [^>]*/>)", r"\1\1")),
    Defect("the wrong weekday", "entry-dates", _changed("feed.xml", r"(<item>.*?<pubDate>)\w{3}", r"\1Mon")),
    Defect("a date without an offset", "entry-dates",
           _json("feed.json", lambda feed: feed["items"][0].update(date_published="2025-01-12T00:00:00"))),
    Defect("updated before published", "entry-dates",
           _changed("atom.xml", r"(<entry.*?<updated>)\d{4}", r"\g<1>2024")),
    Defect("a date to come", "entry-dates",
           _json("feed.json", lambda feed: feed["items"][0].update(date_modified="2026-01-12T00:00:00Z"))),
    Defect("two entries updated at once", "entry-instant",
           _changed("atom.xml", r"(<entry.*?<updated>)2025-01-12(.*?<entry.*?<updated>)2025-01-11",
                    r"\g<1>2025-01-12\g<2>2025-01-12")),
    Defect("the oldest first", "entry-order", _json("feed.json", lambda feed: feed["items"].reverse())),
    Defect("nobody wrote it", "entry-author", _changed("feed.xml", r"<dc:creator>[^<]*</dc:creator>", "", 0)),
    Defect("a category without a scheme", "entry-category", _changed("feed.xml", r' domain="[^"]*"', "")),
    Defect("a category without a label", "entry-category", _changed("atom.xml", r' label="[^"]*"', "")),
    Defect("no language tag", "entry-language", _changed("atom.xml", r'(<entry xml:lang)="ar"', r'\1="arabic_EG"')),
    Defect("a stranger in a language feed", "entry-language",
           _replaced("language/es/atom.xml", "<entry>", '<entry xml:lang="ar">')),
    Defect("a withdrawn article vanishes", "entry-held",
           _changed("archive/2.xml", r"<item>(?:(?!</item>).)*:withdrawn</guid>.*?</item>", "")),
    Defect("an entry that nobody published", "entry-held", _replaced("feed.xml", ":pictured</guid>", ":draft</guid>")),
    Defect("a document of the archive is missing", "entry-held", _without("archive/1.atom.xml")),
    Defect("a notice with its picture", "entry-notice",
           _json("archive/2.json", lambda feed: feed["items"][0].update(image=f"{_HOST}/feed/icon.png"))),
)  # fmt: skip


def _found(files: Mapping[str, bytes], asked: Asked) -> set[str]:
    return {finding.rule for finding in judge(files, asked)}


def test_good_feeds_have_no_findings(good: made.Feeds) -> None:
    assert [str(finding) for finding in made.prove(good)] == []
    assert len(good.paths) >= 40


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_seeded_defect_is_found(good: made.Feeds, defect: Defect) -> None:
    files = good.files()

    defect.seed(files)

    assert defect.rule in _found(files, good.asked)


def test_there_is_a_defect_for_every_rule_and_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names)) == COUNT - 1
    assert {defect.rule for defect in DEFECTS} == {*names, READABLE}


def test_old_files_are_told_and_not_judged(stand: Workshop, good: made.Feeds) -> None:
    path = stand.root / "outputs/feed/feed.xml"
    kept = path.read_bytes()
    path.unlink()
    path.write_bytes(kept + b"\n")
    (stand.root / "outputs/feed/atom.xml").rename(stand.root / "outputs/feed/kept")
    try:
        found = [(finding.file, finding.rule) for finding in made.prove(made.feeds(stand.desk, NOW))]
    finally:
        path.write_bytes(kept)
        (stand.root / "outputs/feed/kept").rename(stand.root / "outputs/feed/atom.xml")

    assert found == [("outputs/feed/feed.xml", "made"), ("outputs/feed/atom.xml", "made")]
