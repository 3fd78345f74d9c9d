"""The pages around the articles: lists, archive, A to Z, about, feeds, 404, sitemap and robots."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from urllib.robotparser import RobotFileParser

import html5lib
import pytest
from conftest import ARTICLE, ROOT, SITE, Workshop
from lxml import etree

from pressrun.channels.web import letters, lists, sitemap

#: web alone: articles without a handout are quicker to build
PLAIN = ARTICLE + "channels: {handout: false}\n"
ARABIC = "هل يسبب الكيتامين أعراض الانسحاب؟"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Articles of every kind: in three languages, in more than a page of a year, withdrawn, expired, a draft."""
    root = tmp_path_factory.mktemp("library")
    (root / "templates").symlink_to(ROOT / "templates")
    made = Workshop(root)
    made.write("content/site.yaml", SITE.replace("language: en-US", "language: en-US\ndescription: Words about sleep."))
    for number in range(1, 54):
        made.article(
            f"text-{number}", PLAIN, title=f"Text {number}", date=f"2024-01-{number % 28 + 1:02}",
            category="Long Reads" if number % 2 else "Sleep", tags="[night, C++]",
            authors='[{name: Ana Example, role: Physician, url: "https://example.org/ana"}, The Team]',
        )  # fmt: skip
    made.article("ketamine", PLAIN, title='"Does Ketamine Cause Withdrawal?"', date="2025-03-01", category="Ketamine")
    made.article(
        "ketamina", PLAIN, title='"¿Causa abstinencia la ketamina?"', date="2025-04-01", language="es",
        translation_of="ketamine", category="Ketamina", aliases="[ketamina-antes]",
    )  # fmt: skip
    made.article("ketamin", PLAIN, title=f'"{ARABIC}"', date="2025-03-02", language="ar", translation_of="ketamine")
    made.article("apart", PLAIN, title="Älter werden", date="2025-02-01", authors="[Somebody Else]")
    gone = PLAIN + "withdrawn: {date: 2025-04-01, reason: The text was wrong.}\n"
    made.article("withdrawn", gone, title="Taken Back", category="Gone Alone", authors="[Gone Author]")
    made.article("expired", PLAIN, title="Summer Hours", expires="2025-05-01")
    made.article("draft", PLAIN, title="Not Yet", draft="true", category="Secrets")
    assert made.build(only=("web", "feed")).faults == ()
    return made


def _tree(workshop: Workshop, path: str) -> etree._Element:
    return html5lib.parse(workshop.read(f"web/{path}"), treebuilder="lxml", namespaceHTMLElements=False).getroot()


def _titles(workshop: Workshop, path: str) -> list[str]:
    """Titles of the entries of a list, in its order."""
    return [text.strip() for text in _tree(workshop, path).xpath("//ul[contains(@class, 'articles')]/li/h2/a/text()")]


def _lines(workshop: Workshop, path: str) -> list[str]:
    rows = _tree(workshop, path).xpath("//ul[contains(@class, 'lines')]/li")
    return [" ".join("".join(row.itertext()).split()) for row in rows]


def _pages(workshop: Workshop) -> list[str]:
    """Pages for readers, below web/."""
    aliases = {"ketamina-antes/index.html"}
    found = [path.removeprefix("web/") for path in workshop.tree() if re.fullmatch(r"web/.*\.html", path)]
    return [path for path in found if path not in aliases and not path.startswith("newsletter/")]


# ---- lists


def test_home_shows_the_newest_twenty_works_and_the_way_to_the_others(library: Workshop) -> None:
    titles = _titles(library, "index.html")

    assert len(titles) == lists.NEWEST
    assert titles[:3] == ["Does Ketamine Cause Withdrawal?", "Älter werden", "Text 27"]
    assert "archive/index.html" in _tree(library, "index.html").xpath("//p[@class='onward']/a/@href")
    assert "Get help now" in library.read("web/index.html")


