"""What is kept between projects: the same bytes whatever became of them, within bounds, and nobody else's files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pressrun import fonts, store

KEY, OTHER = "0" * 64, "1" * 64


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "pressrun"


class Maker:
    """Counts how often it is asked."""

    def __init__(self, data: bytes = b"some bytes") -> None:
        self.data = data
        self.count = 0

    def __call__(self) -> bytes:
        self.count += 1
        return self.data


def test_bytes_are_made_once(home: Path) -> None:
    make = Maker()
    assert [store.kept(KEY, make) for _ in range(3)] == [b"some bytes"] * 3
    assert make.count == 1
    assert [path.name for path in home.iterdir()] == [KEY]
    assert store.kept(OTHER, Maker(b"others")) == b"others"


@pytest.mark.parametrize("spoil", [
    lambda data: b"", lambda data: data[:-1], lambda data: data[1:], lambda data: b"foreign", lambda data: data + b"x",
    lambda data: data[:40] + b"X" + data[41:], lambda data: bytes([data[0] ^ 1]) + data[1:],
])  # fmt: skip
def test_what_is_damaged_or_foreign_is_made_anew(home: Path, spoil: object) -> None:
    make = Maker()
    store.kept(KEY, make)
    assert callable(spoil)
    (home / KEY).write_bytes(spoil((home / KEY).read_bytes()))

    assert store.kept(KEY, make) == store.kept(KEY, make) == b"some bytes"
    assert make.count == 2


def test_bytes_of_another_key_are_not_taken_for_those_of_this(home: Path) -> None:
    store.kept(KEY, Maker())
    (home / KEY).rename(home / OTHER)
    assert store.kept(OTHER, Maker(b"others")) == b"others"


def test_where_nothing_can_be_kept_everything_is_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    home.write_text("a file where the folder should be")
    assert [store.kept(KEY, make) for _ in range(2)] == [b"some bytes"] * 2
    assert make.count == 2
    assert home.read_text() == "a file where the folder should be"

    home.unlink()
    (home / KEY).mkdir(parents=True)
    assert store.kept(KEY, make) == b"some bytes"
    assert [path.name for path in home.iterdir()] == [KEY]

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert store.folder() is None
    assert store.kept(KEY, make) == b"some bytes"


@pytest.mark.skipif(sys.platform == "win32", reason="Folders are not closed this way there.")
def test_a_folder_that_may_not_be_written_does_no_harm(home: Path) -> None:
    home.mkdir()
    home.chmod(0o500)
    try:
        assert store.kept(KEY, Maker()) == b"some bytes"
    finally:
        home.chmod(0o700)


def test_the_folder_is_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for value in ("", "not/absolute"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        for platform, below in (("linux", ".cache"), ("darwin", "Library/Caches"), ("win32", "AppData/Local")):
            monkeypatch.setattr(sys, "platform", platform)
            assert store.folder() == tmp_path / below / "pressrun"


def test_it_stays_within_bounds_and_lets_other_files_be(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 500)
    home.mkdir()
    (home / "notes.txt").write_bytes(b"x" * 1_000)
    (home / f".{KEY}.1.part").write_bytes(b"x" * 200)
    os.utime(home / f".{KEY}.1.part", (1, 1))
    for number in range(6):
        key = f"{number:064x}"
        store.kept(key, Maker(b"x" * 100))
        os.utime(home / key, (number + 2, number + 2))

    store.kept(OTHER, Maker(b"x"))
    assert sorted(path.name for path in home.iterdir()) == sorted(
        ["notes.txt", OTHER, *(f"{number:064x}" for number in (3, 4, 5))]
    )


def test_a_typeface_is_the_same_from_the_store_and_without(home: Path) -> None:
    face = fonts.FACES[0]

    def cut() -> tuple[bytes, bytes]:
        fonts._woff2.cache_clear()
        fonts._cut.cache_clear()
        return fonts._woff2(face), fonts._cut(face)

    first = cut()
    assert len(list(home.iterdir())) == 2
    assert cut() == first
    for path in home.iterdir():
        path.write_bytes(b"foreign")
    assert cut() == first


def test_another_use_or_face_has_another_place() -> None:
    recipes = {fonts._recipe(face, use) for face in fonts.FACES for use in ("web", "cut")}
    assert len(recipes) == 2 * len(fonts.FACES)
