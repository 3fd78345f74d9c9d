"""The look of all channels: templates/tokens.yaml of the package, a desk's own over it name by name, and the accent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from pressrun import layers, source
from pressrun.colours import ENOUGH, contrast, mix, readable
from pressrun.faults import Fault, Refused
from pressrun.schema import nearest

FILE = "tokens.yaml"
_SCHEMES = ("light", "dark")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

#: text role and the role that it stands on
_PAIRS = (
    ("text", "paper"), ("muted", "paper"), ("link", "paper"), ("accent", "paper"), ("danger", "paper"),
    ("text", "tint"), ("link", "tint"), ("accent", "tint"), ("accent-text", "accent"), ("text", "danger-tint"),
)  # fmt: skip
#: shares of the accent in its tint; the first that leaves it readable there is taken
_TINTS = (0.08, 0.06, 0.04, 0.02, 0.0)
#: On dark paper an accent that only just passes looks dull.
_DARK_CONTRAST = 7.0


def read(own: Path, accent: str = "") -> Mapping[str, Any]:
    """Palette, sizes and the roles of colours in light, dark and print; `own` is a desk's folder of templates.

    Raises Refused for names that mean nothing, for what is no colour, and for poor contrast.
    """
    paths = (folder / FILE for folder in reversed(layers.folders(own)))
    return _read(tuple(path.read_bytes() for path in paths if path.is_file()), accent)


@cache
def _read(written: tuple[bytes, ...], accent: str) -> Mapping[str, Any]:
    """From files, each over the one before."""
    node, *others = (source.read(f"templates/{FILE}", data) for data in written)
    tokens: dict[str, Any] = _values(node)
    for other in others:
        tokens, node = _over(tokens, other), other
    _check(_no_colours(node))
    light, dark = (tokens[scheme] for scheme in _SCHEMES)
    if accent and accent != light["accent"]:  # the dark scheme of our own accent is designed, another's is derived
        tints = (mix(accent, light["paper"], share) for share in _TINTS)
        tint = next((tint for tint in tints if contrast(accent, tint) >= ENOUGH), light["paper"])
        light |= {"accent": accent, "link": accent, "tint": tint}
        shade = readable(accent, dark["paper"], "#ffffff", _DARK_CONTRAST)
        dark |= {"accent": shade, "link": shade, "tint": mix(shade, dark["paper"], 0.1)}
    _check(_poor(node, tokens))
    return tokens


def _check(faults: Iterable[Fault]) -> None:
    if found := list(faults):
        raise Refused(found)


def _over(tokens: dict[str, Any], node: source.Node) -> dict[str, Any]:
    """Tokens with those of a desk in their places; groups of its own are for templates of its own."""
    own = _values(node)
    pairs = node.pairs if isinstance(node, source.Mapping) else ()
    _check(
        fault for group, value in pairs if group.text in tokens for fault in _unknown(tokens[group.text], group, value)
    )
    return tokens | {group: tokens.get(group, {}) | own[group] for group in (own or ())}


def _unknown(known: Mapping[str, Any], group: source.Scalar, value: source.Node) -> Iterator[Fault]:
    if not isinstance(value, source.Mapping):
        yield group.fault(f"'{group.text}' holds names and values.", "Write them below it, indented.")
        return
    for name, _ in value.pairs:
        if name.text not in known:
            yield name.fault(f"There is no '{name.text}' in '{group.text}'.", nearest(name.text, tuple(known)))


def _written(node: source.Node, scheme: str) -> Mapping[str, source.Node]:
    """What a file says of the roles of a scheme."""
    group = node.get(scheme) if isinstance(node, source.Mapping) else None
    return {name.text: value for name, value in group.pairs} if isinstance(group, source.Mapping) else {}


def _no_colours(node: source.Node) -> Iterator[Fault]:
    for scheme in _SCHEMES:
        for role, value in _written(node, scheme).items():
            if not _COLOUR.fullmatch(getattr(value, "text", "")):
                yield value.fault(f"This is no colour for '{role}'.", 'Write it in quotes as "#1f5f6b".')


def _poor(node: source.Node, tokens: Mapping[str, Any]) -> Iterator[Fault]:
    """Where words could not be read, each with a colour that would do."""
    for scheme in _SCHEMES:
        roles, written = tokens[scheme], _written(node, scheme)
        for text, paper in _PAIRS:
            ratio = contrast(roles[text], roles[paper])
            if ratio < ENOUGH:
                end = max("#000000", "#ffffff", key=partial(contrast, roles[paper]))
                yield (written.get(text) or written.get(paper) or node).fault(
                    f"'{text}' on '{paper}' has a contrast of {ratio:.1f} : 1 in the {scheme} scheme.",
                    f"Make it 4.5 : 1: {readable(roles[text], roles[paper], end, ENOUGH)} for '{text}' would do.",
                )


def _values(node: source.Node) -> Any:
    match node:
        case source.Mapping(pairs=pairs):
            return {name.text: _values(value) for name, value in pairs}
        case source.Scalar(text=text):
            return text
    raise Refused([node.fault("Tokens are names and values.", "Write `name: value`.")])
