"""The style sheets of a message, rule by rule, and how an element looks by them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import cssselect2
import tinycss2
import tinycss2.color3

from pressrun.colours import mix
from pressrun.proof.newsletter.letter import Letter

_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_SIZES = {"px": 1.0, "pt": 4 / 3, "em": 0.0, "rem": 16.0, "%": 0.0}
_BODY_SIZE = 16.0


class Declared(NamedTuple):
    """One declaration."""

    line: int
    #: in small letters
    name: str
    value: list[Any]
    important: bool

    @property
    def text(self) -> str:
        return str(tinycss2.serialize(self.value)).strip()


class Ruled(NamedTuple):
    """One rule of a style block."""

    line: int
    #: what stands behind @media, or nothing
    media: str
    selector: list[Any]
    declared: list[Declared]


class Sheets(NamedTuple):
    """All style blocks of a message."""

    rules: list[Ruled]
    #: line, name and what stands behind it
    at_rules: list[tuple[int, str, str]]
    #: lines with comments, and with what cannot be read
    comments: list[int]
    errors: list[tuple[int, str]]


@lru_cache(maxsize=4)
def read(letter: Letter) -> Sheets:
    sheets = Sheets([], [], [], [])
    for line, text in letter.styles:
        _gather(tinycss2.parse_stylesheet(text, skip_whitespace=True), "", line - 1, sheets)
    return sheets


def _gather(nodes: list[Any], media: str, above: int, sheets: Sheets) -> None:
    for node in nodes:
        line = above + node.source_line
        match node.type:
            case "comment":
                sheets.comments.append(line)
            case "error":
                sheets.errors.append((line, node.message))
            case "qualified-rule":
                sheets.rules.append(Ruled(line, media, node.prelude, _declared(node.content, above, sheets)))
            case "at-rule":
                behind = tinycss2.serialize(node.prelude).strip()
                sheets.at_rules.append((line, node.lower_at_keyword, behind))
                if node.content and node.lower_at_keyword in ("media", "supports"):
                    _gather(tinycss2.parse_rule_list(node.content, skip_whitespace=True), behind, above, sheets)


def _declared(content: Any, above: int, sheets: Sheets | None = None) -> list[Declared]:
    found = []
    for node in tinycss2.parse_blocks_contents(content, skip_whitespace=True):
        line = above + node.source_line
        if node.type == "declaration":
            found.append(Declared(line, node.lower_name, node.value, node.important))
        elif sheets and node.type == "comment":
            sheets.comments.append(line)
        elif sheets and node.type == "error":
            sheets.errors.append((line, node.message))
    return found


def inline(element: Any) -> list[Declared]:
    """What an element's style attribute says."""
    return [declared._replace(line=element.sourceline or 0) for declared in _said(element.get("style", ""))]


@lru_cache(maxsize=1024)
def _said(style: str) -> list[Declared]:
    """One style is said by many elements of a message."""
    return _declared(style, 0)


@dataclass
class Looks:
    """How the elements of a message look in one scheme, as far as colours, sizes and lines go.

    Nothing is known of borders, pictures behind text, and rules for narrow screens.
    """

    letter: Letter
    #: light; dark, by prefers-color-scheme; or apps, Outlook's, which mark what they turned dark
    scheme: str = "light"
    _own: dict[Any, dict[str, Declared]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.letter.tree
        if self.scheme == "apps":
            self.root = copy.deepcopy(self.root)
            self.root.attrib.update({"data-ogsc": "", "data-ogsb": ""})
        matcher = cssselect2.Matcher()
        for rule in read(self.letter).rules:
            if not rule.media or (self.scheme == "dark" and _DARK.fullmatch(rule.media)):
                self._teach(matcher, rule)
        for node in cssselect2.ElementWrapper.from_html_root(self.root).iter_subtree():
            self._own[node.etree_element] = self._cascade(node, matcher)

    @staticmethod
    def _teach(matcher: Any, rule: Ruled) -> None:
        try:
            selectors = cssselect2.compile_selector_list(rule.selector)
        except cssselect2.SelectorError:
            return
        for selector in selectors:
            if selector.pseudo_element is None:
                matcher.add_selector(selector, rule.declared)

    @staticmethod
    def _cascade(node: Any, matcher: Any) -> dict[str, Declared]:
        """What holds of all that is said of an element: the important, then the nearer, then the later."""
        ranked = [((one.important, True, (0, 0, 0), 0), one) for one in inline(node.etree_element)]
        for specificity, order, _, rule in matcher.match(node):
            ranked += [((one.important, False, specificity, order), one) for one in rule]
        return {declared.name: declared for _, declared in sorted(ranked, key=lambda pair: pair[0])}

    def elements(self) -> Iterator[Any]:
        return (element for element in self.root.iter() if isinstance(element.tag, str))

    def says(self, element: Any, name: str) -> str:
        """A property of an element by itself."""
        found = self._own[element].get(name)
        return found.text.lower() if found else ""

    def hidden(self, element: Any) -> bool:
        return any(self.says(one, "display") == "none" for one in _upwards(element))

    def colour(self, element: Any) -> str:
        """Of an element's words, as #rrggbb."""
        for one in _upwards(element):
            if found := _colour(self.says(one, "color")):
                return _on(found, self.ground(element))
            if one.tag == "a" and one.get("href") is not None and not self.says(one, "color"):
                return "#0000ee"
        return "#000000"

    def ground(self, element: Any) -> str:
        """What an element stands on, as #rrggbb."""
        veils = []
        for one in _upwards(element):
            said = self.says(one, "background-color") or self.says(one, "background") or one.get("bgcolor", "")
            if found := _colour(said):
                veils.append(found)
                if found[3] == 1:
                    break
        paper = "#ffffff"
        for veil in reversed(veils):
            paper = _on(veil, paper)
        return paper

    def size(self, element: Any) -> float:
        """Of an element's type, in pixels."""
        share = 1.0
        for one in _upwards(element):
            found = re.fullmatch(r"([0-9.]+)(px|pt|em|rem|%)", self.says(one, "font-size"))
            if found and (unit := _SIZES[found[2]]):
                return share * unit * float(found[1])
            if found:
                share *= float(found[1]) / (100 if found[2] == "%" else 1)
        return share * _BODY_SIZE


@lru_cache(maxsize=4)
def looks(letter: Letter, scheme: str = "light") -> Looks:
    """How a message looks in a scheme, worked out once."""
    return Looks(letter, scheme)


def _upwards(element: Any) -> Iterator[Any]:
    yield element
    yield from element.iterancestors()


@lru_cache(maxsize=256)
def _colour(text: str) -> tuple[float, float, float, float] | None:
    """The first colour of a value, each channel 0 to 1."""
    for token in tinycss2.parse_component_value_list(text):
        found = tinycss2.color3.parse_color(token)
        if found is not None and found != "currentColor":
            return found.red, found.green, found.blue, found.alpha
    return None


def _on(colour: tuple[float, float, float, float], paper: str) -> str:
    solid = "#" + "".join(f"{round(channel * 255):02x}" for channel in colour[:3])
    return mix(solid, paper, colour[3])
