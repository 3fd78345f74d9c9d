"""The ledger: who is to get an issue, and what became of it, for ever; it lives outside the project.

A message is handed to a mail server with a final dot. Before that dot may leave, the intent to send it is on the disk;
so after any crash a row that says `intent` may or may not have arrived. It becomes `unknown` and is never sent again by
itself: at most one copy to a person, which the rule of RFC 5321 for lost replies (send again) cannot give.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pressrun import lock

NAME = "ledger.sqlite"
#: what may become of a recipient; `queued` and `deferred` are still to be tried
QUEUED, INTENT, ACCEPTED, REJECTED, DEFERRED, UNKNOWN, SUPPRESSED = (
    "queued", "intent", "accepted", "rejected", "deferred", "unknown", "suppressed",
)  # fmt: skip
STATES = (ACCEPTED, REJECTED, DEFERRED, UNKNOWN, SUPPRESSED)

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE issue (
    id TEXT PRIMARY KEY, message BLOB NOT NULL, digest TEXT NOT NULL, list TEXT NOT NULL, frozen TEXT NOT NULL);
CREATE TABLE delivery (
    issue TEXT NOT NULL, key TEXT NOT NULL, address TEXT NOT NULL, name TEXT NOT NULL, site TEXT NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, first REAL, changed REAL,
    said TEXT NOT NULL DEFAULT '', PRIMARY KEY (issue, key)) WITHOUT ROWID;
CREATE INDEX open ON delivery (issue, due) WHERE state IN ('queued', 'deferred');
CREATE TABLE suppressed (key TEXT PRIMARY KEY, reason TEXT NOT NULL, since REAL NOT NULL);
INSERT INTO meta VALUES ('id', lower(hex(randomblob(16)))), ('secret', lower(hex(randomblob(16))));
"""


def _make(path: Path) -> None:
    """Makes a ledger, readable by its owner alone; of several who do so at once, the first one's is everybody's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    os.close(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    try:
        with closing(sqlite3.connect(new)) as base:
            base.executescript(f"PRAGMA journal_mode = WAL; BEGIN; {_TABLES} COMMIT;")
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()


class Busy(ValueError):
    """Another process is sending with this ledger."""

    #: of sysexits.h: try again later
    code = 75

    def __init__(self) -> None:
        super().__init__("Somebody else is sending with this ledger now.")


class Damaged(ValueError):
    """The file is no ledger, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """An issue as it was when its sending began."""

    #: packed, with open merge fields
    message: bytes
    #: of what was built
    digest: str
    list: str


class Row(NamedTuple):
    """A recipient of an issue who is to be tried."""

    key: str
    address: str
    name: str
    site: str
    tries: int
    #: seconds since 1970 of the first try, if there was one
    first: float | None


class Settled(NamedTuple):
    """What became of a recipient at an instant, in seconds since 1970."""

    state: str
    now: float
    #: the server's words
    said: str = ""
    #: not to be tried before
    due: float = 0.0


