"""What readers need of a handout: accessible, legible, and saying all that it must say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unicodedata import combining

import page

from pressrun.model import direction
from pressrun.proof import paint, press
from pressrun.proof.drawn import Item
from pressrun.proof.lines import words
from pressrun.proof.rules import MM, Copy, Found, Rule

_UA = "ISO 14289-1"
_PRINT = "UKAAF G003 and RNIB Clear Print"
_HOUSE = "the house's own"
_NHS = "NHS identity guidelines, EQIP"
_LONGEST_LINE = 75
_FEWEST_LINES = 3
#: letters that say little of where a text comes from
_FEW = 8
#: so many lines to write on, and no thicker than so many points, make a side for notes
_RULES, _THIN = 8, 2.0
#: the height of a capital letter, in parts of the size
_CAPITAL = 0.7
#: how full the last side should be
_FULL = (0.40, 0.97)
_OFFICE_MARGIN = 5 * MM
_BYTES_A_PAGE = 100_000
_SCHEMES = ("https:", "tel:", "mailto:", "sms:")
_NEAR = 0.05


def _ua_1(copy: Copy) -> Found:
    report = page.validate_pdf(str(copy.path), profile=page.ValidationProfile.PDF_UA_1)
    yield from ((0, f"{failure.rule_id}: {failure.message}.") for failure in report.failures)


def _paper(copy: Copy) -> Found:
    for number in range(1, len(copy.pages) + 1):
        left, bottom, right, top = copy.trim(number)
        sides = (right - left) / MM, (top - bottom) / MM
        if any(abs(side - wanted) > 0.2 for side, wanted in zip(sides, copy.edition.paper, strict=True)):
            yield number, f"The page is {sides[0]:.1f} x {sides[1]:.1f} mm."


def _body(copy: Copy) -> Found:
    """Of the author's own words; sources and the like may be smaller."""
    body = _plain(copy.asked.body)
    sizes: Counter[float] = Counter()
    for item in copy.drawn("text"):
        if not item.artifact and len(text := _plain(item.text)) > _FEW and text in body:
            sizes[round(item.size, 1)] += len(text)
    size = max(sizes, key=lambda size: sizes[size], default=copy.edition.body)
    if size < copy.edition.body - _NEAR:
        yield 0, f"Most of the text is set at {size:.4g} pt, not at {copy.edition.body:.4g} pt or more."


def _smallest(copy: Copy) -> Found:
    for item in copy.drawn("text"):
        if item.size < copy.edition.smallest - _NEAR:
            yield (
                item.page,
                f"Text of {item.size:.4g} pt is smaller than {copy.edition.smallest:.4g} pt: '{item.text[:30]}'.",
            )


def _long_lines(copy: Copy) -> Found:
    for line in copy.lines:
        text = words(line)
        # A vowel's sign above a letter takes no room.
        if (length := sum(not combining(letter) for letter in text)) > _LONGEST_LINE:
            yield line[0].page, f"A line has {length} characters: '{text[:30]}'."


def _hyphens(copy: Copy) -> Found:
    """A hyphen that the author typed may end a line, and so may one within an address."""
    for line in copy.lines:
        found = re.search(r"(?<![\w./@-])(\w+)[-\u2010\u00ad]$", words(line))
        if found and f"{found[1]}-" not in copy.asked.typed:
            yield line[0].page, f"A word is broken at the end of a line: '{found[0]}'."


def _italics(copy: Copy) -> Found:
    for item in copy.drawn("text"):
        if item.typeface and re.search("italic|oblique", item.typeface.name, re.IGNORECASE):
            yield item.page, f"Text is set in italics: '{item.text[:30]}'."


def _sides(copy: Copy) -> Found:
    if len(copy.pages) > 1 and len(copy.pages) % 2:
        yield 0, f"There are {len(copy.pages)} sides."


def _for_notes(copy: Copy, page: int) -> bool:
    """Whether a page is ruled to write on."""
    left, _, right, _ = copy.trim(page)
    boxes = [item.box for item in copy.drawn("fill", "stroke") if item.page == page and item.seen]
    return sum(box[2] - box[0] > (right - left) / 2 and box[3] - box[1] < _THIN for box in boxes) >= _RULES


def _fill(copy: Copy) -> Found:
    """A column counts by its half of the paper, and text across both for both."""
    last = len(copy.pages)
    left, bottom, right, _ = copy.trim(last)
    lines = [line for line in copy.lines if line[0].page == last]
    if last == 1 or not lines or _for_notes(copy, last):
        return
    feet = [_head(item) for item in copy.drawn("text") if item.artifact and item.page == last]
    foot, head, middle = max(feet, default=bottom), max(_head(line[0]) for line in lines), (left + right) / 2
    columns = (
        [line[0].base for line in lines if line[0].box[0] < middle],
        [line[0].base for line in lines if line[-1].box[2] > middle],
    )
    share = sum(head - min(column, default=head) for column in columns) / 2 / (head - foot)
    if not _FULL[0] <= share <= _FULL[1]:
        yield last, f"The last side is filled to {share:.0%}."


