"""The proof desk: what is seen is what is built, at once, on this machine alone; and nothing of it gets out."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import browser
import pytest
from conftest import ARTICLE, NOW, ROOT, SITE, Run, Workshop
from test_tasks import Terminal, terminal  # noqa: F401  # a fixture

from pressrun import workers
from pressrun.mailing.sending import RECEIPTS
from pressrun.outputs import Job
from pressrun.preview import findings, panes, server
from pressrun.preview.session import Session
from pressrun.preview.sight import Maker, Sight
from pressrun.templates import Templates

#: so that nothing has to be drawn
UNPRINTED = ARTICLE + "channels: {handout: false}\n"
DRAFT = UNPRINTED.replace("Sleep and You", "Zanzibar by night").replace("summary: What", "draft: true\nsummary: Why")
LATER = UNPRINTED.replace("Sleep and You", "Quokka days").replace("2025-03-14", "2025-09-01").replace("sleep", "a nap")
#: of an article that is out, and one that is not
ISSUE = """\
subject: "{{name|Dear reader}}, three things in May"
date: 2025-05-01T09:00:00-04:00
preheader: What helps at night
intro: Greetings, {{name|reader}}. See [sleep](sleep).
articles: [sleep, {slug: draft, as: teaser}]
"""
#: a word that the draft alone has
OWN = "zanzibar"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def policy(self) -> str:
        return self.headers["content-security-policy"]


@dataclass(frozen=True)
class Desk:
    """A desk that is served on the loopback."""

    session: Session
    port: int

    def get(self, path: str, host: str = "", method: str = "GET") -> Answer:
        """The path goes out as it is, which no client of good manners would do."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            connection.endheaders()
            found = connection.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        finally:
            connection.close()


@contextmanager
def _served(workshop: Workshop, now: datetime = NOW) -> Iterator[Desk]:
    folder = workshop.root / "caches"
    folder.mkdir(exist_ok=True)
    session = Session(Maker(workshop.desk, lambda: now, folder))
    worker = threading.Thread(target=session.run)
    with server.listen(0) as listener:
        serving = server.Server(workshop.desk, session)
        answering = threading.Thread(target=serving.run, args=([listener],))
        worker.start()
        answering.start()
        try:
            yield Desk(session, listener.getsockname()[1])
        finally:
            session.stop()
            serving.should_exit = True
            answering.join(30)
            worker.join(30)
    assert [thread for thread in (answering, worker) if thread.is_alive()] == []


@pytest.fixture
def desk(workshop: Workshop) -> Iterator[Desk]:
    """With an article that is out, a draft and one that is scheduled."""
    workshop.article("sleep", UNPRINTED)
    workshop.article("draft", DRAFT)
    workshop.article("later", LATER)
    with _served(workshop) as served:
        yield served


def _sight(workshop: Workshop, slug: str, maker: Maker | None = None) -> Sight:
    return (maker or _maker(workshop)).quick(slug)


def _maker(workshop: Workshop, now: datetime = NOW) -> Maker:
    return Maker(workshop.desk, lambda: now, workshop.root / "caches")


def _cannot_be_read(page: str, marked: str) -> None:
    """The desk of what was never sound says so at the word that is wrong, and has nothing to show."""
    assert "Cannot be read yet" in page
    assert f"<mark>{marked}</mark>" in page
    assert "<iframe" not in page


def _drawn(maker: Maker, quick: Sight) -> Sight:
    """What is seen once all is drawn."""
    *_, sight = quick, *filter(None, maker.drawn(quick))
    return sight


# ---- who may ask, and for what


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:80", "[::1]", "192.168.0.1", "localhost.evil"]
)
def test_who_points_a_name_of_their_own_here_gets_nothing(desk: Desk, host: str) -> None:
    for path in ("/", "/draft/", "/draft/panes/letter", "/draft/changes", "/desk.js"):
        answer = desk.get(path, host)
        assert answer.status == 400
        assert OWN not in answer.text.lower()
    assert desk.get("/draft/", f"localhost:{desk.port}").status == 200


def test_it_listens_on_this_machine_alone() -> None:
    with server.listen(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "path",
    ["/nobody/", "/nobody/panes/letter", "/sleep/panes/nothing", "/sleep/panes/web/nowhere/",
     "/sleep/panes/leaflets/a4.pdf", "/sleep/panes/leaflets/a4/1.png?width=300", "/sleep/panes/leaflets/a4/1.png",
     "/sleep/panes/web/../../../content/site.yaml", "/sleep/panes/web/%2e%2e/%2e%2e/content/site.yaml",
     "/sleep/panes/web/..%2f..%2fcontent%2fsite.yaml", "/sleep/panes/web//etc/passwd",
     "/sleep/panes/web/.pressrun/newsletter/sleep.json",
     "/..%2f..%2fcontent/", "/sleep/style.css/../../content/site.yaml", "/content/site.yaml", "/%00/"],
)  # fmt: skip
def test_there_is_nothing_else(desk: Desk, path: str) -> None:
    answer = desk.get(path)

    assert answer.status == 404, answer.text
    assert "1 Example Street" not in answer.text
    assert "Traceback" not in answer.text


