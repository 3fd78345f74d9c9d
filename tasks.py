"""Every way to run Pressrun: `inv --list` names the tasks, `inv build --help` tells of one."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.channels import NAMES

if TYPE_CHECKING:
    from pressrun.build import Desk, Result
    from pressrun.snapshot import Report

ROOT = Path(__file__).resolve().parent
_WEB, (_NEWSLETTER, _FEED) = NAMES[0], NAMES[2:4]

_BUILD_HELP = {
    "now": "build as if it were this instant, such as 2026-12-01 or 2026-12-01T09:00Z",
    "article": "only this article's outputs, by its slug",
    "site": "also handouts of its own for this outreach site of content/sites/, or for 'all'",
}


_PLAN_HELP = {
    "only": f"only these channels, some of {','.join(NAMES)}",
    "dry-run": "say what would be made and why, and make nothing",
    "explain": "say what an output is made from, by its path below outputs/",
    "force": "make everything anew, even what is up to date",
    "jobs": "make outputs in so many processes, if not in as many as there are cores",
    "cluster": "draw handouts on a Dask cluster, by its scheduler's address",
}


@task(default=True, help=_PLAN_HELP | _BUILD_HELP)
def build(
    _: Context, now: str = "", only: str = "", article: str = "", site: str = "", dry_run: bool = False,
    explain: str = "", force: bool = False, jobs: int = 0, cluster: str = "",
) -> None:  # fmt: skip
    """Make every output from the articles in content/ (the default)."""
    if explain:
        _explain(now, explain)
    else:
        _build(now, only, article, site, dry_run=dry_run, force=force, jobs=jobs, cluster=cluster)


def _hands(jobs: int, cluster: str) -> dict[str, Any]:
    """Who makes what."""
    from pressrun import workers

    copies = jobs or workers.cores()
    if not cluster:
        return {"copies": copies, "hire": partial(workers.processes, jobs)}
    from pressrun.cluster import Cluster

    return {"copies": copies, "hire": partial(Cluster, cluster)}


def _explain(now: str, path: str) -> None:
    from pressrun import build as pressrun

    with _plainly(code=2):
        found = pressrun.explained(_desk(), _instant(now), path)
    for name, value in found.items():
        print(f"{value}  {name}")
    if not found:
        print("It is made anew each time, and written if it changed.")


def _plan(when: datetime, scope: tuple[list[str], str, str]) -> None:
    from pressrun import build as pressrun

    with _plainly(code=2):
        found = pressrun.planned(_desk(), when, pressrun.Scope(*scope))
    for path, why in found:
        print(f"{path}: {why}")
    print(f"{_count(len(found), 'file')} to make." if found else "Nothing to make.")


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

    with _plainly():
        # A date means midnight in the site's zone, which may not have come yet when it has come here.
        day = _instant(now).astimezone(pressrun.read_site(_desk()).time_zone).date()
        path = drafting.start(_desk().content, title, day)
    print(f"{path.relative_to(ROOT)} is ready to be written. Then: ./inv build")


def _behind(name: str, *valued: str) -> Any:
    """The default of a word that may be left out behind a task: Invoke wants one for None, and takes none for else."""
    words = sys.argv[sys.argv.index(name) :] if name in sys.argv else []
    named = [word for before, word in pairwise(words) if before not in valued and not word.startswith("-")]
    return None if named else ""


@task(
    positional=["slug"],
    help={
        "slug": "the article, also without this flag as the first word; the newest if you name none",
        "port": "the port on this machine; the first free one from 8765 on if you name none",
        "browser": "--no-browser opens none",
    },
)
def preview(_: Context, slug: str = _behind("preview", "-p", "--port"), port: int = 0, browser: bool = True) -> None:
    """Show an article in all four channels while you write: inv preview [SLUG]. Ctrl-C ends it."""
    with _plainly("preview"), suppress(KeyboardInterrupt):
        from pressrun.preview import server

        order = server.Order(slug, port, browser)
        server.serve(_desk(), partial(datetime.now, UTC), order, partial(print, flush=True))


@task(help={"now": _BUILD_HELP["now"]})
def check(_: Context, now: str = "") -> None:
    """Say what is wrong in content/, and make nothing."""
    from pressrun import build as pressrun

    with _plainly():
        found = pressrun.read(_desk(), _instant(now))
    for warning in found.warnings:
        print(f"WARNING {warning}")
    if found.faults:
        raise _refusal(found.faults)
    publication = found.publication
    issues = len(publication.issues) + len(publication.held_issues)
    letters = f" and {_count(issues, 'issue')} of the newsletter" if issues else ""
    print(f"No faults in {_count(len(publication.articles) + len(publication.held), 'article')}{letters}.")


@task(help={"translated": "note in this translation, by its slug, that it says what its original says now"})
def fmt(_: Context, translated: str = "") -> None:
    """Bring the form of files in content/ up to date: inv fmt --translated SLUG."""
    from pressrun import build as pressrun
    from pressrun import translations

    if not translated:
        raise Exit("What is to be noted? Write --translated SLUG, with the slug of a translation.", code=2)
    with _plainly():
        found = pressrun.read(_desk(), datetime.now(UTC))
        path, noted = translations.freshen(_desk().content, found.publication, found.faulty, translated)
    print(f"{path}: translated_from: {noted}")


@task(name="list", help={"now": _BUILD_HELP["now"]})
def list_(_: Context, now: str = "") -> None:
    """List the articles: slug, date, state, channels, title."""
    from pressrun import build as pressrun

    with _plainly():
        found = pressrun.read(_desk(), _instant(now))
    publication = found.publication
    rows = [("slug", "date", "state", "channels", "title")]
    for article in (*publication.held, *publication.articles):
        carried = ",".join(name for name in NAMES if article.on(name))
        rows.append((article.slug, f"{article.date:%Y-%m-%d}", publication.state(article), carried, article.title))
    for issue in (*publication.held_issues, *publication.issues):
        state = "draft" if issue.draft else "live" if issue in publication.issues else "waiting"
        rows.append((issue.name, f"{issue.date:%Y-%m-%d}", state, newsletter.name, issue.subject))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
    if found.faults:
        raise _refusal(found.faults)


@task(help={"now": "the instant at which they are given out, if not now"})
def handout(_: Context, now: str = "") -> None:
    """Remember the handouts in outputs/, before you give them out, so that their codes are answered for ever."""
    from pressrun import publishing

    with _plainly():
        new = publishing.give_out(_desk(), _instant(now))
    for record in new:
        print(f"{record.code}  {record.slug}  version {record.revision}, {record.date:%Y-%m-%d}  {record.title}")
    print(f"{_count(len(new), 'text')} recorded." if new else "Nothing new: every text was recorded before.")


@task(help={"now": "the instant at which they are published, if not now"})
def anchors(_: Context, now: str = "") -> None:
    """Remember the headings of what is published, so that links to them hold when a heading is renamed."""
    from pressrun import publishing

    with _plainly():
        new = publishing.keep_anchors(_desk(), _instant(now))
    for article in new:
        print(article.slug)
    print(f"{_count(len(new), 'article')} recorded." if new else "Nothing new: all were recorded before.")


@task
def announce(_: Context) -> None:
    """Tell the hub of site.yaml which feeds have changed, once they are online; it tells their readers (WebSub)."""
    from pressrun import publishing

    with _plainly():
        try:
            said = list(publishing.announce(_desk()))
        except ValueError as none:  # a site without a hub is as sound as one with
            said = [str(none)]
    print("\n".join(said) or "Nothing new: the hub knows every feed.")


_PROOF_HELP = {
    "article": "only what is made of this article, by its slug",
    "now": _BUILD_HELP["now"],
    "full": "also veraPDF, the ink of pages, the Nu Html Checker, axe; needs Java, Ghostscript, Node, Chromium",
    "external": "also links to other sites, a few at a time; what they answer is remembered for three days",
    "strict": "everything that can be asked of outputs/; fails for a warning and for what cannot run here, too",
}


@task(help=_PROOF_HELP)
def prove_all(
    _: Context, strict: bool = False, full: bool = False, external: bool = False, article: str = "", now: str = ""
) -> None:
    """Judge what authors wrote and all that lies in outputs/."""
    with _plainly("proof"):
        from pressrun.proof import run

        wish = run.Wish(_desk(), _instant(now), article, full=full or strict, external=external)
        problems = [_told(verdict, strict=strict, full=wish.full) for verdict in run.everything(wish)]
    if any(problems):
        raise Exit("\n".join(filter(None, problems)), code=1)


def _of_proof(*names: str) -> dict[str, str]:
    return {name: _PROOF_HELP[name] for name in (*names, "now")}


@task(help=_of_proof("full", "article"))
def prove(_: Context, full: bool = False, article: str = "", now: str = "") -> None:
    """Judge the handouts in outputs/: can they be read by everybody, and printed by anybody? Makes nothing."""
    _prove(handout.name, now, article=article, full=full)


@task(help=_of_proof("full", "article"))
def prove_pages(_: Context, full: bool = False, article: str = "", now: str = "") -> None:
    """Judge the pages in outputs/web/: are they valid, and can everybody read them? Makes nothing."""
    _prove(_WEB, now, article=article, full=full)


@task(help=_of_proof("article"))
def prove_parity(_: Context, article: str = "", now: str = "") -> None:
    """Read outputs/ back: does every channel say what the articles say, and nothing else? Makes a page about it."""
    _prove("parity", now, article=article)


@task(help=_of_proof("article"))
def prove_newsletters(_: Context, article: str = "", now: str = "") -> None:
    """Judge the newsletters in outputs/: do all mail programs show them, and let them in? Makes a page about it."""
    _prove(_NEWSLETTER, now, article=article)


@task(help=_of_proof())
def prove_feeds(_: Context, now: str = "") -> None:
    """Judge the feeds in outputs/: does every reader understand them? Makes nothing."""
    _prove(_FEED, now)


@task(help=_of_proof("article"))
def prove_language(_: Context, article: str = "", now: str = "") -> None:
    """Judge the words of articles, drafts by name: plain, kind, explained, finished? Reads content/ alone."""
    _prove("language", now, article=article)


@task(help=_of_proof("external"))
def prove_links(_: Context, external: bool = False, now: str = "") -> None:
    """Judge the links in outputs/: does each lead somewhere?"""
    _prove("links", now, external=external)


@task(help=_of_proof("article"))
def prove_review(_: Context, article: str = "", now: str = "") -> None:
    """Say which articles are to be checked again, now or within 30 days, and which translations are behind."""
    _prove("review", now, article=article)


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

    _no_flag(issue)
    with _plainly("mailing,listmonk"):
        if names:
            count = posting.write_others(_issue_id(issue), os.environ, Path(names).expanduser(), ROOT)
            print(f"{names} names {_count(count, 'recipient')}.")
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

    _no_flag(issue)
    order = posting.Order(issue=issue, list=list, segment=Segment(tag, site, language), relay=relay)
    with _plainly("mailing,listmonk"):
        if now and not (dry_run or redirect):
            raise ValueError("--now is for rehearsals: with --dry-run or --redirect. An issue goes out when it is due.")
        if via and via != "listmonk":
            raise ValueError(f"'{via}' is no way to send. Known is: listmonk.")
        if via and not dry_run:
            if wrong := _wrong_letters(issue, now):
                raise Exit(f"{wrong} Nothing was handed over.", code=1)
            print(posting.hand_over(_desk(), _instant(now), issue, os.environ, start=start))
            return
        if redirect and not dry_run:
            _account(posting.rehearse(_desk(), order, os.environ, redirect, lambda: _instant(now)))
            return
        planned = posting.plan(_desk(), _instant(now), order, os.environ)
        print(*planned.lines(), sep="\n")
        if wrong := _wrong_letters(issue, now):
            raise Exit(f"{wrong} Nothing was sent.", code=1)
        if dry_run or not (planned.begun or planned.confirmed(confirm or _asked(planned))):
            print("Nothing was sent.")
            return
        line = _ProgressLine()
        try:
            done = posting.carry_out(planned, _desk(), lambda: datetime.now(UTC), partial(line.show, path="messages"))
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

    _no_flag(issue)
    with _plainly("mailing,listmonk"):
        if not to:
            raise ValueError("To whom? Write --to you@example.org.")
        order = posting.Order(issue=issue, relay=relay)
        _account(posting.rehearse(_desk(), order, os.environ, to, lambda: _instant(now)))


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

    _no_flag(issue)
    with _plainly("mailing,listmonk"):
        taken, not_taken, found = posting.reconcile(
            _issue_id(issue), os.environ, [Path(path) for path in log], complete=complete, now=datetime.now(UTC)
        )
        print(f"{taken} had been taken, {not_taken} had not.")
        _account(found)


@task()
def clean(_: Context) -> None:
    """Remove what builds have made from outputs/, and nothing else."""
    from pressrun import outputs

    with _plainly():
        print(f"Removed {_count(outputs.clear(_desk().outputs, _wait), 'file')}.")


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


@task(
    help={
        "only": "only these figures, such as cold,unchanged",
        "quick": "small and rough, written nowhere",
        "pairs": "how often both sides take turns, if not five times",
    }
)
def bench(context: Context, only: str = "", quick: bool = False, pairs: int = 0) -> None:
    """Measure builds beside those of other programs, for benchmarks/results.md; takes an hour or more, or --quick."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    options = names + (["--quick"] if quick else []) + ([f"--pairs={pairs}"] if pairs else [])
    _run(context, f"benchmarks/build.py {shlex.join(options)}")


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


