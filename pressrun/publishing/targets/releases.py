"""Deliveries that never tear: a folder a release and a symbolic link, or, where no link can be made, file by file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from pressrun.publishing.targets import stores
from pressrun.publishing.targets.stores import ASSETS, Disk, Held, Sent, Source, Store, Undelivered

#: releases that can be gone back to, and seconds for which readers may still be busy with one that was replaced
KEPT, YOUNG = 5, 600
#: the symbolic link that the web server follows
CURRENT = "current"
_RELEASES = "releases"
#: files between two signs of life
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies there."""

    release: int = 0
    #: the release that was live before it
    before: int = 0
    #: marks by path; empty for a file that was just being written
    files: Mapping[str, str] = field(default_factory=dict)
    #: assets among them that only pages of earlier releases name, with the last of these
    former: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.release:06}" if self.release else ""

    def own(self) -> dict[str, str]:
        return {path: mark for path, mark in self.files.items() if path not in self.former}

    def following(self, wanted: Mapping[str, str], number: int, oldest: int) -> Manifest:
        """The next release: what is wanted, and assets that readers of pages back to the oldest may still ask for."""
        whole = [path for path, mark in self.files.items() if mark and path.startswith(ASSETS)]
        last = {path: self.former.get(path, self.release) for path in whole}
        former = {path: one for path, one in last.items() if path not in wanted and one >= oldest}
        return Manifest(number, self.release, {path: self.files[path] for path in former} | {**wanted}, former)


class InPlace:
    """A site that is changed file by file, for ordinary web hosting and buckets."""

    def __init__(self, store: Store, renew: Callable[[], None], read: Callable[[str], bytes | None]) -> None:
        self.read = read
        self._store = store
        self._renew = renew

    def release(self, folder: Path, held: Held) -> Sent:
        with self._store.plainly():
            now, found = self._live(), self._marks(folder)
            wanted = {path: mark for path, mark in found.items() if not held(path)}
            wanted |= {path: mark for path, mark in now.own().items() if held(path)}
            return Sent(0, 0, 0, now.name) if wanted == now.own() else self._renewed(folder, found, now, wanted)

    def complete(self, folder: Path, held: Held) -> Sent:
        with self._store.plainly():
            now = self._live()
            files = {path: mark for path, mark in now.files.items() if not held(path)}
            files |= {path: mark for path, mark in self._marks(folder).items() if held(path)}
            return self._bring(folder, now, replace(now, files=files), held)

    def rollback(self) -> str:
        raise Undelivered(
            f"{self._store.name} keeps no earlier releases. Go back to an earlier commit of the content and publish it."
        )

    def _live(self) -> Manifest:
        return self._known(0)

    def _known(self, number: int) -> Manifest:
        """Nothing, when it cannot be read: then everything is sent anew."""
        try:
            return Manifest(**json.loads(self._store.get(self._place(number)[1]) or b""))
        except (ValueError, TypeError):
            return Manifest()

    def _place(self, _number: int) -> tuple[str, str]:
        """What the paths of a release begin with, and where its manifest is."""
        return "", ".pressrun.json"

    def _marks(self, folder: Path) -> dict[str, str]:
        return {path: self._store.mark(path, stores.hashed(folder / path)) for path in stores.files_of(folder)}

    def _renewed(self, folder: Path, _found: Mapping[str, str], now: Manifest, wanted: Mapping[str, str]) -> Sent:
        goal = now.following(wanted, now.release + 1, now.release - KEPT)
        return self._bring(folder, now, goal, lambda _path: False)

    def _bring(self, folder: Path, now: Manifest, goal: Manifest, held: Held) -> Sent:
        """Changes what is live; a manifest that names what is being changed comes first, the true one last."""
        at, manifest = self._place(now.release)
        changed = [path for path, mark in goal.files.items() if now.files.get(path) != mark]
        gone = [path for path in now.files if path not in goal.files]
        if not changed and not gone:
            return Sent(0, 0, 0, now.name)
        begun = replace(now, files={**now.files, **dict.fromkeys(changed, "")})
        self._note(manifest, begun)
        size = sum(self._put([(at + path, folder / path) for path in rank]) for rank in stores.ranked(changed, held))
        self._store.drop(at + path for path in gone)
        self._note(manifest, goal)
        return Sent(len(changed), size, len(gone), goal.name)

    def _note(self, path: str, manifest: Manifest) -> None:
        self._store.put([(path, json.dumps(asdict(manifest), indent=0, sort_keys=True).encode())])

    def _put(self, files: Sequence[tuple[str, Source]]) -> int:
        """Sends files; how many bytes."""
        for start in range(0, len(files), _AT_ONCE):
            self._renew()
            self._store.put(files[start : start + _AT_ONCE])
        return sum(len(one) if isinstance(one, bytes) else one.stat().st_size for _, one in files)


