"""Lists of people, and `inv newsletter.send` as somebody at the keyboard or a scheduled job meets it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sink
from conftest import ARTICLE, NOW, ROOT, SITE
from hypothesis import given
from hypothesis import strategies as st

from pressrun.build import Desk
from pressrun.faults import Refused
from pressrun.mailing import ledger, lists, posting, sending
from pressrun.mailing.lists import Recipient, Segment

LIST = """\
address,name,language,site,tags
ok-ana@example.org,Anahita,es,north,"staff; volunteers"
OK-Ana@EXAMPLE.org,Anahita again,es,north,
ok-ben@example.org,Ben,en-GB,south,staff

ok-cem@b\u00fccher.example,,tr,north,
"""


def _read(folder: Path, text: str, name: str = "list.csv") -> list[Recipient]:
    (folder / name).write_text(text, encoding="utf-8")
    return list(lists.read(folder / name))


def test_a_list_is_read_once_for_each_person_with_their_domain_in_ascii(tmp_path: Path) -> None:
    found = _read(tmp_path, LIST)
    assert [one.address for one in found] == [
        "ok-ana@example.org", "ok-ben@example.org", "ok-cem@xn--bcher-kva.example",
    ]  # fmt: skip
    assert found[0] == Recipient(
        address="ok-ana@example.org", name="Anahita", language="es", site="north", tags=("staff", "volunteers")
    )


@pytest.mark.parametrize(
    ("segment", "names"),
    [
        (Segment(), ["Anahita", "Ben", ""]),
        (Segment(tag="staff"), ["Anahita", "Ben"]),
        (Segment(site="north"), ["Anahita", ""]),
        (Segment(language="en"), ["Ben"]),
        (Segment(language="en-US"), []),
        (Segment(tag="staff", site="north", language="es"), ["Anahita"]),
    ],
)
def test_a_segment_is_those_who_fit_in_everything(tmp_path: Path, segment: Segment, names: list[str]) -> None:
    assert [one.name for one in _read(tmp_path, LIST) if segment.holds(one)] == names


def test_a_list_may_be_yaml(tmp_path: Path) -> None:
    text = "- ok-1@example.org\n- {address: ok-2@example.org, name: Bo, tags: [staff]}\n"
    assert [(one.address, one.name, one.tags) for one in _read(tmp_path, text, "list.yaml")] == [
        ("ok-1@example.org", "", ()), ("ok-2@example.org", "Bo", ("staff",)),
    ]  # fmt: skip


FAULTY = {
    "address,name\nana@example.org,A\nnobody at home,B\n,C\n": ["list.csv:3:1: ", "list.csv:4:1: "],
    "name,address\nAnna,secret@@example.org\n": ["list.csv:2:6: "],
    "mail,name\nana@example.org,A\n": ["list.csv:1:1: No column is called 'address'."],
    'address\n"ana@example.org\n': ["list.csv:2:1: This is no row of CSV."],
    "address\nj\u00f6rg@example.org\n": ["list.csv:2:1: "],
    "address\nana@example.org\r\nBcc: x@example.org\n": ["list.csv:3:1: "],
    "address\nana@localhost\n": ["list.csv:2:1: "],
    "name,address\nSmith, Ann,ana@example.org\n": ["list.csv:2:1: This line has more columns than line 1 names."],
}


@pytest.mark.parametrize("text", FAULTY)
def test_what_is_no_address_is_told_by_its_place_and_never_quoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused) as refused:
        _read(tmp_path, text)
    said = [str(fault) for fault in refused.value.faults]
    assert [line.startswith(start) for line, start in zip(said, FAULTY[text], strict=True)] == [True] * len(said)
    assert not re.search("example|secret|nobody at|rg@", "".join(said))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- ana@example.org\n- secret-no-address\n", "list.yaml:2:3: "),
        ("- {address: secret@@example.org}\n", "list.yaml:1:13: "),
        ("- {adress: ana@secret.example}\n", "list.yaml:1:4: "),
        ("ana@secret.example\n", "list.yaml:1:1: "),
    ],
)
def test_faults_of_a_list_in_yaml_quote_nothing_either(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        _read(tmp_path, text, "list.yaml")
    said = "\n".join(map(str, refused.value.faults))
    assert place in said
    assert "secret" not in said


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_addresses(text: str) -> None:
    found = lists._address(text)
    assert found == "" or (found.isascii() and found.count("@") == 1 and not re.search(r"[\s<>,]", found))


def test_those_who_left_are_known_by_any_spelling_and_the_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"suppressed\.txt is not there"):
        lists.suppressed(tmp_path)
    text = "Ana@EXAMPLE.org\n\n# a remark\nben@b\u00fccher.example # by phone\n"
    (tmp_path / "suppressed.txt").write_text(text, encoding="utf-8")
    assert lists.suppressed(tmp_path) == {"ana@example.org", "ben@xn--bcher-kva.example"}
    for line in ("Ann <ann@example.org>", "mailto:ann@example.org", "ann@example.org, left", "nobody"):
        (tmp_path / "suppressed.txt").write_text(f"ok@example.org\n{line}\n", encoding="utf-8")
        with pytest.raises(Refused, match=r"suppressed\.txt:2:1: This is no mail address") as refused:
            lists.suppressed(tmp_path)
        assert "ann" not in str(refused.value)


# ---- at the keyboard


@dataclass(frozen=True)
class Terminal:
    root: Path
    folder: Path

    def inv(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "invoke", *words], cwd=self.root, capture_output=True, text=True,
            timeout=120, check=False, stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PRESSRUN_MAILING": str(self.folder), **environment},
        )  # fmt: skip

    def site(self, newsletter: str) -> None:
        (self.root / "content/site.yaml").write_text(f"{SITE}newsletter: {newsletter}\n", encoding="utf-8")

    def relay(self, port: int, more: str = "") -> None:
        self.site(f"{{relays: {{office: {{host: 127.0.0.1, port: {port}{more}}}}}}}")
        assert self.inv("build.newsletter").returncode == 0


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    root, folder = tmp_path / "desk", tmp_path / "people"
    root.mkdir()
    for name in ("tasks.py", "pressrun", "templates"):
        (root / name).symlink_to(ROOT / name)
    # The task's root is the real path of tasks.py.
    (root / "tasks.py").unlink()
    shutil.copy(ROOT / "tasks.py", root / "tasks.py")
    (root / "content/articles").mkdir(parents=True)
    (root / "content/articles/sleep.yaml").write_text(ARTICLE, encoding="utf-8")
    folder.mkdir()
    (folder / "outreach.csv").write_text(LIST, encoding="utf-8")
    (folder / "suppressed.txt").write_text("ok-ben@example.org\n", encoding="utf-8")
    return Terminal(root, folder)


def test_an_issue_goes_out_once_and_says_so_for_everybody(terminal: Terminal, tmp_path: Path) -> None:
    with sink.sink(tmp_path / "record") as server:
        terminal.relay(server.port)
        dry = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--dry-run")
        assert "To 2 of the list 'outreach'; 1 must not get it." in dry.stdout
        assert "Nothing was sent." in dry.stdout
        assert not (terminal.folder / "ledger.sqlite").exists()

        asked = terminal.inv("newsletter.send", "sleep", "--list", "outreach")
        assert "Nothing was sent." in asked.stdout
        wrong = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 3")
        assert wrong.returncode == 1
        assert wrong.stderr.endswith("That confirms something else: this would be 'sleep 2'.\n")
        assert server.taken() == []

        sent = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
        assert sent.returncode == 0, sent.stderr
        assert "3 recipients = 2 accepted + 0 rejected + 0 deferred + 0 unknown + 1 suppressed\n" in sent.stdout
        assert set(server.copies()) == {"ok-ana@example.org", "ok-cem@xn--bcher-kva.example"}

        again = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
        assert again.returncode == 0
        assert "with the recipients of then: 0 left" in again.stdout
        assert sum(server.copies().values()) == 2
        told = terminal.inv("newsletter", "sleep")
        assert told.stdout.startswith("3 recipients = 2 accepted")


def test_no_person_is_in_the_project_in_what_is_printed_or_in_a_receipt(terminal: Terminal, tmp_path: Path) -> None:
    with sink.sink(tmp_path / "record") as server:
        terminal.relay(server.port)
        done = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
        terminal.inv("build.newsletter")
    traces = re.compile(rb"ok-(ana|ben|cem)|Anahita|QW5haGl0Y|xn--bcher", re.IGNORECASE)
    assert traces.search((terminal.folder / "ledger.sqlite").read_bytes() + done.stdout.encode()) is not None
    assert not traces.search((done.stdout + done.stderr).encode())
    held = [path for path in terminal.root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in held if traces.search(path.read_bytes())] == []
    receipt = json.loads((terminal.root / "content/records/newsletters/sleep.json").read_text(encoding="utf-8"))
    assert set(receipt) == {"issue", "ledger", "message", "begun"}
    assert (terminal.folder / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_recipients_read_the_name_of_their_site(terminal: Terminal, tmp_path: Path) -> None:
    (terminal.root / "content/sites").mkdir()
    (terminal.root / "content/sites/north.yaml").write_text("name: The North Centre\n", encoding="utf-8")
    article = ARTICLE.replace("body:", 'channels: {newsletter: {intro: "From {{site|us}} to {{name|you}}."}}\nbody:')
    (terminal.root / "content/articles/sleep.yaml").write_text(article, encoding="utf-8")
    with sink.sink(tmp_path / "record") as server:
        terminal.relay(server.port)
        sent = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--site", "north", "--confirm", "sleep 2")
        assert sent.returncode == 0, sent.stderr
    with sqlite3.connect(terminal.folder / "ledger.sqlite") as base:
        assert set(base.execute("SELECT name, site FROM delivery")) == {
            ("Anahita", "The North Centre"), ("", "The North Centre"),
        }  # fmt: skip


def test_without_the_ledger_of_its_receipt_nothing_is_sent(terminal: Terminal, tmp_path: Path) -> None:
    with sink.sink(tmp_path / "record") as server:
        terminal.relay(server.port)
        send = ("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
        terminal.inv(*send)
        for path in terminal.folder.glob("ledger.*"):
            path.unlink()
        refused = terminal.inv(*send)
        assert refused.returncode == 1
        assert "which is not here: bring it back" in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1
        assert sum(server.copies().values()) == 2


@pytest.mark.heavy
def test_words_that_changed_after_the_first_copy_are_not_sent_to_the_rest(terminal: Terminal, tmp_path: Path) -> None:
    (terminal.folder / "outreach.csv").write_text("address\nlater-1@example.org\nok-1@example.org\n", encoding="utf-8")
    with sink.sink(tmp_path / "record") as server:
        terminal.relay(server.port)
        first = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
        assert first.returncode == 75
        assert "send again then" in first.stdout
        path = terminal.root / "content/articles/sleep.yaml"
        path.write_text(ARTICLE.replace("A first", "Another first"), encoding="utf-8")
        stale = terminal.inv("newsletter.send", "sleep")
        assert "were not made from the present text. Build first" in stale.stderr
        terminal.inv("build.newsletter")
        changed = terminal.inv("newsletter.send", "sleep")
        assert "'sleep' has changed since its sending began." in changed.stderr


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full"), OSError(30, "Read-only")])
def test_a_copy_that_cannot_be_written_down_is_not_sent_and_said(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def freeze(*_arguments: object) -> None:
        raise error

    planned: Any = SimpleNamespace(folder=tmp_path, letter=None, list="", segment=Segment())
    monkeypatch.setattr(sending, "check", freeze)
    with pytest.raises(sending.Stopped, match="Who gets a copy cannot be written"):
        posting.carry_out(planned, Desk(tmp_path), lambda: NOW)


def test_a_ledger_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_TABLES", "CREATE NONSENSE;")
    with pytest.raises(sqlite3.OperationalError):
        ledger.Ledger(tmp_path / "ledger.sqlite")
    assert list(tmp_path.iterdir()) == []


HINDRANCES = {
    ("nothing", "--list", "outreach"): "There is no issue 'nothing' to send.",
    ("sleep",): "No list is named. Write --list NAME.",
    ("sleep", "--list", "outraech"): "There is no list 'outraech'",
    ("sleep", "--list", "outreach", "--relay", "home"): "site.yaml has no relay 'home'. Known are: office.",
    ("sleep", "--list", "outreach", "--via", "pigeon"): "'pigeon' is no way to send.",
    ("sleep", "--via", "listmonk"): "site.yaml knows no listmonk.",
    ("sleep", "--list", "content/people.csv"): "The list lies in the project",
}


@pytest.mark.heavy
def test_what_keeps_an_issue_from_being_sent_is_a_sentence(terminal: Terminal) -> None:
    terminal.relay(1)
    (terminal.root / "content/people.csv").write_text(LIST, encoding="utf-8")
    for words, said in HINDRANCES.items():
        done = terminal.inv("newsletter.send", *words)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.heavy
def test_a_draft_and_a_letter_made_for_a_service_are_not_sent(terminal: Terminal) -> None:
    terminal.relay(1)
    terminal.site("{unsubscribe: {provider: mailchimp}}")
    terminal.inv("build.newsletter")
    assert "are made for mailchimp" in terminal.inv("newsletter.send", "sleep", "--list", "outreach").stderr
    (terminal.root / "content/articles/sleep.yaml").write_text(f"draft: true\n{ARTICLE}", encoding="utf-8")
    assert "It is left out: a draft." in terminal.inv("newsletter.send", "sleep", "--list", "outreach").stderr


def test_a_letter_with_an_error_of_the_lint_is_not_sent(terminal: Terminal) -> None:
    terminal.relay(1)
    site = terminal.root / "content/site.yaml"
    site.write_text(site.read_text(encoding="utf-8").replace("1 Example Street", "'[Put it here]'"), encoding="utf-8")
    terminal.inv("build.newsletter")
    done = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
    assert done.returncode == 1
    assert "mail-address-unfinished" in done.stderr
    assert "Nothing was sent." in done.stderr


@pytest.mark.heavy
def test_rehearsals_go_to_one_address_and_are_not_remembered(terminal: Terminal, tmp_path: Path) -> None:
    with sink.sink(tmp_path / "record") as server:
        terminal.relay(server.port)
        one = terminal.inv("newsletter.test", "sleep", "--to", "ok-me@example.org")
        assert one.returncode == 0, one.stderr
        all_ = terminal.inv("newsletter.send", "sleep", "--list", "outreach", "--redirect", "ok-me@example.org")
        assert all_.returncode == 0, all_.stderr
        assert server.copies() == {"ok-me@example.org": 4}
    assert list(terminal.folder.glob("ledger*")) == []
    assert not (terminal.root / "content/records").exists()


@pytest.mark.heavy
def test_a_token_needs_its_key_and_secrets_come_from_the_environment_alone(terminal: Terminal, tmp_path: Path) -> None:
    with sink.sink(tmp_path / "record", "--auth", "me:pass-word") as server:
        terminal.site(
            '{unsubscribe: "https://www.example.org/leave/{token}", '
            f"relays: {{office: {{host: 127.0.0.1, port: {server.port}, auth: OFFICE}}}}}}"
        )
        terminal.inv("build.newsletter")
        send = ("newsletter.send", "sleep", "--list", "outreach", "--confirm", "sleep 2")
        assert "The environment has no PRESSRUN_TOKEN_KEY" in terminal.inv(*send).stderr
        assert "has no OFFICE_USER and OFFICE_PASSWORD" in terminal.inv(*send, PRESSRUN_TOKEN_KEY="k").stderr
        secrets = {"PRESSRUN_TOKEN_KEY": "k", "OFFICE_USER": "me", "OFFICE_PASSWORD": "wrong-word"}
        refused = terminal.inv(*send, **secrets)
        assert refused.returncode == 1
        assert "refuses user and password" in refused.stderr
        assert "wrong-word" not in refused.stdout + refused.stderr
        assert terminal.inv(*send, **secrets | {"OFFICE_PASSWORD": "pass-word"}).returncode == 0
        assert len(server.taken()) == 2


@pytest.mark.heavy
def test_a_hundred_thousand_recipients_fit_in_little_memory(tmp_path: Path) -> None:
    from pressrun.mailing.ledger import Frozen, Ledger

    path = tmp_path / "list.csv"
    path.write_text("address\n" + "\n".join(f"reader-{number}@example.org" for number in range(100_000)))
    tracemalloc.start()
    book = Ledger(tmp_path / "ledger.sqlite")
    book.freeze("trial", Frozen(b"", "digest", "list"), "now", ((r.key, r.address, "", "") for r in lists.read(path)))
    assert book.counts("trial")["queued"] == 100_000
    book.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{peak / 1e6:.0f} MB")
    assert peak < 60e6


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ledger": '])
def test_a_receipt_that_is_none_stops_the_sending(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sleep.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sending.Stopped, match=r"sleep\.json is no receipt\. Bring it back from git"):
        sending.received(path)
