"""The proof of the newsletters: good messages pass, and every rule catches the defect that is seeded for it."""

from __future__ import annotations

import base64
import json
import re
import runpy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, cast

import html5lib
import pytest
from conftest import NOW, ROOT, Run, Workshop, absent
from invoke.context import Context
from invoke.exceptions import Exit

from pressrun.faults import Refused
from pressrun.proof.newsletter import RULES, Asked, clients, figures, judge, made, support
from pressrun.tasks import proving, terminal

TOOLS = ROOT / ".ci/tools"
ADDRESS = "1 Example Street, Springfield, IL 62701"
SPECIMEN = ROOT / "tests/cases/long-form"
OTHER_WAYS = (
    "news@example.org",
    "{provider: brevo}",
    "{provider: buttondown}",
    "{provider: constant-contact}",
    "{provider: listmonk}",
)
ISSUE = """\
subject: Two articles about finding help
preheader: Where help can be found, and what withdrawal from ketamine is like.
date: 2025-05-01
intro: Dear {{name|reader}}, here is what is new.
articles: [finding-help, {slug: ketamine-withdrawal, as: teaser}]
"""


BOTH = """\
subject: \u062d\u062f\u064a\u0642\u062a\u0627\u0646 \u0641\u064a \u0627\u0644\u062d\u064a
preheader: مقالتان عن الزراعة في الحي القريب منا جميعا
date: 2025-05-02
language: ar
articles: [arabic, {slug: spanish, as: teaser}]
"""


