"""Lists that somebody has typed: lines or paragraphs that begin with a bullet or a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from pressrun.importing import commonmark
from pressrun.importing.draft import Item

#: in plain text
BULLET = re.compile(r"\s*(?:[-*+•◦▪‣·–]|(?P<number>\d{1,3})[.)])\s+(?P<text>\S.*)", re.DOTALL)
#: in CommonMark, where a sign that might be taken for a list's is escaped, and may stand in bold letters
_MARKED = re.compile(
    r"(?P<bold>\*\*)?(?:(?(bold)\\?|\\)[-+]|\\\*|[•◦▪‣·–]|(?P<number>\d{1,3})(?(bold)\\?|\\)[.)])\s+(?P<text>\S.*)",
    re.DOTALL,
)
_NAMED = re.compile(r"(?P<name>[^:.!?*\[<`]{1,80}):\s+(?P<text>\S.*)", re.DOTALL)


def listed(texts: Sequence[str], *, stepwise: bool, first: int = 1) -> Item:
    """A list of such items, each CommonMark; terms or named steps if all are `Name: explanation`."""
    pairs = [_NAMED.fullmatch(text) for text in texts]
    if all(pairs):
        named = [{pair["name"]: pair["text"]} for pair in pairs if pair]
        return {"steps" if stepwise else "terms": named}
    signs = [f"{number}. " if stepwise else "- " for number in range(first, first + len(texts))]
    written = (sign + commonmark.guarded(text) for sign, text in zip(signs, texts, strict=True))
    return "\n".join(re.sub(r"\n", "\n  ", line) for line in written)


def says_steps(text: str) -> bool:
    """Whether a heading or a paragraph announces steps."""
    return bool(re.search(r"\bstep", text, re.IGNORECASE))


def gathered(items: Iterable[tuple[Item, int]]) -> list[tuple[Item, int]]:
    """Items of a body, each with its line, in which two or more typed ones in a row are a list."""
    found: list[tuple[Item, int]] = []
    signed = [(item, line, _MARKED.fullmatch(item) if isinstance(item, str) else None) for item, line in items]
    for kind, group in groupby(signed, lambda one: one[2] and bool(one[2]["number"])):
        part = list(group)
        bullets = [sign for *_, sign in part if sign]
        if kind is None or len(bullets) < 2:
            found += [(item, line) for item, line, _ in part]
            continue
        above = found[-1][0] if found else ""
        stepwise = bool(kind) or (isinstance(above, str) and says_steps(above))
        texts = [(sign["bold"] or "") + sign["text"] for sign in bullets]
        found.append((listed(texts, stepwise=stepwise, first=int(bullets[0]["number"] or 1)), part[0][1]))
    return found


def bare(text: str) -> str:
    """Words without the bullet or number before them."""
    sign = BULLET.fullmatch(text)
    return sign["text"] if sign else text
