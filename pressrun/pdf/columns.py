"""Columns that were laid out to try a height, and are taken as they are where that height is kept.

WeasyPrint 70 lays a page's columns out to see whether the rest of the text fits, then for each height that may balance
them, and once more, as it did last, to have them in their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import inf, isclose
from typing import Any


@contextmanager
def reused() -> Iterator[None]:
    """Has WeasyPrint lay no columns out as it did just before; around a private function, as in the release pinned."""
    from weasyprint.layout import block

    plain = block.block_box_layout
    block.block_box_layout = partial(_Columns().lay_out, plain)
    try:
        yield
    finally:
        block.block_box_layout = plain


@dataclass
class _Column:
    """A column that was laid out."""

    box: Any
    #: where in the text it begins, and how far above the foot of the page it must end
    start: Any
    bottom: float
    #: what stands in it but is placed with the page: markers of lists, say
    absolute: list[Any] = field(default_factory=list)
    fixed: list[Any] = field(default_factory=list)
    result: Any = None

    def is_for(self, box: Any, start: Any, bottom: float) -> bool:
        """Whether another one would be the same, perhaps farther to the side."""
        alike = (self.start, self.box.position_y, self.box.width) == (start, box.position_y, box.width)
        near = isclose(self.bottom, bottom, rel_tol=0, abs_tol=1e-6)  # it is the sum of the same lengths
        return alike and near and list(map(id, self.box.children)) == list(map(id, box.children))


class _Columns:
    """The columns of the height that was tried last; those before have lost markers of lists to them."""

    def __init__(self) -> None:
        self._tried: list[_Column] = []

    def lay_out(self, plain: Any, *given: Any, **named: Any) -> Any:
        """WeasyPrint's block_box_layout, which is asked for any block."""
        _, box, bottom, _, _, _, _, _, margins, *_ = given
        if not box.is_column or bottom == inf:  # without end, it looks for what comes next
            return plain(*given, **named)
        return (self._place if margins is None else self._try)(partial(plain, **named), *given)

    def _place(self, plain: Any, *given: Any) -> Any:
        _, box, bottom, start, _, _, absolute, fixed, *_ = given
        found = next((column for column in self._tried if column.is_for(box, start, bottom)), None)
        if not found:
            self._tried.clear()
            return plain(*given)
        absolute += found.absolute
        fixed += found.fixed
        found.result[0].translate(dx=box.position_x - found.box.position_x)
        return found.result

    def _try(self, plain: Any, *given: Any) -> Any:
        context, box, bottom, start, around, empty, _, _, margins, *more = given
        if self._tried and self._tried[0].start == start:
            self._tried.clear()
        column, before = _Column(box, start, bottom), _outside(context)
        lay_out = partial(plain, context, box, bottom, start, around)
        column.result = lay_out(False, column.absolute, column.fixed, margins, *more)
        if _is_settled(column.result[0]):
            self._tried += [column] if _outside(context) == before else []
        elif empty:
            _take_back(context, column)
            return lay_out(True, [], [], [], *more)
        return column.result


def _is_settled(made: Any) -> bool:
    """Whether a column that is not the first of its page would be the same if it were.

    At the top of a page WeasyPrint puts what does not fit, and drops a margin.
    """
    from weasyprint.formatting_structure.boxes import BlockLevelBox

    while isinstance(made, BlockLevelBox) and not made.margin_top:
        made = next((kid for kid in getattr(made, "children", ()) if kid.is_in_normal_flow()), None)
        if not isinstance(made, BlockLevelBox):
            return True
    return False


def _take_back(context: Any, column: _Column) -> None:
    from weasyprint.layout.block import remove_placeholders

    if made := column.result[0]:
        remove_placeholders(context, [made], [], [])


def _outside(context: Any) -> tuple[int, ...]:
    """How much a page has that is no part of a column but may come from one."""
    running = sum(len(boxes) for pages in context.running_elements.values() for boxes in pages.values())
    notes = len(context.current_page_footnotes), len(context.reported_footnotes)
    return running, *notes, len(context.excluded_shapes), len(context.broken_out_of_flow)
