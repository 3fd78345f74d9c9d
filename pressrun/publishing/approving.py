"""Approving a text by name, and what has changed in it since somebody did."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from pressrun import approvals, schema, source
from pressrun.approvals import Approval
from pressrun.build import Desk
from pressrun.content import Content
from pressrun.model import Article, Issue, Site, states


def text(found: Content, name: str) -> Article | Issue:
    """An article or an issue of the newsletter as its file has it now, by slug or name. Raises ValueError."""
    publication = found.publication
    issues = {issue.name: issue for issue in (*publication.issues, *publication.held_issues)}
    articles = {article.slug: article for article in (*publication.articles, *publication.held)}
    known: dict[str, Article | Issue] = {**issues, **articles, **publication.waiting}
    faulty = {fault.place.path for fault in found.faults}  # what is at fault in approvals.yaml may be approved anew
    if known[name].place.path in faulty if name in known else name in found.faulty:
        raise ValueError(f"'{name}' has faults. Mend them first: ./inv check")
    if name not in known:
        raise ValueError(f"There is no article '{name}'. {schema.nearest(name, tuple(known) or ('none',))}")
    return known[name]


def unapproved(found: Content) -> list[Article | Issue]:
    """What nobody has approved, though it is no draft: new texts, and newer ones of what is published."""
    publication = found.publication
    held = [article for article in publication.held if publication.state(article) == states.IN_REVIEW]
    issues = [issue for issue in publication.held_issues if publication.issue_state(issue) == states.IN_REVIEW]
    return [*publication.waiting.values(), *held, *issues]


def names(found: Content, typed: str, *, every: bool = False) -> list[str]:
    """Of articles and issues: some that were typed with commas between them, or everything in review.

    Raises ValueError when nothing was named, or nothing waits.
    """
    waiting = [piece.slug if isinstance(piece, Article) else piece.name for piece in unapproved(found)]
    chosen = waiting if every else [name.strip() for name in typed.split(",") if name.strip()]
    if every and not waiting:
        raise ValueError("Nothing waits to be approved.")
    if not chosen:
        waits = f" These wait: {', '.join(waiting)}." if waiting else ""
        raise ValueError(f"Approve what? Write slugs behind the task, or --all.{waits}")
    return chosen


def approve(desk: Desk, found: Content, chosen: Iterable[str], editor: str) -> list[Approval]:
    """Writes down that an editor approves texts of now; one that the same editor approved last is not told again.

    Raises ValueError, in words for who asked, when one of them may not be; then none is approved.
    """
    site, author = found.publication.site, git_author(desk)
    pieces = [text(found, name) for name in chosen]
    for piece in pieces:
        permit(site, piece, editor, author)
    given = []
    for piece in pieces:
        pictures = found.texts.pictures(piece) if isinstance(piece, Article) else []
        approval = Approval(
            id=piece.id, hash=found.texts.hash(piece), by=editor, on=found.publication.now, git=author,
            pictures=approvals.hashes(pictures),
        )  # fmt: skip
        last = latest(desk, site, piece)
        if not last or (last.hash, last.by) != (approval.hash, editor):
            approvals.append(desk.content, approval, _typed(desk, piece), pictures)
        given.append(approval)
    return given


def permit(site: Site, piece: Article | Issue, editor: str, author: str) -> None:
    """Raises ValueError unless this editor may approve this text; `author` as git has it, or empty."""
    editors = dict(site.settings.get("editors", ()))
    if not editors:
        raise ValueError("site.yaml names nobody who may approve. Write: editors: [NAME, NAME]")
    if editor not in editors:
        raise ValueError(f"'{editor}' is not among the editors of site.yaml. {schema.nearest(editor, tuple(editors))}")
    if author and editors[editor] and f"<{editors[editor]}>".casefold() not in author.casefold():
        raise ValueError(
            f"{editor} has the address {editors[editor]} in site.yaml, and git takes you for {author}. If that is you,"
            f" tell git: git config user.email {editors[editor]}"
        )
    authors = [one.name.casefold() for one in piece.authors] if isinstance(piece, Article) else []
    for who in (editor, author.partition(" <")[0]):
        if site.settings.get("four_eyes") and who.casefold() in authors:
            raise ValueError(f"{who} is among its authors. Somebody else must approve it: site.yaml says four_eyes.")


def git_author(desk: Desk) -> str:
    """Whom git takes for the author of a change, `Name <address>`; empty where it does not know."""
    try:
        done = subprocess.run(
            ["git", "var", "GIT_AUTHOR_IDENT"],  # noqa: S607
            cwd=desk.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:
        return ""
    return done.stdout.rpartition(">")[0] + ">" if done.returncode == 0 else ""


def latest(desk: Desk, site: Site, piece: Article | Issue) -> Approval | None:
    """The last approval of an article or an issue, of whatever text. Raises ValueError for a file with faults."""
    found, faults = approvals.read(desk.content, site.time_zone)
    if faults:
        raise ValueError("\n".join(map(str, faults)))
    return next((approval for approval in reversed(found) if approval.id == piece.id), None)


def changes(desk: Desk, found: Content, piece: Article | Issue) -> Iterator[str]:
    """What has changed since the text that was approved last, in lines for a terminal; none without one."""
    if not (last := latest(desk, found.publication.site, piece)):
        return
    yield from differences(approvals.text(desk.content, last), _typed(desk, piece))
    if isinstance(piece, Article):
        present = approvals.hashes(found.texts.pictures(piece))
        yield from (f"The picture {src} is another." for src in present if last.pictures.get(src, "") != present[src])


def differences(old: str, new: str) -> Iterator[str]:
    """The lines of two files that differ, by their numbers in the new one: [-taken out-] and {+put in+}."""
    before, after = old.splitlines(), new.splitlines()
    for what, start, end, there, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            lines = _marked("\n".join(before[start:end]), "\n".join(after[there:until])).splitlines()
            yield f"{there + 1:>4}  " + "\n      ".join(lines)


def _marked(old: str, new: str) -> str:
    words, others = (re.findall(r"\s+|\S+", text) for text in (old, new))
    parts = []
    for what, start, end, there, until in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        gone, come = "".join(words[start:end]), "".join(others[there:until])
        parts += [gone] if what == "equal" else [f"[-{gone}-]" * bool(gone), f"{{+{come}+}}" * bool(come)]
    return "".join(parts)


def _typed(desk: Desk, piece: Article | Issue) -> str:
    return source.typed((desk.root / piece.place.path).read_bytes())
