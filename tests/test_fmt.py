"""`inv fmt`: another layout, the same words, every comment."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import ARTICLE, NOW, ROOT, SITE, Workshop
from hypothesis import given, settings
from hypothesis import strategies as st
from test_faults import KEYS

from pressrun import build, drafting, layout, schema, source
from pressrun.schema import contract

KINDS = contract.kinds(KEYS)
CONTEXT = schema.Context(KEYS)


def _laid_out(text: str, kind: str = "article") -> str:
    made = layout.laid_out("x", text.encode(), KINDS[kind], CONTEXT)
    assert layout.laid_out("x", made, KINDS[kind], CONTEXT) == made
    return made.decode()


UNTIDY = """\
# What somebody wrote down first.

authors:   [ "The Team" ,  'A. Writer']
title:   'Sleep: and You'
# The day on which it came out.
date:     "2025-03-14"   # a Friday
summary: "What helps
    at night."
image: {alt: "A dot, small", src:  "a.png"}
review:
      next: 2027-03-10
      by: "B. Checker"
body:
- "A paragraph."
-   A long paragraph
    of two lines.


# About rest.
- id: "rest"
  heading: "Rest"
-
    # What to do
    steps:
    - "Lie down"
    -   "Breathe: slowly"
    # more to come
- terms: [
    "Sleep": "What it is",   # known
    'Rest': no
  ]
- callout:
        text: |2
            Indented.
        kind: tip
        title: >-
            A title
            of two lines
tags:
    - "988"
    - no

# the end
"""
TIDY = """\
# What somebody wrote down first.

title: "Sleep: and You"
summary: "What helps
  at night."
authors: [The Team, A. Writer]
# The day on which it came out.
date: "2025-03-14"   # a Friday
body:
  - A paragraph.
  - A long paragraph
    of two lines.

  # About rest.
  - heading: Rest
    id: rest
  -
    # What to do
    steps:
      - Lie down
      - "Breathe: slowly"
    # more to come
  - terms: [
      "Sleep": "What it is",   # known
      'Rest': no
      ]
  - callout:
      kind: tip
      title: >-
        A title
        of two lines
      text: |2
          Indented.
tags:
  - "988"
  - no
image: {src: a.png, alt: "A dot, small"}
review:
  by: B. Checker
  next: 2027-03-10

