"""What is written into a file, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pressrun.model import Author


@dataclass(frozen=True, slots=True)
class Image:
    #: whole
    path: str
    width: int
    height: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Term:
    """A category or a tag."""

    name: str
    address: str
    #: the address of all of its kind
    scheme: str


@dataclass(frozen=True, slots=True)
class Enclosure:
    url: str
    length: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: str
    #: its page; empty for an article without one
    url: str
    title: str
    summary: str
    #: HTML
    content: str
    language: str
    published: datetime
    updated: datetime
    authors: tuple[Author, ...]
    terms: tuple[Term, ...]
    enclosure: Enclosure | None
    image: Image | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that is written into one file; addresses are empty where there is none."""

    id: str
    title: str
    about: str
    language: str
    #: name and home page
    publisher: tuple[str, str]
    #: the page for people
    home: str
    address: str
    entries: tuple[Entry, ...]
    updated: datetime
    published: datetime
    hub: str
    previous: str
    next: str
    #: what to subscribe to, in an archive document alone
    current: str
    complete: bool
    icon: str
    logo: str
    #: relative, for browsers
    style: str
