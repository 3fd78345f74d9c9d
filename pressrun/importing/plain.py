"""Plain text to a draft: headings, lists, steps and terms by the looks of their lines.

A line is a block of its own where nothing else shows; lines of one length with empty ones between them are
paragraphs that an editor has wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pressrun import markup
from pressrun.importing import commonmark
from pressrun.importing.draft import Draft, Item
from pressrun.importing.typed import BULLET, listed, says_steps
from pressrun.importing.words import FIRST, readable, summary

_RULE = re.compile(r"\s*([=\-_*~])\1{2,}\s*")
_MARKED = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
#: a closing line that says who wrote the article, and what it belongs to
_CLOSING = re.compile(
    r"This (?:article|leaflet|page) is in the category (?P<category>.+?) and (?:was )?created by (?P<author>.+?)\.?"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']")
#: a heading has no more
_MOST_CHARACTERS, _MOST_WORDS = 90, 14
#: lines that an editor has wrapped are no longer
_WRAPPED = 100


@dataclass
class _Block:
    """Lines that belong together, of one kind."""

    kind: str
    line: int
    texts: list[str] = field(default_factory=list)


def read(path: Path, data: bytes, *, source: str = "") -> Draft:
    """The article in a file of plain text: its first line is the title. Raises Refused."""
    text, notes = readable(source or str(path), data)
    found = list(_blocks(text))
    title = found.pop(0) if found and found[0].kind in ("text", "heading") and len(found[0].texts) == 1 else None
    values: dict[str, Any] = {}
    places = {}
    if title:
        values["title"] = title.texts[0]
        places = {"title": title.line, "summary": title.line}
    if found and (closing := _CLOSING.fullmatch(found[-1].texts[-1])):
        found[-1].texts.pop()
        values |= {"category": closing["category"], "authors": [closing["author"]]}
    found = [block for block in found if block.texts]
    if said := summary([block.texts[0] for block in found if block.kind == "text"]):
        values["summary"] = said
    guessed = {"summary": FIRST} if said else {}
    stem = path.stem if markup.is_slug(path.stem) else markup.slugify(values.get("title", path.stem))
    body = [(item, line) for item, line in _items(found)]
    return Draft(
        source or str(path), stem, values, [item for item, _ in body], notes=notes, guessed=guessed, places=places,
        text=text, lines=[line for _, line in body],
    )  # fmt: skip


# ---- lines to blocks


def _blocks(text: str) -> Iterator[_Block]:
    lines = text.split("\n")
    wrapped = _is_wrapped(lines)
    current: _Block | None = None
    for number, line in enumerate(lines, 1):
        if _RULE.fullmatch(line) and current and current.kind == "text" and len(current.texts) == 1:
            current.kind = "heading"  # underlined
        if not line.strip() or _RULE.fullmatch(line):
            if current and current.kind != "list":
                yield current
                current = None
        elif not (current and _continues(current, line, wrapped=wrapped)):
            if current:
                yield current
            current = _begun(lines, number, wrapped=wrapped)
    if current:
        yield current


def _continues(block: _Block, line: str, *, wrapped: bool) -> bool:
    """Adds a line to a block, if it belongs there."""
    bullet = BULLET.fullmatch(line)
    if bullet and block.kind == _kind(bullet):
        block.texts.append(bullet["text"].strip())
    elif not bullet and ((block.kind in ("list", "steps") and line[0] in " \t") or (block.kind == "text" and wrapped)):
        block.texts[-1] += " " + line.strip()
    else:
        return False
    return True


def _kind(bullet: re.Match[str]) -> str:
    return "steps" if bullet["number"] else "list"


def _is_wrapped(lines: list[str]) -> bool:
    """Whether paragraphs are of several lines each, as editors wrap them."""
    plain = [line for line in lines if line.strip() and not BULLET.fullmatch(line)]
    followed = [line for line, after in pairwise(lines) if line in plain and after.strip()]
    return "" in [line.strip() for line in lines] and bool(followed) and max(map(len, plain)) <= _WRAPPED


def _begun(lines: list[str], number: int, *, wrapped: bool) -> _Block:
    """A block that begins with a line, from 1."""
    text = lines[number - 1].strip()
    if bullet := BULLET.fullmatch(text):
        return _Block(_kind(bullet), number, [bullet["text"].strip()])
    if marked := _MARKED.fullmatch(text):
        return _Block("heading" if len(marked[1]) < 3 else "subheading", number, [marked[2]])
    below = lines[number] if number < len(lines) else ""
    after = next((line for line in lines[number:] if line.strip()), "")
    short = len(text) <= _MOST_CHARACTERS and len(text.split()) <= _MOST_WORDS
    alone = not (wrapped and below.strip()) and bool(after) and not _RULE.fullmatch(after)
    heads = number > 1 and short and alone and text[-1] not in '.,;:!…"”'
    return _Block("heading" if heads else "text", number, [text])


# ---- blocks to items of a body


def _items(blocks: list[_Block]) -> Iterator[tuple[Item, int]]:
    stepwise = False
    for block in blocks:
        match block.kind:
            case "heading" | "subheading":
                marks = "##" if block.kind == "heading" else "###"
                yield f"{marks} {_marked(block.texts[0])}", block.line
            case "text":
                for position, text in enumerate(block.texts):
                    yield commonmark.guarded(_marked(text)), block.line + position
            case _:
                texts = [_marked(text) for text in block.texts]
                yield listed(texts, stepwise=stepwise or block.kind == "steps"), block.line
        # A heading holds until the next one, a paragraph until the next block.
        if block.kind != "list":
            said = says_steps(block.texts[-1])
            stepwise = said if "heading" in block.kind else (stepwise or said)


def _marked(text: str) -> str:
    """Words as CommonMark, in which addresses can be followed."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [commonmark.escaped(text[end : found.start()]), f"<{found[0]}>"]
        end = found.end()
    return "".join([*parts, commonmark.escaped(text[end:])])
