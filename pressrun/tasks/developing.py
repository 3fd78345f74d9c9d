"""What engineers do."""

from __future__ import annotations

import shlex

from invoke.context import Context
from invoke.exceptions import Exit
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


@task(help={"check": "say which files are not what the model gives, and write none"})
def schema(_: Context, check: bool = False) -> None:
    """Make what editors know of the keys (content/.schema, .vscode) and docs/reference.md, from the model."""
    from pressrun import tasks
    from pressrun.build import keys
    from pressrun.channels import NAMES
    from pressrun.schema import contract
    from pressrun.tasks import reference

    root, channels = terminal.desk().root, keys(NAMES)
    files = contract.files(channels)
    if (root / "docs").is_dir():
        files["docs/reference.md"] = reference.page(contract.schemas(channels), tasks.of(root))
    # Settings of an editor that are there already are somebody's own.
    changed = {
        path: text for path, text in files.items()
        if not (root / path).exists() or (not path.startswith(".") and (root / path).read_text("utf-8") != text)
    }  # fmt: skip
    for path, text in changed.items():
        print(path)
        if not check:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8", newline="\n")
    print(f"{terminal.counted(len(changed), 'file')} {'to make' if check else 'made'} anew.")
    if check and changed:
        raise Exit(code=1)
