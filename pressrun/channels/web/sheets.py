"""Style sheets as browsers get them: written for people in templates, sent without what only people need."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import tinycss2

#: at-rules that hold declarations; others hold rules
_DECLARING = frozenset({"font-face", "page"})


@lru_cache(maxsize=8)  # for who builds often
def compact(css: str) -> str:
    """The same rules without comments, indents and line ends inside them."""
    return "\n".join(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True))) + "\n"


def _rules(rules: Iterable[Any]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"A style sheet cannot be read in line {rule.source_line}: {rule.message}.")
        head = f"@{rule.at_keyword} " if rule.type == "at-rule" else ""
        head = (head + _words(rule.prelude)).strip()
        if rule.content is None:
            yield f"{head};"
        elif rule.type == "at-rule" and rule.lower_at_keyword not in _DECLARING:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield f"{head}{{{''.join(_rules(inner))}}}"
        else:
            yield f"{head}{{{';'.join(_declarations(rule.content))}}}"


def _declarations(content: list[Any]) -> Iterable[str]:
    for found in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if found.type != "declaration":
            raise ValueError(f"A style sheet cannot be read in line {found.source_line}.")
        important = "!important" if found.important else ""
        yield f"{found.name}:{_words(found.value)}{important}"


def _words(tokens: list[Any]) -> str:
    """Tokens with single spaces; those around a comma go, which never have a meaning."""
    text = " ".join(tinycss2.serialize([token for token in tokens if token.type != "comment"]).split())
    return text if '"' in text or "'" in text else text.replace(", ", ",")
