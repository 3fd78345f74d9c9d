"""CommonMark to blocks and back out to HTML or plain text.

HTML in text is switched off, so that it shows as it was typed. What CommonMark would drop in silence (deep nesting,
unused reference definitions) and what has no block here (code blocks, rules, other heading levels) is reported.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token
from markupsafe import Markup, escape

from pressrun import model
from pressrun.faults import Place
from pressrun.model import Block, Inline, Item, Link, Prose, Words, plain

#: Quadratic in open brackets: 50,000 of them take markdown-it six seconds.
MOST_BRACKETS = 2_000
#: markdown-it drops in silence what is nested deeper than its own limit, so ours must be lower.
DEEPEST = 20

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CITATION = re.compile(r"\[\^(\d+)\]")
_OUTSIDE = re.compile(
    r"https?://[^\s/?#@:]+(?::\d+)?(?:[/?#]\S*)?|mailto:[^\s?@]+@[^\s?@]+|(?:tel|sms):\+?[0-9-]+", re.IGNORECASE
)
_INSIDE = re.compile(rf"/?(?P<slug>{_SLUG.pattern})?/?(?:#(?P<anchor>[\w-]+))?")

#: (a part of the text, its how-manieth occurrence from 0, the problem, the remedy)
Report = Callable[[str, int, str, str], None]


def is_slug(text: str) -> bool:
    return bool(_SLUG.fullmatch(text)) and len(text) <= 80


def slugify(text: str) -> str:
    """Words as lower-case ASCII with hyphens, at most 80 characters; empty if nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['\u2019]", "", ascii_text)).strip("-")
    return words[:80].rstrip("-")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "store_labels": True, "maxNesting": DEEPEST * 4})
    # Addresses are judged here, with a fault at their place, instead of being left standing as brackets.
    markdown.validateLink = lambda url: bool(url is not None)  # type: ignore[method-assign]
    return markdown


