"""What a message asks of mail programs, and which of them know it, by the table clients.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cssselect2 import parser

from pressrun.proof.newsletter import sheets
from pressrun.proof.newsletter.letter import Letter
from pressrun.proof.newsletter.rules import Found, Rule
from pressrun.proof.newsletter.sheets import Declared

#: What some program of the first rank does not know, and why no reader misses it there.
ENHANCEMENTS = {
    "css-at-media": "narrow screens and the dark scheme; without it the letter is one column of fixed sizes in light",
    "css-at-media-prefers-color-scheme": "where it is unknown, the letter stays light or the program turns it dark",
    "css-border-radius": "corners are square instead",
    "css-border-spacing": "border-collapse says the same",
    "css-height": "keeps a picture's shape on narrow screens; by Yahoo's min-height it may stand taller there",
    "css-max-height": "the preheader is hidden by display and by mso-hide as well",
    "css-overflow": "the preheader is hidden by display and by mso-hide as well",
    "css-pseudo-class-hover": "a line under what the mouse is on; links have theirs without",
    "css-selector-attribute": "for Outlook's and Apple's apps alone, which know it",
    "css-text-wrap": "headings break where they break",
    "css-white-space": "a link at the head may break in two lines",
    "html-aria-label": "the wrapper's name for screen readers; its heading says the same",
    "html-body": "the wrapper in it has the same colours",
    "html-doctype": "Outlook's engine knows none, and some apps put the letter into a page of their own",
    "html-link": "the page that search engines are to name; no program needs it",
    "html-meta-color-scheme": "tells Apple's programs that there is a dark scheme; others go on as before",
}
_FAMILIES = {"gmail": "Gmail", "outlook": "Outlook", "apple-mail": "Apple Mail", "yahoo": "Yahoo"}
_PLATFORMS = {
    "desktop-webmail": "in a browser", "outlook-com": "in a browser", "ios": "iOS", "android": "Android",
    "windows": "Windows", "macos": "macOS",
}  # fmt: skip
_IMAGE = re.compile(r"\.([A-Za-z0-9]+)(?:[?#]|$)")
_COMBINATORS = {" ": "descendant", ">": "child", "+": "adjacent-sibling", "~": "general-sibling"}
_KINDS = {
    parser.LocalNameSelector: "selector:type", parser.IDSelector: "selector:id",
    parser.ClassSelector: "selector:class", parser.AttributeSelector: "selector:attribute",
}  # fmt: skip


class Feature(NamedTuple):
    """Something of HTML or CSS that mail programs may know."""

    slug: str
    title: str
    category: str
    #: what in a message shows that it is used
    signs: tuple[str, ...]
    #: programs of the first rank that do not know it
    lacking: tuple[str, ...]
    #: how many of all programs know it, at least in part
    percent: float

    @property
    def unknown_to(self) -> str:
        """The programs of the first rank that do not know it, as people call them: Gmail, Outlook (Windows)."""
        found: dict[str, list[str]] = {}
        for client in self.lacking:
            family, _, platform = client.partition(".")
            found.setdefault(family, []).append(platform)
        every = {family: sum(client.startswith(f"{family}.") for client in _table()["clients"]) for family in found}
        return ", ".join(
            _FAMILIES[family] + (f" ({', '.join(map(_PLATFORMS.__getitem__, on))})" if len(on) < every[family] else "")
            for family, on in found.items()
        )

    @property
    def excuse(self) -> str:
        """Why no reader misses it there; empty where somebody would."""
        return ENHANCEMENTS.get(self.slug, "")


@cache
def _table() -> Any:
    return json.loads(Path(__file__).with_name("clients.json").read_text(encoding="utf-8"))


@cache
def features() -> tuple[Feature, ...]:
    table = _table()
    return tuple(
        Feature(
            row["slug"], row["title"], row["category"], tuple(row["signs"]),
            tuple(client for client, known in zip(table["clients"], row["support"], strict=True) if known not in "ya"),
            row["percent"],
        )
        for row in table["features"]
    )  # fmt: skip


@cache
def _by_sign() -> dict[str, list[Feature]]:
    found: dict[str, list[Feature]] = {}
    for feature in features():
        for sign in feature.signs:
            found.setdefault(sign, []).append(feature)
    return found


def used(letter: Letter) -> dict[Feature, int]:
    """The features that a message uses, with the first line that uses each; the least known first."""
    known = _by_sign()
    first: dict[Feature, int] = {}
    for line, sign in _signs(letter):
        for feature in known.get(sign, ()):
            first[feature] = min(line, first.get(feature, line))
    return dict(sorted(first.items(), key=lambda pair: (pair[0].percent, pair[0].slug)))


def mean(found: Iterable[Feature]) -> float:
    """How many programs know a feature, on average."""
    percents = [feature.percent for feature in found]
    return sum(percents) / len(percents) if percents else 100.0


def _signs(letter: Letter) -> Iterator[tuple[int, str]]:
    if letter.html.lower().lstrip().startswith("<!doctype html"):
        yield 1, "doctype"
    for node in letter.tree.iter():
        if isinstance(node.tag, str):
            yield from ((node.sourceline, sign) for sign in _element(node))
            yield from ((declared.line, sign) for declared in sheets.inline(node) for sign in _declaration(declared))
        else:
            yield node.sourceline, "comment"
    found = sheets.read(letter)
    yield from ((line, "css-comment") for line in found.comments)
    for line, name, behind in found.at_rules:
        yield line, f"at:{name}"
        if name == "media":
            yield from ((line, f"media:{feature}") for feature in re.findall(r"\(\s*([a-z-]+)", behind.lower()))
    for rule in found.rules:
        yield from ((rule.line, sign) for sign in _selector(rule.selector))
        yield from ((declared.line, sign) for declared in rule.declared for sign in _declaration(declared))


def _element(element: Any) -> Iterator[str]:
    yield f"element:{element.tag}"
    for name, value in element.attrib.items():
        yield f"attribute:{name.lower()}"
        yield f"element:{element.tag}[{name.lower()}={value.lower()}]"
        if name == "href" and element.tag == "a":
            yield "address:#" if value.startswith("#") else f"address:{value.partition(':')[0].lower()}"
        if name in ("src", "background"):
            yield from _image(value)


def _image(address: str) -> Iterator[str]:
    if address.startswith("data:"):
        yield "image:base64"
        yield f"image:{address.partition(';')[0].rpartition('/')[2].partition('+')[0]}"
    elif found := _IMAGE.search(address):
        yield f"image:{found[1].lower()}"


def _declaration(declared: Declared) -> Iterator[str]:
    yield f"shorthand:{declared.name}"
    yield f"pair:{declared.name}:{declared.text.lower()}"
    yield "custom" if declared.name.startswith("--") else f"property:{_property(declared.name)}"
    if declared.important:
        yield "important"
    yield from _values(declared.value)


def _property(name: str) -> str:
    """A property that the table knows: margin for margin-left, which has no line of its own."""
    known, short = _by_sign(), name
    while short and f"property:{short}" not in known:
        short = short.rpartition("-")[0]
    return short or name


def _values(tokens: list[Any]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "ident":
                yield f"value:{token.lower_value}"
            case "dimension":
                yield f"unit:{token.lower_unit}"
            case "percentage":
                yield "unit:%"
            case "url":
                yield from _image(token.value)
            case "function":
                yield f"function:{token.lower_name}"
                yield from _values(token.arguments)
            case "string":
                pass
            case "() block":
                yield from _values(token.content)


def _selector(tokens: list[Any]) -> Iterator[str]:
    """The signs of a list of selectors."""
    if any(found == "&" for found in tokens):
        yield "nesting"
    try:
        found = list(parser.parse(tokens))
    except parser.SelectorError:
        return
    if len(found) > 1:
        yield "selector:grouping"
    for selector in found:
        if selector.pseudo_element:
            yield f"pseudo-element:{selector.pseudo_element}"
        yield from _compound(selector.parsed_tree)


def _compound(tree: Any) -> Iterator[str]:
    """The signs of compounds and what joins them."""
    if isinstance(tree, parser.CombinedSelector):
        yield f"selector:{_COMBINATORS[tree.combinator]}"
        yield from _compound(tree.left)
        yield from _compound(tree.right)
        return
    simple = tree.simple_selectors
    if not simple:
        yield "selector:universal"
    if sum(isinstance(one, parser.ClassSelector) for one in simple) > 1:
        yield "selector:chaining"
    for one in simple:
        match one:
            case parser.PseudoClassSelector() | parser.FunctionalPseudoClassSelector():
                yield f"pseudo:{one.name}"
            case parser.NegationSelector():
                yield "pseudo:not"
            case parser.RelationalSelector():
                yield "pseudo:has"
            case _:
                yield _KINDS.get(type(one), "")


def _unknown(letter: Letter) -> Found:
    for feature, line in used(letter).items():
        if feature.lacking and not feature.excuse:
            yield line, f"{feature.title} is unknown to {feature.unknown_to}."


RULES = (
    Rule("mail-clients", "error", "Do without it, or say in ENHANCEMENTS why no reader misses it.", _unknown),
)  # fmt: skip