def _build(
    now: str, only: str, article: str, site: str, *, dry_run: bool = False, force: bool = False, jobs: int = 0,
    cluster: str = "",
) -> None:  # fmt: skip
    from pressrun import snapshot

    names = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in names if name not in NAMES]:
        raise Exit(f"There is no channel '{unknown[0]}'. Known are: {', '.join(NAMES)}.", code=2)
    when, asked = _instant(now), snapshot.scope(names, article, site)
    if dry_run:
        _plan(when, (names, article, site))
    elif not force and (report := snapshot.still(ROOT, asked, when)):
        _say(report)
    else:
        _make(when, (names, article, site), asked, {"anew": force, **_hands(jobs, cluster)})


def _make(when: datetime, scope: tuple[list[str], str, str], asked: str, how: dict[str, Any]) -> None:
    from pressrun import build as pressrun
    from pressrun import snapshot

    line, looks = _ProgressLine(), snapshot.look(ROOT)
    try:
        with _plainly("cluster", code=2):
            result = pressrun.build(_desk(), when, pressrun.Scope(*scope, **how), line.show, _wait)
    finally:
        line.clear()
    report = pressrun.report(result)
    _say(report, result)
    if not result.faults and not pressrun.Scope(*scope).article:
        zone = result.content.publication.site.time_zone.key
        since, until = snapshot.between(pressrun.moments(result.content), result.content.publication.now)
        snapshot.keep(ROOT, snapshot.Snapshot(looks, asked, zone, report, since, until, result.seal))
    if result.faults:
        raise Exit(_fault_count(result.faults), code=1)


