"""From what was built to what is sent: an issue, its list, its relay, and what must be asked before."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pressrun import build, schema
from pressrun.build import Desk
from pressrun.channels import newsletter
from pressrun.mailing import ledger as states
from pressrun.mailing import lists, mtalog, relay, sending
from pressrun.mailing.ledger import Ledger, Settled
from pressrun.mailing.lists import Recipient, Segment
from pressrun.mailing.sending import Letter, Mailing, Progress, Stopped, Summary
from pressrun.message import fields, filled, unpacked
from pressrun.model import Publication
from pressrun.outputs import digest

#: the environment's variable that names the folder of lists, suppressions and the ledger
FOLDER = "PRESSRUN_MAILING"
#: makes the tokens of a one-click address; whoever answers at that address knows it too
TOKEN_KEY = "PRESSRUN_TOKEN_KEY"  # noqa: S105  # the variable's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks to be sent."""

    issue: str
    list: str = ""
    segment: Segment = field(default_factory=Segment)
    relay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done."""

    letter: Letter
    list: str
    segment: Segment
    profile: relay.Profile
    folder: Path
    key: bytes
    #: how many would get it, and how many of the list must not
    count: int
    suppressed: int
    #: whether it was begun before, and only what is left is to be done
    begun: bool

    @property
    def confirmation(self) -> str:
        """What must be typed."""
        return f"{self.letter.issue.name} {self.count}"

    def confirmed(self, typed: str) -> bool:
        """Raises ValueError for a confirmation of something else."""
        if typed and typed.split() != self.confirmation.split():
            raise ValueError(f"That confirms something else: this would be '{self.confirmation}'.")
        return bool(typed)

    def lines(self) -> Iterator[str]:
        """What would be done, for people; no address among it."""
        message, issue = self.letter.message, self.letter.issue
        size = len(message.as_bytes())
        yield f"{issue.name}: {filled(message.subject)}"
        yield f"From {message.sender_name} <{message.sender}>, {size / 1000:.0f} kB, {self.letter.digest[:12]}"
        yield f"Through {self.profile.name} ({self.profile.host}:{self.profile.port})"
        who = ", ".join(part for part in (self.segment.tag, self.segment.site, self.segment.language) if part)
        if self.begun:
            yield f"Begun before, with the recipients of then: {self.count} left, {self.suppressed} must not get it."
        else:
            segment = f" ({who})" if who else ""
            yield f"To {self.count} of the list '{self.list}'{segment}; {self.suppressed} must not get it."


def folder(environment: Mapping[str, str]) -> Path:
    """Where personal data lies: never in the project."""
    return Path(environment.get(FOLDER) or Path.home() / "pressrun-mailing").expanduser()


def letter(desk: Desk, now: datetime, name: str) -> tuple[Letter, Publication]:
    """An issue as it lies in outputs/. Raises ValueError if it is not there, or older than what it is made from."""
    found = build.read(desk, now)
    publication = found.publication
    issues = {issue.name: issue for issue in newsletter.issues(publication)}
    if name not in issues:
        held = {one.name: publication.why_held(one) for one in publication.held_issues}
        held |= {one.slug: publication.why_held(one) for one in publication.held}
        why = f"It is left out: {held[name]}." if name in held else schema.nearest(name, tuple(issues) or ("none",))
        raise ValueError(f"There is no issue '{name}' to send. {why}")
    shelf = build.declare(desk, found, [])
    for output in (shelf.get(newsletter.mould(issues[name])), shelf.get(newsletter.message(issues[name]))):
        path = shelf.folder / output.path
        if not path.is_file() or path.read_bytes() != output.make():
            raise ValueError(f"The files of '{name}' were not made from the present text. Build first: ./inv build")
    data = (shelf.folder / newsletter.mould(issues[name])).read_bytes()
    return Letter(issues[name], unpacked(data), digest(data)), publication


def plan(desk: Desk, now: datetime, order: Order, environment: Mapping[str, str]) -> Plan:
    """Raises ValueError or Stopped when it cannot be sent, Refused for a faulty list."""
    found, publication = letter(desk, now, order.issue)
    where = folder(environment)
    profile, key = _means(publication, order.relay, environment)
    name = order.list or found.issue.list
    begun = False
    count = left_out = 0
    path = where / states.NAME
    with closing(Ledger(path)) if path.is_file() else nullcontext() as book:
        if begun := sending.check(book, found, desk.content) is not None:
            assert book
            counts = book.counts(found.issue.id)
            count, left_out = counts[states.QUEUED] + counts[states.DEFERRED], counts[states.SUPPRESSED]
        else:
            gone = lists.suppressed(where) | (book.suppressed() if book else set())
            keys = [recipient.key in gone for recipient in _audience(where, name, order.segment, desk)]
            count, left_out = keys.count(False), keys.count(True)
            if not keys:
                raise ValueError(f"Nobody of the list '{name}' is meant.")
    return Plan(
        letter=found, list=name, segment=order.segment, profile=profile, folder=where, key=key,
        count=count, suppressed=left_out, begun=begun,
    )  # fmt: skip


def _means(publication: Publication, name: str, environment: Mapping[str, str]) -> tuple[relay.Profile, bytes]:
    settings = publication.site.settings.get(newsletter.NAME, {})
    unsubscribe = settings.get("unsubscribe", {})
    if service := unsubscribe.get("provider"):
        raise ValueError(
            f"The newsletters are made for {service}, which fills in who they go to: paste the .html there."
        )
    key = b""
    if "{token}" in unsubscribe.get("leave", "") and not (key := environment.get(TOKEN_KEY, "").encode()):
        raise ValueError(f"The environment has no {TOKEN_KEY}, from which each recipient's token to leave is made.")
    return relay.profile(settings, environment, name), key


def _audience(where: Path, name: str, segment: Segment, desk: Desk) -> Iterator[Recipient]:
    if not name:
        raise ValueError("No list is named. Write --list NAME.")
    path = lists.find(where, name, desk.root.resolve())
    # Recipients read the name of an outreach site, not what its file is called.
    sites = {site.slug: site.name for site in build.read_local_sites(desk)}
    return (
        replace(recipient, site=sites.get(recipient.site, recipient.site))
        for recipient in lists.read(path)
        if segment.holds(recipient)
    )


def carry_out(
    planned: Plan, desk: Desk, clock: Callable[[], datetime], progress: Progress = lambda *_: None
) -> Summary:
    """Freezes what was not begun before, leaves the receipt, and sends.

    Raises Stopped for a list that has changed or a disk that takes no more, Busy when somebody else is sending.
    """
    try:
        with closing(Ledger(planned.folder / states.NAME)) as book, book.locked():
            if not sending.check(book, planned.letter, desk.content):
                recipients = _audience(planned.folder, planned.list, planned.segment, desk)
                gone = lists.suppressed(planned.folder) | book.suppressed()
                counted = _counted(recipients, planned, gone)
                sending.freeze(book, planned.letter, planned.list, counted, clock())
            sending.receipt(book, planned.letter, desk.content, clock())
            mailing = _mailing(book, planned.letter, planned.profile, planned.key)
            return sending.send(book, mailing, clock, lambda: lists.suppressed(planned.folder), progress)
    except (OSError, sqlite3.Error) as error:
        raise Stopped(
            f"Who gets a copy cannot be written down ({error}), so no more are sent. Mend that, and send again:"
            " nobody gets a second one."
        ) from None


def _mailing(book: Ledger, found: Letter, profile: relay.Profile, key: bytes, redirect: str = "") -> Mailing:
    """What was frozen, ready to be sent."""
    frozen = book.frozen(found.issue.id)
    assert frozen
    return Mailing(issue=found.issue, message=unpacked(frozen.message), profile=profile, key=key, redirect=redirect)


def _counted(recipients: Iterable[Recipient], planned: Plan, gone: frozenset[str]) -> Iterator[Recipient]:
    """All recipients; raises Stopped behind the last if they are not those that were confirmed."""
    count = 0
    for recipient in recipients:
        count += recipient.key not in gone
        yield recipient
    if count != planned.count:
        raise Stopped(f"The list has changed: {planned.count} were to get it, and now {count} would. Look again.")


def rehearse(
    desk: Desk, order: Order, environment: Mapping[str, str], to: str, clock: Callable[[], datetime]
) -> Summary:
    """Everything to one address, and nothing of it remembered: a whole list if one is named, else one message."""
    if not lists.is_address(to):
        raise ValueError(f"'{to}' is no mail address to send a rehearsal to.")
    found, publication = letter(desk, clock(), order.issue)
    profile, key = _means(publication, order.relay, environment)
    recipients: Iterable[Recipient] = [Recipient(address=to)]
    if order.list:
        recipients = _audience(folder(environment), order.list, order.segment, desk)
    with closing(Ledger(None)) as book:
        sending.freeze(book, found, order.list, recipients, clock())
        return sending.send(book, _mailing(book, found, profile, key, to), clock)


def hand_over(desk: Desk, now: datetime, name: str, environment: Mapping[str, str], *, start: bool = False) -> str:
    """Makes a campaign of an issue in an existing listmonk, once; what it has become, a sentence.

    Raises ValueError when site.yaml or the environment lacks something, Stopped for what listmonk says.
    """
    from pressrun.mailing import listmonk

    found, publication = letter(desk, now, name)
    settings = publication.site.settings.get(newsletter.NAME, {})
    provider = settings.get("unsubscribe", {}).get("provider")
    if "listmonk" not in settings or provider != "listmonk":
        raise ValueError(
            "site.yaml knows no listmonk. Write below 'newsletter:': unsubscribe: {provider: listmonk}, and"
            " listmonk: {url: https://..., lists: [1], template: 1}."
        )
    user, token = (environment.get(f"PRESSRUN_LISTMONK_{what}", "") for what in ("USER", "TOKEN"))
    message = found.message
    data = {"name": ".Subscriber.FirstName", "site": ".Subscriber.Attribs.site"}
    places = {
        mark: listmonk.default(data[what], otherwise)
        for mark, (what, otherwise) in fields(message.html, message.text, message.subject).items()
    }
    campaign = listmonk.Campaign(
        issue=found.issue.id, message_hash=found.digest, name=filled(message.subject), subject=message.subject,
        sender=f"{message.sender_name} <{message.sender}>", html=message.html, text=message.text,
        headers=sending.outgoing(message),
        leave_placeholder=newsletter.PROVIDERS[provider].leave, fields=places,
    )  # fmt: skip
    connection = listmonk.Connection(user=user, token=token, **settings["listmonk"])
    try:
        handed = listmonk.hand_over(connection, campaign, start=start)
    except listmonk.HandOverError as error:
        raise Stopped(str(error)) from None
    return f"listmonk has '{name}' as campaign {handed.id}: {handed.state}{'' if handed.created else ', as before'}."


@contextmanager
def _book(issue: str, environment: Mapping[str, str]) -> Iterator[Ledger]:
    path = folder(environment) / states.NAME
    if not path.is_file():
        raise ValueError(f"There is no ledger at {path}.")
    with closing(Ledger(path)) as book:
        if not book.frozen(issue):
            raise ValueError(f"The ledger has no issue '{issue}'.")
        yield book


def account(issue: str, environment: Mapping[str, str]) -> Summary:
    """What became of an issue, by its id. Raises ValueError when the ledger has nothing of it."""
    with _book(issue, environment) as book:
        return sending.summary(book, issue)


def write_others(issue: str, environment: Mapping[str, str], path: Path, project: Path) -> int:
    """Writes who was not accepted, with the server's words, as CSV outside the project; how many."""
    if path.resolve().is_relative_to(project):
        raise ValueError("That file would lie in the project, where git and the outputs are. Name one elsewhere.")
    with _book(issue, environment) as book, path.open("w", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        rows = book.others(issue)
        csv.writer(file).writerows([("address", "state", "said"), *rows])
    return len(rows)


def reconcile(
    issue: str, environment: Mapping[str, str], logs: Iterable[Path], *, complete: bool, now: datetime
) -> tuple[int, int, Summary]:
    """Settles those whose reply was lost from a mail server's log: how many it had taken, and how many not.

    A message that the log does not show was not taken only if the log is `complete` for the time of the try; then its
    recipient is tried again. Raises ValueError, and Busy while somebody is sending.
    """
    logs = list(logs)
    if missing := [path for path in logs if not path.is_file()]:
        raise ValueError(f"There is no log at {missing[0]}.")
    if not logs:
        raise ValueError("No log is named. Write --log /var/log/mail.log, or where your mail server writes it.")
    with _book(issue, environment) as book, book.locked():
        book.recover(issue)
        frozen = book.frozen(issue)
        assert frozen
        sender = unpacked(frozen.message).sender
        shown: dict[str, bool] = {}
        for path in logs:
            with path.open(encoding="utf-8", errors="replace") as lines:
                for name, taken in mtalog.taken(lines, sender.rpartition("@")[2]).items():
                    shown[name] = shown.get(name, False) or taken
        found = [0, 0]
        for key, _address, _when in book.unknown(issue):
            taken = shown.get(sending.message_id(book, issue, key, sender), False)
            if taken:
                book.settle(issue, key, Settled(states.ACCEPTED, now.timestamp(), "by the server's log"))
            elif complete:
                book.settle(issue, key, Settled(states.DEFERRED, now.timestamp(), "not taken, by the server's log"))
            found[taken] += taken or complete
        book.sync()
        return found[True], found[False], sending.summary(book, issue)
