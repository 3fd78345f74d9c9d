"""The search page and its index: off unless asked for, of live articles alone, the same for the same pages."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import ARTICLE, ROOT, SITE, Run, Workshop, absent

from pressrun.channels.web import policy, search

PLAIN = ARTICLE + "channels: {handout: false}\n"
WITHOUT = "channels: {handout: false}\n"


@pytest.fixture
def searched(workshop: Workshop) -> Workshop:
    if not find_spec("pagefind_bin"):
        absent("pagefind-bin")
    workshop.write("content/site.yaml", SITE + "search: true\n")
    workshop.article("benzodiazepines", PLAIN, title="Benzodiazepines and You")
    workshop.article("sueno", PLAIN, title="Dormir mejor", language="es")
    workshop.article("draft", PLAIN, title="Quokkas", draft="true")
    workshop.article("gone", PLAIN + "withdrawn: {date: 2025-04-01, reason: Wombats.}\n", title="Platypuses")
    workshop.article("past", PLAIN, title="Echidnas", expires="2025-05-01")
    workshop.article("hidden", ARTICLE + "channels: {web: false, handout: false}\n", title="Numbats")
    assert workshop.build(only=("web",)).faults == ()
    return workshop


def _index(workshop: Workshop) -> dict[str, bytes]:
    return {path: data for path, data in workshop.tree().items() if path.startswith("web/pagefind/")}


def _fragments(workshop: Workshop) -> list[dict[str, object]]:
    """What the index says of each page, in Pagefind's own wrapping."""
    files = [data for path, data in sorted(_index(workshop).items()) if path.endswith(".pf_fragment")]
    return [json.loads(gzip.decompress(data).removeprefix(b"pagefind_dcd")) for data in files]


def test_there_is_no_search_and_no_script_unless_it_is_asked_for(workshop: Workshop) -> None:
    workshop.article("sleep", PLAIN)
    workshop.build(only=("web",))

    assert not [path for path in workshop.tree() if "search" in path or "pagefind" in path or path.endswith(".js")]
    workshop.write("content/site.yaml", SITE + "search: false\n")
    assert workshop.build(only=("web",)).written == ()


def test_the_index_holds_live_articles_notices_of_withdrawals_and_nothing_else(searched: Workshop) -> None:
    found = _fragments(searched)
    everything = json.dumps(found, ensure_ascii=False) + str(
        [gzip.decompress(data) for path, data in _index(searched).items() if path.endswith(("pf_index", "pf_meta"))]
    )

    assert {fragment["url"] for fragment in found} == {"/benzodiazepines/", "/sueno/", "/gone/"}
    (notice,) = [fragment["content"] for fragment in found if fragment["url"] == "/gone/"]
    assert notice == "Platypuses. This article was withdrawn on April 1, 2025. Wombats. See all articles."
    for word in ("Quokka", "Echidna", "Numbat", "988"):
        assert word.lower() not in everything.lower(), word


def test_only_the_search_page_runs_a_script_by_its_own_policy(searched: Workshop) -> None:
    for path in searched.tree():
        if path.startswith("web/") and path.endswith(".html"):
            text = searched.read(path)
            scripts = re.findall(r"<script(?! type=.application/ld\+json)[^>]*>", text)
            assert bool(scripts) == (path == "web/search/index.html"), path
            assert ("script-src" in text) == (path == "web/search/index.html"), path
    page = searched.read("web/search/index.html").replace("&#39;", "'")
    assert policy.SEARCH in page
    assert re.search(r'<script type="module" src="../assets/search\.[0-9a-f]{8}\.js"></script>', page)
    assert "noindex" in page
    assert 'href="../archive/a-z/index.html"' in page


def test_equal_pages_make_equal_indexes(searched: Workshop, tmp_path: Path) -> None:
    first = _index(searched)
    for path in first:
        (searched.root / "outputs" / path).unlink()
    searched.build(only=("web",))

    assert _index(searched) == first
    assert not [path for path in first if "-ui" in path]


