"""The authors' folder to a publication, and the faults that show only across files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pressrun import markup, model, pictures, schema, source
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Article, Helpline, Picture, Publication, Site
from pressrun.schema import ChannelKeys, Context

#: first parts of addresses that the site needs for itself
RESERVED = frozenset(
    {"about", "archive", "assets", "author", "category", "feed", "feeds", "handout", "newsletter", "search", "tag"}
    | {"verify"}
)

Channels = Mapping[str, ChannelKeys]


@dataclass(frozen=True)
class Content:
    """What was read."""

    publication: Publication
    #: of all files, in their order
    faults: tuple[Fault, ...]
    #: slugs of articles that have a fault: what was made of them earlier stays
    faulty: frozenset[str]
    #: the text of each sound article's file, by its path below content/
    sound: Mapping[str, bytes]


@dataclass
class _Folder:
    """content/ while it is being read."""

    root: Path
    channels: Channels
    site: Site
    pictures: dict[str, Picture] = field(default_factory=dict)

    def article(self, path: str, data: bytes) -> Article:
        """The article of one file. Raises Refused."""
        node = source.read(f"content/{path}", data)
        context = Context(self.channels, zone=self.site.time_zone, links=self.site.links)
        try:
            found = schema.article(node, context)
        except schema.Unusable:
            found = None
        if context.faults or found is None:
            raise Refused(context.faults)
        return self._completed(Path(path).stem, node, found)

    def _completed(self, stem: str, node: source.Node, found: dict[str, Any]) -> Article:
        """The article with its defaults from the file's name and the site."""
        slug = found.pop("slug", stem)
        faults = list(_unfit_slug(slug, node))
        names = found.pop("helplines", None)
        helplines = self.site.default_helplines
        if names is not None:
            helplines = _helplines(names, self.site.helplines, node, "helplines", faults)
        if faults:
            raise Refused(faults)
        return Article(
            slug=slug,
            id=found.pop("id", None) or (found.get("aliases") or (slug,))[0],
            language=found.pop("language", self.site.language),
            helplines=helplines,
            place=node.fault("", "").place,
            **found,
        )

    def picture(self, figure: model.Figure) -> Fault | None:
        """Reads a picture once; what is wrong with it."""
        if figure.src in self.pictures:
            return None
        try:
            self.pictures[figure.src] = pictures.read(self.root / "images", figure.src)
        except pictures.Unfit as unfit:
            return Fault(figure.place, *unfit.args)
        return None


def read_site(root: Path, channels: Channels) -> Site:
    """The publisher, from content/site.yaml. Raises Refused."""
    path = root / "site.yaml"
    if not path.is_file():
        remedy = "Write one; the README shows its ten lines."
        raise Refused([Fault(Place("content/site.yaml"), "There is no such file.", remedy)])
    node = source.read("content/site.yaml", path.read_bytes())
    context = Context(channels)
    try:
        found = schema.site(node, context)
    except schema.Unusable:
        raise Refused(context.faults) from None
    helplines = found.get("helplines", ())
    names = found.pop("default_helplines", ())
    default = _helplines(names, helplines, node, "default_helplines", context.faults)
    if context.faults:
        raise Refused(context.faults)
    fields = {name for name in schema.SITE if name in Site.__dataclass_fields__}
    settings = {name: found.pop(name) for name in list(found) if name not in fields}
    return Site(**found, default_helplines=default, settings=settings, place=node.fault("", "").place)


def _helplines(
    names: Iterable[str], known: tuple[Helpline, ...], node: source.Node, key: str, faults: list[Fault]
) -> tuple[Helpline, ...]:
    by_name = {helpline.name: helpline for helpline in known}
    found = []
    for position, name in enumerate(names):
        if name in by_name:
            found.append(by_name[name])
            continue
        written = node.get(key) if isinstance(node, source.Mapping) else None
        at = written.items[position] if isinstance(written, source.Sequence) else node
        faults.append(
            at.fault(f"site.yaml has no helpline '{name}'.", schema.nearest(name, tuple(by_name) or ("none",)))
        )
    return tuple(found)


def _unfit_slug(slug: str, node: source.Node) -> Iterable[Fault]:
    written = node.get("slug") if isinstance(node, source.Mapping) else None
    at = written or node
    if slug in RESERVED:
        yield at.fault(f"The site needs the address /{slug}/ for itself.", "Choose another slug.")
    elif not markup.is_slug(slug):
        better = markup.slugify(slug) or "an-english-name"
        yield at.fault(
            f"The file's name '{slug}.yaml' cannot be an address.",
            f"Rename it to {better}.yaml, or add 'slug: {better}'.",
        )


def read(
    root: Path, channels: Channels, now: datetime, earlier: Callable[[str], bytes | None] = lambda _path: None
) -> Content:
    """Everything below content/.

    A faulty article is replaced by `earlier(path)`, its text when it was last sound, so that nothing that is already
    published changes on its account. Raises Refused when site.yaml is at fault, for without it nothing can be made.
    """
    folder = _Folder(root, channels, read_site(root, channels))
    files = dict(_files(root))
    articles, faults = _articles(folder, files)
    faults += _across(folder, articles, files)
    broken = {fault.place.path.removeprefix("content/") for fault in faults}
    sound = {path: data for path, data in files.items() if path not in broken}
    restored = _restored(folder, broken, earlier)
    standing = {path: article for path, article in articles.items() if path in sound} | restored
    if _across(folder, standing, files):  # what was sound earlier may have lost its picture or its neighbour
        standing = {path: article for path, article in standing.items() if path in sound}
    slugs = {articles[path].slug if path in articles else Path(path).stem for path in broken}
    return Content(_publication(folder, standing.values(), now), tuple(sorted(faults)), frozenset(slugs), sound)


