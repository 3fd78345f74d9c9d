"""The designers' files: a desk's own templates, and behind them, file by file, those that come with the package."""

from __future__ import annotations

from pathlib import Path

#: as the package has them; in its own repository a link to the desk's
STOCK = Path(__file__).parent / "desk" / "templates"


def folders(own: Path) -> list[Path]:
    """Where a file of a desk's templates is looked for; the first that has it wins."""
    if not own.is_dir() or own.samefile(STOCK):
        return [STOCK]
    return [own, STOCK]


def find(own: Path, name: str) -> Path | None:
    """The file of a name below the templates."""
    return next((path for folder in folders(own) if (path := folder / name).is_file()), None)


def files(own: Path, folder: str = "") -> dict[str, Path]:
    """Every file in a folder of the templates, by its path below them, in order."""
    found: dict[str, Path] = {}
    for top in reversed(folders(own)):
        paths = (path for path in (top / folder).rglob("*") if path.is_file())
        found |= {path.relative_to(top).as_posix(): path for path in paths}
    return dict(sorted(found.items()))
