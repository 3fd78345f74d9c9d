"""Outputs made by copies of this process, one for each core, while this one writes.

Recipes of web, letters and feeds are closures over all that was read, which no other process could be sent; a copy has
them already. It is made before this process has any thread: a fork copies the locks of threads that it does not copy.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, Any

from pressrun.outputs import Made, Output, Shelf

#: fewer outputs than these are made sooner than a copy is
_WORTH = 40
#: in bytes: how far a copy may run ahead (Linux's F_SETPIPE_SZ, which not every Python names)
_AHEAD, _SET_PIPE_SIZE = 1 << 20, 1031


@contextmanager
def employed(shelf: Shelf, wanted: Iterable[Output], count: int) -> Iterator[bool]:
    """Has `count` copies make the stale outputs of articles, from now on to the end of the block; whether it has."""
    with _stale(shelf, wanted, count) as stale:
        copies = [_Copy(shelf, share) for share in _shares(stale, count)]
        try:
            for copy in copies:
                for output in copy.share:
                    shelf.expect(output.path, partial(copy.wait, output.path))
            yield bool(copies)
        finally:
            for copy in copies:  # a later copy has the earlier ones' pipes too, so none may still be read from
                copy.leave()
            for copy in copies:
                copy.end()


@contextmanager
def _stale(shelf: Shelf, wanted: Iterable[Output], count: int) -> Iterator[list[Output]]:
    """What copies are worth being made for; nothing where they cannot be."""
    able = count > 1 and sys.platform == "linux" and threading.active_count() == 1
    wanted = list(wanted)
    # Whoever draws a handout makes its thumbnail too; a copy would draw it a second time.
    drawn = {output.thumbnail for output in wanted if output.job}
    outputs = [one for one in wanted if able and one.article and not one.job and one.path not in drawn]
    stale = [output for output in outputs if not shelf.fresh(output)]
    if len(stale) < _WORTH:
        yield []
        return
    gc.freeze()  # what nobody collects, nobody copies
    try:
        yield stale
    finally:
        gc.unfreeze()


def _shares(stale: Sequence[Output], count: int) -> list[list[Output]]:
    """The outputs of an article in a channel share work, so one copy makes them all."""
    shares: list[list[Output]] = [[] for _ in range(count if stale else 0)]
    places: dict[tuple[str, str], int] = {}
    for output in stale:
        shares[places.setdefault((output.channel, output.article), len(places) % count)].append(output)
    return [share for share in shares if share]


class _Copy:
    """A copy of this process that makes its share in order and hands each output over through a pipe."""

    def __init__(self, shelf: Shelf, share: Sequence[Output]) -> None:
        self.share = share
        self._done: dict[str, Made] = {}
        reading, writing = os.pipe()
        with suppress(OSError):
            import fcntl

            fcntl.fcntl(writing, _SET_PIPE_SIZE, _AHEAD)
        self._process = os.fork()
        if not self._process:
            os.close(reading)
            _serve(shelf, share, writing)
        os.close(writing)
        self._stream: IO[bytes] = os.fdopen(reading, "rb")

    def wait(self, path: str) -> Made | None:
        """What it made; None if this process had better make it: it says best itself what is wrong."""
        while path not in self._done:
            if not (line := self._stream.readline()):
                return None
            told: dict[str, Any] = json.loads(line)
            data = self._stream.read(told["size"])
            if len(data) < told["size"]:
                return None
            if told["made"]:
                self._done[told["path"]] = Made(data, tuple(told["warnings"]))
            elif told["path"] == path:
                return None
        return self._done.pop(path)

    def leave(self) -> None:
        """Reads no more of it."""
        self._stream.close()

    def end(self) -> None:
        """It ends by itself when nobody reads any more."""
        os.waitpid(self._process, 0)


def _serve(shelf: Shelf, share: Iterable[Output], pipe: int) -> None:
    """What the copy does; it never returns."""
    try:
        with os.fdopen(pipe, "wb") as stream:
            for output in share:
                try:
                    data, made = shelf.data(output), True
                except Exception:  # noqa: BLE001  # this process's own attempt says what is wrong
                    data, made = b"", False
                told = {"path": output.path, "size": len(data), "made": made,
                        "warnings": shelf.told(output.path)}  # fmt: skip
                stream.write(json.dumps(told).encode() + b"\n" + data)
                stream.flush()
                shelf.release(output)
    finally:
        os._exit(0)  # nothing of this process's own is to be tidied up twice
