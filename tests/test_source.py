"""YAML as nodes: text stays as typed, every fault has its place, and no input crashes or hangs the reader."""

from __future__ import annotations

import contextlib
import time
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from conftest import NOW, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressrun import drafting, pictures, source
from pressrun.faults import Fault, Place, Refused
from pressrun.model import Picture
from pressrun.schema import WORDS


def _read(text: str | bytes) -> source.Node:
    return source.read("x.yaml", text.encode() if isinstance(text, str) else text, WORDS)


def _value(text: str) -> source.Scalar:
    node = _read(text)
    assert isinstance(node, source.Mapping)
    found = node.get("v")
    assert isinstance(found, source.Scalar)
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v: plain text", "plain text"),
        ("v: plain\n  text", "plain text"),
        ("v: 'it''s so'", "it's so"),
        ("v: ''''''", "''"),
        ('v: "a \\"b\\" \\\\ c"', 'a "b" \\ c'),
        ('v: "a\\u00e9\\x41\\U0001f600\\n\\tz"', "a\u00e9A\U0001f600\n\tz"),
        ('v: "one \\\n   two"', "one two"),
        ('v: "one\n\n  two"', "one\ntwo"),
        ("v: |\n  one\n    two\n\n  three\n", "one\n  two\n\nthree\n"),
        ("v: |2-\n   one\n  two", " one\ntwo"),
        ("v: >\n  one\n  two\n\n  three\n", "one two\nthree\n"),
        ("v: |  # a comment\n  one", "one"),
        ("\ufeffv: |\r\n  one\r\n  two\r\n", "one\ntwo\n"),
        ("v:\t\ttabs\there", "tabs\there"),
    ],
)
def test_each_character_knows_where_it_was_typed(text: str, said: str) -> None:
    value = _value(text)
    assert value.text == said
    offsets = value.offsets()
    assert len(offsets) == len(said) + 1
    assert offsets == sorted(offsets)
    for character, at in zip(said, offsets, strict=False):
        typed = value.source.text[at]
        assert typed == character or typed == "\\" or character in " \n", (character, typed)


@given(st.text(alphabet="ab '\"\\:#-\u00e9\U0001f600\t", max_size=30), st.sampled_from("'\""))
def test_quoted_text_reads_back_with_its_places(text: str, mark: str) -> None:
    typed = text.replace("'", "''") if mark == "'" else text.replace("\\", "\\\\").replace('"', '\\"')
    value = _value(f"v: {mark}{typed}{mark}\nw: 1\n")
    assert value.text == text
    for character, at in zip(text, value.offsets(), strict=False):
        assert value.source.text[at] in {character, "\\"}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40))
def test_what_quote_writes_reads_back(text: str) -> None:
    if not any(character in text for character in "\ufeff\ufffe\uffff"):
        assert _value(f"v: {source.quote(text)}\n").text == text


# ---- nothing crashes, nothing hangs

_PIECES = (
    "title: ", "body:", "\n", "  ", "- ", "|", ">", ": ", " #", "#", "*a", "&a ", "!x ", "[", "]", "{", "}", ",",
    '"', "'", "`", "@", "%", "---", "...", "?", "\t", "text", "callout: ", "\u2028", "\x07", "\\", "<<: ", "é",
    "## x\n", "body: |\n", "\n   - ", "-", "\u00a0",
)  # fmt: skip


def _only(refused: Refused) -> Fault:
    (fault,) = refused.faults
    return fault


def _is_inside(fault: Fault, text: str) -> None:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= fault.place.line <= len(lines)
    assert 1 <= fault.place.column <= len(lines[fault.place.line - 1]) + 1
    assert fault.problem.endswith(".")
    assert fault.remedy.split("\n")[0][-1] in ".:"


def _checked(text: str) -> source.Node | None:
    """The node, or None when the file was refused with one fault at a place inside it."""
    try:
        return _read(text)
    except Refused as refused:
        fault = _only(refused)
        _is_inside(fault, text)
        return None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
def test_no_text_crashes_the_reader(text: str) -> None:
    _checked(text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_slip_of_the_pen_in_an_article_crashes_the_reader(data: st.DataObject) -> None:
    text = (ROOT / "tests/cases/long-form/article.yaml").read_text(encoding="utf-8")[:1500]
    at = data.draw(st.integers(0, len(text)))
    _checked(text[:at] + data.draw(st.sampled_from(_PIECES)) + text[at + data.draw(st.integers(0, 5)) :])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=15).map("".join))
def test_every_typed_word_is_kept_or_the_file_refused(text: str) -> None:
    """What stands in a sound file outside comments of their own is in some node: YAML swallows nothing."""
    typed = text.count("text")
    if (node := _checked(text)) and "#" not in text:
        assert sum(scalar.text.count("text") for scalar in _scalars(node)) == typed


