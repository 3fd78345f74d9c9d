"""Jobs done by other processes, while this one goes on: a job that cannot be done is a fault, and the rest are.

Processes are spawned, not forked: a fork copies the locks of threads that it does not copy, and Pango and Pebble have
threads; on a Mac, it may not be done at all once Pango is loaded.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.util import find_spec
from itertools import groupby, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol, Self

from pressrun import pdf
from pressrun.faults import Fault, Refused
from pressrun.outputs import Job, Made, Output, Shelf

#: groups that lie ready for each process: so many that none waits, so few that they fit into memory
_READY = 16

Done = list[Made | Refused]


class Team(Protocol):
    """Who does jobs."""

    #: how many processes there are
    size: int

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def submit(self, jobs: Sequence[Job]) -> Future[Done]:
        """Has jobs done, one after the other in one process."""

    def lost(self, error: BaseException, job: Job, /) -> str:
        """Why a job was not done, if it is for a reason that lies outside of the job; a sentence."""


#: who does so many groups of jobs; None if this process had better do them
Hire = Callable[[int], AbstractContextManager[Team | None]]


@contextmanager
def employed(shelf: Shelf, wanted: Iterable[Output], hire: Hire) -> Iterator[None]:
    """Has others make what has a job and is stale, from now on to the end of the block."""
    stale = [output for output in wanted if output.job and not shelf.fresh(output)]
    # The editions of an article share work, where they follow each other in one process.
    groups = [list(group) for _, group in groupby(stale, key=lambda one: (one.article, one.path.rpartition("/")[0]))]
    with hire(len(groups)) as team:
        if team:
            crew = _Crew(team, groups)
            for output in stale:
                shelf.expect(output.path, partial(crew.wait, output.path))
        yield


def processes(count: int = 0, groups: int = 0) -> AbstractContextManager[Team | None]:
    """As many processes as named, or as there are cores; None where one does: for one group, and without Pebble."""
    size = min(count or cores(), groups)
    return Processes(size) if size > 1 and find_spec("pebble") else nullcontext()


def alone(_groups: int) -> AbstractContextManager[Team | None]:
    """Nobody but this process."""
    return nullcontext()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Crew:
    """Hands out groups of jobs in the order in which they are asked for."""

    def __init__(self, team: Team, groups: Sequence[Sequence[Output]]) -> None:
        self._team = team
        self._left = iter(groups)
        self._out: dict[str, tuple[Sequence[Output], Sequence[Job], Future[Done]]] = {}
        self._done: dict[str, Made | Refused | None] = {}
        self._hand_out(_READY * team.size)

    def _hand_out(self, count: int) -> bool:
        """Submits some more groups; whether there was one left."""
        some = False
        for group in islice(self._left, count):
            some = True
            jobs = [output.job() for output in group if output.job]
            self._submit(group, jobs)
        return some

    def _submit(self, group: Sequence[Output], jobs: Sequence[Job]) -> None:
        paths = [output.path for output in group]
        try:
            self._out |= dict.fromkeys(paths, (group, jobs, self._team.submit(jobs)))
        except BrokenProcessPool:
            self._done |= dict.fromkeys(paths)

    def wait(self, path: str) -> Made | None:
        """What became of an output's job; None if it had better be done in this process. Raises Refused."""
        while path not in self._done:
            if path in self._out:
                self._settle(*self._out[path])
            elif not self._hand_out(1):
                return None
        found = self._done[path]
        if isinstance(found, Refused):
            raise found
        return found

    def _settle(self, group: Sequence[Output], jobs: Sequence[Job], future: Future[Done]) -> None:
        """Waits for a group; where a process was lost, each job of the group has another chance alone."""
        paths = [output.path for output in group]
        try:
            self._done |= dict(zip(paths, future.result(), strict=True))
        except BrokenProcessPool:  # nobody is left to do it
            self._done |= dict.fromkeys(paths)
        except Exception as error:
            why = self._team.lost(error, jobs[0])
            if not why:
                raise
            if len(jobs) > 1:
                for output, job in zip(group, jobs, strict=True):
                    self._submit([output], [job])
                return
            self._done[paths[0]] = Refused([_fault(jobs[0], why)])
        for path in paths:
            del self._out[path]
        self._hand_out(1)


def outcome(team: Team, future: Future[Done], job: Job) -> Made:
    """What became of a job that was submitted alone. Raises Refused, also when its process was lost."""
    try:
        (found,) = future.result()
    except Exception as error:
        if why := team.lost(error, job):
            raise Refused([_fault(job, why)]) from None
        raise
    if isinstance(found, Refused):
        raise found
    return found


def _fault(job: Job, why: str) -> Fault:
    remedy = "Build again. If it happens again, shorten the article, or raise 'handout_seconds:' in site.yaml."
    return Fault(job.place, f"The {job.name} could not be drawn: {why}", remedy)


# ---- processes of this machine


@dataclass
class Processes:
    """Processes of this machine, with Pebble: one that dies takes nothing along but what it was doing."""

    size: int

    def __enter__(self) -> Self:
        from pebble import ProcessPool

        self._folder = tempfile.TemporaryDirectory(prefix="pressrun-", ignore_cleanup_errors=True)
        # What a process leaves behind when it is ended lies in a folder of ours.
        self._pool: Any = ProcessPool(
            self.size, initializer=_begin, initargs=[self._folder.name], context=get_context("spawn")
        )
        self._stock: set[str] = set()
        return self

    def start(self) -> None:
        """Begins now, and not when there is something to do."""
        with _undisturbed():
            self._pool.schedule(int)

    def __exit__(self, *_: object) -> None:
        self._pool.stop()
        self._pool.join()
        self._folder.cleanup()

    def submit(self, jobs: Sequence[Job]) -> Future[Done]:
        for name, data in jobs[0].stock.items():
            if name not in self._stock:
                (Path(self._folder.name) / name).write_bytes(data)
                self._stock.add(name)
        limit = float(sum(job.seconds for job in jobs))
        try:
            with _undisturbed():
                found: Future[Done] = self._pool.schedule(_follow, [self._folder.name, slim(jobs)], timeout=limit)
        except RuntimeError as error:
            raise BrokenProcessPool from error
        return found

    def lost(self, error: BaseException, job: Job) -> str:
        from pebble import ProcessExpired

        if isinstance(error, TimeoutError):
            return f"it takes longer than {job.seconds} seconds."
        return f"the process that drew it ended ({error.exitcode})." if isinstance(error, ProcessExpired) else ""


def slim(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Jobs without the stock, to be sent."""
    return tuple(replace(job, stock=dict.fromkeys(job.stock, b"")) for job in jobs)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What starts here does not hear of Ctrl-C, of which this process tells it in its own way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(folder: str) -> None:
    """What a process does first."""
    tempfile.tempdir = folder
    pdf.warm(Path(folder))


def _follow(folder: str, jobs: Sequence[Job]) -> Done:
    return follow(jobs, {name: _stored(folder, name) for name in jobs[0].stock}, Path(folder))


@cache
def _stored(folder: str, name: str) -> bytes:
    return (Path(folder) / name).read_bytes()


def follow(jobs: Sequence[Job], stock: Mapping[str, bytes], private: Path) -> Done:
    """Does jobs, one after the other."""
    return [_done(job, stock, private) for job in jobs]


def _done(job: Job, stock: Mapping[str, bytes], private: Path) -> Made | Refused:
    try:
        return job.do(stock, private)
    except Refused as refused:
        return refused
