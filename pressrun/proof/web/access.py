"""Rules for who hears a page, or has no mouse. Numbers are those of the success criteria of WCAG 2.2."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pressrun.proof.web.page import Page, focusable, language, name, said
from pressrun.proof.web.rules import ERROR, WARN, Asked, Found, Rule

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
#: the letters of languages, as Unicode names them; all others are Latin
_SCRIPTS = {
    "ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "ps": "ARABIC", "ckb": "ARABIC", "sd": "ARABIC", "ug": "ARABIC",
    "he": "HEBREW", "yi": "HEBREW", "el": "GREEK", "ru": "CYRILLIC", "uk": "CYRILLIC", "be": "CYRILLIC",
    "bg": "CYRILLIC", "mk": "CYRILLIC", "sr": "CYRILLIC", "kk": "CYRILLIC",
}  # fmt: skip
_NAMED = {"arab": "ARABIC", "hebr": "HEBREW", "latn": "LATIN", "cyrl": "CYRILLIC", "grek": "GREEK"}
#: a single letter is a sign, as in beta-blocker with a Greek one
_WORD = re.compile(r"[^\W\d_]{2,}")
_RIGHT_TO_LEFT = ("ARABIC", "HEBREW")
_SILENT = ("script", "style", "template", "link", "meta", "title")
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")
_REFERENCES = (
    "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details", "aria-errormessage",
    "aria-flowto", "aria-activedescendant", "headers", "for", "list", "form",
)  # fmt: skip
#: WAI-ARIA 1.2, 5.3
_ROLES = re.compile(
    r"alert|alertdialog|application|article|banner|blockquote|button|caption|cell|checkbox|code|columnheader|"
    r"combobox|complementary|contentinfo|definition|deletion|dialog|directory|document|emphasis|feed|figure|form|"
    r"generic|grid|gridcell|group|heading|img|insertion|link|list|listbox|listitem|log|main|marquee|math|menu|"
    r"menubar|menuitem|menuitemcheckbox|menuitemradio|meter|navigation|none|note|option|paragraph|presentation|"
    r"progressbar|radio|radiogroup|region|row|rowgroup|rowheader|scrollbar|search|searchbox|separator|slider|"
    r"spinbutton|status|strong|subscript|superscript|switch|tab|table|tablist|tabpanel|term|textbox|time|timer|"
    r"toolbar|tooltip|tree|treegrid|treeitem"
)
#: WAI-ARIA 1.2, 6.5 and 6.6
_ARIA = frozenset([
    "activedescendant", "atomic", "autocomplete", "braillelabel", "brailleroledescription", "busy", "checked",
    "colcount", "colindex", "colindextext", "colspan", "controls", "current", "describedby", "description",
    "details", "disabled", "dropeffect", "errormessage", "expanded", "flowto", "grabbed", "haspopup", "hidden",
    "invalid", "keyshortcuts", "label", "labelledby", "level", "live", "modal", "multiline", "multiselectable",
    "orientation", "owns", "placeholder", "posinset", "pressed", "readonly", "relevant", "required",
    "roledescription", "rowcount", "rowindex", "rowindextext", "rowspan", "selected", "setsize", "sort", "valuemax",
    "valuemin", "valuenow", "valuetext",
])  # fmt: skip


def _language(page: Page, asked: Asked) -> Found:
    found, wanted = page.root.get("lang") or "", asked.languages.get(page.path, "")
    known = {wanted} if wanted else {asked.language, *asked.languages.values()}
    if found.lower() not in {tag.lower() for tag in known}:
        yield 0, f"Its language is '{found}', not {' or '.join(sorted(known))}."


def _parts(page: Page, _: Asked) -> Found:
    """Letters of another writing than that of the language in which they are said to be."""
    for element in page.all("//*[@lang]"):
        if not _TAG.fullmatch(element.get("lang")):
            yield element.sourceline, f"'{element.get('lang')}' is no tag of a language."
    for element, text in _texts(page):
        wanted = _script(language(element))
        for word in _WORD.findall(text):
            if _letters(word) not in {wanted, ""}:
                yield element.sourceline, f"'{word}' is in {_letters(word).title()} letters, as '{language(element)}'."


def _texts(page: Page) -> Iterator[tuple[Any, str]]:
    """Each text of the body with the element whose language it has."""
    for element in page.all("/html/body//*"):
        if element.tag in _SILENT:
            continue
        for text in (element.text, *(child.tail for child in element)):
            if text and text.strip():
                yield element, text.strip()


def _script(tag: str) -> str:
    first, *rest = tag.lower().split("-")
    said_so = next((_NAMED[part] for part in rest if part in _NAMED), "")
    return said_so or _SCRIPTS.get(first, "LATIN")


def _letters(word: str) -> str:
    """The writing of a word by its first letter, of those that are told apart."""
    found = "" if word.isascii() else unicodedata.name(word[0], "").partition(" ")[0]
    return found if found in _SCRIPTS.values() else ""


def _direction(page: Page, _: Asked) -> Found:
    for element in page.all("//*[@lang]"):
        wanted = "rtl" if _script(element.get("lang")) in _RIGHT_TO_LEFT else "ltr"
        own = element.get("dir") or ("auto" if element.tag == "bdi" else "")
        around = own or next((one.get("dir") for one in element.iterancestors() if one.get("dir")), "ltr")
        if around not in {wanted, "auto"}:
            yield element.sourceline, f"<{element.tag}> is in '{element.get('lang')}' and runs {around}."


def _headings(page: Page, _: Asked) -> Found:
    heads = list(page.root.iter(*_HEADS))
    if [head.tag for head in heads].count("h1") != 1 or heads[0].tag != "h1":
        yield 0, f"Its headings are {', '.join(head.tag for head in heads) or 'none'}."


def _order(page: Page, _: Asked) -> Found:
    for before, after in pairwise(page.root.iter(*_HEADS)):
        if int(after.tag[1]) > int(before.tag[1]) + 1:
            yield after.sourceline, f"'{said(after)[:40]}' is {after.tag} behind {before.tag}."


def _headed(page: Page, _: Asked) -> Found:
    yield from ((head.sourceline, f"{head.tag} is empty.") for head in page.root.iter(*_HEADS) if not name(head))


def _landmarks(page: Page, _: Asked) -> Found:
    wanted = {"main": "//main"}
    if not page.signpost:
        wanted |= {"header": "/html/body/header", "footer": "/html/body/footer"}
    for tag, xpath in wanted.items():
        if len(page.all(xpath)) != 1:
            yield 0, f"<{tag}> is there {len(page.all(xpath))} times."
    for element in page.all("/html/body/*[not(self::header or self::main or self::footer or self::nav)]"):
        if element.tag not in _SILENT and not (element.tag == "a" and element.get("href", "").startswith("#")):
            yield element.sourceline, f"<{element.tag}> stands beside all of them."


def _regions(page: Page, _: Asked) -> Found:
    found = list(page.root.iter("nav"))
    names = [name(nav) if nav.get("aria-label") or nav.get("aria-labelledby") else "" for nav in found]
    for nav, called in zip(found, names, strict=True):
        if not called or names.count(called) > 1:
            yield nav.sourceline, f"A <nav> is called '{called}'."


def _skip(page: Page, _: Asked) -> Found:
    if page.signpost or not page.all("//main"):
        return
    first = next((one for one in page.root.iter() if focusable(one)), None)
    target = "" if first is None else first.get("href", "").removeprefix("#")
    if not page.all("//main[@id=$target]", target=target):
        yield 0, f"The first thing that a keyboard reaches leads to '{target}'."


def _references(page: Page, _: Asked) -> Found:
    for key in _REFERENCES:
        for element in page.all(f"//*[@{key}]"):
            for target in element.get(key).split():
                if target not in page.ids:
                    yield element.sourceline, f"'{key}' of <{element.tag}> names '{target}', which is not there."


def _known(page: Page, _: Asked) -> Found:
    for element in page.root.iter():
        for role in (element.get("role") or "").split():
            if not _ROLES.fullmatch(role):
                yield element.sourceline, f"<{element.tag}> has the role '{role}'."
        for key in element.attrib:
            if key.startswith("aria-") and key[5:] not in _ARIA:
                yield element.sourceline, f"<{element.tag}> has '{key}'."


def _controls(page: Page, _: Asked) -> Found:
    for element in page.all("//input[not(@type='hidden')] | //select | //textarea"):
        labels = [*page.all("//label[@for=$id]", id=element.get("id", "")), *element.iterancestors("label")]
        button = element.get("type") in {"submit", "reset", "button"} and element.get("value")
        if not (any(map(said, labels)) or element.get("aria-label") or element.get("aria-labelledby") or button):
            yield element.sourceline, f"<{element.tag}> has no label."
    yield from ((one.sourceline, "<button> has no words.") for one in page.root.iter("button") if not name(one))


def _links(page: Page, _: Asked) -> Found:
    for link in page.all("//a[@href]"):
        if not name(link) and not _hidden(link):
            yield link.sourceline, f"The link to '{link.get('href')}' has no words."


def _hidden(element: Any) -> bool:
    return any(one.get("aria-hidden") == "true" for one in (element, *element.iterancestors()))


def _reached(page: Page, _: Asked) -> Found:
    for element in page.root.iter():
        if focusable(element) and _hidden(element):
            yield element.sourceline, f"A keyboard reaches <{element.tag}>, which is silent."


def _sequence(page: Page, _: Asked) -> Found:
    for element in page.all("//*[@tabindex]"):
        if not re.fullmatch(r"0|-1", element.get("tabindex")):
            yield element.sourceline, f"<{element.tag}> has tabindex '{element.get('tabindex')}'."


def _pictures(page: Page, _: Asked) -> Found:
    for image in page.all("//img | //area[@href] | //input[@type='image']"):
        words, file = image.get("alt"), (image.get("src") or "").rpartition("/")[2]
        if words is None:
            yield image.sourceline, f"{file or image.tag} has no 'alt'."
        elif words and (words == file or re.fullmatch(r"\S+\.(jpe?g|png|gif|webp|avif|svg)", words, re.IGNORECASE)):
            yield image.sourceline, f"The words for {file} are its name."


def _tables(page: Page, _: Asked) -> Found:
    for table in page.root.iter("table"):
        if table.get("role") in {"presentation", "none"}:
            continue
        heads = list(table.iter("th"))
        if not heads:
            yield table.sourceline, "A table has no headings."
        for head in heads:
            if head.get("scope") not in {"col", "row", "colgroup", "rowgroup"}:
                yield head.sourceline, f"The heading '{said(head)}' does not say whether it is of a column or a row."


def _captions(page: Page, _: Asked) -> Found:
    for table in page.root.iter("table"):
        if table.get("role") in {"presentation", "none"} or table.get("aria-labelledby"):
            continue
        if not any(said(caption) for caption in table.iter("caption")):
            yield table.sourceline, "A table has no caption. Write `caption:` above its `columns:`."


def _zoom(page: Page, _: Asked) -> Found:
    found = page.metas("viewport")
    settings = dict(part.strip().partition("=")[::2] for part in ",".join(found).split(","))
    if len(found) != 1 or settings.get("width") != "device-width":
        yield 0, f"Its viewport is {found}."
    if {"maximum-scale", "user-scalable", "minimum-scale"} & settings.keys():
        yield 0, f"Its viewport keeps readers from enlarging it: '{found[0]}'."


def _refresh(page: Page, _: Asked) -> Found:
    for content in page.all("//meta[@http-equiv='refresh']/@content"):
        if not re.match(r"0\s*;", content) or page.indexed:
            yield 0, f"It changes by itself: '{content}'."


def _windows(page: Page, _: Asked) -> Found:
    for link in page.all("//a[@target] | //form[@target] | //base[@target]"):
        yield link.sourceline, f"<{link.tag}> opens '{link.get('target')}'."


def _title(page: Page, _: Asked) -> Found:
    found = page.all("/html/head/title")
    if len(found) != 1 or not page.title:
        yield 0, f"It has {len(found)} titles: '{page.title}'."


RULES = (
    Rule("page-language", ERROR, "WCAG 3.1.1", "<html lang> must name the language of its text.", _language),
    Rule("page-language-part", WARN, "WCAG 3.1.2", "Words of another language need a 'lang' that names it.", _parts),
    Rule("page-direction", ERROR, "WCAG 1.3.2", "'dir' must say how its language runs.", _direction),
    Rule("page-title", ERROR, "WCAG 2.4.2", "It needs one title.", _title),
    Rule("page-heading", ERROR, "WCAG 1.3.1", "It needs one h1, before all other headings.", _headings),
    Rule("page-heading-order", ERROR, "WCAG 1.3.1", "No level of headings may be left out.", _order),
    Rule("page-heading-words", ERROR, "WCAG 2.4.6", "A heading must say what it is about.", _headed),
    Rule(
        "page-landmark",
        ERROR,
        "WCAG 1.3.1",
        "It needs one header, main and footer, and nothing beside them but a skip link.",
        _landmarks,
    ),
    Rule("page-nav-name", ERROR, "WCAG 2.4.1", "Each <nav> needs a name of its own (aria-label).", _regions),
    Rule("page-skip", ERROR, "WCAG 2.4.1", "A link to <main> must come first.", _skip),
    Rule("page-reference", ERROR, "WCAG 4.1.2", "Labels must belong to an element of the page.", _references),
    Rule("page-aria", ERROR, "WAI-ARIA 1.2", "It must be a role, state or property of WAI-ARIA.", _known),
    Rule("page-control-name", ERROR, "WCAG 3.3.2", "Whoever types or clicks must know what.", _controls),
    Rule("page-link-words", ERROR, "WCAG 2.4.4", "A link must say where it leads.", _links),
    Rule("page-hidden", ERROR, "WCAG 4.1.2", "What is hidden from listeners must not be reached.", _reached),
    Rule(
        "page-tabindex", ERROR, "WCAG 2.4.3", "The order of the page must be that of the keyboard: 0 or -1.", _sequence
    ),
    Rule(
        "page-image-words", ERROR, "WCAG 1.1.1", "Write what it shows, or nothing for an ornament (alt='').", _pictures
    ),
    Rule("page-table", ERROR, "WCAG 1.3.1", "A table needs headings with 'scope'.", _tables),
    Rule("page-caption", WARN, "WCAG 1.3.1", "A table should say in a caption what it is about.", _captions),
    Rule("page-zoom", ERROR, "WCAG 1.4.4", "One viewport of device-width, which readers may enlarge.", _zoom),
    Rule(
        "page-refresh",
        ERROR,
        "WCAG 2.2.1",
        "Only a page that search engines leave out may lead on, and at once.",
        _refresh,
    ),
    Rule("page-window", WARN, "WCAG 3.2.5", "Links must stay in their window.", _windows),
)