def _head(item: Item) -> float:
    return item.base + _CAPITAL * item.size


def _empty(copy: Copy) -> Found:
    counts = Counter(line[0].page for line in copy.lines)
    for number in range(1, len(copy.pages) + 1):
        if counts[number] < _FEWEST_LINES and not _for_notes(copy, number):
            yield number, f"The page has {counts[number]} lines of text."


def _stranded(copy: Copy) -> Found:
    heads = _heads(copy)
    lines = [line for line in copy.lines if (line[0].page, line[0].mark) in heads]
    rest = [item for item in copy.items if item.kind in ("text", "image") and not item.artifact
            and (item.page, item.mark) not in heads]  # fmt: skip
    for line in lines:
        if not any(_stands_below(line, item) for item in rest) and not _for_notes(copy, line[0].page):
            yield line[0].page, f"A heading stands alone at the foot: '{words(line)[:30]}'."


def _stands_below(line: list[Item], item: Item) -> bool:
    left, bottom, right = line[0].box[0], line[0].box[1], line[-1].box[2]
    return item.page == line[0].page and item.box[3] < bottom + item.size and left < item.box[2] and item.box[0] < right


def _heads(copy: Copy) -> set[tuple[int, int]]:
    """Page and mark of what is tagged as a heading."""
    root: Any = copy.pdf.Root.get("/StructTreeRoot", {})
    numbers = {sheet.objgen: number for number, sheet in enumerate(copy.pages, 1)}
    return {(numbers[sheet], mark) for sheet, mark in _tagged(root.get("/K"), None, heading=False)}


def _tagged(found: Any, sheet: Any, *, heading: bool) -> Iterator[tuple[Any, int]]:
    if found is None:
        return
    if isinstance(found, int):
        if heading:
            yield sheet, found
        return
    if getattr(found, "_type_name", "") == "array":
        for kid in found:
            yield from _tagged(kid, sheet, heading=heading)
        return
    sheet = found.Pg.objgen if "/Pg" in found else sheet
    if "/MCID" in found:
        yield from _tagged(int(found.MCID), sheet, heading=heading)
    else:
        heading = heading or re.fullmatch("/H[1-6]?", str(found.get("/S"))) is not None
        yield from _tagged(found.get("/K"), sheet, heading=heading)


def _margin(copy: Copy) -> Found:
    for item, room in paint.near_the_edge(copy, _OFFICE_MARGIN):
        yield item.page, f"'{item.text[:30]}' stands {room / MM:.1f} mm from the edge."


def _black(copy: Copy) -> Found:
    if copy.edition.black:
        for item in copy.drawn("text", "fill", "stroke", "shading", "image"):
            grey = item.ink.space in ("DeviceGray", "CalGray", "ICC Gray")
            if not grey and (len(item.ink.cmyk) != 4 or any(item.ink.cmyk[:3])):
                yield item.page, f"Something is drawn in {item.ink.space} ({item.kind})."


def _titled(copy: Copy) -> Found:
    for name, found in (
        ("information", str(copy.pdf.docinfo.get("/Title", ""))),
        ("metadata", str(copy.metadata.get("dc:title", ""))),
    ):
        if _plain(found) != _plain(copy.asked.title):
            yield 0, f"The title in the document's {name} is '{found}'."
    shown: Any = copy.pdf.Root.get("/ViewerPreferences", {})
    if shown.get("/DisplayDocTitle") is not True:
        yield 0, "Readers' windows show the file's name instead of the title."


def _language(copy: Copy) -> Found:
    if (found := str(copy.pdf.Root.get("/Lang", ""))).lower() != copy.asked.language.lower():
        yield 0, f"The document's language is '{found}', the article's '{copy.asked.language}'."


def _author(copy: Copy) -> Found:
    found = str(copy.pdf.docinfo.get("/Author", ""))
    yield from (
        (0, f"{name} is not among the document's authors, '{found}'.")
        for name in copy.asked.authors
        if name not in found
    )


def _plain(text: str) -> str:
    """Without spaces, which a line's end may take away."""
    return re.sub(r"\s", "", text)


def _says(copy: Copy, said: str) -> bool:
    if _plain(said) in _plain(copy.text):
        return True
    # PDFium takes what runs from left to right apart in a line of words from right to left.
    parts = re.findall(r"\w+", said)
    turned = direction(copy.asked.language) == "rtl"
    return turned and any(all(part in line for part in parts) for line in map(words, copy.lines))


def _byline(copy: Copy) -> Found:
    yield from ((0, f"It does not name {name}.") for name in copy.asked.authors if not _says(copy, name))


def _numbers(copy: Copy) -> Found:
    missing = (number for number in copy.asked.numbers if not _says(copy, number))
    yield from ((0, f"The helpline {number} is not on it.") for number in missing)


def _code(copy: Copy) -> Found:
    if not _says(copy, copy.asked.code):
        yield 0, f"The document code {copy.asked.code} is not on it."


