"""A Word file (.docx) to a draft."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from justhtml import Element, JustHTML, Node

from pressrun import markup
from pressrun.faults import Fault, Place, Refused
from pressrun.importing import citations, fields, html, office, page, typed
from pressrun.importing.draft import Asked, Draft, Left
from pressrun.importing.elements import Source, above, out, parts, select
from pressrun.importing.elements import words as said
from pressrun.importing.embedded import Embedded
from pressrun.importing.words import FIRST

#: by the HTML that stands for them, styles of Word, LibreOffice and pandoc; others are plain text
_STYLES = {
    "h1.title:fresh": ("Title",),
    "p.subtitle:fresh": ("Subtitle",),
    "p.author:fresh": ("Author",),
    "p.date:fresh": ("Date",),
    "figcaption:fresh": (
        "caption", "Image Caption", "Table Caption", "Illustration", "Figure", "Table", "Drawing", "FigureCaption",
    ),
    "blockquote > p:fresh": ("Quote", "Intense Quote", "Block Text", "Quotations"),
    "nav > p:fresh": ("TOC Heading", "Contents Heading", *(f"toc {n}" for n in range(1, 10))),
    "pre:separator('\\n')": ("Source Code", "HTML Preformatted", "Preformatted Text"),
    **{
        " > ".join(["ul|ol > li"] * (level - 1) + [f"{tag} > li:fresh"]): (f"List {kind} {level}",)
        for tag, kind in (("ul", "Bullet"), ("ol", "Number"))
        for level in (2, 3)
    },
    "dl > dt:fresh": ("Definition Term", "Definition Term Tight"),
    "dl > dd:fresh": ("Definition", "Definition Definition", "Definition Definition Tight"),
    "h6:fresh": ("Heading 7", "Heading 8", "Heading 9"),
}  # fmt: skip
_RUNS = {
    "em": ("Emphasis", "Subtle Emphasis", "Intense Emphasis", "Book Title"),
    "strong": ("Strong", "Strong Emphasis"),
    "code": ("Verbatim Char", "Source Text", "HTML Code", "HTML Typewriter"),
    "": ("Hyperlink", "Internet Link", "FollowedHyperlink", "Footnote Characters", "Footnote Anchor"),
}  # fmt: skip
_MAP = "\n".join(
    f"{kind}[style-name='{style}'] => {made}"
    for kind, table in (("p", _STYLES), ("r", _RUNS))
    for made, styles in table.items()
    for style in styles
)
#: a description that Word or a file's name has made
_MADE = re.compile(
    r"\s*(?:AI-generated content may be incorrect\.|Description (?:automatically )?generated.*)\s*$"
    r"|^(?:image|picture|grafik|imagen?) ?\d*(?:\.\w+)?$|^.*[\\/][^\\/]+\.\w{3,4}$",
    re.IGNORECASE | re.DOTALL,
)
#: what people call parts that a reader of Word files passes by
_PARTS = {"oMath": "formulas", "oMathPara": "formulas", "control": "fields", "altChunk": "files in the file"}


def read(path: Path, data: bytes, *, source: str = "") -> Draft:
    """The article in a Word file, with its pictures. Raises Refused for what is none, is protected or is broken."""
    source = source or str(path)
    file = office.opened(source, data)
    slug = markup.slugify(path.stem)
    found = Embedded(slug or "word")
    text, notes = _converted(source, file.prepared(), found)
    tree = JustHTML(text, fragment=True, sanitize=False, track_node_locations=True, scripting_enabled=False).root
    _head_tables(tree, file.headed())
    notes += _contents(tree)
    sources = citations.take(tree)
    _number(tree, file.ordinals())
    values, guessed = _values(tree, file, path)
    notes += _guess_headings(tree)
    _caption(tree)
    _fill_lists(tree)
    about = Source(text, top=page.level(tree), follow=page.inside(tree), notes=notes)
    made = html.items(about, [tree])
    items = [replace(item, line=0, column=0) if isinstance(item, Left) else item for item in made]
    if sources:
        values["sources"] = sources
        notes.append(page.cited(len(sources)))
    if "summary" not in values and (begins := page.summary(items)):
        values["summary"] = begins
        guessed["summary"] = FIRST
    items += _lost(file.paragraphs(), [values, sources, *items, *notes])
    notes += _around(file)
    comments = [Left(0, 0, f"a comment by {who}", what) for who, what in file.comments()]
    return Draft(source, slug, values, items, found.taken, found.asked, notes, guessed, left=comments)


def _converted(source: str, data: bytes, found: Embedded) -> tuple[str, list[str]]:
    """The file as HTML, and what the reader of Word files says of it."""
    import mammoth

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_MAP,
            convert_image=partial(_shown, found=found),
            include_embedded_style_map=False,
        )
    except Exception as error:  # noqa: BLE001  # whatever a damaged file makes the library stumble over
        problem = f"The Word file cannot be read: {error}."
        raise Refused([Fault(Place(source), problem, "Open it in Word and save it again.")]) from None
    said = [message.message for message in result.messages]
    ignored = [name for text in said for name in re.findall(r"element was ignored: (?![vo]:|w1\d)(\S+)", text)]
    names = dict.fromkeys(re.sub(r".*[:}]", "", name) for name in ignored)
    notes = (
        [f"These parts of Word's are left out: {', '.join(_PARTS.get(name, name) for name in names)}."] if names else []
    )
    if any("Could not find image" in text for text in said):
        notes.append("A picture or an embedded object is missing, for the file holds no picture of it.")
    return result.value, notes + [f"{text}." for text in said if re.search("w:sym|merging", text)]


def _shown(image: Any, found: Embedded) -> Any:
    """What stands for a picture of the file: <img>, without `alt` where nobody has described it."""
    import mammoth
    from mammoth.docx.files import InvalidFileReferenceError

    try:
        with image.open() as stream:
            data = stream.read()
    except (InvalidFileReferenceError, KeyError, OSError):
        problem = "A picture is not in the file, which only tells where it lay."
        found.asked.append(Asked(0, 0, problem, "Put it into content/images/."))
        data = b""
    alt = " ".join((image.alt_text or "").split())
    own = _MADE.sub("", alt)
    if own and own != alt:
        problem = f"The description of a picture was written by a machine: '{own}'."
        found.asked.append(Asked(0, 0, problem, "See whether it says what the picture shows."))
    attributes = {"src": found.name(data, image.content_type, own) if data else ""} | ({"alt": own} if own else {})
    image.alt_text = None
    return mammoth.images.img_element(lambda _: attributes)(image)


# ---- the tree


def _head_tables(tree: Node, headed: Sequence[bool]) -> None:
    tables = select(tree, "table")
    for table, is_headed in zip(tables, headed, strict=False) if len(tables) == len(headed) else ():
        row = table.query_one("tr")
        for cell in select(row, "td") if is_headed and isinstance(row, Node) and not table.query("th") else ():
            cell.name = "th"


def _number(tree: Node, ordinals: Sequence[int]) -> None:
    """Lists go on counting where Word does."""
    items = [item for item in select(tree, "ol > li") if not any(outer.name == "li" for outer in above(item))]
    for item, ordinal in zip(items, ordinals, strict=False) if len(items) == len(ordinals) else ():
        if item.parent and select(item.parent, "li")[0] is item and ordinal > 1:
            item.parent.attrs = {"start": str(ordinal)}


def _fill_lists(tree: Node) -> None:
    """Takes a list's place, where it has no item but an inner list."""
    for outer in reversed(select(tree, "ul, ol")):
        inner = select(outer, "ul, ol")
        if inner and said(inner[0]) == said(outer) and outer.parent:
            outer.parent.replace_child(inner[0], outer)


