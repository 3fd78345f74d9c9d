"""docs/sample/ shows those who only look what a build makes today.

After a wanted change, `PRESSRUN_ACCEPT=1 inv test --match sample` copies the outputs there anew.
"""

from __future__ import annotations

import os
import re
import shutil

import pypdfium2
import pytest
from conftest import ROOT, Workshop

SAMPLE = ROOT / "docs/sample"
#: not made by a build
OWN = {"README.md", "picture.png"}


def _text(path: str, data: bytes) -> str:
    """What a reader reads: of handouts the words, of pages the source without the hashes of assets."""
    if path.endswith(".pdf"):
        document = pypdfium2.PdfDocument(data)
        try:
            return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
        finally:
            document.close()
    return _stable(data.decode())


def _stable(text: str) -> str:
    """Without the hashes of assets and the length of the handout, which change with the versions of what draws them."""
    return re.sub(r'(length="|"size_in_bytes": )\d+', r"\1", re.sub(r"\.[0-9a-f]{8}\.", ".HASH.", text))


def _is_text(path: str) -> bool:
    return not path.endswith((".png", ".woff2", ".ico"))


@pytest.fixture(scope="session")
def outputs(published: Workshop) -> dict[str, bytes]:
    return dict(published.tree())


def test_the_sample_is_what_a_build_makes(outputs: dict[str, bytes]) -> None:
    if os.environ.get("PRESSRUN_ACCEPT"):
        for old in SAMPLE.iterdir():
            if old.name not in OWN:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        for path, data in outputs.items():
            (SAMPLE / path).parent.mkdir(parents=True, exist_ok=True)
            (SAMPLE / path).write_bytes(data)
    files = {path.relative_to(SAMPLE).as_posix(): path for path in SAMPLE.rglob("*") if path.is_file()}
    kept = {_stable(path): path for path in files if path not in OWN}

    assert set(kept) == {_stable(path) for path in outputs}
    for path, data in outputs.items():
        if _is_text(path):
            assert _text(path, files[kept[_stable(path)]].read_bytes()) == _text(path, data), path
