"""Jobs done by the workers of a Dask cluster, which have the same version of Pressrun and of its packages."""

import signal
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Self

from pressrun.outputs import Job
from pressrun.workers import Done, follow, slim

#: what draws is for one thread
_ONE = Lock()
_FOLDER = cache(tempfile.TemporaryDirectory)


class Cluster:
    """Workers behind a scheduler; what one that is lost was doing goes to another, three times at most."""

    def __init__(self, address: str, _groups: int = 0) -> None:
        import distributed

        make: Any = distributed.Client
        try:
            self._client = make(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ValueError(f"No scheduler answers at '{address}': {error}") from None
        self._executor = self._client.get_executor(pure=False)
        self._sent: dict[str, Any] = {}
        self._killed: type[Exception] = distributed.KilledWorker
        self.size = max(1, sum(self._client.nthreads().values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=False)
        self._client.close()

    def submit(self, jobs: Sequence[Job]) -> Future[Done]:
        new = {name: data for name, data in jobs[0].stock.items() if name not in self._sent}
        self._sent |= self._client.scatter(new, broadcast=True) if new else {}  # from now on it lies with the workers
        stock = {name: self._sent[name] for name in jobs[0].stock}
        found: Future[Done] = self._executor.submit(_follow, slim(jobs), stock)
        return found

    def lost(self, error: BaseException, _job: Job) -> str:
        return "every worker that drew it ended." if isinstance(error, self._killed) else ""


def _follow(jobs: Sequence[Job], stock: Mapping[str, bytes]) -> Done:
    with _ONE:
        signal.setitimer(signal.ITIMER_REAL, sum(job.seconds for job in jobs))  # ends a worker that hangs
        try:
            return follow(jobs, stock, Path(_FOLDER().name))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
