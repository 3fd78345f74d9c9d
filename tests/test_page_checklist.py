"""The checklist of an article's page: 37 points, on the seed article and on the specimen in tests/site/."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

import drawings
import pytest
import tagged
import words
import yaml
from browser import Visit
from conftest import ARTICLE, NOW, ROOT, Workshop
from markdown_it import MarkdownIt
from PIL import ExifTags, Image
from rdflib import SDO
from site_pages import BASE, TEXT, Page, every, kinds, page, said, spaced

from pressrun import build
from pressrun.outputs import digest

SEED = "ketamine-withdrawal"
#: the specimen's articles whose text stands, by language
STANDING = {
    "en-US": ("street-garden", "library", "leaflet", "watering", "plot-list", "tool-shed"),
    "es": ("huerto", "biblioteca", "folleto"),
    "ar": ("hadiqa", "maktaba", "nashra", "houseplants-ar"),
}
GONE = ("compost", "frost")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'"
)
FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")


@pytest.fixture(scope="module")
def seed(published: Workshop) -> Page:
    return page(published, SEED)


@pytest.fixture(scope="module")
def articles(published: Workshop, site12: Workshop) -> list[Page]:
    """The page of every article whose text stands, the seed's first."""
    return [page(published, SEED), *(page(site12, slug) for slugs in STANDING.values() for slug in slugs)]


@pytest.fixture(scope="module")
def rich(site12: Workshop) -> Page:
    """The specimen's article that has everything."""
    return page(site12, "street-garden")


def _typed(found: Page) -> dict[str, Any]:
    """The YAML from which an article's page was made."""
    articles = found.web.parent.parent / "content/articles"
    read = yaml.load((articles / f"{Path(found.path).parent}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    assert isinstance(read, dict)
    return read


# ---- head


def test_01_a_page_is_html_in_the_language_of_its_article(articles: list[Page]) -> None:
    for found in articles:
        assert found.text.startswith("<!DOCTYPE html>\n<html ")
        language = _typed(found).get("language", "en-US")
        assert found.one("/html/@lang") == language
        assert found.one("/html/@dir") == ("rtl" if language == "ar" else "ltr")


def test_02_a_page_says_early_how_it_is_encoded(articles: list[Page], site12: Workshop) -> None:
    for found in [*articles, *every(site12)]:
        assert b'charset="utf-8"' in found.raw[:1024].lower()


def test_03_a_page_has_one_title_that_fits_and_that_no_other_page_has(articles: list[Page], site12: Workshop) -> None:
    for found in articles:
        title, dash, site = found.words("/html/head/title").rpartition(" – ")
        assert dash, found.path
        assert title == spaced(_typed(found)["title"])
        assert 15 <= len(title) <= 70, title
        assert site in {"Substance Abuse Action", "Green Street"}
    titles = [found.words("/html/head/title") for found in every(site12) if found.indexed]
    assert sorted({title for title in titles if titles.count(title) > 1}) == []


def test_04_a_page_has_a_description_that_fits_and_that_no_other_page_has(
    articles: list[Page], site12: Workshop
) -> None:
    shown = [found for found in every(site12) if found.indexed]
    for found in [*articles, *shown]:
        assert 70 <= len(found.meta("description")) <= 165, (found.path, found.meta("description"))
    told = [found.meta("description") for found in shown]
    assert sorted({text for text in told if told.count(text) > 1}) == []


def test_05_readers_may_enlarge_a_page(site12: Workshop) -> None:
    for found in every(site12):
        assert found.meta("viewport") == "width=device-width, initial-scale=1"


def test_06_a_page_names_its_own_address(site12: Workshop, articles: list[Page]) -> None:
    for found in [*articles, *(found for found in every(site12) if found.indexed)]:
        assert found.links("canonical") == [found.url]
        assert found.file(found.url).is_file()


def test_07_previews_elsewhere_have_words_and_a_picture(articles: list[Page]) -> None:
    for found in articles:
        typed = _typed(found)
        assert found.meta("og:type") == "article"
        assert found.meta("og:title") == spaced(typed["title"])
        assert found.meta("og:description") == found.meta("description")
        assert found.meta("og:url") == found.links("canonical")[0]
        assert found.meta("og:site_name") == found.words("//header//p[@class='name']")
        assert found.meta("og:locale") == found.one("/html/@lang").replace("-", "_")
        slug = Path(found.path).parent.name
        assert re.fullmatch(rf"{BASE}/assets/card-{slug}\.[0-9a-f]+\.png", found.meta("og:image"))
        with Image.open(found.file(found.meta("og:image"))) as card:
            assert (card.format, card.size) == ("PNG", (1200, 630))
            assert (found.meta("og:image:width"), found.meta("og:image:height")) == ("1200", "630")
            assert len(card.convert("RGB").resize((60, 32)).getcolors(2000) or []) > 20, "an empty card"
        assert found.meta("og:image:alt")
        assert found.meta("article:published_time") == found.node("Article")["datePublished"]
        assert found.meta("article:modified_time") == found.node("Article")["dateModified"]
        assert found.all("/html/head/meta[@property='article:section']/@content") == [typed["category"]]


def test_08_previews_are_large(articles: list[Page]) -> None:
    assert {found.meta("twitter:card") for found in articles} == {"summary_large_image"}


@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "<!--<script>", "a & b > c < d"])
def test_09_no_title_breaks_out_of_what_a_page_tells_machines(workshop: Workshop, hostile: str) -> None:
    workshop.article("hostile", title=f"'{hostile}'")

    assert workshop.build(only=("web",)).faults == ()

    found = page(workshop, "hostile")
    raw = re.findall(r"<script\b([^>]*)>(.*?)</script", found.text, re.DOTALL)
    assert [attributes.strip() for attributes, _ in raw] == ['type="application/ld+json"']
    assert not set("<>&") & set(raw[0][1])
    assert found.node("Article")["headline"] == hostile


