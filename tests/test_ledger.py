"""The ledger of publishing, in either store: nothing twice, nothing lost, whoever writes and whatever is torn."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import SITE, Workshop

from pressrun import build
from pressrun.disk import Unwritable
from pressrun.faults import Refused
from pressrun.publishing import ledger
from pressrun.publishing.ledger import Database, Entry, Key, Ledger, Lines

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
KEY = Key("sleep", "web", "live", "a" * 64)
STORES: dict[str, Callable[[Path], Ledger]] = {
    "lines": lambda root: Lines(root / "content"), "sqlite": lambda root: Database(root / "volume/ledger.sqlite"),
}  # fmt: skip


def _entry(event: str = ledger.LISTED, at: int = 0, **key: str) -> Entry:
    return Entry(key=KEY._replace(**key), event=event, at=AT + timedelta(seconds=at), by="run 1")


@pytest.fixture(params=STORES)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    return STORES[request.param](tmp_path)


def test_nothing_is_there_before_the_first_entry(book: Ledger, tmp_path: Path) -> None:
    assert book.entries() == []
    assert book.append() == []
    assert not (tmp_path / "content").exists()


def test_what_was_added_is_told_in_its_order(book: Ledger) -> None:
    first, second = replace(_entry(), detail={"bytes": "12", "why": "„neu“"}), _entry(ledger.VERIFIED, at=1)
    other = _entry(at=2, id="dreams")

    assert book.append(first, second) == [first, second]
    assert book.append(other) == [other]

    assert book.entries() == [first, second, other]
    assert book.entries("sleep") == [first, second]
    assert book.entries("") == []
    assert ledger.online(book.entries()) == {"sleep"}


def test_the_same_is_told_once_and_what_comes_back_is_told_again(book: Ledger) -> None:
    other = {"hash": "b" * 64}
    assert len(book.append(_entry(), _entry(at=9), _entry(ledger.SENT))) == 2
    assert book.append(_entry(at=5), _entry(ledger.SENT, at=6)) == []
    assert len(book.append(_entry(at=7, **other))) == 1

    assert len(book.append(_entry(at=8))) == 1

    entries = book.entries()
    assert [entry.at.second for entry in entries if entry.event == ledger.LISTED] == [0, 7, 8]
    assert ledger.present(entries) == {(ledger.LISTED, KEY), (ledger.SENT, KEY)}


@pytest.mark.parametrize(("event", "about"), [(ledger.ROLLED_BACK, ""), (ledger.TAKEN_OFF, KEY.id)])
def test_what_was_rolled_back_or_taken_off_is_not_there_any_more_and_is_told_again(
    book: Ledger, event: str, about: str
) -> None:
    other = replace(_entry(), key=KEY._replace(audience="trial"))
    book.append(_entry(), other)
    gone = replace(_entry(event), key=ledger.Key(about, audience=KEY.audience))
    assert book.append(gone) == [gone]
    assert ledger.present(book.entries()) == {(ledger.LISTED, other.key)}
    assert book.append(gone, _entry(), other) == [gone, _entry()]


def test_only_events_of_the_list_and_instants_with_a_zone_are_told() -> None:
    with pytest.raises(ValueError, match="'thought' at"):
        _entry("thought")
    with pytest.raises(ValueError, match="is nothing that a ledger tells"):
        Entry(key=KEY, event=ledger.SENT, at=datetime(2025, 6, 1), by="x")  # noqa: DTZ001  # that is the point


WRITERS, ROUNDS = 4, 25


def _write(store: str, root: Path, writer: int, together: Any) -> None:
    book = STORES[store](root)
    for number in range(ROUNDS):
        together.wait(60)
        # Everybody has the same two things to tell at once, and one of their own.
        book.append(_entry(id=f"shared-{number}"), _entry(ledger.VERIFIED, id=f"shared-{number}"))
        book.append(_entry(id=f"own-{writer}-{number}"))


@pytest.mark.parametrize("store", STORES)
def test_of_several_writers_none_loses_or_repeats_anything(store: str, tmp_path: Path) -> None:
    spawned = multiprocessing.get_context("spawn")
    together = spawned.Barrier(WRITERS)
    writers = [spawned.Process(target=_write, args=(store, tmp_path, number, together)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS

    told = [(entry.key.id, entry.event) for entry in STORES[store](tmp_path).entries()]

    assert len(told) == len(set(told)) == ROUNDS * (2 + WRITERS)


def test_a_line_torn_anywhere_costs_no_other_and_is_written_over(tmp_path: Path) -> None:
    book, path = Lines(tmp_path), tmp_path / ledger.PATH
    book.append(_entry(), _entry(ledger.SENT))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        path.write_bytes(whole[:cut])
        kept = 2 if cut == len(whole) - 1 else 1
        assert len(book.entries()) == kept, whole[first:cut]

        assert len(book.append(_entry(ledger.SENT))) == 2 - kept
        assert book.entries() == [_entry(), _entry(ledger.SENT)]
        if kept == 1:
            assert path.read_bytes() == whole


def _die(path: Path) -> None:
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("BEGIN IMMEDIATE")
    base.execute("INSERT INTO entry (id, told) VALUES ('sleep', '{}')")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_killed_before_its_commit_leaves_nothing_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Database(path).append(_entry())
    writer = multiprocessing.get_context("spawn").Process(target=_die, args=(path,))
    writer.start()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL

    assert Database(path).append(_entry(), _entry(ledger.SENT)) == [_entry(ledger.SENT)]
    assert Database(path).entries() == [_entry(), _entry(ledger.SENT)]


_FIT = {**KEY._asdict(), "at": AT.isoformat(), "event": "sent", "by": ""}
DAMAGED: list[dict[str, object]] = [
    {}, {"id": 1}, _FIT | {"at": "2025-06-01"}, _FIT | {"event": "thought"}, _FIT | {"more": "x"}, _FIT | {"by": 1},
    _FIT | {"detail": {"bytes": 12}},
]  # fmt: skip


@pytest.mark.parametrize("line", [b"<<<<<<< mine", *(json.dumps(line).encode() for line in DAMAGED)])
def test_a_damaged_line_is_a_fault_at_its_place_and_nothing_is_added(tmp_path: Path, line: bytes) -> None:
    book, path = Lines(tmp_path), tmp_path / ledger.PATH
    book.append(_entry())
    damaged = line + b"\n" + path.read_bytes()
    path.write_bytes(damaged)

    with pytest.raises(Refused, match=r"content/records/ledger.jsonl:1:1: This line is no entry of the ledger."):
        book.entries()
    with pytest.raises(Refused):
        book.append(_entry(ledger.SENT))
    assert path.read_bytes() == damaged


def test_what_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"no database at all, but long enough" * 99)
    with pytest.raises(ValueError, match="cannot be used: file is not a database"):
        Database(path).append(_entry())


def test_a_place_that_cannot_be_written_and_a_damaged_row_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file/ledger.sqlite"):
        with pytest.raises(ValueError, match=r"cannot be used: .* Mend that, or bring the file back"):
            Database(path).append(_entry())
    book = Database(tmp_path / "ledger.sqlite")
    book.append(_entry())
    with sqlite3.connect(tmp_path / "ledger.sqlite") as base:
        base.execute("UPDATE entry SET told = '{}'")
    with pytest.raises(ValueError, match=r"ledger\.sqlite cannot be used"):
        book.entries()
    (tmp_path / "content" / ledger.PATH).mkdir(parents=True)
    with pytest.raises(Unwritable, match=r"content/records/ledger\.jsonl could not be written: Is a directory"):
        Lines(tmp_path / "content").append(_entry())


def test_where_it_lies_is_said_by_the_site_or_by_the_environment(workshop: Workshop, tmp_path: Path) -> None:
    def opened(**environment: str) -> Ledger:
        return ledger.opened(workshop.desk.content, build.read_site(workshop.desk), environment)

    assert isinstance(opened(), Lines)
    assert isinstance(opened(PRESSRUN_LEDGER="x.sqlite"), Database)
    workshop.write("content/site.yaml", SITE + "ledger: {sqlite: volume/ledger.sqlite}\n")
    opened().append(_entry())
    assert (tmp_path / "volume/ledger.sqlite").is_file()
    opened(PRESSRUN_LEDGER=str(tmp_path / "other.sqlite")).append(_entry())
    assert (tmp_path / "other.sqlite").is_file()


def test_whoever_acts_has_a_name() -> None:
    run = {"GITHUB_SERVER_URL": "https://example.org", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}
    assert ledger.whoever(run) == "run https://example.org/a/b/actions/runs/7"
    assert ledger.whoever({"CI_JOB_ID": "9"}) == "run 9"
    assert ledger.whoever({})
