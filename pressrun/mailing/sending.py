"""An issue to its recipients: frozen, sent one by one, every one of them accounted for."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from pressrun import disk
from pressrun.mailing import ledger as states
from pressrun.mailing.ledger import Frozen, Ledger, Row, Settled
from pressrun.mailing.lists import Recipient
from pressrun.mailing.relay import Outcome, Profile, Refusing, Relay, Unreachable
from pressrun.message import Message, Mould, packed
from pressrun.model import Issue

#: below content/, a file an issue whose sending has begun; it names the ledger and nobody
RECEIPTS = "records/newsletters"
#: seconds until a deferred recipient is tried again, by the number of tries; none after a day
RETRIES = (300, 900, 3600, 14400)
_GIVE_UP = 24 * 3600
#: seconds for which a domain is left alone whose server asks for less
_BACK_OFF = 300
#: connections in a row that fail
_MOST_FAILURES = 3
#: recipients that the limit of refusals is reckoned on at the least
_FEW = 200
_LEAST_REFUSED = 10

#: (how many are done before this one, how many there are)
Progress = Callable[[int, int], None]


class Stopped(ValueError):
    """Sending cannot begin, or not go on."""


class Changed(Stopped):
    """The words are not those of which sending began."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One issue as it was built."""

    issue: Issue
    #: with open merge fields
    message: Message
    #: of what was built
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What is sent, and how."""

    issue: Issue
    #: with open merge fields
    message: Message
    profile: Profile
    #: makes each recipient's token for a one-click address; empty where none is asked for
    key: bytes = b""
    #: an address that gets everything instead of the recipients
    redirect: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Every recipient of an issue in one state."""

    audience: int
    accepted: int
    rejected: int
    deferred: int
    unknown: int
    suppressed: int
    #: why it ended early, a sentence; empty when everybody was tried
    stopped: str = ""
    #: when somebody may be tried again, in seconds since 1970
    again: float | None = None

    def __str__(self) -> str:
        who = "recipient" if self.audience == 1 else "recipients"
        return (
            f"{self.audience} {who} = {self.accepted} accepted + {self.rejected} rejected"
            f" + {self.deferred} deferred + {self.unknown} unknown + {self.suppressed} suppressed"
        )


def summary(ledger: Ledger, issue: str, stopped: str = "") -> Summary:
    """Those not tried yet count as deferred, those in the midst of a try as unknown."""
    counts = ledger.counts(issue)
    found = {state: counts[state] for state in states.STATES}
    found[states.DEFERRED] += counts[states.QUEUED]
    found[states.UNKNOWN] += counts[states.INTENT]
    return Summary(sum(counts.values()), **found, stopped=stopped, again=ledger.next_due(issue))


# ---- freezing


def outgoing(message: Message) -> tuple[tuple[str, str], ...]:
    """The headers that a message takes along; that which makes a file open as a draft is none of them."""
    return tuple(header for header in message.headers if header[0] != "X-Unsent")


def freeze(ledger: Ledger, letter: Letter, name: str, recipients: Iterable[Recipient], now: datetime) -> None:
    """Writes down what is sent and to whom of the list `name`, once; the message's Date is now.

    Raises Refused for a faulty list, of which nothing is then written down.
    """
    message = replace(letter.message, date=now, headers=outgoing(letter.message))
    what = Frozen(packed(message), letter.digest, name)
    rows = ((found.key, found.address, found.name, found.site) for found in recipients)
    ledger.freeze(letter.issue.id, what, now.isoformat(), rows)


def check(ledger: Ledger | None, letter: Letter, content: Path) -> Frozen | None:
    """What was frozen of an issue before, if it was.

    Raises Stopped when its receipt names a ledger that is not here, or its words have changed since.
    """
    path = content / RECEIPTS / f"{letter.issue.id}.json"
    frozen = ledger.frozen(letter.issue.id) if ledger else None
    if path.is_file():
        known = received(path)["ledger"]
        if not (ledger and frozen and ledger.id == known):
            raise Stopped(
                f"'{letter.issue.name}' was begun with the ledger {known[:8]}, which is not here: bring it back, for"
                " without it people would get a second copy."
            )
    if frozen and frozen.digest != letter.digest:
        raise Changed(
            f"'{letter.issue.name}' has changed since its sending began. Put its words back, or send the new ones as"
            " another issue."
        )
    return frozen


def received(path: Path) -> dict[str, str]:
    """A receipt: its `issue` and `ledger`, and when it was `begun`. Raises Stopped for what is none."""
    try:
        found = json.loads(path.read_bytes())
        return {key: str(found[key]) for key in ("issue", "ledger", "begun")}
    except (ValueError, TypeError, KeyError):
        raise Stopped(
            f"{path} is no receipt. Bring it back from git: it says which ledger knows who got one."
        ) from None


def receipt(ledger: Ledger, letter: Letter, content: Path, now: datetime) -> Path | None:
    """Leaves word in the project, for git, that this ledger has the issue; the path if it is new."""
    path = content / RECEIPTS / f"{letter.issue.id}.json"
    if path.is_file():
        return None
    known = {"issue": letter.issue.name, "ledger": ledger.id, "message": letter.digest, "begun": now.isoformat()}
    disk.write(path, f"{json.dumps(known, indent=2)}\n".encode(), durable=True)
    return path


# ---- sending


