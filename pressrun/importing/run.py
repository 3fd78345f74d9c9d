"""Bringing files in: each to an article or a reason, all links known to each other, nothing overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from pressrun import build, channels, disk, drafting, folder, markup, model
from pressrun.faults import Fault, Place, Refused
from pressrun.folder import RESERVED, Folder
from pressrun.importing import bylines, fields, links, writer
from pressrun.importing.addresses import Known
from pressrun.importing.draft import Draft, Left
from pressrun.importing.images import Images
from pressrun.importing.report import Report

#: the module that reads files of a suffix; the last three only say what to do with such a file
READERS = {
    ".txt": "plain", ".md": "post", ".markdown": "post", ".mkd": "post", ".docx": "word", ".html": "page",
    ".htm": "page", ".doc": "word", ".odt": "word", ".rtf": "word",
}  # fmt: skip
_READ = ".docx, .html, .md, .txt"
_INSTEAD = f"Import what it was made from, such as the Word file of a PDF, or save its words as one of {_READ}."
_SITE = re.compile(r"(?im)^\s*(?:baseurl|url|siteurl)\s*[:=]\s*[\"']?(https?://[^\s\"'/]+[^\s\"']*)")
_CONFIGURATIONS = (
    "_config.yml", "_config.yaml", "hugo.toml", "hugo.yaml", "config.toml", "config.yaml", "config.yml",
    "config/_default/config.toml", "config/_default/hugo.toml", "config/_default/config.yml", "pelicanconf.py",
)  # fmt: skip


@dataclass
class _Arrival:
    """A file that may become an article."""

    path: Path
    draft: Draft
    slug: str
    article: model.Article | None = None
    text: str = ""
    settled: Draft | None = None


@dataclass(frozen=True, slots=True)
class How:
    """What is wanted beside the files."""

    #: the old site's address: links to its pages that are not imported stay, as whole addresses
    site: str = ""
    #: write nothing
    dry: bool = False
    #: told of each file: how many are done, of how many, its name
    progress: Callable[[int, int, str], None] = lambda *_: None


def bring(desk: build.Desk, paths: Iterable[Path], now: datetime, how: How | None = None) -> Report:
    """Makes articles of files, and of the files in folders. Raises Refused when site.yaml is at fault."""
    how, report = how or How(), Report()
    files = _files(paths, report)
    here = folder.read(desk.content, build.keys(channels.NAMES))
    found = build.read(desk, now).publication
    day = (now if now.tzinfo else now.replace(tzinfo=here.site.time_zone)).astimezone(here.site.time_zone).date()
    present = [*found.articles, *found.held]
    arrivals = _arrivals(files, here, day, report, how)
    _name(arrivals, present, desk, report)
    known = _known(how.site or _old_site(files), here, present)
    for arrival in arrivals:
        known.add(arrival.draft, arrival.slug)
    arrivals = [arrival for arrival in arrivals if arrival.draft.source not in report.there]
    _settle(arrivals, here, known, report, how)
    for arrival in arrivals:
        if arrival.article and arrival.settled:
            _tell(arrival.settled, report)
            if not how.dry:
                _write(desk, arrival.settled, arrival.text)
    return report


def _known(site: str, here: Folder, present: Sequence[model.Article]) -> Known:
    site = site.rstrip("/")
    hosts = {urlsplit(address).hostname or "" for address in (site, here.site.base_url)} - {""}
    known = Known(site, frozenset(hosts))
    known.add_existing({article.slug: article.aliases for article in present})
    known.anchors = {article.slug: frozenset(article.anchors()) for article in present}
    return known


# ---- files to drafts


def _files(paths: Iterable[Path], report: Report) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        try:
            found += _read_of(path, report)
        except ValueError as error:
            report.refused.append(Fault(Place(str(path)), *error.args))
    return list(dict.fromkeys(found))


def _read_of(path: Path, report: Report) -> list[Path]:
    """What is read of a file or folder. Raises ValueError with the problem and the remedy if that is nothing."""
    if path.is_dir():
        inner = [file for file in sorted(path.rglob("*")) if file.is_file() and not _hidden(file, path)]
        read = [file for file in inner if file.suffix.lower() in READERS]
        report.passed += len(inner) - len(read)
        if read:
            return read
        raise ValueError("No file in this folder can be imported.", f"Put files there that are one of {_READ}.")
    if path.suffix.lower() in READERS and path.is_file():
        return [path]
    if path.is_file():
        raise ValueError(f"A file of the kind '{path.suffix}' cannot be imported.", _INSTEAD)
    raise ValueError("There is no such file or folder.", "Correct its name; put it in quotes if it holds blanks.")


def _hidden(file: Path, top: Path) -> bool:
    return any(part.startswith(".") or part == "node_modules" for part in file.relative_to(top).parts)


def _old_site(files: Sequence[Path]) -> str:
    """The old site's address, from its configuration in a folder above the files; empty if there is none."""
    for above in files[0].resolve().parents if files else ():
        for name in _CONFIGURATIONS:
            if (above / name).is_file() and (found := _SITE.search((above / name).read_text("utf-8", "replace"))):
                return found[1]
    return ""


