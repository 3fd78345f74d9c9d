"""A sender that is killed at random instants, and what its account says beside what a server really got."""

from __future__ import annotations

import json
import random
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import sender
from conftest import ROOT

from pressrun.mailing.ledger import NAME
from pressrun.message import packed

#: HTML of about the size of a real article's
LETTER = "<p>Words enough to fill a letter, line by line.</p>\n" * 400


def desk(folder: Path, recipients: Iterable[str], html: str = LETTER) -> None:
    """A message, a list, and nobody who left."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mould.json").write_bytes(packed(sender.message(html)))
    (folder / "list.csv").write_text("\n".join(["address", *recipients]) + "\n", encoding="utf-8")
    (folder / "suppressed.txt").write_text("")


def spread(recipients: Iterable[str], domains: int = 40) -> list[str]:
    """The same people at many domains, so that one which asks for patience holds up only its own."""
    return [address.replace("@", f"@d{number % domains}.") for number, address in enumerate(recipients)]


def start(folder: Path, port: int, hours: float) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "tests/sender.py"), str(folder), str(port), str(hours)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})


def kill(folder: Path, port: int, kills: int, seed: int, longest: float) -> int:
    """Starts the sender and ends it by SIGKILL at a random instant of its sending, so often; how often it was sending.

    `longest` is in seconds. A sender that was done before does not count as killed.
    """
    chance = random.Random(seed)
    killed = 0
    for number in range(kills):
        process = start(folder, port, number / 60)
        assert process.stdout
        try:
            assert process.stdout.readline() == "sending\n"
            time.sleep(chance.uniform(0, longest))
        finally:
            process.kill()
            process.communicate(timeout=30)
        killed += process.returncode == -9
    return killed


def finish(folder: Path, port: int, hours: float = 6) -> int:
    """Goes on, with a clock that leaps, until nobody is left to try; how many goes that took."""
    for number in range(1, 40):
        process = start(folder, port, hours)
        output, _ = process.communicate(timeout=300)
        if not json.loads(output.splitlines()[-1])["deferred"]:
            return number
        hours += 5
    raise AssertionError("there are always some left")


def accounts(folder: Path) -> dict[str, str]:
    """What the ledger says of everybody."""
    with sqlite3.connect(folder / NAME) as base:
        return dict(base.execute("SELECT address, state FROM delivery"))


def disagreements(said: dict[str, str], got: Counter[str]) -> list[str]:
    """Every account that what was received contradicts."""
    wrong = [f"{address} got {count}" for address, count in got.items() if count > 1]
    wrong += [f"{address} got one, and nobody knows of them" for address in got if address not in said]
    for address, state in said.items():
        if state in ("queued", "deferred", "intent"):
            wrong.append(f"{address} is still {state}")
        if state == "accepted" and not got[address]:
            wrong.append(f"{address} was accepted and got nothing")
        if state in ("rejected", "suppressed") and got[address]:
            wrong.append(f"{address} was {state} and got one")
    return wrong


def send_naively(port: int, recipients: Iterable[str], data: bytes) -> None:
    """As most scripts do: what fails is tried again, three times at the most."""
    smtp = None
    for address in recipients:
        for _ in range(3):
            try:
                smtp = smtp or smtplib.SMTP("127.0.0.1", port, timeout=sender.PATIENCE, local_hostname="localhost")
                assert smtp.sock
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                smtp.sendmail("news@example.org", [address], data)
                break
            except (OSError, smtplib.SMTPException):
                if smtp:
                    smtp.close()
                smtp = None
    if smtp:
        smtp.close()