def test_a_translation_stands_under_its_original_in_its_own_language(library: Workshop) -> None:
    first = _tree(library, "index.html").xpath("//ul[contains(@class, 'articles')]/li")[0]
    links = {(a.get("href"), a.get("lang"), a.get("dir"), a.text) for a in first.xpath(".//p[@class='also']/a")}

    assert links == {("ketamina/index.html", "es", "ltr", "español"), ("ketamin/index.html", "ar", "rtl", "العربية")}
    assert _titles(library, "archive/language/es/index.html") == ["¿Causa abstinencia la ketamina?"]


def test_a_translation_without_its_original_stands_for_itself(workshop: Workshop) -> None:
    workshop.article("original", PLAIN, date="2025-12-01")
    workshop.article("traducido", PLAIN, title="Dormir", language="es", translation_of="original")
    workshop.build(only=("web",))

    assert _titles(workshop, "index.html") == ["Dormir"]
    assert "archive/language/" not in workshop.read("web/archive/index.html")


def test_what_is_gone_leaves_lists_but_not_the_archive(library: Workshop) -> None:
    assert "Taken Back withdrawn" in _lines(library, "archive/a-z/index.html")
    assert "Summer Hours expired" in _lines(library, "archive/a-z/index.html")
    assert "March 14, 2025 Taken Back withdrawn" in _lines(library, "archive/2025/index.html")
    for path in _pages(library):
        if not path.startswith(("archive/2025/", "archive/a-z/", "withdrawn/", "expired/")):
            assert "Taken Back" not in library.read(f"web/{path}"), path
    assert "gone-alone" not in library.read("web/archive/index.html")


def test_the_address_of_a_section_stays_when_all_of_it_is_gone(library: Workshop) -> None:
    page = _tree(library, "category/gone-alone/index.html")

    assert page.xpath("//meta[@name='robots']/@content")[0].startswith("noindex")
    assert "no articles here at the moment" in page.xpath("string(//main)")


def test_drafts_are_on_no_page(library: Workshop) -> None:
    assert not [path for path in _pages(library) if "Not Yet" in library.read(f"web/{path}")]
    assert not (library.root / "outputs/web/category/secrets").exists()


def test_a_year_has_pages_of_fifty(library: Workshop) -> None:
    first, second = _tree(library, "archive/2024/index.html"), _tree(library, "archive/2024/2/index.html")

    assert (len(_lines(library, "archive/2024/index.html")), len(_lines(library, "archive/2024/2/index.html"))) == (
        50,
        3,
    )
    assert first.xpath("//a[@rel='next']/@href") == ["../../archive/2024/2/index.html"]
    assert second.xpath("//a[@rel='prev']/@href") == ["../../../archive/2024/index.html"]
    assert not first.xpath("//a[@rel='prev']")
    assert not second.xpath("//a[@rel='next']")
    assert second.xpath("string(//title)") == "Articles of 2024, page 2 – Example Health"


def test_the_archive_counts_what_each_page_holds(library: Workshop) -> None:
    links = _tree(library, "archive/index.html").xpath("//ul[@class='sections']/li")
    counts = {link.xpath("a/@href")[0].removeprefix("../"): int(link.xpath("string(span)")) for link in links}

    assert counts["archive/2024/index.html"] == 53
    assert counts["archive/2025/index.html"] == 6
    assert counts["category/sleep/index.html"] == len(_titles(library, "category/sleep/index.html")) == 26
    assert counts["archive/language/ar/index.html"] == 1
    assert counts["tag/c/index.html"] == 53


def test_an_author_has_name_role_and_address(library: Workshop) -> None:
    page = _tree(library, "author/ana-example/index.html")

    assert page.xpath("string(//h1)") == "Ana Example"
    assert page.xpath("string(//p[@class='standfirst'])") == "Physicianexample.org/ana"
    assert page.xpath("//p[@class='standfirst']/a/@href") == ["https://example.org/ana"]


def test_a_section_leads_to_its_own_feed(library: Workshop) -> None:
    hrefs = _tree(library, "category/sleep/index.html").xpath("//header//a/@href")
    assert "../../feed/category/sleep/feed.xml" in hrefs


