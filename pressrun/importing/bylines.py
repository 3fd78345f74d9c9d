"""Names of authors whom articles call by a word for machines, from where Hugo, Jekyll and Eleventy keep them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pressrun import markup
from pressrun.faults import Refused
from pressrun.importing import front

_FILES = (
    "authors/{}/_index.md", "content/authors/{}/_index.md", "_authors/{}.md", "data/authors/{}.toml",
    "data/authors/{}.yaml", "data/authors/{}.yml", "data/authors/{}.json",
)  # fmt: skip
_LISTS = ("_data/authors.yml", "_data/authors.yaml", "data/authors.yml", "data/authors.yaml", "data/authors.toml")
_NAMES = ("display_name", "full_name", "name", "title")
_MARKS = {".toml": "+++", ".yml": "---", ".yaml": "---"}


def resolved(authors: list[Any], file: Path) -> tuple[list[Any], list[str]]:
    """The authors of a file by their names, and the words for which there was none."""
    found = [_name(one, file.resolve().parent) if _is_word(one) else one for one in authors]
    return [name or one for name, one in zip(found, authors, strict=True)], [
        one for name, one in zip(found, authors, strict=True) if not name
    ]


def _is_word(author: Any) -> bool:
    """Whether it is for machines: `jane-doe`, not `Jane Doe`."""
    return isinstance(author, str) and markup.is_slug(author)


@lru_cache(maxsize=10_000)
def _name(word: str, folder: Path) -> str:
    for above in (folder, *folder.parents[:6]):
        for path in (above / file.format(word) for file in _FILES):
            if path.is_file():
                return _said(_values(path))
        for path in (above / file for file in _LISTS):
            if path.is_file() and isinstance(found := _values(path).get(word), dict | str):
                return found if isinstance(found, str) else _said(found)
    return ""


def _said(values: dict[str, Any]) -> str:
    return next((values[key].strip() for key in _NAMES if isinstance(values.get(key), str) and values[key].strip()), "")


@lru_cache(maxsize=1000)
def _values(path: Path) -> dict[str, Any]:
    text = path.read_text("utf-8", "replace")
    if mark := _MARKS.get(path.suffix):
        text = f"{mark}\n{text.removeprefix('---').strip()}\n{mark}\n"
    try:
        return front.split(str(path), text).values
    except Refused:
        return {}
