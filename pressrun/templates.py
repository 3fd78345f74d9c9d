"""Fills the designers' templates, a channel's own before the shared ones, and reads their tokens."""

from __future__ import annotations

import fnmatch
import glob
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.nodes import Concat, Const, Expr, Extends, FromImport, Import, Include, List, Tuple
from markupsafe import Markup, escape

from pressrun import languages, layers, markup, packages, store, tokens
from pressrun.message import wrapped
from pressrun.model import Emphasis, Prose, Strong, Words, direction, plain
from pressrun.outputs import digest

SHARED = "shared"

#: before a telephone number: U+200E, which makes what follows it run from left to right
_LEFT_TO_RIGHT = "\u200e"
_NUMBER = re.compile(r"(?<![\w/.-])\+?\(?\d[\d ()./\u00a0-]{5,}\d")

#: (a name that tells all that a fact depends on, how to find it) to the fact
Fact = Callable[[str, Callable[[], str]], str]


class Templates:
    """A desk's folder of templates, before those of the package, with the publisher's accent."""

    def __init__(self, root: Path, accent: str = "") -> None:
        self._root = root.resolve()
        self._stamps: dict[str, str] = {}
        self._read: dict[str, dict[str, bytes]] = {}
        self.tokens = tokens.read(root, accent)

    def render(self, channel: str, template: str, **context: Any) -> str:
        """A filled template; markup is escaped but in .txt and .css files.

        `language` in its context is that of the words around the template's own, which come from its catalogue; English
        by default.
        """
        known = {"language": languages.ENGLISH, "tokens": self.tokens}
        return _environment(self._root, channel, self._stamp(channel)).get_template(template).render(known | context)

    def key(self, channel: str, names: Iterable[str] = (), fact: Fact = lambda _name, find: find()) -> str:
        """A hash of tokens, catalogues and templates: those that a channel may use, or these and all that they name.

        `fact` may remember which templates a template names.
        """
        files = self._reached(channel, names, fact) if names else self._files(channel) | self._files(SHARED)
        files |= self._files(languages.FOLDER)
        return digest(repr(self.tokens), *(part for named in sorted(files.items()) for part in named))

    def _reached(self, channel: str, names: Iterable[str], fact: Fact) -> dict[str, bytes]:
        """The files of templates and of all that they name, directly or not, by their paths."""
        own, shared = self._files(channel), self._files(SHARED)
        known = [path.partition("/")[2] for path in (*own, *shared)]
        found: dict[str, bytes] = {}
        left, seen = list(names), set[str]()
        while left:
            if (name := left.pop()) in seen:
                continue
            seen.add(name)
            path = f"{channel}/{name}" if f"{channel}/{name}" in own else f"{SHARED}/{name}"
            if (data := own.get(path, shared.get(path))) is None:  # one that may be left out, or whose lack Jinja tells
                continue
            found[path] = data
            told = fact(f"named in {channel} by template {digest(data)}", partial(self._named, channel, data))
            for pattern in filter(None, told.split("\n")):
                left += fnmatch.filter(known, pattern) if "*" in pattern else [pattern]
        return found

    def _named(self, channel: str, data: bytes) -> str:
        """What a template names, a line each; with an asterisk for what shows only when it is filled."""
        tree = _environment(self._root, channel, self._stamp(channel)).parse(data.decode())
        kinds: tuple[Any, ...] = (Extends, Include, Import, FromImport)
        named = {pattern for node in tree.find_all(kinds) for pattern in _patterns(node.template)}
        return "\n".join(sorted(named))

    def _files(self, folder: str) -> dict[str, bytes]:
        """By their paths below templates/, as they were when they were asked for first."""
        if folder not in self._read:
            self._read[folder] = {name: path.read_bytes() for name, path in layers.files(self._root, folder).items()}
        return dict(self._read[folder])

    def _stamp(self, channel: str) -> str:
        """A hash of the channel's files, as they were when it was asked for first."""
        if channel not in self._stamps:
            folders = (channel, SHARED, languages.FOLDER)
            named = (pair for folder in folders for pair in self._files(folder).items())
            self._stamps[channel] = digest(*(part for pair in named for part in pair))
        return self._stamps[channel]

    def data(self, channel: str, file: str) -> bytes:
        """A file of a channel that is no template."""
        return self._files(channel)[f"{channel}/{file}"]


