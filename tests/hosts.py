"""Servers that the site is published to, on loopback alone: OpenSSH, an S3 server (moto) and nginx."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from socket import create_connection, create_server

from conftest import absent

_WHERE = "/usr/sbin:/usr/bin:/sbin:/bin"


def _port() -> int:
    with create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _needs(*modules: str) -> None:
    for module in modules:
        if not find_spec(module):
            absent(module)


@contextmanager
def _running(command: Sequence[str | Path], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens, until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError), create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"{command[0]} does not listen")
        yield process
    finally:
        process.terminate()
        process.wait(10)


@dataclass(frozen=True)
class Ssh:
    port: int
    user: str
    #: the file with the user's key, and the one with the server's
    key: Path
    known_hosts: Path
    #: where a target may put something
    home: Path


@contextmanager
def ssh(home: Path, denied: str = "") -> Iterator[Ssh]:
    """OpenSSH with keys of its own; it can do without the requests that are denied, such as `symlink,hardlink`."""
    sshd = shutil.which("sshd", path=_WHERE) or absent("sshd")
    _needs("asyncssh")
    home.mkdir(parents=True)
    if not os.geteuid():
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd asks for it when it is root
    for name in ("host", "user", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / name], check=True)
    port = _port()
    public = (home / "host.pub").read_text().split()
    (home / "known_hosts").write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n")
    options = f" -P {denied}" if denied else ""
    (home / "config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {home}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {home}/user.pub\nPasswordAuthentication no\nPermitRootLogin yes\nMaxSessions 100\n"
        f"Subsystem sftp internal-sftp{options}\n"
    )
    (home / "srv").mkdir()
    with _running([sshd, "-D", "-e", "-f", home / "config"], port):
        yield Ssh(port, getpass.getuser(), home / "user", home / "known_hosts", home / "srv")


@contextmanager
def s3() -> Iterator[str]:
    """An S3 server without any bucket; its address."""
    _needs("boto3", "moto", "flask_cors")
    port = _port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def nginx(root: Path, folder: Path) -> Iterator[int]:
    """nginx, which serves a folder and keeps its own files in another; its port."""
    program = shutil.which("nginx", path=_WHERE) or absent("nginx")
    port = _port()
    user = "" if os.geteuid() else "user root;\n"  # as anybody else nginx warns of it
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    folder.mkdir()
    (folder / "nginx.conf").write_text(
        f"{user}pid {folder}/pid;\nerror_log {folder}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n{places}"
        f"server {{\nlisten 127.0.0.1:{port};\nroot {root};\nindex index.html;\nkeepalive_requests 100000;\n}}\n}}\n"
    )
    with _running([program, "-c", folder / "nginx.conf", "-g", "daemon off;"], port):
        yield port