#: schema.org's properties of the types in use, of their own or inherited
_THING = {
    "name", "url", "description", "image", "mainEntityOfPage", "identifier", "sameAs", "alternateName", "subjectOf",
    "additionalType", "disambiguatingDescription",
}  # fmt: skip
_WORK = _THING | {
    "about", "abstract", "accessMode", "audience", "author", "citation", "contributor", "copyrightHolder",
    "copyrightNotice", "copyrightYear", "correction", "creator", "creditText", "dateCreated", "dateModified",
    "datePublished", "encoding", "encodingFormat", "expires", "hasPart", "headline", "inLanguage",
    "isAccessibleForFree", "isPartOf", "keywords", "license", "mainEntity", "position", "publisher",
    "publishingPrinciples", "text", "thumbnailUrl", "timeRequired", "translationOfWork", "translator", "version",
    "workTranslation", "acquireLicensePage", "creativeWorkStatus", "usageInfo", "alternativeHeadline", "mentions",
}  # fmt: skip
_PAGE = _WORK | {
    "breadcrumb", "lastReviewed", "primaryImageOfPage", "relatedLink", "reviewedBy", "significantLink", "speakable",
    "specialty", "mainContentOfPage",
}  # fmt: skip
_ORGANIZATION = _THING | {
    "address", "contactPoint", "email", "logo", "telephone", "legalName", "foundingDate", "member", "knowsAbout",
    "parentOrganization", "correctionsPolicy",
}  # fmt: skip
_MEDIA = _WORK | {"contentUrl", "contentSize", "width", "height", "uploadDate", "sha256", "bitrate", "embedUrl"}
_PROPERTIES = {
    "MedicalWebPage": _PAGE | {"aspect", "medicalAudience"},
    "WebPage": _PAGE,
    "WebSite": _WORK | {"potentialAction", "issn"},
    "Article": _WORK | {"articleBody", "articleSection", "wordCount", "backstory", "speakable"},
    "Organization": _ORGANIZATION,
    "NGO": _ORGANIZATION | {"nonprofitStatus"},
    "Person": _THING
    | {"jobTitle", "affiliation", "worksFor", "email", "knowsAbout", "hasCredential", "honorificSuffix"},
    "ImageObject": _MEDIA | {"caption", "representativeOfPage", "exifData"},
    "MediaObject": _MEDIA,
    "BreadcrumbList": _THING | {"itemListElement", "itemListOrder", "numberOfItems"},
    "ListItem": _THING | {"item", "position", "nextItem", "previousItem"},
    "WebPageElement": _WORK | {"cssSelector", "xpath"},
    "HealthTopicContent": _WORK | {"hasHealthAspect", "cssSelector", "xpath"},
    "CreativeWork": _WORK,
    "CorrectionComment": _WORK | {"parentItem", "upvoteCount", "downvoteCount"},
    "Thing": _THING,
    "Audience": _THING | {"audienceType", "geographicArea"},
    "MedicalAudience": _THING | {"audienceType", "geographicArea", "healthCondition", "suggestedMinAge"},
    "QuantitativeValue": _THING | {"value", "unitCode", "unitText", "minValue", "maxValue"},
    "PostalAddress": _THING | {"streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry"},
    "ContactPoint": _THING | {"telephone", "email", "contactType", "availableLanguage", "hoursAvailable"},
}


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    """A node, and those in it."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _misnamed(graph: list[dict[str, Any]]) -> list[str]:
    """Names that schema.org lacks, or has for other types."""
    found = []
    for node in _nodes(graph):
        names = {name for name in node if not name.startswith("@")}
        known = set().union(*(_PROPERTIES.get(kind, set()) for kind in kinds(node)))
        found += [kind for kind in kinds(node) if kind not in SDO or kind not in _PROPERTIES]
        found += [f"{kinds(node)}.{name}" for name in sorted(names) if name not in SDO or name not in known]
    return found


def test_10_what_a_page_tells_machines_is_complete_and_well_named(articles: list[Page]) -> None:
    for found in articles:
        graph, typed = found.graph, _typed(found)
        assert _misnamed(graph) == [], found.path
        names = [node["@id"] for node in _nodes(graph) if "@id" in node and len(node) > 1]
        assert len(names) == len(set(names)), found.path
        elsewhere = {f"{BASE}/{slug}/#article" for slugs in STANDING.values() for slug in slugs}
        pointed = {node["@id"] for node in _nodes(graph) if set(node) == {"@id"}}
        assert pointed - elsewhere <= set(names), found.path
        organization = next(node for node in graph if {"Organization", "NGO"} & set(kinds(node)))
        assert {"name", "url"} <= set(organization)
        assert {"name", "url", "publisher"} <= set(found.node("WebSite"))
        web_page, article, image = (found.node(kind) for kind in ("MedicalWebPage", "Article", "ImageObject"))
        wanted = {"inLanguage", "isPartOf", "breadcrumb", "audience", "about", "name", "url"}
        assert wanted <= set(web_page), found.path
        wanted = {"headline", "image", "datePublished", "dateModified", "author", "publisher", "encoding"}
        assert wanted <= set(article), found.path
        assert article["isAccessibleForFree"] is True
        assert len(article["headline"]) <= 110
        assert [author["name"] for author in article["author"]] == _names(typed)
        files = [found.file(one["contentUrl"]) for one in article["encoding"]]
        assert [file.read_bytes()[:5] for file in files] == [b"%PDF-"] * len(files)
        assert files
        assert {one["encodingFormat"] for one in article["encoding"]} == {"application/pdf"}
        assert {"url", "width", "height", "creditText", "copyrightNotice"} <= set(image), found.path
        assert found.file(image["url"]).is_file()
        assert all("unitCode" in size for size in (image["width"], image["height"]) if isinstance(size, dict))
        crumbs = found.node("BreadcrumbList")["itemListElement"]
        assert [crumb["position"] for crumb in crumbs] == list(range(1, len(crumbs) + 1))
        assert crumbs[-1].get("item", found.url) == found.url
        assert all(found.file(crumb["item"]).is_file() for crumb in crumbs if "item" in crumb)
        assert datetime.fromisoformat(article["datePublished"]).tzinfo
        assert article["datePublished"] <= article["dateModified"]
        shown = found.all("//main//time/@datetime")
        assert {article["datePublished"], article["dateModified"]} <= set(shown), found.path
        review = typed.get("review", {})
        assert web_page.get("lastReviewed", "") == review.get("on", "")
        assert web_page.get("reviewedBy", {}).get("name", "") == review.get("by", "")


def _names(typed: dict[str, Any]) -> list[str]:
    return [author if isinstance(author, str) else author["name"] for author in typed["authors"]]


def test_10_the_check_of_names_sees_a_wrong_one() -> None:
    wrong: list[dict[str, Any]] = [{"@type": "WebPage", "lastReveiwed": "x", "wordCount": 3}, {"@type": "MedicalPage"}]

    assert _misnamed(wrong) == ["['WebPage'].lastReveiwed", "['WebPage'].wordCount", "MedicalPage"]


def test_11_machines_are_told_nothing_that_people_are_not(articles: list[Page]) -> None:
    for found in articles:
        article, web_page = found.node("Article"), found.node("MedicalWebPage")
        shown = said(found.one("//main"))
        assert article["headline"] == found.words("//h1")
        assert web_page["name"] == found.words("//h1")
        told = [*(author["name"] for author in article["author"]), article["description"], *article.get("keywords", [])]
        told += [source["name"] for source in article.get("citation", [])]
        told += [correction["text"] for correction in article.get("correction", [])]
        told += [part["name"] for part in web_page.get("hasPart", [])]
        if "reviewedBy" in web_page:
            told += [web_page["reviewedBy"]["name"], *filter(None, [web_page["reviewedBy"].get("jobTitle")])]
            days = [moment[:10] for moment in found.all("//main//time/@datetime")]
            assert web_page["lastReviewed"] in days, found.path
        assert [text for text in told if spaced(text) not in shown] == [], found.path


def test_12_translations_lead_to_each_other(site12: Workshop) -> None:
    led: dict[str, dict[str, str]] = {}
    for found in every(site12):
        pairs = found.all("/html/head/link[@rel='alternate'][@hreflang]")
        if pairs:
            led[found.url] = {link.get("hreflang"): link.get("href") for link in pairs}
            assert len(led[found.url]) == len(pairs)
    works = [
        ("street-garden", "huerto", "hadiqa"),
        ("library", "biblioteca", "maktaba"),
        ("leaflet", "folleto", "nashra"),
    ]
    for work in works:
        addresses = [f"{BASE}/{slug}/" for slug in work]
        wanted = dict(zip(("en-US", "es", "ar"), addresses, strict=True)) | {"x-default": addresses[0]}
        for slug, address in zip(work, addresses, strict=True):
            assert led[address] == wanted, slug
            shown = page(site12, slug).all("//main//a[@hreflang]")
            assert {page(site12, slug).file(link.get("href")) for link in shown} == {
                page(site12, slug).file(other) for other in addresses if other != address
            }
    for address, others in led.items():
        assert all(led[other] == others for other in others.values()), address


def test_13_every_page_leads_to_the_feeds(articles: list[Page], site12: Workshop) -> None:
    shown = [found for found in every(site12) if found.indexed]
    for found in [*articles, *shown]:
        links = found.all("/html/head/link[@rel='alternate'][not(@hreflang)]")
        feeds = [link for link in links if link.get("type") in FEEDS]
        assert [link.get("type") for link in feeds] == list(FEEDS), found.path
        assert len({link.get("title") for link in feeds if link.get("title")}) == 3
        assert all(found.file(link.get("href")).is_file() for link in feeds)


def test_14_an_article_leads_to_its_handout(articles: list[Page]) -> None:
    for found in articles:
        files = found.links("alternate", "application/pdf")
        assert files, found.path
        assert all(found.file(file).read_bytes().startswith(b"%PDF-") for file in files)


def test_15_a_page_has_its_colours_and_icons(articles: list[Page], site12: Workshop) -> None:
    for found in [*articles, *every(site12)]:
        if not found.indexed and found.all("/html/head/meta[@http-equiv='refresh']"):
            continue  # nobody stays on a signpost
        assert found.meta("color-scheme") == "light dark"
        media = found.all("/html/head/meta[@name='theme-color']/@media")
        assert media == ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"]
        icons = [(link.get("rel"), link.get("type", ""), found.file(link.get("href"))) for link in
                 found.all("/html/head/link[contains(@rel, 'icon')]")]  # fmt: skip
        assert all(file.is_file() for _, _, file in icons), found.path
        assert [file.name for _, _, file in icons if file.suffix == ".ico"] == ["favicon.ico"]
        assert len([file for _, kind, file in icons if kind == "image/svg+xml" and file.suffix == ".svg"]) == 1
        (touch,) = [file for rel, _, file in icons if rel == "apple-touch-icon"]
        with Image.open(touch) as image:
            assert (image.format, image.size) == ("PNG", (180, 180))
        with Image.open(found.web / "favicon.ico") as image:
            assert image.format == "ICO"
            assert (32, 32) in image.info["sizes"]


def test_16_a_page_loads_nothing_but_what_is_its_own(articles: list[Page], site12: Workshop) -> None:
    for found in [*articles, *every(site12)]:
        policy = found.one("/html/head/meta[@http-equiv='Content-Security-Policy']/@content")
        if not found.path.startswith("search/"):
            assert policy == POLICY, found.path
            assert found.all("//script[not(@type='application/ld+json')]") == []
        assert found.all("//@style | //style") == []
        assert [name for name in found.all("//@*[starts-with(name(), 'on')]") if name] == []
        assert found.one("/html/head/*[1]/@charset") == "utf-8"
    headers = (site12.root / "outputs/web/_headers").read_text(encoding="utf-8")
    server = "".join(
        path.read_text(encoding="utf-8") for path in sorted((site12.root / "outputs/server").glob("nginx*"))
    )
    for text in (headers, server):
        assert "frame-ancestors 'none'" in text
        assert "default-src 'none'" in text
        assert "base-uri 'none'" in text


def test_17_search_engines_are_shown_what_stands_and_nothing_else(articles: list[Page], site12: Workshop) -> None:
    for found in [*articles, *every(site12)]:
        if not found.all("/html/head/meta[@http-equiv='refresh']"):
            assert found.meta("referrer") == "strict-origin-when-cross-origin"
        assert found.indexed == (found.meta("robots") == "index, follow, max-image-preview:large"), found.path
    hidden = {found.path for found in every(site12) if not found.indexed}
    assert {"404.html", "library-hours/index.html", "opening-times/index.html", "tools/index.html"} <= hidden
    assert {"compost/index.html", "frost/index.html", "the-heap/index.html"} <= hidden
    assert not {found.path for found in articles} & hidden
    assert not (site12.root / "outputs/web/seeds").exists()


def test_18_the_style_sheet_is_named_by_its_content(articles: list[Page]) -> None:
    for found in articles:
        (address,) = found.links("stylesheet")
        assert address.startswith("../assets/")
        file = found.file(address)
        named = file.name.split(".")[-2]
        assert re.fullmatch(r"[0-9a-f]{8,}", named)
        assert digest(file.read_bytes()).startswith(named)
        assert found.all("//link/@integrity") == []


# ---- body


@pytest.mark.heavy
def test_19_the_first_thing_a_keyboard_reaches_leads_to_the_text(visits: Callable[[Page], Visit], seed: Page) -> None:
    found = visits(seed)

    assert found["first"] == {"tag": "A", "href": "#_main", "seen": True}
    assert found["skipped"] == "_main"
    assert seed.one("//main/@id") == "_main"
    assert seed.one("//main/@tabindex") == "-1"


def test_20_a_page_has_its_landmarks_and_an_outline(articles: list[Page], site12: Workshop) -> None:
    for found in [*articles, *every(site12)]:
        if found.all("/html/head/meta[@http-equiv='refresh']"):
            continue
        assert len(found.all("/html/body/header")) == 1, found.path
        assert len(found.all("//main")) == 1, found.path
        assert len(found.all("/html/body/footer")) == 1, found.path
        ids = set(found.all("//@id"))
        for nav in found.all("//nav"):
            assert nav.get("aria-label") or nav.get("aria-labelledby") in ids, found.path
        names = found.all("//nav/@aria-label")
        assert len(names) == len(set(names)), found.path
        levels = [int(head.tag[1]) for head in found.all("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
        assert levels.count(1) == 1, found.path
        assert levels[0] == 1, found.path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (found.path, levels)


def test_21_headings_keep_their_anchors(articles: list[Page]) -> None:
    """The lock file is changed only with the text of a heading, and then an earlier anchor must lead on."""
    kept = json.loads((ROOT / "tests/site/anchors.json").read_text(encoding="utf-8"))
    found = {Path(one.path).parent.name: [anchor for anchor, _ in one.sections] for one in articles}

    assert found == kept
    for one in articles:
        anchors = one.all("//@id")
        assert len(anchors) == len(set(anchors)), one.path


def test_22_a_long_article_lists_its_sections(articles: list[Page]) -> None:
    long = 0
    for found in articles:
        sections = [(f"#{head.get('id')}", said(head)) for head in found.all(f"{TEXT}//h2")]
        contents = found.all("//main//nav[@aria-labelledby][.//a[starts-with(@href, '#')]]")
        listed = [(a.get("href"), said(a)) for nav in contents for a in nav.xpath(".//a")]
        assert listed == (sections if len(sections) >= 4 else []), found.path
        long += len(sections) >= 4
    assert long >= 4


def test_23_who_needs_help_finds_it_before_the_text_and_in_every_channel(published: Workshop, site12: Workshop) -> None:
    for workshop, slug in ((published, SEED), *((site12, slug) for slugs in STANDING.values() for slug in slugs)):
        found = page(workshop, slug)
        site = yaml.load((workshop.root / "content/site.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
        wanted = _typed(found).get("helplines", site["default_helplines"])
        lines = [line for line in site["helplines"] if line["name"] in wanted]
        help_ = found.one("//main//section[contains(@class, 'help')]")
        heading = help_.xpath("string(.//h2)")
        assert heading
        order = [said(head) for head in found.all("//main//h2")]
        assert order[0] == spaced(heading)
        for address in help_.xpath(".//a/@href[starts-with(., 'tel:') or starts-with(., 'sms:')]"):
            number = address.partition(":")[2]
            assert re.fullmatch(r"\+[1-9]\d{6,14}|\d{3,6}", number), f"{number} is neither short nor international"
        shown = help_.xpath(".//*[@class='numbers']//bdi")
        numbers = [line[key] for line in lines for key in ("phone", "sms") if key in line]
        assert [said(bdi) for bdi in shown] == numbers
        for name, text in _channels(workshop, slug).items():
            assert [number for number in numbers if number not in text] == [], (slug, name)


def _channels(workshop: Workshop, slug: str) -> dict[str, str]:
    """All text of an article in every channel, as it stands there."""
    outputs = workshop.root / "outputs"
    plain, html = words.letter((outputs / f"newsletter/{slug}.eml").read_bytes())
    entry = next(one for one in json.loads((outputs / "feed/feed.json").read_text(encoding="utf-8"))["items"]
                 if one["url"] == f"{BASE}/{slug}/")  # fmt: skip
    return {
        "page": page(workshop, slug).text,
        "handout": tagged.read(outputs / f"handout/{slug}-a4.pdf").tree.text(),
        "newsletter": html,
        "newsletter.txt": plain,
        "feed": entry["content_html"],
    }


def test_24_a_page_says_who_wrote_and_checked_it_and_when(site12: Workshop, articles: list[Page]) -> None:
    for found in articles:
        typed = _typed(found)
        byline = found.words("//main//*[@class='byline']")
        assert [name for name in _names(typed) if name not in byline] == []
        roles = [author["role"] for author in typed["authors"] if isinstance(author, dict) and "role" in author]
        assert [role for role in roles if role not in byline] == []
        days = [moment[:10] for moment in found.all("//main//*[@class='byline']//time/@datetime")]
        assert typed["date"] in days
        assert typed.get("updated", typed["date"]) in days
        if review := typed.get("review"):
            record = found.one("//*[@id='_review']")
            days = [moment[:10] for moment in record.xpath(".//time/@datetime")]
            assert days == [review["on"], review["next"]]
            assert review["by"] in said(record)
            assert review.get("role", "") in said(record)
            overdue = review["next"] <= NOW.date().isoformat()
            assert bool(found.all("//main//p[@class='notice']")) == overdue, found.path
    reviewed = page(site12, "street-garden").words("//*[@id='_review']")
    assert reviewed.startswith("Page last reviewed: March 10, 2025, by The Garden Committee, four neighbors")
    assert reviewed.endswith("Next review due: March 10, 2027")
    late = page(site12, "leaflet").words("//main//p[@class='notice']")
    assert "May 1, 2025" in late


def test_25_citations_and_sources_lead_to_each_other(articles: list[Page]) -> None:
    cited = 0
    for found in articles:
        sources = _typed(found).get("sources", [])
        shown = found.all("//main//*[starts-with(@id, 'source-')]")
        assert [item.get("id") for item in shown] == [f"source-{number}" for number, _ in enumerate(sources, 1)]
        for item, source in zip(shown, sources, strict=True):
            assert source["title"] in said(item)
            assert source.get("publisher", "") in said(item)
            assert source.get("date", "") in said(item)
            links = item.xpath(".//a[starts-with(@href, 'http')]/@href")
            assert links == ([source["url"]] if "url" in source else [])
        places = found.all("//main//*[contains(@class, 'citation')]//a")
        assert len({place.get("id") for place in places}) == len(places)
        there = [(place.get("id"), place.get("href").removeprefix("#")) for place in places]
        back = [(link.removeprefix("#"), item.get("id")) for item in shown
                for link in item.xpath(".//a/@href[starts-with(., '#')]")]  # fmt: skip
        assert sorted(there) == sorted(back), found.path
        assert {item.get("id") for item in shown} == {source for _, source in there}, found.path
        assert all(link.get("aria-label") or said(link) for item in shown for link in item.xpath(".//a"))
        typed = (found.web.parent.parent / f"content/articles/{Path(found.path).parent}.yaml").read_text(
            encoding="utf-8"
        )
        assert len(places) == len(re.findall(r"\[\^\d+\]", typed)), found.path
        cited += len(places)
    assert cited >= 8


def test_26_pictures_come_in_the_sizes_and_formats_that_readers_need(articles: list[Page], rich: Page) -> None:
    for found in articles:
        for picture in found.all("//main//picture"):
            image = picture.find("img")
            assert [source.get("type") for source in picture.findall("source")] == ["image/avif", "image/webp"]
            assert image.get("alt") is not None
            assert image.get("sizes") or not image.get("srcset")
            assert all(source.get("sizes") for source in picture.findall("source"))
            with Image.open(found.file(image.get("src"))) as shown:
                assert (image.get("width"), image.get("height")) == tuple(map(str, shown.size))
            for source in [*picture.findall("source"), image]:
                for entry in filter(None, (source.get("srcset") or "").split(", ")):
                    address, _, width = entry.partition(" ")
                    with Image.open(found.file(address)) as shown:
                        assert f"{shown.width}w" == width
                        assert source.tag == "img" or Image.MIME[str(shown.format)] == source.get("type")
                        assert not shown.getexif()
    figures = rich.all("//main//figure//img")
    assert [image.get("alt") for image in figures] == [
        "A wide field that fades from green to gold", "A drawing of four beds around a path", "",
    ]  # fmt: skip
    assert [(image.get("fetchpriority"), image.get("loading")) for image in figures] == [
        ("high", None), (None, "lazy"), (None, "lazy"),
    ]  # fmt: skip
    lead = figures[0].getparent()
    assert [len(source.get("srcset").split(", ")) >= 3 for source in lead] == [True, True, True]
    with Image.open(rich.file(lead[2].get("src"))) as shown:
        assert shown.format == "JPEG"


def test_26_pictures_tell_nobody_where_they_were_taken(site12: Workshop) -> None:
    with Image.open(io.BytesIO(drawings.wide())) as original:
        assert original.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    files = sorted((site12.root / "outputs/web/assets").glob("wide.*"))
    assert len(files) >= 9
    for path in files:
        assert drawings.MAKER.encode() not in path.read_bytes(), path.name
        with Image.open(path) as image:
            assert not image.getexif(), path.name


_VAGUE = re.compile(
    r"(click )?here|read more|more|link|this( page| link)?|aquí|haga clic aquí|leer más|هنا|المزيد", re.IGNORECASE
)


def test_27_links_stay_in_their_window_and_say_where_they_lead(articles: list[Page], site12: Workshop) -> None:
    for found in [*articles, *every(site12)]:
        for link in found.all("//a[@href]"):
            assert link.get("target") is None, found.path
            pictured = "".join(link.xpath(".//img/@alt"))
            text = said(link) or link.get("aria-label") or pictured
            assert text or link.get("aria-hidden") == "true", (found.path, link.get("href"))
            assert not _VAGUE.fullmatch(text), (found.path, text)


def test_28_tables_lists_and_steps_are_what_they_look_like(articles: list[Page], rich: Page) -> None:
    for found in articles:
        for table in found.all("//main//table"):
            assert spaced(table.findtext("caption") or ""), found.path
            assert set(table.xpath("./thead//th/@scope")) == {"col"}
            assert table.xpath("./thead//td") == []
            assert set(table.xpath("./tbody//th/@scope")) <= {"row"}
        blocks = _typed(found)["body"]
        for kind, tag in (("steps", "ol"), ("terms", "dl")):
            wanted = sum(kind in block for block in blocks if isinstance(block, dict))
            assert len(found.all(f"{TEXT}/{tag}")) >= wanted, found.path
    assert [len(rich.all(f"{TEXT}/{tag}")) for tag in ("dl", "ol", "ul")] == [1, 1, 1]
    assert rich.all("//main//table/tbody//th/@scope") == ["row", "row"]


@pytest.mark.heavy
def test_29_a_page_runs_and_keeps_nothing(visits: Callable[[Page], Visit], seed: Page, rich: Page) -> None:
    for found in (seed, rich):
        seen = visits(found)
        assert seen["errors"] == []
        assert [one["url"] for one in seen["requests"] if not one["url"].startswith("file:")] == []
        assert [one for one in seen["requests"] if one["type"] == "script"] == []
        assert (seen["cookies"], seen["stored"]) == (0, 0)


@pytest.mark.heavy
def test_30_a_page_is_right_in_light_and_dark_on_narrow_and_wide_screens(
    axe: Callable[..., list[dict[str, Any]]], seed: Page, rich: Page, site12: Workshop
) -> None:
    views = axe(*(found.web / found.path for found in (seed, rich, page(site12, "hadiqa"))))

    assert len(views) == 12
    for view in views:
        found = [view[kind] for kind in ("violations", "incomplete", "errors", "spilled")]
        assert found == [[], [], [], []], (view["url"], view["scheme"], view["width"])
        assert view["overflow"] <= 0, view["url"]


@pytest.mark.heavy
def test_31_a_printed_page_holds_what_serves_on_paper(visits: Callable[[Page], Visit], rich: Page) -> None:
    seen = visits(rich)["printed"]

    assert set(seen["hidden"]) == {"skip", "contents", "navs", "back"}
    assert [name for name, shown in seen["hidden"].items() if shown] == []
    assert seen["link"].strip('" ').startswith("(https://")
    assert seen["headings"] == ["avoid"]
    assert seen["scheme"] == "light"


@pytest.mark.heavy
def test_32_focus_is_seen_and_nothing_moves_against_ones_will(visits: Callable[[Page], Visit], seed: Page) -> None:
    found = visits(seed)

    assert len(found["outlines"]) >= 5
    assert [one for one in found["outlines"] if one["style"] == "none" or one["width"] < 2] == []
    assert found["motion"]["reduced"] == {"scroll": "auto", "moving": 0}
    css = seed.file(seed.links("stylesheet")[0]).read_text(encoding="utf-8")
    assert ":focus-visible" in css
    assert "prefers-reduced-motion" in css


def test_33_a_page_is_light(seed: Page, articles: list[Page]) -> None:
    """Without its handouts' thumbnails, which are loaded when somebody comes near them."""
    files = [found.file(address) for found in [seed] for address in [*found.links("stylesheet"), *_faces(found)]]
    sizes = {file.name: file.stat().st_size for file in files}
    sizes["index.html"] = len(seed.raw)

    assert len(seed.raw) <= 30_000
    assert max(len(found.raw) for found in articles) <= 40_000
    assert len(_zipped(seed.file(seed.links("stylesheet")[0]).read_bytes())) <= 10_000
    assert sum(sizes.values()) <= 130_000, sizes


