"""A real mail server: Postfix takes mail for example.org and hands it to Dovecot, where it is read back by IMAP.

Both listen on 127.0.0.1 alone, keep all they have in a folder of their own below /var/tmp, and send nothing elsewhere:
what is not for example.org bounces to its sender. They need root, so a process of its own (through sudo, if need be)
starts them, and stops them when its input ends, thus also when a test is killed.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import json
import os
import pwd
import select
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

#: where Debian has them; /usr/sbin is not on everyone's path
POSTFIX, POSTQUEUE, DOVECOT = "/usr/sbin/postfix", "/usr/sbin/postqueue", "/usr/sbin/dovecot"
NEEDED = (POSTFIX, POSTQUEUE, DOVECOT, "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/imap")
PASSWORD = "secret"
START, ANSWER = 30, 60  # seconds, at most

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {log}
maillog_file_prefixes = {log.parent}
myhostname = mail.example.org
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_header_rewrite_clients =
disable_dns_lookups = yes
smtp_host_lookup = native
local_transport = error:5.1.1 Nobody is local here
default_transport = error:5.4.4 This server reaches nobody else
relay_transport = error:5.4.4 This server reaches nobody else
virtual_mailbox_domains = example.org
virtual_transport = lmtp:unix:{home}/lmtp
smtpd_recipient_restrictions = check_recipient_access regexp:{home}/etc/refused, permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_tls_security_level = none
notify_classes =
in_flow_delay = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000000
smtpd_hard_error_limit = 1000000
smtpd_junk_command_limit = 1000000
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_recipient_rate_limit = 0
"""
MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
REFUSED = """\
/^no-such(-.*)?@example\\.org$/ 550 5.1.1 No such user here
/^later(-.*)?@example\\.org$/ 450 4.2.0 Come back later
"""
DOVECOT_CONF = """\
protocols = imap lmtp
base_dir = {home}/run
state_dir = {home}/state
listen = 127.0.0.1
log_path = {log.parent}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_username_chars =
mail_location = maildir:{home}/mail/%u
mail_fsync = never
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  unix_listener {home}/lmtp {{
    mode = 0666
  }}
}}
"""


