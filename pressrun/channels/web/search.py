"""The search page, and the index that its script asks: made by Pagefind from the pages of live articles
and of those that were withdrawn, so that who looks for one is told.

The index is known only once those pages are made. It is one index in the site's language, so that a search finds an
article in whatever language it is written.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pressrun import packages
from pressrun.channels.web import lists, policy
from pressrun.channels.web.frame import NAME, Frame
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Publication, states
from pressrun.outputs import Output, Shelf, digest
from pressrun.schema import Context, Key, boolean, shaped, shapes
from pressrun.source import Node

SETTING, PATH = "search", "search/"
_FOLDER, _ASSETS = f"{NAME}/pagefind", f"{NAME}/assets"
_PACKAGE = "pagefind_bin"
#: what Pagefind writes that a page of our own does without: its ready-made pages
_SPARE = ("-ui.js", "-ui.css", "-highlight.js")


@shaped(shapes.like(boolean))
def _asked(node: Node, context: Context) -> Place | None:
    """Where a search is asked for; None for false."""
    return node.place if boolean(node, context) else None


KEYS = {SETTING: Key(_asked, "true: a page that searches the articles", default=False)}


def outputs(frame: Frame) -> Iterator[Output]:
    if not frame.publication.site.settings.get(SETTING):
        return
    text = frame.templates.data(NAME, "search.js")
    script = Output(f"{_ASSETS}/search.{digest(text)[:8]}.js", partial(bytes, text), NAME, media_type="text/javascript")
    yield script
    yield frame.output(PATH, partial(_page, frame, script), frame.all_inputs)


def _page(frame: Frame, script: Output) -> bytes:
    path = script.path.removeprefix(f"{NAME}/")
    return frame.page(PATH, "search.html", policy=policy.SEARCH, script=path, described=lists.described)


def index(publication: Publication, shelf: Shelf) -> Iterator[Output]:
    """The files of the index; those that an earlier build left when no page has changed. May raise Refused."""
    asked = publication.site.settings.get(SETTING)
    if not asked:
        return
    if not find_spec(_PACKAGE):
        remedy = "Run `pip install 'pressrun[search]'`, or write `search: false`."
        raise Refused([Fault(asked, "A search needs the package pagefind-bin, which is not installed.", remedy)])
    pages = dict(_pages(publication, shelf))
    language = publication.site.language.partition("-")[0]
    named = [part for path, data in pages.items() for part in (path, data)]
    key = digest(packages.version(_PACKAGE), language, *named)
    files: Mapping[str, bytes] = {} if shelf.earlier(key) or not pages else _indexed(pages, language)
    for path in shelf.earlier(key) or files:
        yield Output(path, partial(files.__getitem__, path), NAME, key=key)


def _pages(publication: Publication, shelf: Shelf) -> Iterator[tuple[str, bytes]]:
    """The pages of articles whose text stands, and the notices in place of what was withdrawn, by path."""
    for article in publication.on(NAME):
        if publication.state(article) == states.EXPIRED:
            continue
        path = f"{article.slug}/index.html"
        try:
            yield path, shelf.data(shelf.get(f"{NAME}/{path}"))
        except Refused:  # told where the page is written
            continue


def _indexed(pages: Mapping[str, bytes], language: str) -> dict[str, bytes]:
    with TemporaryDirectory(prefix="pressrun-") as folder:
        for path, data in pages.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        made = Path(folder) / "pagefind"
        options: list[Any] = ["--site", folder, "--output-path", made, "--force-language", language, "--silent"]
        subprocess.run([sys.executable, "-m", _PACKAGE, *options], check=True, capture_output=True)  # noqa: S603
        found = sorted(path for path in made.rglob("*") if path.is_file() and not path.name.endswith(_SPARE))
        return {f"{_FOLDER}/{path.relative_to(made).as_posix()}": path.read_bytes() for path in found}
