"""What a layout takes over from one before: its bytes are those of a layout that takes over nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from weasyprint.layout import inline

from pressrun import pdf
from pressrun.pdf import columns, lines

CSS = """@page { size: 300pt 400pt; margin: 20pt 20pt 40pt; @bottom-right { content: counter(page); font: 10pt x } }
    body, p, h1, h2, ul { margin: 0; font: 10pt/12pt x } p { margin-bottom: 12pt } h2 { break-after: avoid }
    main { columns: 2; column-gap: 10pt; orphans: 2; widows: 2 } li { break-inside: avoid }
    """
PLAIN = ""
AUTO = "main { column-fill: auto }"
MARGINS = "main > * { margin-top: 9pt }"
FLOATS = "h2 { float: left; width: 40pt }"
PLACED = "h2 { position: absolute } p + p { position: relative; top: 2pt }"
NOTES = "ul { float: footnote }"
RUNNING = "h2 { position: running(head) } @page { @top-left { content: element(head); font: 10pt x } }"
BLOCKS = "p, ul { padding: 3pt; border: 1pt solid; break-inside: avoid }"
STYLES = [PLAIN, AUTO, MARGINS, FLOATS, PLACED, NOTES, RUNNING, BLOCKS]


def _sheet(more: str, count: int, word: str = "Words") -> pdf.Sheet:
    parts = "".join(
        f"<h2>Part {number}</h2><p>{word} <b>that</b> fill some lines {'and more ' * (number % 7 * 3)}of it."
        f"<p>{word} again.{'<ul><li>One thing<li>Another <a href=#a>thing</a></ul>' * (number % 3 == 1)}"
        for number in range(count)
    )
    html = f'<html lang="en"><title>x</title><h1 id="a">A title</h1><main>{parts}</main>'
    return pdf.Sheet(html, CSS + more)


def _drawn(sheet: pdf.Sheet, folder: Path) -> bytes:
    return pdf.lay_out(sheet, folder).write()


@contextmanager
def _nothing(*_: Any) -> Iterator[None]:
    yield


@pytest.mark.parametrize("more", [STYLES[0], *(pytest.param(one, marks=pytest.mark.heavy) for one in STYLES[1:])])
def test_what_is_taken_over_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    sheets = [_sheet(more, count) for count in (1, 6, 13, 24)]
    reused = [_drawn(sheet, tmp_path) for sheet in sheets]
    monkeypatch.setattr(columns, "reused", _nothing)
    monkeypatch.setattr(lines.Lines, "kept", _nothing)
    pdf.forget()

    assert reused == [_drawn(sheet, tmp_path) for sheet in sheets]


def test_the_order_of_documents_changes_no_byte(tmp_path: Path) -> None:
    sheets = [_sheet(more, 9, word) for more in (PLAIN, AUTO) for word in ("Words", "Others")]
    pdf.forget()
    forwards = [_drawn(sheet, tmp_path) for sheet in sheets]
    pdf.forget()

    assert forwards == [_drawn(sheet, tmp_path) for sheet in reversed(sheets)][::-1]


def test_no_line_is_broken_twice_and_no_column_placed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: list[tuple[Any, ...]] = []
    split = inline.split_first_line

    def counted(text: str, style: Any, *others: Any, **named: Any) -> Any:
        broken.append((text, *others[1:], *named.items(), style["font_weight"]))
        return split(text, style, *others, **named)

    placed: list[bool] = []
    take = columns._Columns._place

    def noted(kept: columns._Columns, plain: Any, *given: Any) -> Any:
        placed.append(bool(kept._tried))
        return take(kept, plain, *given)

    monkeypatch.setattr(inline, "split_first_line", counted)
    monkeypatch.setattr(columns._Columns, "_place", noted)
    pdf.forget()
    pdf.lay_out(_sheet(PLAIN, 13), tmp_path)

    assert broken
    assert len(broken) == len(set(broken))
    assert len(placed) > 2
    assert all(placed)


def test_the_lines_that_are_kept_are_so_many_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_MOST", 10)
    pdf.forget()

    few = _drawn(_sheet(PLAIN, 13), tmp_path)

    monkeypatch.undo()
    assert few == _drawn(_sheet(PLAIN, 13), tmp_path)


def test_a_column_is_taken_from_the_height_that_was_tried_last_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_is_settled", bool)
    context = SimpleNamespace(
        running_elements={}, current_page_footnotes=[], reported_footnotes=[], excluded_shapes=[], broken_out_of_flow={}
    )
    kept, laid_out = columns._Columns(), []

    def plain(_: Any, box: Any, bottom: float, start: Any, *__: Any) -> Any:
        laid_out.append((start, bottom))
        return SimpleNamespace(translate=lambda dx: None), start, box

    def column(start: object, bottom: float, *, tried: bool) -> None:
        box = SimpleNamespace(is_column=True, children=[], position_x=0, position_y=0, width=9)
        kept.lay_out(plain, context, box, bottom, start, None, not tried, [], [], [] if tried else None, None, None)

    for start, bottom, tried in [("a", 1, True), ("b", 1, True), ("a", 1, False), ("b", 1, False)]:
        column(start, bottom, tried=tried)
    assert laid_out == [("a", 1), ("b", 1)]
    laid_out.clear()

    for start, bottom, tried in [("c", 1, True), ("d", 1, True), ("c", 2, True), ("c", 1, False), ("d", 1, False)]:
        column(start, bottom, tried=tried)
    assert laid_out == [("c", 1), ("d", 1), ("c", 2), ("c", 1), ("d", 1)]
