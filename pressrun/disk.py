"""Files that are whole or not there, whatever ends the process, and removed without leaving empty folders behind."""

from __future__ import annotations

import ctypes
import os
import re
import stat
from collections.abc import Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: a file that is being written lies beside the one that it will replace
_PART = re.compile(r"\.(.+)\.\d+\.part")


class Unwritable(ValueError):
    """A full disk, a folder that may not be written, or the like."""

    #: of sysexits.h: an error of input or output
    code = 74


@contextmanager
def plainly(path: str) -> Iterator[None]:
    """What the system says of a file that cannot be written, as a sentence. Raises Unwritable."""
    try:
        yield
    except OSError as error:
        raise Unwritable(
            f"{path} could not be written: {error.strerror or error}. Every file is whole, the old one or the new. "
            "Mend that, and run this again."
        ) from error


def holds(target: Path, data: bytes) -> bool:
    """Whether a file has these bytes already."""
    return target.is_file() and not target.is_symlink() and target.read_bytes() == data


def same(one: str | Path, other: str | Path) -> bool:
    """Whether two files have the same bytes; that there is one of them is known."""
    try:
        if os.path.samestat(os.stat(one), found := os.stat(other)):  # noqa: PTH116  # twice as fast
            return True
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and Path(other).read_bytes() == Path(one).read_bytes()


def write(target: Path, data: bytes, *, durable: bool = False) -> None:
    """Writes a file whole or not at all; if it must be durable, it is on the disk when this returns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _part(target)
    try:
        temporary.write_bytes(data)
        if durable:
            _sync(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    if durable:
        _sync(target.parent)


def link(original: Path, copy: Path) -> None:
    """The same bytes under a second name, without a second copy where the disk can."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    temporary = _part(copy)
    try:
        try:
            os.link(original, temporary)
        except OSError:
            write(copy, original.read_bytes())
            return
        temporary.replace(copy)
    finally:
        temporary.unlink(missing_ok=True)


def append(target: Path, text: str, *, durable: bool) -> None:
    """Adds to a file; if it must be durable, it is on the disk when this returns."""
    new = not target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab") as stream:
        stream.write(text.encode())
    if durable:
        _sync(target)
    if durable and new:
        _sync(target.parent)


def remove(folder: Path, path: str) -> bool:
    """Removes a file below a folder and the folders between that are then empty; whether it was there."""
    target = folder / path
    found = target.is_file() or target.is_symlink()
    if found:
        target.unlink()
    for parent in target.parents:
        if parent == folder or (parent.is_dir() and any(parent.iterdir())):
            break
        if parent.is_dir() and not parent.is_symlink():
            parent.rmdir()
    return found


def sweep(folder: Path, paths: Iterable[str]) -> None:
    """Removes what a process that was killed left behind of writing these files."""
    names: dict[Path, set[str]] = {}
    for path in paths:
        names.setdefault((folder / path).parent, set()).add(path.rpartition("/")[2])
    for where, known in names.items():
        with suppress(FileNotFoundError, NotADirectoryError):
            for entry in list(os.scandir(where)):
                part = _PART.fullmatch(entry.name)
                if part and part[1] in known and entry.is_file(follow_symlinks=False):
                    Path(entry.path).unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Everything written to the folder's disk is on it when this returns: one wait for thousands of files."""
    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError):  # not on Linux
        os.sync()
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(handle):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(handle)


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
