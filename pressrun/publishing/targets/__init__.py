"""Where the live site goes: one interface (`stores.Target`), a module a kind, each asked for in site.yaml."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

from pressrun import lock
from pressrun.outputs import PRIVATE
from pressrun.publishing.targets.stores import Order, Sent, Target, Undelivered

if TYPE_CHECKING:
    from pressrun.build import Desk
    from pressrun.model import Site

__all__ = ["Sent", "Target", "Undelivered", "chosen", "fetch", "open_target"]
#: seconds to wait for a page
_PATIENCE = 30


def chosen(site: Site, name: str = "") -> str:
    """The name of a target of site.yaml, or that of the first. Raises ValueError where there is none."""
    known = site.settings.get("targets", {})
    if not known:
        raise ValueError("site.yaml names no target. Write, for example: targets: {live: {folder: /srv/www/example}}")
    if name and name not in known:
        raise ValueError(f"site.yaml has no target '{name}'. Known are: {', '.join(known)}.")
    return name or str(next(iter(known)))


@contextmanager
def open_target(
    desk: Desk, site: Site, name: str = "", environment: Mapping[str, str] = os.environ
) -> Iterator[Target]:
    """A target of site.yaml by its name, or the first; nobody else has it meanwhile.

    The environment's PRESSRUN_<NAME>_PASSWORD is the password of sftp, or the token of github_pages. Raises ValueError
    for a site without such a target, Undelivered where it is not reached or refuses or somebody else is at work, and
    ModuleNotFoundError for an extra that is not installed (it is called like the kind).
    """
    name = chosen(site, name)
    ((kind, settings),) = site.settings["targets"][name].items()
    own = desk.outputs / PRIVATE / f"target-{name}"
    own.parent.mkdir(parents=True, exist_ok=True)
    try:
        with lock.held(own):
            token = own.read_text(encoding="utf-8") or uuid4().hex
            own.write_text(token, encoding="utf-8")
            order = Order(
                settings=settings, site=site, root=desk.root, own=own, token=token,
                fetch=partial(fetch, site),
                password=environment.get(f"PRESSRUN_{name.upper().replace('-', '_')}_PASSWORD", ""),
            )  # fmt: skip
            # A kind may need an extra, so only the one that is asked for is loaded.
            with import_module(f"{__name__}.{kind}").opened(order) as target:
                yield target
    except lock.Busy:
        raise Undelivered(f"Another run is publishing to '{name}' just now. Wait for it, and publish again.") from None


def fetch(site: Site, path: str) -> bytes | None:
    """What the live address answers for a path; None for 404 and 410. Raises Undelivered for any other fault."""
    url = site.url(quote(path))
    request = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})  # noqa: S310  # base_url is https or http
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code in {404, 410}:
            return None
        raise Undelivered(f"{url} answers {error.code}.") from None
    except Exception as error:  # noqa: BLE001  # whatever a server does, its page was not had
        raise Undelivered(f"{url} does not answer: {getattr(error, 'reason', '') or error}.") from None
