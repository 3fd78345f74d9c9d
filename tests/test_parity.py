"""Every output says what its article says; and where one does not, that is found, at its block."""

from __future__ import annotations

import email
import email.policy
import html
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ARTICLE, NOW, ROOT, Workshop

from pressrun import workers
from pressrun.build import Scope, build
from pressrun.channels import NAMES, handout, newsletter
from pressrun.proof import parity
from pressrun.proof.parity import Difference
from pressrun.proof.parity.tokens import tokens

_OLDER = "older"
_TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "tests/parity/defects.yaml").read_text())


@dataclass(frozen=True)
class Defect:
    channel: str
    name: str
    file: str
    find: str
    put: str
    found: tuple[str, str, int]
    article: str = "street-garden"
    part: str = ""
    spreads: bool = False


def _defects() -> Iterator[Defect]:
    for channel, rows in _TABLE.items():
        for row in rows:
            kind, block, line = row.pop("found")
            yield Defect(channel, file=row.pop("in"), found=(kind, block, line), **row)


DEFECTS = list(_defects())
#: of the handout, whose layout is drawn anew for each, so many are enough for a quick run
_FEW = 3


def _marked() -> Iterator[Any]:
    drawn = 0
    for defect in DEFECTS:
        drawn += defect.channel == handout.NAME
        late = defect.channel == handout.NAME and drawn > _FEW
        yield pytest.param(defect, id=f"{defect.channel}: {defect.name}", marks=[pytest.mark.heavy] if late else [])


def _prove(workshop: Workshop, article: str = "") -> list[Difference]:
    """Without those that only tell of the age of a file."""
    return [found for found in parity.prove(workshop.desk, NOW, article) if found.kind != _OLDER]


