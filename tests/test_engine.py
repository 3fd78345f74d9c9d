"""A build makes what a clean one would, whatever was there before and whatever ended the last one."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from builder import Builder
from conftest import NOW, ROOT, SITE, Workshop
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from PIL import Image

from pressrun import disk, lock, outputs
from pressrun.build import build
from pressrun.manifest import DAMAGED
from pressrun.outputs import MANIFEST, Occupied

SLUGS = ("alder", "birch", "cedar", "elder", "fir")
#: what lies below .pressrun/ and is no output
_OWN = tuple(
    f".pressrun/{name}" for name in ("manifest.json", "inputs.jsonl", "snapshot.json", "articles.json", "lock", "font")
)

#: everything that authors and designers wrote, by path
State = dict[str, bytes]


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    made = Builder()
    yield made
    made.close()


# ---- a desk whose whole state is known


class Desk:
    """A desk that is brought from one state to another, and beside it clean builds of the same."""

    def __init__(self, root: Path, builder: Builder) -> None:
        self.root, self._builder = root / "desk", builder
        self._clean = root / "clean"
        self.shop = Workshop(self.root)
        self._known: dict[tuple[Any, ...], Mapping[str, bytes]] = {}
        for made in (self.root / "content", self.root / "templates", self._clean):
            made.mkdir(parents=True)
        for name in ("content", "templates"):
            (self._clean / name).symlink_to(self.root / name)

    def bring(self, state: State) -> None:
        for folder in ("content", "templates"):
            for found in [found for found in (self.root / folder).rglob("*") if found.is_file()]:
                if found.relative_to(self.root).as_posix() not in state:
                    found.unlink()
        for path, data in state.items():
            target = self.root / path
            if not target.is_file() or target.read_bytes() != data:
                self.shop.write(path, data)

    def build(self, now: datetime = NOW, **order: Any) -> Mapping[str, Any]:
        return self._builder.build(self.root, now, **order)

    def differences(self, now: datetime = NOW) -> list[str]:
        """Names of files and folders that a clean build of the same would not have, have, or have otherwise."""
        shutil.rmtree(self._clean / "outputs", ignore_errors=True)
        done = self._builder.build(self._clean, now)
        assert not done["signal"]
        assert not done["error"], done["error"]
        return unlike(whole(self.root / "outputs"), whole(self._clean / "outputs"))


def whole(folder: Path) -> dict[str, bytes]:
    """Every file and every folder that builds make, those that they keep for themselves among them."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(_OWN):
            found[name] = b"" if path.is_dir() else path.read_bytes()
    return found


def unlike(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    return [
        f"{name}: {'too much' if name not in other else 'missing' if name not in one else 'otherwise'}"
        for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)
    ]  # fmt: skip


