"""A mail server that fails in every way that one can, and writes down what it took over before it says so.

    python tests/sink.py --port 0 --record FILE [--seed N] [--late SECONDS] [--stall SECONDS]
                         [--auth USER:PASSWORD | --fail-auth] [--tls CERT KEY]

It prints its port and runs until its input ends or SIGTERM comes. The local part of a recipient decides what happens to
a message: `reset-7@example.org` is of the kind "reset"; what is no kind is taken over as if it were "ok". FILE holds a
line for every recipient of every message that was truly taken over, written and synced before any reply: it is the
truth that a sender's own account is held against.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

#: what each kind of recipient meets; "taken" is written down
KINDS = {
    "ok": "taken, 250",
    "no-such": "550 5.1.1 at RCPT",
    "later": "450 4.2.0 at the first RCPT, then ok",
    "full": "452 4.3.1 at the first two DATA, then ok",
    "full-dot": "452 4.3.1 after the first two dots, then ok",
    "refused": "554 5.7.1 after the dot",
    "reset": "taken, then a reset of the connection in place of the reply",
    "garbage": "taken, then a line that is no reply",
    "cut": "a reset right after 354, not taken",
    "closing": "421 4.7.0 at the first RCPT and the connection is closed, then ok",
    "closing-next": "taken, 250; the next MAIL of this connection gets 421 4.7.0 and it is closed",
    "stall": "not taken: no reply to the dot, and the connection is closed after --stall seconds",
    "late": "taken, and the reply to the dot comes after --late seconds",
}
SLOW = ("stall", "late")
#: the faults of a whole message, the worst first: a message to many recipients gets one reply
_AFTER_DATA = ("stall", "refused", "full-dot", "reset", "garbage", "late")
_GARBAGE = (b"", b"hello there", b"\xff\xfe\x00\x80", b"OK 250", b"2 50 OK", b"x" * 9000)
_SIZE = 2**25


def kind_of(address: str) -> str:
    name, _, number = address.partition("@")[0].rpartition("-")
    return name if name in KINDS and number.isdigit() else "ok"


def kinds(count: int, seed: int, *, share: float = 0.03, slow: bool = False) -> list[str]:
    """So many different addresses in mixed order: a share of each fault and the rest ok; slow adds stall and late."""
    faults = [kind for kind in KINDS if kind != "ok" and (slow or kind not in SLOW)]
    chosen = (faults * max(1, round(count * share)))[: count // 2]
    chosen += ["ok"] * (count - len(chosen))
    random.Random(seed).shuffle(chosen)
    return [f"{kind}-{number}@example.org" for number, kind in enumerate(chosen)]


class Book:
    """What all connections share: the record of what was taken, and how often a recipient met a fault."""

    def __init__(self, record: BinaryIO, seed: int, late: float, stall: float) -> None:
        self.record, self.seed, self.late, self.stall = record, seed, late, stall
        self.met: Counter[str] = Counter()

    def first(self, kind: str, addresses: list[str], times: int = 1) -> bool:
        """Whether any recipient of this kind meets its fault now, which it does so many times."""
        concerned = [address for address in addresses if kind_of(address) == kind]
        self.met.update(concerned)
        return any(self.met[address] <= times for address in concerned)

    def take(self, envelope: Envelope, data: bytes) -> None:
        headers = BytesHeaderParser().parsebytes(data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        for address in envelope.rcpt_tos:
            line = {
                "recipient": address,
                "message_id": str(headers.get("Message-ID", "")).strip(),
                "sha256": hashlib.sha256(data).hexdigest(),
                "kind": kind_of(address),
                "sender": envelope.mail_from,
            }
            self.record.write(json.dumps(line).encode() + b"\n")
        self.record.flush()
        os.fsync(self.record.fileno())


class Hooks:
    """What aiosmtpd asks at a command."""

    def __init__(self, book: Book, auth: str) -> None:
        self.book, self.auth = book, auth

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Server, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in replies if self.auth or not line.startswith("250-AUTH")]

    async def handle_MAIL(  # noqa: N802
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if server.closing:
            await server.close("421 4.7.0 Closing, come back later")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if kind_of(address) == "no-such":
            return "550 5.1.1 No such user here"
        if self.book.first("later", [address]):
            return "450 4.2.0 Greylisted, come back later"
        if self.book.first("closing", [address]):
            await server.close("421 4.7.0 Closing, come back later")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"


class Server(SMTP):
    """One connection. DATA is read in one go, as reading it by lines takes longer than all the rest."""

    line_length_limit = 2 * _SIZE  # of the stream; _complaint() looks at lines

    def __init__(self, hooks: Hooks, **options: Any) -> None:
        super().__init__(hooks, hostname="sink.example.org", data_size_limit=_SIZE, **options)
        self.book, self.closing = hooks.book, False

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope, book = self.envelope, self.book
        assert envelope is not None
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        self.envelope = self._create_envelope()
        if book.first("full", envelope.rcpt_tos, 2):
            await self.push("452 4.3.1 Insufficient system storage")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        met = {kind_of(address) for address in envelope.rcpt_tos}
        if "cut" in met:
            await self.reset()
        data = await self._data()
        if refusal := _complaint(data):
            await self.push(refusal)
            return
        if not book.first("full-dot", envelope.rcpt_tos, 2):
            met.discard("full-dot")
        await self._end(next((kind for kind in _AFTER_DATA if kind in met), ""), envelope, data)
        self.closing = self.closing or "closing-next" in met

    async def _data(self) -> bytes:
        """What came before the dot, without the dots that were added for its sake."""
        data = bytearray()
        while not (data.endswith(b"\r\n.\r\n") or data == b".\r\n"):
            data += await self._reader.readuntil(b".\r\n")
        return re.sub(rb"(?m)^\.", b"", bytes(data[:-3]))

    async def _end(self, kind: str, envelope: Envelope, data: bytes) -> None:
        """The reply to the dot, or what comes in its place."""
        if kind == "stall":
            await asyncio.sleep(self.book.stall)
            await self.close("")
        elif kind == "refused":
            await self.push("554 5.7.1 Message refused")
        elif kind == "full-dot":
            await self.push("452 4.3.1 Insufficient system storage")
        else:
            self.book.take(envelope, data)
            if kind == "reset":
                await self.reset()
            elif kind == "garbage":
                choice = random.Random(f"{self.book.seed} {envelope.rcpt_tos}").choice(_GARBAGE)
                await self.push(choice)
            else:
                await asyncio.sleep(self.book.late if kind == "late" else 0)
                await self.push("250 2.0.0 Ok: taken over")

    async def close(self, reply: str) -> NoReturn:
        if reply:
            await self.push(reply)
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.close()
        await self._lost()

    async def reset(self) -> NoReturn:
        assert isinstance(self.transport, asyncio.Transport)
        linger = struct.pack("ii", 1, 0)  # so that the kernel sends RST, not FIN
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()
        await self._lost()

    @staticmethod
    async def _lost() -> NoReturn:
        """Until aiosmtpd hears of the lost connection and cancels this."""
        await asyncio.sleep(60)
        raise ConnectionResetError


def _complaint(data: bytes) -> str:
    """What a strict server has against a message, as a reply."""
    if len(data) > _SIZE:
        return "552 5.3.4 Message too big"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        return "554 5.6.0 A bare CR or LF"
    if max(map(len, data.split(b"\r\n"))) > 998:
        return "554 5.6.0 A line longer than 998 bytes"
    return ""


def _options(args: argparse.Namespace) -> dict[str, Any]:
    """How every connection is set up as to TLS and logging in."""
    context = None
    if args.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*args.tls)
    wanted = tuple(part.encode() for part in args.auth.partition(":")[::2])

    def allow(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = (data.login, data.password) == wanted and not args.fail_auth
        return AuthResult(success=known, handled=False, auth_data=data)

    needed = bool(args.auth or args.fail_auth)
    return {
        "timeout": 300 + args.stall + args.late,
        "tls_context": context,
        "require_starttls": bool(context),
        "authenticator": allow,
        "auth_required": needed,
        "auth_require_tls": bool(context) or not needed,
    }


async def _serve(args: argparse.Namespace, record: BinaryIO) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def watch() -> None:
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, daemon=True).start()
    hooks = Hooks(Book(record, args.seed, args.late, args.stall), args.auth or args.fail_auth)
    options = _options(args)
    connect: Callable[[], Server] = lambda: Server(hooks, loop=loop, **options)  # noqa: E731
    server = await loop.create_server(connect, "127.0.0.1", args.port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    server.close()


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="chooses the garbage")
    parser.add_argument("--late", type=float, default=5)
    parser.add_argument("--stall", type=float, default=30)
    parser.add_argument("--auth", default="", metavar="USER:PASSWORD")
    parser.add_argument("--fail-auth", action="store_true", help="refuses every password")
    parser.add_argument("--tls", nargs=2, default=(), metavar=("CERT", "KEY"), help="STARTTLS, and nothing before it")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # aiosmtpd warns of logging in without TLS
    with args.record.open("ab") as record:
        asyncio.run(_serve(args, record))


@dataclass(frozen=True)
class Sink:
    """A running sink, as a test sees it."""

    port: int
    record: Path

    def taken(self) -> list[dict[str, str]]:
        """What was truly taken over, in order: recipient, message_id, sha256, kind, sender."""
        return [json.loads(line) for line in self.record.read_text(encoding="utf-8").splitlines()]

    def copies(self) -> Counter[str]:
        """How many messages each recipient got."""
        return Counter(line["recipient"] for line in self.taken())


@contextlib.contextmanager
def sink(record: Path, *options: str | Path | float) -> Iterator[Sink]:
    """A sink in a process of its own that ends with the block, or with us."""
    command = [sys.executable, __file__, "--record", record, *options]
    with subprocess.Popen([*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            select.select([process.stdout], [], [], 20)
            os.set_blocking(process.stdout.fileno(), False)
            yield Sink(int(process.stdout.readline() or b""), record)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            finally:
                process.kill()


if __name__ == "__main__":
    _main()
