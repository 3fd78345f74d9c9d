"""What all projects of a person share on a machine: bytes that take long to make, by all that they are made from.

It may be lost, damaged, or unwritable at any time: then they are made anew, and nobody has to be told.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pressrun import disk

#: in bytes, of all that is kept; what was made first goes first
MOST = 32 * 2**20
#: what is kept, and what a process that was killed left behind of it; anything else in the folder is somebody else's
_OURS = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\.\d+\.part")
_SEAL = hashlib.sha256().digest_size


def folder() -> Path | None:
    """Where the system wants caches (XDG base directories; on macOS and Windows their own); None without a home."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named / "pressrun"
    with suppress(RuntimeError):
        return (
            Path.home()
            / {"darwin": "Library/Caches", "win32": "AppData/Local"}.get(sys.platform, ".cache")
            / "pressrun"
        )
    return None


def kept(key: str, make: Callable[[], bytes]) -> bytes:
    """What `make` gives, or gave before under the same key: a hash of all it is made from, as 64 hexadecimal digits."""
    home = folder()
    if home is None:
        return make()
    found = _read(home / key)
    if found is None:
        found = make()
        with suppress(OSError):
            disk.write(home / key, _seal(key, found) + found)
            _bound(home)
    return found


def _seal(key: str, data: bytes) -> bytes:
    """What tells whole bytes of ours from any others."""
    return hashlib.sha256(key.encode() + data).digest()


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        if path.is_file():
            data = path.read_bytes()
            if data[:_SEAL] == _seal(path.name, data[_SEAL:]):
                return data[_SEAL:]
    return None


def _bound(home: Path) -> None:
    """Removes the oldest of what is too much."""
    size = 0
    for found, path in sorted(_stats(home), key=lambda pair: pair[0].st_mtime_ns, reverse=True):
        size += found.st_size
        if size > MOST:
            path.unlink(missing_ok=True)


def _stats(home: Path) -> Iterator[tuple[os.stat_result, Path]]:
    for entry in os.scandir(home):
        if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
            yield entry.stat(follow_symlinks=False), Path(entry.path)
