"""The tables in tests/language/: text, and what the proof says of its language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ARTICLE, NOW, ROOT, SITE, Workshop

from pressrun import build
from pressrun.faults import Refused
from pressrun.proof import language, rulings, run
from pressrun.proof.language import grade
from pressrun.proof.language.vocabulary import vocabulary

HEAD = "title: Sleep and you\nsummary: What helps at night.\nauthors: [The Team]\ndate: 2025-03-14\n"
PLAIN = SITE.partition("helplines:")[0]
ENTRIES = {
    f"{path.stem}/{entry['title']}": entry
    for path in sorted((ROOT / "tests/language").glob("*.yaml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
}


def _article(entry: dict[str, Any]) -> str:
    text = "".join(f"  {line}\n" if line else "\n" for line in entry["text"].rstrip().split("\n"))
    spoken = f"language: {entry['language']}\n" if "language" in entry else ""
    body: str = entry.get("body", f"body: |\n{text}")
    keys: str = entry.get("keys", "")
    return HEAD + body + keys + spoken


def _prove(workshop: Workshop) -> list[language.Finding]:
    found = build.read(workshop.desk, NOW)
    assert found.faults == ()
    return list(language.prove(found.publication, found.publication.site))


@pytest.mark.parametrize("name", ENTRIES)
def test_a_text_is_judged_in_these_words(workshop: Workshop, name: str) -> None:
    entry = ENTRIES[name]
    workshop.write("content/site.yaml", PLAIN + entry.get("site", "").rstrip() + "\n")
    workshop.article("x", _article(entry))

    found = _prove(workshop)

    said = [f"{one.place.line}:{one.place.column} {one.rule}: {one.problem} {one.remedy}" for one in found]
    assert said == entry.get("findings", [])
    assert {one.severity for one in found} <= {*entry.get("levels", ["warn"])}
    for one in found:
        assert one.place.path == "content/articles/x.yaml"
        assert one.excerpt == _article(entry).splitlines()[one.place.line - 1]


def test_every_rule_has_cases_for_and_against_in_both_languages() -> None:
    for tag in ("en", "es"):
        cases = [entry for name, entry in ENTRIES.items() if name.startswith(f"{tag}/")]
        told = {said.split()[1].rstrip(":") for entry in cases for said in entry.get("findings", [])}
        assert told >= {*language.RULES}
        assert sum(not entry.get("findings") for entry in cases) >= 3
    assert {said.split()[1] for entry in ENTRIES.values() for said in entry.get("findings", [])} >= {"reason:"}


def test_a_finding_shows_its_line(workshop: Workshop) -> None:
    workshop.article("x", HEAD + "body: |\n  Look [here](https://example.com/).\n")

    (found,) = _prove(workshop)

    assert str(found) == (
        "content/articles/x.yaml:6:9: warn link-text: The link 'here' does not say where it leads. Say what is found "
        "there: it is printed, and read aloud out of its place.\n"
        "      Look [here](https://example.com/).\n            ^"
    )


def test_words_that_stand_twice_in_a_file_are_found_where_they_are_meant(workshop: Workshop) -> None:
    body = """\
