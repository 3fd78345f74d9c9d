"""docs/reference.md: every key, block, option, setting, task and flag, as the tables say them that the program uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from invoke.collection import Collection
from invoke.parser.argument import Argument

from pressrun.schema import contract
from pressrun.schema.shapes import Shape

_HEAD = """\
# Reference

Every key of every file in `content/`, and every task with its flags. What stands here is what the program checks:
`./inv schema` makes this page and the schemas by which editors complete keys and explain them. How to write an article:
[writing.md](writing.md).
"""
_FILES = {
    "article": "one article; its file's name is its address",
    "issue": "a newsletter of several articles",
    "site": "who publishes",
    "outreach": "where handouts are given out",
}


def page(schemas: Mapping[str, Shape], tasks: Collection) -> str:
    """The page in Markdown."""
    lines, seen = [_HEAD], set[str]()
    for name, shape in schemas.items():
        lines += [f"## {_heading(shape)}", "", f"`{contract.FILES[name]}`: {_FILES[name]}.", ""]
        seen.add(shape["title"])
        lines += _table(shape)
        for inner in _objects(shape):
            if inner["title"] not in seen:
                seen.add(inner["title"])
                lines += [f"### {_heading(inner)}", "", *_table(inner)]
    return "\n".join([*lines, "## Tasks", "", *_tasks(tasks)]).rstrip() + "\n"


# ---- keys


def _heading(shape: Shape) -> str:
    text = shape["title"].replace("'", "`")
    return f"{text[0].upper()}{text[1:]}"


def _objects(shape: Any) -> Iterator[Shape]:
    """Mappings with keys of ours below a shape, in their order, those without an own name left out."""
    inner = shape.values() if isinstance(shape, dict) else shape if isinstance(shape, list) else ()
    found = [one for one in inner if isinstance(one, dict) and "properties" in one]
    for one in inner:
        if one in found:
            yield one
        yield from _objects(one)


def _table(shape: Shape) -> Iterator[str]:
    yield from ("| key | value | what it says |", "| --- | --- | --- |")
    for name, key in shape["properties"].items():
        required = " (required)" if name in shape["required"] else ""
        said = [key["description"]]
        said += [f"example: `{key['x-typed']}`"] if "x-typed" in key else []
        said += [f"default: `{json.dumps(key['default']).replace(chr(34), '')}`"] if "default" in key else []
        yield _row(f"`{name}`{required}", _value(key), "; ".join(said))
    yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _value(shape: Shape) -> str:
    """What kind of value a key takes."""
    if "enum" in shape:
        return ", ".join(f"`{word}`" for word in shape["enum"])
    if "properties" in shape:
        anchor = re.sub(r"[^a-z0-9 -]", "", shape["title"].lower()).replace(" ", "-")
        return f"[{shape['title'].replace(chr(39), '`')}](#{anchor})"
    if "$comment" in shape:
        return str(shape["$comment"])
    if "anyOf" in shape:
        return " or ".join(_value(one) for one in shape["anyOf"])
    if shape["type"] == "array":
        return f"a list of: {_value(shape['items'])}"
    return f"names, each with: {_value(shape['additionalProperties'])}"


# ---- tasks


def _tasks(space: Collection) -> Iterator[str]:
    inner = [(f"{name}.", collection) for name, collection in space.collections.items()]
    doubled = {task.__doc__ for _, collection in inner for task in collection.tasks.values()}
    for prefix, collection in [("", space), *inner]:
        for name, task in collection.tasks.items():
            if not prefix and task.__doc__ in doubled:
                continue
            called = prefix.rstrip(".") if name == collection.default else f"{prefix}{name}"
            yield from (f"### `inv {called}`", "", str(task.__doc__), "")
            if arguments := task.get_arguments():
                yield from ("| flag | what it does |", "| --- | --- |")
                yield from (_row(_flag(argument), argument.help or "") for argument in arguments)
                yield ""


def _flag(argument: Argument) -> str:
    name = argument.names[0]
    if argument.kind is bool:
        return f"`--no-{name}`" if argument.default else f"`--{name}`"
    return f"`--{name}=...`"