def _picture(colour: str, size: tuple[int, int] = (80, 60)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


PICTURES = (_picture("#cc3311"), _picture("#117733"), _picture("#117733", (60, 90)))
_TEMPLATES = {
    path.relative_to(ROOT).as_posix(): path.read_bytes()
    for path in (ROOT / "templates").rglob("*")
    if path.is_file()
}  # fmt: skip


def article(title: str = "Sleep", **keys: Any) -> bytes:
    """JSON is YAML, and escapes itself."""
    known = {
        "title": title, "summary": f"What helps with {title}.", "authors": ["The Team"], "date": "2025-03-14",
        "body": "A first paragraph.\n\n## A heading\n\n- An item\n", "channels": {"handout": False},
    }  # fmt: skip
    return json.dumps(known | keys, indent=1).encode()


def at(slug: str) -> str:
    return f"content/articles/{slug}.yaml"


def empty() -> State:
    return {**_TEMPLATES, "content/site.yaml": SITE.encode(), "content/images/dot.png": PICTURES[0]}


# ---- exact

#: values of an article's keys; None takes the key away
_KEYS: dict[str, list[Any]] = {
    "title": ["Sleep", "Dreams", "Night & Day"],
    "summary": ["What helps.", "What does not."],
    "body": [
        "A first paragraph.", "A first word.", "A paragraph, and [Birch](birch).\n\n## A heading\n\nMore.\n",
        [{"figure": {"src": "dot.png", "alt": "A dot"}}, {"text": "In the feed alone.", "only": "feed"}],
        [{"heading": "A heading"}, {"steps": ["One", "Two"]}, {"text": "Not in letters.", "except": "newsletter"}],
    ],
    "authors": [["The Team"], ["A. Writer", {"name": "B. Writer", "role": "nurse"}]],
    "tags": [None, ["nights"], ["nights", "days"]],
    "category": [None, "Rest", "Work"],
    "date": ["2025-03-14", "2025-05-30", "2025-06-03", "2026-01-01"],
    "updated": [None, "2025-05-31"],
    "corrections": [None, [{"date": "2025-05-31", "text": "A number was wrong."}]],
    "withdrawn": [None, {"date": "2025-04-01", "reason": "It was wrong."}],
    "expires": [None, "2025-06-05", "2025-05-01"],
    "draft": [None, "true"],
    "language": [None, "es"],
    "translation_of": [None, *SLUGS[:2]],
    "aliases": [None, ["old"], ["older", "oldest"]],
    "image": [None, {"src": "dot.png", "alt": "A dot"}],
    "review": [None, {"by": "C. Checker", "on": "2025-03-10", "next": "2025-06-04"}],
    "sources": [None, [{"title": "A book"}]],
    "helplines": [None, []],
    "channels": [
        {"handout": False}, {"handout": False, "feed": False}, {"handout": False, "web": False},
        {"handout": False, "newsletter": {"subject": "Hello {{name|reader}}"}}, {"handout": False, "newsletter": False},
    ],
}  # fmt: skip
_SETTINGS: dict[str, list[str | None]] = {
    "name": ["Example Health", "Another Name"],
    "accent": [None, '"#7a1f5c"'],
    "description": [None, "Words on sleep"],
    "language": ["en-US", "es"],
    "time_zone": ["America/New_York", "Pacific/Kiritimati"],
    "email": ["info@example.org", "post@example.org"],
    "logo": [None, "dot.png"],
    "base_url": ["https://www.example.org", "https://example.net/below"],
    "newsletter": [None, "{unsubscribe: {provider: mailchimp}}", "{unsubscribe: {provider: brevo}}"],
    "feed": [None, "{limit: 1}", "{limit: 2, hub: https://hub.example.org/}"],
    "search": [None, "true"],
}
_ISSUES = [
    None,
    "subject: Both\ndate: 2025-05-01\narticles: [alder, {slug: birch, as: teaser}]\n",
    "subject: One\ndate: 2025-06-02\nintro: Dear reader.\narticles: [alder]\n",
]
_WORDS = ("A", "Some", "Ein", "Ż", "Слово", "More\n\nand", "More\n\n##")
#: templates that are read by different outputs, and what is put behind them
_EDITS = {
    "web/article.html": "<!-- one -->", "web/style.css": "\n.one { color: red }\n", "web/frame.html": "<!-- two -->",
    "newsletter/foot.html": "<!-- three -->", "newsletter/text/foot.txt": "three\n", "feed/entry.html": "<b>four</b>",
    "feed/feed.css": "\n.four { color: red }\n", "overview/index.html": "<!-- five -->",
    "newsletter/inline.css": "\n.six { color: red }\n", "shared/blocks/figure.html": "<!-- seven -->",
}  # fmt: skip
_EDITED = {f"templates/{name}": text for name, text in _EDITS.items() if f"templates/{name}" in _TEMPLATES}
_INSTANTS = [
    NOW, NOW + timedelta(minutes=1), NOW + timedelta(days=1), NOW + timedelta(days=3), NOW + timedelta(days=10),
    NOW + timedelta(days=300), NOW - timedelta(days=20),
]  # fmt: skip


class Engine(RuleBasedStateMachine):
    """Authors, designers and the clock, in any order; after each step the tree is compared with a clean build's."""

    builder: Builder
    #: what the articles of one run say of their handouts
    handout: Any = False
    compared = 0
    faulty = 0
    killed = 0
    #: builds that made what new words are in and declared nothing else
    edited = 0

    @initialize()
    def begin(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="engine-"))
        self._desk = Desk(self._root, self.builder)
        self._now = NOW
        self._state = empty()
        self._articles: dict[str, dict[str, Any]] = {}
        self._settings: dict[str, str] = {}
        self._earlier: list[Any] = []
        for slug in SLUGS[:2]:
            self._articles[slug] = self._new(slug)
        self._step()

    def teardown(self) -> None:
        if hasattr(self, "_root"):
            shutil.rmtree(self._root)

    def _new(self, slug: str) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(article(f"About {slug}"))
        return known | {"channels": {"handout": self.handout}}

    @rule(slug=st.sampled_from(SLUGS), changes=st.integers(0, 3), data=st.data())
    def add(self, slug: str, changes: int, data: st.DataObject) -> None:
        self._articles[slug] = self._new(slug)
        for _ in range(changes):
            self._change(slug, data)
        self._step(data)

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        if self._articles:
            self._change(data.draw(st.sampled_from(sorted(self._articles))), data)
        self._step(data)

    @rule(data=st.data())
    def edit_again(self, data: st.DataObject) -> None:
        self.edit(data)

    @rule(words=st.sampled_from(_WORDS), data=st.data())
    def edit_words_alone(self, words: str, data: st.DataObject) -> None:
        if self._articles:
            edited = self._articles[data.draw(st.sampled_from(sorted(self._articles)))]
            if isinstance(edited["body"], str):
                edited["body"] = f"{words} {edited['body'].partition(' ')[2]}"
            edited.pop("updated", None)
        self._step(data)

    def _change(self, slug: str, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(_KEYS)))
        value = data.draw(st.sampled_from(_KEYS[key]))
        if key == "channels" and self.handout:
            value = {**value, "handout": self.handout}
        if value is None:
            self._articles[slug].pop(key, None)
        else:
            self._articles[slug][key] = value

    @rule(new=st.sampled_from(SLUGS), alias=st.booleans(), data=st.data())
    def rename(self, new: str, alias: bool, data: st.DataObject) -> None:
        if self._articles:
            old = data.draw(st.sampled_from(sorted(self._articles)))
            moved = self._articles.pop(old)
            self._articles[new] = moved | ({"aliases": [old]} if alias and old != new else {})
        self._step(data)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        if self._articles:
            del self._articles[data.draw(st.sampled_from(sorted(self._articles)))]
        self._step(data)

    @rule(name=st.sampled_from(sorted(_EDITED)), data=st.data())
    def edit_template(self, name: str, data: st.DataObject) -> None:
        as_it_was = self._state[name] == _TEMPLATES[name]
        self._state[name] = _TEMPLATES[name] + (_EDITED[name].encode() if as_it_was else b"")
        self._step(data)

    @rule(size=st.sampled_from([b"size: 17", b"size: 18"]), data=st.data())
    def edit_words(self, size: bytes, data: st.DataObject) -> None:
        """A catalogue, from which pages take their words."""
        name = "templates/languages/es.po"
        self._state[name] = _TEMPLATES[name].replace(b"Fuentes", b"De donde" if size.endswith(b"8") else b"Fuentes")
        self._step(data)

    @rule(picture=st.sampled_from(PICTURES), data=st.data())
    def replace_picture(self, picture: bytes, data: st.DataObject) -> None:
        self._state["content/images/dot.png"] = picture
        self._step(data)

    @rule(key=st.sampled_from(sorted(_SETTINGS)), data=st.data())
    def set(self, key: str, data: st.DataObject) -> None:
        value = data.draw(st.sampled_from(_SETTINGS[key]))
        if value is None:
            self._settings.pop(key, None)
        else:
            self._settings[key] = value
        self._step(data)

    @rule(issue=st.sampled_from(_ISSUES), data=st.data())
    def write_issue(self, issue: str | None, data: st.DataObject) -> None:
        self._state.pop("content/newsletters/june.yaml", None)
        if issue:
            self._state["content/newsletters/june.yaml"] = issue.encode()
        self._step(data)

    @rule(now=st.sampled_from(_INSTANTS), data=st.data())
    def move_clock(self, now: datetime, data: st.DataObject) -> None:
        self._now = now
        self._step(data)

    @rule(data=st.data())
    def revert(self, data: st.DataObject) -> None:
        if self._earlier:
            self._restore(data.draw(st.sampled_from(self._earlier)))
        self._step(data)

    @rule(how=st.sampled_from(["other bytes", "cut", "gone"]), data=st.data())
    def damage(self, how: str, data: st.DataObject) -> None:
        """Somebody lays hands on what was made."""
        tree = sorted(self._desk.shop.tree())
        path = self._desk.root / "outputs" / data.draw(st.sampled_from(tree))
        held = path.read_bytes()
        if how == "gone":
            path.unlink()
        else:
            path.write_bytes(held[: len(held) // 2] if how == "cut" else bytes(len(held)))
        self._step(data)

    @rule(channel=st.sampled_from(["web", "newsletter", "feed"]), data=st.data())
    def build_some(self, channel: str, data: st.DataObject) -> None:
        """One channel alone, and then everything."""
        self._write()
        self._desk.build(self._now, only=[channel])
        self._step(data)

    def _write(self) -> None:
        for slug in SLUGS:
            self._state.pop(at(slug), None)
        for slug, keys in self._articles.items():
            self._state[at(slug)] = json.dumps(keys, indent=1).replace('"true"', "true").encode()
        lines = [line for line in SITE.splitlines() if line.split(":")[0] not in self._settings]
        lines += [f"{key}: {value}" for key, value in self._settings.items()]
        self._state["content/site.yaml"] = "\n".join([*lines, ""]).encode()
        self._desk.bring(self._state)

    def _restore(self, kept: Any) -> None:
        state, articles, chosen, self._now = kept
        self._state, self._settings = dict(state), dict(chosen)
        self._articles = {slug: dict(keys) for slug, keys in articles.items()}

    def _step(self, data: st.DataObject | None = None) -> None:
        """Builds as it is, killed before if chance has it, and compares; what is at fault is taken back before."""
        self._write()
        if data is not None and data.draw(st.integers(0, 7)) == 0:
            done = self._desk.build(self._now, change=data.draw(st.integers(1, 120)))
            type(self).killed += bool(done["signal"])
        done = self._desk.build(self._now)
        assert not done["error"], done["error"]
        if done["faults"]:
            type(self).faulty += 1
            self._restore(self._earlier[-1])
            self._write()
            done = self._desk.build(self._now)
            assert done["faults"] == []
        assert self._desk.differences(self._now) == []
        type(self).compared += 1
        type(self).edited += bool(done.get("edited"))
        kept = {slug: dict(keys) for slug, keys in self._articles.items()}
        self._earlier.append((dict(self._state), kept, dict(self._settings), self._now))


def _run(builder: Builder, runs: int, steps: int, handout: Any = False, *, derandomize: bool) -> type[Engine]:
    class Machine(Engine):
        compared = faulty = killed = edited = 0

    Machine.builder, Machine.handout = builder, handout
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=runs, stateful_step_count=steps, deadline=None, derandomize=derandomize, database=None,
            suppress_health_check=list(HealthCheck), print_blob=False,
        ),
    )  # fmt: skip
    print(f"{Machine.compared} steps compared, {Machine.killed} builds killed, {Machine.faulty} faulty ones between")
    print(f"{Machine.edited} of them for new words alone")
    return Machine


