"""Corrections and withdrawals: what is written into the article, what changes by that, and who is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pressrun import approvals, build, copies, disk, edits, folder, languages, markup, publishing, source
from pressrun.build import Desk
from pressrun.channels import NAMES, feed, handout, newsletter
from pressrun.content import Content
from pressrun.faults import Refused
from pressrun.mailing import ledger as sendings
from pressrun.mailing import posting, sending
from pressrun.model import Article
from pressrun.publishing import approving, ledger
from pressrun.publishing.ledger import Entry, Key, Ledger


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What is going to be written, and whom it concerns; nothing is changed yet."""

    #: ledger.CORRECTED or ledger.WITHDRAWN
    event: str
    #: as its file has it now
    article: Article
    #: what was put right, or why the text is taken back
    note: str = ""
    #: in the site's time zone
    at: datetime
    #: its day, or its minute if readers got something new since midnight, so that readers of feeds notice
    day: str
    #: hash of the text that readers have; empty when that is not known
    earlier: str
    #: an earlier run wrote it into the file, and may have been ended before it did the rest
    resumed: bool = False
    #: that text, if it was approved, else the file as it was
    known: str
    #: the file as it was and as it will be
    before: bytes
    after: bytes
    #: lists whose people were sent the text of now; an empty name for one that nobody knows any more
    audiences: tuple[str, ...]
    #: outputs that will be made anew, by channel
    outputs: Mapping[str, tuple[str, ...]]

    def lines(self) -> Iterator[str]:
        """What it changes, for a terminal."""
        if self.resumed:
            yield f"{self.article.place.path} says so already. What may be missing beside it is made up for."
        yield f"{self.article.place.path}:"
        yield from approving.differences(self.known, source.typed(self.after))
        for channel, paths in self.outputs.items():
            yield f"{channel}: {', '.join(paths)}"
        if handout.NAME in self.outputs:
            what = "withdrawn" if self.event == ledger.WITHDRAWN else "replaced"
            yield f"Whoever scans the code on an earlier handout is told that it was {what}."
        sent = ", ".join(name or "a list whose name is not known" for name in self.audiences)
        yield f"The text of now was sent to: {sent}." if sent else "It was sent to nobody, so nobody needs an erratum."


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for an amendment, and where it is written down."""

    book: Ledger
    #: a user or a run of a CI
    by: str
    #: the editor who approves it at once, where approval is required
    editor: str = ""
    #: tells where the folder of lists is
    environment: Mapping[str, str] = field(default_factory=dict)
    #: readers have the right words already
    note_alone: bool = False


def correction(desk: Desk, now: datetime, slug: str, note: str, wish: Wish) -> Amendment:
    """A correction: the note, a higher revision, a new date of update. Raises ValueError."""
    found = build.read(desk, now)
    what = _begun(found, desk, ledger.CORRECTED, slug, wish)
    path, day = what.article.place.path, what.day
    if what.article.corrections and _said(note).encode() in what.before:
        return _resumed(what, note)
    if not wish.note_alone and _is_known(found, desk, what.article, wish):
        raise ValueError(
            f"Readers have every word of '{slug}' as it is now: put right what is wrong in {path} first. If that was"
            " done and published before, and the note alone is missing, add --note-alone."
        )
    after = edits.put(path, what.before, "updated", day)
    after = edits.put(path, after, "revision", str(what.article.revision + 1), "updated")
    after = edits.add(path, after, "corrections", f"{{date: {day}, text: {_said(note)}}}")
    return replace(what, note=note, after=after)


def withdrawal(desk: Desk, now: datetime, slug: str, reason: str, wish: Wish) -> Amendment:
    """A withdrawal, as of now. Raises ValueError."""
    what = _begun(build.read(desk, now), desk, ledger.WITHDRAWN, slug, wish)
    if before := what.article.withdrawn:
        told = any(entry.event == ledger.WITHDRAWN for entry in wish.book.entries(what.article.id))
        if told or _said(reason).encode() not in what.before:
            raise ValueError(f"'{slug}' was withdrawn on {before.date:%Y-%m-%d}.")
        return _resumed(what, reason)
    value = f"{{date: {what.day}, reason: {_said(reason)}}}"
    return replace(what, note=reason, after=edits.put(what.article.place.path, what.before, "withdrawn", value))


def _is_known(found: Content, desk: Desk, article: Article, wish: Wish) -> bool:
    """Whether readers have the text that its file has now, as far as approvals and the ledger tell."""
    last = approving.latest(desk, found.publication.site, article)
    seen = {entry.key.hash for entry in wish.book.entries(article.id) if entry.event == ledger.VERIFIED}
    return found.texts.hash(article) in {*seen, last.hash if last else ""}


def _resumed(what: Amendment, note: str) -> Amendment:
    return replace(what, note=note, earlier="", resumed=True)


def _said(note: str) -> str:
    """Words for readers as YAML; raises ValueError for none."""
    if not note.strip():
        raise ValueError(
            'Say in a sentence what was wrong, and what is right: --note "...", or --reason of a withdrawal.'
        )
    return json.dumps(note, ensure_ascii=False)


def _begun(found: Content, desk: Desk, event: str, slug: str, wish: Wish) -> Amendment:
    """All but the words."""
    article, publication = approving.text(found, slug), found.publication
    if not isinstance(article, Article):
        problem = f"'{slug}' is an issue of the newsletter, which nobody can take back from who has it."
        raise ValueError(problem)  # noqa: TRY004  # a sentence for who asked
    if wish.editor:
        approving.permit(publication.site, article, wish.editor, approving.git_author(desk))
    now = publication.now.astimezone(publication.site.time_zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    before = (desk.root / article.place.path).read_bytes()
    last = approving.latest(desk, publication.site, article)
    return Amendment(
        event=event, article=article, before=before, after=before, outputs=_touched(desk, found, article),
        known=(approvals.text(desk.content, last) if last else "") or source.typed(before),
        earlier=found.texts.hash(publication.find(slug) or article), audiences=_audiences(desk, found, article, wish),
        at=now, day=f"{now:%Y-%m-%d}" if article.changed() < midnight else now.isoformat(timespec="minutes"),
    )  # fmt: skip


def _touched(desk: Desk, found: Content, article: Article) -> dict[str, tuple[str, ...]]:
    """Outputs that tell of an article, by channel; none of one that is not out."""
    if not found.publication.has(article.slug):
        return {}
    shelf = build.declare(desk, found, [])
    paths: dict[str, tuple[str, ...]] = {}
    for output in shelf.of(article.slug):
        paths[output.channel] = (*paths.get(output.channel, ()), output.path)
    return paths | ({feed.NAME: tuple(feed.MAIN)} if article.on(feed.NAME) else {})


def _audiences(desk: Desk, found: Content, article: Article, wish: Wish) -> tuple[str, ...]:
    """Lists whose people were sent an article, by receipts, by the ledger of sendings and by that of publishing."""
    every = (*found.publication.issues, *found.publication.held_issues)
    carrying = {issue.id: issue.list for issue in every if article.slug in [entry.slug for entry in issue.entries]}
    carrying[article.id] = ""
    receipts = desk.content / sending.RECEIPTS
    lists = {id_: name for id_, name in carrying.items() if (receipts / f"{id_}.json").is_file()}
    path = posting.folder(wish.environment) / sendings.NAME
    if lists and path.is_file():
        with suppress(sendings.Damaged):
            with closing(sendings.Ledger(path)) as book:
                frozen = {id_: book.frozen(id_) for id_ in lists}
            lists |= {id_: Path(one.list).stem for id_, one in frozen.items() if one}
    begun = [entry.key for entry in wish.book.entries() if entry.event in (ledger.BEGUN, ledger.SENT)]
    names = {*lists.values(), *(key.audience for key in begun if key.id in carrying and key.channel == newsletter.NAME)}
    return tuple(sorted(name for name in names if name or names == {""}))


def carry_out(desk: Desk, now: datetime, what: Amendment, wish: Wish, *, erratum: bool) -> list[str]:
    """Writes it all down: the code of the earlier handout, the article, the errata, the ledger, an approval.

    Gives sentences about what was done. Raises Refused when the note makes the article faulty, ValueError when the
    file was changed meanwhile; then the article is as it was.
    """
    path = desk.root / what.article.place.path
    if path.read_bytes() != what.before:
        raise ValueError(f"{what.article.place.path} was changed meanwhile. Run it again.")
    found = build.read(desk, now)
    given = [article for article in copies.current(found.publication, handout.NAME).items()
             if article[1].id == what.article.id]  # fmt: skip
    folder.read(desk.content, build.keys(NAMES)).article(what.article.place.path.removeprefix("content/"), what.after)
    if not what.resumed:
        publishing.remember(desk, what.at, given)
    disk.write(path, what.after, durable=True)
    faults = [fault for fault in build.read(desk, now).faults if fault.place.path == what.article.place.path]
    if faults:
        disk.write(path, what.before, durable=True)
        raise Refused(faults)
    said = [f"{what.article.place.path} {'stays as it is' if what.resumed else 'was written'}."]
    if wish.editor:
        approving.approve(desk, build.read(desk, now), [what.article.slug], wish.editor)
        said.append(f"{wish.editor} has approved it.")
    elif found.publication.approved is not None:
        said.append(
            f"It is not public yet: readers keep the text that was approved last until somebody approves this one:"
            f" ./inv publish.approve {what.article.slug} --as NAME"
        )
    names = {audience: _erratum(desk, what, audience) if erratum else "" for audience in what.audiences}
    said += [f"{name} is a draft. Look at it, take out 'draft: true', and send it." for name in names.values() if name]
    _note(desk, now, what, wish, names)
    return said


def _erratum(desk: Desk, what: Amendment, audience: str) -> str:
    """Writes an issue of the newsletter that says what was wrong and what is right, and no more; its path."""
    article = what.article
    tail = f"-{audience}" if len(what.audiences) > 1 else ""
    number = "" if what.event == ledger.WITHDRAWN else f"-{article.revision + (not what.resumed)}"
    name = markup.slugify(f"{what.event}{number}{tail}-{article.slug}")[:80].rstrip("-")
    path = desk.content / "newsletters" / f"{name}.yaml"
    if path.exists() and what.resumed:
        return f"content/newsletters/{path.name}"
    if path.exists():
        raise ValueError(f"{path.name} is there already. Rename it, or run this with --no-erratum.")
    words = languages.catalogue(desk.templates, article.language)
    of_what = words.gettext("withdrawn" if what.event == ledger.WITHDRAWN else "Corrections")
    lines = {
        "subject": json.dumps(f"{article.title}: {of_what}", ensure_ascii=False),
        "date": what.at.isoformat(timespec="minutes"), "draft": "true", "language": article.language,
        "list": json.dumps(audience), "intro": json.dumps(what.note, ensure_ascii=False),
        "articles": f"[{{slug: {article.slug}, as: teaser}}]",
    }  # fmt: skip
    head = "# For those who were sent the text of before. When it says all that they need, take out 'draft: true'.\n"
    text = head + "".join(f"{key}: {value}\n" for key, value in lines.items() if value != '""')
    disk.write(path, text.encode(), durable=True)
    return f"content/newsletters/{path.name}"


def _note(desk: Desk, now: datetime, what: Amendment, wish: Wish, errata: Mapping[str, str]) -> None:
    """Tells the ledger what was amended, and what was decided about an erratum."""
    found = build.read(desk, now)
    article = approving.text(found, what.article.slug)
    key, at = Key(article.id, hash=found.texts.hash(article)), found.publication.now
    told = {"note": what.note, "earlier": what.earlier, "git": approving.git_author(desk)}
    told = {name: text for name, text in told.items() if text}
    entries = [Entry(key=key, event=what.event, at=at, by=wish.by, detail=told)]
    entries += [
        Entry(
            key=key._replace(channel=newsletter.NAME, audience=audience), event=ledger.DECIDED, at=at, by=wish.by,
            detail={"erratum": name or "none"},
        )
        for audience, name in errata.items()
    ]  # fmt: skip
    wish.book.append(*entries)
