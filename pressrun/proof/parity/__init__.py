"""Reads every output back and lays it beside its article, word by word; makes nothing.

It shares no code with what renders: the expected words are those of the model, and what is read is read by other
parsers than those that wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pressrun.build import Desk
from pressrun.proof.parity import made
from pressrun.proof.parity.difference import Difference

__all__ = ["Difference", "prove"]


def prove(desk: Desk, now: datetime, article: str = "") -> Iterator[Difference]:
    """Every difference between the live articles, or one of them, and what lies in outputs/.

    Raises Refused for a site or tokens at fault.
    """
    court = made.court(desk, now)
    outputs = {}
    for copy in court.copies(article):
        outputs[copy.output.path] = (copy.output, copy.wanted.article)
        yield from court.judge(copy)
    yield from court.older(outputs.values())
