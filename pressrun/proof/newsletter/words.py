"""Rules for what a message says: subject, preheader, leftovers, and what the law and a good tone ask for."""

from __future__ import annotations

import re

from pressrun.proof.newsletter.letter import Letter, folded
from pressrun.proof.newsletter.rules import Found, Rule

_LONG_SUBJECT, _LONGEST_SUBJECT = 60, 78
_PREHEADER = (40, 110)
_SHORTEST_TEXT = 40
_LONGEST_LINE = 998
#: of letters, in texts of so many
_MOST_CAPITALS, _LETTERS = 0.2, 200
_MOST_EXCLAMATIONS = 3
#: so many letters in capitals shout; fewer are an abbreviation
_SHOUT = 6

#: in capitals, for todo is a word of Spanish
_PLACEHOLDER = re.compile(
    r"\bTK(?:TK)?\b|\bXXX+\b|\bTODO:|\bFIXME\b"
    r"|(?i:\blorem ipsum\b|\[(?:put|insert|add|your|write|(?:first |last )?name|date)\b[^\]]*\]"
    r"|^write here\b|^one or two sentences that say\b)"
)
_UNFINISHED = re.compile(r"\[.*\]|\bXXX+\b|\bTK\b|(?i:\b(?:put|insert) your\b|\bpostal address here\b)")
#: of templates, of services that send, of Python and JavaScript
_LEFTOVER = re.compile(
    r"\{\{.*?\}\}|\{\{|\}\}|\{%.*?%\}|\{%|%\}|\*\|.*?\|\*|%%[\w .-]+%%|%[A-Za-z_]+%|\[\[.*?\]\]|<%.*?%>"
    r"|\$?\{[A-Za-z_.]+\}|\|[A-Z]*NAME\|"
)
_EMPTY_VALUE = re.compile(r"(?:Dear |Hello |Hi )?(?:None|undefined|null|NaN|\[object Object\])[.,!]?")
_EMPTY_ADDRESS = re.compile(r"(?:^|[/=:])(?:None|undefined|null|NaN)(?:$|[/?&#])")
#: in cells and lists these may be an author's own words
_OWN_WORDS = ("td", "th", "li", "dd", "code", "pre", "strong", "em")
_LOST_FIELD = re.compile(r"\b(?:Dear|Hello|Hi|Hey) +[,!.:]")
_BAD_LETTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufeff\ufffd\U000f0000-\U0010ffff]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060-\u2064\u00ad\u034f]{2,}")
#: UTF-8 read as Latin-1
_MOJIBAKE = re.compile(r"\u00c3[\u0080-\u00bf]|\u00e2\u20ac|\u00c2[\u00a0-\u00bf]")
_SPAM = re.compile(
    r"\b(?:act now|apply now|buy now|order now|call now|risk[- ]free|100% free|free money|cash bonus|extra cash|"
    r"double your|earn \$|you(?:'ve| have) (?:won|been selected)|winner|congratulations!|limited[- ]time offer|"
    r"offer expires|once in a lifetime|no obligation|no strings attached|satisfaction guaranteed|money[- ]back|"
    r"this is not spam|dear friend|miracle cure|lose weight fast|online pharmacy|cheap meds|casino|viagra|"
    r"urgent response|while supplies last|click below)(?!\w)",
    re.IGNORECASE,
)


def _subject(letter: Letter) -> Found:
    if (found := folded(letter.subject)) != (asked := folded(letter.asked.subject)):
        yield 0, f"Its subject is '{found}', not '{asked}'."


def _some_subject(letter: Letter) -> Found:
    if letter.values("Subject") and not letter.subject.strip():
        yield 0, "Its subject is empty."


def _longest_subject(letter: Letter) -> Found:
    if (length := len(_spoken_subject(letter))) > _LONGEST_SUBJECT:
        yield 0, f"The subject has {length} characters."


