"""Lists of recipients: personal data, kept outside the project; no message of ours quotes a line of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pressrun import schema, source
from pressrun.faults import Fault, Place, Refused
from pressrun.schema import Context, Key, Keys
from pressrun.source import Node

#: beside the lists: an address a line, of people who must get nothing
SUPPRESSED = "suppressed.txt"
_ENDINGS = (".csv", ".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    #: as mail servers know it: the domain in ASCII
    address: str
    name: str = ""
    language: str = ""
    #: the outreach site that knows them, as the list calls it
    site: str = ""
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What makes two addresses the same person."""
        return self.address.lower()


@dataclass(frozen=True, slots=True)
class Segment:
    """Which recipients of a list are meant; empty for all."""

    tag: str = ""
    site: str = ""
    language: str = ""

    def holds(self, recipient: Recipient) -> bool:
        """`en` means every English, `en-GB` that one alone."""
        spoken = recipient.language.lower()
        wanted = self.language.lower()
        return (
            (not self.tag or self.tag in recipient.tags)
            and self.site in ("", recipient.site)
            and (not wanted or spoken == wanted or spoken.startswith(f"{wanted}-"))
        )


def find(folder: Path, name: str, project: Path) -> Path:
    """The file of a list: a path, or a name in the folder of lists. Raises ValueError."""
    choices = [Path(name).expanduser(), *(folder / f"{name}{ending}" for ending in _ENDINGS)]
    path = next((path for path in choices if path.suffix in _ENDINGS and path.is_file()), None)
    if path is None:
        raise ValueError(f"There is no list '{name}': write {folder / name}.csv, with a column 'address'.")
    if path.resolve().is_relative_to(project):
        raise ValueError("The list lies in the project, where git and the outputs are. Move it out of there.")
    return path


def suppressed(folder: Path) -> frozenset[str]:
    """Who must get nothing.

    Raises ValueError without that file, and Refused for a line that is no address: sending to people who left is worse
    than waiting.
    """
    path = folder / SUPPRESSED
    if not path.is_file():
        raise ValueError(f"{path} is not there. Put an address a line into it of those who left; it may be empty.")
    return _left(path, path.read_bytes())


@lru_cache(maxsize=1)
def _left(path: Path, data: bytes) -> frozenset[str]:
    """The addresses of the file; asked again while an issue is sent, so the same bytes are understood once."""
    lines = data.decode("utf-8-sig").splitlines()
    words = {number: line.partition("#")[0].strip() for number, line in enumerate(lines, 1)}
    found = {number: _address(word) for number, word in words.items() if word}
    if wrong := [number for number, address in found.items() if not address]:
        raise Refused(_fault(path, number, 1, *_NO_ADDRESS) for number in wrong)
    return frozenset(found.values())


def read(path: Path) -> Iterator[Recipient]:
    """Every recipient of a list, once. Raises Refused at the end, with all faults; nothing may be sent before."""
    faults: list[Fault] = []
    seen: set[str] = set()
    rows = _csv(path, faults) if path.suffix == ".csv" else _yaml(path, faults)
    for recipient in rows:
        if recipient.key not in seen:
            seen.add(recipient.key)
            yield recipient
    if faults:
        raise Refused(faults)


# ---- values


@cache
def _validate() -> Callable[..., Any]:
    from email_validator import validate_email

    return validate_email


def is_address(text: str) -> bool:
    return bool(_address(text))


