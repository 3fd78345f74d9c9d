"""Earlier addresses in the words of every host, and what servers say of each file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from socket import create_connection, create_server

import pytest
from conftest import ARTICLE, SITE, Workshop, absent

PLAIN = ARTICLE + "channels: {handout: false}\n"


@pytest.fixture(params=["https://www.example.org", "https://example.org/a/b"], ids=["top", "folder"])
def moved(workshop: Workshop, request: pytest.FixtureRequest) -> Workshop:
    workshop.write("content/site.yaml", SITE.replace("https://www.example.org", request.param))
    workshop.article("after", PLAIN, aliases="[before, long-before]")
    workshop.article("other", PLAIN, title="Another", aliases="[an-other]")
    assert workshop.build(only=("web",)).faults == ()
    return workshop


def _base(workshop: Workshop) -> str:
    return "/a/b/" if "/a/b" in (workshop.root / "content/site.yaml").read_text() else "/"


def _forms(workshop: Workshop) -> dict[str, dict[str, str]]:
    """Old and new folder by the form that says so."""
    base = _base(workshop)
    rows = [line.split() for line in workshop.read("web/_redirects").splitlines() if not line.startswith("#")]
    server = workshop.read("server/nginx.conf")
    lines = re.findall(r"^    (/\S+) (/\S+);$", server.split("$pressrun_moved {", 1)[1].split("}", 1)[0], re.MULTILINE)
    objects = json.loads(workshop.read("server/s3-redirects.json"))
    stubs = {
        path.parent.name: match[1]
        for path in (workshop.root / "outputs/web").glob("*/index.html")
        if (match := re.search(r'http-equiv="refresh" content="0; url=\.\./([^/]+)/index.html"', path.read_text()))
    }
    return {
        "stubs": {f"{base}{old}": f"{base}{new}" for old, new in stubs.items()},
        "_redirects": {row[0].rstrip("/"): row[1].rstrip("/") for row in rows},
        "nginx": {old.removesuffix("index.html").rstrip("/"): new.rstrip("/") for old, new in lines},
        "s3": {
            f"/{one['Key'].removesuffix('/index.html')}": one["WebsiteRedirectLocation"].rstrip("/") for one in objects
        },
    }  # fmt: skip


def test_every_form_says_the_same_of_every_alias(moved: Workshop) -> None:
    base = _base(moved)
    wanted = {f"{base}before": f"{base}after", f"{base}long-before": f"{base}after", f"{base}an-other": f"{base}other"}
    assert all(found == wanted for found in _forms(moved).values()), _forms(moved)


def test_a_redirect_takes_one_step_and_ends_at_a_page(moved: Workshop) -> None:
    for redirects in _forms(moved).values():
        for new in redirects.values():
            assert new not in redirects
            page = moved.root / "outputs/web" / new.removeprefix(_base(moved)) / "index.html"
            assert 'http-equiv="refresh"' not in page.read_text(encoding="utf-8")


def test_an_alias_that_is_a_slug_is_refused(workshop: Workshop) -> None:
    workshop.article("one", PLAIN)
    workshop.article("two", PLAIN, aliases="[one]")

    assert "has the slug 'one' too" in str(workshop.build(only=("web",)).faults[0]) or workshop.build().faults


def test_permanent_redirects_are_said_as_each_host_reads_them(moved: Workshop) -> None:
    base = _base(moved)
    lines = moved.read("web/_redirects").splitlines()
    assert f"{base}before/ {base}after/ 301!" in lines  # Netlify
    assert {f"{base}before/ {base}after/ 301", f"{base}before {base}after/ 301"} <= set(lines)  # Cloudflare


def _rules(workshop: Workshop) -> dict[str, dict[str, str]]:
    rules: dict[str, dict[str, str]] = {}
    path = ""
    for line in workshop.read("web/_headers").splitlines():
        if line.startswith("/"):
            path = line
            rules[path] = {}
        elif line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            rules[path][name] = value
    return rules


@pytest.mark.parametrize(
    "path",
    [
        "", "after/", "archive/2025/", "archive/language/es/2/", "assets/style.1234.css", "feed/feed.xml",
        "feed/category/sleep/atom.xml", "newsletter/after/", "search/", "sitemap.xml",
    ],
)  # fmt: skip
def test_no_two_rules_for_hosts_say_one_header_of_one_path(moved: Workshop, path: str) -> None:
    said: dict[str, list[str]] = {}
    for rule, headers in _rules(moved).items():
        pattern = re.escape(rule).replace(r"\*", ".*")
        if re.fullmatch(re.sub(r":[a-z]+", "[^/]+", pattern), f"{_base(moved)}{path}"):
            for name, value in headers.items():
                said.setdefault(name, []).append(value)

    assert all(len(values) == 1 for values in said.values()), said
    assert "frame-ancestors 'none'" in said["Content-Security-Policy"][0]
    assert "script-src" not in said["Content-Security-Policy"][0]
    assert said["Cache-Control"][0].endswith("immutable") == fnmatch(path, "assets/*")
    if path.endswith(("feed.xml", "atom.xml")):
        assert said["Content-Type"][0].startswith(
            "application/rss+xml" if "feed.xml" in path else "application/atom+xml"
        )
    assert len(_rules(moved)) < 100  # Cloudflare's limit


def test_github_pages_keeps_files_that_begin_with_a_line(moved: Workshop) -> None:
    assert moved.read("web/.nojekyll") == ""


# ---- nginx


@pytest.fixture
def served(moved: Workshop, tmp_path: Path) -> Iterator[str]:
    """The live site behind nginx on loopback; where it is."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin") or absent("nginx")
    base = _base(moved)
    for folder in ("assets", "feed/category/sleep", "newsletter/after"):
        (moved.root / "outputs/web" / folder).mkdir(parents=True, exist_ok=True)
    for file in ("feed/feed.xml", "feed/category/sleep/atom.xml", "feed/feed.json", "newsletter/after/index.html"):
        moved.write(f"outputs/web/{file}", "x")
    root = tmp_path / "srv"
    (root / base.strip("/")).parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(moved.root / "outputs/web", root / base.strip("/"), dirs_exist_ok=True)
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = moved.read("server/nginx.conf").replace("listen 80", f"listen 127.0.0.1:{port}")
    text = re.sub(r"root /srv/www/\S+;", f"root {root};", text)
    user = "" if os.geteuid() else "user root;\n"  # as anybody else nginx warns of it
    around = (
        f"{user}pid {tmp_path}/pid;\nerror_log {tmp_path}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n"
        f"include /etc/nginx/mime.types;\nclient_body_temp_path {tmp_path}/b;\nproxy_temp_path {tmp_path}/p;\n"
        f"fastcgi_temp_path {tmp_path}/f;\nuwsgi_temp_path {tmp_path}/u;\nscgi_temp_path {tmp_path}/s;\n"
    )
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"{around}{text}}}\n")
    checked = subprocess.run([nginx, "-t", "-c", conf], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    process = subprocess.Popen([nginx, "-c", conf, "-g", "daemon off;"])
    try:
        for _ in range(100):
            with suppress(OSError), create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}{base}"
    finally:
        process.terminate()
        process.wait(10)


