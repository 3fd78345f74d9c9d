"""Anchors of headings: once on the web, they lead somewhere for ever."""

from __future__ import annotations

import json
import re

import pytest
from conftest import ARTICLE, NOW, Workshop

from pressrun import anchors, publishing
from pressrun.faults import Refused

_HEADINGS = "  ## Going to bed\n\n  Text.\n\n  ## Waking up\n\n  Text.\n\n  ## The day\n"
_HEADED = ARTICLE.replace("  ## A heading\n", _HEADINGS)


def _ids(page: str) -> list[tuple[str, list[str]]]:
    """Each heading of the text with the earlier anchors that lead to it."""
    text = page.partition('<div class="text">')[2].partition('<footer class="closing"')[0]
    headings = re.findall(r'<h[23] id="([^"]+)">(.*?)</h[23]>', text)
    return [(found, re.findall(r'<span id="([^"]+)">', inner)) for found, inner in headings]


def test_a_renamed_heading_keeps_its_earlier_anchor(workshop: Workshop) -> None:
    workshop.article("sleep", _HEADED)
    assert [article.slug for article in publishing.keep_anchors(workshop.desk, NOW)] == ["sleep"]

    workshop.article("sleep", _HEADED.replace("Waking up", "Getting up"))
    workshop.build()

    assert _ids(workshop.read("web/sleep/index.html")) == [
        ("going-to-bed", []), ("getting-up", ["waking-up"]), ("the-day", []),
    ]  # fmt: skip


def test_the_anchor_of_a_heading_that_is_gone_leads_to_the_next(workshop: Workshop) -> None:
    workshop.article("sleep", _HEADED)
    publishing.keep_anchors(workshop.desk, NOW)

    workshop.article("sleep", _HEADED.replace("  ## Waking up\n", ""))
    workshop.build()

    assert _ids(workshop.read("web/sleep/index.html")) == [("going-to-bed", []), ("the-day", ["waking-up"])]


def test_two_renamings_leave_both_earlier_anchors_once_each(workshop: Workshop) -> None:
    for name in ("Waking up", "Getting up", "Rising"):
        workshop.article("sleep", _HEADED.replace("Waking up", name))
        publishing.keep_anchors(workshop.desk, NOW)
    workshop.build()

    assert _ids(workshop.read("web/sleep/index.html"))[1] == ("rising", ["getting-up", "waking-up"])


def test_what_is_remembered_is_added_to_and_only_when_it_is_new(workshop: Workshop) -> None:
    workshop.article("sleep", _HEADED)
    publishing.keep_anchors(workshop.desk, NOW)
    path = workshop.root / "content" / anchors.PATH
    before = path.read_bytes()

    assert publishing.keep_anchors(workshop.desk, NOW) == []
    assert path.read_bytes() == before

    workshop.article("sleep", _HEADED.replace("The day", "Noon"))
    publishing.keep_anchors(workshop.desk, NOW)
    assert path.read_bytes().startswith(before)
    assert json.loads(path.read_text().splitlines()[-1])["anchors"] == ["going-to-bed", "waking-up", "noon"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1, "anchors": []}', '{"id": "sleep", "anchors": [""]}'])
def test_a_line_that_is_no_record_is_a_fault_at_its_place(workshop: Workshop, line: str) -> None:
    workshop.write(f"content/{anchors.PATH}", f'{{"id": "sleep", "anchors": ["waking-up"]}}\n{line}\n')
    workshop.article("sleep", _HEADED)

    (fault,) = workshop.build().faults

    assert str(fault.place) == f"content/{anchors.PATH}:2:1"
    with pytest.raises(Refused):
        publishing.keep_anchors(workshop.desk, NOW)


def test_headings_in_other_letters_have_anchors_of_their_own_words(workshop: Workshop) -> None:
    workshop.article("sleep", _HEADED.replace("Waking up", "ماذا تفعل؟"), language="ar")
    workshop.build()

    assert _ids(workshop.read("web/sleep/index.html"))[1] == ("ماذا-تفعل", [])


def test_a_heading_may_be_called_like_anything_in_the_program(workshop: Workshop) -> None:
    """Jinja looks for what a mapping does not hold among its methods."""
    headings = "".join(f"  ## {word}\n\n  ### {word}\n\n" for word in ("Values", "Items", "Copy", "Keys", "Get"))
    workshop.article("values", f"{ARTICLE}\n{headings}")
    assert workshop.build().faults == ()
    assert '<h2 id="values">Values</h2>' in workshop.read("web/values/index.html")
