"""Where links lead: within the site, by seeded defects; elsewhere, by a server of our own that has every fault."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pikepdf
import pytest
from conftest import ARTICLE, NOW, SITE, Workshop

from pressrun import build
from pressrun.proof import elsewhere, links, reach, run
from pressrun.proof.reach import Answer
from pressrun.proof.rulings import Finding

# ---- the site itself

_LEAFLET = "web/leaflet/index.html"


def _lost(workshop: Workshop) -> list[Finding]:
    return list(links.prove(workshop.desk, build.read(workshop.desk, NOW).publication))


@pytest.fixture(scope="module")
def whole(site12: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A copy of the specimen, of which each test breaks one file and mends it."""
    root = tmp_path_factory.mktemp("whole")
    shutil.copytree(site12.root, root, symlinks=True, dirs_exist_ok=True)
    return Workshop(root)


@contextmanager
def _broken(file: Path, old: str, new: str) -> Iterator[None]:
    before = file.read_bytes()
    assert old in before.decode(), file
    file.unlink()  # it may be one file under two names
    file.write_text(before.decode().replace(old, new, 1), encoding="utf-8")
    yield
    file.write_bytes(before)


def test_a_whole_site_has_no_lost_link(whole: Workshop, published: Workshop) -> None:
    assert _lost(whole) == []
    assert _lost(published) == []


def test_of_one_article_its_own_files_alone_are_looked_at(whole: Workshop) -> None:
    def lost(article: str) -> list[str]:
        return [str(found.place.path) for found in run.links(run.Wish(whole.desk, NOW, article)).findings]

    with _broken(whole.root / "outputs" / _LEAFLET, "<main", '<a href="../nowhere/">x</a><main'):
        with pytest.raises(run.Nothing, match="There is no article 'leaf' to prove"):
            lost("leaf")
        assert lost("leaflet") == lost("") == [f"outputs/{_LEAFLET}"]
        assert lost("street-garden") == []

    source = next((whole.root / "content/articles").rglob("leaflet.yaml"))
    typed = "Go to [x](https://www.example.org/nowhere/)"
    with _broken(source, "body:\n", f"body:\n  - {typed}\n"):
        assert lost("leaflet") == ["content/articles/leaflet.yaml"]
        assert lost("street-garden") == []


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        (_LEAFLET, "<main", '<a href="../nowhere/">x</a><main', "/nowhere/' leads to nothing that was made."),
        (_LEAFLET, "<main", '<a href="#none">x</a><main', "#none' leads to a heading that is not"),
        (_LEAFLET, "<main", '<a href="../street-garden/#x">x</a><main', "/#x' leads to a heading"),
        (_LEAFLET, "<main", '<img src="lost.png"><main', "/leaflet/lost.png' leads to nothing"),
        (_LEAFLET, "<main", '<img srcset="a.avif 2x, b.avif 3x"><main', "/leaflet/a.avif' leads"),
        (_LEAFLET, "<main", '<meta http-equiv="refresh" content="0; url=../x/"><main', "/x/' leads"),
        ("web/sitemap.xml", "/leaflet/</loc>", "/leaflets/</loc>", "/leaflets/' leads to nothing"),
        ("web/feed/feed.xml", "/leaflet/</link>", "/leaflets/</link>", "/leaflets/' leads to nothing"),
        ("web/feed/atom.xml", "&lt;p&gt;", "&lt;img src='https://www.example.org/gone'/&gt;&lt;p&gt;", "/gone' leads"),
        ("web/feed/feed.json", "<p>", "<a href='https://www.example.org/gone/'>x</a><p>", "/gone/' leads to nothing"),
        ("newsletter/leaflet.txt", "\n", "\nhttps://www.example.org/gone/.\n", "/gone/' leads to nothing"),
        ("web/newsletter/leaflet/index.html", "/leaflet/", "/leaflets/", "/leaflets/"),
        ("web/sitemap.xml", "</urlset>", "</urls>", "It cannot be read"),
    ],
)  # fmt: skip
def test_a_lost_link_is_found_where_it_stands(whole: Workshop, path: str, old: str, new: str, problem: str) -> None:
    with _broken(whole.root / "outputs" / path, old, new):
        found = _lost(whole)

    assert found
    assert {(one.rule, one.severity, one.place.path) for one in found} == {("link-lost", "error", f"outputs/{path}")}
    assert problem in found[0].problem


