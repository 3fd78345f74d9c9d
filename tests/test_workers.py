"""Handouts drawn by other processes: the same bytes, and one that ends its process fails alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import pytest
from conftest import ARTICLE, NOW, ROOT, SITE, Workshop, absent

from pressrun import drawing, workers
from pressrun.build import Result, Scope, build
from pressrun.faults import Place
from pressrun.outputs import Job, Made, Output, Shelf

SLUGS = ("calm", "rest", "sleep")
EDITIONS = ("a4", "letter", "press")
#: sides that are not full, so that there is something to warn of
LONG = ARTICLE + "  A sentence of seven words stands here.\n\n" * 40
TWO = partial(workers.processes, 2)


def _filled(workshop: Workshop) -> None:
    for slug in SLUGS:
        workshop.article(slug, LONG if slug == "rest" else ARTICLE)


@pytest.fixture(autouse=True)
def pebble() -> None:
    """Without it, what kills its process here would kill this one."""
    if not find_spec("pebble"):
        absent("pebble")


def _built(workshop: Workshop, hire: workers.Hire = TWO) -> Result:
    return build(workshop.desk, NOW, Scope(("handout",), hire=hire))


@pytest.fixture
def idle() -> Iterator[Callable[[], bool]]:
    """Tells whether no process of ours is left but those that were there before."""
    before = _children()
    yield lambda: _children() <= before
    assert _children() <= before


def _children() -> set[str]:
    """Processes that this one started and that have not ended, without Python's tracker of shared resources."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and b"resource_tracker" not in (path / "cmdline").read_bytes():
                found.add(path.name)
        except OSError:
            continue
    return found


def test_many_processes_make_the_same_bytes_and_say_the_same(workshop: Workshop, idle: Callable[[], bool]) -> None:
    _filled(workshop)
    alone = _built(workshop, workers.alone)
    tree = workshop.tree()
    for path in (workshop.root / "outputs").rglob("*.p[dn][fg]"):
        path.unlink()
    made: list[str] = []
    real = drawing.draw

    def noted(*given: object) -> Made:
        made.append("here")
        return real(*given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawing, "thumbnail", noted)
        together = _built(workshop)

    assert workshop.tree() == tree
    assert len([path for path in tree if path.endswith(".pdf") and "/sites/" not in path]) >= 9
    assert together.faults == alone.faults == ()
    assert together.warnings == alone.warnings != ()
    assert made == []  # thumbnails are drawn where their handouts are
    assert idle()
    assert _built(workshop).written == ()


def _deadly(plan: drawing.Plan, stock: Mapping[str, bytes], private: Path) -> Made:
    """Runs in the other process."""
    if plan.article.slug == "calm" and plan.edition == "letter":
        os.kill(os.getpid(), signal.SIGKILL)
    if plan.article.slug == "sleep" and plan.edition == "press":
        time.sleep(600)
    return drawing.draw(plan, stock, private)


@pytest.mark.heavy
def test_what_kills_its_process_or_hangs_fails_by_name_and_the_rest_is_made(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, idle: Callable[[], bool]
) -> None:
    workshop.write("content/site.yaml", SITE + "handout_seconds: 2\n")
    _filled(workshop)
    monkeypatch.setattr(drawing, "draw", _deadly)

    result = _built(workshop)

    remedy = "Build again. If it happens again, shorten the article, or raise 'handout_seconds:' in site.yaml."
    assert sorted(str(fault).splitlines()[0] for fault in result.faults) == [
        "content/articles/calm.yaml:1:1: The letter handout could not be drawn: the process that drew it ended (-9). "
        + remedy,
        "content/articles/sleep.yaml:1:1: The press handout could not be drawn: it takes longer than 2 seconds. "
        + remedy,
    ]
    found = {path.stem for path in (workshop.root / "outputs/handout").glob("*.pdf")}
    assert found == {f"{slug}-{name}" for slug in SLUGS for name in EDITIONS} - {"calm-letter", "sleep-press"}
    assert idle()


@pytest.mark.heavy
def test_a_text_that_cannot_be_set_is_the_same_fault(workshop: Workshop) -> None:
    workshop.article("good")
    workshop.article("odd", ARTICLE.replace("A first paragraph.", "Text in \u4e2d\u6587."))

    together, alone = _built(workshop), _built(workshop, workers.alone)

    assert together.faults == alone.faults
    assert [fault.place.column for fault in together.faults] == [11, 12]
    assert (workshop.root / "outputs/handout/good-press.pdf").is_file()


