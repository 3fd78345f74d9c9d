"""Rules for how the HTML is built: for every mail program, for every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pressrun.colours import ENOUGH, contrast
from pressrun.proof.newsletter import sheets
from pressrun.proof.newsletter.letter import Letter, block, declarations, folded
from pressrun.proof.newsletter.rules import Found, Rule
from pressrun.proof.newsletter.sheets import Looks

_CLIPPED, _HEAVY, _STYLE = 90_000, 60_000, 16 * 1024
_SMALLEST = 13
_HEADINGS = tuple(f"h{number}" for number in range(1, 7))
_VAGUE = frozenset(
    ("click here", "here", "click", "more", "read more", "learn more", "see more", "find out more", "this", "this link",
     "link", "this page", "go", "details", "more info", "more information", "continue", "download", "view")
)  # fmt: skip


def _clipped(letter: Letter) -> Found:
    if (size := len(letter.html.encode())) > _CLIPPED:
        yield 0, f"The HTML has {size / 1000:.0f} kB."


def _heavy(letter: Letter) -> Found:
    if _HEAVY < (size := len(letter.html.encode())) <= _CLIPPED:
        yield 0, f"The HTML has {size / 1000:.0f} kB."


def _style_size(letter: Letter) -> Found:
    sizes = [(line, len(text.encode())) for line, text in letter.styles]
    yield from ((line, f"A style block has {size / 1024:.1f} KB.") for line, size in sizes if size > _STYLE)
    if len(sizes) > 1 and (size := sum(size for _, size in sizes)) > _STYLE:
        yield 0, f"All style blocks together have {size / 1024:.1f} KB."


def _style_place(letter: Letter) -> Found:
    for element in letter.all("style"):
        if not any(above.tag == "head" for above in element.iterancestors()):
            yield element.sourceline, "A style block stands outside <head>."


def _style_errors(letter: Letter) -> Found:
    yield from ((line, f"A style block cannot be read: {message}.") for line, message in sheets.read(letter).errors)


def _conditionals(letter: Letter) -> Found:
    """Those that hide something from all others, <!--[if mso]>, and those that show it, <!--[if !mso]><!-->."""
    opened = 0
    for found in re.finditer(r"<!(?:--)?\[if\b[^\]]*\]>|<!\[endif\](?:--)?>", letter.html):
        opened += -1 if "endif" in found[0] else 1
        if opened not in (0, 1):
            line = letter.html.count("\n", 0, found.start()) + 1
            yield line, f"{found[0]} has no partner."
            return
    if opened:
        yield 0, "A condition for Outlook is not ended."


def _doctype(letter: Letter) -> Found:
    if not re.match(r"\s*<!doctype html>", letter.html, re.IGNORECASE):
        yield 1, "The HTML does not begin with <!DOCTYPE html>."


def _charset(letter: Letter) -> Found:
    head = letter.html[:1024].lower()
    if not re.search(r"<meta[^>]+charset=[\"']?utf-8", head):
        yield 1, "The first kilobyte names no charset of utf-8."


def _viewport(letter: Letter) -> Found:
    found = [element.get("content", "") for element in letter.all("meta") if element.get("name") == "viewport"]
    if not found or "width=device-width" not in found[0]:
        yield 1, "It has no viewport of the device's width."
    if re.search(r"user-scalable\s*=\s*(?:no|0)|maximum-scale\s*=\s*1", " ".join(found)):
        yield 1, "It forbids to enlarge it."


def _language(letter: Letter) -> Found:
    if problem := _spoken(letter, letter.tree):
        yield letter.tree.sourceline or 1, f"<html> {problem}."


def _spoken(letter: Letter, element: Any) -> str:
    asked = (letter.asked.language.lower(), letter.asked.direction)
    found = (element.get("lang", "").lower(), element.get("dir", ""))
    return "" if found == asked else f"has lang '{found[0]}' and dir '{found[1]}', not '{asked[0]}' and '{asked[1]}'"


def _wrapper(letter: Letter) -> Found:
    found = [element for element in letter.elements if element.get("role") == "article"]
    if not found:
        yield 0, "No element of the role 'article' holds the letter."
        return
    line = found[0].sourceline
    if problem := _spoken(letter, found[0]):
        yield line, f"<{found[0].tag} role='article'> {problem}."
    if not found[0].get("aria-label", "").strip():
        yield line, f"<{found[0].tag} role='article'> has no aria-label."
    inside = set(found[0].iter())
    if stray := [run for element, run in letter.shown if element not in inside]:
        yield 0, f"'{folded(stray[0])[:40]}' stands outside it."


def _is_data(table: Any) -> bool:
    return any(element.tag in ("th", "caption") and _table_of(element) is table for element in table.iter())


def _table_of(element: Any) -> Any:
    return next((above for above in element.iterancestors() if above.tag == "table"), None)


def _roles(letter: Letter) -> Found:
    for table in letter.all("table"):
        layout = table.get("role") in ("presentation", "none")
        if layout == _is_data(table):
            yield table.sourceline, f"A table {'of data is marked as one' if layout else 'has no role'} for layout."


def _gaps(letter: Letter) -> Found:
    """Outlook sets cells apart, and pads them, where nothing forbids it."""
    for table in letter.all("table"):
        style = declarations(table.get("style", ""))
        cells = [cell for cell in table.iter("td", "th") if _table_of(cell) is table]
        if table.get("cellspacing") != "0" and style.get("border-collapse") != "collapse":
            yield table.sourceline, "A table has neither cellspacing='0' nor border-collapse."
        padded = all("padding" in declarations(cell.get("style", "")) for cell in cells)
        if table.get("cellpadding") != "0" and not padded:
            yield table.sourceline, "A table has neither cellpadding='0' nor a padding in every cell."


def _alt(letter: Letter) -> Found:
    for image in letter.all("img", "area"):
        if image.get("alt") is None:
            yield image.sourceline, f"A picture has no alt: '{image.get('src', '')[:60]}'."


def _sides(letter: Letter) -> Found:
    for image in letter.all("img"):
        if missing := [name for name in ("width", "height") if not re.fullmatch(r"[0-9]+", image.get(name, ""))]:
            yield image.sourceline, f"A picture has no {' and no '.join(missing)} in pixels."


def _one_title(letter: Letter) -> Found:
    if (count := len(letter.all("h1"))) != 1:
        yield 0, f"It has {count} headings of the first level."


def _steps(letter: Letter) -> Found:
    found = [
        (element.sourceline, int(element.tag[1]), folded(element.text_content())) for element in letter.all(*_HEADINGS)
    ]
    for (_, before, _), (line, level, words) in pairwise([(0, 0, ""), *found]):
        if level > before + 1 and before:
            yield line, f"'{words[:40]}' is of level {level}, behind one of level {before}."
    yield from ((line, "A heading is empty.") for line, _, words in found if not words)


def _title(letter: Letter) -> Found:
    if not any(folded(element.text_content()) for element in letter.all("title")):
        yield 1, "It has no <title>."


def _underlined(letter: Letter) -> Found:
    """A link that stands alone, such as a button, is seen without."""
    looks = sheets.looks(letter)
    for link in letter.all("a"):
        words = folded(link.text_content())
        line = looks.says(link, "text-decoration") + looks.says(link, "text-decoration-line")
        alone = words == folded(block(link).text_content())
        if link.get("href") is not None and words and line and "underline" not in line and not alone:
            yield link.sourceline, f"The link '{words[:40]}' is not underlined."


def _vague(letter: Letter) -> Found:
    for link in letter.all("a"):
        words = folded(re.sub(r"[^\w\s]", " ", link.get("aria-label") or link.text_content())).casefold()
        if words in _VAGUE:
            yield link.sourceline, f"A link says '{words}'."


def _pale(scheme: str) -> Any:
    def find(letter: Letter) -> Found:
        looks = sheets.looks(letter, scheme)
        for element in _wordy(looks):
            ink, paper = looks.colour(element), looks.ground(element)
            if (ratio := contrast(ink, paper)) < ENOUGH:
                yield element.sourceline, f"{ink} on {paper} has a contrast of {ratio:.1f} : 1."

    return find


def _wordy(looks: Looks) -> Iterator[Any]:
    """Elements with words of their own that are seen."""
    for element in looks.elements():
        own = [element.text, *(child.tail for child in element)]
        silent = element.tag in ("style", "script", "title") or any(
            above.tag == "head" for above in element.iterancestors()
        )
        if not silent and any(run and run.strip() for run in own) and not looks.hidden(element):
            yield element


def _small(letter: Letter) -> Found:
    """The mark of a source is no text to read."""
    looks = sheets.looks(letter)
    for element in _wordy(looks):
        raised = any(one.tag in ("sup", "sub") for one in (element, *element.iterancestors()))
        if (size := looks.size(element)) < _SMALLEST and not raised:
            yield element.sourceline, f"Text of {size:.3g} px: '{folded(element.text_content())[:40]}'."


RULES = (
    Rule("mail-clipped", "error", "Gmail cuts off what lies behind 102 kB; 90 may be.", _clipped),
    Rule("mail-heavy", "warn", "Keep it below 60 kB, so that services have room for their own.", _heavy),
    Rule("mail-style-size", "error", "Gmail drops style blocks of more than 16 KB.", _style_size),
    Rule("mail-style-place", "error", "Gmail reads no style block elsewhere.", _style_place),
    Rule("mail-style-errors", "error", "Mail programs drop a block over less.", _style_errors),
    Rule("mail-conditionals", "error", "Every [if mso] needs its [endif].", _conditionals),
    Rule("mail-doctype", "error", "Without it, browsers lay out as in 1996.", _doctype),
    Rule("mail-charset-meta", "error", "A copy that somebody saves must keep its letters.", _charset),
    Rule("mail-viewport", "error", "Phones must show it at its width and let readers enlarge it.", _viewport),
    Rule("mail-language", "error", "Voices that read aloud go by it.", _language),
    Rule("mail-wrapper", "error", "Gmail drops <html> with its language, so a wrapper must say it.", _wrapper),
    Rule("mail-table-role", "error", "Screen readers must know layout from data.", _roles),
    Rule("mail-table-gaps", "error", "Outlook puts gaps there.", _gaps),
    Rule("mail-alt", "error", "Every picture needs alt, an empty one if it says nothing.", _alt),
    Rule("mail-sides", "error", "Outlook goes by the attributes alone.", _sides),
    Rule("mail-one-h1", "error", "A letter has one title.", _one_title),
    Rule("mail-headings", "error", "Levels must not be skipped.", _steps),
    Rule("mail-title", "error", "Screen readers read it first.", _title),
    Rule("mail-underlined", "error", "Not everybody sees a link by its colour.", _underlined),
    Rule("mail-vague", "error", "A link's words must say where it leads.", _vague),
    Rule("mail-contrast", "error", "Make it 4.5 : 1 (WCAG 1.4.3).", _pale("light")),
    Rule("mail-contrast-dark", "error", "Make it 4.5 : 1 in the dark scheme too.", _pale("dark")),
    Rule("mail-contrast-apps", "error", "Make it 4.5 : 1 where Outlook's apps turn it dark too.", _pale("apps")),
    Rule("mail-small", "error", "Text must have 13 px or more.", _small),
)  # fmt: skip
