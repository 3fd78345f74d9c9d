"""The shape of the house: imports run one way, effects have homes, channels are named in one table."""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from conftest import ROOT

from pressrun.channels import NAMES

#: the ground first; a module imports only from floors below its own
FLOORS = (
    ("layers",),
    ("faults", "colours", "languages", "metadata", "lock", "disk", "packages", "png"),
    ("model", "manifest", "store", "registers"),
    ("source", "markup", "outputs", "message", "imprint", "snapshot"),
    ("pictures", "fonts", "schema", "records", "anchors", "memory", "edits"),
    ("tokens",),
    (
        "templates",
        "pdf",
        "drafting",
        "fit",
        "issues",
        "renditions",
        "cards",
        "icons",
        "translations",
        "layout",
        "desks",
        "sharing",
    ),
    ("folder", "copies", "inputs", "plan", "sections", "drawing", "workers", "forks"),
    ("coherence", "approvals"),
    ("content",),
    ("cluster",),
    ("channels", "overview"),
    ("build",),
    ("proof", "mailing", "rebuild"),
    ("publishing", "preview", "importing"),
    ("tasks",),
)
#: what a dependency brings along and may be used with it
BROUGHT = {"fontTools": ("weasyprint", "fonttools"), "PIL": ("weasyprint", "pillow"), "pydyf": ("weasyprint", "pydyf"),
           "markupsafe": ("jinja2", "markupsafe"), "lxml": ("feedgen", "lxml"),
           "tinycss2": ("weasyprint", "tinycss2"), "cssselect2": ("weasyprint", "cssselect2"),
           "botocore": ("boto3", "botocore")}  # fmt: skip
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "pressrun").rglob("*.py"))
}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports, anywhere in it."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _part(name: str) -> str:
    """The top-level module of the package that a full name lies in."""
    return name.split(".")[1] if name.count(".") else ""


def test_a_module_imports_only_from_the_floors_below() -> None:
    floor = {part: number for number, parts in enumerate(FLOORS) for part in parts}
    wrong = [
        f"{module} imports {imported}"
        for module, path in MODULES.items()
        for imported in _imports(path)
        if imported.startswith("pressrun.") and _part(module) and _part(imported) != _part(module)
        and floor[_part(imported)] >= floor[_part(module)]
    ]  # fmt: skip
    assert wrong == []


def test_no_import_goes_round_in_a_circle() -> None:
    graph = {
        module: {known for name in _imports(path) for known in (name, name.rpartition(".")[0]) if known in MODULES}
        for module, path in MODULES.items()
    }

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join([*above, module])
        # A package's face gathers its own modules; that is no circle.
        for other in graph[module] - {module, module.rpartition(".")[0]}:
            visit(other, (*above, module))

    for module in MODULES:
        visit(module, ())


def test_channels_do_not_know_each_other() -> None:
    for name in NAMES:
        others = [f"pressrun.channels.{other}" for other in NAMES if other != name]
        assert not [
            found for found in _imports(MODULES[f"pressrun.channels.{name}"]) if found.startswith(tuple(others))
        ]


def test_a_channel_is_named_in_its_own_module_and_in_the_table_alone() -> None:
    """A word such as 'feed' in a sentence is fine; a string that is nothing but the name is not."""
    allowed = {f"pressrun.channels.{name}" for name in NAMES} | {"pressrun.channels"}
    own = {module for module in MODULES for name in NAMES if module.startswith(f"pressrun.channels.{name}.")}
    places = {module: path for module, path in MODULES.items() if module not in allowed | own}
    #: addresses that the site keeps for itself, the folder that is the live site, and the word in other senses
    excused = {("pressrun.folder", name) for name in NAMES} | {("pressrun.outputs", "web"), ("pressrun.fonts", "web")}
    found = {
        (module, node.value)
        for module, path in places.items()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Constant) and node.value in NAMES
    }
    assert found <= excused


