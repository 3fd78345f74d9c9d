"""The tables of keys of an article and of the site."""

from __future__ import annotations

from functools import partial
from typing import Any

from pressrun import model, source
from pressrun.schema.blocks import body, figure
from pressrun.schema.context import Context, Key, Keys, Kind, all_of, list_of, record, values
from pressrun.schema.values import (
    base_url,
    boolean,
    colour,
    email,
    language,
    line,
    matching,
    moment,
    number,
    one_of,
    phone,
    prose,
    slug,
    time_zone,
    web_address,
    word,
)  # fmt: skip
from pressrun.source import Node, Scalar, Sequence

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
    return {
        "title": Key(line, "another title in this channel"),
        "summary": Key(line, "another summary in this channel"),
    }


def channels(node: Node, context: Context) -> dict[str, model.Options]:
    """Per-channel switches and words."""
    keys = {name: Key(_options(name), "false, or its options") for name in context.channels}
    return values(node, context, keys, "'channels'")


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
        all_of([partial(web_address, value, context) for _, value in node.pairs]), strict=True,
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
    "helplines": Key(
        list_of(record(model.Helpline, _HELPLINE, "a helpline")), "a list of {name, phone, url, hours, sms, about}"
    ),
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
