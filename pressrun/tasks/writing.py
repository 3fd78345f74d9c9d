"""What authors and editors do at the desk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.channels import NAMES
from pressrun.tasks import terminal
from pressrun.tasks.terminal import behind, counted, desk, instant, plainly, refusal

#: letters of a slug for which the list keeps a place; a longer one moves its line
_LONGEST_SLUG = 32


@task(
    positional=["folder"],
    help={"folder": "an empty folder, or one to be made", "renew": "of a desk, renew the program and what it needs"},
)
def init(_: Context, folder: str, renew: bool = False) -> None:
    """Set up a desk for another organisation: inv init FOLDER."""
    from pressrun import desks

    target = Path(folder).resolve()
    with plainly():
        count = desks.start(target, desk().root, renew=renew)
    print(f"{target}: {counted(count, 'file')}. Now in that folder: ./inv build, then ./inv test. README.md says more.")


@task(positional=["title"], help={"title": "the article's title", "now": terminal.NOW})
def new(_: Context, title: str, now: str = "") -> None:
    """Start an article: inv new "Its title"."""
    if title.startswith("-"):  # Invoke takes a flag behind the task's name for the title
        raise Exit('Write the title behind the task: ./inv new "Its title". For help: ./inv --help new', code=2)
    from pressrun import build as pressrun
    from pressrun import drafting

    with plainly():
        # A date means midnight in the site's zone, which may not have come yet when it has come here.
        day = instant(now).astimezone(pressrun.read_site(desk()).time_zone).date()
        path = drafting.start(desk().content, title, day)
    print(f"{path.relative_to(desk().root)} is ready to be written. Then: ./inv build")


@task(
    positional=["slug"],
    help={
        "slug": "the article or newsletter, also without this flag as the first word; if you name none, the newest",
        "port": "the port on this machine; the first free one from 8765 on if you name none",
        "browser": "--no-browser opens none",
    },
)
def preview(_: Context, slug: str = behind("preview", "-p", "--port"), port: int = 0, browser: bool = True) -> None:
    """Show an article in all four channels while you write: inv preview [SLUG]. Ctrl+C ends it."""
    with plainly("preview"), suppress(KeyboardInterrupt):
        from pressrun.preview import server

        order = server.Order(slug, port, browser)
        server.serve(desk(), partial(datetime.now, UTC), order, _announce)


def _announce(address: str) -> None:
    print(
        address,
        "There you see what you write as readers will get it, and again whenever you save. Ctrl+C here ends it.",
        "Nothing in outputs/ is touched.",
        sep="\n", flush=True,
    )  # fmt: skip


@task(help={"now": terminal.NOW})
def check(_: Context, now: str = "") -> None:
    """Say what is wrong in content/, and make nothing."""
    from pressrun import build as pressrun

    with plainly():
        found = pressrun.read(desk(), instant(now))
    for warning in found.warnings:
        print(f"WARNING {warning}")
    if found.faults:
        raise refusal(found.faults)
    publication = found.publication
    issues = len(publication.issues) + len(publication.held_issues)
    letters = f" and {counted(issues, 'issue')} of the newsletter" if issues else ""
    print(f"No faults in {counted(len(publication.articles) + len(publication.held), 'article')}{letters}.")


@task(
    positional=["slug"],
    help={
        "slug": "the files of these names, with commas between; every article, issue and site if you name none",
        "check": "say which files are not laid out so, and change none",
        "translated": "note in this translation, by its slug, that it says what its original says now; no more",
    },
)
def fmt(_: Context, slug: str = behind("fmt", "-t", "--translated"), check: bool = False, translated: str = "") -> None:
    """Lay out the YAML of content/ with all its words and comments: inv fmt [SLUG,...]."""
    if translated:
        _freshen(translated)
        return
    from pressrun import build as pressrun
    from pressrun import layout

    with plainly():
        site, keys = pressrun.read_site(desk()), pressrun.keys(NAMES)
        slugs = [name.strip() for name in (slug or "").split(",") if name.strip()]
        report = layout.every(desk().content, site, keys, slugs, write=not check)
    print(*report.left, *report.changed, sep="\n", end="\n" if report.left or report.changed else "")
    if report.faults:
        raise refusal(report.faults)
    print(f"{counted(len(report.changed), 'file')} {'to lay out' if check else 'laid out'} anew.")
    if report.left or (check and report.changed):
        raise Exit(code=1)


def _freshen(translated: str) -> None:
    from pressrun import build as pressrun
    from pressrun import translations

    with plainly():
        found = pressrun.read(desk(), datetime.now(UTC))
        path, noted = translations.freshen(desk().content, found.publication, found.faulty, translated)
    print(f"{path}: translated_from: {noted}")


@task(name="list", help={"now": terminal.NOW})
def list_(_: Context, now: str = "") -> None:
    """List the articles and issues: state, dates, channels, translations, when each is due for review."""
    from pressrun import build as pressrun

    with plainly():
        found = pressrun.read(desk(), instant(now))
        rows = [("slug", "state", "published", "updated", "channels", "languages", "review due"), *_rows(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    widths[0] = min(widths[0], _LONGEST_SLUG)
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for slug in found.publication.waiting:
        print(f"{slug} has a newer text in review: ./inv publish.approve {slug} --show")
    if found.faults:
        raise refusal(found.faults)


def _rows(found: Any) -> Iterator[tuple[str, ...]]:
    from pressrun.model import states
    from pressrun.publishing import ledger

    publication = found.publication
    out = None
    if "targets" in publication.site.settings:
        out = ledger.online(ledger.opened(desk().content, publication.site, os.environ).entries())
    articles = (*publication.held, *publication.articles)
    for article in articles:
        state = states.said(publication.state(article, out=out))
        lacking = [name for name in NAMES if not article.on(name)]
        carried = "all" if not lacking else ",".join(name for name in NAMES if name not in lacking)
        work = article.translation_of or article.slug
        same = (other.language for other in articles if work in (other.slug, other.translation_of))
        review = article.review and article.review.next
        dates = (f"{when:%Y-%m-%d}" if when else "-" for when in (article.date, article.updated, review))
        published, updated, due = dates
        yield article.slug, state, published, updated, carried, ",".join(sorted(same)), due
    for issue in (*publication.held_issues, *publication.issues):
        state = publication.issue_state(issue)
        yield issue.name, state, f"{issue.date:%Y-%m-%d}", "-", NAMES[2], issue.language, "-"