def test_only_tasks_read_the_clock() -> None:
    clocks = re.compile(r"\.now\(|\.today\(|time\.time|utcnow|getmtime")
    reading = [module for module, path in MODULES.items() if clocks.search(path.read_text(encoding="utf-8"))]
    assert [module for module in reading if _part(module) != "tasks"] == []


def test_only_mailing_publishing_and_the_check_of_links_open_sockets_and_nobody_loads_yaml_unguarded() -> None:
    """And the proof desk the one on which it listens, on this machine alone."""
    for module, path in MODULES.items():
        roots = {name.split(".")[0] for name in _imports(path)}
        assert not roots & {"urllib3", "http", "requests", "pickle"}, module
        assert "asyncio" not in roots or module == "pressrun.publishing.targets.sftp", module  # asyncssh wants it
        if module not in {
            "pressrun.publishing",
            "pressrun.publishing.status",
            "pressrun.publishing.targets",
            "pressrun.proof.reach",
        }:
            assert not any(name.startswith("urllib.request") for name in _imports(path)), module
        if not module.startswith("pressrun.mailing."):
            assert not roots & {"smtplib", "httpx"}, module
        if not module.startswith("pressrun.mailing."):
            listens = module in {"pressrun.proof.reach", "pressrun.preview.server"}
            assert listens or "socket" not in roots, module
        assert not re.search(r"yaml\.(load|compose|unsafe|full|safe)", path.read_text(encoding="utf-8")), module


def test_only_what_is_for_looking_reads_articles_as_if_they_were_published() -> None:
    """A build that could, and wrote to outputs/, would be a build that leaks: a Desk has one flag for both."""
    setters = {
        module for module, path in MODULES.items() for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "shown" and isinstance(node.ctx, ast.Store)
    }  # fmt: skip
    assert setters == {"pressrun.memory", "pressrun.preview.sight", "pressrun.build"}
    askers = {
        module for module, path in MODULES.items() for node in ast.walk(_tree(path))
        if isinstance(node, ast.keyword) and node.arg == "preview"
    }  # fmt: skip
    assert askers == {"pressrun.tasks.building"}


def test_templates_never_switch_escaping_off() -> None:
    for path in (path for path in (ROOT / "templates").rglob("*.*") if path.suffix != ".icc"):
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text(encoding="utf-8")), path


def test_dependencies_are_few_and_each_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = tomllib.loads(text)["project"]["dependencies"]

    assert len(declared) <= 12
    block = text.split("dependencies = [\n", 1)[1].split("]\n", 1)[0]
    assert [line for line in block.splitlines() if line.strip() and "  #" not in line and " # " not in line] == []


def test_every_import_is_declared_or_comes_with_a_declared_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *(one for name, found in extras.items() if name != "dev" for one in found)]
    names = {re.split(r"[><=~ ]", requirement)[0] for requirement in declared}
    modules = metadata.packages_distributions()
    used = {name.split(".")[0] for path in MODULES.values() for name in _imports(path)}
    for module in used - set(sys.stdlib_module_names) - {"pressrun"}:
        if module in BROUGHT:
            bringer, brought = BROUGHT[module]
            requirements = metadata.requires(bringer) or []
            assert bringer in names
            assert any(requirement.lower().startswith(brought) for requirement in requirements), module
        else:
            # What is not installed here, since its extra was not asked for, goes by its own name.
            assert {name.lower() for name in modules.get(module, [module])} & names, module


def test_functions_are_short_and_modules_are_no_longer_than_400_lines() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in MODULES.values()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno
    ]
    assert statistics.median(lengths) <= 9
    assert [
        module for module, path in MODULES.items() if len(path.read_text(encoding="utf-8").splitlines()) > 400
    ] == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "core", "manager"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert [module for module in MODULES if word in module.split(".")] == []


def test_files_that_pin_packages_name_no_address() -> None:
    pins = [*ROOT.glob("requirements/*"), *ROOT.glob(".ci/tools/package*.json")]
    assert len(pins) >= 4
    for path in pins:
        assert "://" not in path.read_text(encoding="utf-8"), path