def _arrivals(files: Sequence[Path], here: Folder, day: date, report: Report, how: How) -> list[_Arrival]:
    found = []
    for number, path in enumerate(files):
        how.progress(number, 2 * len(files), str(path))
        try:
            reader = import_module(f"pressrun.importing.{READERS[path.suffix.lower()]}")
            draft = _whole(reader.read(path, path.read_bytes(), source=path.as_posix()), path, here, day)
            found.append(_Arrival(path, draft, draft.slug))
        except Refused as refused:
            report.refused += refused.faults
        except OSError as error:
            problem = f"The file cannot be read: {error.strerror or error}."
            report.refused.append(Fault(Place(path.as_posix()), problem, "Mend that."))
        except RecursionError:
            problem = "The file is nested too deeply."
            report.refused.append(Fault(Place(path.as_posix()), problem, "Make it simpler."))
    return found


def _whole(draft: Draft, path: Path, here: Folder, day: date) -> Draft:
    """A draft with every key that an article must have; what was not found is told."""
    values, notes, guessed = dict(draft.values), list(draft.notes), dict(draft.guessed)
    if not draft.body or not any(not isinstance(item, Left) for item in draft.body):
        line = draft.body[0].line if draft.body and isinstance(draft.body[0], Left) else 1
        remedy = "Leave it out, or write some text."
        raise Refused([Fault(Place(draft.source, max(line, 1)), "There is no text in this file.", remedy)])
    if not values.get("title"):
        raise Refused([Fault(Place(draft.source), "There is no title.", "Write it into the first line.")])
    if not values.get("authors"):
        values["authors"] = [here.site.name]
        guessed["authors"] = "It names no author: the site's name stands for one."
    else:
        values["authors"], words = bylines.resolved(list(values["authors"]), path)
        notes += [f"No name was found for {', '.join(words)}: the word itself stands there."] if words else []
    if path.suffix.lower() == ".docx" and "T" in (said := str(values.get("date", ""))):
        # By Word's clock; the day it was here.
        values["date"] = str(datetime.fromisoformat(said).astimezone(here.site.time_zone).date())
    if not values.get("date"):
        values["date"] = str(day)
        guessed["date"] = "It has no date: today's stands for one."
    if not values.get("summary"):
        values["summary"] = values["title"]
        guessed["summary"] = "It has no summary: the title stands for one."
    if _base(values.get("language", "")) == _base(here.site.language):
        del values["language"]  # site.yaml decides
    return replace(draft, values=values, notes=notes, guessed=guessed)


def _base(language: str) -> str:
    """`en` of `en-GB`."""
    return language.partition("-")[0].lower()


# ---- slugs


def _name(arrivals: list[_Arrival], present: Iterable[model.Article], desk: build.Desk, report: Report) -> None:
    """Gives every draft a slug of its own; a file that is there already keeps its place."""
    files = {path.stem: path for path in (desk.content / "articles").rglob("*.yaml")}
    taken = {name for article in present for name in (article.slug, *article.aliases)} - files.keys()
    for arrival in arrivals:
        wanted = arrival.draft.slug or markup.slugify(str(arrival.draft.values["title"])) or "article"
        arrival.slug = wanted if wanted not in RESERVED else f"{wanted}-page"
        number = 2
        while arrival.slug in taken:
            arrival.slug, number = f"{wanted[:76]}-{number}", number + 1
        taken.add(arrival.slug)
        if file := files.get(arrival.slug):
            report.there[arrival.draft.source] = file.relative_to(desk.root).as_posix()
        elif arrival.slug != wanted:
            report.notes.append((arrival.draft.source, f"Its slug '{wanted}' is taken, so it is '{arrival.slug}'."))
    for arrival in arrivals:
        if aliases := [
            name for name in fields.aliases(list(arrival.draft.addresses), arrival.slug) if name not in taken
        ]:
            taken |= set(aliases)
            arrival.draft = replace(arrival.draft, values={**arrival.draft.values, "aliases": aliases})


