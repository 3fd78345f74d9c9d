"""A YAML file as nodes that know their line and column; text stays the text that was typed."""

from pressrun.source.misread import HOLDS_COLON, IF_TEXT, begins
from pressrun.source.nodes import Mapping, Node, Scalar, Sequence, read
from pressrun.source.text import Source, quote, typed, written

__all__ = [
    "HOLDS_COLON", "IF_TEXT", "Mapping", "Node", "Scalar", "Sequence", "Source", "begins", "quote", "read",
    "typed", "written",
]  # fmt: skip
