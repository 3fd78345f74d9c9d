"""The staff bundle holds what is printed, mailed and pasted today, and names what to throw away."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
import zipfile
from datetime import timedelta

import pypdfium2
import pytest
from conftest import ARTICLE, NOW, Workshop
from invoke.context import Context

from pressrun import outputs, publishing
from pressrun.publishing import bundle
from pressrun.tasks import publishing as tasks
from pressrun.tasks import terminal


def unpacked(workshop: Workshop, path: str) -> dict[str, bytes]:
    with zipfile.ZipFile(workshop.root / "outputs" / path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Two articles with handouts, of which one was given out with another text and one was withdrawn since."""
    from conftest import SITE, _workshop

    made = _workshop(tmp_path_factory.mktemp("bundle"))
    made.write("content/site.yaml", SITE + "editions: [a4, letter]\n")
    made.article("sleep", id="sleep")
    made.article("tea", id="tea", title="Tea")
    assert made.build(only=()).faults == ()
    publishing.give_out(made.desk, NOW)
    made.article("sleep", ARTICLE.replace("A first paragraph.", "Another first paragraph."), id="sleep", revision="2")
    made.article("tea", id="tea", title="Tea", withdrawn="{date: 2025-05-01, reason: It was wrong.}")
    made.article("walk", title="A Walk")
    assert made.build(only=()).faults == ()
    return made


def test_it_holds_what_is_current_with_sums_and_a_page_that_tells_of_it(desk: Workshop) -> None:
    made = bundle.pack(desk.desk, NOW)

    assert (made.path, made.handouts, made.newsletters, made.superseded) == ("bundle/2025-06-01.zip", 4, 2, 2)
    files = unpacked(desk, made.path)
    assert set(files) == {
        "index.html", "SHA256SUMS",
        *(f"handout/{slug}-{edition}.pdf" for slug in ("sleep", "walk") for edition in ("a4", "letter")),
        *(f"handout/thumbnails/{slug}-{edition}.png" for slug in ("sleep", "walk") for edition in ("a4", "letter")),
        *(f"newsletter/{slug}{end}" for slug in ("sleep", "walk") for end in (".eml", ".txt")),
    }  # fmt: skip
    for path, data in files.items():
        if path not in ("index.html", "SHA256SUMS"):
            assert data == (desk.root / "outputs" / path).read_bytes()
    lines = [line.partition("  ") for line in files["SHA256SUMS"].decode().splitlines()]
    sums = {path: digest for digest, _, path in lines}
    assert sums == {path: hashlib.sha256(data).hexdigest() for path, data in files.items() if path != "SHA256SUMS"}
    letter = email.message_from_bytes(files["newsletter/sleep.eml"], policy=email.policy.default)
    assert letter["X-Unsent"] == "1"


def test_the_page_names_paper_and_sheets_and_what_to_throw_away(desk: Workshop) -> None:
    files = unpacked(desk, bundle.pack(desk.desk, NOW).path)
    page = files["index.html"].decode()

    for link in re.findall(r'(?:href|src)="([^"#]+)"', page):
        assert link in files
    sides = len(pypdfium2.PdfDocument(files["handout/sleep-a4.pdf"]))
    sheets = (sides + 1) // 2
    assert f"{sheets} sheet{'' if sheets == 1 else 's'} a copy, {sheets * 100} for 100 copies" in page
    assert page.count("<strong>US Letter</strong>") == 2
    old = page.split('id="_old"', 1)[1].split("</section>", 1)[0]
    assert re.findall(r"</code> <strong>([^<]+)</strong>.*: (\w+)</li>", old) == [
        ("Sleep and You", "replaced"), ("Tea", "withdrawn")
    ]  # fmt: skip
    codes = [line.split('"code": "')[1][:8] for line in _records(desk)]
    assert re.findall(r"<code>(\w{8})</code>", old) == codes


def _records(desk: Workshop) -> list[str]:
    return (desk.root / "content/records/handouts.jsonl").read_text(encoding="utf-8").splitlines()


def test_it_is_the_same_bytes_again_and_a_part_can_be_asked_for(desk: Workshop) -> None:
    path = desk.root / "outputs" / bundle.pack(desk.desk, NOW).path
    before = path.read_bytes()
    bundle.pack(desk.desk, NOW)
    assert path.read_bytes() == before

    made = bundle.pack(desk.desk, NOW + timedelta(days=1), ["walk"])
    files = unpacked(desk, made.path)
    assert made.path == "bundle/2025-06-02.zip"
    assert {name for name in files if "sleep" in name} == set()
    assert {"handout/walk-a4.pdf", "newsletter/walk.eml"} < set(files)
    with pytest.raises(ValueError, match="Nothing is published of 'tea'"):
        bundle.pack(desk.desk, NOW, ["tea"])


def test_it_is_a_task_and_a_build_leaves_what_it_made(desk: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.stand(desk.root)
    tasks.bundle(Context(), slugs="sleep,walk", now=NOW.isoformat())
    assert capsys.readouterr().out == (
        "outputs/bundle/2025-06-01.zip: 4 PDFs, 2 letters; 2 texts on paper to throw away.\n"
    )
    desk.build(only=())
    assert (desk.root / "outputs/bundle/2025-06-01.zip").is_file()


def test_what_was_not_made_of_the_present_text_is_not_packed(workshop: Workshop) -> None:
    workshop.article("sleep", ARTICLE + "channels: {handout: false}\n")
    with pytest.raises(ValueError, match=r"newsletter/sleep.html|newsletter/sleep.txt in outputs/ was not made"):
        bundle.pack(workshop.desk, NOW)
    workshop.build(only=("newsletter",))
    made = bundle.pack(workshop.desk, NOW)
    assert made.newsletters == 1
    workshop.article("sleep", ARTICLE.replace("A first", "Another") + "channels: {handout: false}\n")
    with pytest.raises(ValueError, match="Build first"):
        bundle.pack(workshop.desk, NOW)
    outputs.clear(workshop.desk.outputs)
    assert not (workshop.root / "outputs" / made.path).exists()
