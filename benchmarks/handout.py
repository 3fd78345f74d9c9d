"""What a handout costs: ours, edition by edition, beside WeasyPrint alone, Chromium and Typst on the same text.

Run by hand in .venv: python benchmarks/handout.py [PAIRS]. All take turns in one run; a figure is the median of the
pairs' processor time (user and system), and a ratio that of each pair. It writes benchmarks/handout.md.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pypdfium2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pressrun import build, drawing, model, pdf  # noqa: E402
from pressrun.channels import handout  # noqa: E402
from pressrun.outputs import Shelf  # noqa: E402

SLUG = "ketamine-withdrawal"
WAYS = {
    **{name: (name,) for name in handout.EDITIONS},
    "usual three": handout.DEFAULT,
    "all six": tuple(handout.EDITIONS),
}
#: makes one PDF; tells the seconds of processor time that it took
Draw = Callable[[], tuple[float, bytes]]


def main(pairs: int = 5) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet = _sheet(folder)
        ways: dict[str, Draw] = {f"Pressrun, {way}": _ours(folder, names) for way, names in WAYS.items()}
        ways |= dict(_others(folder, sheet))
        for draw in ways.values():
            draw()  # warms it
        taken: dict[str, list[float]] = {way: [] for way in ways}
        data = {}
        for _ in range(pairs):
            for way, draw in ways.items():
                seconds, data[way] = draw()
                taken[way].append(seconds)
    _write(taken, data)


def _timed(call: Callable[[], bytes]) -> tuple[float, bytes]:
    start = time.process_time()
    data = call()
    return time.process_time() - start, data


# ---- ours


def _shelf(folder: Path) -> Shelf:
    """Every output of the real content, none of them made."""
    desk = build.Desk(ROOT)
    found = build.read(desk, datetime.now(UTC))
    shelf = build.declare(build.Desk(ROOT), found, [])
    shelf.folder = folder / "outputs"
    shelf._known.clear()  # so that nothing counts as made
    return shelf


def _ours(folder: Path, names: tuple[str, ...]) -> Draw:
    def draw() -> bytes:
        drawing.fitted.cache_clear()
        first, *_ = [shelf.get(f"handout/{SLUG}-{name}.pdf").make() for name in names]
        return first

    shelf = _shelf(folder)
    return lambda: _timed(draw)


def _sheet(folder: Path) -> pdf.Sheet:
    """The A4 handout that is chosen, as it goes to WeasyPrint."""
    seen: list[pdf.Sheet] = []
    lay_out = pdf.lay_out

    def noted(sheet: pdf.Sheet, private: Path) -> pdf.Layout:
        seen.append(sheet)
        return lay_out(sheet, private)

    pdf.lay_out = noted
    _ours(folder, ("a4",))()
    pdf.lay_out = lay_out
    return seen[-1]


# ---- the others


def _others(folder: Path, sheet: pdf.Sheet) -> Iterator[tuple[str, Draw]]:
    page = _page(folder, sheet)
    yield "WeasyPrint alone, A4", lambda: _timed(lambda: _weasyprint(page))
    if shutil.which("chromium"):
        yield "Chromium, A4, a process each", lambda: _chromium(folder, page)
    else:
        print("Chromium is not installed: left out.")
    if find_spec("typst"):
        turns = count()
        yield "Typst, A4", lambda: _typst(folder / "handout.typ", _typst_source(next(turns)))
    else:
        print("Typst is not installed (pip install typst): left out.")


def _page(folder: Path, sheet: pdf.Sheet) -> Path:
    """The same document for a browser: what it names lies beside it."""
    for name, data in sheet.assets.items():
        (folder / name).write_bytes(data)
    text = sheet.html.replace("</head>", f"<style>{sheet.css}</style></head>").replace(pdf.SCHEME, "")
    page = folder / "handout.html"
    page.write_text(text, encoding="utf-8")
    return page


def _weasyprint(page: Path) -> bytes:
    """Once, in one setting, with the machine's fonts at hand, as its documentation shows."""
    import weasyprint

    return bytes(weasyprint.HTML(page).write_pdf(pdf_variant="pdf/ua-1"))


def _chromium(folder: Path, page: Path) -> tuple[float, bytes]:
    target = folder / "chromium.pdf"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
               "--disable-background-networking", "--no-pdf-header-footer", f"--print-to-pdf={target}"]  # fmt: skip
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), target.read_bytes()


def _typst(source: Path, text: str) -> tuple[float, bytes]:
    import typst

    source.write_text(text, encoding="utf-8")
    return _timed(lambda: bytes(typst.compile(str(source), pdf_standards=["ua-1"])))


def _typst_source(turn: int) -> str:
    """A plain document of two columns with all that the article says; Typst remembers one that it has set before."""
    found = build.read(build.Desk(ROOT), datetime.now(UTC)).publication.on("handout")
    article = next(article for article in found if article.slug == SLUG)
    page = f'#set page(paper: "a4", margin: {13 + turn / 100}mm)'
    head = ['#set document(title: "Handout")', '#set text(size: 12pt, lang: "en")', page]
    return "\n\n".join([*head, f"= {_escaped(article.title)}", "#columns(2)[", *map(_block, article.body), "]"])


def _block(block: model.Block) -> str:
    match block:
        case model.Heading(heading=text):
            return f"== {_escaped(model.plain(text))}"
        case model.List(list=items):
            return "\n".join(f"- {_escaped(model.plain(item.text))}" for item in items)
        case model.Steps(steps=items):
            return "\n".join(f"+ {_escaped(model.plain((*item.name, *item.text)))}" for item in items)
        case model.Terms(terms=items):
            return "\n".join(
                f"/ {_escaped(model.plain(item.name))}: {_escaped(model.plain(item.text))}" for item in items
            )
        case _:
            return _escaped(" ".join(map(model.plain, model.prose((block,)))))


def _escaped(text: str) -> str:
    return re.sub(r"([\\#$*_`<>@=/+\[\]-])", r"\\\1", " ".join(text.split()))


# ---- what came of it


def _write(taken: dict[str, list[float]], data: dict[str, bytes]) -> None:
    own = taken["Pressrun, a4"]
    rows = []
    for way, seconds in taken.items():
        ratio = statistics.median(one / other for one, other in zip(seconds, own, strict=True))
        document = pypdfium2.PdfDocument(data[way])
        rows.append(
            f"| {way} | {1000 * statistics.median(seconds):.0f} | {ratio:.2f} | {len(document)} | {len(data[way]):,} |"
        )
        document.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    text = f"""# What it costs

## Handouts

The seed article ({SLUG}), {machine}, {datetime.now(UTC):%Y-%m-%d}, medians of {len(own)} turns:
`python benchmarks/handout.py`. Processor time, user and system; ours includes choosing among up to three settings,
the others draw one. Sides and bytes are of the first file. Ours took at most {memory} MB of memory.

| way | ms | ratio to ours on A4 | sides | bytes |
| --- | --- | --- | --- | --- |
"""
    (ROOT / "benchmarks/handout.md").write_text(text + "\n".join(rows) + "\n", encoding="utf-8")
    print(*rows, sep="\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
