"""How an article stands, as a table; and every clock to the microsecond."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from conftest import NOW, ROOT, SITE, Workshop

from pressrun import build
from pressrun.model import Article, states

TABLE = yaml.safe_load((ROOT / "tests/states.yaml").read_text(encoding="utf-8"))
TICK = timedelta(microseconds=1)


def _article(workshop: Workshop, **keys: str) -> Article:
    workshop.article("sleep", **keys)
    found = build.read(workshop.desk, NOW)
    assert found.faults == ()
    return next(iter((*found.publication.articles, *found.publication.held)))


@pytest.mark.parametrize("row", TABLE["states"], ids=str)
def test_the_table_of_states(workshop: Workshop, row: dict[str, Any]) -> None:
    article = _article(workshop, **row["keys"])
    known = {None: None, "yes": {"sleep"}, "no": set[str]()}

    notice = timedelta(days=int(row.get("notice", 0)))
    state = states.of(article, NOW, known[row.get("approved")], known[row.get("online")], notice)

    assert state == row["state"]
    assert (state in states.HELD) + (state in states.GONE) <= 1


def test_the_table_has_every_state() -> None:
    """And no state but those that are promised."""
    promised = ["draft", "in review", "approved", "scheduled", "live", "due for review", "withdrawn", "expired"]
    assert {states.said(row["state"]) for row in TABLE["states"]} == set(promised)


@pytest.mark.parametrize("row", TABLE["clocks"], ids=lambda row: row["case"])
def test_the_table_of_clocks(workshop: Workshop, row: dict[str, Any]) -> None:
    workshop.write("content/site.yaml", SITE.replace("America/New_York", row["zone"]))
    typed = row["typed"]
    if "refused" in row:
        workshop.article("sleep", date=typed)
        (fault,) = build.read(workshop.desk, NOW).faults
        assert fault.problem == row["refused"]
        return
    start, early = datetime.fromisoformat(row["from"]), "1999-01-01"
    for keys, before, after in (
        ({"date": typed}, states.SCHEDULED, states.LIVE),
        ({"date": early, "expires": typed}, states.LIVE, states.EXPIRED),
        ({"date": early, "withdrawn": f"{{date: {typed}, reason: Why.}}"}, states.LIVE, states.WITHDRAWN),
        ({"date": early, "review": f"{{by: B, next: {typed}}}"}, states.LIVE, states.DUE),
    ):
        article = _article(workshop, **keys)
        # Forward, back again and forward: an instant alone decides, not what was asked before.
        instants = [start - TICK, start, start - TICK, start + TICK]
        assert [states.of(article, now) for now in instants] == [before, after, before, after]


def test_a_clock_that_goes_back_takes_back_what_it_brought(workshop: Workshop) -> None:
    workshop.article("sleep", date="2025-06-01T09:00")
    hour = datetime.fromisoformat("2025-06-01T13:00:00+00:00")
    for now, out in ((hour, True), (hour - TICK, False), (hour, True)):
        workshop.build(now)
        assert (workshop.root / "outputs/web/sleep/index.html").is_file() == out


def test_an_issue_waits_for_its_hour_for_its_articles_and_for_approval(workshop: Workshop) -> None:
    workshop.article("sleep")
    workshop.article("later", date="2025-09-01", title="Later", summary="It comes later.")
    head = "subject: News\nlist: all\n"
    for name, more in {
        "out": "date: 2025-05-01\narticles: [sleep]\n", "soon": "date: 2025-07-01\narticles: [sleep]\n",
        "awaits": "date: 2025-05-01\narticles: [sleep, later]\n",
        "draft": "date: 2025-05-01\narticles: [sleep]\ndraft: true\n",
    }.items():  # fmt: skip
        workshop.write(f"content/newsletters/{name}.yaml", head + more)

    publication = build.read(workshop.desk, NOW).publication

    assert [issue.name for issue in publication.issues] == ["out"]
    assert {issue.name: publication.why_held(issue) for issue in publication.held_issues} == {
        "soon": "waits until 2025-07-01 00:00 EDT", "awaits": "waits for 'later', which is not out", "draft": "a draft",
    }  # fmt: skip
    (out,) = publication.issues
    assert states.of_issue(out, NOW, {"sleep"}, set()) == states.IN_REVIEW
    assert states.of_issue(out, NOW, {"sleep"}, {"out"}) == states.LIVE
