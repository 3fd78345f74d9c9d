"""Lines of text that were broken before: a handout's are the same in most settings, and columns are laid out twice.

WeasyPrint 70 tries out how high columns must be and then lays them out once more, so it breaks most lines several
times; and it spells out the whole style of a text each time that it looks up the height of a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

#: how many lines are kept; an article has some hundreds
_MOST = 4000
#: what of a style the shapes of letters depend on
_FACE = (
    "font_family", "font_size", "font_style", "font_stretch", "font_weight", "font_variant_ligatures",
    "font_variant_position", "font_variant_caps", "font_variant_numeric", "font_variant_alternates",
    "font_variant_east_asian", "font_feature_settings", "font_variation_settings", "font_language_override", "lang",
)  # fmt: skip
_of_height = itemgetter(*_FACE, "line_height")
_of_breaks = itemgetter(
    *_FACE, "font_kerning", "direction", "white_space", "letter_spacing", "word_spacing", "overflow_wrap", "word_break",
    "tab_size", "hyphens", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone",
)  # fmt: skip


class Lines:
    """Where texts of one set of typefaces were broken.

    A line is kept with all that it follows from, so a document is laid out alike whatever was laid out before it.
    """

    def __init__(self) -> None:
        self._broken: dict[object, tuple[Any, ...]] = {}
        self._heights: dict[object, tuple[float, float]] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Has WeasyPrint break no line that is known, meanwhile; around private functions, as in the release pinned."""
        from weasyprint.css import computed_values, units
        from weasyprint.layout import inline, preferred

        plain = {part: part.strut for part in (inline, units, computed_values)}
        split = inline.split_first_line
        for part in plain:
            part.strut = self._height(inline.strut)
        inline.split_first_line = preferred.split_first_line = self._first(split)
        try:
            yield
        finally:
            for part, strut in plain.items():
                part.strut = strut
            inline.split_first_line = preferred.split_first_line = split

    def _first(self, split: Any) -> Any:
        """WeasyPrint's split_first_line, with what it told before."""
        known = self._broken

        def first(text: str, style: Any, context: Any, width: float | None, justified: float, **how: bool) -> Any:
            # Lines under a text have their own measures, whichever lines they are.
            key = text, width, justified, *how.items(), style["text_decoration_line"] == "none", *_of_breaks(style)
            found = known.get(key)
            if not found:
                if len(known) >= _MOST:
                    known.clear()
                found = known[key] = split(text, style, context, width, justified, **how)
            return _own(found[0]), *found[1:]

        return first

    def _height(self, strut: Any) -> Any:
        """WeasyPrint's strut, with what it told before."""
        known = self._heights

        def height(style: Any) -> tuple[float, float]:
            key = _of_height(style)
            if key not in known:
                if len(known) >= _MOST:
                    known.clear()
                known[key] = strut(style)
            return known[key]

        return height


def _own(layout: Any) -> Any:
    """A copy, for each box draws with its own; quicker than copy.copy, which takes as long as all the rest."""
    made = object.__new__(type(layout))
    made.__dict__.update(layout.__dict__)
    return made
