"""How soon the proof desk shows what was saved, with a hundred articles in the site, in Chromium.

Run by hand in .venv: python benchmarks/preview.py [TURNS]; it needs Node and Chromium. An author saves one article
again and again with another first word; measured is the time from the save until the panes show it: web page,
newsletter and feed entry, the slowest of the three, and the first page of the handout.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import corpus

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

_COUNT = 100
#: the article that is written, from the middle of the site
_CHOSEN = 50
#: milliseconds, as promised
_PANES, _HANDOUT = 150, 1200


def main(turns: int = 12) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        versions = _site(root, turns)
        saves = _saves(root, versions)
    slowest = [max(save["panes"].values()) for save in saves]
    print(f"{_COUNT} articles, {len(saves)} saves; {platform.machine()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}")  # fmt: skip
    for pane in saves[0]["panes"]:
        print(f"{pane}: {_told([save['panes'][pane] for save in saves])}")
    print(f"all three: {_told(slowest)}; at most {_PANES} is promised")
    print(f"handout: {_told([save['handout'] for save in saves])}; at most {_HANDOUT} is promised")


def _told(figures: list[float]) -> str:
    return f"median {statistics.median(figures):.0f} ms ({min(figures):.0f} to {max(figures):.0f})"


def _site(root: Path, turns: int) -> list[Path]:
    """A desk with made-up articles; the versions of the chosen one, outside of its content."""
    (root / "content/articles").mkdir(parents=True)
    (root / "content/site.yaml").write_text(corpus.SITE, encoding="utf-8")
    (root / "templates").symlink_to(ROOT / "templates")
    articles = list(corpus.articles(_COUNT))
    for article in articles:
        path = root / f"content/articles/{article.slug}.yaml"
        path.write_text(corpus.yaml(article, handout=True), encoding="utf-8")
    versions = [root / f"{turn}.yaml" for turn in range(turns)]
    for turn, path in enumerate(versions):
        path.write_text(corpus.yaml(articles[_CHOSEN].changed(turn), handout=True), encoding="utf-8")
    return versions


def _saves(root: Path, versions: list[Path]) -> list[dict[str, Any]]:
    slug = f"article-{_CHOSEN}"
    command = [sys.executable, __file__, "--serve", str(root), slug]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            file = root / f"content/articles/{slug}.yaml"
            node = ["node", str(ROOT / "benchmarks/preview.mjs"), url, *map(str, [file, *versions])]
            done = subprocess.run(node, capture_output=True, text=True, check=True, timeout=600)
        finally:
            server.send_signal(signal.SIGINT)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _serve(root: str, slug: str) -> None:
    from pressrun.build import Desk
    from pressrun.preview import server

    order = server.Order(slug, browser=False)
    with suppress(KeyboardInterrupt):
        server.serve(Desk(Path(root)), partial(datetime.now, UTC), order, partial(print, flush=True))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        _serve(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
