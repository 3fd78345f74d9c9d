"""From nodes to the model, key by key, with a fault for whatever does not fit.

Every mapping of the authors' contract is a table of keys here; a key says what kind of value it takes and what it
is for. No channel is known by name: the table of channels, with their own keys, comes in the context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pressrun import markup, model, source
from pressrun.faults import Fault
from pressrun.model import Block, Prose
from pressrun.source import Node, Scalar, Sequence


class Unusable(Exception):
    """A value that does not fit; its fault is already noted."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping."""

    kind: Kind
    about: str
    required: bool = False


Keys = Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """What one channel adds to the contract."""

    #: below `channels: {<channel>: ...}` of an article
    options: Keys
    #: at the top of site.yaml
    settings: Keys


@dataclass
class Context:
    """What readers of values need beside the value."""

    channels: Mapping[str, ChannelKeys]
    faults: list[Fault] = field(default_factory=list)
    zone: ZoneInfo = ZoneInfo("UTC")
    links: Mapping[str, str] = field(default_factory=dict)

    def refuse(self, node: Node, problem: str, remedy: str) -> Unusable:
        self.faults.append(node.fault(problem, remedy))
        return Unusable()


Kind = Callable[[Node, Context], Any]


# ---- text


def _scalar(node: Node, context: Context, wanted: str) -> Scalar:
    """A non-empty scalar, unless YAML has made something else of it."""
    if isinstance(node, Scalar):
        if node.empty or not node.text.strip():
            raise context.refuse(node, f"Nothing is written here where {wanted} belongs.", "Write it, or delete the key.")
        return node
    taken_for = "list" if isinstance(node, Sequence) else "mapping"
    line = node.source.lines[node.source.text.count("\n", 0, node.start)]
    typed = node.source.text[node.start : node.start + 1]
    if typed in "[{" or (taken_for == "mapping" and "\n" not in node.source.text[node.start : node.end].rstrip()):
        cause = f"begins with '{typed}'" if typed in "[{" else "holds ': '"
        raise context.refuse(
            node, f"YAML takes this text for a {taken_for} because it {cause}.",
            f"Put the text in quotes:{source.corrected(line)}",
        )  # fmt: skip
    raise context.refuse(node, f"A {taken_for} stands where {wanted} belongs.", "Write the text behind the key.")


def word(node: Node, context: Context) -> str:
    """Text for machines or a name; a comment may stand two spaces behind it."""
    scalar = _scalar(node, context, "text")
    if scalar.comment_gap == 1:
        raise _hidden(scalar, context)
    return " ".join(scalar.text.split())


def line(node: Node, context: Context) -> str:
    """Plain text for readers: nothing behind it may be lost to a comment; its white space is folded."""
    return " ".join(_typed(node, context).text.split())


def _typed(node: Node, context: Context) -> Scalar:
    scalar = _scalar(node, context, "text")
    if scalar.comment_gap:
        raise _hidden(scalar, context)
    return scalar


def _hidden(scalar: Scalar, context: Context) -> Unusable:
    text = scalar.source.text
    number = text.count("\n", 0, scalar.end) + 1
    column = scalar.end - text.rfind("\n", 0, scalar.end)
    context.faults.append(source.hidden(scalar.source, number, column, scalar.source.lines[number - 1]))
    return Unusable()


def alt(node: Node, context: Context) -> str:
    """What a picture shows; empty quotes mark pure decoration."""
    if isinstance(node, Scalar) and node.style in ("'", '"') and not node.text:
        return ""
    return line(node, context)


def _reader(scalar: Scalar, context: Context) -> markup.Reader:
    def report(part: str, nth: int, problem: str, remedy: str) -> None:
        context.faults.append(scalar.fault_in(part, nth, problem, remedy))

    return markup.Reader(report, lambda part, nth: scalar.fault_in(part, nth, "", "").place, context.links)


def prose(node: Node, context: Context) -> Prose:
    """CommonMark of one run of text."""
    scalar = _typed(node, context)
    return _reader(scalar, context).prose(scalar.text)