def test_a_section_is_in_the_language_of_its_articles(library: Workshop) -> None:
    languages = {
        path: (_tree(library, f"{path}/index.html").get("lang"), _tree(library, f"{path}/index.html").get("dir"))
        for path in ("category/ketamina", "category/sleep", "archive/language/ar", "archive/a-z")
    }
    assert languages == {
        "category/ketamina": ("es", "ltr"), "category/sleep": ("en-US", "ltr"),
        "archive/language/ar": ("ar", "rtl"), "archive/a-z": ("en-US", "ltr"),
    }  # fmt: skip


def test_a_page_of_a_language_speaks_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates", ignore=shutil.ignore_patterns("*.po"))
    made = Workshop(tmp_path)
    words = {"Also in:": "Auch auf:", "All articles": "Alle Artikel", "Articles in %(name)s": "Artikel auf %(name)s"}
    entries = "".join(f'\nmsgid "{english}"\nmsgstr "{german}"\n' for english, german in words.items())
    head = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    )
    made.write("templates/languages/de.po", head + entries)
    made.write("content/site.yaml", SITE)
    made.article("sleep", PLAIN)
    made.article("schlaf", PLAIN, title="Schlaf", language="de", translation_of="sleep")
    assert made.build(only=("web",)).faults == ()

    page = _tree(made, "archive/language/de/index.html")
    assert page.xpath("string(//h1)") == "Artikel auf Deutsch"
    assert page.xpath("string(//p[@class='also']/span)") == "Auch auf:"
    assert page.xpath("string(//p[@class='also']/a)") == "English"
    assert page.xpath("string(//title)") == "Artikel auf Deutsch – Example Health"


# ---- letters


@pytest.mark.parametrize(
    ("title", "letter"),
    [
        ("sleep", "S"), ("Älter werden", "A"), ("¿Qué?", "Q"), ("“Quoted”", "Q"), ("10 questions", letters.FIGURES),
        ("أعراض", "ا"), ("ﬁgure", "F"), ("Ύπνος", "Υ"), ("Сон", "С"), ("Øl", "Ø"),
    ],
)  # fmt: skip
def test_a_title_stands_under_its_first_letter(title: str, letter: str) -> None:
    assert letters.letter(title) == letter


def test_titles_go_from_a_to_z_and_other_alphabets_follow(library: Workshop) -> None:
    headings = [text.strip() for text in _tree(library, "archive/a-z/index.html").xpath("//h2/bdi/text()")]
    assert headings == ["A", "C", "D", "S", "T", "ه"]
    assert _lines(library, "archive/a-z/index.html")[0] == "Älter werden"


# ---- about, feeds, 404


def test_about_says_who_publishes_and_nothing_that_is_not_known(library: Workshop, workshop: Workshop) -> None:
    text = " ".join("".join(_tree(library, "about/index.html").xpath("//main")[0].itertext()).split())
    for words in ("About Example Health", "Words about sleep.", "info@example.org", "1 Example Street", "no cookies"):
        assert words in text
    assert "24 hours, every day" in text
    assert "checked its facts" not in text

    workshop.article("checked", PLAIN + "review: {by: Somebody}\n")
    workshop.build(only=("web",))
    assert "checked its facts" in workshop.read("web/about/index.html")


def test_feeds_lists_every_feed_of_the_site(library: Workshop) -> None:
    hrefs = set(_tree(library, "feeds/index.html").xpath("//main//a/@href"))
    named = re.compile(r"web/(feed/(?:\w+/(?!gone-alone)[^/]+/)?(?:feed\.xml|atom\.xml|feed\.json))")
    feeds = {f"../{match[1]}" for path in library.tree() if (match := named.fullmatch(path))}
    assert len(feeds) > 3
    assert feeds == {href for href in hrefs if href.startswith("../feed/")}


