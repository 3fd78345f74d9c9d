"""A process that publishes a desk once, for tests that end it midway or start it twice at once.

    python tests/publisher.py DESK PEOPLE NOW

It prints what it says, and a line `publishing` when it begins. It ends with 1 when something went wrong, with 75 when
another one was at work.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from pressrun.build import Desk
from pressrun.mailing import posting
from pressrun.outputs import Occupied
from pressrun.publishing import run
from pressrun.publishing.targets import Undelivered


def order(root: Path, people: Path, now: datetime, **more: str | bool) -> run.Order:
    environment = {posting.FOLDER: str(people)}
    return run.Order(desk=Desk(root), now=now, environment=environment, clock=lambda: now, **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    print("publishing", flush=True)
    try:
        account = run.publish(
            order(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3])),
            lambda line: print(line, flush=True),
        )
    except (Occupied, Undelivered) as busy:
        print(busy, flush=True)
        sys.exit(75)
    sys.exit(1 if account.problems else 0)