def test_nothing_can_be_changed_from_a_browser(desk: Desk) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert desk.get("/sleep/", method=method).status == 405


def test_the_desk_runs_its_one_script_and_panes_run_none(desk: Desk) -> None:
    page = desk.get("/sleep/")
    assert "script-src 'self';" in page.policy
    assert "frame-ancestors 'none'" in page.policy
    assert "unsafe" not in page.policy
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/desk.js" defer>']
    frames = re.findall(r"<iframe[^>]*>", page.text)
    assert len(frames) == 10
    assert {re.findall(r'sandbox="([^"]*)"', frame)[0] for frame in frames} == {"allow-same-origin"}
    sources = {re.findall(r'src="([^"]*)"', frame)[0] for frame in frames}
    for source in sources | {"panes/web/index.html", "panes/web/newsletter/sleep/index.html"}:
        pane = desk.get(f"/sleep/{source}")
        assert pane.status == 200
        assert pane.policy.endswith("frame-ancestors 'self'; sandbox allow-same-origin")
        assert pane.policy.startswith("default-src 'none'; ")
        assert "script-src" not in pane.policy
        assert pane.headers["x-content-type-options"] == "nosniff"
        assert pane.headers["cross-origin-resource-policy"] == "same-origin"
    assert "img-src 'none'" in desk.get("/sleep/panes/quiet").policy
    assert desk.get("/sleep/panes/quiet").data == desk.get("/sleep/panes/letter").data


def test_what_an_author_writes_is_no_markup_of_the_desk(workshop: Workshop) -> None:
    workshop.article("sleep", UNPRINTED, title='"<script>alert(1)</script> & <b>bold</b>"')
    with _served(workshop) as desk:
        page = desk.get("/sleep/").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page


# ---- drafts and what is scheduled


def test_drafts_and_scheduled_articles_are_shown_and_marked(desk: Desk) -> None:
    draft, later, sleep = (desk.get(f"/{slug}/").text for slug in ("draft", "later", "sleep"))

    assert "<title>Draft: Zanzibar by night" in draft
    assert '<p class="standing draft">\n<strong>Draft</strong>' in draft
    assert '<main id="_stage" tabindex="-1" class="held">' in draft
    assert "<title>Scheduled: Quokka days" in later
    assert "September 1, 2025, 00:00 EDT" in later
    assert '<p class="standing live">\n<strong>Out</strong>' in sleep
    assert 'class="held"' not in sleep
    for pane in ("web/draft/index.html", "letter", "words", "entry"):
        assert "Zanzibar by night" in desk.get(f"/draft/panes/{pane}").text
    assert [OWN in page.lower() for page in (desk.get("/sleep/panes/web/index.html").text, sleep)] == [False, True]


def test_nothing_of_a_draft_is_left_where_a_build_would_find_it(workshop: Workshop) -> None:
    workshop.article("sleep", UNPRINTED)
    workshop.article("draft", DRAFT)
    workshop.article("later", LATER)
    workshop.build(only=("web", "newsletter", "feed"))
    before = {path: path.read_bytes() for path in workshop.root.glob("[oc]*/**/*") if path.is_file()}

    with _served(workshop) as desk:
        for slug in ("draft", "later", "sleep"):
            for pane in (f"web/{slug}/index.html", "letter", "words", "entry"):
                assert desk.get(f"/{slug}/panes/{pane}").status == 200

    assert {path: path.read_bytes() for path in workshop.root.glob("[oc]*/**/*") if path.is_file()} == before
    workshop.article("sleep", UNPRINTED, summary="Another one.")
    workshop.build(only=("web", "newsletter", "feed"))
    made = [path for path in (workshop.root / "outputs").rglob("*") if path.is_file()]
    assert len(made) > 40
    held = re.compile(rb"zanzibar|quokka", re.IGNORECASE)
    # The overview tells staff what was left out, and a build remembers what was sound for itself.
    house = [workshop.root / "outputs/index.html", *(workshop.root / "outputs/.pressrun").glob("articles*/*")]
    house.append(workshop.root / "outputs/.pressrun/articles.json")
    assert [path for path in made if held.search(path.read_bytes()) and path not in house] == []


# ---- what is seen is what is built