def send(
    ledger: Ledger, mailing: Mailing, clock: Callable[[], datetime],
    leaving: Callable[[], frozenset[str]] = frozenset, progress: Progress = lambda *_: None,
) -> Summary:  # fmt: skip
    """Tries everybody who is due once, and who becomes due meanwhile; `leaving` tells who must get nothing by now.

    The caller holds the ledger's lock.
    """
    ledger.recover(mailing.issue.id)
    run = _Run(ledger, mailing, clock, leaving)
    try:
        stopped = run.all(progress)
    except KeyboardInterrupt:  # whoever was being tried is told by the ledger, as after any crash
        ledger.recover(mailing.issue.id)
        stopped = "Interrupted. Those who are left will be tried when you send again."
    finally:
        run.relay.close()
        ledger.sync()
    return summary(ledger, mailing.issue.id, stopped)


def message_id(ledger: Ledger, issue: str, key: str, sender: str) -> str:
    """The same for every try at a recipient, without angle brackets; nobody can guess it."""
    name = hmac.new(ledger.secret, f"{issue}\n{key}".encode(), "sha256").hexdigest()[:24]
    return f"{issue}.{name}@{sender.rpartition('@')[2]}"


class _Run:
    """One go through those who are due."""

    def __init__(
        self, ledger: Ledger, mailing: Mailing, clock: Callable[[], datetime], leaving: Callable[[], frozenset[str]]
    ) -> None:
        headers = (*mailing.message.headers, *mailing.profile.headers)
        self._mould = Mould(replace(mailing.message, headers=headers))
        self.relay = Relay(mailing.profile)
        self._ledger = ledger
        self._issue = mailing.issue.id
        self._mailing = mailing
        self._clock = clock
        self._leaving = leaving
        self._pace = _Pace(mailing.profile.rate, ledger.sync)
        #: whether rows that were fetched may not be due any more
        self._postponed = False
        self._failures = 0
        self._tried = 0
        self._refused = 0

    def all(self, progress: Progress) -> str:
        """Why it ended early; empty when nobody is due any more."""
        counts = self._ledger.counts(self._issue)
        total = sum(counts.values())
        done = total - counts[states.QUEUED] - counts[states.DEFERRED]
        while rows := self._ledger.due(self._issue, self._now()):
            gone = self._leaving() | self._ledger.suppressed()
            for row in rows:
                if stopped := self._one(row, gone):
                    return stopped
                done += 1
                progress(min(done, total) - 1, total)
                if self._postponed:
                    break  # the rest of these rows may be of the domain that is left alone now
        return ""

    def _one(self, row: Row, gone: frozenset[str]) -> str:
        """Tries one recipient; why sending must stop, if it must."""
        self._postponed = False
        if row.key in gone:
            self._ledger.settle(self._issue, row.key, Settled(states.SUPPRESSED, self._now()))
            return ""
        self._pace.wait()
        try:
            data = self._cast(row)
            outcome = self.relay.deliver(
                self._mailing.message.sender, self._mailing.redirect or row.address, data,
                lambda: self._ledger.intend(self._issue, row.key, self._now()),
            )  # fmt: skip
        except Refusing as error:
            return str(error)
        except Unreachable as error:
            self._failures += 1
            self._postponed = True  # the same row comes again
            if self._failures >= _MOST_FAILURES:
                return f"{error} Those who are left will be tried when you send again."
            self._pace.pause(self._failures)
            return ""
        self._failures = 0
        self._tried += 1
        self._note(row, outcome)
        return self._too_many()

    def _cast(self, row: Row) -> bytes:
        mailing = self._mailing
        token = hmac.new(mailing.key, row.key.encode(), "sha256").hexdigest()[:32] if mailing.key else ""
        fields = {"name": row.name, "site": row.site, "token": token}
        name = message_id(self._ledger, self._issue, row.key, mailing.message.sender)
        return self._mould.cast(mailing.redirect or row.address, name, fields)

    def _note(self, row: Row, outcome: Outcome) -> None:
        now = self._now()
        found = Settled(outcome.state, now, outcome.said)
        if found.state == states.DEFERRED:
            found = found._replace(due=now + RETRIES[min(row.tries, len(RETRIES) - 1)])
            if found.due - (row.first or now) > _GIVE_UP:
                found = Settled(states.REJECTED, now, f"gave up after a day: {outcome.said}")
        self._ledger.settle(self._issue, row.key, found)
        self._refused += found.state == states.REJECTED
        if outcome.gone and not self._mailing.redirect:
            self._ledger.suppress(row.key, "no such mailbox", now)
        if outcome.slower:
            self._ledger.postpone(self._issue, row.key.rpartition("@")[2], now + _BACK_OFF)
            self._postponed = True

    def _too_many(self) -> str:
        """An issue that is being refused is harmed by going on."""
        limit = max(_LEAST_REFUSED, self._mailing.profile.most_refused * max(self._tried, _FEW) / 100)
        if self._refused <= limit:
            return ""
        return (
            f"Stopped: {self._refused} of {self._tried} were refused. Find out why (the ledger has the servers' words);"
            " those who are left will be tried when you send again."
        )

    def _now(self) -> float:
        return self._clock().timestamp()


class _Pace:
    """At most so many messages a second; what was done is put on the disk before it waits."""

    def __init__(self, rate: int, before: Callable[[], None]) -> None:
        self._between = 1 / rate if rate else 0
        self._before = before
        self._next = 0.0

    def wait(self) -> None:
        if not self._between:
            return
        if (left := self._next - monotonic()) > 0:
            self.pause(left)
        self._next = max(self._next, monotonic()) + self._between

    def pause(self, seconds: float) -> None:
        self._before()
        sleep(seconds)
