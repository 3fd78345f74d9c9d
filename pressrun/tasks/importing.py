"""Bringing in what people have."""

from __future__ import annotations

import inspect
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.tasks import terminal
from pressrun.tasks.terminal import counted, desk, instant, plainly

if TYPE_CHECKING:
    from pressrun.importing.report import Report

_HELP = {
    "path": "a file, or a folder with all that is in it; further ones may follow",
    "dry_run": "say what would be imported, and write nothing",
    "site": "the old site's address, such as https://www.example.org: links to its other pages then stay",
    "report": "write all that is to be said of single files into this file",
    "now": terminal.NOW,
}
#: so many lines of what is merely good to know are printed
_MOST_LINES = 40


def _named(name: str, *valued: str) -> list[str]:
    """The words behind a task that are no flags and no values of flags."""
    words = sys.argv[sys.argv.index(name) :] if name in sys.argv else []
    return [word for before, word in pairwise(words) if before not in valued and not word.startswith("-")]


def _paths() -> list[str]:
    """A parameter for each path on the command line: Invoke gives a task as many words as it has parameters."""
    count = len(_named("import", "--site", "-s", "--report", "-r", "--now", "-n"))
    helped = "import" not in sys.argv or sys.argv[sys.argv.index("import") - 1] in ("-h", "--help")
    return ["path", *(f"path_{number}" for number in range(2, count + 1))] if count or helped else []


def _import(_: Context, *, dry_run: bool, site: str, report: str, now: str, **paths: str) -> None:
    """Make articles of what you have: inv import FILE-OR-FOLDER... Nothing is overwritten."""
    from pressrun.importing import report as reports
    from pressrun.importing import run

    if not paths:
        raise Exit(
            "Say which file or folder: ./inv import ~/Downloads/Sleep.docx. For help: ./inv --help import", code=2
        )
    # The shell parts a name that holds blanks, and in quotes it leaves ~ alone.
    whole = " ".join(paths.values())
    given = [Path(word).expanduser() for word in ([whole] if os.access(whole, os.F_OK) else paths.values())]
    line = terminal.ProgressLine()
    with plainly("import"):
        try:
            how = run.How(site, dry_run, line.show)
            found = run.bring(desk(), given, instant(now), how)
        finally:
            line.clear()
        if report:
            Path(report).write_text("\n".join([*reports.lines(found), ""]), encoding="utf-8")
    _say(found, report, dry=dry_run)
    if found.refused:
        raise Exit(code=1)


def _say(found: Report, report: str, *, dry: bool) -> None:
    from pressrun.importing import report as reports

    said = list(reports.lines(found))
    must = [text for text in said if text.startswith(("refused", "to do", "there"))]
    may = [text for text in said if text not in must]
    print(*must, sep="\n", end="\n" * bool(must))
    if len(may) <= _MOST_LINES:
        print(*may, sep="\n", end="\n" * bool(may))
    else:
        print(*(f"left    {number} x {what}" for what, number in reports.kinds(found)[:_MOST_LINES]), sep="\n")
        print("All that is to be said of them: " + (report or "write --report FILE, and look into it."))
    refused = len({fault.place.path for fault in found.refused})
    passed = f" Passed over {counted(found.passed, 'file')} of other kinds." if found.passed else ""
    verb = "Would import" if dry else "Imported"
    print(f"{verb} {counted(len(found.imported), 'article')}, refused {counted(refused, 'file')}.{passed}")
    if len(found.imported) == 1 or (found.imported and not dry):
        print(*list(found.imported.values())[:9], *["..."][: len(found.imported) > 9], sep="\n")


def importing() -> Any:
    """The task, with a parameter for each path."""
    names, kind = _paths(), inspect.Parameter.POSITIONAL_OR_KEYWORD
    flags = {"dry_run": False, "site": "", "report": "", "now": ""}
    parameters = [inspect.Parameter(name, kind) for name in ("_", *names)]
    parameters += [inspect.Parameter(name, kind, default=value) for name, value in flags.items()]

    def body(context: Context, **given: Any) -> None:
        _import(context, **given)

    body.__doc__ = _import.__doc__
    body.__dict__["__signature__"] = inspect.Signature(parameters)
    told = {name: _HELP.get(name, "a further one") for name in (*names, *flags)}
    return task(name="import", positional=names, help=told)(body)