def _same_as_built(workshop: Workshop, slugs: list[str], now: datetime = NOW) -> None:
    feed = {item["url"]: item for item in json.loads(workshop.read("feed/feed.json"))["items"]}
    maker = _maker(workshop, now)
    for slug in slugs:
        quick = maker.quick(slug)
        sight = _drawn(maker, quick)
        assert sight.rack
        assert sight.findings == tuple(one for one in sight.findings if one.level == findings.WARNING)
        page = sight.rack.at(f"{slug}/index.html")
        assert page
        assert sight.rack.data(page).decode() == workshop.read(f"web/{slug}/index.html"), slug
        if sight.letter:
            eml = (workshop.root / f"outputs/newsletter/{slug}.eml").read_bytes()
            assert sight.letter == panes.letter(eml)
            assert sight.letter.html == workshop.read(f"newsletter/{slug}.html").replace("\n", "\r\n")
        if sight.entry:
            assert sight.entry == feed[str(sight.entry["url"])]
        for leaflet in sight.leaflets:
            assert leaflet.fresh
            assert leaflet.data == (workshop.root / f"outputs/handout/{slug}-{leaflet.name}.pdf").read_bytes()


def test_every_pane_holds_the_bytes_of_the_build(workshop: Workshop) -> None:
    workshop.article(
        "sleep", UNPRINTED.replace("A first paragraph.", "A [link](dreams), and [one](https://example.org).")
    )
    workshop.article("dreams", UNPRINTED.replace("Sleep", "Dreams").replace("What", "How"), tags="[nights]")
    workshop.article("translation", UNPRINTED.replace("Sleep", "Sueño").replace("What", "Lo que"), language="es")
    result = workshop.build(only=("web", "newsletter", "feed"))
    assert not result.faults

    _same_as_built(workshop, ["sleep", "dreams", "translation"])


@pytest.mark.heavy
def test_every_pane_of_the_specimen_holds_the_bytes_of_the_build(site12: Workshop) -> None:
    slugs = [path.parent.name for path in sorted((site12.root / "outputs/web").glob("*/index.html"))]
    articles = [path.stem for path in sorted((site12.root / "content/articles").glob("*.yaml"))]
    both = [slug for slug in slugs if slug in articles]
    assert len(both) >= 9

    _same_as_built(site12, both)


def test_a_handout_is_shown_page_by_page_as_wide_as_asked(workshop: Workshop) -> None:
    from io import BytesIO

    from PIL import Image

    workshop.article("sleep", ARTICLE + "channels: {handout: {editions: [a4]}}\n")
    with _served(workshop) as desk:
        session, seen = desk.session, desk.session.sight("sleep")
        while not all(leaflet.fresh for leaflet in seen.leaflets):
            seen = session.next("sleep", seen.digests, 60) or seen
        (leaflet,) = seen.leaflets
        assert f'alt="Handout, A4, page 1 of {leaflet.pages}"' in desk.get("/sleep/").text
        picture = desk.get("/sleep/panes/leaflets/a4/1.png?width=300")
        with Image.open(BytesIO(picture.data)) as image:
            assert (image.format, image.width) == ("PNG", 300)
        assert desk.get("/sleep/panes/leaflets/a4.pdf").data == leaflet.data
        for wrong in (f"{leaflet.pages + 1}.png?width=300", "0.png?width=300", "1.png?width=0", "1.png?width=x"):
            assert desk.get(f"/sleep/panes/leaflets/a4/{wrong}").status == 404
        entry = desk.session.sight("sleep").entry
        assert entry
        assert entry["attachments"][0]["size_in_bytes"] == len(leaflet.data)


# ---- what changes


def test_only_the_panes_that_changed_are_told_of(desk: Desk, workshop: Workshop) -> None:
    before = desk.session.sight("sleep").digests
    assert desk.session.next("sleep", before, 0.01) is None

    workshop.article(
        "sleep", UNPRINTED.replace("{handout: false}", "{handout: false, newsletter: {preheader: Another}}")
    )
    with desk.session.watching("sleep"):
        desk.session.change(templates=False)
        after = desk.session.next("sleep", before, 60)

    assert after
    changed = {name for name in before if before[name] != after.digests[name]}
    assert {"letter", "head"} <= changed <= {"letter", "head", "told"}