def test_one_article_or_one_process_or_no_pebble_needs_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def hired(count: int, groups: int) -> int:
        team = workers.processes(count, groups)
        return team.size if isinstance(team, workers.Processes) else 0

    assert [hired(0, 1), hired(1, 9), hired(2, 9), hired(8, 3)] == [0, 0, 2, 3]
    monkeypatch.setattr(workers, "find_spec", lambda _: None)
    assert hired(2, 9) == 0


def _odd(plan: drawing.Plan, stock: Mapping[str, bytes], private: Path) -> Made:
    raise ZeroDivisionError(plan.edition)


def test_a_defect_of_ours_is_no_fault_of_an_author(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, idle: Callable[[], bool]
) -> None:
    _filled(workshop)
    monkeypatch.setattr(drawing, "draw", _odd)

    with pytest.raises(ZeroDivisionError, match="a4"):
        _built(workshop)

    assert idle()


RUN = """
from functools import partial
from importlib.util import find_spec
from datetime import UTC, datetime
from pathlib import Path
from pressrun import workers
from pressrun.build import Desk, Scope, build
if __name__ == "__main__":
    build(Desk(Path()), datetime(2025, 6, 1, tzinfo=UTC), Scope(("handout",), hire=partial(workers.processes, 2)))
"""


@pytest.mark.heavy
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_stopped_leaves_no_process_behind(workshop: Workshop, number: signal.Signals) -> None:
    for turn in range(12):
        workshop.article(f"article-{turn}", LONG)
    workshop.write("run.py", RUN)
    temporary = workshop.root / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "run.py"], cwd=workshop.root, env=environment, start_new_session=True, stderr=subprocess.PIPE
    ) as running:
        _until(lambda: any((workshop.root / "outputs/handout").glob("*.pdf")))
        if number == signal.SIGINT:  # as a terminal does, to all of them
            os.killpg(running.pid, number)
        else:
            running.kill()
        said = running.communicate(timeout=30)[1].decode()

    _until(lambda: not _of_session(running.pid))
    if number == signal.SIGINT:
        assert said.count("KeyboardInterrupt") == 1, said
        assert list(temporary.iterdir()) == []


def _of_session(leader: int) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if facts[3] == str(leader) and facts[0] != "Z":
            found.append(path.parent.name)
    return found


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_job_can_be_sent_without_what_all_of_them_need(workshop: Workshop) -> None:
    import pickle

    from pressrun import build as pressrun

    workshop.article("sleep")
    found = pressrun.read(workshop.desk, NOW)
    shelf = pressrun.declare(workshop.desk, found, [])
    jobs = [output.job() for output in shelf.all() if output.job]

    assert [job.name for job in jobs] == [f"{name} handout" for name in EDITIONS]
    assert len(pickle.dumps(workers.slim(jobs))) < 200_000
    assert all(data == b"" for job in workers.slim(jobs) for data in job.stock.values())


def test_every_group_is_handed_out_however_many_there_are(tmp_path: Path) -> None:
    """None of them is left to this process, which has other things to do."""
    done: list[str] = []

    class Team:
        size = 1

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def submit(self, jobs: Sequence[Job]) -> Future[workers.Done]:
            done.extend(job.name for job in jobs)
            found: Future[workers.Done] = Future()
            found.set_result([Made(job.name.encode()) for job in jobs])
            return found

        def lost(self, error: BaseException, job: Job, /) -> str:
            raise AssertionError(error, job)

    def output(name: str) -> Output:
        job = Job(lambda *_: Made(b""), {}, Place("x"), name, 1)
        return Output(name, lambda: pytest.fail("made here"), key=name, article=name, job=lambda: job)

    shelf = Shelf(tmp_path)
    shelf.add([output(f"{number}.pdf") for number in range(5 * workers._READY)])
    with workers.employed(shelf, shelf.all(), lambda _groups: Team()):
        assert [shelf.data(one).decode() for one in shelf.all()] == [one.path for one in shelf.all()]

    assert sorted(done) == sorted(one.path for one in shelf.all())
