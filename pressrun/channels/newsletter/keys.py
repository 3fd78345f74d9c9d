"""What the newsletter adds to the authors' contract: words of an article and of an issue, settings of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pressrun import schema, source
from pressrun.message import field
from pressrun.model import Entry
from pressrun.schema import Context, Key, Keys, Kind, either, made, named, record, shaped, shapes
from pressrun.source import Node

#: how an author writes a merge field: what each recipient has of it, or else the default; no mark of CommonMark in it
_FIELD = re.compile(r"\{\{\s*(name|site)\s*\|\s*([^{}|<>\"'\\*_`\[\]&\ue000-\ue002]{1,60}?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Provider:
    """A service that sends, and what it fills in when it does."""

    #: its link to unsubscribe; empty for one that adds a footer of its own
    leave: str
    #: a name with its default
    name: str


PROVIDERS = {
    "mailchimp": Provider("*|UNSUB|*", "*|IF:FNAME|**|FNAME|**|ELSE:|*{}*|END:IF|*"),
    "brevo": Provider("{{ unsubscribe }}", "{{{{ contact.FIRSTNAME|default:'{}' }}}}"),
    "buttondown": Provider(
        "{{ unsubscribe_url }}",
        "{{% if subscriber.metadata.name %}}{{{{ subscriber.metadata.name }}}}{{% else %}}{}{{% endif %}}",
    ),
    "constant-contact": Provider("", '[[FirstName OR "{}"]]'),
    "listmonk": Provider("{{ UnsubscribeURL }}", '{{{{ or .Subscriber.FirstName "{}" }}}}'),
}


def merging(text: str) -> str:
    """A text in which what an author wrote for a merge field is one."""
    return _FIELD.sub(lambda found: field(found[1], " ".join(found[2].split())), text)


def unmerged(text: str) -> str:
    """A text with the default in place of each merge field that an author wrote."""
    return _FIELD.sub(lambda found: found[2], text)


def _with_fields(kind: Kind) -> Kind:
    """A text in which merge fields may stand."""

    @shaped(shapes.like(kind))
    def read(node: Node, context: Context) -> Any:
        found = kind(node, context)
        fields = (
            {one.start(): one.end() for one in _FIELD.finditer(node.text)} if isinstance(node, source.Scalar) else {}
        )
        for begin in re.finditer(r"\{\{|\{(?=(?:name|site|first_?name)\b)", getattr(node, "text", "")):
            if not any(start <= begin.start() < end for start, end in fields.items()):
                assert isinstance(node, source.Scalar)
                problem = "This begins a merge field, and is none: name or site, a bar, words for those who have none."
                remedy = "Write {{name|dear reader}} or {{site|our centre}}."
                context.faults.append(node.source.fault(node.offsets()[begin.start()], problem, remedy))
                raise schema.Unusable
        return found

    return read


def by_mail(address: str) -> str:
    return f"mailto:{quote(address, safe='@+')}?subject=unsubscribe"


_ONE_CLICK = r"https://[!#-;=?-~]*\{token\}[!#-;=?-~]*"


@shaped({"anyOf": [shapes.of(schema.email, {}), shapes.matched(_ONE_CLICK, "https://... with {token} in it")]})
def _leaving(node: Node, context: Context) -> dict[str, str]:
    """{leave: an address}: by mail, or an https address of one click with {token} in it."""
    text = schema.word(node, context)
    if "@" in text and "/" not in text:
        return {"leave": by_mail(schema.email(node, context))}
    if not re.fullmatch(_ONE_CLICK, text):
        raise context.refuse(
            node, f"'{text}' is no way to unsubscribe.",
            "Write a mail address, https://... with {token} in it, or {provider: ...}.",
        )  # fmt: skip
    return {"leave": text}


_PROVIDER = Key(schema.one_of(*PROVIDERS), "the service that sends", required=True)
_unsubscribe = either(_leaving, record(dict, {"provider": _PROVIDER}, "'unsubscribe'"))


def _named(kind: Kind, what: str) -> Kind:
    """Values by names of the author's own."""
    return named(kind, f"Names belong here, each of {what}.", "Write `name: ...`, one a line.")


_header_value = schema.matching(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*", "a header's value", "Write plain ASCII.")
_RELAY = {
    "host": Key(
        schema.matching(r"[A-Za-z0-9.:_-]+", "a server's name", "Write smtp.example.org."), "the server", required=True
    ),
    "port": Key(schema.number, "its port; 465 is TLS from the first byte", default=587),
    "auth": Key(
        schema.matching(r"[A-Z][A-Z0-9_]*", "the name of variables", "Write NAME for NAME_USER and NAME_PASSWORD."),
        "the environment's variables NAME_USER and NAME_PASSWORD hold what the server asks for",
    ),
    "rate": Key(schema.number, "messages a second at the most"),
    "most_refused": Key(schema.number, "refused messages in a hundred, at which sending stops", default=2),
    "headers": Key(_named(_header_value, "a header"), "headers that the relay asks for"),
}  # fmt: skip
_LISTMONK = {
    "url": Key(schema.web_address, "where it answers", required=True),
    "lists": Key(schema.list_of(schema.number), "numbers of its lists", required=True),
    "template": Key(schema.number, "number of a template that holds nothing but the content", required=True),
}  # fmt: skip
_SETTINGS = {
    "from": Key(schema.email, "the sender's address; the site's by default"),
    "list_id": Key(
        schema.matching(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "a list's name", "Write news.example.org."),
        "the list's name for machines (RFC 2919)",
    ),
    "unsubscribe": Key(_unsubscribe, "a mail address, an https address with {token}, or {provider: ...}"),
    "relays": Key(
        _named(record(dict, _RELAY, "a relay"), "a relay"),
        "mail servers that send for you, by name; the first is the usual one",
    ),
    "listmonk": Key(record(dict, _LISTMONK, "'listmonk'"), "{url, lists, template}"),
}

settings = record(dict, _SETTINGS, "'newsletter' of the site")
_ENTRY = {
    "slug": Key(schema.word, "an article's slug", required=True),
    "as": Key(schema.one_of("whole", "teaser"), "whole or teaser", default="whole"),
}


_entry = made(
    either(schema.word, record(dict, _ENTRY, "an article of an issue")),
    lambda found: Entry(found) if isinstance(found, str) else Entry(found["slug"], teaser=found.get("as") == "teaser"),
)
_SUBJECT = Key(_with_fields(schema.line), "the subject")
_PREHEADER = Key(_with_fields(schema.line), "what mail programs show behind the subject")
_INTRO = Key(_with_fields(schema.paragraphs), "CommonMark above the articles")

OPTIONS: Keys = {"subject": _SUBJECT, "preheader": _PREHEADER, "intro": _INTRO}
ISSUE: Keys = {
    "subject": Key(_SUBJECT.kind, "the subject", required=True),
    "date": Key(schema.moment, "when it goes out", required=True),
    "preheader": _PREHEADER,
    "intro": _INTRO,
    "title": Key(schema.line, "the heading above the articles; the subject by default"),
    "articles": Key(schema.list_of(_entry), "slugs, or {slug, as: teaser}", required=True),
    "list": Key(schema.word, "the list of recipients"),
    "language": Key(schema.language, "a language tag; the site's by default"),
    "draft": Key(schema.boolean, "true keeps it out of everything", default=False),
}
