"""HTML in: no word is lost or changed, and what has no block is left with its place."""

from __future__ import annotations

import html as escaping
from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from pressrun import markup, model
from pressrun.faults import Place
from pressrun.importing.draft import Item
from pressrun.importing.html import convert


def _blocks(items: Sequence[Item]) -> tuple[model.Block, ...]:
    faults: list[str] = []
    text = "\n\n".join(item for item in items if isinstance(item, str))
    reader = markup.Reader(text, lambda _, problem, remedy: faults.append(f"{problem} {remedy}"), lambda _: Place(""))
    found = reader.blocks()
    assert faults == [], text
    return found


def _said(items: Sequence[Item]) -> list[str]:
    """The words of what our reader makes of the text among items, in reading order."""
    return " ".join(_words(_blocks(items))).split()


def _words(found: Sequence[model.Block]) -> Iterator[str]:
    for block in found:
        match block:
            case model.List(list=items) | model.Steps(steps=items):
                for item in items:
                    yield model.plain(item.text)
                    yield from _words(item.blocks)
            case model.Quote(text=inner):
                yield from _words(inner)
            case _:
                yield from map(model.plain, model.prose([block]))


# ---- whatever it says

_NASTY = st.text(
    st.sampled_from(list("ab1Ä. \n\t*_[]<>#&`\\!()-+=~^:;|\"'/é\u00a0\u00ad“」م")), min_size=1, max_size=12
) | st.sampled_from(
    ["1. x", "12) y", "- z", "# h", "#", "&amp;", "&copy;", "***", "---", "===", "~~~", "```", "![a](b)", "[x]: /u", "[^1]",
     "<b>", "<http://a.b>", "a_b_c", "_x_", "5 * 3", "> q", "+", "\\", "https://example.org/a_b_c", "a  b", "    code"]
)  # fmt: skip
_INLINE = st.recursive(
    _NASTY.map(lambda text: (escaping.escape(text), text)),
    lambda inner: st.tuples(
        st.sampled_from(["b", "i", "em", "strong", "span", "u", "code", "a", "small", "cite"]),
        st.lists(inner, max_size=3),
    ).map(lambda made: (_tagged(made[0], "".join(html for html, _ in made[1])), "".join(text for _, text in made[1]))),
    max_leaves=6,
)


def _tagged(name: str, inner: str) -> str:
    attributes = ' href="https://example.org/x?a=1&amp;b=(2"' if name == "a" else ""
    return f"<{name}{attributes}>{inner}</{name}>"


_RUN = st.lists(_INLINE, min_size=1, max_size=4).map(
    lambda parts: ("".join(html for html, _ in parts), "".join(text for _, text in parts))
)
_PARAGRAPH = st.tuples(st.sampled_from(["p", "h2", "h4", "div"]), _RUN).map(
    lambda made: (f"<{made[0]}>{made[1][0]}</{made[0]}>", f" {made[1][1]} ")
)
_BLOCK = st.recursive(
    _PARAGRAPH,
    lambda inner: st.tuples(
        st.sampled_from(["ul", "ol", "ol start=7", "blockquote"]),
        st.lists(st.lists(inner | _RUN, max_size=3), max_size=3),
    ).map(lambda made: (_listed(*made), " " + " ".join(text for item in made[1] for _, text in item) + " ")),
    max_leaves=8,
)


def _listed(name: str, items: list[list[tuple[str, str]]]) -> str:
    inner = [" ".join(f"<div>{html}</div>" for html, _ in item) for item in items]
    wrapped = inner if name == "blockquote" else [f"<li>{item}</li>" for item in inner]
    return f"<{name}>{''.join(wrapped)}</{name.partition(' ')[0]}>"


@given(st.lists(_BLOCK, max_size=4))
def test_our_reader_gives_back_every_word(parts: list[tuple[str, str]]) -> None:
    html = "".join(html for html, _ in parts)
    items = convert(html)
    assert not [item for item in items if not isinstance(item, str)]
    assert _said(items) == " ".join(text for _, text in parts).split()