def _wait() -> None:
    print("Another build is running; waiting.", file=sys.stderr, flush=True)


def _say(report: Report, result: Result | None = None) -> None:
    """What a build made, or that it had nothing to make."""
    from pressrun import snapshot

    changed = f"{len(result.written)} new or changed" if result and result.written else "nothing changed"
    removed = f", {len(result.removed)} removed" if result and result.removed else ""
    *said, index = snapshot.lines(ROOT, report, f"{changed}{removed}")
    print(*said, sep="\n")
    for fault in result.faults if result else ():
        print(fault, file=sys.stderr)
    print(index)


def _prove(name: str, now: str, *, full: bool = False, **wish: Any) -> None:
    with _plainly("proof"):
        from pressrun.proof import run

        verdict = run.PROOFS[name](run.Wish(_desk(), _instant(now), full=full, **wish))
    if problem := _told(verdict, full=full):
        raise Exit(problem, code=1)


def _told(verdict: Any, **how: bool) -> str:
    """Tells what a proof found; its sum, if that fails the task."""
    for line in (*verdict.findings, *verdict.lacking):
        print(line, file=sys.stderr)
    for note in verdict.notes:
        print(note)
    if verdict.fails(**how):
        return str(verdict)
    print(verdict)
    return ""


def _wrong_letters(issue: str, now: str) -> str:
    """Tells what is wrong with an issue's message; its sum, if anything is."""
    with _plainly("proof"):
        from pressrun.proof import run

        verdict = run.newsletters(run.Wish(_desk(), _instant(now), issue), page=False)
    for error in verdict.errors:
        print(error, file=sys.stderr)
    return str(verdict) if verdict.errors else ""


