"""A build in which nothing changed opens no file; whatever may change an output is noticed all the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ARTICLE, Workshop

from pressrun import build, rebuild, snapshot
from pressrun.snapshot import Report

_NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
_SCOPE = snapshot.scope(["newsletter", "web"])


def _built(workshop: Workshop) -> Report:
    """Built and noted, as the task does it."""
    scope = build.Scope(("web", "newsletter"))
    return rebuild.built(workshop.root, _NOW, scope, snapshot.look(workshop.root))[0]


@pytest.fixture
def still(workshop: Workshop) -> Callable[..., Report | None]:
    """A desk that was just built, with an article to come; asks whether a build may be left out."""
    shutil.copytree((workshop.root / "templates").resolve(), workshop.root / "own")
    (workshop.root / "templates").unlink()
    (workshop.root / "own").rename(workshop.root / "templates")
    workshop.article("sleep")
    workshop.article("dreams", title="Dreams", summary="What they are.", date="2025-09-01", expires="2025-12-01")
    _built(workshop)

    def ask(scope: str = _SCOPE, now: datetime = _NOW) -> Report | None:
        return snapshot.still(workshop.root, scope, now)

    return ask


def test_nothing_is_done_while_nothing_changes_and_the_same_is_said(still: Callable[..., Report | None]) -> None:
    said = still()

    assert said is not None
    assert said.articles == 1
    assert said.notes == ("Left out: dreams (appears on 2025-09-01 00:00 EDT)",)
    assert still(now=datetime(2025, 8, 31, 23, 59, tzinfo=UTC)) == said
    assert still(now=datetime(2025, 6, 2)) == said  # noqa: DTZ001  # in the site's zone


@pytest.mark.parametrize("now", [datetime(2025, 9, 1, 4, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)])
def test_the_clock_ends_it_where_something_appears(still: Callable[..., Report | None], now: datetime) -> None:
    assert still(now=now) is None


def test_another_scope_is_another_build(still: Callable[..., Report | None]) -> None:
    assert still(scope="feed") is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["build", "--only", "web,newsletter"], 0), (["build", "--only", " newsletter, web"], 0),
        (["build"], 1), ([], 1), (["build", "--only", "web"], 1), (["build", "--only"], 1),
        (["build", "--only", "web,newsletter", "--force"], 1), (["build", "--force"], 1),
        (["test"], 1), (["build", "--only=web,newsletter"], 1),
    ],
)  # fmt: skip
def test_the_launcher_is_answered_for_the_same_scope_alone(
    still: Callable[..., Report | None], workshop: Workshop, capsys: pytest.CaptureFixture[str], words: list[str],
    code: int,
) -> None:  # fmt: skip
    said = still()
    assert said is not None
    assert rebuild.main(str(workshop.root), str(int(_NOW.timestamp())), *words) == code
    told = capsys.readouterr().out.splitlines()
    assert told == ([*snapshot.lines(workshop.root, said)] if code == 0 else [])


def test_the_launcher_is_not_answered_once_something_appears(
    still: Callable[..., Report | None], workshop: Workshop
) -> None:
    assert still() is not None
    later = datetime(2025, 9, 1, 4, tzinfo=UTC)
    words = ("build", "--only", "web,newsletter")
    assert rebuild.main(str(workshop.root), str(int(later.timestamp())), *words) == 1


def _edit(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        before = file.stat()
        data = file.read_bytes()
        file.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])  # of the same length
        assert file.stat().st_mtime_ns != before.st_mtime_ns

    return change


def _remove(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).unlink()


def _write(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).write_text(text)

    return change


@pytest.mark.parametrize(
    "change",
    [
        _edit("content/articles/sleep.yaml"), _edit("content/site.yaml"), _edit("templates/web/style.css"),
        _edit("outputs/web/sleep/index.html"), _remove("outputs/web/sleep/index.html"),
        _remove("outputs/web/newsletter/sleep/index.html"), _remove("content/articles/dreams.yaml"),
        _write("content/articles/new.yaml", ARTICLE), _write("templates/web/blocks/new.html", ""),
        _write("outputs/.pressrun/journal", ""), _write("outputs/.pressrun/manifest.json", "{"),
        _write("outputs/.pressrun/snapshot.json", '{"scope": 1}'), _remove("outputs/.pressrun/snapshot.json"),
    ],
)  # fmt: skip
def test_every_change_is_noticed(
    workshop: Workshop, still: Callable[..., Report | None], change: Callable[[Path], None]
) -> None:
    change(workshop.root)

    assert still() is None


def test_a_file_that_was_only_touched_costs_a_look_and_changes_nothing(
    workshop: Workshop, still: Callable[..., Report | None]
) -> None:
    before = workshop.tree()
    os.utime(workshop.root / "content/articles/sleep.yaml")

    assert still() is None
    assert workshop.build(_NOW).written == ()
    assert workshop.tree() == before
