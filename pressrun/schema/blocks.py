"""Readers of an article's body: its blocks and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pressrun import markup, model, source
from pressrun.model import Block
from pressrun.schema import kinds, shapes
from pressrun.schema.context import Context, Key, Keys, Unusable, either, list_of, made, nearest, record, values
from pressrun.schema.shapes import COMMONMARK, Shape, shaped
from pressrun.source import Node, Scalar, Sequence

# ---- items, figures


_plain_item = made(kinds.prose, model.Item)
#: a mapping of one pair
_PAIR = {
    "type": "object",
    "patternProperties": {r"\S": COMMONMARK},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
_NAMED = {"$comment": "`Name: explanation`", "anyOf": [{"type": "string", "pattern": r"\S:\s+\S"}, _PAIR]}


@shaped(_NAMED)
def _named_item(node: Node, context: Context) -> model.Item:
    """`Name: explanation` as a mapping of one pair or as a string, cut at its first ': '."""
    if isinstance(node, source.Mapping) and len(node.pairs) == 1:
        name, explanation = node.pairs[0]
        return model.Item(kinds.prose(explanation, context), kinds.prose(name, context))
    text = kinds.reader(node, context)
    colon = re.search(r":\s+", text.text.rstrip())
    if not colon:
        remedy = "Write the name, a colon and the explanation."
        raise context.refuse(node, "This item has no 'Name: explanation'.", remedy)
    return model.Item(name=text.prose(0, colon.start()), text=text.prose(colon.end()))


@shaped({"$comment": "CommonMark or `Name: explanation`", "anyOf": [COMMONMARK, _PAIR]})
def _step(node: Node, context: Context) -> model.Item:
    """Text, or `Name: explanation`."""
    named = not isinstance(node, Scalar) or re.search(r":\s+\S", node.text)
    return (_named_item if named else _plain_item)(node, context)


FIGURE = {
    "src": Key(kinds.word, "the picture's file, below content/images/", required=True),
    "alt": Key(kinds.or_empty(kinds.line, ""), "what the picture shows, for those who do not see it", required=True),
    "caption": Key(kinds.prose, "why the picture is there"),
    "credit": Key(kinds.line, "who made it"),
}


@shaped(lambda channels: shapes.fields(FIGURE, "a picture", channels))
def figure(node: Node, context: Context) -> model.Figure:
    found = values(node, context, FIGURE, "a picture")
    assert isinstance(node, source.Mapping)
    src = node.get("src") or node
    found["src"] = context.pictures.get(found["src"], found["src"])
    return model.Figure(**found, place=src.place)


# ---- blocks


QUOTE = {
    "text": Key(kinds.paragraphs, "the words", required=True),
    "cite": Key(kinds.line, "whose words they are"),
    "url": Key(kinds.web_address, "where they can be read"),
}


CALLOUT = {
    "kind": Key(kinds.one_of("note", "tip", "warning", "danger"), "note, tip, warning or danger", required=True),
    "title": Key(kinds.line, "its heading", required=True),
    "text": Key(kinds.paragraphs, "what it says", required=True),
}


_cell = kinds.or_empty(kinds.prose, ())
_TABLE = {
    "caption": Key(kinds.prose, "what the table shows"),
    "columns": Key(list_of(_cell), "the columns' headings", required=True),
    "rows": Key(list_of(list_of(_cell)), "the rows, each a list of cells", required=True),
    "row_headers": Key(kinds.boolean, "true when the first column heads the rows"),
}


@shaped(lambda channels: shapes.fields(_TABLE, "a table", channels))
def _table(node: Node, context: Context) -> Block:
    found = values(node, context, _TABLE, "a table")
    assert isinstance(node, source.Mapping)
    rows, width = node.get("rows"), len(found["columns"])
    assert isinstance(rows, Sequence)
    for row, cells in zip(rows.items, found["rows"], strict=True):
        if len(cells) != width:
            problem = f"The table has {width} columns, but this row {len(cells)}."
            raise context.refuse(row, problem, "Give each column a cell.")
    return model.Table(caption=found.pop("caption", ()), **found)


_BUTTON = {
    "label": Key(kinds.line, "what happens", required=True),
    "url": Key(kinds.word, "where it leads", required=True),
}


@shaped(lambda channels: shapes.fields(_BUTTON, "a button", channels))
def _button(node: Node, context: Context) -> Block:
    found = values(node, context, _BUTTON, "a button")
    assert isinstance(node, source.Mapping)
    return model.Button(label=found["label"], link=kinds.reader(node.get("url") or node, context).link(found["label"]))


_CALLOUT = record(lambda kind, **found: model.Callout(tone=kind, **found), CALLOUT, "a callout")
_QUOTE = either(
    made(kinds.paragraphs, lambda text: model.Quote(text=text)), record(model.Quote, QUOTE, "a quote")
)  # fmt: skip
BLOCKS: Keys = {
    "heading": Key(
        made(kinds.prose, lambda words: model.Heading(heading=words, id="")), "the heading of a section",
        example="What to do",
    ),
    "subheading": Key(
        made(kinds.prose, lambda words: model.Subheading(subheading=words, id="")), "a heading one level down"
    ),
    "text": Key(kinds.blocks, "CommonMark text, where `only` or `except` stands beside it"),
    "list": Key(
        made(list_of(_plain_item), lambda items: model.List(list=items)), "a list of items", example="[One, Two]"
    ),
    "steps": Key(
        made(list_of(_step), lambda items: model.Steps(steps=items)), "a list; items are text or Name: explanation",
        example="[Go to bed: At the same hour each night., Then rest.]",
    ),
    "terms": Key(
        made(list_of(_named_item), lambda items: model.Terms(terms=items)), "a list of Name: explanation",
        example="[Deep sleep: What the word means.]",
    ),
    "quote": Key(_QUOTE, "{text, cite, url} or text", example="{text: Somebody's words., cite: Somebody}"),
    "callout": Key(
        _CALLOUT, "{kind: note | tip | warning | danger, title, text}",
        example="{kind: tip, title: Try this, text: Keep the room dark.}",
    ),
    "figure": Key(figure, "{src, alt, caption, credit}", example="{src: bedroom.jpg, alt: A dark bedroom}"),
    "table": Key(
        _table, "{caption, columns, rows, row_headers}", example='{columns: [Age, Hours], rows: [[Adults, "7"]]}'
    ),
    "button": Key(
        _button, "{label, url}: a call to action; in print, its address and a QR code",
        example="{label: Find help, url: https://www.example.org/help}",
    ),
    "break": Key(made(kinds.one_of("page"), lambda _: model.Break()), "a page break in print"),
}  # fmt: skip

#: what a section of a health topic tells of: schema.org's HealthAspectEnumeration, without its suffix
_ASPECTS = (
    "allergies", "benefits", "causes", "contagiousness", "effectiveness", "getting-access", "how-it-works",
    "how-or-where", "ingredients", "living-with", "may-treat", "misconceptions", "overview", "patient-experience",
    "pregnancy", "prevention", "prognosis", "related-topics", "risks-or-complications", "safety", "screening",
    "see-doctor", "self-care", "side-effects", "stages", "symptoms", "treatments", "types", "usage-or-schedule",
)  # fmt: skip


def _channels_shape(channels: Mapping[str, Any]) -> Shape:
    names = {"enum": list(channels)}
    return {"anyOf": [names, {"type": "array", "items": names, "minItems": 1}]}


@shaped(_channels_shape)
def _channels(node: Node, context: Context) -> set[str]:
    """Names of channels, or a single one."""
    if isinstance(node, Scalar) and "," in node.text:
        raise context.refuse(node, "Several channels belong in brackets.", f"Write [{node.text}].")
    kind = kinds.one_of(*context.channels)
    return {kind(node, context)} if isinstance(node, Scalar) else set(list_of(kind)(node, context))


_BESIDE: Keys = {
    "only": Key(_channels, "the channels that carry it, a list or one", example="[web, handout]"),
    "except": Key(_channels, "the channels that do not carry it, a list or one", example="[feed]"),
    "id": Key(kinds.slug, "a heading's anchor; by default, one made of its words"),
    "aspect": Key(kinds.one_of(*_ASPECTS), "what a heading's section tells of a health topic"),
}


def _block_shape(channels: Mapping[str, Any]) -> Shape:
    """One kind of block, and what may stand beside it."""
    heading = {"required": ["heading"]}
    kinds_of_block = {
        "oneOf": [{"required": [name]} for name in BLOCKS],
        "not": {"required": ["only", "except"]},
        "dependencies": {"id": {"anyOf": [heading, {"required": ["subheading"]}]}, "aspect": heading},
    }
    return {"anyOf": [COMMONMARK, shapes.fields({**BLOCKS, **_BESIDE}, "a block", channels) | kinds_of_block]}


@shaped(_block_shape)
def _block(node: Node, context: Context) -> tuple[Block, ...]:
    """One entry of a body: a string, or a mapping with one of the blocks' keys."""
    if not isinstance(node, source.Mapping):
        if isinstance(node, Scalar) and (key := re.match(rf"({'|'.join(BLOCKS)}):(?=\S)", node.text)):
            raise context.refuse(node, f"'{key[0]}' needs a space behind its colon.", f"Write '{key[0]} ...'.")
        return kinds.blocks(node, context)
    names = [name for name, _ in node.pairs if name.text not in _BESIDE]
    if unknown := [name for name in names if name.text not in BLOCKS]:
        raise _unknown_block(node, unknown[0], context)
    if not names:
        raise context.refuse(node, "This block has no kind.", f"Write one of: {', '.join(BLOCKS)}.")
    if len(names) > 1:
        problem = f"'{names[0].text}' and '{names[1].text}' stand in one block."
        raise context.refuse(names[1], problem, "Write '- ' before the second.")
    carried = _carried(node, context)
    value = node.get(names[0].text)
    assert value
    made = BLOCKS[names[0].text].kind(value, context)
    return tuple(_beside(block, node, context, carried) for block in (made if isinstance(made, tuple) else (made,)))