def paragraphs(node: Node, context: Context) -> tuple[Block, ...]:
    """CommonMark of any length, without headings."""
    scalar = _typed(node, context)
    found = _reader(scalar, context).blocks(scalar.text)
    if any(isinstance(block, model.Heading | model.Subheading) for block in found):
        raise context.refuse(scalar, "A heading stands inside another block.", "Take it out, or make it bold text.")
    return found


# ---- values


def boolean(node: Node, context: Context) -> bool:
    text = word(node, context)
    if text not in ("true", "false"):
        raise context.refuse(node, f"'{text}' is neither true nor false.", "Write true or false.")
    return text == "true"


def number(node: Node, context: Context) -> int:
    text = word(node, context)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise context.refuse(node, f"'{text}' is not a whole number of 1 or more.", "Write digits only.")
    return int(text)


def matching(pattern: str, wanted: str, remedy: str) -> Kind:
    """A word that matches a pattern as a whole."""

    def read(node: Node, context: Context) -> str:
        text = word(node, context)
        if not re.fullmatch(pattern, text):
            raise context.refuse(node, f"'{text}' is not {wanted}.", remedy)
        return text

    return read


def one_of(*words: str) -> Kind:
    def read(node: Node, context: Context) -> str:
        text = word(node, context)
        if text not in words:
            raise context.refuse(node, f"'{text}' is not known here.", nearest(text, words))
        return text

    return read


slug = matching(
    r"(?=.{1,80}$)[a-z0-9]+(?:-[a-z0-9]+)*", "a slug", "Use lower-case letters, digits and single hyphens, 80 at most."
)
web_address = matching(r"https?://[^\s/]+\S*", "a web address", "Write https://...")
email = matching(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\s@<>,;:.]+", "a mail address", "Write name@example.org.")
language = matching(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "a language tag", "Write en, en-US, es, ar, ...")
colour = matching(r"#[0-9a-fA-F]{6}", "a colour", 'Write it in quotes as "#1f5f6b".')
phone = matching(r"\+?[0-9][0-9 ()./-]*|[0-9]{1,5}", "a telephone number", "Write digits, spaces and hyphens.")


def base_url(node: Node, context: Context) -> str:
    text = str(web_address(node, context))
    if text.endswith("/"):
        raise context.refuse(node, "The address ends in a slash.", f"Write {text.rstrip('/')}")
    return text


def time_zone(node: Node, context: Context) -> ZoneInfo:
    text = word(node, context)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise context.refuse(node, f"'{text}' is no time zone.", "Write Europe/London, America/New_York, ...") from None


_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?) ?(?P<offset>Z|[+-]\d{2}:\d{2})?)?"
)


