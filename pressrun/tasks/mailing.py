"""Sending issues of the newsletter."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.tasks import proving, terminal
from pressrun.tasks.terminal import counted, desk, instant, no_flag, plainly

_SENDING_HELP = {
    "list": "the list of recipients: a file, or its name in the folder of lists",
    "tag": "only recipients with this tag",
    "site": "only recipients of this outreach site",
    "language": "only recipients who read this language",
    "relay": "the relay of site.yaml, if not the first",
    "now": "choose the issue as if it were this instant",
}


@task(
    positional=["issue"],
    help={
        "issue": "the issue, by its name",
        "names": "a file outside the project for those who were not accepted: address, state, the server's words",
    },
)
def newsletter(_: Context, issue: str, names: str = "") -> None:
    """Say what became of an issue that was sent: inv newsletter ISSUE."""
    from pressrun.mailing import posting

    no_flag(issue)
    with plainly("mailing,listmonk"):
        if names:
            count = posting.write_others(_issue_id(issue), os.environ, Path(names).expanduser(), desk().root)
            print(f"{names} names {counted(count, 'recipient')}.")
        _account(posting.account(_issue_id(issue), os.environ))


@task(
    positional=["issue"],
    help=_SENDING_HELP
    | {
        "issue": "the issue, by its name",
        "confirm": "'ISSUE COUNT', for machines: send without asking, if that is still how many would get it",
        "dry-run": "say what would be sent, and send nothing",
        "redirect": "a rehearsal: everything to this address, and nothing remembered",
        "via": "listmonk: hand it over as a draft instead of sending it",
        "start": "with --via: have it sent at once",
    },
)
def send(
    _: Context, issue: str, list: str = "", tag: str = "", site: str = "", language: str = "", relay: str = "",
    confirm: str = "", dry_run: bool = False, redirect: str = "", via: str = "", start: bool = False, now: str = ""
) -> None:  # fmt: skip
    """Send an issue to a list, at most one copy to a person: inv newsletter.send ISSUE --list NAME."""
    from pressrun.mailing import posting
    from pressrun.mailing.lists import Segment

    no_flag(issue)
    order = posting.Order(issue=issue, list=list, segment=Segment(tag, site, language), relay=relay)
    with plainly("mailing,listmonk"):
        if now and not (dry_run or redirect):
            raise ValueError("--now is for rehearsals: with --dry-run or --redirect. An issue goes out when it is due.")
        if via and via != "listmonk":
            raise ValueError(f"'{via}' is no way to send. Known is: listmonk.")
        if via and not dry_run:
            if wrong := proving.wrong_letters(issue, now):
                raise Exit(f"{wrong} Nothing was handed over.", code=1)
            print(posting.hand_over(desk(), instant(now), issue, os.environ, start=start))
            return
        if redirect and not dry_run:
            _account(posting.rehearse(desk(), order, os.environ, redirect, lambda: instant(now)))
            return
        planned = posting.plan(desk(), instant(now), order, os.environ)
        print(*planned.lines(), sep="\n")
        if wrong := proving.wrong_letters(issue, now):
            raise Exit(f"{wrong} Nothing was sent.", code=1)
        if dry_run or not (planned.begun or planned.confirmed(confirm or _asked(planned))):
            print("Nothing was sent.")
            return
        line = terminal.ProgressLine()
        try:
            done = posting.carry_out(planned, desk(), lambda: datetime.now(UTC), partial(line.show, path="messages"))
        finally:
            line.clear()
        _account(done)


@task(
    name="test",
    positional=["issue"],
    help={
        "issue": "the issue, by its name",
        "to": "where to",
        "relay": _SENDING_HELP["relay"],
        "now": _SENDING_HELP["now"],
    },
)
def try_out(_: Context, issue: str, to: str = "", relay: str = "", now: str = "") -> None:
    """Send one copy of an issue to yourself; nothing of it is remembered."""
    from pressrun.mailing import posting

    no_flag(issue)
    with plainly("mailing,listmonk"):
        if not to:
            raise ValueError("To whom? Write --to you@example.org.")
        order = posting.Order(issue=issue, relay=relay)
        _account(posting.rehearse(desk(), order, os.environ, to, lambda: instant(now)))


@task(
    positional=["issue"],
    iterable=["log"],
    help={
        "issue": "the issue, by its name",
        "log": "a log of the mail server (Postfix); may be given more than once",
        "complete": "the logs are whole for that time: who is not in them got nothing, and is tried again",
    },
)
def reconcile(_: Context, issue: str, log: Any, complete: bool = False) -> None:
    """Settle from a mail server's log what became of those whose reply was lost."""
    from pressrun.mailing import posting

    no_flag(issue)
    with plainly("mailing,listmonk"):
        taken, not_taken, found = posting.reconcile(
            _issue_id(issue), os.environ, [Path(path) for path in log], complete=complete, now=datetime.now(UTC)
        )
        print(f"{taken} had been taken, {not_taken} had not.")
        _account(found)


def _issue_id(name: str) -> str:
    """What an issue is called in the ledger: an article's id outlives its slug."""
    from pressrun import build as pressrun

    publication = pressrun.read(desk(), datetime.now(UTC)).publication
    articles = (*publication.articles, *publication.held)
    return next((article.id for article in articles if article.slug == name), name)


def _asked(planned: Any) -> str:
    """What somebody at the keyboard types; nothing where nobody is."""
    if not sys.stdin.isatty():
        return ""
    return input(f"To send it, type: {planned.confirmation}\n> ")


def _account(found: Any) -> None:
    """Tells what became of everybody; not a success before it is known of everybody."""
    print(found)
    if found.again is not None and found.again > datetime.now(UTC).timestamp():
        again = datetime.fromtimestamp(found.again, UTC)
        print(f"Some may be tried again from {again:%Y-%m-%d %H:%M} UTC: send again then.")
    if found.unknown:
        print("Unknown: the server's reply was lost, and they are never sent to again by themselves. Ask its log: "
              "inv newsletter.reconcile ISSUE --log FILE")  # fmt: skip
    if found.stopped or found.unknown:
        raise Exit(found.stopped or None, code=1)
    if found.deferred:
        raise Exit(code=75)  # of sysexits.h: try again later
