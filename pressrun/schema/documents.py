"""The tables of keys of an article and of the site."""

from __future__ import annotations

from functools import partial
from typing import Any

from pressrun import model, source
from pressrun.schema import kinds
from pressrun.schema.blocks import BLOCKS, CALLOUT, FIGURE, QUOTE, body, figure
from pressrun.schema.context import Context, Key, Keys, Kind, all_of, list_of, record, values
from pressrun.schema.targets import targets
from pressrun.source import Node

# ---- the article

_AUTHOR = {
    "name": Key(kinds.line, "the name", required=True),
    "role": Key(kinds.line, "profession or office"),
    "url": Key(kinds.web_address, "a page about the author"),
}


def author(node: Node, context: Context) -> model.Author:
    if not isinstance(node, source.Mapping):
        return model.Author(name=kinds.line(node, context))
    return model.Author(**values(node, context, _AUTHOR, "an author"))


_REVIEW = {
    "by": Key(kinds.line, "who checked the facts", required=True),
    "role": Key(kinds.line, "profession or office"),
    "on": Key(kinds.moment, "when"),
    "next": Key(kinds.moment, "when it is due again"),
}
_SOURCE = {
    "title": Key(kinds.line, "its title", required=True),
    "url": Key(kinds.web_address, "where it can be read"),
    "publisher": Key(kinds.line, "who published it"),
    "date": Key(kinds.line, "when, as precisely as is known"),
}
_CORRECTION = {
    "date": Key(kinds.moment, "when", required=True),
    "text": Key(kinds.prose, "what was put right", required=True),
}
_WITHDRAWAL = {
    "date": Key(kinds.moment, "when", required=True),
    "reason": Key(kinds.prose, "why", required=True),
}


#: What every channel's options may override.
_OVERRIDES = {
    "title": Key(kinds.line, "another title in this channel"),
    "summary": Key(kinds.line, "another summary in this channel"),
}


def channels(node: Node, context: Context) -> dict[str, model.Options]:
    """Per-channel switches and words."""
    keys = {name: Key(_options(name), "false, or its options") for name in context.channels}
    return values(node, context, keys, "'channels'")


def _options(channel: str) -> Kind:
    def read(node: Node, context: Context) -> model.Options:
        if not isinstance(node, source.Mapping):
            return kinds.boolean(node, context)
        return values(node, context, {**_OVERRIDES, **context.channels[channel].options}, f"'{channel}'")

    return read


def reasons(node: Node, context: Context) -> dict[str, str]:
    """Why rules of the proof do not hold for an article; which rules there are, the proof knows."""
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, "Names of rules belong here.", "Write `rule: why it does not hold here`.")
    return {name.text: kinds.line(value, context) for name, value in node.pairs}


_names = list_of(kinds.word, 0)
ARTICLE: Keys = {
    "title": Key(kinds.line, "plain text", required=True),
    "summary": Key(kinds.line, "one or two sentences of plain text", required=True),
    "authors": Key(list_of(author), "a list of names, or of {name, role, url}", required=True),
    "date": Key(kinds.moment, "the date of publication", required=True),
    "body": Key(body, "the text, in CommonMark or as a list of blocks", required=True),
    "id": Key(kinds.id_, "the article's name for machines, for ever"),
    "category": Key(kinds.line, "one word or phrase"),
    "tags": Key(list_of(kinds.line, 0), "a list of words"),
    "slug": Key(kinds.slug, "its address, when it is not the file's name"),
    "aliases": Key(list_of(kinds.slug, 0), "earlier slugs"),
    "updated": Key(kinds.moment, "the date of the last substantial change"),
    "language": Key(kinds.language, "a language tag"),
    "translation_of": Key(kinds.slug, "the slug of the article that this one translates"),
    "translated_from": Key(kinds.word, "the hash of the text that was translated"),
    "revision": Key(kinds.number, "a whole number, raised by a correction"),
    "expires": Key(kinds.moment, "the date after which a notice takes its place"),
    "corrections": Key(list_of(record(model.Correction, _CORRECTION, "a correction"), 0), "a list of {date, text}"),
    "withdrawn": Key(record(model.Withdrawal, _WITHDRAWAL, "a withdrawal"), "{date, reason}"),
    "draft": Key(kinds.boolean, "true keeps it out of everything"),
    "image": Key(figure, "the lead picture: {src, alt, caption, credit}"),
    "review": Key(record(model.Review, _REVIEW, "a review"), "{by, role, on, next}"),
    "sources": Key(list_of(record(model.Citable, _SOURCE, "a source"), 0), "a list of {title, url, publisher, date}"),
    "helplines": Key(_names, "names of helplines from site.yaml"),
    "channels": Key(channels, "per-channel switches and words"),
    "proof": Key(reasons, "rule: why it does not hold here"),
}


