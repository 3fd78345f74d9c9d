"""What was read of the articles, kept from one build to the next, so that one that did not change is not read again.

All but the body of an article, and what is known of its body; its words are read when somebody asks for them. A file
that is damaged, or of another version of the program, is as good as none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pressrun import disk, model
from pressrun.faults import Place
from pressrun.model import Article, Block, Body, Lead, Shown, Traits, traits_of

#: shown: all articles, and all issues of the newsletter
EVERY = "*"
#: what dataclasses are stored under
_TAG = "a"
#: read when somebody asks for them, or stored apart
_APART = ("body", "source", "letters")
_CLASSES: dict[str, Any] = {name: found for name in model.__all__ if is_dataclass(found := getattr(model, name))} | {
    "Place": Place
}


class Memory:
    """Articles by what they were read from, and facts that take long to find out."""

    def __init__(self, file: Path | None = None, version: str = "") -> None:
        """`version` is that of everything else that decides what is read; without a file it forgets."""
        #: slug of an article that counts as published, be it a draft or scheduled, or name of an issue, whose articles
        #: then do as well; or EVERY; for looking alone
        self.shown = ""
        self._file = file
        self._version = version
        #: what the file holds, and in how many lines
        self._earlier, self._lines = _read(file, version) if file else (_nothing(), 0)
        self._present = _nothing()

    def recall(self, key: str, typed: Callable[[], str], read: Callable[[], tuple[Block, ...]]) -> Article | None:
        """The article that was noted under a key; `read` gives its blocks when they are asked for."""
        if not (found := self._earlier["articles"].get(key)):
            return None
        try:
            head, known, letters = found
            own: dict[str, Any] = {
                name: part if isinstance(part, str) else _unpacked(part) for name, part in head.items()
            }
            article = Article(**own, body=Body(read, _traits(known)), source=typed, letters=_counted(letters))
        except (AttributeError, KeyError, TypeError, ValueError):
            return None
        self._present["articles"][key] = found
        return article

    def shows(self, name: str) -> bool:
        """Whether an article or an issue counts as published, however it stands."""
        return self.shown in {name, EVERY}

    def known(self) -> dict[str, str]:
        """The key of each article of the last time by its path; all that was known then stays known."""
        self._present["facts"] = dict(self._earlier["facts"])
        return {
            head["place"]["path"].removeprefix("content/"): key for key, (head, *_) in self._earlier["articles"].items()
        }

    def holds(self, key: str) -> bool:
        """Whether an article was known under a key the last time."""
        return key in self._earlier["articles"]

    def forget(self, key: str) -> None:
        """Keeps an article no longer."""
        self._present["articles"].pop(key, None)

    def note(self, key: str, article: Article) -> None:
        """Keeps an article, if there is nothing in it that cannot be stored."""
        with suppress(TypeError):
            self._present["articles"][key] = [_parts(article), traits_of(article.body), dict(article.letters)]

    def fact(self, name: str, find: Callable[[], str]) -> str:
        """What was found out under a name, which must tell all that it depends on."""
        facts = self._present["facts"]
        if name not in facts:
            earlier = self._earlier["facts"].get(name)
            facts[name] = earlier if isinstance(earlier, str) else find()
        return str(facts[name])

    def save(self) -> None:
        """Writes down what was of use this time: what is new behind the rest, or all, where much is of no more use."""
        if not self._file or self._present == self._earlier:
            return
        known = sum(map(len, self._earlier.values()))
        new = [
            [kind, name, value]
            for kind, values in self._present.items()
            for name, value in values.items()
            if self._earlier[kind].get(name) is not value
        ]
        gone = [[kind, name] for kind, values in self._earlier.items() for name in values.keys() - self._present[kind]]
        if 2 * known > self._lines + len(new) + len(gone):
            disk.append(self._file, "".join(map(_line, [*new, *sorted(gone)])), durable=False)
        else:
            every = ([kind, name, value] for kind, values in self._present.items() for name, value in values.items())
            disk.write(self._file, "".join(map(_line, [self._version, *every])).encode())


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _nothing() -> dict[str, dict[str, Any]]:
    return {"articles": {}, "facts": {}}


def _read(file: Path, version: str) -> tuple[dict[str, dict[str, Any]], int]:
    """What lines hold, and how many: the version, then a kind, a name and a value each, no value for what is gone."""
    found = _nothing()
    with suppress(OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        first, *lines = json.loads(b"[" + file.read_bytes().rstrip().replace(b"\n", b",") + b"]")
        for kind, name, *value in lines if first == version else ():
            found[kind].pop(name, None)
            if value:
                (found[kind][name],) = value
        return found, len(lines)
    return _nothing(), 0


def _counted(letters: Any) -> dict[str, int]:
    if not isinstance(sum(letters.values()), int):
        raise TypeError
    return dict(letters)


def say_the_same(one: Article, other: Article) -> bool:
    """Whether two articles are the same to all but those who read their bodies."""
    with suppress(TypeError):
        bodies = traits_of(one.body), traits_of(other.body)
        faces = [
            ([lead[:2] for lead in body.leads], [figure.src for figure in body.figures], *body[3:]) for body in bodies
        ]
        return faces[0] == faces[1] and _parts(one) == _parts(other)
    return False


def _traits(known: Any) -> Traits:
    digest, leads, figures, anchors, selective = known
    return Traits(
        str(digest), tuple(Lead(*lead) for lead in leads), tuple(Shown(*one) for one in figures), tuple(anchors),
        bool(selective),
    )  # fmt: skip


# ---- values of the model as JSON


def _packed(value: Any) -> Any:
    """Raises TypeError for what cannot be stored."""
    match value:
        case None | bool() | int() | str():
            return value
        case tuple():
            return [_packed(part) for part in value]
        case datetime():
            return {_TAG: "datetime", "at": value.replace(tzinfo=None).isoformat(), "fold": value.fold,
                    "zone": _packed_zone(value)}  # fmt: skip
        case Mapping():
            return {_TAG: "dict", "of": {_text(name): _packed(part) for name, part in value.items()}}
    if type(value).__name__ in _CLASSES:
        return {_TAG: type(value).__name__, **_parts(value)}
    raise TypeError(type(value).__name__)


def _text(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise TypeError(type(name).__name__)


def _packed_zone(when: datetime) -> str | float | None:
    if isinstance(when.tzinfo, ZoneInfo):
        return when.tzinfo.key
    return None if when.tzinfo is None else (when.utcoffset() or timedelta()).total_seconds()


def _parts(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not as they would be by themselves."""
    kind: Any = type(value)
    own = ((name, default, getattr(value, name)) for name, default in _defaults(kind).items())
    return {name: _packed(part) for name, default, part in own if name not in _APART and part != default}


@cache
def _defaults(kind: Any) -> dict[str, Any]:
    return {
        field.name: field.default_factory() if field.default_factory is not MISSING else field.default
        for field in fields(kind)
        if field.init
    }


def _unpacked(value: Any) -> Any:
    """Raises KeyError, TypeError or ValueError for what `_packed` never gave."""
    if isinstance(value, list):
        return tuple(map(_unpacked, value))
    if not isinstance(value, dict):
        return value
    kind = value[_TAG]
    if kind == "datetime":
        return datetime.fromisoformat(value["at"]).replace(tzinfo=_zone(value["zone"]), fold=value["fold"])
    if kind == "dict":
        return {name: _unpacked(part) for name, part in value["of"].items()}
    return _CLASSES[kind](**{name: _unpacked(part) for name, part in value.items() if name != _TAG})


@cache
def _zone(name: str | float | None) -> Any:
    if isinstance(name, str):
        return ZoneInfo(name)
    return None if name is None else timezone(timedelta(seconds=name))