def _dated(copy: Copy) -> Found:
    date = copy.asked.date
    day, year = f"(?<!\\d)0?{date.day}(?!\\d)", f"{date.year}"
    if not re.search(f"{day}\\D{{0,20}}{year}|{year}.{{0,20}}{day}", copy.text, re.DOTALL):
        yield 0, f"The date of its last change, {date:%Y-%m-%d}, is not on it."


def _version(copy: Copy) -> Found:
    number = rf"\b{copy.asked.revision}\b"
    # Between words from right to left, the number may stand anywhere in the line.
    lines = [found for found in map(words, copy.lines) if re.search(number, found)]
    word = copy.asked.version
    if not re.search(rf"\b{re.escape(word)}\s+{number}", copy.text) and not any(word in line for line in lines):
        yield 0, f"It does not say that it is version {copy.asked.revision}."


def _formats(copy: Copy) -> Found:
    if not _says(copy, copy.asked.email):
        yield 0, f"{copy.asked.email}, where other formats can be had, is not on it."


def _links(copy: Copy) -> Iterator[tuple[int, Any]]:
    for number, sheet in enumerate(copy.pages, 1):
        yield from ((number, found) for found in sheet.get("/Annots", []) if found.get("/Subtype") == "/Link")


def _described(copy: Copy) -> Found:
    yield from (
        (number, "A link has no description.") for number, link in _links(copy) if not str(link.get("/Contents", ""))
    )


def _targets(copy: Copy) -> Found:
    for number, link in _links(copy):
        target = str(link.get("/A", {}).get("/URI", ""))
        inside = "/Dest" in link or link.get("/A", {}).get("/S") == "/GoTo"
        if not inside and not target.startswith(_SCHEMES):
            yield number, f"A link leads to '{target}'."


def _unicode(copy: Copy) -> Found:
    for item in copy.drawn("text"):
        if "\ufffd" in item.text:
            yield item.page, "A letter cannot be copied or read aloud."


def _weight(copy: Copy) -> Found:
    if (size := copy.path.stat().st_size) > _BYTES_A_PAGE * len(copy.pages):
        yield 0, f"It has {size / 1000:.0f} kB."


_SHARED = (
    "x4-encryption",
    "x4-actions",
    "x4-attachments",
    "x4-forms",
    "x4-embedded",
    "press-subset",
    "press-type-3",
    "x4-glyphs",
)
#: what no copy may do to whoever opens it
SAFE = tuple(rule._replace(name=f"pdf-{rule.name.partition('-')[2]}") for rule in press.RULES if rule.name in _SHARED)
#: what a copy says, on whatever paper
CONTENT = (
    Rule("content-authors", "Readers must see who wrote it.", _NHS, _byline),
    Rule("content-helplines", "Every helpline of the article must stand on paper.", _HOUSE, _numbers),
    Rule("content-code", "Readers must be able to ask whether their copy is current.", _HOUSE, _code),
    Rule("content-date", "Readers must see how current it is.", _NHS, _dated),
    Rule("content-version", "Readers must see how current it is.", _NHS, _version),
    Rule("content-formats", "Who cannot read it must find another format.", _PRINT, _formats),
)
TYPE = (
    Rule("type-body", "Make the body's type larger.", _PRINT, _body),
    Rule("type-smallest", "Make it larger.", _PRINT, _smallest),
    Rule("type-line", "A line may have 75 characters.", _PRINT, _long_lines),
    Rule("type-hyphen", "Words must stay whole.", _PRINT, _hyphens),
    Rule("type-italics", "Use bold for emphasis.", _PRINT, _italics),
)
SIDES = (
    Rule("sides-even", "A handout must fill both sides of its sheets.", _HOUSE, _sides),
    Rule("sides-fill", "The last side must be filled to 40 to 97 %.", _HOUSE, _fill),
    Rule("sides-lines", "A page must have three lines or more.", _HOUSE, _empty),
    Rule("sides-heading", "A heading must stand with what it heads.", _HOUSE, _stranded),
)
#: what an office printer can print
OFFICE = (
    Rule("office-paper", "The page must be the edition's paper, within 0.2 mm.", _HOUSE, _paper),
    Rule(
        "office-margin", "Text must stand 5 mm or more from the edge, where office printers can print.", _HOUSE, _margin
    ),
    Rule("office-black", "An office printer must get black ink alone.", _HOUSE, _black),
)
#: what a reader needs on a screen
SCREEN = (
    Rule("ua-1", "Programs must be able to read it aloud rightly.", _UA, _ua_1),
    Rule("about-title", "The document must carry its article's title.", _UA, _titled),
    Rule("about-language", "Voices that read aloud go by it.", _UA, _language),
    Rule("about-author", "The document must name its authors.", _HOUSE, _author),
    Rule("links-described", "Every link needs Contents.", _UA, _described),
    Rule("links-target", "Links must lead to https, tel, mailto or sms.", _HOUSE, _targets),
    Rule("pdf-letters", "Every glyph needs its Unicode value.", _UA, _unicode),
    Rule("pdf-weight", "A file may have 100 kB a page.", _HOUSE, _weight),
)
