"""A handout's pages to its PDF: a plan is a value that another process can follow as well, to the same bytes."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun import fit, fonts, pdf
from pressrun.colours import shares
from pressrun.faults import Fault, Refused
from pressrun.model import Article, direction
from pressrun.outputs import Made
from pressrun.pdf import imposition
from pressrun.pdf.inks import BLACK, WHITE, Inks
from pressrun.pdf.press import Condition

if TYPE_CHECKING:
    from PIL.Image import Image

#: how a handout may be set, the best first; the sizes of type are the same in all
SPACINGS = ("roomy", "middle", "close")
#: on what words stand
GROUNDS = ("paper", "tint", "danger-tint")
#: shows the side for notes, which is part of every document
_NOTED = ".notes { display: block }"
_THUMBNAIL_WIDTH = 240
#: how WeasyPrint says that no font has a character
_LACKING = re.compile(r'unsupported by fonts: "(.)')


@dataclass(frozen=True)
class Draft:
    """What a layout is made from."""

    key: str
    #: the document in every spacing; that of a booklet then with covers of its own
    pages: tuple[str, ...] = field(compare=False, repr=False)
    css: str = field(compare=False, repr=False)
    #: pictures and QR codes by asset name
    pictures: Mapping[str, bytes] = field(compare=False, repr=False)
    #: asset names of typefaces
    faces: tuple[str, ...] = field(compare=False, repr=False)
    #: typefaces by name, and a folder for caches: of the process that draws
    stock: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    private: Path = field(default=Path(), compare=False)
    #: what it is first written with, to be measured
    inks: Inks | None = field(default=None, compare=False, repr=False)

    def lay_out(self, spacing: int, more: str = "") -> pdf.Layout:
        faces = {name: self.stock[name] for name in self.faces}
        return pdf.lay_out(pdf.Sheet(self.pages[spacing], self.css + more, {**faces, **self.pictures}), self.private)


@dataclass(frozen=True)
class Plan:
    """All that one edition of a handout is drawn from."""

    draft: Draft
    #: what authors call the edition, and staff its paper
    edition: str
    paper: str
    #: #rrggbb by role
    colours: Mapping[str, str]
    #: in black ink alone
    black: bool = False
    #: pages that lie two a side on sheets that are folded
    folded: bool = False
    #: the printing condition of the press edition
    condition: str = ""
    #: whose copy it is, if it is an outreach site's own
    copy: str = ""
    #: of the article, no more than faults need
    article: Article = field(kw_only=True, repr=False)
    #: where its thumbnail goes, if it is to be made too
    thumbnail: str = ""


def draw(plan: Plan, stock: Mapping[str, bytes], private: Path) -> Made:
    """The PDF, and what is not quite right with it. Raises Refused for content that does not fit."""
    light = light_inks(plan.colours)
    draft = replace(plan.draft, stock=stock, private=private, inks=light)
    condition = _condition(plan.condition, stock[plan.condition]) if plan.condition else None
    inks = _inks(plan, condition)
    try:
        if plan.folded:
            data, warnings = _fold(plan, draft, inks), tuple[str, ...]()
        else:
            layout, choice, first = fitted(draft)
            data = first if first and inks == light else layout.write(inks, condition)
            warnings = tuple(_warnings(plan, choice))
    except pdf.Complaint as complaint:
        raise Refused(_faults(plan, str(complaint))) from None
    return Made(data, warnings, {plan.thumbnail: thumbnail(data)} if plan.thumbnail else {})


def thumbnail(data: bytes) -> bytes:
    """A picture of a handout's first side."""
    return pdf.picture(data, _THUMBNAIL_WIDTH)


@lru_cache(maxsize=4)  # the editions of an article follow each other, and a layout is large
def fitted(draft: Draft) -> tuple[pdf.Layout, fit.Choice, bytes]:
    """The layout that fills its sheets best; with an odd number of sides, a side for notes makes them even.

    Also what it was measured by, which may be the handout itself; empty where a glance was enough.
    """
    laid_out: dict[int, pdf.Layout] = {}
    drawn: dict[int, bytes] = {}

    def look(number: int) -> fit.Extent:
        layout = laid_out[number] = draft.lay_out(number)
        width, words = layout.words()
        return fit.glance(layout.sides, width, words, mirrored=layout.mirrored)

    def measure(number: int) -> fit.Extent:
        if number not in drawn:
            drawn[number] = laid_out[number].write(draft.inks)
        return fit.measure(drawn[number])

    choice = fit.choose(look, measure, len(SPACINGS))
    if choice.extent.sides % 2:
        return draft.lay_out(choice.number, _NOTED), choice, b""
    return laid_out[choice.number], choice, drawn.get(choice.number, b"")


