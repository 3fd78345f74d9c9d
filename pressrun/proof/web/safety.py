"""Rules for what a page loads and runs, and for the numbers that it dials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from pressrun.proof.web.page import Page, said
from pressrun.proof.web.rules import ERROR, Asked, Found, Rule

_POLICY = "//meta[translate(@http-equiv, 'CONTEURIYPLS', 'conteuriypls')='content-security-policy']"
#: what a policy must say, CSP3 6
_CLOSED = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'self'"}
_OWN = ("'self'", "'none'")
#: WebAssembly of the site, which the index of the search is
_OF_SCRIPTS = (*_OWN, "'wasm-unsafe-eval'")
#: addresses that a browser asks for by itself
_LOADED = (
    "//img/@src", "//script/@src", "//iframe/@src", "//embed/@src", "//object/@data", "//audio/@src", "//video/@src",
    "//video/@poster", "//source/@src", "//track/@src", "//input/@src", "//form/@action",
    "//link[not(contains(' canonical alternate license author next prev ', concat(' ', @rel, ' ')))]/@href",
)  # fmt: skip
#: RFC 3966 for whole numbers; short ones are known in one country
_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}")
_SHORT = 3
#: RFC 6068
_MAIL = re.compile(r"mailto:[^@\s?]+@[\w.-]+\.\w+(\?\S+)?")


def _policy(page: Page, asked: Asked) -> Found:
    found = page.all(f"/html/head{_POLICY}")
    if len(found) != 1:
        yield 0, f"It has {len(found)} policies."
        return
    (meta,) = found
    said_so = dict(part.split(None, 1) for part in (meta.get("content") or "").split(";") if len(part.split()) > 1)
    for name, wanted in _CLOSED.items():
        if said_so.get(name, "").strip() != wanted:
            yield meta.sourceline, f"Its policy says '{name} {said_so.get(name, '')}'."
    for name, sources in said_so.items():
        known = _OF_SCRIPTS if name.startswith("script-src") and page.path in asked.scripted else _OWN
        if wide := [one for one in sources.split() if one not in known]:
            yield meta.sourceline, f"Its policy allows {' '.join(wide)} ({name})."
    if page.all("/html/head/*[following-sibling::meta[@http-equiv='Content-Security-Policy']]/self::script"):
        yield meta.sourceline, "A script stands before its policy."


def _scripts(page: Page, asked: Asked) -> Found:
    for script in page.root.iter("script"):
        if script in page.data_blocks:
            continue
        if page.path not in asked.scripted or not script.get("src"):
            yield script.sourceline, f"It runs the script '{script.get('src') or said(script)[:40]}'."
    for element in page.root.iter():
        for key, value in element.attrib.items():
            if key.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield element.sourceline, f"'{key}' of <{element.tag}> runs a script."


def _styles(page: Page, _: Asked) -> Found:
    for element in page.all("//*[@style]"):
        yield element.sourceline, f"<{element.tag}> has a style of its own, which the policy keeps from readers."
    yield from ((one.sourceline, "<style> is kept from readers by the policy.") for one in page.root.iter("style"))
    if not page.links("stylesheet"):
        yield 0, "It has no style sheet."


def _loads(page: Page, asked: Asked) -> Found:
    for address in _loaded(page):
        whole = page.address(address)
        if not whole.startswith(f"{asked.base_url}/") and whole != asked.base_url:
            yield 0, f"It asks for '{address[:80]}'."


def _loaded(page: Page) -> Iterator[str]:
    for xpath in _LOADED:
        yield from page.all(xpath)
    for candidates in page.all("//@srcset"):
        yield from (one.split()[0] for one in candidates.split(",") if one.strip())


def _dialled(page: Page, _: Asked) -> Found:
    for link in page.all("//a[starts-with(@href, 'tel:') or starts-with(@href, 'sms:')]"):
        number = re.sub(r"[-.()]", "", link.get("href").partition(":")[2])
        if not _NUMBER.fullmatch(number):
            yield link.sourceline, f"'{link.get('href')}' cannot be dialled everywhere."
        elif (shown := _numbers(said(link))) and not any(number.endswith(one.lstrip("0")) for one in shown):
            yield link.sourceline, f"'{said(link)}' dials {number}."


def _numbers(text: str) -> list[str]:
    """Digits of the numbers that a text shows; none where letters stand for some."""
    if re.search(r"\d[- ]?[A-Z]{2}", text):
        return []
    found = re.findall(r"\d[\d\s().-]*\d", text.replace("(0)", ""))
    return [digits for one in found if len(digits := re.sub(r"\D", "", one)) >= _SHORT]


def _mails(page: Page, _: Asked) -> Found:
    for link in page.all("//a[starts-with(@href, 'mailto:')]"):
        if not _MAIL.fullmatch(unquote(link.get("href"))):
            yield link.sourceline, f"'{link.get('href')}' is no address of mail."


RULES = (
    Rule(
        "page-policy", ERROR, "CSP3 6", "Its policy must allow what is the site's own, and name nothing else.", _policy
    ),
    Rule(
        "page-script", ERROR, "CSP3 6.1.10", "It must work without a script; the search alone may have one.", _scripts
    ),
    Rule("page-style", ERROR, "CSP3 6.1.14", "How it looks stands in the style sheet.", _styles),
    Rule("page-load", ERROR, "CSP3 6.1", "It may load from its own site alone, for others learn who reads it.", _loads),
    Rule(
        "page-number",
        ERROR,
        "RFC 3966",
        "A number must be short, or begin with + and its country, and be the one shown.",
        _dialled,
    ),
    Rule("page-mail", ERROR, "RFC 6068", "It must lead to an address of mail.", _mails),
)
