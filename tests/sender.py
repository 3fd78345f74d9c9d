"""A process that sends one issue, for tests that end it midway or start it three times at once.

    python tests/sender.py FOLDER PORT HOURS

FOLDER holds `mould.json`, a message as a build leaves it, and `list.csv`; the ledger is made there. The clock goes
HOURS ahead, so that those who were put off are due.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pressrun.faults import Place
from pressrun.mailing import lists, sending
from pressrun.mailing.ledger import NAME, Busy, Ledger
from pressrun.mailing.relay import Profile
from pressrun.mailing.sending import Letter, Mailing, Summary
from pressrun.message import Message, unpacked
from pressrun.model import Entry, Issue
from pressrun.outputs import digest

#: The sink's slow ones hold their answer for longer than this.
PATIENCE = 3.0
ISSUE = Issue(
    name="trial", id="trial", subject="A trial", date=datetime(2025, 6, 1, tzinfo=UTC), language="en-US",
    entries=(Entry("trial"),), place=Place("trial.yaml"),
)  # fmt: skip


def profile(port: int, patience: float = PATIENCE) -> Profile:
    return Profile(
        name="sink", host="127.0.0.1", port=port, most_refused=90, patience=patience, patience_at_dot=patience
    )


def run(folder: Path, port: int, hours: float, patience: float = PATIENCE) -> Summary:
    """One go; raises Busy."""
    start = datetime.now(UTC)

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(hours=hours)

    data = (folder / "mould.json").read_bytes()
    letter = Letter(ISSUE, unpacked(data), digest(data))
    ledger = Ledger(folder / NAME)
    try:
        with ledger.locked():
            if not ledger.frozen(ISSUE.id):
                sending.freeze(ledger, letter, "list", lists.read(folder / "list.csv"), start)
            frozen = ledger.frozen(ISSUE.id)
            assert frozen
            print("sending", flush=True)
            mailing = Mailing(issue=ISSUE, message=unpacked(frozen.message), profile=profile(port, patience))
            return sending.send(ledger, mailing, clock, lambda: lists.suppressed(folder))
    finally:
        ledger.close()


def message(html: str = "<p>Hello</p>\n", text: str = "Hello\n") -> Message:
    return Message(
        sender_name="Example Health", sender="news@example.org", recipient="news@example.org", subject="A trial",
        date=ISSUE.date, message_id="trial@example.org", html=html, text=text, language="en-US",
        headers=(("List-Id", "<news.example.org>"), ("X-Unsent", "1")),
    )  # fmt: skip


if __name__ == "__main__":
    try:
        done = run(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    except Busy:
        sys.exit(75)
    print(json.dumps(asdict(done)))
    sys.exit(75 if done.deferred else 0)
