"""Handing over to listmonk: calls keep to descriptions of its API, and no failure makes a second campaign.

What answers here is a small stand-in that was written after listmonk's source; no listmonk has run against this.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import ROOT, absent

from pressrun.mailing.listmonk import Campaign, Connection, Handed, HandOverError, default, hand_over

PRISM = ROOT / ".ci/tools/node_modules/@stoplight/prism-cli/dist/index.js"
OURS = ROOT / "tests/listmonk/openapi.yaml"
#: the path of listmonk's own docs/swagger/collections.yaml, which is AGPL and so not kept here
PUBLISHED = "PRESSRUN_LISTMONK_OPENAPI"
TOKEN = "s3cret-token"
LINK = Connection(url="https://lists.example.org", user="press", token=TOKEN, lists=(1, 2), template=5)
CAMPAIGN = Campaign(
    issue="2026-11", message_hash="0123456789abcdef" * 4, name="November", subject="Sleep and you",
    sender="Example Health <news@example.org>", html='<p>Hello</p><a href="https://leave.invalid/">Leave</a>',
    text="Hello\nLeave: https://leave.invalid/\n", headers=(("List-Id", "<news.example.org>"),),
    leave_placeholder="https://leave.invalid/",
)  # fmt: skip
CHANGED = replace(CAMPAIGN, message_hash="f" * 64, html=CAMPAIGN.html.replace("Hello", "Good day"))


class StandIn:
    """What listmonk does with campaigns, as far as its source says."""

    def __init__(self) -> None:
        self.campaigns: list[dict[str, Any]] = []
        self.known = {1: "Readers", 2: "Staff"}
        #: methods and paths, in order
        self.calls: list[str] = []
        #: called before and after it has worked; may raise or answer instead
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.after: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/campaigns")[2]
        self.calls.append(f"{request.method} {path}".rstrip())
        content = json.loads(request.content or "{}")
        return self.before(request) or self._answer(request, path, content)

    def _answer(self, request: httpx.Request, path: str, content: dict[str, Any]) -> httpx.Response:
        if request.method == "GET":
            reply = httpx.Response(200, json={"data": self._page(request.url.params)})
        elif request.method == "POST":
            held = {"id": len(self.campaigns) + 1, "status": "draft", **self._kept(content)}
            self.campaigns.append(held)
            reply = httpx.Response(200, json={"data": _shown(held)})
        else:
            reply = self._put(self.campaigns[int(path.split("/")[1]) - 1], content)
        return self.after(request) or reply

    def _page(self, query: httpx.QueryParams) -> dict[str, Any]:
        page, size = int(query["page"]), min(int(query["per_page"]), 50)
        found = [held for held in self.campaigns if {*query.get_list("tag")} <= {*held["tags"]}]
        results = [_shown(held) for held in found[(page - 1) * size : page * size]]
        if not results:
            return {"results": [], "query": "", "total": 0, "per_page": 0, "page": 0}
        return {"results": results, "query": "", "total": len(found), "per_page": size, "page": page}

    def _put(self, held: dict[str, Any], content: dict[str, Any]) -> httpx.Response:
        if "status" in content and held["status"] not in {"draft", "paused"}:
            return httpx.Response(400, json={"message": "Only paused and draft campaigns can start"})
        held |= content if "status" in content else self._kept(content)
        return httpx.Response(200, json={"data": _shown(held)})

    def _kept(self, content: dict[str, Any]) -> dict[str, Any]:
        """It leaves out, without a word, the lists and the template that it does not know."""
        lists = [number for number in content["lists"] if number in self.known]
        template = content["template_id"] if content["template_id"] == 5 else None
        return content | {"lists": lists, "template_id": template}


def _shown(held: dict[str, Any]) -> dict[str, Any]:
    lists = [{"id": number, "name": "A list"} for number in held["lists"]]
    return {**{key: held[key] for key in ("id", "status", "tags", "template_id")}, "lists": lists}


def _held(number: int, *tags: str, status: str = "draft") -> dict[str, Any]:
    return {"id": number, "status": status, "tags": [*tags], "lists": [1, 2], "template_id": 5}


@pytest.fixture
def listmonk() -> StandIn:
    return StandIn()


def _hand(listmonk: StandIn, campaign: Campaign = CAMPAIGN, *, start: bool = False, link: Connection = LINK) -> Handed:
    with httpx.Client(transport=httpx.MockTransport(listmonk.answer)) as client:
        return hand_over(link, campaign, start=start, client=client)


def _body(listmonk: StandIn, part: str = "body", **changes: Any) -> str:
    _hand(listmonk, replace(CAMPAIGN, **changes))
    return str(listmonk.campaigns[0][part])


# ---- one campaign, whatever happens


def test_a_campaign_is_made_as_a_draft(listmonk: StandIn) -> None:
    assert _hand(listmonk) == Handed(1, "draft", created=True)
    assert listmonk.calls == ["GET", "POST"]
    assert listmonk.campaigns == [
        {
            "id": 1, "status": "draft", "name": "November", "subject": "Sleep and you", "type": "regular",
            "from_email": "Example Health <news@example.org>", "content_type": "html", "messenger": "email",
            "body": '<p>Hello</p><a href="{{ UnsubscribeURL }}">Leave</a>',
            "altbody": "Hello\nLeave: {{ UnsubscribeURL }}\n", "headers": [{"List-Id": "<news.example.org>"}],
            "lists": [1, 2], "template_id": 5, "tags": ["pressrun:2026-11", "pressrun-hash:0123456789abcdef"],
        }
    ]  # fmt: skip


def test_a_second_call_makes_nothing(listmonk: StandIn) -> None:
    _hand(listmonk)

    assert _hand(listmonk) == Handed(1, "draft", created=False)
    assert listmonk.calls == ["GET", "POST", "GET"]


def test_a_campaign_is_started_only_when_asked(listmonk: StandIn) -> None:
    _hand(listmonk)

    assert _hand(listmonk, start=True) == Handed(1, "running", created=False)
    assert _hand(listmonk, start=True) == Handed(1, "running", created=False)
    assert listmonk.calls == ["GET", "POST", "GET", "PUT /1/status", "GET"]


def test_one_call_can_make_and_start(listmonk: StandIn) -> None:
    assert _hand(listmonk, start=True) == Handed(1, "running", created=True)


@pytest.mark.parametrize("status", ["paused", "scheduled", "finished", "cancelled"])
def test_what_staff_did_in_listmonk_is_left_alone(listmonk: StandIn, status: str) -> None:
    _hand(listmonk)
    listmonk.campaigns[0]["status"] = status

    assert _hand(listmonk, start=True) == Handed(1, status, created=False)


def test_a_changed_text_replaces_a_draft(listmonk: StandIn) -> None:
    _hand(listmonk)

    assert _hand(listmonk, CHANGED) == Handed(1, "draft", created=False)
    assert listmonk.calls[-1] == "PUT /1"
    assert "Good day" in listmonk.campaigns[0]["body"]
    assert listmonk.campaigns[0]["tags"] == ["pressrun:2026-11", "pressrun-hash:ffffffffffffffff"]


@pytest.mark.parametrize("status", ["running", "paused", "scheduled", "finished"])
def test_a_changed_text_never_replaces_one_under_way(listmonk: StandIn, status: str) -> None:
    _hand(listmonk)
    listmonk.campaigns[0]["status"] = status

    with pytest.raises(HandOverError, match=f"campaign 1 in listmonk is {status}"):
        _hand(listmonk, CHANGED)
    assert "Hello" in listmonk.campaigns[0]["body"]


def _dead(request: httpx.Request) -> None:
    raise httpx.ReadTimeout("timed out", request=request)


def _garbled(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="<html>A portal")


def _broken(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(502, text="Bad gateway")


LOST = [_dead, _garbled, _broken]


def _only(method: str, act: Callable[[httpx.Request], Any]) -> Callable[[httpx.Request], Any]:
    return lambda request: act(request) if request.method == method else None


@pytest.mark.parametrize("loss", LOST)
def test_a_lost_reply_is_looked_up_and_never_posted_again(
    listmonk: StandIn, loss: Callable[[httpx.Request], Any]
) -> None:
    listmonk.after = _only("POST", loss)

    assert _hand(listmonk) == Handed(1, "draft", created=True)
    assert listmonk.calls == ["GET", "POST", "GET"]


@pytest.mark.parametrize("loss", LOST)
def test_a_lost_request_ends_in_words_and_not_in_a_second_post(
    listmonk: StandIn, loss: Callable[[httpx.Request], Any]
) -> None:
    listmonk.before = _only("POST", loss)

    with pytest.raises(HandOverError, match="Run the same command again"):
        _hand(listmonk)
    assert listmonk.calls == ["GET", "POST", "GET"]


@pytest.mark.parametrize("loss", LOST)
def test_a_lost_reply_to_the_start_is_found_the_next_time(
    listmonk: StandIn, loss: Callable[[httpx.Request], Any]
) -> None:
    listmonk.after = _only("PUT", loss)

    with pytest.raises(HandOverError, match="Run the same command again"):
        _hand(listmonk, start=True)
    assert _hand(listmonk, start=True) == Handed(1, "running", created=False)


@pytest.mark.parametrize("number", [1, 61, 111, 120])
def test_a_campaign_is_found_on_any_page(listmonk: StandIn, number: int) -> None:
    """As with a listmonk that knows neither form of the query and gives all that it has."""
    listmonk.campaigns = [_held(other, "other") for other in range(1, 121)]
    listmonk.campaigns[number - 1] = _held(number, "pressrun:2026-11", "pressrun-hash:0123456789abcdef")
    tagless = _without_tag(listmonk)

    assert _hand(tagless) == Handed(number, "draft", created=False)
    assert tagless.calls == ["GET", "GET", "GET"]


def _without_tag(listmonk: StandIn) -> StandIn:
    page = listmonk._page
    listmonk._page = lambda query: page(query.remove("tag"))  # type: ignore[method-assign]
    return listmonk


def test_of_two_campaigns_none_is_taken(listmonk: StandIn) -> None:
    listmonk.campaigns = [_held(1, "pressrun:2026-11"), _held(2, "pressrun:2026-11")]

    with pytest.raises(HandOverError, match=r"more than one .*: 1, 2\. Delete all but one"):
        _hand(listmonk)


def test_a_list_that_listmonk_left_out_keeps_the_campaign_a_draft(listmonk: StandIn) -> None:
    for _ in range(2):
        with pytest.raises(HandOverError, match="left out list 9"):
            _hand(listmonk, start=True, link=replace(LINK, lists=(1, 9)))
    assert [held["status"] for held in listmonk.campaigns] == ["draft"]

    listmonk.known[9] = "New"
    assert _hand(listmonk, start=True, link=replace(LINK, lists=(1, 9))).state == "running"


def test_a_template_that_listmonk_left_out_keeps_the_campaign_a_draft(listmonk: StandIn) -> None:
    for _ in range(2):
        with pytest.raises(HandOverError, match="left out template 6"):
            _hand(listmonk, start=True, link=replace(LINK, template=6))
    assert [held["status"] for held in listmonk.campaigns] == ["draft"]


# ---- what is refused, and how


@pytest.mark.parametrize("code", [401, 403])
def test_a_wrong_token_is_said_and_not_shown(listmonk: StandIn, code: int) -> None:
    listmonk.before = lambda request: httpx.Response(code, json={"message": f"bad {TOKEN}"})

    with pytest.raises(HandOverError, match=f"refuses the user 'press' .{code}."):
        _hand(listmonk)
    assert listmonk.calls == ["GET"]


@pytest.mark.parametrize("code", [301, 400, 404, 422, 500])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_no_error_shows_the_token(listmonk: StandIn, code: int, method: str) -> None:
    listmonk.before = _only(method, lambda _: httpx.Response(code, json={"message": f"no good: {TOKEN}"}))

    with pytest.raises(HandOverError, match=rf"answered {code}: no good: \.\.\.") as caught:
        _hand(listmonk, start=True)
    assert TOKEN not in f"{caught.value}{caught.value!r}{caught.value.__cause__!r}{LINK!r}"


@pytest.mark.parametrize(
    "reply", ["", "[]", "null", '{"data": 3}', '{"data": {"results": [{"id": 1}], "total": 1}}', '{"data": {}}']
)
def test_a_reply_in_another_form_ends_in_words(listmonk: StandIn, reply: str) -> None:
    listmonk.before = lambda request: httpx.Response(200, text=reply)

    with pytest.raises(HandOverError, match="What answered is not listmonk"):
        _hand(listmonk)


@pytest.mark.parametrize(
    "url",
    [
        "http://lists.example.org", "http://localhost.example.org", "http://10.0.0.5", "ftp://localhost", "lists", "",
        "https://", "https://user:pass@lists.example.org", "https://lists.example.org/?a=b", "http://[::2]:9000", "http://[",
    ],
)  # fmt: skip
def test_an_unsafe_address_is_refused_before_anything_is_sent(listmonk: StandIn, url: str) -> None:
    with pytest.raises(HandOverError, match="address must be https"):
        _hand(listmonk, link=replace(LINK, url=url))
    assert listmonk.calls == []


@pytest.mark.parametrize("url", ["http://localhost:9000", "http://127.0.0.1:9000/", "http://[::1]:9000"])
def test_this_machine_may_do_without_https(listmonk: StandIn, url: str) -> None:
    assert _hand(listmonk, link=replace(LINK, url=url)).created


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issue": "two words"}, "cannot be a tag"),
        ({"issue": "x" * 100}, "cannot be a tag"),
        ({"message_hash": ""}, "cannot be a tag"),
        ({"html": "<p>Hello</p>"}, "no place for the link to unsubscribe"),
        ({"text": "Hello"}, "no place for the link to unsubscribe"),
    ],
)
def test_what_could_not_be_found_again_or_left_is_refused(
    listmonk: StandIn, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(HandOverError, match=words):
        _hand(listmonk, replace(CAMPAIGN, **changes))  # type: ignore[arg-type]
    assert listmonk.calls == []


@pytest.mark.parametrize("changes", [{"user": ""}, {"token": ""}])
def test_credentials_must_be_there(listmonk: StandIn, changes: dict[str, str]) -> None:
    with pytest.raises(HandOverError, match="missing"):
        _hand(listmonk, link=replace(LINK, **changes))  # type: ignore[arg-type]


# ---- texts as Go templates


def test_what_looks_like_a_template_stays_text(listmonk: StandIn) -> None:
    assert _body(listmonk, html="{{ .Secret }} {{{x}} } { " + CAMPAIGN.html) == (
        '{{ Safe "{" }}{ .Secret }} {{ Safe "{" }}{{ Safe "{" }}{x}} } { '
        '<p>Hello</p><a href="{{ UnsubscribeURL }}">Leave</a>'
    )
    assert _body(StandIn(), "altbody", text="{{x}} {https://leave.invalid/}") == (
        '{{ Safe "{" }}{x}} {{ Safe "{" }}{{ UnsubscribeURL }}}'
    )
    assert _body(StandIn(), "subject", subject="{{x}}") == '{{ Safe "{" }}{x}}'
    assert _body(StandIn(), "headers", headers=(("X-A", "{{x}}"),)) == "[{'X-A': '{{ Safe \"{\" }}{x}}'}]"


def test_comments_for_outlook_are_kept_from_go(listmonk: StandIn) -> None:
    """Go's html/template drops every comment that stands outside a string."""
    comment = '<!--[if mso]>\n<table width="600"><![endif]-->'

    assert _body(listmonk, html=comment + CAMPAIGN.html).startswith(
        '{{ Safe "<!--[if mso]>\\n<table width=\\"600\\"><![endif]-->" }}<p>Hello'
    )


