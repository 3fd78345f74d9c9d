"""The tables in tests/faults/: faulty articles, each with its exact messages.

A table is YAML that a writer can extend. An entry has a `title`, the faulty `article` (saved as
content/articles/x.yaml, or under `name`), perhaps other lines of `site.yaml` and more `files` below content/, and the
`faults`: what is printed, without the excerpt. `printed` instead of `faults` is the whole message, with its excerpt.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import NOW, ROOT

from pressrun import channels, content, model
from pressrun.content import Content
from pressrun.faults import Fault, Refused

SITE = """\
name: Example Health
base_url: https://www.example.org
language: en-US
time_zone: America/New_York
email: info@example.org
"""
KEYS = {name: channels.load(name).KEYS for name in channels.NAMES}
ENTRIES = {
    f"{path.stem}/{entry['title']}": entry
    for path in sorted((ROOT / "tests/faults").glob("*.yaml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
}


def _read(root: Path, entry: dict[str, Any]) -> Content:
    files = {"site.yaml": entry.get("site", SITE)} | entry.get("files", {})
    if "article" in entry:
        files[f"articles/{entry.get('name', 'x')}.yaml"] = entry["article"]
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode(entry.get("encoding", "utf-8")))
    return content.read(root, KEYS, NOW)


def _faults(root: Path, entry: dict[str, Any]) -> tuple[Fault, ...]:
    try:
        return _read(root, entry).faults
    except Refused as refused:
        return refused.faults


@pytest.mark.parametrize("name", ENTRIES)
def test_a_faulty_article_is_refused_in_these_words(tmp_path: Path, name: str) -> None:
    entry = ENTRIES[name]

    faults = _faults(tmp_path, entry)

    if "printed" in entry:
        assert "\n".join(map(str, faults)) == entry["printed"]
    else:
        assert [f"{fault.place}: {fault.problem} {fault.remedy}" for fault in faults] == entry["faults"]
    for fault in faults:
        lines = (tmp_path.parent / tmp_path.name / fault.place.path.removeprefix("content/")).read_bytes()
        line = re.split(rb"\r\n|\n|\r", lines)[fault.place.line - 1].decode(entry.get("encoding", "utf-8-sig"))
        assert 1 <= fault.place.column <= len(line) + 1


def test_the_tables_hold_at_least_sixty_cases() -> None:
    titles = [entry["title"] for entry in ENTRIES.values()]
    assert len(titles) >= 60
    assert len(titles) == sum(
        text.count("\n- title:") + text.startswith("- title:")
        for path in (ROOT / "tests/faults").glob("*.yaml")
        for text in [path.read_text(encoding="utf-8")]
    )


def _followed(entry: dict[str, Any], fault: Fault) -> dict[str, Any] | None:
    """The entry with the corrected line in place of the faulty one; None when no single line was advised."""
    head, *advised = fault.remedy.split("\n    ")
    if len(advised) != 1 or not head.endswith(":"):
        return None
    key = "site" if fault.place.path == "content/site.yaml" else "article"
    lines = re.split(r"\r\n|\n|\r", entry[key])
    assert lines[fault.place.line - 1].removeprefix("\ufeff") != advised[0]
    return entry | {key: "\n".join([*lines[: fault.place.line - 1], advised[0], *lines[fault.place.line :]])}


#: where the advice can only guess: a misspelt block, a note in front of a value, a reference to something
GUESSES = re.compile(r"There is no block|merge key|and its alias|mapping as summary")


@pytest.mark.parametrize("name", [name for name in ENTRIES if "\n    " in str(ENTRIES[name].get("faults", [""])[0])])
def test_who_writes_the_corrected_line_has_no_second_fault(tmp_path: Path, name: str) -> None:
    entry = ENTRIES[name]
    for step in range(3):
        faults = _faults(tmp_path / str(step), entry)
        followed = _followed(entry, faults[0]) if faults else None
        if followed is None:
            break
        entry = followed
    assert entry is ENTRIES[name] or GUESSES.search(name) or (faults == () and step == 1)


def test_who_writes_the_corrected_lines_has_no_second_fault(tmp_path: Path) -> None:
    """A text of several lines, which is advised as a block below a bar."""
    faulty = ("- Remember: you are\n    not alone.", "- Remember, you are\n    not alone: call us.",
              "- [Sleep] is\n    good.", "- Sleep is # 1\n    of all.", '- "Sleep" is\n    good.')  # fmt: skip
    for number, text in enumerate(faulty):
        article = _ARTICLE.replace("One paragraph.\n", f"\n  {text}\n  - After.\n")
        (fault,) = _faults(tmp_path / f"{number}", {"article": article})
        _, _, advised = fault.remedy.partition("\n")
        mended = re.sub("^    ", "", advised, flags=re.MULTILINE)
        assert mended.count("\n") == 2

        found = _read(tmp_path / f"{number}b", {"article": article.replace(f"  {text}", mended)})

        assert found.faults == ()


# ---- what is no fault

_ARTICLE = """\
title: Sleep and you
summary: What helps at night.
authors: [The Team]
date: 2025-03-14
body: One paragraph.
"""

SURPRISES = "no|yes|on|null|~|1.10|12:30|22:22|012|1e3|0x7f|1_000|true|2025-02-30|.inf|=|<<|a:b|C#|it's|x - y|1,5|-5"


@pytest.mark.parametrize("text", SURPRISES.split("|"))
def test_text_stays_as_it_was_typed(tmp_path: Path, text: str) -> None:
    """YAML would make booleans, numbers, dates or nothing of many of these."""
    article = f"""\
