"""Asks addresses elsewhere whether anything is there: the one place of the proof that opens sockets."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

#: hosts that are asked at once; one host is never asked two things at a time
_AT_ONCE = 4
#: seconds for each step of an answer
PATIENCE = 10.0
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; Pressrun link check)", "Accept": "*/*"}
_TOO_MANY = 429


class Answer(NamedTuple):
    """What an address says."""

    #: of HTTP, where redirects end; 0 when there was no answer
    status: int
    #: why there was none, in words
    why: str = ""
    #: the address itself is wrong (no such name, nobody there, a bad certificate), as far as this machine can tell
    wrong: bool = False


def ask(addresses: Iterable[str], patience: float = PATIENCE) -> Iterator[tuple[str, Answer]]:
    """Every address (http or https), once, with its answer, as answers come; `patience` in seconds.

    A host that has let one question wait in vain is asked no more.
    """
    by_host = [list(same) for _, same in groupby(sorted(dict.fromkeys(addresses), key=_host), key=_host)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for answers in pool.map(lambda same: _ask_host(same, patience), by_host):
            yield from answers


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower()


def _ask_host(addresses: list[str], patience: float) -> list[tuple[str, Answer]]:
    found: list[tuple[str, Answer]] = []
    silent: Answer | None = None
    for address in addresses:
        answer = silent or _ask(address, patience)
        found.append((address, answer))
        if not (answer.status or answer.wrong):
            silent = answer
    return found


def _ask(address: str, patience: float) -> Answer:
    """By HEAD, which sends no page; by GET where that is refused, for not every server knows HEAD."""
    answer = _answer("HEAD", address, patience)
    return _answer("GET", address, patience) if answer.status >= 400 and answer.status != _TOO_MANY else answer


def _answer(method: str, address: str, patience: float) -> Answer:
    try:
        request = urllib.request.Request(_written(address), headers=_HEADERS, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=patience) as response:  # noqa: S310  # http and https alone come here
            return Answer(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return Answer(error.code)
    except urllib.error.URLError as error:
        return _silence(error.reason)
    except Exception as error:  # noqa: BLE001  # whatever a server sends, the others are asked all the same
        return _silence(error)


def _written(address: str) -> str:
    """An address in ASCII. Raises UnicodeError for a host that cannot be written so."""
    parts = urlsplit(address)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return quote(urlunsplit(parts._replace(netloc=host)), safe="%/:=&?~#+!$,;'@()*[]")


def _silence(reason: object) -> Answer:
    match reason:
        case TimeoutError():
            return Answer(0, "no answer in time")
        case socket.gaierror(errno=socket.EAI_NONAME):
            return Answer(0, "there is no such host", wrong=True)
        case ssl.SSLCertVerificationError():
            return Answer(0, "its certificate is not valid", wrong=True)
        case ConnectionRefusedError():
            return Answer(0, "nobody answers there", wrong=True)
        case _:
            return Answer(0, str(reason) or type(reason).__name__)