def test_a_browser_is_told_as_an_event(desk: Desk, workshop: Workshop) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
    connection.request("GET", "/sleep/changes")
    events = connection.getresponse()
    assert events.getheader("content-type", "").startswith("text/event-stream")
    first = json.loads(events.readline().removeprefix(b"data: "))
    assert events.readline() == b"\n"
    workshop.article("sleep", UNPRINTED, title="Sleep and All")

    desk.session.change()
    second = json.loads(events.readline().removeprefix(b"data: "))

    connection.close()
    assert first["digests"]["page"] != second["digests"]["page"]
    assert first["digests"]["leaflets"] == second["digests"]["leaflets"]
    # What has changed comes along, so that no pane has to ask for it.
    assert first["texts"] == {}
    panes_of = {"page": "web/sleep/index.html", "letter": "letter", "words": "words", "entry": "entry"}
    assert second["texts"].keys() == panes_of.keys()
    for pane, path in panes_of.items():
        assert "Sleep and All" in second["texts"][pane]
        assert second["texts"][pane] == desk.get(f"/sleep/panes/{path}").text


def test_what_a_template_says_otherwise_than_the_article_is_told_once_all_is_drawn(workshop: Workshop) -> None:
    text = ARTICLE + "channels: {handout: {editions: [a4]}}\n"
    workshop.article("sleep", text)
    (workshop.root / "templates").unlink()
    shutil.copytree(ROOT / "templates", workshop.root / "templates")
    maker = _maker(workshop)
    quick = maker.quick("sleep")
    drawn = _drawn(maker, quick)
    assert (quick.findings, drawn.findings) == ((), ())

    for channel in ("newsletter", "feed", "handout"):
        block = workshop.root / f"templates/{channel}/blocks/list.html"
        block.parent.mkdir(exist_ok=True)
        block.write_text("")
    maker.forget()
    quick = maker.quick("sleep", drawn)
    assert quick.findings == ()  # it takes a moment, and nobody waits for it
    drawn = _drawn(maker, quick)

    found = {one.problem for one in drawn.findings}
    assert {one.place.line for one in drawn.findings} == {text.splitlines().index("  - An item") + 1}
    assert {problem.partition(": ")[0] for problem in found} == {
        "newsletter/sleep.eml, HTML", "feed/feed.json", "handout/sleep-a4.pdf"
    }  # fmt: skip
    assert all("'An item" in problem and "is missing." in problem for problem in found)


def test_a_fault_stands_at_its_line_until_it_is_mended_and_the_last_sound_text_is_shown(
    desk: Desk, workshop: Workshop
) -> None:
    def after(text: str) -> str:
        workshop.article("draft", text)
        desk.session.change()
        return desk.get("/draft/").text

    desk.get("/draft/")
    faulty = after(DRAFT.replace("authors:", "autors:").replace("An item", "Another item"))

    line = DRAFT.splitlines().index("authors: [The Team]") + 1
    assert f"<b>{line}</b><mark>autors</mark>: [The Team]" in faulty
    assert (
        'An article has no key &#39;autors&#39;. <span class="remedy">Did you mean &#39;authors&#39;?</span>' in faulty
    )
    assert "Until they are mended, the panes show the last sound text." in faulty
    assert "An item" in desk.get("/draft/panes/letter").text
    mended = after(DRAFT.replace("An item", "Another item"))
    assert '<li class="fault">' not in mended
    assert "Another item" in desk.get("/draft/panes/letter").text


def test_an_article_that_was_never_sound_is_on_the_desk_with_its_faults(desk: Desk, workshop: Workshop) -> None:
    workshop.article("new", DRAFT.replace("authors:", "autors:"))
    desk.session.change()

    page = desk.get("/new/").text

    _cannot_be_read(page, "autors")
    assert '<a href="/new/"' in desk.get("/sleep/").text


def test_a_warning_stands_at_its_line(workshop: Workshop) -> None:
    workshop.article("sleep", UNPRINTED.replace("A first paragraph.", "Read more [here](https://example.org)."))

    maker = _maker(workshop)
    sight = _drawn(maker, maker.quick("sleep"))

    (finding,) = (finding for finding in sight.findings if "'here'" in finding.problem)
    assert (finding.level, finding.place.line) == (findings.WARNING, 6)
    assert findings.FAULT not in {one.level for one in sight.findings}


def test_what_a_build_says_with_a_place_is_a_finding_at_that_place() -> None:
    (finding,) = findings.gathered((), (), ["content/articles/a.yaml:3:5: On A4 it takes 3 sides: too many."])
    assert str(finding.place) == "content/articles/a.yaml:3:5"
    assert finding.problem == "On A4 it takes 3 sides: too many."


def test_a_mistake_in_site_yaml_is_told_and_the_panes_stay(desk: Desk, workshop: Workshop) -> None:
    desk.get("/sleep/")
    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text().replace("language:", "langage:"))
    desk.session.change()

    page = desk.get("/sleep/").text

    assert "langage" in page
    assert '<li class="fault">' in page
    assert desk.get("/sleep/panes/web/sleep/index.html").status == 200