def _files(root: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted((root / "articles").rglob("*")):
        if path.suffix in (".yaml", ".yml") and path.is_file() and not path.name.startswith("."):
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _articles(folder: _Folder, files: Mapping[str, bytes]) -> tuple[dict[str, Article], list[Fault]]:
    articles, faults = {}, []
    for path, data in files.items():
        if path.endswith(".yml"):
            remedy = f"Rename it to {Path(path).stem}.yaml."
            faults.append(Fault(Place(f"content/{path}"), "Articles end in .yaml.", remedy))
            continue
        try:
            articles[path] = folder.article(path, data)
        except Refused as refused:
            faults += refused.faults
    return articles, faults


def _restored(folder: _Folder, broken: set[str], earlier: Callable[[str], bytes | None]) -> dict[str, Article]:
    restored = {}
    for path in sorted(broken):
        if data := earlier(path):
            try:
                restored[path] = folder.article(path, data)
            except Refused:
                continue
    return restored


# ---- across files


def _across(folder: _Folder, articles: Mapping[str, Article], files: Mapping[str, bytes]) -> list[Fault]:
    faults = [*_twice(articles, "slug", lambda article: [article.slug, *article.aliases]),
              *_twice(articles, "id", lambda article: [article.id])]  # fmt: skip
    by_slug = {article.slug: article for article in articles.values()}
    unread = {Path(path).stem for path in files if path not in articles}
    for path, article in articles.items():
        found = [
            *_dead_links(article, by_slug, unread),
            *_missing_sources(article),
            *filter(None, map(folder.picture, article.figures())),
        ]
        if article.translation_of and article.translation_of not in by_slug.keys() | unread:
            remedy = schema.nearest(article.translation_of, tuple(by_slug))
            found.append(Fault(article.place, f"No article has the slug '{article.translation_of}'.", remedy))
        faults += _with_excerpts(found, files.get(path, b""))
    return faults


def _with_excerpts(faults: list[Fault], data: bytes) -> list[Fault]:
    lines = data.decode("utf-8-sig", "replace").splitlines() if faults else []
    return [
        Fault(fault.place, fault.problem, fault.remedy, lines[fault.place.line - 1])
        if fault.place.line <= len(lines) else fault
        for fault in faults
    ]  # fmt: skip


def _twice(articles: Mapping[str, Article], what: str, names: Callable[[Article], list[str]]) -> Iterable[Fault]:
    first: dict[str, str] = {}
    for path, article in articles.items():
        for name in names(article):
            if name in first:
                problem = f"content/{first[name]} has the {what} '{name}' too."
                yield Fault(article.place, problem, f"Give one of them another {what}.")
            first.setdefault(name, path)


def _dead_links(article: Article, by_slug: Mapping[str, Article], unread: set[str]) -> Iterable[Fault]:
    links = (span for prose in article.prose() for span in model.spans(prose) if isinstance(span, model.Link))
    for link in links:
        if link.href or link.slug in unread:
            continue
        if link.slug and link.slug not in by_slug:
            close = get_close_matches(link.slug, list(by_slug), 1)
            remedy = f"Did you mean '{close[0]}'?" if close else "Write https://... for an address elsewhere."
            yield Fault(link.place, f"No article has the slug '{link.slug}'.", remedy)
            continue
        target = by_slug[link.slug] if link.slug else article
        if link.anchor and link.anchor not in _anchors(target):
            remedy = schema.nearest(link.anchor, tuple(_anchors(target)) or ("none",))
            yield Fault(link.place, f"No heading has the anchor '{link.anchor}'.", remedy)


def _anchors(article: Article) -> list[str]:
    return [block.id for block in article.body if isinstance(block, model.Heading | model.Subheading)]


def _missing_sources(article: Article) -> Iterable[Fault]:
    citations = (span for prose in article.prose() for span in model.spans(prose) if isinstance(span, model.Citation))
    for citation in citations:
        if not 1 <= citation.number <= len(article.sources):
            count = len(article.sources)
            problem = f"[^{citation.number}] cites a source that is not there."
            yield Fault(citation.place, problem, f"'sources:' holds {count}; add it there, or correct the number.")


def _publication(folder: _Folder, articles: Iterable[Article], now: datetime) -> Publication:
    held = [article for article in articles if article.draft or article.date > now]
    visible = [article for article in articles if article not in held]
    used = {figure.src for article in visible for figure in article.figures()} | {folder.site.logo}
    return Publication(
        folder.site,
        tuple(sorted(visible, key=lambda article: (-article.date.timestamp(), article.id))),
        tuple(sorted(held, key=lambda article: (article.draft, article.date, article.id))),
        {src: picture for src, picture in folder.pictures.items() if src in used},
        now,
    )
