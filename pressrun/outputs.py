"""What is made, and the folder that it goes to.

An output is a path and a recipe. The folder keeps a manifest of what it holds and from what that was made, so that an
output whose inputs are the same is not made again, and one that is no longer made is removed. Only files named in
the manifest are ever removed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pressrun import disk, lock
from pressrun.faults import Place
from pressrun.manifest import Entries, Manifest, claimed

#: bookkeeping, out of readers' sight
PRIVATE = ".pressrun"
LIVE = "web"
#: stands in place of the channel of outreach sites' own copies, which only those who ask for them make and remove
LOCAL = "sites"
#: seconds that a build waits for another
PATIENCE = 10
MANIFEST = f"{PRIVATE}/manifest.json"
JOURNAL = f"{PRIVATE}/journal"
#: what else builds keep for themselves and can do without
_BOOKS = tuple(f"{PRIVATE}/{name}" for name in ("inputs.jsonl", "snapshot.json", "articles.json"))


@dataclass(frozen=True, slots=True)
class Made:
    """What a recipe gave."""

    data: bytes
    #: what is not quite right with it
    warnings: tuple[str, ...] = ()
    #: bytes of other outputs that are made of it, by path
    more: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A recipe as a value, which another process can follow to the same bytes."""

    #: asks for the stock and for a folder for caches; may raise Refused
    do: Callable[[Mapping[str, bytes], Path], Made]
    #: what many jobs need, by name: a process gets it once
    stock: Mapping[str, bytes]
    #: where to say that it was not done, and what it was to make
    place: Place
    name: str
    #: how long it may take
    seconds: int


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
    #: what it is made from, by name, in place of `key`, where that shows only when all outputs are declared
    inputs: Callable[[], Mapping[str, str]] | None = field(default=None, repr=False, compare=False)
    #: the same recipe for another process, where making it takes long
    job: Callable[[], Job] | None = field(default=None, repr=False, compare=False)


def digest(*parts: bytes | str) -> str:
    """A hash of parts that tells ("ab", "c") from ("a", "bc")."""
    datas = [part.encode() if isinstance(part, str) else part for part in parts]
    told = b"".join([piece for data in datas for piece in (len(data).to_bytes(8, "big"), data)])
    return hashlib.sha256(told).hexdigest()


