"""How every task speaks: to whom faults are told, and in which words; the one clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.context import Context
from invoke.exceptions import Exit

if TYPE_CHECKING:
    from pressrun.build import Desk

#: what a task says of its flag --now
NOW = "as if it were this instant, such as 2026-12-01 or 2026-12-01T09:00Z"

#: the folder of the desk whose tasks.py was loaded, last
_STANDS = [Path.cwd()]


def stand(root: Path) -> None:
    """From here on, tasks work on the desk in this folder."""
    _STANDS.append(root)


def desk() -> Desk:
    from pressrun.build import Desk

    return Desk(_STANDS[-1])


def wait() -> None:
    print("Another build is running; waiting.", file=sys.stderr, flush=True)


@contextmanager
def plainly(extras: str = "", code: int = 1) -> Iterator[None]:
    """Faults and what else keeps a task from its work, as sentences without a traceback."""
    from pressrun.faults import Refused

    try:
        yield
    except Refused as refused:
        raise refusal(refused.faults) from None
    except ModuleNotFoundError as error:
        raise Exit(f"{error.name} is not installed. Run: pip install -e '.[{extras}]'", code=1) from None
    except ValueError as error:
        raise Exit(str(error), code=getattr(error, "code", code)) from None
    except OSError as error:
        where = error.filename2 or error.filename or "A file"
        why = f"{where} could not be read or written: {error.strerror or error}."
        raise Exit(f"{why} Mend that, and run this again.", code=74) from None
    except KeyboardInterrupt:
        raise Exit("Interrupted. Run this again, and it goes on from what is done.", code=130) from None


def refusal(faults: Any) -> Exit:
    return Exit("\n".join([*map(str, faults), fault_count(faults)]), code=1)


def fault_count(faults: Any) -> str:
    return f"{counted(len(faults), 'fault')} to mend."


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def instant(now: str) -> datetime:
    """The one clock of a run: what was asked for (in the site's zone, if it names none), or the machine's."""
    if not now:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(now)
    except ValueError:
        raise Exit(f"'{now}' is no date. Write 2026-12-01 or 2026-12-01T09:00Z.", code=2) from None


def no_flag(name: str) -> None:
    """Invoke takes a flag behind a task's name for the first word that the task wants."""
    if name.startswith("-"):
        raise Exit("Write the article's slug, or the issue's name, right behind the task. ./inv --help TASK", code=2)


def behind(name: str, *valued: str) -> Any:
    """The default of a word that may be left out behind a task: Invoke wants one for None, and takes none for else."""
    words = sys.argv[sys.argv.index(name) :] if name in sys.argv else []
    named = [word for before, word in pairwise(words) if before not in valued and not word.startswith("-")]
    return None if named else ""


def run(context: Context, command: str, environment: dict[str, str] | None = None) -> None:
    with context.cd(str(desk().root)):
        done = context.run(f'"{sys.executable}" {command}', env=environment or {}, pty=sys.stdout.isatty(), warn=True)
    if done is None or done.exited:
        raise Exit(code=done.exited if done else 1)


class ProgressLine:
    """One line on a terminal that says what is being made; silent elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, done: int, total: int, path: str) -> None:
        if self._shown and path:
            print(f"\r\x1b[K[{done + 1}/{total}] {path}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