def _patterns(named: Expr) -> Iterator[str]:
    """The names of templates that an expression may give."""
    match named:
        case Const(value=str(name)):
            yield name
        case Tuple(items=items) | List(items=items):
            for item in items:
                yield from _patterns(item)
        case Concat(nodes=[Const(value=str(start)), *_]):
            yield f"{glob.escape(start)}*"
        case _:
            yield "*"


@lru_cache(maxsize=32)
def _environment(root: Path, channel: str, _stamp: str) -> jinja2.Environment:
    """One for all builds of a process while no template changes: compiling them costs more than filling them."""
    folders = [str(top / folder) for folder in (channel, SHARED) for top in layers.folders(root)]
    environment = _Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=_is_markup,  # by the kind of template
        finalize=_never_none,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,  # asking the disk at every include costs a tenth of the time
        bytecode_cache=_compiled(),
    )
    words = _Words(root)
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "html": _html, "printed": _printed, "text": _text, "plain": plain, "date": words.date, "iso": iso,
        "readable": markup.readable, "wrapped": wrapped, "dial": dial, "tied": tied, "direction": direction,
        "foreign": foreign, "said": said, "spoken": words.spoken, "autonym": languages.autonym,
        "listed": words.listed, "upright": _upright,
    }  # fmt: skip
    return environment


class _Environment(jinja2.Environment):
    """Names for all templates as a dict: each filled template copies them, which a chain of two does slowly."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> dict[str, Any]:
        return {**self.globals, **(d or {})}


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Keeps compiled templates; where that fails, they are compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


@cache
def _compiled() -> jinja2.BytecodeCache | None:
    """Jinja tells templates apart by their text alone, so what else decides their code names the folder."""
    stamp = digest(sys.version, packages.version("jinja2"), Path(__file__).read_bytes())[:16]
    home = store.folder()
    if not home:
        return None
    folder = home / "templates" / stamp
    with suppress(OSError):
        if not folder.is_dir():
            shutil.rmtree(folder.parent, ignore_errors=True)  # what other versions compiled
            folder.mkdir(mode=0o700, parents=True)
        return _Compiled(str(folder))
    return None


def _is_markup(template: str | None) -> bool:
    """Whether a template is escaped: all but plain text and style sheets, unlike Jinja's own short list of endings."""
    return not (template or "").endswith((".txt", ".css"))


def _never_none(value: Any) -> Any:
    if value is None:
        raise jinja2.UndefinedError("a template would print None")
    return value


