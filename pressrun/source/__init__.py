"""A YAML file as nodes that know their line and column; text stays the text that was typed."""

from pressrun.source.misread import HOLDS_COLON, IF_TEXT, begins
from pressrun.source.nodes import FORBIDDEN, Mapping, Node, Scalar, Sequence, read
from pressrun.source.slips import slipped
from pressrun.source.text import Source, decoded, quote, typed, written

__all__ = [
    "FORBIDDEN", "HOLDS_COLON", "IF_TEXT", "Mapping", "Node", "Scalar", "Sequence", "Source", "begins", "decoded",
    "quote", "read", "slipped", "typed", "written",
]  # fmt: skip