@pytest.mark.heavy
def test_a_hundred_edits_in_any_order_give_what_clean_builds_give(builder: Builder) -> None:
    assert _run(builder, 7, 20, derandomize=True).compared >= 100


@pytest.mark.long
def test_two_thousand_edits_in_any_order_give_what_clean_builds_give(builder: Builder) -> None:
    assert _run(builder, 60, 40, derandomize=False).compared >= 2000


@pytest.mark.long
def test_edits_of_articles_with_handouts_give_what_clean_builds_give(builder: Builder) -> None:
    assert _run(builder, 8, 20, {"editions": ["a4"]}, derandomize=False).compared >= 100


def _first_quickly(first: Any, *others: Any) -> list[Any]:
    """Parameters of which all but the first are for whoever has time."""
    heavy = [pytest.param(*(one if isinstance(one, tuple) else [one]), marks=pytest.mark.heavy) for one in others]
    return [first, *heavy]


# ---- new words alone


def _peopled() -> State:
    """Articles that lead to each other, translations, an issue of several, one with handouts."""
    picture = {"image": {"src": "dot.png", "alt": "A dot"}}
    body = "First words, and [Birch](birch).\n\n## A heading\n\nMore.\n"
    return {
        **empty(), "content/newsletters/june.yaml": _ISSUES[1].encode(),  # type: ignore[union-attr]
        at("alder"): article("Sleep", tags=["nights"], body=body, aliases=["old"], **picture),
        at("birch"): article("Dreams", tags=["nights"], category="Rest"),
        at("cedar"): article("Sueños", language="es", translation_of="birch", translated_from="0123456789abcdef"),
        at("elder"): article("Draft", draft=True),
        at("fir"): article("On paper", channels={"handout": {"editions": ["a4"]}}, tags=["nights"]),
    }  # fmt: skip


