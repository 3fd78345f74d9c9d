"""Contrast and mixtures of colours written #rrggbb."""

from __future__ import annotations

#: WCAG 2.2, success criterion 1.4.3: body text
ENOUGH = 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio, 1 to 21, after WCAG 2.2 (relative luminance of sRGB)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """A mixture that holds `share` (0 to 1) of the first colour."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def readable(colour: str, paper: str, towards: str, ratio: float) -> str:
    """The colour, moved as little as needed towards another until it has the contrast ratio on the paper."""
    steps = (mix(colour, towards, 1 - step / 20) for step in range(21))
    return next((shade for shade in steps if contrast(shade, paper) >= ratio), towards)


def shares(colour: str) -> list[float]:
    """Its red, green and blue, 0 to 1."""
    return [value / 255 for value in _channels(colour)]


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, shares(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