@dataclass
class Reader:
    """Reads the texts of one scalar; faults go to `report`, which knows where the text stands."""

    report: Report
    #: where a part of the text stands, for faults that show only across files
    place: Callable[[str, int], Place]
    #: named addresses of the site
    links: Mapping[str, str] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    # ---- whole texts

    def blocks(self, text: str) -> tuple[Block, ...]:
        """Paragraphs, headings, lists, quotes and pictures; headings have no anchor yet."""
        if not self._bearable(text):
            return ()
        environment = self._environment()
        tokens = _markdown().parse(text, environment)
        if deep := next((token for token in tokens if token.level >= DEEPEST), None):
            self._refuse_line(text, deep, "This is nested too deeply.", "Make it simpler.")
            return ()
        self._definitions(text, tokens, environment)
        return tuple(self._blocks(text, _Cursor(tokens)))

    def prose(self, text: str) -> Prose:
        """One run of text, whatever its first character."""
        if not self._bearable(text):
            return ()
        tokens = _markdown().parseInline(text.strip(), self._environment())
        return self._inline(_Cursor(tokens[0].children or [])) if tokens else ()

    def link(self, label: str, address: str) -> Link:
        """A link whose address stands alone, as in a button."""
        return self._link((Words(label),), address, address)

    def _bearable(self, text: str) -> bool:
        if text.count("[") > MOST_BRACKETS:
            self.report("[", 0, "The text holds too many square brackets.", "Split it into several texts.")
            return False
        return True

    def _environment(self) -> dict[str, object]:
        return {
            "references": {normalizeReference(name): {"href": url, "title": ""} for name, url in self.links.items()}
        }

    def _definitions(self, text: str, tokens: list[Token], environment: dict[str, object]) -> None:
        """A definition that no link uses would be typed and never published."""
        references = environment["references"]
        assert isinstance(references, dict)
        defined = {label for label in references if label not in map(normalizeReference, self.links)}
        for line in text.splitlines():
            match = re.match(r" {0,3}\[([^\]]+)\]:", line)
            if not match or normalizeReference(match[1]) not in defined:
                continue
            if match[1].startswith("^"):
                self.report(line, 0, "A citation's source is not written here.", "Write it under 'sources:'.")
            elif normalizeReference(match[1]) not in {label for token in tokens for label in _labels(token)}:
                self.report(line, 0, f"No link uses the definition [{match[1]}].", "Delete it, or use it.")

    # ---- blocks

    def _blocks(self, text: str, cursor: _Cursor) -> Iterator[Block]:
        while token := cursor.take():
            yield from self._block(text, token, cursor)

    def _block(self, text: str, token: Token, cursor: _Cursor) -> Iterator[Block]:
        match token.type:
            case "paragraph_open":
                yield from self._paragraph(cursor)
            case "heading_open":
                yield from self._heading(text, token, cursor)
            case "bullet_list_open":
                yield model.List(list=self._items(text, cursor.until("bullet_list_close")))
            case "ordered_list_open":
                start = int(token.attrs.get("start", 1))
                yield model.Steps(steps=self._items(text, cursor.until("ordered_list_close")), start=start)
            case "blockquote_open":
                yield model.Quote(text=tuple(self._blocks(text, cursor.until("blockquote_close"))))
            case "code_block":
                self._refuse_line(
                    text,
                    token,
                    "CommonMark takes text indented by four spaces or more for code.",
                    "Take the spaces away.",
                )
            case "fence":
                self._refuse_line(
                    text, token, "There is no block for code.", "Write it as a paragraph, with `code` in it."
                )
            case "hr":
                self._refuse_line(text, token, "There is no block for a rule.", "Delete it, or write a heading.")
            case _:
                raise AssertionError(f"CommonMark has no {token.type}")

    def _paragraph(self, cursor: _Cursor) -> Iterator[Block]:
        inline = cursor.until("paragraph_close").take()
        children = (inline.children if inline else None) or []
        if len(children) == 1 and children[0].type == "image":
            yield self._figure(children[0])
        else:
            yield model.Text(text=self._inline(_Cursor(children)))

    def _figure(self, token: Token) -> Block:
        src = str(token.attrs["src"])
        caption = self.prose(str(token.attrs.get("title", "")))
        return model.Figure(src=src, alt=token.content, caption=caption, place=self._where(src))

    def _heading(self, text: str, token: Token, cursor: _Cursor) -> Iterator[Block]:
        inline = cursor.until("heading_close").take()
        prose = self._inline(_Cursor((inline.children if inline else None) or []))
        if token.tag == "h2":
            yield model.Heading(heading=prose, id="")
        elif token.tag == "h3":
            yield model.Subheading(subheading=prose, id="")
        elif token.tag == "h1":
            self._refuse_line(
                text, token, "The title is the only heading of the first level.", "Begin this one with '## '."
            )
        else:
            self._refuse_line(text, token, "There are two levels of headings, ## and ###.", "Use one of them.")

    def _items(self, text: str, cursor: _Cursor) -> tuple[Item, ...]:
        items = []
        while cursor.take():
            first, *rest = [*self._blocks(text, cursor.until("list_item_close")), None]
            if isinstance(first, model.Text):
                items.append(Item(first.text, blocks=tuple(filter(None, rest))))
            else:
                items.append(Item((), blocks=tuple(filter(None, [first, *rest]))))
        return tuple(items)

    def _refuse_line(self, text: str, token: Token, problem: str, remedy: str) -> None:
        line = text.split("\n")[token.map[0]] if token.map else ""
        self.report(line.strip(), 0, problem, remedy)

    # ---- text

    def _inline(self, cursor: _Cursor) -> Prose:
        found: list[Inline] = []
        while token := cursor.take():
            found.extend(self._span(token, cursor))
        return tuple(_joined(found))

    def _span(self, token: Token, cursor: _Cursor) -> Iterator[Inline]:
        match token.type:
            case "text" | "text_special":
                yield from self._words(token.content)
            case "softbreak":
                yield Words(" ")
            case "hardbreak":
                yield model.LineBreak()
            case "code_inline":
                yield model.Code(token.content)
            case "strong_open":
                yield model.Strong(self._inline(cursor.until("strong_close")))
            case "em_open":
                yield model.Emphasis(self._inline(cursor.until("em_close")))
            case "link_open":
                yield self._linked(token, cursor.until("link_close"))
            case "image":
                self._refuse("![", "A picture stands in the middle of a paragraph.", "Give it a paragraph of its own.")
            case _:
                raise AssertionError(f"CommonMark has no {token.type}")

    def _words(self, text: str) -> Iterator[Inline]:
        for name in re.findall(r"\]\[([^\]]+)\]", text):
            self._refuse(f"[{name}]", f"No link is named '{name}'.", "Name it under 'links:' in site.yaml.")
        end = 0
        for match in _CITATION.finditer(text):
            if match.start() > end:
                yield Words(text[end : match.start()])
            yield model.Citation(int(match[1]), self._where(match[0]))
            end = match.end()
        if end < len(text):
            yield Words(text[end:])

    def _linked(self, token: Token, content: _Cursor) -> Inline:
        address = str(token.attrs["href"])
        label = token.meta.get("label")
        written = label or unquote(address)
        if "title" in token.attrs:
            self._refuse(written, "A link's title is seen by hardly anyone.", "Write what it says into the text.")
        return self._link(self._inline(content), address, written)

    def _link(self, content: Prose, address: str, written: str) -> Link:
        nth = self._seen.get(written, 0)
        self._seen[written] = nth + 1
        place = self.place(written, nth)
        inside = _INSIDE.fullmatch(address)
        if inside and address not in ("", "/", "#"):
            return Link(content, "", inside["slug"] or "", inside["anchor"] or "", place)
        if not _OUTSIDE.fullmatch(address):
            self.report(
                written, nth, f"The address '{address}' cannot be followed.",
                "Write https://..., mailto:..., tel:..., or the slug of an article of this site.",
            )  # fmt: skip
        return Link(content, address, "", "", place)

    def _where(self, written: str) -> Place:
        nth = self._seen.get(written, 0)
        self._seen[written] = nth + 1
        return self.place(written, nth)

    def _refuse(self, written: str, problem: str, remedy: str) -> None:
        nth = self._seen.get(written, 0)
        self._seen[written] = nth + 1
        self.report(written, nth, problem, remedy)


