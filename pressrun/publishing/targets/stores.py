"""What every kind of target is asked for, what it is given, and what it can do with files."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pressrun.model import Site

#: below the live site: names of these files change with their bytes, so the pages of two releases can share the folder
ASSETS = "assets/"

#: says of a path on the live site that it must stay as it is for now
Held = Callable[[str], bool]
#: what is to be sent: a file, or its bytes
Source = Path | bytes


class Undelivered(ValueError):
    """Why a target did not take the site, and what to do."""

    #: of sysexits.h: a service is not available
    code = 69


class Sent(NamedTuple):
    """What a delivery came to."""

    #: files whose bytes were sent, and how many bytes that were
    files: int
    bytes: int
    #: files taken away
    removed: int
    #: the name of what is live now; empty when nothing ever was
    release: str


class Target(Protocol):
    """One place where readers find the site; whoever has it open is alone with it."""

    def release(self, folder: Path, held: Held) -> Sent:
        """Makes all of `folder` live but the paths that `held` says, which stay as they were. Raises Undelivered.

        Readers then have what they had or, on a target without releases, whole files of both; the next call goes on.
        """

    def complete(self, folder: Path, held: Held) -> Sent:
        """Makes the held ones live, too, each file at once, within the same release. Raises Undelivered."""

    def read(self, path: str) -> bytes | None:
        """What readers get at a path of the live site; None where nothing is. Raises Undelivered."""

    def rollback(self) -> str:
        """Makes the release live that was before this one; its name. Raises Undelivered where none is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a kind of target is opened with."""

    #: the target's part of site.yaml
    settings: Mapping[str, Any]
    site: Site
    #: relative paths start at the desk
    root: Path
    #: a file that is locked for as long as the target is open; what is kept for it may lie beside it
    own: Path
    #: a word that this desk alone knows, for ever the same (see lease)
    token: str
    password: str = field(default="", repr=False)
    #: what the live address answers
    fetch: Callable[[str], bytes | None]


class Store(ABC):
    """Files by their path, wherever they lie."""

    #: what messages call it
    name: str

    @abstractmethod
    def plainly(self) -> AbstractContextManager[None]:
        """Whatever goes wrong meanwhile, as a sentence without a secret. Raises Undelivered."""

    @abstractmethod
    def get(self, path: str) -> bytes | None: ...

    @abstractmethod
    def put(self, files: Sequence[tuple[str, Source]]) -> None:
        """Writes files, each whole or not at all; on the disk when this returns, where that can be had."""

    @abstractmethod
    def drop(self, paths: Iterable[str]) -> None:
        """Removes files that may be there, and folders that are then empty."""

    def mark(self, _path: str, digest: str) -> str:
        """What tells that a file has not changed: its hash, with whatever else the store says of it to readers."""
        return digest


class Shared(Store):
    """A store that other machines write as well, without locks of its own."""

    @abstractmethod
    def create(self, path: str, data: bytes) -> bool:
        """Writes a file that is not there yet; False when it is."""

    @abstractmethod
    def silence(self, path: str) -> float:
        """Seconds since a file was written, by the store's own clock; 0 when it is gone."""


class Disk(Store):
    """A store with folders and links."""

    @abstractmethod
    def names(self, path: str) -> list[str]:
        """What lies in a folder; nothing when there is none."""

    @abstractmethod
    def written(self, path: str) -> float:
        """When a file was written, in seconds of the store's own clock."""

    @abstractmethod
    def link(self, old: str, new: str, paths: Sequence[str]) -> list[str]:
        """Gives files of one folder a second name in another; those that it could not."""

    @abstractmethod
    def clear(self, path: str) -> None:
        """Removes a folder with all that is in it, if it is there."""

    @abstractmethod
    def pointed(self, path: str) -> str:
        """Where a symbolic link leads; empty where there is none."""

    @abstractmethod
    def point(self, path: str, to: str) -> None:
        """Makes or changes a symbolic link in one step."""

    def unlinkable(self) -> Undelivered:
        return Undelivered(
            f"{self.name} takes no symbolic links. Write 'releases: false' for this target in site.yaml; its path is "
            "then the folder of the web server."
        )


def part(path: str) -> str:
    """Where a file is while it is written; the same for every run, so that a later one finds it."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.part"


def files_of(folder: Path) -> list[str]:
    """The paths of all files of a folder, with forward slashes, in order."""
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]


def hashed(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def ranked(paths: Iterable[str], held: Held) -> list[list[str]]:
    """What a page needs before the pages, and what tells of pages after them."""
    ranks: list[list[str]] = [[], [], [], []]
    for path in sorted(paths):
        page = path.endswith(".html") or "/" not in path
        ranks[3 if held(path) else 2 if page else 0 if path.startswith(ASSETS) else 1].append(path)
    return [found for found in ranks if found]
