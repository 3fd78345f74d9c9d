"""The structure tree of a PDF, for those who have it read to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, product
from typing import Any, NamedTuple, cast

import pydyf


class Complaint(Exception):
    """What WeasyPrint put on its log: a lost picture, a missing glyph, a rule that it does not know, ..."""


def lookup(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


def pages(pdf: Any) -> list[Any]:
    return [lookup(pdf, reference) for reference in pdf.page_references]


#: elements that group others and hold no text of their own (ISO 32000-1, 14.8.4.2)
_GROUPS = ("/Document", "/Part", "/Art", "/Sect", "/Div", "/BlockQuote", "/Caption", "/NonStruct")
_NUMBERINGS = ("Disc", "Circle", "Square", "Decimal", "UpperRoman", "LowerRoman", "UpperAlpha", "LowerAlpha")


class _Leaf(NamedTuple):
    """What an element holds on a page: marked content by its number, or an annotation by reference."""

    page: bytes
    entry: int | bytes


@dataclass(eq=False)
class _Node:
    """An element of the structure tree and the box, if any, that it was made for."""

    entry: Any
    box: Any
    kids: list[_Node | _Leaf]

    @property
    def kind(self) -> str:
        return str(self.entry["S"])

    @property
    def html(self) -> Any:
        return None if self.box is None else self.box.element

    def nodes(self, *kinds: str) -> list[_Node]:
        return [kid for kid in self.kids if isinstance(kid, _Node) and (not kinds or kid.kind in kinds)]

    def language(self, around: str) -> str:
        return around if self.html is None else str(self.html.get("lang") or around)

    def continues(self, other: _Node | _Leaf) -> bool:
        """Whether both are pieces of one HTML element."""
        if self.html is None or not isinstance(other, _Node) or self.html is not other.html:
            return False
        return (self.kind, self.box.element_tag) == (other.kind, other.box.element_tag)


class Tags:
    """The structure tree as the article means it.

    WeasyPrint makes an element of each piece of what columns or pages divide (#2903) and of each line (#2482), leaves
    running feet in elements outside the tree (#1836), knows no pictures that only decorate (#2550), and writes neither
    languages nor kinds of lists. The box behind an element is known only while the tree is made, so this stands around
    a private function, as it is in the release that pyproject.toml pins.
    """

    def __init__(self, *, links: bool = True) -> None:
        #: whether links stay; on a press nothing can be followed
        self._links = links
        #: by the element's number
        self._boxes: dict[int, Any] = {}
        self._identifiers: dict[str, bytes] = {}

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Keeps the boxes of the elements that WeasyPrint makes meanwhile."""
        import weasyprint
        from weasyprint.pdf import tags

        if weasyprint.__version__ != "70.0":
            raise RuntimeError("this WeasyPrint may make other structure trees: compare its pdf/tags.py with 70.0")
        build = tags._build_box_tree  # noqa: SLF001  # see above
        tags._build_box_tree = partial(self._build, build)  # noqa: SLF001
        try:
            yield
        finally:
            tags._build_box_tree = build  # noqa: SLF001

    def _build(self, build: Any, box: Any, parent: Any, pdf: Any, page: int, *state: Any) -> Iterator[Any]:
        box = getattr(box, "_box", box)  # what is placed absolutely stands in a wrapper
        if artifact := _artifact(box):
            _hide(pdf, pdf.page_references[page], _marked(box, state[-1]), artifact)
            return
        for element in build(box, parent, pdf, page, *state):
            if element.number not in self._boxes:
                self._boxes[element.number] = box
                if element["S"] == "/Figure":
                    _frame(element, lookup(pdf, pdf.page_references[page]))
            yield element

    def finish(self, pdf: Any) -> None:
        """Puts the tree right and writes it back."""
        root = lookup(pdf, pdf.catalog["StructTreeRoot"])
        top = self._read(pdf, root["K"][0])
        self._settle(pdf, top, pdf.catalog["Lang"].string)
        owners: dict[_Leaf, bytes] = {}
        kept = _write(top, root.reference, owners)
        for number, found in enumerate(pdf.objects):
            if isinstance(found, dict) and found.get("Type") == "/StructElem" and number not in kept:
                pdf.objects[number] = pdf.objects[0]  # the free object
        _map(pdf, lookup(pdf, root["ParentTree"])["Nums"], owners)
        if self._identifiers:
            pairs = [part for name, cell in sorted(self._identifiers.items()) for part in (pydyf.String(name), cell)]
            root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(pairs)})

    def _read(self, pdf: Any, reference: bytes) -> _Node:
        entry = lookup(pdf, reference)
        node = _Node(entry, self._boxes.get(entry.number), [])
        for kid in entry["K"]:
            found = None if isinstance(kid, int) else lookup(pdf, kid)
            if found is None or found["Type"] == "/OBJR":
                if found is None or self._links:
                    node.kids.append(_Leaf((found or entry)["Pg"], kid))
                continue
            inner = self._read(pdf, kid)
            if inner.kind == "/Link" and not self._links:
                inner.entry["S"] = "/Span"
            if inner.kind == "/Span" and inner.box is None:  # a line of text
                node.kids += inner.kids
            elif inner.kids or inner.kind not in (*_GROUPS, "/P"):
                node.kids.append(inner)
        return node

    def _settle(self, pdf: Any, node: _Node, around: str) -> None:
        """Puts an element right and then all that it holds, for pieces meet from the outside in."""
        language = node.language(around)
        if language != around:
            node.entry["Lang"] = pydyf.String(language)
        node.kids = list(_bared(node, node.kids, language))
        if node.kind == "/L":
            _nest(node)
        elif node.kind == "/Table":
            _keep_first(pdf, node)
        _join(node)
        if node.kind == "/LI":
            _gather(pdf, node)
        elif node.kind in _GROUPS and any(isinstance(kid, _Leaf) for kid in node.kids):
            node.kids = [_new(pdf, "/P", node.kids)]
        for kid in node.nodes():
            if kid.kind in _GROUPS and kid.kind in (node.kind, "/NonStruct") and kid.html is node.html is not None:
                kid.entry["S"] = "/P"  # an anonymous box: text that stands among blocks
            self._settle(pdf, kid, language)
        if node.kind == "/Table":
            self._identifiers |= _head(node)