def available() -> str:
    """What this machine lacks for it; empty if nothing."""
    missing = [path for path in NEEDED if not Path(path).exists()]
    if missing:
        return missing[0]
    version = subprocess.run(
        [DOVECOT, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    if not version.stdout.startswith("2.3."):
        return "Dovecot 2.3"
    if os.geteuid() == 0:
        return ""
    sudo = shutil.which("sudo")
    return (
        ""
        if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
        else "root"
    )


@dataclass(frozen=True)
class MailServers:
    """The running pair, as a test sees it."""

    port: int
    imap: int
    log: Path
    process: subprocess.Popen[bytes]

    def raw(self, address: str) -> list[bytes]:
        """The messages in a mailbox as they lie there, the oldest first."""
        with self._opened(address) as (client, count):
            if not count:
                return []
            _, parts = client.fetch("1:*", "(BODY.PEEK[])")
            return [part[1] for part in parts if isinstance(part, tuple)]

    def mailbox(self, address: str) -> list[EmailMessage]:
        return [email.message_from_bytes(data, policy=email.policy.default) for data in self.raw(address)]

    def count(self, address: str) -> int:
        with self._opened(address) as (_, count):
            return count

    def queue(self) -> str:
        """What `postqueue -p` says of the mail that waits; empty if none does."""
        assert self.process.stdin
        self.process.stdin.write(b"queue\n")
        self.process.stdin.flush()
        return str(_answer(self.process)["queue"])

    def wait_delivered(self, seconds: float = 30) -> None:
        """Until all that was taken over lies in a mailbox or has bounced."""
        end = time.monotonic() + seconds
        while waiting := self.queue():
            if time.monotonic() > end:
                raise TimeoutError(waiting)
            time.sleep(0.05)

    @contextlib.contextmanager
    def _opened(self, address: str) -> Iterator[tuple[imaplib.IMAP4, int]]:
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=ANSWER) as client:
            client.login(f'"{address}"', PASSWORD)
            _, (count,) = client.select(readonly=True)
            yield client, int(count or b"0")


@contextlib.contextmanager
def mail_servers(folder: Path) -> Iterator[MailServers]:
    """Postfix and Dovecot, empty; their logs are in the folder, and stay there."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = [*root, sys.executable, __file__, str(folder.resolve())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        try:
            ports = _answer(process)
            yield MailServers(int(ports["smtp"]), int(ports["imap"]), folder.resolve() / "maillog", process)
        finally:
            process.stdin.close()
            process.wait(ANSWER)


def _answer(process: subprocess.Popen[bytes]) -> dict[str, str]:
    """The next line from the process that has started the servers."""
    assert process.stdout
    if not select.select([process.stdout], [], [], ANSWER)[0]:
        raise TimeoutError("The mail servers do not answer")
    line = process.stdout.readline()
    assert line, "The mail servers have ended"
    answer: dict[str, str] = json.loads(line)
    return answer


# From here on it is the process that runs as root.


def _free_ports() -> dict[str, int]:
    with socket.socket() as smtp, socket.socket() as imap:
        for each in (smtp, imap):
            each.bind(("127.0.0.1", 0))
        return {"smtp": smtp.getsockname()[1], "imap": imap.getsockname()[1]}


def _write(home: Path, log: Path, ports: dict[str, int]) -> None:
    for name, user in {"etc": "root", "queue": "root", "data": "postfix", "mail": "nobody"}.items():
        (home / name).mkdir(mode=0o755, exist_ok=True)
        os.chown(home / name, pwd.getpwnam(user).pw_uid, -1)
    for name, text in {"main.cf": MAIN, "master.cf": MASTER, "dovecot.conf": DOVECOT_CONF}.items():
        filled = text.format(home=home, log=log, password=PASSWORD, **ports)
        (home / "etc" / name).write_text(filled, encoding="utf-8")
    (home / "etc/refused").write_text(REFUSED, encoding="utf-8")


def _run(home: Path, *command: str | Path) -> str:
    """Runs a program that may leave a daemon behind, to which no pipe must go."""
    output = home / "output"
    with output.open("wb") as stream:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, timeout=START, check=False
        )
    said = output.read_text(errors="replace")
    if done.returncode:
        raise RuntimeError(f"{command}: {said}")
    return said


def _wait_ready(ports: dict[str, int]) -> None:
    end = time.monotonic() + START
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", ports["smtp"], "localhost", 10) as client:
                client.noop()
            with imaplib.IMAP4("127.0.0.1", ports["imap"], 10):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def _stop(pid_file: Path) -> None:
    """Ends a daemon by its pid, and waits until it has gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 10
        stat = Path(f"/proc/{pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "Z":  # a container may have nobody that reaps it
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.02)


def _serve(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for the tests alone
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name in ("maillog", "dovecot.log"):
        (folder / name).touch(mode=0o644)
    home = Path(tempfile.mkdtemp(prefix="pressrun-mail-", dir="/var/tmp"))
    try:
        home.chmod(0o755)
        ports = _free_ports()
        _write(home, folder / "maillog", ports)
        _run(home, DOVECOT, "-c", home / "etc/dovecot.conf")
        _run(home, POSTFIX, "-c", home / "etc", "start")
        _wait_ready(ports)
        print(json.dumps(ports), flush=True)
        for _ in sys.stdin:
            said = _run(home, POSTQUEUE, "-c", home / "etc", "-p")
            print(json.dumps({"queue": "" if said.startswith("Mail queue is empty") else said}), flush=True)
    finally:
        _stop(home / "queue/pid/master.pid")
        _stop(home / "run/master.pid")
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
