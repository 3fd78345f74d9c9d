"""content/ while it is being read: the publisher, articles, outreach sites and pictures, each by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pressrun import markup, model, pictures, schema, source
from pressrun.faults import Fault, Place, Refused
from pressrun.memory import Memory
from pressrun.model import Article, Body, Helpline, LocalSite, Picture, Shown, Site
from pressrun.outputs import digest
from pressrun.schema import ChannelKeys, Context

#: first parts of addresses that the site needs for itself
RESERVED = frozenset(
    {"about", "archive", "assets", "author", "category", "feed", "feeds", "handout", "newsletter", "search", "tag"}
    | {"verify"}
)

Channels = Mapping[str, ChannelKeys]
_AS_THEY_ARE: Mapping[str, str] = {}


@dataclass
class Folder:
    """content/ while it is being read."""

    root: Path
    channels: Channels
    site: Site
    pictures: dict[str, Picture] = field(default_factory=dict)
    #: of everything outside its file that decides what is read of an article
    around: str = ""
    #: the top of each file, by its path, where somebody asked for it
    nodes: dict[str, source.Mapping] = field(default_factory=dict)

    def recalled(self, path: str, data: bytes, memory: Memory) -> Article:
        """The article of one file, read only if it was never read before. Raises Refused."""
        key = digest(self.around, path, data)
        if not (article := memory.recall(key, partial(source.typed, data), partial(self.body, path, data))):
            article = self.article(path, data)
            memory.note(key, article)
        return article

    def recalled_of(
        self, path: str, earlier: Callable[[str], bytes | None], key: str, memory: Memory
    ) -> Article | None:
        """An article of the last time by its key; its text is looked up when somebody asks."""
        typed = partial(_typed, path, earlier)
        return memory.recall(key, typed, lambda: self.body(path, earlier(path) or b""))

    def reread(self, path: str, data: bytes, before: bytes | None, memory: Memory) -> Article | None:
        """An article whose text was another the last time, if it was known then and is sound now."""
        key = digest(self.around, path, before or b"")
        if not memory.holds(key):
            return None
        memory.forget(key)
        try:
            article = self.article(path, data)
        except Refused:
            return None
        memory.note(digest(self.around, path, data), article)
        return article

    def body(self, path: str, data: bytes) -> tuple[model.Block, ...]:
        return tuple(self.article(path, data).body)

    def node(self, path: str, data: bytes) -> source.Mapping:
        """The top of a sound file."""
        if path not in self.nodes:
            node = source.read(f"content/{path}", data, schema.WORDS)
            assert isinstance(node, source.Mapping)
            self.nodes[path] = node
        return self.nodes[path]

    def article(self, path: str, data: bytes, renamed: Mapping[str, str] = _AS_THEY_ARE) -> Article:
        """The article of one file, with other pictures for those that are `renamed`. Raises Refused."""
        node = source.read(f"content/{path}", data, schema.WORDS)
        context = Context(self.channels, zone=self.site.time_zone, links=self.site.links, pictures=renamed)
        found = _values(schema.article, node, context)
        assert isinstance(node, source.Mapping)
        slug = found.pop("slug", Path(path).stem)
        context.faults.extend(_unfit_slug(slug, node))
        if (names := found.pop("helplines", None)) is None:
            helplines = self.site.default_helplines
        else:
            helplines = _helplines(names, self.site.helplines, node.get("helplines"), context)
        id_ = found.pop("id", None) or (*found.get("aliases", ()), slug)[0]
        language = found.pop("language", self.site.language)
        body = Body(partial(self.body, path, data), blocks=found.pop("body"))
        article = Article(
            slug=slug, id=id_, language=language, helplines=helplines, place=node.place,
            source=partial(source.typed, data), letters=Counter(node.source.text), body=body, **found,
        )  # fmt: skip
        context.faults.extend(_without_source(article, node))
        if context.faults:
            raise Refused(context.faults)
        return article

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
            try:
                self.pictures[src] = pictures.read(self.root / "images", src)
            except pictures.Unfit as unfit:
                return unfit.problem, unfit.remedy
        return None


def _typed(path: str, earlier: Callable[[str], bytes | None]) -> str:
    return source.typed(earlier(path) or b"")


def _values(read: Callable[[source.Node, Context], dict[str, Any]], node: source.Node, context: Context) -> Any:
    """What a reader finds; raises Refused with everything that it refuses."""
    try:
        found = read(node, context)
    except schema.Unusable:
        found = {}
    if context.faults:
        raise Refused(context.faults)
    return found


def read(root: Path, channels: Channels) -> Folder:
    """The publisher, from content/site.yaml, and the logo. Raises Refused."""
    path = root / "site.yaml"
    if not path.is_file():
        remedy = "Write one; the README shows its ten lines."
        raise Refused([Fault(Place("content/site.yaml"), "There is no such file.", remedy)])
    data = path.read_bytes()
    node = source.read("content/site.yaml", data, schema.WORDS)
    context = Context(channels)
    found = _values(schema.site, node, context)
    assert isinstance(node, source.Mapping)
    names = found.pop("default_helplines", ())
    default = _helplines(names, found.get("helplines", ()), node.get("default_helplines"), context)
    settings = {name: found.pop(name) for name in list(found) if name not in Site.__dataclass_fields__}
    site = Site(**found, default_helplines=default, settings=settings, place=node.place)
    folder = Folder(root, channels, site, around=digest(data))
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


def passages(channels: Mapping[str, model.Options]) -> tuple[model.Block, ...]:
    """What an article says to single channels, in blocks."""
    options = (value for own in channels.values() if not isinstance(own, bool) for value in own.values())
    return tuple(
        part for value in options if isinstance(value, tuple) for part in value if isinstance(part, model.Block)
    )


def shown(article: Article) -> Iterator[Shown]:
    """Every picture of an article, those for single channels among them."""
    yield from article.shown()
    others = model.blocks(passages(article.channels))
    yield from (model.shown(block) for block in others if isinstance(block, model.Figure))


def _without_source(article: Article, node: source.Mapping) -> Iterator[Fault]:
    """A fault for each citation of a source that is not there."""
    texts = (*article.prose(), *model.prose(passages(article.channels)))
    for span in (span for text in texts for span in model.spans(text)):
        if isinstance(span, model.Citation) and span.number > len(article.sources):
            remedy = f"'sources:' holds {len(article.sources)}; add it there, or correct the number."
            excerpt = node.source.lines[span.place.line - 1]
            yield Fault(span.place, f"[^{span.number}] cites a source that is not there.", remedy, excerpt)
