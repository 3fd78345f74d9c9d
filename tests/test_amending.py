"""Corrections and withdrawals: what is written, what each channel says then, and who gets an erratum."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import ARTICLE, NOW, SITE, Workshop
from test_tasks import Terminal, terminal  # noqa: F401  # a fixture

from pressrun import build, copies, edits, imprint, records
from pressrun.channels import handout
from pressrun.faults import Refused
from pressrun.mailing import ledger as sendings
from pressrun.mailing import posting, sending
from pressrun.model import plain
from pressrun.publishing import amending, approving, history, ledger
from pressrun.publishing.amending import Wish
from pressrun.publishing.ledger import Entry, Key, Lines

NOTE = 'We had *noon*: it is "the" morning.'


@pytest.fixture
def sent(workshop: Workshop, tmp_path: Path) -> Workshop:
    """A desk with an article that was sent, alone to one list and in an issue to another."""
    workshop.write("content/site.yaml", SITE + "editions: [a4]\nsearch: true\n")
    workshop.article("sleep", ARTICLE + "id: night\n")
    workshop.article("other", title="Another", summary="It stands.")
    workshop.write("content/newsletters/may.yaml", "subject: May\ndate: 2025-05-01\narticles: [sleep]\nlist: monthly\n")
    for issue in ("night", "may"):
        known = {"issue": issue, "ledger": "0" * 32, "message": "x", "begun": "2025-05-01T12:00:00+00:00"}
        workshop.write(f"content/{sending.RECEIPTS}/{issue}.json", json.dumps(known))
    book = sendings.Ledger(tmp_path / "lists" / sendings.NAME)
    book.freeze("night", sendings.Frozen(b"", "x", "outreach"), "2025-05-01", [])
    book.close()
    return workshop


def _wish(workshop: Workshop, editor: str = "") -> Wish:
    folder = {posting.FOLDER: str(workshop.root / "lists")}
    return Wish(Lines(workshop.desk.content), "run 1", editor, folder)


def _correct(workshop: Workshop, *, erratum: bool = False, editor: str = "") -> list[str]:
    wish = _wish(workshop, editor)
    what = amending.correction(workshop.desk, NOW, "sleep", NOTE, wish)
    return amending.carry_out(workshop.desk, NOW, what, wish, erratum=erratum)


def test_a_correction_is_in_the_file_and_in_every_channel(sent: Workshop) -> None:
    path = sent.root / "content/articles/sleep.yaml"
    before = path.read_text()
    found = build.read(sent.desk, NOW).publication
    code = next(code for code, one in copies.current(found, handout.NAME).items() if one.slug == "sleep")

    what = amending.correction(sent.desk, NOW, "sleep", NOTE, _wish(sent))
    assert path.read_text() == before, "nothing is written before somebody has decided"
    told = "\n".join(what.lines())
    for part in ("{+", "revision: 2", "web/sleep/index.html", "handout/sleep-a4.pdf", "newsletter/sleep.eml",
                 "feed/atom.xml", "replaced", "monthly, outreach"):  # fmt: skip
        assert part in told
    assert _correct(sent) == ["content/articles/sleep.yaml was written."]

    article = build.read(sent.desk, NOW).publication.find("sleep")
    assert article
    assert (article.revision, f"{article.updated:%Y-%m-%d}") == (2, "2025-06-01")
    (correction,) = article.corrections
    assert plain(correction.text) == 'We had noon: it is "the" morning.'
    lines = path.read_text().splitlines()
    assert [line for line in lines if line not in before.splitlines()] == [
        "corrections:", f"  - {{date: 2025-06-01, text: {json.dumps(NOTE)}}}", "updated: 2025-06-01", "revision: 2",
    ]  # fmt: skip
    assert [line for line in before.splitlines() if line not in lines] == []
    assert sent.build(only=()).faults == ()
    for name in ("web/sleep/index.html", "newsletter/sleep.html", "newsletter/sleep.txt", "feed/feed.xml"):
        assert "morning." in sent.read(name), name
    assert "There is a newer version of this leaflet." in sent.read(f"web/verify/{code}/index.html")


def test_a_second_correction_of_a_day_has_a_minute_of_its_own(sent: Workshop) -> None:
    _correct(sent)
    later = NOW + timedelta(hours=2)
    wish = _wish(sent)
    what = amending.correction(sent.desk, later, "sleep", "And noon.", wish)
    amending.carry_out(sent.desk, later, what, wish, erratum=False)

    article = build.read(sent.desk, later).publication.find("sleep")
    assert article
    assert article.revision == 3
    assert [one.date.isoformat() for one in article.corrections] == [
        "2025-06-01T00:00:00-04:00", "2025-06-01T10:00:00-04:00",
    ]  # fmt: skip


def test_a_withdrawal_is_told_by_page_verify_page_feed_search_and_lists(sent: Workshop) -> None:
    found = build.read(sent.desk, NOW).publication
    code = next(code for code, one in copies.current(found, handout.NAME).items() if one.slug == "sleep")
    assert sent.build(only=()).faults == ()
    wish = _wish(sent)
    what = amending.withdrawal(sent.desk, NOW, "sleep", "A number was *wrong*.", wish)
    assert "is told that it was withdrawn" in "\n".join(what.lines())

    amending.carry_out(sent.desk, NOW, what, wish, erratum=False)

    assert sent.build(only=()).faults == ()
    assert "This article was withdrawn on" in sent.read("web/sleep/index.html")
    verify = sent.read(f"web/verify/{code}/index.html")
    assert "This leaflet was withdrawn. Please do not use this copy." in verify
    for name in ("feed/feed.xml", "feed/atom.xml", "feed/feed.json"):
        assert "was withdrawn on" in sent.read(name), name
    for name in ("web/sleep/index.html", "feed/feed.xml", f"web/verify/{code}/index.html"):
        assert "wrong" in sent.read(name)
        assert "first paragraph" not in sent.read(name) or name.startswith("feed"), name
    assert "withdrawn" in sent.read("web/archive/a-z/index.html")
    assert not (sent.root / "outputs/handout/sleep-a4.pdf").exists()
    assert "data-pagefind-body" in sent.read("web/sleep/index.html"), "the search finds the notice"
    with pytest.raises(ValueError, match="'sleep' was withdrawn on 2025-06-01"):
        amending.withdrawal(sent.desk, NOW, "sleep", "Again.", wish)


def test_an_erratum_goes_to_each_list_that_had_the_text_and_is_a_draft(sent: Workshop) -> None:
    said = _correct(sent, erratum=True)

    found = build.read(sent.desk, NOW)
    assert found.faults == ()
    errata = {issue.list: issue for issue in found.publication.held_issues}
    assert set(errata) == {"monthly", "outreach"}
    assert all(issue.name in "".join(said) for issue in errata.values())
    for issue in errata.values():
        assert issue.draft
        assert issue.subject == "Sleep and You: Corrections"
        assert [(entry.slug, entry.teaser) for entry in issue.entries] == [("sleep", True)]
        assert issue.date == NOW
    path = sent.root / errata["outreach"].place.path
    path.write_text(path.read_text().replace("draft: true\n", ""))
    assert sent.build().faults == ()
    assert "it is &quot;the&quot; morning." in sent.read(f"newsletter/{path.stem}.html").replace(
        '"the"', "&quot;the&quot;"
    )
    entries = Lines(sent.desk.content).entries("night")
    decided = {entry.key.audience: entry.detail["erratum"] for entry in entries if entry.event == ledger.DECIDED}
    assert decided == {audience: issue.place.path for audience, issue in errata.items()}


def test_decisions_are_in_the_ledger_with_the_hashes_of_both_texts(sent: Workshop) -> None:
    before = build.read(sent.desk, NOW)
    old = before.texts.hash(before.publication.articles[0])
    _correct(sent)

    after = build.read(sent.desk, NOW)
    new = after.texts.hash(next(one for one in after.publication.articles if one.slug == "sleep"))
    corrected, *decided = Lines(sent.desk.content).entries("night")
    assert (corrected.event, corrected.key, corrected.by) == (ledger.CORRECTED, Key("night", hash=new), "run 1")
    assert (corrected.detail["note"], corrected.detail["earlier"]) == (NOTE, old)
    assert {(one.event, one.key.audience, one.detail["erratum"]) for one in decided} == {
        (ledger.DECIDED, "monthly", "none"), (ledger.DECIDED, "outreach", "none"),
    }  # fmt: skip


def test_who_was_sent_nothing_gets_no_erratum(sent: Workshop) -> None:
    wish = _wish(sent)
    what = amending.correction(sent.desk, NOW, "other", NOTE, wish)
    assert what.audiences == ()
    assert list(what.lines())[-1] == "It was sent to nobody, so nobody needs an erratum."
    amending.carry_out(sent.desk, NOW, what, wish, erratum=True)
    assert [path.name for path in (sent.root / "content/newsletters").iterdir()] == ["may.yaml"]


def test_lists_are_known_from_the_ledger_too(sent: Workshop) -> None:
    wish = _wish(sent)
    wish.book.append(Entry(key=Key("other", "newsletter", "friends", "x"), event=ledger.SENT, at=NOW, by="run 1"))
    assert amending.correction(sent.desk, NOW, "other", NOTE, wish).audiences == ("friends",)


@pytest.mark.parametrize("make", [amending.correction, amending.withdrawal])
def test_one_that_was_ended_midway_is_finished_by_asking_again(
    sent: Workshop, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = _wish(sent)

    def ended(*_: Entry) -> None:
        raise KeyboardInterrupt

    what = make(sent.desk, NOW, "sleep", NOTE, wish)
    with monkeypatch.context() as power:
        power.setattr(Lines, "append", ended)
        with pytest.raises(KeyboardInterrupt):
            amending.carry_out(sent.desk, NOW, what, wish, erratum=True)
    written = (sent.root / "content/articles/sleep.yaml").read_bytes()
    assert wish.book.entries() == []

    what = make(sent.desk, NOW, "sleep", NOTE, wish)
    assert next(what.lines()) == (
        "content/articles/sleep.yaml says so already. What may be missing beside it is made up for."
    )
    said = amending.carry_out(sent.desk, NOW, what, wish, erratum=True)

    assert said[0] == "content/articles/sleep.yaml stays as it is."
    assert (sent.root / "content/articles/sleep.yaml").read_bytes() == written
    assert [entry.event for entry in wish.book.entries("night")] == [what.event, ledger.DECIDED, ledger.DECIDED]
    assert len(build.read(sent.desk, NOW).publication.held_issues) == 2
    records = (sent.root / "content/records/handouts.jsonl").read_text().splitlines()
    assert len([line for line in records if '"slug": "sleep"' in line]) == 1, "the code of the text of before alone"


def test_nothing_is_corrected_where_readers_have_every_word_already(sent: Workshop) -> None:
    wish = _wish(sent)
    assert amending.correction(sent.desk, NOW, "sleep", NOTE, wish)
    found = build.read(sent.desk, NOW)
    text = found.texts.hash(next(one for one in found.publication.articles if one.slug == "sleep"))
    wish.book.append(Entry(key=Key("night", "web", "live", text), event=ledger.VERIFIED, at=NOW, by="run 1"))
    with pytest.raises(ValueError, match="Readers have every word of 'sleep' as it is now: put right what is wrong in"):
        amending.correction(sent.desk, NOW, "sleep", NOTE, wish)
    assert amending.correction(sent.desk, NOW, "sleep", NOTE, replace(wish, note_alone=True))
    assert amending.withdrawal(sent.desk, NOW, "sleep", NOTE, wish)


def test_where_approval_is_required_the_editor_approves_at_once_or_readers_wait(sent: Workshop) -> None:
    sent.write("content/site.yaml", SITE + "editions: [a4]\napproval: required\neditors: [Red Pen]\nfour_eyes: true\n")
    for name in ("sleep", "other", "may"):
        approving.approve(sent.desk, build.read(sent.desk, NOW), [name], "Red Pen")
    path = sent.root / "content/articles/sleep.yaml"
    path.write_text(path.read_text().replace("first paragraph", "better paragraph"))
    told = "".join(amending.correction(sent.desk, NOW, "sleep", NOTE, _wish(sent)).lines())
    assert "A [-first-]{+better+} paragraph." in told, "since the text that was approved last"
    assert "publish.approve sleep --as NAME" in "".join(_correct(sent))
    assert list(build.read(sent.desk, NOW).publication.waiting) == ["sleep"]

    wish = _wish(sent, "Red Pen")
    what = amending.withdrawal(sent.desk, NOW, "sleep", "It was wrong.", wish)
    said = amending.carry_out(sent.desk, NOW, what, wish, erratum=False)

    assert "Red Pen has approved it." in said
    publication = build.read(sent.desk, NOW).publication
    assert {article.slug: publication.state(article) for article in publication.articles} == {
        "sleep": "withdrawn", "other": "live",
    }  # fmt: skip
    with pytest.raises(ValueError, match="'Blue' is not among the editors"):
        amending.correction(sent.desk, NOW, "other", NOTE, _wish(sent, "Blue"))


def test_a_note_that_is_a_fault_leaves_everything_as_it_was(sent: Workshop) -> None:
    before = {path: path.read_bytes() for path in sent.desk.content.rglob("*") if path.is_file()}
    wish = _wish(sent)
    what = amending.correction(sent.desk, NOW, "sleep", "See a source.[^9]", wish)

    with pytest.raises(Refused, match="cites a source that is not there"):
        amending.carry_out(sent.desk, NOW, what, wish, erratum=True)

    assert {path: path.read_bytes() for path in sent.desk.content.rglob("*") if path.is_file()} == before
    with pytest.raises(ValueError, match="Say in a sentence"):
        amending.correction(sent.desk, NOW, "sleep", "  ", wish)
    with pytest.raises(ValueError, match="is an issue of the newsletter"):
        amending.correction(sent.desk, NOW, "may", NOTE, wish)
    sent.article("sleep", ARTICLE + "id: night\n# meanwhile\n")
    with pytest.raises(ValueError, match="was changed meanwhile"):
        amending.carry_out(sent.desk, NOW, what, wish, erratum=True)


def test_the_whole_history_is_told_in_its_order(sent: Workshop) -> None:
    sent.write("content/site.yaml", SITE + "editions: [a4]\neditors: [Red Pen]\n")
    approving.approve(sent.desk, build.read(sent.desk, NOW - timedelta(days=40)), ["sleep"], "Red Pen")
    book = Lines(sent.desk.content)
    book.append(Entry(key=Key("night", "web", "live", "abcdef0123"), event=ledger.VERIFIED, at=NOW - timedelta(days=39),
                      by="run 1", detail={"bytes": "12"}))  # fmt: skip
    path = sent.root / "content/articles/sleep.yaml"
    path.write_text(path.read_text().replace("first paragraph", "better paragraph"))
    _correct(sent)

    lines = history.told(sent.desk, NOW, "sleep", book)

    code = records.read(sent.desk.content)[0][0].code
    assert imprint.is_code(code)
    fetched = "The page with the text abcdef01 was read back from where it is live, and is the same"
    expected = (
        "2025-04-22 08:00  Red Pen approved the text ",
        f"2025-04-23 08:00  {fetched} for 'live', by run 1. bytes: 12.",
        "2025-05-01 08:00  The newsletter 'may' began to be sent; the ledger 00000000 knows to whom.",
        "2025-05-01 08:00  The newsletter 'night' began to be sent; the ledger 00000000 knows to whom.",
        f"2025-06-01 08:00  Handout {code}, version 1, was remembered; it is replaced now.",
        "2025-06-01 08:00  The article with the text ",
        "2025-06-01 08:00  The newsletter with the text ", "2025-06-01 08:00  The newsletter with the text ",
    )  # fmt: skip
    assert len(lines) == len(expected)
    for line, begins in zip(lines, expected, strict=True):
        assert line.startswith(begins)


# ---- lines in an author's file

HEAD = "title: A  # a comment\ndate:   2025-03-14\nbody: |\n  Text.\n"
LONGER = HEAD.replace("14\n", "14\nrevision: 2\n")
PUT = {
    "behind the date": (HEAD, LONGER),
    "in place": (HEAD + "revision: 1   # the first\n", HEAD + "revision: 2   # the first\n"),
    "without a line's end": ("date: 2025-03-14", "date: 2025-03-14\nrevision: 2\n"),
    "with the ends of Windows": (HEAD.replace("\n", "\r\n"), LONGER.replace("\n", "\r\n")),
    "with a mark in front": (f"\ufeff{HEAD}", f"\ufeff{LONGER}"),
}
#: what stands behind the text, and what then does
ADDED = {
    "a list in lines": (
        "corrections:\n- {text: Old}\n\n# end\n",
        "corrections:\n- {text: Old}\n- {text: New}\n\n# end\n",
    ),
    "a list of several lines each": (
        "corrections:\n    - date: 2025-01-01\n      text: |\n        Old\n\ntags: [a]\n",
        "corrections:\n    - date: 2025-01-01\n      text: |\n        Old\n    - {text: New}\n\ntags: [a]\n",
    ),
    "a list in brackets": (
        "corrections: [{text: Old}]  # two\n",
        "corrections: [{text: Old}, {text: New}]  # two\n",
    ),
    "an empty list": ("corrections: []\n", "corrections: [{text: New}]\n"),
    "a list in brackets over lines": (
        "corrections: [\n  {text: Old}\n  ]\n",
        "corrections: [\n  {text: Old}\n  , {text: New}]\n",
    ),
}


@pytest.mark.parametrize("name", PUT)
def test_a_value_is_put_and_no_other_byte_changed(name: str) -> None:
    before, after = PUT[name]
    assert edits.put("x.yaml", before.encode(), "revision", "2").decode() == after


@pytest.mark.parametrize("name", ADDED)
def test_an_item_is_added_and_no_other_byte_changed(name: str) -> None:
    before, after = ADDED[name]
    assert edits.add("x.yaml", (HEAD + before).encode(), "corrections", "{text: New}").decode() == HEAD + after


def test_a_list_that_was_not_there_begins_behind_the_date() -> None:
    after = HEAD.replace("14\n", "14\ncorrections:\n  - {text: New}\n")
    assert edits.add("x.yaml", HEAD.encode(), "corrections", "{text: New}").decode() == after


@pytest.mark.parametrize("text", ["{title: A, date: 2025-03-14}\n", HEAD + 'revision: "\n  1"\n'])
def test_what_is_written_in_a_way_of_its_own_is_left_alone(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"x\.yaml is written in a way of its own\. Write this line into it: revision: 2"
    ):
        edits.put("x.yaml", text.encode(), "revision", "2")


def test_the_tasks(terminal: Terminal) -> None:  # noqa: F811  # the fixture
    content = terminal.root / "content"
    (content / "site.yaml").write_text(f"{SITE}editions: [a4]\napproval: required\neditors: [Red Pen]\n")
    article = content / "articles/sleep.yaml"
    article.write_text(ARTICLE)
    (content / f"{sending.RECEIPTS}").mkdir(parents=True)
    (content / sending.RECEIPTS / "sleep.json").write_text(
        '{"issue": "sleep", "ledger": "00000000", "begun": "2025-05-01T12:00:00+00:00"}'
    )
    assert "sleep  in review  2025-03-14" in terminal.inv("list").stdout
    anybody = terminal.inv("publish.approve", "sleep")
    assert (anybody.returncode, anybody.stdout) == (1, "Nobody has approved any text of it yet.\n")
    assert "Write --as NAME" in anybody.stderr
    done = terminal.inv("publish.approve", "sleep", "--as", "Red Pen")
    assert "approves the text" in done.stdout, done.stderr
    nothing = terminal.inv("publish.approve", "--all", "--as", "Red Pen")
    assert (nothing.returncode, nothing.stderr) == (1, "Nothing waits to be approved.\n")
    same = terminal.inv("publish.correct", "sleep", "--note", NOTE, "--no-erratum")
    assert (same.returncode, same.stderr[:30]) == (1, "Readers have every word of 'sl")
    article.write_text(ARTICLE.replace("first", "better"))
    before = article.read_bytes()
    unasked = terminal.inv("publish.correct", "sleep", "--note", NOTE)
    assert unasked.returncode == 1
    assert unasked.stderr.startswith("Shall they get an erratum? Write --erratum or --no-erratum. Nothing was changed.")
    assert article.read_bytes() == before

    done = terminal.inv("publish.correct", "sleep", "--note", NOTE, "--erratum")

    assert "corrected-2-sleep.yaml is a draft" in done.stdout, done.stderr
    assert "sleep has a newer text in review" in terminal.inv("list").stdout
    assert "{+corrections:" in terminal.inv("publish.approve", "sleep", "--show").stdout
    done = terminal.inv("publish.withdraw", "sleep", "--reason", "Wrong.", "--as", "Red Pen", "--no-erratum")
    assert "Red Pen has approved it." in done.stdout, done.stderr
    told = terminal.inv("publish.ledger", "sleep").stdout
    for words in ("Red Pen approved the text", "was corrected, by", "was withdrawn, by", "erratum: none", "Handout"):
        assert words in told
    for line in terminal.inv("list").stdout.splitlines():
        assert len(line) <= 100
