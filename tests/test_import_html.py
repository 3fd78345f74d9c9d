"""HTML in: no word is lost or changed, and what has no block is left with its place."""

from __future__ import annotations

import html as escaping
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun import markup, model
from pressrun.faults import Place
from pressrun.importing.draft import Item, Left
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
    ["1. x", "12) y", "- z", "# h", "#", "&amp;", "&copy;", "***", "---", "===", "~~~", "```", "![a](b)", "[x]: /u",
     "[^1]", "<b>", "<http://a.b>", "a_b_c", "_x_", "5 * 3", "> q", "+", "\\", "https://example.org/a_b_c",
     "a  b", "    code"]
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


# ---- what becomes of elements

TEXT = [
    ("<p>a <b>bold </b>word, <i>it</i><b>b</b></p>", "a **bold** word, *it***b**"),
    ("<p>x<b>(y)</b>z, これは<b>「強調」</b>です</p>", "x(**y**)z, これは「**強調**」です"),
    ("<p>one<br>two<br><br>three</p>", "one\\\ntwo\n\nthree"),
    ("<p>see <b>this <a href='https://x.org/a_(b)'>link</a> and</b> more</p>",
     "see **this [link](https://x.org/a_(b)) and** more"),
    ("<p><a href='https://x.org/?a=1&amp;copy;=2'>x</a>!</p>", "[x](https://x.org/?a=1\\&copy;=2)!"),
    ("<p>Great!<a href='https://x.org/'>x</a></p>", "Great\\![x](https://x.org/)"),
    ("<p>10<sup>6</sup>, H<sub>2</sub>O, 5<sup>th</sup>, <q>so</q></p>", "10⁶, H₂O, 5th, “so”"),
    ("<h1>A</h1><h2>B <b>C</b></h2><h3><b>D</b></h3><h5>E #</h5>", "## A\n\n## B **C**\n\n### D\n\n### E \\#"),
    ("<ul><li>a<ul><li>b</ul><li><p>c<p>d</ul><ul><li>e</ul>", "- a\n  - b\n\n- c\n\n  d\n\n* e"),
    ("<ol start=9><li>a<ul><li>b</ul><li>c</ol>", "9. a\n   - b\n10. c"),
    ("<blockquote><p>a<p>b</blockquote><blockquote>c</blockquote>", "> a\n>\n> b\n\n> c"),
    ("<ul><li><blockquote>a</blockquote><li><h2>b</h2>c</ul>", "- > a\n\n- **b**\n\n  c"),
    ("<pre><code>if x:\n  y()\n</code></pre>", "`if x:`\\\n`\u00a0\u00a0y()`"),
    ("<pre><span>if</span> <span>x</span>:\n    <span>y</span>\n</pre>", "`if x:`\\\n`\u00a0\u00a0\u00a0\u00a0y`"),
    ("<details><summary>More</summary>Words.</details>", "**More**\n\nWords."),
    ("<table role=presentation><tr><td><p>a<td>b</table>", "a\n\nb"),
    ("<p>1. a<p>- b<p># c<p>+ d<p>a * b * c<p>snake_case &amp;amp; _x_",
     "1\\. a\n\n\\- b\n\n\\# c\n\n\\+ d\n\na \\* b \\* c\n\nsnake_case \\&amp; \\_x\\_"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "text"), TEXT)
def test_text_is_commonmark_that_people_would_write(html: str, text: str) -> None:
    assert "\n\n".join(map(str, convert(html))) == text
    _blocks(convert(html))


def _table(columns: list[str], *rows: list[str], **more: Any) -> dict[str, Any]:
    return {"table": {"columns": columns, "rows": list(rows), **more}}


