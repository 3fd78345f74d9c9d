"""The desk of another organisation: what it begins with, what it overrides, and that it works by itself."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import drawings
import pytest
from conftest import NOW, PICTURED, ROOT, Workshop

from pressrun import build, desks
from pressrun.faults import Refused
from pressrun.languages import catalogue
from pressrun.templates import Templates

FILES = {
    ".gitattributes", ".github/workflows/preview.yml", ".github/workflows/publish.yml",
    ".github/workflows/test.yml", ".gitignore", "README.md", "content/articles/an-example.yaml",
    "content/images/README.md", "content/site.yaml", "inv", "outputs/README.md", "requirements/build.txt",
    "requirements/run.txt", "tasks.py", "vendor/pressrun-0.1.0-py3-none-any.whl",
}  # fmt: skip


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desks") / "theirs"
    assert desks.start(folder, ROOT) == len(FILES)
    return folder


def test_a_desk_begins_with_their_files_and_a_program_that_is_pinned(started: Path) -> None:
    found = {path.relative_to(started).as_posix() for path in started.rglob("*") if path.is_file()}
    lock = (started / "requirements/run.txt").read_text(encoding="utf-8")
    wheel = (started / "vendor/pressrun-0.1.0-py3-none-any.whl").read_bytes()

    assert found >= FILES
    assert {path for path in found - FILES if not path.startswith(".github/workflows/")} == set()
    assert f"pressrun==0.1.0 --hash=sha256:{hashlib.sha256(wheel).hexdigest()}" in lock
    assert lock.endswith((ROOT / "requirements/run.txt").read_text(encoding="utf-8"))
    assert "://" not in lock
    assert os.access(started / "inv", os.X_OK)
    assert len((started / "tasks.py").read_text(encoding="utf-8").splitlines()) == 3
    settings = re.findall(r"^(?:# )?\w+: .*", (started / "content/site.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(settings) == 10


def test_what_stands_commented_in_their_settings_works_when_its_sign_is_taken_away(
    started: Path, workshop: Workshop
) -> None:
    text = (started / "content/site.yaml").read_text(encoding="utf-8")
    assert '\n# Your colour; if it cannot be read, the build names one that can.\naccent: "#1f5f6b"\n' in text
    workshop.write("content/site.yaml", re.sub(r"(?m)^# (?=(?:default_)?helplines: )", "", text))
    workshop.article("sleep")

    assert workshop.build().faults == ()
    assert "555 0100" in workshop.read("web/sleep/index.html")


def test_nothing_of_ours_is_in_their_words(started: Path) -> None:
    ours = re.compile("substance|abuse|ketamine|addiction", re.IGNORECASE)
    for path in (path for path in started.rglob("*") if path.is_file() and path.suffix != ".whl"):
        assert not ours.search(path.read_text(encoding="utf-8")), path


def test_the_wheel_holds_every_file_that_is_read_at_run_time(started: Path) -> None:
    with zipfile.ZipFile(next(started.glob("vendor/*.whl"))) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist()}
    package = ROOT / "pressrun"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files += [package / "desk" / path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*") if path.is_file()]

    assert len(files) > 250
    for path in files:
        assert held.get(path.relative_to(ROOT).as_posix()) == path.read_bytes(), path


def test_a_folder_in_use_is_left_alone_and_a_desk_is_renewed(started: Path, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    shutil.copytree(started, desk)
    (desk / "content/site.yaml").write_text("name: Theirs\n")
    (desk / "inv").write_text("old")
    old = (desk / "vendor/pressrun-0.1.0-py3-none-any.whl").rename(desk / "vendor/pressrun-0.0.9-py3-none-any.whl")

    with pytest.raises(ValueError, match=r"has a file README\.md already"):
        desks.start(desk, ROOT)
    assert (desk / "inv").read_text() == "old"
    desks.start(desk, ROOT, renew=True)

    assert (desk / "inv").read_bytes() == (ROOT / "inv").read_bytes()
    assert (desk / "content/site.yaml").read_text() == "name: Theirs\n"
    assert not old.exists()
    with pytest.raises(ValueError, match=r"is no desk: it has no requirements/run\.txt"):
        desks.start(tmp_path / "nowhere", ROOT, renew=True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.heavy
def test_in_a_new_desk_the_two_commands_pass(started: Path, tmp_path: Path) -> None:
    """The package out of its wheel, and beside it what is installed here."""
    desk, environment = tmp_path / "desk", tmp_path / "desk/.venv"
    shutil.copytree(started, desk)
    venv.create(environment, with_pip=True)
    python = environment / "bin/python"
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([python, "-m", "pip", "install", *quiet, next(desk.glob("vendor/*.whl"))], check=True)
    (next(environment.glob("lib/*/site-packages")) / "beside.pth").write_text(sysconfig.get_path("purelib"))
    shutil.copy(desk / "requirements/run.txt", environment)  # by which the launcher knows that all is installed

    def inv(*words: str, at: Path = desk) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            [at / "inv", *words], cwd=tmp_path, capture_output=True, text=True, check=False, env=clean
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "1 article, " in inv("build")
    assert "3 handouts, " in inv("test")
    assert "nothing changed" in inv("build")
    said = subprocess.run(
        [python, "-c", "import pressrun; print(pressrun.__file__)"],
        cwd=desk,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith(str(environment))
    # It hands on the wheel that it has.
    inv("init", str(tmp_path / "another"))
    wheels = [next(folder.glob("vendor/*.whl")).read_bytes() for folder in (desk, tmp_path / "another")]
    assert wheels[0] == wheels[1]


# ---- their own look


@pytest.fixture
def theirs(workshop: Workshop) -> Workshop:
    """A desk without templates."""
    (workshop.root / "templates").unlink()
    workshop.article("sleep", PICTURED)
    workshop.write("content/images/red.png", drawings.every()["bed.png"])
    return workshop


def test_a_template_of_theirs_takes_the_place_of_ours_file_by_file(theirs: Workshop) -> None:
    theirs.build()
    theirs.write("templates/shared/blocks/callout.html", "<p>THEIRS: {{ block.title }}</p>\n")

    plan = dict(build.planned(theirs.desk, NOW))
    theirs.build()

    assert plan["web/sleep/index.html"] == "changed: templates"
    assert "THEIRS:" in theirs.read("web/sleep/index.html")
    assert "THEIRS:" not in theirs.read("newsletter/sleep.html")  # has a callout of its own
    (theirs.root / "templates/shared/blocks/callout.html").unlink()
    assert "THEIRS:" not in (theirs.build(), theirs.read("web/sleep/index.html"))[1]


def test_a_style_sheet_and_a_catalogue_of_theirs_take_the_place_of_ours(theirs: Workshop) -> None:
    theirs.write("templates/web/style.css", "body { color: {{ tokens.light.text }}; outline: 7px; }\n")
    theirs.write("templates/languages/es.po", 'msgid ""\nmsgstr ""\n\nmsgid "Get help now"\nmsgstr "Llame"\n')
    theirs.build()

    styles = [path.read_text() for path in (theirs.root / "outputs/web/assets").glob("style.*.css")]
    assert any("outline:7px" in css for css in styles)
    assert catalogue(theirs.desk.templates, "es").gettext("Get help now") == "Llame"
    assert catalogue(theirs.desk.templates, "ar").gettext("Get help now") != "Get help now"


def test_tokens_of_theirs_go_over_ours_name_by_name(theirs: Workshop) -> None:
    ours = Templates(ROOT / "templates").tokens
    theirs.write("templates/tokens.yaml", 'web: {measure: 31rem}\nlight: {danger: "#7a1f1f"}\nmine: {wide: 3}\n')

    tokens = Templates(theirs.desk.templates).tokens

    assert tokens["mine"] == {"wide": "3"}
    assert tokens["web"] == ours["web"] | {"measure": "31rem"}
    assert tokens["light"] == ours["light"] | {"danger": "#7a1f1f"}
    assert tokens["dark"] == ours["dark"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("web: {mesure: 3}\n", "templates/tokens.yaml:1:7: There is no 'mesure' in 'web'. Did you mean 'measure'?"),
        ("light: {danger: red}\n", "templates/tokens.yaml:1:17: This is no colour for 'danger'. Write it in quotes"),
        ("light: dark\n", "templates/tokens.yaml:1:1: 'light' holds names and values. Write them below it, indented."),
        (
            'light:\n  muted: "#aaaaaa"\n',
            "2:10: 'muted' on 'paper' has a contrast of 2.3 : 1 in the light scheme. Make it 4.5 : 1: #6e6e6e for",
        ),
    ],
)
def test_a_fault_in_their_tokens_is_told_at_its_place(theirs: Workshop, text: str, fault: str) -> None:
    theirs.write("templates/tokens.yaml", text)

    with pytest.raises(Refused) as refused:
        theirs.build()

    assert fault in str(refused.value.faults[0])
