"""Pages as browsers, checkers and readers meet them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import html5lib
import pytest
from conftest import ARTICLE, ROOT, Run, Workshop, absent

TOOLS = ROOT / ".ci/tools"
#: what Nu says against mail: what Outlook's Word engine needs is no HTML of today
_MAIL = "newsletter/"


def _pages(workshop: Workshop) -> list[str]:
    """Every page in outputs/ but the newsletter's, made for mail programs, and 404.html, which needs a server."""
    known = (path for path in workshop.tree() if path.endswith(".html"))
    return [path for path in known if _MAIL not in path and path != "web/404.html"]


class _Addresses(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"} and value:
                self.addresses.append(value)
            if name == "id" and value:
                self.anchors.add(value)


def _broken(workshop: Workshop, path: str) -> Iterator[str]:
    here = workshop.root / "outputs" / path
    for address in _Addresses(workshop.read(path)).addresses:
        if re.match(r"[a-z]+:", address):
            continue
        file, _, anchor = address.partition("#")
        target = (here.parent / unquote(file)).resolve() if file else here
        if not target.is_file() or (anchor and anchor not in _Addresses(target.read_text(encoding="utf-8")).anchors):
            yield address


def test_every_page_opens_from_the_disk_with_all_that_it_names(published: Workshop) -> None:
    pages = _pages(published)

    assert len(pages) == 13
    assert len([path for path in pages if path.startswith("web/verify/")]) == 2
    for path in pages:
        assert list(_broken(published, path)) == [], path


def test_every_page_parses_without_an_error(published: Workshop) -> None:
    for path in _pages(published):
        parser = html5lib.HTMLParser()
        parser.parse(published.read(path))
        assert parser.errors == [], path


def test_pages_run_no_script_and_name_no_third_party(published: Workshop) -> None:
    for path in _pages(published):
        text = published.read(path)
        assert set(re.findall(r"<script[^>]*>", text)) <= {'<script type="application/ld+json">'}, path
        assert not re.search(
            r"<(?:img|link|iframe|source|video|audio)\b[^>]*(?:src|href)=.https?:(?!//www\.example\.org)", text
        )
        assert not re.search(r"\son\w+=", text)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "<a href='javascript:alert(1)'>x</a>",
        "![x](data:text/html,x)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<svg/onload=alert(1)>",
        "[x](vbscript:x)",
        "[x]( java\tscript:alert(1))",
        "<style>*{display:none}</style>",
        "`<script>alert(1)</script>`",
    ],
)
def test_no_text_of_an_author_becomes_markup_of_a_page(workshop: Workshop, attack: str) -> None:
    """It shows as it was typed, or it is refused."""
    workshop.article(
        "bad", ARTICLE.replace("A first paragraph.", attack).replace("title: Sleep", "title: </title>Sleep")
    )

    result = workshop.build()

    if not result.faults:
        for path in ("web/bad/index.html", "web/index.html", "index.html", "newsletter/bad.html"):
            tree = html5lib.parse(workshop.read(path), treebuilder="etree", namespaceHTMLElements=False)
            for element in tree.iter():
                data = element.get("type") == "application/ld+json" and json.loads(element.text or "")
                assert data or element.tag not in {"script", "iframe", "svg", "object"}, path
                assert not [name for name in element.keys() if name.startswith("on")], path  # noqa: SIM118  # of lxml's kind
                assert not re.match(r"\s*(java|vb)script:|data:", element.get("href") or "", re.IGNORECASE), path


def test_a_withdrawn_article_gives_way_to_a_notice_everywhere(workshop: Workshop) -> None:
    article = ARTICLE + "withdrawn: {date: 2025-04-01, reason: The text was wrong.}\n"
    workshop.article("gone", article)

    workshop.build(only=("web", "newsletter", "feed"))

    page = workshop.read("web/gone/index.html")
    assert "The text was wrong." in page
    assert "A first paragraph." not in page
    assert not [path for path in workshop.tree() if path.startswith("newsletter/gone")]
    feed = workshop.read("feed/feed.xml")
    assert "The text was wrong." in feed
    assert "A first paragraph." not in feed


