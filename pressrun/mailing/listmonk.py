"""Handing a campaign to an existing listmonk over its API; to whom it goes, and when, is listmonk's business."""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

#: seconds; listmonk reads the whole text as a template before it answers
_PATIENCE = 30.0
#: campaigns to a page; listmonk gives no more
_PAGE = 50
#: listmonk writes these itself, with each subscriber's own address
_ITS_OWN = {"list-unsubscribe", "list-unsubscribe-post"}
_AGAIN = "Run the same command again: a campaign that was made is found by its tag, and none is made twice."


class HandOverError(Exception):
    """What went wrong, in sentences for whoever sends."""


class _UnansweredError(HandOverError):
    """Nobody can tell whether listmonk did what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    url: str
    user: str
    token: str = field(repr=False)
    lists: tuple[int, ...]
    #: a template that holds nothing but {{ template "content" . }}; any other would wrap a page around our page
    template: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    issue: str
    message_hash: str
    name: str
    subject: str
    #: Name <a@b>
    sender: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    #: stands in html and text where the address to unsubscribe belongs
    leave_placeholder: str
    #: what stands where a subscriber's data belong -> a Go expression for it, without braces: `default` makes one
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handed:
    id: int
    #: listmonk's word: draft, scheduled, running, paused, finished or cancelled
    state: str
    #: whether it was not there before
    created: bool


def hand_over(
    connection: Connection, campaign: Campaign, *, start: bool = False, client: httpx.Client | None = None
) -> Handed:
    """Makes the campaign or finds the one made before; a draft unless it is to start. Raises HandOverError."""
    _check(connection, campaign)
    with nullcontext(client) if client else httpx.Client() as opened:
        api = _Api(connection, opened)
        tags = [f"pressrun:{campaign.issue}", f"pressrun-hash:{campaign.message_hash[:16]}"]
        content = _content(campaign) | {"lists": connection.lists, "template_id": connection.template, "tags": tags}
        found = api.find(tags[0])
        held = found or api.create(content)
        same = tags[1] in held.tags
        if held.state != "draft" and not same:
            raise HandOverError(
                f"The text of '{campaign.issue}' has changed, but its campaign {held.id} in listmonk is {held.state}. "
                "What was sent stays as it is: publish the change as a new issue."
            )
        if held.state == "draft":
            if found and (not same or _left_out(connection, held)):
                held = api.ask("PUT", f"/{held.id}", content)
            if left := _left_out(connection, held):
                raise HandOverError(f"listmonk left out {left}: is there one, and may the user use it?")
            if start:
                held = api.ask("PUT", f"/{held.id}/status", {"status": "running"})
        return Handed(held.id, held.state, created=not found)


def default(path: str, otherwise: str) -> str:
    """A Go expression: a subscriber's datum, such as .Subscriber.FirstName, or other words where there is none."""
    return f"or {path} {_quoted(otherwise)}"


