"""What a command costs with all of its children: wall, processor time, memory. Linux alone.

A child that is started by a large process counts that one's memory as its own peak (Linux keeps the maximum over exec),
so what imports this stays small: it loads nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
#: seconds after which a command hangs
_MOST = 3600


@dataclass(frozen=True, slots=True)
class Cost:
    wall: float
    #: user and system, of all processes
    cpu: float
    #: megabytes of the largest process at its peak
    largest: float
    #: megabytes of all processes together, what they share counted once; 0 if not asked for
    together: float = 0


def run(
    command: Sequence[object],
    folder: Path,
    *,
    environment: dict[str, str] | None = None,
    cores: Collection[int] = (),
    together: bool = False,
) -> Cost:
    """Runs a command to its end, on these cores alone if any are named; raises RuntimeError with its words if it fails.

    `together` looks at the memory five times a second, which itself costs a little: for both sides or for neither.
    """
    # Orphans come to us, so that what Chromium's helpers took is counted too.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    everywhere = os.sched_getaffinity(0)
    with tempfile.TemporaryFile() as said:
        os.sched_setaffinity(0, cores or everywhere)
        start = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, command)), cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
        os.sched_setaffinity(0, everywhere)
        alarm = threading.Timer(_MOST, os.killpg, (child.pid, signal.SIGKILL))
        alarm.daemon = True
        alarm.start()
        watch = _Watch() if together else None
        wall = cpu = largest = 0.0
        try:
            while (ended := _wait()) is not None:
                pid, code, usage = ended
                cpu += usage.ru_utime + usage.ru_stime
                largest = max(largest, usage.ru_maxrss * 1024 / 1e6)
                if pid == child.pid:
                    wall = time.perf_counter() - start
                    child.returncode = os.waitstatus_to_exitcode(code)  # or Popen would wait for it
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGKILL)
            raise
        alarm.cancel()
        peak = watch.stop() if watch else 0
        if child.returncode:
            said.seek(0)
            raise RuntimeError(
                f"{command[0]} ended with {child.returncode}:\n{said.read().decode(errors='replace')[-2000:]}"
            )
    return Cost(wall, cpu, largest, peak)


def _wait() -> tuple[int, int, os.struct_rusage] | None:  # type: ignore[name-defined]
    try:
        return os.wait4(-1, 0)
    except ChildProcessError:
        return None


class _Watch:
    """Remembers the most memory that our descendants took together."""

    def __init__(self) -> None:
        self._most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self._most = max(self._most, sum(map(_share, _descendants())))


def _descendants() -> set[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # A program's name may hold blanks and parentheses, so fields are counted behind the last one.
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
    found: set[int] = set()
    new = {os.getpid()}
    while new := {pid for pid, parent in parents.items() if parent in new}:
        found |= new
    return found


def _share(pid: int) -> float:
    """Megabytes of a process, with its part of what it shares (PSS)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    size = re.search(r"^Pss: +(\d+)", text, re.MULTILINE)
    return int(size[1]) * 1024 / 1e6 if size else 0