BLOCKS: list[tuple[str, list[Item]]] = [
    ("<img src=a.png alt=''>", [{"figure": {"src": "a.png", "alt": ""}}]),
    ("<p>a <img src=a.png> b</p>", ["a b", {"figure": {"src": "a.png"}}]),
    ("<img src=a.png alt=A><noscript><img src=a.png alt=A></noscript>", [{"figure": {"src": "a.png", "alt": "A"}}]),
    ("<figure><a href=big.png><img src=a.png alt=A></a><figcaption>b <i>c</i></figcaption></figure>",
     [{"figure": {"src": "a.png", "alt": "A", "caption": "b *c*"}}]),
    ("<figure><blockquote>a</blockquote><figcaption>— B</figcaption></figure>", ["> a", "— B"]),
    ("<blockquote cite=https://x.org/><p>a</p><footer>— <cite>B</cite></footer></blockquote>",
     [{"quote": {"text": "a", "cite": "B", "url": "https://x.org/"}}]),
    ("<dl><dt>a<dd>b <b>c</b><dt>d<dd>e</dl>", [{"terms": [{"a": "b **c**"}, {"d": "e"}]}]),
    ("<dl><dt>a<dd><ul><li>b</ul></dl>", ["**a**", "- b"]),
    ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", [_table(["a", "b"], ["1", "2"])]),
    ("<table><tr><td><b>a</b><td><b>b</b><tr><td>1<td>2</table>", [_table(["a", "b"], ["1", "2"])]),
    ("<table><tr><td>1<td>2<tr><td>3</table>", [_table(["", ""], ["1", "2"], ["3", ""])]),
    ("<table><caption>c</caption><thead><tr><th rowspan=2>a<th colspan=2>b<tr><th>c<th>d<tbody><tr><th>1<td>2<td>3",
     [_table(["a", "b: c", "b: d"], ["1", "2", "3"], caption="c", row_headers=True)]),
    ("<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3<tr><td colspan=2>4</table>",
     [_table(["a", "b"], ["1", "2"], ["1", "3"], ["4", ""])]),
    ("<table><tr><th>a<th>b<tr><td><p>1<p>2<td>- 3 <img src=a.png alt=A></table>",
     [_table(["a", "b"], ["1\\\n2", "- 3"]), {"figure": {"src": "a.png", "alt": "A"}}]),
    ("<ol><li>a<li>b<table><tr><th>c<th>d<tr><td>1<td>2</table><li>e</ol>",
     ["1. a\n2. b", _table(["c", "d"], ["1", "2"]), "3. e"]),
]  # fmt: skip


@pytest.mark.parametrize(("html", "items"), BLOCKS)
def test_blocks(html: str, items: list[Item]) -> None:
    assert convert(html) == items


LEFT = [
    ("<p>a\n <iframe src='x>y'></iframe> b", (2, 2), "an iframe", "<iframe src='x>y'></iframe>"),
    ("<script>a('<b>')</script>", (1, 1), "a script", "<script>a('<b>')</script>"),
    ("<ul><li>é <input type=checkbox checked> a</ul>", (1, 11), "a field", "<input type=checkbox checked>"),
    ("x<!-- a > b -->", (1, 2), "a comment", "<!-- a > b -->"),
    ("a <del>b <b>c</b></del>", (1, 3), "struck-out words", "<del>b <b>c</b></del>"),
    ("\r\n<p style='display: none'>a</p>", (2, 1), "hidden words", "<p style='display: none'>a</p>"),
    ("<a href='javascript:x()'>a</a>", (1, 1), "a link that leads nowhere", "<a href='javascript:x()'>a</a>"),
    ("<svg><text>a</text></svg>", (1, 1), "a drawing", "<svg><text>a</text></svg>"),
    ("<form><select><option>a</select></form>", (1, 1), "a form", "<form><select><option>a</select></form>"),
    ("<img src=t.gif width=1 height=1>", (1, 1), "a picture that shows nothing", "<img src=t.gif width=1 height=1>"),
    ("<table><tr><td>1<td><video src=v></video></table>", (1, 21), "a video", "<video src=v></video>"),
]


@pytest.mark.parametrize(("html", "at", "what", "text"), LEFT)
def test_what_has_no_block_is_left_with_its_place(html: str, at: tuple[int, int], what: str, text: str) -> None:
    assert [item for item in convert(html) if isinstance(item, Left)] == [Left(*at, what, text)]
    line, column = at
    moved = [item for item in convert(html, 10, 5) if isinstance(item, Left)]
    assert moved == [Left(line + 9, column + 4 * (line == 1), what, text)]