def _check(connection: Connection, campaign: Campaign) -> None:
    """Raises HandOverError."""
    try:
        url = httpx.URL(connection.url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if not url.host or url.userinfo or url.query or not (url.scheme == "https" or _is_near(url)):
        raise HandOverError("listmonk's address must be https://..., without a password, or http on this machine.")
    if not (connection.user and connection.token):
        raise HandOverError("listmonk's user or token is missing.")
    # listmonk turns spaces in a tag into dashes and holds 100 characters; such a campaign would never be found again.
    if not re.fullmatch(r"\S{1,80}", campaign.issue) or not re.fullmatch(r"\S{16,}", campaign.message_hash):
        raise HandOverError(f"'{campaign.issue}' with the hash '{campaign.message_hash}' cannot be a tag in listmonk.")
    if not (campaign.leave_placeholder in campaign.html and campaign.leave_placeholder in campaign.text):
        raise HandOverError(f"'{campaign.issue}' has no place for the link to unsubscribe.")


def _is_near(url: httpx.URL) -> bool:
    with suppress(ValueError):
        return url.scheme == "http" and ipaddress.ip_address(url.host).is_loopback
    return url.scheme == "http" and url.host == "localhost"


class _Held(NamedTuple):
    """A campaign as listmonk has it."""

    id: int
    state: str
    tags: frozenset[str]
    lists: frozenset[int]
    template: int | None


def _left_out(connection: Connection, held: _Held) -> str:
    """Lists or the template: listmonk says nothing of those that it does not know or that the user may not use."""
    if missing := {*connection.lists} - held.lists:
        return f"list {', '.join(map(str, sorted(missing)))}"
    return "" if held.template == connection.template else f"template {connection.template}"


@dataclass(frozen=True, slots=True)
class _Api:
    connection: Connection
    client: httpx.Client

    def find(self, tag: str) -> _Held | None:
        """The campaign with a tag. Raises HandOverError, for a second one as well."""
        held: dict[int, _Held] = {}
        page, seen, total = 1, 0, 1
        while seen < total:
            # The manual calls it tags, the program reads tag, and one that knew neither would give all campaigns.
            query = {"tag": tag, "tags": tag, "page": page, "per_page": _PAGE, "no_body": True}
            with _understood():
                data = self._call("GET", "", params=query)
                held |= {one["id"]: _held(one) for one in data["results"] if tag in (one["tags"] or ())}
                seen, total = seen + len(data["results"]), data["total"] if data["results"] else 0
            page += 1
        if len(held) > 1:
            numbers = ", ".join(map(str, sorted(held)))
            raise HandOverError(
                f"listmonk has more than one campaign tagged {tag}: {numbers}. Delete all but one there."
            )
        return next(iter(held.values()), None)

    def create(self, content: Mapping[str, Any]) -> _Held:
        """Raises HandOverError."""
        try:
            return self.ask("POST", "", content)
        except _UnansweredError:
            # A second POST could make a second campaign, as listmonk has no key that would prevent it.
            if found := self.find(content["tags"][0]):
                return found
            raise

    def ask(self, method: str, path: str, content: Mapping[str, Any]) -> _Held:
        """The campaign after a request. Raises HandOverError."""
        with _understood():
            return _held(self._call(method, path, json=content))

    def _call(self, method: str, path: str, **content: Any) -> Any:
        link = self.connection
        url = f"{link.url.rstrip('/')}/api/campaigns{path}"
        try:
            reply = self.client.request(method, url, auth=(link.user, link.token), timeout=_PATIENCE, **content)
        except httpx.HTTPError as error:
            raise _UnansweredError(f"listmonk gave no answer ({type(error).__name__}). {_AGAIN}") from error
        if reply.status_code in {401, 403}:
            raise HandOverError(
                f"listmonk refuses the user '{link.user}' ({reply.status_code}). Are user and token right, and may the "
                "user get, manage and send campaigns and use the lists?"
            )
        if reply.is_success:
            return reply.json()["data"]
        message = f"listmonk answered {reply.status_code}: {_said(reply).replace(link.token, '...')}."
        if reply.is_server_error:
            raise _UnansweredError(f"{message} {_AGAIN}")
        raise HandOverError(message)


@contextmanager
def _understood() -> Iterator[None]:
    """Raises HandOverError for a reply in another form than listmonk's."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _UnansweredError(f"What answered is not listmonk, or one of another make. {_AGAIN}") from error


def _held(data: Any) -> _Held:
    """Raises LookupError and TypeError for what is no campaign."""
    lists = frozenset(one["id"] for one in data["lists"] or ())
    number, tags = operator.index(data["id"]), frozenset(data["tags"] or ())
    return _Held(number, str(data["status"]), tags, lists, data.get("template_id"))


def _said(reply: httpx.Response) -> str:
    with suppress(ValueError, LookupError, TypeError):
        return str(reply.json()["message"])[:300]
    return reply.reason_phrase


def _content(campaign: Campaign) -> dict[str, Any]:
    """What listmonk takes; subject, both texts and headers are Go templates there."""
    leave = {campaign.leave_placeholder: "{{ UnsubscribeURL }}"}
    bare = {place: f"{{{{ {go} }}}}" for place, go in campaign.fields.items()} | leave
    # Go escapes for HTML in the plain text too.
    spelt = {place: f"{{{{ print ({go}) | Safe }}}}" for place, go in campaign.fields.items()} | leave
    return {
        "name": campaign.name,
        "subject": _template(campaign.subject, bare),
        "from_email": campaign.sender,
        "type": "regular",
        "content_type": "html",
        "messenger": "email",
        # Go drops comments, and Outlook reads those.
        "body": _template(campaign.html, bare, "<!--.*?-->"),
        "altbody": _template(campaign.text, spelt, "<"),
        "headers": [{name: _template(value, bare)} for name, value in campaign.headers if name.lower() not in _ITS_OWN],
    }


def _template(text: str, places: Mapping[str, str], unsafe: str = r"(?!)") -> str:
    """A Go template that gives the text: what Go would change or run is put into strings of its own."""
    keys = "|".join(map(re.escape, sorted(places, key=len, reverse=True)))
    special = rf"({keys})|{unsafe}|\{{(?=\{{|{keys})"
    return re.sub(
        special,
        lambda found: places[found[1]] if found[1] else f"{{{{ Safe {_quoted(found[0])} }}}}",
        text,
        flags=re.DOTALL,
    )


def _quoted(text: str) -> str:
    """A Go string."""
    return json.dumps(text, ensure_ascii=False)