@pytest.mark.parametrize("slug", _first_quickly("alder", "birch", "cedar", "elder", "fir"))
def test_new_words_alone_make_what_they_are_in_and_declare_nothing_else(
    tmp_path: Path, builder: Builder, slug: str
) -> None:
    desk, state = Desk(tmp_path, builder), _peopled()
    desk.bring(state)
    desk.build()
    before = state[at(slug)]
    for words in (b"Second", b"Third\\n\\nwords, on more lines than before"):
        desk.bring({**state, at(slug): before.replace(b"First", words).replace(b"A first", words)})
        done = desk.build()

        assert done["edited"]
        assert done["warnings"] == builder.build(desk.root, NOW, anew=True)["warnings"]
        assert desk.differences() == []


# ---- killed


def _states() -> list[State]:
    """Four, of which each has files that the others have not, and files that all have with other bytes."""
    picture = {"image": {"src": "dot.png", "alt": "A dot"}}
    site = SITE.replace("Example Health", "Another Name") + "newsletter: {unsubscribe: {provider: mailchimp}}\n"
    first = {**empty(), at("alder"): article("Sleep", tags=["nights"], **picture), at("birch"): article("Dreams")}
    second = {
        **empty(), at("alder"): article("Sleep, again", category="Rest"), at("cedar"): article("Cedars", **picture),
        "content/images/dot.png": PICTURES[1],
    }  # fmt: skip
    third = {
        **first, at("elder"): article("Dreams", aliases=["birch"]), "content/site.yaml": site.encode(),
        "templates/web/style.css": _TEMPLATES["templates/web/style.css"] + b"\n.one { color: red }\n",
    }  # fmt: skip
    del third[at("birch")]
    return [first, second, third, {**empty(), "content/site.yaml": site.encode()}]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, builder: Builder) -> list[dict[str, bytes]]:
    """The trees of the four states."""
    found = []
    for state in _states():
        one = Desk(tmp_path_factory.mktemp("clean"), builder)
        one.bring(state)
        assert one.build()["faults"] == []
        found.append(whole(one.root / "outputs"))
    return found


