"""Making outputs, and removing them."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.channels import NAMES
from pressrun.tasks import terminal
from pressrun.tasks.terminal import counted, desk, instant, plainly

if TYPE_CHECKING:
    from pressrun.build import Result
    from pressrun.snapshot import Looks, Report

BUILD_HELP = {
    "now": terminal.NOW,
    "article": "only this article's outputs, by its slug",
    "site": "also handouts of its own for this outreach site of content/sites/, or for 'all'",
}


_PLAN_HELP = {
    "only": f"only these channels, some of {','.join(NAMES)}",
    "dry-run": "say what would be made and why, and make nothing",
    "explain": "say what an output is made from, by its path below outputs/",
    "force": "make everything anew, even what is up to date",
    "preview": "make all that is held back too, into preview/, to be looked at and not published",
    "jobs": "make outputs in so many processes, if not in as many as there are cores",
    "cluster": "draw handouts on a Dask cluster, by its scheduler's address",
}


@task(default=True, help=_PLAN_HELP | BUILD_HELP)
def build(
    _: Context, now: str = "", only: str = "", article: str = "", site: str = "", dry_run: bool = False,
    explain: str = "", force: bool = False, preview: bool = False, jobs: int = 0, cluster: str = "",
) -> None:  # fmt: skip
    """Make every output from the articles in content/ (the default)."""
    if explain:
        _explain(now, explain)
    elif preview:
        _look(now, hands(jobs, cluster))
    else:
        _build(now, only, article, site, dry_run=dry_run, force=force, jobs=jobs, cluster=cluster)


def hands(jobs: int, cluster: str) -> dict[str, Any]:
    """Who makes what."""
    from pressrun import workers

    copies = jobs or workers.cores()
    if not cluster:
        return {"copies": copies, "hire": partial(workers.processes, jobs)}
    from pressrun.cluster import Cluster

    return {"copies": copies, "hire": partial(Cluster, cluster)}


def _explain(now: str, path: str) -> None:
    from pressrun import build as pressrun

    with plainly(code=2):
        found = pressrun.explained(desk(), instant(now), path)
    for name, value in found.items():
        print(f"{value}  {name}")
    if not found:
        print("It is made anew each time, and written if it changed.")


def _plan(when: datetime, scope: tuple[list[str], str, str]) -> None:
    from pressrun import build as pressrun

    with plainly(code=2):
        found = pressrun.planned(desk(), when, pressrun.Scope(*scope))
    for path, why in found:
        print(f"{path}: {why}")
    print(f"{counted(len(found), 'file')} to make." if found else "Nothing to make.")


def channel_task(name: str) -> Any:
    def make(_: Context, now: str = "", article: str = "", site: str = "") -> None:
        _build(now, name, article, site)

    # Invoke takes two tasks of one name for one task (pyinvoke/invoke#536).
    make.__name__ = name
    make.__doc__ = f"Make the outputs of the channel '{name}' alone."
    return task(make, help=BUILD_HELP)


@task()
def clean(_: Context) -> None:
    """Remove what builds have made from outputs/, and nothing else."""
    from pressrun import outputs

    with plainly():
        print(f"Removed {counted(outputs.clear(desk().outputs, terminal.wait), 'file')}.")


def _build(
    now: str, only: str, article: str, site: str, *, dry_run: bool = False, force: bool = False, jobs: int = 0,
    cluster: str = "",
) -> None:  # fmt: skip
    from pressrun import snapshot

    names = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in names if name not in NAMES]:
        raise Exit(f"There is no channel '{unknown[0]}'. Known are: {', '.join(NAMES)}.", code=2)
    when, asked = instant(now), snapshot.scope(names, article, site)
    if dry_run:
        _plan(when, (names, article, site))
        return
    looks = snapshot.look(desk().root)
    edit = None if force else snapshot.edit(desk().root, asked, when, looks)
    if edit and not edit.paths:
        _say(edit.report)
    else:
        _make(when, (names, article, site), looks, {"anew": force, "edit": edit, **hands(jobs, cluster)})


def _make(when: datetime, scope: tuple[list[str], str, str], looks: Looks, how: dict[str, Any]) -> None:
    from pressrun import build, rebuild

    line = terminal.ProgressLine()
    try:
        with plainly("cluster", code=2):
            asked = build.Scope(*scope, **how)
            report, result = rebuild.built(desk().root, when, asked, looks, progress=line.show, waiting=terminal.wait)
    finally:
        line.clear()
    _say(report, result)
    if result.faults:
        raise Exit(terminal.fault_count(result.faults), code=1)


def _look(now: str, how: dict[str, Any]) -> None:
    """Everything as if it were published. No flag that chooses goes with it: whoever looks is to see all."""
    from pressrun import build

    beside = build.Desk(desk().root, preview=True)
    with plainly("cluster", code=2):
        result = build.build(beside, instant(now), build.Scope(**how), waiting=terminal.wait)
    for line in (*result.faults, *result.warnings):
        print(line, file=sys.stderr)
    print(
        f"{counted(len(result.content.publication.articles), 'article')}, {counted(result.total, 'file')}, to look at."
    )
    print(beside.outputs / "index.html")
    if result.faults:
        raise Exit(terminal.fault_count(result.faults), code=1)


def _say(report: Report, result: Result | None = None) -> None:
    """What a build made, or that it had nothing to make."""
    from pressrun import rebuild

    *said, index = rebuild.lines(desk().root, report, result)
    print(*said, sep="\n")
    for fault in result.faults if result else ():
        print(fault, file=sys.stderr)
    print(index)
