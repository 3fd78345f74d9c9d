"""What a person sees at the command line."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ARTICLE, ROOT, SITE, Workshop
from invoke.exceptions import Exit

from pressrun import tasks
from pressrun.tasks.terminal import plainly


@dataclass(frozen=True)
class Terminal:
    root: Path

    def inv(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "invoke", *words], cwd=self.root, capture_output=True, text=True,
            timeout=120, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        )  # fmt: skip


@pytest.fixture
def terminal(tmp_path: Path, published: Workshop) -> Terminal:
    """A desk with all of the code, a site, and what an earlier build left, so that fonts need not be cut again."""
    shutil.copytree(published.root / "outputs", tmp_path / "outputs")
    for name in ("tasks.py", "pressrun", "templates"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    (tmp_path / "content/articles").mkdir(parents=True)
    (tmp_path / "content/site.yaml").write_text(SITE + "editions: [a4]\n")
    return Terminal(tmp_path)


def test_the_list_of_tasks_is_short_and_every_task_and_flag_has_its_help(terminal: Terminal) -> None:
    # As the launcher lists them: a collection is one line.
    listed = terminal.inv("--list", "--list-depth", "1").stdout
    assert "set -- --list --list-depth 1" in (ROOT / "inv").read_text(encoding="utf-8")
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]

    assert len(names) <= 12
    space = tasks.of(ROOT)
    inner = [pair for collection in space.collections.values() for pair in collection.tasks.items()]
    assert len(inner) >= 6
    for name, task in [*space.tasks.items(), *inner]:
        assert task.__doc__, name
        assert [argument.name for argument in task.get_arguments() if not argument.help] == [], name


def test_listing_tasks_imports_nothing_heavy(terminal: Terminal) -> None:
    heavy = "'weasyprint', 'jinja2', 'nh3', 'lxml', 'markdown_it'"
    code = f"import tasks, sys; print([module for module in ({heavy}) if module in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=terminal.root, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("words", [["--list"], ["--help", "build"], ["list"]])
def test_the_launcher_says_nothing_where_nobody_reads_on(terminal: Terminal, words: list[str]) -> None:
    program = (ROOT / "inv").read_text(encoding="utf-8").partition(" -c '\n")[2].partition("\n' ")[0]
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-P", "-c", program, "--search-root", str(terminal.root), *words]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, b"")


def test_the_three_commands_of_a_newcomer(terminal: Terminal) -> None:
    started = terminal.inv("new", "Sleep & You: first steps")
    path = terminal.root / "content/articles/sleep-you-first-steps.yaml"
    built = terminal.inv("build", "--only", "newsletter")

    assert started.returncode == 0
    assert "content/articles/sleep-you-first-steps.yaml" in started.stdout
    assert [line.split(":")[0] for line in path.read_text().splitlines() if line[:1].isalpha()] == [
        "title", "summary", "authors", "date", "body", "id",
    ]  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert built.stdout.splitlines()[-1] == str(terminal.root / "outputs/index.html")
    assert "Sleep &amp; You: first steps" in (terminal.root / "outputs/index.html").read_text()


def test_a_second_article_of_the_same_name_is_refused_and_the_first_kept(terminal: Terminal) -> None:
    terminal.inv("new", "Sleep")
    path = terminal.root / "content/articles/sleep.yaml"
    path.write_text("mine")

    again = terminal.inv("new", "Sleep")

    assert again.returncode == 1
    assert "sleep.yaml is there already" in again.stderr
    assert path.read_text() == "mine"


@pytest.mark.parametrize("command", ["build.newsletter", "check", "list"])
def test_a_content_fault_is_a_line_and_a_caret_and_no_traceback(terminal: Terminal, command: str) -> None:
    path = terminal.root / "content/articles/bad.yaml"
    path.write_text(ARTICLE.replace("title: Sleep and You", "title: Sleep: and you"))

    done = terminal.inv(*command.split())

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "content/articles/bad.yaml:1:8: YAML takes text that holds ': ' for a key and its value." in done.stderr
    assert "\n    title: Sleep: and you\n           ^\n" in done.stderr
    assert done.stderr.rstrip().endswith("1 fault to mend.")


def test_without_a_site_the_build_says_what_to_write(terminal: Terminal) -> None:
    (terminal.root / "content/site.yaml").unlink()

    done = terminal.inv("build")

    assert done.returncode == 1
    assert done.stderr.startswith("content/site.yaml:1:1: There is no such file.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "--only", "fax"], "There is no channel 'fax'"),
        (["build", "--now", "soon"], "'soon' is no date"),
        (["new", "--help"], "Write the title behind the task"),
        (["build", "--article", "nobody"], "There is no article 'nobody'"),
    ],
)
def test_a_wrong_flag_gets_a_sentence(terminal: Terminal, words: list[str], said: str) -> None:
    (terminal.root / "content/articles/one.yaml").write_text(ARTICLE)

    done = terminal.inv(*words)

    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_list_and_check_and_clean(terminal: Terminal) -> None:
    (terminal.root / "content/articles/one.yaml").write_text(ARTICLE)
    later = ARTICLE.replace("2025-03-14", "2025-09-01").replace("Sleep and You", "Dreams").replace("sleep", "a dream")
    (terminal.root / "content/articles/later.yaml").write_text(later)
    terminal.inv("build.newsletter", "--now", "2025-06-01")

    listed = terminal.inv("list", "--now", "2025-06-01").stdout
    checked = terminal.inv("check").stdout
    cleaned = terminal.inv("build.clean").stdout

    assert listed.splitlines() == [
        "slug   state      published   updated  channels  languages  review due",
        "later  scheduled  2025-09-01  -        all       en-US      -",
        "one    live       2025-03-14  -        all       en-US      -",
    ]
    assert checked == "No faults in 2 articles.\n"
    assert cleaned.startswith("Removed ")
    assert not list((terminal.root / "outputs").rglob("*.html"))


def test_what_is_given_out_is_recorded_once_and_only_when_it_was_built(terminal: Terminal) -> None:
    text = ARTICLE + "channels: {handout: {editions: [a4]}}\n"
    (terminal.root / "content/articles/sleep.yaml").write_text(text)
    (terminal.root / "content/articles/later.yaml").write_text(text.replace("2025-03-14", "2031-09-01"))
    path = terminal.root / "content/records/handouts.jsonl"

    early = terminal.inv("publish.handout")
    assert early.returncode == 1
    assert early.stderr.startswith("handout/sleep-a4.pdf in outputs/ was not made from its article's present text.")
    assert not path.exists()

    terminal.inv("build.handout")
    first = terminal.inv("publish.handout", "--now", "2030-01-01")
    recorded = path.read_text()
    again = terminal.inv("publish.handout")

    assert first.returncode == 0, first.stderr
    assert re.fullmatch(r"\w{8}  sleep  version 1, 2025-03-14  Sleep and You\n1 text recorded.\n", first.stdout)
    assert '"recorded": "2030-01-01T00:00:00-05:00"' in recorded
    assert again.stdout == "Nothing new: every text was recorded before.\n"
    assert path.read_text() == recorded

    (terminal.root / "content/articles/sleep.yaml").write_text(text.replace("A first", "Another"))
    changed = terminal.inv("publish.handout")

    assert changed.returncode == 1
    assert "Build first: ./inv build" in changed.stderr
    assert path.read_text() == recorded


def test_what_is_left_out_is_named_with_its_day(terminal: Terminal) -> None:
    (terminal.root / "content/articles/later.yaml").write_text(ARTICLE.replace("2025-03-14", "2025-09-01"))
    (terminal.root / "content/articles/draft.yaml").write_text(ARTICLE + "draft: true\n")

    done = terminal.inv("build.newsletter", "--now", "2025-06-01")

    assert "Left out: later (appears on 2025-09-01 00:00 EDT)" in done.stdout
    assert "Left out: draft (a draft)" in done.stdout


def test_a_fifth_channel_is_one_module_one_template_folder_and_one_line(terminal: Terminal) -> None:
    (terminal.root / "content/articles/one.yaml").write_text(ARTICLE)
    (terminal.root / "pressrun/channels/plain.py").write_text(
        "from collections.abc import Iterator\n"
        "from functools import partial\n"
        "from pressrun.outputs import Output\n"
        "from pressrun.schema import ChannelKeys, Key, line\n"
        "NAME = 'plain'\n"
        "KEYS = ChannelKeys(options={'greeting': Key(line, 'a first line')}, settings={})\n"
        "def render(publication, templates, shelf):\n"
        "    for article in publication.live(NAME):\n"
        "        make = partial(page, templates, article)\n"
        "        yield Output(f'{NAME}/{article.slug}.txt', make, NAME, article=article.slug, label='Plain text')\n"
        "def page(templates, article):\n"
        "    return templates.render(NAME, 'article.txt', article=article, address=lambda link: link.href).encode()\n"
    )
    (terminal.root / "templates/plain").mkdir()
    (terminal.root / "templates/plain/article.txt").write_text(
        "{{ article.options('plain').greeting }}\n{{ article.title }}\n"
        "{% for block in article.body if block.kind == 'text' %}{{ block.text|text }}\n{% endfor %}"
    )
    table = terminal.root / "pressrun/channels/__init__.py"
    table.write_text(table.read_text().replace('    "feed",\n', '    "feed",\n    "plain",\n'))
    article = ARTICLE.replace("body: |\n", "body:\n- |\n") + "- {text: Only there., only: plain}\n"
    (terminal.root / "content/articles/one.yaml").write_text(article + "channels: {plain: {greeting: Hello}}\n")

    done = terminal.inv("build", "--only", "plain,newsletter")

    assert done.returncode == 0, done.stderr
    assert (
        terminal.root / "outputs/plain/one.txt"
    ).read_text() == "Hello\nSleep and You\nA first paragraph.\nOnly there.\n"
    assert "Only there" not in (terminal.root / "outputs/newsletter/one.html").read_text()
    assert "Plain text" in (terminal.root / "outputs/index.html").read_text()
    assert "build.plain" in terminal.inv("--list").stdout


def test_import_takes_files_and_folders_and_fails_when_one_was_refused(terminal: Terminal) -> None:
    shutil.copy(ROOT / "tests/seed.txt", terminal.root / "ketamine-withdrawal.txt")
    shutil.copytree(ROOT / "tests/importing/jekyll", terminal.root / "old", ignore=shutil.ignore_patterns("expected"))

    tried = terminal.inv("import", "--dry-run", "ketamine-withdrawal.txt", "old")
    assert "Would import 3 articles, refused 0 files." in tried.stdout
    assert list((terminal.root / "content/articles").iterdir()) == []

    done = terminal.inv("import", "ketamine-withdrawal.txt", "old", "gone.md", "--report", "report.txt")
    assert (
        "refused gone.md:1:1: There is no such file or folder. Correct its name; put it in quotes if it holds blanks."
        in done.stdout
    )
    assert "Imported 3 articles, refused 1 file." in done.stdout
    assert done.returncode == 1
    assert "An iframe is a comment now" in (terminal.root / "report.txt").read_text(encoding="utf-8")
    assert terminal.inv("check").stdout.startswith("No faults in 3 articles")

    again = terminal.inv("import", "ketamine-withdrawal.txt")
    assert "is there already" in again.stdout
    assert again.returncode == 0


def test_import_says_what_is_wrong_with_what_it_cannot_take(terminal: Terminal) -> None:
    (terminal.root / "empty").mkdir()
    (terminal.root / "leaflet.pdf").write_bytes(b"%PDF-1.7")
    shutil.copy(ROOT / "tests/seed.txt", terminal.root / "My own leaflet.txt")
    for said, *words in (
        ("Say which file or folder: ./inv import ~/Downloads/Sleep.docx.",),
        ("Say which file or folder: ./inv import ~/Downloads/Sleep.docx.", "--dry-run"),
        ("refused empty:1:1: No file in this folder can be imported. Put files there that are one of .docx,", "empty"),
        ("refused leaflet.pdf:1:1: A file of the kind '.pdf' cannot be imported. Import what", "leaflet.pdf"),
        ("refused No:1:1: There is no such file or folder.", "No", "leaflet.docx"),
    ):  # fmt: skip
        done = terminal.inv("import", *words)
        assert said in done.stdout + done.stderr
        assert done.returncode != 0

    assert "Imported 1 article, refused 0 files." in terminal.inv("import", "My", "own", "leaflet.txt").stdout


def test_what_the_system_says_and_an_interruption_are_sentences() -> None:
    with (
        pytest.raises(Exit, match=r"^/nowhere could not be read or written: Read-only file.*\. Mend") as said,
        plainly(),
    ):
        raise OSError(errno.EROFS, "Read-only file system", "/nowhere")
    assert said.value.code == 74
    with pytest.raises(Exit, match="Interrupted") as said, plainly():
        raise KeyboardInterrupt
    assert said.value.code == 130


def test_a_bundle_may_be_of_what_is_named_behind_the_task(terminal: Terminal) -> None:
    (terminal.root / "content/site.yaml").write_text(SITE)
    for words in (["nobody"], ["nobody", "--now", "2030-01-01"]):
        assert terminal.inv("publish.bundle", *words).stderr == (
            "Nothing is published of 'nobody'. `inv list` shows what there is.\n"
        )
    assert "0 PDFs, 0 letters" in terminal.inv("publish.bundle", "--now", "2030-01-01").stdout
