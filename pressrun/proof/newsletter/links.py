"""Rules for where a message leads, and for what it loads."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from pressrun.proof.newsletter.letter import Letter, declarations, folded
from pressrun.proof.newsletter.rules import Found, Rule

_SCHEMES = ("https", "http", "mailto", "tel", "sms")
#: machines of one's own, and names that no reader can look up
_LOCAL = re.compile(
    r"localhost|.*\.(?:local|localhost|internal|lan|test|invalid)|127\..*|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|"
    r"0\.0\.0\.0|::1|[^.:]+",
    re.IGNORECASE,
)
_LOADED = ("src", "background", "poster", "srcset")
#: what runs or is filled in where a letter is read
_ACTIVE = ("script", "form", "iframe", "object", "embed", "input", "button", "textarea", "select", "applet", "base")


def _is_tag(letter: Letter, address: str) -> bool:
    return address in (*letter.asked.merge_tags, letter.asked.leave)


def _targets(letter: Letter) -> Found:
    """Links within the letter (#...) lead nowhere in most mail programs."""
    for line, address in letter.links:
        scheme, colon, rest = address.partition(":")
        sound = (
            colon and rest and scheme.lower() in _SCHEMES and (not scheme.lower().startswith("http") or _host(address))
        )
        if address and not _is_tag(letter, address) and not sound:
            yield line, f"A link leads to '{address[:60]}'."


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _cleartext(letter: Letter) -> Found:
    for line, address in letter.links:
        if address.lower().startswith("http:") and address not in letter.asked.typed:
            yield line, f"A link leads to '{address[:60]}' in clear text."


def _typed_cleartext(letter: Letter) -> Found:
    for line, address in letter.links:
        if address.lower().startswith("http:") and address in letter.asked.typed:
            yield line, f"A link leads to '{address[:60]}' in clear text."


def _local(letter: Letter) -> Found:
    loaded = [(line, address) for line, _, address in _loads(letter)]
    for line, address in [*letter.links, *loaded]:
        if address.lower().startswith("http") and (host := _host(address)) and _LOCAL.fullmatch(host):
            yield line, f"'{address[:60]}' is no address for readers."


def _empty(letter: Letter) -> Found:
    for element in letter.all("a"):
        named = element.get("aria-label") or any(image.get("alt") for image in element.iter("img"))
        if element.get("href") is not None and not folded(element.text_content()) and not named:
            yield element.sourceline, f"A link to '{element.get('href')[:60]}' has no words."
        if element.get("href") is not None and not element.get("href").strip():
            yield element.sourceline, f"The link '{folded(element.text_content())[:40]}' leads nowhere."


def _in_text(letter: Letter) -> Found:
    """Every address of the HTML stands in the text as well; the place on a page does not matter."""
    digits = re.sub(r"\D", "", letter.text)
    for line, address in letter.links:
        scheme, _, rest = address.partition(":")
        match scheme.lower():
            case "http" | "https":
                said = address.partition("#")[0].rstrip("/") in letter.text
            case "mailto":
                said = unquote(rest.partition("?")[0]) in letter.text
            case "tel" | "sms":
                said = re.sub(r"\D", "", rest) in digits
            case _:
                said = True
        if not said:
            yield line, f"The text part does not name '{address[:60]}'."


def _view(letter: Letter) -> Found:
    view = letter.asked.view
    if view and view not in (address for _, address in letter.links):
        yield 0, f"The HTML part does not lead to {view}."
    if view and view not in letter.text:
        yield 0, f"The text part does not name {view}."


def _leave(letter: Letter) -> Found:
    leave = letter.asked.leave
    if not leave:
        return
    if leave not in (address for _, address in letter.links):
        yield 0, f"No link of the HTML part leads to '{leave}'."
    said = unquote(leave.removeprefix("mailto:").partition("?")[0]) if leave.startswith("mailto:") else leave
    if said not in letter.text or (leave.startswith("mailto:") and "unsubscribe" not in letter.text.lower()):
        yield 0, f"The text part does not name '{said}' as the way to unsubscribe."


def _loads(letter: Letter) -> list[tuple[int, str, str]]:
    """Line, element and address of everything that a mail program would fetch."""
    found = [
        (element.sourceline, element.tag, (element.get(name) or "").strip())
        for element in letter.elements for name in _LOADED if element.get(name) is not None
    ]  # fmt: skip
    sheets = [(line, "style", sheet) for line, sheet in letter.styles]
    sheets += [(element.sourceline, element.tag, element.get("style", "")) for element in letter.elements]
    found += [(line, tag, address) for line, tag, sheet in sheets
              for address in re.findall(r"url\(\s*['\"]?(.*?)['\"]?\s*\)", sheet)]  # fmt: skip
    linked = [element for element in letter.all("link") if "stylesheet" in element.get("rel", "").lower()]
    return found + [(element.sourceline, "link", element.get("href", "")) for element in linked]


def _images(letter: Letter) -> Found:
    for line, tag, address in _loads(letter):
        if not address.startswith("data:") and not (address.startswith("https://") and _host(address)):
            yield line, f"<{tag}> loads '{address[:60]}'."


def _data(letter: Letter) -> Found:
    addresses = [(line, address) for line, _, address in _loads(letter)]
    for line, address in [*addresses, *letter.links]:
        if address.lower().startswith("data:"):
            yield line, f"A picture stands in the message itself: '{address[:30]}'."


def _pixel(letter: Letter) -> Found:
    for element in letter.all("img"):
        style = declarations(element.get("style", ""))
        sides = [element.get(name, "") or style.get(name, "") for name in ("width", "height")]
        if any(side.removesuffix("px").strip() in ("0", "1") for side in sides) or "none" in style.get("display", ""):
            yield element.sourceline, f"A picture that nobody sees is loaded: '{element.get('src', '')[:60]}'."


def _active(letter: Letter) -> Found:
    for element in letter.elements:
        if element.tag in _ACTIVE:
            yield element.sourceline, f"It holds <{element.tag}>."
        for name in element.keys():  # noqa: SIM118  # of lxml's kind
            if name.lower().startswith("on"):
                yield element.sourceline, f"<{element.tag}> has {name}."


RULES = (
    Rule("mail-link-target", "error", "Links must lead to a whole https, mailto, tel or sms address.", _targets),
    Rule("mail-link-http", "error", "Links must be https.", _cleartext),
    Rule("mail-link-http-typed", "warn", "Ask whether the page has an https address.", _typed_cleartext),
    Rule("mail-link-local", "error", "It must be a name that every reader's machine knows.", _local),
    Rule("mail-link-empty", "error", "Every link needs words and a target.", _empty),
    Rule("mail-link-text", "error", "Who reads the text part needs every address too.", _in_text),
    Rule("mail-view", "error", "Both parts must lead to the page of this issue.", _view),
    Rule("mail-unsubscribe", "error", "Both parts must offer the site's way to unsubscribe.", _leave),
    Rule("mail-loads", "error", "Pictures and the like must have a whole https address.", _images),
    Rule("mail-data", "error", "Gmail and Outlook show no data: addresses.", _data),
    Rule("mail-pixel", "error", "Readers of a health letter must not be watched.", _pixel),
    Rule("mail-active", "error", "Mail programs remove what runs or is filled in, or distrust the letter.", _active),
)
