"""Markdown as Hugo, Jekyll and Pelican know it to the items of a body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from pressrun import markup
from pressrun.importing import commonmark, footnotes, fragments, html, tags, words
from pressrun.importing.commonmark import Span
from pressrun.importing.draft import Item, Left

#: where a paragraph is cut for something that stands by itself
_CUT = "\ufdd1"
_HEADING_ID = re.compile(r"\s*\{#(?P<id>[\w-]+)[^}]*\}\s*$")
_STRUCK = r"~~(?=\S)[^~\n]+(?<=\S)~~ ?"
_DEFINED = re.compile(r"\n:[ \t]+")


@dataclass
class Body:
    """A body on its way from Markdown to items."""

    #: below as many empty lines as the file has lines above it
    text: str
    title: str = ""
    items: list[Item] = field(default_factory=list)
    #: the line of each item
    lines: list[int] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _tags: list[tags.Tag] = field(default_factory=list)
    _levels: dict[str, int] = field(default_factory=dict)
    _rules: list[int] = field(default_factory=list)
    _attributes: list[int] = field(default_factory=list)

    def read(self) -> Body:
        covered, self._tags = tags.cover(self.text)
        covered, notes = footnotes.taken(covered)
        covered = self._marked(covered, notes)
        environment: dict[str, dict[str, dict[str, list[int]]]] = {}
        tokens = commonmark.parser().parse(covered, environment)
        self._rank(tokens)
        for nodes in fragments.groups(SyntaxTreeNode(tokens).children):
            line = nodes[0].map[0] + 1 if nodes[0].map else 1
            made = self._html(nodes, covered) if fragments.is_html(nodes) else self._block(nodes[0])
            for item in made:
                self.items.append(item)
                self.lines.append(line)
        self._unused(environment, tokens)
        self.sources = notes.sources()
        self._note()
        return self

    def _note(self) -> None:
        for what, lines in (("Rules", self._rules), ("Attributes of Kramdown's", self._attributes)):
            if lines:
                where = ", ".join(map(str, lines[:9])) + (", ..." if len(lines) > 9 else "")
                self.notes.append(f"{what} have no block and were left out: line{'s'[: len(lines) > 1]} {where}.")
        if self.sources:
            self.notes.append("Its footnotes became its sources.")
        if len(self._levels) > 2:
            self.notes.append(f"Its {len(self._levels)} levels of headings became two.")

    def _marked(self, text: str, notes: footnotes.Footnotes) -> str:
        """Covers marks of footnotes too."""

        def covered(found: re.Match[str]) -> str:
            self._tags.append(tags.Tag(found.start(), found[0], notes.mark(found[1])))
            return tags.covering(self._tags)

        return footnotes.MARK.sub(covered, text)

    def _rank(self, tokens: Sequence[Token]) -> None:
        """Which levels of headings the text has, the highest first."""
        headings = [token for token in tokens if token.type == "heading_open" and token.level == 0]
        first = next((token for token in tokens if token.type == "inline"), None)
        if headings and headings[0].tag == "h1" and first and _same(first.content, self.title):
            headings = headings[1:]
        self._levels = {tag: rank for rank, tag in enumerate(sorted({token.tag for token in headings}))}

    def _unused(self, environment: dict[str, dict[str, dict[str, list[int]]]], tokens: Sequence[Token]) -> None:
        """Definitions of links that no link uses."""
        used = {span.named for token in tokens for span in commonmark.inner(token)}
        for label, entry in environment.get("references", {}).items():
            if label not in used:
                first, last = entry["map"]
                text = "\n".join(self.text.split("\n")[first:last])
                self.items.append(Left(first + 1, 1, "an address that no link uses", text))
                self.lines.append(first + 1)

    # ---- blocks

    def _block(self, node: SyntaxTreeNode) -> Iterator[Item]:
        match node.type:
            case "paragraph" if _DEFINED.search(node.children[0].content):
                yield from self._terms(node.children[0])
            case "paragraph":
                yield from self._passage(node.children[0])
            case "heading":
                yield from self._heading(node)
            case "bullet_list" | "ordered_list":
                yield from self._list(node)
            case "blockquote":
                yield from self._quote(node)
            case "fence" | "code_block":
                yield from _coded(tags.uncovered(node.content, self._tags))
            case "hr":
                self._rules.append(_line(node))
            case "table":
                yield from self._table(node)
            case _:
                yield from self._html([node], node.content)

    def _heading(self, node: SyntaxTreeNode) -> Iterator[Item]:
        content = node.children[0].content
        chosen = _HEADING_ID.search(content)
        *others, text = self._text(node.children[0], _HEADING_ID.sub("", content))
        yield from others
        text = " ".join(text.split()).rstrip("\\ ") if isinstance(text, str) else ""
        if not text or (node.tag == "h1" and "h1" not in self._levels and _same(text, self.title)):
            return
        if node.level:
            yield f"**{text.replace('**', '')}**"
        elif chosen and markup.is_slug(chosen["id"]) and chosen["id"] != markup.anchor(words.plain(text)):
            yield {("subheading" if self._levels.get(node.tag, 0) else "heading"): text, "id": chosen["id"]}
        else:
            yield f"{'###' if self._levels.get(node.tag, 0) else '##'} {text}"

    def _list(self, node: SyntaxTreeNode) -> Iterator[Item]:
        ordered, hoisted, written, tight = node.type == "ordered_list", list[Item](), list[str](), True
        number = int(node.attrs.get("start", 1)) if ordered else 0
        before = node.previous_sibling
        other = bool(before and before.type == node.type)
        for item in node.children:
            marker = f"{number}{'.)'[other]} " if ordered else f"{'-*'[other]} "
            parts: list[str] = []
            for child in item.children:
                for made in self._block(child):
                    (parts if isinstance(made, str) else hoisted).append(made)  # type: ignore[arg-type]
            if not parts:
                continue
            close = len(parts) == len(item.children) and all(child.hidden for child in item.children[:1])
            tight = tight and close
            written.append(marker + _margin(("\n" if close else "\n\n").join(parts), " " * len(marker)))
            number += 1
        yield from (item for item in hoisted if isinstance(item, Left))
        if written:
            yield ("\n" if tight else "\n\n").join(written)
        yield from (item for item in hoisted if not isinstance(item, Left))

    def _quote(self, node: SyntaxTreeNode) -> Iterator[Item]:
        parts, hoisted = list[str](), list[Item]()
        for child in node.children:
            for made in self._block(child):
                (parts if isinstance(made, str) else hoisted).append(made)  # type: ignore[arg-type]
        yield from (item for item in hoisted if isinstance(item, Left))
        if parts:
            yield "> " + _margin("\n\n".join(parts), "> ")
        yield from (item for item in hoisted if not isinstance(item, Left))

    def _table(self, node: SyntaxTreeNode) -> Iterator[Item]:
        rows: list[list[str]] = []
        hoisted: list[Item] = []
        for row in (row for part in node.children for row in part.children):
            cells = []
            for cell in row.children:
                *others, text = self._text(cell.children[0], cell.children[0].content)
                hoisted += others
                cells.append(" ".join(str(text).split()))
            rows.append(cells)
        yield from (item for item in hoisted if isinstance(item, Left))
        if len(rows) > 1:
            yield {"table": {"columns": rows[0], "rows": rows[1:]}}
        else:
            yield " | ".join(rows[0])
        yield from (item for item in hoisted if not isinstance(item, Left))

    def _terms(self, inline: SyntaxTreeNode) -> Iterator[Item]:
        """A definition list: a term, and below it its explanations, each behind a colon."""
        *others, text = self._text(inline, inline.content)
        yield from others
        names: list[str] = []
        terms: list[dict[str, str]] = []
        for line in re.sub(r"\n(?!:[ \t])(?=[^\n]*\n:[ \t])|\n(?=:[ \t])", _CUT, str(text)).split(_CUT):
            explains = re.match(r":[ \t]+", line)
            if explains and names:
                terms.append({" / ".join(names): " ".join(line[explains.end() :].split())})
            elif not explains:
                names = [part.strip() for part in line.split("\n")]
        yield {"terms": terms}

    # ---- paragraphs

    def _passage(self, inline: SyntaxTreeNode) -> Iterator[Item]:
        *before, text = self._text(inline, inline.content, cut=True)
        yield from before
        for position, part in enumerate(str(text).split(_CUT)):
            if words := part.strip().removesuffix("\\").rstrip():  # a break at its end breaks nothing
                yield words if position % 2 else commonmark.guarded(words)

    def _text(self, inline: SyntaxTreeNode, content: str, *, cut: bool = False) -> list[Item]:
        """What was left, pictures, and last the text; with `cut`, pictures stand in it, between marks."""
        edits: list[tuple[int, int, str]] = []
        others: list[Item] = []
        spans = commonmark.inner(inline.token or Token("", "", 0))
        free = [True] * (len(content) + 1)
        for span in spans:
            edits += self._edits(span, spans, content, others, cut=cut)
            shut = (span.label[1], span.end) if span.kind == "link" else (span.start, span.end)
            free[slice(*shut)] = [False] * (shut[1] - shut[0])
            for found in self._inside(span, content):
                free[slice(*found.span())] = [False] * len(found[0])
        line = (inline.map or (0, 0))[0]
        for found in re.finditer(rf"{tags.COVER.pattern}|  +\n|\]\[(?=[^\]]+\])|{_STRUCK}", content):
            here = line + content.count("\n", 0, found.start()) + 1
            if not all(free[found.start() : found.end()]):
                continue
            if found[0][0] == "~":
                others.append(Left(here, 1, "struck-out words", tags.uncovered(found[0].strip(), self._tags)))
                edits.append((found.start(), found.end(), ""))
            elif found[0][0] == "]":
                edits.append((found.start(), found.end(), r"]\["))
            elif found[0][0] == " ":
                edits.append((found.start(), found.end(), "\\\n"))
            else:
                edits.append((found.start(), found.end(), self._covered(found, others, cut=cut)))
        return [*others, commonmark.edited(content, edits).replace(tags.PAD, "")]

    def _covered(self, found: re.Match[str], others: list[Item], *, cut: bool) -> str:
        """What stands for a covered tag."""
        tag = tags.of(found[1], self._tags)
        line = self.text.count("\n", 0, tag.start) + 1
        if tag.what.startswith("an attribute"):
            self._attributes.append(line)
        elif tag.what:
            others.append(Left(line, self._column(tag), tag.what, tag.typed))
        if tag.code is not None:
            return _CUT + f"{_CUT}{_CUT}".join(_coded(tag.code)) + _CUT if cut else commonmark.code(tag.code)
        if not tag.picture:
            return tag.words or ""
        if cut:
            return f"{_CUT}{tag.words}{_CUT}"
        others.append(tag.words or "")
        return ""

    def _column(self, tag: tags.Tag) -> int:
        return tag.start - self.text.rfind("\n", 0, tag.start)

    def _edits(
        self, span: Span, spans: Sequence[Span], content: str, others: list[Item], *, cut: bool
    ) -> Iterator[tuple[int, int, str]]:
        """What becomes of a link, a picture, code or a tag."""
        match span.kind:
            case "backticks" if tags.COVER.search(content, span.start, span.end):
                yield span.start, span.end, tags.uncovered(content[span.start : span.end], self._tags)
            case "html_inline":
                yield span.start, span.end, "\\\n" if fragments.BREAK.fullmatch(content[span.start : span.end]) else ""
            case "image":
                around = next((link for link in spans if link.kind == "link" and _holds(link, span)), None)
                alt = words.plain(content[slice(*span.label)])
                picture = commonmark.pictured(alt, self._address(span.href), commonmark.escaped(span.title))
                if cut and not span.level - (around is not None):
                    at = around.start if around else span.start
                    yield at, at, f"{_CUT}{picture}{_CUT}"
                else:
                    others.append(picture)
                yield span.start, span.end, ""
            case "link":
                for found in self._inside(span, content):
                    made = self._covered(found, others, cut=cut and not span.level)
                    yield from ((span.start, span.start, made), (*found.span(), ""))
                yield from self._link(span, spans, content, others)

    def _inside(self, span: Span, content: str) -> list[re.Match[str]]:
        """Covered pictures in a link's words."""
        found = tags.COVER.finditer(content, *span.label) if span.kind == "link" else ()
        return [one for one in found if tags.of(one[1], self._tags).picture]

    def _link(
        self, span: Span, spans: Sequence[Span], content: str, others: list[Item]
    ) -> Iterator[tuple[int, int, str]]:
        href = self._address(span.href)
        label = content[slice(*span.label)]
        held = [content[one.start : one.end] for one in spans if one.kind == "image" and _holds(span, one)]
        held += [one[0] for one in self._inside(span, content)]
        for picture in held:
            label = label.replace(picture, "")
        if not label.strip():
            alone = not held
            yield span.start, span.label[0], f"<{href}>" if alone and markup.OUTSIDE.fullmatch(href) else ""
            yield span.label[1], span.end, ""
            if not alone and not re.search(r"\.(?:png|jpe?g|gif|webp|svg)$", href, re.IGNORECASE):
                others.append(Left(0, 0, "a link around a picture", href))
            return
        if span.title and not _same(span.title, label) and span.title != href:
            others.append(Left(0, 0, "a link's title", span.title))
        if span.named or span.title or href != span.href:
            yield span.label[1], span.end, f"]({commonmark.address(href)})"

    def _address(self, href: str) -> str:
        def words(found: re.Match[str]) -> str:
            tag = tags.of(found[1], self._tags)
            return tag.words if tag.words is not None and not tag.picture else tag.typed

        return tags.COVER.sub(words, href).replace(tags.PAD, "").replace("\\", "")

    # ---- HTML

    def _html(self, nodes: Sequence[SyntaxTreeNode], text: str) -> Iterator[Item]:
        """Blocks that are HTML or hold some, by way of HTML."""
        line = _line(nodes[0])
        if all(node.type == "html_block" for node in nodes):
            first, last = nodes[0].map, nodes[-1].map
            source = "\n".join(text.split("\n")[first[0] : last[1]]) if first and last and len(nodes) > 1 else ""
            source = source or nodes[0].content
        else:
            tokens = [token for node in nodes for token in node.to_tokens()]
            source = commonmark.parser().renderer.render(tokens, commonmark.parser().options, {})
        if fragments.MORE.fullmatch(source):
            return
        made = list(html.convert(tags.COVER.sub(self._as_html, source), line, 1))
        if not made and not fragments.SAYS_NOTHING.fullmatch(source):
            yield Left(line, 1, "HTML without words", tags.uncovered(source, self._tags))
        for item in made:
            if isinstance(item, str) and tags.COVER.search(item):
                for node in SyntaxTreeNode(commonmark.parser().parse(item)).children:
                    yield from self._block(node)
            elif isinstance(item, Left):
                yield self._placed(replace(item, text=tags.uncovered(item.text, self._tags)), line)
            else:
                yield _uncovered(item, self._address)

    def _placed(self, left: Left, line: int) -> Left:
        """What was left, where it stands in the file: it may have been found in HTML made of Markdown."""
        start = len("\n".join(self.text.split("\n")[: line - 1])) + (line > 1)
        at = self.text.find(left.text[:30].split("\n")[0], start)
        if at < 0:
            return replace(left, line=line, column=1)
        return replace(left, line=self.text.count("\n", 0, at) + 1, column=at - self.text.rfind("\n", 0, at))

    def _as_html(self, found: re.Match[str]) -> str:
        """Pictures as HTML has them; other tags stay covered."""
        tag = tags.of(found[1], self._tags)
        if not (tag.picture and tag.words):
            return found[0]
        return re.sub(r"</?p>", "", commonmark.parser().render(tag.words))


