"""Brings templates/languages/*.po up to date with the words of the templates and of the package; keeps translations.

Run it after a change of such words: .venv/bin/python .ci/catalogues.py
It says what is still to be translated. en.po is the pattern that is copied for another language.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "templates/languages"
PATTERN = "en"

#: what a template calls to have words translated, and what marks them in Python
IN_TEMPLATES = ("_", "gettext", "ngettext")
IN_PYTHON = {"marked": None}
OPTIONS = {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
#: The Unicode Consortium's forms by gettext's usual formula; Babel's own puts 11 to 99 last.
PLURALS = {"ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"}


def gathered() -> Catalog:
    """Every message, with the files that hold it."""
    found = Catalog(locale=PATTERN)
    for path, message in sorted(_messages(), key=str):
        found.add(message, locations=[(path, 0)])
    return found


def _messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    templates = (path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".css"})
    for path in templates:
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, IN_TEMPLATES, (), OPTIONS):
                # What is said of one and of many; a variable, such as a label of Python's, is no text.
                said = tuple(part for part in (message if isinstance(message, tuple) else [message]) if part)
                if said:
                    yield _name(path), said if len(said) > 1 else said[0]
    for path in (ROOT / "pressrun").rglob("*.py"):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, IN_PYTHON):
                yield _name(path), message


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"))


def renewed(language: str, messages: Catalog, earlier: Catalog) -> str:
    """The text of a catalogue with these messages and the earlier translations of those that it had."""
    found = Catalog(locale=language.replace("-", "_"))
    for message in messages:
        if message.id:
            known = earlier.get(message.id)
            kept = known.string if known and isinstance(known.id, str) is isinstance(message.id, str) else None
            found.add(
                message.id, kept if language != PATTERN else None, locations=message.locations,
                user_comments=known.user_comments if known else (), flags=known.flags if known else (),
            )  # fmt: skip
    stream = io.BytesIO()
    write_po(stream, found, width=0, sort_output=True, include_lineno=False, omit_header=True, ignore_obsolete=True)
    return _header(language) + stream.getvalue().decode().strip("\n") + "\n"


def _header(language: str) -> str:
    name = Locale.parse(language, sep="-").english_name
    about = f"The words of the templates in {name}."
    if language == PATTERN:
        about = "The words of the templates. Copy this file for another language; docs/languages.md says how."
    plural = PLURALS.get(language) or str(get_plural(language.replace("-", "_")))
    fields = (
        f"Language: {language}",
        "Content-Type: text/plain; charset=utf-8",
        f"Plural-Forms: {plural.rstrip(';')};",
    )
    lines = "".join(f'"{field}\\n"\n' for field in fields)
    return f'# {about}\nmsgid ""\nmsgstr ""\n{lines}\n'


def main() -> None:
    messages = gathered()
    for path in sorted({*FOLDER.glob("*.po"), FOLDER / f"{PATTERN}.po"}):
        earlier = read(path) if path.exists() else Catalog()
        path.write_text(renewed(path.stem, messages, earlier), encoding="utf-8", newline="\n")
        now = read(path)
        lacking = [message.id for message in now if message.id and not _is_whole(message.string)]
        fuzzy = [message.id for message in now if message.id and message.fuzzy]
        print(f"{_name(path)}: {len(now)} messages", end="")
        print("" if path.stem == PATTERN else f", {len(lacking)} to be translated, {len(fuzzy)} to be looked at")
        for message in [] if path.stem == PATTERN else [*lacking, *fuzzy]:
            print(f"  {message!r}")


def _is_whole(string: str | tuple[str, ...]) -> bool:
    return all([string] if isinstance(string, str) else string)


if __name__ == "__main__":
    main()
