"""The packages that are installed."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata

_VERSION = re.compile(r"^Version: *(\S+)", re.MULTILINE)


@cache
def version(name: str) -> str:
    """A package's version; empty if it is not installed.

    The library's own function reads the whole description of a package as a mail message, which takes ten times as
    long.
    """
    try:
        found = _VERSION.search(metadata.distribution(name).read_text("METADATA") or "")
    except metadata.PackageNotFoundError:
        return ""
    return found[1] if found else metadata.version(name)
