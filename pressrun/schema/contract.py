"""The authors' contract as JSON Schema, so that editors complete keys, explain them, and mark what does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pressrun.schema import documents, shapes
from pressrun.schema.context import ChannelKeys, Kind, record
from pressrun.schema.shapes import Shape

#: what every program knows that checks YAML by a schema
_DRAFT = "http://json-schema.org/draft-07/schema#"
#: where the files of each kind lie
FILES = {
    "article": "content/articles/**/*.yaml",
    "issue": "content/newsletters/*.yaml",
    "site": "content/site.yaml",
    "outreach": "content/sites/*.yaml",
}
_FOLDER, _SETTINGS = "content/.schema", ".vscode/settings.json"


def kinds(channels: Mapping[str, ChannelKeys]) -> dict[str, Kind]:
    """What reads each kind of file."""
    issue = {name: key for own in channels.values() for name, key in own.issue.items()}
    return {
        "article": documents.article,
        "issue": record(dict, issue, "an issue"),
        "site": documents.site,
        "outreach": documents.local_site,
    }


def schemas(channels: Mapping[str, ChannelKeys]) -> dict[str, Shape]:
    """The schema of each kind of file."""
    return {name: {"$schema": _DRAFT} | shapes.of(kind, channels) for name, kind in kinds(channels).items()}


def files(channels: Mapping[str, ChannelKeys]) -> dict[str, str]:
    """Text by path below a desk: the schemas, and the settings by which VS Code finds them."""
    found = {f"{_FOLDER}/{name}.json": _json(schema) for name, schema in schemas(channels).items()}
    settings = {f"./{_FOLDER}/{name}.json": place for name, place in FILES.items()}
    # Its own layout of YAML is not that of `inv fmt`.
    return found | {_SETTINGS: _json({"yaml.schemas": settings, "yaml.format.enable": False})}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
