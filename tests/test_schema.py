"""The JSON Schema for editors says what the loader says, of every sound file here and of every fault in tests/faults/.

Files are given to the schema as editors read them: YAML 1.2, in which `988` is a number and `true` a truth value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import ROOT
from test_faults import ENTRIES, KEYS, SURPRISES, _faults

from pressrun import schema, source, tasks
from pressrun.faults import Fault, Refused
from pressrun.schema import contract, shapes
from pressrun.schema.blocks import BLOCKS
from pressrun.source import Scalar
from pressrun.tasks import reference

SCHEMAS = contract.schemas(KEYS)
VALIDATORS = {name: jsonschema.Draft7Validator(found) for name, found in SCHEMAS.items()}
#: faults that no schema can know, and why
BEYOND = {
    "a comment is no part of what an editor gives to a schema": r"YAML drops everything behind ' #'",
    "nor are line breaks, spaces, and brackets around a body": (
        r"YAML joins this line|needs a space behind its (colon|dash)|begins with \[ for a list|needs a bar here|"
        r"further than its neighbours"
    ),
    "CommonMark is read inside a text": (
        r"A heading stands inside|There is no block for|The title is the only heading|There are two levels of headings|"
        r"CommonMark takes|A picture|The picture has no description|No link uses|A citation's source|No link is named|"
        r"A link's title|nested too deeply|stands for no character|too many marks|This begins a merge field"
    ),
    "where a text's link leads": r"The address '.*' cannot be followed|\[\^",
    "other files": (
        r"No article has the slug|has the (slug|id) '.*' too|site.yaml has no helpline|There is no picture|"
        r"The picture '.*' (cannot be read|lies outside)|is an issue of the name|in this issue twice"
    ),
    "the file's own name": r"The file's name|The site needs the address",
    "other parts of the file": r"Another heading has the id|No heading has the anchor|The table has \d+ columns",
    "calendars, clocks and their zones": r"The calendar has no|Clocks in|'\w+' is no time zone",
    "colours are seen": r"The colour .* is too pale",
    "YAML 1.2 takes it for a number or a truth value as it should be": (
        r"'(012|True)' is n|'7' is not a (list|bucket)'s name"
    ),
}
#: tasks that stand in a collection and, unlisted, at the top
ENGINEERS = ("bench", "lint", "schema")
#: what is a text for the loader, and for editors the same as nothing
NOTHING = {"null", "~"}


def _typed(scalar: Scalar) -> Any:
    """What YAML 1.2 (its core schema) makes of a text without quotes."""
    text = scalar.text
    if scalar.style:
        return text
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if re.fullmatch("true|True|TRUE|false|False|FALSE", text):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"0x[0-9a-fA-F]+|0o[0-7]+", text):
        return int(text, 0)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return float(text.replace(".", "").lower()) if re.fullmatch(r"(?i)[-+]?\.inf|\.nan", text) else text


def _kind(path: str) -> str:
    folder = path.removeprefix("content/").split("/", maxsplit=1)[0]
    return {"articles": "article", "newsletters": "issue", "sites": "outreach", "site.yaml": "site"}.get(folder, "")


def _complaints(path: str, data: bytes) -> list[str]:
    """What the schema says against a file; raises Refused where it is no YAML."""
    value = shapes.plain(source.read(path, data, schema.WORDS), _typed)
    return [f"{error.json_path}: {error.message[:120]}" for error in VALIDATORS[_kind(path)].iter_errors(value)]


def _beyond(fault: Fault) -> str:
    """Why no schema could know of a fault; empty where one can."""
    return next((why for why, problems in BEYOND.items() if re.search(problems, fault.problem)), "")


def _compare(faults: Sequence[Fault], complaints: list[str]) -> None:
    """What the loader accepts the schema accepts; what the loader refuses, it refuses where it can know."""
    assert not complaints or faults
    assert complaints or all(map(_beyond, faults)), faults


def _agree(root: Path, faults: tuple[Fault, ...]) -> Iterator[str]:
    """Files about which loader and schema are of one mind, `why` for what only the loader can know."""
    for path in sorted(root.rglob("*.yaml")):
        name = f"content/{path.relative_to(root).as_posix()}"
        if not _kind(name):
            continue
        told = [fault for fault in faults if fault.place.path == name]
        try:
            complaints = _complaints(name, path.read_bytes())
        except Refused:
            assert told, name
            yield "no YAML"
            continue
        _compare(told, complaints)
        yield from {_beyond(fault) for fault in told}


def test_it_is_a_schema() -> None:
    for found in SCHEMAS.values():
        jsonschema.Draft7Validator.check_schema(found)


def test_it_says_what_the_loader_says_of_every_fault(tmp_path: Path) -> None:
    reasons: set[str] = set()
    for number, entry in enumerate(ENTRIES.values()):
        reasons.update(_agree(tmp_path / str(number), _faults(tmp_path / str(number), entry)))

    assert reasons >= BEYOND.keys() - {"colours are seen"} | {"no YAML", ""}


def test_it_accepts_what_is_sound() -> None:
    paths = [*ROOT.glob("content/**/*.yaml"), *ROOT.glob("tests/site/content/**/*.yaml")]
    found = {path: _complaints(path.as_posix().rpartition("content/")[2], path.read_bytes()) for path in paths}
    assert len(found) >= 20
    assert {path: complaints for path, complaints in found.items() if complaints} == {}
    articles = [*ROOT.glob("tests/articles/*.yaml"), *ROOT.glob("tests/cases/*/article.yaml")]
    assert [path for path in articles if _complaints("articles/x.yaml", path.read_bytes())] == []


@pytest.mark.parametrize("text", [text for text in SURPRISES.split("|") if text not in NOTHING])
def test_text_may_be_typed_as_the_loader_takes_it(text: str) -> None:
    article = f"title: {text}\nsummary: A\nauthors:\n  - {text}\ndate: 2025-03-14\nbody:\n  - {text}\n"
    assert _complaints("articles/x.yaml", article.encode()) == []


# ---- every key of everything, changed at every place

FULL = {
    "article": """\
