"""Golden cases: a folder of tests/importing/ holds what somebody brings, and `expected/` what becomes of it.

After a wanted change, `PRESSRUN_ACCEPT=1 inv test --match importing` writes the expected files anew; read the
difference before you commit it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import NOW, ROOT, Workshop

from pressrun import build
from pressrun.importing import report as reports
from pressrun.importing import run

CASES = sorted(path.parent for path in (ROOT / "tests/importing").glob("*/expected"))
FAULTS = yaml.safe_load((ROOT / "tests/importing/faults.yaml").read_text(encoding="utf-8"))


def _bring(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, case: Path, *, dry: bool = False) -> reports.Report:
    shutil.copytree(case, workshop.root / case.name, ignore=shutil.ignore_patterns("expected"), dirs_exist_ok=True)
    monkeypatch.chdir(workshop.root)
    return run.bring(workshop.desk, [Path(case.name)], NOW, run.How(dry=dry))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_somebody_brings_becomes_what_is_expected(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, case: Path
) -> None:
    report = _bring(workshop, monkeypatch, case)
    content = workshop.root / "content"
    made = {path.name: path.read_text(encoding="utf-8") for path in sorted((content / "articles").glob("*.yaml"))}
    made["report.txt"] = "\n".join([*reports.lines(report), ""])
    made["pictures.txt"] = "".join(
        f"{path.relative_to(content / 'images').as_posix()}\n" for path in sorted(content.rglob("images/*/*"))
    )

    expected = case / "expected"
    if os.environ.get("PRESSRUN_ACCEPT"):
        shutil.rmtree(expected, ignore_errors=True)
        expected.mkdir()
        for name, text in made.items():
            (expected / name).write_text(text, encoding="utf-8", newline="\n")
    assert {path.name for path in expected.iterdir()} == made.keys()
    for name, text in made.items():
        assert text == (expected / name).read_text(encoding="utf-8"), name
    asked = {report.imported[source] for source, one in report.asked if "has no description." in one.message}
    assert {fault.place.path for fault in build.read(workshop.desk, NOW).faults} == asked


@pytest.mark.parametrize(("said", "kept"), [("en-GB", False), ("EN", False), ("es-MX", True)])
def test_a_language_is_written_only_where_it_is_not_the_site_s(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, said: str, *, kept: bool
) -> None:
    workshop.write("sleep.md", f"---\ntitle: Sleep\nlanguage: {said}\n---\nSome text.\n")
    monkeypatch.chdir(workshop.root)

    run.bring(workshop.desk, [Path("sleep.md")], NOW)

    assert ("language:" in (workshop.root / "content/articles/sleep.yaml").read_text(encoding="utf-8")) == kept


def test_a_second_import_changes_nothing_and_says_so(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ROOT / "tests/importing/jekyll"
    _bring(workshop, monkeypatch, case)
    for path in (workshop.root / "content/articles").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("warm", "hot"), encoding="utf-8")
    before = {path: path.read_bytes() for path in (workshop.root / "content").rglob("*") if path.is_file()}

    report = _bring(workshop, monkeypatch, case)

    assert {path: path.read_bytes() for path in (workshop.root / "content").rglob("*") if path.is_file()} == before
    assert report.imported == {}
    assert sorted(report.there.values()) == ["content/articles/herbal-tea.yaml", "content/articles/milk.yaml"]


def test_a_dry_run_says_the_same_and_writes_nothing(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ROOT / "tests/importing/hugo"
    report = _bring(workshop, monkeypatch, case, dry=True)

    assert list(workshop.root.glob("content/*")) == [workshop.root / "content/site.yaml"]
    assert "\n".join([*reports.lines(report), ""]) == (case / "expected/report.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", FAULTS, ids=[entry["title"] for entry in FAULTS])
def test_a_file_that_cannot_be_brought_in_is_refused_in_these_words(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]
) -> None:
    workshop.write(entry.get("name", "x.md"), entry["text"].encode(entry.get("encoding", "utf-8")))
    monkeypatch.chdir(workshop.root)

    report = run.bring(workshop.desk, [Path(entry.get("name", "x.md"))], NOW)

    assert [f"{fault.place}: {fault.problem} {fault.remedy}" for fault in report.refused] == entry["faults"]
    assert report.imported == {}
    assert not (workshop.root / "content/articles").exists()


@pytest.mark.parametrize("reserved", ["about", "feed"])
def test_a_slug_that_is_taken_is_told(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, reserved: str) -> None:
    workshop.article("other", aliases="[sleep]")
    for folder in ("a", "b"):
        workshop.write(f"in/{folder}/sleep.md", "---\ntitle: Sleep\n---\nSome text.\n")
    workshop.write(f"in/{reserved}.md", f"---\ntitle: Sleep {reserved}\n---\nSome text.\n")
    monkeypatch.chdir(workshop.root)

    report = run.bring(workshop.desk, [Path("in")], NOW)

    assert sorted(report.imported.values()) == [
        f"content/articles/{slug}.yaml" for slug in sorted([f"{reserved}-page", "sleep-2", "sleep-3"])
    ]
    assert ("in/a/sleep.md", "Its slug 'sleep' is taken, so it is 'sleep-2'.") in report.notes
    assert build.read(workshop.desk, NOW).faults == ()