def _artifact(box: Any) -> dict[str, str]:
    """The properties of what stands outside the tree: running feet and decoration. Empty for the rest."""
    if keyword := getattr(box, "at_keyword", ""):
        subtype = {"@top": "/Header", "@bot": "/Footer"}.get(keyword[:4])
        return {"Type": "/Pagination"} | ({"Subtype": subtype} if subtype else {})
    html = box.element
    if html is not None and (html.get("aria-hidden") == "true" or (html.tag == "img" and html.get("alt") == "")):
        return {"Type": "/Layout"}
    return {}


def _frame(figure: Any, page: Any) -> None:
    """Gives a figure's box in points from the foot of its page; WeasyPrint writes pixels from the top."""
    left, top, right, bottom = (side * 0.75 for side in figure["A"]["BBox"])
    height = page["TrimBox"][3]
    figure["A"]["BBox"] = pydyf.Array((left, height - bottom, right, height - top))


def _marked(box: Any, tags: dict[Any, Any]) -> set[int | bytes]:
    """Takes all marked content of a box away from the tags."""
    boxes = list(box.descendants(placeholders=True))
    if any(part.link_annotation or part.widget_annotation for part in boxes):
        raise Complaint("a link stands in a running foot or in decoration, where nobody can be told of it")
    return {tags.pop(part)["mcid"] for part in boxes if part in tags}


def _hide(pdf: Any, page: bytes, numbers: Collection[int | bytes], properties: Mapping[str, str]) -> None:
    """Makes marked content of a page an artifact."""
    stream = lookup(pdf, lookup(pdf, page)["Contents"]).stream
    found = [place for place, part in enumerate(stream) if isinstance(part, dict) and part.get("MCID") in numbers]
    if len(found) != len(numbers):
        raise Complaint("a running foot or decoration is see-through or transformed, and cannot be tagged")
    for place in found:
        stream[place - 1 : place + 1] = ["/Artifact", pydyf.Dictionary(properties)]


def _bared(node: _Node, kids: Iterable[_Node | _Leaf], language: str) -> Iterator[_Node | _Leaf]:
    """Kids of a node without elements that tell nothing of them: most inline ones, and columns."""
    for kid in kids:
        if isinstance(kid, _Leaf) or kid.kind not in ("/Span", *_GROUPS):
            yield kid
        elif _inline(kid) and kid.language(language) != language:
            kid.entry["S"] = "/Span"
            yield kid
        elif _inline(kid) or (kid.html is node.html is not None and not any(map(_inline, kid.kids))):
            yield from _bared(node, kid.kids, language)
        else:
            yield kid


def _inline(kid: _Node | _Leaf) -> bool:
    from weasyprint.formatting_structure.boxes import InlineBox

    return isinstance(kid, _Leaf) or isinstance(kid.box, InlineBox)


def _nest(found: _Node) -> None:
    """Moves a list, which WeasyPrint puts behind the item that it belongs to, into that item."""
    kids: list[_Node | _Leaf] = []
    for kid in found.nodes():
        if kid.kind == "/L" and kids:
            inside = cast("_Node", kids[-1]).kids
            made = [inner.entry.number if isinstance(inner, _Node) else 0 for inner in inside]
            inside.insert(sum(number < kid.entry.number for number in made), kid)
        else:
            kids.append(kid)
    found.kids = kids
    style = str(found.box.style["list_style_type"]).title().replace("-", "")
    usual = style if style in _NUMBERINGS else "Decimal" if found.html.tag == "ol" else "Disc"
    marked = any(item.nodes("/Lbl") for item in found.nodes())
    found.entry["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": f"/{usual if marked else 'None'}"})


def _keep_first(pdf: Any, table: _Node) -> None:
    """Makes heads and feet that a table repeats on further pages artifacts."""
    groups = table.nodes("/THead", "/TFoot")
    for number, group in enumerate(groups):
        if any(group.continues(earlier) for earlier in groups[:number]):
            _empty(pdf, group)


