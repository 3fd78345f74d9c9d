"""The desk as a web application on this machine alone: one page an article, its panes, and word of every change."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from pressrun import fonts
from pressrun.build import Desk
from pressrun.channels import newsletter
from pressrun.channels.web import policy
from pressrun.faults import Refused
from pressrun.languages import ENGLISH
from pressrun.outputs import LIVE, Output
from pressrun.preview import panes
from pressrun.preview.session import Session
from pressrun.preview.sight import Sight
from pressrun.templates import Templates

#: the folder of its templates
NAME = "preview"
#: names by which a browser on this machine calls it; any other is somebody else's, who points it here
HOSTS = ("127.0.0.1", "localhost")
#: of the desk itself: one script and one style sheet of its own, frames with what it serves, and nobody around it
_DESK = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
#: of every pane: no script runs in it, wherever it is opened; that it counts as from here lets the desk keep the place
#: to which it was scrolled
_PANE = "frame-ancestors 'self'; sandbox allow-same-origin"
_LETTER = "default-src 'none'; style-src 'unsafe-inline'; img-src {}; base-uri 'none'; form-action 'none'"
_ENTRY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'"
#: the widest picture of a page that is made, in pixels
_WIDEST = 2400
#: seconds after which a browser is told that all is as it was
_QUIET = 10
_HTML = "text/html; charset=utf-8"
_SCRIPT = "desk.js"


class _Missing(Exception):
    """There is no such thing; its words are for whoever asked."""


_Endpoint = Callable[[Request], Response]


@dataclass(frozen=True)
class App:
    """What the desk answers, of articles and of issues of the newsletter."""

    desk: Desk
    session: Session

    def routes(self) -> list[Route]:
        pages: dict[str, _Endpoint] = {
            "/": self._first,
            f"/{_SCRIPT}": self._script,
            "/favicon.ico": self._icon,
            "/{slug}/": self._desk,
            "/{slug}/style.css": self._style,
            "/{slug}/changes": self._changes,
            "/{slug}/panes/letter": partial(self._letter, images="'self' data:"),
            "/{slug}/panes/quiet": partial(self._letter, images="'none'"),
            "/{slug}/panes/words": self._words,
            "/{slug}/panes/entry": self._entry,
            "/{slug}/panes/leaflets/{edition}.pdf": self._pdf,
            "/{slug}/panes/leaflets/{edition}/{page:int}.png": self._page,
            "/{slug}/panes/web/{path:path}": self._web,
        }
        return [Route(path, partial(self._answered, endpoint), methods=["GET"]) for path, endpoint in pages.items()]

    def _answered(self, endpoint: _Endpoint, request: Request) -> Response:
        """An answer or a sentence, with what holds for every answer."""
        try:
            answer = endpoint(request)
        except _Missing as missing:
            answer = self._missing(str(missing))
        except Refused as refused:
            words = "\n".join(map(str, refused.faults))
            answer = self._missing(words) if words else Response(status_code=204)  # not drawn yet
        answer.headers.update(
            {
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cross-Origin-Resource-Policy": "same-origin",
            }
        )
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Content-Security-Policy", _DESK)
        return answer

    # ---- the desk itself

    def _first(self, _: Request) -> Response:
        if not (slug := self.session.first()):
            raise _Missing('There is no article yet. Start one: ./inv new "Its title"')
        return RedirectResponse(f"/{slug}/", 303)

    def _desk(self, request: Request) -> Response:
        sight = self._sight(request)
        return _html(self._filled("desk.html", sight, digests=json.dumps(sight.digests)))

    def _script(self, _: Request) -> Response:
        return Response(self._templates().data(NAME, _SCRIPT), media_type="text/javascript")

    def _icon(self, _: Request) -> Response:
        """None: a tab does without."""
        return Response(status_code=204)

    def _style(self, request: Request) -> Response:
        sight = self._sight(request)
        served = [output.path for output in sight.rack.typed("font/woff2")] if sight.rack else []
        faces = [(face, f"panes/{path}") for face in fonts.FACES for path in served if f"/{face.name}." in path]
        return Response(self._filled("style.css", sight, faces=faces), media_type="text/css")

    def _changes(self, request: Request) -> Response:
        """Server-sent events, whenever a pane changes: what tells one state of each from another, and the new texts."""
        slug = self._sight(request).slug
        return StreamingResponse(self._told(slug), media_type="text/event-stream")

    def _told(self, slug: str) -> Iterator[str]:
        seen: Mapping[str, str] = {}
        with self.session.watching(slug):
            while not self.session.stopped.is_set():
                if sight := self.session.next(slug, seen, _QUIET):
                    changed = {name for name in seen if seen[name] != sight.digests[name]}
                    seen = sight.digests
                    yield f"data: {json.dumps({'digests': seen, 'texts': dict(self._texts(sight, changed))})}\n\n"
                else:
                    yield ": as it was\n\n"

    def _texts(self, sight: Sight, names: Container[str]) -> Iterator[tuple[str, str]]:
        """The documents in some panes, as the requests for them are answered."""
        if sight.rack and sight.page and "page" in names:
            yield "page", sight.rack.data(sight.rack.get(f"{LIVE}/{sight.page}")).decode()
        if sight.letter and "letter" in names:
            yield "letter", _here(sight, sight.letter.html)
        if sight.letter and "words" in names:
            yield "words", sight.letter.text
        if sight.entry and "entry" in names:
            yield "entry", self._reader(sight)

    # ---- panes

    def _web(self, request: Request) -> Response:
        """A file of the live site; the page of another article is a pane of that one's own."""
        sight, path = self._sight(request), request.path_params["path"]
        top = path.partition("/")[0]
        if top != sight.slug and top in sight.listed:
            return RedirectResponse(f"/{top}/panes/web/{path}", 303)
        output = sight.rack.at(f"{path}index.html" if path.endswith("/") or not path else path) if sight.rack else None
        if not output:
            raise _Missing("The site has no such page.")
        answer = Response(self._made(sight, output), media_type=output.media_type or "application/octet-stream")
        kind = policy.LETTER if path.startswith(f"{newsletter.NAME}/") else policy.PAGE
        answer.headers["Content-Security-Policy"] = f"{kind}; {_PANE}"
        if path.startswith("assets/"):  # which have other names when they change
            answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    def _made(self, sight: Sight, output: Output) -> bytes:
        """What is not at hand is made by the one thread that may draw."""
        rack = sight.rack
        assert rack
        return rack.data(output) if rack.is_at_hand(output) else self.session.do(partial(rack.data, output))

    def _letter(self, request: Request, images: str) -> Response:
        sight = self._sight(request)
        if not sight.letter:
            raise _Missing("This article is no newsletter.")
        return _framed(_here(sight, sight.letter.html), _LETTER.format(images))

    def _words(self, request: Request) -> Response:
        sight = self._sight(request)
        if not sight.letter:
            raise _Missing("This article is no newsletter.")
        answer = Response(sight.letter.text, media_type="text/plain")
        answer.headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'unsafe-inline'; {_PANE}"
        return answer

    def _entry(self, request: Request) -> Response:
        sight = self._sight(request)
        if not sight.entry:
            raise _Missing("This article is in no feed.")
        return _framed(self._reader(sight), _ENTRY)

    def _reader(self, sight: Sight) -> str:
        entry = sight.entry or {}
        content = Markup(_here(sight, entry.get("content_html", "")))  # noqa: S704  # the feed's; no script runs
        return self._filled("reader.html", sight, entry=entry, content=content)

    def _pdf(self, request: Request) -> Response:
        return Response(self._leaflet(request), media_type="application/pdf")

    def _page(self, request: Request) -> Response:
        data, number = self._leaflet(request), request.path_params["page"]
        asked = request.query_params.get("width", "")
        width = min(int(asked), _WIDEST) if asked.isdecimal() and int(asked) else 0
        if not width:
            raise _Missing("How wide is it to be? Write ?width=800, in pixels.")
        try:
            picture = self.session.do(partial(panes.page, data, number, width))
        except IndexError:
            raise _Missing("The handout has no such page.") from None
        answer = Response(picture, media_type="image/png")
        answer.headers["Cache-Control"] = "max-age=3600"  # its address names its content
        return answer

    def _leaflet(self, request: Request) -> bytes:
        sight, name = self._sight(request), request.path_params["edition"]
        self.session.look(sight.slug, name)
        data = next((leaflet.data for leaflet in sight.leaflets if leaflet.name == name), b"")
        if not data:
            raise _Missing("There is no such edition, or it is being drawn.")
        return data

    # ---- what they share

    def _sight(self, request: Request) -> Sight:
        sight = self.session.sight(request.path_params["slug"])
        if sight.unknown:
            raise _Missing(f"There is no article or issue '{sight.slug}'.")
        return sight

    def _templates(self) -> Templates:
        return Templates(self.desk.templates)

    def _filled(self, template: str, sight: Sight, **context: object) -> str:
        return (sight.templates or self._templates()).render(NAME, template, language=ENGLISH, sight=sight, **context)

    def _missing(self, words: str) -> Response:
        return _html(self._templates().render(NAME, "missing.html", words=words), 404)


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type=_HTML)


def _framed(text: str, rules: str) -> Response:
    answer = _html(text)
    answer.headers["Content-Security-Policy"] = f"{rules}; {_PANE}"
    return answer


def _here(sight: Sight, html: str) -> str:
    """With pictures from here, where those of the live site are not online yet."""
    return html.replace(f'src="{sight.site.base_url}/', f'src="/{sight.slug}/panes/web/') if sight.site else html


def application(desk: Desk, session: Session) -> Starlette:
    """The desk as an application, which answers only to this machine's own names."""
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)
    return Starlette(routes=App(desk, session).routes(), middleware=[guard])
