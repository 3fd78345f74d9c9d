"""Every output says what its article says; and where one does not, that is found, at its block."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import NOW, ROOT, Workshop

from pressrun.channels import NAMES
from pressrun.proof import parity
from pressrun.proof.parity import Difference

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
    kept = tmp_path / "kept"
    for folder in ("templates", "outputs"):
        shutil.copytree(bench.root / folder, kept / folder)
    yield bench
    for folder in ("templates", "outputs"):
        shutil.rmtree(bench.root / folder)
        shutil.move(kept / folder, bench.root / folder)


def _put_in(defect: Defect, workshop: Workshop) -> None:
    path = workshop.root / defect.file
    if defect.file.startswith("templates/"):
        text = path.read_text(encoding="utf-8")
        assert defect.find in text
        path.write_text(text.replace(defect.find, defect.put), encoding="utf-8")
        result = workshop.build(only=(defect.channel,), article=defect.article)
        assert result.faults == ()
    elif defect.part:
        path.write_bytes(_changed_part(path.read_bytes(), defect))
    else:
        path.write_text(_changed(path.read_text(encoding="utf-8"), defect), encoding="utf-8")


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


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.channel}: {defect.name}")
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
    assert _prove(site12) == []


def test_the_real_content_has_no_differences(published: Workshop) -> None:
    assert _prove(published) == []
