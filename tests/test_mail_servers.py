"""The servers that mail is sent to in tests do what they say: the sink with its faults, and Postfix with Dovecot."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, absent
from postfix import MailServers, available, mail_servers
from sink import KINDS, SLOW, Sink, kind_of, kinds, sink

WAIT = 0.3  # seconds, for those that answer late or not at all


def _message(number: int, size: int = 200) -> bytes:
    head = f"From: a@example.org\r\nSubject: Test\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
    return head.encode() + b".A line of text that begins with a dot.\r\n" * (size // 40)


def _client(port: int) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, "localhost", timeout=20)
    client.ehlo()
    return client


def _replies(client: smtplib.SMTP, address: str, data: bytes = _message(0)) -> list[int]:
    """The codes of MAIL, RCPT, DATA and the dot, as far as it went."""
    codes = [client.mail("a@example.org")[0]]
    if codes[-1] == 250:
        codes.append(client.rcpt(address)[0])
    if codes[-1] == 250:
        try:
            codes.append(client.data(data)[0])
        except smtplib.SMTPDataError as error:
            codes.append(error.smtp_code)
    if codes[-1] != 421:
        client.rset()
    return codes


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with sink(tmp_path_factory.mktemp("sink") / "record", "--late", WAIT, "--stall", WAIT) as started:
        yield started


def _copies(server: Sink, address: str) -> int:
    return server.copies()[address]


def test_kinds_are_mixed_and_repeatable() -> None:
    mixture = kinds(500, 1)
    assert mixture == kinds(500, 1) != kinds(500, 2)
    assert len(set(mixture)) == 500
    assert {kind_of(address) for address in mixture} == KINDS.keys() - set(SLOW)
    assert {kind_of(address) for address in kinds(50, 1, slow=True)} == KINDS.keys()
    assert sum(kind_of(address) == "ok" for address in mixture) > 300


def test_sink_writes_down_what_it_takes(faulty: Sink) -> None:
    with _client(faulty.port) as client:
        assert _replies(client, "ok-1@example.org", _message(1)) == [250, 250, 250]
        assert _replies(client, "ok-1@example.org", _message(2, 100_000)) == [250, 250, 250]
    one, two = (line for line in faulty.taken() if line["recipient"] == "ok-1@example.org")
    assert one == {
        "recipient": "ok-1@example.org",
        "message_id": "<1@example.org>",
        "sha256": hashlib.sha256(_message(1)).hexdigest(),
        "kind": "ok",
        "sender": "a@example.org",
    }
    assert two["sha256"] == hashlib.sha256(_message(2, 100_000)).hexdigest()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("no-such", [[250, 550], [250, 550]]),
        ("later", [[250, 450], [250, 250, 250], [250, 250, 250]]),
        ("full", [[250, 250, 452], [250, 250, 452], [250, 250, 250]]),
        ("full-dot", [[250, 250, 452], [250, 250, 452], [250, 250, 250]]),
        ("refused", [[250, 250, 554], [250, 250, 554]]),
    ],
)
def test_sink_refuses(faulty: Sink, kind: str, expected: list[list[int]]) -> None:
    address = f"{kind}-1@example.org"
    for codes in expected:
        with _client(faulty.port) as client:  # what it remembers outlives a connection
            assert _replies(client, address) == codes
    assert _copies(faulty, address) == sum(codes[-1] == 250 for codes in expected)


def test_sink_is_full_before_or_after_the_data(faulty: Sink) -> None:
    for kind, code in (("full", 452), ("full-dot", 354)):
        with _client(faulty.port) as client:
            client.mail("a@example.org")
            client.rcpt(f"{kind}-2@example.org")
            assert client.docmd("DATA")[0] == code
            client.close()


def _talk(port: int, address: str) -> tuple[socket.socket, bytes]:
    """A raw connection up to the reply to DATA."""
    raw = socket.create_connection(("127.0.0.1", port), 20)
    for line in ("", "HELO localhost", "MAIL FROM:<a@example.org>", f"RCPT TO:<{address}>", "DATA"):
        raw.sendall(f"{line}\r\n".encode() if line else b"")
        said = raw.recv(4096)
    return raw, said


def test_sink_resets_after_taking(faulty: Sink) -> None:
    raw, said = _talk(faulty.port, "reset-1@example.org")
    with raw:
        assert said.startswith(b"354")
        raw.sendall(_message(1) + b".\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(4096)
    assert _copies(faulty, "reset-1@example.org") == 1


def test_sink_resets_before_taking(faulty: Sink) -> None:
    raw, said = _talk(faulty.port, "cut-1@example.org")
    with raw:
        assert said.startswith(b"354")
        with pytest.raises(ConnectionResetError):
            raw.recv(4096)
    assert _copies(faulty, "cut-1@example.org") == 0


def test_sink_answers_with_garbage(faulty: Sink) -> None:
    for number in range(12):  # all the garbage that there is
        raw, _ = _talk(faulty.port, f"garbage-{number}@example.org")
        with raw:
            raw.sendall(_message(1) + b".\r\n")
            said = b""
            while not said.endswith(b"\r\n"):
                said += raw.recv(16384)
            assert not said[:3].isdigit()
        assert _copies(faulty, f"garbage-{number}@example.org") == 1


def test_sink_closes(faulty: Sink) -> None:
    with _client(faulty.port) as client:
        assert _replies(client, "closing-1@example.org") == [250, 421]
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
    with _client(faulty.port) as client:
        assert _replies(client, "closing-1@example.org") == [250, 250, 250]
    with _client(faulty.port) as client:
        assert _replies(client, "closing-next-1@example.org") == [250, 250, 250]
        assert _replies(client, "ok-2@example.org") == [421]
    assert _copies(faulty, "closing-1@example.org") == _copies(faulty, "closing-next-1@example.org") == 1
    assert _copies(faulty, "ok-2@example.org") == 0


def test_sink_answers_late(faulty: Sink) -> None:
    raw, _ = _talk(faulty.port, "late-1@example.org")
    with raw:
        start = time.monotonic()
        raw.sendall(_message(1) + b".\r\n")
        time.sleep(WAIT / 2)
        assert _copies(faulty, "late-1@example.org") == 1  # before the reply
        assert raw.recv(4096).startswith(b"250")
        assert time.monotonic() - start >= WAIT


def test_sink_stalls(faulty: Sink) -> None:
    raw, _ = _talk(faulty.port, "stall-1@example.org")
    with raw:
        start = time.monotonic()
        raw.sendall(_message(1) + b".\r\n")
        assert raw.recv(4096) == b""
        assert time.monotonic() - start >= WAIT
    assert _copies(faulty, "stall-1@example.org") == 0


@pytest.mark.parametrize("body", [b"a\nb\r\n", b"a\rb\r\n", b"x" * 999 + b"\r\n"])
def test_sink_is_strict(faulty: Sink, body: bytes) -> None:
    raw, _ = _talk(faulty.port, "ok-3@example.org")
    with raw:
        raw.sendall(_message(1) + body + b".\r\n")
        assert raw.recv(4096).startswith(b"554 5.6.0")
    assert _copies(faulty, "ok-3@example.org") == 0


def test_sink_wants_a_password(tmp_path: Path) -> None:
    with sink(tmp_path / "record", "--auth", "press:run") as server:
        with _client(server.port) as client:
            assert client.mail("a@example.org")[0] == 530
            with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
                client.login("press", "rum")
            client.login("press", "run")
            assert _replies(client, "ok-1@example.org") == [250, 250, 250]
        with _client(server.port) as client:
            client.user, client.password = "press", "run"
            assert client.auth("LOGIN", client.auth_login)[0] == 235


@pytest.mark.heavy  # for the sake of openssl
def test_sink_has_tls(tmp_path: Path, run: Run) -> None:
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    made = (
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=localhost",
    )
    run("openssl", *made, "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
    context = ssl.create_default_context(cafile=certificate)
    arguments = ("--tls", certificate, key, "--fail-auth")
    with (
        sink(tmp_path / "record", *arguments) as server,
        smtplib.SMTP("localhost", server.port, "localhost", 20) as client,
    ):
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.mail("a@example.org")[0] == 530
        client.starttls(context=context)
        with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
            client.login("press", "run")
    with sink(tmp_path / "record", "--tls", certificate, key) as server:
        for address in ("ok-1@example.org", "reset-1@example.org"):
            with _client(server.port) as client:
                client._host = "localhost"  # type: ignore[attr-defined]  # the name in the certificate
                client.starttls(context=context)
                client.ehlo()
                assert not client.has_extn("auth")
                if address.startswith("ok"):
                    assert _replies(client, address) == [250, 250, 250]
                    continue
                with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
                    _replies(client, address)
                client.close()
        assert server.copies() == {"ok-1@example.org": 1, "reset-1@example.org": 1}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServers]:
    if missing := available():
        absent(missing)
    with mail_servers(tmp_path_factory.mktemp("mail")) as started:
        yield started


@pytest.mark.heavy
def test_postfix_delivers_each_message_once(servers: MailServers) -> None:
    sent = {f"reader-{number}@example.org": _message(number, 30_000) for number in range(20)}
    with _client(servers.port) as client:
        for address, data in sent.items():
            client.sendmail("a@example.org", [address], data)
    servers.wait_delivered()
    log = servers.log.read_text(encoding="utf-8")
    for number, (address, data) in enumerate(sent.items()):
        assert servers.count(address) == 1
        assert [message["Message-ID"] for message in servers.mailbox(address)] == [f"<{number}@example.org>"]
        assert servers.raw(address)[0].endswith(data)  # after what the servers have put before it
        assert f"message-id=<{number}@example.org>" in log
    assert log.count("status=sent") >= 20


@pytest.mark.heavy
def test_postfix_refuses_some(servers: MailServers) -> None:
    with _client(servers.port) as client:
        assert _replies(client, "no-such-1@example.org") == [250, 550]
        assert _replies(client, "later-1@example.org") == [250, 450]
    assert servers.count("no-such-1@example.org") == 0


@pytest.mark.heavy
def test_postfix_sends_nothing_elsewhere(servers: MailServers) -> None:
    with _client(servers.port) as client:
        client.sendmail("bounces+1@example.org", ["someone@elsewhere.example"], _message(100))
    servers.wait_delivered()
    (notice,) = servers.mailbox("bounces@example.org")
    assert notice.get_content_type() == "multipart/report"
    assert "someone@elsewhere.example" in notice.as_string()
