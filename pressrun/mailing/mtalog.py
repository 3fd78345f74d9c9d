"""What Postfix's log tells of messages whose reply was lost."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: "2026-11-24T... host postfix/cleanup[1]: 3F2A...: message-id=<...>"; the name behind postfix/ may have more parts
_LINE = re.compile(r"postfix[\w/-]*/(?P<part>cleanup|qmgr)\[\d+\]: (?P<queue>[0-9A-Za-z]+): (?P<rest>.*)")


def taken(lines: Iterable[str], domain: str) -> dict[str, bool]:
    """By Message-ID (of a domain, without angle brackets): whether Postfix took the message over.

    `cleanup` notes the Message-ID while the text is still coming in; that the final dot was seen and the message is in
    the queue is told by `qmgr` alone ("queue active").
    """
    names: dict[str, str] = {}
    queued: set[str] = set()
    for line in lines:
        found = _LINE.search(line)
        if not found:
            continue
        if found["part"] == "cleanup" and (noted := re.match(r"message-id=<([^>]+)>", found["rest"])):
            names[found["queue"]] = noted[1]
        elif found["part"] == "qmgr" and "(queue active)" in found["rest"]:
            queued.add(found["queue"])
    result: dict[str, bool] = {}
    for queue, name in names.items():
        if name.endswith(f"@{domain}"):
            result[name] = result.get(name, False) or queue in queued
    return result
