"""What stands behind the code of a copy on paper, today and for ever."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import html5lib
import pytest
from conftest import ARTICLE, NOW, Workshop

from pressrun import records
from pressrun.model import Record

LATER = datetime(2026, 3, 1, tzinfo=UTC)
REVIEWED = "review: {by: Somebody, on: 2025-03-01, next: 2026-01-15}\n"
WITHDRAWN = "withdrawn: {date: 2025-05-01, reason: A number was wrong.}\n"


def _codes(workshop: Workshop) -> list[str]:
    return [path.split("/")[2] for path in workshop.tree() if path.startswith("web/verify/")]


def _answer(workshop: Workshop, code: str) -> str:
    return workshop.read(f"web/verify/{code}/index.html")


def _said(page: str) -> str:
    """The words of the page's main part."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", f"<{main}")).split())


def _given_out(workshop: Workshop) -> str:
    """The code of the one article there is, which is recorded now."""
    workshop.build()
    (code,) = _codes(workshop)
    record = Record(
        code=code, id="sleep", slug="sleep", title="Sleep and You", revision=1,
        date=datetime(2025, 3, 14, tzinfo=ZoneInfo("America/New_York")), recorded=NOW,
    )  # fmt: skip
    records.append(workshop.desk.content, [record])
    return code


@pytest.mark.parametrize(
    ("after", "now", "verdict", "more"),
    [
        (ARTICLE, NOW, "This copy is current.", "Read it on this site"),
        (ARTICLE + REVIEWED, NOW, "This copy is current.", "To print it again"),
        (ARTICLE + REVIEWED, LATER, "This copy is our newest, but it is due for a new check.", "January 15, 2026"),
        (ARTICLE + "expires: 2026-01-01\n", NOW, "This copy is current.", "You can keep it"),
        (ARTICLE + "expires: 2026-01-01\n", LATER, "This leaflet has expired.", "until January 1, 2026"),
        (ARTICLE + WITHDRAWN, NOW, "This leaflet was withdrawn.", "on May 1, 2025 . A number was wrong."),
        (ARTICLE + "draft: true\n", NOW, "This leaflet is no longer published.", "do not pass this copy on"),
        (ARTICLE + "channels: {handout: false}\n", NOW, "This leaflet is no longer published.", "Ask us"),
        (None, NOW, "This leaflet is no longer published.", "See what we publish today"),
        (
            ARTICLE.replace("A first", "Another first") + "revision: 2\nupdated: 2025-04-02\n",
            NOW,
            "There is a newer version of this leaflet.",
            "The newer version Sleep and You Version 2, April 2, 2025",
        ),
    ],
    ids=["current", "checked", "due", "good for now", "expired", "withdrawn", "draft", "off paper", "deleted", "newer"],
)
def test_a_code_that_was_given_out_is_answered_whatever_became_of_its_text(
    workshop: Workshop, after: str | None, now: datetime, verdict: str, more: str
) -> None:
    path = workshop.article("sleep")
    code = _given_out(workshop)
    if after is None:
        path.unlink()
    else:
        path.write_text(after)

    assert workshop.build(now).faults == ()

    page = _answer(workshop, code)
    said = _said(page)
    heading = re.search("<h1>(.*)</h1>", page)
    assert heading
    assert heading[1].startswith(verdict)
    assert more in said
    assert f"Your copy Sleep and You Version 1, March 14, 2025 Document code {code}" in said
    assert "988 Suicide & Crisis Lifeline" in said
    assert '<meta name="robots" content="noindex, follow">' in page
    parser = html5lib.HTMLParser()
    parser.parse(page)
    assert parser.errors == []
    assert "<script" not in page


def test_the_code_of_a_text_is_answered_before_it_is_recorded(workshop: Workshop) -> None:
    workshop.article("sleep")
    workshop.article("paperless", ARTICLE + "channels: {handout: false}\n")

    workshop.build()

    (code,) = _codes(workshop)
    assert "This copy is current." in _answer(workshop, code)


def test_what_is_newer_is_linked_as_page_and_as_handout(workshop: Workshop) -> None:
    path = workshop.article("sleep")
    code = _given_out(workshop)
    path.write_text(ARTICLE.replace("A first", "Another first"))
    workshop.build()
    (present,) = {*_codes(workshop)} - {code}

    page = _answer(workshop, code)

    assert 'href="../../sleep/index.html"' in page
    assert 'href="../../handout/sleep-a4.pdf"' in page
    assert f"Document code {present}" in _said(page)


def test_a_text_that_comes_back_makes_its_copies_current_again(workshop: Workshop) -> None:
    path = workshop.article("sleep")
    code = _given_out(workshop)
    path.write_text(ARTICLE.replace("A first", "Another first"))
    workshop.build()
    path.write_text(ARTICLE)
    workshop.build()

    assert _codes(workshop) == [code]
    assert "This copy is current." in _answer(workshop, code)


def test_a_renamed_article_answers_for_its_old_copies(workshop: Workshop) -> None:
    path = workshop.article("sleep")
    code = _given_out(workshop)
    path.unlink()
    workshop.article("rest", ARTICLE.replace("A first", "Another first") + "aliases: [sleep]\n")

    workshop.build()

    assert 'href="../../rest/index.html"' in _answer(workshop, code)


@pytest.mark.parametrize("state", ["draft: true", "date: 2026-03-14"])
def test_no_page_tells_of_what_is_not_published_yet(workshop: Workshop, state: str) -> None:
    """Neither of an article that is to come, nor of a new text under the name of one that was given out."""
    workshop.article("sleep")
    code = _given_out(workshop)
    key, _, value = state.partition(": ")
    workshop.article("sleep", title="A Secret Plan", **{key: value})
    workshop.article("other", title="A Secret Too", **{key: value})

    workshop.build()

    assert _codes(workshop) == [code]
    assert "Secret" not in _answer(workshop, code)
    assert "no longer published" in _answer(workshop, code)


def test_a_faulty_article_answers_with_its_last_good_text(workshop: Workshop) -> None:
    path = workshop.article("sleep")
    code = _given_out(workshop)
    workshop.build()
    path.write_text("title: [")

    assert len(workshop.build().faults) == 1
    assert "This copy is current." in _answer(workshop, code)


def test_a_broken_record_is_a_fault_and_takes_no_page_away(workshop: Workshop) -> None:
    path = workshop.article("sleep")
    code = _given_out(workshop)
    path.unlink()
    workshop.article("other")
    workshop.build()
    before = _answer(workshop, code)
    workshop.write(f"content/{records.PATH}", "<<<<<<< mine\n")

    result = workshop.build()

    assert [fault.place.path for fault in result.faults] == [f"content/{records.PATH}"]
    assert _answer(workshop, code) == before


def test_a_recorded_code_is_answered_in_the_same_words_before_and_after(workshop: Workshop) -> None:
    """Recording changes no output, so nothing has to be built or uploaded after it."""
    workshop.article("sleep")
    workshop.build()
    before = workshop.tree()
    _given_out(workshop)

    workshop.build(NOW + timedelta(minutes=1))

    assert {path: data for path, data in workshop.tree().items() if "verify" in path} == {
        path: data for path, data in before.items() if "verify" in path
    }
