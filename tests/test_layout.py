"""What a layout takes over from one before: its bytes are those of a layout that takes over nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


@pytest.mark.parametrize("more", STYLES)
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
