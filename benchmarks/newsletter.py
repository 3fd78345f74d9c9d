"""What sending costs: ours, with its ledger, beside smtplib without one, through a real Postfix on this machine.

Run by hand in .venv: python benchmarks/newsletter.py [TURNS]; it needs Postfix and Dovecot. Both ways send the same
message of the seed article's size, padded to 30 KB, over one connection, in turns; the ratio is that of each pair.
Besides: processor time for each recipient after the first, and memory for a hundred thousand. It writes
benchmarks/newsletter.md.
"""

from __future__ import annotations

import os
import platform
import resource
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import postfix  # noqa: E402
import sender  # noqa: E402
import storm  # noqa: E402

from pressrun.mailing import lists  # noqa: E402
from pressrun.mailing.ledger import NAME, Frozen, Ledger  # noqa: E402
from pressrun.message import Mould, field  # noqa: E402

_MANY = 100_000
_COUNT = 400


def main(turns: int = 5) -> None:
    ours, plain = [], []
    with tempfile.TemporaryDirectory() as name, postfix.mail_servers(Path(name)) as servers:
        for turn in range(turns):
            recipients = [f"reader-{turn}-{number}@example.org" for number in range(_COUNT)]
            ours.append(_ours(Path(name) / str(turn), servers.port, recipients))
            servers.wait_delivered()
            plain.append(_plain(servers.port, recipients))
            servers.wait_delivered()
    ratio = statistics.median(one / other for one, other in zip(ours, plain, strict=True))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    here = f"{machine}, {datetime.now(UTC):%Y-%m-%d}"
    text = f"""\
# What sending costs

Messages of 30 KB to a Postfix on the same machine over one connection, {_COUNT} in each of {turns} turns, medians;
{here}: `python benchmarks/newsletter.py`.

| way | messages a second |
| --- | --- |
| Pressrun, with its ledger | {statistics.median(ours):.0f} |
| smtplib, without | {statistics.median(plain):.0f} |

Ratio of each pair: {ratio:.2f}. A recipient after the first takes {_each():.2f} ms of processor time to make.
A list of {_MANY:,} takes {_memory():.0f} MB at the most.
"""
    (ROOT / "benchmarks/newsletter.md").write_text(text, encoding="utf-8")


def _ours(folder: Path, port: int, recipients: list[str]) -> float:
    storm.desk(folder, recipients, _html())
    start = time.perf_counter()
    done = sender.run(folder, port, 0, patience=60)
    took = time.perf_counter() - start
    assert done.accepted == len(recipients)
    return len(recipients) / took


def _html() -> str:
    return "<p>Words enough to fill a letter, line by line, for {}.</p>\n".format(field("name", "you")) + (
        "<p>Words enough to fill a letter, line by line, for everybody.</p>\n" * 440
    )


def _plain(port: int, recipients: list[str]) -> float:
    data = sender.message(_html()).as_bytes()
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as smtp:
        assert smtp.sock
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for address in recipients:
            smtp.sendmail("news@example.org", [address], data)
    return len(recipients) / (time.perf_counter() - start)


def _each() -> float:
    """Milliseconds of processor time to make the bytes of one more recipient."""
    mould = Mould(sender.message(_html()))
    start = time.process_time()
    for number in range(2000):
        mould.cast(f"reader-{number}@example.org", f"trial.{number}@example.org", {"name": f"Reader {number}"})
    return (time.process_time() - start) / 2000 * 1000


def _memory() -> float:
    """Megabytes that a process of its own takes at the most to freeze many recipients, and to begin."""
    done = subprocess.run([sys.executable, __file__, "--memory"], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _freeze_many() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "list.csv"
        path.write_text("address\n" + "\n".join(f"reader-{number}@example.org" for number in range(_MANY)))
        book = Ledger(Path(name) / NAME)
        rows = ((one.key, one.address, one.name, one.site) for one in lists.read(path))
        book.freeze("trial", Frozen(b"", "digest", "list"), datetime.now(UTC).isoformat(), rows)
        mould = Mould(sender.message(_html()))
        for row in book.due("trial", 1.0, most=2000):
            mould.cast(row.address, "trial@example.org", {"name": row.name})
        book.close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


if __name__ == "__main__":
    if "--memory" in sys.argv:
        _freeze_many()
    else:
        main(*map(int, sys.argv[1:]))