def test_pagefind_does_not_run_when_no_page_has_changed(searched: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> dict[str, bytes]:
        raise AssertionError

    monkeypatch.setattr(search, "_indexed", never)
    result = searched.build(only=("web",))

    assert (result.written, result.removed) == ((), ())


def test_a_changed_page_changes_the_index_and_leaves_nothing_behind(searched: Workshop) -> None:
    before = set(_index(searched))
    searched.article("benzodiazepines", PLAIN, title="Bilbies")
    searched.build(only=("web",))

    assert "Bilbies" in json.dumps(_fragments(searched))
    assert "Benzodiazepines" not in json.dumps(_fragments(searched))
    assert before - set(_index(searched))


@pytest.mark.parametrize("scope", [{"only": ("web",), "article": "sueno"}, {"only": ("newsletter",)}])
def test_a_build_of_something_else_leaves_the_index_alone(searched: Workshop, scope: dict[str, str]) -> None:
    before = _index(searched)
    searched.build(**scope)  # type: ignore[arg-type]

    assert _index(searched) == before


def test_the_index_goes_when_the_search_is_switched_off(searched: Workshop) -> None:
    searched.write("content/site.yaml", SITE)
    searched.build(only=("web",))

    assert _index(searched) == {}
    assert not (searched.root / "outputs/web/search").exists()
    assert not (searched.root / "outputs/web/pagefind").exists()


def test_without_the_package_the_line_that_asks_is_named_and_the_old_index_stays(
    searched: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _index(searched)
    monkeypatch.setattr(search, "find_spec", lambda _name: None)
    result = searched.build(only=("web",))

    line = SITE.count("\n") + 1
    assert [str(fault).split(": ", 1)[0] for fault in result.faults] == [f"content/site.yaml:{line}:9"]
    assert "pagefind-bin" in str(result.faults[0])
    assert _index(searched) == before


def test_a_site_without_articles_has_a_search_that_finds_nothing(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", SITE + "search: true\n")

    assert workshop.build(only=("web",)).faults == ()
    assert _index(workshop) == {}


# ---- in a browser

_ASK = """
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const require = createRequire(process.argv[2] + '/');
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [
  '--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
] });
const found = [];
for (const scheme of ['light', 'dark']) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 390, height: 900 } });
  const said = [], requests = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(process.argv[3]);
  await page.fill('#_words', process.argv[4]);
  await page.press('#_words', 'Enter');
  await page.waitForFunction(() => document.querySelector('#_count').textContent, null, { timeout: 20000 });
  await page.waitForTimeout(300);
  const links = await page.$$eval('#_results a', (all) => all.map((a) => [a.textContent, a.href]));
  const count = await page.textContent('#_count');
  const address = page.url();
  await page.evaluate(axe);
  const broken = await page.evaluate(async () => (await axe.run({ preload: false })).violations.map((one) => one.id));
  found.push({ said, links, count, address, broken, requests, hidden: await page.isHidden('#_unsearched') });
}
console.log(JSON.stringify(found));
await browser.close();
"""


@pytest.fixture
def host(searched: Workshop) -> Iterator[str]:
    """The live site on loopback, in a folder of its host."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    top = searched.root / "host"
    top.mkdir()
    (top / "sub").symlink_to(searched.root / "outputs/web")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(top)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sub/"
    finally:
        server.shutdown()
        server.server_close()


def _asked(run: Run, tmp_path: Path, host: str, words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(_node(run, tmp_path, _ASK, f"{host}search/", words))
    return found


def _node(run: Run, tmp_path: Path, text: str, *arguments: str) -> str:
    if not (ROOT / ".ci/tools/node_modules/playwright-core").exists():
        absent("playwright-core (npm ci --prefix .ci/tools brings it)")
    run("chromium", "--version")
    script = tmp_path / "browser.mjs"
    script.write_text(text, encoding="utf-8")
    return run("node", script, ROOT / ".ci/tools", *arguments)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("words", "title", "slug"),
    [("benzodiazepine", "Benzodiazepines and You", "benzodiazepines"), ("dormir", "Dormir mejor", "sueno")],
)
def test_a_word_finds_its_article_under_the_policy_of_the_page(
    host: str, run: Run, tmp_path: Path, words: str, title: str, slug: str
) -> None:
    for view in _asked(run, tmp_path, host, words):
        assert view["said"] == []
        assert view["links"] == [[title, f"{host}{slug}/"]]
        assert view["count"] == "Articles found: 1"
        assert view["address"] == f"{host}search/?q={words}"
        assert view["broken"] == []
        assert view["hidden"]
        assert all(str(request).startswith(host) for request in view["requests"])  # type: ignore[attr-defined]


_LOOK = """
import { createRequire } from 'node:module';
const { chromium } = createRequire(process.argv[2] + '/')('playwright-core');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [
  '--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
] });
const page = await browser.newPage({ javaScriptEnabled: false });
await page.goto(process.argv[3]);
console.log(await page.isVisible('#_unsearched a'), await page.isVisible('#_ask'));
await browser.close();
"""


@pytest.mark.heavy
def test_without_scripts_the_list_of_titles_stands_in_place_of_the_form(host: str, run: Run, tmp_path: Path) -> None:
    assert _node(run, tmp_path, _LOOK, f"{host}search/") == "true false\n"


@pytest.mark.heavy
def test_a_word_that_is_nowhere_is_answered_with_another_way(host: str, run: Run, tmp_path: Path) -> None:
    for view in _asked(run, tmp_path, host, "quokkas"):
        assert view["links"] == []
        assert str(view["count"]).startswith("Nothing found.")
