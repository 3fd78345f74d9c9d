"""What came of benchmarks/build.py: a table, a picture, and the numbers that both are made from.

A figure that is measured alone takes its place among the earlier ones, each with its own date.
"""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from measure import Cost

_HERE = Path(__file__).resolve().parent
#: order of the rows
_KEYS = (
    "cold-hugo", "cold-pelican", "cold-eleventy", "unchanged", "changed", "changed-paper", "memory", "memory-growth",
    "marginal", "marginal-changed",
    "handout-weasyprint", "handout-chromium", "handout-chromium-memory", "handout-typst", "editions", "workers",
)  # fmt: skip
_NAMES = {"wall": "wall", "cpu": "processor", "largest": "memory", "together": "memory"}


@dataclass(frozen=True)
class Side:
    name: str
    #: medians
    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Figure:
    key: str
    what: str
    #: asked at most; None for what only stands beside
    limit: float | None
    #: what is compared
    by: str = ""
    value: float = 0
    low: float = 0
    high: float = 0
    sides: tuple[Side, ...] = ()
    pairs: int = 0
    #: why it was not measured
    absent: str = ""
    where: str = ""
    #: with fewer articles, handouts or pairs than are asked for, so that it settles nothing
    rough: bool = False

    @property
    def processor(self) -> float:
        """The ratio of processor time, which a busy machine moves less."""
        return self.sides[0].cpu / self.sides[1].cpu if len(self.sides) == 2 else 0


#: the turns of each side, by its name
Costs = Mapping[str, Sequence[Cost]]


def compared(
    asked: Figure, costs: Costs, sides: tuple[str, str], *, by: str = "wall", memory: str = "largest"
) -> Figure:
    """The ratio of the medians; its spread is that of the pairs."""
    ours, theirs = ([float(getattr(cost, by)) for cost in costs[side]] for side in sides)
    pairs = [one / other if other else math.inf for one, other in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ours) / statistics.median(theirs)
    found = tuple(_side(name, costs[name], memory) for name in sides)
    return replace(asked, by=_NAMES[by], value=ratio, low=min(pairs), high=max(pairs), sides=found, pairs=len(pairs))


def amount(asked: Figure, costs: Costs, name: str) -> Figure:
    """Memory that is asked for as such, not as a ratio."""
    values = [cost.largest for cost in costs[name]]
    side = _side(name, costs[name], "largest")
    return replace(
        asked, by="memory", value=side.memory, low=min(values), high=max(values), sides=(side,), pairs=len(values)
    )


def _side(name: str, costs: Sequence[Cost], memory: str) -> Side:
    def median(part: str) -> float:
        return float(statistics.median(getattr(cost, part) for cost in costs))

    return Side(name, median("wall"), median("cpu"), median(memory))


def machine() -> str:
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {load}"


def line(one: Figure) -> str:
    """A figure in a terminal."""
    if one.absent:
        return f"{one.what}: NOT MEASURED, {one.absent}"
    asked = f"; asked at most {one.limit:g}" if one.limit else ""
    processor = f", of processor time {_number(one.processor)}" if one.by == "wall" else ""
    return f"{one.what}: {_number(one.value)} [{_number(one.low)} to {_number(one.high)}]{processor}{asked}"


def write(new: Iterable[Figure], versions: str) -> None:
    """Puts figures among the earlier ones."""
    kept = _HERE / "results.json"
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {"figures": {}}
    known["versions"] = versions
    for one in new:
        known["figures"][one.key] = asdict(one)
    text = json.dumps(known, indent=1) + "\n"
    kept.write_text(text, encoding="utf-8")
    entries = json.loads(text)["figures"]
    figures = [_read(entries[key]) for key in _KEYS if key in entries]
    (_HERE / "results.md").write_text(_table(figures, versions), encoding="utf-8")
    (_HERE / "results.svg").write_text(_picture(figures), encoding="utf-8")


def _read(entry: dict[str, object]) -> Figure:
    sides = entry.pop("sides")
    assert isinstance(sides, list)
    return Figure(**entry, sides=tuple(Side(**side) for side in sides))  # type: ignore[arg-type]


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def _seconds(value: float) -> str:
    return f"{1000 * value:.2f} ms" if value < 0.05 else f"{value:.2f}"


# ---- the table


