"""One issue as a message: filled templates, styles written into their tags, headers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

from markupsafe import Markup, escape

from pressrun import markup, renditions, translations
from pressrun.channels.newsletter.keys import PROVIDERS, by_mail, merging, unmerged
from pressrun.inputs import Inputs, brief, of_article, of_channel, of_links, of_logo
from pressrun.message import Message, canonical, field, filled, wrapped
from pressrun.model import Article, Figure, Helpline, Issue, Link, Publication, Table, blocks, leads, plain, prose
from pressrun.templates import Templates, foreign

#: columns of the plain text
_WIDTH = 72
#: a logo is no wider and no higher, in pixels
_LOGO = (120, 36)
#: stands for a recipient's token in what is made for nobody; no recipient has it
_NOBODY = "preview"


@dataclass(frozen=True, slots=True)
class _Written:
    """One article of an issue, filled in."""

    title: str
    url: str
    gone: bool
    words: str
    #: attributes of an article in another language than the issue's
    foreign: str


#: filled style sheets, by their names and the languages of letters
Styles = dict[tuple[str, str], Markup]


class Letter:
    """One issue as the channel `channel` makes it; all the letters of a build may share their style sheets."""

    def __init__(
        self, publication: Publication, templates: Templates, issue: Issue, channel: str, styles: Styles | None = None
    ) -> None:
        self._publication = publication
        self._templates = templates
        self._issue = replace(issue, title=unmerged(issue.title))
        self._channel = channel
        self._styles: Styles = {} if styles is None else styles
        self._settings: dict[str, Any] = publication.site.settings.get(channel, {})
        articles = publication.carried(channel)
        self._articles = [(articles[entry.slug], entry.teaser) for entry in issue.entries if entry.slug in articles]

    def inputs(self) -> Inputs:
        """What an issue's files are made from."""
        return self._inputs

    @cached_property
    def _inputs(self) -> Inputs:
        publication = self._publication
        found = {**of_channel(publication, self._templates, self._channel), "issue": brief(self._issue),
                 "logo": of_logo(publication)}  # fmt: skip
        for article, _ in self._articles:
            found |= of_article(publication, article)
        intro = leads(prose(self._issue.intro))
        pictures = (block for block in blocks(self._issue.intro) if isinstance(block, Figure))
        shown = brief([renditions.fallback(publication.pictures[figure.src]) for figure in pictures])
        return found | {"links of the introduction": of_links(publication, intro), "its pictures": shown}

    # ---- what is made

    def let_go(self) -> None:
        """What its files share is made again when somebody asks for one again."""
        for name in ("message", "_spoken", "_entries", "_intro"):
            self.__dict__.pop(name, None)

    def html(self) -> bytes:
        """The HTML part, with the line ends of mail: a file of it holds the same bytes as the message."""
        return self._spoken.html.encode()

    def text(self) -> bytes:
        return self._spoken.text.encode()

    def eml(self) -> bytes:
        return self._spoken.as_bytes()

    def web(self) -> bytes:
        """The copy on the web, for everybody and so from nobody to unsubscribe."""
        return filled(self._html("message.html", leave="")).encode()

    def copy(self) -> bytes:
        """A page to copy into a mail program, which knows no merge fields."""
        leave = self._leave if self._leave.startswith("mailto:") else by_mail(self._publication.site.email)
        return filled(self._html("copy.html", leave=leave)).encode()

    def _filled(self, text: str) -> str:
        """What an author wrote, with a service's merge tags, or with the fields' defaults."""
        return filled(merging(text), self._fill_in)

    def _fill_in(self, name: str, default: str) -> str:
        provider = PROVIDERS.get(self._settings.get("unsubscribe", {}).get("provider", ""))
        return provider.name.format(default) if provider and name == "name" else default

    @cached_property
    def message(self) -> Message:
        """With its merge fields open, for a sender to fill in; Date and Message-ID are those of the issue itself."""
        site, issue = self._publication.site, self._issue
        name = hashlib.sha256(f"{issue.id}\n{issue.date.isoformat()}".encode()).hexdigest()[:24]
        return Message(
            sender_name=site.name, sender=self._sender, recipient=self._sender, subject=merging(issue.subject),
            date=issue.date, message_id=f"{issue.id}.{name}@{self._sender.rpartition('@')[2]}",
            html=self._html("message.html", leave=self._leave), text=self._text(),
            language=issue.language, headers=tuple(self._headers()),
        )  # fmt: skip

    @cached_property
    def _spoken(self) -> Message:
        """The message as files hold it."""
        found = self.message
        html, text, subject = (filled(part, self._fill_in) for part in (found.html, found.text, found.subject))
        return replace(found, html=html, text=text, subject=subject)

    # ---- headers

    @property
    def _sender(self) -> str:
        return str(self._settings.get("from", self._publication.site.email))

    @property
    def _leave(self) -> str:
        """The address to unsubscribe at, or a service's merge tag; the token is a recipient's."""
        found = self._settings.get("unsubscribe", {"leave": by_mail(self._publication.site.email)})
        if "provider" in found:
            return PROVIDERS[found["provider"]].leave
        return str(found["leave"]).replace("{token}", field("token", _NOBODY))

    def _headers(self) -> Any:
        site, leave = self._publication.site, self._leave
        host = site.host.partition(":")[0]
        list_id = self._settings.get("list_id") or f"{self._channel}.{host}"
        phrase = f"{site.name} " if re.fullmatch(r"[A-Za-z0-9&' -]+", site.name) else ""
        yield "Reply-To", f"<{site.email}>"
        yield "List-Id", f"{phrase}<{list_id}>"
        mailbox = by_mail(site.email)
        if leave.startswith("mailto:"):
            yield "List-Unsubscribe", f"<{leave}>"
        elif leave.startswith("https:"):
            yield "List-Unsubscribe", f"<{leave}>, <{mailbox}>"
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"  # RFC 8058
        yield "List-Help", f"<{mailbox.replace('unsubscribe', 'help')}>"
        yield "List-Archive", f"<{self._web_copy}>"
        yield "Feedback-ID", f"{self._issue.id}:{self._channel}:{list_id}"
        yield "Precedence", "bulk"
        yield "X-Auto-Response-Suppress", "OOF, AutoReply"  # Exchange answers with neither
        yield "X-Unsent", "1"  # classic Outlook opens the file as a draft; taken out when it is sent

    # ---- parts

    @property
    def _web_copy(self) -> str:
        return self._publication.site.url(f"{self._channel}/{self._issue.name}/")

    def _html(self, template: str, leave: str) -> str:
        page = self._fill(template, entries=self._entries, intro=self._intro, leave=leave, style=self._style)
        return canonical(str(_inliner().inline(page)))

    @cached_property
    def _entries(self) -> list[_Written]:
        """The articles, which are the same in a message and in its copies."""
        return [self._written(article, teaser, "article.html") for article, teaser in self._articles]

    @cached_property
    def _intro(self) -> Markup:
        found = self._issue.intro and merging(self._fill("intro.html", blocks=self._issue.intro))
        return Markup(found or "")  # noqa: S704  # templates have escaped it

    def _style(self, file: str) -> Markup:
        """A style sheet, which depends on the language of the letter alone."""
        language = self._issue.language
        if (file, language) not in self._styles:
            site = self._publication.site
            found = self._templates.render(self._channel, file, site=site, issue=self._issue, language=language)
            self._styles[file, language] = Markup(found)  # noqa: S704  # the designers' own
        return self._styles[file, language]

    def _text(self) -> str:
        entries = [self._written(article, teaser, "text/article.txt") for article, teaser in self._articles]
        intro = self._issue.intro and self._fill("text/intro.txt", blocks=self._issue.intro, indent="")
        intro = merging(intro or "").strip("\n")
        return canonical(self._fill("message.txt", entries=entries, intro=intro, leave=self._leave, indent=""))

    def _written(self, article: Article, teaser: bool, template: str) -> _Written:
        url = self._publication.site.url(f"{article.slug}/")
        is_html = template.endswith(".html")
        words = self._fill(
            template, article=article, teaser=teaser, url=url, level=1 if self._issue.title else 0, indent="",
            state=self._publication.state(article), outdated=translations.is_outdated(self._publication, article),
            address=partial(self._address if is_html else self._spelt, article), grid=partial(self._grid, article),
        )  # fmt: skip
        if is_html:
            # Most mail programs lead nowhere inside a mail, so citations lead to the sources on the page.
            citation = '<sup class="citation"><a href="'
            words = Markup(words.replace(f"{citation}#", f"{citation}{escape(url)}#"))  # noqa: S704
        marks = foreign(article.language, self._issue.language)
        return _Written(
            article.title, url, self._publication.gone(article), words if is_html else words.strip("\n"), marks
        )

    def _fill(self, template: str, **context: Any) -> str:
        site, issue = self._publication.site, self._issue
        lead = self._articles[0][0] if self._articles and not issue.title else None
        standard: dict[str, Any] = {
            "language": (context.get("article") or issue).language, "site": site, "issue": issue, "logo": self._logo,
            "web_copy": self._web_copy, "subject": unmerged(issue.subject),
            "preheader": merging(issue.preheader), "bar": {
                "subject": self._filled(issue.subject), "preheader": self._filled(issue.preheader)
            }, "helplines": self._helplines(), "level": 0, "article": lead,
            "canonical": site.url(f"{lead.slug}/") if lead else self._web_copy,
            "picture": self._picture, "grid": partial(self._grid, lead),
            "address": partial(self._address if template.endswith(".html") else self._spelt, lead),
        }  # fmt: skip
        return self._templates.render(self._channel, template, **standard | context)

    def _helplines(self) -> tuple[Helpline, ...]:
        """Those of all the articles, each once."""
        return tuple(dict.fromkeys(line for article, _ in self._articles for line in article.helplines))

    def _address(self, article: Article | None, link: Link) -> str | None:
        if article:
            return self._publication.address(article, link)
        if link.href or self._publication.has(link.slug):
            anchor = f"#{link.anchor}" if link.anchor else ""
            return link.href or self._publication.site.url(f"{link.slug}/{anchor}")
        return None

    def _spelt(self, article: Article | None, link: Link) -> str | None:
        """An address to print behind a link's words; none where the words are a number or a mail address already."""
        address = self._address(article, link)
        if address and address.partition(":")[2] == plain(link.content):
            return None
        return address and address.removeprefix("mailto:")

    def _picture(self, figure: Figure) -> dict[str, object]:
        """Its address, and the size at which it fits the column (Outlook goes by these attributes alone)."""
        picture = renditions.fallback(self._publication.pictures[figure.src])
        mail = self._templates.tokens["mail"]
        return self._sized(picture, min(picture.width, int(mail["width"]) - 2 * int(mail["edge"])))

    @cached_property
    def _logo(self) -> dict[str, object] | None:
        """The publisher's, in the smallest file that there is."""
        if not (src := self._publication.site.logo):
            return None
        picture = renditions.narrower(self._publication.pictures[src])[0]
        return self._sized(picture, min(picture.width, _LOGO[0], round(picture.width * _LOGO[1] / picture.height)))

    def _sized(self, picture: renditions.Rendition, width: int) -> dict[str, object]:
        height = max(1, round(picture.height * width / picture.width))
        return {"path": self._publication.site.url(picture.path), "width": width, "height": height}

    def _grid(self, article: Article | None, table: Table, indent: str) -> list[str]:
        """A table in plain text."""
        rows = [
            [markup.to_text(cell, partial(self._spelt, article)) for cell in row]
            for row in (table.columns, *table.rows)
        ]
        return _grid([[" ".join(cell.split()) for cell in row] for row in rows], indent)


def _grid(rows: list[list[str]], indent: str) -> list[str]:
    """Cells in columns if they fit, else a paragraph a row; the first row stands over a line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if len(indent) + sum(widths) + 3 * (len(widths) - 1) <= _WIDTH:
        lines = ["   ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return [indent + line for line in (lines[0], "   ".join("-" * width for width in widths), *lines[1:])]
    head, *body = [wrapped(" | ".join(row), indent, f"{indent}    ", _WIDTH) for row in rows]
    return [head, indent + "-" * (_WIDTH - len(indent)), *body]


@cache
def _inliner() -> Any:
    import css_inline

    # The style block marked data-css-inline="keep" holds the rules for phones and dark mode and stays as it is.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
