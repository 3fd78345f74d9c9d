"""What templates say by themselves in other languages: their catalogues, and what becomes of them in each channel."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from conftest import ROOT, SITE, Workshop

from pressrun import fonts, languages
from pressrun.languages import Catalogue, catalogue
from pressrun.templates import Templates, upright

FOLDER = ROOT / "templates/languages"
ARTICLES = ROOT / "tests/articles"
DAY = datetime(2025, 3, 14, tzinfo=UTC)
HELPLINES = """\
helplines:
  - {name: 988 Suicide & Crisis Lifeline, phone: "988", sms: "+1 (212) 555-0144"}
default_helplines: [988 Suicide & Crisis Lifeline]
editions: [a4]
"""
_FIELD = re.compile(r"%\(\w+\)s")
_TAG = re.compile(r"<[^>]*>")


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / ".ci/catalogues.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()


# ---- the catalogues


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_catalogue_has_the_words_of_today(language: str) -> None:
    """Otherwise run: python .ci/catalogues.py."""
    path = FOLDER / f"{language}.po"

    assert path.read_text(encoding="utf-8") == TOOL.renewed(language, TOOL.gathered(), TOOL.read(path))


@pytest.mark.parametrize(("language", "forms"), [("es", 2), ("ar", 6)])
def test_a_catalogue_is_whole_and_each_translation_has_the_fields_and_tags_of_the_english(
    language: str, forms: int
) -> None:
    found = TOOL.read(FOLDER / f"{language}.po")

    assert len(found) > 60
    assert (found.num_plurals, found.obsolete) == (forms, {})
    for message in (message for message in found if message.id):
        assert not message.fuzzy, message.id
        if isinstance(message.id, str):
            assert message.string, message.id
            for marks in (_FIELD, _TAG):
                assert Counter(marks.findall(message.string)) == Counter(marks.findall(message.id)), message.id
            assert message.id[:1].isspace() is message.string[:1].isspace(), message.id
            assert '"' in message.id or '"' not in message.string, "a style sheet may hold it"
        else:
            assert len(message.string) == forms, message.id
            assert all(message.string), message.id
            # One and two may be words.
            assert all(set(_FIELD.findall(form)) <= set(_FIELD.findall(message.id[1])) for form in message.string)
            assert _FIELD.findall(message.string[-1]) == _FIELD.findall(message.id[1])


def test_no_translation_is_the_english_word() -> None:
    same = {
        (language, message.id)
        for language in ("es", "ar")
        for message in TOOL.read(FOLDER / f"{language}.po")
        if message.id and message.string == message.id and _FIELD.sub("", message.id).strip(" ,")
    }
    assert same == set()


def test_arabic_has_six_forms_of_a_number() -> None:
    said = catalogue(ROOT / "templates", "ar")
    one, many = "%(num)s minute to read", "%(num)s minutes to read"
    forms = [said.ngettext(one, many, number) for number in (0, 1, 2, 3, 11, 100)]

    assert forms[1:3] == ["دقيقة واحدة للقراءة", "دقيقتان للقراءة"]
    assert said.ngettext(one, many, 105) == forms[3]
    assert said.ngettext(one, many, 99) == forms[4]
    assert said.ngettext(one, many, 101) == forms[5]


# ---- words and dates


@pytest.mark.parametrize(
    ("language", "date"),
    [("en", "March 14, 2025"), ("en-US", "March 14, 2025"), ("en-GB", "14 March 2025"), ("es", "14 de marzo de 2025"),
     ("es-MX", "14 de marzo de 2025"), ("ar", "14 مارس 2025"), ("xx", "March 14, 2025")],
)  # fmt: skip
def test_a_date_is_written_as_readers_write_it(language: str, date: str) -> None:
    assert catalogue(ROOT / "templates", language).date(DAY) == date


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [Catalogue("en").listed(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "", "A", "A and B", "A, B and C",
    ]  # fmt: skip
    assert Catalogue("es").listed(["A", "B", "C"]) == "A, B y C"
    assert Catalogue("ar").listed(["أ", "ب"]) == "أ وب"


def test_english_needs_no_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "find_spec", lambda _: None)

    for language in ("en-US", "es"):
        said = catalogue(ROOT / "templates", language)
        assert (said.gettext("Sources"), said.date(DAY), said.listed(["A", "B"])) == (
            "Sources", "March 14, 2025", "A and B",
        )  # fmt: skip
    tips = dict(languages.unspoken(ROOT / "templates", ["en", "es-MX", "ar"]))
    assert tips == dict.fromkeys(["ar", "es-MX"], "run: pip install 'pressrun[languages]'")


def test_names_in_a_list_are_escaped(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "templates/web/x.html").write_text('{{ ["<b>", "C"]|listed }}', encoding="utf-8")
    (tmp_path / "templates/web/x.txt").write_text('{{ ["<b>", "C"]|listed }}', encoding="utf-8")
    templates = Templates(tmp_path / "templates")

    assert templates.render("web", "x.html", language="es") == "&lt;b&gt; y C"
    assert templates.render("web", "x.txt", language="en") == "<b> and C"


def test_a_telephone_number_keeps_its_order_among_words_from_right_to_left() -> None:
    assert upright("هاتف +1 (212) 555-0143، 1-800-555-0199", "ar") == (
        "هاتف \u200e+1 (212) 555-0143، \u200e1-800-555-0199"
    )
    assert upright("Call 1-800-555-0199", "en") == "Call 1-800-555-0199"
    assert upright("عام 2025، الساعة 9:00", "ar") == "عام 2025، الساعة 9:00"


# ---- in the channels


def _built(workshop: Workshop, *slugs: str, only: tuple[str, ...] = ("newsletter", "handout")) -> None:
    workshop.write("content/site.yaml", SITE.partition("helplines:")[0] + HELPLINES)
    workshop.write("content/images/dot.png", (ROOT / "tests/cases/long-form/dot.png").read_bytes())
    for slug in slugs:
        workshop.article(slug, (ARTICLES / f"{slug}.yaml").read_text(encoding="utf-8"))
    assert workshop.build(only=only).faults == ()


def _printed(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    text = "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    document.close()
    return text


@pytest.mark.parametrize("slugs", [("es-library", "es-garden"), ("ar-library", "ar-garden")])
def test_no_english_word_of_ours_is_left_where_there_is_a_catalogue(workshop: Workshop, slugs: tuple[str, ...]) -> None:
    _built(workshop, *slugs)

    words = {
        re.sub(r"\s+", " ", part).strip(" .,:\u200e")
        for message in TOOL.read(FOLDER / "en.po") if message.id
        for text in ([message.id] if isinstance(message.id, str) else message.id)
        for part in _TAG.split(_FIELD.sub("<>", text))
    }  # fmt: skip
    words = {word for word in words if len(word) > 3} - {"unsubscribe", "with the subject"}
    for slug in slugs:
        html = re.sub(r"(?s)<style.*?</style>|<!--.*?-->", "", workshop.read(f"newsletter/{slug}.html"))
        handout = _printed(workshop.root / f"outputs/handout/{slug}-a4.pdf")
        made = {"html": _TAG.sub(" ", html), "txt": workshop.read(f"newsletter/{slug}.txt"), "handout": handout}
        for name, text in ((name, " ".join(text.split())) for name, text in made.items()):
            found = [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
            assert found == [], f"{slug} {name}"


def test_a_language_without_a_catalogue_has_english_words_that_say_so(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", SITE)
    workshop.article("cup", (ARTICLES / "he-cup.yaml").read_text(encoding="utf-8"))
    result = workshop.build(only=("newsletter",))

    assert '<span lang="en" dir="ltr">Read or print this on the web</span>' in workshop.read("newsletter/cup.html")
    tip = "Words of the pages in 'he' are English: write templates/languages/he.po; docs/languages.md says how."
    assert tip in result.tips


def test_another_language_is_one_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    pattern = (FOLDER / "en.po").read_text(encoding="utf-8")
    french = pattern.replace("Language: en", "Language: fr")
    for english, words in {"Sources": "Références", "By %(authors)s": "Par %(authors)s"}.items():
        assert f'msgid "{english}"\nmsgstr ""' in french
        french = french.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{words}"')
    (tmp_path / "templates/languages/fr.po").write_text(french, encoding="utf-8")
    workshop = Workshop(tmp_path)
    workshop.write("content/site.yaml", SITE)
    workshop.article("cup", language="fr", sources="[{title: Un livre}]", authors="[Anne, Luc]")

    result = workshop.build(only=("newsletter",))

    made = workshop.read("newsletter/cup.html")
    assert "Par Anne et Luc" in made
    assert "14&nbsp;mars&nbsp;2025" in made
    assert ">Références</h2>" in made
    assert not [tip for tip in result.tips if "'fr'" in tip]


# ---- typefaces of pages


def test_a_page_is_served_the_families_of_its_scripts_and_when_to_load_them() -> None:
    (arabic,) = fonts.needed("كوب")
    faces = {face.name: face for face, _ in fonts.served("web", "web/assets", [arabic])}

    assert list(faces)[-2:] == ["ibm-plex-sans-arabic-400", "ibm-plex-sans-arabic-700"]
    assert faces["ibm-plex-sans-arabic-400"].range == "U+600-6FF"
    css = Templates(ROOT / "templates").render("web", "faces.css", faces=[(face, "a.woff2") for face in faces.values()])
    assert css.count("unicode-range: U+600-6FF;") == css.count("unicode-range") == 2


def test_each_language_of_a_site_has_its_own_order_of_typefaces() -> None:
    texts = {"en": "Nguyễn Ử wrote " + "much in English " * 30, "ar": "كوب", "vi": "rửa chiếc cốc"}

    assert fonts.stacks("'Ours'", {language: Counter(text) for language, text in texts.items()}) == {
        "": "'Ours', 'Noto Sans Latin', 'IBM Plex Sans Arabic'",
        "ar": "'IBM Plex Sans Arabic', 'Ours'",
        "vi": "'Noto Sans Latin', 'Ours'",
    }