title: {text}
summary: {text}
authors: [{text if "," not in text else "A"}]
date: 2025-03-14
category: {text}
tags:
  - {text}
channels:
  newsletter: {{subject: {text if "," not in text else "A"}}}
body:
  - {text}
  - heading: {text}
  - list:
      - {text}
  - terms:
      - {text}: {text}
  - quote: {text}
  - callout:
      kind: note
      title: {text}
      text: {text}
"""
    found = _read(tmp_path, {"article": article})

    assert found.faults == ()
    (made,) = found.publication.articles
    assert (made.title, made.summary, made.category, made.tags) == (text, text, text, (text,))
    assert [model.plain(prose) for prose in model.prose(made.body) if prose] == [text] * 7
    assert [block.title for block in made.body if isinstance(block, model.Callout)] == [text]


@pytest.mark.parametrize(
    "more",
    [
        "tags: []",
        "aliases: []\nsources: []\ncorrections: []\nhelplines: []",
        "channels: {feed: false}",
        "channels:\n  feed: false                # this article is not in the feed",
        "draft: false  # not yet",
        "slug: other   # shorter",
        "tags: [one, two]  # words",
        "helplines:  # none\n  []",
        "revision: 2",
        "image: {src: a.png, alt: ''}",
        "expires: 2026-03-14 09:00",
        "updated: 2025-03-14T09:00:30+02:00",
        "updated: 2025-11-02T01:30-05:00",
    ],
)
def test_these_keys_are_sound(tmp_path: Path, more: str) -> None:
    picture = (ROOT / "tests/cases/long-form").glob("*.png")
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(next(picture).read_bytes())
    assert _read(tmp_path, {"article": f"{_ARTICLE}{more}\n"}).faults == ()


def test_in_the_site_two_spaces_make_a_comment(tmp_path: Path) -> None:
    site = re.sub("$", "    # a note", SITE.rstrip(), flags=re.MULTILINE)
    found = _read(tmp_path, {"article": _ARTICLE, "site": f"{site}\n"})
    assert found.faults == ()
    assert found.publication.site.name == "Example Health"


@pytest.mark.parametrize("only", ["web", "[web]", "[web, handout]", "\n      - web"])
def test_channels_of_a_block_are_one_name_or_a_list(tmp_path: Path, only: str) -> None:
    article = _ARTICLE.replace("One paragraph.", f"\n  - text: Call us.\n    only: {only}\n  - After.")
    (made,) = _read(tmp_path, {"article": article}).publication.articles
    assert "web" in (made.body[0].channels or ())
    article = article.replace("only:", "except:")
    (made,) = _read(tmp_path, {"article": article}).publication.articles
    assert "web" not in (made.body[0].channels or ())


def test_an_item_is_cut_at_its_first_colon(tmp_path: Path) -> None:
    article = _ARTICLE.replace(
        "One paragraph.",
        """
  - terms:
      - Rest: it helps
      - "Rest: it helps: always"
      - "12:30: lunch"
  - steps:
      - Lie down
      - "Breathe: slowly: in and out"
