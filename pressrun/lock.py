"""One process at a time: a lock on a file, which the kernel takes from whoever dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

#: seconds between two tries
_PAUSE = 0.05
#: open locks, which a forked worker must not keep alive when the owner is killed
_open: set[int] = set()


class Busy(Exception):
    """Another process holds the lock, and held it for as long as one was ready to wait."""


@contextmanager
def held(path: Path, patience: float = 0, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Holds the lock meanwhile; `waiting` is told once when that takes a while. Raises Busy, after so many seconds.

    The file stays: who removes it takes it from those who wait for it.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
    _open.add(handle)
    try:
        if not _taken(handle):
            waiting()
            end = monotonic() + patience
            while not _taken(handle):
                if monotonic() >= end:
                    raise Busy
                sleep(_PAUSE)
        yield
    finally:
        if handle in _open:  # but not in a forked process
            _open.discard(handle)
            os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget() -> None:
    """In a forked process: the lock is its parent's, and dies with it."""
    for handle in _open:
        os.close(handle)
    _open.clear()


os.register_at_fork(after_in_child=_forget)
