"""Publishing alone at night: what is due goes live, is looked at, is told of, once; and whatever is wrong is said."""

from __future__ import annotations

import http.server
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sink
from conftest import ARTICLE, NOW, ROOT, SITE, Workshop
from invoke.context import Context
from invoke.exceptions import Exit
from publisher import order

from pressrun import build, drafting
from pressrun.disk import Unwritable
from pressrun.model import Site
from pressrun.proof import run as proofs
from pressrun.proof.rules import Finding
from pressrun.proof.run import Verdict
from pressrun.publishing import history, run, status, targets
from pressrun.publishing.ledger import Lines
from pressrun.publishing.targets import Target
from pressrun.tasks import publishing as tasks
from pressrun.tasks import terminal

ISSUE = """\
subject: What helps when sleep does not come
date: 2025-06-01T08:00:00-04:00
preheader: A paragraph and an item, for everybody who reads this list
articles: [sleep]
list: outreach
"""
#: half an hour behind the issue's hour
NIGHT = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)


class Post:
    """A desk with a folder for a target, a list of people, and a mail server."""

    def __init__(self, workshop: Workshop, people: Path, settings: str = "", port: int = 9) -> None:
        self.workshop, self.people, self.live = workshop, people, workshop.root / "live"
        people.mkdir(exist_ok=True)
        (people / "outreach.csv").write_text("address\n" + "".join(f"ok-{n}@example.org\n" for n in range(20)))
        (people / "suppressed.txt").write_text("")
        relay = f"newsletter: {{relays: {{office: {{host: 127.0.0.1, port: {port}}}}}}}\n"
        targets = f"targets: {{live: {{folder: {self.live}}}}}\n"
        workshop.write("content/site.yaml", f"{SITE}editions: [a4]\n{relay}{targets}{settings}")
        workshop.article("sleep")
        workshop.article("nap", title="A Nap", channels="{handout: false}")
        workshop.write("content/newsletters/june.yaml", ISSUE)
        self.said: list[str] = []

    def publish(self, now: datetime = NIGHT, **more: str | bool) -> run.Account:
        self.said = []
        return run.publish(order(self.workshop.root, self.people, now, **more), self.said.append)

    def read(self, path: str) -> bytes | None:
        file = self.live / "current" / path
        return file.read_bytes() if file.is_file() else None

    def events(self) -> list[tuple[str, str, str]]:
        entries = Lines(self.workshop.desk.content).entries()
        return sorted((entry.key.id, entry.key.channel, entry.event) for entry in entries)

    def differences(self) -> list[str]:
        """Paths of what is live and is not what was built."""
        built = {
            path.removeprefix("web/"): data for path, data in self.workshop.tree().items() if path.startswith("web/")
        }
        folder = self.live / "current"
        live = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        return sorted(path for path in {*built, *live} if built.get(path) != live.get(path))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sink.Sink]:
    with sink.sink(tmp_path / "record") as found:
        yield found


@pytest.fixture
def post(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory, server: sink.Sink) -> Post:
    return Post(workshop, tmp_path_factory.mktemp("people"), port=server.port)


def test_what_is_due_goes_live_is_looked_at_listed_and_sent_and_a_second_run_does_nothing(
    post: Post, server: sink.Sink
) -> None:
    first = post.publish()
    assert first.problems == []
    assert post.differences() == []
    assert server.copies() == {f"ok-{number}@example.org": 1 for number in range(20)}
    assert post.events() == [
        ("june", "newsletter", "begun"), ("june", "newsletter", "sent"), ("nap", "feed", "listed"),
        ("nap", "web", "verified"), ("sleep", "feed", "listed"), ("sleep", "web", "verified"),
    ]  # fmt: skip
    word = status.decoded(post.read("status.json"))
    assert word
    assert (word.problems, word.live, word.at) == (0, 2, NIGHT)
    records = (post.workshop.root / "content/records/handouts.jsonl").read_text()
    assert '"slug": "sleep"' in records

    again = post.publish(NIGHT + timedelta(minutes=5))
    assert (again.done, again.problems, post.said) == (0, [], [])
    assert sum(server.copies().values()) == 20
    assert post.differences() == []


