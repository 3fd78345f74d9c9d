"""Text as CommonMark that our own reader gives back word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, takewhile
from string import punctuation
from typing import Any

from markdown_it.common.utils import isPunctChar

from pressrun import markup, model
from pressrun.faults import Place
from pressrun.model import Prose


@dataclass(frozen=True, slots=True)
class Run:
    r"""Words that are set alike; a line break is a run of `\n` alone."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str = ""
    #: the text is CommonMark already, such as a citation
    raw: bool = False


BREAK = Run("\n")
_MARKS = ("href", "strong", "emphasis")

#: text that means nothing else to CommonMark
_PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;:?!'\"()/%–—’“”-])*")
_SPECIAL = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!$")
_EVERY = re.compile(f"[{re.escape(punctuation)}]")
#: what begins another block than a paragraph
_STARTS = re.compile(
    r"^(?:[-+](?=[ \t]|$)|-(?=[- \t]+$)|=(?==*[ \t]*$)|>|#(?=#{0,5}(?:[ \t]|$))|~(?=~~)"
    r"|(?P<number>[0-9]{1,9})(?=[.)](?:\s|$)))",
    re.MULTILINE,
)
#: what no file may hold, and CommonMark has no use for
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def text(runs: Iterable[Run], *, paragraph: bool = True) -> str:
    """One run of text; as a paragraph, or else as a cell, a heading or another place that holds nothing but text.

    Where CommonMark has no way to emphasise just these characters, emphasis gives way; words never do.
    """
    tidy = _collapsed(runs)
    if not tidy or (len(tidy) == 1 and tidy[0] == Run(tidy[0].text) and _PLAIN.fullmatch(tidy[0].text)):
        return tidy[0].text if tidy else ""
    tidy = merged(_trimmed(tidy))
    unmarked = merged(replace(run, strong=False, emphasis=False) for run in tidy)
    for wanted, sign, special in ((tidy, "*", _SPECIAL), (tidy, "_", _SPECIAL), (unmarked, "*", _SPECIAL)):
        written = _written(wanted, sign, special, paragraph)
        if _same(written, wanted, paragraph):
            return written
    return _written(unmarked, "*", _EVERY, paragraph)


def words(runs: Iterable[Run]) -> str:
    """The same without marks, in one line."""
    return " ".join("".join(run.text for run in _collapsed(runs)).split())


def _collapsed(runs: Iterable[Run]) -> list[Run]:
    """White space as a browser shows it; none at the ends and beside line breaks; neighbours that are alike as one."""
    found: list[Run] = []
    for run in runs:
        words = run.text if run.text == "\n" else re.sub("[ \t\n\f\r]+", " ", _UNPRINTABLE.sub("", run.text))
        before = found[-1].text if found else "\n"
        if before[-1] in " \n" and words != "\n":
            words = words.lstrip() if before[-1] == "\n" and not run.code else words.removeprefix(" ")
        if words == "\n":
            _end(found)
            words = words if found else ""
        if words:
            found.append(replace(run, text=words) if words != "\n" else BREAK)
    while found and found[-1].text == "\n":
        found.pop()
        _end(found)
    _end(found)
    return merged(found)


def merged(runs: Iterable[Run]) -> list[Run]:
    """Neighbours that are alike as one."""
    groups = groupby(runs, lambda run: run if run == BREAK else replace(run, text=""))
    return [key if key == BREAK else replace(key, text="".join(run.text for run in group)) for key, group in groups]


def _end(found: list[Run]) -> None:
    """Takes white space from the end."""
    while found and found[-1].text != "\n" and not found[-1].text.rstrip():
        found.pop()
    if found and found[-1].text != "\n":
        found[-1] = replace(found[-1], text=found[-1].text.rstrip())


def _trimmed(runs: Iterable[Run]) -> list[Run]:
    """Marks begin and end at a letter where CommonMark would not see them otherwise."""
    found = list(runs)
    for mark in _MARKS:
        found = [run for group in _edges(found, mark) for run in group if run.text]
    return found


def _edges(runs: Sequence[Run], mark: str) -> Iterator[Iterable[Run]]:
    groups = [list(group) for _, group in groupby(runs, lambda run: getattr(run, mark))]
    for number, group in enumerate(groups):
        if not getattr(group[0], mark):
            yield group
            continue
        before = _shown(groups[number - 1][-1])[-1] if number else " "
        after = _shown(groups[number + 1][0])[0] if number + 1 < len(groups) else " "
        loose = _loose(group, mark == "href" or not _is_letter(before))
        start, size = len(list(takewhile(bool, loose))), len(loose)
        loose = _loose(group, mark == "href" or not _is_letter(after))
        yield _cut(group, start, max(start, size - len(list(takewhile(bool, reversed(loose))))), mark)


def _shown(run: Run) -> str:
    return "`" if run.code else run.text


def _loose(group: Sequence[Run], clear: bool) -> list[bool]:
    """Of each character, whether a mark must not begin or end at it; `clear` where no letter stands beside them."""
    return [
        (char.isspace() and not run.code) or (not clear and (run.code or not _is_letter(char)))
        for run in group
        for char in run.text
    ]


def _cut(group: Sequence[Run], start: int, end: int, mark: str) -> Iterator[Run]:
    """Runs that keep their mark between two characters alone."""
    at = 0
    for run in group:
        first, last = (min(max(edge - at, 0), len(run.text)) for edge in (start, end))
        bare: Any = {mark: "" if mark == "href" else False}
        yield replace(run, text=run.text[:first], **bare)
        yield replace(run, text=run.text[first:last])
        yield replace(run, text=run.text[last:], **bare)
        at += len(run.text)


def _is_letter(char: str) -> bool:
    """What is neither white space nor a sign to CommonMark."""
    return not (char.isspace() or isPunctChar(char))


