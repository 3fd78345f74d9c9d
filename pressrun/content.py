"""The authors' folder to a publication, and the faults that show only across files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from pressrun import anchors, issues, markup, model, pictures, records, schema, source, translations
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Article, Helpline, LocalSite, Picture, Publication, Site
from pressrun.recall import Preview
from pressrun.schema import ChannelKeys, Context

#: first parts of addresses that the site needs for itself
RESERVED = frozenset(
    {"about", "archive", "assets", "author", "category", "feed", "feeds", "handout", "newsletter", "search", "tag"}
    | {"verify"}
)

#: files that are meant as articles, though Windows may have added an ending and others shorten it
_ARTICLE = re.compile(r"(?<!^)\.ya?ml(?:\.txt)?$", re.IGNORECASE)

#: a link's words that say nothing of where it leads, on paper least of all
_VAGUE = frozenset({"here", "click here", "this", "this link", "this page", "link", "more", "read more", "learn more"})
_CLICK = re.compile(r"\bclick (?:here|on|below)\b", re.IGNORECASE)

Channels = Mapping[str, ChannelKeys]


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
    #: outreach sites, of which each may have its own copies of the handouts
    local_sites: tuple[LocalSite, ...] = ()
    #: what is published all the same
    warnings: tuple[Fault, ...] = ()


@dataclass
class _Folder:
    """content/ while it is being read."""

    root: Path
    channels: Channels
    site: Site
    pictures: dict[str, Picture] = field(default_factory=dict)
    #: the top of each file, by its path
    nodes: dict[str, source.Mapping] = field(default_factory=dict)
    preview: Preview = field(default_factory=Preview)

    def article(self, path: str, data: bytes) -> Article:
        """The article of one file. Raises Refused."""
        make = partial(self._article, path, data)
        found, self.nodes[path] = self.preview.memory.get(("article", path), (data, self.site), make)
        return found

    def _article(self, path: str, data: bytes) -> tuple[Article, source.Mapping]:
        node = source.read(f"content/{path}", data, schema.WORDS)
        context = Context(self.channels, zone=self.site.time_zone, links=self.site.links)
        found = _values(schema.article, node, context)
        assert isinstance(node, source.Mapping)
        slug = found.pop("slug", Path(path).stem)
        context.faults.extend(_unfit_slug(slug, node))
        if (names := found.pop("helplines", None)) is None:
            helplines = self.site.default_helplines
        else:
            helplines = _helplines(names, self.site.helplines, node.get("helplines"), context)
        if context.faults:
            raise Refused(context.faults)
        id_ = found.pop("id", None) or (*found.get("aliases", ()), slug)[0]
        language = found.pop("language", self.site.language)
        typed = node.source.text
        return Article(
            slug=slug, id=id_, language=language, helplines=helplines, place=node.place, typed=typed, **found
        ), node  # fmt: skip

    def local_site(self, path: Path) -> LocalSite:
        """An outreach site. Raises Refused."""
        node = source.read(f"content/sites/{path.name}", path.read_bytes(), schema.WORDS)
        context = Context(self.channels)
        found = _values(schema.local_site, node, context)
        assert isinstance(node, source.Mapping)
        if not markup.is_slug(path.stem):
            raise Refused([_unfit_name(path.stem, node)])
        if (src := found.get("logo")) and (written := node.get("logo")):
            if wrong := self.picture(src):
                context.refuse(written, *wrong)
                raise Refused(context.faults)
            found["logo"] = self.pictures[src]
        return LocalSite(slug=path.stem, **found)

    def picture(self, src: str) -> tuple[str, str] | None:
        """Reads a picture once; what is wrong with it."""
        if src not in self.pictures:
            folder = self.root / "images"
            stamp, read = pictures.stamp(folder, src), partial(pictures.read, folder, src)
            try:
                self.pictures[src] = self.preview.memory.get(("picture", src), stamp, read)
            except pictures.Unfit as unfit:
                return unfit.problem, unfit.remedy
        return None


def _values(read: Callable[[source.Node, Context], dict[str, Any]], node: source.Node, context: Context) -> Any:
    """What a reader finds; raises Refused with everything that it refuses."""
    try:
        found = read(node, context)
    except schema.Unusable:
        found = {}
    if context.faults:
        raise Refused(context.faults)
    return found


def _read_site(root: Path, channels: Channels) -> _Folder:
    """The publisher, from content/site.yaml, and the logo. Raises Refused."""
    path = root / "site.yaml"
    if not path.is_file():
        remedy = "Write one; the README shows its ten lines."
        raise Refused([Fault(Place("content/site.yaml"), "There is no such file.", remedy)])
    node = source.read("content/site.yaml", path.read_bytes(), schema.WORDS)
    context = Context(channels)
    found = _values(schema.site, node, context)
    assert isinstance(node, source.Mapping)
    names = found.pop("default_helplines", ())
    default = _helplines(names, found.get("helplines", ()), node.get("default_helplines"), context)
    settings = {name: found.pop(name) for name in list(found) if name not in Site.__dataclass_fields__}
    folder = _Folder(root, channels, Site(**found, default_helplines=default, settings=settings, place=node.place))
    if (logo := node.get("logo")) and (wrong := folder.picture(folder.site.logo)):
        context.refuse(logo, *wrong)
    if context.faults:
        raise Refused(context.faults)
    return folder


def _helplines(
    names: Iterable[str], known: tuple[Helpline, ...], written: source.Node | None, context: Context
) -> tuple[Helpline, ...]:
    by_name = {helpline.name: helpline for helpline in known}
    items = written.items if isinstance(written, source.Sequence) else ()
    for name, item in zip(names, items, strict=True):
        if name not in by_name:
            remedy = schema.nearest(name, tuple(by_name)) if by_name else "Describe it there, under 'helplines:'."
            context.refuse(item, f"site.yaml has no helpline '{name}'.", remedy)
    return tuple(by_name[name] for name in names if name in by_name)


def _unfit_slug(slug: str, node: source.Mapping) -> Iterable[Fault]:
    if slug in RESERVED:
        at = node.get("slug") or node
        yield at.fault(f"The site needs the address /{slug}/ for itself.", "Choose another slug.")
    elif not markup.is_slug(slug):
        yield _unfit_name(slug, node, ", or add 'slug: {}'")


def _unfit_name(stem: str, node: source.Mapping, otherwise: str = "") -> Fault:
    better = markup.slugify(stem) or "an-english-name"
    remedy = f"Rename it to {better}.yaml{otherwise.format(better)}."
    return node.fault(f"The file's name '{stem}.yaml' cannot be an address.", remedy)


def read_site(root: Path, channels: Channels) -> Site:
    """Who publishes, from content/site.yaml. Raises Refused."""
    return _read_site(root, channels).site


def read_local_sites(root: Path, channels: Channels) -> tuple[LocalSite, ...]:
    """Those whose files are sound. Raises Refused when site.yaml is at fault."""
    return _local_sites(_read_site(root, channels))[0]


def read(
    root: Path, channels: Channels, now: datetime, earlier: Callable[[str], bytes | None] = lambda _path: None,
    preview: Preview | None = None,
) -> Content:  # fmt: skip
    """Everything below content/.

    A faulty article is replaced by `earlier(path)`, its text when it was last sound, so that nothing that is already
    published changes on its account. Raises Refused when site.yaml is at fault, for without it nothing can be made.
    """
    folder = _read_site(root, channels)
    folder.preview = preview or folder.preview
    now = now if now.tzinfo else now.replace(tzinfo=folder.site.time_zone)
    files = dict(_files(root))
    articles, faults = _articles(folder, files)
    faults += _across(folder, articles, files)
    broken = {fault.place.path.removeprefix("content/") for fault in faults}
    texts = {path: data if path not in broken else earlier(path) for path, data in files.items()}
    kept = {path: data for path, data in texts.items() if data is not None}
    standing = [article for path, article in articles.items() if path not in broken]
    for path in sorted(broken & kept.keys()):
        standing += _restored(folder, path, kept[path], standing, earlier)
    slugs = {articles[path].slug if path in articles else Path(path).stem for path in broken}
    given_out, lost = records.read(root)
    headings, torn = anchors.read(root)
    faults += [*lost, *torn]
    if lost or torn:
        slugs.add("")
    letters = issues.Read(root, channels, folder.site, articles)
    faults += letters.faults
    publication = replace(_publication(folder, standing, letters, now), records=given_out, anchors=headings)
    kept |= {f"images/{src}": picture.data for src, picture in publication.pictures.items()}
    local_sites, wrong = _local_sites(folder)
    warnings: list[Fault] = []
    for one in publication.articles:
        warnings += folder.preview.memory.get(("vague", one.slug), (one, one.typed), partial(_vague_links, one))
    warnings += translations.outdated(publication)
    warnings += _alike(publication.articles)
    return Content(
        publication, tuple(sorted([*faults, *wrong])), frozenset(slugs | letters.faulty), kept, local_sites,
        tuple(sorted(warnings)),
    )  # fmt: skip


def _files(root: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted((root / "articles").rglob("*")):
        if _ARTICLE.search(path.name) and path.is_file():
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _articles(folder: _Folder, files: Mapping[str, bytes]) -> tuple[dict[str, Article], list[Fault]]:
    articles, faults = {}, []
    for path, data in files.items():
        if not path.endswith(".yaml"):
            remedy = f"Rename it to {_ARTICLE.sub('', Path(path).name)}.yaml."
            faults.append(Fault(Place(f"content/{path}"), "An article's name ends in .yaml.", remedy))
            continue
        try:
            articles[path] = folder.article(path, data)
        except Refused as refused:
            faults += refused.faults
    return articles, faults


def _local_sites(folder: _Folder) -> tuple[tuple[LocalSite, ...], list[Fault]]:
    found: list[LocalSite] = []
    faults: list[Fault] = []
    for path in sorted((folder.root / "sites").glob("*.yaml")):
        try:
            found.append(folder.local_site(path))
        except Refused as refused:
            faults += refused.faults
    return tuple(found), faults


def _restored(
    folder: _Folder, path: str, data: bytes, others: list[Article], earlier: Callable[[str], bytes | None]
) -> Iterable[Article]:
    """A faulty article as it was when it was last sound, with its pictures; none if its place is taken by now.

    A link of it that has lost its target shows as plain text.
    """
    try:
        article = folder.article(path, data)
        for figure in _figures(article):
            if folder.picture(figure.src):
                folder.pictures[figure.src] = pictures.look(figure.src, earlier(f"images/{figure.src}") or b"")
    except (Refused, pictures.Unfit):
        return
    if not any({article.slug, article.id} & {other.slug, other.id} for other in others):
        yield article


# ---- across files


def _across(folder: _Folder, articles: Mapping[str, Article], files: Mapping[str, bytes]) -> list[Fault]:
    faults = [*_twice(folder, articles, "slug"), *_twice(folder, articles, "id")]
    by_slug = {article.slug: article for article in articles.values()}
    unread = {Path(path).stem for path in files if path not in articles}
    for path, article in articles.items():
        node = folder.nodes[path]
        wrong = [*_wrong_spans(article, by_slug, unread), *_wrong_pictures(article, folder)]
        if (original := node.get("translation_of")) and article.translation_of not in by_slug.keys() | unread:
            wrong.append((original.place, *_no_article(article.translation_of, by_slug)))
        faults += [Fault(*said, excerpt=node.source.lines[said[0].line - 1]) for said in wrong]
    return faults


def _twice(folder: _Folder, articles: Mapping[str, Article], what: str) -> Iterable[Fault]:
    first: dict[str, str] = {}
    for path, article in articles.items():
        names = [article.id] if what == "id" else [article.slug, *article.aliases]
        for name in names:
            by_default = what == "id" and not any(folder.nodes[at].get("id") for at in (path, first.get(name, path)))
            if name in first and not by_default:
                key = "aliases" if name in names[1:] else what
                at = folder.nodes[path].get(key) or folder.nodes[path]
                whose = f"content/{first[name]} has" if first[name] != path else "This article has"
                yield at.fault(f"{whose} the {what} '{name}' too.", f"Give one of them another {what}.")
            first.setdefault(name, path)


def _texts(article: Article) -> Iterable[model.Prose]:
    """Every text of an article, those for single channels among them, that can hold links and citations."""
    yield from article.prose()
    yield from model.prose(_passages(article))


def _figures(article: Article) -> Iterable[model.Figure]:
    yield from article.figures()
    yield from (block for block in model.blocks(_passages(article)) if isinstance(block, model.Figure))


def _passages(article: Article) -> tuple[model.Block, ...]:
    """What an article says to single channels, in blocks."""
    options = (value for name in article.channels for value in article.options(name).values())
    return tuple(
        part for value in options if isinstance(value, tuple) for part in value if isinstance(part, model.Block)
    )


def _wrong_spans(
    article: Article, by_slug: Mapping[str, Article], unread: set[str]
) -> Iterable[tuple[Place, str, str]]:
    """Links that lead nowhere, and citations without their source."""
    for span in (span for prose in _texts(article) for span in model.spans(prose)):
        if isinstance(span, model.Citation) and span.number > len(article.sources):
            remedy = f"'sources:' holds {len(article.sources)}; add it there, or correct the number."
            yield span.place, f"[^{span.number}] cites a source that is not there.", remedy
        if not isinstance(span, model.Link) or span.href or span.slug in unread:
            continue
        if span.slug and span.slug not in by_slug:
            yield span.place, *_no_article(span.slug, by_slug)
        elif span.anchor and span.anchor not in (known := _anchors(by_slug.get(span.slug, article))):
            remedy = schema.nearest(span.anchor, known) if known else "There are no headings to lead to."
            yield span.place, f"No heading has the anchor '{span.anchor}'.", remedy


def _vague_links(article: Article) -> list[Fault]:
    """Words that only make sense with a mouse over them, each place once."""
    remedy = "Say what is found there: it is printed, and read aloud out of its place."
    found: dict[Place, Fault] = {}
    for span in (span for prose in _texts(article) for span in model.spans(prose)):
        if isinstance(span, model.Link) and (words := model.plain(span.content)).strip(" .:!").lower() in _VAGUE:
            found[span.place] = Fault(span.place, f"The link '{words}' does not say where it leads.", remedy)
        elif isinstance(span, model.Words) and (click := _CLICK.search(span.text)):
            place, line = article.find(click[0])
            if not any(known.path == place.path and known.line == place.line for known in found):
                found[place] = Fault(place, f"Nobody can '{click[0]}' on paper.", remedy, line)
    return list(found.values())


def _alike(articles: Iterable[Article]) -> Iterable[Fault]:
    """Titles and summaries that two articles share: in a list, nobody can tell them apart."""
    first: dict[str, Article] = {}
    for article in sorted(articles, key=lambda article: article.place):
        for what, words in (("title", article.title), ("summary", article.summary)):
            if (other := first.setdefault(f"{what} {words.casefold()}", article)) is not article:
                place, line = article.find(f"{what}:")
                yield Fault(place, f"{other.place.path} has the same {what}.", "Give each article its own.", line)


def _wrong_pictures(article: Article, folder: _Folder) -> Iterable[tuple[Place, str, str]]:
    for figure in _figures(article):
        if wrong := folder.picture(figure.src):
            yield figure.place, *wrong


def _no_article(slug: str, by_slug: Mapping[str, Article]) -> tuple[str, str]:
    close = get_close_matches(slug, list(by_slug), 1)
    elsewhere = "Write the slug of an article, or https://... for a page elsewhere."
    remedy = f"Did you mean '{close[0]}'?" if close else elsewhere
    return f"No article has the slug '{slug}'.", remedy


def _anchors(article: Article) -> tuple[str, ...]:
    return tuple(block.id for block in article.body if isinstance(block, model.Heading | model.Subheading))


def _publication(folder: _Folder, articles: Iterable[Article], letters: issues.Read, now: datetime) -> Publication:
    held = [one for one in articles if (one.draft or one.date > now) and one.slug != folder.preview.shown]
    visible = [article for article in articles if article not in held]
    out, waiting = issues.due(letters.issues, visible, now)
    used = {figure.src for article in visible for figure in _figures(article)} | {folder.site.logo}
    return Publication(
        folder.site,
        tuple(sorted(visible, key=lambda article: (-article.date.timestamp(), article.id))),
        tuple(sorted(held, key=lambda article: (article.draft, article.date, article.id))),
        {src: picture for src, picture in folder.pictures.items() if src in used},
        now,
        issues=out,
        held_issues=waiting,
    )
