"""What checkers from outside say of the specimen in tests/site/, and of the seed article."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import browser
import pytest
from conftest import ROOT, Run, Workshop, absent
from site_pages import BASE, Page, every, page

pytestmark = pytest.mark.heavy

SEED = "ketamine-withdrawal"
#: Nu takes data for a script that the policy forbids; no browser does
_FALSE = ".*Content Security Policy.*"
_LYCHEE = ROOT / ".ci/tools/lychee/bin/lychee"


@pytest.fixture(scope="module")
def web(site12: Workshop) -> Path:
    return site12.root / "outputs/web"


# ---- Nu


def _nu(run: Run, *arguments: str | Path) -> str:
    jar = browser.tool("vnu-jar/build/dist/vnu.jar")
    return run(
        "java", "-Xss4m", "-jar", jar, "--Werror", "--stdout", "--filterpattern", _FALSE, *arguments, check=False
    )


def test_the_nu_checker_finds_neither_errors_nor_warnings(site12: Workshop, web: Path, run: Run) -> None:
    pages = [web / found.path for found in every(site12)]
    assert len(pages) > 50

    assert _nu(run, *pages) == ""


@pytest.mark.parametrize("kind", ["css", "svg"])
def test_the_nu_checker_accepts_styles_and_drawings(web: Path, run: Run, kind: str) -> None:
    files = sorted(web.rglob(f"*.{kind}"))
    assert files

    assert _nu(run, f"--{kind}", *files) == ""


def test_the_nu_checker_would_find_something_despite_the_filter(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><html lang=en><title>x</title><p><div></p><table><td>x</table>", encoding="utf-8")

    assert "error" in _nu(run, bad)


# ---- axe


def _templates(site12: Workshop) -> list[Page]:
    """A page of every kind, and articles in each direction of writing."""
    found = {one.path.split("/")[0]: one for one in every(site12)}  # the last of each folder
    names = (
        "street-garden", "hadiqa", "huerto", "leaflet", "compost", "frost", "category", "tag", "author", "about",
        "feeds", "search", "verify",
    )  # fmt: skip
    paths = (
        "index.html", "404.html", "archive/index.html", "archive/a-z/index.html", "archive/2024/index.html",
        "archive/language/ar/index.html", "category/x0284fa7c/index.html", "category/garden/index.html",
    )  # fmt: skip
    web = site12.root / "outputs/web"
    return [*(found[name] for name in names), *(Page(web, path) for path in paths)]


def test_axe_finds_and_doubts_nothing_in_light_and_dark_on_narrow_and_wide_screens(
    axe: Callable[..., list[dict[str, Any]]], site12: Workshop, web: Path
) -> None:
    """Served, because the search page asks a server."""
    pages = _templates(site12)
    with browser.served(web) as address:
        views = axe(*(f"{address}/{found.path}" for found in pages))

    assert len(views) == len(pages) * 4
    wrong: list[tuple[Any, ...]] = [
        (urlsplit(view["url"]).path, view["scheme"], view["width"], kind, _told(view[kind]))
        for view in views
        for kind in ("violations", "incomplete", "errors", "spilled")
        if view[kind]
    ]
    wrong += [(urlsplit(view["url"]).path, view["width"], view["overflow"]) for view in views if view["overflow"] > 0]
    assert wrong == []


def _told(found: list[Any]) -> list[Any]:
    return [
        one if isinstance(one, str) else (one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found
    ]


def test_axe_would_doubt_something(axe: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><html lang=en><title>x</title><main><h1>x</h1>"
        "<p style='background:linear-gradient(#fff,#000);color:#777'>x</p></main>",
        encoding="utf-8",
    )

    assert {one["id"] for view in axe(bad) for one in view["incomplete"]} == {"color-contrast"}


# ---- Lighthouse and weight


@pytest.fixture(scope="module")
def seed_address(published: Workshop) -> Iterator[str]:
    with browser.served(published.root / "outputs/web") as address:
        yield f"{address}/{SEED}/"


def _lighthouse(run: Run, address: str, folder: Path) -> dict[str, Any]:
    run("chromium", "--version")
    program = browser.tool("lighthouse/cli/index.js")
    flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    report = folder / "report.json"
    environment = {**os.environ, "CHROME_PATH": shutil.which("chromium") or ""}
    done = subprocess.run(
        ["node", program, address, "--quiet", "--output=json", f"--output-path={report}", "--no-enable-error-reporting",
         f"--chrome-flags={flags} --user-data-dir={folder / 'chromium'}"],
        capture_output=True, text=True, timeout=180, check=False, env=environment,
    )  # fmt: skip
    assert report.is_file(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def _marks(report: dict[str, Any]) -> dict[str, int | None]:
    scores = {name: category["score"] for name, category in report["categories"].items()}
    return {name: None if score is None else round(score * 100) for name, score in scores.items()}


def test_lighthouse_gives_the_article_full_marks(run: Run, seed_address: str, tmp_path: Path) -> None:
    """Asked again, once, when it has none to give (NO_NAVSTART), or when five people's work slowed the page down."""
    for attempt in ("first", "second"):
        folder = tmp_path / attempt
        folder.mkdir()
        report = _lighthouse(run, seed_address, folder)
        marks = _marks(report)
        if (marks["performance"] or 0) >= 99:
            break
    kept = [name for name, audit in report["audits"].items() if audit["score"] not in (None, 1)]

    assert (marks["performance"] or 0) >= 99, (marks, kept)
    others = {name: mark for name, mark in marks.items() if name != "performance"}
    assert others == {"accessibility": 100, "best-practices": 100, "seo": 100}, kept


