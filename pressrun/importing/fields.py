"""Keys of front matter to keys of the contract."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any

from pressrun import markup
from pressrun.importing import words
from pressrun.importing.draft import Left
from pressrun.importing.front import Front

#: by the contract's key, what other programs call it, the most telling name first
_NAMES = {
    "title": ("title",),
    "summary": ("summary", "description", "excerpt", "deck", "subtitle", "lead"),
    "authors": ("authors", "author"),
    "date": ("date", "publishdate", "published_at", "pubdate"),
    "updated": ("lastmod", "updated", "modified", "last_modified_at", "last_updated", "update_date"),
    "category": ("category", "categories"),
    "tags": ("tags", "tag", "topics", "keywords"),
    "draft": ("draft", "published", "status"),
    "language": ("lang", "language", "locale"),
    "image": ("image", "cover", "featured_image", "featuredimage", "thumbnail", "banner", "header", "images"),
}
_SLUGS = ("slug", "url", "permalink")
_MOVED = ("aliases", "redirect_from", "alias")
_ALTS = ("image_alt", "alt", "cover_alt", "image_alt_text")
_CAPTIONS = ("image_caption", "image_figcaption", "caption")
_DATED = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>.+)")
_LANGUAGE = re.compile(r"(?P<slug>.+)\.(?P<language>[a-z]{2}(?:-[a-z]{2,4})?)", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})(?:[T ]+(?P<hour>\d{1,2}):(?P<rest>\d{2}(?::\d{2})?)(?:\.\d+)?\s*(?P<half>[ap]m)?"
    r"\s*(?:(?P<utc>Z|UTC|GMT)|(?P<sign>[+-])(?P<offset>\d{1,2}):?(?P<minutes>\d{2})?)?)?", re.IGNORECASE,
)  # fmt: skip


@dataclass
class Fields:
    """What front matter and a file's name say, by the contract's keys."""

    slug: str
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def of(front: Front, path: PurePath) -> Fields:
    """The keys of a file at a path."""
    lower = {name.lower(): name for name in front.values}
    stem = path.parent.name if path.stem.lower() == "index" and path.parent.name else path.stem
    translated = _LANGUAGE.fullmatch(stem)
    dated = _DATED.fullmatch(translated["slug"] if translated else stem)
    name = dated["slug"] if dated else translated["slug"] if translated else stem
    found = Fields(markup.slugify(name))
    used: set[str] = set()
    for key, names in _NAMES.items():
        for written in (lower[other] for other in names if other in lower):
            value = _READERS[key](front.values[written], written.lower())
            if value in (None, "", []) or (key in found.values and key != "tags"):
                used |= {written} if value in ("", []) and not front.values[written] else set()
                continue
            if key in ("category", "tags") and isinstance(value, list):
                first, rest = (value[:1], value[1:]) if key == "category" else ([], value)
                found.values |= {"category": first[0]} if first else {}
                if rest:
                    found.values["tags"] = list(dict.fromkeys([*found.values.get("tags", []), *rest]))
            else:
                found.values[key] = value
            found.places.setdefault(key, front.lines[written])
            used.add(written)
    _drop_defaults(found)
    if translated and "language" not in found.values:
        found.values["language"] = translated["language"]
        found.slug = markup.slugify(f"{name}-{translated['language']}")
    if dated:
        found.values.setdefault("date", dated["date"])
    _place(found, front, lower, used)
    _picture(found, front, lower, used)
    again = {written for written in front.values if any(_same(front, written, other) for other in used - {written})}
    found.left += [
        Left(front.lines[written], 1, f"the key '{written}'", front.typed[written])
        for written in front.values if written not in used | again and front.values[written] not in ("", [], {})
    ]  # fmt: skip
    return found


def _same(front: Front, one: str, other: str) -> bool:
    return bool(front.values[one] == front.values[other])


def _drop_defaults(found: Fields) -> None:
    if found.values.get("draft") is False:
        del found.values["draft"]


def _place(found: Fields, front: Front, lower: Mapping[str, str], used: set[str]) -> None:
    """Where the article stands, and where it stood."""
    for written in (lower[name] for name in _SLUGS if name in lower):
        text = front.values[written]
        if not isinstance(text, str) or not text.strip("/") or re.search(r"[:{]", text.partition("://")[2] or text):
            continue
        if slug := markup.slugify(PurePath(text.strip("/")).stem):
            found.slug = slug
            found.places["slug"] = front.lines[written]
            used.add(written)
        if "/" in text:
            found.addresses.insert(0, text)
    for written in (lower[name] for name in _MOVED if name in lower):
        moved = front.values[written]
        found.addresses += [moved] if isinstance(moved, str) else [text for text in moved if isinstance(text, str)]
        found.places["aliases"] = front.lines[written]
        used.add(written)


def _picture(found: Fields, front: Front, lower: Mapping[str, str], used: set[str]) -> None:
    """The lead picture's other words."""
    image = found.values.get("image")
    if not image:
        return
    for key, names in (("alt", _ALTS), ("caption", _CAPTIONS)):
        written = next((lower[name] for name in names if name in lower and front.values[lower[name]]), None)
        if written:
            image.setdefault(key, " ".join(str(front.values[written]).split()))
            used.add(written)


