"""What must be remembered of copies on paper: a text a line, added and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pressrun import imprint, markup
from pressrun.faults import Fault
from pressrun.model import Record
from pressrun.registers import Register

#: below content/
PATH = "records/handouts.jsonl"
_TYPES = {field.name: int if field.name == "revision" else str for field in fields(Record)}


def read(content: Path) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records, the first of each code, and a fault for each line that holds none."""
    records, faults = _REGISTER.read(content)
    found: dict[str, Record] = {}
    for record in records:
        found.setdefault(record.code, record)
    return tuple(found.values()), faults


def append(content: Path, records: Iterable[Record]) -> list[Record]:
    """Adds the records whose codes are not there yet, and returns them. Raises Refused for a file with faults."""
    records = list(records)

    def new(known: list[Record]) -> list[Record]:
        codes = {record.code for record in known}
        return [record for record in records if record.code not in codes]

    return _REGISTER.append(content, new)


def _record(found: Any) -> Record:
    """Raises ValueError or AttributeError."""
    if {name: type(value) for name, value in found.items()} != _TYPES:
        raise ValueError
    times = {name: datetime.fromisoformat(found[name]) for name in ("date", "recorded")}
    # Code and slug become addresses and names of files.
    aware = all(time.tzinfo for time in times.values())
    if not (imprint.is_code(found["code"]) and markup.is_slug(found["slug"]) and aware):
        raise ValueError
    return Record(**found | times)


def _encoded(record: Record) -> dict[str, Any]:
    times = {"date": record.date.isoformat(), "recorded": record.recorded.isoformat(timespec="seconds")}
    return asdict(record) | times


_REGISTER = Register(
    PATH, "record of a handout", "Put it back as it was, from git or a backup: codes on paper depend on it.",
    _record, _encoded,
)  # fmt: skip
