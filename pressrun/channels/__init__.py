"""The channels. This table is the only place that names them: a new one is a module, a folder of templates, a line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:  # tasks.py reads the table at every start, so it must cost nothing
    from collections.abc import Iterator

    from pressrun.model import Publication
    from pressrun.outputs import Output, Shelf
    from pressrun.schema import ChannelKeys
    from pressrun.templates import Templates

NAMES = (
    "web",
    "handout",
    "newsletter",
    "feed",
)


class Channel(Protocol):
    """What a module of this package offers."""

    #: keys of its own in an article's `channels:` and in site.yaml
    KEYS: ChannelKeys

    def render(self, publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
        """Its outputs, each made when it is asked for; by then the shelf holds those of every channel."""


def load(name: str) -> Channel:
    return cast("Channel", import_module(f"{__name__}.{name}"))


def finish(name: str, publication: Publication, shelf: Shelf) -> Iterator[Output]:
    """What a channel declares once its other outputs are written, if it has such a function; may raise Refused."""
    found = getattr(load(name), "finish", None)
    if found:
        yield from found(publication, shelf)
