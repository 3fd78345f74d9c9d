"""Publishing what is due, and asking how that went."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.tasks.building import hands
from pressrun.tasks.terminal import counted, desk, instant, plainly

_EXTRAS = "proof,mailing"


@task(
    help={
        "target": "where to, a name from 'targets:' in site.yaml; the first if you name none",
        "dry-run": "build, prove and say what would be published; nothing leaves this machine",
        "now": "a rehearsal as of another instant, such as 2026-12-01T09:00Z; nothing leaves this machine",
        "jobs": "make outputs in so many processes, if not in as many as there are cores",
    }
)
def publish(_: Context, target: str = "", dry_run: bool = False, now: str = "", jobs: int = 0) -> None:
    """Publish what is due: build, prove, upload, look at it there, and only then feeds and newsletters."""
    with plainly(_EXTRAS):
        from pressrun.build import Scope
        from pressrun.publishing import run

        order = run.Order(
            desk=desk(), now=instant(now), environment=os.environ, clock=partial(datetime.now, UTC), target=target,
            rehearsal=dry_run or bool(now), scope=Scope(**hands(jobs, "")),
        )  # fmt: skip
        account = run.publish(order, partial(print, flush=True))
    if account.problems:
        raise Exit(f"{counted(len(account.problems), 'thing')} went wrong: see above.", code=1)
    rehearsed = "This was a rehearsal: nothing left this machine." if order.rehearsal else ""
    rehearsed += " What lies in outputs/ is as of then; for that of today: ./inv build" if now else ""
    print(rehearsed or (f"{counted(account.done, 'thing')} published." if account.done else "Nothing else is due."))


@task(help={"target": "of which target, a name from 'targets:' in site.yaml; the first if you name none"})
def status(_: Context, target: str = "") -> None:
    """Say when the last run ended and how, and which runs did not happen, as the live site tells it."""
    with plainly(_EXTRAS):
        from pressrun.publishing import run

        lines, well = run.told(desk(), instant(""), os.environ, target)
    print(*lines, sep="\n")
    if not well:
        raise Exit(code=1)
