"""Starts an article in its short form."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pressrun import markup, source

_SHORT_FORM = """\
title: {title}
summary: One or two sentences that say what the article says.
authors: [{author}]
date: {date}
body: |
  Write here. Leave an empty line between paragraphs.

  ## A heading

  - An item of a list
  - Another item

# The article's name for machines: it stays when title, file name or date change.
id: {id}
"""


def mint(day: date | str, slug: str) -> str:
    """An article's name for machines."""
    return f"{day}-{slug}"[:80].rstrip("-")


def start(content: Path, title: str, day: date) -> Path:
    """Writes content/articles/<slug>.yaml. Raises ValueError when there is such an article or no slug can be made."""
    slug = markup.slugify(title)
    if not slug:
        raise ValueError(
            "No address can be made of this title. Use some Latin letters; the title can be changed later."
        )
    path = content / "articles" / f"{slug}.yaml"
    if path.exists():
        raise ValueError(f"{path.name} is there already. Choose another title.")
    path.parent.mkdir(parents=True, exist_ok=True)
    name = "Write the author's name"
    path.write_text(
        _SHORT_FORM.format(title=source.written(title), author=name, date=day, id=mint(day, slug)),
        encoding="utf-8",
    )
    return path
