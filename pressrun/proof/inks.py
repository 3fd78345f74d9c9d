"""Colour spaces of a PDF, and how much ink a colour lays on paper."""

from __future__ import annotations

from typing import Any, NamedTuple

#: of ICC profiles by their number of channels
_CHANNELS = {1: "Gray", 3: "RGB", 4: "CMYK"}


class Ink(NamedTuple):
    """A colour."""

    #: DeviceCMYK, Separation All, ICC RGB, Pattern
    space: str
    values: tuple[float, ...] = ()

    @property
    def cmyk(self) -> tuple[float, ...]:
        """Shares of the four inks; empty where only a conversion could tell."""
        if self.space == "DeviceCMYK":
            return self.values
        if self.space == "DeviceGray" and self.values:
            return (0.0, 0.0, 0.0, 1 - self.values[0])
        return ()

    @property
    def total(self) -> float:
        return sum(self.cmyk)


BLACK = Ink("DeviceGray", (0.0,))
#: what the inks of a press cannot print before somebody converts it
_FOREIGN = ("DeviceRGB", "CalRGB", "CalGray", "Lab", "ICC RGB")


def foreign(space: str) -> bool:
    return space.rpartition(" of ")[2] in _FOREIGN


def space_name(space: Any) -> str:
    """The name of a colour space; of one that is made of another, `Indexed of DeviceRGB`."""
    if space is None:
        return ""
    if not _is_array(space):
        return str(space).lstrip("/")
    family = str(space[0]).lstrip("/")
    if family == "ICCBased":
        return f"ICC {_CHANNELS.get(int(space[1].get('/N', 0)), 'unknown')}"
    if family == "Separation":
        return f"Separation {str(space[1]).lstrip('/')} of {space_name(space[2])}"
    if family == "DeviceN":
        return f"DeviceN of {space_name(space[2])}"
    if family in ("Indexed", "I") or (family == "Pattern" and len(space) > 1):
        return f"{family} of {space_name(space[1])}"
    return family


def heaviest(shading: Any) -> float:
    """The most ink among the colours that a gradient in CMYK names; 0 if it names none."""
    if space_name(shading.get("/ColorSpace")) != "DeviceCMYK" or "/Function" not in shading:
        return 0.0
    return _heaviest(shading.Function)


def _heaviest(function: Any) -> float:
    ends = [sum(float(value) for value in function[key]) for key in ("/C0", "/C1") if key in function]
    return max([*ends, *(_heaviest(part) for part in function.get("/Functions", []))], default=0.0)


def _is_array(space: Any) -> bool:
    return getattr(space, "_type_name", "") == "array"