class _Cursor:
    """Walks over tokens, once."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def take(self) -> Token | None:
        if self._next == len(self._tokens):
            return None
        self._next += 1
        return self._tokens[self._next - 1]

    def until(self, closing: str) -> _Cursor:
        """The tokens before the one that closes what was opened last."""
        start, depth = self._next, 1
        opening = closing.replace("_close", "_open")
        while depth:
            kind = self._tokens[self._next].type
            depth += (kind == opening) - (kind == closing)
            self._next += 1
        return _Cursor(self._tokens[start : self._next - 1])


def _labels(token: Token) -> Iterator[str]:
    if label := token.meta.get("label"):
        yield normalizeReference(label)
    for child in token.children or ():
        yield from _labels(child)


def _joined(found: list[Inline]) -> Iterator[Inline]:
    """Neighbouring words as one."""
    words = ""
    for inline in found:
        if isinstance(inline, Words):
            words += inline.text
            continue
        if words:
            yield Words(words)
            words = ""
        yield inline
    if words:
        yield Words(words)


# ---- out again

#: A link's address in a channel; None where the link has nowhere to lead, and only its words are shown.
Address = Callable[[Link], str | None]

_TAGS = {"a", "strong", "em", "code", "br", "sup", "span"}
_ATTRIBUTES = {"a": {"href", "id", "class"}, "span": {"class"}, "sup": {"class"}}
_SCHEMES = {"http", "https", "mailto", "tel", "sms"}


def to_html(prose: Prose, address: Address, *, printed: bool = False) -> Markup:
    """HTML of a text, cleaned against the allow-list; printed text shows an outside link's address behind it."""
    rough = "".join(_html(inline, address, printed) for inline in prose)
    if "<" not in rough:
        return Markup(rough)  # noqa: S704  # every word in it was escaped
    return Markup(nh3.clean(rough, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None))  # noqa: S704  # cleaned


def _html(inline: Inline, address: Address, printed: bool) -> str:
    match inline:
        case Words(text):
            return _whole(str(escape(text))) if printed else str(escape(text))
        case model.Strong(content):
            return f"<strong>{_htmls(content, address, printed)}</strong>"
        case model.Emphasis(content):
            return f"<em>{_htmls(content, address, printed)}</em>"
        case model.Code(text):
            return f"<code>{escape(text)}</code>"
        case model.LineBreak():
            return "<br>"
        case model.Citation(number):
            return f'<sup class="citation"><a href="#source-{number}">[{number}]</a></sup>'
        case Link():
            return _anchor(inline, address, printed)


def _whole(text: str) -> str:
    """Words with hyphens, and telephone numbers, that a line on paper does not break."""
    return re.sub(r"\w+(?:-\w+)+", r'<span class="whole">\g<0></span>', text)


def _htmls(prose: Prose, address: Address, printed: bool) -> str:
    return "".join(_html(inline, address, printed) for inline in prose)


def _anchor(link: Link, address: Address, printed: bool) -> str:
    content = _htmls(link.content, address, printed=False)
    target = address(link)
    if target is None:
        return content
    shown = readable(target)
    behind = f' <span class="address">({escape(shown)})</span>' if printed and shown != plain(link.content) else ""
    return f'<a href="{escape(target)}">{content}</a>{behind}'


def readable(address: str) -> str:
    """An address as one would write it on paper."""
    short = re.sub(r"^(?:https?://(?:www\.)?|mailto:|tel:|sms:)", "", address)
    return short.rstrip("/") if "#" not in short else short


def to_text(prose: Prose, address: Address) -> str:
    """Plain text, an address behind each link."""
    return "".join(_text(inline, address) for inline in prose)


def _text(inline: Inline, address: Address) -> str:
    match inline:
        case Words(text) | model.Code(text):
            return text
        case model.Strong(content) | model.Emphasis(content):
            return to_text(content, address)
        case model.LineBreak():
            return "\n"
        case model.Citation(number):
            return f"[{number}]"
        case Link(content):
            words, target = to_text(content, address), address(inline)
            return words if target is None or target == words else f"{words} ({target})"


def wrapped(text: str, first: str = "", rest: str = "", width: int = 72) -> str:
    """Text broken into lines that mail programs show as they are; hard line breaks stay, addresses are never cut."""
    lines: list[str] = []
    for line in text.split("\n"):
        wrap = textwrap.TextWrapper(width, initial_indent=first if not lines else rest, subsequent_indent=rest,
                                    break_long_words=False, break_on_hyphens=False)  # fmt: skip
        lines.extend(wrap.wrap(line) or [""])
    return "\n".join(lines)
