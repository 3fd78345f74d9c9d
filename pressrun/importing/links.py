"""A draft with the addresses of its links and pictures as they are here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from pressrun.importing import commonmark
from pressrun.importing.addresses import Known
from pressrun.importing.commonmark import Span
from pressrun.importing.draft import Asked, Draft, Item, Left
from pressrun.importing.images import Images
from pressrun.pictures import Unfit

#: a link that an editor has cut in two
_ADJACENT = re.compile(r"(\[[^\[\]]*)\]\(([^()\s]+)\)\[([^\[\]]*)\]\(\2\)")
_ASK = "Write what it shows, for those who do not see it."


@dataclass
class _Settling:
    draft: Draft
    slug: str
    known: Known
    images: Images
    body: list[Item] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: pictures that stand in the body
    shown: set[str] = field(default_factory=set)
    _line: int = 0

    def items(self) -> None:
        lines = [*self.draft.lines, *[0] * (len(self.draft.body) - len(self.draft.lines))]
        for item, line in zip(self.draft.body, lines, strict=True):
            self._line = line
            if isinstance(item, Left):
                self._keep(replace(item, line=item.line or self._line, column=item.column or 1))
                continue
            made = self._text(item) if isinstance(item, str) else self._block(item)
            while self.left:
                self._keep(self.left.pop(0))
            if made:
                self._keep(made)

    def _keep(self, item: Item) -> None:
        self.body.append(item)
        self.lines.append(self._line)

    def _where(self, words: str) -> tuple[int, int]:
        """Line and column of words in the source, from the current line on."""
        if not self._line:
            return 0, 0
        lines = self.draft.text.split("\n")
        for number in range(self._line - 1, min(len(lines), self._line + 400)):
            if (at := lines[number].find(words)) >= 0:
                return number + 1, at + 1
        return self._line, 1

    def _text(self, text: str) -> str:
        edits: list[tuple[int, int, str]] = []
        for span in commonmark.spans(text) if re.search(r"[\[<]", text) else ():
            made = self._span(text, span)
            if made is not None:
                edits += made
        changed = _ADJACENT.sub(r"\1\3](\2)", commonmark.edited(text, edits))
        return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", changed).strip("\n") if changed != text else text

    def _span(self, text: str, span: Span) -> list[tuple[int, int, str]] | None:
        if span.kind == "image":
            return self._picture(text, span)
        if span.kind not in ("link", "autolink"):
            return None
        href = self.known.lead(span.href, self.draft, self.slug)
        if href == span.href:
            return None
        label = text[slice(*span.label)] if span.kind == "link" else commonmark.escaped(span.href)
        if href is None:
            self.left.append(Left(*self._where(span.href), "a link that leads nowhere here", span.href))
            return [(span.start, span.label[0], ""), (span.label[1], span.end, "")] if span.kind == "link" else [
                (span.start, span.end, label)
            ]  # fmt: skip
        if span.kind == "link":
            return [(span.label[1], span.end, f"]({commonmark.address(href)})")]
        return [(span.start, span.end, commonmark.linked(label, href))]

    def _picture(self, text: str, span: Span) -> list[tuple[int, int, str]]:
        where = self._where(span.href)
        alt = text[slice(*span.label)]
        try:
            name = self.images.take(span.href)
        except Unfit as unfit:
            self.left.append(Left(*where, f"a picture ({unfit.problem.rstrip('.')})", text[span.start : span.end]))
            return [(span.start, span.end, "")]
        if not alt.strip():
            self.asked.append(Asked(*where, f"The picture '{span.href}' has no description.", _ASK))
        self.shown.add(name)
        caption = span.title
        return [
            (
                span.start,
                span.end,
                f"![{alt}]({commonmark.address(name)}" + (f' "{_quoted(caption)}")' if caption else ")"),
            )
        ]

    def _block(self, block: dict[str, Any]) -> Item | None:
        if figure := block.get("figure"):
            return self._figure(block, figure)
        return {key: self._value(key, value) for key, value in block.items()}

    def _figure(self, block: dict[str, Any], figure: dict[str, Any]) -> Item | None:
        where = self._where(figure["src"])
        try:
            name = self.images.take(figure["src"])
        except Unfit as unfit:
            said = ", ".join(f"{key}: {value}" for key, value in figure.items())
            self.left.append(Left(*where, f"a picture ({unfit.problem.rstrip('.')})", said))
            return None
        if "alt" not in figure:
            self.asked.append(Asked(*where, f"The picture '{figure['src']}' has no description.", _ASK))
        self.shown.add(name)
        rest = {key: self._value(key, value) for key, value in figure.items() if key != "src"}
        return {**block, "figure": {"src": name, **rest}}

    def _value(self, key: str, value: Any) -> Any:
        """A part of a block: its texts are CommonMark, but for those that the contract calls plain."""
        if isinstance(value, list):
            return [self._value("", part) for part in value]
        if isinstance(value, dict):
            return {name: self._value(name, part) for name, part in value.items()}
        if key in ("url", "id", "src", "alt", "cite", "credit", "title", "label", "kind", "only", "except", "break"):
            return value
        return self._text(value) if isinstance(value, str) else value

    def image(self, values: dict[str, Any]) -> None:
        """The lead picture; without words it stands in a comment, for most are there for other sites' previews."""
        image = dict(values.pop("image"))
        self._line = self.draft.places.get("image", 0)
        where, src = self._where(image["src"]), image["src"]
        try:
            image["src"] = self.images.take(src)
        except Unfit as unfit:
            self.left.append(Left(*where, f"the lead picture ({unfit.problem.rstrip('.')})", src))
            return
        if image["src"] in self.shown:
            self.notes.append("Its lead picture stands in its text, and there alone.")
        elif image.get("alt"):
            values["image"] = image
        else:
            problem = f"The lead picture '{src}' has no description, and stands in a comment."
            self.asked.append(Asked(*where, problem, _ASK))
            written = f"image:\n  src: {image['src']}\n  alt:"
            self.left.append(Left(*where, "the lead picture, once its `alt` is written", written))


def _quoted(title: str) -> str:
    return title.replace('"', '\\"')


def settle(draft: Draft, slug: str, known: Known, images: Images) -> Draft:
    """A draft whose links lead to articles of ours or elsewhere, and whose pictures are those of content/images/."""
    settling = _Settling(draft, slug, known, images)
    settling.items()
    values = dict(draft.values)
    if "image" in values:
        settling.image(values)
    return replace(
        draft, slug=slug, values=values, body=settling.body, lines=settling.lines, pictures=images.taken,
        asked=(*draft.asked, *settling.asked), left=(*draft.left, *settling.left),
        notes=(*draft.notes, *settling.notes),
    )  # fmt: skip


def described(draft: Draft) -> Draft:
    """A draft with words for every picture that has none, to see whether all else is right."""

    def filled(item: Any) -> Any:
        if isinstance(item, str):
            empty = [span for span in commonmark.spans(item) if span.kind == "image" and span.label[0] == span.label[1]]
            return commonmark.edited(item, [(*span.label, "x") for span in empty])
        if isinstance(item, dict) and "figure" in item:
            return {**item, "figure": {"alt": "x", **item["figure"]}}
        return item

    return replace(draft, body=[filled(item) for item in draft.body]) if draft.asked else draft