def test_without_a_target_it_builds_proves_and_says_what_it_would_need(workshop: Workshop, tmp_path: Path) -> None:
    workshop.article("sleep", channels="{handout: false}")
    said: list[str] = []
    account = run.publish(order(workshop.root, tmp_path, NIGHT), said.append)
    assert account.problems == []
    assert [line for line in said if "site.yaml names no target" in line]
    assert (workshop.root / "outputs/web/sleep/index.html").is_file()
    assert not (workshop.root / "content/records").exists()


def test_a_rehearsal_says_what_would_go_out_and_nothing_leaves(post: Post, server: sink.Sink) -> None:
    account = post.publish(rehearsal=True)
    assert account.problems == []
    assert "Newsletter: june to the list 'outreach'" in post.said
    assert [line for line in post.said if line.startswith("Page: /sleep/ with ")]
    assert not post.live.exists()
    assert server.copies() == {}
    assert post.events() == []


@contextmanager
def _answering(answer: Any) -> Iterator[str]:
    """A site on this machine that answers as it is told; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        thread = threading.Thread(target=site.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{site.server_address[1]}"
        finally:
            site.shutdown()
            thread.join()


def _reply(handler: http.server.BaseHTTPRequestHandler, code: int, data: bytes) -> None:
    handler.send_response(code)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


@contextmanager
def _asked_elsewhere(opened: Any, site: Site, *asked: Any) -> Iterator[Target]:
    """A target whose readers find it at another address."""
    with opened(*asked) as target:
        target.read = lambda path: targets.fetch(site, path)
        yield target


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (404, "nothing is there"),
        (500, "answers 500"),
        (200, "it is not what was uploaded, but perhaps older"),
        (0, "does not answer"),
    ],
)
def test_a_page_that_is_not_live_as_it_was_made_holds_back_what_tells_of_it(
    post: Post, server: sink.Sink, monkeypatch: pytest.MonkeyPatch, answers: int, why: str
) -> None:
    """The target is a folder, and the site that is asked another one, which has all pages but this one right."""
    monkeypatch.setattr(targets, "_PATIENCE", 0.3)

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        path = handler.path.lstrip("/")
        if not path.startswith("sleep/"):
            _reply(handler, 200, post.read(path) or b"")
        elif answers:
            _reply(handler, answers, b"An older page")
        else:
            time.sleep(0.6)

    with _answering(answer) as address:
        text = (post.workshop.root / "content/site.yaml").read_text()
        post.workshop.write("content/site.yaml", f"{text}publish: {{patience: 1}}\n")
        site = replace(build.read_site(post.workshop.desk), base_url=address)
        monkeypatch.setattr(targets, "open_target", partial(_asked_elsewhere, targets.open_target, site))
        account = post.publish()

    assert account.problems[0].startswith("https://www.example.org/sleep/")
    assert why in account.problems[0]
    assert "The feeds are held back until these are live: sleep." in account.problems
    assert "The newsletter 'june' is held until live: sleep." in account.problems
    assert server.copies() == {}
    assert post.read("feed/feed.xml") is None
    assert ("nap", "web", "verified") in post.events()
    word = status.decoded(post.read("status.json"))
    assert word
    assert word.problems == 3


def test_a_newsletter_whose_hour_is_long_past_is_held_and_reported_once(post: Post, server: sink.Sink) -> None:
    late = post.publish(NIGHT + timedelta(days=2))
    assert [problem for problem in late.problems if "The newsletter 'june' is held: its hour was 2025-06-01" in problem]
    assert server.copies() == {}
    assert post.publish(NIGHT + timedelta(days=2, hours=1)).problems == []
    assert server.copies() == {}


def test_a_clock_that_went_back_publishes_nothing(post: Post) -> None:
    post.publish()
    post.workshop.article("new", title="New")
    account = post.publish(NIGHT - timedelta(minutes=6))
    assert account.problems == [
        (
            "The clock says 2025-06-01 12:24 UTC, and the last run ended at 2025-06-01 12:30 UTC. Nothing is published"
            " before the clock is right. If it is right now, and was wrong then, remove status.json from 'live'."
        )
    ]
    assert post.read("new/index.html") is None
    assert post.publish(NIGHT - timedelta(minutes=4)).problems == []


def test_a_text_that_comes_back_is_looked_at_again(post: Post, server: sink.Sink) -> None:
    post.publish()
    (post.people / "outreach.csv").unlink()  # nothing is sent any more
    last = len(post.events())
    nap = post.workshop.root / "content/articles/nap.yaml"
    first = nap.read_text()
    nap.write_text(first.replace("A first", "Another first"))
    assert post.publish(NIGHT + timedelta(minutes=1)).done == 2
    nap.write_text(first)
    assert post.publish(NIGHT + timedelta(minutes=2)).done == 2
    nap.unlink()
    assert post.publish(NIGHT + timedelta(minutes=3)).problems == []
    assert "'nap' was taken off the site." in post.said
    assert ("nap", "web", "taken off") in post.events()
    lines = history.told(post.workshop.desk, NIGHT, "nap", Lines(post.workshop.desk.content))
    assert len(lines) == 7
    assert "The page was taken off the site for 'live'" in lines[-1]
    with pytest.raises(ValueError, match="There is no article 'nop'"):
        history.told(post.workshop.desk, NIGHT, "nop", Lines(post.workshop.desk.content))
    nap.write_text(first)
    assert post.publish(NIGHT + timedelta(minutes=4)).done == 2
    assert len(post.events()) == last + 7
    assert sum(server.copies().values()) == 20


def test_what_was_rolled_back_is_looked_at_again_and_never_without_a_ledger(post: Post) -> None:
    terminal.stand(post.workshop.root)
    post.publish()
    post.workshop.article("new", title="New", channels="{handout: false}")
    post.publish(NIGHT + timedelta(minutes=1))
    path = _ledger(post)
    told = path.read_text()
    path.write_text("rubbish\n" + told)
    with pytest.raises(Exit, match=r"ledger\.jsonl:1:1: This line is no entry"):
        tasks.rollback(Context())
    assert post.read("new/index.html")
    path.write_text(told)
    tasks.rollback(Context())
    assert post.read("new/index.html") is None
    assert post.publish(NIGHT + timedelta(minutes=2)).done == 6


def test_a_run_that_breaks_leaves_no_good_word(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: object, *_entries: object) -> None:
        raise Unwritable("content/records/ledger.jsonl could not be written: No space left on device.")

    with monkeypatch.context() as broken:
        broken.setattr(Lines, "append", full)
        with pytest.raises(Unwritable):
            post.publish()
    lines, well = run.told(post.workshop.desk, NIGHT, {}, "")
    assert not well
    assert lines == ["The last run that left word ended 2025-06-01 12:30 UTC: 1 went wrong, 2 articles are live."]
    assert post.publish(NIGHT + timedelta(minutes=5)).problems == []


def test_a_letter_that_could_not_begin_is_held_when_its_hour_is_long_past(post: Post, server: sink.Sink) -> None:
    people = post.people / "outreach.csv"
    people.write_text("address\nnobody\n")
    assert ["outreach.csv:2:1" in problem for problem in post.publish().problems] == [True]
    people.unlink()
    (problem,) = post.publish(NIGHT + timedelta(minutes=5)).problems
    assert problem.startswith("The newsletter 'june' was not sent: There is no list 'outreach'")
    assert [event for event in post.events() if event[1] == "newsletter"] == []
    assert (post.workshop.root / "content/records/handouts.jsonl").is_file(), "the run went on to its end"
    people.write_text("address\nok-1@example.org\n")
    (problem,) = post.publish(NIGHT + timedelta(days=2)).problems
    assert problem.startswith("The newsletter 'june' is held: its hour was")
    assert server.copies() == {}


@pytest.mark.parametrize(("people", "event"), [("ok-1", "sent"), ("later-1", "held")])
def test_a_letter_whose_words_changed_behind_its_sending_fails_one_run_at_the_most(
    post: Post, people: str, event: str
) -> None:
    (post.people / "outreach.csv").write_text(f"address\n{people}@example.org\n")
    post.publish()
    entries = [line for line in _ledger(post).read_text().splitlines(keepends=True) if '"sent"' not in line]
    _ledger(post).write_text("".join(entries))  # as if it had been sent by hand
    post.workshop.article("sleep", title="Sleep and All of You")
    problems = post.publish(NIGHT + timedelta(minutes=20)).problems
    told = "The newsletter 'june' is held, and 1 did not get it: 'june' has changed since its sending began."
    assert [problem[: len(told)] for problem in problems] == [told] * (event == "held")
    assert ("june", "newsletter", event) in post.events()
    assert post.publish(NIGHT + timedelta(minutes=40)).problems == []


def _ledger(post: Post) -> Path:
    return post.workshop.root / "content/records/ledger.jsonl"


def test_runs_that_did_not_happen_are_told_with_what_they_would_have_published(post: Post) -> None:
    text = (post.workshop.root / "content/site.yaml").read_text()
    post.workshop.write("content/site.yaml", f"{text}publish: {{every: 60}}\n")
    post.publish()
    post.workshop.article("later", title="Later", date="2025-06-01T12:00:00-04:00", channels="{handout: false}")
    account = post.publish(NIGHT + timedelta(hours=8))
    assert account.problems == []
    assert post.said[:2] == [
        "7 runs did not happen since 2025-06-01 12:30 UTC.", "'later' was due 2025-06-01 12:00 EDT, and is late.",
    ]  # fmt: skip


def test_quiet_runs_are_not_taken_for_missed_ones(post: Post) -> None:
    text = (post.workshop.root / "content/site.yaml").read_text()
    post.workshop.write("content/site.yaml", f"{text}publish: {{every: 60}}\n")
    for hours in range(4):
        account = post.publish(NIGHT + timedelta(hours=hours))
        assert account.problems == []
        assert [line for line in post.said if "did not happen" in line] == []


def test_a_faulty_article_stays_live_as_it_was_and_fails_the_run_alone(post: Post) -> None:
    post.publish()
    before = post.read("sleep/index.html")
    post.workshop.article("sleep", colour="blue")
    post.workshop.article("nap", title="A Longer Nap", channels="{handout: false}")
    account = post.publish(NIGHT + timedelta(minutes=5))
    assert len(account.problems) == 1
    assert "sleep.yaml:1:1" in account.problems[0]
    assert post.read("sleep/index.html") == before
    assert b"A Longer Nap" in (post.read("nap/index.html") or b"")


def test_a_faulty_article_stays_live_even_where_nobody_remembers_it(post: Post) -> None:
    """As in a fresh clone of a CI: outputs/ are empty, and the target has what was live."""
    post.publish()
    before = post.read("sleep/index.html")
    shutil.rmtree(post.workshop.root / "outputs")
    post.workshop.article("sleep", colour="blue")
    account = post.publish(NIGHT + timedelta(minutes=5))
    assert account.problems
    assert post.read("sleep/index.html") == before


def test_outputs_that_are_not_as_they_should_be_are_not_uploaded(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "everything", lambda _: iter([Verdict("It", ("something leaks",))]))
    account = post.publish()
    assert account.problems == ["something leaks"]
    assert post.said[-1] == "Nothing was uploaded, since outputs/ are not as they should be."
    assert not post.live.exists()


def _found(post: Post, monkeypatch: pytest.MonkeyPatch, file: str) -> run.Account:
    """How a run goes when a proof finds an error in a file."""
    verdict = Verdict("It", (Finding(file, 1, "x", "Bad.", "Mend."),))
    monkeypatch.setattr(proofs, "everything", lambda _: iter([verdict]))
    return post.publish()


def test_an_error_in_a_letter_holds_that_letter_alone(
    post: Post, server: sink.Sink, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    account = _found(post, monkeypatch, "outputs/newsletter/june.eml")
    assert account.problems == ["The newsletter 'june' is held until what its proof says above is mended."]
    assert "outputs/newsletter/june.eml, page 1: x: Bad. Mend." in post.said
    assert post.read("sleep/index.html")
    assert server.copies() == {}
    assert _found(post, monkeypatch, "outputs/newsletter/nap.eml").problems == [], "it goes to nobody"
    assert len(server.copies()) == 20


def test_an_error_in_what_a_print_shop_gets_fails_the_run_and_holds_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    site = post.workshop.root / "content/site.yaml"
    site.write_text(site.read_text().replace("[a4]", "[a4, press]"))
    account = _found(post, monkeypatch, "outputs/handout/sleep-press.pdf")
    assert account.problems == ["outputs/handout/sleep-press.pdf, page 1: x: Bad. Mend."]
    assert post.read("sleep/index.html")


@pytest.mark.parametrize("file", ["outputs/handout/sleep-a4.pdf", "outputs/newsletter/june.html", "outputs/unknown"])
def test_an_error_in_what_readers_get_holds_everything(post: Post, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    assert _found(post, monkeypatch, file).problems == [f"{file}, page 1: x: Bad. Mend."]
    assert not post.live.exists()


def test_what_nobody_has_written_yet_is_not_published(post: Post) -> None:
    drafting.start(post.workshop.desk.content, "A New Article", NIGHT.date())
    account = post.publish()
    assert "new-article.yaml" in account.problems[0]
    assert "'Write here' waits to be replaced." in "".join(account.problems)
    assert not post.live.exists()
    path = post.workshop.root / "content/articles/a-new-article.yaml"
    path.write_text(path.read_text().replace(f"date: {NIGHT:%Y-%m-%d}", "date: 2025-07-01"))
    assert post.publish().problems == []
    assert [line for line in post.said if "'Write here' waits to be replaced." in line], "it is told, and not due"
    assert post.read("sleep/index.html")


def test_handouts_that_are_not_as_they_should_be_are_not_recorded(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    assert post.workshop.build(only=("handout",)).faults == ()
    terminal.stand(post.workshop.root)
    findings = [Finding(f"outputs/handout/{name}", 1, "x", "Bad.", "Mend.") for name in ("thumbnails/a.png", "a.pdf")]
    monkeypatch.setattr(proofs, "everything", lambda *_: iter([Verdict("It", tuple(findings))]))
    with pytest.raises(Exit, match=r"^outputs/handout/a\.pdf, page 1: x: Bad\. Mend\.\n1 fault to mend\.$"):
        tasks.handout(Context(), now="2030-01-01")
    assert not (post.workshop.root / "content/records").exists()
    monkeypatch.setattr(proofs, "everything", lambda *_: iter([Verdict("It")]))
    tasks.handout(Context(), now="2030-01-01")
    assert (post.workshop.root / "content/records/handouts.jsonl").is_file()


def test_what_is_due_and_not_approved_is_refused_with_what_changed(post: Post) -> None:
    from pressrun.publishing import approving

    text = (post.workshop.root / "content/site.yaml").read_text()
    post.workshop.write("content/site.yaml", f"{text}approval: required\neditors: [Somebody]\n")
    for name in ("sleep", "nap", "june"):
        approving.approve(post.workshop.desk, build.read(post.workshop.desk, NOW), [name], "Somebody")
    assert post.publish().problems == []
    before = post.read("nap/index.html")
    post.workshop.article(
        "nap", ARTICLE.replace("A first", "Another first"), title="A Nap", channels="{handout: false}"
    )
    account = post.publish(NIGHT + timedelta(minutes=5))
    assert account.problems == ["'nap' is due, and nobody has approved its text: ./inv publish.approve nap --as NAME"]
    assert [line for line in post.said if "[-A-]{+Another+} first paragraph." in line]
    assert post.read("nap/index.html") == before


def test_without_a_folder_that_lasts_a_run_of_ci_sends_nothing(post: Post, server: sink.Sink) -> None:
    asked = order(post.workshop.root, post.people, NIGHT)
    said: list[str] = []
    account = run.publish(replace(asked, environment={"CI": "true"}), said.append)
    (problem,) = account.problems
    assert problem == (
        "The newsletter 'june' was not sent: PRESSRUN_MAILING must name a folder that outlives this run: its ledger"
        " knows who got a copy."
    )
    assert server.copies() == {}
    assert post.publish(NIGHT + timedelta(minutes=5)).problems == []
    assert len(server.copies()) == 20


def test_a_heartbeat_is_called_after_a_run_that_went_well_alone(post: Post) -> None:
    called: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        called.append(handler.path)
        _reply(handler, 200, b"")

    with _answering(answer) as address:
        text = (post.workshop.root / "content/site.yaml").read_text()
        post.workshop.write("content/site.yaml", f"{text}heartbeat_url: {address}/alive\n")
        post.publish(NIGHT + timedelta(days=2))
        assert called == []
        post.publish(NIGHT + timedelta(days=2, minutes=5))
        assert called == ["/alive"]


# ---- ended anywhere, and two at once


def _start(post: Post, now: datetime = NIGHT) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        str(ROOT / "tests/publisher.py"),
        str(post.workshop.root),
        str(post.people),
        now.isoformat(),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})


def _ended(post: Post) -> int:
    process = _start(post)
    process.communicate(timeout=300)
    return process.returncode


def _storm(post: Post, kills: int) -> tuple[int, int]:
    """Ends runs at random instants of their work, each with something new to publish; how many, and of how many."""
    chance = random.Random(kills)
    started = time.monotonic()
    assert _ended(post) == 0
    whole = time.monotonic() - started
    killed = number = 0
    while killed < kills and number < 2 * kills:
        post.workshop.article(f"nap-{number}", title=f"Nap {number}", channels="{handout: false}")
        issue = ISSUE.replace("[sleep]", f"[sleep, nap-{number}]").replace("What helps", f"Night {number}, what helps")
        post.workshop.write(f"content/newsletters/issue-{number}.yaml", issue)
        process = _start(post)
        time.sleep(chance.uniform(0.1 * whole, 1.2 * whole))
        process.kill()
        process.communicate(timeout=30)
        killed += process.returncode == -9
        number += 1
        page = post.read("nap/index.html")
        assert page
        assert page.rstrip().endswith(b"</html>")
    return killed, number


def _accounted(post: Post, server: sink.Sink, letters: int) -> Counter[str]:
    """Holds what the ledger says of everybody to what the server took; how many there are of each state."""
    got = Counter((one["message_id"].strip("<>").rpartition(".")[0], one["recipient"]) for one in server.taken())
    got = Counter({(name.split(".")[0], who): count for (name, who), count in got.items()})
    with sqlite3.connect(post.people / "ledger.sqlite") as base:
        rows = base.execute("SELECT issue, address, state FROM delivery").fetchall()
    assert len(rows) == 20 * letters
    assert got.keys() <= {(issue, address) for issue, address, _ in rows}
    allowed = {"accepted": {1}, "unknown": {0, 1}}
    assert [row for row in rows if got[row[0], row[1]] not in allowed.get(row[2], ())] == []
    return Counter(state for _, _, state in rows)


def _killed(post: Post, server: sink.Sink, kills: int) -> None:
    killed, runs = _storm(post, kills)
    # What was lost on the way is told by the first run; the second has nothing left.
    codes = [_ended(post) for _ in range(3)]
    states = _accounted(post, server, runs + 1)
    print(f"{killed} kills: {dict(states)}; the runs behind ended with {codes}")
    assert killed == kills
    assert post.differences() == []
    assert codes[-1] == 0
    verified = {name for name, channel, event in post.events() if (channel, event) == ("web", "verified")}
    assert verified == {"sleep", "nap", *(f"nap-{number}" for number in range(runs))}


@pytest.mark.heavy
def test_a_run_that_is_killed_is_continued_by_the_next(post: Post, server: sink.Sink) -> None:
    _killed(post, server, 6)


@pytest.mark.long
def test_a_hundred_runs_that_are_killed(post: Post, server: sink.Sink) -> None:
    _killed(post, server, 100)


@pytest.mark.long
def test_two_runs_at_once_twenty_times(post: Post, server: sink.Sink) -> None:
    for number in range(20):
        post.workshop.write(f"content/newsletters/issue-{number}.yaml", ISSUE.replace("What", f"Night {number}, what"))
        pair = [_start(post), _start(post)]
        for process in pair:
            process.communicate(timeout=120)
        assert sorted(process.returncode for process in pair) == [0, 75]
    assert set(_accounted(post, server, 21)) == {"accepted"}


def test_two_runs_at_once_do_the_work_once(post: Post, server: sink.Sink) -> None:
    first, second = _start(post), _start(post)
    said = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert sorted([first.returncode, second.returncode]) == [0, 75]
    assert sum("Another run is publishing from here just now." in one for one in said) == 1
    assert sum(server.copies().values()) == len(server.copies()) == 20
