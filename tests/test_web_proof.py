"""The proof of pages: good pages pass, and every rule, and no other, catches the defects that are seeded for it."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import NOW, ROOT, Workshop, absent
from invoke.context import Context
from invoke.exceptions import Exit

from pressrun.proof import rulings, run
from pressrun.proof.web import COUNT, NAMES, READABLE, RULES, engines, judge, made, site
from pressrun.proof.web.page import Page
from pressrun.proof.web.rules import BY_AXE, BY_NU, apply
from pressrun.tasks import proving, terminal

_WHOLE = "street-garden/index.html"
DEFECTS: list[dict[str, str]] = yaml.load(
    (ROOT / "tests/pages/defects.yaml").read_text(encoding="utf-8"), yaml.BaseLoader
)


@pytest.fixture(scope="module")
def good(site12: Workshop) -> made.Pages:
    return made.pages(site12.desk, NOW)


@pytest.fixture(scope="module")
def files(good: made.Pages) -> dict[str, bytes]:
    return dict(good.files())


@pytest.fixture(scope="module")
def briefs(good: made.Pages, files: dict[str, bytes]) -> dict[str, site.Brief]:
    """What is kept of each page to compare others with."""
    return {path: site.brief(_page(path, data, good)) for path, data in files.items()}


def _page(path: str, data: bytes, found: made.Pages) -> Page:
    return Page(path, data, found.asked.url(path))


def test_good_pages_have_no_findings(good: made.Pages, published: Workshop) -> None:
    content = made.pages(published.desk, NOW)

    assert [str(finding) for finding in made.prove(good)] == []
    assert [str(finding) for finding in made.prove(content)] == []
    assert len(good.paths) >= 60
    assert len(content.paths) >= 10
    assert good.asked.url(_WHOLE) in good.asked.mapped


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect["name"])
def test_a_seeded_defect_is_found_by_its_rule_and_no_other(
    good: made.Pages, files: dict[str, bytes], briefs: dict[str, site.Brief], defect: dict[str, str]
) -> None:
    path = defect.get("page", _WHOLE)
    text, count = re.subn(defect["find"], defect["put"], files[path].decode(), count=1, flags=re.DOTALL)
    assert count, f"{path} does not match {defect['find']}"

    page = _page(path, text.encode(), good)
    found = list(apply(page, good.asked, RULES, {}))
    found += site.compare(list({**briefs, path: site.brief(page)}.values()), good.asked, {})

    assert {finding.rule for finding in found} == {defect["rule"]}, [str(finding) for finding in found]


def test_there_is_a_defect_for_every_rule_and_rules_have_names_of_their_own() -> None:
    assert len(NAMES) == len(set(NAMES)) == COUNT - 1 + 2
    assert {defect["rule"] for defect in DEFECTS} == {*NAMES} - {BY_NU, BY_AXE}
    assert len({defect["name"] for defect in DEFECTS}) == len(DEFECTS) >= 100
    told = [(rule.source, rule.wanted) for rule in RULES] + [(rule.source, rule.wanted) for rule in site.RULES]
    assert all(source and wanted.endswith(".") for source, wanted in told)
    assert set(NAMES) <= set(rulings.names())


def test_a_page_that_cannot_be_read_is_told(good: made.Pages) -> None:
    broken = {"a/index.html": "é".encode("latin-1"), "b/index.html": b"", "c/index.html": b"<!DOCTYPE html>"}

    assert [(one.file, one.rule, one.others) for one in judge(broken.items(), good.asked)] == [
        ("outputs/web/a/index.html", READABLE, 0), ("outputs/web/b/index.html", READABLE, 1),
    ]  # fmt: skip


def test_what_templates_repeat_is_told_once_at_its_place(good: made.Pages, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        files = {**files, path: data.replace(b'<nav aria-label="More"', b"<nav ")}
    found = [one for one in judge(files.items(), good.asked) if one.problem == "A <nav> is called ''."]

    (one,) = found
    line = files["index.html"].decode().splitlines().index("<nav >") + 1
    assert (one.file, one.line, one.rule) == ("outputs/web/index.html", line, "page-nav-name")
    assert one.others > 40
    assert f":{line}: error page-nav-name: A <nav> is called ''. (Here and on {one.others} more.) Each" in str(one)
    assert str(one).endswith("[WCAG 2.4.1]")


def test_site_yaml_says_how_much_a_rule_matters(good: made.Pages, files: dict[str, bytes]) -> None:
    bad = {_WHOLE: files[_WHOLE].replace(b"<h1>", b'<h1 style="color: red" onclick="x()">')}
    changed = {"page-style": "warn", "page-script": "ignore", "page-translations": "ignore"}

    assert [(one.rule, one.severity) for one in judge(bad.items(), good.asked, changed)] == [("page-style", "warn")]


@pytest.fixture
def copy(site12: Workshop, tmp_path: Path) -> Workshop:
    shutil.copytree(site12.root, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Workshop(tmp_path)


def test_old_pages_are_told_and_not_judged(copy: Workshop) -> None:
    article = copy.root / "content/articles/leaflet.yaml"
    article.write_text(article.read_text(encoding="utf-8").replace("summary: ", "summary: Now ", 1), "utf-8")
    changed = copy.root / "outputs/web" / _WHOLE
    data = changed.read_bytes().replace(b"<h1>", b"<h1 style='color: red'>")
    changed.unlink()
    changed.write_bytes(data)
    (copy.root / "outputs/web/library/index.html").unlink()

    def found(article: str) -> list[tuple[str, str, str]]:
        proved = made.prove(made.pages(copy.desk, NOW, article))
        return [(one.file, one.rule, one.problem) for one in proved]

    old = "It is not made from what is there now."
    assert found("leaflet") == [("outputs/web/leaflet/index.html", "made", old)]
    assert found("street-garden") == [(f"outputs/web/{_WHOLE}", "made", old)]
    assert found("library") == [("outputs/web/library/index.html", "made", "It has not been made.")]


def test_the_proof_tells_how_much_it_looked_at_and_what_it_left_out(site12: Workshop) -> None:
    wish = run.Wish(site12.desk, NOW)
    verdict = run.PROOFS["web"](wish)

    assert str(verdict) == f"{len(made.pages(site12.desk, NOW).paths)} pages, {COUNT} rules: no errors."
    assert verdict.notes == ("The Nu Html Checker and axe were left out: --full asks for them.",)
    one = run.PROOFS["web"](dataclasses.replace(wish, article="huerto"))
    assert str(one).startswith("1 page, ")
    with pytest.raises(run.Nothing, match="There is no page of 'nope' to prove"):
        run.PROOFS["web"](dataclasses.replace(wish, article="nope"))


def test_the_task_fails_for_a_page_that_somebody_changed(
    copy: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "_STANDS", [copy.root])
    proving.prove_pages(Context(), now=NOW.isoformat(), article="huerto")
    assert capsys.readouterr().out.endswith(f"1 page, {COUNT} rules: no errors.\n")

    changed = copy.root / "outputs/web/huerto/index.html"
    data = changed.read_bytes()
    changed.unlink()
    changed.write_bytes(data + b" ")
    with pytest.raises(Exit, match=rf"1 page, {COUNT} rules: 1 error\."):
        proving.prove_pages(Context(), now=NOW.isoformat(), article="huerto")
    assert "outputs/web/huerto/index.html: error made: It is not made" in capsys.readouterr().err


def _said(good: made.Pages, rule: str, body: str) -> list[str]:
    page = _page("x", f'<html lang="en"><body>{body}</body></html>'.encode(), good)
    return [one.problem for one in apply(page, good.asked, RULES, {}) if one.rule == rule]


@pytest.mark.parametrize(
    ("words", "dials", "wrong"),
    [
        ("+44 (0)20 7946 0018", "+442079460018", False),
        ("Call 988, 24/7", "988", False),
        ("1-800-GARDEN", "+1800427336", False),
        ("Call us", "+18005550142", False),
        ("020 7946 0018", "+44-20-7946-0019", True),
        ("the desk: 555014", "555015", True),
    ],
)
def test_a_number_may_be_written_as_people_write_it(good: made.Pages, words: str, dials: str, wrong: bool) -> None:
    assert bool(_said(good, "page-number", f'<a href="tel:{dials}">{words}</a>')) is wrong


def test_a_letter_may_be_a_sign_and_a_word_needs_its_language(good: made.Pages) -> None:
    body = '<p>A β-blocker, 5 µg, <i lang="el">καλημέρα</i>, <i>καλησπέρα</i>.</p>'

    assert _said(good, "page-language-part", body) == ["'καλησπέρα' is in Greek letters, as 'en'."]


# ---- engines


def test_engines_that_are_not_here_are_named(site12: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engines, "_TOOLS", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    verdict = run.PROOFS["web"](run.Wish(site12.desk, NOW, "huerto", full=True))

    assert len(verdict.lacking) == 5
    assert [line.split(":")[0] for line in verdict.lacking] == [
        "The Nu Html Checker cannot run", "The Nu Html Checker cannot run", *["axe cannot run"] * 3,
    ]  # fmt: skip
    assert verdict.fails(full=True)
    assert verdict.findings == ()


def test_the_pages_for_axe_have_all_that_pages_have(good: made.Pages, files: dict[str, bytes]) -> None:
    chosen = engines.sample(good)

    def kinds(paths: Any) -> set[tuple[str, ...]]:
        return {kind for path in paths for kind in engines._kinds(_page(path, files[path], good))}

    assert kinds(chosen) == kinds(files)
    assert len(chosen) < len(files) / 2
    assert {"index.html", _WHOLE, "hadiqa/index.html", "search/index.html"} <= {*chosen}


@pytest.mark.heavy
def test_nu_and_axe_find_what_is_seeded_and_nothing_else(
    copy: Workshop, good: made.Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line in engines.lacking():
        absent(line)
    asked = good.asked._replace(live=copy.root / "outputs/web")
    some = dataclasses.replace(good, asked=asked, paths=(_WHOLE, "search/index.html"))
    assert [str(one) for one in engines.prove(some)] == []

    changed = asked.live / _WHOLE
    data = changed.read_bytes().replace(
        b'<a class="skip"', b'<p role="nothing">Out of all landmarks</p><a class="skip"'
    )
    changed.unlink()
    changed.write_bytes(data)
    sheet = next(asked.live.glob("assets/style.*.css"))
    css = sheet.read_text(encoding="utf-8")
    sheet.unlink()
    sheet.write_text(f"{css}\nmain {{ colour: red }}", encoding="utf-8")

    found = list(engines.prove(some))
    assert {(one.file, one.rule) for one in found} == {
        (f"outputs/web/{_WHOLE}", BY_NU), (f"outputs/web/assets/{sheet.name}", BY_NU),
        (f"outputs/web/{_WHOLE}", BY_AXE),
    }  # fmt: skip
    told = " ".join(one.problem for one in found)
    assert "aria-roles: " in told
    assert "region: " in told
    assert "(dark, 320 pixels wide)" in told
    place = data.decode().split('role="nothing"')[0].count("\n") + 1
    assert [one.line for one in found if one.rule == BY_NU] == [place, css.count("\n") + 2]
    monkeypatch.setattr(engines, "_TOOLS", copy.root)
    assert list(engines.prove(some)) == []
