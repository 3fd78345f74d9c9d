"""Every way to run Pressrun: `inv --list` names the tasks, `inv build --help` tells of one."""

from __future__ import annotations

import sys
from copy import copy
from pathlib import Path
from typing import Any

from invoke.collection import Collection

from pressrun.channels import NAMES
from pressrun.tasks import building, developing, importing, mailing, proving, publishing, terminal, writing


def of(root: Path) -> Collection:
    """The tasks of the desk in a folder; its tasks.py calls them `namespace`."""
    terminal.stand(root)
    inner = (_builds(), _proofs(), _letters(), _publication(), _tests())
    every = Collection(*inner, writing.new, writing.preview, writing.check, writing.fmt, writing.list_)
    every.add_task(importing.importing())
    # `inv bench` and `inv lint` are for engineers: they run, and the list shows them below `test`.
    if not {"-l", "--list"} & set(sys.argv):
        every.add_task(_twin(developing.bench))
        every.add_task(_twin(developing.lint))
    every.default = "build"
    return every


def _twin(task: Any) -> Any:
    """A task for a second place: Invoke takes the help of its flags away as it reads them."""
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
    return Collection("publish", publishing.handout, publishing.anchors, publishing.announce)


def _tests() -> Collection:
    found = Collection("test", developing.lint, developing.bench)
    found.add_task(developing.test, default=True, name="all")
    return found
