"""A file of Markdown, with front matter or without, to a draft."""

from __future__ import annotations

import re
from pathlib import Path

from pressrun.faults import Fault, Place, Refused
from pressrun.importing import fields, front, words
from pressrun.importing.draft import Draft, Item
from pressrun.importing.markdown import Body

_TITLE = re.compile(r"(?m)^#[ \t]+(?P<title>[^\n]+?)[ \t]*#*$|^(?P<underlined>[^\n]+)\n=+[ \t]*$")


def read(path: Path, data: bytes, *, source: str = "") -> Draft:
    """The article in a file of Markdown. Raises Refused."""
    source = source or str(path)
    if path.stem.lower() == "_index":
        remedy = "Leave it out: lists of articles are made by the build."
        raise Refused([Fault(Place(source), "This is a list page of Hugo's, and no article.", remedy)])
    text, notes = words.readable(source, data)
    above = front.split(source, text)
    found = fields.of(above, path)
    notes += found.notes
    title = str(found.values.get("title", ""))
    if not title and (first := _TITLE.search(above.body)):
        title = words.plain(first["title"] or first["underlined"])
        found.places["title"] = above.body.count("\n", 0, first.start()) + 1
    if not title:
        title = re.sub(r"[-_\s]+", " ", found.slug or path.stem).strip().capitalize()
        notes.append("It has no title: the file's name stands for one.")
    found.values["title"] = title
    body, guessed = Body(above.body, title).read(), {}
    if "summary" not in found.values and (said := words.summary(paragraphs(body.items))):
        found.values["summary"] = said
        guessed["summary"] = words.FIRST
    if body.sources:
        found.values["sources"] = body.sources
    return Draft(
        source, found.slug, found.values, body.items, notes=[*notes, *body.notes], guessed=guessed, lines=body.lines,
        places=found.places, left=found.left, addresses=found.addresses, text=text,
    )  # fmt: skip


def paragraphs(items: list[Item]) -> list[str]:
    """The words of the first paragraph."""
    texts = (item for item in items if isinstance(item, str) and not re.match(r"#|!\[|[-*>] |\d+[.)] |`", item))
    return [said for said in (words.plain(text) for text in texts) if len(said) > 20][:1]