def _contents(tree: Node) -> list[str]:
    found = [out(node) for node in select(tree, "nav")]
    return ["Its table of contents was left out: pages have none."] if found else []


def _values(tree: Node, file: office.Office, path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The contract's keys: from the text, or else from the file's properties; and what is to be said of the latter."""
    about = file.properties()
    titles = [out(node) for node in select(tree, "h1.title")]
    heads = select(tree, "h1")
    if not any(titles) and len(heads) == 1 and _first(tree) is heads[0]:
        titles = [out(heads[0])]
    authors = [out(node) for node in select(tree, "p.author")]
    dated = [out(node) for node in select(tree, "p.date")]
    below = [out(node) for node in select(tree, "p.subtitle")]
    titles += [about.get("title", ""), _bold_title(tree), re.sub(r"[-_\s]+", " ", path.stem).strip().capitalize()]
    stamp = "modified" if "modified" in about else "created"
    dates = [day for text in dated if (day := fields.moment(text))]
    values = {
        "title": next(filter(None, titles), ""),
        "summary": " ".join(below) or " ".join(about.get("description", "").split()),
        "authors": [name for name in authors or re.split(r"\s*;\s*", about.get("creator", "")) if name],
        "date": next(iter(dates), "") or fields.moment(about.get(stamp, "")),
        "language": file.language(),
        "tags": [tag for tag in re.split(r"\s*[,;]\s*", about.get("keywords", "")) if tag],
    }
    given = {"authors": (authors, "author", "author"), "date": (dates, "date", stamp)}
    given["summary"] = (below, "summary", "comments")
    guessed = {
        key: f"Its {what} is from the Word file's properties ('{name}'): check it."
        for key, (written, what, name) in given.items()
        if values[key] and not any(written)
    }
    if any(below):
        guessed["summary"] = "Its summary is the Word file's subtitle: check it."
    return {key: value for key, value in values.items() if value}, guessed


def _first(tree: Node) -> Element | None:
    return next((node for node in parts(tree) if said(node)), None)


def _is_bold(node: Element) -> bool:
    """Whether a paragraph looks like a heading: short, bold as a whole, and no sentence."""
    text, bold = said(node), "".join(said(part) for part in select(node, "strong") if not part.query("strong"))
    return (
        node.name == "p"
        and 0 < len(text) <= 100
        and text[-1] not in ".,;:"
        and re.sub(r"\s", "", bold) == re.sub(r"\s", "", text)
    )


def _bold_title(tree: Node) -> str:
    """The first line, if it is bold and the text has no other headings than such."""
    first = _first(tree)
    return out(first) if first and not tree.query("h1, h2, h3, h4, h5, h6") and _is_bold(first) else ""


def _guess_headings(tree: Node) -> list[str]:
    """Bold lines as headings, in a text that has no others."""
    bold = [node for node in parts(tree) if _is_bold(node)]
    if not bold or tree.query("h1, h2, h3, h4, h5, h6"):
        return []
    for node in bold:
        node.name = "h2"
    return [f"Lines in bold letters were taken for headings ({len(bold)}), for the file has no others."]


def _caption(tree: Node) -> None:
    """Gives pictures and tables the captions that stand below or above them."""
    for caption in select(tree, "figcaption"):
        beside = parts(caption.parent) if caption.parent else []
        at = beside.index(caption) if caption in beside else 0
        around = [*beside[max(0, at - 1) : at], *beside[at + 1 : at + 2]]
        picture = next((node for node in around if node.query("img") and not said(node)), None)
        table = next((node for node in reversed(around) if node.name == "table" and not node.query("caption")), None)
        if picture is not None and picture.name == "p":
            out(caption)
            picture.name = "figure"
            picture.append_child(caption)
        elif table is not None:
            out(caption)
            caption.name = "caption"
            table.append_child(caption)
        else:
            caption.name = "p"


# ---- what is lost


def _lost(paragraphs: Sequence[str], made: Sequence[Any]) -> Iterator[Left]:
    """Words of the file that stand nowhere in what was made of it, by their paragraphs."""
    whole = " ".join(_strings(made))
    letters, counted = _letters(whole), Counter(_letters(word) for word in re.findall(r"\w+", whole))
    for number, text in enumerate(map(typed.bare, paragraphs), 1):
        if _letters(text) in letters:
            continue
        words = re.findall(r"\w+", text)
        missing = [word for word in words if not counted[_letters(word)] and _letters(word) not in letters]
        # All its words may stand elsewhere, each by chance.
        together = [_letters(before + after) in letters for before, after in pairwise(words)]
        if missing or sum(together) * 2 < len(together):
            which = f"\n(look for: {' '.join(missing)})" if 0 < len(missing) * 2 < len(words) else ""
            yield Left(0, 0, f"paragraph {number} with words that are missing", text.strip() + which)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", re.sub(r"\[\^\d+\]", "", text))).casefold()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Left):
        yield value.text
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from (str(key), *_strings(part))
    elif isinstance(value, Sequence):
        for part in value:
            yield from _strings(part)


def _around(file: office.Office) -> list[str]:
    margins, gone = file.margins(), file.is_changed()
    notes = [f"Its running headers and footers were left out: '{' / '.join(margins)[:200]}'."] if margins else []
    return notes + (["Deletions that nobody has accepted in Word were taken as made."] if gone else [])
