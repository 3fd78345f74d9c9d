"""Starts the desk of another organisation: their words and looks to come, and this package beside them as a wheel."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from pressrun import disk

_PACKAGE = Path(__file__).parent
#: what a desk begins with, and what is called otherwise there
_NEW = _PACKAGE / "desk" / "new"
_NAMES = {"tasks.txt": "tasks.py", "gitignore": ".gitignore", "gitattributes": ".gitattributes", "github": ".github"}
_LOCK, _WHEELS, _LAUNCHER = "requirements/run.txt", "vendor", "inv"
#: of a desk, what belongs to the package and changes with it
_RENEWED = (_LOCK, "requirements/build.txt", _LAUNCHER)
#: what a wheel is built of
_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "pressrun")

_HEAD = """\
# What ./inv installs: this wheel from {folder}/, and the packages that it needs, each file checked by its hash.
--find-links ../{folder}
{name}=={version} --hash=sha256:{hash}

"""


def start(folder: Path, near: Path, *, renew: bool = False) -> int:
    """Sets a desk up, or brings what of it belongs to the package up to date; how many files were written.

    `near` is the desk that this is asked at: where the package was installed from a wheel, its own is handed on.
    Raises ValueError where files would be lost, where there is no desk to renew, and where no wheel can be had.
    """
    found = _files()
    if renew:
        found = {name: found[name] for name in _RENEWED}
        if missing := [name for name in found if not (folder / name).is_file()]:
            raise ValueError(f"{folder} is no desk: it has no {missing[0]}. Without --renew one is set up.")
    elif taken := [name for name in found if (folder / name).exists()]:
        raise ValueError(f"{folder} has a file {taken[0]} already. Name an empty folder, or one that is not there yet.")
    with TemporaryDirectory() as temporary:
        wheel = _wheel(Path(temporary), near)
        data = wheel.read_bytes()
    name, version, *_ = wheel.name.split("-")
    head = _HEAD.format(folder=_WHEELS, name=name, version=version, hash=hashlib.sha256(data).hexdigest())
    for old in (folder / _WHEELS).glob(f"{name}-*.whl"):
        old.unlink()
    found |= {_LOCK: head.encode() + found[_LOCK], f"{_WHEELS}/{wheel.name}": data}
    for path, content in found.items():
        disk.write(folder / path, content)
    (folder / _LAUNCHER).chmod(0o755)
    return len(found)


def _files() -> dict[str, bytes]:
    """What a desk begins with, by path."""
    found = {}
    for path in sorted(path for path in _NEW.rglob("*") if path.is_file()):
        parts = (_NAMES.get(part, part) for part in path.relative_to(_NEW).parts)
        found["/".join(parts)] = path.read_bytes()
    return found


def _wheel(temporary: Path, near: Path) -> Path:
    """The package as a wheel: built of its sources, or the one that it was installed from."""
    if not (_PACKAGE.parent / _SOURCES[0]).is_file():
        if not (kept := sorted((near / _WHEELS).glob("pressrun-*.whl"))):
            raise ValueError(f"{near} has no wheel of Pressrun in {_WHEELS}/. Ask at a desk that has, or in a clone.")
        return Path(shutil.copy(kept[-1], temporary))
    for name in _SOURCES:  # Built in place, a wheel would hold what an earlier one left behind.
        source, ignored = _PACKAGE.parent / name, shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, temporary / name, ignore=ignored)
        else:
            shutil.copy(source, temporary / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation"] if find_spec("setuptools") else []  # which would ask the network for it
    done = subprocess.run(  # noqa: S603  # pip, of this Python
        [*command, "--wheel-dir", str(temporary), str(temporary)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(f"No wheel of Pressrun could be built:\n{done.stdout}{done.stderr}")
    return next(temporary.glob("pressrun-*.whl"))
