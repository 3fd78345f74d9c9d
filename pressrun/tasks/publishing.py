"""Giving out, and telling of it."""

from __future__ import annotations

from invoke.context import Context
from invoke.tasks import task

from pressrun.tasks.terminal import NOW, counted, desk, instant, plainly


@task(help={"now": "the instant at which they are given out, if not now"})
def handout(_: Context, now: str = "") -> None:
    """Remember the handouts in outputs/, before you give them out, so that their codes are answered for ever."""
    from pressrun import publishing

    with plainly():
        new = publishing.give_out(desk(), instant(now))
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


@task(help={"target": "a target of site.yaml, if not the first"})
def rollback(_: Context, target: str = "") -> None:
    """Make the release live again that was live before; what was announced or mailed stays so."""
    from pressrun import build
    from pressrun.publishing import targets

    with plainly("sftp,s3"):
        site = build.read_site(desk())
        name = targets.chosen(site, target)
        with targets.open_target(desk(), site, name) as opened:
            release = opened.rollback()
    print(f"'{name}' shows release {release} again. The next `inv publish` publishes what is in outputs/ anew.")


@task(positional=["slugs"], help={"slugs": "articles or issues, with commas between them, if not all", "now": NOW})
def bundle(_: Context, slugs: str = "", now: str = "") -> None:
    """Pack what outputs/ has to print, mail and paste into one archive for staff, and say which copies are outdated."""
    from pressrun.publishing import bundle as bundling

    with plainly():
        made = bundling.pack(desk(), instant(now), slugs.split(",") if slugs else ())
    print(f"outputs/{made.path}: {counted(made.handouts, 'PDF')}, {counted(made.newsletters, 'letter')}; "
          f"{counted(made.superseded, 'text')} on paper to throw away.")  # fmt: skip
