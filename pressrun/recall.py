"""What was read or made before, for a process that does it again and again, such as a preview."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Thing = TypeVar("Thing")


class Recall:
    """Things by name, each with what it was made from; it holds one of a name, and forgets it when that changes."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[object, Any]] = {}

    def get(self, name: Hashable, made_from: object, make: Callable[[], Thing]) -> Thing:
        """The thing, made if it is not known. What `make` raises is raised, and nothing is remembered."""
        known = self._known.get(name)
        if known is None or known[0] != made_from:
            known = self._known[name] = made_from, make()
        found: Thing = known[1]
        return found

    def has(self, name: Hashable, made_from: object) -> bool:
        known = self._known.get(name)
        return known is not None and known[0] == made_from

    def last(self, name: Hashable) -> Any:
        """The thing as it was made last, whatever it is made from now; None if it never was."""
        known = self._known.get(name)
        return known and known[1]


@dataclass(frozen=True, slots=True)
class Preview:
    """What tells a reading for the eyes of authors from that of a build, which never has one."""

    #: slug of an article that counts as published, be it a draft or scheduled
    shown: str = ""
    #: of earlier readings, so that only what changed is read
    memory: Recall = field(default_factory=Recall)