def moment(node: Node, context: Context) -> datetime:
    """A date (00:00 in the site's zone) or a time, in that zone unless it has an offset of its own."""
    text = word(node, context)
    try:
        return _moment(text, context.zone)
    except ValueError as error:
        raise context.refuse(node, *error.args) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Raises ValueError with a problem and a remedy."""
    match = _MOMENT.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a date.", "Write 2025-03-14, or 2025-03-14T09:00.")
    try:
        found = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}")
    except ValueError:
        raise ValueError(f"The calendar has no {text}.", "Check day, month and hour.") from None
    if match["offset"]:
        return datetime.fromisoformat(f"{found.isoformat()}{match['offset']}").astimezone(zone)
    found = found.replace(tzinfo=zone)
    if not match["time"]:
        return found
    if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found.replace(tzinfo=None):
        raise ValueError(f"Clocks in {zone} skip {text}.", "Choose another hour.")
    if found.utcoffset() != found.replace(fold=1).utcoffset():
        raise ValueError(f"Clocks in {zone} show {text} twice.", f"Add the offset: {text}{_offset(found)}")
    return found


def _offset(when: datetime) -> str:
    minutes = (when.utcoffset() or timedelta()) // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


# ---- lists and mappings


def list_of(kind: Kind) -> Kind:
    """A list whose items are all read, so that all their faults show."""

    def read(node: Node, context: Context) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            raise context.refuse(node, "A list belongs here.", "Write [one, two], or one a line with '- ' before it.")
        if not node.items:
            raise context.refuse(node, "The list is empty.", "Write at least one item, or delete the key.")
        return _all([lambda item=item: kind(item, context) for item in node.items])

    return read


def _all(reads: list[Callable[[], Any]]) -> tuple[Any, ...]:
    """The results of all reads; Unusable when one of them failed, but not before the last was tried."""
    results, failed = [], False
    for read in reads:
        try:
            results.append(read())
        except Unusable:
            failed = True
    if failed:
        raise Unusable
    return tuple(results)


def nearest(text: str, known: tuple[str, ...]) -> str:
    """A remedy that names the nearest known word."""
    if close := get_close_matches(text, known, 1, 0.6):
        return f"Did you mean '{close[0]}'?"
    return f"Known are: {', '.join(known)}."


def values(node: Node, context: Context, keys: Keys, what: str) -> dict[str, Any]:
    """The values of a mapping by key; every unknown, missing and unfitting one is noted."""
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, f"Keys and values belong here: {what}.", f"Write {_example(keys)}")
    found: dict[str, Any] = {}
    failed = False
    for name, value in node.pairs:
        if name.text not in keys:
            context.refuse(name, f"{what[0].upper()}{what[1:]} has no key '{name.text}'.", nearest(name.text, tuple(keys)))
            failed = True
            continue
        try:
            found[name.text] = keys[name.text].kind(value, context)
        except Unusable:
            failed = True
    failed = _missing(node, context, keys, what) or failed
    if failed:
        raise Unusable
    return found


def _missing(node: source.Mapping, context: Context, keys: Keys, what: str) -> bool:
    missing = [name for name, key in keys.items() if key.required and node.get(name) is None]
    for name in missing:
        context.refuse(node, f"{what[0].upper()}{what[1:]} has no '{name}'.", f"Add it: {keys[name].about}.")
    return bool(missing)


def _example(keys: Keys) -> str:
    return "{" + ", ".join(f"{name}: ..." for name, key in keys.items() if key.required) + "}"


def record(make: Callable[..., Any], keys: Keys, what: str) -> Kind:
    """A mapping as a value of the model, whose fields have the keys' names."""
    return lambda node, context: make(**values(node, context, keys, what))


def _one_pair(node: Node) -> tuple[Scalar, Node] | None:
    if isinstance(node, source.Mapping) and len(node.pairs) == 1:
        return node.pairs[0]
    return None


# ---- items, figures, links


def plain_item(node: Node, context: Context) -> model.Item:
    return model.Item(prose(node, context))


def named_item(node: Node, context: Context) -> model.Item:
    """`Name: explanation` as a mapping of one pair or as a string, cut at its first ': '."""
    if pair := _one_pair(node):
        name, explanation = pair
        return model.Item(prose(explanation, context), _reader(name, context).prose(name.text))
    scalar = _typed(node, context)
    name_text, colon, explanation_text = scalar.text.partition(": ")
    if not colon:
        raise context.refuse(node, "This item has no 'Name: explanation'.", "Write the name, a colon and the explanation.")
    reader = _reader(scalar, context)
    return model.Item(name=reader.prose(name_text), text=reader.prose(explanation_text))


def step(node: Node, context: Context) -> model.Item:
    if _one_pair(node) or (isinstance(node, Scalar) and ": " in node.text):
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
            raise context.refuse(row, f"The row has {len(cells)} cells for {width} columns.", "Give each column a cell.")
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
    return model.Button(label=found["label"], link=_reader(url, context).link(found["label"], found["url"]))


def _break(node: Node, context: Context) -> Block:
    one_of("page")(node, context)
    return model.Break()


