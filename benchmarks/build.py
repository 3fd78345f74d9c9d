"""What a build costs beside Hugo, Pelican, Eleventy, WeasyPrint alone, Chromium and Typst, on the same words.

In .venv: inv bench, or python benchmarks/build.py [FIGURE ...] [--quick] [--pairs N] [--articles N] [--handouts N].
Ours is run as users run it, `python -m invoke build`, in a desk of its own with a copy of the code; both sides lie in
memory (/dev/shm) and take turns. It writes benchmarks/results.md, .svg and .json; a quick run only prints.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import corpus
import measure
import peers
import report
from measure import Cost
from report import Figure

ROOT = Path(__file__).resolve().parent.parent
_LIGHT = "--only", "web,newsletter,feed"
_USUAL = "a4", "letter", "press"

#: one turn of one side
Run = Callable[[int], Cost]


@dataclass(frozen=True)
class Bench:
    folder: Path
    #: the project whose code is measured
    code: Path
    articles: int
    handouts: int
    pairs: int

    # ---- the two sides

    def desk(self, count: int, papers: int = 0, editions: Iterable[str] = _USUAL) -> Path:
        """Our articles with the code, as an author has them; the first ones may have handouts."""
        name = "-".join(map(str, ("desk", count, papers, *editions)))
        folder = self.folder / name
        if folder.exists():
            return folder
        for part in ("pressrun", "templates"):
            shutil.copytree(self.code / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(self.code / "tasks.py", folder)
        (folder / "content/articles").mkdir(parents=True)
        settings = f"editions: [{', '.join(editions)}]\n"
        (folder / "content/site.yaml").write_text(corpus.SITE + settings, encoding="utf-8")
        for article in corpus.articles(count):
            _write(folder, article, handout=article.number < papers)
        subprocess.run([sys.executable, "-m", "compileall", "-q", "pressrun", "tasks.py"], cwd=folder, check=True)
        return folder

    def build(self, folder: Path, *words: str, fresh: bool = False, **how: bool | frozenset[int]) -> Cost:
        if fresh:
            shutil.rmtree(folder / "outputs", ignore_errors=True)
        return measure.run([sys.executable, "-m", "invoke", "build", *words], folder, **how)  # type: ignore[arg-type]

    @cached_property
    def found(self) -> tuple[dict[str, peers.Peer], dict[str, str]]:
        return peers.install()

    def site(self, peer: peers.Peer, count: int) -> Path:
        folder = self.folder / f"{peer.name}-{count}"
        if not folder.exists():
            peer.write(folder, corpus.articles(count))
        return folder

    def make(self, peer: peers.Peer, count: int, *, fresh: bool = False) -> Cost:
        folder = self.site(peer, count)
        if fresh:
            shutil.rmtree(folder / peer.output, ignore_errors=True)
        return measure.run(peer.command, folder)

    def turns(self, runs: Mapping[str, Run], *, short: bool = False) -> dict[str, list[Cost]]:
        """Everybody in turn, as often as there are pairs; four times as often where a turn is soon over."""
        costs: dict[str, list[Cost]] = {name: [] for name in runs}
        for turn in range(self.pairs * (4 if short else 1)):
            for name, run in runs.items():
                cost = run(turn)
                costs[name].append(cost)
                print(f"  {name}: {cost.wall:.2f} s, {cost.cpu:.2f} s of processor, {cost.largest:.0f} MB", flush=True)
        return costs


def _write(desk: Path, article: corpus.Article, *, handout: bool = False) -> None:
    text = corpus.yaml(article, handout=handout)
    (desk / f"content/articles/{article.slug}.yaml").write_text(text, encoding="utf-8")


# ---- the figures


def cold(bench: Bench) -> Iterator[Figure]:
    """Every page, letter and feed into an empty folder, against HTML alone."""
    count, (known, absent) = bench.articles, bench.found
    desk = bench.desk(count)
    runs: dict[str, Run] = {"ours": lambda _: bench.build(desk, *_LIGHT, fresh=True)}
    for name, peer in known.items():
        bench.site(peer, count)
        runs[name] = partial(lambda peer, _: bench.make(peer, count, fresh=True), peer)
    costs = bench.turns(runs)
    for name, limit in {"Hugo": 4, "Pelican": 0.5, "Eleventy": None}.items():
        what = f"{count:,} articles cold, web, newsletter and feed, against {name}, HTML alone"
        asked = Figure(f"cold-{name.lower()}", what, limit)
        yield report.compared(asked, costs, ("ours", name)) if name in known else _absent(asked, name, absent)


def _absent(asked: Figure, name: str, absent: Mapping[str, str]) -> Figure:
    return replace(asked, absent=absent[name])


def unchanged(bench: Bench) -> Iterator[Figure]:
    count, (known, absent) = bench.articles, bench.found
    asked = Figure("unchanged", f"nothing changed, {count:,} articles, against Hugo's rebuild", 0.35)
    if "Hugo" not in known:
        yield _absent(asked, "Hugo", absent)
        return
    desk = bench.desk(count)
    bench.build(desk, *_LIGHT)
    bench.make(known["Hugo"], count)
    costs = bench.turns({
        "ours": lambda _: bench.build(desk, *_LIGHT),
        "Hugo": lambda _: bench.make(known["Hugo"], count),
    }, short=True)  # fmt: skip
    yield report.compared(asked, costs, ("ours", "Hugo"))


def changed(bench: Bench) -> Iterator[Figure]:
    """A word of the first article is another one in every turn; in one of two desks that article has handouts."""
    count, (known, absent) = bench.articles, bench.found
    what = "one word changed, {}, against Hugo's rebuild".format
    asked = Figure("changed", what("web, newsletter and feed"), 0.6)
    paper_asked = Figure("changed-paper", what("with its handouts in three editions"), 2)
    if "Hugo" not in known:
        yield from (_absent(one, "Hugo", absent) for one in (asked, paper_asked))
        return
    hugo, light, paper = known["Hugo"], bench.desk(count), bench.desk(count, papers=1)
    first = next(corpus.articles(count))
    bench.build(light, *_LIGHT)
    bench.build(paper)
    bench.make(hugo, count)

    def ours(desk: Path, words: tuple[str, ...], turn: int) -> Cost:
        _write(desk, first.changed(turn), handout=desk == paper)
        return bench.build(desk, *words)

    def theirs(turn: int) -> Cost:
        hugo.write(bench.site(hugo, count), [first.changed(turn)])
        return bench.make(hugo, count)

    costs = bench.turns(
        {"ours": partial(ours, light, _LIGHT), "Hugo": theirs, "with handouts": partial(ours, paper, ())}
    )
    for desk in (light, paper):
        _write(desk, first, handout=desk == paper)
    hugo.write(bench.site(hugo, count), [first])
    yield report.compared(asked, costs, ("ours", "Hugo"))
    yield report.compared(paper_asked, costs, ("with handouts", "Hugo"))


def handouts(bench: Bench) -> Iterator[Figure]:
    """Handouts of one edition, all of a batch in one run, with its start."""
    count = bench.handouts
    desk, folder = bench.desk(count, papers=count, editions=["a4"]), bench.folder / "pages"
    folder.mkdir(exist_ok=True)
    here, place = Path(__file__).parent, {"PYTHONPATH": str(desk)}
    measure.run([sys.executable, here / "draw.py", "pages", str(count), folder], desk, environment=place)
    alone = [sys.executable, here / "draw.py", "weasyprint", folder]
    runs: dict[str, Run] = {
        "ours": lambda _: bench.build(desk, "--only", "handout", fresh=True, together=True),
        "WeasyPrint alone": lambda _: measure.run(alone, folder, together=True),
    }
    lacking = {}
    for name, find in {"Chromium": _chromium, "Typst": _typst}.items():
        try:
            runs[name] = find(count, folder)
        except (OSError, subprocess.CalledProcessError) as error:
            lacking[name] = peers.reason(name, error)
    costs = bench.turns(runs)
    for key, name, limit, how in (
        ("handout-weasyprint", "WeasyPrint alone", 0.75, "cpu"), ("handout-chromium", "Chromium", 0.6, "cpu"),
        ("handout-chromium-memory", "Chromium", 0.35, "together"), ("handout-typst", "Typst", None, "cpu"),
    ):  # fmt: skip
        unit = "memory" if how == "together" else "processor time"
        asked = Figure(key, f"{unit} of {count} handouts on A4, against {name}", limit)
        yield (
            _absent(asked, name, lacking)
            if name in lacking
            else report.compared(asked, costs, ("ours", name), by=how, memory="together")
        )


def _chromium(_: int, folder: Path) -> Run:
    place = {"CHROMIUM": str(peers.chromium())}
    command = ["node", Path(__file__).with_name("print.mjs"), folder]
    return lambda _: measure.run(command, folder, environment=place, together=True)


def _typst(count: int, folder: Path) -> Run:
    command = [peers.typst(), Path(__file__).with_name("draw.py"), "typst", str(count), folder]
    return lambda _: measure.run(command, folder, together=True)


def editions(bench: Bench) -> Iterator[Figure]:
    count = max(bench.handouts // 5, 2)
    desks = {"three": bench.desk(count, count), "one": bench.desk(count, count, ["a4"])}
    costs = bench.turns({
        name: partial(lambda desk, _: bench.build(desk, "--only", "handout", fresh=True, together=True), desk)
        for name, desk in desks.items()
    })  # fmt: skip
    what = f"processor time of {count} articles in three editions (A4, Letter, press), against one"
    yield report.compared(Figure("editions", what, 2.5), costs, ("three", "one"), by="cpu", memory="together")


def workers(bench: Bench) -> Iterator[Figure]:
    """As many workers as the cores that a build may use: one side is held on one."""
    count, (first, *others) = bench.handouts, sorted(os.sched_getaffinity(0))
    asked = Figure("workers", f"{count} handouts on A4, two workers against one", 0.6)
    if not others:
        yield replace(asked, absent="this machine has one core")
        return
    desk = bench.desk(count, papers=count, editions=["a4"])
    costs = bench.turns({
        name: partial(lambda cores, _: bench.build(
            desk, "--only", "handout", fresh=True, together=True, cores=frozenset(cores)
        ), cores) for name, cores in {"two": (first, others[0]), "one": (first,)}.items()
    })  # fmt: skip
    yield report.compared(asked, costs, ("two", "one"), memory="together")


def memory(bench: Bench) -> Iterator[Figure]:
    sizes = {f"{count:,} articles": count for count in (bench.articles, bench.articles // 10)}
    desks = {name: bench.desk(count) for name, count in sizes.items()}
    costs = bench.turns({
        name: partial(lambda desk, _: bench.build(desk, *_LIGHT, fresh=True), desk) for name, desk in desks.items()
    })  # fmt: skip
    many, few = costs
    peak = f"peak memory of the largest process, {many}"
    yield report.amount(Figure("memory", f"{peak}, MB", 250), costs, many)
    yield report.compared(Figure("memory-growth", f"{peak}, against {few}", 1.3), costs, (many, few), by="largest")


def marginal(bench: Bench) -> Iterator[Figure]:
    """What one more unchanged article adds, from N to 10 N and from N / 100 to N, when nothing or another changed."""
    sizes = [max(bench.articles // 100, 2), bench.articles, bench.articles * 10]
    desks = {count: bench.desk(count) for count in sizes}
    for desk in desks.values():
        bench.build(desk, *_LIGHT)
    still = {str(count): partial(lambda desk, _: bench.build(desk, *_LIGHT), desk) for count, desk in desks.items()}
    yield _marginal(Figure("marginal", "one more unchanged article", 1.5), bench.turns(still, short=True), sizes)
    first = {count: next(corpus.articles(count)) for count in sizes}

    def edited(count: int, turn: int) -> Cost:
        _write(desks[count], first[count].changed(turn))
        return bench.build(desks[count], *_LIGHT)

    costs = bench.turns({str(count): partial(edited, count) for count in sizes})
    for count, desk in desks.items():
        _write(desk, first[count])
    yield _marginal(Figure("marginal-changed", "the same, when one word of another changed", None), costs, sizes)


def _marginal(asked: Figure, costs: report.Costs, sizes: Iterable[int]) -> Figure:
    few, some, many = sizes
    low, middle, high = costs.values()
    each = {
        f"{many:,} articles": [_each(more, less, many - some) for more, less in zip(high, middle, strict=True)],
        f"{some:,} articles": [_each(more, less, some - few) for more, less in zip(middle, low, strict=True)],
    }
    asked = replace(asked, what=f"{asked.what}, processor time at {many:,} against at {some:,}")
    return report.compared(asked, each, (f"{many:,} articles", f"{some:,} articles"), by="cpu")


def _each(more: Cost, less: Cost, count: int) -> Cost:
    return replace(more, wall=(more.wall - less.wall) / count, cpu=(more.cpu - less.cpu) / count)


FIGURES: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    figure.__name__: figure for figure in (cold, unchanged, changed, memory, marginal, handouts, editions, workers)
}


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"some of {', '.join(FIGURES)}; all without one")
    parser.add_argument("--quick", action="store_true", help="small and rough, written nowhere")
    parser.add_argument("--articles", type=int, help="1000 without it")
    parser.add_argument("--handouts", type=int, help="100 without it")
    parser.add_argument("--pairs", type=int, help="5 without it")
    parser.add_argument("--code", type=Path, default=ROOT, help="another checkout, whose code is measured")
    asked = parser.parse_args(words)
    if unknown := [name for name in asked.figures if name not in FIGURES]:
        parser.error(f"there is no figure '{unknown[0]}'; known are: {', '.join(FIGURES)}")
    articles, papers, pairs = (100, 10, 2) if asked.quick else (1000, 100, 5)
    shared = Path("/dev/shm")  # noqa: S108  # in memory, so that no disk is measured
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as name:
        bench = Bench(
            Path(name), asked.code.resolve(), asked.articles or articles, asked.handouts or papers, asked.pairs or pairs
        )
        rough = bench.articles < 1000 or bench.handouts < 100 or bench.pairs < 5
        failed = False
        for figure in asked.figures or FIGURES:
            print(f"{figure}:", flush=True)
            try:
                made = [replace(one, where=report.machine(), rough=rough) for one in FIGURES[figure](bench)]
            except RuntimeError as error:  # the others may still be measured
                print(error, file=sys.stderr)
                failed = True
                continue
            print(*map(report.line, made), sep="\n", flush=True)
            if not asked.quick:
                report.write(made, _versions(bench))
    if failed:
        sys.exit(1)


def _versions(bench: Bench) -> str:
    known, _ = bench.found
    named = [f"{name} {peer.version}" for name, peer in known.items()]
    return ", ".join([*named, *peers.drawers()])


if __name__ == "__main__":
    main(sys.argv[1:])
