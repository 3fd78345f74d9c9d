"""A draft as YAML that people like to read, and that says to our reader what the draft says."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressrun import markup, schema, source
from pressrun.faults import Refused
from pressrun.importing import commonmark
from pressrun.importing.commonmark import WIDTH
from pressrun.importing.draft import Draft, Item, Left
from pressrun.schema.blocks import BLOCKS

_INDICATORS = re.compile(r"[-?:](?:\s|$)|[!&*|>'\"%@`#{}\[\],]|---|\.\.\.")
#: keys whose values have a line each, however short they are
_LINE_BY_LINE = {"list:", "steps:", "terms:", "rows:", "table:", "figure:", "image:"}
#: stands where nobody has written what a picture shows, so that whoever is asked for it sees where it belongs
_ASKS = "# alt: what the picture shows"
_BETWEEN = re.compile(r"[,\[\]{}]")
#: what a body's text must not begin with, for it would be taken for a block whose space was forgotten
_LIKE_A_BLOCK = re.compile(rf"(?:{'|'.join(BLOCKS)}):(?=\S)")


@dataclass
class Sheet:
    """The YAML of an article, line by line, and which line of the source each comes from."""

    lines: list[str] = field(default_factory=list)
    _from: list[tuple[int, int]] = field(default_factory=list)

    def add(self, lines: Sequence[str], origin: int = 0) -> None:
        self._from.append((len(self.lines) + 1, origin))
        self.lines += lines

    def origin(self, line: int) -> int:
        """The source's line of a line of the YAML; 0 if it is of nobody's but ours."""
        at = bisect_right(self._from, (line, 1 << 60)) - 1
        return self._from[at][1] if at >= 0 else 0

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def write(draft: Draft, id_: str) -> Sheet:
    """The YAML of a draft, its keys in the contract's order."""
    sheet = Sheet()
    values = {**draft.values, "id": id_, "body": ""}
    for key in schema.ARTICLE:
        if key == "body":
            _body(sheet, draft)
        elif key in values:
            guess = [f"# {draft.guessed[key]}"] if key in draft.guessed else []
            sheet.add([*guess, *_entry(f"{key}: ", values[key], 0)], draft.places.get(key, 0))
    for left in draft.left:
        sheet.add(_comment(left, ""), left.line)
    return sheet


def _comment(left: Left, margin: str) -> list[str]:
    where = f", line {left.line}" if left.line else ""
    text = source.FORBIDDEN.sub(" ", left.text.replace("\t", "    ")).rstrip().split("\n")
    return [
        f"{margin}# {left.what[0].upper()}{left.what[1:]}{where}:",
        *(f"{margin}#   {line}".rstrip() for line in text),
    ]


# ---- the body


def _body(sheet: Sheet, draft: Draft) -> None:
    lines = [*draft.lines, *[0] * (len(draft.body) - len(draft.lines))]
    short = _short(draft.body)
    if short is not None:
        sheet.add(["body: |"])
        for item, line in zip(draft.body, lines, strict=True):
            text = commonmark.wrapped(str(item).strip("\n"), WIDTH - 2)
            gap = [""] if sheet.lines[-1] != "body: |" else []
            sheet.add([*gap, *_indented(text, "  ")], line)
        return
    sheet.add(["body:"])
    for item, line in zip(draft.body, lines, strict=True):
        for made in _prettier(item):
            heads = isinstance(made, dict) and "heading" in made and sheet.lines[-1] != "body:"
            written = _comment(made, "  ") if isinstance(made, Left) else list(_item(made, 2))
            sheet.add(["", *written] if heads else written, made.line if isinstance(made, Left) else line)


def _short(body: Sequence[Item]) -> str | None:
    """The whole body as one text, where that says everything."""
    if not body or not all(isinstance(item, str) for item in body):
        return None
    texts = [str(item).strip("\n") for item in body]
    whole = "\n\n".join(texts)
    bearable = len(whole) < markup.MOST_CHARACTERS and sum(map(whole.count, "[*_<`")) < markup.MOST_MARKS
    # Neighbours such as two lists must not become one.
    if not bearable or whole[:1] == " " or _kinds(whole) != [kind for text in texts for kind in _kinds(text)]:
        return None
    return whole


def _kinds(text: str) -> list[str]:
    return [token.type for token in commonmark.parser().parse(text) if token.level == 0]


def _prettier(item: Item) -> Iterator[Item]:
    """Headings and plain lists as blocks of their own, paragraphs as texts of their own."""
    if not isinstance(item, str):
        yield item
        return
    text = item.strip("\n")
    lines = text.split("\n")
    tokens = [token for token in commonmark.parser().parse(text) if token.level == 0 and token.map]
    if not tokens or any(token.type == "html_block" for token in tokens):
        yield text
        return
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        assert token.map
        last = following.map[0] if following and following.map else len(lines)
        yield _block("\n".join(lines[token.map[0] : last]).rstrip(), token.tag)


