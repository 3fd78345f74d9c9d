"""Who approved which text, by its hash; and each approved text as it was, for as long as another waits in review."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from pressrun import disk, imprint, lock, pictures, schema, source
from pressrun.faults import Fault, Place, Refused
from pressrun.folder import Folder, shown
from pressrun.model import Article, Issue, Picture, Site
from pressrun.outputs import digest
from pressrun.schema import Context, Key

#: below content/
PATH = "approvals.yaml"
#: below content/: approved texts by their hash, and the pictures in them by theirs
TEXTS = "records/approved"
_HEAD = """\
# Who approved which text. `./inv publish.approve SLUG --as NAME` adds to it; nothing in it is changed or taken out.
"""
#: seconds that one waits for somebody else who approves
_PATIENCE = 30
#: what an article has of today while its text is that of an earlier day: where it stands and when it is seen
_OF_TODAY = ("id", "slug", "aliases", "translation_of", "date", "expires", "draft", "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    #: of an article, or of a newsletter's issue
    id: str
    #: of all that readers get
    hash: str
    #: an editor of site.yaml
    by: str
    on: datetime
    #: whom git takes for the author; empty where it does not know
    git: str = ""
    #: hashes of the pictures in it, by src
    pictures: Mapping[str, str] = field(default_factory=dict)
    place: Place = field(default=Place(f"content/{PATH}"), compare=False, repr=False)


_HASH = schema.matching("[0-9a-f]{64}", "a hash", "Put the line back as it was, from git.")


def _pictures(node: source.Node, context: Context) -> dict[str, str]:
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, "Pictures and their hashes belong here.", "Put it back as it was, from git.")
    return {name.text: _HASH(value, context) for name, value in node.pairs}


_KEYS = {
    "id": Key(schema.word, "which article", required=True),
    "hash": Key(_HASH, "of the text", required=True),
    "by": Key(schema.word, "an editor's name", required=True),
    "on": Key(schema.moment, "when", required=True),
    "git": Key(schema.word, "the author by git"),
    "pictures": Key(_pictures, "hashes of the pictures, by name"),
}


def read(root: Path, zone: ZoneInfo) -> tuple[list[Approval], list[Fault]]:
    """All approvals, the earliest first, and what is wrong with the file."""
    path = root / PATH
    if not path.is_file():
        return [], []
    context = Context({}, zone=zone)
    found: list[Approval] = []
    try:
        node = source.read(f"content/{PATH}", path.read_bytes())
        if not isinstance(node, source.Sequence):
            return [], [node.fault("A list of approvals belongs here.", "Put it back as it was, from git.")]
        for item in node.items:
            with suppress(schema.Unusable):
                found.append(Approval(**schema.values(item, context, _KEYS, "an approval"), place=item.place))
    except Refused as refused:
        context.faults += refused.faults
    return found, context.faults


class Texts:
    """What readers get of articles and issues, as hashes."""

    def __init__(self, site: Site, known: Mapping[str, Picture], fact: Callable[[str, Callable[[], str]], str]) -> None:
        """`known` has all pictures by src; `fact` remembers, as a Memory does."""
        self._site = site
        self._known = known
        self._fact = fact

    def pictures(self, article: Article) -> list[Picture]:
        names = {one.src for one in shown(article)}
        return [self._known[src] for src in sorted(names) if src in self._known]

    def hash(self, piece: Article | Issue) -> str:
        if isinstance(piece, Issue):
            return imprint.issue_hash(piece)
        found = hashes(self.pictures(piece))
        lent = digest(repr((sorted(self._site.links.items()), self._site.default_helplines, found)))
        make = partial(imprint.content_hash, piece, self._site, found)
        return self._fact(f"content of {piece.fingerprint()} {lent}", make)


def hashes(found: Iterable[Picture]) -> dict[str, str]:
    """Of pictures, by src."""
    return {picture.src: hashlib.sha256(picture.data).hexdigest() for picture in found}


# ---- what is published while approval is required


@dataclass
class Reviewed:
    """Articles as they may be published."""

    articles: list[Article] = field(default_factory=list)
    #: ids of articles and issues whose text here is approved
    approved: set[str] = field(default_factory=set)
    #: texts in review for which an earlier one stands here, by slug
    waiting: dict[str, Article] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    #: slugs of articles whose approval cannot be read
    lost: set[str] = field(default_factory=set)


def review(
    desk: Folder, texts: Texts, articles: Iterable[Article], issues: Iterable[Issue], shows: Callable[[str], bool]
) -> Reviewed:  # fmt: skip
    """Every article with its own text, or with the one that was approved last; what `shows` names, as it is."""
    known, faults = read(desk.root, desk.site.time_zone)
    found = Reviewed(faults=faults)
    given = {(approval.id, approval.hash) for approval in known}
    last = {approval.id: approval for approval in known}
    unread = bool(faults)
    for issue in issues:
        if (issue.id, texts.hash(issue)) in given:
            found.approved.add(issue.id)
        elif unread:
            found.lost.add(issue.name)
    for article in articles:
        if not article.draft and (article.id, texts.hash(article)) in given:
            found.approved.add(article.id)
        elif not article.draft and not shows(article.slug):
            found.articles.append(_stood(desk, texts, article, last.get(article.id), found))
            found.lost |= {article.slug} if unread and article.id not in found.approved else set()
            continue
        found.articles.append(article)
    return found


def _stood(desk: Folder, texts: Texts, article: Article, last: Approval | None, found: Reviewed) -> Article:
    """The article with its last approved text; without one it is in review."""
    if not last:
        return article
    try:
        earlier = _as_approved(desk, texts, article, last)
    except (OSError, Refused, pictures.Unfit, ValueError):
        remedy = f"Bring content/{TEXTS}/ back, or approve it anew: ./inv publish.approve {article.slug} --as NAME"
        found.faults.append(Fault(last.place, f"The text of '{article.slug}' that this approves is lost.", remedy))
        found.lost.add(article.slug)
        return article
    found.approved.add(article.id)
    found.waiting[article.slug] = article
    return earlier


def _as_approved(desk: Folder, texts: Texts, article: Article, approval: Approval) -> Article:
    """Raises OSError, Refused, Unfit or ValueError when that text cannot be had any more."""
    data = (desk.root / TEXTS / f"{approval.hash}.yaml").read_bytes()
    renamed = {}
    for src, known in approval.pictures.items():
        if hashes([desk.pictures[src]] if src in desk.pictures else []).get(src) != known:
            renamed[src] = f"{imprint.EARLIER}{known[:16]}/{src}"
            picture = pictures.look(renamed[src], (desk.root / TEXTS / known).read_bytes())
            desk.pictures[renamed[src]] = picture
    earlier = desk.article(article.place.path.removeprefix("content/"), data, renamed)
    earlier = replace(earlier, **{name: getattr(article, name) for name in _OF_TODAY})
    if texts.hash(earlier) != approval.hash:
        raise ValueError(approval.hash)
    return earlier


def text(root: Path, approval: Approval) -> str:
    """The file of an approved article as it was typed; empty when it is lost."""
    path = root / TEXTS / f"{approval.hash}.yaml"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


# ---- approving


def append(root: Path, approval: Approval, typed: str, seen: Iterable[Picture] = ()) -> None:
    """Writes an approval down, behind its file as it was typed and the pictures in it."""
    kept = {approval.pictures[picture.src]: picture.data for picture in seen}
    for name, data in {**kept, f"{approval.hash}.yaml": typed.encode()}.items():
        if not (root / TEXTS / name).is_file():
            disk.write(root / TEXTS / name, data, durable=True)
    with lock.held(root / "site.yaml", _PATIENCE):  # which is there, and which nobody replaces
        path = root / PATH
        data = path.read_bytes() if path.is_file() else _HEAD.encode()
        disk.write(path, data.rstrip(b"\n") + b"\n" + _lines(approval).encode(), durable=True)


def _lines(approval: Approval) -> str:
    """An approval for people: a key a line."""
    lines = [
        f"- id: {approval.id}", f"  hash: {approval.hash}", f"  by: {_quoted(approval.by)}",
        f"  on: {approval.on.isoformat(timespec='seconds')}",
    ]  # fmt: skip
    lines += [f"  git: {_quoted(approval.git)}"] if approval.git else []
    lines += ["  pictures:"] if approval.pictures else []
    lines += [f"    {_quoted(src)}: {known}" for src, known in approval.pictures.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
