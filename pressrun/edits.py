"""One more line in an author's file, or another value on one, and no other byte changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pressrun import source
from pressrun.faults import Refused

_LINES = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_BOM = b"\xef\xbb\xbf"


def put(path: str, data: bytes, key: str, value: str, behind: str = "date") -> bytes:
    """The file with `key: value` at its top, in place of what the key had, else behind that of another key.

    `value` is as YAML wants it, on one line. Raises ValueError for a file that is written in a way of its own.
    """

    def change(lines: list[str], node: source.Mapping) -> None:
        old = node.get(key)
        if not old:
            _insert(lines, node.source.where(_value(node, behind).end)[0], f"{key}: {value}")
            return
        first, column = node.source.where(old.start)
        last, end = node.source.where(old.end)
        if first == last:
            gap = "" if lines[first][:column].endswith(" ") else " "
            lines[first] = lines[first][:column] + gap + value + lines[first][end:]

    return _changed(path, data, change, key, value)


def add(path: str, data: bytes, key: str, item: str, behind: str = "date") -> bytes:
    """The file with one more item at the end of a list, or with a list of this one. As `put`."""

    def change(lines: list[str], node: source.Mapping) -> None:
        old = node.get(key)
        if not isinstance(old, source.Sequence):
            at = node.source.where(_value(node, behind).end)[0]
            _insert(lines, at, f"  - {item}")
            _insert(lines, at, f"{key}:")
            return
        last, end = node.source.where(old.end)
        if node.source.text[old.start] == "[":
            gap = ", " if old.items else ""
            lines[last] = lines[last][: end - 1] + gap + item + lines[last][end - 1 :]
        else:
            first, column = node.source.where(old.items[0].start)
            _insert(lines, last, " " * lines[first].rfind("-", 0, column) + f"- {item}")

    return _changed(path, data, change, key, item)


def _value(node: source.Mapping, key: str) -> source.Node:
    return node.get(key) or node.pairs[-1][1]


def _insert(lines: list[str], behind: int, line: str) -> None:
    """A line of its own behind another, with that one's ending."""
    found = re.search(r"[\r\n]*$", lines[behind])
    newline = found[0] if found and found[0] else "\n"
    if not (found and found[0]):
        lines[behind] += newline
    lines.insert(behind + 1, line + newline)


def _changed(path: str, data: bytes, change: Callable[[list[str], source.Mapping], None], key: str, new: str) -> bytes:
    node = source.read(path, data)
    bom = _BOM if data.startswith(_BOM) else b""
    lines = _LINES.split(data.removeprefix(bom).decode())
    if isinstance(node, source.Mapping):
        change(lines, node)
    changed = bom + "".join(lines).encode()
    before, value = _held(node), _held(source.read(path, new.encode()))
    wanted = ({**before, key: value}, {**before, key: [*before.get(key, []), value]})
    if _read_back(path, changed) not in wanted:
        raise ValueError(f"{path} is written in a way of its own. Write this line into it: {key}: {new}")
    return changed


def _read_back(path: str, data: bytes) -> Any:
    try:
        return _held(source.read(path, data))
    except Refused:
        return None


def _held(node: source.Node) -> Any:
    """What a file says, wherever it stands."""
    if isinstance(node, source.Mapping):
        return {name.text: _held(value) for name, value in node.pairs}
    if isinstance(node, source.Sequence):
        return [_held(item) for item in node.items]
    return node.text if isinstance(node, source.Scalar) else None