class Shelf:
    """Every output that the channels declared, made when somebody asks for it and never twice.

    A channel asks for another's output here (a feed needs the true length of a handout) without knowing who makes it.
    """

    def __init__(self, folder: Path, *, anew: bool = False, standing: str = "") -> None:
        """`standing` is the hash of a manifest that is right about all outputs that are not declared."""
        self.folder = folder
        self._standing = bool(standing)
        #: nothing that was made before is good enough
        self._anew = anew
        self._outputs: dict[str, Output] = {}
        self._labelled: dict[str, list[Output]] = {}
        self._typed: dict[str, list[Output]] = {}
        self._made: dict[str, bytes] = {}
        self._manifest = Manifest(folder / MANIFEST, folder / JOURNAL, standing)
        self._known = self._manifest.entries
        #: files that the manifest or the journal names: the next build finds them, should this one be killed
        self._safe = {*self._claims(), *self._manifest.noted}
        self._swept = not self._manifest.unfinished
        #: copies that outputs had on the live site before
        self._dropped: set[str] = set()
        self._warnings: dict[str, list[str]] = {}
        #: by path and name, of those outputs whose key somebody asked for
        self.inputs: dict[str, Mapping[str, str]] = {}
        #: paths of those that were made from other inputs than before
        self.renewed: list[str] = []
        self._keys: dict[str, str] = {}
        #: keys by the identity of inputs, which several outputs may share
        self._hashed: dict[int, str] = {}
        self._written: set[str] = set()
        self._expected: dict[str, Callable[[], Made | None]] = {}

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
        """An article's outputs with a label, in the order of the channels; those of none for an empty slug."""
        return self._labelled.get(article, [])

    def typed(self, media_type: str) -> list[Output]:
        """Those of one media type, in the order in which they were declared."""
        return self._typed.get(media_type, [])

    def get(self, path: str) -> Output:
        return self._outputs[path] if path in self._outputs or path not in self else self.standing(path)

    def standing(self, path: str) -> Output:
        """An output as the manifest has it. Raises KeyError where it has none."""
        known = {name: self._known[path][name] for name in ("channel", "key", "article", "live")}
        return Output(path, (self.folder / path).read_bytes, **known)

    def __contains__(self, path: str) -> bool:
        """Whether there is such an output."""
        return path in self._outputs or (self._standing and path in self._known)

    def stands(self, wanted: Callable[[Output], bool]) -> bool:
        """Whether the manifest is that which is right about what is not declared, and has all that articles share."""
        shared = (output for output in self._outputs.values() if output.channel and not output.article)
        return self._manifest.is_sealed and all(output.path in self._known for output in filter(wanted, shared))

    def told_of_others(self, articles: Collection[str]) -> bool:
        """Says again what was not quite right with what stands, but for these articles; whether there was anything."""
        told = {path: known for path, known in self._known.items() if known["warnings"]}
        self._warnings |= {path: one["warnings"] for path, one in told.items() if one["article"] not in articles}
        return bool(told)

    def others(self, articles: Collection[str]) -> set[str]:
        """Whose outputs there are beside those of these articles."""
        return {known["article"] for known in self._known.values()}.difference(articles)

    def paths(self) -> list[str]:
        """Of all outputs that there are."""
        return [*self._known] if self._standing else [*self._outputs]

    def key(self, output: Output) -> str:
        """The hash of everything that an output is made from; empty for what is made anew each time."""
        if output.key or not output.inputs:
            return output.key
        if output.path not in self._keys:
            inputs = self.inputs[output.path] = output.inputs()
            if id(inputs) not in self._hashed:
                self._hashed[id(inputs)] = digest(*(part for item in sorted(inputs.items()) for part in item))
            self._keys[output.path] = self._hashed[id(inputs)]
        return self._keys[output.path]

    def fresh(self, output: Output) -> bool:
        """Whether the file on disk was made from the same inputs and is still as it was made."""
        if not self.is_made_from_the_same(output):
            return False
        known, target = self._known[output.path], f"{self.folder}/{output.path}"
        if (found := _stat(target)) != known["stat"]:
            if not (found and Path(target).is_file() and digest(Path(target).read_bytes()) == known["digest"]):
                return False
            known["stat"] = found
            self._manifest.turn(output.path)
        return True

    def is_made_from_the_same(self, output: Output) -> bool:
        """Whether the file was made from the same inputs, whatever became of it since."""
        known, key = self._known.get(output.path), self.key(output)
        same = bool(key) and known is not None and known["key"] == key
        return same and (not self._anew or output.path in self._written)

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
        if path not in self._made and path in self._expected and (made := self._expected[path]()):
            self._warnings[path] = list(made.warnings)
            self._made |= {path: made.data, **made.more}
        if path not in self._made:
            self._made[path] = output.make()
        return self._made[path]

    def release(self, output: Output) -> None:
        """Lets go of an output's bytes; who asks for them again has it made again."""
        self._made.pop(output.path, None)

    def is_there(self, output: Output) -> bool:
        return (self.folder / output.path).is_file()

    def there(self, output: Output) -> bytes:
        return (self.folder / output.path).read_bytes()

    def expect(self, path: str, wait: Callable[[], Made | None]) -> None:
        """Takes an output from another process, when it is asked for; None makes it here. `wait` may raise Refused."""
        self._expected[path] = wait

    def warn(self, path: str, warning: str) -> None:
        """Notes what is not quite right with an output while it is made; kept with it until it is made anew."""
        self._warnings.setdefault(path, []).append(warning)

    def told(self, path: str) -> list[str]:
        """What is not quite right with one output."""
        return self._warnings.get(path, [])

    def warnings(self) -> list[str]:
        """What is not quite right with any output, said once, by their paths."""
        said = (line for path in sorted(self._warnings) if path in self for line in self._warnings[path])
        return [*dict.fromkeys(filter(None, [self._manifest.problem, *said]))]

    def intend(self, outputs: Iterable[Output]) -> None:
        """Notes which files are made for the first time, and clears away what a killed process left; under the lock."""
        if not self._swept:
            disk.sweep(self.folder, self._safe)
            self._swept = True
        new: Entries = {}
        for output in outputs:
            for path in [output.path, *([f"{LIVE}/{output.live}"] if output.live else [])]:
                if path not in self._safe:
                    new[path] = {"channel": output.channel, "article": output.article}
        if new:
            with disk.plainly(f"{self.folder.name}/{PRIVATE}"):
                self._manifest.note(new)
            self._safe |= new.keys()

    def write(self, output: Output) -> bool:
        """Brings the file (and its copy on the live site) up to date; whether anything changed. May raise Refused."""
        fresh = self.fresh(output)
        if fresh and self._is_settled(output):
            return False
        path, known = self.folder / output.path, self._known.get(output.path, {})
        live = self.folder / LIVE / output.live
        data = None
        if fresh:
            self._warnings[output.path], hashed = known["warnings"], known["digest"]
        else:
            data = self.data(output)
            hashed = digest(data)
        with disk.plainly(f"{self.folder.name}/{output.path}"):
            changed = data is not None and not disk.holds(path, data)
            if changed and data is not None:
                self._begin(output)
                disk.write(path, data)
            if output.live and not disk.same(path, live):
                self._begin(output)
                disk.link(path, live)
                changed = True
        if known.get("live", "") not in ("", output.live):
            self._dropped.add(f"{LIVE}/{known['live']}")
        key = self.key(output)
        if known.get("key") != key:
            self.renewed.append(output.path)
        self._written.add(output.path)
        if key:  # whoever asks for it again finds it on the disk
            self._made.pop(output.path, None)
        self._manifest.turn(output.path)
        self._known[output.path] = {
            "key": key, "digest": hashed, "article": output.article, "channel": output.channel,
            "live": output.live, "stat": _stat(path), "warnings": self._warnings.get(output.path, []),
        }  # fmt: skip
        return changed

    def _is_settled(self, output: Output) -> bool:
        """Whether the manifest says of a fresh output what is true, and its copy on the live site is there."""
        known = self._known[output.path]
        if (known["article"], known["channel"], known["live"]) != (output.article, output.channel, output.live):
            return False
        self._warnings[output.path] = known["warnings"]
        return not output.live or disk.same(f"{self.folder}/{output.path}", f"{self.folder}/{LIVE}/{output.live}")

    def _begin(self, output: Output) -> None:
        """Nothing is changed before the journal says so."""
        self.intend([output])
        self._manifest.note({})

    def prune(self, *, channels: set[str], kept: set[str]) -> list[str]:
        """Removes files that these channels no longer make, but for those of the articles in `kept`."""
        left = ((path, known) for path, known in self._known.items() if path not in self._outputs)
        gone = [path for path, known in left if known["channel"] in channels and known["article"] not in kept]
        removed = {path: self._known.pop(path) for path in gone}
        self._remove(claimed(removed, LIVE))
        claims = set(self._claims())
        return [path for path in gone if path not in claims]

    def _remove(self, paths: Iterable[str]) -> None:
        """Removes files that no output claims by now."""
        paths = list(paths)
        claims = set(self._claims()) if paths else set()
        for path in paths:
            if path not in claims:
                with disk.plainly(f"{self.folder.name}/{path}"):
                    disk.remove(self.folder, path)

    def _claims(self) -> Iterable[str]:
        return claimed(self._known, LIVE)

    def close(self) -> str:
        """Writes the manifest, last; its hash, which is empty when the earlier one could not be used."""
        self.intend(())
        self._remove(self._dropped)
        with disk.plainly(f"{self.folder.name}/{PRIVATE}"):
            seal = self._manifest.save()
        return "" if self._manifest.problem else seal  # what is wrong with it is said once