def _faces(found: Page) -> list[str]:
    """Addresses of the typefaces that a page loads."""
    css = found.file(found.links("stylesheet")[0]).read_text(encoding="utf-8")
    return [f"../assets/{name}" for name in re.findall(r"url\(['\"]?([^'\")]+)['\"]?\)", css)]


def _zipped(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<style>*{display:none}</style>", "{{ 7 * 7 }}"],
)
def test_34_no_word_of_an_author_becomes_markup(workshop: Workshop, hostile: str) -> None:
    long = ARTICLE.partition("body:")[0] + (
        f"body:\n  - '{hostile}'\n  - callout: {{kind: note, title: '{hostile}', text: '{hostile}'}}\n"
        f"  - table: {{caption: '{hostile}', columns: ['{hostile}'], rows: [['{hostile}']]}}\n"
        f"  - quote: {{text: '{hostile}', cite: '{hostile}'}}\n"
        f"tags: ['{hostile}']\ncategory: '{hostile}'\n"
    )
    workshop.article("hostile", long, title=f"'{hostile}'", summary=f"'{hostile}'", authors=f"['{hostile}']")

    assert workshop.build(only=("web",)).faults == ()

    for found in every(workshop):
        assert found.all("//*[@onerror] | //style | //script[not(@type='application/ld+json')]") == [], found.path
    assert page(workshop, "hostile").words("//h1") == hostile


