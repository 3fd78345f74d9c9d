"""Every way to run Pressrun: `inv --list` names the tasks, `inv build --help` tells of one."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.channels import NAMES

if TYPE_CHECKING:
    from pressrun.build import Desk, Result

ROOT = Path(__file__).resolve().parent

_BUILD_HELP = {
    "now": "build as if it were this instant, such as 2026-12-01 or 2026-12-01T09:00Z",
    "article": "only this article's outputs, by its slug",
    "site": "also handouts of its own for this outreach site of content/sites/, or for 'all'",
}


@task(default=True, help={"only": f"only these channels, some of {','.join(NAMES)}"} | _BUILD_HELP)
def build(_: Context, now: str = "", only: str = "", article: str = "", site: str = "") -> None:
    """Make every output from the articles in content/ (the default)."""
    _build(now, only, article, site)


def _channel_task(name: str) -> Any:
    def make(_: Context, now: str = "", article: str = "", site: str = "") -> None:
        _build(now, name, article, site)

    # Invoke takes two tasks of one name for one task (pyinvoke/invoke#536).
    make.__name__ = name
    make.__doc__ = f"Make the outputs of the channel '{name}' alone."
    return task(make, help=_BUILD_HELP)


@task(positional=["title"], help={"title": "the article's title", "now": _BUILD_HELP["now"]})
def new(_: Context, title: str, now: str = "") -> None:
    """Start an article: inv new "Its title"."""
    if title.startswith("-"):  # Invoke takes a flag behind the task's name for the title
        raise Exit('Write the title behind the task: ./inv new "Its title". For help: ./inv --help new', code=2)
    from pressrun import build as pressrun
    from pressrun import drafting
    from pressrun.faults import Refused

    try:
        # A date means midnight in the site's zone, which may not have come yet when it has come here.
        day = _instant(now).astimezone(pressrun.read_site(_desk()).time_zone).date()
        path = drafting.start(_desk().content, title, day)
    except Refused as refused:
        raise _refusal(refused.faults) from None
    except ValueError as error:
        raise Exit(str(error), code=1) from None
    print(f"{path.relative_to(ROOT)} is ready to be written. Then: ./inv build")


@task(help={"now": _BUILD_HELP["now"]})
def check(_: Context, now: str = "") -> None:
    """Say what is wrong in content/, and make nothing."""
    from pressrun import build as pressrun
    from pressrun.faults import Refused

    try:
        found = pressrun.read(_desk(), _instant(now))
    except Refused as refused:
        raise _refusal(refused.faults) from None
    for warning in found.warnings:
        print(f"WARNING {warning}")
    if found.faults:
        raise _refusal(found.faults)
    publication = found.publication
    print(f"No faults in {_count(len(publication.articles) + len(publication.held), 'article')}.")


@task(name="list", help={"now": _BUILD_HELP["now"]})
def list_(_: Context, now: str = "") -> None:
    """List the articles: slug, date, state, channels, title."""
    from pressrun import build as pressrun
    from pressrun.faults import Refused

    try:
        found = pressrun.read(_desk(), _instant(now))
    except Refused as refused:
        raise _refusal(refused.faults) from None
    publication = found.publication
    rows = [("slug", "date", "state", "channels", "title")]
    for article in (*publication.held, *publication.articles):
        carried = ",".join(name for name in NAMES if article.on(name))
        rows.append((article.slug, f"{article.date:%Y-%m-%d}", publication.state(article), carried, article.title))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
    if found.faults:
        raise _refusal(found.faults)


@task(help={"now": "the instant at which they are given out, if not now"})
def handout(_: Context, now: str = "") -> None:
    """Remember the handouts in outputs/, before you give them out, so that their codes are answered for ever."""
    from pressrun import publishing
    from pressrun.faults import Refused

    try:
        new = publishing.give_out(_desk(), _instant(now))
    except Refused as refused:
        raise _refusal(refused.faults) from None
    except ValueError as error:
        raise Exit(str(error), code=1) from None
    for record in new:
        print(f"{record.code}  {record.slug}  version {record.revision}, {record.date:%Y-%m-%d}  {record.title}")
    print(f"{_count(len(new), 'text')} recorded." if new else "Nothing new: every text was recorded before.")


@task(
    help={
        "full": "also veraPDF and the ink that each page takes; needs Java and Ghostscript",
        "article": "only this article's handouts, by its slug",
        "now": _BUILD_HELP["now"],
    }
)
def prove(_: Context, full: bool = False, article: str = "", now: str = "") -> None:
    """Judge the handouts in outputs/: can they be read by everybody, and printed by anybody? Makes nothing."""
    try:
        from pressrun import proof
    except ModuleNotFoundError as error:
        raise Exit(
            f"Nothing was proved: {error.name} is not installed. Run: pip install -e '.[proof]'", code=1
        ) from None
    from pressrun.faults import Refused

    try:
        handouts = proof.handouts(_desk(), _instant(now), article)
    except Refused as refused:
        raise _refusal(refused.faults) from None
    if not handouts:
        raise Exit(f"There is no handout{f' of {article!r}' if article else ''} to prove.", code=2)
    start = perf_counter()
    findings = [finding for found in handouts for finding in proof.prove(found)]
    each = 1000 * (perf_counter() - start) / len(handouts)
    lacking = proof.lacking() if full else []
    if full and not lacking:
        findings += proof.prove_slowly(handouts)
    _report_findings(findings, lacking, f"{len(handouts)} handouts, {proof.count_rules(handouts)} rules")
    print(f"{each:.0f} ms a handout.")


@task
def clean(_: Context) -> None:
    """Remove what builds have made from outputs/, and nothing else."""
    from pressrun import outputs

    print(f"Removed {_count(outputs.clear(_desk().outputs), 'file')}.")


@task(
    help={
        "all": "also the tests that need a browser, Java, Node, qpdf, poppler, zbar or gs",
        "long": "the long sweeps, run by hand",
        "match": "only the tests whose names match this (pytest -k)",
    }
)
def test(context: Context, all: bool = False, long: bool = False, match: str = "") -> None:  # the flag is --all
    """Run the tests that this machine can run; --all runs every one."""
    marks = [] if long else ["not long"]
    if not (all or long):
        marks.append("not heavy")
    options = ["-n", "auto", "--dist", "loadfile"]
    options += (["-m", " and ".join(marks)] if marks else []) + (["-k", match] if match else [])
    _run(context, f"-m pytest {shlex.join(options)}", environment={"PRESSRUN_ALL": "1"} if all else {})


@task(help={"fix": "mend what can be mended by itself"})
def lint(context: Context, fix: bool = False) -> None:
    """Check types, style and layout of the code."""
    _run(context, f"-m ruff check {'--fix' if fix else ''}")
    _run(context, f"-m ruff format {'' if fix else '--check'}")
    _run(context, "-m mypy")


# ---- what the tasks share


def _desk() -> Desk:
    from pressrun.build import Desk

    return Desk(ROOT)


def _build(now: str, only: str, article: str, site: str) -> None:
    from pressrun import build as pressrun
    from pressrun.faults import Refused

    names = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in names if name not in NAMES]:
        raise Exit(f"There is no channel '{unknown[0]}'. Known are: {', '.join(NAMES)}.", code=2)
    line = _ProgressLine()
    try:
        result = pressrun.build(_desk(), _instant(now), pressrun.Scope(names, article, site), line.show)
    except Refused as refused:
        raise _refusal(refused.faults) from None
    except ValueError as error:
        raise Exit(str(error), code=2) from None
    finally:
        line.clear()
    _report(result)


def _report(result: Result) -> None:
    publication = result.content.publication
    for article in publication.held:
        when = "a draft" if article.draft else f"appears on {article.date:%Y-%m-%d %H:%M %Z}"
        print(f"Left out: {article.slug} ({when})")
    for warning in result.warnings:
        print(f"WARNING {warning}")
    for tip in result.tips:
        print(f"TIP {tip}")
    changed = f"{len(result.written)} new or changed" if result.written else "nothing changed"
    removed = f", {len(result.removed)} removed" if result.removed else ""
    print(f"{_count(len(publication.articles), 'article')}, {_count(result.total, 'file')}: {changed}{removed}.")
    if result.faults:
        for fault in result.faults:
            print(fault, file=sys.stderr)
    print(ROOT / "outputs" / "index.html")
    if result.faults:
        raise Exit(_fault_count(result.faults), code=1)


def _report_findings(findings: Any, lacking: list[str], what: str) -> None:
    for line in (*findings, *lacking):
        print(line, file=sys.stderr)
    if findings or lacking:
        raise Exit(
            f"{what}: {_count(len(findings), 'finding')}{', and not everything could run' if lacking else ''}.", code=1
        )
    print(f"{what}: no findings.")


def _refusal(faults: Any) -> Exit:
    return Exit("\n".join([*map(str, faults), _fault_count(faults)]), code=1)


def _fault_count(faults: Any) -> str:
    return f"{_count(len(faults), 'fault')} to mend."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _instant(now: str) -> datetime:
    """The one clock of a run: what was asked for (in the site's zone, if it names none), or the machine's."""
    if not now:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(now)
    except ValueError:
        raise Exit(f"'{now}' is no date. Write 2026-12-01 or 2026-12-01T09:00Z.", code=2) from None


def _run(context: Context, command: str, environment: dict[str, str] | None = None) -> None:
    with context.cd(str(ROOT)):
        done = context.run(f'"{sys.executable}" {command}', env=environment or {}, pty=sys.stdout.isatty(), warn=True)
    if done is None or done.exited:
        raise Exit(code=done.exited if done else 1)


class _ProgressLine:
    """One line on a terminal that says what is being made; silent elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, done: int, total: int, path: str) -> None:
        if self._shown and path:
            print(f"\r\x1b[K[{done + 1}/{total}] {path}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


_BUILDS = Collection("build", build)
for _name in NAMES:
    _BUILDS.add_task(_channel_task(_name))
_PROOFS = Collection("proof")
_PROOFS.add_task(prove, name=handout.name)
namespace = Collection(_BUILDS, _PROOFS, Collection("publish", handout), new, check, list_, clean, test, lint)
namespace.default = "build"