# A layout that is still remembered when Python ends would leave its folder of typefaces behind.
atexit.register(fitted.cache_clear)


def _fold(plan: Plan, draft: Draft, inks: Inks) -> bytes:
    """The booklet of the best layout."""
    if not imposition.version():
        place, line = plan.article.find(plan.edition)
        problem = f"The edition {plan.edition} needs pikepdf, which is not installed."
        remedy = "Run 'pip install pikepdf', or take this edition out of 'editions:'."
        raise Refused([Fault(place, problem, remedy, line)])
    count = len(SPACINGS)

    def drawn(numbers: range) -> Iterator[bytes]:
        return (draft.lay_out(number).write(inks) for number in numbers)

    best = fit.fold(drawn(range(count)), lambda number: drawn(range(count + number, len(draft.pages), count)))
    return imposition.impose(best, right_to_left=direction(plan.article.language) == "rtl")


# ---- inks


def _inks(plan: Plan, condition: Condition | None) -> Inks:
    if plan.black:
        clear = (*GROUNDS, "ground")
        return Inks({"": BLACK} | {role: WHITE if role in clear else BLACK for role in plan.colours}, _grey)
    return condition.inks(dict(plan.colours)) if condition else light_inks(plan.colours)


def light_inks(colours: Mapping[str, str]) -> Inks:
    """A screen's light."""
    return Inks({"": (0, 0, 0)} | {role: tuple(shares(colour)) for role, colour in colours.items()})


def _grey(image: Image) -> Image:
    return image.convert("L")


@cache  # it takes a while to make out how a profile mixes its inks
def _condition(name: str, profile: bytes) -> Condition:
    return Condition(name, profile)


# ---- what is not right


def _warnings(plan: Plan, choice: fit.Choice) -> Iterator[str]:
    """How far a handout is from filling its sheets."""
    if not choice.misfit:
        return
    sides, count = choice.extent.sides, abs(choice.misfit)
    words = f"{count} word{'' if count == 1 else 's'}"
    remedy = f"Shorten it by about {words}" if choice.misfit > 0 else f"The last has room for {words} more"
    noted = " and a side for notes" if sides % 2 else ""
    copy = f" of {plan.copy}" if plan.copy else ""
    yield f"{plan.article.place}: On {plan.paper} the handout{copy} takes {sides} sides{noted}. {remedy}."


def _faults(plan: Plan, complaint: str) -> Iterator[Fault]:
    """What WeasyPrint complains of, in an author's words if it is a character that our typefaces lack."""
    article = plan.article
    lacking = dict.fromkeys(_LACKING.findall(complaint))
    typed = article.typed  # letters of our own words come last
    missing: dict[str, list[str]] = {}
    for character in sorted(lacking, key=lambda letter: typed.find(letter) % (len(typed) + 1)):
        for script in fonts.absent(character):
            missing.setdefault(script.package, []).append(character)
    for package, (first, *_) in missing.items():
        place, line = article.find(first)
        problem = f"The typeface for '{first}' (U+{ord(first):04X}) is not installed."
        name = package.replace("_", "-")
        remedy = f"Install the package {name}, or all of them: pip install 'pressrun[scripts]'."
        yield Fault(place, problem, remedy, line)
    for character in (character for character in lacking if not fonts.absent(character)):
        place, line = article.find(character)
        problem = f"The handout's typefaces have no '{character}' (U+{ord(character):04X})."
        yield Fault(place, problem, "Write something else, or keep this off paper with 'except: handout'.", line)
    if not lacking:
        problem = f"The {plan.edition} handout cannot be drawn: {complaint}."
        yield Fault(article.place, problem, "Change the article, or the handout's template.")