def put(folder: Path, output: Output) -> None:
    """Makes one output that no build makes. Raises Unwritable, and Occupied while a build is running."""
    with alone(folder):
        shelf = Shelf(folder)
        shelf.write(output)
        shelf.close()


def clear(folder: Path, waiting: Callable[[], None] = lambda: None) -> int:
    """Removes every file that builds have made; how many. Raises Unwritable, and Occupied while a build is running."""
    if not (folder / PRIVATE).is_dir():
        return 0
    with alone(folder, waiting), disk.plainly(folder.name):
        found = Manifest(folder / MANIFEST, folder / JOURNAL)
        paths = [*sorted(set(claimed(found.entries, LIVE))), *_BOOKS]
        disk.sweep(folder, paths)
        return sum(disk.remove(folder, path) for path in paths) + found.forget()


class Occupied(ValueError):
    """Another process is changing the outputs."""

    #: of sysexits.h: try again later
    code = 75


@contextmanager
def alone(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Nobody else changes the folder meanwhile; `waiting` is told once of a wait. Raises Occupied, Unwritable."""
    with ExitStack() as stack:
        with disk.plainly(f"{folder.name}/{PRIVATE}"):
            (folder / PRIVATE).mkdir(parents=True, exist_ok=True)
            try:
                stack.enter_context(lock.held(folder / PRIVATE / "lock", PATIENCE, waiting))
            except lock.Busy:
                raise Occupied(
                    f"Another build is still running after {PATIENCE} seconds. Nothing was changed; wait for it, and "
                    "build again."
                ) from None
            disk.sweep(folder, [MANIFEST, *_BOOKS])
        yield


def _stat(path: str | Path) -> list[int]:
    """What tells a file that nobody has touched: its size and the time of its last change, in nanoseconds."""
    try:
        found = os.stat(path)  # noqa: PTH116  # twice as fast
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]
