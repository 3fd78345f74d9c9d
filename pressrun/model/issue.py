"""One newsletter: its words around the articles that it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pressrun.faults import Place
from pressrun.model.blocks import Block


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in an issue."""

    slug: str
    #: title, summary and a link alone
    teaser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    #: what its files are called
    name: str
    #: its name for machines, for ever: who has got it is remembered by this
    id: str
    subject: str
    date: datetime
    language: str
    entries: tuple[Entry, ...]
    #: the heading above several articles; empty where an article's own title is the first
    title: str = ""
    preheader: str = ""
    intro: tuple[Block, ...] = ()
    #: the list of recipients that it goes to
    list: str = ""
    draft: bool = False
    place: Place = field(compare=False, repr=False)
    #: the whole file, as its author typed it
    typed: str = field(default="", compare=False, repr=False)
