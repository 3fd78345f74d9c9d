"""The ledger of publishing: which text went where, when, by whom. Lines are added, and never changed or guessed.

It lies in content/records/ (to be committed), or in a file of SQLite on a disk that lasts, by `ledger: {sqlite: PATH}`
in site.yaml or the environment's PRESSRUN_LEDGER. Both are on the disk when `append` returns.
"""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pressrun.faults import Refused
from pressrun.model import Site
from pressrun.registers import Register

#: below content/
PATH = "records/ledger.jsonl"
#: the environment's variable that names a file of SQLite
SQLITE = "PRESSRUN_LEDGER"
#: what may have happened, with the sentence that tells it
(
    VERIFIED, LISTED, HELD, BEGUN, SENT, HANDED_OVER, ROLLED_BACK, TAKEN_OFF, DECIDED, CORRECTED, WITHDRAWN,
) = (
    "verified", "listed", "held", "begun", "sent", "handed over", "rolled back", "taken off", "decided", "corrected",
    "withdrawn",
)  # fmt: skip
EVENTS = {
    VERIFIED: "was read back from where it is live, and is the same",
    LISTED: "stands in the feed",
    HELD: "was held back",
    BEGUN: "began to be sent",
    SENT: "was sent",
    HANDED_OVER: "was handed over to who sends it",
    ROLLED_BACK: "was rolled back",
    TAKEN_OFF: "was taken off the site",
    DECIDED: "had its erratum decided",
    CORRECTED: "was corrected",
    WITHDRAWN: "was withdrawn",
}


class Key(NamedTuple):
    """What something happened to."""

    #: the article's, or the issue's; empty for the whole site
    id: str
    #: a channel's name; empty for all
    channel: str = ""
    #: a target's name, or a list's of recipients; empty for everybody
    audience: str = ""
    #: of the content: `Content.texts.hash` of an article or an issue, or what else tells one text from another
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    key: Key
    #: one of EVENTS
    event: str
    at: datetime
    #: a person, or a run of the CI
    by: str
    detail: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.event not in EVENTS or not self.at.tzinfo:
            raise ValueError(f"'{self.event}' at {self.at} is nothing that a ledger tells.")


class Ledger(Protocol):
    """Either store."""

    def entries(self, id: str | None = None) -> list[Entry]:  # noqa: A002  # the key's own name
        """All of them, or those of one id, in the order in which they came. Raises Refused for a damaged file."""

    def append(self, *entries: Entry) -> list[Entry]:
        """Adds those that are new, at once or not at all, and returns them; on the disk when it returns.

        An entry is not new while the last one of its event for the same id, channel and audience has the same hash:
        what is tried again adds nothing, and a text that comes back after another, or a roll-back, is told again.
        Raises Refused for a damaged file, ValueError when others write for too long.
        """


def opened(content: Path, site: Site, environment: Mapping[str, str]) -> Ledger:
    """The ledger of a desk; nothing is made before the first entry. Relative paths begin at the desk."""
    path = environment.get(SQLITE) or site.settings.get("ledger", {}).get("sqlite", "")
    return Database(content.parent / Path(path).expanduser()) if path else Lines(content)


def present(entries: Iterable[Entry]) -> set[tuple[str, Key]]:
    """Each event with the last text that it happened to; none of what was taken off, or is on a target rolled back."""
    found: dict[str, dict[str, dict[tuple[str, str], Key]]] = {}
    for entry in entries:
        key, there = entry.key, found.setdefault(entry.key.audience, {})
        if entry.event == ROLLED_BACK:
            there.clear()
        elif entry.event == TAKEN_OFF:
            there.pop(key.id, None)
        else:
            there.setdefault(key.id, {})[entry.event, key.channel] = key
    return {(event, key) for there in found.values() for texts in there.values() for (event, _), key in texts.items()}


def online(entries: Iterable[Entry]) -> frozenset[str]:
    """Ids of articles that were seen at their live address; for `states.of`."""
    return frozenset(entry.key.id for entry in entries if entry.event == VERIFIED and entry.key.id)


def whoever(environment: Mapping[str, str]) -> str:
    """Who acts: a run of a CI by its address or number, or the user of this machine."""
    if number := environment.get("GITHUB_RUN_ID"):
        return "run {}/{}/actions/runs/{}".format(
            *(environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY")), number
        )
    if number := environment.get("CI_JOB_URL") or environment.get("CI_JOB_ID"):
        return f"run {number}"
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"


def _new(known: Iterable[Entry], entries: Iterable[Entry]) -> list[Entry]:
    every = list(known)
    before = len(every)
    for entry in entries:
        if (entry.event, entry.key) not in present(every):
            every.append(entry)
    return every[before:]


# ---- lines in the repository


def _decoded(found: Any) -> Entry:
    """Raises ValueError, KeyError or TypeError."""
    key = Key(*(found.pop(name) for name in Key._fields))
    detail = found.pop("detail", {})
    texts = (*key, *found.values(), *detail, *detail.values())
    if not all(isinstance(text, str) for text in texts):
        raise ValueError
    return Entry(key=key, detail=detail, **found | {"at": datetime.fromisoformat(found["at"])})


def _encoded(entry: Entry) -> dict[str, Any]:
    told = {"at": entry.at.isoformat(), "event": entry.event, "by": entry.by}
    return entry.key._asdict() | told | ({"detail": dict(entry.detail)} if entry.detail else {})


_REGISTER = Register(
    PATH, "entry of the ledger", "Put it back as it was, from git or a backup: it says what readers got.",
    _decoded, _encoded,
)  # fmt: skip


class Lines:
    """A line of JSON an entry."""

    def __init__(self, content: Path) -> None:
        self._content = content

    def entries(self, id: str | None = None) -> list[Entry]:  # noqa: A002
        found, faults = _REGISTER.read(self._content)
        if faults:
            raise Refused(faults)
        return [entry for entry in found if id in (None, entry.key.id)]

    def append(self, *entries: Entry) -> list[Entry]:
        return _REGISTER.append(self._content, lambda known: _new(known, entries))


# ---- SQLite

_TABLE = "CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, id TEXT, told TEXT NOT NULL)"


class Database:
    """A row an entry, which is the same JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self, id: str | None = None) -> list[Entry]:  # noqa: A002
        if not self._path.is_file():
            return []
        with self._base() as base:
            return _rows(base, id)

    def append(self, *entries: Entry) -> list[Entry]:
        with self._base() as base:
            base.execute("BEGIN IMMEDIATE")
            new = _new(_rows(base), entries)
            rows = ((entry.key.id, json.dumps(_encoded(entry), ensure_ascii=False)) for entry in new)
            base.executemany("INSERT INTO entry (id, told) VALUES (?, ?)", rows)
            base.execute("COMMIT")
        return new

    @contextmanager
    def _base(self) -> Iterator[sqlite3.Connection]:
        """Closed behind its use, which takes back what was not committed. Raises ValueError for what is no ledger."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, isolation_level=None, timeout=30)) as base:
                base.execute("PRAGMA synchronous = FULL")
                base.execute(_TABLE)
                yield base
        except (OSError, sqlite3.Error, ValueError, KeyError, TypeError) as error:
            remedy = "Mend that, or bring the file back from a backup."
            raise ValueError(f"The ledger {self._path} cannot be used: {error}. {remedy}") from None


def _rows(base: sqlite3.Connection, id_: str | None = None) -> list[Entry]:
    rows = base.execute("SELECT told FROM entry WHERE ? IS NULL OR id = ? ORDER BY number", (id_, id_))
    return [_decoded(json.loads(told)) for (told,) in rows]