def _got(address: str) -> tuple[int, dict[str, str]]:
    said = subprocess.run(["curl", "-sI", address], capture_output=True, text=True, check=True).stdout.splitlines()
    headers = (line.partition(": ") for line in said[1:] if ": " in line)
    return int(said[0].split()[1]), {name.lower(): value for name, _, value in headers}


@pytest.mark.heavy
def test_nginx_serves_the_site_as_its_file_says(moved: Workshop, served: str) -> None:
    base = _base(moved)
    for old in ("before", "before/", "before/index.html"):
        status, headers = _got(served + old)
        assert (status, headers["location"]) == (301, f"{base}after/")
    status, home = _got(served)
    assert (status, home["content-type"], home["cache-control"]) == (
        200,
        "text/html; charset=utf-8",
        "public, max-age=300",
    )
    assert "frame-ancestors 'none'" in home["content-security-policy"]
    assert "unsafe" not in home["content-security-policy"]
    style = next((moved.root / "outputs/web/assets").glob("style.*.css")).name
    assert _got(f"{served}assets/{style}")[1]["cache-control"].endswith("immutable")
    assert _got(f"{served}feed/feed.xml")[1]["content-type"].startswith("application/rss+xml")
    assert _got(f"{served}feed/category/sleep/atom.xml")[1]["content-type"].startswith("application/atom+xml")
    assert _got(f"{served}feed/feed.json")[1]["content-type"].startswith("application/feed+json")
    assert "'unsafe-inline'" in _got(f"{served}newsletter/after/")[1]["content-security-policy"]
    status, missing = _got(f"{served}no/such/page/")
    assert status == 404
    assert "frame-ancestors" in missing["content-security-policy"]
    body = subprocess.run(["curl", "-s", f"{served}no/such/"], capture_output=True, text=True, check=True).stdout
    assert "Get help now" in body