def test_plain_text_is_kept_from_escapes_for_html(listmonk: StandIn) -> None:
    assert _body(listmonk, "altbody", text="a < b <https://leave.invalid/>") == (
        'a {{ Safe "<" }} b {{ Safe "<" }}{{ UnsubscribeURL }}>'
    )


def test_merge_fields_become_listmonks(listmonk: StandIn) -> None:
    name = default(".Subscriber.FirstName", 'reader "R"')
    changes = {"html": f"Dear %name%, {CAMPAIGN.html}", "text": f"Dear %name%, {CAMPAIGN.text}", "subject": "%name%!"}
    campaign = replace(CAMPAIGN, **changes, fields={"%name%": name})  # type: ignore[arg-type]

    _hand(listmonk, campaign)
    held = listmonk.campaigns[0]
    assert held["body"].startswith('Dear {{ or .Subscriber.FirstName "reader \\"R\\"" }}, <p>')
    assert held["altbody"].startswith('Dear {{ print (or .Subscriber.FirstName "reader \\"R\\"") | Safe }}, Hello')
    assert held["subject"] == '{{ or .Subscriber.FirstName "reader \\"R\\"" }}!'


def test_listmonk_writes_its_own_headers_to_unsubscribe(listmonk: StandIn) -> None:
    headers = (("List-Unsubscribe", "<https://x/>"), ("List-Unsubscribe-Post", "x"), ("List-Id", "<a.b>"))

    assert _body(listmonk, "headers", headers=headers) == "[{'List-Id': '<a.b>'}]"