def _spoken_subject(letter: Letter) -> str:
    """The subject with a name of usual length in place of a service's tag."""
    subject = letter.subject
    for tag in filter(None, letter.asked.merge_tags):
        subject = subject.replace(tag, "Dear reader")
    return subject


def _long_subject(letter: Letter) -> Found:
    if _LONG_SUBJECT < (length := len(_spoken_subject(letter))) <= _LONGEST_SUBJECT:
        yield 0, f"The subject has {length} characters."


def _shout(letter: Letter) -> Found:
    letters = "".join(filter(str.isalpha, letter.subject))
    if len(letters) > _SHOUT and letters.isupper():
        yield 0, "The subject is all in capitals."
    if re.search(r"!\s*!|\?\s*!|!\s*\?", letter.subject):
        yield 0, "The subject has a heap of exclamation marks."


def _reply(letter: Letter) -> Found:
    if found := re.match(r"\s*(?:re|fwd?|aw|wg|tr|rv)\s*:", letter.subject, re.IGNORECASE):
        yield 0, f"The subject begins with '{found[0]}', as if it were an answer."


def _preheader(letter: Letter) -> Found:
    bodies = letter.all("body")
    first = folded(bodies[0].text_content()) if bodies else ""
    if letter.asked.preheader and not first.startswith(folded(letter.asked.preheader)):
        yield 0, f"The HTML begins with '{first[:40]}', not with the preheader."


def _preheader_length(letter: Letter) -> Found:
    least, most = _PREHEADER
    if not least <= (length := len(letter.asked.preheader)) <= most:
        yield 0, f"The preheader has {length} characters."


def _placeholder(letter: Letter) -> Found:
    """The address has a rule of its own."""
    for line, text in letter.said:
        if (found := _PLACEHOLDER.search(text)) and found[0] not in letter.asked.address:
            yield line, f"'{found[0][:40]}' waits to be replaced."


def _leftover(letter: Letter) -> Found:
    tags = sorted({*letter.asked.merge_tags, letter.asked.leave} - {""}, key=len, reverse=True)
    for line, text in letter.said:
        rest = text
        for tag in tags:
            rest = rest.replace(tag, "")
        # An address may hold %20 and its like, and an author may well write 50%.
        if found := _LEFTOVER.search(rest):
            yield line, f"'{found[0][:40]}' was not filled in."


def _empty_value(letter: Letter) -> Found:
    if _EMPTY_VALUE.fullmatch(folded(letter.subject)):
        yield 0, f"The subject is '{letter.subject}'."
    for element, run in letter.shown:
        if element.tag not in _OWN_WORDS and _EMPTY_VALUE.fullmatch(folded(run)):
            yield element.sourceline, f"It says '{folded(run)}'."
    for element in letter.elements:
        for name in ("href", "src", "alt", "lang", "dir", "width", "height"):
            if _EMPTY_ADDRESS.search(element.get(name) or ""):
                yield element.sourceline, f"{name} of <{element.tag}> is '{element.get(name)}'."


def _lost_field(letter: Letter) -> Found:
    for line, text in letter.said:
        if found := _LOST_FIELD.search(text):
            yield line, f"A name is missing in '{found[0]}'."


def _letters(letter: Letter) -> Found:
    for line, text in letter.said:
        for pattern, what in (
            (_BAD_LETTERS, "a letter that no typeface has or no program shows"),
            (_INVISIBLE, "invisible letters in a heap"), (_MOJIBAKE, "letters that were decoded wrongly"),
        ):  # fmt: skip
            if found := pattern.search(text):
                yield line, f"It holds {what}: {found[0].encode('unicode-escape').decode()[:40]}."


def _spam(letter: Letter) -> Found:
    for line, text in letter.said:
        if found := _SPAM.search(text):
            yield line, f"Filters know '{found[0]}' from spam."


