"""What a folder holds, from what each file was made, and what a build that may be killed is about to make.

Before a build makes files that the manifest does not name, it notes them in a journal. The next one takes a journal
that it finds for part of the manifest, so that files of a killed build are made anew or removed like all others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pressrun import disk

#: changes when an entry's parts do; what another version wrote is made anew, and removed when nobody makes it any more
VERSION = 1
#: what is known of a file: its parts and how they are when nothing is
_UNKNOWN: dict[str, Any] = {
    "key": "", "digest": "", "article": "", "channel": "", "live": "", "stat": [], "warnings": [],
}  # fmt: skip
DAMAGED = "is damaged: everything is made anew, and what an earlier build made and no longer would stays."
_FOREIGN = "is another version's: everything is made anew."
_PART = r"(?!\.{1,2}(?:/|\Z))[^/\0\ud800-\udc7f\udd00-\udfff]+"
#: a path that leads to no place but below the folder
_INSIDE = re.compile(f"{_PART}(?:/{_PART})*")

Entries = dict[str, dict[str, Any]]
#: what a manifest of some hash holds: whoever comes first parses it, and who comes next takes it
_PARSED: dict[str, Any] = {}


_written = json.JSONEncoder(sort_keys=True).encode


class Manifest:
    """The file, and the journal beside it."""

    def __init__(self, path: Path, journal: Path, sealed: str = "") -> None:
        """`sealed` is the hash of one that is known to be sound."""
        self._path = path
        self._journal = journal
        self._sealed = sealed
        #: how what is known of a file was written, while it is the same
        self._lines: dict[str, str] = {}
        #: what is wrong with it, in a sentence
        self.problem = ""
        #: what is known of each file
        self.entries = self._read()
        noted = self._noted()
        #: a build was killed, or is being made now
        self.unfinished = noted is not None
        #: files that it was about to make
        self.noted: set[str] = set(noted or {})
        self.entries |= {path: entry for path, entry in (noted or {}).items() if path not in self.entries}

    def note(self, intended: Entries) -> None:
        """Remembers, even if the power fails, that these files are about to be made; without any, that a build is."""
        lines = [json.dumps([path, entry["channel"], entry["article"]]) + "\n" for path, entry in intended.items()]
        if lines or not self.unfinished:
            # Behind a line that may have been cut off. A mark alone need not outlive the power.
            disk.append(self._journal, "".join(["\n", *lines]), durable=bool(lines))
        self.unfinished = True
        self.noted |= set(intended)

    def save(self) -> str:
        """Writes what is known, when all that it names is on the disk; then the journal is done with. Its hash."""
        lines = self._lines
        between = ",\n".join(
            lines.get(path) or f"{_written(path)}: {_written(known)}" for path, known in sorted(self.entries.items())
        )
        data = f'{{"version": {VERSION}, "outputs": {{\n{between}\n}}}}\n'.encode()
        if self.unfinished:
            disk.settle(self._path.parent)
        if not disk.holds(self._path, data):
            disk.write(self._path, data, durable=True)
        self._journal.unlink(missing_ok=True)
        self.unfinished = False
        return seal(data)

    def turn(self, path: str) -> None:
        """What is known of a file is another than what was."""
        self._lines.pop(path, None)

    def forget(self) -> bool:
        """Removes both; whether there was a manifest."""
        found = self._path.is_file()
        self._path.unlink(missing_ok=True)
        self._journal.unlink(missing_ok=True)
        return found

    def _read(self) -> Entries:
        try:
            data = self._path.read_bytes()
            sealed = bool(self._sealed) and seal(data) == self._sealed
            found = (_PARSED.pop(self._sealed, None) if sealed else None) or json.loads(data)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            return self._refused(DAMAGED)
        if sealed:
            sound: Entries = found["outputs"]
            self._lines = dict(zip(sound, data.decode().replace("},\n", "}\n").split("\n")[1:], strict=False))
            return sound
        self._sealed = ""
        known = isinstance(found, dict) and found.get("version") == VERSION
        entries = found.get("outputs", found) if isinstance(found, dict) else None
        if not isinstance(entries, dict) or not all(_is_sound(path, entry) for path, entry in entries.items()):
            return self._refused(DAMAGED)
        if not known:
            self._refused(_FOREIGN)
            return {path: _UNKNOWN | _names(entry) for path, entry in entries.items()}
        if not all(set(entry) == set(_UNKNOWN) and isinstance(entry["warnings"], list) for entry in entries.values()):
            return self._refused(DAMAGED)
        return entries

    @property
    def is_sealed(self) -> bool:
        """Whether it is the one that is known to be sound, and no build has begun since."""
        return bool(self._sealed) and not self.unfinished

    def _refused(self, why: str) -> Entries:
        self.problem = f"{self._path.relative_to(self._path.parents[2]).as_posix()} {why}"
        return {}

    def _noted(self) -> Entries | None:
        """What the journal names; None when there is none. A line that was cut off is of files that were not begun."""
        try:
            lines = self._journal.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        found: Entries = {}
        for line in lines:
            try:
                path, channel, article = json.loads(line)
            except (ValueError, TypeError, RecursionError):
                continue
            entry = {"channel": channel, "article": article, "live": ""}
            if _is_sound(path, entry):
                found[path] = _UNKNOWN | entry
        return found


def parsed(data: bytes, sealed: str) -> Entries:
    """What a manifest of this hash holds, to be looked at alone. Raises ValueError, KeyError or TypeError."""
    _PARSED.clear()
    _PARSED[sealed] = json.loads(data)
    entries: Entries = _PARSED[sealed]["outputs"]
    return entries


def seal(data: bytes) -> str:
    """The hash of a manifest: as long as it is the same, no other build has made anything."""
    return hashlib.sha256(data).hexdigest()


def _names(entry: dict[str, Any]) -> dict[str, str]:
    return {name: entry[name] for name in ("article", "channel", "live")}


def _is_sound(path: Any, entry: Any) -> bool:
    """Whether an entry can be trusted with the removal of files."""
    if not (isinstance(entry, dict) and entry.keys() >= {"article", "channel", "live"}):
        return False
    return all(isinstance(text, str) for text in _names(entry).values()) and all(
        _is_inside(one) for one in (path, entry["live"] or "x")
    )


def _is_inside(path: Any) -> bool:
    return isinstance(path, str) and bool(_INSIDE.fullmatch(path))


def claimed(paths: Entries, live: str) -> Iterable[str]:
    """Every file on the disk that entries name."""
    for path, entry in paths.items():
        yield path
        if entry["live"]:
            yield f"{live}/{entry['live']}"
