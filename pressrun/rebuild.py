"""A build as its task asks for it; after few changes it is done before Invoke is loaded, which takes longer.

`python -m pressrun.rebuild ROOT SECONDS [WORDS]` is asked by the launcher at every `./inv build`. `SECONDS`, from 1970,
are the instant.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun import snapshot

if TYPE_CHECKING:  # what only a build needs takes longer to load than to find that there is nothing to build
    from pressrun.build import Result, Scope
    from pressrun.snapshot import Looks, Report


def built(root: Path, now: datetime, scope: Scope, looks: Looks, **how: Any) -> tuple[Report, Result]:
    """Builds as `build.build`, and notes how everything looked before if there are no faults."""
    from pressrun import build

    result = build.build(build.Desk(root), now, scope, **how)
    return noted(root, scope, looks, result), result


def noted(root: Path, scope: Scope, looks: Looks, result: Result) -> Report:
    """What is said of a build, noted for the next one."""
    from pressrun import build, inputs

    report, publication = build.report(result), result.content.publication
    if not result.faults and not scope.article:
        since, until = snapshot.between(build.moments(result.content), publication.now)
        asked = snapshot.scope(scope.only, scope.article, scope.site)
        found = snapshot.Snapshot(
            looks, asked, publication.site.time_zone.key, report, since, until, result.seal, program=inputs.program()
        )
        snapshot.keep(root, found)
    return report


def lines(root: Path, report: Report, result: Result | None = None) -> Iterable[str]:
    """What is told of a build but for its faults; without a result it had nothing to make."""
    changed = f"{len(result.written)} new or changed" if result and result.written else "nothing changed"
    removed = f", {len(result.removed)} removed" if result and result.removed else ""
    return snapshot.lines(root, report, f"{changed}{removed}")


def main(folder: str, seconds: str, *words: str) -> int:
    """Does `./inv build`, or with `--only NAMES`, if nothing but articles' words changed; else gives 1."""
    match words:
        case () | ("build",):
            names = []
        case ("build", "--only", only):
            names = [name.strip() for name in only.split(",") if name.strip()]
        case _:
            return 1
    root, now = Path(folder), datetime.fromtimestamp(int(seconds), UTC)
    looks = snapshot.look(root)
    edit = snapshot.edit(root, snapshot.scope(names), now, looks)
    result = _edited(root, now, names, edit) if edit and edit.paths else None
    if not edit or (edit.paths and not result):
        return 1
    report = noted(root, _scope(names, edit), looks, result) if result else edit.report
    print(*lines(root, report, result), sep="\n")
    return 0


def _edited(root: Path, now: datetime, names: Iterable[str], edit: snapshot.Edit) -> Result | None:
    from pressrun import build

    try:
        return build.edited(build.Desk(root), now, _scope(names, edit))
    except ValueError:  # said by the build that follows
        return None


def _scope(names: Iterable[str], edit: snapshot.Edit) -> Scope:
    from pressrun import build, workers

    return build.Scope(tuple(names), edit=edit, hire=partial(workers.processes, 0))


if __name__ == "__main__":
    gc.disable()  # a few dozen megabytes, for less than a second
    sys.exit(main(*sys.argv[1:]))
