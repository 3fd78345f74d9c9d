"""Pictures of imported articles: found where other programs keep them, looked at, and named for content/images/."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pressrun import markup, pictures

#: folders in which other programs look for what an address names
_FOLDERS = ("", "static", "assets", "content", "public", "src", "images", "source")
_PREFIX = re.compile(r"^[{|](?:static|filename|attach)[}|]/*")


@dataclass
class Images:
    """Those of one article."""

    #: the article's file
    path: Path
    slug: str
    hosts: frozenset[str]
    #: by their names below content/images/
    taken: dict[str, bytes] = field(default_factory=dict)
    _names: dict[Path, str] = field(default_factory=dict)

    def take(self, src: str) -> str:
        """The name of a picture below content/images/. Raises pictures.Unfit."""
        if src in self.taken:  # its reader brought it along
            pictures.look(src, self.taken[src])
            return src
        file = self._find(src)
        if file is None:
            remote = bool(urlsplit(src).scheme or src.startswith("//"))
            problem = "it is on the web, and nothing is fetched" if remote else "there is no such file"
            raise pictures.Unfit(problem, "Put it into content/images/.")
        if file not in self._names:
            data = file.read_bytes() if file.stat().st_size <= pictures.MOST_BYTES else b""
            pictures.look(src, data)
            name = self._name(file, data)
            self._names[file], self.taken[name] = name, data
        return self._names[file]

    def _name(self, file: Path, data: bytes) -> str:
        stem = markup.slugify(unquote(file.stem)) or "picture"
        for ending in ("", *(f"-{n}" for n in range(2, 999))):
            name = f"{self.slug}/{stem}{ending}{file.suffix.lower()}"
            if self.taken.get(name, data) == data:
                break
        return name

    def _find(self, src: str) -> Path | None:
        parts = urlsplit(_PREFIX.sub("", src))
        if parts.scheme and (parts.scheme not in ("http", "https") or parts.hostname not in self.hosts):
            return None
        if parts.netloc and not parts.scheme:
            return None
        for name in dict.fromkeys([unquote(parts.path).lstrip("/"), parts.path.lstrip("/")]):
            if not name or ".." in Path(name).parts[1:]:
                continue
            beside = [self.path.parent / unquote(parts.path)] if not parts.path.startswith("/") else []
            above = [folder / inner / name for folder in self.path.resolve().parents[:6] for inner in _FOLDERS]
            try:
                return next(file for file in (*beside, *above) if file.is_file())
            except (StopIteration, OSError, ValueError):
                continue
        return None