def _capitals(letter: Letter) -> Found:
    letters = [letter for letter in letter.words if letter.isupper() or letter.islower()]
    share = sum(map(str.isupper, letters)) / max(1, len(letters))
    if len(letters) >= _LETTERS and share > _MOST_CAPITALS:
        yield 0, f"{share:.0%} of its letters are capitals."


def _exclamations(letter: Letter) -> Found:
    if (count := letter.words.count("!")) > _MOST_EXCLAMATIONS:
        yield 0, f"It has {count} exclamation marks."


def _address(letter: Letter) -> Found:
    address = folded(letter.asked.address)
    if not address:
        yield 0, "The site has no postal address."
        return
    for what, said in (("HTML", letter.words), ("text", folded(letter.text))):
        if _bare(address) not in _bare(said):
            yield 0, f"The {what} part lacks the postal address."


def _bare(text: str) -> str:
    """Lines of an address may be parted by commas, by line ends, or by a space."""
    return re.sub(r"[\s,]", "", text)


def _unfinished_address(letter: Letter) -> Found:
    if found := _UNFINISHED.search(letter.asked.address):
        yield 0, f"The postal address is still '{found[0]}'."


def _some_text(letter: Letter) -> Found:
    if len(letter.text.strip()) < _SHORTEST_TEXT:
        yield 0, "The text part says nothing."


def _text_lines(letter: Letter) -> Found:
    if (longest := max(map(len, letter.text.splitlines() or [""]))) > _LONGEST_LINE:
        yield 0, f"A line of the text part has {longest} characters."


def _same_headings(letter: Letter) -> Found:
    known = set(re.findall(r"\w+", letter.text.casefold()))
    for element in letter.all("h1", "h2", "h3"):
        heading = folded(element.text_content())
        if missing := [word for word in re.findall(r"\w+", heading.casefold()) if word not in known]:
            yield element.sourceline, f"The text part lacks '{missing[0]}' of the heading '{heading[:40]}'."


RULES = (
    Rule("mail-subject", "error", "It must be what the issue asks for.", _subject),
    Rule("mail-subject-empty", "error", "Nobody opens a letter without one.", _some_subject),
    Rule(
        "mail-subject-length",
        "error",
        "78 characters are the most; the first 40 are what phones show.",
        _longest_subject,
    ),
    Rule("mail-subject-long", "warn", "Most readers see the first 60 characters.", _long_subject),
    Rule("mail-subject-shout", "error", "Write it as one speaks.", _shout),
    Rule("mail-subject-reply", "error", "It must not look like an answer.", _reply),
    Rule("mail-preheader", "error", "Mail programs show the first words beside the subject.", _preheader),
    Rule(
        "mail-preheader-length",
        "warn",
        "Mail programs show 40 to 110 characters behind the subject.",
        _preheader_length,
    ),
    Rule("mail-placeholder", "error", "Write what belongs there.", _placeholder),
    Rule("mail-leftover", "error", "Readers must not see what programs fill in.", _leftover),
    Rule("mail-empty-value", "error", "A value was missing when it was made.", _empty_value),
    Rule("mail-lost-field", "error", "Write a greeting that needs no name.", _lost_field),
    Rule("mail-letters", "error", "Every letter must be one that readers can see.", _letters),
    Rule("mail-spam", "warn", "Say it in other words.", _spam),
    Rule("mail-capitals", "warn", "Write as one speaks.", _capitals),
    Rule("mail-exclamations", "warn", "Three are plenty.", _exclamations),
    Rule("mail-address", "error", "Law wants a postal address in both parts.", _address),
    Rule(
        "mail-address-unfinished",
        "error",
        "Write the publisher's address behind 'address:' in site.yaml.",
        _unfinished_address,
    ),
    Rule("mail-text", "error", "Some read the text part alone.", _some_text),
    Rule("mail-text-lines", "error", "A line may have 998 characters.", _text_lines),
    Rule("mail-text-headings", "error", "Both parts must say the same.", _same_headings),
)
