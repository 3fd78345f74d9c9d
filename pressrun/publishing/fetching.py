"""What readers find at the live site, compared with what was made for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pressrun.outputs import digest
from pressrun.publishing.targets import Undelivered

#: seconds between two rounds of questions: a host may take a while to show what it was given
_PAUSE = 2.0


class Wrong(NamedTuple):
    """A file that is not live as it was made."""

    path: str
    why: str


def compared(files: Mapping[str, Path], read: Callable[[str], bytes | None], patience: float) -> Iterator[Wrong]:
    """The files, by their path on the site, that are not live as they lie here, after at most `patience` seconds.

    `read` gives the bytes at a path, None where nothing is; it may raise Undelivered.
    """
    end = time.monotonic() + patience
    left = dict(files)
    while True:
        found = {path: why for path, file in left.items() if (why := _difference(path, file, read))}
        left = {path: left[path] for path in found}
        if not left or time.monotonic() + _PAUSE > end:
            break
        time.sleep(_PAUSE)
    yield from (Wrong(path, why) for path, why in found.items())


def _difference(path: str, file: Path, read: Callable[[str], bytes | None]) -> str:
    try:
        data = read(path)
    except Undelivered as error:
        return str(error).removesuffix(".")
    if data is None:
        return "nothing is there"
    return "" if digest(data) == digest(file.read_bytes()) else "it is not what was uploaded, but perhaps older"
