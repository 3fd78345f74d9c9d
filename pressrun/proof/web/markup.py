"""Rules of HTML itself: what browsers must otherwise guess at. Section numbers are those of the WHATWG's standard."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from pressrun.proof.web.page import Page
from pressrun.proof.web.rules import ERROR, Asked, Found, Rule

#: bytes in which browsers look for it, HTML 4.2.5.4
_SNIFFED = 1024
_OBSOLETE = frozenset([
    "acronym", "applet", "basefont", "big", "blink", "center", "dir", "font", "frame", "frameset", "marquee",
    "nobr", "noframes", "plaintext", "rb", "strike", "tt", "xmp",
])  # fmt: skip
_OBSOLETE_ATTRIBUTES = frozenset([
    "align", "alink", "background", "bgcolor", "border", "cellpadding", "cellspacing", "clear", "frameborder",
    "hspace", "nowrap", "valign", "vlink", "vspace",
])  # fmt: skip
#: elements that hold phrasing content alone, and elements that are none
_PHRASES = frozenset([
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "em", "strong", "b", "i", "small", "sup", "sub", "cite", "bdi",
    "time", "label", "button", "dt", "summary",
])  # fmt: skip
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "ul",
])  # fmt: skip
_PARENTS = {
    "li": {"ul", "ol", "menu"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "tr": {"thead", "tbody", "tfoot", "table"},
    "td": {"tr"}, "th": {"tr"}, "caption": {"table"}, "figcaption": {"figure"}, "source": {"picture", "audio", "video"},
}  # fmt: skip
_CHILDREN = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}, "tr": {"td", "th"}}
_INTERACTIVE = frozenset([
    "a", "button", "input", "select", "textarea", "label", "iframe", "details",
])  # fmt: skip
_SIZE = re.compile(r"[1-9]\d*")
_CANDIDATE = re.compile(r"\S+ ([1-9]\d*)w")
_DURATION = re.compile(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")
#: a picture may be this much narrower or wider than it says: sizes are whole pixels
_ROUNDED = 0.02


def _doctype(page: Page, _: Asked) -> Found:
    if page.doctype.lower() != "doctype html" or not page.data.lstrip().lower().startswith(b"<!doctype"):
        yield 1, f"It begins with '{page.data[:30].decode(errors='replace').splitlines()[0]}'."


def _tags(page: Page, _: Asked) -> Found:
    yield from page.tags


def _attributes(page: Page, _: Asked) -> Found:
    yield from page.attributes


def _charset(page: Page, _: Asked) -> Found:
    metas = page.all("/html/head/meta[@charset]")
    first = page.all("/html/head/*[1][self::meta]/@charset")
    if len(metas) != 1 or [one.lower() for one in first] != ["utf-8"]:
        yield 0, f"{len(metas)} elements of its head say how it is encoded."
    elif b"charset" not in page.data[:_SNIFFED].lower():
        yield metas[0].sourceline, f"That stands behind the first {_SNIFFED} bytes."


def _outline(page: Page, _: Asked) -> Found:
    parts = [child.tag for child in page.root]
    if page.root.tag != "html" or parts != ["head", "body"]:
        yield 0, f"<{page.root.tag}> holds {parts}."
    for part in page.all("/html/body//*[self::title or self::meta or self::link or self::base]"):
        yield part.sourceline, f"<{part.tag}> stands in the body."


def _placed(page: Page, _: Asked) -> Found:
    if page.tags:  # nothing stands where it seems to
        return
    for element in page.root.iter():
        parent = element.getparent()
        above = "" if parent is None else parent.tag
        homeless = element.tag in _PARENTS and above not in _PARENTS[element.tag]
        stranger = above in _CHILDREN and element.tag not in _CHILDREN[above]
        if homeless or stranger or (above in _PHRASES and element.tag in _BLOCKS):
            yield element.sourceline, f"<{element.tag}> stands in <{above}>."


def _nested(page: Page, _: Asked) -> Found:
    if page.tags:
        return
    for element in page.root.iter(*_INTERACTIVE):
        outer = next((one for one in element.iterancestors("a", "button")), None)
        if outer is not None:
            yield element.sourceline, f"<{element.tag}> stands in <{outer.tag}>."


def _ids(page: Page, _: Asked) -> Found:
    counts = Counter(page.all("//@id"))
    for element in page.all("//*[@id]"):
        anchor = element.get("id")
        if not anchor or len(anchor.split()) != 1:
            yield element.sourceline, f"The id '{anchor}' is empty or has a space."
        elif counts.pop(anchor, 1) > 1:
            yield element.sourceline, f"Several elements have the id '{anchor}'."


def _obsolete(page: Page, _: Asked) -> Found:
    for element in page.root.iter():
        if element.tag in _OBSOLETE:
            yield element.sourceline, f"<{element.tag}> is obsolete."
        for name in sorted(_OBSOLETE_ATTRIBUTES & set(element.attrib)):
            yield element.sourceline, f"'{name}' of <{element.tag}> is obsolete."


def _dates(page: Page, _: Asked) -> Found:
    for element in page.root.iter("time"):
        said = element.get("datetime")
        if said is None or not _is_moment(said):
            yield element.sourceline, f"A date is '{said or ''}' to machines."


def _is_moment(said: str) -> bool:
    if re.fullmatch(r"\d{4}(-\d\d)?|\d\d-\d\d", said) or _DURATION.fullmatch(said):
        return True
    try:
        return bool(date.fromisoformat(said) if len(said) == 10 else datetime.fromisoformat(said))
    except ValueError:
        return False


def _sizes(page: Page, asked: Asked) -> Found:
    for image in page.root.iter("img"):
        sides = [image.get(name, "") for name in ("width", "height")]
        if not all(map(_SIZE.fullmatch, sides)):
            yield image.sourceline, f"The picture {_named(image)} measures '{sides[0]}' by '{sides[1]}'."
            continue
        width, height = map(int, sides)
        true = _measure(page, asked, image.get("src", ""))
        if true and abs(true[0] / true[1] / (width / height) - 1) > _ROUNDED + 1 / min(width, height):
            problem = f"is {true[0]} by {true[1]}, and said to be {width} by {height}."
            yield image.sourceline, f"The picture {_named(image)} {problem}"


def _named(image: Any) -> str:
    return str(urlsplit(image.get("src", "")).path.rpartition("/")[2])


def _measure(page: Page, asked: Asked, address: str) -> tuple[int, int] | None:
    """Width and height in pixels; None for what is not here (of which the links tell) or is no grid of pixels."""
    file = asked.file(page.address(address))
    if not file:
        return None
    try:
        with Image.open(file) as image:
            return image.size
    except UnidentifiedImageError:
        return None


def _candidates(page: Page, asked: Asked) -> Found:
    for element in page.all("//img[@srcset] | //source[@srcset]"):
        candidates = [one.strip() for one in element.get("srcset").split(",")]
        found = [_CANDIDATE.fullmatch(one) for one in candidates]
        if not all(found) or not (element.get("sizes") or "").strip():
            yield element.sourceline, f"<{element.tag}> offers '{candidates[0]}' for no 'sizes', or without a width."
            continue
        for one, match in zip(candidates, found, strict=True):
            true = _measure(page, asked, one.split()[0])
            if match and true and str(true[0]) != match[1]:
                yield element.sourceline, f"'{one}' is {true[0]} pixels wide."
        if element.tag == "source" and not (element.get("type") or element.get("media")):
            yield element.sourceline, "<source> says neither its type nor for which screens it is."


RULES = (
    Rule("page-doctype", ERROR, "HTML 13.1.1", "It must begin with <!DOCTYPE html>.", _doctype),
    Rule("page-tags", ERROR, "HTML 13.1.2", "Every element that is begun must be ended, the last one first.", _tags),
    Rule("page-attributes", ERROR, "HTML 13.1.2.3", "An attribute needs a name and may stand once.", _attributes),
    Rule(
        "page-charset",
        ERROR,
        "HTML 4.2.5.4",
        'The head must begin with <meta charset="utf-8">, and say it once.',
        _charset,
    ),
    Rule("page-outline", ERROR, "HTML 4.1.1", "It needs a head with all that is about it, then a body.", _outline),
    Rule("page-placed", ERROR, "HTML 4.4", "An element may stand only where HTML allows it.", _placed),
    Rule(
        "page-nested", ERROR, "HTML 4.5.1, 4.10.6", "What can be clicked may hold nothing else of that kind.", _nested
    ),
    Rule("page-id", ERROR, "HTML 3.2.6", "An id must be one word and belong to one element.", _ids),
    Rule("page-obsolete", ERROR, "HTML 16.2", "Say what it is, and let the style sheet say how it looks.", _obsolete),
    Rule("page-date", ERROR, "HTML 4.5.14", "<time> must say its date as 2025-03-14, to machines.", _dates),
    Rule(
        "page-image-size",
        ERROR,
        "HTML 4.8.17",
        "A picture must say its width and height, so that nothing moves while it loads.",
        _sizes,
    ),
    Rule(
        "page-image-sources",
        ERROR,
        "HTML 4.8.4.2",
        "Pictures to choose from need their true widths, and 'sizes'.",
        _candidates,
    ),
)