def _empty(pdf: Any, node: _Node) -> None:
    """Takes the text out; annotations stay."""
    for leaf in [kid for kid in node.kids if isinstance(kid, _Leaf) and isinstance(kid.entry, int)]:
        _hide(pdf, leaf.page, {leaf.entry}, {"Type": "/Pagination"})
        node.kids.remove(leaf)
    for kid in node.nodes():
        _empty(pdf, kid)


def _join(node: _Node) -> None:
    """Makes pieces of one HTML element one; those of a table's parts and of cells need not be neighbours."""
    kids: list[_Node | _Leaf] = []
    for kid in node.kids:
        near = kids if node.kind in ("/Table", "/TR") else kids[-1:]
        first = next((other for other in near if isinstance(kid, _Node) and kid.continues(other)), None)
        if isinstance(first, _Node) and isinstance(kid, _Node):
            first.kids += kid.kids
        else:
            kids.append(kid)
    node.kids = kids


def _gather(pdf: Any, item: _Node) -> None:
    """Leaves a label and a body alone in a list's item, as ISO 32000-1, 14.8.4.3.3, has it."""
    rest = [kid for kid in item.kids if not (isinstance(kid, _Node) and kid.kind == "/Lbl")]
    bodies = item.nodes("/LBody") or [_new(pdf, "/LBody", [])]
    for later in bodies[1:]:
        later.entry["S"] = "/P"
    place = rest.index(bodies[0]) if bodies[0] in rest else 0
    rest[place : place + (bodies[0] in rest)] = bodies[0].kids
    bodies[0].kids = rest
    item.kids = [*item.nodes("/Lbl"), bodies[0]]


def _head(table: _Node) -> dict[str, bytes]:
    """Gives each cell the identifiers of its headers, and tells of these by identifier.

    WeasyPrint counts a header that spans columns for its first alone, and begins anew on each page.
    """
    cells: list[tuple[_Node, set[int], set[int]]] = []
    taken: set[tuple[int, int]] = set()
    rows = [row for group in (table, *table.nodes("/THead", "/TBody", "/TFoot")) for row in group.nodes("/TR")]
    for y, row in enumerate(rows):
        for cell in row.nodes("/TH", "/TD"):
            x = next(x for x in count() if (y, x) not in taken)
            spans = cell.entry["A"]
            down, across = set(range(y, y + spans.get("RowSpan", 1))), set(range(x, x + spans.get("ColSpan", 1)))
            taken |= set(product(down, across))
            cells.append((cell, down, across))
    heads = [(f"{table.entry.number}-{n}", *found) for n, found in enumerate(cells) if found[0].kind == "/TH"]
    for name, cell, *_ in heads:
        cell.entry["ID"] = pydyf.String(name)
        cell.entry["A"]["Scope"] = "/Row" if _leads(cell) else "/Column"
    for cell, down, across in cells:
        if cell.kind == "/TD":
            over = [name for name, head, ys, xs in heads if (down & ys if _leads(head) else across & xs)]
            cell.entry["A"]["Headers"] = pydyf.Array(map(pydyf.String, over))
    return {name: cell.entry.reference for name, cell, *_ in heads}


def _leads(head: _Node) -> bool:
    return str(head.html.get("scope")).startswith("row")


def _new(pdf: Any, kind: str, kids: list[_Node | _Leaf]) -> _Node:
    entry = pydyf.Dictionary({"Type": "/StructElem", "S": kind})
    pdf.add_object(entry)
    return _Node(entry, None, kids)


def _write(node: _Node, parent: bytes, owners: dict[_Leaf, bytes]) -> set[int]:
    """Writes an element and all below, notes who owns what, and tells the numbers of the elements."""
    leaves = [kid for kid in node.kids if isinstance(kid, _Leaf)]
    owners |= dict.fromkeys(leaves, node.entry.reference)
    node.entry.pop("Pg", None)
    node.entry |= {"P": parent} | ({"Pg": leaves[0].page} if leaves else {})
    node.entry["K"] = pydyf.Array(
        kid.entry.reference if isinstance(kid, _Node)
        else kid.entry if kid.page == leaves[0].page or isinstance(kid.entry, bytes)
        else pydyf.Dictionary({"Type": "/MCR", "Pg": kid.page, "MCID": kid.entry})
        for kid in node.kids
    )  # fmt: skip
    return {node.entry.number}.union(*(_write(kid, node.entry.reference, owners) for kid in node.nodes()))


def _map(pdf: Any, numbers: list[Any], owners: Mapping[_Leaf, bytes]) -> None:
    """Writes which element owns what, page by page and then annotation by annotation."""
    pages = {page: number for number, page in enumerate(pdf.page_references)}
    found: dict[int, Any] = {number: pydyf.Array() for number in pages.values()}
    for (page, entry), owner in owners.items():
        if isinstance(entry, bytes):
            found[lookup(pdf, lookup(pdf, entry)["Obj"])["StructParent"]] = owner
            continue
        slots = found[pages[page]]
        slots += ["null"] * (entry + 1 - len(slots))
        slots[entry] = owner
    numbers[:] = [part for number in sorted(found) for part in (number, found[number])]
