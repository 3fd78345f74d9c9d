"""What it costs to read an article's outputs back and compare them, beside what it cost to make them.

Run by hand in .venv: python benchmarks/parity.py [TURNS]. Every turn is a process of its own, which builds a site of
one article, and then proves it with what the build has at hand. A word is changed, and both are done once more, to tell
what they cost where all is warm. Figures are medians of processor time (user and system), with what it took to start; a
share is the median of the turns' shares. It writes benchmarks/parity.md.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import corpus

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

#: editions of the handout, and whether there were outputs of the text before its one word was changed
WAYS = {
    "three editions, from nothing": ("a4, letter, large-print", False),
    "three editions, a word changed": ("a4, letter, large-print", True),
    "one edition, from nothing": ("a4", False),
    "one edition, a word changed": ("a4", True),
    "no handout, from nothing": ("", False),
    "no handout, a word changed": ("", True),
}
_PROMISED = 0.3
_SLUG = "article-0"
#: (seconds of a build, of a proof) in a new process, and in a warm one
Turn = list[tuple[float, float]]


def main(turns: int = 7) -> None:
    taken: dict[str, list[Turn]] = {way: [] for way in WAYS}
    for turn in range(turns):
        for way, (editions, again) in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                _site(Path(folder), editions, turn)
                if again:
                    _run(Path(folder), editions, turn)
                taken[way].append(_run(Path(folder), editions, turn + turns))
    _write(taken)


def _site(root: Path, editions: str, turn: int) -> None:
    (root / "content/articles").mkdir(parents=True)
    chosen = f"editions: [{editions}]\n" if editions else ""
    (root / "content/site.yaml").write_text(corpus.SITE + chosen, encoding="utf-8")
    (root / "templates").symlink_to(ROOT / "templates")
    _save(root, editions, turn)


def _save(root: Path, editions: str, turn: int) -> None:
    article = next(corpus.articles(1)).changed(turn)
    path = root / f"content/articles/{_SLUG}.yaml"
    path.write_text(corpus.yaml(article, handout=bool(editions)), encoding="utf-8")


def _run(root: Path, editions: str, turn: int) -> Turn:
    _save(root, editions, turn)
    command = [sys.executable, __file__, "--once", str(root), editions, str(turn)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Turn = json.loads(done.stdout)
    return found


def _once(root: Path, editions: str, turn: int) -> None:
    found = [_timed(root, time.process_time())]
    _save(root, editions, turn + 1000)
    print(json.dumps([*found, _timed(root, 0.0)]))


def _timed(root: Path, before: float) -> tuple[float, float]:
    """`before` is what it took to start, which counts as the build's."""
    start = time.process_time()
    from pressrun import build

    desk = build.Desk(root)
    result = build.build(desk, datetime.now(UTC))
    built = time.process_time()
    from pressrun.proof import parity

    proved = parity.judged(parity.Court(desk, result.content.publication, result.shelf), _SLUG)
    ended = time.process_time()
    assert [one.article.slug for one in proved] == [_SLUG]
    assert proved[0].differences == ()
    return before + built - start, ended - built


def _write(taken: dict[str, list[Turn]]) -> None:
    many = len(next(iter(taken.values())))
    made_on = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# What parity costs beyond the build of one article\n",
        f"Written by benchmarks/parity.py on {made_on}, {datetime.now(UTC):%Y-%m-%d}: medians of {many} turns, in ms",
        f"of processor time. At most {_PROMISED:.0%} is promised.\n",
        "| built | build | parity | share | build, warm | parity, warm | share, warm |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way, turns in taken.items():
        cells = [cell for number in (0, 1) for cell in _cells([turn[number] for turn in turns])]
        lines.append(f"| {way} | {' | '.join(cells if WAYS[way][1] else [*cells[:3], '', '', ''])} |")
    print(*lines, sep="\n")
    (ROOT / "benchmarks/parity.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cells(pairs: list[tuple[float, float]]) -> list[str]:
    medians = [f"{1000 * statistics.median(figures):.0f}" for figures in zip(*pairs, strict=True)]
    return [*medians, f"{statistics.median(proof / build for build, proof in pairs):.0%}"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        _once(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main(*map(int, sys.argv[1:]))
