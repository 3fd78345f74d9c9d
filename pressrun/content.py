"""The authors' folder to a publication."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from pressrun import anchors, approvals, coherence, folder, fonts, issues, pictures, records, translations
from pressrun.faults import Fault, Place, Refused
from pressrun.folder import RESERVED, Channels, Folder, shown
from pressrun.memory import Memory, say_the_same
from pressrun.model import Article, Issue, LocalSite, Publication, Site, states

__all__ = ["RESERVED", "Channels", "Content", "read", "read_local_sites", "read_site"]

#: files that are meant as articles, though Windows may have added an ending and others shorten it
_ARTICLE = re.compile(r"(?<!^)\.ya?ml(?:\.txt)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Content:
    """What was read."""

    publication: Publication
    #: of all files, in their order
    faults: tuple[Fault, ...]
    #: slugs of articles that have a fault, and "" when it lies in what belongs to all: what was made earlier stays
    faulty: frozenset[str]
    #: what must be remembered of what is published, by path below content/: texts when they were last sound, pictures
    kept: Mapping[str, bytes]
    #: hashes of all that readers get of an article or an issue
    texts: approvals.Texts
    #: outreach sites, of which each may have its own copies of the handouts
    local_sites: tuple[LocalSite, ...] = ()
    #: what is published all the same
    warnings: tuple[Fault, ...] = ()


def read_site(root: Path, channels: Channels) -> Site:
    """Who publishes, from content/site.yaml. Raises Refused."""
    return folder.read(root, channels).site


def read_local_sites(root: Path, channels: Channels) -> tuple[LocalSite, ...]:
    """Those whose files are sound. Raises Refused when site.yaml is at fault."""
    return _local_sites(folder.read(root, channels))[0]


def read(
    root: Path, channels: Channels, now: datetime, earlier: Callable[[str], bytes | None] = lambda _path: None,
    memory: Memory | None = None,
) -> Content:  # fmt: skip
    """Everything below content/.

    A faulty article is replaced by `earlier(path)`, its text when it was last sound, so that nothing that is already
    published changes on its account. What `memory` knows is not read again. Raises Refused when site.yaml is at
    fault, for without it nothing can be made.
    """
    memory = memory or Memory()
    desk = folder.read(root, channels)
    now = now if now.tzinfo else now.replace(tzinfo=desk.site.time_zone)
    files = dict(_files(root))
    articles, faults = _articles(desk, files, memory)
    faults += coherence.faults(desk, articles, files)
    broken = {fault.place.path.removeprefix("content/") for fault in faults}
    texts = {path: data if path not in broken else earlier(path) for path, data in files.items()}
    kept = {path: data for path, data in texts.items() if data is not None}
    standing = [article for path, article in articles.items() if path not in broken]
    for path in sorted(broken & kept.keys()):
        standing += _restored(desk, path, kept[path], standing, earlier)
    slugs = {articles[path].slug if path in articles else Path(path).stem for path in broken}
    given_out, lost = records.read(root)
    headings, torn = anchors.read(root)
    faults += [*lost, *torn]
    if lost or torn:
        slugs.add("")
    letters = issues.Read(root, channels, desk.site, {article.slug: article for article in standing} | articles)
    said = approvals.Texts(desk.site, desk.pictures, memory.fact)
    reviewed = approvals.Reviewed(standing)
    if required := "approval" in desk.site.settings:
        reviewed = approvals.review(desk, said, standing, letters.issues, memory.shows)
    faults += [*letters.faults, *reviewed.faults]
    publication = Publication(
        desk.site, (), (), {}, now, records=given_out, anchors=headings, fact=memory.fact, waiting=reviewed.waiting,
        approved=frozenset(reviewed.approved) if required else None,
    )  # fmt: skip
    publication = _settled(publication, desk, reviewed.articles, letters.issues, memory.shows)
    kept |= {f"images/{src}": picture.data for src, picture in publication.pictures.items()}
    local_sites, wrong = _local_sites(desk)
    return Content(
        publication, tuple(sorted([*faults, *wrong])), frozenset(slugs | letters.faulty | reviewed.lost), kept,
        said, local_sites, _warnings(publication),
    )  # fmt: skip


def _warnings(publication: Publication) -> tuple[Fault, ...]:
    return tuple(sorted([*translations.outdated(publication), *coherence.alike(publication.articles)]))


def edited(
    desk: Folder, now: datetime, earlier: Callable[[str], bytes | None], memory: Memory, paths: Iterable[str]
) -> Content | None:  # fmt: skip
    """What was read the last time, with other words in the articles at `paths`; None where more than words changed.

    The last time must have been without faults, `earlier` give the texts of then, and nothing else have changed since.
    """
    if "approval" in desk.site.settings:  # another word may be another state
        return None
    articles = {path: desk.recalled_of(path, earlier, key, memory) for path, key in memory.known().items()}
    kept = {path: (desk.root / path).read_bytes() for path in paths}
    for path, data in kept.items():
        before, after = articles.get(path), desk.reread(path, data, earlier(path), memory)
        if not (before and after and _differ_in_words(before, after)):
            return None
        articles[path] = after
    if not all(articles.values()):
        return None
    standing = [article for article in articles.values() if article]
    for picture in chain.from_iterable(map(shown, standing)):
        desk.picture(picture.src)
    letters = issues.Read(desk.root, desk.channels, desk.site, dict(zip(articles, standing, strict=True)))
    publication = Publication(
        desk.site, (), (), {}, now if now.tzinfo else now.replace(tzinfo=desk.site.time_zone), fact=memory.fact,
        records=records.read(desk.root)[0], anchors=anchors.read(desk.root)[0],
    )  # fmt: skip
    publication = _settled(publication, desk, standing, letters.issues, memory.shows)
    edited = {article.slug for path in kept if (article := articles[path])}
    translated = {article.slug for article in publication.articles if article.translation_of in edited}
    issued = {
        issue.name for issue in publication.issues for entry in issue.entries if entry.slug in edited | translated
    }
    publication = replace(publication, touched=frozenset(edited | translated | issued))
    said = approvals.Texts(desk.site, desk.pictures, memory.fact)
    return Content(publication, (), frozenset(), kept, said, _local_sites(desk)[0], _warnings(publication))


def _differ_in_words(before: Article, after: Article) -> bool:
    """Whether nobody but who reads its body could tell an article from what it was."""
    return say_the_same(before, after) and fonts.needed(before.letters) == fonts.needed(after.letters)


def _files(root: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted((root / "articles").rglob("*")):
        if _ARTICLE.search(path.name) and path.is_file():
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _articles(desk: Folder, files: Mapping[str, bytes], memory: Memory) -> tuple[dict[str, Article], list[Fault]]:
    articles, faults = {}, []
    for path, data in files.items():
        if not path.endswith(".yaml"):
            remedy = f"Rename it to {_ARTICLE.sub('', Path(path).name)}.yaml."
            faults.append(Fault(Place(f"content/{path}"), "An article's name ends in .yaml.", remedy))
            continue
        try:
            articles[path] = desk.recalled(path, data, memory)
        except Refused as refused:
            faults += refused.faults
    return articles, faults


def _local_sites(desk: Folder) -> tuple[tuple[LocalSite, ...], list[Fault]]:
    found: list[LocalSite] = []
    faults: list[Fault] = []
    for path in sorted((desk.root / "sites").glob("*.yaml")):
        try:
            found.append(desk.local_site(path))
        except Refused as refused:
            faults += refused.faults
    return tuple(found), faults


def _restored(
    desk: Folder, path: str, data: bytes, others: list[Article], earlier: Callable[[str], bytes | None]
) -> Iterable[Article]:
    """A faulty article as it was when it was last sound, with its pictures; none if its place is taken by now.

    A link of it that has lost its target shows as plain text.
    """
    try:
        article = desk.article(path, data)
        for src in {picture.src for picture in shown(article)}:
            if desk.picture(src):
                desk.pictures[src] = pictures.look(src, earlier(f"images/{src}") or b"")
    except (Refused, pictures.Unfit):
        return
    if not any({article.slug, article.id} & {other.slug, other.id} for other in others):
        yield article


def _settled(
    publication: Publication, desk: Folder, articles: Iterable[Article], letters: Sequence[Issue],
    shows: Callable[[str], bool],
) -> Publication:  # fmt: skip
    """With what is visible at its instant, or shown all the same by itself or in an issue, and what is held back."""
    held, visible = list[Article](), list[Article]()
    carried = {entry.slug for issue in letters if shows(issue.name) for entry in issue.entries}
    for article in articles:
        waits = publication.state(article) in states.HELD and not (shows(article.slug) or article.slug in carried)
        (held if waits else visible).append(article)
    used = {picture.src for article in visible for picture in shown(article)} | {desk.site.logo}
    publication = replace(
        publication,
        articles=tuple(sorted(visible, key=lambda article: (-article.date.timestamp(), article.id))),
        held=tuple(sorted(held, key=lambda article: (article.draft, article.date, article.id))),
        pictures={src: picture for src, picture in desk.pictures.items() if src in used},
    )
    letters = sorted(letters, key=lambda issue: (issue.date, issue.name))
    held_issues = tuple(
        issue for issue in letters if publication.issue_state(issue) in states.HELD and not shows(issue.name)
    )
    out = tuple(issue for issue in reversed(letters) if issue not in held_issues)
    return replace(publication, issues=out, held_issues=held_issues)