class _Words:
    """What a template says by itself, in the language of its context."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, languages.Catalogue] = {}
        self.gettext = jinja2.pass_context(lambda context, message: self._of(context).gettext(message))
        self.ngettext = jinja2.pass_context(
            lambda context, one, many, number: self._of(context).ngettext(one, many, number)
        )
        self.date = jinja2.pass_context(lambda context, when: self._of(context).date(when))

    def _of(self, context: jinja2.runtime.Context) -> languages.Catalogue:
        return self._catalogue(context["language"])

    def _catalogue(self, language: str) -> languages.Catalogue:
        if language not in self._known:
            self._known[language] = languages.catalogue(self._root, language)
        return self._known[language]

    @jinja2.pass_context
    def listed(self, context: jinja2.runtime.Context, things: Iterable[Any], write: Any = None) -> str:
        """Things as a sentence lists them: A, B and C. `write` is a macro that writes one."""
        escaped = context.eval_ctx.autoescape
        made = [write(context.eval_ctx, thing) if write else thing for thing in things]
        found = self._of(context).listed([str(escape(one) if escaped else one) for one in made])
        return Markup(found) if escaped else found  # noqa: S704  # its parts are escaped

    def spoken(self, language: str) -> str:
        """The language in which the templates speak to readers of one: itself, or English for want of a catalogue."""
        return self._catalogue(language).language


# ---- filters; a channel's context holds `address`, which turns a link into an address


_CITED = re.compile(r'(?<=<sup class="citation"><a )href="#source-(\d+)"')


@jinja2.pass_context
def _html(context: jinja2.runtime.Context, prose: Prose) -> Markup:
    """HTML; where the context has `cite`, which counts the places that cite a source, each of them has an anchor."""
    found = markup.to_html(_set_upright(prose, context["language"]), context["address"])
    if cite := context.get("cite"):
        found = Markup(_CITED.sub(lambda match: f'id="{cite(int(match[1]))}" {match[0]}', found))  # noqa: S704  # its own marks
    return found


@jinja2.pass_context
def _printed(context: jinja2.runtime.Context, prose: Prose) -> Markup:
    """For paper, where no line of its own is left for a last short word."""
    match prose:
        case (*before, Words(text)):
            prose = (*before, Words(tied(text)))
    return markup.to_html(prose, context["address"], printed=True)


@jinja2.pass_context
def _text(context: jinja2.runtime.Context, prose: Prose) -> str:
    return markup.to_text(_set_upright(prose, context["language"]), context["address"])


@jinja2.pass_context
def _upright(context: jinja2.runtime.Context, text: str) -> str:
    return upright(text, context["language"])


def upright(text: str, language: str) -> str:
    """A text whose telephone numbers keep the order of their parts where its words run from right to left."""
    return _NUMBER.sub(rf"{_LEFT_TO_RIGHT}\g<0>", text) if direction(language) == "rtl" else text


def _set_upright(prose: Prose, language: str) -> Prose:
    """A link is left as it is: its words are compared with its address."""
    if direction(language) == "ltr":
        return prose
    return tuple(
        replace(part, text=upright(part.text, language)) if isinstance(part, Words)
        else replace(part, content=_set_upright(part.content, language)) if isinstance(part, Strong | Emphasis)
        else part
        for part in prose
    )  # fmt: skip


def iso(when: datetime) -> str:
    """A date for machines, with its offset (RFC 3339)."""
    return when.isoformat(timespec="seconds")


#: a number of North America as it is written there, with its 1 before it
_AMERICAN = re.compile(r"1[ .-]\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[ .-][0-9]{4}")


def dial(phone: str) -> str:
    """A number for a tel: or sms: address (RFC 3966): digits, after '+' if it is known to be international."""
    known = phone.startswith("+") or _AMERICAN.fullmatch(phone)
    return ("+" if known else "") + "".join(filter(str.isdigit, phone))


def foreign(language: str, around: str) -> Markup:
    """The attributes of an element whose words are in another language than those around it; none in the same."""
    if language.partition("-")[0] == around.partition("-")[0]:
        return Markup()
    lang, turned = Markup(' lang="{}"').format(language), direction(language) != direction(around)
    return lang + Markup(' dir="{}"').format(direction(language)) if turned else lang


def said(words: str, language: str, around: str) -> Markup | str:
    """Words inside a text, marked if they are in another language."""
    marks = foreign(language, around)
    return Markup("<span{}>{}</span>").format(marks, words) if marks else words


#: the first word behind a colon, a full stop or a dash, if it has one or two letters
_SHORT_START = re.compile(r"((?:[:.;!?]| [–—]) [^\W\d_]{1,2}) ")


def tied(text: str) -> str:
    """A text whose last two words stay on one line; nor does a short word that begins a phrase end one.

    WeasyPrint breaks the line at the wrong place where what follows the space must stay whole by itself.
    """
    text = _SHORT_START.sub("\\1\u00a0", text)
    head, space, last = text.rpartition(" ")
    short = len(last) < 12 and not re.search(r"[-\d]", last)
    return f"{head}\u00a0{last}" if space and short and head.count(" ") > 1 else text