title: Sleep and You
summary: What helps.
authors: [The Team, {name: A. Writer, role: nurse, url: https://www.example.org/a}]
date: 2025-03-14
body:
  - A paragraph.
  - heading: Rest
    id: rest
    aspect: symptoms
  - {subheading: More, id: more, only: [web, handout]}
  - {text: Call us., except: feed}
  - list: [One, Two]
  - steps: [Rise., Walk: slowly]
  - terms: [Sleep: What it is., "Rest: More of it."]
  - quote: {text: Words., cite: Somebody, url: https://www.example.org/}
  - quote: Words.
  - callout: {kind: tip, title: Try, text: This.}
  - figure: {src: a.png, alt: A dot, caption: Why, credit: Who}
  - table: {caption: Hours, columns: [Age, Hours], rows: [[Adults, "7"]], row_headers: true}
  - button: {label: Find help, url: https://www.example.org/help}
  - break: page
id: 2025-03-14-sleep
category: Sleep
tags: [sleep]
slug: sleep
aliases: [old]
updated: 2025-04-01T09:00+02:00
language: en
translation_of: other
translated_from: abc
revision: 2
expires: 2027-01-01
corrections: [{date: 2025-05-01, text: A number.}]
withdrawn: {date: 2025-05-01, reason: Why.}
draft: true
image: {src: a.png, alt: ""}
review: {by: B. Checker, role: physician, on: 2025-03-10, next: 2027-03-10}
sources: [{title: A book, url: https://www.example.org/, publisher: A house, date: 2019}]
helplines: [Line]
channels:
  web: {title: Rest, summary: Short.}
  handout: {editions: [a4]}
  newsletter: {subject: A subject, preheader: Words, intro: Hello.}
  feed: false
proof: {stigma: A reason.}
""",
    "site": """\
name: Example Health
base_url: https://www.example.org
language: en-US
time_zone: America/New_York
email: info@example.org
address: 1 Street
accent: "#1f5f6b"
helplines: [{name: Line, phone: 988, url: https://www.example.org/, hours: always, sms: "988", about: Talk.}]
default_helplines: [Line]
logo: logo.png
description: About
links: {hotline: https://www.example.org/}
targets:
  live: {folder: {path: out, releases: true}}
  pages: {github_pages: {repository: example/site, branch: gh-pages}}
  host: {sftp: {host: a.example.org, path: www, user: a, port: 22, known_hosts: hosts, key: id, releases: false}}
  cloud: {s3: {bucket: example, prefix: www, endpoint: https://www.example.org/, region: eu-1}}
proof: {stigma: warn, reading-grade: {level: error, limit: 9, known: [word]}}
search: true
editions: [a4, letter]
handout_seconds: 60
newsletter:
  from: info@example.org
  list_id: news.example.org
  unsubscribe: {provider: brevo}
  relays: {usual: {host: smtp.example.org, port: 587, auth: RELAY, rate: 9, most_refused: 2, headers: {X-Tag: a}}}
  listmonk: {url: https://www.example.org/, lists: [1], template: 2}
feed: {limit: 50, hub: https://www.example.org/}
approval: required
four_eyes: true
editors: [Somebody, {name: Another, email: another@example.org}]
ledger: {sqlite: ledger.sqlite}
publish: {every: 60, late: 24, patience: 120, list: outreach}
heartbeat_url: https://www.example.org/
""",
    "issue": """\
subject: November
date: 2025-11-29T09:00:00-05:00
preheader: Words
intro: Hello.
title: A heading
articles: [one, {slug: two, as: teaser}]
list: outreach
language: en
draft: false
""",
    "outreach": """\
name: North Street
address: 12 North Street
phone: "555 0100"
hours: always
url: https://www.example.org/
logo: north.png
""",
}
READERS = {
    "article": schema.article,
    "site": schema.site,
    "outreach": schema.local_site,
    "issue": schema.record(dict, KEYS["newsletter"].issue, "an issue"),
}
#: what stands in the place of a value
OTHERS = [
    "", '""', '"  "', "[]", "{}", "Words", "[Words]", "{words: more}", "{x: 1, y: 2}", "7", "-1", "1.5", "true",
          "True", "yes", "2025-03-14", "web", "a@example.org", "https://www.example.org/{token}", "[[Words]]", "/a/",
]  # fmt: skip


def _changed(text: str) -> Iterator[str]:
    """A text with another value in the place of each, and with another name in the place of each key."""

    def nodes(node: source.Node) -> Iterator[source.Node]:
        yield node
        for pair in node.pairs if isinstance(node, source.Mapping) else ():
            yield pair[0]
            yield from nodes(pair[1])
        for item in node.items if isinstance(node, source.Sequence) else ():
            yield from nodes(item)

    for node in nodes(source.read("x", text.encode())):
        for other in OTHERS:
            gap = "\n" if text[: node.start].endswith("\n") else ""
            yield text[: node.start] + other + gap + text[node.end :]


@pytest.mark.parametrize("kind", FULL)
def test_whatever_stands_where_it_says_what_the_loader_says(kind: str) -> None:
    """At every place something else: another type, nothing, a word that is not known."""
    verdicts = Counter[str]()
    assert _verdict(kind, FULL[kind]) == ""
    for text in _changed(FULL[kind]):
        verdicts[_verdict(kind, text)] += 1

    assert verdicts["refused"] > 50
    assert verdicts[""] > 10


def _verdict(kind: str, text: str) -> str:
    """What both say: nothing, or why the loader alone, or that both refuse it."""
    try:
        value = shapes.plain(node := source.read("x", text.encode(), schema.WORDS), _typed)
    except Refused:
        return "no YAML"
    context = schema.Context(KEYS)
    with suppress(schema.Unusable):
        READERS[kind](node, context)
    known = [fault for fault in context.faults if not _beyond(fault)]
    complaints = [error.message[:200] for error in VALIDATORS[kind].iter_errors(value)]
    _compare(context.faults, complaints)
    return "refused" if known else _beyond(context.faults[0]) if context.faults else ""


def test_every_key_is_in_what_is_changed() -> None:
    """And has a description; the examples are sound."""
    for kind, found in SCHEMAS.items():
        for name, key in _keys(found):
            assert re.search(rf"\b{name}:", FULL[kind]), name
            assert key["description"], name
            for example in key.get("examples", ()):
                jsonschema.Draft7Validator(key).validate(example)


def test_what_editors_and_readers_are_told_is_what_the_model_gives() -> None:
    """If not, run `inv schema`."""
    told = contract.files(KEYS) | {"docs/reference.md": reference.page(SCHEMAS, tasks.of(ROOT))}
    assert [path for path, text in told.items() if (ROOT / path).read_text(encoding="utf-8") != text] == []


def test_the_reference_has_every_key_block_option_setting_task_and_flag() -> None:
    """Looked up in the tables themselves, whatever way the page is made."""
    page = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
    settings = [name for own in KEYS.values() for table in (own.options, own.settings, own.issue) for name in table]
    for name in [
        *schema.ARTICLE,
        *schema.SITE,
        *BLOCKS,
        *settings,
        *(name for one in SCHEMAS.values() for name, _ in _keys(one)),
    ]:
        assert f"\n| `{name}`" in page, name
    space = tasks.of(ROOT)
    for prefix, collection in [("", space), *((f"{name}.", inner) for name, inner in space.collections.items())]:
        for name, task in collection.tasks.items():
            called = prefix.rstrip(".") if name == collection.default else f"{prefix}{name}"
            called = f"test.{name}" if called in ENGINEERS else called
            part = page.partition(f"\n### `inv {called}`\n")[2].partition("\n### ")[0].replace("\\|", "|")
            assert task.__doc__ in part, called
            for argument in task.get_arguments():
                flag = f"--{'no-' if argument.default is True else ''}{argument.names[0]}"
                assert re.search(rf"\n\| `{flag}(=\.\.\.)?` \| {re.escape(argument.help)} \|", part), (called, flag)


def _keys(shape: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for inner in shape.values() if isinstance(shape, dict) else shape if isinstance(shape, list) else ():
        yield from _keys(inner)
    if isinstance(shape, dict) and isinstance(shape.get("properties"), dict):
        yield from shape["properties"].items()
