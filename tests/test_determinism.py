"""The same content gives the same bytes on every machine, whatever it is set to and whatever fonts it has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from fontTools.ttLib import TTFont

from pressrun import fonts

#: what differs between machines: hash seeds, zone, language, home, temporary folder, and the fonts that are installed
MACHINES = {
    "plain": {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    "other": {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "86400"},
}
BUILD = """
from datetime import UTC, datetime
from pathlib import Path
from pressrun.build import Desk, build
assert build(Desk(Path()), datetime(2025, 6, 1, tzinfo=UTC)).faults == ()
"""


def _built(root: Path, name: str) -> dict[str, bytes]:
    """Everything that one machine makes of the real content, in every edition."""
    for folder in ("content", "templates", "pressrun"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    home = root / "home"
    _install_fonts(home, whole=name == "other")
    environment = {
        **os.environ, **MACHINES[name], "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home),
        "FONTCONFIG_FILE": str(home / "fonts.conf"), "TMPDIR": str(home),
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", BUILD], cwd=root, env=environment, check=True, timeout=300)
    assert list(home.glob("weasyprint-*")) == []  # no folder of typefaces is left behind
    outputs = root / "outputs"
    return {
        path.relative_to(outputs).as_posix(): path.read_bytes()
        for path in sorted(outputs.rglob("*"))
        if path.is_file() and ".pressrun" not in path.parts
    }


def _install_fonts(home: Path, *, whole: bool) -> None:
    """One machine has no font at all; the other has one of the name of our text face, which is another typeface."""
    (home / "fonts").mkdir(parents=True)
    if whole:
        title = fonts.FACES[-1]
        font = TTFont(fonts.folder(title) / title.file)
        for record in font["name"].names:
            if record.nameID in (1, 4, 16):
                record.string = fonts.FACES[0].family
        font.save(home / "fonts/impostor.ttf")
    text = f'<?xml version="1.0"?><fontconfig><dir>{home / "fonts"}</dir><cachedir>{home}</cachedir></fontconfig>'
    (home / "fonts.conf").write_text(text, encoding="utf-8")


@pytest.mark.heavy
def test_two_machines_make_the_same_bytes(tmp_path: Path) -> None:
    plain, other = (_built(tmp_path / name, name) for name in MACHINES)

    assert len([path for path in plain if path.endswith(".pdf")]) >= 24
    assert [path for path in plain if plain[path] != other.get(path)] == []
    assert set(plain) == set(other)
