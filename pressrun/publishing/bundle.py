"""The staff bundle: one archive with all that is printed, mailed and pasted today, and what to throw away."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pressrun import build, copies, outputs
from pressrun.channels import handout, newsletter
from pressrun.copies import Copy
from pressrun.faults import Refused
from pressrun.languages import ENGLISH
from pressrun.model import Publication, states
from pressrun.outputs import Output, Shelf
from pressrun.overview import NAME as OVERVIEW
from pressrun.publishing import CHANNEL
from pressrun.templates import Templates

#: below outputs/
_FOLDER = "bundle"
#: copies are not to be used when they stand otherwise
_STANDS = (states.LIVE, states.DUE)
#: what is packed of a newsletter: a draft for a mail program, and text to paste
_LETTERS = (".eml", ".txt")


@dataclass(frozen=True, slots=True)
class Printed:
    """How a handout is printed."""

    output: Output
    #: what to put into the printer
    paper: str
    #: pages of the PDF, and sheets of paper for a copy
    sides: int
    sheets: int
    folded: bool
    #: goes to the print shop
    press: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    #: below outputs/
    path: str
    handouts: int
    newsletters: int
    superseded: int


def pack(desk: build.Desk, now: datetime, slugs: Collection[str] = ()) -> Bundle:
    """Packs what outputs/ has of some articles and issues, or of all; nothing is made but the page that tells of it.

    Raises Refused for faults in the content; ValueError for a slug that nothing was made of, and when a file in
    outputs/ is missing or was not made of the present text; Unwritable, and Occupied while a build is running.
    """
    found = build.read(desk, now)
    if found.faults:
        raise Refused(found.faults)
    publication = found.publication
    shelf = build.declare(desk, found, [])
    wanted = [output for output in shelf.all() if _belongs(output, slugs)]
    if unknown := [slug for slug in slugs if slug not in {output.article for output in wanted}]:
        raise ValueError(f"Nothing is published of '{unknown[0]}'. `inv list` shows what there is.")
    files = {output.path: _data(desk, shelf, output) for output in _with_pictures(shelf, wanted)}
    printed = [_printed(output, files[output.path]) for output in wanted if output.channel == handout.NAME]
    letters = [output for output in wanted if output.channel == newsletter.NAME]
    old = [copy for copy in copies.every(publication, handout.NAME) if copy.state not in _STANDS]
    files["index.html"] = _page(desk, publication, printed, letters, old)
    path = f"{_FOLDER}/{publication.now:%Y-%m-%d}.zip"
    outputs.put(desk.outputs, Output(path, lambda: _zipped(files, publication.now), CHANNEL))
    return Bundle(path, len(printed), len({output.article for output in letters}), len(old))


def _belongs(output: Output, slugs: Collection[str]) -> bool:
    """Whether staff get it: not the copies of outreach sites, which have a slug of their own."""
    letter = output.channel == newsletter.NAME and output.path.endswith(_LETTERS)
    chosen = not slugs or output.article in slugs or bool(output.holds & set(slugs))
    return bool(output.label) and chosen and (letter or (output.channel == handout.NAME and bool(output.thumbnail)))


def _with_pictures(shelf: Shelf, wanted: list[Output]) -> Iterator[Output]:
    named = {output.thumbnail for output in wanted}
    yield from wanted
    yield from (output for output in shelf.all() if output.path in named)


def _data(desk: build.Desk, shelf: Shelf, output: Output) -> bytes:
    if not shelf.fresh(output):
        raise ValueError(f"{output.path} in outputs/ was not made from the present text. Build first: ./inv build")
    return (desk.outputs / output.path).read_bytes()


def _printed(output: Output, data: bytes) -> Printed:
    import pypdfium2

    name = next(name for name in handout.EDITIONS if output.path.endswith(f"-{name}.pdf"))
    edition = handout.EDITIONS[name]
    document = pypdfium2.PdfDocument(data)
    sides = len(document)
    document.close()
    paper = "US Letter" if edition.paper == "US Letter" else "A4"
    return Printed(output, paper, sides, (sides + 1) // 2, edition.folded, edition.press)


def _page(
    desk: build.Desk, publication: Publication, printed: list[Printed], letters: list[Output], old: list[Copy]
) -> bytes:  # fmt: skip
    titles = {article.slug: article.title for article in publication.articles}
    titles |= {issue.name: issue.title or issue.subject for issue in publication.issues}
    groups: dict[str, tuple[list[Printed], list[Output]]] = {}
    for one in printed:
        groups.setdefault(one.output.article, ([], []))[0].append(one)
    for output in letters:
        groups.setdefault(output.article, ([], []))[1].append(output)
    templates = Templates(desk.templates, publication.site.accent)
    return templates.render(
        OVERVIEW, "bundle.html", language=ENGLISH, site=publication.site, now=publication.now, groups=groups,
        titles=titles, old=old, faces=(),
    ).encode()  # fmt: skip


def _zipped(files: Mapping[str, bytes], now: datetime) -> bytes:
    """The same bytes for the same files and instant, with their SHA-256 as `sha256sum -c` reads it."""
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, data in {**files, "SHA256SUMS": sums.encode()}.items():
            entry = zipfile.ZipInfo(path, now.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            packed = path.endswith((".pdf", ".png"))
            archive.writestr(entry, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
    return stream.getvalue()