def _no_flag(name: str) -> None:
    """Invoke takes a flag behind a task's name for the first word that the task wants."""
    if name.startswith("-"):
        raise Exit("Write the issue's name behind the task. For help: ./inv --help newsletter.send", code=2)


@contextmanager
def _plainly(extras: str = "", code: int = 1) -> Iterator[None]:
    """Faults and what else keeps a task from its work, as sentences without a traceback."""
    from pressrun.faults import Refused

    try:
        yield
    except Refused as refused:
        raise _refusal(refused.faults) from None
    except ModuleNotFoundError as error:
        raise Exit(f"{error.name} is not installed. Run: pip install -e '.[{extras}]'", code=1) from None
    except ValueError as error:
        raise Exit(str(error), code=getattr(error, "code", code)) from None


def _issue_id(name: str) -> str:
    """What an issue is called in the ledger: an article's id outlives its slug."""
    from pressrun import build as pressrun

    publication = pressrun.read(_desk(), datetime.now(UTC)).publication
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
_BUILDS.add_task(clean)
_PROOFS = Collection("proof")
_PROOFS.add_task(prove_all, name="all", default=True)
_PROOFS.add_task(prove_parity, name="parity")
_PROOFS.add_task(prove, name=handout.name)
_PROOFS.add_task(prove_pages, name=_WEB)
_PROOFS.add_task(prove_newsletters, name=_NEWSLETTER)
_PROOFS.add_task(prove_feeds, name=_FEED)
_PROOFS.add_task(prove_language, name="language")
_PROOFS.add_task(prove_links, name="links")
_PROOFS.add_task(prove_review, name="review")
_LETTERS = Collection(newsletter.name, send, try_out, reconcile)
_LETTERS.add_task(newsletter, default=True, name="account")
_PUBLICATION = Collection("publish", handout, anchors, announce)
namespace = Collection(_BUILDS, _PROOFS, _LETTERS, _PUBLICATION, new, preview, check, fmt, list_, test, lint, bench)
namespace.default = "build"