def _unknown_block(node: source.Mapping, name: Scalar, context: Context) -> Unusable:
    """An author's paragraph that holds ': ', or a misspelt kind of block."""
    text = all(isinstance(value, Scalar) for _, value in node.pairs)
    close = get_close_matches(name.text.lower(), BLOCKS, 1, 0.6)
    nothing = text and all(value.empty for _, value in node.pairs if isinstance(value, Scalar))
    if nothing or (not close and (text or not name.text.isidentifier())):
        return kinds.misread(node, context)
    remedy = nearest(name.text, tuple(BLOCKS))
    if text:
        remedy += " " + node.as_text(source.IF_TEXT)
    return context.refuse(name, f"There is no block '{name.text}'.", remedy)


def _carried(node: source.Mapping, context: Context) -> tuple[str, ...] | None:
    """The channels named by only: and except:."""
    only, without = node.get("only"), node.get("except")
    if only and without:
        raise context.refuse(without, "'only' and 'except' stand at one block.", "Keep one of them.")
    named = only or without
    if not named:
        return None
    found = _channels(named, context)
    return tuple(sorted(found if only else set(context.channels) - found))


def _beside(block: Block, node: source.Mapping, context: Context, carried: tuple[str, ...] | None) -> Block:
    if (anchor := node.get("id")) is not None:
        if not isinstance(block, model.Heading | model.Subheading):
            raise context.refuse(anchor, "Only headings have an 'id'.", "Delete it.")
        block = replace(block, id=kinds.slug(anchor, context))
    if (aspect := node.get("aspect")) is not None:
        if not isinstance(block, model.Heading):
            raise context.refuse(aspect, "Only a heading has an 'aspect'.", "Delete it.")
        block = replace(block, aspect=_BESIDE["aspect"].kind(aspect, context))
    return replace(block, channels=carried)


