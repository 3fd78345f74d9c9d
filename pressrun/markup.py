"""CommonMark to blocks and back out to HTML or plain text.

HTML in text is switched off, so that it shows as it was typed. What CommonMark would drop in silence (deep nesting,
unused reference definitions) and what has no block here (code blocks, rules, other heading levels) is reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup, escape

from pressrun import model
from pressrun.faults import Place
from pressrun.model import Block, Inline, Item, Link, Prose, Words, plain

#: Of one text. CommonMark is quadratic in some patterns: 50,000 open brackets take markdown-it six seconds.
MOST_CHARACTERS = 256_000
MOST_MARKS = 4_000
#: markdown-it drops in silence what is nested deeper than its own limit, so ours must be lower.
DEEPEST = 20

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CITATION = re.compile(r"\[\^([^\]\s]+)\]")
#: an address that leads out of the site
OUTSIDE = re.compile(
    r"https?://[^\s/?#@:]+(?::\d+)?(?:[/?#]\S*)?|mailto:[^\s?@]+@[^\s?@]+|(?:tel|sms):\+?[0-9-]+", re.IGNORECASE
)
_INSIDE = re.compile(rf"/?(?P<slug>{_SLUG.pattern})?/?(?:#(?P<anchor>[\w-]+))?")

_CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))

#: what CommonMark knows and articles have no block for: the problem and the remedy
_UNFIT = {
    "code_block": ("CommonMark takes text indented by four spaces or more for code.", "Take the spaces away."),
    "fence": ("There is no block for code.", "Write it as a paragraph, with `code` in it."),
    "hr": ("There is no block for a rule.", "Delete it, or write a heading."),
    "h1": ("The title is the only heading of the first level.", "Begin this one with '## '."),
    "h4": ("There are two levels of headings, ## and ###.", "Use one of them."),
}


def is_slug(text: str) -> bool:
    return bool(_SLUG.fullmatch(text)) and len(text) <= 80


def slugify(text: str) -> str:
    """Words as lower-case ASCII with hyphens, at most 80 characters; empty if nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['\u2019]", "", ascii_text)).strip("-")
    return words[:80].rstrip("-")


def anchor(text: str) -> str:
    """A heading's words as an anchor; in their own letters where none of them is Latin."""
    return slugify(text) or re.sub(r"\W+", "-", text.lower()).strip("-")[:80] or "section"


class CommonMark(MarkdownIt):
    """Addresses stay as typed and are judged here, with a fault at their place; so do escaped characters."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802  # markdown-it's name and parameter
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        return url


@cache
def _markdown() -> MarkdownIt:
    found = CommonMark("commonmark", {"html": False, "store_labels": True, "maxNesting": DEEPEST * 4})
    return found.disable(["text_join", "html_block", "html_inline"])  # HTML's rules find none, and take their time


@dataclass
class Reader:
    """Reads one text; faults go to `report` with the character (from 0) at which they stand."""

    text: str
    report: Callable[[int, str, str], None]
    #: where a character stands, for faults that show only across files
    place: Callable[[int], Place]
    #: named addresses of the site
    links: Mapping[str, str] = field(default_factory=dict)
    #: how far the text has been read
    _at: int = 0
    _headings: bool = True

    # ---- whole texts

    def blocks(self, *, headings: bool = True) -> tuple[Block, ...]:
        """Paragraphs, headings, lists, quotes and pictures; headings have no anchor yet."""
        self._headings = headings
        lines = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
        environment = self._environment()
        tokens = self._bearable(self.text, _markdown().parse, environment)
        if not self._all_used(environment, tokens, lines):
            return ()
        return tuple(self._blocks(SyntaxTreeNode(tokens), lines))

    def prose(self, start: int = 0, end: int | None = None) -> Prose:
        """One run of text between two characters, whatever the first one is."""
        part = self.text[start:end]
        self._at = start + len(part) - len(part.lstrip())
        return self._prose(part.strip())

    def _prose(self, text: str) -> Prose:
        tokens = self._bearable(text, _markdown().parseInline, self._environment())
        return self._inline(SyntaxTreeNode(tokens).children[0]) if tokens else ()

    def link(self, label: str) -> Link:
        """A link whose address stands alone, as in a button."""
        return self._link((Words(label),), " ".join(self.text.split()), 0)

    def _bearable(self, text: str, parse: Callable[..., list[Token]], environment: object) -> list[Token]:
        """The tokens of a text; none if they would cost too much."""
        if len(text) > MOST_CHARACTERS or sum(map(text.count, "[*_<`")) > MOST_MARKS:
            self.report(0, "The text is too long, or holds too many marks of CommonMark.", "Divide it.")
            return []
        tokens = parse(text, environment)
        if any(inner.level >= DEEPEST for token in tokens for inner in (token, *_children(token))):
            self.report(self._at, "This is nested too deeply.", "Make it simpler.")
            return []
        return tokens

    def _environment(self) -> dict[str, dict[str, dict[str, object]]]:
        return {
            "references": {normalizeReference(name): {"href": url, "title": ""} for name, url in self.links.items()}
        }

    def _all_used(self, environment: Mapping[str, object], tokens: list[Token], lines: list[int]) -> bool:
        """Whether links use every definition: one that none uses would be typed and never published."""
        references, twice = environment["references"], environment.get("duplicate_refs", [])
        assert isinstance(references, dict)
        assert isinstance(twice, list)
        used = {inner.meta.get("label") for token in tokens for inner in _children(token)}
        unused = [entry | {"label": label} for label, entry in references.items() if label not in used]
        wrong = [entry for entry in [*unused, *twice] if "map" in entry]
        for entry in wrong:
            at = self.text.find("[", lines[entry["map"][0]])
            self.report(at, "No link uses this definition.", "Delete it, or use it.")
        return not wrong

    # ---- blocks

    def _blocks(self, node: SyntaxTreeNode, lines: list[int]) -> Iterator[Block]:
        for child in node.children:
            self._at = max(self._at, lines[child.map[0]] if child.map else 0)
            yield from self._block(child, lines)

    def _block(self, node: SyntaxTreeNode, lines: list[int]) -> Iterator[Block]:
        match node.type:
            case "paragraph":
                yield self._paragraph(node.children[0])
            case "heading" if node.tag in ("h2", "h3"):
                yield from self._heading(node)
            case "bullet_list":
                yield model.List(list=self._items(node, lines))
            case "ordered_list":
                yield model.Steps(steps=self._items(node, lines), start=int(node.attrs.get("start", 1)))
            case "blockquote":
                yield model.Quote(text=tuple(self._blocks(node, lines)))
            case _:
                at = self._find(node.markup or self.text[self._at :].lstrip()[:1])
                self.report(at, *_UNFIT[node.type if node.type in _UNFIT else "h1" if node.tag == "h1" else "h4"])

    def _paragraph(self, inline: SyntaxTreeNode) -> Block:
        if len(inline.children) == 1 and inline.children[0].type == "image":
            return self._figure(inline.children[0])
        return model.Text(text=self._inline(inline))

    def _figure(self, image: SyntaxTreeNode) -> Block:
        start, src = self._find("!["), str(image.attrs["src"])
        alt = self._inline(image)
        if not alt:
            remedy = "Write what it shows into its square brackets; pure decoration is a `figure` with `alt: ''`."
            self.report(start, "The picture has no description.", remedy)
        elif not all(isinstance(inline, Words) for inline in alt):
            self.report(start, "A picture's description is plain text.", "Take the marks away.")
        place = self.place(self._find(src, self._find("](", start)))
        caption = self._prose(str(image.attrs.get("title", "")))
        return model.Figure(src=src, alt=plain(alt), caption=caption, place=place)

    def _heading(self, node: SyntaxTreeNode) -> Iterator[Block]:
        if node.level or not self._headings:
            at = self._find(node.markup)
            self.report(at, "A heading stands inside another block.", "Take it out, or make it bold text.")
        elif node.tag == "h2":
            yield model.Heading(heading=self._inline(node.children[0]), id="")
        else:
            yield model.Subheading(subheading=self._inline(node.children[0]), id="")

    def _items(self, node: SyntaxTreeNode, lines: list[int]) -> tuple[Item, ...]:
        items = []
        for found in (tuple(self._blocks(item, lines)) for item in node.children):
            if found and isinstance(found[0], model.Text):
                items.append(Item(found[0].text, blocks=found[1:]))
            else:
                items.append(Item((), blocks=found))
        return tuple(items)

    # ---- text

    def _inline(self, node: SyntaxTreeNode) -> Prose:
        return tuple(_joined(inline for child in node.children for inline in self._span(child)))

    def _span(self, node: SyntaxTreeNode) -> Iterator[Inline]:
        match node.type:
            case "text":
                yield from self._words(node.content)
            case "text_special":  # an escaped character or an entity; it begins no citation
                if node.info == "entity" and not node.content.strip("\ufffd\ufeff\u2028\u2029" + _CONTROLS):
                    problem = f"{node.markup} stands for no character that can be printed."
                    self.report(self._find(node.markup), problem, "Delete it.")
                yield Words(node.content)
            case "softbreak":
                yield Words(" ")
            case "hardbreak":
                yield model.LineBreak()
            case "code_inline":
                yield model.Code(node.content)
            case "strong":
                yield model.Strong(self._inline(node))
            case "em":
                yield model.Emphasis(self._inline(node))
            case "link":
                yield self._linked(node)
            case _:
                problem = "A picture stands in the middle of a paragraph."
                self.report(self._find("!["), problem, "Give it a paragraph of its own.")

    def _words(self, text: str) -> Iterator[Inline]:
        for name in re.findall(r"\]\[(?!\^)([^\]]+)\]", text):
            problem, remedy = f"No link is named '{name}'.", "Name it under 'links:' in site.yaml."
            self.report(self._find(f"[{name}]"), problem, remedy)
        end = 0
        for match in _CITATION.finditer(text):
            yield Words(text[end : match.start()])
            yield from self._cited(match)
            end = match.end()
        yield Words(text[end:])

    def _cited(self, match: re.Match[str]) -> Iterator[Inline]:
        at = self._find(match[0])
        if match.string.startswith(":", match.end()) and self.text[:at].endswith("\n" if at else ""):
            self.report(at, "A citation's source is not written here.", "Write it under 'sources:'.")
        elif re.fullmatch("[1-9][0-9]{0,3}", match[1]):
            yield model.Citation(int(match[1]), self.place(at))
        else:
            remedy = "Cite it by its place in 'sources:', the first as [^1]."
            self.report(at, f"{match[0]} names no source.", remedy)

    def _linked(self, node: SyntaxTreeNode) -> Inline:
        address = str(node.attrs["href"])
        if node.info == "auto":
            at = self._find("<") + 1
        elif node.meta.get("label"):
            at = self._find("[")
        else:
            at = self._find(address, self._find("](") + 2)
        if "title" in node.attrs:
            self.report(at, "A link's title is seen by hardly anyone.", "Write what it says into the text.")
        return self._link(self._inline(node), address, at)

    def _link(self, content: Prose, address: str, at: int) -> Link:
        place = self.place(at)
        inside = _INSIDE.fullmatch(address)
        if inside and (inside["slug"] or inside["anchor"]):
            return Link(content, "", inside["slug"] or "", inside["anchor"] or "", place)
        if not OUTSIDE.fullmatch(address):
            remedy = "Write https://..., mailto:..., tel:..., or the slug of an article of this site."
            self.report(at, f"The address '{address}' cannot be followed.", remedy)
        return Link(content, normalizeLink(address), "", "", place)

    def _find(self, written: str, start: int = 0) -> int:
        """Where something stands that comes next; what was typed in another way stands where the reading has got to."""
        found = self.text.find(written, max(start, self._at))
        self._at = max(start, self._at) if found < 0 else found + len(written)
        return self._at if found < 0 else found


def _children(token: Token) -> Iterator[Token]:
    for child in token.children or ():
        yield child
        yield from _children(child)


def _joined(found: Iterable[Inline]) -> Iterator[Inline]:
    """Neighbouring words as one."""
    words = ""
    for inline in (*found, None):
        if isinstance(inline, Words):
            words += inline.text
            continue
        if words:
            yield Words(words)
            words = ""
        if inline:
            yield inline


# ---- out again

#: A link's address in a channel; None where the link has nowhere to lead, and only its words are shown.
Address = Callable[[Link], str | None]

_TAGS = {"a", "strong", "em", "code", "br", "sup", "span"}
_ATTRIBUTES = {"a": {"href", "id", "class"}, "span": {"class"}, "sup": {"class"}}
_SCHEMES = {"http", "https", "mailto", "tel", "sms"}
_CLEANER = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)


def to_html(prose: Prose, address: Address, *, printed: bool = False) -> Markup:
    """HTML of a text, cleaned against the allow-list; printed text shows an outside link's address behind it."""
    rough = _html(prose, address, printed)
    if "<" not in rough:
        return Markup(rough)  # noqa: S704  # every word in it was escaped
    return Markup(_CLEANER.clean(rough))  # noqa: S704  # cleaned


def _html(prose: Prose, address: Address, printed: bool) -> str:
    return "".join(_element(inline, address, printed) for inline in prose)


def _element(inline: Inline, address: Address, printed: bool) -> str:
    match inline:
        case Words(text):
            return _whole(str(escape(text))) if printed else str(escape(text))
        case model.Strong(content):
            return f"<strong>{_html(content, address, printed)}</strong>"
        case model.Emphasis(content):
            return f"<em>{_html(content, address, printed)}</em>"
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
    return re.sub(
        r"(?P<dial>\+?\(?\d[\d ()./-]{5,}\d)|\w+(?:-\w+)+",
        lambda found: f'<span class="whole{" dial" if found["dial"] else ""}">{found[0]}</span>',
        text,
    )


def _anchor(link: Link, address: Address, printed: bool) -> str:
    content = _html(link.content, address, printed=False)
    target = address(link)
    if target is None:
        return content
    bare = not printed or _names(plain(link.content), target)
    behind = "" if bare else f' <span class="address">({escape(readable(target))})</span>'
    return f'<a href="{escape(target)}">{content}</a>{behind}'


def _names(words: str, address: str) -> bool:
    return readable(words).casefold() == readable(address).casefold()


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
            return words if target is None or words in (target, readable(target)) else f"{words} ({target})"
