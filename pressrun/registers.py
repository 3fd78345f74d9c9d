"""Files of JSON lines to which things are added, and in which nothing is ever changed.

A power cut may leave half a line at the end. It is passed over, and the next addition writes over it. Of several
processes that add at once, each waits for the one before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pressrun import disk, lock
from pressrun.faults import Fault, Place, Refused

Entry = TypeVar("Entry")
#: seconds that one waits for others who write
_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Register(Generic[Entry]):
    #: below content/
    path: str
    #: what one line is, and what to do about one that is none
    what: str
    remedy: str
    #: raises ValueError, KeyError or TypeError for what is no entry
    decode: Callable[[Any], Entry]
    encode: Callable[[Entry], Mapping[str, Any]]

    def read(self, content: Path) -> tuple[list[Entry], tuple[Fault, ...]]:
        """The entries, and a fault for each line that holds none."""
        path = content / self.path
        data = path.read_bytes() if path.is_file() else b""
        found: list[Entry] = []
        faults = []
        for number, line in enumerate(data[: self._whole(data)].split(b"\n"), 1):
            try:
                found += self._entries(line)
            except ValueError:
                place, shown = Place(f"content/{self.path}", number), line.decode(errors="replace")
                faults.append(Fault(place, f"This line is no {self.what}.", self.remedy, shown))
        return found, tuple(faults)

    def append(self, content: Path, choose: Callable[[list[Entry]], list[Entry]]) -> list[Entry]:
        """Adds what `choose` makes of the entries that are there, and returns it; on the disk when it returns.

        Raises Refused for a file with faults, ValueError when others write for too long.
        """
        if not choose(self._sound(content)):
            return []
        path = content / self.path
        try:
            with disk.plainly(f"content/{self.path}"):
                path.parent.mkdir(parents=True, exist_ok=True)
                with lock.held(path, _PATIENCE):
                    new = choose(self._sound(content))
                    lines = [json.dumps(self.encode(entry), ensure_ascii=False) + "\n" for entry in new]
                    self._write(path, "".join(lines).encode())
        except lock.Busy:
            raise ValueError(f"Somebody else is writing content/{self.path}. Try again.") from None
        return new

    def _sound(self, content: Path) -> list[Entry]:
        found, faults = self.read(content)
        if faults:
            raise Refused(faults)
        return found

    def _write(self, path: Path, lines: bytes) -> None:
        with path.open("rb+") as file:
            data = file.read()
            whole = self._whole(data)
            file.truncate(whole)
            file.seek(whole)
            file.write(b"\n" * (whole > 0 and data[whole - 1 : whole] != b"\n") + lines)
            file.flush()
            os.fsync(file.fileno())

    def _whole(self, data: bytes) -> int:
        """How many bytes there are without a torn last line."""
        end = data.rfind(b"\n") + 1
        try:
            self._entries(data[end:])
        except ValueError:
            return end
        return len(data)

    def _entries(self, line: bytes) -> Iterable[Entry]:
        """That of a line; an empty line has none. Raises ValueError."""
        if not line.strip():
            return ()
        try:
            return (self.decode(json.loads(line)),)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(str(error)) from None
