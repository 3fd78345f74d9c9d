"""What is published all the same, but not without a word."""

from __future__ import annotations

import pytest
from conftest import ARTICLE, NOW, Workshop

from pressrun import build

LINKS = ARTICLE.replace("A first paragraph.", "{}")


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("Look [here](https://example.com/).", 15, "The link 'here' does not say where it leads."),
        ("Look: [Read more](https://example.com/).", 21, "The link 'Read more' does not say where it leads."),
        ("Then [click here](https://example.com/).", 21, "The link 'click here' does not say where it leads."),
        ("Then click here to go on.", 8, "Nobody can 'click here' on paper."),
        ("See [the library's page on sleep](https://example.com/).", 0, ""),
        ("You are here. A clique heretofore. More is better.", 0, ""),
    ],
)
def test_a_link_that_does_not_say_where_it_leads_is_a_warning(
    workshop: Workshop, text: str, column: int, problem: str
) -> None:
    workshop.article("sleep", LINKS.format(text))

    found = build.read(workshop.desk, NOW)

    assert found.faults == ()
    told = [(fault.place.line, fault.place.column, fault.problem) for fault in found.warnings]
    assert told == ([(6, column, problem)] if problem else [])


def test_a_build_and_a_check_say_the_same_and_go_on(workshop: Workshop) -> None:
    workshop.article("sleep", LINKS.format("Look [here](https://example.com/)."))

    result = workshop.build()

    assert result.faults == ()
    assert len(result.warnings) == 1
    assert "'here'" in result.warnings[0]
    assert "web/sleep/index.html" in result.written


def test_two_articles_of_one_title_or_summary_are_told_apart_by_nobody(workshop: Workshop) -> None:
    workshop.article("a-first")
    workshop.article("b-second", title="Sleep, and Dreams")
    workshop.article("c-third", summary="Another one.")

    result = workshop.build()

    alike = [line.split(" Give each")[0] for line in result.warnings if "has the same" in line]
    assert alike == [
        "content/articles/b-second.yaml:2:1: content/articles/a-first.yaml has the same summary.",
        "content/articles/c-third.yaml:2:1: content/articles/a-first.yaml has the same title.",
    ]