# ---- the contract


class _Guarded:
    """The adapter's calls through Prism, which checks each and its answer against a description, to a stand-in."""

    def __init__(self, port: int) -> None:
        self.port = port
        #: what broke the description, of requests and of answers
        self.requests: list[Any] = []
        self.answers: list[Any] = []
        self.checked: list[str] = []

    def client(self) -> httpx.Client:
        return httpx.Client(event_hooks={"request": [self._sent], "response": [self._answered]})

    def _sent(self, request: httpx.Request) -> None:
        # Prism takes the paths of a description without the path of its server.
        request.url = request.url.copy_with(port=self.port, path=request.url.path.removeprefix("/api"))

    def _answered(self, response: httpx.Response) -> None:
        self.checked.append(f"{response.request.method} {response.request.url.path}")
        for violation in json.loads(response.headers.get("sl-violations", "[]")):
            (self.requests if violation["location"][0] == "request" else self.answers).append(violation)


@contextmanager
def _served(listmonk: StandIn) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = listmonk.answer(httpx.Request(self.command, f"http://localhost{self.path}", content=content))
            self.send_response(reply.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _prism(description: Path, upstream: int, folder: Path) -> Iterator[_Guarded]:
    node = shutil.which("node") or absent("node")
    if not PRISM.exists():
        absent("@stoplight/prism-cli (npm ci --prefix .ci/tools brings it)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        node,
        str(PRISM),
        "proxy",
        str(description),
        f"http://127.0.0.1:{upstream}",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    with (folder / "prism.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as prism:
        try:
            _wait(port, prism, folder / "prism.log")
            yield _Guarded(port)
        finally:
            prism.terminate()


def _wait(port: int, prism: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        assert prism.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _descriptions() -> list[Any]:
    published = os.environ.get(PUBLISHED)
    skip = pytest.mark.skipif(not published, reason=f"{PUBLISHED} names no file")
    return [pytest.param(OURS, id="ours"), pytest.param(Path(published or "."), id="published", marks=skip)]


@pytest.mark.heavy
@pytest.mark.parametrize("description", _descriptions())
def test_every_call_keeps_to_the_description(listmonk: StandIn, description: Path, tmp_path: Path) -> None:
    with _served(listmonk) as upstream, _prism(description, upstream, tmp_path) as guarded, guarded.client() as client:
        link = replace(LINK, url=f"http://127.0.0.1:{guarded.port}")
        named = replace(CAMPAIGN, subject="Dear %name%", fields={"%name%": default(".Subscriber.FirstName", "you")})

        assert hand_over(link, named, client=client) == Handed(1, "draft", created=True)
        assert hand_over(link, CHANGED, client=client) == Handed(1, "draft", created=False)
        assert hand_over(link, CHANGED, start=True, client=client) == Handed(1, "running", created=False)

    assert guarded.checked == [
        "GET /campaigns", "POST /campaigns", "GET /campaigns", "PUT /campaigns/1", "GET /campaigns",
        "PUT /campaigns/1/status",
    ]  # fmt: skip
    assert guarded.requests == []
    # listmonk's own description has the lists of an answer as numbers, where its manual and its source have objects.
    told = (
        guarded.answers if description == OURS else [one for one in guarded.answers if "lists" not in one["location"]]
    )
    assert told == []


@pytest.mark.heavy
def test_prism_would_find_something(listmonk: StandIn, tmp_path: Path) -> None:
    bad: list[tuple[str, str, Any]] = [
        ("POST", "", {"name": "a name alone"}),
        ("POST", "", _hand(listmonk) and listmonk.campaigns[0]),  # with an id and a status, which are no content
        ("PUT", "/1/status", {"status": "draft"}),
    ]
    listmonk.before = lambda request: httpx.Response(200, json={"data": _shown(_held(1))})
    with _served(listmonk) as upstream, _prism(OURS, upstream, tmp_path) as guarded, guarded.client() as client:
        for method, path, content in bad:
            found = len(guarded.requests)
            client.request(
                method, f"http://127.0.0.1:{guarded.port}/api/campaigns{path}", json=content, auth=("a", "b")
            )
            assert len(guarded.requests) > found, content
