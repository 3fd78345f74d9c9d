"""Outputs made by copies of the process: the same bytes, whatever becomes of a copy."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ARTICLE, NOW, Workshop

from pressrun import forks
from pressrun.build import Result, Scope, build
from pressrun.outputs import Output, Shelf

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")
NAMES = ("web", "newsletter", "feed")
SLUGS = [f"article-{number}" for number in range(12)]


@pytest.fixture
def filled(workshop: Workshop) -> Workshop:
    for number, slug in enumerate(SLUGS):
        workshop.article(slug, ARTICLE.replace("Sleep and You", f"Sleep and You, part {number}"))
    return workshop


def _built(workshop: Workshop, copies: int = 2) -> Result:
    return build(workshop.desk, NOW, Scope(NAMES, copies=copies))


def _tree(workshop: Workshop) -> dict[str, bytes]:
    folder = workshop.desk.outputs
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".pressrun" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The copies that were made; each has ended when the build has."""
    found: list[int] = []
    fork = os.fork

    def forked() -> int:
        child = fork()
        found.append(child)
        return child

    monkeypatch.setattr(os, "fork", forked)
    yield found
    for child in found:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_copies_make_the_same_bytes(filled: Workshop, seen: list[int]) -> None:
    found = _built(filled)
    made = _tree(filled)
    again = build(filled.desk, NOW, Scope(NAMES, anew=True))

    assert len(seen) == 2
    assert found.faults == again.faults == ()
    assert _tree(filled) == made
    assert any(path.endswith(".eml") for path in made)
    assert again.written == ()


def test_nothing_stale_makes_no_copies(filled: Workshop, seen: list[int]) -> None:
    _built(filled, copies=1)
    _built(filled)
    assert seen == []


def test_a_process_with_threads_makes_no_copies(filled: Workshop, seen: list[int]) -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert _built(filled).faults == ()
    finally:
        over.set()
        thread.join()
    assert seen == []


def test_what_a_copy_that_ends_early_leaves_is_made_here(
    filled: Workshop, seen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, data = os.getpid(), Shelf.data

    def dying(shelf: Shelf, output: Output) -> bytes:
        if os.getpid() != here and output.article == SLUGS[5]:
            os.kill(os.getpid(), signal.SIGKILL)
        return data(shelf, output)

    monkeypatch.setattr(Shelf, "data", dying)
    assert _built(filled).faults == ()
    made = _tree(filled)
    monkeypatch.undo()
    build(filled.desk, NOW, Scope(NAMES, anew=True))

    assert len(seen) == 2
    assert _tree(filled) == made


def test_what_cannot_be_made_is_said_by_this_process(
    filled: Workshop, seen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Shelf.data

    def failing(shelf: Shelf, output: Output) -> bytes:
        if output.path == f"newsletter/{SLUGS[3]}.eml":
            raise RuntimeError("no such letter")
        return made(shelf, output)

    monkeypatch.setattr(Shelf, "data", failing)
    with pytest.raises(RuntimeError, match="no such letter"):
        _built(filled)
    assert len(seen) == 2


def test_warnings_come_along(tmp_path: Path, seen: list[int]) -> None:
    shelf = Shelf(tmp_path)

    def output(number: int) -> Output:
        path = f"{number}.txt"

        def make() -> bytes:
            shelf.warn(path, f"{number} is odd") if number % 2 else None
            return str(number).encode()

        return Output(path, make, key=path, article=path)

    shelf.add([output(number) for number in range(forks._WORTH)])
    with forks.employed(shelf, shelf.all(), 2):
        for one in shelf.all():
            shelf.write(one)

    assert len(seen) == 2
    assert shelf.warnings() == [f"{number} is odd" for number in range(1, forks._WORTH, 2)]
    assert (tmp_path / "7.txt").read_bytes() == b"7"


def test_what_is_drawn_by_others_is_not_drawn_in_copies(tmp_path: Path, seen: list[int]) -> None:
    shelf = Shelf(tmp_path)

    def pair(name: str) -> list[Output]:
        handout = Output(
            f"{name}.pdf",
            name.encode,
            key=name,
            article=name,
            thumbnail=f"{name}.png",
            job=lambda: pytest.fail("drawn"),
        )
        return [handout, Output(f"{name}.png", lambda: shelf.data(handout), key=f"{name} small", article=name)]

    shelf.add([one for number in range(2 * forks._WORTH) for one in pair(str(number))])
    with forks.employed(shelf, shelf.all(), 2):
        pass
    assert seen == []


def test_copies_that_are_left_with_much_to_say_end_all_the_same(tmp_path: Path, seen: list[int]) -> None:
    """Each waits for somebody to read, and a later copy has the pipes of the earlier ones open."""
    shelf = Shelf(tmp_path)

    def output(number: int) -> Output:
        return Output(f"{number}.txt", lambda: b"x" * (1 << 20), key=str(number), article=str(number))

    shelf.add([output(number) for number in range(forks._WORTH)])
    with forks.employed(shelf, shelf.all(), 2):
        shelf.write(next(iter(shelf.all())))
    assert len(seen) == 2