BLOCKS: Keys = {
    "heading": Key(_heading, "the heading of a section"),
    "subheading": Key(_subheading, "a heading one level down"),
    "text": Key(paragraphs, "CommonMark text"),
    "list": Key(lambda n, c: model.List(list=list_of(plain_item)(n, c)), "a list of items"),
    "steps": Key(lambda n, c: model.Steps(steps=list_of(step)(n, c)), "an ordered list; items are text or Name: explanation"),
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
        scalar = _typed(node, context)
        return _reader(scalar, context).blocks(scalar.text)
    if not isinstance(node, source.Mapping):
        _scalar(node, context, "a block")
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
    if _one_pair(node) and isinstance(node.pairs[0][1], Scalar) and not close:
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
    from dataclasses import replace

    if (anchor := node.get("id")) is not None:
        if not isinstance(block, model.Heading | model.Subheading):
            raise context.refuse(anchor, "Only headings have an 'id'.", "Delete it.")
        block = replace(block, id=slug(anchor, context))
    return replace(block, channels=carried)


def body(node: Node, context: Context) -> tuple[Block, ...]:
    """An article's body in its short form (one text) or its long form (a list of blocks), headings anchored."""
    if isinstance(node, Scalar):
        scalar = _typed(node, context)
        before = len(context.faults)
        found = _reader(scalar, context).blocks(scalar.text)
        if not found and len(context.faults) == before:
            raise context.refuse(node, "The body says nothing.", "Write at least one paragraph.")
    else:
        found = tuple(block for blocks in list_of(_block)(node, context) for block in blocks)
    return _anchored(found, node, context)


def _anchored(found: tuple[Block, ...], node: Node, context: Context) -> tuple[Block, ...]:
    """Each heading with an anchor of its own: the one its author chose, or its words."""
    from dataclasses import replace

    headings = [block for block in found if isinstance(block, model.Heading | model.Subheading)]
    chosen = [block.id for block in headings if block.id]
    if repeated := next((anchor for anchor in chosen if chosen.count(anchor) > 1), None):
        raise context.refuse(node, f"Two headings have the id '{repeated}'.", "Give each its own.")
    taken = set(chosen)
    anchored: list[Block] = []
    for block in found:
        if isinstance(block, model.Heading | model.Subheading) and not block.id:
            words = block.heading if isinstance(block, model.Heading) else block.subheading
            block = replace(block, id=_free(markup.slugify(model.plain(words)) or "section", taken))
            taken.add(block.id)
        anchored.append(block)
    return tuple(anchored)


def _free(anchor: str, taken: set[str]) -> str:
    return next(name for n in range(1, len(taken) + 2) if (name := anchor if n == 1 else f"{anchor}-{n}") not in taken)


# ---- the article

_AUTHOR = {
    "name": Key(line, "the name", required=True),
    "role": Key(line, "profession or office"),
    "url": Key(web_address, "a page about the author"),
}


def author(node: Node, context: Context) -> model.Author:
    if isinstance(node, Scalar):
        return model.Author(name=line(node, context))
    return model.Author(**values(node, context, _AUTHOR, "an author"))


_REVIEW = {
    "by": Key(line, "who checked the facts", required=True),
    "role": Key(line, "profession or office"),
    "on": Key(moment, "when"),
    "next": Key(moment, "when it is due again"),
}
_SOURCE = {
    "title": Key(line, "its title", required=True),
    "url": Key(web_address, "where it can be read"),
    "publisher": Key(line, "who published it"),
    "date": Key(line, "when, as precisely as is known"),
}
_CORRECTION = {
    "date": Key(moment, "when", required=True),
    "text": Key(prose, "what was put right", required=True),
}
_WITHDRAWAL = {
    "date": Key(moment, "when", required=True),
    "reason": Key(prose, "why", required=True),
}


def _shared_options() -> Keys:
    """What every channel's options may override."""
    return {"title": Key(line, "another title in this channel"), "summary": Key(line, "another summary in this channel")}


def channels(node: Node, context: Context) -> dict[str, model.Options]:
    """Per-channel switches and words."""
    return values(node, context, {name: Key(_options(name), f"{name}: false, or its options") for name in context.channels},
                  "'channels'")  # fmt: skip


def _options(channel: str) -> Kind:
    def read(node: Node, context: Context) -> model.Options:
        if isinstance(node, Scalar):
            return boolean(node, context)
        keys = {**_shared_options(), **context.channels[channel].options}
        return values(node, context, keys, f"the options of {channel}")

    return read


ARTICLE: Keys = {
    "title": Key(line, "plain text", required=True),
    "summary": Key(line, "one or two sentences of plain text", required=True),
    "authors": Key(list_of(author), "a list of names, or of {name, role, url}", required=True),
    "date": Key(moment, "the date of publication", required=True),
    "body": Key(body, "the text, in CommonMark or as a list of blocks", required=True),
    "id": Key(
        matching(r"[A-Za-z0-9._-]{1,80}", "an id", "Use letters, digits, '.', '_' and '-', 80 at most."),
        "the article's name for machines, for ever",
    ),
    "category": Key(line, "one word or phrase"),
    "tags": Key(list_of(line), "a list of words"),
    "slug": Key(slug, "its address, when it is not the file's name"),
    "aliases": Key(list_of(slug), "earlier slugs"),
    "updated": Key(moment, "the date of the last substantial change"),
    "language": Key(language, "a language tag"),
    "translation_of": Key(slug, "the slug of the article that this one translates"),
    "translated_from": Key(word, "the hash of the text that was translated"),
    "revision": Key(number, "a whole number, raised by a correction"),
    "expires": Key(moment, "the date after which a notice takes its place"),
    "corrections": Key(list_of(record(model.Correction, _CORRECTION, "a correction")), "a list of {date, text}"),
    "withdrawn": Key(record(model.Withdrawal, _WITHDRAWAL, "a withdrawal"), "{date, reason}"),
    "draft": Key(boolean, "true keeps it out of everything"),
    "image": Key(figure, "the lead picture: {src, alt, caption, credit}"),
    "review": Key(record(model.Review, _REVIEW, "a review"), "{by, role, on, next}"),
    "sources": Key(list_of(record(model.Citable, _SOURCE, "a source")), "a list of {title, url, publisher, date}"),
    "helplines": Key(list_of(line), "names of helplines from site.yaml"),
    "channels": Key(channels, "per-channel switches and words"),
}


def article(node: Node, context: Context) -> dict[str, Any]:
    """The values of an article by key; what depends on other files is left to `content`."""
    return values(node, context, ARTICLE, "an article")


# ---- the site

_HELPLINE = {
    "name": Key(line, "its name", required=True),
    "phone": Key(phone, "its number, in quotes", required=True),
    "url": Key(web_address, "its page"),
    "hours": Key(word, "when it answers"),
    "sms": Key(phone, "its number for text messages"),
    "about": Key(word, "what happens when one calls"),
}


def links(node: Node, context: Context) -> dict[str, str]:
    """Named addresses."""
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, "Names and addresses belong here.", "Write `name: https://...`, one a line.")
    return dict(zip(
        (name.text for name, _ in node.pairs),
        _all([lambda value=value: web_address(value, context) for _, value in node.pairs]), strict=True,
    ))  # fmt: skip