@pytest.mark.parametrize(("address", "base"), [("https://www.example.org", "/"), ("https://example.org/a/b", "/a/b/")])
def test_the_page_for_wrong_addresses_works_at_any_depth(workshop: Workshop, address: str, base: str) -> None:
    workshop.write("content/site.yaml", SITE.replace("https://www.example.org", address))
    workshop.build(only=("web",))

    page = _tree(workshop, "404.html")
    links = [link for link in page.xpath("//@href | //@src") if not re.match(r"[a-z]+:|#", link)]
    assert links
    for link in links:
        assert link.startswith(base)
        target = workshop.root / "outputs/web" / link.removeprefix(base)
        assert target.is_file() or link.endswith(("feed.xml", "atom.xml", "feed.json")), link
    assert "noindex" in page.xpath("//meta[@name='robots']/@content")[0]
    assert {f"{base}index.html", f"{base}archive/a-z/index.html"} <= set(links)
    text = workshop.read("web/404.html")
    assert text.index("Get help now") < text.index("What you can do")


# ---- all pages


def test_every_page_is_reached_from_home(library: Workshop) -> None:
    reached, left = set[str](), ["index.html"]
    while left:
        path = left.pop()
        if path not in reached:
            reached.add(path)
            left += _led_to(library, path)
    alone = ("verify/", "404.html", "author/gone-author/")  # nothing is to be read there
    assert {path for path in _pages(library) if not path.startswith(alone)} <= reached


def _led_to(workshop: Workshop, path: str) -> Iterator[str]:
    web = workshop.root / "outputs/web"
    for link in _tree(workshop, path).xpath("//body//a/@href"):
        if not re.match(r"[a-z]+:|#", link):
            target = (web / path).parent / unquote(link.partition("#")[0])
            assert target.is_file(), f"{path} leads to {link}"
            if target.suffix == ".html":
                yield target.resolve().relative_to(web.resolve()).as_posix()


def test_titles_and_descriptions_are_there_and_differ(library: Workshop) -> None:
    titles, descriptions = dict[str, str](), dict[str, str]()
    for path in _pages(library):
        page = _tree(library, path)
        title, told = page.xpath("string(//title)"), page.xpath("string(//meta[@name='description']/@content)")
        assert titles.setdefault(title, path) == path
        listed = path.removesuffix("index.html").count("/") != 1 or path.startswith(("archive", "about", "feeds"))
        if listed and "noindex" not in page.xpath("string(//meta[@name='robots']/@content)"):
            assert descriptions.setdefault(told, path) == path
            assert 70 <= len(told) <= 165, (path, told)
            assert "&amp;" not in told


def test_every_page_has_one_heading_of_the_first_rank_and_no_rank_is_left_out(library: Workshop) -> None:
    for path in _pages(library):
        ranks = [int(heading.tag[1]) for heading in _tree(library, path).xpath("//h1|//h2|//h3|//h4")]
        assert ranks.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(ranks)), path


def test_pages_are_the_same_when_they_are_made_again(library: Workshop) -> None:
    assert library.build(only=("web",)).written == ()


def test_names_that_look_like_markup_stay_words(workshop: Workshop) -> None:
    workshop.article(
        "a", PLAIN, title='"<b>Bold</b> & co"', category='"Q&A <i>"', authors='["A <u>B</u>"]', tags='["<s>"]'
    )
    workshop.build(only=("web",))

    for path in _pages(workshop):
        assert not _tree(workshop, path).xpath("//main//b | //main//i | //main//u | //main//s"), path
    page = _tree(workshop, "category/q-a-i/index.html")
    assert page.xpath("string(//h1)") == "Q&A <i>"
    assert page.xpath("string(//title)") == "Articles on Q&A <i> – Example Health"
    assert page.xpath("string(//meta[@name='description']/@content)").startswith("Articles on Q&A <i> from Example")


# ---- sitemap, robots

_XSD = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"
  targetNamespace="http://www.sitemaps.org/schemas/sitemap/0.9" elementFormDefault="qualified">
<xs:simpleType name="place"><xs:restriction base="xs:anyURI"><xs:minLength value="12"/><xs:maxLength value="2048"/>
  <xs:pattern value="https?://.+"/></xs:restriction></xs:simpleType>
