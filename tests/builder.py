"""Builds in processes of their own, which may be killed: at an instant, before a change of a file, in its middle.

One process imports everything and then forks another for each order, so that nothing but the folder is shared between
two builds and none costs an import.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"}


class Builder:
    """Takes orders one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def build(self, root: Path, now: datetime, **order: Any) -> Mapping[str, Any]:
        """What became of a build: its `signal` if it was killed, else faults, an error and figures.

        `seconds` is when it is killed, `change` the change of a file before which it is, `write` the file in whose
        middle; `bytes` is the size of file at which the disk is full.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"root": str(root), "now": now.isoformat(), **order}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the builder is gone"
        found: Mapping[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        self._process.communicate()


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        back, forth = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(back)
            _carry_out(order, forth)
        os.close(forth)
        with os.fdopen(back) as stream:
            if not select.select([stream], [], [], order.get("seconds"))[0]:
                os.kill(pid, signal.SIGKILL)  # not waited for yet, so that nobody else has its number
            said = stream.read()
        _, status = os.waitpid(pid, 0)
        found = json.loads(said) if said else {}
        print(json.dumps({**found, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}), flush=True)


def _carry_out(order: Mapping[str, Any], answer: int) -> NoReturn:
    from pressrun import rebuild, snapshot
    from pressrun.build import Scope

    root = Path(order["root"])
    counts = _watch(root / "outputs", order.get("change", 0), order.get("write", 0))
    if most := order.get("bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    found: dict[str, Any] = {"faults": [], "error": "", "kind": "", "warnings": [], "waited": False}

    def waiting() -> None:
        found["waited"] = True

    try:
        scope = Scope(tuple(order.get("only", ())), order.get("article", ""), anew=order.get("anew", False))
        now = datetime.fromisoformat(order["now"])
        asked, looks = snapshot.scope(scope.only, scope.article), snapshot.look(root)
        edit = None if scope.anew else snapshot.edit(root, asked, now, looks)
        if edit and not edit.paths:
            os.write(answer, json.dumps(found | counts | {"still": True}).encode())
            os._exit(0)
        _, result = rebuild.built(root, now, replace(scope, edit=edit), looks, waiting=waiting)
        found |= {
            "faults": [str(fault) for fault in result.faults], "warnings": list(result.warnings),
            "written": list(result.written), "removed": list(result.removed),
            "edited": result.content.publication.touched is not None,
        }  # fmt: skip
    except ValueError as error:
        found |= {"error": str(error), "kind": type(error).__name__}
    except BaseException:  # noqa: BLE001  # told to whoever gave the order
        import traceback

        found |= {"error": traceback.format_exc(), "kind": "traceback"}
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.write(answer, json.dumps(found | counts).encode())
    os._exit(0)


def _watch(folder: Path, change: int, write: int) -> dict[str, int]:
    """Counts changes of files below a folder; ends this process before one, or in the middle of a write."""
    counts = {"changes": 0, "writes": 0}
    write_bytes = Path.write_bytes

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
                return
        elif event not in _CHANGES:
            return
        if str(arguments[0]).startswith(str(folder)):
            counts["changes"] += 1
            if counts["changes"] == change:
                os.kill(os.getpid(), signal.SIGKILL)

    def torn(path: Path, data: bytes) -> int:
        counts["writes"] += 1
        if counts["writes"] == write:
            write_bytes(path, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write_bytes(path, data)

    sys.addaudithook(hook)
    Path.write_bytes = torn  # type: ignore[method-assign,assignment]
    return counts


def _warm() -> None:
    """Imports what builds import late, and cuts the fonts, which takes longer than all else."""
    for name in ("css_inline", "feedgen.feed", "lxml.etree", "nh3", "PIL.Image", "pressrun.build"):
        import_module(name)
    from pressrun import fonts

    for _, output in fonts.served("web", "web/assets"):
        output.make()


if __name__ == "__main__":
    _warm()
    _serve()
