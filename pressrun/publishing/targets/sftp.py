"""A server that is reached by SSH: the same releases as in a folder, or a web host's own folder, file by file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar, cast

import asyncssh
from asyncssh import SFTPClient, SFTPError

from pressrun.publishing.targets import lease
from pressrun.publishing.targets.releases import InPlace, Releases
from pressrun.publishing.targets.stores import Disk, Order, Shared, Source, Target, Undelivered, part

#: files on their way at once; seconds for a connection, and between two questions whether the server is still there
_AT_ONCE, _PATIENCE, _ALIVE = 32, 30, 15
_PROBE = ".pressrun.now"
_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
T = TypeVar("T")


@contextmanager
def opened(order: Order) -> Iterator[Target]:
    """Raises Undelivered."""
    store = Server(order)
    with ExitStack() as stack:
        stack.callback(store.close)
        with store.plainly():
            store.connect()
            renew = stack.enter_context(lease.held(store, order.token))
        yield (Releases if order.settings.get("releases", True) else InPlace)(store, renew, order.fetch)


class Server(Disk, Shared):
    def __init__(self, order: Order) -> None:
        found = order.settings
        self.name = f"{found['host']}:{found['path']}"
        self._host, self._folder = found["host"], found["path"]
        given = {"port": found.get("port"), "username": found.get("user"), "password": order.password or None}
        for option, key in (("known_hosts", "known_hosts"), ("client_keys", "key")):
            given[option] = str(order.root / Path(found[key]).expanduser()) if key in found else None
        self._options = {key: value for key, value in given.items() if value is not None}
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: SFTPClient
        #: folders that are known to be there
        self._made: set[str] = set()

    def connect(self) -> None:
        self._do(self._connect())

    async def _connect(self) -> None:
        self._connection = await asyncssh.connect(
            self._host, connect_timeout=_PATIENCE, login_timeout=_PATIENCE, keepalive_interval=_ALIVE, **self._options
        )
        self._sftp = await self._connection.start_sftp_client()
        await self._sftp.makedirs(self._folder, exist_ok=True)
        await self._sftp.chdir(self._folder)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._do(self._connection.wait_closed())
        self._loop.close()

    @contextmanager
    def plainly(self) -> Iterator[None]:
        try:
            yield
        except (asyncssh.Error, asyncssh.KeyImportError, OSError) as error:
            problem, remedy = next(said for kinds, *said in _SAID if isinstance(error, kinds))
            said = getattr(error, "reason", "") or getattr(error, "strerror", "") or str(error)
            raise Undelivered(
                f"{self.name} {problem.format(said=said.rstrip('.'))}. {remedy.format(host=self._host)}"
            ) from error

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def _each(self, act: Callable[..., Coroutine[Any, Any, T]], items: Iterable[Any]) -> list[T]:
        """Many at once; when one fails, the others come to their end first."""

        async def every() -> list[T]:
            gate = asyncio.Semaphore(_AT_ONCE)

            async def one(item: Any) -> T:
                async with gate:
                    return await act(item)

            found = await asyncio.gather(*map(one, items), return_exceptions=True)
            if failed := next((each for each in found if isinstance(each, BaseException)), None):
                raise failed
            return [each for each in found if not isinstance(each, BaseException)]

        return self._do(every())

    def get(self, path: str) -> bytes | None:
        async def read() -> bytes | None:
            with suppress(*_GONE):
                async with self._sftp.open(path, "rb") as stream:
                    return cast("bytes", await stream.read())
            return None

        return self._do(read())

    def put(self, files: Sequence[tuple[str, Source]]) -> None:
        self._folders(path for path, _ in files)
        self._each(self._write, files)

    async def _write(self, file: tuple[str, Source]) -> None:
        path, source = file
        data = source if isinstance(source, bytes) else source.read_bytes()
        async with self._sftp.open(part(path), "wb") as stream:
            await stream.write(data)
            with suppress(asyncssh.SFTPOpUnsupported):
                await stream.fsync()
        await self._sftp.posix_rename(part(path), path)

    def _folders(self, paths: Iterable[str]) -> None:
        """Makes what is missing of the folders of files; one that is there already is refused, and that is fine."""

        async def one(folder: str) -> None:
            with suppress(SFTPError):
                await self._sftp.mkdir(folder)

        new = _above(paths) - self._made
        for _, level in groupby(sorted(new, key=_depth), _depth):
            self._each(one, level)
        self._made |= new

    def drop(self, paths: Iterable[str]) -> None:
        paths = list(paths)
        self._each(self._remove, [one for path in paths for one in (path, part(path))])
        for folder in sorted(_above(paths), key=_depth, reverse=True):
            with suppress(SFTPError):  # not empty
                self._do(self._sftp.rmdir(folder))
                self._made.discard(folder)

    async def _remove(self, path: str) -> None:
        with suppress(*_GONE):
            await self._sftp.remove(path)

    def create(self, path: str, data: bytes) -> bool:
        async def write() -> None:
            async with self._sftp.open(path, "xb") as stream:
                await stream.write(data)

        try:
            self._do(write())
        except SFTPError:
            if self._do(self._sftp.exists(path)):
                return False
            raise
        return True

    def silence(self, path: str) -> float:
        self.put([(_PROBE, b"")])
        now = self.written(_PROBE)
        self.drop([_PROBE])
        with suppress(*_GONE):
            return now - self.written(path)
        return 0.0

    def written(self, path: str) -> float:
        return float(self._do(self._sftp.stat(path)).mtime or 0)

    def names(self, path: str) -> list[str]:
        with suppress(*_GONE):
            return [str(name) for name in self._do(self._sftp.listdir(path)) if name not in (".", "..")]
        return []

    def link(self, old: str, new: str, paths: Sequence[str]) -> list[str]:
        async def one(path: str) -> str:
            try:
                await self._sftp.link(old + path, new + path)
            except SFTPError:
                with suppress(SFTPError):
                    await self._copy(old + path, new + path)
                    return ""
                return path
            return ""

        self._folders(new + path for path in paths)
        return [path for path in self._each(one, paths) if path]

    async def _copy(self, old: str, new: str) -> None:
        """On the server, where that has the extension copy-data."""
        if not self._sftp.supports_remote_copy:
            raise asyncssh.SFTPOpUnsupported("copy-data")
        async with self._sftp.open(old, "rb", block_size=0) as read, self._sftp.open(new, "wb", block_size=0) as write:
            await self._sftp.remote_copy(read, write)

    def clear(self, path: str) -> None:
        self._made = {made for made in self._made if not f"{made}/".startswith(f"{path}/")}
        with suppress(*_GONE):
            self._do(self._sftp.rmtree(path))

    def pointed(self, path: str) -> str:
        with suppress(SFTPError):
            return str(self._do(self._sftp.readlink(path)))
        return ""

    def point(self, path: str, to: str) -> None:
        self._do(self._remove(part(path)))
        try:
            self._do(self._sftp.symlink(to, part(path)))
        except SFTPError as error:
            raise self.unlinkable() from error
        self._do(self._sftp.posix_rename(part(path), path))


def _above(paths: Iterable[str]) -> set[str]:
    """The folders in which files are, and those in which these are."""
    return {"/".join(names[:depth]) for path in paths if (names := path.split("/")) for depth in range(1, len(names))}


def _depth(path: str) -> int:
    return path.count("/")


#: errors, the narrower first, with what they mean and what to do
_SAID: tuple[tuple[Any, str, str], ...] = (
    (asyncssh.HostKeyNotVerifiable, "has a key that is not known here, so nothing was sent",
     "If you trust it: ssh-keyscan {host} >> known_hosts, compare it with what the host tells you, and name the file."),
    (asyncssh.PermissionDenied, "lets nobody in with the keys and the password that were offered",
     "Check user and key in site.yaml, the agent, or PRESSRUN_<TARGET>_PASSWORD."),
    ((asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded), "has no space left",
     "Make room, and publish again."),
    (asyncssh.SFTPPermissionDenied, "does not let this user write there", "Check the folder's owner, or 'path'."),
    (asyncssh.SFTPOpUnsupported, "cannot do what is needed to change files in one step ({said})",
     "Ask the host for an SFTP server with posix-rename, as OpenSSH has."),
    (_GONE, "has not the folder that is needed ({said})", "Check 'path' in site.yaml."),
    (SFTPError, "could not write ({said})", "Perhaps its disk is full. Mend that, and publish again."),
    (asyncssh.KeyImportError, "cannot be reached with this key ({said})", "Put the key into the agent: ssh-add FILE."),
    ((asyncssh.Error, OSError), "cannot be reached ({said})", "Check host and port in site.yaml, and publish again."),
)  # fmt: skip