<xs:complexType name="page"><xs:sequence><xs:element name="loc" type="place"/>
  <xs:element name="lastmod" type="xs:dateTime" minOccurs="0"/>
  <xs:any namespace="http://www.w3.org/1999/xhtml" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType>
<xs:element name="urlset"><xs:complexType><xs:sequence>
  <xs:element name="url" type="page" maxOccurs="50000"/></xs:sequence></xs:complexType>
  <xs:unique name="once"><xs:selector xpath="s:url"/><xs:field xpath="s:loc"/></xs:unique></xs:element>
<xs:element name="sitemapindex"><xs:complexType><xs:sequence>
  <xs:element name="sitemap" type="page" maxOccurs="50000"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
_SCHEMA = etree.XMLSchema(etree.fromstring(_XSD))
_NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def _map(workshop: Workshop, name: str = "sitemap.xml") -> etree._Element:
    root = etree.fromstring(workshop.read(f"web/{name}").encode())
    _SCHEMA.assertValid(root)
    return root


def test_the_sitemap_names_every_page_for_search_engines_and_no_other(library: Workshop) -> None:
    named = {
        loc.removeprefix("https://www.example.org/") for loc in _map(library).xpath("//s:loc/text()", namespaces=_NAMES)
    }
    indexed = {
        path.removesuffix("index.html")
        for path in _pages(library)
        if "noindex" not in library.read(f"web/{path}") and path != "404.html"
    }
    assert named == indexed
    assert not named & {"withdrawn/", "expired/", "draft/", "ketamina-antes/"}


def test_the_sitemap_knows_when_pages_changed_and_their_translations(library: Workshop) -> None:
    urls = {url.findtext("s:loc", namespaces=_NAMES): url for url in _map(library).xpath("//s:url", namespaces=_NAMES)}
    original = urls["https://www.example.org/ketamine/"]
    versions = {(link.get("hreflang"), link.get("href")) for link in original.xpath("x:link", namespaces=_NAMES)}

    assert original.findtext("s:lastmod", namespaces=_NAMES) == "2025-03-01T00:00:00-05:00"
    assert {language for language, _ in versions} == {"en-US", "es", "ar"}
    for _, href in versions:
        assert {
            (link.get("hreflang"), link.get("href")) for link in urls[href].xpath("x:link", namespaces=_NAMES)
        } == versions
    assert not urls["https://www.example.org/apart/"].xpath("x:link", namespaces=_NAMES)
    # Something left the year's list when an article expired.
    assert (
        urls["https://www.example.org/archive/2025/"].findtext("s:lastmod", namespaces=_NAMES).startswith("2025-05-01")
    )


def test_a_sitemap_that_grows_too_long_becomes_an_index(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "LIMIT", 4)
    workshop.article("one", PLAIN)
    workshop.build(only=("web",))

    parts = _map(workshop).xpath("//s:sitemap/s:loc/text()", namespaces=_NAMES)
    names = [part.removeprefix("https://www.example.org/") for part in parts]
    found = [loc for name in names for loc in _map(workshop, name).xpath("//s:loc/text()", namespaces=_NAMES)]
    assert len(names) == 2
    assert len(found) == len(set(found)) == 8


def test_the_schema_of_sitemaps_would_find_something() -> None:
    for bad in ("<loc>/relative/</loc>", "<loc>https://a.example/</loc><lastmod>yesterday</lastmod>", ""):
        text = f'<urlset xmlns="{_NAMES["s"]}"><url>{bad}</url></urlset>'
        assert not _SCHEMA.validate(etree.fromstring(text))


def test_robots_may_read_everything_and_are_told_of_the_sitemap(library: Workshop) -> None:
    rules = RobotFileParser()
    rules.parse(library.read("web/robots.txt").splitlines())

    assert rules.can_fetch("*", "https://www.example.org/ketamine/")
    assert rules.site_maps() == ["https://www.example.org/sitemap.xml"]
