"""Handouts drawn on a Dask cluster: a scheduler and two workers on loopback, one of which is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pytest
from conftest import ARTICLE, NOW, ROOT, Workshop, absent

from pressrun import workers
from pressrun.build import Result, Scope, build
from pressrun.cluster import Cluster

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]  # Dask warns of much

LONG = ARTICLE + "  A sentence of seven words stands here.\n\n" * 75
COUNT = 8


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    if not find_spec("distributed"):
        absent("distributed")
    logs = tmp_path / "dask"
    logs.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    common = ["--host", "127.0.0.1", "--no-dashboard"]

    def started(name: str, module: str, *options: str) -> subprocess.Popen[bytes]:
        with (logs / name).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *options, *common],
                cwd=logs, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    with ExitStack() as stack:
        running = [started("scheduler", "distributed.cli.dask_scheduler", "--port", "0")]
        stack.callback(_end, running)
        address = _awaited(logs / "scheduler", r"Scheduler at: +(tcp://\S+)")
        running += [
            started(name, "distributed.cli.dask_worker", address, "--nthreads", "1", "--name", name)
            for name in ("one", "two")
        ]
        for name in ("one", "two"):
            _awaited(logs / name, r"(Registered to)")
        yield address


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _awaited(log: Path, pattern: str) -> str:
    end = time.monotonic() + 60
    while not (found := re.search(pattern, log.read_text(encoding="utf-8"))):
        assert time.monotonic() < end, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    return found[1]


def _built(workshop: Workshop, hire: workers.Hire) -> Result:
    return build(workshop.desk, NOW, Scope(("handout",), hire=hire))


def _without_pdfs(workshop: Workshop) -> None:
    for path in (workshop.root / "outputs").rglob("*.p[dn][fg]"):
        path.unlink()


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(workshop: Workshop, scheduler: str) -> None:
    from distributed import Client

    for turn in range(COUNT):
        workshop.article(f"article-{turn}", LONG if turn % 2 else ARTICLE)
    alone = _built(workshop, workers.alone)
    tree = workshop.tree()
    _without_pdfs(workshop)
    killed: list[int] = []

    def kill() -> None:
        """Ends the process that draws, once some handouts are there; not its nanny, which starts another."""
        while not any((workshop.root / "outputs/handout").glob("*.pdf")):
            time.sleep(0.02)
        with Client(scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            killed.extend(client.run(os.getpid).values())
        os.kill(killed[0], signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    together = _built(workshop, partial(Cluster, scheduler))
    killer.join()

    assert len(set(killed)) == 2
    assert together.faults == ()
    assert together.warnings == alone.warnings
    assert workshop.tree() == tree


def test_an_address_at_which_nobody_is_is_named(workshop: Workshop) -> None:
    workshop.article("sleep")

    with pytest.raises(ValueError, match=r"No scheduler answers at 'tcp://127.0.0.1:9'"):
        _built(workshop, partial(Cluster, "tcp://127.0.0.1:9"))