def test_a_mistake_in_a_template_is_told_at_its_line_and_the_panes_stay(workshop: Workshop) -> None:
    (workshop.root / "templates").unlink()
    shutil.copytree(ROOT / "templates", workshop.root / "templates")
    workshop.article("sleep", UNPRINTED)
    path = workshop.root / "templates/web/article.html"
    sound = path.read_text()
    with _served(workshop) as desk:
        desk.get("/sleep/")
        path.write_text("\n\n{% if %}\n" + sound)
        desk.session.change()
        page = desk.get("/sleep/").text
        assert "templates/web/article.html" in page
        assert "line 3" in page
        assert desk.get("/sleep/panes/web/sleep/index.html").status == 200
        path.write_text(sound.replace("<h1", '<h1 data-new=""'))
        desk.session.change()
        assert "templates/web/article.html" not in desk.get("/sleep/").text
        assert 'data-new=""' in desk.get("/sleep/panes/web/sleep/index.html").text


# ---- the queue


def test_articles_stand_in_the_order_in_which_they_wait(workshop: Workshop) -> None:
    review = "review: {by: A. Nurse, on: 2025-01-01, next: %s}\n"
    workshop.article("out", UNPRINTED)
    workshop.article("soon", UNPRINTED.replace("Sleep", "Soon") + review % "2025-06-20")
    workshop.article("fine", UNPRINTED.replace("Sleep", "Fine") + review % "2025-09-20")
    workshop.article("second", UNPRINTED.replace("2025-03-14", "2025-09-02"))
    workshop.article("first", UNPRINTED.replace("2025-03-14", "2025-09-01"))
    workshop.article("draft", DRAFT)
    workshop.article("gone", UNPRINTED + "withdrawn: {date: 2025-05-01, reason: It was wrong.}\n")

    sights = {slug: _sight(workshop, slug) for slug in ("second", "soon", "gone", "fine")}

    groups = {group.state: [entry.slug for entry in group.entries] for group in sights["soon"].queue}
    assert list(groups) == ["draft", "scheduled", "due", "live", "withdrawn"]
    assert groups["scheduled"] == ["first", "second"]
    assert groups["due"] == ["soon"]
    assert set(groups["live"]) == {"out", "fine"}
    second = sights["second"].standing
    assert (second.state, second.number, second.of, second.held) == ("scheduled", 2, 2, True)
    assert sights["gone"].standing.when == datetime(2025, 5, 1, 4, tzinfo=UTC)
    assert not sights["gone"].leaflets
    assert not sights["fine"].standing.held


def test_its_templates_speak_the_colours_of_the_house(workshop: Workshop) -> None:
    workshop.article("sleep", UNPRINTED)
    sight = _sight(workshop, "sleep")
    assert sight.templates
    css = sight.templates.render("preview", "style.css", faces=[])
    tokens = Templates(ROOT / "templates").tokens
    assert all(f"--{name}: {colour}" in css for scheme in ("light", "dark") for name, colour in tokens[scheme].items())


# ---- issues of the newsletter


@pytest.fixture
def issue(desk: Desk, workshop: Workshop) -> Desk:
    workshop.write("content/newsletters/may.yaml", ISSUE)
    desk.session.change()
    return desk


def test_an_issue_is_on_the_desk_as_the_letter_that_it_is(issue: Desk) -> None:
    page = issue.get("/may/").text

    assert re.findall(r'data-channel="([a-z]+)"', page) == ["newsletter"]
    assert re.findall(r'data-view="([a-z-]+)"', page) == ["phone", "phone-dark", "quiet", "words"]
    assert "Newsletter of 2 articles" in page
    assert '<h1 lang="en-US" dir="ltr">Dear reader, three things in May</h1>' in page
    assert "<code>content/newsletters/may.yaml</code>" in page
    assert '<li><a href="/draft/" lang="en-US">Zanzibar by night</a> <small>teaser</small> <small>draft</small>' in page
    assert re.search(r'<a href="/may/"[^>]*>Dear reader, three things in May</a> <small>Newsletter</small>', page)
    assert '<a href="/may/"' in issue.get("/sleep/").text
    for pane in ("letter", "words", "quiet", "web/newsletter/may/index.html"):
        seen = issue.get(f"/may/panes/{pane}").text
        assert all(words in seen for words in ("Greetings, reader.", "A first paragraph.", "Zanzibar by night")), pane
    assert issue.get("/may/panes/entry").status == issue.get("/may/panes/web/may/index.html").status == 404


