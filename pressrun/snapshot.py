"""A build in which nothing changed, noticed by looking at files without opening them.

After a build without faults its inputs and what it said are noted: for every file its size and the time of its last
change, and between which instants nothing becomes visible, due or invalid. While all that holds, the next build would
say the same and make nothing.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pressrun import disk, layers
from pressrun.manifest import parsed, seal

#: below the project
_FILE = "outputs/.pressrun/snapshot.json"
_MANIFEST = "outputs/.pressrun/manifest.json"
#: while it is there, a build is running or was killed
_JOURNAL = "outputs/.pressrun/journal"
#: what was read of the articles
_MEMORY = "outputs/.pressrun/articles.json"
_ARTICLES = "articles/"
#: more changed articles than these are built as quickly with all others
_FEW = 50
#: what Python leaves beside code
_CACHES = "__pycache__"

#: size and time of the last change, in nanoseconds, by path
Looks = Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a build says to whoever called it, if it has no faults."""

    #: what was left out, what is not quite right, what one could do
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    tips: tuple[str, ...]
    articles: int
    #: how many outputs there are
    total: int


def scope(names: Iterable[str] = (), article: str = "", site: str = "") -> str:
    """What is asked for, as a snapshot holds it: channels (all without any), an article, an outreach site."""
    return f"{sorted(names)} {article} {site}"


def lines(root: Path, report: Report, made: str = "nothing changed") -> Iterator[str]:
    """What is told of a build."""
    yield from report.notes
    yield from (f"WARNING {warning}" for warning in report.warnings)
    yield from (f"TIP {tip}" for tip in report.tips)
    yield f"{_count(report.articles, 'article')}, {_count(report.total, 'file')}: {made}."
    yield str(root / "outputs/index.html")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def look(root: Path) -> Looks:
    """How everything looks that a build is made from; taken before the build, so that a later change shows."""
    package = Path(__file__).parent
    found = {"python": [sys.hexversion], "packages": _seen(Path(sysconfig.get_path("purelib")).stat())}
    own = (folder for folder in layers.folders(root / "templates") if folder != layers.STOCK)  # which the package holds
    for folder in (root / "content", *own, package):
        found |= _walked(str(folder))
    return found


def _walked(folder: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for entry in os.scandir(folder) if os.path.isdir(folder) else ():  # noqa: PTH112  # twice as fast
        if entry.is_dir():
            if entry.name != _CACHES:
                found |= _walked(entry.path)
        elif entry.is_file():
            found[entry.path] = _seen(entry.stat())
    return found


def _seen(stat: os.stat_result) -> list[int]:
    return [stat.st_size, stat.st_mtime_ns]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A build without faults."""

    looks: Looks
    #: what was asked for
    scope: str
    #: of the site: that of an instant that names none
    zone: str
    report: Report
    #: instants (RFC 3339) between which its outputs stay as they are; None for no limit
    since: str | None
    until: str | None
    #: the hash of the manifest that it left: another build since, even one that was killed, has made it void
    seal: str
    #: how what it remembered of the articles looked, and by which program: empty where that cannot be told
    memory: list[int] = field(default_factory=list)
    program: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What changed since a build without faults, if nothing else has: some articles."""

    #: of their files, below content/
    paths: tuple[str, ...]
    #: of that build: what it said, the hashes of its program and of the manifest that it left
    report: Report
    program: str
    seal: str


def between(moments: Iterable[datetime], now: datetime) -> tuple[str | None, str | None]:
    """The last of the moments by an instant and the first behind it, as a snapshot holds them."""
    known = sorted(moments)
    since = max((moment for moment in known if moment <= now), default=None)
    until = min((moment for moment in known if moment > now), default=None)
    return since.isoformat() if since else None, until.isoformat() if until else None


def keep(root: Path, snapshot: Snapshot) -> None:
    """Written down; where that cannot be, the next build looks for itself."""
    with suppress(OSError):
        snapshot = replace(snapshot, memory=_seen((root / _MEMORY).stat()))
        disk.write(root / _FILE, json.dumps(_fields(snapshot), default=_fields).encode())


def _fields(value: Any) -> dict[str, Any]:
    """As dataclasses.asdict, without its copies of thousands of looks."""
    return {one.name: getattr(value, one.name) for one in fields(value)}


def still(root: Path, scope: str, now: datetime) -> Report | None:
    """What the last build said, if the same scope built now would say and make the same; None if that is not sure."""
    found = edit(root, scope, now, look(root))
    return found.report if found and not found.paths else None


def edit(root: Path, scope: str, now: datetime, looks: Looks) -> Edit | None:
    """What changed since the last build of the same scope; None where more than a few articles may have."""
    try:
        found = json.loads((root / _FILE).read_bytes())
        before = found["looks"]
        if not (found["scope"] == scope and _holds(found, now) and before.keys() == looks.keys()):
            return None
        changed = [os.path.relpath(path, root / "content") for path in looks if before[path] != looks[path]]
        if len(changed) > _FEW or not all(map(_is_article, changed)) or not _untouched(root, found["seal"]):
            return None
        if changed and found["memory"] != _seen((root / _MEMORY).stat()):
            return None
        said: dict[str, Any] = found["report"]
        lists = {name: tuple(said[name]) for name in ("notes", "warnings", "tips")}
        report = Report(**lists, articles=int(said["articles"]), total=int(said["total"]))
        return Edit(tuple(changed), report, str(found["program"]), str(found["seal"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_article(path: str) -> bool:
    return path.startswith(_ARTICLES) and path.endswith(".yaml")


def _holds(found: Mapping[str, Any], now: datetime) -> bool:
    now = now if now.tzinfo else now.replace(tzinfo=ZoneInfo(found["zone"]))
    since, until = (found[name] and datetime.fromisoformat(found[name]) for name in ("since", "until"))
    return not (since and now < since) and not (until and now >= until)


def _untouched(root: Path, sealed: str) -> bool:
    """Whether every output is as it was made, and by that build."""
    outputs = str(root / "outputs")
    if (root / _JOURNAL).exists():
        return False
    data = (root / _MANIFEST).read_bytes()
    if seal(data) != sealed:
        return False
    for path, known in parsed(data, sealed).items():
        if _seen(os.stat(f"{outputs}/{path}")) != known["stat"]:  # noqa: PTH116  # twice as fast
            return False
        if known["live"] and os.stat(f"{outputs}/web/{known['live']}").st_size != known["stat"][0]:  # noqa: PTH116
            return False
    return True
