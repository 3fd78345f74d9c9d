"""Keeps what is seen on the desk up to date: one thread makes it, others ask for it or wait until it changes."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

from pressrun.preview.sight import Maker, Sight

Thing = TypeVar("Thing")

#: seconds in which a browser loads what is there, before the first slow step is taken and before each later one
_REST, _LONG_REST = 0.08, 0.5
#: seconds that a request waits for what it asks for
_PATIENCE = 120


class Session:
    """What is seen of the articles that somebody looks at. PDFium and WeasyPrint want one thread; it is `run`."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._changed = threading.Condition()
        self.stopped = threading.Event()
        #: counts the changes
        self._turn = 0
        self._rest = _REST
        #: whether templates are to be read anew
        self._restyled = False
        self._sights: dict[str, Sight] = {}
        #: what was seen last of an article that has to be made anew
        self._before: dict[str, Sight] = {}
        self._wanted: list[str] = []
        self._undrawn: dict[str, Iterator[Sight | None]] = {}
        self._jobs: deque[Callable[[], None]] = deque()
        self._watched: Counter[str] = Counter()
        #: the edition of an article that somebody looked at last
        self._edition: dict[str, str] = {}

    # ---- for those who look

    def sight(self, slug: str) -> Sight:
        """What is seen of an article, made if it must be. Raises TimeoutError when that takes too long."""
        with self._changed:
            if slug not in self._sights:
                self._want(slug)
            self._changed.wait_for(lambda: slug in self._sights or self.stopped.is_set(), _PATIENCE)
            if slug not in self._sights:
                raise TimeoutError
            return self._sights[slug]

    def next(self, slug: str, seen: Mapping[str, str], seconds: float) -> Sight | None:
        """What is seen once that differs from what has such digests; None if it does not by then."""

        def differs() -> bool:
            return self.stopped.is_set() or (slug in self._sights and self._sights[slug].digests != seen)

        with self._changed:
            found = self._sights.get(slug) if self._changed.wait_for(differs, seconds) else None
            return found if found and found.digests != seen else None

    @contextmanager
    def watching(self, slug: str) -> Iterator[None]:
        """While somebody looks at an article, it is made anew on every change."""
        with self._changed:
            self._watched[slug] += 1
        try:
            yield
        finally:
            with self._changed:
                self._watched[slug] -= 1

    def look(self, slug: str, edition: str) -> None:
        """Has this edition of an article drawn before the others."""
        self._edition[slug] = edition

    def do(self, job: Callable[[], Thing]) -> Thing:
        """Has something done by the one thread that may draw. Raises what the job raises, and TimeoutError."""
        done: Future[Thing] = Future()
        with self._changed:
            self._jobs.append(partial(_settle, done, job))
            self._changed.notify_all()
        return done.result(_PATIENCE)

    def first(self) -> str:
        """What is shown when nobody names anything; empty where there is nothing. Raises Refused."""
        return self.do(self._maker.first)

    # ---- for those who tell of changes

    def change(self, *, templates: bool = True) -> None:
        """Something was saved: what is looked at is made anew now, all else when somebody asks for it.

        `templates` says whether it may have been one of those, or site.yaml.
        """
        with self._changed:
            self._restyled |= templates
            self._turn += 1
            self._before |= self._sights
            self._undrawn.clear()
            watched = [slug for slug, count in self._watched.items() if count]
            for slug in watched:
                self._want(slug)
            self._sights = {slug: sight for slug, sight in self._sights.items() if slug in watched}
            self._changed.notify_all()

    def stop(self) -> None:
        self.stopped.set()
        with self._changed:
            self._changed.notify_all()

    # ---- for the one thread

    def run(self) -> None:
        """Makes what is wanted until it is stopped."""
        while step := self._next_step():
            step()

    def _next_step(self) -> Callable[[], None] | None:
        """What is quick goes before what somebody waits for, and both before what is slow."""
        rested = False
        with self._changed:
            while not self.stopped.is_set():
                if self._wanted:
                    return partial(self._make, self._wanted.pop(0))
                if self._jobs:
                    return self._jobs.popleft()
                if self._undrawn and rested:
                    return partial(self._draw, *self._undrawn.popitem())
                rested = not self._changed.wait(self._rest if self._undrawn else None)
        return None

    def _make(self, slug: str) -> None:
        turn = self._turn
        if self._restyled:
            self._restyled = False
            self._maker.forget()
        sight = self._maker.quick(slug, self._before.get(slug))
        self._rest = _REST
        self._show(turn, sight, None if sight.unknown else self._maker.drawn(sight, self._edition.get(slug, "")))

    def _draw(self, slug: str, drawing: Iterator[Sight | None]) -> None:
        """One more step; what it stumbles over, the next save tells of, for then it is not quick either."""
        turn = self._turn
        with suppress(Exception):
            sight = next(drawing)
            if not sight:
                self._rest = 0.0
                with self._changed:
                    if turn == self._turn:
                        self._undrawn[slug] = drawing
            else:
                self._rest = _LONG_REST if any(leaflet.fresh for leaflet in sight.leaflets) else 0.0
                self._show(turn, sight, drawing)

    def _show(self, turn: int, sight: Sight, drawing: Iterator[Sight | None] | None) -> None:
        slug = sight.slug
        with self._changed:
            if turn != self._turn:  # saved again meanwhile
                self._before[slug] = sight
                self._want(slug)
                return
            self._sights[slug] = sight
            if drawing:
                self._undrawn[slug] = drawing
            self._changed.notify_all()

    def _want(self, slug: str) -> None:
        if slug not in self._wanted:
            self._wanted.append(slug)
            self._changed.notify_all()


def _settle(done: Future[Thing], job: Callable[[], Thing]) -> None:
    try:
        done.set_result(job())
    except Exception as error:  # noqa: BLE001  # whoever asked gets it
        done.set_exception(error)