@shaped(lambda channels: {"anyOf": [COMMONMARK, {"type": "array", "items": _block_shape(channels), "minItems": 1}]})
def body(node: Node, context: Context) -> tuple[Block, ...]:
    """An article's body in its short form (one text) or its long form (a list of blocks), headings anchored."""
    if not isinstance(node, Sequence) or (node.items and node.source.text[node.start] == "["):
        return _anchored(kinds.blocks(node, context))
    found = tuple(block for blocks in list_of(_block)(node, context) for block in blocks)
    anchors: set[str] = set()
    for item in node.items:
        anchor = item.get("id") if isinstance(item, source.Mapping) else None
        if isinstance(anchor, Scalar) and anchor.text in anchors:
            raise context.refuse(anchor, f"Another heading has the id '{anchor.text}'.", "Give each its own.")
        anchors.add(anchor.text if isinstance(anchor, Scalar) else "")
    return _anchored(found)


def _anchored(found: tuple[Block, ...]) -> tuple[Block, ...]:
    """Each heading with an anchor of its own: the one its author chose, or its words, numbered where they recur."""
    taken = {block.id for block in found if isinstance(block, model.Heading | model.Subheading)}
    counts: dict[str, int] = {}
    anchored: list[Block] = []
    for block in found:
        if isinstance(block, model.Heading | model.Subheading) and not block.id:
            words = model.plain(block.heading if isinstance(block, model.Heading) else block.subheading)
            anchor = words = markup.anchor(words)
            while anchor in taken:
                counts[words] = counts.get(words, 1) + 1
                anchor = f"{words}-{counts[words]}"
            taken.add(anchor)
            anchored.append(replace(block, id=anchor))
        else:
            anchored.append(block)
    return tuple(anchored)
