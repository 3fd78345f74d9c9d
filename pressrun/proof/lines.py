"""Lines of text, put together from what a page draws."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from pressrun.proof.drawn import Item


def lines(found: list[Item]) -> Iterator[list[Item]]:
    """Text that stands side by side on one baseline, a column at a time, from the top; without running feet."""
    rows: dict[tuple[int, int], list[Item]] = {}
    for item in found:
        if item.kind == "text" and item.text.strip() and not item.artifact:
            rows.setdefault((item.page, -round(10 * item.base)), []).append(item)
    for _, row in sorted(rows.items()):
        row.sort(key=lambda item: item.box[0])
        line: list[Item] = []
        for item in row:
            # A gap wider than a letter parts two columns.
            if line and item.box[0] - line[-1].box[2] > 1.1 * max(item.size, line[-1].size):
                yield line
                line = []
            line.append(item)
        yield line


def words(line: list[Item]) -> str:
    """A line's text; where its letters stand apart, a space."""
    text = line[0].text
    for before, item in itertools.pairwise(line):
        apart = item.box[0] - before.box[2] > 0.15 * item.size
        text += " " * (apart and not text.endswith(" ")) + item.text
    return " ".join(text.split())