def test_an_article_without_pictures_is_light_over_the_wire(run: Run, seed_address: str) -> None:
    run("chromium", "--version")
    (seen,) = browser.visit(seed_address)
    loaded = [(urlsplit(one["url"]).path, one["type"], one["bytes"]) for one in seen["requests"]]
    host = urlsplit(seed_address).netloc

    assert seen["errors"] == []
    assert [one["url"] for one in seen["requests"] if urlsplit(one["url"]).netloc != host] == []
    assert [path for path, kind, _ in loaded if kind == "script"] == []
    assert (seen["cookies"], seen["stored"]) == (0, 0)
    assert len(loaded) <= 6, loaded
    assert sum(size for _, _, size in loaded) <= 80_000, loaded


def test_pages_are_right_when_they_are_opened_from_a_disk(run: Run, site12: Workshop, web: Path) -> None:
    """With their policy in place: nothing that they need is refused, and nothing is complained of."""
    run("chromium", "--version")
    pages = [found for found in _templates(site12) if found.path not in {"404.html", "search/index.html"}]
    seen = browser.visit(*(web / found.path for found in pages))

    assert [(one["url"], one["errors"]) for one in seen if one["errors"]] == []
    for one in seen:
        kinds = {request["type"] for request in one["requests"]}
        assert {"document", "stylesheet", "font"} <= kinds, one["url"]


# ---- links and policy


def test_no_link_and_no_fragment_is_broken(run: Run, site12: Workshop, web: Path) -> None:
    files = [web / found.path for found in every(site12) if found.path != "404.html"]
    files += [web / "sitemap.xml", *sorted((web / "feed").rglob("*.xml"))]

    done = _lychee(web, *files)

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["errors"] == 0
    assert found["total"] > 1000


def test_a_broken_link_and_a_broken_fragment_would_be_found(web: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(f'<a href="{BASE}/nowhere/">x</a> <a href="{BASE}/library/#nowhere">y</a>', encoding="utf-8")

    done = _lychee(web, bad)

    assert done.returncode == 2
    assert json.loads(done.stdout)["errors"] == 2


def _lychee(web: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("lychee") or (str(_LYCHEE) if _LYCHEE.is_file() else "")
    if not program:
        absent("lychee (pip install -r requirements/links.txt --target .ci/tools/lychee brings it)")
    return subprocess.run(
        [program, "--offline", "--include-fragments", "--root-dir", web, "--index-files", "index.html", "--no-progress",
         "--remap", f"{BASE}/(.*)$ file://{web}/$1", "--format", "json", *files],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_policy_has_no_weakness(run: Run, site12: Workshop) -> None:
    browser.tool("csp_evaluator/dist/evaluator.js")
    policy = page(site12, "street-garden").one("//meta[@http-equiv='Content-Security-Policy']/@content")

    assert run("node", browser.TOOLS / "csp.mjs", policy) == ""
    assert "unsafe-inline" in run("node", browser.TOOLS / "csp.mjs", "script-src 'unsafe-inline' *", check=False)