# ---- single values


def _text(value: Any, _name: str) -> str:
    """Plain words, on one line."""
    if not isinstance(value, str):
        return ""
    text = html.unescape(re.sub(r"</?[a-zA-Z][^>]*>", "", value))
    return " ".join(text.split())


def _described(value: Any, name: str) -> str:
    text = _text(value, name)
    return words.plain(text) if re.search(r"[*_`\[]", text) else text


def _names(value: Any, _name: str) -> list[Any]:
    """Authors as names, or as {name, url}."""
    given = (
        value if isinstance(value, list) else re.split(r"\s*;\s*|\s*,\s*", value) if isinstance(value, str) else [value]
    )
    return [name for name in map(_author, given) if name]


def _author(value: Any) -> Any:
    if not isinstance(value, dict):
        return _text(value, "")
    name = _text(value.get("name") or value.get("title") or value.get("display_name") or "", "")
    url = str(value.get("url") or value.get("link") or "")
    return {"name": name, "url": url} if name and re.match(r"https?://\S+$", url) else name


def _list(value: Any, _name: str) -> list[str]:
    given = re.split(r"\s*[,;]\s*", value) if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in (_text(part, "") for part in given) if text]


def moment(value: Any, _name: str = "") -> str:
    """A date or a time as the contract wants it; empty where it is none."""
    found = _MOMENT.fullmatch(str(value).strip())
    if not found:
        return ""
    try:
        day = datetime.strptime(found["date"], "%Y-%m-%d").date()  # noqa: DTZ007  # only the day is asked for
    except ValueError:
        return ""
    if not found["hour"]:
        return str(day)
    hour = int(found["hour"]) % (12 if found["half"] else 24)
    hour += 12 * ((found["half"] or "").lower() == "pm")
    offset = (
        "Z"
        if found["utc"]
        else f"{found['sign']}{int(found['offset']):02}:{found['minutes'] or '00'}"
        if found["sign"]
        else ""
    )
    return f"{day}T{hour:02}:{found['rest']}{offset}"


def _draft(value: Any, name: str) -> bool | None:
    """Whether it is held back: `draft: true`, `published: false`, `status: draft`."""
    text = str(value).strip().lower()
    match name:
        case "draft":
            return text in ("true", "yes")
        case "published":
            return {"false": True, "no": True, "true": False, "yes": False}.get(text)
        case _:
            return {"draft": True, "hidden": True, "published": False}.get(text)


def _language(value: Any, _name: str) -> str:
    text = str(value).replace("_", "-").strip()
    return text if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", text) else ""


def _image(value: Any, _name: str) -> dict[str, str] | None:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, str) and re.search(r"\.\w{3,4}$", value):
        return {"src": value}
    if isinstance(value, dict):
        named = {str(key).lower(): str(part) for key, part in value.items() if isinstance(part, str) and part}
        src = next((named[key] for key in ("src", "image", "path", "url", "teaser", "relative") if key in named), "")
        if re.search(r"\.\w{3,4}$", src):
            return {"src": src} | {key: named[key] for key in ("alt", "caption", "credit") if key in named}
    return None


_READERS = {
    "title": _described, "summary": _described, "authors": _names, "date": moment, "updated": moment,
    "category": _list, "tags": _list, "draft": _draft, "language": _language, "image": _image,
}  # fmt: skip


def aliases(addresses: list[str], slug: str) -> Iterator[str]:
    """Those addresses that a slug of ours can have been."""
    for address in addresses:
        name = address.strip("/")
        if markup.is_slug(name) and name != slug:
            yield name