def _address(text: str) -> str:
    """An address as servers know it, in lower case; empty for what is none."""
    try:
        # No look-up of its domain: a list is read without the network. A local part in another script needs SMTPUTF8.
        found = _validate()(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except ValueError:
        return ""
    return str(found.ascii_email).lower()


def _recipient(values: dict[str, str], tags: Iterable[str]) -> Recipient | None:
    """None for an address that is none."""
    address = _address(values.get("address", ""))
    rest = {key: " ".join(values.get(key, "").split()) for key in ("name", "language", "site")}
    return Recipient(address=address, tags=tuple(tags), **rest) if address else None


_NO_ADDRESS = ("This is no mail address that can be written to.", "Write the address by itself, or take the line out.")

# ---- CSV


#: what other programs call a column
_COLUMNS = {"email": "address", "e-mail": "address", "email address": "address", "first name": "name"}


def _csv(path: Path, faults: list[Fault]) -> Iterator[Recipient]:
    """Rows below a line of names: address (or email), name, language, site, tags (with ; between them)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            # Where a comma stands in numbers, spreadsheets write semicolons between columns.
            rows = csv.reader(file, strict=True, delimiter=";" if first.count(";") > first.count(",") else ",")
            head = [_COLUMNS.get(name.strip().lower(), name.strip().lower()) for name in next(rows, [])]
            if "address" not in head:
                remedy = "Name the columns in line 1, with commas between them."
                faults.append(_fault(path, 1, 1, "No column is called 'address'.", remedy))
                return
            for row in rows:
                if len(row) > len(head):
                    problem = "This line has more columns than line 1 names."
                    remedy = "Put a text that holds the mark between columns in quotation marks."
                    faults.append(_fault(path, rows.line_num, 1, problem, remedy))
                elif any(row):
                    yield from _row(path, rows.line_num, dict(zip(head, row, strict=False)), faults)
    except UnicodeDecodeError:
        faults.append(_fault(path, 1, 1, "The file is not UTF-8.", "Save it with the encoding UTF-8."))
    except csv.Error:
        faults.append(_fault(path, rows.line_num, 1, "This is no row of CSV.", "Close each quotation mark."))


def _row(path: Path, line: int, values: dict[str, str], faults: list[Fault]) -> Iterator[Recipient]:
    tags = [tag.strip() for tag in values.get("tags", "").replace(",", ";").split(";") if tag.strip()]
    found = _recipient(values, tags)
    if found:
        yield found
    else:
        before = list(values.values())[: list(values).index("address")]
        faults.append(_fault(path, line, 1 + sum(len(text) + 1 for text in before), *_NO_ADDRESS))


def _fault(path: Path, line: int, column: int, problem: str, remedy: str) -> Fault:
    return Fault(Place(path.name, line, column), problem, remedy)


# ---- YAML

_KEYS: Keys = {
    "address": Key(schema.word, "the mail address", required=True),
    "name": Key(schema.word, "what to call them"),
    "language": Key(schema.word, "a language tag"),
    "site": Key(schema.word, "the outreach site that knows them"),
    "tags": Key(schema.list_of(schema.word, 0), "a list of words"),
}


def _yaml(path: Path, faults: list[Fault]) -> Iterator[Recipient]:
    """A list of addresses, or of {address, name, language, site, tags}."""
    context = Context({})
    try:
        node = source.read(path.name, path.read_bytes())
        for item in schema.list_of(lambda node, _context: node)(node, context):
            yield from _item(item, context)
    except (Refused, schema.Unusable) as error:
        context.faults += error.faults if isinstance(error, Refused) else ()
    # Without the line that is at fault: it holds an address.
    faults += [Fault(fault.place, _silent(fault.problem), _silent(fault.remedy)) for fault in context.faults]


def _item(node: Node, context: Context) -> Iterator[Recipient]:
    try:
        if isinstance(node, source.Mapping):
            values = schema.values(node, context, _KEYS, "a recipient")
        else:
            values = {"address": schema.word(node, context)}
    except schema.Unusable:
        return
    if found := _recipient(values, values.pop("tags", ())):
        yield found
    else:
        context.refuse((node.get("address") or node) if isinstance(node, source.Mapping) else node, *_NO_ADDRESS)


def _silent(sentence: str) -> str:
    """A sentence that quotes nothing of a list but names of keys."""
    return sentence if "@" not in sentence else "This is not what belongs here."