class Storm:
    """A desk of which the clean trees are known."""

    def __init__(self, root: Path, builder: Builder, clean: list[dict[str, bytes]]) -> None:
        self.desk = Desk(root, builder)
        self.outputs = self.desk.root / "outputs"
        self.states = _states()
        self.clean = clean

    def build(self, state: int, **order: Any) -> Mapping[str, Any]:
        self.desk.bring(self.states[state])
        done = self.desk.build(**order)
        assert not done.get("error"), done["error"]
        return done

    def settle(self, state: int) -> None:
        """Builds a state from whatever there is; it must be the clean tree, and the one after it has nothing to do."""
        self.build(state)
        assert unlike(whole(self.outputs), self.clean[state]) == []
        assert not (self.outputs / outputs.JOURNAL).exists()


@pytest.fixture
def storm(tmp_path: Path, builder: Builder, clean: list[dict[str, bytes]]) -> Storm:
    return Storm(tmp_path, builder, clean)


def _kill_at_random(storm: Storm, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    storm.settle(0)
    began = time.perf_counter()
    storm.build(1)
    longest = time.perf_counter() - began
    killed = tried = 0
    while killed < kills:
        tried += 1
        assert tried < 3 * kills, "this kills next to nothing"
        done = storm.build(chance.randrange(4), seconds=chance.uniform(0, longest))
        killed += done["signal"] == 9
        if chance.random() < 0.8:  # else the next is killed as well
            storm.settle(chance.randrange(4))
    storm.settle(0)
    print(f"{killed} of {tried} builds killed within {longest:.2f} s")


@pytest.mark.heavy
def test_builds_killed_at_twenty_instants_leave_nothing_behind(storm: Storm) -> None:
    _kill_at_random(storm, 20, seed=1)


@pytest.mark.long
def test_builds_killed_at_two_hundred_instants_leave_nothing_behind(storm: Storm) -> None:
    _kill_at_random(storm, 200, seed=2)


def _kill_before_changes(storm: Storm, choose: Callable[[int], list[int]]) -> None:
    """From one state to the next, killed before a change of a file; then on to that state, or to a third one."""
    storm.settle(0)
    kept = storm.outputs.with_name("kept")
    storm.outputs.rename(kept)

    def again() -> None:
        shutil.rmtree(storm.outputs, ignore_errors=True)
        shutil.copytree(kept, storm.outputs)

    again()
    total = storm.build(1)["changes"]
    chosen = choose(total)
    for number, then in zip(chosen, itertools.cycle((1, 2, 0, 3)), strict=False):
        again()
        assert storm.build(1, change=number)["signal"] == 9, number
        storm.settle(then)
    print(f"killed before {len(chosen)} of {total} changes")


def test_a_build_killed_around_its_manifest_leaves_nothing_behind(storm: Storm) -> None:
    """Before the last files, before the manifest, between it and the end of the journal."""
    _kill_before_changes(storm, lambda total: [total - 3, total - 1, total])


@pytest.mark.heavy
def test_a_build_killed_before_one_of_twenty_changes_leaves_nothing_behind(storm: Storm) -> None:
    _kill_before_changes(storm, lambda total: [1, 2, 3, *range(4, total, total // 17)])


@pytest.mark.long
def test_a_build_killed_before_any_change_leaves_nothing_behind(storm: Storm) -> None:
    _kill_before_changes(storm, lambda total: list(range(1, total + 1)))


@pytest.mark.parametrize("write", [1, 12])
def test_a_build_killed_in_the_middle_of_a_file_leaves_nothing_behind(storm: Storm, write: int) -> None:
    storm.settle(0)

    done = storm.build(1, write=write)

    assert done["signal"] == 9
    assert len(list(storm.outputs.rglob(".*.part"))) == 1
    storm.settle(3)


def test_parts_that_no_build_of_ours_left_are_left_alone(storm: Storm) -> None:
    mine = [".notes.txt.12.part", ".index.html.part", ".index.html.12.part.txt"]
    storm.build(0, change=40)
    for name in mine:
        storm.desk.shop.write(f"outputs/web/{name}", "mine")

    storm.build(0)

    assert sorted(path.name for path in (storm.outputs / "web").glob(".*.part*")) == sorted(mine)


def test_a_journal_that_was_cut_off_or_leads_elsewhere_harms_nothing(storm: Storm) -> None:
    storm.settle(1)
    victim = storm.desk.shop.write("victim.txt", "mine")
    lines = ["", '["web/lost.html", "web", ""]', '["../victim.txt", "web", ""]', "[1, 2, 3]", "{}", '["web/al']
    storm.desk.shop.write(f"outputs/{outputs.JOURNAL}", "\n".join(lines))
    storm.desk.shop.write("outputs/web/lost.html", "of a killed build")

    storm.settle(1)

    assert victim.read_text() == "mine"


# ---- full, and read-only


def _is_whole(storm: Storm, states: tuple[int, ...]) -> None:
    """Every file is as one of these states has it."""
    for name, data in whole(storm.outputs).items():
        assert name.startswith(".pressrun/") or data in [storm.clean[state].get(name) for state in states], name


@pytest.mark.parametrize("most", _first_quickly(4000, 1000, 8000))
def test_a_disk_that_takes_no_more_is_one_sentence_and_nothing_half_written(storm: Storm, most: int) -> None:
    storm.settle(0)
    storm.desk.bring(storm.states[1])

    done = storm.desk.build(bytes=most)

    assert done["kind"] == "Unwritable"
    assert done["error"].startswith("outputs/")
    assert "could not be written: File too large. Every file is whole" in done["error"]
    assert "\n" not in done["error"]
    _is_whole(storm, (0, 1))
    assert not list(storm.outputs.rglob(".*.part"))
    storm.settle(2)


@pytest.fixture
def small(storm: Storm) -> Iterator[Callable[[str], None]]:
    """Mounts a disk for the outputs, and remounts it with other options."""
    storm.outputs.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "x", storm.outputs], check=False).returncode:
        pytest.skip("only root may mount a disk")

    def remount(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", storm.outputs], check=True)

    yield remount
    subprocess.run(["umount", storm.outputs], check=True)


@pytest.mark.parametrize("size", _first_quickly(300, 100, 400))
def test_a_full_disk_is_one_sentence_and_its_end_the_clean_tree(
    storm: Storm, small: Callable[[str], None], size: int
) -> None:
    small(f"size={size}k")
    storm.desk.bring(storm.states[0])

    done = storm.desk.build()

    assert done["kind"] == "Unwritable"
    assert "could not be written: No space left on device." in done["error"]
    _is_whole(storm, (0,))
    small("size=64m")
    storm.settle(1)


def test_a_read_only_folder_is_one_sentence_and_stays_as_it_was(storm: Storm, small: Callable[[str], None]) -> None:
    storm.settle(0)
    storm.desk.bring(storm.states[1])
    small("ro")

    done = storm.desk.build()

    assert done["error"].startswith("outputs/.pressrun could not be written: Read-only file system.")
    assert unlike(whole(storm.outputs), storm.clean[0]) == []
    small("rw")
    storm.settle(1)


def test_a_folder_where_a_file_belongs_is_one_sentence(workshop: Workshop) -> None:
    workshop.article("one")
    (workshop.root / "outputs/web/one/index.html").mkdir(parents=True)

    with pytest.raises(disk.Unwritable, match=r"outputs/web/one/index\.html could not be written: Is a directory\."):
        workshop.build()


# ---- damaged, hostile, older


def _manifest(storm: Storm) -> Path:
    return storm.outputs / MANIFEST


@pytest.mark.parametrize(
    "damage",
    _first_quickly(
        b'{"version": 1, "outputs": {"x": 3}}', b"", b"{", b"\xff\xfe", b"[]", b'{"version": 1}', b"[" * 100_000, None
    ),
)
def test_a_damaged_manifest_is_one_line_and_everything_is_made_anew(storm: Storm, damage: bytes | None) -> None:
    storm.settle(0)
    _manifest(storm).write_bytes(_manifest(storm).read_bytes()[:3000] if damage is None else damage)
    storm.desk.shop.write("outputs/web/alder/index.html", "changed")

    done = storm.build(0)

    said = [line for line in done["warnings"] if "manifest" in line]
    assert said == [f"outputs/.pressrun/manifest.json {DAMAGED}"]
    assert unlike(whole(storm.outputs), storm.clean[0]) == []
    assert not [line for line in storm.build(0)["warnings"] if "manifest" in line]


@pytest.mark.parametrize(
    ("path", "live"),
    _first_quickly(
        ("web/../../victim.txt", ""), ("../victim.txt", ""), ("{root}/victim.txt", ""), ("web/x", "../../victim.txt"),
        ("web/x\0", ""), ("", ""), ("web//x", ""), ("\ud800", ""),
    ),
)  # fmt: skip
def test_a_hostile_manifest_removes_nothing(storm: Storm, path: str, live: str) -> None:
    storm.settle(0)
    victim = storm.desk.shop.write("victim.txt", "mine")
    found = json.loads(_manifest(storm).read_bytes())
    entry = found["outputs"]["web/alder/index.html"] | {"live": live, "article": "gone"}
    found["outputs"][path.format(root=storm.desk.root)] = entry
    _manifest(storm).write_text(json.dumps(found))

    assert len([line for line in storm.build(0)["warnings"] if "manifest" in line]) == 1

    assert victim.read_text() == "mine"
    assert unlike(whole(storm.outputs), storm.clean[0]) == []
    _manifest(storm).write_text(json.dumps(found))
    outputs.clear(storm.outputs)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("version", [0, 2])
def test_what_another_version_made_is_made_anew_and_removed_when_nobody_makes_it(storm: Storm, version: int) -> None:
    storm.settle(1)
    found = json.loads(_manifest(storm).read_bytes())
    for entry in found["outputs"].values():
        del entry["stat"]
    other = {"version": version, "outputs": found["outputs"]} if version else found["outputs"]
    _manifest(storm).write_text(json.dumps(other))

    done = storm.build(0)

    assert "outputs/.pressrun/manifest.json is another version's: everything is made anew." in done["warnings"]
    assert unlike(whole(storm.outputs), storm.clean[0]) == []


# ---- one at a time


def _lock(folder: Path) -> Path:
    (folder / "outputs/.pressrun").mkdir(parents=True, exist_ok=True)
    return folder / "outputs/.pressrun/lock"


def test_a_second_build_waits_and_is_then_refused(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "PATIENCE", 0.2)
    workshop.article("one")
    said: list[str] = []

    with lock.held(_lock(workshop.root)):
        with pytest.raises(Occupied, match="Another build is still running") as refused:
            build(workshop.desk, NOW, waiting=lambda: said.append("waiting"))
        with pytest.raises(Occupied):
            outputs.clear(workshop.root / "outputs")

    assert said == ["waiting"]
    assert refused.value.code == 75
    assert workshop.tree() == {}
    assert workshop.build(only=("newsletter",)).written


def test_a_build_that_waited_goes_on_when_the_other_is_done(builder: Builder, workshop: Workshop) -> None:
    workshop.article("one", channels="{handout: false}")
    with ExitStack() as stack:
        stack.enter_context(lock.held(_lock(workshop.root)))
        threading.Timer(1, stack.close).start()
        done = builder.build(workshop.root, NOW)

    assert done["waited"]
    assert done["error"] == ""


def test_builds_at_the_same_time_give_the_clean_tree(storm: Storm) -> None:
    storm.settle(0)
    storm.desk.bring(storm.states[1])
    others = [Builder() for _ in range(3)]
    found: list[Mapping[str, Any]] = []
    threads = [threading.Thread(target=lambda one=one: found.append(one.build(storm.desk.root, NOW))) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.close()

    assert [done["error"] for done in found] == ["", "", ""]
    assert any(done["waited"] for done in found)
    assert unlike(whole(storm.outputs), storm.clean[1]) == []


_OWNER = """
import os, sys, time
from pathlib import Path
from pressrun import lock
with lock.held(Path(sys.argv[1])):
    if os.fork():
        print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_dies_with_its_owner_even_if_its_workers_live_on(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, path], stdout=subprocess.PIPE, text=True, cwd=ROOT, process_group=0
    ) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == "held\n"
        with pytest.raises(lock.Busy), lock.held(path):
            pass
        owner.kill()
        owner.wait()
        try:
            with lock.held(path, patience=1):
                pass
        finally:
            os.killpg(owner.pid, 9)  # the worker


def test_cleaning_waits_aloud_and_leaves_what_is_not_ours(tmp_path: Path, workshop: Workshop) -> None:
    workshop.article("one")
    workshop.build(only=("newsletter",))
    workshop.write("outputs/web/mine.txt", "mine")
    for name in ("tasks.py", "pressrun"):
        (workshop.root / name).symlink_to(ROOT / name)
    (workshop.root / "tasks.py").unlink()
    shutil.copy(ROOT / "tasks.py", workshop.root)

    with ExitStack() as stack:
        stack.enter_context(lock.held(_lock(workshop.root)))
        threading.Timer(2, stack.close).start()
        done = subprocess.run(
            [sys.executable, "-m", "invoke", "build.clean"],
            cwd=workshop.root, capture_output=True, text=True, check=True,
        )  # fmt: skip

    assert done.stderr == "Another build is running; waiting.\n"
    assert done.stdout.startswith("Removed ")
    assert list(workshop.tree()) == ["web/mine.txt"]
    assert not _manifest_of(workshop).exists()


def _manifest_of(workshop: Workshop) -> Path:
    return workshop.root / "outputs" / MANIFEST
