"""Where the links of imported articles lead: to each other, to pages elsewhere, or nowhere that we know."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from pressrun import markup
from pressrun.importing.draft import Draft

_PELICAN = re.compile(r"[{|](?:filename|static|attach|author|category|index|tag)[}|]")
_HOST = re.compile(r"(?:[\w-]+\.)+[\w-]+")
_ENDING = re.compile(r"(?:/?index)?\.(?:md|markdown|html?|txt|docx)$|/+$", re.IGNORECASE)


@dataclass
class Known:
    """Every article that a link can lead to."""

    #: the old site's address, without a slash at its end; empty if nobody knows
    site: str = ""
    #: those of the old site and of the new one
    hosts: frozenset[str] = frozenset()
    #: the slug of each article by its file and its earlier addresses
    paths: dict[str, str] = field(default_factory=dict)
    #: by the last part of an address, the slugs, and the words that may stand before it
    names: dict[str, list[tuple[str, frozenset[str]]]] = field(default_factory=dict)
    #: of headings by slug, where the article has been read
    anchors: dict[str, frozenset[str]] = field(default_factory=dict)
    #: slugs that turned out to be no articles
    gone: set[str] = field(default_factory=set)

    def add(self, draft: Draft, slug: str) -> None:
        file = _bare(PurePosixPath(draft.source.replace("\\", "/")).as_posix())
        self.paths.setdefault(file, slug)
        for address in draft.addresses:
            self.paths.setdefault(_bare(urlsplit(address).path), slug)
        parts = frozenset(
            markup.slugify(part) for part in (*file.split("/"), *map(str, _sections(draft.values)), "blog", "posts")
        )
        self.names.setdefault(draft.slug, []).append((slug, parts))

    def add_existing(self, slugs: Mapping[str, Iterable[str]]) -> None:
        """Articles that are there already, with their earlier slugs."""
        for slug, aliases in slugs.items():
            for name in (slug, *aliases):
                self.paths.setdefault(name, slug)

    def lead(self, href: str, draft: Draft, slug: str) -> str | None:
        """The address that a link of a draft gets; None if there is nowhere to lead."""
        href = _mended(href)
        parts = _split(href)
        if parts is None:
            return None
        scheme, host, path, anchor = parts
        if scheme in ("http", "https") and not _HOST.fullmatch(host):
            return None
        if scheme and not (scheme in ("http", "https") and host in self.hosts):
            return href if markup.OUTSIDE.fullmatch(href) else None
        target = self._article(path, draft) if path or host else slug
        if target and target not in self.gone:
            return self._anchored("" if target == slug else target, target, anchor)
        if scheme and markup.OUTSIDE.fullmatch(href):
            return href
        return self._elsewhere(href, draft)

    def _anchored(self, shown: str, target: str, anchor: str) -> str | None:
        ours = markup.anchor(anchor) if anchor else ""
        known = self.anchors.get(target)
        kept = next((name for name in (anchor, ours) if name and (known is None or name in known)), "")
        kept = kept if re.fullmatch(r"[\w-]*", kept) else ours
        return f"{shown}#{kept}" if kept else shown or None

    def _article(self, path: str, draft: Draft) -> str:
        """The slug of the article at a path of the old site, or of a file beside the draft's."""
        path = unquote(path)
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(draft.source), path))
        for name in (_bare(path), _bare(beside)):
            if name in self.paths:
                return self.paths[name]
        *before, last = _bare(path).split("/") or [""]
        dated = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)-(.+)", last)
        words = {markup.slugify(part) for part in before if part and part not in ("..", ".") and not part.isdigit()}
        found = {
            slug for slug, parts in self.names.get(markup.slugify(dated[4] if dated else last), []) if words <= parts
        }
        return found.pop() if len(found) == 1 else ""

    def _elsewhere(self, href: str, draft: Draft) -> str | None:
        """A page of the old site that was not imported."""
        if not self.site or _PELICAN.match(href) or href.startswith("#") or re.search(r"\.(?:md|markdown)\b", href):
            return None
        at = draft.addresses[0] if draft.addresses and draft.addresses[0].startswith("/") else "/"
        whole = urljoin(urljoin(f"{self.site}/", at), href)
        return whole if markup.OUTSIDE.fullmatch(whole) else None


def _sections(values: Mapping[str, object]) -> list[object]:
    return [value for key in ("category",) if (value := values.get(key))]


def _bare(path: str) -> str:
    """A path as it is compared."""
    return _ENDING.sub("", _PELICAN.sub("", path)).strip("/").lower()


def _split(href: str) -> tuple[str, str, str, str] | None:
    try:
        parts = urlsplit(_PELICAN.sub("", href))
        host = parts.hostname or ""
    except ValueError:
        return None
    return parts.scheme, host, parts.path, parts.fragment


def _mended(href: str) -> str:
    """An address as its author meant it."""
    href = re.sub(r"[\u200b\u200e\u200f\ufeff]", "", href.strip())
    if href.startswith("//"):
        href = f"https:{href}"
    if re.match(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|mil|io|uk|de|eu|us)(?:[/?#]|$)", href):
        href = f"https://{href}"
    href = re.sub(r"^(https?):/*(?=[^/])", r"\1://", href, flags=re.IGNORECASE)
    if href.lower().startswith("mailto:"):
        return f"mailto:{unquote(href[7:]).partition('?')[0].strip()}"
    if href.lower().startswith(("tel:", "sms:")):
        return href[:4].lower() + re.sub(r"[^\d+-]", "", href[4:])
    return re.sub(r"\s", lambda space: f"%{ord(space[0]):02X}", href)