def test_an_issue_has_its_place_in_the_queue(issue: Desk, workshop: Workshop) -> None:
    def after(text: str = ISSUE) -> str:
        workshop.write("content/newsletters/may.yaml", text)
        issue.session.change()
        page = issue.get("/may/").text
        state, words = re.findall(r'<p class="standing [a-z]+">\n<strong>(.*)</strong>\n<span>(.*)</span>', page)[0]
        (group,) = (group for group in issue.session.sight("may").queue if "may" in [one.slug for one in group.entries])
        return f"{group.title}: {state}: {words}"

    assert after() == "Scheduled: Scheduled: It waits for &#39;draft&#39;, which is not out."
    later = after(ISSUE.replace("2025-05", "2025-07"))
    assert later.endswith("It waits until 2025-07-01 09:00 EDT, for &#39;draft&#39;, which is not out.")
    assert after(f"{ISSUE}draft: true\n").startswith("Drafts: Draft: No reader gets it")
    workshop.article("draft", UNPRINTED, title="Another")
    assert after().startswith("To be sent: To be sent: Its hour has come, and its articles are out.")
    workshop.write(f"content/{RECEIPTS}/may.json", "{}")
    assert after().startswith("Sent: Sent: Its sending has begun")


def test_an_issue_in_review_says_what_it_waits_for(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", f"{SITE}approval: required\n")
    workshop.article("sleep", UNPRINTED)
    workshop.write("content/newsletters/may.yaml", ISSUE.replace("{slug: draft, as: teaser}", ""))
    sight = _sight(workshop, "may")

    assert (sight.standing.state, sight.standing.held) == ("in review", True)
    assert sight.letter
    assert "A first paragraph." in sight.letter.text


def test_an_issue_changes_with_what_it_holds_alone(issue: Desk, workshop: Workshop) -> None:
    def changed() -> set[str]:
        before = issue.session.sight("may").digests
        issue.session.change(templates=False)
        after = issue.session.sight("may").digests
        return {name for name in before if before[name] != after[name]}

    workshop.article("later", LATER.replace("An item", "Another item"))
    assert changed() == set()
    workshop.article("sleep", UNPRINTED.replace("An item", "Another item"))
    assert changed() == {"letter", "words"}
    workshop.write("content/newsletters/may.yaml", ISSUE.replace("at night", "by night"))
    assert changed() == {"letter", "head"}


def test_the_panes_of_an_issue_hold_the_bytes_of_the_build(workshop: Workshop) -> None:
    workshop.article("sleep", UNPRINTED)
    workshop.article("draft", UNPRINTED.replace("Sleep", "Rest").replace("What", "How"))
    workshop.write("content/newsletters/may.yaml", ISSUE)
    assert not workshop.build(only=("web", "newsletter", "feed")).faults

    letter = _sight(workshop, "may").letter

    assert letter == panes.letter((workshop.root / "outputs/newsletter/may.eml").read_bytes())


def test_a_fault_of_an_issue_stands_at_its_line_and_the_last_sound_letter_is_shown(
    issue: Desk, workshop: Workshop
) -> None:
    issue.get("/may/")
    workshop.write("content/newsletters/may.yaml", ISSUE.replace("preheader:", "preheder:"))
    issue.session.change()

    page = issue.get("/may/").text
    (fault,) = (one for one in issue.session.sight("may").findings if one.level == findings.FAULT)
    assert (str(fault.place), fault.marked) == ("content/newsletters/may.yaml:3:1", "preheder")
    assert "<b>3</b><mark>preheder</mark>: What helps at night" in page
    assert "Until it is mended, the panes show the last sound text." in page
    assert "Greetings" in issue.get("/may/panes/letter").text
    workshop.write("content/newsletters/may.yaml", ISSUE)
    issue.session.change()
    assert '<li class="fault">' not in issue.get("/may/").text
    workshop.write("content/newsletters/june.yaml", ISSUE.replace("[sleep,", "[slep,"))
    issue.session.change()
    _cannot_be_read(issue.get("/june/").text, "slep")


def test_an_issue_is_judged_as_an_article_is(workshop: Workshop) -> None:
    workshop.article("sleep", UNPRINTED)
    workshop.article("draft", UNPRINTED, title="Rest")
    workshop.write(
        "content/newsletters/may.yaml", ISSUE.replace("See [sleep]", "Read [here](https://example.org) and [sleep]")
    )
    (workshop.root / "templates").unlink()
    shutil.copytree(ROOT / "templates", workshop.root / "templates")
    (workshop.root / "templates/newsletter/blocks/list.html").write_text("")

    maker = _maker(workshop)
    sight = _drawn(maker, maker.quick("may"))

    assert [(one.level, one.place.line) for one in sight.findings if "'here'" in one.problem] == [("warning", 4)]
    lost = [one for one in sight.others if "newsletter/may.eml" in one.problem and "'An item" in one.problem]
    assert {one.place.path for one in lost} == {"content/articles/sleep.yaml"}


def test_a_mistake_in_site_yaml_is_still_told_when_all_is_drawn(workshop: Workshop) -> None:
    workshop.article("sleep", ARTICLE)
    maker = _maker(workshop)
    sound = maker.quick("sleep")
    workshop.write("content/site.yaml", SITE.replace("language:", "langage:"))

    sight = maker.quick("sleep", sound)

    assert [one.marked for one in sight.findings] == ["name", "langage"]
    assert list(maker.drawn(sight)) == []


# ---- drawn by another process

PRINTED = ARTICLE + "channels: {handout: {editions: [a4]}}\n"


class _Artist:
    """Draws when it is told to."""

    size = 1

    def __init__(self) -> None:
        self.asked: list[tuple[Job, Future[workers.Done]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, jobs: Sequence[Job]) -> Future[workers.Done]:
        found: Future[workers.Done] = Future()
        self.asked.append((jobs[0], found))
        return found

    def lost(self, error: BaseException, job: Job, /) -> str:
        return f"it was lost ({error}) with the {job.name}."


def test_who_saves_does_not_wait_for_what_others_draw(workshop: Workshop) -> None:
    artist = _Artist()
    session = Session(Maker(workshop.desk, lambda: NOW, workshop.root / "caches", artist))
    path = workshop.article("sleep", PRINTED)
    worker = threading.Thread(target=session.run)
    worker.start()
    try:
        with session.watching("sleep"):
            before = session.sight("sleep")
            while not artist.asked:
                worker.join(0.01)
            path.write_text(PRINTED.replace("first paragraph", "better paragraph"))
            session.change(templates=False)
            after = session.next("sleep", before.digests, 30)
            assert after
            assert after.letter
            assert "better paragraph" in after.letter.text
            assert not any(leaflet.fresh for leaflet in after.leaflets)
            assert not artist.asked[0][1].done()
            while len(artist.asked) < 2:
                worker.join(0.01)
            job, future = artist.asked[1]
            future.set_result([job.do(job.stock, workshop.root / "caches")])
            drawn = session.next("sleep", after.digests, 30)
            while drawn and not drawn.leaflets[0].fresh:
                drawn = session.next("sleep", drawn.digests, 30)
            assert drawn
            assert drawn.leaflets[0].data.startswith(b"%PDF")
    finally:
        session.stop()
        worker.join(30)
    assert not worker.is_alive()


def test_what_another_process_draws_is_what_is_built_and_one_that_is_lost_is_a_fault(workshop: Workshop) -> None:
    workshop.article("sleep", PRINTED)
    workshop.build(only=("handout",))
    built = (workshop.root / "outputs/handout/sleep-a4.pdf").read_bytes()
    shutil.rmtree(workshop.root / "outputs")
    with workers.Processes(1) as team:
        team.start()
        maker = Maker(workshop.desk, lambda: NOW, workshop.root / "caches", team)
        sight = _drawn(maker, maker.quick("sleep"))
        assert sight.leaflets[0].data == built
        again = [one for one in maker.drawn(maker.quick("sleep")) if one is None]
        assert again == [], "it is known"

    artist = _Artist()
    maker = Maker(workshop.desk, lambda: NOW, workshop.root / "caches", artist)
    drawing = maker.drawn(maker.quick("sleep"))
    while not artist.asked:
        next(drawing)
    artist.asked[0][1].set_exception(RuntimeError("gone"))
    *_, sight = filter(None, drawing)
    (fault,) = (one for one in sight.findings if one.level == findings.FAULT)
    assert "The a4 handout could not be drawn: it was lost (gone)" in fault.problem


# ---- the task


@contextmanager
def _running(at: Terminal, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`inv preview`, its address, and the process; ended as Ctrl-C does."""
    command = [sys.executable, "-W", "error", "-m", "invoke", "preview", "--no-browser", *words]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command, cwd=at.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip(), process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            finally:
                process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_the_task_serves_until_it_is_interrupted_and_sees_what_is_saved(terminal: Terminal) -> None:  # noqa: F811
    path = terminal.root / "content/articles/sleep.yaml"
    path.write_text(UNPRINTED)
    port = _free_port()
    with _running(terminal, "sleep", "--port", str(port)) as (address, process):
        assert address == f"http://127.0.0.1:{port}/sleep/"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/sleep/changes")
        events = connection.getresponse()
        first = json.loads(events.readline().removeprefix(b"data: "))
        assert events.readline() == b"\n"
        path.write_text(UNPRINTED.replace("An item", "Another item"))
        second = json.loads(events.readline().removeprefix(b"data: "))
        assert first["digests"]["page"] != second["digests"]["page"]
        connection.close()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "There is no article or issue 'nobody'."),
        (["sleep", "--port", "1000000"], "Port 1000000 cannot be used"),
        (["--nothing"], "No idea what '--nothing' is"),
    ],
)
def test_the_task_says_what_is_wrong(terminal: Terminal, words: list[str], said: str) -> None:  # noqa: F811
    (terminal.root / "content/articles/sleep.yaml").write_text(UNPRINTED)
    done = terminal.inv("preview", *words)

    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_a_sentence_and_without_one_the_next_is_taken(terminal: Terminal) -> None:  # noqa: F811
    (terminal.root / "content/articles/sleep.yaml").write_text(UNPRINTED)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = terminal.inv("preview", "--no-browser", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Address already in use. Choose another, or leave --port out." in done.stderr

    with server.listen(0) as one, _running(terminal) as (address, _):
        assert urllib.parse.urlsplit(address).port != one.getsockname()[1]
        assert address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_it_before_it_answers_is_heeded(workshop: Workshop, number: signal.Signals) -> None:
    """No exception comes out of nowhere, which a callback might swallow."""
    before = signal.getsignal(number)
    order = server.Order(port=0, browser=False)

    server.serve(workshop.desk, lambda: NOW, order, lambda _: signal.raise_signal(number))

    assert signal.getsignal(number) is before


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "watchfiles"])
def test_without_its_packages_it_says_what_to_install(terminal: Terminal, package: str) -> None:  # noqa: F811
    (terminal.root / f"{package}.py").write_text(f"raise ModuleNotFoundError('no', name='{package}')\n")
    done = terminal.inv("preview", "--no-browser", PYTHONPATH=str(terminal.root))

    assert done.returncode == 1
    assert done.stderr == f"{package} is not installed. Run: pip install -e '.[preview]'\n"


# ---- in a browser


@pytest.mark.heavy
def test_an_author_edits_sees_all_four_change_sees_a_fault_and_mends_it(
    terminal: Terminal, run: Run, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    run("chromium", "--version")
    text = DRAFT.replace("channels: {handout: false}", "channels: {handout: {editions: [a4]}}")
    text = text.replace(
        "A first paragraph.", "A first paragraph.\n\n" + "  More of it, so that there is some way to scroll.\n\n" * 40
    )
    path = tmp_path / "content/articles/draft.yaml"
    path.write_text(text)
    with _running(terminal, "draft") as (address, _):
        seen = json.loads(browser.node("desk.mjs", address, path, "first paragraph", "changed paragraph"))

    _check_panes(seen)
    (fault,) = (fault for fault in seen["faults"] if fault["marked"] == "autors")
    assert int(fault["line"]) == text.splitlines().index("authors: [The Team]") + 1
    assert "Did you mean 'authors'?" in fault["words"]
    assert seen["mended"] == "Nothing to mend"
    assert [(view["scheme"], view["width"]) for view in seen["views"]] == [
        (scheme, width) for scheme in ("light", "dark") for width in (390, 1280)
    ] * 2
    for view in seen["views"]:
        assert view["passes"] > 30
        assert view["violations"] == [], view
        assert view["overflow"] <= 0, view
    assert seen["errors"] == []
    assert seen["steps"][0]["href"].endswith("#_stage")
    assert seen["steps"][1]["name"] == "show"
    outlines = {step["outline"] for step in seen["steps"] if step["tag"] != "IFRAME"}  # inside, the pane has its own
    assert (outlines, len(seen["steps"])) == ({"solid"}, 9), seen["steps"]
    assert seen["dark"] == {"view": "phone-dark", "pane": "page", "dark": True}
    assert seen["one"] == ["phone", "phone-dark", "quiet", "words"]


def _check_panes(seen: dict[str, Any]) -> None:
    before, edited, kept = (seen[name] for name in ("before", "edited", "kept"))
    has: Callable[[dict[str, Any], str], list[bool]] = lambda state, words: [  # noqa: E731
        words in state["words"][pane] for pane in ("page", "letter", "entry")
    ]
    assert has(before, "first paragraph") == [True] * 3
    assert has(edited, "changed paragraph") == [True] * 3
    assert has(edited, "first paragraph") == [False] * 3
    assert before["handout"]
    assert edited["handout"] != before["handout"]
    assert seen["scrolled"] == 120
    assert seen["looks"]["kept"] == "yes"
    assert seen["looks"]["put"] == seen["looks"]["loaded"]
    assert len(seen["looks"]["put"]) > 20
    assert has(kept, "changed paragraph") == [True] * 3
    assert kept["handout"] == edited["handout"]
