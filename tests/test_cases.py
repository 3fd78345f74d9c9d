"""Golden cases: a folder holds an article and what every channel makes of it.

After a wanted change, `PRESSRUN_ACCEPT=1 inv test --match cases` writes the expected files anew; read the difference
before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import feedparser
import pypdfium2
import pytest
from conftest import ROOT, Workshop

CASES = sorted(path.parent for path in (ROOT / "tests/cases").glob("*/article.yaml"))
SLUG = "case"


def _handout(path: Path) -> str:
    """The text of each page, as a reader's PDF program extracts it."""
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    finally:
        document.close()
    return "\n\f\n".join(page.replace("\r\n", "\n") for page in pages)


def _page(text: str) -> str:
    """Without the hashes of assets, which change with every colour."""
    return re.sub(r"\.[0-9a-f]{8}\.", ".HASH.", text)


def _made(workshop: Workshop) -> dict[str, str]:
    feed = feedparser.parse(str(workshop.root / "outputs/feed/feed.xml"))
    return {
        "web.html": _page(workshop.read(f"web/{SLUG}/index.html")),
        "newsletter.html": workshop.read(f"newsletter/{SLUG}.html"),
        "newsletter.txt": workshop.read(f"newsletter/{SLUG}.txt"),
        "feed.html": feed.entries[0].content[0].value,
        "handout.txt": _handout(workshop.root / f"outputs/handout/{SLUG}-a4.pdf"),
    }


def test_there_are_cases() -> None:
    assert len(CASES) >= 4


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_channel_makes_of_an_article_what_is_expected(workshop: Workshop, case: Path) -> None:
    workshop.article(SLUG, (case / "article.yaml").read_text(encoding="utf-8"))
    workshop.write("content/site.yaml", workshop.root.joinpath("content/site.yaml").read_text() + "editions: [a4]\n")
    for picture in case.glob("*.png"):
        workshop.write(f"content/images/{picture.name}", picture.read_bytes())
    result = workshop.build(only=())
    assert result.faults == ()

    made = _made(workshop)

    expected = case / "expected"
    if os.environ.get("PRESSRUN_ACCEPT"):
        expected.mkdir(exist_ok=True)
        for name, text in made.items():
            (expected / name).write_text(text, encoding="utf-8", newline="\n")
    for name, text in made.items():
        assert text == (expected / name).read_text(encoding="utf-8"), name
