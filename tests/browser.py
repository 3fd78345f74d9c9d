"""What a browser sees of pages, by the scripts in .ci/tools/, and a server for them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from conftest import ROOT, absent

TOOLS = ROOT / ".ci/tools"
Visit = dict[str, Any]
#: what a server of today compresses
_TEXT = ("text/", "application/xml", "application/rss+xml", "application/atom+xml", "image/svg+xml", "application/json")


def tool(path: str) -> Path:
    """A file of an npm package that only tests need."""
    found = TOOLS / "node_modules" / path
    if not found.exists():
        absent(f"{path} (npm ci --prefix .ci/tools brings it)")
    return found


def node(script: str, *arguments: str | Path, timeout: int = 300) -> str:
    """What a script of ours says, whether or not it is content."""
    tool("playwright-core")
    done = subprocess.run(
        ["node", TOOLS / script, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout


def visit(*pages: str | Path) -> list[Visit]:
    return [json.loads(line) for line in node("visit.mjs", *pages).splitlines()]


def axe(*pages: str | Path) -> list[dict[str, Any]]:
    """Light and dark, narrow and wide, with what axe cannot decide by itself."""
    return [json.loads(line) for line in node("axe.mjs", "--incomplete", *pages, timeout=600).splitlines()]


class _Handler(SimpleHTTPRequestHandler):
    """As a real server does: text is sent compressed, and assets that are named by their content may be kept."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self._answer(404, Path(self.directory) / "404.html")
        else:
            self._answer(200, path)

    def _answer(self, status: int, path: Path) -> None:
        kind = self.guess_type(path)
        data = path.read_bytes() if path.is_file() else b""
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        if kind.startswith(_TEXT) and "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "max-age=31536000, immutable" if "/assets/" in self.path else "max-age=300")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder on the loopback; its address, without a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=os.fspath(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