def anything(node: Node, _context: Context) -> Any:
    """A value that a later step reads."""
    match node:
        case Scalar(text=text):
            return text
        case Sequence(items=items):
            return tuple(anything(item, _context) for item in items)
        case source.Mapping(pairs=pairs):
            return {key.text: anything(value, _context) for key, value in pairs}
    raise AssertionError("a node is text, a list or a mapping")


SITE: Keys = {
    "name": Key(word, "who publishes", required=True),
    "base_url": Key(base_url, "the live site's address", required=True),
    "language": Key(language, "a language tag such as en-US", required=True),
    "time_zone": Key(time_zone, "a time zone such as America/New_York", required=True),
    "email": Key(email, "the publisher's mail address", required=True),
    "address": Key(word, "the postal address; a newsletter needs one"),
    "accent": Key(colour, "the brand colour"),
    "helplines": Key(list_of(record(model.Helpline, _HELPLINE, "a helpline")), "a list of {name, phone, url, hours, sms, about}"),
    "default_helplines": Key(list_of(line), "those that every article shows"),
    "logo": Key(word, "the logo's file, below content/images/"),
    "description": Key(word, "what the site is about"),
    "links": Key(links, "named addresses used in text"),
    "approval": Key(one_of("required"), "required: publish only approved texts"),
    "editors": Key(list_of(line), "who may approve"),
    "targets": Key(anything, "where to publish"),
    "proof": Key(anything, "rule: ignore, warn or error"),
}


def site(node: Node, context: Context) -> dict[str, Any]:
    """The values of site.yaml by key."""
    keys = dict(SITE)
    for channel in context.channels.values():
        keys.update(channel.settings)
    return values(node, context, keys, "the site")
