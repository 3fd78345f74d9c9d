"""Folds printed sheets to a booklet and reads it, knowing nothing of how the sheets were made."""

from __future__ import annotations

import pypdfium2


def halves(data: bytes) -> list[tuple[str, str]]:
    """The text of the left and of the right half of every side."""
    document = pypdfium2.PdfDocument(data)
    try:
        sides = []
        for side in document:
            width, height = side.get_size()
            text = side.get_textpage()
            left = text.get_text_bounded(0, 0, width / 2, height)
            sides.append((left.strip(), text.get_text_bounded(width / 2, 0, width, height).strip()))
        return sides
    finally:
        document.close()


def unfolded(data: bytes) -> list[str]:
    """The text of every page as a reader turns them.

    Two sides are one sheet, turned over its short edge, so that the left half of the back lies behind the right half of
    the front. The sheets lie in each other, the first outside, and are folded so that their fronts look outwards.
    """
    sides = halves(data)
    assert len(sides) % 2 == 0
    sheets = list(zip(sides[::2], sides[1::2], strict=True))
    towards = [page for (_, recto), (verso, _) in sheets for page in (recto, verso)]
    back = [page for (verso, _), (_, recto) in reversed(sheets) for page in (recto, verso)]
    return towards + back