def test_34_an_address_that_runs_is_refused(workshop: Workshop) -> None:
    workshop.article("hostile", ARTICLE.replace("A first paragraph.", "[a text](javascript:alert(1))"))

    assert workshop.build(only=("web",)).faults


def test_35_a_build_of_the_same_content_gives_the_same_bytes(site12: Workshop, tmp_path: Path) -> None:
    again = Workshop(tmp_path)
    for folder in ("content", "templates"):
        (tmp_path / folder).symlink_to(site12.root / folder)

    again.build(only=("web",))

    mine = {name: data for name, data in again.tree().items() if name.startswith(("web/", "server/"))}
    theirs = site12.tree()
    assert len(mine) > 100
    assert sorted(name for name, data in mine.items() if theirs.get(name) != data) == []


def test_36_machines_are_told_of_sections_and_what_they_tell_of(articles: list[Page], site12: Workshop) -> None:
    for found in articles:
        parts = found.node("MedicalWebPage").get("hasPart", [])
        heads = [(f"{found.url}#{head.get('id')}", said(head)) for head in found.all(f"{TEXT}//h2")]
        assert [(part["url"], part["name"]) for part in parts] == heads, found.path
        assert {kind for part in parts for kind in kinds(part)} <= {"WebPageElement", "HealthTopicContent"}
    parts = page(site12, "watering").node("MedicalWebPage")["hasPart"]
    aspects = ["Symptoms", "Causes", "Treatments", "Prevention"]
    assert [part.get("hasHealthAspect") for part in parts] == [
        *(f"https://schema.org/{aspect}HealthAspect" for aspect in aspects), None,
    ]  # fmt: skip
    assert all(f"{aspect}HealthAspect" in SDO for aspect in aspects)
    assert [kinds(part) for part in parts] == [["HealthTopicContent"]] * 4 + [["WebPageElement"]]


