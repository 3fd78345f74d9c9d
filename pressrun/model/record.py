"""What is remembered of a text that was given out on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    #: the document code
    code: str
    #: the article's
    id: str
    slug: str
    title: str
    revision: int
    #: when readers last got something new in this text
    date: datetime
    #: when it was given out
    recorded: datetime
