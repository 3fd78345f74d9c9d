"""The README is true: its commands run, its YAML builds, its message is what one sees."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import drawings
import pytest
from conftest import ROOT, Workshop
from test_tasks import Terminal, terminal  # noqa: F401  # a fixture

from pressrun import desks

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def _blocks(kind: str) -> list[str]:
    found = [text for name, text in BLOCKS if name == kind]
    assert found, f"no {kind} block"
    return found


def test_it_is_short() -> None:
    assert len(TEXT.splitlines()) <= 120


def test_every_command_runs(terminal: Terminal, tmp_path: Path) -> None:  # noqa: F811
    """In order, at one desk; the launcher itself is tried on a bare machine by CI."""
    commands = [line for text in _blocks("sh") for line in text.splitlines()]
    named = re.findall(r"^\| `inv ([^`]+)`", TEXT, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        program, *words = re.findall(r'"[^"]*"|\S+', command)
        assert program == "./inv"
        if words == ["test"]:
            continue  # this is it
        done = terminal.inv(*(word.strip('"') for word in words))
        assert done.returncode == 0, command + done.stderr
    listed = terminal.inv("--list").stdout
    for task in named:
        assert re.search(rf"^  {task.split()[0]}\b|\({task.split()[0]}\)", listed, re.MULTILINE), task
    assert (tmp_path / "content/articles/sleep-and-you.yaml").is_file()
    assert (tmp_path / "outputs/handout/sleep-and-you-a4.pdf").is_file()


def test_every_yaml_block_builds(workshop: Workshop) -> None:
    for number, text in enumerate(_blocks("yaml")):
        if text.startswith("title:"):
            workshop.article(f"article-{number}", text.replace("2026-", "2025-"))
        else:
            workshop.write("content/site.yaml", text)
            assert len(text.splitlines()) == 10

    result = workshop.build()

    assert result.faults == ()
    assert "Example Health" in workshop.read("web/article-0/index.html")


def test_every_article_in_the_guide_for_authors_builds(workshop: Workshop) -> None:
    text = (ROOT / "docs/writing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    articles = [block for block in blocks if block.startswith("title:")]
    assert len(articles) >= 3
    for number, article in enumerate(articles):
        workshop.article(f"article-{number}", article)

    assert workshop.build().faults == ()


TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")


def test_both_forms_of_a_text_in_the_tutorial_are_articles(workshop: Workshop) -> None:
    workshop.write("content/images/sleep/picture-1.png", drawings.every()["bed.png"])
    _, *forms = re.split(r"^```yaml\n(?=title:)", TUTORIAL, flags=re.MULTILINE)
    plain, blocks = (form.partition("```")[0].replace("2026-", "2025-") for form in forms)
    described = re.search(r"^```yaml\n( +alt: .*)\n```$", TUTORIAL, re.MULTILINE)
    assert described
    workshop.article("plain", plain)
    workshop.article("blocks", blocks)

    assert [fault.place.path for fault in workshop.build().faults] == ["content/articles/blocks.yaml"]
    workshop.article("blocks", re.sub(" +# alt: .*", described[1], blocks))
    assert workshop.build().faults == ()


def test_every_command_of_the_tutorial_works_in_a_desk_of_one_s_own(tmp_path: Path) -> None:
    """In order; the preview has tests of its own, and without a terminal it would not end."""
    commands = "".join(re.findall(r"^```sh\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)).splitlines()
    assert commands[:3] == ["./inv build", "./inv init ../our-leaflets", "cd ../our-leaflets"]
    desks.start(tmp_path / "our-leaflets", ROOT)
    desk = Terminal(tmp_path / "our-leaflets")
    shutil.copy(ROOT / "tests/importing/word/office-review.docx", tmp_path / "Sleep.docx")
    site = desk.root / "content/site.yaml"  # the file has a link to what is no page of the desk's own site
    site.write_text(
        site.read_text(encoding="utf-8").replace("www.example.org", "leaflets.example.net"), encoding="utf-8"
    )
    for command in commands[3:]:
        words = command.replace("~/Downloads/Sleep.docx", "../Sleep.docx").split()
        assert words.pop(0) == "./inv"
        if words == ["publish", "--dry-run"]:
            targets = "targets: {live: {folder: ../site}}\n"
            site.write_text(site.read_text(encoding="utf-8") + targets, encoding="utf-8")
        done = desk.inv(*words if words[0] != "preview" else ("check",), PYTHONPATH=str(ROOT))
        assert done.returncode == 0, command + done.stdout + done.stderr
    assert (tmp_path / "site/current/sleep/index.html").is_file()


def test_the_message_is_the_one_that_is_printed(terminal: Terminal) -> None:  # noqa: F811
    article = _blocks("yaml")[0].replace("Sleep and You", "Sleep: and You")
    (terminal.root / "content/articles/sleep-and-you.yaml").write_text(article)

    assert terminal.inv("check").stderr == _blocks("text")[0]


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", path.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_folder_and_task_that_it_names_is_there() -> None:
    for name in re.findall(r"^\| `(\w+/)`", TEXT, re.MULTILINE):
        assert (ROOT / name).is_dir()
