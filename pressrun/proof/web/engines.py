"""The slow, thorough look: the Nu Html Checker, and axe in Chromium, in light and in dark."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pressrun.proof.web.made import Pages
from pressrun.proof.web.page import Page
from pressrun.proof.web.rules import BY_AXE, BY_NU, ERROR, IGNORE, Finding, fold

#: npm packages of the project's own tools
_TOOLS = Path(__file__).resolve().parents[3] / ".ci/tools"
_NU = "vnu-jar/build/dist/vnu.jar"
_AXE = ("axe-core/axe.min.js", "playwright-core/package.json")
_CHROMIUM = "/usr/bin/chromium"
#: Nu takes data for a script that the policy forbids; no browser does
_FALSE = ".*Content Security Policy.*"
#: files for one Java
_AT_ONCE = 1000
#: pages for one browser, and seconds that it may take for each
_PAGES, _PATIENCE = 20, 60
_REMEDIES = {BY_NU: "It must be valid HTML, CSS and SVG.", BY_AXE: "Everybody must be able to read and use it."}
_SOURCES = {BY_NU: "Nu Html Checker", BY_AXE: "axe-core"}


def lacking() -> list[str]:
    """What of all this cannot run here, and how to come by it."""
    return [*_lacking_nu(), *_lacking_axe()]


def _lacking_nu() -> Iterator[str]:
    if not shutil.which("java"):
        yield "The Nu Html Checker cannot run: install Java (apt-get install default-jre-headless)."
    if not _package(_NU).is_file():
        yield "The Nu Html Checker cannot run: it is not installed (npm ci --prefix .ci/tools)."


def _lacking_axe() -> Iterator[str]:
    if not shutil.which("node"):
        yield "axe cannot run: install Node (apt-get install nodejs)."
    if not shutil.which(os.environ.get("CHROMIUM", _CHROMIUM)):
        yield "axe cannot run: install Chromium (apt-get install chromium), or name it in CHROMIUM."
    if not all(_package(file).is_file() for file in _AXE):
        yield "axe cannot run: it is not installed (npm ci --prefix .ci/tools)."


def _package(path: str) -> Path:
    return _TOOLS / "node_modules" / path


def prove(found: Pages) -> Iterator[Finding]:
    """What the engines that are here say of the pages that are not older than the content."""
    for rule, lacks, look in ((BY_NU, _lacking_nu, _valid), (BY_AXE, _lacking_axe, _access)):
        if not list(lacks()) and found.severities.get(rule) != IGNORE:
            yield from fold(look(found))


def _finding(found: Pages, rule: str, url: str, problem: str, line: int = 0) -> Finding:
    path = Path(unquote(urlsplit(url).path)).relative_to(found.asked.live.resolve()).as_posix()
    severity = found.severities.get(rule) or ERROR
    return Finding(f"outputs/web/{path}", line, rule, severity, problem, _REMEDIES[rule], _SOURCES[rule])


# ---- Nu


def _valid(found: Pages) -> Iterator[Finding]:
    """Every page, and the style sheets and drawings of the site, each kind by itself.

    Asked about several kinds at once (--also-check-css), Nu miscounts the lines of pages.
    """
    live = found.asked.live.resolve()
    kinds = {"--skip-non-html": [live / path for path in found.paths if path not in found.stale]}
    kinds |= {f"--{kind}": sorted(live.glob(f"assets/*.{kind}")) for kind in ("css", "svg")}
    for kind, files in kinds.items():
        for start in range(0, len(files), _AT_ONCE):
            for message in _nu(kind, files[start : start + _AT_ONCE]):
                said = f"{message['message'].rstrip('.')}."
                yield _finding(found, BY_NU, message["url"], said, message.get("lastLine", 0))


def _nu(kind: str, files: Sequence[Path]) -> list[dict[str, Any]]:
    """What Nu says of files of a kind: [{type, url, lastLine, message}]."""
    command = ["java", "-Xss4m", "-jar", str(_package(_NU)), "--stdout", "--exit-zero-always", "--format", "json",
               "--filterpattern", _FALSE, kind, *map(str, files)]  # fmt: skip
    messages: list[dict[str, Any]] = json.loads(_run(command, seconds=600))["messages"]
    return messages


# ---- axe


def _access(found: Pages) -> Iterator[Finding]:
    chosen = [str(found.asked.live.resolve() / path) for path in sample(found)]
    for start in range(0, len(chosen), _PAGES):
        some = chosen[start : start + _PAGES]
        said = _run(["node", str(_TOOLS / "axe.mjs"), *some], seconds=_PATIENCE * len(some))
        for view in map(json.loads, said.splitlines()):
            for problem in _seen(view, found):
                where = f"{view['scheme']}, {view['width']} pixels wide"
                yield _finding(found, BY_AXE, view["url"], f"{problem} ({where}).")


def _seen(view: dict[str, Any], found: Pages) -> Iterator[str]:
    for one in view["violations"]:
        places = ", ".join(node["target"] for node in one["nodes"][:3])
        yield f"{one['id']}: {one['help']}, at {places}"
    if view["overflow"] > 0:
        yield f"It runs {view['overflow']} pixels over the side"
    # From a disk, no script may be loaded.
    if not any(view["url"].endswith(f"/{path}") for path in found.asked.scripted):
        yield from (f"Chromium says: {error}" for error in view["errors"])


def sample(found: Pages) -> list[str]:
    """Pages that have, together, every kind of element, by its class and language, that any page has."""
    seen: set[tuple[str, str, str]] = set()
    chosen = []
    for path, data in found.files():
        kinds = set(_kinds(Page(path, data, found.asked.url(path))))
        if kinds - seen:
            chosen.append(path)
            seen |= kinds
    return chosen


def _kinds(page: Page) -> Iterable[tuple[str, str, str]]:
    language = page.root.get("lang") or ""
    return ((element.tag, element.get("class") or "", language) for element in page.root.iter())


def _run(command: Sequence[str], *, seconds: int) -> str:
    """What a program says. Raises ValueError when it says only why it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise ValueError(f"{Path(command[0]).name} took longer than {seconds} seconds.") from None
    if not done.stdout:
        raise ValueError(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.returncode}")
    return done.stdout