# the end
"""


def test_keys_indentation_and_quotes_are_put_in_order() -> None:
    assert _laid_out(UNTIDY) == TIDY


def test_what_stands_here_is_laid_out(tmp_path: Path) -> None:
    for path in [*ROOT.glob("content/articles/*.yaml"), ROOT / "content/site.yaml"]:
        text = path.read_text(encoding="utf-8")
        assert _laid_out(text, "site" if path.name == "site.yaml" else "article") == text
    for title in ("Sleep and You", "Rest: and you", 'The "big" sleep', "1984"):
        new = drafting.start(tmp_path, title, NOW.date()).read_text(encoding="utf-8")
        assert _laid_out(new) == new


def test_lines_end_as_they_did() -> None:
    made = layout.laid_out("x", ARTICLE.replace("\n", "\r\n").encode(), KINDS["article"], CONTEXT)
    assert made == ARTICLE.replace("\n", "\r\n").encode()


ISSUE = "date: 2025-04-01\nsubject: 'News'\narticles: [ x ]\n"


def _typed(workshop: Workshop, path: str) -> str:
    return (workshop.desk.content / path).read_text(encoding="utf-8")


def _every(workshop: Workshop, *slugs: str, write: bool = True) -> layout.Report:
    return layout.every(workshop.desk.content, build.read_site(workshop.desk), KEYS, slugs, write=write)


def test_every_file_is_laid_out_or_only_told(workshop: Workshop) -> None:
    site = "name: 'Example Health'\n" + SITE.partition("\n")[2]
    texts = {"articles/deep/x.yaml": ARTICLE.replace("\n", "  \n", 1), "newsletters/n.yaml": ISSUE,
             "sites/s.yaml": "phone: '555'\nname: S\n", "site.yaml": site}  # fmt: skip
    for path, text in texts.items():
        workshop.write(f"content/{path}", text)

    told = _every(workshop, write=False)
    assert sorted(told.changed) == sorted(f"content/{path}" for path in texts)
    assert {path: _typed(workshop, path) for path in texts} == texts

    assert _every(workshop, "n").changed == ["content/newsletters/n.yaml"]
    assert _typed(workshop, "newsletters/n.yaml") == "subject: News\ndate: 2025-04-01\narticles: [x]\n"
    assert len(_every(workshop).changed) == len(texts) - 1
    assert _every(workshop) == layout.Report()
    assert not list(workshop.desk.content.rglob("*.part"))


def test_a_faulty_file_is_left_alone_and_the_others_are_not(workshop: Workshop) -> None:
    workshop.article("good", ARTICLE.replace("date:", "tags: ['a']\ndate:"))
    workshop.article("bad", "titel: 'X'\n" + ARTICLE)

    report = _every(workshop)

    assert report.changed == ["content/articles/good.yaml"]
    assert ["titel" in fault.problem for fault in report.faults] == [True]
    assert _typed(workshop, "articles/bad.yaml").startswith("titel: 'X'\n")
    with pytest.raises(ValueError, match="Did you mean 'good'"):
        _every(workshop, "goood")


def test_a_file_that_would_say_something_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("title: Other", "# title: A comment less"):
        text = ARTICLE if wrong.startswith("title") else f"# a comment\n{ARTICLE}"
        lines = [wrong, *ARTICLE.splitlines()[1:]] if wrong.startswith("title") else ARTICLE.splitlines()
        monkeypatch.setattr(layout._Lines, "document", lambda *_, lines=lines: lines)
        with pytest.raises(ValueError, match="x is written in a way of its own"):
            layout.laid_out("x", text.encode(), KINDS["article"], CONTEXT)


# ---- any article, however it is written

TEXTS = st.sampled_from(
    ["no", "1.10", "12:30", "~", "it's", "a: b", "x # y", 'so "it" says', "100 % of it", "{x}", "[a]", "@home", "é – ü",
     "قهوة", "*so*", "a, b", "? what", "x:y", "C#", "---", "a - b", "&c", "!", "\\", "2025-02-30", "0o7", "1e3", "#",
     "Many words stand here, which an author may break into lines wherever it suits them"]
)  # fmt: skip
SAFE = st.sampled_from(["Rest", "A long walk in the morning", "no", "1.10", "it's", "a, b", "100 % of it", "x # y"])
DAYS = st.sampled_from(["2025-03-14", "2025-03-14T09:00", "2025-03-14 09:00:30+02:00"])
SLUGS = st.sampled_from(["rest", "sleep-and-you", "988", "no", "1-1"])


def _some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys).filter(bool)


def _block(name: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    only = st.lists(st.sampled_from(["web", "feed"]), min_size=1, unique=True)
    return st.fixed_dictionaries({name: value}, optional={"only": only})


ITEMS = st.lists(SAFE, min_size=1, max_size=3)
BLOCKS = st.one_of(
    SAFE, st.lists(SAFE, min_size=2, max_size=3).map("\n\n".join), _block("heading", SAFE), _block("list", ITEMS),
    _block("terms", st.lists(st.dictionaries(SAFE, SAFE, min_size=1, max_size=1), min_size=1, max_size=3)),
    _block("steps", st.lists(SAFE | st.dictionaries(SAFE, SAFE, min_size=1, max_size=1), min_size=1, max_size=3)),
    _block("callout", st.fixed_dictionaries({"kind": st.just("tip"), "title": TEXTS, "text": SAFE})),
    _block("quote", st.fixed_dictionaries({"text": SAFE, "cite": TEXTS})),
    _block("table", st.fixed_dictionaries({"columns": st.just(["One", "1"]), "rows": st.lists(
        st.lists(SAFE, min_size=2, max_size=2), min_size=1, max_size=2)}, optional={"row_headers": st.just("true")})),
)  # fmt: skip
ARTICLES = st.fixed_dictionaries(
    {"title": TEXTS, "summary": TEXTS, "authors": st.lists(TEXTS, min_size=1, max_size=3), "date": DAYS,
     "body": st.lists(BLOCKS, min_size=1, max_size=6) | st.lists(SAFE, min_size=1, max_size=3).map("\n\n".join)},
    optional={
        "id": SLUGS, "tags": st.lists(TEXTS, min_size=1, max_size=3), "category": TEXTS, "updated": DAYS,
        "sources": st.lists(st.fixed_dictionaries({"title": TEXTS}, optional={"date": TEXTS}), min_size=1, max_size=2),
        "review": st.fixed_dictionaries({"by": TEXTS}, optional={"on": DAYS, "role": TEXTS}),
        "channels": _some(newsletter=_some(subject=SAFE, intro=SAFE), web=_some(title=TEXTS), feed=st.just("false")),
    },
)  # fmt: skip


class _Author:
    """Writes YAML as people do: each in a way of their own."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.notes: list[str] = []

    def _any(self, *of: Any) -> Any:
        return self._chance.choice(of)

    def _note(self) -> str:
        self.notes.append(f"# note {len(self.notes)}: it's {{odd")
        return self.notes[-1]

    def _above(self, pad: str) -> list[str]:
        found = self._any([], [], [], [""], ["", "note"], ["note"], ["note", "", "note", ""])
        return [f"{pad}{self._note()}" if line else "" for line in found]

    def _behind(self) -> str:
        return self._any("", "", "", "  ", "    ") and f"  {self._note()}"

    def lines(self, value: Any, margin: int) -> list[str]:
        pad, found = " " * margin, list[str]()
        if isinstance(value, dict):
            for key in self._chance.sample(list(value), len(value)):
                found += self._above(pad) + self._entry(f"{pad}{self._short(key, flow=False)}:", value[key], margin)
            return found
        for item in value:
            found += self._above(pad) + self._entry(f"{pad}-", item, margin)
        return found

    def _entry(self, head: str, value: Any, margin: int) -> list[str]:
        if isinstance(value, str):
            return self._scalar(head, value, margin)
        if head.strip("'\":") != "body" and self._any(True, False):
            with_note = self._any(True, False)
            open_, *rest = self._flow(value).split("\0")
            parts = [f"{' ' * (margin + 1)}{line}" for line in rest]
            lines = [f"{head} {open_}", *parts]
            return [*lines[:-1], lines[-1] + (f"  {self._note()}" if with_note else "")]
        inner = self.lines(value, margin + self._any(1, 2, 4))
        compact = head.endswith("-") and inner[0].strip() and not inner[0].strip().startswith("#")
        if compact and len(head) < len(inner[0]) - len(inner[0].lstrip()):
            return [head + inner[0][len(head) :], *inner[1:]]
        return [head + self._behind(), *inner]

    def _flow(self, value: Any) -> str:
        gap = self._any("", "", " ", "\0")
        if isinstance(value, str):
            return self._short(value, flow=True)
        if isinstance(value, list):
            return f"[{gap}{f',{gap} '.join(self._flow(item) for item in value)}{gap}]"
        pairs = [f"{self._short(key, flow=True)}: {self._flow(value[key])}" for key in value]
        return f"{{{gap}{f', {gap}'.join(pairs)}{gap}}}"

    def _short(self, text: str, *, flow: bool) -> str:
        """A text of one line, plain where it can be; text of two lines in quotes."""
        style = self._any("plain", "plain", "single", "double")
        if style == "plain" and "\n" not in text and source.written(text, in_brackets=flow) == text:
            return text
        if style == "plain" and text in ("no", "1.10", "2025-02-30", "~", "0o7", "1e3", "988", "12:30", "2025-03-14"):
            return text
        return json.dumps(text, ensure_ascii=False) if style == "double" else "'" + text.replace("'", "''") + "'"

    def _scalar(self, head: str, text: str, margin: int) -> list[str]:
        pad = " " * (margin + self._any(1, 2, 4))
        style = self._any("short", "short", "broken", "|", ">") if "\n" not in text else "|"
        words = text.split(" ")
        if style in ("|", ">") and text != "#":
            mark = style + self._any("", "-", "") + self._behind()
            return [f"{head} {mark}", *(pad + line if line else "" for line in text.split("\n"))]
        if style == "broken" and len(words) > 2 and source.written(text) == text:
            return [head + self._any(" ", f"\n{pad}") + words[0], pad + " ".join(words[1:-1]), pad + words[-1]]
        written = self._short(text, flow=False)
        return [f"{head} {written}{self._behind() if written[0] in _QUOTES else ''}"]


_QUOTES = "'\""


@settings(max_examples=150, deadline=None)
@given(ARTICLES, st.randoms(use_true_random=False))
def test_the_same_is_said_with_every_comment(values: dict[str, Any], chance: Random) -> None:
    author = _Author(chance)
    text = "\n".join(author.lines(values, 0)) + "\n"
    before = layout._read("x", text.encode(), KINDS["article"], CONTEXT)[1]

    made = _laid_out(text)

    assert layout._read("x", made.encode(), KINDS["article"], CONTEXT)[1] == before
    assert all(made.count(note) == 1 for note in author.notes)
    assert [line for line in re.findall(r"^(\w+):", made, re.MULTILINE) if line != "body"] == [
        key for key in schema.ARTICLE if key in values and key != "body"
    ]
