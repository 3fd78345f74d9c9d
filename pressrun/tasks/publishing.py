"""Giving out, and telling of it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from pressrun.channels import NAMES
from pressrun.tasks import terminal
from pressrun.tasks.terminal import behind, counted, desk, instant, no_flag, plainly, refusal

_SLUG = "the article, by its slug, behind the task"
_AS = "the editor who approves it, by the name in site.yaml"


@task(help={"now": "the instant at which they are given out, if not now"})
def handout(_: Context, now: str = "") -> None:
    """Remember the handouts in outputs/, before you give them out, so that their codes are answered for ever."""
    from pressrun import publishing
    from pressrun.proof import run as proofs

    at = instant(now)
    with plainly(), suppress(proofs.Nothing):
        publishing.made(desk(), at)
        for verdict in proofs.everything(proofs.Wish(desk(), at), (NAMES[1], "parity")):
            if errors := [error for error in verdict.errors if ".pdf" in str(error)]:
                print("Nothing was recorded, since these handouts are not as they should be:", file=sys.stderr)
                raise refusal(errors)
    with plainly():
        new = publishing.give_out(desk(), at)
    for record in new:
        print(f"{record.code}  {record.slug}  version {record.revision}, {record.date:%Y-%m-%d}  {record.title}")
    print(f"{counted(len(new), 'text')} recorded." if new else "Nothing new: every text was recorded before.")


@task(help={"now": "the instant at which they are published, if not now"})
def anchors(_: Context, now: str = "") -> None:
    """Remember the headings of what is published, so that links to them hold when a heading is renamed."""
    from pressrun import publishing

    with plainly():
        new = publishing.keep_anchors(desk(), instant(now))
    for article in new:
        print(article.slug)
    print(f"{counted(len(new), 'article')} recorded." if new else "Nothing new: all were recorded before.")


@task
def announce(_: Context) -> None:
    """Tell the hub of site.yaml which feeds have changed, once they are online; it tells their readers (WebSub)."""
    from pressrun import publishing

    with plainly():
        try:
            said = list(publishing.announce(desk()))
        except ValueError as none:  # a site without a hub is as sound as one with
            said = [str(none)]
    print("\n".join(said) or "Nothing new: the hub knows every feed.")


@task(
    positional=["slug"],
    help={
        "slug": "articles, or issues of the newsletter, by their slugs, with commas between them, behind the task",
        "as": "the editor who approves them, by the name in site.yaml",
        "all": "everything that waits for it, instead of slugs: inv publish.approve --all --as NAME",
        "show": "say what has changed since the text that was approved last, and approve nothing",
        "now": terminal.NOW,
    },
)
def approve(
    _: Context, slug: str = behind("publish.approve", "--as", "-a", "--now", "-n"), as_: str = "", all_: bool = False,
    show: bool = False, now: str = ""
) -> None:  # fmt: skip
    """Approve texts as they are now: inv publish.approve SLUG,... --as NAME."""
    from pressrun import build as pressrun
    from pressrun.publishing import approving

    with plainly():
        found = pressrun.read(desk(), instant(now))
        names = approving.names(found, slug or "", every=all_)
        if show or not as_:
            for name in names:
                _show(found, name, f"{name}: " if len(names) > 1 else "")
            if not show:
                raise ValueError("Who approves it? Write --as NAME, with the name of an editor in site.yaml.")
            return
        approvals = approving.approve(desk(), found, names, as_)
    for name, one in zip(names, approvals, strict=True):
        beside = f" (git: {one.git})" if one.git else ""
        print(f"{one.by}{beside} approves the text {one.hash[:8]} of '{name}'. Commit content/ to keep it.")


def _show(found: Any, name: str, head: str) -> None:
    from pressrun.publishing import approving

    piece = approving.text(found, name)
    lines = list(approving.changes(desk(), found, piece))
    if not approving.latest(desk(), found.publication.site, piece):
        lines = ["Nobody has approved any text of it yet."]
    print(head + ("\n".join(lines) or "It is as it was approved last."))


@task(positional=["slug"], help={"slug": f"{_SLUG}; or an issue of the newsletter", "now": terminal.NOW})
def ledger(_: Context, slug: str, now: str = "") -> None:
    """Tell all that happened to an article: inv publish.ledger SLUG."""
    from pressrun.publishing import history

    no_flag(slug)
    with plainly():
        lines = history.told(desk(), instant(now), slug, _book())
    print("\n".join(lines) or f"Nothing is known of '{slug}' yet.")


_AMENDING = {
    "slug": _SLUG,
    "as": f"{_AS} at once, where approval is required",
    "erratum": "write an erratum to those who were sent the text of before; --no-erratum writes none",
    "no-erratum": "write none, without asking",
    "now": terminal.NOW,
}


_CORRECTING = {
    "note": "what was wrong and what is right, for readers, in CommonMark",
    "note-alone": "readers have the right words already, and lack the note alone",
}


@task(positional=["slug"], help=_AMENDING | _CORRECTING)
def correct(
    _: Context, slug: str, note: str = "", as_: str = "", note_alone: bool = False, erratum: bool = False,
    no_erratum: bool = False, now: str = ""
) -> None:  # fmt: skip
    """Put something right in public, in every channel: inv publish.correct SLUG --note "..."."""
    from pressrun.publishing import amending

    _amend(amending.correction, slug, note, _wish(as_, note_alone=note_alone), (erratum, no_erratum), now)


@task(positional=["slug"], help={**_AMENDING, "reason": "why, for readers, in CommonMark"})
def withdraw(
    _: Context, slug: str, reason: str = "", as_: str = "", erratum: bool = False, no_erratum: bool = False,
    now: str = ""
) -> None:  # fmt: skip
    """Take an article's text back in public: inv publish.withdraw SLUG --reason "..."."""
    from pressrun.publishing import amending

    _amend(amending.withdrawal, slug, reason, _wish(as_), (erratum, no_erratum), now)