def _desk(root: Path, unsubscribe: str = "") -> Workshop:
    """The real content and a specimen of all blocks, at an address of its own, with only newsletters made."""
    (root / "templates").symlink_to(ROOT / "templates")
    shutil.copytree(ROOT / "content", root / "content")
    workshop = Workshop(root)
    workshop.article("specimen", (SPECIMEN / "article.yaml").read_text(encoding="utf-8"))
    workshop.write("content/images/dot.png", (SPECIMEN / "dot.png").read_bytes())
    workshop.write("content/newsletters/spring.yaml", ISSUE)
    workshop.article("arabic", (ROOT / "tests/articles/ar-garden.yaml").read_text(encoding="utf-8"))
    workshop.article("spanish", (ROOT / "tests/articles/es-garden.yaml").read_text(encoding="utf-8"))
    workshop.write("content/newsletters/both.yaml", BOTH)
    site = (root / "content/site.yaml").read_text(encoding="utf-8")
    lines = [
        line for line in site.splitlines() if not line.startswith(("address:", "newsletter:", "proof:", "  unsub"))
    ]
    settings = f"newsletter: {{unsubscribe: {unsubscribe}}}\n" if unsubscribe else ""
    workshop.write("content/site.yaml", "\n".join([*lines, f"address: {ADDRESS}", settings]))
    assert workshop.build(only=("newsletter",)).faults == ()
    return workshop


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return _desk(tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def letters(desk: Workshop) -> list[made.Newsletter]:
    return made.newsletters(desk.desk, NOW)


@pytest.fixture(scope="module")
def good(letters: list[made.Newsletter]) -> made.Newsletter:
    return next(found for found in letters if found.path.name == "finding-help.eml")


def test_the_real_newsletters_pass(letters: list[made.Newsletter], good: made.Newsletter) -> None:
    names = {found.path.stem for found in letters}
    assert names >= {"finding-help", "ketamine-withdrawal", "specimen", "spring", "arabic", "spanish", "both"}

    findings = {found.path.stem: list(made.prove(found)) for found in letters}

    assert [str(finding) for found in findings.values() for finding in found if finding.severity == "error"] == []
    assert findings["finding-help"] == []
    for found in letters:
        measured = found.figures()
        assert measured.html < 60_000
        assert measured.styles < 16 * 1024
        assert measured.support > 80


@pytest.mark.parametrize(
    "unsubscribe",
    [
        '"https://example.org/u/{token}"',
        "{provider: mailchimp}",
        *(pytest.param(way, marks=pytest.mark.heavy) for way in OTHER_WAYS),
    ],
)
def test_every_way_to_unsubscribe_passes(tmp_path: Path, unsubscribe: str) -> None:
    """The merge tags of the service, and no others, may stand in what it sends."""
    found = made.newsletters(_desk(tmp_path, unsubscribe).desk, NOW)

    assert [str(one) for letter in found for one in made.prove(letter) if one.severity == "error"] == []
    if "provider" in unsubscribe:
        letter = next(one for one in found if one.path.stem == "spring")
        rules = {one.rule for one in judge(letter.path.read_bytes(), replace(letter.asked, merge_tags=()), "")}
        assert "mail-leftover" in rules


# ---- seeding defects


@dataclass(frozen=True)
class Parts:
    """A message taken to pieces, to be put together with something wrong in it."""

    head: str
    text: str
    html: str
    text_head: str = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    swapped: bool = False

    def as_bytes(self) -> bytes:
        boundary = re.search('boundary="(.*?)"', self.head)
        assert boundary
        text = self.text if "7bit" in self.text_head else _base64(self.text)
        html = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
        parts = [f"{self.text_head}\r\n{text}", f"{html}\r\n{_base64(self.html)}"]
        bodies = "".join(f"--{boundary[1]}\r\n{part}\r\n" for part in (parts[::-1] if self.swapped else parts))
        return f"{self.head}\r\n\r\n{bodies}--{boundary[1]}--\r\n".encode()


def _base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")


def _taken_apart(data: bytes) -> Parts:
    text, html = (
        cast("bytes", part.get_payload(decode=True)).decode()
        for part in message_from_bytes(data, policy=policy.default).iter_parts()
    )
    return Parts(data.split(b"\r\n\r\n")[0].decode(), text, html)


#: what becomes of the bytes of a message, and of what it is asked to say
Defect = Callable[[bytes, Asked], tuple[bytes, Asked]]


def _sub(old: str, new: str, text: str) -> str:
    changed, count = re.subn(old, lambda _: new, text, count=1, flags=re.DOTALL)
    assert count, f"'{old}' is not in the message"
    return changed


def _change(part: str, old: str, new: str) -> Defect:
    def seed(data: bytes, asked: Asked) -> tuple[bytes, Asked]:
        parts = _taken_apart(data)
        return replace(parts, **{part: _sub(old, new, getattr(parts, part))}).as_bytes(), asked  # type: ignore[arg-type]

    return seed


def _head(old: str, new: str) -> Defect:
    return _change("head", old, new)


def _html(old: str, new: str) -> Defect:
    return _change("html", old, new)


def _text(old: str, new: str) -> Defect:
    return _change("text", old, new)


def _both(old: str, new: str) -> Defect:
    return _all(_html(old, new), _text(old, new))


def _put(html: str) -> Defect:
    """Something above the first paragraph of the article."""
    return _html(_FIRST, html + _FIRST_WORDS)


def _style(css: str) -> Defect:
    return _html(r"</style>\s*</head>", f"{css}</style></head>")


def _asked(**changes: Any) -> Defect:
    return lambda data, asked: (data, replace(asked, **changes))


def _add(*lines: str) -> Defect:
    return _head("MIME-Version", "".join(f"{line}\r\n" for line in lines) + "MIME-Version")


def _subject(subject: str) -> Defect:
    return _all(_head(r"Subject:.*?\r\n(?! )", f"Subject: {subject}\r\n"), _asked(subject=subject))


def _all(*defects: Defect) -> Defect:
    def seed(data: bytes, asked: Asked) -> tuple[bytes, Asked]:
        for defect in defects:
            data, asked = defect(data, asked)
        return data, asked

    return seed


def _raw(change: Callable[[bytes], bytes]) -> Defect:
    return lambda data, asked: (change(data), asked)


def _parts(**changes: Any) -> Defect:
    return lambda data, asked: (replace(_taken_apart(data), **changes).as_bytes(), asked)


def _leaving(leave: str, *, header: str = "") -> Defect:
    """Another way to unsubscribe, in both parts; the headers as they are, or as is said."""
    heads = [_head(r"List-Unsubscribe:.*?\r\n(?! )", header)] if header else []
    return _all(
        _html(_LEAVE, leave), _text("with the subject: unsubscribe", leave),
        _asked(leave=leave), *heads,
    )  # fmt: skip


def _without_text(data: bytes, asked: Asked) -> tuple[bytes, Asked]:
    return replace(_taken_apart(data), text="\r\n").as_bytes(), asked


_FIRST = r"This page names"
_FIRST_WORDS = "This page names"
_ICON = 'src="https://www.example.org/a.png"'
_LINK = '<a href="https://medlineplus.gov" style="color: #1f5f6b;text-decoration: underline;">'
_OUTSIDE = '<p style="color: #000000;background-color: #ffffff">Outside</p>'
_DARK, _APPS = r"(?<=\n)\.sheet a \{ color: #\w+", r"\] \.sheet a \{ color: #\w+"
_LEAVE = r"mailto:[^\"]*\?subject=unsubscribe"
_SIDES = 'alt="" width="9" height="9"'
_DATA = '<table role="presentation" cellpadding="0" cellspacing="0"><tr><th>a</th></tr></table>'
_ASCII_TEXT = "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: base64\r\n"
_BARE_TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n"

#: what is wrong, how it is made so, and the rules that must see it: as few as can
DEFECTS: list[tuple[str, Defect, set[str]]] = [
    ("eight bits", _add("X-Note: caf\u00e9"), {"mail-ascii"}),
    ("a bare LF", _raw(lambda data: data.replace(b": 1.0\r\n", b": 1.0\n")), {"mail-line-ends"}),
    ("a bare CR", _raw(lambda data: data.replace(b"--\r\n", b"--\r\n\r", 1)), {"mail-line-ends"}),
    ("a long line", _add(f"X-Note: {'a' * 1000}"), {"mail-line-length"}),
    ("no end", _raw(lambda data: data[: data.rindex(b"--=_")]), {"mail-readable"}),
    ("no List-Id", _head(r"List-Id:.*?\r\n", ""), {"mail-headers-needed"}),
    ("no Date", _head(r"Date:.*?\r\n", ""), {"mail-headers-needed"}),
    ("two dates", _add("Date: Fri, 14 Mar 2025 00:00:00 -0400"), {"mail-headers-once"}),
    ("a long encoded word", _add(f"X-Note: =?utf-8?q?{'a' * 70}?="), {"mail-encoded-words"}),
    ("a broken encoded word", _add("X-Note: =?utf-8?q?a b?="), {"mail-encoded-words"}),
    ("an encoded List-Help", _add("X: y", "List-Post: =?utf-8?q?=3Chttps=3A?="), {"mail-encoded-machine"}),
    ("two recipients", _head(r"To: <", "To: <other@example.org>, <"), {"mail-recipient"}),
    ("a Bcc", _add("Bcc: <other@example.org>"), {"mail-recipient"}),
    ("another sender", _head("<info@", "<other@"), {"mail-sender"}),
    ("a Message-ID from elsewhere", _head(r"(?<=Message-ID: )<.*?>", "<a@elsewhere.net>"), {"mail-aligned"}),
    ("a bare List-Id", _head(r"List-Id:.*?\r\n", "List-Id: news.example.org\r\n"), {"mail-identity"}),
    ("no such day", _head(r"(?<=Date: ).*?(?=\r\n)", "yesterday"), {"mail-date"}),
    ("the HTML first", _parts(swapped=True), {"mail-build"}),
    ("mixed parts", _head("multipart/alternative", "multipart/mixed"), {"mail-build"}),
    ("sent as 7bit", _parts(text_head=_BARE_TEXT), {"mail-transfer"}),
    ("another charset", _parts(text_head=_ASCII_TEXT), {"mail-charset"}),
    ("one click by mail", _add("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), {"mail-unsubscribe-header"}),
    ("no way in the headers", _head(r"List-Unsubscribe:.*?\r\n(?! )", ""), {"mail-unsubscribe-header"}),
    (
        "no click",
        _leaving("https://example.org/u/p", header="List-Unsubscribe: <https://example.org/u/p>, <mailto:a@b.org>\r\n"),
        {"mail-unsubscribe-header"},
    ),
    ("headers beside a service's", _leaving("*|UNSUB|*"), {"mail-unsubscribe-header"}),
    ("another subject", _asked(subject="Another subject"), {"mail-subject"}),
    ("no subject", _subject(""), {"mail-subject-empty"}),
    ("a subject too long", _subject("word " * 16 + "end"), {"mail-subject-length"}),
    ("a long subject", _subject("word " * 12 + "end"), {"mail-subject-long"}),
    ("a loud subject", _subject("WHERE TO FIND HELP"), {"mail-subject-shout"}),
    ("an excited subject", _subject("Find help!!"), {"mail-subject-shout"}),
    ("an answer", _subject("Re: Where to find help"), {"mail-subject-reply"}),
    ("no preheader", _html(r'(<div class="preheader"[^>]*>)[^<]*', '<div class="preheader">'), {"mail-preheader"}),
    ("a short preheader", _asked(preheader="A short list"), {"mail-preheader-length"}),
    ("TK", _put("TK "), {"mail-placeholder"}),
    ("a thing to do", _put("TODO: more "), {"mail-placeholder"}),
    ("lorem ipsum", _text(_FIRST, "Lorem ipsum dolor. This page names"), {"mail-placeholder"}),
    ("a bracket to fill", _put("[Put your story here] "), {"mail-placeholder"}),
    ("Jinja", _put("Dear {{ name }} "), {"mail-leftover"}),
    ("a statement of Jinja", _put("{% if name %} "), {"mail-leftover"}),
    ("Mailchimp's tag", _put("Dear *|FNAME|* "), {"mail-leftover"}),
    ("a tag of percents", _text(_FIRST, "%%first_name%% This page names"), {"mail-leftover"}),
    ("a tag of brackets", _put("[[FirstName]] "), {"mail-leftover"}),
    ("a token", _put("{token} "), {"mail-leftover"}),
    ("None", _put("</p><p>None</p><p>"), {"mail-empty-value"}),
    ("undefined", _html(r'lang="en-US"(?= dir="ltr" style)', 'lang="undefined"'), {"mail-empty-value", "mail-wrapper"}),
    ("a lost name", _put("Dear , "), {"mail-lost-field"}),
    ("a letter for private use", _put("\ue000 "), {"mail-letters"}),
    ("invisible letters", _put("a\u200b\u200bb "), {"mail-letters"}),
    ("wrongly decoded", _put("caf\u00c3\u00a9 "), {"mail-letters"}),
    ("spam", _put("Act now: it is risk-free. "), {"mail-spam"}),
    ("capitals", _put("MANY WORDS " * 100), {"mail-capitals"}),
    ("exclamations", _put("So! Much! To! Say! "), {"mail-exclamations"}),
    ("no address in HTML", _html("1 Example Street", "2 Example Street"), {"mail-address"}),
    ("no address in the text", _text("1 Example Street", "2 Example Street"), {"mail-address"}),
    ("no address", _asked(address=""), {"mail-address"}),
    (
        "an address to fill in",
        _all(
            *(_change(part, re.escape(ADDRESS), "[Put your address here]") for part in ("html", "text")),
            _asked(address="[Put your address here]"),
        ),
        {"mail-address-unfinished"},
    ),
    (
        "an empty text part", _without_text,
        {"mail-text", "mail-text-headings", "mail-address", "mail-link-text", "mail-view", "mail-unsubscribe"},
    ),
    ("a long line of text", _text(_FIRST, "word " * 300 + _FIRST_WORDS), {"mail-text-lines"}),
    ("another heading", _html("To find treatment", "Zebras"), {"mail-text-headings"}),
    ("too large", _html("</body>", f"<!--{'x' * 95_000}--></body>"), {"mail-clipped"}),
    ("large", _html("</body>", f"<!--{'x' * 65_000}--></body>"), {"mail-heavy"}),
    ("a large style block", _style(f"/*{'x' * 17_000}*/"), {"mail-style-size"}),
    ("large style blocks", _style(f"/*{'x' * 9_000}*/</style><style>/*{'x' * 9_000}*/"), {"mail-style-size"}),
    ("a style block in the body", _put("<style>p { margin: 0 }</style>"), {"mail-style-place"}),
    ("a broken style block", _style("p { color }"), {"mail-style-errors"}),
    ("an end without condition", _html(r"</body>", "<!--<![endif]--></body>"), {"mail-conditionals"}),
    ("a condition without end", _html(r"</body>", "<!--[if !mso]><!--></body>"), {"mail-conditionals"}),
    ("no doctype", _html("<!DOCTYPE html>", ""), {"mail-doctype"}),
    ("no charset", _html(r"<meta charset[^>]*>", ""), {"mail-charset-meta"}),
    ("no viewport", _html(r'<meta name="viewport"[^>]*>', ""), {"mail-viewport"}),
    ("no zoom", _html("initial-scale=1", "initial-scale=1, user-scalable=no"), {"mail-viewport"}),
    ("no language", _html('<html lang="en-US"', "<html"), {"mail-language"}),
    ("no direction", _html('<html lang="en-US" dir="ltr"', '<html lang="en-US"'), {"mail-language"}),
    ("a wrapper without language", _html(r'lang="en-US"(?= dir="ltr" style)', ""), {"mail-wrapper"}),
    ("a wrapper without name", _html(r'aria-label="[^"]*"', ""), {"mail-wrapper"}),
    ("no wrapper", _html('role="article"', ""), {"mail-wrapper"}),
    ("words outside the wrapper", _html("</body>", f"{_OUTSIDE}</body>"), {"mail-wrapper"}),
    ("a table without role", _html(r'role="presentation"(?= style)', ""), {"mail-table-role"}),
    ("data as layout", _html("</h1>", "</h1>" + _DATA), {"mail-table-role"}),
    ("gaps", _html("</h1>", '</h1><table role="presentation"><tr><td>a</td></tr></table>'), {"mail-table-gaps"}),
    ("no alt", _put(f'<img {_ICON} width="10" height="10">'), {"mail-alt"}),
    ("no width", _put(f'<img {_ICON} alt="" height="10">'), {"mail-sides"}),
    ("two titles", _html("</h1>", "</h1><h1>Information</h1>"), {"mail-one-h1"}),
    ("no title", _html(r"<h1[^>]*>(.*?)</h1>", "<p>Where</p>"), {"mail-one-h1"}),
    ("a skipped level", _html(r"To find treatment</h2>", "To find treatment</h2><h4>Help</h4>"), {"mail-headings"}),
    ("an empty heading", _html(r"To find treatment</h2>", "To find treatment</h2><h3></h3>"), {"mail-headings"}),
    ("no title of the page", _html(r"<title>[^<]*</title>", "<title></title>"), {"mail-title"}),
    ("a link that looks like text", _html(re.escape(_LINK), _LINK.replace("underline", "none")), {"mail-underlined"}),
    ("click here", _html(f"{re.escape(_LINK)}[^<]*", f"{_LINK}Click here"), {"mail-vague"}),
    ("pale", _put('<span style="color: #aaaaaa">pale</span>'), {"mail-contrast"}),
    ("dark links on dark", _html(_DARK, ".sheet a { color: #14191c"), {"mail-contrast-dark"}),
    ("dark links in apps", _html(_APPS, "] .sheet a { color: #14191c"), {"mail-contrast-apps"}),
    ("small print", _put('<span style="font-size: 11px">small</span>'), {"mail-small"}),
    ("a relative link", _put('<a href="/somewhere">somewhere</a> '), {"mail-link-target"}),
    ("a script to follow", _put('<a href="javascript:alert(1)">somewhere</a> '), {"mail-link-target"}),
    ("a place within", _put('<a href="#place">the place</a> '), {"mail-link-target", "mail-clients"}),
    ("clear text", _both("https://medlineplus", "http://medlineplus"), {"mail-link-http"}),
    (
        "clear text that was asked for",
        _all(_both("https://medlineplus", "http://medlineplus"), _asked(typed="see http://medlineplus.gov")),
        {"mail-link-http-typed"},
    ),
    ("one's own machine", _both("https://medlineplus.gov", "https://localhost"), {"mail-link-local"}),
    ("a link without words", _put('<a href="https://medlineplus.gov"></a>'), {"mail-link-empty"}),
    ("a link without target", _put('<a href="">words</a> '), {"mail-link-empty"}),
    ("a link in HTML alone", _put('<a href="https://example.net/">elsewhere</a> '), {"mail-link-text"}),
    ("a number in HTML alone", _put('<a href="tel:5550100">5550100</a> '), {"mail-link-text"}),
    ("another page of the issue", _asked(view="https://www.example.org/newsletter/other/"), {"mail-view"}),
    ("no way out in HTML", _html(_LEAVE, "mailto:info@example.org"), {"mail-unsubscribe"}),
    ("no way out in the text", _text("unsubscribe", "farewell"), {"mail-unsubscribe"}),
    ("a picture in clear text", _put(f'<img src="http://example.org/a.png" {_SIDES}>'), {"mail-loads"}),
    ("a relative picture", _put(f'<img src="a.png" {_SIDES}>'), {"mail-loads"}),
    ("a picture in the message", _put(f'<img src="data:image/png;base64,AAAA" {_SIDES}>'),
     {"mail-data", "mail-clients"}),
    ("a pixel that watches", _put(f'<img {_ICON} alt="" width="1" height="1">'), {"mail-pixel"}),
    ("a picture that nobody sees", _put(f'<img {_ICON} {_SIDES} style="display: none">'), {"mail-pixel"}),
    ("a script", _put("<script>alert(1)</script>"), {"mail-active"}),
    ("a handler", _html("<h1", '<h1 onclick="alert(1)"'), {"mail-active"}),
    ("boxes that flex", _put('<span style="display: flex">a</span>'), {"mail-clients"}),
    ("a unit of the page", _put('<span style="font-size: 2rem">a</span>'), {"mail-clients"}),
    ("a section", _put("<section>a</section>"), {"mail-clients"}),
]  # fmt: skip


def _caught(found: made.Newsletter, seed: Defect, severities: Mapping[str, str] | None = None) -> set[str]:
    data, asked = seed(found.path.read_bytes(), found.asked)
    return {finding.rule for finding in judge(data, asked, found.name, severities or {})}


@pytest.mark.parametrize(("seed", "rules"), [case[1:] for case in DEFECTS], ids=[case[0] for case in DEFECTS])
def test_a_defect_is_caught_by_the_rules_meant(good: made.Newsletter, seed: Defect, rules: set[str]) -> None:
    assert _caught(good, seed) == rules


def test_a_message_taken_apart_and_put_together_has_no_defect(good: made.Newsletter) -> None:
    assert _caught(good, _parts()) == set()


def test_every_rule_has_its_seeded_defect() -> None:
    assert {rule for _, _, rules in DEFECTS for rule in rules} == {rule.name for rule in RULES}
    assert len(DEFECTS) >= 40


def test_what_is_no_message_is_judged_all_the_same(good: made.Newsletter) -> None:
    for data in (
        b"",
        b"\r\n\r\n",
        b"\x00\xff",
        b"To: a\r\nContent-Type: multipart/alternative\r\n\r\nx",
        b"Date: x\n\n<",
    ):
        assert "mail-headers-needed" in {finding.rule for finding in judge(data, good.asked, "x")}


def test_a_site_may_change_what_a_rule_weighs(desk: Workshop, good: made.Newsletter, tmp_path: Path) -> None:
    data, asked = _put("TK ")(good.path.read_bytes(), good.asked)

    def found(weight: str) -> list[str]:
        return [str(one) for one in judge(data, asked, "outputs/newsletter/x.eml", {"mail-placeholder": weight})]

    assert found("ignore") == []
    (error,), (warning,) = found("error"), found("warn")
    assert re.fullmatch(r"outputs/newsletter/x\.eml \(html line \d+\): error mail-placeholder: 'TK' waits .*", error)
    assert warning == error.replace(": error ", ": warn ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("proof: {mail-alts: warn}", "'proof' has no rule 'mail-alts'. Did you mean 'mail-alt'?"),
        ("proof: {mail-alt: warning}", "'warning' is not known here. Did you mean 'warn'?"),
        ("proof: [mail-alt]", "Names of rules belong here."),
    ],
)
def test_a_rule_that_is_misspelt_in_the_site_is_told(workshop: Workshop, line: str, said: str) -> None:
    workshop.write("content/site.yaml", workshop.root.joinpath("content/site.yaml").read_text() + line + "\n")

    with pytest.raises(Refused, match=re.escape(said)):
        made.newsletters(workshop.desk, NOW)


def test_a_message_that_is_missing_stale_or_unlike_its_files_is_told(tmp_path: Path) -> None:
    workshop = _desk(tmp_path)
    folder = tmp_path / "outputs/newsletter"
    (folder / "finding-help.eml").unlink()
    (folder / "specimen.txt").write_text("something else")
    workshop.article("ketamine-withdrawal", (SPECIMEN / "article.yaml").read_text(encoding="utf-8"))

    found = {letter.path.stem: [str(one) for one in made.prove(letter) if one.rule == "made"]
             for letter in made.newsletters(workshop.desk, NOW)}  # fmt: skip

    build = "Run: ./inv build"
    assert found["finding-help"] == [f"outputs/newsletter/finding-help.eml: error made: It has not been made. {build}"]
    stale = "It is not made from what is there now."
    assert found["ketamine-withdrawal"] == [f"outputs/newsletter/ketamine-withdrawal.eml: error made: {stale} {build}"]
    unlike = "specimen.txt does not hold the same as the message's part."
    assert found["specimen"] == [f"outputs/newsletter/specimen.eml: error made: {unlike} {build}"]
    assert [one.path.stem for one in made.newsletters(workshop.desk, NOW, "specimen")] == ["specimen"]


@pytest.mark.heavy
def test_what_was_found_is_a_page_that_builds_leave_alone(tmp_path: Path) -> None:
    workshop = _desk(tmp_path)
    found = made.newsletters(workshop.desk, NOW)
    (tmp_path / "outputs/newsletter/specimen.eml").unlink()
    proved = [(one, list(made.prove(one))) for one in made.newsletters(workshop.desk, NOW)]

    path = made.page(workshop.desk, NOW, proved)
    workshop.build(only=("newsletter",))

    text = workshop.read(path)
    parser = html5lib.HTMLParser()
    parser.parse(text)
    assert parser.errors == []
    assert text.count("<section>") == len(found)
    assert "It has not been made." in text
    assert "color-scheme meta tag" in text
    assert re.fullmatch(r"HTML \d+\.\d kB, style blocks \d+\.\d KB, known to \d+\.\d % .*", made.summary(found[0]))


@pytest.mark.heavy
def test_the_task_tells_what_is_wrong_and_fails_for_an_error_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop = _desk(tmp_path)
    brief = ISSUE.replace("Where help can be found, and what withdrawal from ketamine is like.", "Where help is.")
    workshop.write("content/newsletters/spring.yaml", brief)
    assert workshop.build(only=("newsletter",)).faults == ()
    monkeypatch.setattr(terminal, "_STANDS", [tmp_path])
    now = NOW.isoformat()

    proving.prove_newsletters(Context(), now=now)
    told = capsys.readouterr()
    assert f"7 letters, {len(RULES)} rules: no errors, 1 warning." in told.out
    assert "outputs/newsletter/spring.eml: HTML " in told.out
    assert "warn mail-preheader-length" in told.err

    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text(encoding="utf-8") + "proof: {mail-preheader-length: error}\n", encoding="utf-8")
    with pytest.raises(Exit, match=r"7 letters, \d+ rules: 1 error\."):
        proving.prove_newsletters(Context(), now=now)
    with pytest.raises(Exit, match="There is no newsletter of 'nothing' to prove"):
        proving.prove_newsletters(Context(), now=now, article="nothing")


def test_the_table_of_mail_programs_is_small_and_says_where_it_is_from() -> None:
    path = Path(clients.__file__).with_name("clients.json")
    table = json.loads(path.read_text(encoding="utf-8"))

    assert path.stat().st_size < 150_000
    assert "MIT" in table["licence"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", table["date"])
    assert len(table["features"]) > 300


def test_every_enhancement_is_used_and_unknown_to_somebody(letters: list[made.Newsletter]) -> None:
    used = {feature.slug for letter in letters for feature in letter.figures().features if feature.lacking}

    assert used == set(clients.ENHANCEMENTS)
    assert all(clients.ENHANCEMENTS.values())


def test_features_are_recognised(good: made.Newsletter) -> None:
    """One of each kind of sign."""
    css = (
        "@media (prefers-reduced-motion: reduce) { a > b, .a.b ~ #c, * + p::first-line { margin: 1vh 2% calc(1px) } }"
        "@font-face { font-family: x; src: url(x.woff2) } p:not(.a) { --x: 1; color: var(--x); width: fit-content }"
        "@supports (display: grid) { p { display: grid; border-top-left-radius: 1px; font: 1rem x } }"
    )
    data, asked = _style(css)(good.path.read_bytes(), good.asked)
    new = {feature.slug for feature in support(data, asked)} - {feature.slug for feature in good.figures().features}

    assert new >= {
        "css-at-media-prefers-reduced-motion", "css-at-font-face", "css-at-supports", "css-display-grid", "css-font",
        "css-intrinsic-size", "css-pseudo-class-not", "css-pseudo-element-first-line", "css-selector-adjacent-sibling",
        "css-selector-chaining", "css-selector-child", "css-selector-general-sibling", "css-selector-id",
        "css-selector-universal", "css-unit-calc", "css-unit-rem", "css-unit-vh", "css-variables",
    }  # fmt: skip
    assert figures(data, asked).support < good.figures().support


# ---- second opinions


@pytest.mark.heavy
def test_the_table_is_what_the_script_makes_of_the_pinned_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tool("caniemail")
    script = runpy.run_path(str(ROOT / ".ci/caniemail.py"))
    monkeypatch.setitem(script["main"].__globals__, "TABLE", tmp_path / "clients.json")

    script["main"]()

    assert (tmp_path / "clients.json").read_bytes() == Path(clients.__file__).with_name("clients.json").read_bytes()


#: where the package caniemail and our reading of the same data differ, and why
DIFFERENCES = {
    ("Chaining selectors", client): "it takes two classes joined by a space, .a .b, for .a.b"
    for client in ("outlook.windows", "outlook.outlook-com")
}


#: what it does not look for
UNSEEN = {"@media (prefers-color-scheme)", "HTML5 doctype"}


@pytest.mark.heavy
def test_the_package_caniemail_agrees(letters: list[made.Newsletter], run: Run) -> None:
    _tool("caniemail")
    first = set(json.loads(Path(clients.__file__).with_name("clients.json").read_text(encoding="utf-8"))["clients"])
    for letter in letters:
        theirs = {
            (title, client)
            for title, unknown in json.loads(
                run("node", TOOLS / "caniemail.mjs", letter.path.with_suffix(".html"))
            ).items()
            for client in unknown
            if client in first
        }
        found = letter.figures().features
        ours = {(one.title, client) for one in found for client in one.lacking if one.title not in UNSEEN}
        excused = {feature.title for feature in found if feature.slug in clients.ENHANCEMENTS}

        assert len(theirs) > 20
        assert theirs - ours - set(DIFFERENCES) == set(), letter.name
        assert ours - theirs - set(DIFFERENCES) == set(), letter.name
        assert {title for title, _ in theirs - set(DIFFERENCES)} <= excused


@pytest.mark.heavy
def test_axe_finds_nothing_in_newsletters_in_light_and_dark(
    letters: list[made.Newsletter], run: Run, tmp_path: Path
) -> None:
    _tool("playwright-core")
    run("chromium", "--version")
    pages = [letter.path.with_suffix(".html") for letter in letters]
    pages += [page.with_name(f"{page.stem}-copy.html") for page in pages]
    bad = tmp_path / "bad.html"
    bad.write_text(pages[0].read_text(encoding="utf-8").replace("#1c2529", "#cccccc"), encoding="utf-8")

    views = [
        json.loads(line) for line in run("node", TOOLS / "axe.mjs", "--mail", *pages, bad, check=False).splitlines()
    ]

    assert len(views) == 4 * len(pages) + 4
    assert {(view["scheme"], view["width"]) for view in views} == {
        ("light", 375), ("light", 700), ("dark", 375), ("dark", 700),
    }  # fmt: skip
    assert [view for view in views[:-4] if view["violations"] or view["overflow"] > 0] == []
    assert {fault["id"] for view in views[-4:] for fault in view["violations"]} == {"color-contrast"}


@pytest.mark.heavy
def test_the_page_of_findings_is_sound(
    desk: Workshop, letters: list[made.Newsletter], run: Run, tmp_path: Path
) -> None:
    proved = [(one, list(made.prove(one))) for one in [*letters, replace(letters[0], fresh=False)]]
    page = desk.root / "outputs" / made.page(desk.desk, NOW, proved)

    _tool("playwright-core")
    run("chromium", "--version")
    run("node", TOOLS / "axe.mjs", page)
    options = ["-Xss4m", "-jar", _tool("vnu-jar/build/dist/vnu.jar"), "--Werror", "--stdout", "--also-check-css"]
    assert run("java", *options, page) == ""


#: what Outlook and Apple Mail need, though it is no HTML or CSS of today
ALLOWED = re.compile(r"mso-|x-apple-|supported-color-schemes|aria-roledescription")


@pytest.mark.heavy
def test_the_nu_checker_finds_nothing_in_newsletters(letters: list[made.Newsletter], run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><html lang=en><title>x</title><p><div></p>")
    options = ["-Xss4m", "-jar", _tool("vnu-jar/build/dist/vnu.jar"), "--errors-only", "--format", "gnu", "--stdout"]

    told = run(
        "java", *options, *(letter.path.with_suffix(".html") for letter in letters), bad, check=False
    ).splitlines()

    assert [line for line in told if "bad.html" not in line and not ALLOWED.search(line)] == []
    assert [line for line in told if "bad.html" in line]


@pytest.mark.heavy
def test_spamassassin_takes_no_newsletter_for_spam(letters: list[made.Newsletter], run: Run, tmp_path: Path) -> None:
    """By its local rules alone: it asks nobody."""
    spam = tmp_path / "spam.eml"
    spam.write_bytes(
        b"Subject: ACT NOW!!! You have WON $$$ VIAGRA\r\n\r\n100% free, click below, dear friend, viagra casino\r\n"
    )

    def points(path: Path) -> float:
        found = re.search(r"X-Spam-Status: \w+, score=(-?[0-9.]+)", run("spamassassin", "-L", "-t", path))
        assert found
        return float(found[1])

    assert points(spam) > 5
    assert {letter.path.stem: found for letter in letters if (found := points(letter.path)) > 0} == {}


def _tool(path: str) -> Path:
    found = TOOLS / "node_modules" / path
    if not found.exists():
        absent(f"{path} (npm ci --prefix .ci/tools brings it)")
    return found
