"""What engineers do."""

from __future__ import annotations

import shlex

from invoke.context import Context
from invoke.tasks import task

from pressrun.tasks import terminal


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
    terminal.run(context, f"-m pytest {shlex.join(options)}", environment={"PRESSRUN_ALL": "1"} if all else {})


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
    terminal.run(context, f"benchmarks/build.py {shlex.join(options)}")


@task(help={"fix": "mend what can be mended by itself"})
def lint(context: Context, fix: bool = False) -> None:
    """Check types, style and layout of the code."""
    terminal.run(context, f"-m ruff check {'--fix' if fix else ''}")
    terminal.run(context, f"-m ruff format {'' if fix else '--check'}")
    terminal.run(context, "-m mypy")


# ---- what the tasks share