class Releases(InPlace):
    """A site of which every release is a folder, and one of them live."""

    def __init__(self, store: Disk, renew: Callable[[], None], read: Callable[[str], bytes | None]) -> None:
        super().__init__(store, renew, read)
        self._disk = store

    def rollback(self) -> str:
        with self._store.plainly():
            before = self._live().before
            if before not in self._swept():
                raise Undelivered(f"{self._store.name} keeps no release before the live one. Nothing was changed.")
            self._switch(before)
            return f"{before:06}"

    def _live(self) -> Manifest:
        number = self._pointed()
        return self._known(number) if number else Manifest()

    def _pointed(self) -> int:
        return _number(self._disk.pointed(CURRENT).rpartition("/")[2])

    def _place(self, number: int) -> tuple[str, str]:
        return f"{_RELEASES}/{number:06}/", f"{_RELEASES}/{number:06}.json"

    def _switch(self, number: int) -> None:
        self._disk.point(CURRENT, self._place(number)[0].rstrip("/"))

    def _renewed(self, folder: Path, found: Mapping[str, str], now: Manifest, wanted: Mapping[str, str]) -> Sent:
        numbers = self._swept()
        goal = now.following(wanted, max([self._pointed(), *numbers]) + 1, min(numbers, default=0))
        at, manifest = self._place(goal.release)
        sources = self._sources(folder, found, now, goal)
        size = self._put([(at + path, source) for path, source in sources.items()])
        self._note(manifest, goal)
        self._switch(goal.release)
        self._prune(goal, [*numbers, goal.release])
        return Sent(len(sources), size, len(now.own().keys() - wanted.keys()), goal.name)

    def _swept(self) -> list[int]:
        """The releases that are there, once what a run that was killed left of one is taken away."""
        names, live = set(self._disk.names(_RELEASES)), self._pointed()
        whole = {name for name in names if _number(name) and f"{name}.json" in names}
        for name in names - whole:
            if _number(name) not in (0, live):
                self._disk.clear(f"{_RELEASES}/{name}")
        return sorted(map(_number, whole))

    def _sources(self, folder: Path, found: Mapping[str, str], now: Manifest, goal: Manifest) -> dict[str, Source]:
        """Takes over what the live release has, without sending it; where all else comes from."""
        old, new = self._place(now.release)[0], self._place(goal.release)[0]
        same = [path for path, mark in goal.files.items() if now.files.get(path) == mark]
        linked = set(same) - set(self._disk.link(old, new, same))
        sources: dict[str, Source] = {}
        for path in goal.files.keys() - linked:
            if found.get(path) == goal.files[path]:
                sources[path] = folder / path
            elif (data := self._disk.get(old + path)) is not None:
                sources[path] = data
        return sources

    def _prune(self, live: Manifest, numbers: list[int]) -> None:
        """Removes all but the last five that were live, and but those that were replaced only just."""
        chain = [live]
        while len(chain) < KEPT and chain[-1].before:
            chain.append(self._known(chain[-1].before))
        kept = {one.release for one in chain}
        end = self._disk.written(self._place(live.release)[1])
        for number, later in pairwise(numbers):
            at, manifest = self._place(number)
            if number not in kept and end - self._disk.written(self._place(later)[1]) >= YOUNG:
                self._disk.drop([manifest])
                self._disk.clear(at.rstrip("/"))


def _number(name: str) -> int:
    return int(name) if name.isdecimal() else 0
