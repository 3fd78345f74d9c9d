"""One process at a time where many machines write: a file that says who is at work, and falls silent with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from pressrun.publishing.targets.stores import Shared, Undelivered

#: seconds after which nobody is at work any more, and between two signs of life
_SILENT, _BEAT = 1800, 60
_LOCK = ".pressrun.lock"


@contextmanager
def held(store: Shared, token: str) -> Iterator[Callable[[], None]]:
    """Holds the store meanwhile; what is yielded gives a sign of life, and is to be called again and again.

    The token is the desk's. Who finds it there, and has the desk's own lock, knows that a run of that desk was killed.
    Raises Undelivered while another desk is at work.
    """
    data = token.encode()
    if not store.create(_LOCK, data):
        if store.get(_LOCK) not in (data, None) and store.silence(_LOCK) < _SILENT:
            raise Undelivered(
                f"Somebody else is publishing to {store.name}. Wait, and publish again. If that run was killed, its "
                f"lock falls in {_SILENT // 60} minutes, or at once when you remove {_LOCK} there."
            )
        store.put([(_LOCK, data)])
    last = monotonic()

    def renew() -> None:
        nonlocal last
        if monotonic() - last > _BEAT:
            _check(store, data)
            store.put([(_LOCK, data)])
            last = monotonic()

    _check(store, data)  # two may have found the same old lock
    try:
        yield renew
    finally:
        with store.plainly():
            if store.get(_LOCK) == data:
                store.drop([_LOCK])


def _check(store: Shared, data: bytes) -> None:
    if store.get(_LOCK) != data:
        raise Undelivered(f"Somebody else has begun to publish to {store.name}. Wait for that, and publish again.")