# ---- the same words everywhere


#: keys of blocks whose values are no words of a text
_SILENT = {"kind", "src", "url", "id", "only", "except", "aspect", "alt", "row_headers", "break"}


def _said(value: object) -> Iterator[str]:
    """What a YAML value says, in the order of its reading."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _SILENT:
                yield from [] if key in _KEYS else [key]
                yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    else:
        yield re.sub(r"\[\^\d+\]", "", str(value))


_KEYS = {
    "heading", "subheading", "text", "list", "steps", "terms", "quote", "callout", "figure", "table", "button", "label",
    "caption", "columns", "rows", "cite", "title", "credit",
}  # fmt: skip


def _text(typed: dict[str, Any]) -> list[str]:
    """An article's words as its author typed them, read by another reader of CommonMark."""
    reader = MarkdownIt("commonmark", {"html": False})
    texts = [typed["title"], *_said(typed["body"])]
    return _letters(words.page(" ".join(reader.render(text) for text in texts)))


def _letters(found: list[str]) -> list[str]:
    """Words without vowel signs and in plain letters, as they can be compared across fonts."""
    plain = ("".join(one for one in normalize("NFKD", word) if not combining(one)) for word in found)
    return [word.casefold() for word in plain if word]


def test_37_every_channel_says_the_same_words(published: Workshop, site12: Workshop) -> None:
    lost: dict[tuple[str, str], list[str]] = {}
    for workshop, slug in ((published, SEED), *((site12, slug) for slugs in STANDING.values() for slug in slugs)):
        wanted = _text(_typed(page(workshop, slug)))
        outputs = workshop.root / "outputs"
        plain, html = words.message((outputs / f"newsletter/{slug}.eml").read_bytes())
        channels = {
            "page": words.page(page(workshop, slug).text),
            "newsletter": html,
            "newsletter.txt": plain,
            "feed": words.entry(outputs / "feed/feed.xml", slug),
        }
        handout = outputs / f"handout/{slug}-a4.pdf"
        if slug in STANDING["ar"]:  # PDFium guesses at the order in which a line that turns is read
            read = "".join(_letters(words.words(tagged.read(handout).tree.text())))
            lost[slug, "handout"] = list((Counter("".join(wanted)) - Counter(read)).elements())
        else:
            channels["handout"] = words.pdf(handout)
        lost |= {(slug, channel): words.missing(wanted, _letters(found)) for channel, found in channels.items()}
    assert {place: gone for place, gone in lost.items() if gone} == {}
    assert len(lost) == 5 * 14


def test_the_specimen_is_what_these_tests_take_it_for(site12: Workshop) -> None:
    publication = build.read(site12.desk, NOW).publication
    states = {article.slug: publication.state(article) for article in [*publication.articles, *publication.held]}
    standing = [slug for slugs in STANDING.values() for slug in slugs]

    assert sorted(slug for slug, state in states.items() if state in ("live", "due")) == sorted(standing)
    assert {slug: state for slug, state in states.items() if state not in ("live", "due")} == {
        "compost": "withdrawn", "frost": "expired", "harvest": "scheduled", "seeds": "draft",
    }  # fmt: skip
    assert len(standing) >= 12
    assert {article.slug: article.language for article in publication.articles if article.slug in standing} == {
        slug: language for language, slugs in STANDING.items() for slug in slugs
    }