def _table(figures: Sequence[Figure], versions: str) -> str:
    rows = "\n".join(map(_row, figures))
    return f"""\
# What a build costs

![Each figure, as a part of what is asked at most](results.svg)

`inv bench` writes this; [handout.md](handout.md) and [newsletter.md](newsletter.md) tell of single parts. Linux
{platform.machine()}, Python {platform.python_version()}; {versions}.
Articles are made up, of about 850 words, without pictures, the same for all. Ours and the other take turns in memory
(`/dev/shm`); a figure is the ratio of the medians, in brackets the smallest and largest of the pairs, and where wall is
compared, the ratio of processor time as well, which other work on the machine moves less. Seconds are medians of wall,
and of processor time (user and system, with all children). Memory is that of the largest process; with handouts, of all
processes together. Ours is `./inv build` from its start to its end, in a desk of its own; typefaces and compiled
templates were kept from earlier builds of the same person, which a first one pays with about three seconds. The others
make less: a page of each article, category, tag and author from plain templates; no feeds, no letters. WeasyPrint alone
and Chromium draw, in one process, the setting of each A4 handout that ours chose; Typst sets the same words plainly.

| figure | asked at most | measured | ours: wall, processor, MB | against: wall, processor, MB | pairs; when and where |
| --- | --- | --- | --- | --- | --- |
{rows}
"""


def _row(one: Figure) -> str:
    limit = f"{one.limit:g}" if one.limit else "-"
    if one.absent:
        return f"| {one.what} | {limit} | not measured: {one.absent} | | | {one.where} |"
    measured = f"{_number(one.value)} [{_number(one.low)} to {_number(one.high)}], {one.by}"
    if one.by == "wall":
        measured += f"; processor {_number(one.processor)}"
    if one.rough:
        measured += "; rough, too few to settle it"
    elif one.limit:
        measured = f"**{measured}**" if one.value <= one.limit else f"{measured}: missed"
    sides = [f"{_seconds(side.wall)}, {_seconds(side.cpu)}, {side.memory:.0f}" for side in one.sides] + [""]
    return f"| {one.what} | {limit} | {measured} | {sides[0]} | {sides[1]} | {one.pairs}; {one.where} |"


# ---- the picture

_WIDTH, _LEFT, _ROW, _TOP = 1080, 520, 30, 56
#: a bar that is longer is cut off
_MOST = 2.5


def _picture(figures: Sequence[Figure]) -> str:
    shown = [one for one in figures if one.limit and not one.absent]
    height = _TOP + _ROW * len(shown) + 16
    unit = (_WIDTH - _LEFT - 210) / _MOST
    bars = "".join(_bar(one, _TOP + _ROW * number, unit) for number, one in enumerate(shown))
    asked = _LEFT + unit
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title"
 font-family="Atkinson Hyperlegible, sans-serif" font-size="13" fill="#1c2529">
<title id="title">Each figure of the build as a part of what is asked at most; results.md has the numbers</title>
<rect width="{_WIDTH}" height="{height}" fill="#fff"/>
<text x="16" y="26" font-size="16" font-weight="bold">What a build costs, as a part of what is asked at most</text>
<text x="{asked:.0f}" y="46" text-anchor="middle">asked at most</text>
{bars}<path d="M{asked:.1f} {_TOP - 4}V{height - 12}" stroke="#1c2529" stroke-dasharray="4 3"/>
</svg>
"""


def _bar(one: Figure, top: float, unit: float) -> str:
    assert one.limit
    part = one.value / one.limit
    length, colour = unit * min(part, _MOST), "#1f5f6b" if part <= 1 else "#b4532a"
    verdict = "rough" if one.rough else "met" if part <= 1 else "missed"
    said = f"{_number(one.value)} of {one.limit:g}: {verdict}"
    said += ", cut off" if part > _MOST else ""
    words = one.what if len(one.what) < 80 else one.what[:78].rpartition(" ")[0] + " …"
    return (
        f'<text x="{_LEFT - 10}" y="{top + 16}" text-anchor="end" font-size="12">{escape(words)}</text>'
        f'<rect x="{_LEFT}" y="{top + 3}" width="{length:.1f}" height="18" fill="{colour}"/>'
        f'<text x="{_LEFT + unit * _MOST + 10:.1f}" y="{top + 17}">{said}</text>\n'
    )
