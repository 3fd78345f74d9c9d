"""A relay: the mail server that takes our messages, spoken to in SMTP (RFC 5321), one recipient a message."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pressrun.mailing.ledger import ACCEPTED, DEFERRED, REJECTED, UNKNOWN

#: seconds to wait for an answer; to the final dot a server may take ten minutes (RFC 5321, 4.5.3.2.6)
_PATIENCE = 60.0
_PATIENCE_AT_DOT = 600.0
#: a mailbox that is not there (RFC 3463); 5.1.7 and 5.1.8 speak of the sender
_GONE = re.compile(r"5\.1\.(?:1|2|3|6|10)\b")


class Unreachable(Exception):
    """The relay cannot be spoken to at all; nothing about any recipient."""


class Refusing(Exception):
    """The relay will not have us: our fault, and asking again makes it worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one relay is spoken to."""

    name: str
    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    #: messages a second; 0 for no limit
    rate: int = 0
    #: of a hundred
    most_refused: int = 2
    headers: tuple[tuple[str, str], ...] = ()
    patience: float = _PATIENCE
    patience_at_dot: float = _PATIENCE_AT_DOT


def profile(settings: Mapping[str, Any], environment: Mapping[str, str], name: str = "") -> Profile:
    """A relay of site.yaml by its name, or the first, with its secrets from the environment. Raises ValueError."""
    relays = settings.get("relays", {})
    if not relays:
        raise ValueError("site.yaml names no relay. Write below 'newsletter:': relays: {office: {host: ...}}.")
    name = name or next(iter(relays))
    if name not in relays:
        raise ValueError(f"site.yaml has no relay '{name}'. Known are: {', '.join(relays)}.")
    found = dict(relays[name])
    secrets: dict[str, Any] = {}
    if auth := found.pop("auth", ""):
        secrets = {key: environment.get(f"{auth}_{key.upper()}", "") for key in ("user", "password")}
        if not all(secrets.values()):
            raise ValueError(f"The environment has no {auth}_USER and {auth}_PASSWORD, which '{name}' asks for.")
    headers = tuple(found.pop("headers", {}).items())
    return Profile(name=name, headers=headers, **secrets, **found)


class Outcome(NamedTuple):
    """What became of one try."""

    state: str
    #: the server's words, which may hold the recipient's address
    said: str = ""
    #: the mailbox does not exist
    gone: bool = False
    #: the server asks for less, or for nothing for a while (421, 4.7.x)
    slower: bool = False


class Relay:
    """A connection that is made when it is needed and made anew when it broke."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, sender: str, recipient: str, data: bytes, intend: Callable[[], None]) -> Outcome:
        """Tries once. `intend` is called, and must have written, before the server can take the message over.

        Raises Unreachable and Refusing, after which the recipient is as before.
        """
        smtp = self._greet(sender)
        try:
            code, words = smtp.docmd(f"RCPT TO:<{recipient}>")
            if code // 100 != 2:
                return self._refused(code, words, "RCPT")
            code, words = smtp.docmd("DATA")
            if code != 354:
                return self._refused(code, words, "DATA")
            # No line of a message begins with a dot, so its bytes are sent as they are.
            smtp.send(data)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            # Without its final dot nobody has taken the message (RFC 5321, 4.1.1.4).
            return Outcome(DEFERRED, f"connection lost: {type(error).__name__}")
        intend()
        return self._end(smtp)

    def _greet(self, sender: str) -> smtplib.SMTP:
        """Names the sender, on a new connection if the server has closed the old one, as it does after some time.

        Raises Unreachable and Refusing.
        """
        used = self._smtp is not None
        smtp = self._smtp or self._connect()
        try:
            code, words = smtp.docmd(f"MAIL FROM:<{sender}>")
        except (OSError, smtplib.SMTPException) as error:
            code, words = 421, type(error).__name__.encode()
        if code // 100 == 2:
            return smtp
        self._drop()
        if used and code == 421:
            return self._greet(sender)
        said = _spoken(code, words)
        if code // 100 == 5:
            raise Refusing(f"The relay '{self._profile.name}' refuses us as a sender: {said}")
        raise Unreachable(f"The relay '{self._profile.name}' takes no message now ({said}).")

    def _end(self, smtp: smtplib.SMTP) -> Outcome:
        """The final dot and its answer; without one nobody knows."""
        assert smtp.sock
        try:
            smtp.sock.settimeout(self._profile.patience_at_dot)
            smtp.send(b".\r\n")
            code, words = smtp.getreply()
            smtp.sock.settimeout(self._profile.patience)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(UNKNOWN, f"no answer to the final dot: {type(error).__name__}")
        if code // 100 == 2:
            return Outcome(ACCEPTED, _spoken(code, words))
        if code // 100 in (4, 5):
            return self._refused(code, words, ".")
        self._drop()
        return Outcome(UNKNOWN, "the answer to the final dot is none")

    def _refused(self, code: int, words: bytes, command: str) -> Outcome:
        said = _spoken(code, words)
        if code == 421 or code // 100 not in (4, 5):
            self._drop()
        elif command != ".":
            self._reset()
        slower = code == 421 or " 4.7." in said
        if code // 100 == 5:
            return Outcome(REJECTED, said, gone=command == "RCPT" and bool(_GONE.search(said)))
        return Outcome(DEFERRED, said, slower=slower)

    def _reset(self) -> None:
        assert self._smtp
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def close(self) -> None:
        if self._smtp:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._drop()
            self._smtp = None

    def _drop(self) -> None:
        if self._smtp:
            self._smtp.close()
            self._smtp = None

    # ---- connecting

    def _connect(self) -> smtplib.SMTP:
        profile = self._profile
        context = ssl.create_default_context()  # smtplib's own would check neither certificate nor name
        try:
            if profile.port == 465:
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    profile.host, profile.port, timeout=profile.patience, context=context, local_hostname="localhost"
                )
            else:
                # Its own name for us would be looked up, which may take long.
                smtp = smtplib.SMTP(profile.host, profile.port, timeout=profile.patience, local_hostname="localhost")
            self._smtp = smtp
            self._secure(smtp, context)
            if profile.user:
                smtp.login(profile.user, profile.password)
        except smtplib.SMTPAuthenticationError as error:
            self._drop()
            raise Refusing(f"The relay '{profile.name}' refuses user and password ({error.smtp_code}).") from None
        except ssl.SSLError as error:
            self._drop()
            raise Refusing(f"The relay '{profile.name}' cannot prove who it is: {error.reason}.") from None
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unreachable(f"The relay '{profile.name}' does not answer ({error}).") from None
        assert smtp.sock
        # Else the dot waits for the acknowledgement of the text before it: 40 ms a message.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    def _secure(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        """TLS, without which nothing is sent but to this machine itself."""
        smtp.ehlo_or_helo_if_needed()
        if isinstance(smtp, smtplib.SMTP_SSL):
            return
        if smtp.has_extn("starttls"):
            if not _is_loopback(self._profile.host):
                smtp.starttls(context=context)
                smtp.ehlo()
        elif not _is_loopback(self._profile.host):
            self._drop()
            raise Refusing(f"The relay '{self._profile.name}' offers no TLS, and nothing is sent in the clear.")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _spoken(code: int, words: bytes) -> str:
    return f"{code} {words.decode('ascii', 'replace')}"[:300]