def test_a_lost_link_of_a_handout_is_told_with_its_page(whole: Workshop) -> None:
    file = whole.root / "outputs/web/handout/leaflet-a4.pdf"
    before = file.read_bytes()
    with pikepdf.open(file) as pdf:
        page = pdf.pages[-1]
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://www.example.org/gone/")
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([9, 9, 99, 99]), A=action
        )
        page.Annots = pikepdf.Array([pdf.make_indirect(link)])
        number = len(pdf.pages)
        pdf.save(whole.root / "broken.pdf")
    file.unlink()
    shutil.move(whole.root / "broken.pdf", file)
    try:
        (found,) = _lost(whole)
        file.write_bytes(b"no PDF")
        (unreadable,) = _lost(whole)
    finally:
        file.write_bytes(before)

    assert found.problem == "'https://www.example.org/gone/' leads to nothing that was made."
    assert (found.place.path, found.place.line) == ("outputs/web/handout/leaflet-a4.pdf", number)
    assert unreadable.problem.startswith("It cannot be read")


def test_a_page_that_is_gone_is_told_once_with_the_number_of_places(whole: Workshop) -> None:
    file = whole.root / "outputs/web/leaflet/index.html"
    data = file.read_bytes()
    file.unlink()
    try:
        found = _lost(whole)
    finally:
        file.write_bytes(data)

    said = [one for one in found if "'https://www.example.org/leaflet/'" in one.problem]
    assert len(said) == 1
    assert said[0].problem.endswith(" more).")


def test_links_within_a_page_to_the_top_or_to_words_are_fine(whole: Workshop) -> None:
    more = "".join(f'<a href="{url}">x</a>' for url in ("#", "#top", "../#:~:text=x", "?q=1", "mailto:a@b.c")) + "<main"
    with _broken(whole.root / "outputs" / _LEAFLET, "<main", more):
        assert _lost(whole) == []


def test_a_lost_link_that_an_author_typed_is_told_in_the_article(workshop: Workshop) -> None:
    workshop.article("sleep", ARTICLE.replace("A first", "[A bed](https://www.example.org/bed/) and a first"))
    workshop.article("excused", ARTICLE.replace("A first", "[A bed](https://www.example.org/bed/) and a first"),
                     title="Excused", proof="{link-lost: That page is made by somebody else.}")  # fmt: skip
    assert [one.problem for one in _lost(workshop)] == ["It has not been made."]
    workshop.build(only=("web",))

    (found,) = (one for one in _lost(workshop) if "/bed/" in one.problem)

    assert (found.place.path, found.place.line, found.place.column) == ("content/articles/sleep.yaml", 6, 11)
    assert found.problem == "'https://www.example.org/bed/' leads to nothing that was made."
    assert "[A bed]" in found.excerpt


def test_the_door_for_unsubscribing_is_made_by_others(workshop: Workshop) -> None:
    one_click = "newsletter: {unsubscribe: 'https://www.example.org/leave?t={token}'}\n"
    workshop.write("content/site.yaml", SITE + one_click)
    workshop.article("sleep")
    workshop.build(only=("web", "newsletter"))

    assert "leave?t=" in workshop.read("newsletter/sleep.txt")
    assert [one for one in _lost(workshop) if "leave" in one.problem] == []
    workshop.write("content/site.yaml", SITE)
    assert [one.place.path for one in _lost(workshop) if "leave" in one.problem] == [
        "outputs/web/newsletter/sleep/index.html"
    ]


# ---- elsewhere


