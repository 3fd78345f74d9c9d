"""What was read or made before, for a process that does it again and again, such as a preview."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from pressrun.memory import Memory
from pressrun.model import Article, Block

Thing = TypeVar("Thing")
#: articles, old versions among them; each save of one is one more
_MOST = 10_000


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


class Recent(Memory):
    """Articles that this process read, whole, by what they were read from."""

    def __init__(self) -> None:
        super().__init__()
        self._articles: dict[str, Article] = {}

    def recall(
        self, key: str, typed: Callable[[], str], read: Callable[[], tuple[Block, ...]]  # noqa: ARG002
    ) -> Article | None:  # fmt: skip
        return self._articles.get(key)

    def note(self, key: str, article: Article) -> None:
        if len(self._articles) > _MOST:
            self._articles.clear()
        self._articles[key] = article
