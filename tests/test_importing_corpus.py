"""A folder of somebody's articles, hundreds of them, brought in, built and proved.

PRESSRUN_CORPUS names the folder, PRESSRUN_CORPUS_MOST how many of its files are built (all, unless it says so).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import NOW, Workshop

from pressrun import build
from pressrun.importing import run
from pressrun.proof import run as proofs

pytestmark = [pytest.mark.long, pytest.mark.heavy]


@pytest.fixture
def corpus() -> list[Path]:
    if not (named := os.environ.get("PRESSRUN_CORPUS")):
        pytest.skip("PRESSRUN_CORPUS names no folder of articles")
    folder = Path(named)
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in run.READERS)


def test_every_file_is_brought_in_or_refused_at_its_place(workshop: Workshop, corpus: list[Path]) -> None:
    report = run.bring(workshop.desk, corpus, NOW)
    refused = {fault.place.path for fault in report.refused}

    print(f"imported {len(report.imported)}, refused {len(refused)}, left {len(report.left)}")
    assert {*report.imported, *refused} == {path.as_posix() for path in corpus}
    assert all(fault.place.line >= 1 and fault.place.column >= 1 and fault.remedy for fault in report.refused)
    asked = {report.imported[source] for source, _ in report.asked}
    assert {fault.place.path for fault in build.read(workshop.desk, NOW).faults} <= asked


def test_what_was_brought_in_says_the_same_in_every_channel(workshop: Workshop, corpus: list[Path]) -> None:
    most = int(os.environ.get("PRESSRUN_CORPUS_MOST", "0")) or len(corpus)
    report = run.bring(workshop.desk, corpus[:most], NOW)
    workshop.write("content/site.yaml", workshop.root.joinpath("content/site.yaml").read_text() + "editions: [a4]\n")

    asked = {report.imported[source] for source, _ in report.asked}
    assert {fault.place.path for fault in workshop.build(only=()).faults} <= asked
    assert proofs.PROOFS["parity"](proofs.Wish(workshop.desk, NOW)).errors == []
