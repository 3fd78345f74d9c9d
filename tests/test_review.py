"""What the proof says of reviews and translations that are due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import NOW, SITE, Workshop

from pressrun import build
from pressrun.proof import review
from pressrun.proof.rulings import Finding


def _prove(workshop: Workshop, days: int = 0) -> list[Finding]:
    found = build.read(workshop.desk, NOW + timedelta(days=days))
    assert found.faults == ()
    return list(review.prove(found.publication))


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2025-06-01", "warn review-past: The facts were to be checked again by 2025-06-01."),
        ("2024-01-01", "warn review-past: The facts were to be checked again by 2024-01-01."),
        ("2025-06-02", "warn review-due: The facts are to be checked again by 2025-06-02."),
        ("2025-07-01", "warn review-due: The facts are to be checked again by 2025-07-01."),
        ("2025-07-02", ""),
    ],
)
def test_a_review_that_is_past_or_due_within_thirty_days_is_told(workshop: Workshop, due: str, said: str) -> None:
    workshop.article("sleep", review=f"{{by: A reader, next: {due}}}")

    remedy = "Have them checked, then write who did, when, and when again, below 'review:'."
    line = f"review: {{by: A reader, next: {due}}}"
    expected = f"content/articles/sleep.yaml:1:30: {said} {remedy}\n    {line}\n{' ' * 33}^"
    assert [str(found) for found in _prove(workshop)] == ([expected] if said else [])


def test_the_site_says_how_soon_and_whether_that_matters(workshop: Workshop) -> None:
    workshop.article("sleep", review="{by: A reader, next: 2025-06-20}")
    workshop.article("past", review="{by: A reader, next: 2025-05-20}")
    workshop.write("content/site.yaml", f"{SITE}proof: {{review-due: {{limit: 7}}, review-past: error}}\n")

    assert [(one.rule, one.severity) for one in _prove(workshop)] == [("review-past", "error")]
    assert [one.rule for one in _prove(workshop, days=13)] == ["review-past", "review-due"]


def test_drafts_and_notices_wait_for_nobody_and_a_reason_holds(workshop: Workshop) -> None:
    past = "{by: A reader, next: 2025-05-20}"
    workshop.article("draft", review=past, draft="true")
    workshop.article("gone", review=past, withdrawn="{date: 2025-05-01, reason: It was wrong.}")
    workshop.article("excused", review=past, proof="{review-past: The reviewer is back in July.}")
    workshop.article("idle", proof="{review-past: The reviewer is back in July.}")

    assert [(one.rule, one.place.path) for one in _prove(workshop)] == [("reason", "content/articles/idle.yaml")]


def test_a_translation_behind_its_original_is_told(workshop: Workshop) -> None:
    workshop.article("sleep")
    workshop.article("dormir", language="es", translation_of="sleep", translated_from="0123456789abcdef")

    (found,) = _prove(workshop)

    assert (found.rule, found.severity, found.place.path) == (
        "translation-behind", "warn", "content/articles/dormir.yaml",
    )  # fmt: skip
    assert found.remedy == "Bring it up to date, then run ./inv fmt --translated dormir."
