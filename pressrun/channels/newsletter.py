"""The newsletter: each article as a message that opens rightly in any mail program."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

from markupsafe import escape

from pressrun import markup, pictures, schema, source
from pressrun.message import Message, canonical
from pressrun.model import Article, Figure, Link, Publication, Table, plain
from pressrun.outputs import Output, Shelf
from pressrun.schema import ChannelKeys, Context, Key
from pressrun.schema.context import values
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


#: columns of the plain text
_WIDTH = 72


def _by_mail(address: str) -> str:
    return f"mailto:{quote(address, safe='@+')}?subject=unsubscribe"


def _unsubscribe(node: Node, context: Context) -> str:
    """A mail address, a one-click address with {token} in it, or a service's merge tag."""
    if isinstance(node, source.Mapping):
        provider = Key(schema.one_of(*MERGE_TAGS), "the service that sends", required=True)
        return MERGE_TAGS[values(node, context, {"provider": provider}, "'unsubscribe'")["provider"]]
    text = schema.word(node, context)
    if "@" in text and "/" not in text:
        return _by_mail(schema.email(node, context))
    if not text.startswith("https://") or "{token}" not in text or not text.isascii():
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
            lambda node, context: values(node, context, _SETTINGS, "'newsletter'"),
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
        self._url = publication.site.url(f"{article.slug}/")

    def html(self) -> bytes:
        return self._html().encode()

    def text(self) -> bytes:
        return self._text().encode()

    def message(self) -> bytes:
        site, article = self._publication.site, self._article
        sender = self._settings.get("from", site.email)
        host = site.host.partition(":")[0]
        headers = [("List-Id", f"<{self._settings.get('list_id') or f'{NAME}.{host}'}>")]
        if (leave := self._leave()).startswith(("mailto:", "https:")):
            headers.append(("List-Unsubscribe", f"<{leave}>"))
        if leave.startswith("https:"):
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))  # RFC 8058
        name = hashlib.sha256(f"{article.id}\n{article.changed().isoformat()}".encode()).hexdigest()[:24]
        return Message(
            sender_name=site.name, sender=sender, recipient=sender,
            subject=self._options().get("subject", article.title),
            date=article.changed(), message_id=f"{name}@{sender.rpartition('@')[2]}",
            html=self._html(), text=self._text(), language=article.language, headers=tuple(headers),
        ).as_bytes()  # fmt: skip

    def _options(self) -> Any:
        return self._article.options(NAME)

    def _leave(self) -> str:
        return str(self._settings.get("unsubscribe", _by_mail(self._publication.site.email)))

    def _html(self) -> str:
        """The HTML part, with the line ends of mail: a file of it holds the same bytes as the message."""
        filled = self._fill("message.html", address=self._address, picture=self._picture)
        # Most mail programs lead nowhere inside a mail, so citations lead to the sources on the page.
        citation = '<sup class="citation"><a href="'
        filled = filled.replace(f"{citation}#", f"{citation}{escape(self._url)}#")
        return canonical(str(_inliner().inline(filled)))

    def _text(self) -> str:
        return canonical(self._fill("message.txt", address=self._spelt, grid=self._grid))

    def _fill(self, template: str, **context: object) -> str:
        site, article, options = self._publication.site, self._article, self._options()
        return self._templates.render(
            NAME, template, site=site, article=article, url=self._url,
            web_copy=site.url(f"{NAME}/{article.slug}/"), leave=self._leave(),
            subject=options.get("subject", article.title), preheader=options.get("preheader", article.summary),
            intro=options.get("intro", ()), **context,
        )  # fmt: skip

    def _address(self, link: Link) -> str | None:
        return self._publication.address(self._article, link)

    def _spelt(self, link: Link) -> str | None:
        """An address to print behind a link's words; none where the words are a number or a mail address already."""
        address = self._address(link)
        return None if address and address.partition(":")[2] == plain(link.content) else address

    def _picture(self, figure: Figure) -> dict[str, object]:
        """Its address, and the size at which it fits the column (Outlook goes by these attributes alone)."""
        picture = self._publication.pictures[figure.src]
        mail = self._templates.tokens["mail"]
        width = min(picture.width, int(mail["width"]) - 2 * int(mail["edge"]))
        height = max(1, round(picture.height * width / picture.width))
        return {"path": self._publication.site.url(pictures.published(picture)), "width": width, "height": height}

    def _grid(self, table: Table, indent: str) -> list[str]:
        """A table in plain text."""
        rows = [[markup.to_text(cell, self._spelt) for cell in row] for row in (table.columns, *table.rows)]
        return _grid([[" ".join(cell.split()) for cell in row] for row in rows], indent)


def _grid(rows: list[list[str]], indent: str) -> list[str]:
    """Cells in columns if they fit, else a paragraph a row; the first row stands over a line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if len(indent) + sum(widths) + 3 * (len(widths) - 1) <= _WIDTH:
        lines = ["   ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return [indent + line for line in (lines[0], "   ".join("-" * width for width in widths), *lines[1:])]
    head, *body = [markup.wrapped(" | ".join(row), indent, f"{indent}    ", _WIDTH) for row in rows]
    return [head, indent + "-" * (_WIDTH - len(indent)), *body]


@cache
def _inliner() -> Any:
    import css_inline

    # The style block marked data-css-inline="keep" holds the rules for phones and dark mode and stays as it is.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
