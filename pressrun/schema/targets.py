"""Where the live site goes: `targets` of site.yaml, a kind each. Passwords and keys never stand there."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from pressrun import source
from pressrun.schema import kinds, shapes
from pressrun.schema.context import Context, Key, Keys, all_of, either, made, named, record, values
from pressrun.schema.shapes import shaped
from pressrun.source import Node

_NAME = kinds.matching(
    r"[a-z][a-z0-9-]{0,39}", "a target's name", "Use lower-case letters, digits and hyphens, 40 at most."
)
_HOST = kinds.matching(r"[A-Za-z0-9.:_-]+", "a server's name", "Write ssh.example.org.")
_RELEASES = Key(kinds.boolean, "false where no symbolic link can be made; `path` is then the web server's own folder")
_FOLDER: Keys = {"path": Key(kinds.word, "the folder", required=True), "releases": _RELEASES}


@shaped(shapes.matched(r"(?!-)(?!.*//[^/@]*:[^/@]*@)\S.*", "a repository"))
def _repository(node: Node, context: Context) -> str:
    """Whoever reads the desk must not find a password here."""
    text = kinds.word(node, context)
    if text.startswith("-") or re.search(r"//[^/@]*:[^/@]*@", text):
        remedy = "Write owner/name, or an address without a password; that goes into PRESSRUN_<TARGET>_PASSWORD."
        raise context.refuse(node, "This is no address of a repository that may stand in a file.", remedy)
    return text


_PAGES: Keys = {
    "repository": Key(_repository, "owner/name on GitHub, or the address of any git repository", required=True),
    "branch": Key(kinds.matching(r"(?!-)[A-Za-z0-9._/-]+", "a branch", "Write gh-pages."), "gh-pages by default"),
}
_SFTP: Keys = {
    "host": Key(_HOST, "the server", required=True),
    "path": Key(kinds.word, "the folder on the server", required=True),
    "user": Key(kinds.word, "who logs in"),
    "port": Key(kinds.number, "its port; 22 by default"),
    "known_hosts": Key(kinds.word, "the file with the server's key; ~/.ssh/known_hosts by default"),
    "key": Key(kinds.word, "the file with your private key, outside the desk; the agent's keys by default"),
    "releases": _RELEASES,
}  # fmt: skip
_S3: Keys = {
    "bucket": Key(kinds.matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket's name", "Write its name alone."),
                  "the bucket", required=True),
    "prefix": Key(kinds.matching(r"[^/\s](\S*[^/\s])?", "a prefix", "Write it without slashes at its ends."),
                  "the folder in it; none by default"),
    "endpoint": Key(kinds.web_address, "where the service is, if it is not Amazon's"),
    "region": Key(kinds.word, "the region"),
}  # fmt: skip


def _as_path(path: str) -> dict[str, Any]:
    return {"path": path}


_KINDS: Keys = {
    "folder": Key(
        either(made(kinds.word, _as_path), record(dict, _FOLDER, "a folder")),
        "a folder of this machine, or one that is mounted",
    ),
    "github_pages": Key(record(dict, _PAGES, "'github_pages'"), "{repository, branch}"),
    "sftp": Key(record(dict, _SFTP, "'sftp'"), "{host, path, user, port, known_hosts, key, releases}"),
    "s3": Key(record(dict, _S3, "'s3'"), "{bucket, prefix, endpoint, region}"),
}


@shaped(lambda channels: shapes.fields(_KINDS, "a target", channels) | {"minProperties": 1, "maxProperties": 1})
def _target(node: Node, context: Context) -> dict[str, Any]:
    found = values(node, context, _KINDS, "a target")
    if len(found) != 1:
        raise context.refuse(node, "A target is of one kind.", f"Write one of {', '.join(_KINDS)}.")
    return found


_PROBLEM, _REMEDY = "Names of targets belong here.", "Write live: {folder: /srv/www/example}, one a line."
_by_name = named(_target, _PROBLEM, _REMEDY)


@shaped(
    lambda channels: (
        shapes.of(_by_name, channels) | {"propertyNames": {"pattern": shapes.of(_NAME, channels)["pattern"]}}
    )
)
def targets(node: Node, context: Context) -> dict[str, dict[str, Any]]:
    """By name, the usual one first: {kind: its keys}."""
    if isinstance(node, source.Mapping):
        all_of([partial(_NAME, name, context) for name, _ in node.pairs])
    found: dict[str, dict[str, Any]] = _by_name(node, context)
    return found
