"""What a build is going to make, and why: told before anything is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pressrun import disk
from pressrun.faults import Refused
from pressrun.outputs import PRIVATE, Output, Shelf

#: below outputs/: a line with the inputs of each file by name, as they were when it was made; the last one counts
_FILE = f"{PRIVATE}/inputs.jsonl"
#: in bytes a file: a longer log is written anew
_MOST = 2_000

Known = Mapping[str, Mapping[str, str]]


def reasons(shelf: Shelf, outputs: Iterable[Output]) -> Iterator[tuple[str, str]]:
    """(path, why it is made) for each output that is not up to date."""
    earlier = _read(shelf.folder)
    for output in outputs:
        if why := _reason(shelf, output, earlier.get(output.path, {})):
            yield output.path, why


def _reason(shelf: Shelf, output: Output, earlier: Mapping[str, str]) -> str:
    target = shelf.folder / output.path
    if not target.is_file():
        return "it is not there"
    if shelf.fresh(output):
        return ""
    if not shelf.key(output):
        return "" if _same(shelf, output, target) else "its content changed"
    if shelf.is_made_from_the_same(output):
        return "it was changed by hand"
    present = shelf.inputs.get(output.path, {})
    changed = [name for name in {**earlier, **present} if earlier.get(name) != present.get(name)]
    return f"changed: {', '.join(changed)}" if changed and earlier else "what it is made from changed"


def _same(shelf: Shelf, output: Output, target: Path) -> bool:
    """Whether an output that is made anew each time would be the same; one that cannot be made stays as it is."""
    try:
        return shelf.data(output) == target.read_bytes()
    except Refused:
        return True


def explained(shelf: Shelf, path: str) -> Mapping[str, str]:
    """The inputs of an output by name, as short hashes. Raises KeyError when no such output is made."""
    output = shelf.get(path)
    key = shelf.key(output)
    return shelf.inputs.get(path, {"all that it is made from": key[:16]} if key else {})


def remember(shelf: Shelf) -> None:
    """Notes the inputs of what was made from others than before, for the next build to tell what changed."""
    file = shelf.folder / _FILE
    new = {path: inputs for path in shelf.renewed if (inputs := shelf.inputs.get(path))}
    if file.is_file() and file.stat().st_size > _MOST * len(shelf.paths()):
        declared = set(shelf.paths())
        known = {path: inputs for path, inputs in {**_read(shelf.folder), **new}.items() if path in declared}
        disk.write(file, _lines(known).encode())
    elif new:
        # Behind a line that may have been cut off.
        disk.append(file, f"\n{_lines(new)}", durable=False)


def _lines(known: Known) -> str:
    return "".join(f"{json.dumps([path, dict(inputs)], sort_keys=True)}\n" for path, inputs in known.items())


def _read(folder: Path) -> Known:
    try:
        lines = (folder / _FILE).read_bytes().splitlines()
    except OSError:
        return {}
    found: dict[str, Mapping[str, str]] = {}
    for line in lines:
        with suppress(ValueError, TypeError, RecursionError):
            path, inputs = json.loads(line)
            if isinstance(path, str) and isinstance(inputs, dict):
                found[path] = inputs
    return found