def _block(text: str, tag: str) -> Item:
    if (found := re.fullmatch(r"(##|###) ([^\n]*[^#\s])", text)) and tag in ("h2", "h3"):
        return {"heading" if tag == "h2" else "subheading": found[2].strip()}
    items = re.split(r"\n+(?=- )", text)
    if tag == "ul" and all(re.fullmatch(r"- \S[^\n]*", item) for item in items):
        made = {"list": [item[2:].strip() for item in items]}
        inner = [commonmark.blocks(words) for words in made["list"]]
        if all(len(blocks) == 1 and blocks[0].kind == "text" for blocks in inner):
            return made
    return text


def _item(item: str | dict[str, Any], margin: int) -> Iterator[str]:
    if isinstance(item, str):
        return _entry("- text: " if _LIKE_A_BLOCK.match(item) else "- ", commonmark.joined(item), margin)
    return _entry("- ", item, margin)


# ---- values


def _entry(lead: str, value: Any, margin: int) -> Iterator[str]:
    """`key: value` or `- value`, below a margin of so many spaces."""
    pad = " " * margin
    if isinstance(value, str):
        yield from _scalar(lead, value, margin)
        return
    inline = _flow(value) if lead.strip(" -") not in _LINE_BY_LINE else None
    if inline is not None and margin + len(lead) + len(inline) <= WIDTH:
        yield f"{pad}{lead}{inline}"
    elif isinstance(value, Mapping) and lead.endswith("- "):
        pairs = [line for key, part in value.items() for line in _entry(f"{_key(key)}: ", part, margin + 2)]
        yield f"{pad}- {pairs[0].lstrip()}"
        yield from pairs[1:]
    elif isinstance(value, Mapping):
        yield f"{pad}{lead.rstrip()}"
        for key, part in value.items():
            yield from _entry(f"{_key(key)}: ", part, margin + 2)
            if key == "src" and "alt" not in value:
                yield f"{pad}  {_ASKS}"
    else:
        yield f"{pad}{lead.rstrip()}"
        for part in value:
            yield from _entry("- ", part, margin + 2)


def _flow(value: Any) -> str | None:
    """A list or a mapping between brackets; None where each part had better have a line of its own."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            plain = _plain(value) and not _BETWEEN.search(value) and value[0] not in "?:"
            return value if plain else source.quote(value) if _one_line(value) else None
        case Mapping():
            if value.keys() & BLOCKS.keys() - {"button", "break"} or len(value) < 2:
                return None
            pairs = [(_key(key), _flow(part)) for key, part in value.items()]
            return None if any(part is None for _, part in pairs) else f"{{{', '.join(f'{k}: {v}' for k, v in pairs)}}}"
        case _:
            parts = [_flow(part) for part in value]
            long = any(part is None or len(part) > 60 for part in parts) or any(isinstance(x, Mapping) for x in value)
            return None if long else f"[{', '.join(str(part) for part in parts)}]"


def _key(text: str) -> str:
    return text if _plain(text) and not _BETWEEN.search(text) else source.quote(text)


def _plain(text: str) -> bool:
    """Whether a text needs no quotes."""
    return bool(
        text and text == text.strip() and _one_line(text) and not _INDICATORS.match(text)
        and not re.search(r":(?:\s|$)|\s#|\t", text)
    )  # fmt: skip


def _one_line(text: str) -> bool:
    return "\n" not in text


def _scalar(lead: str, text: str, margin: int) -> Iterator[str]:
    pad = " " * margin
    short = margin + len(lead) + len(text) + 2 <= WIDTH and text == text.strip()
    deep = margin + (4 if lead[:2] == "- " != lead else 2)
    if _plain(text):
        yield from commonmark.fold(pad + lead + text, margin + len(lead), WIDTH, " " * deep)
    elif (short or lead.startswith("title")) and _quotable(text):
        yield f"{pad}{lead}{source.quote(text)}"
    else:
        yield f"{pad}{lead}|"
        yield from _indented(commonmark.wrapped(text.strip(), WIDTH - deep), " " * deep)


def _indented(text: str, pad: str) -> list[str]:
    return [f"{pad}{line}" if line.strip() else "" for line in text.split("\n")]


def _quotable(text: str) -> bool:
    """Whether quotes hold a text as it is."""
    if not _one_line(text) or "\t" in text:
        return False
    try:
        node = source.read("", f"k: {source.quote(text)}\n".encode())
    except Refused:
        return False
    assert isinstance(node, source.Mapping)
    value = node.get("k")
    return isinstance(value, source.Scalar) and value.text == text