def _uncovered(item: Item, words: object) -> Item:
    """Every text of an item with its tags' words."""
    assert callable(words)
    if isinstance(item, str):
        return str(words(item)) if tags.COVER.search(item) else item
    if isinstance(item, dict):
        return {key: _uncovered(value, words) for key, value in item.items()}
    if isinstance(item, list):
        return [_uncovered(part, words) for part in item]
    return item


def _coded(text: str) -> Iterator[str]:
    """Code as paragraphs, line by line."""
    for part in re.split(r"\n\s*\n", text.expandtabs(4).strip("\n")):
        if lines := [commonmark.code(line.rstrip()) for line in part.split("\n") if line.strip()]:
            yield "\\\n".join(lines)


def _margin(text: str, margin: str) -> str:
    return "\n".join(f"{margin}{line}".rstrip() if not line else f"{margin}{line}" for line in text.split("\n"))[
        len(margin) :
    ]


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start < inner.start and inner.end <= outer.end and outer is not inner


def _same(one: str, other: str) -> bool:
    return bool(one) and re.sub(r"\W+", " ", one).strip().casefold() == re.sub(r"\W+", " ", other).strip().casefold()


def _line(node: SyntaxTreeNode) -> int:
    while not node.map and node.parent:
        node = node.parent
    return node.map[0] + 1 if node.map else 1
