"""What is published all the same, but not without a word."""

from __future__ import annotations

from conftest import NOW, Workshop

from pressrun import build


def test_a_build_and_a_check_say_the_same_and_go_on(workshop: Workshop) -> None:
    workshop.article("sleep")
    workshop.article("rest", summary="Another one.")

    result, found = workshop.build(), build.read(workshop.desk, NOW)

    assert result.faults == found.faults == ()
    assert result.warnings == tuple(map(str, found.warnings))
    assert len(result.warnings) == 1
    assert "has the same title" in result.warnings[0]
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
