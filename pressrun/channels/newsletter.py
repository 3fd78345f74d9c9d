"""The newsletter: each article as a message that opens rightly in any mail program."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from pressrun import pictures, schema, source
from pressrun.message import Message
from pressrun.model import Article, Figure, Link, Publication
from pressrun.outputs import Output, Shelf
from pressrun.schema import ChannelKeys, Context, Key
from pressrun.source import Node
from pressrun.templates import Templates

NAME = "newsletter"

#: How each service writes its link to unsubscribe, which it fills in when it sends; Constant Contact has no tag for
#: it and adds a footer of its own.
MERGE_TAGS = {
    "mailchimp": "*|UNSUB|*",
    "brevo": "{{ unsubscribe }}",
    "buttondown": "{{ unsubscribe_url }}",
    "constant-contact": "",
}


def _unsubscribe(node: Node, context: Context) -> str:
    """A mail address, a one-click address with {token} in it, or a service's merge tag."""
    if isinstance(node, source.Mapping):
        provider = Key(schema.one_of(*MERGE_TAGS), "the service that sends", required=True)
        return MERGE_TAGS[schema.values(node, context, {"provider": provider}, "'unsubscribe'")["provider"]]
    text = schema.word(node, context)
    if "@" in text and "/" not in text:
        return f"mailto:{schema.email(node, context)}?subject=unsubscribe"
    if not text.startswith("https://") or "{token}" not in text:
        raise context.refuse(
            node, f"'{text}' is no way to unsubscribe.",
            "Write a mail address, https://... with {token} in it, or {provider: ...}.",
        )  # fmt: skip
    return text


_SETTINGS = {
    "from": Key(schema.email, "the sender's address; the site's by default"),
    "list_id": Key(
        schema.matching(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "a list's name", "Write news.example.org."),
        "the list's name for machines (RFC 2919)",
    ),
    "unsubscribe": Key(_unsubscribe, "a mail address, an https address with {token}, or {provider: ...}"),
}
KEYS = ChannelKeys(
    options={
        "subject": Key(schema.line, "the subject; the title by default"),
        "preheader": Key(schema.line, "what mail programs show behind the subject; the summary by default"),
        "intro": Key(schema.paragraphs, "CommonMark above the article"),
    },
    settings={
        NAME: Key(
            lambda node, context: schema.values(node, context, _SETTINGS, "'newsletter'"),
            "{from, list_id, unsubscribe}",
        )
    },
)


def render(publication: Publication, templates: Templates, _shelf: Shelf) -> Iterator[Output]:
    """Every article as a message, and its two parts by themselves."""
    for article in publication.live(NAME):
        letter = _Letter(publication, templates, article)
        files: list[tuple[str, Callable[[], bytes], str, str, str]] = [
            ("html", letter.html, "Newsletter, to paste", "text/html", f"{NAME}/{article.slug}/index.html"),
            ("txt", letter.text, "Newsletter, plain text", "text/plain", ""),
            ("eml", letter.message, "Newsletter, to send", "message/rfc822", ""),
        ]
        for ending, make, label, media_type, live in files:
            yield Output(
                f"{NAME}/{article.slug}.{ending}", make, NAME, article=article.slug, label=label,
                media_type=media_type, live=live,
            )  # fmt: skip


class _Letter:
    """One article as a message."""

    def __init__(self, publication: Publication, templates: Templates, article: Article) -> None:
        self._publication = publication
        self._templates = templates
        self._article = article
        self._settings: dict[str, Any] = publication.site.settings.get(NAME, {})

    def html(self) -> bytes:
        return self._html().encode()

    def text(self) -> bytes:
        return self._fill("message.txt").encode()

    def message(self) -> bytes:
        site, article = self._publication.site, self._article
        sender = self._settings.get("from", site.email)
        headers = [("List-Id", f"<{self._settings.get('list_id') or 'newsletter.' + site.host}>")]
        if (leave := self._leave()).startswith(("mailto:", "https:")):
            headers.append(("List-Unsubscribe", f"<{leave}>"))
        if leave.startswith("https:"):
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))  # RFC 8058
        name = hashlib.sha256(f"{article.id}\n{article.changed().isoformat()}".encode()).hexdigest()[:24]
        return Message(
            sender_name=site.name, sender=sender, recipient=sender,
            subject=self._options().get("subject", article.title),
            date=article.changed(), message_id=f"{name}@{sender.rpartition('@')[2]}",
            html=self._html(), text=self._fill("message.txt"), language=article.language, headers=tuple(headers),
        ).as_bytes()  # fmt: skip

    def _options(self) -> Any:
        return self._article.options(NAME)

    def _leave(self) -> str:
        return str(self._settings.get("unsubscribe", f"mailto:{self._publication.site.email}?subject=unsubscribe"))

    def _html(self) -> str:
        return str(_inliner().inline(self._fill("message.html")))

    def _fill(self, template: str) -> str:
        site, article, options = self._publication.site, self._article, self._options()
        return self._templates.render(
            NAME, template, site=site, article=article, url=site.url(f"{article.slug}/"),
            web_copy=site.url(f"{NAME}/{article.slug}/"), leave=self._leave(),
            subject=options.get("subject", article.title), preheader=options.get("preheader", article.summary),
            intro=options.get("intro", ()), address=self._address, picture=self._picture,
        )  # fmt: skip

    def _address(self, link: Link) -> str | None:
        if link.href:
            return link.href
        anchor = f"#{link.anchor}" if link.anchor else ""
        slug = link.slug or self._article.slug
        return self._publication.site.url(f"{slug}/{anchor}") if self._publication.has(slug) else None

    def _picture(self, figure: Figure) -> dict[str, object]:
        picture = self._publication.pictures[figure.src]
        path = self._publication.site.url(pictures.published(picture))
        return {"path": path, "width": picture.width, "height": picture.height}


@cache
def _inliner() -> Any:
    import css_inline

    # The style block marked data-css-inline="keep" holds the rules for phones and dark mode and stays as it is.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