# ---- to CommonMark and back


def _written(runs: Sequence[Run], sign: str, special: re.Pattern[str], paragraph: bool) -> str:
    written = _nested(runs, sign, special, ())
    return (
        _STARTS.sub(lambda found: found[0] + "\\" if found["number"] else "\\" + found[0], written)
        if paragraph
        else written
    )


def _nested(runs: Sequence[Run], sign: str, special: re.Pattern[str], outer: tuple[str, ...]) -> str:
    """The mark that reaches furthest stands outside."""
    found = ""
    while runs:
        reach = {
            mark: len(list(takewhile(lambda run: getattr(run, mark) == getattr(runs[0], mark), runs)))  # noqa: B023  # used at once
            for mark in _MARKS
            if getattr(runs[0], mark) and mark not in outer
        }
        if not reach:
            found += _single(runs[0], special, runs[1:2])
            runs = runs[1:]
            continue
        mark = max(reach, key=lambda mark: reach[mark])
        inner = _nested(runs[: reach[mark]], sign, special, (*outer, mark))
        found += f"[{inner}]({address(runs[0].href)})" if mark == "href" else _between(inner, sign, mark)
        runs = runs[reach[mark] :]
    return found


def _between(inner: str, sign: str, mark: str) -> str:
    around = "**" if mark == "strong" else sign
    return f"{around}{inner}{around}"


def _single(run: Run, special: re.Pattern[str], following: Sequence[Run]) -> str:
    if run == BREAK:
        return "\\\n"
    if run.raw:
        return run.text
    if run.code:
        return code(run.text)
    escaped = special.sub(r"\\\g<0>", run.text)
    return escaped[:-2] + "!" if escaped.endswith("\\!") and not (following and following[0].href) else escaped


def code(words: str) -> str:
    fence = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    pad = " " if words[:1] in "` " or words[-1:] in "` " else ""
    return f"{fence}{pad}{words}{pad}{fence}"


def address(href: str) -> str:
    """An address between the brackets of a link."""
    plain = re.sub(r"[\x00-\x20<>\\`\"]", lambda found: f"%{ord(found[0]):02X}", href.strip())
    if plain.count("(") != plain.count(")") or re.search(r"^[^(]*\)", plain):
        plain = plain.replace("(", "%28").replace(")", "%29")
    return re.sub(r"&(?=#?\w+;)", r"\\&", plain)


def _same(written: str, wanted: Sequence[Run], paragraph: bool) -> bool:
    """Whether our reader finds in a text what was meant."""
    reader = markup.Reader(written, lambda *_: None, lambda _: Place(""))
    if not paragraph:
        return _flat(_runs(reader.prose(), Run(""))) == _flat(wanted)
    found = reader.blocks()
    return (
        len(found) == 1 and isinstance(found[0], model.Text) and _flat(_runs(found[0].text, Run(""))) == _flat(wanted)
    )


def _flat(runs: Iterable[Run]) -> list[Run]:
    """Runs that differ only in what CommonMark does not say; addresses are judged when the article is read."""
    return merged(replace(run, href="x" if run.href else "", raw=False) for run in runs)


def _runs(prose: Prose, like: Run) -> Iterator[Run]:
    for inline in prose:
        match inline:
            case model.Words(words):
                yield replace(like, text=words)
            case model.Code(words):
                yield replace(like, text=words, code=True)
            case model.Strong(content):
                yield from _runs(content, replace(like, strong=True))
            case model.Emphasis(content):
                yield from _runs(content, replace(like, emphasis=True))
            case model.Link(content):
                yield from _runs(content, replace(like, href="x"))
            case model.LineBreak():
                yield BREAK
            case model.Citation(number):
                yield replace(like, text=f"[^{number}]")


# ---- blocks


def heading(runs: Iterable[Run], signs: str) -> str:
    """A heading; empty where it has no words."""
    line = text((replace(run, text=" ") if run == BREAK else run for run in runs), paragraph=False)
    return f"{signs} {re.sub(r'(#+)$', lambda found: found[0].replace('#', chr(92) + '#'), line)}" if line else ""


def quote(parts: Sequence[str]) -> str:
    return "\n".join(f"> {line}".rstrip(" ") for line in "\n\n".join(parts).split("\n"))


def listed(items: Iterable[Sequence[str]], start: int | None = None) -> str:
    """A list of items, each of blocks; numbered from `start`, if it is given."""
    written = []
    for number, parts in enumerate(filter(None, items), start or 0):
        sign = "- " if start is None else f"{number}. "
        inner = "".join(_between_blocks(before, part) + part for before, part in pairwise(["", *parts]))
        written.append(sign + re.sub(r"\n(?=[^\n])", "\n" + " " * len(sign), inner))
    return ("\n\n" if any("\n\n" in item for item in written) else "\n").join(written)


def _between_blocks(before: str, part: str) -> str:
    """What stands between two blocks of an item: a list may follow its words at once, if it begins with 1."""
    return "" if not before else "\n" if re.match(r"[-*] |1[.)] ", part) and not _sign(before) else "\n\n"


def _sign(part: str) -> str:
    """How a list marks its items; empty for other blocks."""
    found = re.match(r"([-*]) |[0-9]+([.)]) ", part)
    return (found[1] or found[2]) if found else ""


_OTHER = {"-": "*", "*": "-", ".": ")", ")": "."}


def apart(before: str, part: str) -> str:
    """A block, with other signs if it is a list like the one before it, or else they would be one."""
    sign = _sign(part)
    if not sign or _sign(before) != sign:
        return part
    return re.sub(rf"(?m)^([0-9]*){re.escape(sign)}(?= )", rf"\g<1>{_OTHER[sign]}", part)
