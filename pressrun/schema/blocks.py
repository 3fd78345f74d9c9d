"""Readers of an article's body: its blocks and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from pressrun import markup, model, source
from pressrun.model import Block
from pressrun.schema.context import Context, Key, Keys, Unusable, list_of, nearest, one_pair, values
from pressrun.schema.values import (
    alt,
    boolean,
    line,
    one_of,
    paragraphs,
    prose,
    scalar_of,
    slug,
    text_reader,
    typed,
    web_address,
    word,
)
from pressrun.source import Node, Scalar, Sequence

# ---- items, figures, links


def plain_item(node: Node, context: Context) -> model.Item:
    return model.Item(prose(node, context))


def named_item(node: Node, context: Context) -> model.Item:
    """`Name: explanation` as a mapping of one pair or as a string, cut at its first ': '."""
    if pair := one_pair(node):
        name, explanation = pair
        return model.Item(prose(explanation, context), text_reader(name, context).prose(name.text))
    scalar = typed(node, context)
    name_text, colon, explanation_text = scalar.text.partition(": ")
    if not colon:
        raise context.refuse(
            node, "This item has no 'Name: explanation'.", "Write the name, a colon and the explanation."
        )
    read = text_reader(scalar, context)
    return model.Item(name=read.prose(name_text), text=read.prose(explanation_text))


def step(node: Node, context: Context) -> model.Item:
    if one_pair(node) or (isinstance(node, Scalar) and ": " in node.text):
        return named_item(node, context)
    return plain_item(node, context)


_FIGURE = {
    "src": Key(word, "the picture's file, below content/images/", required=True),
    "alt": Key(alt, "what the picture shows, for those who do not see it", required=True),
    "caption": Key(prose, "why the picture is there"),
    "credit": Key(line, "who made it"),
}


def figure(node: Node, context: Context) -> model.Figure:
    found = values(node, context, _FIGURE, "a picture")
    assert isinstance(node, source.Mapping)
    src = node.get("src") or node
    return model.Figure(**found, place=src.fault("", "").place)


# ---- blocks


def _heading(node: Node, context: Context) -> Block:
    return model.Heading(heading=prose(node, context), id="")


def _subheading(node: Node, context: Context) -> Block:
    return model.Subheading(subheading=prose(node, context), id="")


_QUOTE = {
    "text": Key(paragraphs, "the words", required=True),
    "cite": Key(line, "whose words they are"),
    "url": Key(web_address, "where they can be read"),
}


def _quote(node: Node, context: Context) -> Block:
    if isinstance(node, Scalar):
        return model.Quote(text=paragraphs(node, context))
    return model.Quote(**values(node, context, _QUOTE, "a quote"))


_CALLOUT = {
    "kind": Key(one_of("note", "tip", "warning", "danger"), "note, tip, warning or danger", required=True),
    "title": Key(line, "its heading", required=True),
    "text": Key(paragraphs, "what it says", required=True),
}


def _callout(node: Node, context: Context) -> Block:
    found = values(node, context, _CALLOUT, "a callout")
    return model.Callout(tone=found.pop("kind"), **found)


_TABLE = {
    "caption": Key(prose, "what the table shows"),
    "columns": Key(list_of(prose), "the columns' headings", required=True),
    "rows": Key(list_of(list_of(prose)), "the rows, each a list of cells", required=True),
    "row_headers": Key(boolean, "true when the first column heads the rows"),
}


def _table(node: Node, context: Context) -> Block:
    found = values(node, context, _TABLE, "a table")
    assert isinstance(node, source.Mapping)
    rows, width = node.get("rows"), len(found["columns"])
    assert isinstance(rows, Sequence)
    for row, cells in zip(rows.items, found["rows"], strict=True):
        if len(cells) != width:
            raise context.refuse(
                row, f"The row has {len(cells)} cells for {width} columns.", "Give each column a cell."
            )
    return model.Table(caption=found.pop("caption", ()), **found)


_BUTTON = {
    "label": Key(line, "what happens", required=True),
    "url": Key(word, "where it leads", required=True),
}


def _button(node: Node, context: Context) -> Block:
    found = values(node, context, _BUTTON, "a button")
    assert isinstance(node, source.Mapping)
    url = node.get("url")
    assert isinstance(url, Scalar)
    return model.Button(label=found["label"], link=text_reader(url, context).link(found["label"], found["url"]))


def _break(node: Node, context: Context) -> Block:
    one_of("page")(node, context)
    return model.Break()


BLOCKS: Keys = {
    "heading": Key(_heading, "the heading of a section"),
    "subheading": Key(_subheading, "a heading one level down"),
    "text": Key(paragraphs, "CommonMark text"),
    "list": Key(lambda n, c: model.List(list=list_of(plain_item)(n, c)), "a list of items"),
    "steps": Key(
        lambda n, c: model.Steps(steps=list_of(step)(n, c)), "an ordered list; items are text or Name: explanation"
    ),
    "terms": Key(lambda n, c: model.Terms(terms=list_of(named_item)(n, c)), "a list of Name: explanation"),
    "quote": Key(_quote, "{text, cite, url} or text"),
    "callout": Key(_callout, "{kind: note | tip | warning | danger, title, text}"),
    "figure": Key(figure, "{src, alt, caption, credit}"),
    "table": Key(_table, "{caption, columns, rows, row_headers}"),
    "button": Key(_button, "{label, url}"),
    "break": Key(_break, "page"),
}

_BESIDE = ("only", "except", "id")


def _block(node: Node, context: Context) -> tuple[Block, ...]:
    """One entry of a body: a string, or a mapping with one of the blocks' keys."""
    if isinstance(node, Scalar):
        scalar = typed(node, context)
        return text_reader(scalar, context).blocks(scalar.text)
    if not isinstance(node, source.Mapping):
        scalar_of(node, context, "a block")
        raise Unusable
    names = [name for name, _ in node.pairs if name.text not in _BESIDE]
    if unknown := [name for name in names if name.text not in BLOCKS]:
        raise _unknown_block(node, unknown[0], context)
    if len(names) != 1:
        raise context.refuse(node, "A block has exactly one kind.", f"Write one of: {', '.join(BLOCKS)}.")
    value = node.get(names[0].text)
    assert value is not None
    carried = _carried(node, context)
    made = BLOCKS[names[0].text].kind(value, context)
    return tuple(_beside(block, node, context, carried) for block in (made if isinstance(made, tuple) else (made,)))