def _scalars(node: source.Node) -> list[source.Scalar]:
    if isinstance(node, source.Sequence):
        return [scalar for item in node.items for scalar in _scalars(item)]
    if isinstance(node, source.Mapping):
        return [scalar for pair in node.pairs for part in pair for scalar in _scalars(part)]
    assert isinstance(node, source.Scalar)
    return [node]


@given(st.binary(max_size=60))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    try:
        _read(data)
    except Refused as refused:
        _only(refused)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "v: " + "{a: " * 50_000,
        "- " * 50_000,
        "&a [*a]",
        "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "v: '" + "''" * 500_000,
        "v: " + '"' * 200_001,
        "- a: b: c\n" * 20_000,
        "v: [" + "a, " * 60_000 + "]",
        "v: " + ":" * 300_000 + " #",
        "x" * 2_000_001,
        "? " * 20_000,
        "\n".join(f"k{n}: v" for n in range(20_000)) + "\nk1: again",
        "v: " + "22:" * 60_000 + "22",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_files_are_read_or_refused_at_once(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("pressrun.source.nodes.MOST_NODES", 50_000)
    begun = time.perf_counter()
    try:
        _read(text)
    except Refused as refused:
        _only(refused)
    assert time.perf_counter() - begun < 5


def test_libyaml_is_there() -> None:
    """The C parser gives the events; the Python one would read some files in another way, and slowly."""
    assert yaml.__with_libyaml__


# ---- faults, drafts, pictures


def test_faults_stand_in_the_order_of_their_places() -> None:
    faults = [Fault(Place(path, line), "P.", "R.") for path, line in (("b", 1), ("a", 10), ("a", 9))]
    assert [(fault.place.path, fault.place.line) for fault in Refused(faults).faults] == [("a", 9), ("a", 10), ("b", 1)]


@pytest.mark.parametrize("title", ["Sleep: and you", 'The "big" sleep', "It's # 1", "a \\ b", "[x] *y*"])
def test_a_draft_holds_its_title_whatever_it_is(tmp_path: Path, title: str) -> None:
    node = _read(drafting.start(tmp_path, title, NOW.date()).read_bytes())
    assert isinstance(node, source.Mapping)
    found = node.get("title")
    assert isinstance(found, source.Scalar)
    assert found.text == title


def _picture(tmp_path: Path, data: bytes, name: str = "a.png") -> Picture:
    (tmp_path / name).write_bytes(data)
    return pictures.read(tmp_path, name)


def test_a_picture_is_never_half_read(tmp_path: Path) -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        made = BytesIO()
        Image.effect_noise((60, 60), 90).save(made, kind)
        whole = made.getvalue()
        assert _picture(tmp_path, whole).media_type == f"image/{kind.lower()}"
        for part in range(10):
            with pytest.raises(pictures.Unfit):
                _picture(tmp_path, whole[: len(whole) * part // 10])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_broken_picture_crashes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    made = BytesIO()
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]))
    Image.new("RGB", (9, 9), "teal").save(made, kind)
    broken = bytearray(made.getvalue())
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=6)):
        broken[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(pictures.Unfit):
        assert _picture(tmp_path_factory.mktemp("p"), bytes(broken)).width >= 1


def test_a_phones_picture_is_a_jpeg(tmp_path: Path) -> None:
    """Phones write MPO, a JPEG with a second picture behind it."""
    made = BytesIO()
    first, second = (Image.new("RGB", (9, 9), colour) for colour in ("teal", "white"))
    first.save(made, "MPO", save_all=True, append_images=[second])
    assert _picture(tmp_path, made.getvalue(), "a.jpg").media_type == "image/jpeg"


def test_a_picture_of_16_bits_is_refused_for_print_cannot_show_it(tmp_path: Path) -> None:
    made = BytesIO()
    Image.new("I;16", (9, 9)).save(made, "PNG")
    with pytest.raises(pictures.Unfit, match="16 bits"):
        _picture(tmp_path, made.getvalue())


def test_a_huge_picture_is_refused_unopened(tmp_path: Path) -> None:
    for side in (6_500, 10_000):
        made = BytesIO()
        Image.new("1", (side, side)).save(made, "PNG")
        with pytest.raises(pictures.Unfit, match="40 million"):
            _picture(tmp_path, made.getvalue())


@pytest.mark.parametrize("src", ["x" * 5_000 + ".png", "../a.png", "/etc/passwd", ".", "a\\b", "con/../../x", "é.png"])
def test_odd_paths_are_refused(tmp_path: Path, src: str) -> None:
    with pytest.raises(pictures.Unfit):
        pictures.read(tmp_path, src)