def _wish(editor: str, **how: bool) -> Any:
    from pressrun.publishing import amending
    from pressrun.publishing import ledger as books

    with plainly():
        return amending.Wish(_book(), books.whoever(os.environ), editor, os.environ, **how)


def _amend(make: Any, slug: str, note: str, wish: Any, decided: tuple[bool, bool], now: str) -> None:
    from pressrun.publishing import amending

    no_flag(slug)
    with plainly("mailing"):
        at = instant(now)
        what = make(desk(), at, slug, note, wish)
        print(*what.lines(), sep="\n")
        erratum = bool(what.audiences) and (decided[0] or not (decided[1] or not _asked()))
        print(*amending.carry_out(desk(), at, what, wish, erratum=erratum), sep="\n")


def _asked() -> bool:
    """Whether somebody at the keyboard wants an erratum. Raises ValueError where nobody is."""
    if not sys.stdin.isatty():
        raise ValueError("Shall they get an erratum? Write --erratum or --no-erratum. Nothing was changed.")
    return input("Shall they get an erratum? Type yes or no.\n> ").strip().lower() in ("y", "yes")


def _book() -> Any:
    from pressrun import build as pressrun
    from pressrun.publishing import ledger as books

    return books.opened(desk().content, pressrun.read_site(desk()), os.environ)


@task(help={"target": "a target of site.yaml, if not the first"})
def rollback(_: Context, target: str = "") -> None:
    """Make the release live again that was live before; what was announced or mailed stays so."""
    from pressrun import build
    from pressrun.publishing import ledger, targets

    with plainly("sftp,s3"):
        site = build.read_site(desk())
        name = targets.chosen(site, target)
        book = _book()
        book.entries()  # no ledger, no change
        with targets.open_target(desk(), site, name) as opened:
            release = opened.rollback()
        key, by = ledger.Key("", audience=name, hash=release), ledger.whoever(os.environ)
        told, at = {"release": release}, datetime.now(UTC)
        book.append(ledger.Entry(key=key, event=ledger.ROLLED_BACK, at=at, by=by, detail=told))
        publication = build.read(desk(), at).publication
        gone = [article.slug for article in publication.articles if publication.gone(article)]
    print(f"'{name}' shows release {release} again. The next `inv publish` publishes what is in outputs/ anew.")
    if gone:
        print(
            f"It may show again what is withdrawn or expired by now: {', '.join(gone)}. Look there, and publish soon."
        )


@task(
    positional=["slugs"],
    help={"slugs": "articles or issues, with commas between them, if not all", "now": terminal.NOW},
)
def bundle(_: Context, slugs: str = behind("publish.bundle", "--now", "-n"), now: str = "") -> None:
    """Pack what outputs/ has to print, mail and paste into one archive for staff, and say which copies are outdated."""
    from pressrun.publishing import bundle as bundling

    with plainly():
        made = bundling.pack(desk(), instant(now), slugs.split(",") if slugs else ())
    print(f"outputs/{made.path}: {counted(made.handouts, 'PDF')}, {counted(made.newsletters, 'letter')}; "
          f"{counted(made.superseded, 'text')} on paper to throw away.")  # fmt: skip
