"""Files that real programs have made, Word documents and web pages: text, headings, lists, tables, links, pictures kept.

`expected.txt` beside each file says what is made of it; tests/importing/README.md says how the files were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from pressrun.importing import page, word
from pressrun.importing.draft import Draft, Left

FILES = sorted((ROOT / "tests" / "importing").glob("*/*/article.*"))
READERS = {".docx": word.read, ".html": page.read}


def outline(draft: Draft) -> str:
    """A draft as text that people can compare."""
    return "\n\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in draft.values.items())
    for item in draft.body:
        if isinstance(item, Left):
            yield f"left at {item.line}:{item.column}, {item.what}: {item.text}"
        else:
            yield item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    yield "\n".join([
        f"slug: {draft.slug}",
        *(f"picture: {name}" for name in draft.pictures),
        *(f"address: {address}" for address in draft.addresses),
        *(f"asked: {asked.message} {asked.remedy}" for asked in draft.asked),
        *(f"note: {note}" for note in draft.notes),
        *(f"left, {left.what}: {left.text}" for left in draft.left),
    ])  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_a_file_of_a_real_program_becomes(path: Path) -> None:
    draft = READERS[path.suffix](path, path.read_bytes(), source=path.name)
    assert outline(draft) == (path.parent / "expected.txt").read_text("utf-8")