# ---- drafts to YAML that our own reader takes


def _settle(arrivals: list[_Arrival], here: Folder, known: Known, report: Report, how: How) -> None:
    """Writes and reads each draft, again where a link led to one that was refused, or to no heading."""
    waiting = list(arrivals)
    while waiting:
        for number, arrival in enumerate(waiting):
            how.progress(len(waiting) + number, 2 * len(waiting), str(arrival.path))
            _try(arrival, here, known, report)
        sound = [arrival for arrival in arrivals if arrival.article]
        known.anchors |= {arrival.slug: frozenset(arrival.article.anchors()) for arrival in sound if arrival.article}
        waiting = [arrival for arrival in sound if arrival.article and _astray(arrival.article, known)]


def _astray(article: model.Article, known: Known) -> bool:
    """Whether a link of an article leads to what is not there."""
    return any(
        lead.slug in known.gone or (lead.anchor and lead.anchor not in known.anchors.get(lead.slug or article.slug, ()))
        for lead in article.leads()
    )  # fmt: skip


def _try(arrival: _Arrival, here: Folder, known: Known, report: Report) -> None:
    """Reads the draft's YAML as a build would."""
    draft, path = arrival.draft, f"articles/{arrival.slug}.yaml"
    images = Images(arrival.path, arrival.slug, known.hosts, dict(draft.pictures))
    arrival.settled = links.settle(draft, arrival.slug, known, images)
    id_ = drafting.mint(str(arrival.settled.values["date"])[:10], arrival.slug)
    sheet = writer.write(links.described(arrival.settled), id_)
    try:
        arrival.article = here.article(path, sheet.text.encode())
    except Refused as refused:
        arrival.article = None
        known.gone.add(arrival.slug)
        report.refused += [_at_source(fault, draft, sheet) for fault in refused.faults]
        return
    arrival.text = writer.write(arrival.settled, id_).text if arrival.settled.asked else sheet.text


def _at_source(fault: Fault, draft: Draft, sheet: writer.Sheet) -> Fault:
    """A fault of the YAML where its cause stands in the source."""
    line = sheet.origin(fault.place.line) or 1
    lines = draft.text.split("\n")
    words = fault.excerpt[fault.place.column - 1 :].strip()
    for length in (40, 20, 10, 5, 3):
        for number in range(line - 1, min(line + 200, len(lines))):
            if len(words) >= length and (at := lines[number].find(words[:length])) >= 0:
                return Fault(Place(draft.source, number + 1, at + 1), fault.problem, fault.remedy, lines[number])
    excerpt = lines[line - 1] if line <= len(lines) else ""
    return Fault(Place(draft.source, line), fault.problem, fault.remedy, excerpt)


# ---- out


def _write(desk: build.Desk, draft: Draft, text: str) -> None:
    target = desk.content / "articles" / f"{draft.slug}.yaml"
    with disk.plainly(target.relative_to(desk.root).as_posix()):
        for name, data in draft.pictures.items():
            if not (picture := desk.content / "images" / name).exists():
                disk.write(picture, data)
        disk.write(target, text.encode())


def _tell(draft: Draft, report: Report) -> None:
    report.imported[draft.source] = f"content/articles/{draft.slug}.yaml"
    report.left += [(draft.source, item) for item in (*draft.body, *draft.left) if isinstance(item, Left)]
    report.asked += [(draft.source, asked) for asked in draft.asked]
    report.notes += [(draft.source, note) for note in (*draft.notes, *draft.guessed.values())]
    stands = (*draft.values.get("aliases", ()), draft.slug)
    report.moved |= {address: f"/{draft.slug}/" for address in draft.addresses if address.strip("/") not in stands}
