"""The text of a YAML file, its lines, and how text is written so that YAML leaves it alone."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate

from yaml.emitter import Emitter
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from pressrun.faults import Fault, Place, Refused

#: numbers of YAML 1.2 that are none of YAML 1.1, which PyYAML knows
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|0o[0-7]+")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file."""

    #: relative to the desk, with forward slashes
    path: str
    text: str
    #: without empty ones at the end
    lines: tuple[str, ...]
    #: where each line begins
    starts: tuple[int, ...]
    #: keys that may stand before a text
    keys: Collection[str]

    def where(self, index: int) -> tuple[int, int]:
        """Line and column of a character, all counted from 0; what lies behind the last line belongs to it."""
        line = bisect_right(self.starts, index) - 1
        return line, min(index - self.starts[line], len(self.lines[line]))

    def place(self, index: int) -> Place:
        line, column = self.where(index)
        return Place(self.path, line + 1, column + 1)

    def fault(self, index: int, problem: str, remedy: str) -> Fault:
        """A fault at a character of the text, counted from 0."""
        return Fault(self.place(index), problem, remedy, self.lines[self.where(index)[0]])

    def as_text(self, first: int, last: int, column: int) -> list[str]:
        """Lines with their text, which begins at a column of the first, in quotes or as a block below a bar."""
        line = self.lines[first]
        if first == last:
            return [line[:column] + quote(_unwrapped(line[column:].strip()))]
        below = self.lines[first + 1 : last + 1]
        margin = min(indent(line) for line in below if line.strip())
        return [line[:column] + "|", " " * margin + line[column:], *below]


def _unwrapped(text: str) -> str:
    """Text without quotation marks that were meant for YAML: one never closed, or a pair around an apostrophe."""
    mark = text[:1]
    if mark not in {"'", '"'}:
        return text
    if text.count(mark) == 1:
        return text[1:]
    return text[1:-1] if text.count(mark) == 3 and text.endswith(mark) else text


def decoded(path: str, data: bytes, keys: Collection[str]) -> Source:
    """Raises Refused at the first byte that is not UTF-8."""
    data = _with_plain_ends(data)
    text = data.decode("utf-8", "replace")
    lines = tuple(text.rstrip("\n").split("\n"))
    source = Source(path, text, lines, tuple(accumulate((len(line) + 1 for line in lines[:-1]), initial=0)), keys)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode("utf-8"))
        raise Refused([source.fault(at, "The file is not UTF-8.", "Save it with the encoding UTF-8.")]) from None
    return source


def typed(data: bytes) -> str:
    """The text of a file that is known to be UTF-8."""
    return _with_plain_ends(data).decode()


def _with_plain_ends(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def written(text: str, *, in_brackets: bool = False) -> str:
    """Text of one line as a YAML scalar, in quotes where it needs them.

    It needs them, too, where other programs would take it for something else: `988` for a number, `no` for false.
    """
    emitter = Emitter(io.StringIO(), allow_unicode=True)
    found = emitter.analyze_scalar(text)
    plain = found.allow_block_plain and not (in_brackets and re.search(r"[,?\[\]{}]|^:|:$", text))
    kind = Resolver().resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return text if plain and kind == "tag:yaml.org,2002:str" and not _NUMBER.fullmatch(text) else quote(text)


def quote(text: str) -> str:
    """Text as a YAML scalar that reads back as the same text."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'
