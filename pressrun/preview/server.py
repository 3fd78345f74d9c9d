"""Serves the desk on this machine alone, until somebody ends it."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
import watchfiles

from pressrun import layers, workers
from pressrun.build import Desk
from pressrun.preview.app import HOSTS, application
from pressrun.preview.session import Session
from pressrun.preview.sight import Maker

#: where it is looked for first when nobody names a port
PORT = 8765
#: how many ports from there on are tried
_TRIES = 20
#: milliseconds in which changes that follow each other are one: editors write a file in several steps
_STEP, _DEBOUNCE = 2, 50


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to see."""

    #: an article or an issue of the newsletter; the newest article if empty
    slug: str = ""
    #: 0 for whichever is free
    port: int = 0
    browser: bool = True


def serve(desk: Desk, clock: Callable[[], datetime], order: Order, tell: Callable[[str], None]) -> None:
    """Serves until it is interrupted; `tell` gets the address.

    Raises ValueError when the port is taken or there is nothing of that name, Refused when site.yaml is at fault.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pressrun-preview-")))
        listener = stack.enter_context(listen(order.port))
        team = stack.enter_context(workers.Processes(1)) if find_spec("pebble") else None
        if team:
            team.start()
        session = Session(Maker(desk, clock, folder, team))
        _begin(stack, session, desk)
        if order.slug and session.sight(order.slug).unknown:
            raise ValueError(f"There is no article or issue '{order.slug}'. Those that there are: ./inv list")
        _prefer_answers()
        address = f"http://{HOSTS[0]}:{listener.getsockname()[1]}/{f'{order.slug}/' if order.slug else ''}"
        server = Server(desk, session)
        server.heed_signals(stack)
        tell(address)
        if order.browser:
            webbrowser.open(address)
        server.run([listener])


def _prefer_answers() -> None:
    """What answers need not wait long for what draws, nor for what looks for things that nobody uses any more.

    What was read stays: looking through all of it again and again would cost a third of the time.
    """
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)


def _begin(stack: ExitStack, session: Session, desk: Desk) -> None:
    """Starts the thread that makes what is seen, and the one that looks for changes; both end with the stack."""
    for work in (session.run, partial(_watch, desk, session)):
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        stack.callback(thread.join)
    stack.callback(session.stop)


def _watch(desk: Desk, session: Session) -> None:
    folders = [folder.resolve() for folder in (desk.content, *layers.folders(desk.templates))]
    articles = folders[0] / "articles"
    for changes in watchfiles.watch(
        *folders, step=_STEP, debounce=_DEBOUNCE, rust_timeout=500, yield_on_timeout=False,
        stop_event=session.stopped, raise_interrupt=False, ignore_permission_denied=True,
    ):  # fmt: skip
        session.change(templates=not all(Path(path).is_relative_to(articles) for _, path in changes))


def listen(port: int) -> socket.socket:
    """Raises ValueError when the port is taken."""
    for number in [port] if port else [*range(PORT, PORT + _TRIES), 0]:
        try:
            return socket.create_server((HOSTS[0], number))
        except (OSError, OverflowError) as error:
            if port:
                why = (
                    os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "there is no such port"
                )
                raise ValueError(f"Port {port} cannot be used: {why}. Choose another, or leave --port out.") from None
    raise ValueError("No port of this machine is free.")


class Server(uvicorn.Server):
    """Lets go of browsers that wait for changes when it is to end."""

    def __init__(self, desk: Desk, session: Session) -> None:
        config = uvicorn.Config(
            application(desk, session), log_level="error", access_log=False, lifespan="off", server_header=False,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        super().__init__(config)
        self._session = session

    def heed_signals(self, stack: ExitStack) -> None:
        """From here on, an interrupt ends it, also before it runs: as an exception, it could be lost in a callback."""
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, self.handle_exit))

    def handle_exit(self, sig: int, frame: object) -> None:
        self._session.stop()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]
