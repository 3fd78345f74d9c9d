"""What is made, and the folder that it goes to.

An output is a path and a recipe. The folder keeps a manifest of what it holds and from what that was made, so that an
output whose inputs are the same is not made again, and one that is no longer made is removed. Only files named in
the manifest are ever removed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: bookkeeping, out of readers' sight
PRIVATE = ".pressrun"
LIVE = "web"
#: stands in place of the channel of outreach sites' own copies, which only those who ask for them make and remove
LOCAL = "sites"
_MANIFEST = f"{PRIVATE}/manifest.json"


@dataclass(frozen=True, slots=True)
class Output:
    """One file that readers or staff get."""

    #: below outputs/, with forward slashes
    path: str
    #: makes the bytes; may raise Refused for content that does not fit
    make: Callable[[], bytes] = field(repr=False, compare=False)
    #: the channel that makes it; empty for the house's own
    channel: str = ""
    #: hash of everything that it is made from; empty for what is made anew each time
    key: str = ""
    #: slug of its article; empty for what belongs to all
    article: str = ""
    #: what staff call it in the overview; empty for what they need not see
    label: str = ""
    media_type: str = ""
    #: its path on the live site, when it is published there under outputs/web/ as well
    live: str = ""
    #: the output that pictures it in the overview
    thumbnail: str = ""
    #: slugs of the articles that it holds, when it holds several
    holds: frozenset[str] = frozenset()


def digest(*parts: bytes | str) -> str:
    """A hash of parts that tells ("ab", "c") from ("a", "bc")."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


class Shelf:
    """Every output that the channels declared, made when somebody asks for it and never twice.

    A channel asks for another's output here (a feed needs the true length of a handout) without knowing who makes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._outputs: dict[str, Output] = {}
        self._labelled: dict[str, list[Output]] = {}
        self._typed: dict[str, list[Output]] = {}
        self._made: dict[str, bytes] = {}
        self._known: dict[str, dict[str, Any]] = _manifest(folder)
        self._warnings: dict[str, list[str]] = {}

    def add(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if output.path in self._outputs:
                raise ValueError(f"two outputs are called {output.path}")
            self._outputs[output.path] = output
            self._typed.setdefault(output.media_type, []).append(output)
            if output.label:
                for slug in {output.article, *output.holds}:
                    self._labelled.setdefault(slug, []).append(output)

    def all(self) -> list[Output]:
        return list(self._outputs.values())

    def of(self, article: str) -> list[Output]:
        """An article's outputs that have a label, in the order of the channels; those of none for an empty slug."""
        return self._labelled.get(article, [])

    def typed(self, media_type: str) -> list[Output]:
        """Those of one media type, in the order in which they were declared."""
        return self._typed.get(media_type, [])

    def get(self, path: str) -> Output:
        return self._outputs[path]

    def fresh(self, output: Output) -> bool:
        """Whether the file on disk was made from the same inputs and is still as it was made."""
        known = self._known.get(output.path)
        if not output.key or known is None or known["key"] != output.key:
            return False
        target = self.folder / output.path
        return target.is_file() and digest(target.read_bytes()) == known["digest"]

    def earlier(self, key: str) -> list[str]:
        """Paths of the files that an earlier build made from the same inputs; none unless all are as they were made."""
        paths = [path for path, known in self._known.items() if known["key"] == key]
        return paths if all(self.fresh(Output(path, bytes, key=key)) for path in paths) else []

    def data(self, output: Output) -> bytes:
        """The bytes of an output; may raise Refused."""
        path = output.path
        if path not in self._made and self.fresh(output):
            self._made[path] = (self.folder / path).read_bytes()
            self._warnings[path] = self._known[path]["warnings"]
        if path not in self._made:
            self._made[path] = output.make()
        return self._made[path]

    def warn(self, path: str, warning: str) -> None:
        """Notes what is not quite right with an output while it is made; kept with it until it is made anew."""
        self._warnings.setdefault(path, []).append(warning)

    def warnings(self) -> list[str]:
        """What is not quite right with any output, said once."""
        return list(dict.fromkeys(said for path in self._outputs for said in self._warnings.get(path, ())))

    def write(self, output: Output) -> bool:
        """Brings the file (and its copy on the live site) up to date; whether anything changed. May raise Refused."""
        data = self.data(output)
        changed = _write(self.folder / output.path, data)
        if output.live:
            changed |= _link(self.folder / output.path, self.folder / LIVE / output.live)
        self._known[output.path] = {
            "key": output.key, "digest": digest(data), "article": output.article,
            "channel": output.channel, "live": output.live, "warnings": self._warnings.get(output.path, []),
        }  # fmt: skip
        return changed

    def prune(self, *, channels: set[str], kept: set[str]) -> list[str]:
        """Removes files that these channels no longer make, but for those of the articles in `kept`."""
        gone = [
            path
            for path, known in self._known.items()
            if path not in self._outputs and known["channel"] in channels and known["article"] not in kept
        ]
        held = {known["live"] for path, known in self._known.items() if path not in gone}
        for path in gone:
            live = self._known.pop(path)["live"]
            _remove(self.folder, path)
            if live and live not in held:
                _remove(self.folder, f"{LIVE}/{live}")
        return gone

    def close(self) -> None:
        """Writes the manifest, last."""
        text = json.dumps(dict(sorted(self._known.items())), indent=0, sort_keys=True)
        _write(self.folder / _MANIFEST, text.encode())


def clear(folder: Path) -> int:
    """Removes every file that builds have made; how many."""
    known = _manifest(folder)
    paths = [*known, *(f"{LIVE}/{entry['live']}" for entry in known.values() if entry["live"]), _MANIFEST]
    return sum(_remove(folder, path) for path in paths)


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """What the folder holds by path; empty when that is not known, so that everything is made again."""
    try:
        found = json.loads((folder / _MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    wanted = {"key", "digest", "article", "channel", "live", "warnings"}
    sound = isinstance(found, dict) and all(
        isinstance(entry, dict) and set(entry) == wanted and _inside(path) for path, entry in found.items()
    )
    return found if sound else {}


def _inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def _write(target: Path, data: bytes) -> bool:
    """Writes a file whole or not at all; leaves one alone that holds the same bytes."""
    if target.is_file() and not target.is_symlink() and target.read_bytes() == data:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _link(original: Path, copy: Path) -> bool:
    """The same bytes under a second name, without a second copy where the disk can."""
    if copy.is_file() and (copy.samefile(original) or copy.read_bytes() == original.read_bytes()):
        return False
    copy.parent.mkdir(parents=True, exist_ok=True)
    temporary = copy.with_name(f".{copy.name}.{os.getpid()}.part")
    try:
        try:
            os.link(original, temporary)
        except OSError:
            return _write(copy, original.read_bytes())
        temporary.replace(copy)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _remove(folder: Path, path: str) -> bool:
    target = folder / path
    found = target.is_file()
    target.unlink(missing_ok=True)
    for parent in target.parents:
        if parent == folder or not parent.is_dir() or any(parent.iterdir()):
            break
        parent.rmdir()
    return found
