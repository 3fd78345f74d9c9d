"""Tags of other programs in a text: Hugo's shortcodes, Liquid as Jekyll and Eleventy have it, Kramdown's attributes.

Each is covered by a character of nobody's alphabet and padding, as long as the tag, so that CommonMark sees words and
every line and column stays where it was. What the character stands for, `Tag` knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pressrun.importing import commonmark

#: the first of the characters that cover tags, by their number, and the padding behind them
_FIRST, PAD = 0xF0000, "\ufdd0"
COVER = re.compile(f"([\U000f0000-\U000ffffd]){PAD}*")

_CODE = r"\{%-?\s*highlight\b(?P<liquid>[^%]*)-?%\}\n?(?P<lines>.*?)\{%-?\s*endhighlight\s*-?%\}"
_HUGO = r"\{\{[<%]\s*highlight\b(?P<hugo>[^>%]*)[>%]\}\}\n?(?P<code>.*?)\{\{[<%]\s*/\s*highlight\s*[>%]\}\}"
_TAG = re.compile(
    r"\{%-?\s*comment\s*-?%\}(?P<comment>.*?)\{%-?\s*endcomment\s*-?%\}"
    rf"|{_CODE}|{_HUGO}"
    r"|(?P<opening>\{%-?\s*raw\s*-?%\})(?P<raw>.*?)(?P<closing>\{%-?\s*endraw\s*-?%\})"
    r"|\{\{[<%](?P<short>.*?)[>%]\}\}|\{%(?P<statement>.*?)%\}|\{\{(?P<output>[^\n]*?)\}\}"
    r"|\{:(?P<attributes>[^}\n]*)\}",
    re.DOTALL,
)
_WORD = re.compile(r"(?:([\w-]+)\s*=\s*)?(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`|([^\s|,]+))")
_PICTURE = re.compile(r"[^\s\"']+\.(?:png|jpe?g|gif|webp|svg|avif)(?:[?#].*)?", re.IGNORECASE)
_LINKING = {"ref", "relref", "link", "post_url"}
#: filters of Liquid that leave an address what it is
_ADDRESSING = re.compile(r"[|\s]*(?:url|relative_url|absolute_url|prepend.*|append.*|baseurl|locale_url.*)?\s*")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, and what becomes of it."""

    start: int
    typed: str
    #: what stands in its place, in CommonMark: words, an address, a picture; None where nothing can
    words: str | None = None
    #: whether the words are a picture, which has a paragraph of its own
    picture: bool = False
    #: lines of code
    code: str | None = None
    #: what is told of it; nothing where nothing is lost
    what: str = ""


def cover(text: str) -> tuple[str, list[Tag]]:
    """A text with its tags covered, and the tags by their covers' numbers."""
    tags: list[Tag] = []

    def hide(tag: Tag) -> str:
        tags.append(tag)
        return covering(tags)

    def covered(found: re.Match[str]) -> str:
        if found["raw"] is None:
            return hide(_tag(found))
        ends = (Tag(found.start(name), found[name], "") for name in ("opening", "closing"))
        return f"{hide(next(ends))}{found['raw']}{hide(next(ends))}"

    return _TAG.sub(covered, text.replace(PAD, "")), tags


def covering(tags: list[Tag]) -> str:
    """What covers the last of some tags."""
    return chr(_FIRST + len(tags) - 1) + re.sub(r"[^\n]", PAD, tags[-1].typed[1:])


def of(cover: str, tags: list[Tag]) -> Tag:
    return tags[ord(cover[0]) - _FIRST]


def uncovered(text: str, tags: list[Tag]) -> str:
    """A text with its tags as they were typed."""
    return COVER.sub(lambda found: of(found[1], tags).typed, text).replace(PAD, "")


def _tag(found: re.Match[str]) -> Tag:
    start, typed = found.start(), found.group()
    if (code := found["lines"] if found["lines"] is not None else found["code"]) is not None:
        return Tag(start, typed, code=code.strip("\n"))
    if found["comment"] is not None:
        return Tag(start, typed, what="a comment of Liquid's")
    if found["attributes"] is not None:
        return Tag(start, typed, what="an attribute of Kramdown's")
    if found["short"] is not None:
        return _named(start, typed, found["short"].strip(), "a shortcode of Hugo's")
    if found["statement"] is not None:
        return _named(start, typed, found["statement"].strip(" \t\n-"), "a tag of Liquid's")
    return _output(start, typed, found["output"].strip())


def _named(start: int, typed: str, inside: str, what: str) -> Tag:
    """A tag with a name and arguments: a picture, a link's address, or nothing that we know."""
    if not inside:
        return Tag(start, typed, what=what)
    name, *rest = inside.removesuffix("/").split(maxsplit=1)
    words: list[str] = []
    named: dict[str, str] = {}
    for key, *values in _WORD.findall("".join(rest)):
        value = next(filter(None, values), "")
        if key:
            named[key.lower()] = value
        else:
            words.append(value)
    if name in _LINKING and words:
        return Tag(start, typed, words[-1] if name != "post_url" else f"{words[0].strip('/')}.md")
    given = [*named.items(), *enumerate(words)]
    source = next(((key, value) for key, value in given if _PICTURE.fullmatch(value)), None)
    if not source:
        return Tag(start, typed, what=what)
    later = [word for word in words[1:] if not _PICTURE.fullmatch(word)]
    alt = named.get("alt", later[-1] if later else "")
    caption = named.get("caption") or named.get("title", "")
    picture = commonmark.pictured(alt, source[1], caption)
    kept = {key for key in named if key not in ("alt", "caption", "title", "class", "width", "height", source[0])}
    said = "a picture's details" if any(named[key] for key in kept & {"attr", "attrlink", "credit", "link"}) else ""
    return Tag(start, typed, picture, picture=True, what=said)


def _output(start: int, typed: str, inside: str) -> Tag:
    """`{{ "/an/address" | url }}`, `{{ site.baseurl }}`, or something that only a program knows."""
    if re.fullmatch(r"(?:site|page)\.(?:base_?)?url", inside):
        return Tag(start, typed, "")
    if literal := re.match(r"\"([^\"]*)\"|'([^']*)'", inside):
        words = literal[1] or literal[2] or ""
        if _ADDRESSING.fullmatch(inside[literal.end() :]):
            return Tag(start, typed, words)
        if re.search(r"link|name|url", inside[literal.end() :]):
            return Tag(start, typed, commonmark.escaped(words), what="a filter of Liquid's")
    return Tag(start, typed, what="a value of Liquid's")