class Ledger:
    """One file of SQLite, or nothing but memory for rehearsals (an empty path)."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path and not path.is_file():
            _make(path)
        self._base = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=30)
        try:
            # In a journal of the kind WAL too, a commit is then on the disk when it returns.
            self._base.execute("PRAGMA synchronous = FULL")
            if not path:
                self._base.executescript(_TABLES)
            meta = dict(self._base.execute("SELECT key, value FROM meta"))
        except sqlite3.DatabaseError as error:
            raise Damaged(f"{path} cannot be read as a ledger ({error}). Mend that, or take a backup.") from None
        #: names this ledger in receipts
        self.id = meta["id"]
        #: makes Message-IDs that nobody can guess
        self.secret = meta["secret"].encode()

    def close(self) -> None:
        self._commit()
        self._base.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While one process sends, no other does; the lock dies with its owner. Raises Busy."""
        if not self.path:
            yield
            return
        try:
            with lock.held(self.path.with_suffix(".lock")):
                yield
        except lock.Busy:
            raise Busy from None

    # ---- issues

    def frozen(self, issue: str) -> Frozen | None:
        found = self._base.execute("SELECT message, digest, list FROM issue WHERE id = ?", (issue,)).fetchone()
        return Frozen(*found) if found else None

    def freeze(self, issue: str, what: Frozen, when: str, recipients: Iterable[tuple[str, str, str, str]]) -> None:
        """Writes down message and audience, (key, address, name, site) each, at once or not at all."""
        with self._transaction():
            self._base.execute(
                "INSERT INTO issue VALUES (?, ?, ?, ?, ?)", (issue, what.message, what.digest, what.list, when)
            )
            self._base.executemany(
                "INSERT OR IGNORE INTO delivery (issue, key, address, name, site, state, due) "
                "VALUES (?, ?, ?, ?, ?, ?, 0)",
                ((issue, *recipient, QUEUED) for recipient in recipients),
            )

    # ---- deliveries

    def recover(self, issue: str) -> int:
        """What a crash left between intent and reply becomes unknown; how many."""
        with self._transaction():
            return self._base.execute(
                "UPDATE delivery SET state = ? WHERE issue = ? AND state = ?", (UNKNOWN, issue, INTENT)
            ).rowcount

    def due(self, issue: str, now: float, most: int = 200) -> list[Row]:
        """The next recipients to try, those who have waited longest first."""
        return [
            Row(*found)
            for found in self._base.execute(
                "SELECT key, address, name, site, tries, first FROM delivery "
                "WHERE issue = ? AND state IN ('queued', 'deferred') AND due <= ? ORDER BY due, key LIMIT ?",
                (issue, now, most),
            )
        ]

    def intend(self, issue: str, key: str, now: float) -> None:
        """On the disk when it returns, and with it the outcome before: one sync a message."""
        self._set(issue, key, Settled(INTENT, now))
        self._commit()

    def settle(self, issue: str, key: str, what: Settled) -> None:
        """What became of a try; on the disk with the next intent, or with `sync`.

        Lost in a crash before that, an accepted message is unknown, and one that never had its dot is tried again.
        """
        self._set(issue, key, what)

    def postpone(self, issue: str, domain: str, due: float) -> None:
        """Nobody of a domain is tried before an instant."""
        self._begin()
        self._base.execute(
            "UPDATE delivery SET due = max(due, ?) "
            "WHERE issue = ? AND state IN ('queued', 'deferred') AND substr(key, instr(key, '@') + 1) = ?",
            (due, issue, domain),
        )

    def sync(self) -> None:
        self._commit()

    def counts(self, issue: str) -> Counter[str]:
        return Counter(dict(self._base.execute(
            "SELECT state, count(*) FROM delivery WHERE issue = ? GROUP BY state", (issue,)
        )))  # fmt: skip

    def next_due(self, issue: str) -> float | None:
        """When the next recipient may be tried, in seconds since 1970; None when nobody is left."""
        found = self._base.execute(
            "SELECT min(due) FROM delivery WHERE issue = ? AND state IN ('queued', 'deferred')", (issue,)
        ).fetchone()
        return None if found[0] is None else float(found[0])

    def unknown(self, issue: str) -> list[tuple[str, str, float]]:
        """(key, address, when the try was, in seconds since 1970) of those whose reply was lost."""
        return list(self._base.execute(
            "SELECT key, address, changed FROM delivery WHERE issue = ? AND state = ?", (issue, UNKNOWN)
        ))  # fmt: skip

    def others(self, issue: str) -> list[tuple[str, str, str]]:
        """(address, state, the server's words) of those who were not accepted."""
        return list(self._base.execute(
            "SELECT address, state, said FROM delivery WHERE issue = ? AND state != ? ORDER BY state, key",
            (issue, ACCEPTED),
        ))  # fmt: skip

    # ---- suppressions that servers taught

    def suppress(self, key: str, reason: str, now: float) -> None:
        self._begin()
        self._base.execute("INSERT OR IGNORE INTO suppressed VALUES (?, ?, ?)", (key, reason, now))

    def suppressed(self) -> frozenset[str]:
        return frozenset(key for (key,) in self._base.execute("SELECT key FROM suppressed"))

    # ---- transactions

    def _set(self, issue: str, key: str, what: Settled) -> None:
        self._begin()
        first = what.now if what.state in (INTENT, DEFERRED) else None
        self._base.execute(
            "UPDATE delivery SET state = ?, changed = ?, said = ?, due = ?, tries = tries + ?, first = "
            "coalesce(first, ?) WHERE issue = ? AND key = ?",
            (what.state, what.now, what.said, what.due, what.state == DEFERRED, first, issue, key),
        )

    def _begin(self) -> None:
        if not self._base.in_transaction:
            self._base.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        if self._base.in_transaction:
            self._base.execute("COMMIT")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._commit()
        self._begin()
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._commit()
