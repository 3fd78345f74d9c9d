"""How a Word file counts the items of its lists: what HTML made of it does not tell."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{_WORD}val"


def settled(root: Any) -> Any:
    """word/numbering.xml in which a list that changes a level of another one is a kind of its own."""
    kinds = {kind.get(f"{_WORD}abstractNumId"): kind for kind in root.iterfind(f"{_WORD}abstractNum")}
    for number in root.iterfind(f"{_WORD}num"):
        levels = [
            level for change in number.iterfind(f"{_WORD}lvlOverride") for level in change.iterfind(f"{_WORD}lvl")
        ]
        named = number.find(f"{_WORD}abstractNumId")
        if not levels or named is None or named.get(_VAL) not in kinds:
            continue
        kind = copy.deepcopy(kinds[named.get(_VAL)])
        own = f"9{number.get(f'{_WORD}numId')}"
        kind.set(f"{_WORD}abstractNumId", own)
        named.set(_VAL, own)
        for level in levels:
            for old in [
                old for old in kind.iterfind(f"{_WORD}lvl") if old.get(f"{_WORD}ilvl") == level.get(f"{_WORD}ilvl")
            ]:
                kind.replace(old, copy.deepcopy(level))
        root.insert(0, kind)
    return root


def ordinals(document: Any, numbering: Any) -> list[int]:
    """The number of each item of the outermost numbered lists."""
    firsts = dict(_firsts(numbering))
    counted: dict[str, int] = {}
    found = []
    for paragraph in document.iter(f"{_WORD}p"):
        about = paragraph.find(f"{_WORD}pPr/{_WORD}numPr")
        level, number = (_value(about, name) for name in ("ilvl", "numId"))
        if level == "0" and number in firsts and "".join(paragraph.itertext()).strip() and not _is_heading(paragraph):
            counted[number] = counted.get(number, firsts[number] - 1) + 1
            found.append(counted[number])
    return found


def _firsts(numbering: Any) -> Iterator[tuple[str, int]]:
    """Each numbered list, and the number that it begins with."""
    kinds: Mapping[Any, Any] = {
        kind.get(f"{_WORD}abstractNumId"): kind for kind in numbering.iterfind(f"{_WORD}abstractNum")
    }
    for number in numbering.iterfind(f"{_WORD}num"):
        kind = kinds.get(_value(number, "abstractNumId"))
        level = next(iter(kind.iterfind(f"{_WORD}lvl")), None) if kind is not None else None
        if level is not None and _value(level, "numFmt") not in ("bullet", "none", ""):
            said = _value(number.find(f"{_WORD}lvlOverride"), "startOverride") or _value(level, "start") or "1"
            yield number.get(f"{_WORD}numId"), int(said)


def _value(node: Any, name: str) -> str:
    inner = node.find(f"{_WORD}{name}") if node is not None else None
    return (inner.get(_VAL) or "") if inner is not None else ""


def _is_heading(paragraph: Any) -> bool:
    return _value(paragraph.find(f"{_WORD}pPr"), "pStyle").lower().startswith("heading")
