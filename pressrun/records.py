"""What must be remembered of copies on paper: one line of JSON a text, added and never changed.

A power cut may leave half a line at the end. It is passed over, and the next addition writes over it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path

from pressrun import imprint, markup
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Record

#: below content/
PATH = "records/handouts.jsonl"
_TYPES = {field.name: int if field.name == "revision" else str for field in fields(Record)}
_REMEDY = "Put it back as it was, from git or a backup: codes on paper depend on it."


def read(content: Path) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records, the first of each code, and a fault for each line that holds none."""
    path = content / PATH
    data = path.read_bytes() if path.is_file() else b""
    found: dict[str, Record] = {}
    faults = []
    for number, line in enumerate(data[: _whole(data)].split(b"\n"), 1):
        try:
            for record in _records(line):
                found.setdefault(record.code, record)
        except ValueError:
            place = Place(f"content/{PATH}", number)
            faults.append(Fault(place, "This line is no record of a handout.", _REMEDY, line.decode(errors="replace")))
    return tuple(found.values()), tuple(faults)


def append(content: Path, records: Iterable[Record]) -> list[Record]:
    """Adds the records whose codes are not there yet, and returns them. Raises Refused for a file with faults."""
    known, faults = read(content)
    if faults:
        raise Refused(faults)
    codes = {record.code for record in known}
    new = [record for record in records if record.code not in codes]
    if new:
        _write(content / PATH, b"".join(map(_line, new)))
    return new


def _write(path: Path, lines: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0)
        data = file.read()
        whole = _whole(data)
        file.truncate(whole)
        file.write(b"\n" * (whole > 0 and data[whole - 1 : whole] != b"\n") + lines)
        file.flush()
        os.fsync(file.fileno())


def _whole(data: bytes) -> int:
    """How many bytes there are without a torn last line."""
    end = data.rfind(b"\n") + 1
    try:
        _records(data[end:])
    except ValueError:
        return end
    return len(data)


def _records(line: bytes) -> Iterable[Record]:
    """The record of a line; an empty line has none. Raises ValueError."""
    if not line.strip():
        return ()
    found = json.loads(line)
    if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != _TYPES:
        raise ValueError
    times = {name: datetime.fromisoformat(found[name]) for name in ("date", "recorded")}
    # Code and slug become addresses and names of files.
    if not imprint.is_code(found["code"]) or not markup.is_slug(found["slug"]) or not all(map(_aware, times.values())):
        raise ValueError
    return (Record(**found | times),)


def _aware(time: datetime) -> bool:
    return time.tzinfo is not None


def _line(record: Record) -> bytes:
    times = {"date": record.date.isoformat(), "recorded": record.recorded.isoformat(timespec="seconds")}
    return json.dumps(asdict(record) | times, ensure_ascii=False).encode() + b"\n"