def test_an_earlier_address_leads_to_the_article(workshop: Workshop) -> None:
    workshop.article("after", aliases="[before, long-before]")

    workshop.build()

    for alias in ("before", "long-before"):
        page = workshop.read(f"web/{alias}/index.html")
        assert '<meta http-equiv="refresh" content="0; url=../after/index.html">' in page
        assert '<link rel="canonical" href="https://www.example.org/after/">' in page
        assert list(_broken(workshop, f"web/{alias}/index.html")) == []


@pytest.fixture
def answers(workshop: Workshop) -> list[Path]:
    """A page for every answer that a copy on paper may get; that it is current, the real content says."""
    line = (
        '{{"code": "0000000{}", "id": "{}", "slug": "{}", "title": "Sleep", "revision": 1,'
        ' "date": "2025-03-14T00:00:00-04:00", "recorded": "2025-06-01T12:00:00+00:00"}}\n'
    )
    states = {
        "replaced": "", "withdrawn": "withdrawn: {date: 2025-04-01, reason: Why *not*.}\n",
        "expired": "expires: 2025-04-01\n", "due": "review: {by: Somebody, next: 2025-04-01}\n",
    }  # fmt: skip
    for slug, more in states.items():
        workshop.article(slug, ARTICLE + more)
    given_out = [line.format(number, slug, slug) for number, slug in enumerate([*states, "gone"])]
    workshop.write("content/records/handouts.jsonl", "".join(given_out))
    assert workshop.build().faults == ()
    found = sorted(workshop.root.glob("outputs/web/verify/*/index.html"))
    assert len(found) == 5 + 2  # those that are recorded, and today's texts of two of them
    return found


@pytest.mark.heavy
def test_every_answer_opens_from_the_disk_with_all_that_it_names(workshop: Workshop, answers: list[Path]) -> None:
    workshop.build(only=())
    for path in answers:
        assert list(_broken(workshop, path.relative_to(workshop.root / "outputs").as_posix())) == [], path


@pytest.mark.heavy
def test_the_nu_checker_finds_nothing(published: Workshop, answers: list[Path], run: Run) -> None:
    pages = [published.root / "outputs" / path for path in _pages(published)] + answers
    styles = sorted((published.root / "outputs/web/assets").glob("*.css"))
    assert len(styles) == 2

    options = ["-Xss4m", "-jar", _tool("vnu-jar/build/dist/vnu.jar"), "--Werror", "--stdout", "--also-check-css"]
    # On file: addresses it takes 'self' for nothing, and data for a script.
    options += ["--filterpattern", ".*Content Security Policy.*"]
    assert run("java", *options, *pages, *styles) == ""


@pytest.mark.heavy
def test_the_nu_checker_would_find_something(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><html lang=en><title>x</title><p><div></p>")

    assert "error" in run("java", "-jar", _tool("vnu-jar/build/dist/vnu.jar"), "--stdout", bad, check=False)


@pytest.mark.heavy
def test_axe_finds_nothing_in_light_and_dark_on_narrow_and_wide_screens(
    published: Workshop, workshop: Workshop, answers: list[Path], run: Run
) -> None:
    workshop.build(only=())  # the pages picture the handouts
    pages = [published.root / "outputs" / path for path in _pages(published)] + answers
    views = [json.loads(line) for line in _axe(run, *pages).splitlines()]

    assert len(views) == len(pages) * 4
    assert {(view["scheme"], view["width"]) for view in views} == {
        ("light", 320), ("light", 1280), ("dark", 320), ("dark", 1280),
    }  # fmt: skip
    assert [view for view in views if view["violations"] or view["errors"] or view["overflow"] > 0] == []


@pytest.mark.heavy
def test_axe_would_find_something(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><title>x</title><img src=x.png><p style='color:#aaa'>pale")

    found = {fault["id"] for line in _axe(run, bad).splitlines() for fault in json.loads(line)["violations"]}
    assert {"image-alt", "html-has-lang", "color-contrast"} <= found


def _tool(path: str) -> Path:
    found = TOOLS / "node_modules" / path
    if not found.exists():
        absent(f"{path} (npm ci --prefix .ci/tools brings it)")
    return found


def _axe(run: Run, *pages: Path) -> str:
    _tool("playwright-core")
    run("chromium", "--version")
    return run("node", TOOLS / "axe.mjs", *pages, check=False)