""",
    )
    (made,) = _read(tmp_path, {"article": article}).publication.articles
    items = [
        (model.plain(item.name), model.plain(item.text)) for block in made.body for item in getattr(block, block.kind)
    ]
    assert items == [("Rest", "it helps"), ("Rest", "it helps: always"), ("12:30", "lunch"), ("", "Lie down"),
                     ("Breathe", "slowly: in and out")]  # fmt: skip


def test_every_heading_has_an_anchor_of_its_own(tmp_path: Path) -> None:
    article = _ARTICLE.replace(
        "One paragraph.",
        """
  - heading: Rest
  - heading: Rest
    id: rest-2
  - subheading: Rest
  - heading: Rest
  - heading: \u0627\u0644\u0646\u0648\u0645
  - heading: \u0627\u0644\u0646\u0648\u0645
  - "## Rest!"
""",
    )
    (made,) = _read(tmp_path, {"article": article}).publication.articles
    assert [getattr(block, "id", None) for block in made.body] == [
        "rest",
        "rest-2",
        "rest-3",
        "rest-4",
        "\u0627\u0644\u0646\u0648\u0645",
        "\u0627\u0644\u0646\u0648\u0645-2",
        "rest-5",
    ]


# ---- the contract's own examples

SHORT = """\
title: "Does Ketamine Cause Withdrawal Symptoms?"
summary: One or two sentences. Standfirst, meta description, feed summary, newsletter preheader.
authors: [SubstanceAbuseAction Team]
date: 2025-03-14
body: |
  Ketamine, originally developed as an anesthetic, has gained popularity ...

  ## Ketamine and Addiction
  Although ketamine is not classified as ...

  - Increased anxiety
  - Depressive symptoms
"""
LONG = """\
body:
  - Ketamine, originally developed as an anesthetic, has gained popularity ...
  - heading: Ketamine and Addiction
  - |
    A bare string is text in CommonMark: *emphasis*, **strong**, [links](https://example.org), `code`,
    one or more paragraphs, lists, and `##` and `###` for headings and subheadings, as in the short form.
  - terms:
      - Frequency of Use: Regular or excessive use of ketamine can lead to tolerance.
  - callout: {kind: warning, title: In an emergency, text: Call 911.}
    only: [web, handout]
"""
CHANNELS = """\
channels:
  newsletter: {subject: "Does ketamine cause withdrawal?", preheader: Less is known than one would wish, intro: "*Dear reader*, ..."}
  handout: {title: A shorter title for print, editions: [EDITIONS]}
  feed: false                # this article is not in the feed
"""  # noqa: E501  # as the contract has it
CONTRACT_SITE = """\
# content/site.yaml
name: Substance Abuse Action               # who publishes; masthead and feed title
base_url: https://www.example.org          # no slash at the end
language: en-US
time_zone: America/New_York
email: info@example.org
address: ...                               # postal; a newsletter needs one
accent: "#1f5f6b"                          # the brand colour; contrast is checked
helplines:
  - {name: 988 Suicide & Crisis Lifeline, phone: "988", url: https://988lifeline.org, hours: "24 hours, every day"}
default_helplines: [988 Suicide & Crisis Lifeline]
"""


def test_the_contracts_examples_are_sound(tmp_path: Path) -> None:
    # Editions come one by one; those that the handout knows are sound.
    known = [name for name in ("a4", "letter", "large-print", "office", "press") if name in _editions()]
    short_form = SHORT + CHANNELS.replace("EDITIONS", ", ".join(known))
    long_form = SHORT.partition("body:")[0] + LONG
    files = {"articles/long.yaml": long_form}

    found = _read(tmp_path, {"article": short_form, "site": CONTRACT_SITE, "files": files})

    assert found.faults == ()
    site = found.publication.site
    assert (site.name, site.address, site.accent) == ("Substance Abuse Action", "...", "#1f5f6b")
    assert [line.name for line in site.default_helplines] == ["988 Suicide & Crisis Lifeline"]
    made = {article.slug: article for article in found.publication.articles}
    assert made["x"].channels["feed"] is False
    assert set(made["long"].body[-1].channels or ()) == {"web", "handout"}
    assert [block.kind for block in made["x"].body] == ["text", "heading", "text", "list"]


def _editions() -> tuple[str, ...]:
    return tuple(KEYS["handout"].options["editions"].about.removeprefix("some of ").split(", "))