@pytest.fixture(scope="module")
def bench(site12: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The specimen with templates of its own, which may be changed."""
    root = tmp_path_factory.mktemp("parity") / "desk"
    shutil.copytree(site12.root, root, symlinks=True)
    (root / "templates").unlink()
    shutil.copytree(ROOT / "templates", root / "templates")
    return Workshop(root)


@pytest.fixture
def mended(bench: Workshop, tmp_path: Path) -> Iterator[Workshop]:
    """The same, put right again afterwards."""
    for folder in ("templates", "outputs"):
        shutil.copytree(bench.root / folder, tmp_path / folder, copy_function=_link)
    yield bench
    for folder in ("templates", "outputs"):
        shutil.rmtree(bench.root / folder)
        shutil.move(tmp_path / folder, bench.root / folder)


def _link(source: str, target: str) -> None:
    """A second name for a file, but for those books of a build to which lines are added."""
    if "/.pressrun/" in source:
        shutil.copy(source, target)
    else:
        os.link(source, target)


def _write(path: Path, data: bytes | str) -> None:
    path.unlink()  # it may have a second name
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def _put_in(defect: Defect, workshop: Workshop) -> None:
    path = workshop.root / defect.file
    if defect.file.startswith("templates/"):
        text = path.read_text(encoding="utf-8")
        assert defect.find in text
        _write(path, text.replace(defect.find, defect.put))
        result = workshop.build(only=(defect.channel,), article=defect.article)
        assert result.faults == ()
    elif defect.part:
        _write(path, _changed_part(path.read_bytes(), defect))
    else:
        _write(path, _changed(path.read_text(encoding="utf-8"), defect))


def _changed(text: str, defect: Defect) -> str:
    found, count = re.subn(defect.find, defect.put, text, count=1, flags=re.DOTALL)
    assert count == 1
    return found


def _changed_part(data: bytes, defect: Defect) -> bytes:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    part = next(part for part in message.iter_parts() if part.get_content_type() == defect.part)
    assert isinstance(part, EmailMessage)
    part.set_content(_changed(part.get_content(), defect), subtype=defect.part.partition("/")[2])
    return message.as_bytes()


def test_there_are_fifteen_defects_for_every_channel() -> None:
    assert {channel: len(rows) for channel, rows in _TABLE.items()} == dict.fromkeys(NAMES, 15)
    assert len({(defect.channel, defect.name) for defect in DEFECTS}) == 60


@pytest.mark.parametrize("defect", list(_marked()))
def test_a_defect_is_found_at_its_article_and_block(mended: Workshop, defect: Defect) -> None:
    _put_in(defect, mended)

    found = [one for one in _prove(mended, defect.article) if one.output.startswith(f"outputs/{defect.channel}/")]

    places = {(one.kind, one.block, one.place.line) for one in found}
    assert defect.found in places
    assert {one.article for one in found} == {defect.article}
    assert {one.place.path for one in found} == {f"content/articles/{defect.article}.yaml"}
    if not defect.spreads:  # nothing else is said to be wrong
        assert {places[1:] for places in places} == {defect.found[1:]}


def test_the_specimen_in_three_languages_has_no_differences(site12: Workshop) -> None:
    assert list(parity.prove(site12.desk, NOW)) == []


def test_the_real_content_has_no_differences(published: Workshop) -> None:
    assert list(parity.prove(published.desk, NOW)) == []


def test_the_sample_has_no_differences(published: Workshop, tmp_path: Path) -> None:
    for folder in ("content", "templates"):
        (tmp_path / folder).symlink_to(published.root / folder)
    (tmp_path / "outputs").symlink_to(ROOT / "docs/sample")

    assert _prove(Workshop(tmp_path)) == []


@pytest.mark.heavy
def test_no_edition_of_the_real_content_has_differences(shown: Workshop) -> None:
    proved = parity.examine(shown.desk, NOW)

    read = {file.rpartition("-")[2] for one in proved for file in one.files if file.endswith(".pdf")}
    assert [found for one in proved for found in one.differences] == []
    assert len(read) == len(handout.EDITIONS)


@pytest.mark.heavy
def test_no_edition_of_the_specimen_has_differences(bench: Workshop) -> None:
    """In three languages, one of them from right to left."""
    site = bench.root / "content/site.yaml"
    editions = f"editions: [{', '.join(handout.EDITIONS)}]"
    bench.write("content/site.yaml", site.read_text(encoding="utf-8").replace("editions: [a4]", editions))
    try:
        assert build(bench.desk, NOW, Scope(hire=partial(workers.processes, 2))).faults == ()

        proved = parity.examine(bench.desk, NOW)
        assert [found for one in proved for found in one.differences] == []
        assert sum(file.endswith(".pdf") for one in proved for file in one.files) >= 12 * len(handout.EDITIONS)
    finally:
        bench.write("content/site.yaml", site.read_text(encoding="utf-8").replace(editions, "editions: [a4]"))


def test_what_is_hard_to_read_back_has_no_differences(workshop: Workshop) -> None:
    """On sheets and in a booklet, and in the copies of an outreach site."""
    site = workshop.root / "content/site.yaml"
    workshop.write("content/site.yaml", site.read_text(encoding="utf-8") + "editions: [a4, a5-booklet]\n")
    workshop.write("content/sites/north.yaml", "name: North Library\nphone: 1-800-555-0111\nhours: Mondays\n")
    tricky = (ROOT / "tests/parity/tricky.yaml").read_text(encoding="utf-8")
    workshop.article("tricky-words-of-which-a-line-on-paper-cannot-hold-the-address-and-so-breaks-it", tricky)
    workshop.article("sleep", channels="{handout: false}")
    workshop.article("nothing-yet", draft="true", title="Not yet")
    assert build(workshop.desk, NOW, Scope(site="all")).faults == ()

    proved = parity.examine(workshop.desk, NOW)

    assert [found for one in proved for found in one.differences] == []
    assert sum(file.endswith(".pdf") for one in proved for file in one.files) == 4


def test_a_file_that_is_older_than_the_content_says_so(workshop: Workshop) -> None:
    workshop.article("sleep", channels="{handout: false, feed: false}")
    workshop.build()
    workshop.article("sleep", channels="{handout: false, feed: false}", summary="Other words.")

    found = list(parity.prove(workshop.desk, NOW))

    older = {one.output for one in found if one.kind == parity.OLDER}
    assert older == {"outputs/web/sleep/index.html", "outputs/newsletter/sleep.eml"}
    others = {(one.kind, one.block, one.found) for one in found if one.kind != parity.OLDER}
    assert others == {("missing", "summary", ""), ("added", "paragraph", "What helps when sleep does not come")}


def test_what_a_channel_is_not_meant_to_carry_is_no_difference(workshop: Workshop) -> None:
    """And what it is not meant to carry, but does, is one."""
    body = """
body:
  - Everybody reads this.
  - {text: Only the page says this., only: web}
  - {text: The letter leaves this out., except: newsletter}
"""
    text = ARTICLE.partition("body:")[0] + "channels: {handout: false, feed: false, web: {title: Sleep}}" + body
    workshop.article("sleep", text)
    workshop.build()
    assert list(parity.prove(workshop.desk, NOW)) == []

    page = workshop.root / "outputs/newsletter/sleep.eml"
    _write(page, page.read_bytes().replace(b"Everybody reads this.", b"Everybody reads this. Only the page says this."))

    found = [one for one in parity.prove(workshop.desk, NOW) if one.kind != parity.OLDER]
    assert {(one.kind, one.block, one.found) for one in found} == {("added", "paragraph", "Only the page says this")}


ISSUE = """\
subject: "{{name|Dear reader}}, two things this month"
date: 2025-05-01T09:00:00-04:00
title: Two things this month
intro: |
  Dear {{name|reader}}, greetings from {{site|our centre}}. See [sleep](sleep).
articles: [sleep, {slug: rest, as: teaser}]
"""


def test_an_issue_says_what_its_articles_say(workshop: Workshop) -> None:
    workshop.article("sleep")
    workshop.article("rest", title="Rest", summary="What rest is good for.")
    workshop.write("content/newsletters/may.yaml", ISSUE)
    workshop.build(only=(newsletter.NAME,))
    letter = "outputs/newsletter/may.eml"
    assert [one for one in parity.prove(workshop.desk, NOW) if one.output.startswith(letter)] == []

    path = workshop.root / letter
    for words in (b"greetings from", b"A first paragraph", b"What rest is good for"):
        _write(path, path.read_bytes().replace(words, words[:-4]))

    found = [one for one in _prove(workshop) if one.output.startswith(letter)]
    assert {(one.article, one.block) for one in found} == {
        ("sleep", "paragraph of the introduction"), ("sleep", "paragraph"), ("rest", "summary"),
    }  # fmt: skip


def test_the_page_tells_of_every_difference(mended: Workshop) -> None:
    _put_in(next(defect for defect in DEFECTS if defect.name == "a link is lost"), mended)

    proved = parity.examine(mended.desk, NOW)
    path = parity.page(mended.desk, NOW, proved, ["outputs/web/404.html: It gives away what is draft."])

    said = (mended.root / "outputs" / path).read_text(encoding="utf-8")
    assert "link of a paragraph" in said
    assert "https://example.com/guide" in said
    assert "It gives away what is draft." in said
    assert all(one.article.title in html.unescape(said) for one in proved)
    result = mended.build(only=("web",))
    assert path not in result.removed


@pytest.mark.heavy
def test_the_page_can_be_used_by_everybody(mended: Workshop, axe: Callable[..., list[dict[str, Any]]]) -> None:
    for defect in DEFECTS:
        if defect.file == "outputs/newsletter/street-garden.eml":
            _put_in(defect, mended)
    path = mended.root / "outputs" / parity.page(mended.desk, NOW, parity.examine(mended.desk, NOW), ["A leak."])

    views = axe(path)

    assert len(views) == 4
    assert all(not view["violations"] and not view["incomplete"] for view in views), views


@pytest.mark.parametrize(
    "address", ["http://a.example", "https://\na.example", "http\n://\na.example", "HTTP://www.a.example"]
)
def test_how_an_address_begins_counts_for_nothing_however_it_is_set(address: str) -> None:
    assert tokens(f"See {address} now") == ("see", "a", "example", "now")
