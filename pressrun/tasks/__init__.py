"""Every way to run Pressrun: `inv --list` names the tasks, `inv build --help` tells of one."""

from __future__ import annotations

import sys
from copy import copy
from pathlib import Path
from typing import Any

from invoke.collection import Collection

from pressrun.channels import NAMES
from pressrun.tasks import building, developing, importing, mailing, proving, publishing, running, terminal, writing


def of(root: Path) -> Collection:
    """The tasks of the desk in a folder; its tasks.py calls them `namespace`."""
    terminal.stand(root)
    ours = root == Path(__file__).resolve().parents[2]  # the desk that has the code, and tests of it
    inner = (_builds(), _proofs(), _letters(), _publication(), _tests(ours=ours))
    every = Collection(*inner, writing.new, writing.preview, writing.check, writing.fmt, writing.list_, writing.init)
    every.add_task(importing.importing())
    # `inv bench` and its like are for engineers: they run, and the list shows them below `test`.
    if ours and not {"-l", "--list"} & set(sys.argv):
        for task in (developing.bench, developing.lint, developing.schema):
            every.add_task(task)
    for collection in (every, *inner):
        for name, task in list(collection.tasks.items()):
            collection.tasks[name] = _twin(task)
    every.default = "build"
    return every


def _twin(task: Any) -> Any:
    """A task for one listing: Invoke takes the help of its flags away as it reads them."""
    twin = copy(task)
    twin.help = dict(task.help)
    return twin


def _builds() -> Collection:
    found = Collection("build", building.build, building.clean)
    for name in NAMES:
        found.add_task(building.channel_task(name))
    return found


def _proofs() -> Collection:
    found = Collection("proof")
    found.add_task(proving.prove_all, name="all", default=True)
    found.add_task(proving.prove_parity, name="parity")
    web, handout, newsletter, feed = NAMES[:4]
    found.add_task(proving.prove, name=handout)
    found.add_task(proving.prove_pages, name=web)
    found.add_task(proving.prove_newsletters, name=newsletter)
    found.add_task(proving.prove_feeds, name=feed)
    found.add_task(proving.prove_language, name="language")
    found.add_task(proving.prove_links, name="links")
    found.add_task(proving.prove_review, name="review")
    return found


def _letters() -> Collection:
    found = Collection(NAMES[2], mailing.send, mailing.try_out, mailing.reconcile)
    found.add_task(mailing.newsletter, default=True, name="account")
    return found


def _publication() -> Collection:
    given = (publishing.handout, publishing.anchors, publishing.announce, publishing.bundle)
    amended = (publishing.approve, publishing.correct, publishing.withdraw, publishing.ledger)
    found = Collection("publish", *given, *amended, publishing.rollback, running.status)
    found.add_task(running.publish, default=True, name="due")
    return found


def _tests(*, ours: bool) -> Collection:
    found = Collection("test", *((developing.lint, developing.bench, developing.schema) if ours else ()))
    found.add_task(developing.test if ours else proving.test, default=True, name="all")
    return found
