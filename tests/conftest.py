"""What tests share: a desk of their own, the real desk's outputs, and the tools of the heavy tests."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import drawings
import pytest
from hypothesis import settings
from PIL import Image

from pressrun.build import Desk, Result, Scope, build
from pressrun.channels import handout

# What a property costs on a busy machine says nothing of it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)

SITE = """\
name: Example Health
base_url: https://www.example.org
language: en-US
time_zone: America/New_York
email: info@example.org
address: 1 Example Street
helplines:
  - {name: 988 Suicide & Crisis Lifeline, phone: "988", url: https://988lifeline.org, hours: "24 hours, every day"}
default_helplines: [988 Suicide & Crisis Lifeline]
"""

ARTICLE = """\
title: Sleep and You
summary: What helps when sleep does not come.
authors: [The Team]
date: 2025-03-14
body: |
  A first paragraph.

  ## A heading

  - An item
"""


PICTURED = """\
title: A Picture and a Callout
summary: Colours that black ink must do without.
authors: [The Team]
date: 2025-03-14
body:
  - A paragraph with *emphasis*, [a link](https://example.com/) and a source.[^1]
  - figure: {src: red.png, alt: A red square}
  - callout: {kind: danger, title: Take care, text: A tint stands behind this.}
  - steps: [Breathe in, Breathe out, Lie still, Count to ten, Begin again]
  - list: [One item, Another item, A third item, A fourth item]
sources: [{title: A book}]
"""


#: Tests neither fill nor trust what a person's own builds have kept.
os.environ["XDG_CACHE_HOME"] = str(ROOT / ".pytest_cache" / "home")


@dataclass(frozen=True)
class Workshop:
    """A desk in a temporary folder, with the project's templates."""

    root: Path

    @property
    def desk(self) -> Desk:
        return Desk(self.root)

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def article(self, slug: str, text: str = ARTICLE, **keys: str) -> Path:
        """Writes an article; keys replace lines of the text or are added to it."""
        lines = text.splitlines(keepends=True)
        for key, value in keys.items():
            kept = [line for line in lines if not line.startswith(f"{key}:")]
            lines = [f"{key}: {value}\n", *kept]
        return self.write(f"content/articles/{slug}.yaml", "".join(lines))

    def build(
        self, now: datetime = NOW, *, only: tuple[str, ...] = ("web", "newsletter"), article: str = "", site: str = ""
    ) -> Result:
        """Builds, without handouts unless they are asked for; the feed needs their lengths and so draws them too."""
        return build(self.desk, now, Scope(only, article, site))

    def read(self, path: str) -> str:
        return (self.root / "outputs" / path).read_text(encoding="utf-8")

    def tree(self) -> Mapping[str, bytes]:
        """Every file in outputs/ that readers or staff see."""
        folder = self.root / "outputs"
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        named = ((path.relative_to(folder).as_posix(), path) for path in files)
        return {name: path.read_bytes() for name, path in named if not name.startswith(".pressrun/")}


def _workshop(root: Path) -> Workshop:
    (root / "templates").symlink_to(ROOT / "templates")
    return Workshop(root)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A desk with a site and nothing else."""
    made = _workshop(tmp_path)
    made.write("content/site.yaml", SITE)
    return made


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The real content in the usual editions, built whole."""
    return _shared(tmp_path_factory, "published", partial(_publish, settings=[]))


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The real content and an article with a picture, in every edition; heavy tests alone have time for it."""
    settings = [f"editions: [{', '.join(handout.EDITIONS)}]\n"]
    return _shared(tmp_path_factory, "shown", partial(_publish, settings=settings, more=(PICTURED,)))


@pytest.fixture(scope="session")
def site12(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The specimen in tests/site/: articles of every kind in three languages, in every channel."""
    return _shared(tmp_path_factory, "site12", _publish_specimen)


def _shared(factory: pytest.TempPathFactory, name: str, publish: Callable[[Path], None]) -> Workshop:
    """Built once for all workers; each gets a copy."""
    mine, shared = factory.mktemp(name), factory.getbasetemp() / f"shared-{name}"
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent.parent / shared.name
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            publish(shared)
    shutil.copytree(shared, mine, symlinks=True, dirs_exist_ok=True)
    return Workshop(mine)


def _publish(root: Path, *, settings: list[str], more: tuple[str, ...] = ()) -> None:
    root.mkdir()
    made = _workshop(root)
    shutil.copytree(ROOT / "content", root / "content")
    site = root / "content/site.yaml"
    lines = site.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("editions:")]
    site.write_text("".join(kept + settings), encoding="utf-8")
    for article in more:
        made.article("pictured", article)
        stream = io.BytesIO()
        Image.new("RGB", (320, 180), "#cc3311").save(stream, "PNG")
        made.write("content/images/red.png", stream.getvalue())
    result = made.build(only=())
    assert result.faults == ()


def _publish_specimen(root: Path) -> None:
    root.mkdir()
    made = _workshop(root)
    shutil.copytree(ROOT / "tests/site/content", root / "content")
    for name, data in drawings.every().items():
        made.write(f"content/images/{name}", data)
    result = made.build(only=())
    assert result.faults == ()


Run = Callable[..., str]


def absent(what: str) -> NoReturn:
    """Skips a test by name for what this machine lacks; fails it in CI, which installs everything."""
    if os.environ.get("CI"):
        pytest.fail(f"this machine has no {what}")
    pytest.skip(f"this machine has no {what}")


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a program that not every machine has."""

    def call(program: str, *arguments: str | Path, check: bool = True) -> str:
        if not shutil.which(program):
            absent(program)
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return call


@pytest.fixture(scope="session")
def visits(run: Run) -> Callable[[Any], dict[str, Any]]:
    """Visits a page (of site_pages) in a browser, once."""
    import browser

    seen: dict[Path, dict[str, Any]] = {}

    def call(page: Any) -> dict[str, Any]:
        run("chromium", "--version")
        path = page.web / page.path
        if path not in seen:
            (seen[path],) = browser.visit(path)
        return seen[path]

    return call


@pytest.fixture(scope="session")
def axe(run: Run) -> Callable[..., list[dict[str, Any]]]:
    import browser

    run("chromium", "--version")
    return browser.axe
