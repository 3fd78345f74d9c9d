"""What is remembered of copies on paper survives power cuts, and is never written twice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun import records
from pressrun.faults import Refused
from pressrun.model import Record

WHEN = datetime(2025, 3, 14, 9, 30, tzinfo=UTC)


def _record(number: int, title: str = "Sleep and “You”") -> Record:
    return Record(code=f"{number:08}", id="sleep", slug="sleep", title=title, revision=number, date=WHEN, recorded=WHEN)


def _file(content: Path) -> Path:
    return content / records.PATH


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    assert records.read(tmp_path) == ((), ())

    records.append(tmp_path, [_record(1), _record(2)])
    records.append(tmp_path, [_record(3)])

    assert records.read(tmp_path) == ((_record(1), _record(2), _record(3)), ())
    assert len(_file(tmp_path).read_bytes().splitlines()) == 3


def test_a_code_is_recorded_once(tmp_path: Path) -> None:
    assert records.append(tmp_path, [_record(1), _record(2)]) == [_record(1), _record(2)]
    before = _file(tmp_path).read_bytes()

    assert records.append(tmp_path, [_record(2, "Another title"), _record(1)]) == []
    assert _file(tmp_path).read_bytes() == before


def test_the_first_of_two_records_of_a_code_counts(tmp_path: Path) -> None:
    """Two people may have recorded the same text, each in a copy of the project."""
    records.append(tmp_path, [_record(1)])
    line = _file(tmp_path).read_bytes()
    _file(tmp_path).write_bytes(line + line.replace(b"Sleep", b"Later"))

    assert records.read(tmp_path) == ((_record(1),), ())


def test_a_line_torn_anywhere_costs_no_other_and_is_written_over(tmp_path: Path) -> None:
    records.append(tmp_path, [_record(1), _record(2)])
    whole = _file(tmp_path).read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        _file(tmp_path).write_bytes(whole[:cut])
        kept = (_record(1), _record(2)) if cut == len(whole) - 1 else (_record(1),)

        assert records.read(tmp_path) == (kept, ()), whole[first:cut]

        records.append(tmp_path, [_record(3)])
        assert records.read(tmp_path) == ((*kept, _record(3)), ())
        assert _file(tmp_path).read_bytes().startswith(whole[:first])


@pytest.mark.parametrize("tail", [b"\0\0\0\0", b"\xff\xfe", b"{", b"[]", b"12"])
def test_what_else_a_power_cut_leaves_is_passed_over(tmp_path: Path, tail: bytes) -> None:
    records.append(tmp_path, [_record(1)])
    with _file(tmp_path).open("ab") as file:
        file.write(tail)

    assert records.read(tmp_path) == ((_record(1),), ())


def test_nothing_is_added_to_a_file_with_a_broken_line(tmp_path: Path) -> None:
    records.append(tmp_path, [_record(1), _record(2)])
    broken = b"<<<<<<< mine\n" + _file(tmp_path).read_bytes()
    _file(tmp_path).write_bytes(broken)

    with pytest.raises(Refused, match=r"content/records/handouts.jsonl:1:1: This line is no record"):
        records.append(tmp_path, [_record(3)])
    assert _file(tmp_path).read_bytes() == broken
    assert records.read(tmp_path)[0] == (_record(1), _record(2))


@given(st.text(), st.integers(min_value=1))
def test_any_title_can_be_recorded(tmp_path_factory: pytest.TempPathFactory, title: str, revision: int) -> None:
    folder = tmp_path_factory.mktemp("records", numbered=True)
    record = Record(code="00000001", id="sleep", slug="sleep", title=title, revision=revision, date=WHEN, recorded=WHEN)

    records.append(folder, [record])

    assert records.read(folder) == ((record,), ())
