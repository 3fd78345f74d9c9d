"""The tables of keys of an article and of the site."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from pressrun import model, source
from pressrun.schema import kinds, shapes
from pressrun.schema.blocks import BLOCKS, CALLOUT, FIGURE, QUOTE, body, figure
from pressrun.schema.context import ChannelKeys, Context, Key, Keys, either, list_of, made, named, record, values
from pressrun.schema.shapes import Shape, shaped
from pressrun.schema.targets import targets
from pressrun.source import Node

# ---- the article

_AUTHOR = {
    "name": Key(kinds.line, "the name", required=True),
    "role": Key(kinds.line, "profession or office"),
    "url": Key(kinds.web_address, "a page about the author"),
}


_author = either(
    made(kinds.line, lambda name: model.Author(name=name)), record(model.Author, _AUTHOR, "an author")
)  # fmt: skip
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


def _channels_shape(channels: Mapping[str, ChannelKeys]) -> Shape:
    return shapes.fields(_switches(channels), "channels", channels)


@shaped(_channels_shape)
def channels(node: Node, context: Context) -> dict[str, model.Options]:
    """Per-channel switches and words."""
    return values(node, context, _switches(context.channels), "'channels'")


def _switches(channels: Mapping[str, ChannelKeys]) -> Keys:
    options = {name: record(dict, {**_OVERRIDES, **own.options}, f"'{name}'") for name, own in channels.items()}
    return {name: Key(either(kinds.boolean, kind), "false, or its options") for name, kind in options.items()}


_names = list_of(kinds.word, 0)
ARTICLE: Keys = {
    "title": Key(kinds.line, "plain text", required=True, example="Sleep and You"),
    "summary": Key(
        kinds.line, "one or two sentences of plain text", required=True, example="What helps when sleep does not come."
    ),
    "authors": Key(list_of(_author), "a list of names, or of {name, role, url}", required=True, example="[The Team]"),
    "date": Key(kinds.moment, "the date of publication", required=True, example="2025-03-14"),
    "body": Key(body, "the text, in CommonMark or as a list of blocks", required=True),
    "id": Key(
        kinds.id_,
        "the article's name for machines, for ever; by default the first of `aliases`, else the slug",
        example="2025-03-14-sleep-and-you",
    ),
    "category": Key(kinds.line, "one word or phrase", example="Sleep"),
    "tags": Key(list_of(kinds.line, 0), "a list of words", example="[sleep, nights]"),
    "slug": Key(kinds.slug, "its address, when it is not the file's name", example="sleep-and-you"),
    "aliases": Key(list_of(kinds.slug, 0), "earlier slugs, whose addresses lead to this one", example="[old-name]"),
    "updated": Key(kinds.moment, "the date of the last substantial change", example="2025-04-01"),
    "language": Key(kinds.language, "a language tag; the site's by default", example="es"),
    "translation_of": Key(kinds.slug, "the slug of the article that this one translates", example="sleep-and-you"),
    "translated_from": Key(
        kinds.word,
        "the hash of the text that was translated; `inv fmt --translated` writes it",
        example="0f3a9c51d2e86b47",
    ),
    "revision": Key(kinds.number, "a whole number, raised by a correction", default=1),
    "expires": Key(kinds.moment, "the date after which a notice takes its place", example="2027-01-01"),
    "corrections": Key(
        list_of(record(model.Correction, _CORRECTION, "a correction"), 0),
        "a list of {date, text}: what was put right",
        example="[{date: 2025-05-01, text: What was wrong.}]",
    ),
    "withdrawn": Key(
        record(model.Withdrawal, _WITHDRAWAL, "a withdrawal"),
        "{date, reason}: the text is taken back, publicly",
        example="{date: 2025-05-01, reason: Why.}",
    ),
    "draft": Key(kinds.boolean, "true keeps it out of everything but previews", default=False),
    "image": Key(
        figure, "the lead picture: {src, alt, caption, credit}", example="{src: bedroom.jpg, alt: A dark bedroom}"
    ),
    "review": Key(
        record(model.Review, _REVIEW, "a review"),
        "{by, role, on, next}: who checked the facts, and when",
        example="{by: B. Checker, role: physician, on: 2025-03-10, next: 2027-03-10}",
    ),
    "sources": Key(
        list_of(record(model.Citable, _SOURCE, "a source"), 0),
        "a list of {title, url, publisher, date}, cited in text as `[^1]`, `[^2]`, ...",
        example='[{title: A book about sleep, publisher: A publisher, date: "2019"}]',
    ),
    "helplines": Key(
        _names,
        "names of helplines from site.yaml; by default, those of `default_helplines`",
        example="[988 Suicide & Crisis Lifeline]",
    ),
    "channels": Key(
        channels,
        "per-channel switches and words",
        example="{handout: {title: A shorter title, editions: [a4]}, feed: false}",
    ),
    "proof": Key(
        named(kinds.line, "Names of rules belong here.", "Write `rule: why it does not hold here`."),
        "rule: why it does not hold here",
        example="{stigma: The speaker chose this word for herself.}",
    ),
}


#: the values of an article by key; what depends on other files is left to `content`
article = record(dict, ARTICLE, "an article")


# ---- the site

_HELPLINE = {
    "name": Key(kinds.word, "its name", required=True),
    "phone": Key(kinds.phone, "its number, in quotes", required=True),
    "url": Key(kinds.web_address, "its page"),
    "hours": Key(kinds.word, "when it answers"),
    "sms": Key(kinds.phone, "its number for text messages"),
    "about": Key(kinds.word, "what happens when one calls"),
}


_LEVEL = kinds.one_of("ignore", "warn", "error")
_RULING = {
    "level": Key(_LEVEL, "ignore, warn or error"),
    "limit": Key(kinds.number, "how much is too much"),
    "known": Key(_names, "words that are fine"),
}


@shaped(lambda channels: {"anyOf": [shapes.of(_LEVEL, channels), shapes.fields(_RULING, "a rule", channels)]})
def _ruling(node: Node, context: Context) -> model.Ruling:
    """How much a rule of the proof matters, and what it may know of this site."""
    if isinstance(node, source.Mapping):
        return model.Ruling(**values(node, context, _RULING, "a rule"), place=node.place)
    return model.Ruling(_LEVEL(node, context), place=node.place)


_EDITOR = {
    "name": Key(kinds.word, "the name", required=True),
    "email": Key(kinds.email, "the mail address by which git knows them"),
}
_LEDGER = {"sqlite": Key(kinds.word, "a file on a disk that lasts", required=True)}
_PUBLISH = {
    "every": Key(kinds.number, "how many minutes lie between two runs, by which missed ones are told"),
    "late": Key(kinds.number, "after how many hours a newsletter is held back; 24 by default"),
    "patience": Key(kinds.number, "seconds in which the live site must show what it was given; 120 by default"),
    "list": Key(kinds.word, "the list of recipients that every article's own newsletter goes to"),
}


def _named_editor(name: str, email: str = "") -> tuple[str, str]:
    """Somebody who may approve."""
    return name, email


_editor = either(made(kinds.word, _named_editor), record(_named_editor, _EDITOR, "an editor"))
SITE: Keys = {
    "name": Key(kinds.word, "who publishes", required=True, example="Example Health"),
    "base_url": Key(kinds.base_url, "the live site's address", required=True, example="https://www.example.org"),
    "language": Key(kinds.language, "a language tag such as en-US", required=True),
    "time_zone": Key(kinds.time_zone, "a time zone such as America/New_York", required=True),
    "email": Key(kinds.email, "the publisher's mail address", required=True, example="info@example.org"),
    "address": Key(kinds.word, "the postal address; a newsletter needs one"),
    "accent": Key(kinds.accent, "the brand colour, dark enough to be read on white", example='"#1f5f6b"'),
    "helplines": Key(
        list_of(record(model.Helpline, _HELPLINE, "a helpline"), 0),
        "a list of {name, phone, url, hours, sms, about}",
        example='[{name: 988 Suicide & Crisis Lifeline, phone: "988", url: https://988lifeline.org}]',
    ),
    "default_helplines": Key(_names, "those that every article shows", example="[988 Suicide & Crisis Lifeline]"),
    "logo": Key(kinds.word, "the logo's file, below content/images/"),
    "description": Key(kinds.word, "what the site is about"),
    "links": Key(
        named(kinds.web_address, "Names and addresses belong here.", "Write `name: https://...`, one a line."),
        "named addresses: text leads there by `[words][name]`",
        example="{hotline: https://www.example.org/hotline}",
    ),
    "approval": Key(kinds.one_of("required"), "required: publish only approved texts"),
    "editors": Key(list_of(_editor, 0), "who may approve: a list of names, or of {name, email}"),
    "four_eyes": Key(kinds.boolean, "true: nobody approves a text of their own"),
    "ledger": Key(record(dict, _LEDGER, "the ledger"), "{sqlite: PATH}, if it is not to be in content/records/"),
    "publish": Key(record(dict, _PUBLISH, "publishing"), "{every, late, patience, list}", example="{every: 60}"),
    "heartbeat_url": Key(kinds.web_address, "an address that is called after every run that went well"),
    "targets": Key(
        targets,
        "where to publish, by names of your own; the first is the usual one",
        example="{live: {folder: /srv/www/example}}",
    ),
    "proof": Key(
        named(_ruling, "Names of rules belong here.", "Write `rule: warn`, one a line."),
        "rule: ignore, warn or error",
        example="{reading-grade: {limit: 9}, stigma: error}",
    ),
}


def _settings(channels: Mapping[str, ChannelKeys]) -> Keys:
    """The publisher's keys, with those of the channels."""
    return dict(chain(SITE.items(), *(channel.settings.items() for channel in channels.values())))


@shaped(lambda channels: shapes.fields(_settings(channels), "the site", channels))
def site(node: Node, context: Context) -> dict[str, Any]:
    """The values of site.yaml by key."""
    return values(node, context, _settings(context.channels), "the site")


_LOCAL_SITE = {
    "name": Key(kinds.word, "what it is called", required=True),
    "address": Key(kinds.word, "where it is"),
    "phone": Key(kinds.phone, "its number, in quotes"),
    "hours": Key(kinds.word, "when it is open"),
    "url": Key(kinds.web_address, "where its QR code leads"),
    "logo": Key(kinds.word, "its logo's file, below content/images/"),
}


#: the values of an outreach site's file by key
local_site = record(dict, _LOCAL_SITE, "an outreach site")

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
