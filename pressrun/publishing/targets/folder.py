"""A folder of this machine, or of a server that is mounted here."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pressrun import disk, lock
from pressrun.publishing.targets.releases import CURRENT, InPlace, Releases
from pressrun.publishing.targets.stores import Disk, Order, Source, Target, Undelivered, part

#: seconds that one waits for another who publishes there
_PATIENCE = 10


@contextmanager
def opened(order: Order) -> Iterator[Target]:
    """Raises Undelivered."""
    store = Folder(order.root / Path(order.settings["path"]).expanduser())
    where, desk = store.root.resolve(), order.root.resolve()
    if where == desk or any(where.is_relative_to(desk / name) for name in ("content", "outputs")):
        raise Undelivered(
            f"{store.name} is the desk, or lies in its content/ or outputs/, where builds and authors write."
            " Name another folder for this target in site.yaml."
        )
    releases = order.settings.get("releases", True)
    kind, at = (Releases, f"{CURRENT}/") if releases else (InPlace, "")
    with ExitStack() as stack:
        with store.plainly():
            store.root.mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(lock.held(store.root / ".pressrun.lock", _PATIENCE))
            except lock.Busy:
                raise Undelivered(f"Somebody else is publishing to {store.name}. Wait, and publish again.") from None
        yield kind(store, lambda: None, lambda path: store.get(f"{at}{path}"))


class Folder(Disk):
    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self.root = root

    @contextmanager
    def plainly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            name = error.filename2 or error.filename
            raise Undelivered(
                f"{self.name} could not be brought up to date: {error.strerror or error}"
                f"{f' ({name})' if name else ''}. Every file there is whole. Mend that, and publish again."
            ) from error

    def get(self, path: str) -> bytes | None:
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return (self.root / path).read_bytes()
        return None

    def put(self, files: Sequence[tuple[str, Source]]) -> None:
        for path, source in files:
            target = self.root / part(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, bytes):
                target.write_bytes(source)
            else:
                shutil.copyfile(source, target)
        disk.settle(self.root)
        for path, _ in files:
            (self.root / part(path)).replace(self.root / path)

    def drop(self, paths: Iterable[str]) -> None:
        for path in paths:
            disk.remove(self.root, part(path))
            disk.remove(self.root, path)

    def names(self, path: str) -> list[str]:
        with suppress(FileNotFoundError):
            return [one.name for one in (self.root / path).iterdir()]
        return []

    def written(self, path: str) -> float:
        return (self.root / path).stat().st_mtime

    def link(self, old: str, new: str, paths: Sequence[str]) -> list[str]:
        left: list[str] = []
        for path in paths:
            target = self.root / new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.hardlink_to(self.root / old / path)
            except OSError:  # no such links here, or no such file: it is sent again
                left.append(path)
        return left

    def clear(self, path: str) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self.root / path)

    def pointed(self, path: str) -> str:
        with suppress(OSError):
            return str((self.root / path).readlink())
        return ""

    def point(self, path: str, to: str) -> None:
        target = self.root / part(path)
        target.unlink(missing_ok=True)
        try:
            target.symlink_to(to)
        except OSError as error:
            raise self.unlinkable() from error
        target.replace(self.root / path)