def _unknown_block(node: source.Mapping, name: Scalar, context: Context) -> Unusable:
    """An author's paragraph that holds ': ', or a misspelt kind of block."""
    close = get_close_matches(name.text, tuple(BLOCKS), 1, 0.6)
    if one_pair(node) and isinstance(node.pairs[0][1], Scalar) and not close:
        line_of = node.source.lines[node.source.text.count("\n", 0, node.start)]
        return context.refuse(
            name, "YAML takes this paragraph for a mapping because it holds ': '.",
            f"Put the text in quotes:{source.corrected(line_of)}",
        )  # fmt: skip
    return context.refuse(name, f"There is no block '{name.text}'.", nearest(name.text, tuple(BLOCKS)))


def _carried(node: source.Mapping, context: Context) -> frozenset[str] | None:
    """The channels named by only: and except:."""
    only, without = node.get("only"), node.get("except")
    if only and without:
        raise context.refuse(node, "'only' and 'except' stand at one block.", "Keep one of them.")
    named = only or without
    if not named:
        return None
    kind = one_of(*context.channels)
    found = {kind(named, context)} if isinstance(named, Scalar) else set(list_of(kind)(named, context))
    return frozenset(found if only else set(context.channels) - found)


def _beside(block: Block, node: source.Mapping, context: Context, carried: frozenset[str] | None) -> Block:
    if (anchor := node.get("id")) is not None:
        if not isinstance(block, model.Heading | model.Subheading):
            raise context.refuse(anchor, "Only headings have an 'id'.", "Delete it.")
        block = replace(block, id=slug(anchor, context))
    return replace(block, channels=carried)


def body(node: Node, context: Context) -> tuple[Block, ...]:
    """An article's body in its short form (one text) or its long form (a list of blocks), headings anchored."""
    if isinstance(node, Scalar):
        scalar = typed(node, context)
        before = len(context.faults)
        found = text_reader(scalar, context).blocks(scalar.text)
        if not found and len(context.faults) == before:
            raise context.refuse(node, "The body says nothing.", "Write at least one paragraph.")
    else:
        found = tuple(block for blocks in list_of(_block)(node, context) for block in blocks)
    return _anchored(found, node, context)


def _anchored(found: tuple[Block, ...], node: Node, context: Context) -> tuple[Block, ...]:
    """Each heading with an anchor of its own: the one its author chose, or its words."""
    headings = [block for block in found if isinstance(block, model.Heading | model.Subheading)]
    chosen = [block.id for block in headings if block.id]
    if repeated := next((anchor for anchor in chosen if chosen.count(anchor) > 1), None):
        raise context.refuse(node, f"Two headings have the id '{repeated}'.", "Give each its own.")
    taken = set(chosen)
    anchored: list[Block] = []
    for block in found:
        if not isinstance(block, model.Heading | model.Subheading) or block.id:
            anchored.append(block)
            continue
        words = block.heading if isinstance(block, model.Heading) else block.subheading
        anchor = _free(markup.slugify(model.plain(words)) or "section", taken)
        taken.add(anchor)
        anchored.append(replace(block, id=anchor))
    return tuple(anchored)


def _free(anchor: str, taken: set[str]) -> str:
    return next(name for n in range(1, len(taken) + 2) if (name := anchor if n == 1 else f"{anchor}-{n}") not in taken)
