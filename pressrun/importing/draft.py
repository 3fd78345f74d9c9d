"""An article on its way in: what a reader of a format found in a file, before it is YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Left:
    """What no block can hold, such as a script; it stands as a comment in the YAML, where it stood."""

    #: 1-based, in the source; 0 where a format has no lines
    line: int
    column: int
    #: such as "an iframe"
    what: str
    #: as the source has it
    text: str


#: one of a body: CommonMark text, a block as the contract writes it ({"figure": {...}}), or what was left
Item = str | dict[str, Any] | Left


@dataclass(frozen=True, slots=True)
class Asked:
    """What the author must see to, such as a picture without words for those who cannot see it."""

    line: int
    column: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as found in one source."""

    #: the source, as people are told of it
    source: str
    slug: str
    #: by the keys of the contract, but for `body`; dates as ISO text, lists as lists
    values: Mapping[str, Any]
    body: Sequence[Item]
    #: by their names below content/images/
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    asked: Sequence[Asked] = ()
    #: what somebody should know who looks the article over, in sentences
    notes: Sequence[str] = ()
    #: by its key, a sentence on where a value is from that the source does not say plainly
    guessed: Mapping[str, str] = field(default_factory=dict)
    #: the source's line of each item of the body, from 1; empty where a format has no lines
    lines: Sequence[int] = ()
    #: the source's line of each value
    places: Mapping[str, int] = field(default_factory=dict)
    #: values of the source that no key can hold
    left: Sequence[Left] = ()
    #: where the article was found until now: paths such as /2019/05/sleep/, the last one first
    addresses: Sequence[str] = ()
    #: the source's text, for formats that have one
    text: str = ""
