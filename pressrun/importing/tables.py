"""Tables of HTML: which of them hold data, and their cells in columns and rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from justhtml import Element, Node

from pressrun.importing.elements import parts
from pressrun.importing.elements import words as said

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: a heading that is bold as a whole, as all headings are
_BOLD = re.compile(r"\A\*\*((?:[^*\\]|\\.)+)\*\*\Z")
#: what a cell may say of its size at most, as browsers have it
_MOST = 1000
#: characters of a heading that is not marked as one
_HEADING = 30

Cell = tuple[Element, bool] | None
"""An element, and whether it begins in this column; None where a row is short."""


def elements(node: Node, *names: str) -> Iterator[Element]:
    """Child elements of some names."""
    return (child for child in parts(node) if child.name in names)


def is_layout(table: Node) -> bool:
    """Whether it is there for its looks: what it holds is read cell by cell, as blocks."""
    role = (table.attrs or {}).get("role") or ""
    inner = table.query(", ".join(("table", *_HEADINGS)))
    return role in ("presentation", "none") or bool(inner) or max(map(len, _grid(_rows(table))), default=0) < 2


def read(table: Node, words: Callable[[Element], str], notes: list[str]) -> dict[str, Any] | None:
    """A table as the contract writes it; None if it has no rows. What somebody should look over is added to the notes.

    A cell over several rows stands in each of them, so that each can be read alone; one over several columns stands in
    the first of them, and its like among the headings in each. Several rows of headings become one: "Dose: low".
    """
    rows = _rows(table)
    head = _head(table, rows)
    grid = _grid(rows)
    width = max(map(len, grid), default=0)
    looks = not head and _looks_headed(rows)
    head = head or int(looks)
    if not grid[head:]:
        return None
    notes += _told(grid, head, guessed=looks)
    heads = _filled(grid[:head], width, lambda cell: _BOLD.sub(r"\1", words(cell)), every=True)
    columns = [": ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)]
    found: dict[str, Any] = {"columns": columns or [""] * width, "rows": _filled(grid[head:], width, words)}
    caption = next((text for one in elements(table, "caption") if (text := words(one))), "")
    if all(row and row[0] and row[0][0].name == "th" for row in grid[head:]):
        found["row_headers"] = True
    return {"caption": caption, **found} if caption else found


def _rows(table: Node) -> list[Element]:
    """Its own rows, the head's first and the foot's last."""
    parts = [("thead",), ("tbody", "tr"), ("tfoot",)]
    groups = (part for names in parts for part in elements(table, *names))
    return [row for part in groups for row in ([part] if part.name == "tr" else elements(part, "tr"))]


def _head(table: Node, rows: Sequence[Element]) -> int:
    """How many rows are headings: those of the thead, or else the first, if its cells are, or look it."""
    marked = sum(1 for head in elements(table, "thead") for _ in elements(head, "tr"))
    if marked or not rows:
        return marked
    cells = list(elements(rows[0], "td", "th"))
    bold = len(rows) > 1 and not table.query("th") and all(map(_is_bold, cells))
    return int(bool(cells) and (bold or all(cell.name == "th" for cell in cells)))


def _looks_headed(rows: Sequence[Element]) -> bool:
    """Whether the first row of several may be headings: words in each cell, and these few and without figures."""
    cells = [said(cell) for cell in elements(rows[0], "td")] if len(rows) > 2 else []
    short = all(0 < len(cell) <= _HEADING and not re.search(r"\d|[.!?;,]$", cell) for cell in cells)
    return short and len(set(cells)) == len(cells) > 1 and not any(row.query("th") for row in rows)


def _told(grid: Sequence[Sequence[Cell]], head: int, *, guessed: bool) -> Iterator[str]:
    which = f"the table '{', '.join(said(cell[0]) for cell in grid[0] if cell)[:60]}'"
    if guessed:
        yield f"The first row of {which} was taken for its headings, for no row is marked as such."
    if not head:
        yield f"T{which[1:]} has no headings: write them behind `columns:`."
    places = [id(cell[0]) for row in grid[head:] for cell in row if cell]
    if len(set(places)) < len(places):
        yield f"A merged cell of {which} is written once, or once in each row: see whether the rows say it."


def _is_bold(cell: Element) -> bool:
    """Whether all its words are, as people mark headings who know no others."""
    bold = "".join(said(part) for part in cell.query("b, strong") if not part.query("b, strong"))
    return bool(bold) and re.sub(r"\s", "", bold) == re.sub(r"\s", "", said(cell))


def _grid(rows: Sequence[Element]) -> list[list[Cell]]:
    taken: dict[tuple[int, int], Cell] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in elements(row, "td", "th"):
            while (y, x) in taken:
                x += 1
            below, across = _span(cell, "rowspan", len(rows) - y), _span(cell, "colspan", _MOST)
            taken |= {(y + down, x + right): (cell, right == 0) for down in range(below) for right in range(across)}
            x += across
    lines = groupby(sorted(taken), key=lambda at: at[0])
    filled = {y: [taken.get((y, x)) for x in range(max(x for _, x in line) + 1)] for y, line in lines}
    return [filled.get(y, []) for y in range(len(rows))]


def _span(cell: Element, name: str, most: int) -> int:
    said = ((cell.attrs or {}).get(name) or "1").strip()
    number = int(said) if said.isdecimal() and len(said) < 6 else 1
    return min(number or most if name == "rowspan" else number or 1, most)


def _filled(
    grid: Sequence[Sequence[Cell]], width: int, words: Callable[[Element], str], *, every: bool = False
) -> list[list[str]]:
    return [
        [words(cell[0]) if cell and (every or cell[1]) else "" for cell in (*row, *[None] * (width - len(row)))]
        for row in grid
    ]
