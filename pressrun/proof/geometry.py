"""Boxes and matrices of a page."""

from __future__ import annotations

import math
from typing import Any

#: left, bottom, right, top in points, in the page's own coordinates
Box = tuple[float, float, float, float]
#: a, b, c, d, e, f as in the operator cm
Matrix = tuple[float, float, float, float, float, float]

SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def floats(parts: Any) -> tuple[float, ...]:
    return tuple([float(part) for part in parts])


def read_matrix(parts: Any) -> Matrix:
    a, b, c, d, e, f = floats(parts)
    return a, b, c, d, e, f


def times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def factor(matrix: Matrix) -> float:
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))


def moved(box: Box, matrix: Matrix) -> Box:
    """The box around a box that a matrix has moved and turned."""
    left, bottom, right, top = box
    a, b, c, d, e, f = matrix
    xs = (a * left + c * bottom, a * right + c * bottom, a * left + c * top, a * right + c * top)
    ys = (b * left + d * bottom, b * right + d * bottom, b * left + d * top, b * right + d * top)
    return min(xs) + e, min(ys) + f, max(xs) + e, max(ys) + f


def swollen(box: Box, half: float) -> Box:
    """A line's box with its thickness; a straight line ends where it ends."""
    left, bottom, right, top = box
    x = 0.0 if bottom == top else half
    y = 0.0 if left == right else half
    return left - x, bottom - y, right + x, top + y


def within(box: Box, clip: Box) -> Box:
    return max(box[0], clip[0]), max(box[1], clip[1]), min(box[2], clip[2]), min(box[3], clip[3])