body:
  - The word utilize-free stands here, [as a link](https://example.com/utilize/the/the).
  - table:
      caption: In a table
      columns: [One, Two]
      rows: [[plain, "we utilize it"], [plain, "it''s &eacute; utilize"]]
  - callout: {kind: note, title: A note, text: We utilize this.}
  - figure: {src: red.png, alt: A hand that utilizes, caption: Utilized}
  - button: {label: Utilise it, url: "https://example.com/"}
    only: web
channels:
  newsletter: {intro: We utilize letters.}
"""
    workshop.article("x", HEAD + body)
    workshop.write("content/images/red.png", (ROOT / "tests/cases/long-form/dot.png").read_bytes())

    found = [(one.place.line, one.place.column) for one in _prove(workshop)]

    lines = (HEAD + body).splitlines()
    words = [lines[line - 1][column - 1 : column + 6].lower() for line, column in found]
    assert words == [*["utilize"] * 5, "utilise", "utilize"]
    assert [line for line, _ in found] == [10, 10, 11, 12, 12, 13, 16]


def test_the_real_articles_with_their_reasons_and_the_specimen_have_no_findings(
    published: Workshop, site12: Workshop
) -> None:
    """The seed is published as it was written, and says why; the specimen is plain."""
    seed, plain = _prove(published), _prove(site12)

    assert seed == []
    assert plain == []


def test_the_articles_in_ten_forms_and_six_languages_raise_no_false_alarm(workshop: Workshop) -> None:
    for path in sorted((ROOT / "tests/articles").glob("*.yaml")):
        workshop.write(f"content/articles/{path.name}", path.read_bytes())
    workshop.write("content/images/dot.png", (ROOT / "tests/cases/long-form/dot.png").read_bytes())

    assert _prove(workshop) == []


def test_drafts_and_what_was_taken_back_are_left_out_until_they_are_asked_for(workshop: Workshop) -> None:
    bad = ARTICLE.replace("A first paragraph.", "TK")
    workshop.article("draft", bad, draft="true")
    workshop.article("later", bad, date="2030-01-01")
    workshop.article("gone", bad, withdrawn="{date: 2025-04-01, reason: It was wrong.}")

    found = build.read(workshop.desk, NOW).publication

    assert [one.place.path for one in language.prove(found, found.site)] == ["content/articles/later.yaml"]
    (draft,) = (article for article in found.held if article.draft)
    assert [one.rule for one in language.prove(draft, found.site)] == ["placeholder"]


def test_a_language_without_a_formula_or_a_list_is_named(workshop: Workshop) -> None:
    workshop.article("hadiqa", language="ar")
    workshop.article("garden", language="en-GB")

    found = build.read(workshop.desk, NOW).publication

    assert list(language.unmeasured(rulings.articles(found))) == [
        "No formula is known here for the reading grade of texts in 'ar' (hadiqa): it was not measured.",
        "Plain words, stigma and link texts in 'ar' (hadiqa) were not judged: that language has no list yet.",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("proof: {stigmas: warn}", "content/site.yaml:10:18: 'proof' has no rule 'stigmas'. Did you mean 'stigma'?"),
        ("proof: {stigma: {limit: 3}}", "The rule 'stigma' counts nothing. Delete its 'limit'."),
        ("proof: {mail-alt: {limit: 3}}", "The rule 'mail-alt' counts nothing. Delete its 'limit'."),
        ("proof: {reading-grade: {known: [x]}}", "The rule 'reading-grade' is not about words. Delete its 'known'."),
    ],
)
def test_a_rule_or_a_setting_that_there_is_not_is_told(workshop: Workshop, line: str, said: str) -> None:
    workshop.write("content/site.yaml", f"{SITE}{line}\n")

    with pytest.raises(Refused) as refused:
        _prove(workshop)

    assert said in str(refused.value)


def test_reasons_and_rulings_change_nothing_that_readers_get(workshop: Workshop) -> None:
    workshop.article("x")
    workshop.build(only=("web",))
    before = workshop.tree()

    workshop.article("x", proof="{stigma: A reason of its own.}")
    workshop.build(only=("web",))

    assert {name: data for name, data in workshop.tree().items() if name.startswith("web/")} == {
        name: data for name, data in before.items() if name.startswith("web/")
    }


ENGLISH = """
make 1 makes 1 looked 1 table 2 raises 2 wanted 2 people 2 science 2 addiction 3 withdrawal 3 symptoms 2 anxiety 4
depression 3 therapeutic 4 understanding 4 individuals 5 experience 4 issues 2 area 3 idea 3 create 2 being 2 the 1
hoped 1 needed 2 used 1 uses 2 changes 2 dishes 2 clothes 1 little 2 whole 1 rules 1 tables 2 management 3 statement 2
various 3 cautious 2 religion 3 nation 2 million 2 radio 3 video 3 usual 3 quiet 2 lion 2 medication 4 evaluate 4
question 2 social 2 special 2 potential 3 trying 2 carrying 3 mechanism 4 associated 5 something 2 therefore 2 careful 2
family 3 hospital 3 medicine 3 alcohol 3 receptor 3 dissociative 5 psychological 5 early 2 year 1 your 1 player 2
because 2 once 1 police 2 houses 2 places 2 judged 1 judges 2 added 2 helped 1 society 4 fluid 2 poem 2 real 1 museum 3
guide 1 eyes 1 types 1 league 1 technique 2 handled 2 hundred 2 fatigue 2 suicide 3 element 3 before 2
patient 2 audience 3 great 1 treated 2 leave 1 death 1 weather 2 tolerance 3 insomnia 4
practitioners 4 structured 2 following 3 benefit 3 whether 2
"""
SPANISH = """
casa 2 huerto 2 barrio 2 qué 1 pueden 2 agua 2 día 2 río 2 país 2 aéreo 4 guía 2 guitarra 3 pingüino 3 ciudad 2 viuda 2
leer 2 poeta 3 hoy 1 muy 1 y 1 yo 1 ayer 2 estudiáis 3 averiguáis 4 caos 2 adicción 3 síntomas 3 farmacéutico 5 oír 2
reúne 3 búho 2 aunque 2 quien 1 queso 2 psicología 5 terapéutico 5 buey 1 Paraguay 3 reyes 2 dieciséis 3 fue 1 guiar 1
ahora 3 prohíbe 3 maíz 2 baúl 2 antiguo 3 vergüenza 3 línea 3 héroe 3
"""


@pytest.mark.parametrize(("count", "table"), [(grade.english, ENGLISH), (grade.spanish, SPANISH)])
def test_syllables_are_counted_by_the_spelling(count: Any, table: str) -> None:
    words = table.split()
    wrong = {
        word: count(word) for word, right in zip(words[::2], words[1::2], strict=True) if count(word) != int(right)
    }
    assert wrong == {}


def test_the_formulas_are_the_published_ones() -> None:
    """Worked out by hand: 100 words in 5 sentences with 150 (200) syllables."""
    assert grade.flesch_kincaid(grade.Counts(5, 100, 150)).years == pytest.approx(0.39 * 20 + 11.8 * 1.5 - 15.59)
    assert grade.fernandez_huerta(grade.Counts(5, 100, 200)) == (8, "Fernández Huerta, 66 of 100")
    assert grade.fernandez_huerta(grade.Counts(1, 40, 120)) == (16, "Fernández Huerta, -14 of 100")


@pytest.mark.parametrize("tag", ["en", "es"])
def test_a_list_of_words_is_sound(tag: str) -> None:
    words = vocabulary(tag)

    assert words.written
    assert len(words.plain) >= 25
    assert len(words.stigma) >= 10
    assert all(term.better for term in (*words.plain, *words.stigma))
    assert words.authority.startswith("NIDA, ")


def test_each_language_that_has_a_formula_has_a_list_of_words() -> None:
    folder = Path(language.__file__).parent / "words"
    assert {path.stem for path in folder.glob("*.json")} == grade.LANGUAGES


def test_words_of_a_newsletter_issue_are_judged_in_its_file(workshop: Workshop) -> None:
    workshop.article("sleep", ARTICLE)
    lines = [
        "subject: News for an addict", "title: The the spring issue", "preheader: TK", "date: 2025-03-14",
        "articles: [{slug: sleep, as: teaser}]", "intro: |", "  Read more [here](sleep).",
    ]  # fmt: skip
    workshop.write("content/newsletters/spring.yaml", "\n".join(lines) + "\n")
    workshop.write("content/newsletters/later.yaml", "\n".join([*lines, "draft: true"]) + "\n")

    def told(article: str = "") -> tuple[str, list[tuple[str, int, str]]]:
        verdict = run.language(run.Wish(workshop.desk, NOW, article))
        of_issues = [one for one in verdict.findings if "newsletters" in one.place.path]
        return verdict.what, [(Path(one.place.path).stem, one.place.line, one.rule) for one in of_issues]

    expected = [(1, "stigma"), (2, "doubled-word"), (3, "placeholder"), (7, "link-text")]
    assert told() == (
        "1 article and 1 newsletter issue, 9 rules of language", [("spring", *one) for one in expected]
    )  # fmt: skip
    assert told("later")[1] == [("later", *one) for one in expected]