def article(node: Node, context: Context) -> dict[str, Any]:
    """The values of an article by key; what depends on other files is left to `content`."""
    return values(node, context, ARTICLE, "an article")


# ---- the site

_HELPLINE = {
    "name": Key(kinds.word, "its name", required=True),
    "phone": Key(kinds.phone, "its number, in quotes", required=True),
    "url": Key(kinds.web_address, "its page"),
    "hours": Key(kinds.word, "when it answers"),
    "sms": Key(kinds.phone, "its number for text messages"),
    "about": Key(kinds.word, "what happens when one calls"),
}


def links(node: Node, context: Context) -> dict[str, str]:
    """Named addresses."""
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, "Names and addresses belong here.", "Write `name: https://...`, one a line.")
    return dict(zip(
        (name.text for name, _ in node.pairs),
        all_of([partial(kinds.web_address, value, context) for _, value in node.pairs]), strict=True,
    ))  # fmt: skip


_LEVEL = kinds.one_of("ignore", "warn", "error")
_RULING = {
    "level": Key(_LEVEL, "ignore, warn or error"),
    "limit": Key(kinds.number, "how much is too much"),
    "known": Key(_names, "words that are fine"),
}


def ruling(node: Node, context: Context) -> model.Ruling:
    """How much a rule of the proof matters, and what it may know of this site."""
    if isinstance(node, source.Mapping):
        return model.Ruling(**values(node, context, _RULING, "a rule"), place=node.place)
    return model.Ruling(_LEVEL(node, context), place=node.place)


def rulings(node: Node, context: Context) -> dict[str, model.Ruling]:
    """By the rule's name; which rules there are, the proof knows."""
    if not isinstance(node, source.Mapping):
        raise context.refuse(node, "Names of rules belong here.", "Write `rule: warn`, one a line.")
    read = all_of([partial(ruling, value, context) for _, value in node.pairs])
    return dict(zip((name.text for name, _ in node.pairs), read, strict=True))


SITE: Keys = {
    "name": Key(kinds.word, "who publishes", required=True),
    "base_url": Key(kinds.base_url, "the live site's address", required=True),
    "language": Key(kinds.language, "a language tag such as en-US", required=True),
    "time_zone": Key(kinds.time_zone, "a time zone such as America/New_York", required=True),
    "email": Key(kinds.email, "the publisher's mail address", required=True),
    "address": Key(kinds.word, "the postal address; a newsletter needs one"),
    "accent": Key(kinds.accent, "the brand colour"),
    "helplines": Key(
        list_of(record(model.Helpline, _HELPLINE, "a helpline"), 0), "a list of {name, phone, url, hours, sms, about}"
    ),
    "default_helplines": Key(_names, "those that every article shows"),
    "logo": Key(kinds.word, "the logo's file, below content/images/"),
    "description": Key(kinds.word, "what the site is about"),
    "links": Key(links, "named addresses used in text"),
    "approval": Key(kinds.one_of("required"), "required: publish only approved texts"),
    "editors": Key(_names, "who may approve"),
    "targets": Key(targets, "where to publish"),
    "proof": Key(rulings, "rule: ignore, warn or error"),
}


def site(node: Node, context: Context) -> dict[str, Any]:
    """The values of site.yaml by key."""
    keys = dict(SITE)
    for channel in context.channels.values():
        keys.update(channel.settings)
    return values(node, context, keys, "the site")


_LOCAL_SITE = {
    "name": Key(kinds.word, "what it is called", required=True),
    "address": Key(kinds.word, "where it is"),
    "phone": Key(kinds.phone, "its number, in quotes"),
    "hours": Key(kinds.word, "when it is open"),
    "url": Key(kinds.web_address, "where its QR code leads"),
    "logo": Key(kinds.word, "its logo's file, below content/images/"),
}


def local_site(node: Node, context: Context) -> dict[str, Any]:
    """The values of an outreach site's file by key."""
    return values(node, context, _LOCAL_SITE, "an outreach site")


#: every key behind which an author's text may stand, for advice about a line that YAML cannot read
WORDS = frozenset().union(
    ARTICLE,
    SITE,
    BLOCKS,
    FIGURE,
    QUOTE,
    CALLOUT,
    _AUTHOR,
    _REVIEW,
    _SOURCE,
    _CORRECTION,
    _WITHDRAWAL,
    _HELPLINE,
    _LOCAL_SITE,
)
