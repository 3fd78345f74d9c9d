"""CommonMark in and out: what an author types is published or refused, never lost, whatever it is."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressrun import markup, model
from pressrun.faults import Place

LINKS = {"nami": "https://www.nami.org/"}


def _address(link: model.Link) -> str | None:
    return link.href or f"/{link.slug}/{'#' if link.anchor else ''}{link.anchor}"


def _read(text: str) -> tuple[tuple[model.Block, ...], list[tuple[str, str]]]:
    """The blocks of a text, and its faults: what stands at their place, and the problem."""
    faults: list[tuple[str, str]] = []

    def report(at: int, problem: str, remedy: str) -> None:
        assert 0 <= at <= len(text)
        assert problem.endswith(".")
        assert remedy.endswith(".")
        faults.append((text[at : at + 8], problem))

    return markup.Reader(text, report, lambda at: Place("x", 1, at + 1), LINKS).blocks(), faults


def _sound(text: str) -> tuple[model.Block, ...]:
    found, faults = _read(text)
    assert faults == []
    return found


def _text(text: str) -> str:
    return " ".join(markup.to_text(prose, _address) for prose in model.prose(_sound(text)))


def _html(text: str) -> str:
    return " ".join(markup.to_html(prose, _address) for prose in model.prose(_sound(text)))


def _kinds(found: tuple[model.Block, ...]) -> list[object]:
    """The kinds of blocks, with what stands in lists and quotes."""
    return [_kind(block) for block in found]


def _kind(block: model.Block) -> object:
    match block:
        case model.List(list=items) | model.Steps(steps=items):
            return [block.kind, *(_kinds(item.blocks) for item in items)]
        case model.Quote(text=inner):
            return [block.kind, *_kinds(inner)]
    return block.kind


# ---- examples


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** `c` d", "<em>a</em> <strong>b</strong> <code>c</code> d"),
        ("a\nb", "a b"),
        ("a  \nb", "a<br>b"),
        ("a\\\nb", "a<br>b"),
        (r"\*a\* \[b\] \# \\", r"*a* [b] # \\".replace(r"\\", "\\")),
        ("&copy; &amp; &lt;b&gt; &#233;", "\u00a9 &amp; &lt;b&gt; \u00e9"),
        ("<b>bold</b> <script>alert(1)</script>", "&lt;b&gt;bold&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<!-- a note -->", "&lt;!-- a note --&gt;"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<https://a.org/?b=c&d>", '<a href="https://a.org/?b=c&amp;d">https://a.org/?b=c&amp;d</a>'),
        ("<a@b.org>", '<a href="mailto:a@b.org">a@b.org</a>'),
        ("[a](https://b.org)", '<a href="https://b.org">a</a>'),
        ("[a](<https://b.org/c>)", '<a href="https://b.org/c">a</a>'),
        ("[a](b#c) [d](#e)", '<a href="/b/#c">a</a> <a href="//#e">d</a>'),
        ("[a][nami] [b][NAMI]", '<a href="https://www.nami.org/">a</a> <a href="https://www.nami.org/">b</a>'),
        ("[nami] [nami][]", '<a href="https://www.nami.org/">nami</a> <a href="https://www.nami.org/">nami</a>'),
        ("[a][b]\n\n[b]: https://c.org", '<a href="https://c.org">a</a>'),
        ("[*a* `b`](https://c.org)", '<a href="https://c.org"><em>a</em> <code>b</code></a>'),
        ("[a](https://m\u00fcnchen.de/\u00e9)", '<a href="https://xn--mnchen-3ya.de/%C3%A9">a</a>'),
        ("a[^12]", 'a<sup class="citation"><a href="#source-12">[12]</a></sup>'),
        (r"a\[^1] `[^1]`", "a[^1] <code>[^1]</code>"),
        ("a [b] [c]", "a [b] [c]"),
        ("***a** b*", "<em><strong>a</strong> b</em>"),
        ("a_b_c 2*3*4 * ** _", "a_b_c 2<em>3</em>4 * ** _"),
        ("``a`b``", "<code>a`b</code>"),
    ],
)  # fmt: skip
def test_text_in_html(text: str, html: str) -> None:
    assert _html(text) == html


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[a](https://b.org)", "a (https://b.org)"),
        ("<https://b.org>", "https://b.org"),
        ("<a@b.org>", "a@b.org"),
        ("[1-800-662-4357](tel:1-800-662-4357)", "1-800-662-4357"),
        ("[**a** b](c)", "a b (/c/)"),
        ("a[^1]", "a[1]"),
        ("a[^1][^2]", "a[1][2]"),
        ("a\\\nb", "a\nb"),
    ],
)
def test_text_in_plain_words(text: str, plain: str) -> None:
    assert _text(text) == plain


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a\n\nb", ["text", "text"]),
        ("## a\nb\n\n### c", ["heading", "text", "subheading"]),
        ("a\n---", ["heading"]),
        ("- a\n- b", [["list", [], []]]),
        ("- a\n\n- b", [["list", [], []]]),
        ("- a\n\n  b\n  - c", [["list", ["text", ["list", []]]]]),
        ("- - a", [["list", [["list", []]]]]),
        ("- > a", [["list", [["quote", "text"]]]]),
        ("1. a\n   - b\n2. c", [["steps", [["list", []]], []]]),
        ("-\n- a\n-", [["list", [], [], []]]),
        ("> a\n>\n> - b", [["quote", "text", ["list", []]]]),
        ("> a\nb", [["quote", "text"]]),
        ("![a](b.png)", ["figure"]),
        ("- ![a](b.png)", [["list", ["figure"]]]),
        ("- a\n* b", [["list", []], ["list", []]]),
    ],
)
def test_blocks_of_text(text: str, kinds: list[object]) -> None:
    assert _kinds(_sound(text)) == kinds


def test_a_list_begins_with_its_number() -> None:
    assert [block.start for block in _sound("3. a\n4. b") if isinstance(block, model.Steps)] == [3]
    assert [block.start for block in _sound("0) a") if isinstance(block, model.Steps)] == [0]


def test_a_picture_has_its_description_and_caption() -> None:
    (figure,) = _sound('![A \\[big\\] bed](<my bed.png> "In *my* room")')
    assert isinstance(figure, model.Figure)
    assert (figure.src, figure.alt) == ("my bed.png", "A [big] bed")
    assert markup.to_html(figure.caption, _address) == "In <em>my</em> room"


def test_a_link_that_leads_nowhere_shows_its_words_alone() -> None:
    (prose,) = model.prose(_sound("[a *b*](c)"))
    assert markup.to_html(prose, lambda _: None) == "a <em>b</em>"
    assert markup.to_text(prose, lambda _: None) == "a b"


def test_print_shows_where_a_link_leads_unless_its_words_say_so() -> None:
    prose = model.prose(_sound("[a](https://www.b.org/) [c.org](https://c.org)"))
    html = " ".join(markup.to_html(text, _address, printed=True) for text in prose)
    assert html.count('<span class="address">') == 1
    assert '<span class="address">(b.org)</span>' in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.org",
        "/etc/passwd",
        "../../x",
        "https://",
        "https://user@evil.org",
        "https:evil.org",
        "ftp://a.org",
        "mailto:a@b.org?bcc=c@d.org",
        "&#106;avascript:alert(1)",
        "java\\script:x",
        "http://a.org:99x",
        "tel:call",
        "?x",
        "x.html",
        "https://a.org\u00a0b",
        "\u0001javascript:x",
        "A-Slug",
        "mailto:",
        "x y",
    ],
)
def test_an_address_that_is_unsafe_or_unknown_is_refused(address: str) -> None:
    found, faults = _read(f"[a](<{address}>)")
    assert [problem for _, problem in faults if "cannot be followed" in problem], found


@pytest.mark.parametrize(
    "address",
    [
        "https://a.org",
        "http://a.org:8080/b?c#d",
        "mailto:a@b.org",
        "tel:+1-800",
        "sms:988",
        "a-slug",
        "/a-slug/",
        "a-slug#b",
        "#b",
        "HTTPS://A.org",
    ],
)
def test_an_address_that_can_be_followed_is_sound(address: str) -> None:
    assert _sound(f"[a]({address})")


def test_faults_stand_where_their_cause_is() -> None:
    text = "See x, `](x)`\n and [a](X) or [b](X).\n\n- one\n- two <xx:y>\n\n  #### three\n\n***\n\n[d]: https://d.org\n"
    assert [at for at, _ in _read(text.partition("[d]")[0])[1]] == [
        "X) or [b",
        "X).\n\n- o",
        "xx:y>\n\n ",
        "#### thr",
        "***\n\n",
    ]
    assert [at for at, _ in _read(text)[1]] == ["[d]: htt"]


@pytest.mark.parametrize(
    "text", ["", "A", "Sleep & You!", "It\u2019s", "\u0627\u0644\u0646\u0648\u0645", "a" * 200, "--", "\u00c9t\u00e9"]
)
def test_a_slug_is_always_fit_for_an_address(text: str) -> None:
    slug = markup.slugify(text)
    assert slug == "" or markup.is_slug(slug)


@given(st.text(max_size=100))
def test_any_words_make_a_fit_slug_or_none(text: str) -> None:
    slug = markup.slugify(text)
    assert slug == "" or markup.is_slug(slug)


# ---- nothing is lost

_WORD = st.sampled_from(["kkk", "qqq", "zzz", "kqz", "zqk"])
_INLINE = st.recursive(
    _WORD
    | st.sampled_from(
        ["&amp;", r"\*", r"\[", "<b>", "a_b", "2*3", "`k z`", "[^1]", "<https://z.org/q>", "k\\\nq", "k  \nz"]
    ),
    lambda inner: st.one_of(
        inner.map("*{}*".format),
        inner.map("**{}**".format),
        inner.map("[{}](https://k.org/z)".format),
        inner.map("[{}](z-q#k)".format),
        inner.map("[{}][nami]".format),
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
    ),
    max_leaves=6,
)


def _indented(text: str, first: str) -> str:
    return first + text.replace("\n", "\n" + " " * len(first))


_BLOCK = st.recursive(
    _INLINE | st.just("![kqk](z.png)"),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: "\n".join(_indented(text, "- ") for text in items)),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "\n\n".join(_indented(text, "7. ") for text in items)
        ),
        inner.map(lambda text: "> " + text.replace("\n", "\n> ")),
        st.lists(inner, min_size=2, max_size=3).map("\n\n".join),
    ),
    max_leaves=6,
)
_DOCUMENT = st.lists(_BLOCK | _INLINE.map(lambda text: f"## {text.replace(chr(10), ' ')}"), min_size=1, max_size=5).map(
    "\n\n".join
)


def _letters(text: str) -> Counter[str]:
    return Counter(re.findall("[kqz]", text))


def _published(found: tuple[model.Block, ...]) -> Iterator[str]:
    """Every text that reaches a reader, with addresses."""
    for prose in model.prose(found):
        yield markup.to_text(prose, _address)
        # The same address stands behind the words only once where the words are the address.
        for span in model.spans(prose):
            if isinstance(span, model.Link) and markup.readable(_address(span) or "") == model.plain(span.content):
                yield model.plain(span.content)
    for block in model.blocks(found):
        if isinstance(block, model.Figure):
            yield block.src + block.alt


@settings(max_examples=80, deadline=None)
@given(_DOCUMENT)
def test_every_word_of_a_sound_text_is_published_once(text: str) -> None:
    found, faults = _read(text)
    if not faults:
        typed = re.sub(r"<https://z.org/q>", "https://z.org/q", text)
        assert _letters(" ".join(_published(found))) == _letters(typed), text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="kqz *_`[]()<>!#-+1.\n\\&;|~^\"'=>", max_size=40))
def test_no_letter_is_lost_whatever_the_marks_around_it(text: str) -> None:
    found, faults = _read(text)
    if not faults and "]:" not in text:
        assert _letters(" ".join(_published(found))) >= _letters(text), text


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="kqz *_`[]()<>!&;:/\"'\\\njavscript#x", max_size=50))
def test_html_holds_nothing_but_what_is_allowed(text: str) -> None:
    """Read back with a parser that shares no code with the writer."""
    import html5lib

    for prose in model.prose(_read(text)[0]):
        tree = html5lib.parseFragment(markup.to_html(prose, _address), namespaceHTMLElements=False)
        for element in tree.iter():
            assert element.tag in {"DOCUMENT_FRAGMENT", "a", "strong", "em", "code", "br", "sup", "span"}
            assert set(element.attrib) <= {"href", "class"}


def test_a_definition_is_published_or_refused() -> None:
    for text in (
        "[k]: q",
        "> [k]: q",
        "- [k]: q",
        "[k]:\nq",
        "[k]\n\n[k]: https://q.org\n[k]: https://z.org",
        "[nami]: https://z.org",
    ):
        assert _read(text)[1] != [], text


# ---- nothing hangs

_HOSTILE = {
    "brackets": "[" * 50_000,
    "brackets closed": "[" * 50_000 + "]" * 50_000,
    "pictures": "![" * 1_000 + "]()" * 1_000,
    "pictures open": "![[]()" * 900,
    "stars": "*" * 50_000 + "a",
    "emphasis": "*a **a " * 550,
    "under": "_a " * 3_900,
    "backticks": "".join("`" * n + " " for n in range(80)),
    "quotes": ">" * 50_000,
    "lists": "- " * 5_000 + "a",
    "numbers": "1. " * 5_000 + "a",
    "angles": "<" * 3_900,
    "autolinks": "<https://a.org> " * 2_000,
    "entities": "&" * 100_000,
    "headings": "## a\n" * 3_000,
    "bad headings": "#### a\n" * 3_000,
    "citations": "[^1] " * 3_900,
    "definitions": "[a]: x\n" * 3_900,
    "one long line": "a" * 250_000,
    "breaks": "a\\\n" * 8_000,
    "parentheses": "[a](" + "(" * 100_000,
    "links": "[a](x) " * 3_900,
    "paragraphs": "a\n\n" * 6_000,
    "nested items": "".join("  " * n + "- a\n" for n in range(300)),
    "too long": "a " * 200_000,
    "nought": "a&#0;" * 4_000,
    "digits": "[^" + "1" * 5_000 + "]",
    "escapes": "\\*" * 100_000,
    "references": "[a][b]" * 1_900,
    "bangs": "!" * 100_000,
    "labels": "[" + "a" * 100_000 + "]: b",
    "tabs": "\t" * 50_000 + "a",
    "lazy": "> a\n" * 1 + "b\n" * 4_000,
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_text_is_read_or_refused_in_time(name: str) -> None:
    begun = time.perf_counter()
    found, _ = _read(_HOSTILE[name])
    for prose in model.prose(found):
        markup.to_html(prose, _address)
        markup.to_text(prose, _address)
    assert time.perf_counter() - begun < 5
