"""The newsletter: every article, and every issue of several, as a message that opens rightly in any mail program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from pressrun.channels.newsletter.keys import ISSUE, OPTIONS, PROVIDERS, settings
from pressrun.channels.newsletter.letter import Letter, Styles
from pressrun.message import packed
from pressrun.model import Article, Entry, Issue, Publication
from pressrun.outputs import LIVE, PRIVATE, Output, Shelf
from pressrun.schema import ChannelKeys, Key
from pressrun.templates import Templates

__all__ = ["KEYS", "NAME", "PROVIDERS", "issues", "message", "mould", "render"]

NAME = "newsletter"
KEYS = ChannelKeys(
    options=OPTIONS,
    settings={NAME: Key(settings, "{from, list_id, unsubscribe, relays, listmonk}")},
    issue=ISSUE,
)


def issues(publication: Publication) -> list[Issue]:
    """Those of several articles, and each article as an issue of its own."""
    several = (issue for issue in publication.issues if publication.concerns(entry.slug for entry in issue.entries))
    return [*several, *(_own(article) for article in publication.live(NAME) if publication.concerns([article.slug]))]


def _own(article: Article) -> Issue:
    options = article.options(NAME)
    return Issue(
        name=article.slug, id=article.id, subject=options.get("subject", article.title),
        preheader=options.get("preheader", article.summary), intro=options.get("intro", ()), date=article.changed(),
        language=article.language, entries=(Entry(article.slug),), place=article.place,
    )  # fmt: skip


def mould(issue: Issue) -> str:
    """The path of the output that holds an issue's message with its merge fields still open."""
    return f"{PRIVATE}/{NAME}/{issue.name}.json"


def message(issue: Issue) -> str:
    """The path of the output that is an issue's message."""
    return f"{NAME}/{issue.name}.eml"


def render(publication: Publication, templates: Templates, _shelf: Shelf) -> Iterator[Output]:
    """Every issue as a message, its two parts by themselves, and what is copied into a mail program."""
    provider = publication.site.settings.get(NAME, {}).get("unsubscribe", {}).get("provider")
    styles: Styles = {}
    for issue in issues(publication):
        letter = Letter(publication, templates, issue, NAME, styles)
        web = f"{NAME}/{issue.name}/index.html"
        files: list[tuple[str, Callable[[], bytes], str, str, str]] = [
            (f"{NAME}/{issue.name}.html", letter.html, "Newsletter, to paste", "text/html", "" if provider else web),
            (f"{NAME}/{issue.name}.txt", letter.text, "Newsletter, plain text", "text/plain", ""),
            (message(issue), letter.eml, "Newsletter, to send", "message/rfc822", ""),
            (f"{NAME}/{issue.name}-copy.html", letter.copy, "Newsletter, to copy", "text/html", ""),
        ]
        if provider:  # Its merge tags mean nothing on the web.
            files.append((f"{LIVE}/{web}", letter.web, "", "text/html", ""))
        files.append((mould(issue), partial(_packed, letter), "", "", ""))
        for path, make, label, media_type, live in files:
            yield Output(
                path, make, NAME, article=issue.name, label=label, media_type=media_type, live=live,
                inputs=letter.inputs,
            )  # fmt: skip


def _packed(letter: Letter) -> bytes:
    """It is made last, so that the letter is no longer needed."""
    found = packed(letter.message)
    letter.let_go()
    return found
