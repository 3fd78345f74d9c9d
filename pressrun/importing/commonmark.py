"""CommonMark as text that is changed in its place: where its links and pictures stand, words that stay words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from pressrun import markup
from pressrun.faults import Place
from pressrun.model import Block

#: what begins another block than a paragraph, at the start of a line
_STARTS = re.compile(r"[-+*](?=\s|$)|#{1,6}(?=\s|$)|>|\d{1,9}(?=[.)](?:\s|$))|=+\s*$|-{2,}\s*$|`{3}|~{3}|: ")
_SPECIAL = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
#: a longer line is wrapped
WIDTH = 108

Report = Callable[[int, str, str], None]


@dataclass(frozen=True, slots=True)
class Span:
    """A link, a picture, code or raw HTML in a text, between two characters."""

    #: link, image, autolink, backticks, html_inline
    kind: str
    start: int
    end: int
    #: the words of a link, the description of a picture
    label: tuple[int, int] = (0, 0)
    href: str = ""
    title: str = ""
    #: in how many others it stands
    level: int = 0
    #: whether its address stands elsewhere, in a definition
    named: str = ""


def _noting(name: str, rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """A rule of markdown-it's that notes on its token where it stands."""

    def noted(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        found = rule(state, silent)
        if not found or silent:
            return found
        token = next((made for made in state.tokens[before:] if made.type not in ("text", "text_special")), None)
        if token and token.type != "softbreak":
            opening = start + (name == "image")
            closing = state.md.helpers.parseLinkLabel(state, opening) if name in ("link", "image") else opening
            href = token.attrs.get("href", token.attrs.get("src", ""))
            token.meta["span"] = Span(
                name, start, state.pos, (opening + 1, closing), str(href), str(token.attrs.get("title", "")),
                token.level, token.meta.get("label", ""),
            )  # fmt: skip
        return found

    return noted


@cache
def parser() -> markup.CommonMark:
    """CommonMark with tables and raw HTML, each link's place noted."""
    made = markup.CommonMark("commonmark", {"html": True, "store_labels": True, "maxNesting": 200})
    made.enable("table").disable("text_join")
    known = {rule.name: rule.fn for rule in made.inline.ruler.__rules__}
    for name in ("link", "image", "autolink", "backticks", "html_inline"):
        made.inline.ruler.at(name, _noting(name, known[name]))
    return made


def inner(token: Token) -> list[Span]:
    """The spans of an inline token, by the characters of its content."""
    return [child.meta["span"] for child in token.children or () if "span" in child.meta]


def spans(text: str) -> Iterator[Span]:
    """The spans of a whole text, by its characters."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for token in parser().parse(text):
        if token.type == "inline" and token.map:
            moved = _offsets(token, lines, starts)
            for span in inner(token):
                label = (moved(span.label[0]), moved(span.label[1]))
                yield replace(span, start=moved(span.start), end=moved(span.end - 1) + 1, label=label)


def _offsets(token: Token, lines: Sequence[str], starts: Sequence[int]) -> Callable[[int], int]:
    """Where in the text a character of a token's content stands."""
    assert token.map
    places: list[int] = []
    for number, line in enumerate(token.content.split("\n"), token.map[0]):
        column = lines[number].find(line.strip()) - (len(line) - len(line.lstrip()))
        places += range(starts[number] + column, starts[number] + column + len(line) + 1)
    return lambda at: places[min(at, len(places) - 1)]


def edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """A text with new words between two characters each."""
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def blocks(text: str, report: Report = lambda *_: None) -> tuple[Block, ...]:
    """What the text says, by the contract."""
    return markup.Reader(text, report, lambda _: Place("")).blocks()


def escaped(text: str) -> str:
    """Plain words as CommonMark that says just them."""
    return "\n".join(guarded(line) for line in _SPECIAL.sub(r"\\\g<0>", text).split("\n"))


def guarded(line: str) -> str:
    """A line of a paragraph that begins with nothing else."""
    line = line.lstrip()
    if not (found := _STARTS.match(line)):
        return line
    return f"{found[0]}\\{line[found.end() :]}" if found[0].isdigit() else f"\\{line}"


def address(href: str) -> str:
    """An address as it stands behind the words of a link."""
    balanced = href.count("(") == href.count(")") and not re.search(r"[\s<]", href)
    return href if balanced and href else f"<{re.sub('[<>]', lambda mark: f'%{ord(mark[0]):X}', href)}>"


def linked(label: str, href: str) -> str:
    return f"[{label}]({address(href)})"


def pictured(alt: str, src: str, caption: str = "") -> str:
    """A picture as a paragraph; its description is plain text, its caption CommonMark."""
    alt = escaped(" ".join(alt.split()))
    title = '"' + " ".join(caption.split()).replace('"', '\\"') + '"'
    return f"![{alt}]({address(src)}{' ' + title if caption.strip() else ''})"


def code(text: str) -> str:
    """Words in backticks, which may hold some."""
    ticks = "`" * next(n for n in range(1, 99) if not re.search(rf"(?<!`)`{{{n}}}(?!`)", text))
    pad = " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


# ---- lines of a length that people can read


def joined(text: str) -> str:
    """A single paragraph on one line; any other text as it is."""
    if "\n" not in text:
        return text
    line = " ".join(part.strip() for part in text.split("\n"))
    found = blocks(line)
    return line if len(found) == 1 and found == blocks(text) else text


def wrapped(text: str, width: int = WIDTH) -> str:
    """The same text with its paragraphs' long lines broken."""
    lines: list[str | list[str]] = list(text.split("\n"))
    if max(map(len, text.split("\n"))) <= width:
        return text
    above = ""
    for token in parser().parse(text):
        if token.type == "inline" and token.map and above == "paragraph_open":
            for number, part in enumerate(token.content.split("\n"), token.map[0]):
                line = str(lines[number])
                if len(line) > width:
                    lines[number] = fold(line, line.find(part.strip()), width)
        above = token.type
    new = "\n".join(part for line in lines for part in ([line] if isinstance(line, str) else line))
    return new if new == text or blocks(new) == blocks(text) else text


def fold(line: str, column: int, width: int, lead: str | None = None) -> list[str]:
    """A line cut at spaces; each further line begins like the first one up to a column, its marks but '>' as spaces."""
    lead = re.sub(r"[^>\s]", " ", line[:column]) if lead is None else lead
    first, *words = line[column:].split(" ")
    found, current = [], line[:column] + first
    for word in words:
        fits = len(current) + 1 + len(word) <= width
        if fits or not word or current.endswith((" ", "\\")) or _STARTS.match(word) or word[0] == "#":
            current += " " + word
        else:
            found.append(current)
            current = lead + word
    return [*found, current]
