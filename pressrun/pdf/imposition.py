"""Lays the A5 pages of a booklet on sheets of A4, which are folded and stapled in the fold.

What comes of it is for paper alone: it has neither tags nor links nor an outline, and claims none.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pressrun import packages

if TYPE_CHECKING:
    from pikepdf import Pdf

#: pages of one sheet of paper, both sides together
_PAGES = 4
_MM = 72 / 25.4
_WIDTH, _HEIGHT = 297 * _MM, 210 * _MM
_FOLD = _WIDTH / 2
#: how far a tick at the fold reaches in: beyond the 5 mm that office printers leave white, short of any text
_TICK = 7 * _MM
#: of the catalogue: what serves readers of a screen, by page and in reading order
_SCREEN = ("/StructTreeRoot", "/MarkInfo", "/Outlines", "/PageMode", "/Names", "/Dests", "/OpenAction", "/PageLabels")


def version() -> str:
    """Of pikepdf; empty where it is not installed, for not everybody makes booklets."""
    return packages.version("pikepdf") if find_spec("pikepdf") else ""


def order(pages: int) -> list[tuple[int, int]]:
    """Left and right page of each side of paper, front and back by turns, with pages counted from 1.

    Numbers above `pages`, which come last in the booklet, are blank. The printer turns sheets over their short edge.
    """
    last = pages + -pages % _PAGES
    outer_first = [(last - side, side + 1) for side in range(last // 2)]
    return [(low, high) if side % 2 else (high, low) for side, (high, low) in enumerate(outer_first)]


def impose(data: bytes, *, right_to_left: bool = False) -> bytes:
    """A PDF of A5 pages, within their trim and in their own size, as the sides of sheets; same data, same bytes.

    A booklet that is read from right to left has its front cover at the left.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        pages: dict[int, Any] = {
            number: pdf.make_indirect(page.as_form_xobject()) for number, page in enumerate(pdf.pages, 1)
        }
        del pdf.pages[:]
        for left, right in order(len(pages)):
            shown = (right, left) if right_to_left else (left, right)
            _add_side(pdf, *map(pages.get, shown))
        _describe(pdf)
        stream = io.BytesIO()
        pdf.save(stream, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return stream.getvalue()


def _add_side(pdf: Pdf, left: Any, right: Any) -> None:
    """Adds a side whose two pages, or blanks, meet at the fold."""
    import pikepdf

    pages = {name: page for name, page in (("Left", left), ("Right", right)) if page is not None}
    drawing = b"\n".join([*(_place(name, page) for name, page in pages.items()), *_ticks()])
    pdf.pages.append(
        pikepdf.Page(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[0, 0, round(_WIDTH, 3), round(_HEIGHT, 3)],
                Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary({f"/{name}": pages[name] for name in pages})),
                Contents=pdf.make_stream(drawing),
            )
        )
    )


def _place(name: str, page: Any) -> bytes:
    left, bottom, right, top = (float(side) for side in page.BBox)
    x = _FOLD - (right if name == "Left" else left)
    y = (_HEIGHT - bottom - top) / 2
    return f"q 1 0 0 1 {x:.3f} {y:.3f} cm /{name} Do Q".encode()


def _ticks() -> Iterator[bytes]:
    """Thin lines in black ink that show where to fold, at head and foot."""
    yield b"q 0 0 0 1 K 0.25 w"
    for start, end in ((0.0, _TICK), (_HEIGHT - _TICK, _HEIGHT)):
        yield f"{_FOLD:.3f} {start:.3f} m {_FOLD:.3f} {end:.3f} l S".encode()
    yield b"Q"


def _describe(pdf: Pdf) -> None:
    """Keeps title, author and language, and tells printers how to do this right by themselves."""
    import pikepdf

    for key in _SCREEN:
        if key in pdf.Root:
            del pdf.Root[key]
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(
        DisplayDocTitle=True, Duplex=pikepdf.Name.DuplexFlipShortEdge, PrintScaling=pikepdf.Name("/None")
    )
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as found:
        found.pop("pdfuaid:part", None)