class _Site(ThreadingHTTPServer):
    """A server with every fault, which remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[str] = []
        self.now = Counter[str]()
        self.most = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: _Site

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.now["all"] += 1
        self.server.most = max(self.server.most, self.server.now["all"])
        name = self.path.strip("/")
        if name == "slow":
            time.sleep(1.5)
        if name.startswith("wait"):
            time.sleep(0.1)
        status = int(name) if name.isdigit() else 200
        if name == "head" and self.command == "HEAD":
            status = 405
        if name == "shy" and self.command == "HEAD":
            status = 404
        if name in ("301", "loop"):
            status = 301
        self.server.now["all"] -= 1
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/loop" if name == "loop" else "/fine")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving(count: int) -> Iterator[list[_Site]]:
    with ExitStack() as stack:
        sites = [stack.enter_context(_Site()) for _ in range(count)]
        for site in sites:
            threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            stack.callback(site.shutdown)
        yield sites


@pytest.fixture
def server() -> Iterator[_Site]:
    with _serving(1) as (site,):
        yield site


@pytest.mark.parametrize(
    ("name", "answer", "asked"),
    [
        ("200", Answer(200), ["HEAD /200"]),
        ("301", Answer(200), ["HEAD /301", "GET /fine"]),
        ("404", Answer(404), ["HEAD /404", "GET /404"]),
        ("403", Answer(403), ["HEAD /403", "GET /403"]),
        ("429", Answer(429), ["HEAD /429"]),
        ("500", Answer(500), ["HEAD /500", "GET /500"]),
        ("head", Answer(200), ["HEAD /head", "GET /head"]),
        ("shy", Answer(200), ["HEAD /shy", "GET /shy"]),
        ("a%20b", Answer(200), ["HEAD /a%20b"]),
        ("ñ ß", Answer(200), ["HEAD /%C3%B1%20%C3%9F"]),
    ],
)
def test_an_address_is_asked_by_head_and_by_get_where_that_is_refused(
    server: _Site, name: str, answer: Answer, asked: list[str]
) -> None:
    assert list(reach.ask([f"{server.url}/{name}"])) == [(f"{server.url}/{name}", answer)]
    assert server.asked == asked


def test_a_host_in_letters_of_its_own_is_asked_by_its_name_in_ascii() -> None:
    assert reach._written("https://bücher.example/ñ?q=ß#x") == "https://xn--bcher-kva.example/%C3%B1?q=%C3%9F#x"
    ((_, answer),) = reach.ask([f"http://{'ü' * 80}/"])
    assert answer.status == 0
    assert answer.why


def test_a_redirect_that_goes_round_has_the_status_of_a_redirect(server: _Site) -> None:
    ((_, answer),) = reach.ask([f"{server.url}/loop"])
    assert answer.status == 301


def test_a_slow_host_is_given_up_after_one_question(server: _Site) -> None:
    start = time.perf_counter()

    found = dict(reach.ask([f"{server.url}/slow", f"{server.url}/x"], patience=0.3))

    assert time.perf_counter() - start < 3
    assert found == {f"{server.url}/{name}": Answer(0, "no answer in time") for name in ("slow", "x")}
    assert server.asked == ["HEAD /slow"]


def test_an_address_where_nobody_answers_is_wrong() -> None:
    with _Site() as closed:
        url = f"{closed.url}/x"

    assert list(reach.ask([url])) == [(url, Answer(0, "nobody answers there", wrong=True))]


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), True),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), False),
        (ssl.SSLCertVerificationError("expired"), True),
        (ConnectionResetError("reset"), False),
        (TimeoutError(), False),
    ],
)
def test_a_wrong_address_is_told_apart_from_trouble_that_passes(reason: Exception, wrong: bool) -> None:
    assert reach._silence(reason).wrong is wrong
    assert reach._silence(reason).why


def test_a_few_hosts_are_asked_at_once_and_one_host_one_thing_at_a_time() -> None:
    with _serving(6) as sites:
        start = time.perf_counter()
        found = dict(reach.ask(f"{site.url}/wait{number}" for site in sites for number in range(3)))
        took = time.perf_counter() - start

    assert len(found) == 18
    assert {answer.status for answer in found.values()} == {200}
    assert [site.most for site in sites] == [1] * 6
    # Four hosts and then two, three questions each, of a tenth of a second.
    assert took > 0.55


def _article(workshop: Workshop, body: str, slug: str = "sleep", **keys: str) -> None:
    workshop.article(slug, ARTICLE.replace("A first paragraph.", body), **keys)


def _prove(workshop: Workshop, hours: int = 0, ask: elsewhere.Ask = reach.ask) -> tuple[list[Finding], list[str]]:
    found = build.read(workshop.desk, NOW + timedelta(hours=hours))
    assert found.faults == ()
    return elsewhere.prove(workshop.desk, found.publication, ask)


def test_a_dead_link_is_told_at_its_place_and_a_closed_door_apart(workshop: Workshop, server: _Site) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0] + f"links: {{away: '{server.url}/410'}}\n")
    body = f"[Fine]({server.url}/fine) and [gone]({server.url}/404#part), [broken]({server.url}/500)."
    body += f" [Shut]({server.url}/403)."
    _article(
        workshop, body, sources=f"[{{title: A book, url: '{server.url}/404'}}, {{title: Two, url: '{server.url}/451'}}]"
    )

    findings, notes = _prove(workshop)

    assert [(one.rule, one.severity, one.place.path, one.place.line, one.problem) for one in findings] == [
        ("link-dead", "error", "content/site.yaml", 1, f"{server.url}/410 is dead (it answers 410)."),
        ("link-dead", "error", "content/articles/sleep.yaml", 7, f"{server.url}/404 is dead (it answers 404)."),
        ("link-dead", "error", "content/articles/sleep.yaml", 7, f"{server.url}/500 is dead (it answers 500)."),
        ("link-dead", "error", "content/articles/sleep.yaml", 1, f"{server.url}/451 is dead (it answers 451)."),
    ]
    assert notes == [f"Could not be checked: {server.url}/403 (it answers 403)."]


def test_a_second_run_asks_nothing_for_three_days(workshop: Workshop, server: _Site) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0])
    _article(workshop, f"[Fine]({server.url}/fine) and [gone]({server.url}/404).")

    first = _prove(workshop)
    asked = list(server.asked)
    second, third = _prove(workshop, hours=71), _prove(workshop, hours=72)
    assert server.asked == asked
    fourth = _prove(workshop, hours=73)

    assert first == second == third == fourth
    assert len(server.asked) == 2 * len(asked)
    kept = json.loads(workshop.read(elsewhere.CACHE))
    assert set(kept) == {f"{server.url}/fine", f"{server.url}/404"}
    workshop.build(only=("web",))
    assert json.loads(workshop.read(elsewhere.CACHE)) == kept


@pytest.mark.parametrize("torn", ["", "[]", '{"x": 1}', '{"http://x/": ["a", "b"]}', "{"])
def test_a_torn_memory_is_asked_anew(workshop: Workshop, torn: str) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0])
    _article(workshop, "[x](http://x/)")
    workshop.write(f"outputs/{elsewhere.CACHE}", torn)

    assert _prove(workshop, ask=_gone)[0][0].rule == "link-dead"


def test_without_a_network_no_link_is_dead(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0])
    _article(workshop, "[x](http://x/) and [y](http://y/)")
    nobody, fine = Answer(0, "there is no such host", wrong=True), Answer(200)

    alone = _prove(workshop, ask=lambda urls: [(url, nobody) for url in urls])
    among = _prove(workshop, ask=lambda urls: [(url, nobody if "x" in url else fine) for url in urls])

    assert alone == ([], [f"Could not be checked: http://{name}/ (there is no such host)." for name in "xy"])
    assert [one.problem for one in among[0]] == ["http://x/ is dead (there is no such host)."]
    assert among[1] == []


def _gone(urls: Iterable[str]) -> list[tuple[str, Answer]]:
    return [(url, Answer(404)) for url in urls]


def test_a_reason_or_the_site_may_keep_a_dead_link(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0])
    _article(workshop, "[x](http://x/)", proof="{link-dead: It is spoken of as dead.}")
    assert _prove(workshop, ask=_gone) == ([], [])

    _article(workshop, "[x](http://x/)")
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0] + "proof: {link-dead: ignore}\n")
    assert _prove(workshop, ask=_gone) == ([], [])


def test_links_to_the_site_itself_and_of_drafts_are_not_asked(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0])
    _article(workshop, "[x](https://www.example.org/x/) [a](mailto:a@example.org) [b](tel:911)")
    _article(workshop, "[x](http://x/)", "later", draft="true")

    def ask(urls: object) -> list[tuple[str, Answer]]:
        assert urls == []
        return []

    assert _prove(workshop, ask=ask) == ([], [])
