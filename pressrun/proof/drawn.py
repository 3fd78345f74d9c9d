"""What a page draws, item by item: where it stands, in which ink, how large.

A small interpreter of content streams (ISO 32000-1, chapters 8 and 9), through forms, soft masks and patterns. Of a
clip it knows the box around it alone.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

import pikepdf

from pressrun.proof import typefaces
from pressrun.proof.geometry import SAME, Box, Matrix, factor, floats, moved, read_matrix, swollen, times, within
from pressrun.proof.inks import BLACK, Ink, space_name
from pressrun.proof.typefaces import Typeface

_EVERYWHERE: Box = (-math.inf, -math.inf, math.inf, math.inf)
_NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
_NO_INK = Ink("")
#: forms within forms, deeper than anybody nests them
_DEEPEST = 20


class Item(NamedTuple):
    """One thing that is drawn."""

    #: text, fill, stroke, image, shading; form and settings stand for what is used, and draw nothing by themselves
    kind: str
    #: counted from 1
    page: int
    #: what shows of it
    box: Box
    ink: Ink
    #: points of type, of a line's width, of a fill's shorter side; pixels an inch of an image
    size: float = 0.0
    text: str = ""
    typeface: Typeface | None = None
    #: the image, shading, form or settings
    source: Any = None
    #: number of its marked content; -1 for none
    mark: int = -1
    artifact: bool = False
    missing: bool = False

    @property
    def base(self) -> float:
        """Where the letters of a text stand that runs level."""
        return self.box[1] - (self.typeface.descent * self.size if self.typeface else 0)

    @property
    def seen(self) -> bool:
        left, bottom, right, top = self.box
        return left < right and bottom < top


@dataclass(slots=True)
class _State:
    matrix: Matrix = SAME
    clip: Box = _EVERYWHERE
    fill: Ink = BLACK
    stroke: Ink = BLACK
    #: the pattern that fills, if one does
    pattern: Any = None
    line: float = 1.0
    typeface: Typeface | None = None
    size: float = 0.0
    between: float = 0.0
    at_spaces: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


@dataclass(slots=True)
class _Resources:
    """A page's or a form's resources, each read once."""

    folder: Any
    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def get(self, kind: str, name: str, read: Callable[[Any], Any] = lambda found: found) -> Any:
        if (kind, name) not in self.known:
            found = self.folder.get(kind, {}).get(name)
            self.known[kind, name] = None if found is None else read(found)
        return self.known[kind, name]


def items(pdf: pikepdf.Pdf) -> list[Item]:
    """Everything that the pages draw, in order. Raises pikepdf.PdfError for a stream that cannot be read."""
    typefaces_read: dict[Any, Typeface] = {}
    return [
        item
        for number, page in enumerate(pdf.pages, 1)
        for item in _Walk(number, _Resources(page.resources), typefaces_read).walk(page.obj)
    ]


def _number(name: str, factor: float = 1.0) -> Callable[[_Walk, Any], None]:
    def keep(walk: _Walk, operands: Any) -> None:
        setattr(walk.state, name, float(operands[0]) * factor)

    return keep


def _device(space: str, name: str) -> Callable[[_Walk, Any], None]:
    def keep(walk: _Walk, operands: Any) -> None:
        setattr(walk.state, name, Ink(space, floats(operands)))
        if name == "fill":
            walk.state.pattern = None

    return keep


class _Walk:
    """Follows one stream of operators."""

    def __init__(self, page: int, resources: _Resources, faces: dict[Any, Typeface], depth: int = 0) -> None:
        self._page = page
        self._resources = resources
        self._faces = faces
        self._depth = depth
        self.state = _State()
        self._kept: list[_State] = []
        self._marks: list[tuple[int, bool]] = [(-1, False)]
        self._xs: list[float] = []
        self._ys: list[float] = []
        #: where the parts of the path begin
        self._starts: list[int] = []
        self._clips = False
        self._text: Matrix = SAME
        self._line_start: Matrix = SAME
        self._found: list[Item] = []

    def walk(self, stream: Any, state: _State | None = None, mark: tuple[int, bool] = (-1, False)) -> list[Item]:
        if state:
            self.state = copy.copy(state)
        self._marks = [mark]
        for step in pikepdf.parse_content_stream(stream):
            if do := self.DO.get(str(step.operator)):
                do(self, step.operands)
        return self._found

    def _add(self, kind: str, box: Box, ink: Ink, size: float = 0.0, **about: Any) -> None:
        mark, artifact = self._marks[-1]
        shown = within(box, self.state.clip)
        self._found.append(Item(kind, self._page, shown, ink, size, mark=mark, artifact=artifact, **about))

    def _use(self, kind: str, source: Any) -> None:
        self._found.append(Item(kind, self._page, _NOWHERE, _NO_INK, source=source))

    def _below(self, stream: Any, base: Matrix, box: Box | None = None) -> None:
        """Walks a form, a mask or a pattern that this stream uses, and puts all of it into a box if there is one."""
        if self._depth == _DEEPEST:
            return
        self._use("form", stream)
        state = copy.copy(self.state)
        state.matrix = times(read_matrix(stream.get("/Matrix", SAME)), base)
        left, bottom, right, top = floats(stream.BBox)
        state.clip = within(moved((left, bottom, right, top), state.matrix), state.clip) if box is None else _EVERYWHERE
        own = stream.get("/Resources")
        walk = _Walk(self._page, self._resources if own is None else _Resources(own), self._faces, self._depth + 1)
        found = walk.walk(stream, state, self._marks[-1])
        self._found += found if box is None else [item._replace(box=box) for item in found]

    # ---- the state of graphics

    def _save(self, _: Any) -> None:
        self._kept.append(copy.copy(self.state))

    def _restore(self, _: Any) -> None:
        if self._kept:
            self.state = self._kept.pop()

    def _concat(self, operands: Any) -> None:
        self.state.matrix = times(read_matrix(operands), self.state.matrix)

    def _line_width(self, operands: Any) -> None:
        self.state.line = float(operands[0])

    def _settings(self, operands: Any) -> None:
        found = self._resources.get("/ExtGState", str(operands[0]))
        if found is None:
            return
        self._use("settings", found)
        if "/LW" in found:
            self.state.line = float(found.LW)
        mask = found.get("/SMask")
        if isinstance(mask, pikepdf.Dictionary) and "/G" in mask:
            self._below(mask.G, self.state.matrix, _NOWHERE)

    def _space(self, operands: Any) -> Ink:
        name = str(operands[0])
        known = self._resources.get("/ColorSpace", name, space_name)
        return Ink(known or name.lstrip("/"))

    def _fill_space(self, operands: Any) -> None:
        self.state.fill, self.state.pattern = self._space(operands), None

    def _stroke_space(self, operands: Any) -> None:
        self.state.stroke = self._space(operands)

    def _fill_colour(self, operands: Any) -> None:
        named = [part for part in operands if isinstance(part, pikepdf.Name)]
        self.state.pattern = self._resources.get("/Pattern", str(named[0])) if named else None
        self.state.fill = Ink(self.state.fill.space, floats(part for part in operands if part not in named))

    def _stroke_colour(self, operands: Any) -> None:
        values = floats(part for part in operands if not isinstance(part, pikepdf.Name))
        self.state.stroke = Ink(self.state.stroke.space, values)

    # ---- paths

    def _start(self, operands: Any) -> None:
        self._starts.append(len(self._xs))
        self._point(operands)

    def _point(self, operands: Any) -> None:
        numbers = [float(number) for number in operands]
        self._xs += numbers[::2]
        self._ys += numbers[1::2]

    def _rectangle(self, operands: Any) -> None:
        x, y, width, height = (float(number) for number in operands)
        self._starts.append(len(self._xs))
        self._xs += (x, x + width)
        self._ys += (y, y + height)

    def _clip(self, _: Any) -> None:
        self._clips = True

    def _fill(self, _: Any) -> None:
        if self._xs:
            left, bottom, right, top = box = self._path()
            self._add("fill", box, self.state.fill, min(right - left, top - bottom))
            if self.state.pattern is not None:
                self._pattern()
        self._end(_)

    def _stroke(self, _: Any) -> None:
        width = self.state.line * factor(self.state.matrix)
        for start, end in itertools.pairwise([*self._starts, len(self._xs)]):
            self._add("stroke", swollen(self._path(start, end), width / 2), self.state.stroke, width)
        self._end(_)

    def _both(self, operands: Any) -> None:
        path = self._xs, self._ys, self._starts
        clips, self._clips = self._clips, False
        self._fill(operands)
        (self._xs, self._ys, self._starts), self._clips = path, clips
        self._stroke(operands)

    def _end(self, _: Any) -> None:
        if self._clips and self._xs:
            self.state.clip = within(self._path(), self.state.clip)
        self._xs, self._ys, self._starts, self._clips = [], [], [], False

    def _path(self, start: int = 0, end: int | None = None) -> Box:
        xs, ys = self._xs[start:end], self._ys[start:end]
        return moved((min(xs), min(ys), max(xs), max(ys)), self.state.matrix)

    def _pattern(self) -> None:
        pattern = self.state.pattern
        if "/Shading" in pattern:
            self._shade(pattern.Shading, self._path())
        else:
            self._below(pattern, SAME, within(self._path(), self.state.clip))

    def _shade(self, shading: Any, box: Box) -> None:
        self._add("shading", box, Ink(space_name(shading.get("/ColorSpace"))), source=shading)

    def _shading(self, operands: Any) -> None:
        found = self._resources.get("/Shading", str(operands[0]))
        if found is not None:
            self._shade(found, self.state.clip)

    # ---- images and forms

    def _object(self, operands: Any) -> None:
        found = self._resources.get("/XObject", str(operands[0]))
        if found is None:
            return
        if found.get("/Subtype") == "/Image":
            self._image(found)
        elif found.get("/Subtype") == "/Form":
            self._below(found, self.state.matrix)

    def _inline(self, operands: Any) -> None:
        self._image(operands[0].obj)

    def _image(self, image: Any) -> None:
        a, b, c, d, _, _ = self.state.matrix
        width, height = math.hypot(a, b), math.hypot(c, d)
        pixels = min(float(image.Width) / width, float(image.Height) / height) if width and height else math.inf
        space = image.get("/ColorSpace")
        if isinstance(space, pikepdf.Name):
            space = self._resources.get("/ColorSpace", str(space)) or space
        ink = self.state.fill if image.get("/ImageMask", False) else Ink(space_name(space))
        self._add("image", moved((0, 0, 1, 1), self.state.matrix), ink, 72 * pixels, source=image)

    # ---- text

    def _begin(self, _: Any) -> None:
        self._text = self._line_start = SAME

    def _font(self, operands: Any) -> None:
        name = str(operands[0])
        self.state.typeface = self._resources.get("/Font", name, self._read_font)
        self.state.size = float(operands[1])

    def _read_font(self, font: Any) -> Typeface:
        key = font.objgen if font.is_indirect else id(font)
        if key not in self._faces:
            self._faces[key] = typefaces.read(font)
        return self._faces[key]

    def _place(self, operands: Any) -> None:
        self._text = self._line_start = read_matrix(operands)

    def _move(self, operands: Any) -> None:
        x, y = (float(number) for number in operands)
        self._text = self._line_start = times((1, 0, 0, 1, x, y), self._line_start)

    def _move_leading(self, operands: Any) -> None:
        self.state.leading = -float(operands[1])
        self._move(operands)

    def _next_line(self, _: Any) -> None:
        self._move((0, -self.state.leading))

    def _show(self, operands: Any) -> None:
        self._show_parts([operands[0]])

    def _show_array(self, operands: Any) -> None:
        self._show_parts(operands[0])

    def _show_next(self, operands: Any) -> None:
        self._next_line(operands)
        self._show_parts([operands[-1]])

    def _show_parts(self, parts: Any) -> None:
        state, face = self.state, self.state.typeface
        if face is None:
            return
        moves = [part if isinstance(part, (int, Decimal)) else bytes(part) for part in parts]
        codes = face.codes(b"".join([part for part in moves if isinstance(part, bytes)]))
        back = float(sum([part for part in moves if not isinstance(part, bytes)]))
        text = face.text(codes)
        step = state.between * len(codes) + state.at_spaces * text.count(" ")
        width = ((face.width(codes) - back) / 1000 * state.size + step) * state.scale
        box = (0, face.descent * state.size + state.rise, width, face.ascent * state.size + state.rise)
        whole = times(self._text, state.matrix)
        self._add(
            "text", moved(box, whole), state.fill, state.size * factor(whole),
            text=text, typeface=face, missing=0 in codes,
        )  # fmt: skip
        self._text = times((1, 0, 0, 1, width, 0), self._text)

    # ---- marks

    def _mark(self, operands: Any) -> None:
        number, artifact = self._marks[-1]
        about = operands[1] if len(operands) > 1 else None
        if isinstance(about, pikepdf.Name):
            about = self._resources.get("/Properties", str(about))
        if about is not None and "/MCID" in about:
            number = int(about.MCID)
        self._marks.append((number, artifact or operands[0] == "/Artifact"))

    def _unmark(self, _: Any) -> None:
        if len(self._marks) > 1:
            self._marks.pop()

    DO: ClassVar[dict[str, Callable[[_Walk, Any], None]]] = {
        "q": _save, "Q": _restore, "cm": _concat, "w": _line_width, "gs": _settings,
        "cs": _fill_space, "CS": _stroke_space,
        "sc": _fill_colour, "scn": _fill_colour, "SC": _stroke_colour, "SCN": _stroke_colour,
        "g": _device("DeviceGray", "fill"), "G": _device("DeviceGray", "stroke"),
        "rg": _device("DeviceRGB", "fill"), "RG": _device("DeviceRGB", "stroke"),
        "k": _device("DeviceCMYK", "fill"), "K": _device("DeviceCMYK", "stroke"),
        "m": _start, "l": _point, "c": _point, "v": _point, "y": _point,
        "re": _rectangle, "W": _clip, "W*": _clip, "n": _end,
        "f": _fill, "F": _fill, "f*": _fill, "S": _stroke, "s": _stroke,
        "B": _both, "B*": _both, "b": _both, "b*": _both,
        "sh": _shading, "Do": _object, "INLINE IMAGE": _inline,
        "BT": _begin, "Tf": _font, "Tm": _place, "Td": _move, "TD": _move_leading,
        "T*": _next_line, "Tj": _show, "TJ": _show_array, "'": _show_next, '"': _show_next,
        "Tc": _number("between"), "Tw": _number("at_spaces"), "Tz": _number("scale", 0.01), "TL": _number("leading"),
        "Ts": _number("rise"), "BMC": _mark, "BDC": _mark, "EMC": _unmark,
    }  # fmt: skip
