"""All proofs as one: what is told, what fails, and what is named because it could not run."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from conftest import ARTICLE, NOW, ROOT, Workshop
from invoke.context import Context
from invoke.exceptions import Exit

from pressrun import tasks
from pressrun.channels import NAMES
from pressrun.faults import Place
from pressrun.proof import run
from pressrun.proof.rulings import Finding
from pressrun.proof.run import Nothing, Verdict, Wish
from pressrun.proof.web import engines
from pressrun.tasks import proving, terminal

_WARNING = Finding(Place("content/articles/x.yaml", 3, 4), "stigma", "warn", "'x' is here.", "Say: y.")
_ERROR = _WARNING._replace(severity="error")
CLOCK = NOW.isoformat()


@pytest.mark.parametrize(
    ("verdict", "said", "fails"),
    [
        (Verdict("Two things"), "Two things: no errors.", ()),
        (Verdict("It", (_WARNING,)), "It: no errors, 1 warning.", ("strict",)),
        (Verdict("It", (_ERROR, _WARNING, _WARNING)), "It: 1 error, 2 warnings.", ("", "strict", "full")),
        (Verdict("It", ("a finding without severity",)), "It: 1 error.", ("", "strict", "full")),
        (Verdict("It", lacking=("No Java.",)), "It: no errors, and not everything could run.", ("full",)),
    ],
)
def test_a_verdict_is_a_line_and_fails_for_what_it_must(verdict: Verdict, said: str, fails: tuple[str, ...]) -> None:
    assert str(verdict) == said
    assert verdict.fails() is ("" in fails)
    assert verdict.fails(strict=True) is ("strict" in fails)
    assert verdict.fails(full=True) is ("full" in fails)


def _with(monkeypatch: pytest.MonkeyPatch, *verdicts: Verdict) -> None:
    monkeypatch.setattr(run, "PROOFS", {str(number): lambda _, v=v: v for number, v in enumerate(verdicts)})


def test_only_strictly_do_warnings_and_missing_programs_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = Verdict("Three handouts", lacking=("veraPDF cannot run: install Java.",))
    _with(monkeypatch, Verdict("One", (_WARNING,), ("A note.",)), lacking)

    proving.prove_all(Context())
    told = capsys.readouterr()
    assert told.out == "A note.\nOne: no errors, 1 warning.\nThree handouts: no errors, and not everything could run.\n"
    assert told.err == f"{_WARNING}\nveraPDF cannot run: install Java.\n"

    with pytest.raises(Exit) as full:
        proving.prove_all(Context(), full=True)
    with pytest.raises(Exit) as strict:
        proving.prove_all(Context(), strict=True)
    assert full.value.message == "Three handouts: no errors, and not everything could run."
    assert strict.value.message == f"One: no errors, 1 warning.\n{full.value.message}"
    assert (full.value.code, strict.value.code) == (1, 1)


def test_a_proof_that_is_not_installed_is_named_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: Wish) -> Verdict:
        raise ModuleNotFoundError(name="page")

    monkeypatch.setattr(run, "PROOFS", {"one": absent, "two": lambda _: Verdict("Two")})

    first, second = run.everything(Wish(terminal.desk(), NOW))

    assert first.lacking == ("It cannot run: page is not installed.",)
    assert not first.fails()
    assert first.fails(full=True)
    assert str(second) == "Two: no errors."


def test_of_one_article_only_its_own_proofs_run_and_at_least_one_must(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(_: Wish) -> Verdict:
        raise Nothing("There is no handout of 'x' to prove.")

    wish = Wish(terminal.desk(), NOW, "x")
    monkeypatch.setattr(run, "PROOFS", {NAMES[3]: Verdict, "one": nothing, "two": lambda _: Verdict("Two")})
    assert list(run.everything(wish)) == [Verdict("Two")]
    assert list(run.everything(wish, ["two"])) == [Verdict("Two")]
    with pytest.raises(Nothing):
        list(run.everything(wish, ["one"]))
    proving.prove_all(Context(), article="x")
    left_out = "The feeds hold every article, and were left out: ./inv proof.feed judges them."
    assert capsys.readouterr().out == f"Two: no errors.\n{left_out}\n"
    # A site without handouts is proved all the same.
    assert list(run.everything(dataclasses.replace(wish, article="")))[-1] == Verdict("Two")

    monkeypatch.setattr(run, "PROOFS", {"one": nothing})
    with pytest.raises(Nothing, match="There is nothing of 'x' to prove"):
        list(run.everything(wish))


def test_every_proof_is_a_task_of_its_name() -> None:
    proofs = tasks.of(ROOT).collections["proof"]
    assert set(proofs.task_names) == {*run.PROOFS, "all"}
    assert set(run.PROOFS) >= {*NAMES, "language", "links", "review"}


def test_the_tasks_about_content_need_no_build(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "_STANDS", [workshop.root])
    workshop.article("sleep", ARTICLE.replace("A first", "The the first"), review="{by: A reader, next: 2025-06-02}")
    workshop.article("nap", ARTICLE.replace("A first", "TK first"), title="A nap", summary="Short.", draft="true")

    proving.prove_language(Context(), now=CLOCK)
    proving.prove_review(Context(), now=CLOCK)
    proving.prove_language(Context(), now=CLOCK, article="nap")

    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "1 article, 9 rules of language: no errors, 1 warning.",
        "1 article, 3 rules of review: no errors, 1 warning.",
        "1 article, 9 rules of language: no errors, 1 warning.",
    ]
    assert [line.split(": ")[1] for line in told.err.splitlines() if line.startswith("content/")] == [
        "warn doubled-word", "warn review-due", "warn placeholder",
    ]  # fmt: skip
    with pytest.raises(Exit, match="There is no article 'nope' to prove"):
        proving.prove_language(Context(), now=CLOCK, article="nope")
    with pytest.raises(Exit, match="There is no article 'nope' to prove"):
        proving.prove_review(Context(), now=CLOCK, article="nope")


def test_a_faulty_article_fails_the_proof_of_language(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "_STANDS", [workshop.root])
    workshop.article("sleep", colour="blue")

    with pytest.raises(Exit, match=r"0 articles, 9 rules of language: 1 error\."):
        proving.prove_language(Context(), now=CLOCK)

    assert "An article has no key 'colour'." in capsys.readouterr().err


def test_links_elsewhere_are_asked_on_request_alone(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pressrun.proof import elsewhere

    asked: list[object] = []
    monkeypatch.setattr(terminal, "_STANDS", [workshop.root])

    def answer(*order: object) -> tuple[list[Finding], list[str]]:
        asked.append(order)
        return [], ["Could not be checked: x."]

    monkeypatch.setattr(elsewhere, "prove", answer)
    workshop.article("sleep")

    for external in (False, True):
        with pytest.raises(Exit, match=r"Links within the site.*: 1 error"):
            proving.prove_links(Context(), now=CLOCK, external=external)
        assert len(asked) == external
    told = capsys.readouterr()
    assert told.out == "Links to other sites were left out: --external asks for them.\nCould not be checked: x.\n"
    assert "outputs/web:1:1: error link-lost: It has not been made. Run: ./inv build" in told.err


@pytest.mark.heavy
def test_a_sound_desk_passes_strictly_and_one_with_a_lost_page_does_not(
    published: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the project's own content only the postal address is still to be written."""
    shutil.copytree(published.root, tmp_path, symlinks=True, dirs_exist_ok=True)
    workshop = Workshop(tmp_path)
    monkeypatch.setattr(terminal, "_STANDS", [tmp_path])
    site = tmp_path / "content/site.yaml"
    text = site.read_text(encoding="utf-8").replace('"[Put your postal address here]"', "1 Example Street")
    site.write_text(text, encoding="utf-8")
    assert workshop.build(only=()).faults == ()

    if missing := [*run.handouts(Wish(workshop.desk, NOW)).lacking, *engines.lacking()]:
        pytest.skip(" ".join(missing))
    proving.prove_all(Context(), strict=True, now=CLOCK)
    assert capsys.readouterr().err == ""

    (tmp_path / "outputs/web/finding-help/index.html").unlink()
    with pytest.raises(Exit, match=r"Links within the site: \d+ errors?\."):
        proving.prove_all(Context(), strict=True, now=CLOCK)
    assert "https://www.example.org/finding-help/' leads to nothing that was made" in capsys.readouterr().err
