"""The handout: a designed leaflet of an article as PDF, one file an edition."""

from __future__ import annotations

import atexit
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun import fit, fonts, imprint, pdf, translations
from pressrun.colours import contrast, readable, shares
from pressrun.faults import Fault, Refused
from pressrun.languages import marked
from pressrun.model import Article, Button, Figure, Link, LocalSite, Publication, blocks, direction
from pressrun.outputs import LOCAL, PRIVATE, Output, Shelf, digest
from pressrun.pdf import imposition
from pressrun.pdf.inks import BLACK, WHITE, Inks, placeholders
from pressrun.pdf.press import BLEED_PT, SLUG_PT, Condition
from pressrun.schema import ChannelKeys, Key, list_of, one_of
from pressrun.templates import Templates

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = "handout"


@dataclass(frozen=True)
class Edition:
    """A form of the handout; those whose style sheets come out alike share one layout."""

    #: what staff call it
    label: str
    paper: str = "A4"
    #: in large print, with more contrast
    large: bool = False
    #: on an office printer, in black ink alone: RGB black would be mixed from all inks
    black: bool = False
    #: in a press's inks, with bleed and marks
    press: bool = False
    #: pages that lie two a side on sheets that are folded and stapled
    folded: bool = False

    @property
    def narrow(self) -> bool:
        """Whether it has one column."""
        return self.large or self.folded


#: each has a style sheet in templates/handout/editions/
EDITIONS = {
    "a4": Edition(marked("Handout, A4")),
    "letter": Edition(marked("Handout, US Letter"), "US Letter"),
    "large-print": Edition(marked("Handout, large print"), "A4 in large print", large=True),
    "office": Edition(marked("Handout in black, for an office printer"), black=True),
    "a5-booklet": Edition(marked("Handout as an A5 booklet"), "A5", folded=True),
    "press": Edition(marked("Handout for the print shop"), press=True),
}
#: what an article has unless it or the site says otherwise
DEFAULT = ("a4", "letter", "press")
#: WCAG 2.2, success criterion 1.4.6: enhanced contrast
_LARGE_CONTRAST = 7.0
#: colours of words, and of what they stand on
_ACCENTS = ("link", "accent", "danger")
_GROUNDS = ("paper", "tint", "danger-tint")
_THUMBNAIL_WIDTH = 240
#: how a handout may be set, the best first; the sizes of type are the same in all
_SPACINGS = ("roomy", "middle", "close")
#: which covers of a booklet may have nothing on them of the text, where pages would stay blank
_APART = ("own-cover own-back", "own-back")
#: shows the side for notes, which is part of every document
_NOTED = ".notes { display: block }"

#: how WeasyPrint says that no font has a character
_LACKING = re.compile(r'unsupported by fonts: "(.)')

_editions = list_of(one_of(*EDITIONS))
KEYS = ChannelKeys(
    options={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}")},
    settings={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}; {', '.join(DEFAULT)} by default")},
)


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Every article's editions, each with its thumbnail, and the copies of outreach sites."""
    declared: set[str] = set()
    named = templates.tokens["press"]
    condition = Condition(named["condition"], templates.data(NAME, f"press/{named['profile']}"))
    for article in publication.live(NAME):
        names = editions(publication, article)
        leaflet = _Leaflet(publication, templates, shelf, article, condition)
        copies = [replace(leaflet, local=local, pages={}) for local in publication.local_sites]
        faces = {face.path: face for found in (leaflet, *copies) for face in found.faces if face.path not in declared}
        declared |= faces.keys()
        yield from faces.values()
        for handout in map(leaflet.output, names):
            yield from (handout, _thumbnail(shelf, handout))
        for copy in copies:
            yield from map(copy.output, names)


def editions(publication: Publication, article: Article) -> tuple[str, ...]:
    """The editions of an article: its own choice, else the site's, else the usual ones."""
    chosen = article.options(NAME).get("editions") or publication.site.settings.get("editions")
    return tuple(chosen or DEFAULT)


def _thumbnail(shelf: Shelf, handout: Output) -> Output:
    """A picture of a handout's first side."""
    return Output(
        handout.thumbnail, lambda: pdf.picture(shelf.data(handout), _THUMBNAIL_WIDTH), NAME,
        key=digest("thumbnail", str(_THUMBNAIL_WIDTH), metadata.version("pypdfium2"), handout.key),
        article=handout.article, media_type="image/png", live=handout.thumbnail,
    )  # fmt: skip


@dataclass(frozen=True)
class _Leaflet:
    """An article on paper."""

    publication: Publication
    templates: Templates
    shelf: Shelf
    article: Article
    condition: Condition
    #: the outreach site whose own copy this is
    local: LocalSite | None = None
    #: the document in every spacing, in two columns and in one
    pages: dict[bool, list[str]] = field(default_factory=dict)

    def output(self, name: str) -> Output:
        edition, draft = EDITIONS[name], self._draft(name)
        path = f"{NAME}/{f'sites/{self.local.slug}/' if self.local else ''}{self.article.slug}-{name}.pdf"
        key = digest(draft.key, name, repr(self._colours(edition)), self.condition.name, self.condition.profile)
        made = Output(path, partial(self._draw, draft, name, path), NAME, key, self.article.slug)
        if self.local:  # nobody else has a use for it: neither the site nor the overview shows it
            return replace(made, channel=LOCAL)
        thumbnail = f"{NAME}/thumbnails/{self.article.slug}-{name}.png"
        return replace(made, label=edition.label, media_type="application/pdf", live=path, thumbnail=thumbnail)

    @cached_property
    def _scripts(self) -> list[fonts.Script]:
        """The families that it needs beside our own, as far as they are installed."""
        return [script for script in fonts.needed(self._html(_SPACINGS[0], narrow=False)) if script.installed()]

    @cached_property
    def faces(self) -> list[Output]:
        return list(fonts.printed(NAME, self._scripts))

    def _draft(self, name: str) -> _Draft:
        pages = self._pages(EDITIONS[name])
        faces = [(face, f"{pdf.SCHEME}{Path(face.stored).name}") for face in fonts.cuts(self._scripts)]
        own: Mapping[str, str] = self.templates.tokens["faces"]
        start, end = ("right", "left") if direction(self.article.language) == "rtl" else ("left", "right")
        css = self.templates.render(
            NAME, f"editions/{name}.css", faces=faces, ink=placeholders(self._roles),
            stack={role: fonts.stack(own[role], self._scripts, pages[0]) for role in ("text", "title")},
            language=self.article.language, start=start, end=end, bleed_pt=BLEED_PT, slug_pt=SLUG_PT,
        )  # fmt: skip
        edition, pictures = EDITIONS[name], self._pictures()
        versions = [*_versions(), *([imposition.version()] if edition.folded else [])]
        key = digest(css, *pages, *(face.key for face in self.faces), *pictures, *pictures.values(), *versions)
        return _Draft(key, pages, css, self._assets, self.shelf.folder / PRIVATE)

    def _pages(self, edition: Edition) -> list[str]:
        """The document in every spacing; that of a booklet then with covers of its own."""
        narrow = edition.narrow
        if narrow not in self.pages:
            self.pages[narrow] = [self._html(spacing, narrow=narrow) for spacing in _SPACINGS]
        covers = _APART if edition.folded else ()
        return self.pages[narrow] + [
            self._html(spacing, narrow=True, apart=own) for own in covers for spacing in _SPACINGS
        ]

    def _html(self, spacing: str, *, narrow: bool, apart: str = "") -> str:
        enlarged = any(EDITIONS[name].large for name in editions(self.publication, self.article))
        return self.templates.render(
            NAME, "article.html", language=self.article.language, site=self.publication.site, article=self.article,
            answer=self._answer, outdated=translations.is_outdated(self.publication, self.article),
            code=imprint.code(self.article), text_hash=imprint.text_hash(self.article), enlarged=enlarged,
            address=self._address, picture=self._picture, ratio=self._ratio, qr=_qr_name, local=self.local,
            spacing=spacing, narrow=narrow, apart=apart,
        )  # fmt: skip

    @property
    def _answer(self) -> str:
        """The address that says whether a copy is current."""
        return self.publication.site.url(f"verify/{imprint.code(self.article)}/")

    def _assets(self) -> Mapping[str, bytes]:
        """Typefaces, pictures and QR codes by asset name."""
        return {Path(face.path).name: self.shelf.data(face) for face in self.faces} | self._pictures()

    def _pictures(self) -> dict[str, bytes]:
        buttons = (block for block in blocks(self.article.body) if isinstance(block, Button))
        links = [self._answer, *(self._address(button.link) for button in buttons), self.local and self.local.url]
        codes = {_qr_name(link): _qr(link) for link in links if link}
        if self.local and self.local.logo:
            codes["logo"] = self.local.logo.data
        return codes | {_asset(figure): self.publication.pictures[figure.src].data for figure in self.article.figures()}

    # ---- inks

    @property
    def _roles(self) -> tuple[str, ...]:
        """The roles of the tokens, and that of the accent as a ground, which black ink leaves out."""
        return (*self.templates.tokens["light"], "ground")

    def _colours(self, edition: Edition) -> dict[str, str]:
        """#rrggbb by role, without what only print knows."""
        light: Mapping[str, str] = self.templates.tokens["light"]
        chosen = large_ink(light) if edition.large else light
        return {**chosen, "ground": chosen["accent"]}

    def _inks(self, edition: Edition) -> Inks:
        if edition.black:
            clear = (*_GROUNDS, "ground")
            return Inks({"": BLACK} | {role: WHITE if role in clear else BLACK for role in self._roles}, _grey)
        colours = self._colours(edition)
        return self.condition.inks(colours) if edition.press else light_inks(colours)

    # ---- drawing

    def _draw(self, draft: _Draft, name: str, path: str) -> bytes:
        edition = EDITIONS[name]
        try:
            if edition.folded:
                return self._fold(draft, name)
            layout, choice = _fitted(draft)
            data = layout.write(self._inks(edition), self.condition if edition.press else None)
        except pdf.Complaint as complaint:
            raise Refused(self._faults(name, str(complaint))) from None
        if choice.misfit:
            self.shelf.warn(path, self._warning(edition, choice))
        return data

    def _fold(self, draft: _Draft, name: str) -> bytes:
        """The booklet of the best layout."""
        if not imposition.version():
            place, line = self.article.find(name)
            remedy = "Run 'pip install pikepdf', or take this edition out of 'editions:'."
            raise Refused([Fault(place, f"The edition {name} needs pikepdf, which is not installed.", remedy, line)])
        inks, count = self._inks(EDITIONS[name]), len(_SPACINGS)

        def drawn(numbers: range) -> Iterator[bytes]:
            return (draft.lay_out(number).write(inks) for number in numbers)

        best = fit.fold(drawn(range(count)), lambda number: drawn(range(count + number, len(draft.pages), count)))
        return imposition.impose(best, right_to_left=direction(self.article.language) == "rtl")

    def _warning(self, edition: Edition, choice: fit.Choice) -> str:
        """How far a handout is from filling its sheets."""
        sides, count = choice.extent.sides, abs(choice.misfit)
        words = f"{count} word{'' if count == 1 else 's'}"
        remedy = f"Shorten it by about {words}" if choice.misfit > 0 else f"The last has room for {words} more"
        noted = " and a side for notes" if sides % 2 else ""
        copy = f" of {self.local.name}" if self.local else ""
        return f"{self.article.place}: On {edition.paper} the handout{copy} takes {sides} sides{noted}. {remedy}."

    def _faults(self, name: str, complaint: str) -> Iterator[Fault]:
        """What WeasyPrint complains of, in an author's words if it is a character that our typefaces lack."""
        lacking = dict.fromkeys(_LACKING.findall(complaint))
        typed = self.article.typed  # letters of our own words come last
        missing: dict[str, list[str]] = {}
        for character in sorted(lacking, key=lambda letter: typed.find(letter) % (len(typed) + 1)):
            for script in fonts.absent(character):
                missing.setdefault(script.package, []).append(character)
        for package, (first, *_) in missing.items():
            place, line = self.article.find(first)
            problem = f"The typeface for '{first}' (U+{ord(first):04X}) is not installed."
            name = package.replace("_", "-")
            remedy = f"Install the package {name}, or all of them: pip install 'pressrun[scripts]'."
            yield Fault(place, problem, remedy, line)
        for character in (character for character in lacking if not fonts.absent(character)):
            place, line = self.article.find(character)
            problem = f"The handout's typefaces have no '{character}' (U+{ord(character):04X})."
            yield Fault(place, problem, "Write something else, or keep this off paper with 'except: handout'.", line)
        if not lacking:
            problem = f"The {name} handout cannot be drawn: {complaint}."
            yield Fault(self.article.place, problem, "Change the article, or the handout's template.")

    # ---- for the templates

    def _address(self, link: Link) -> str | None:
        return self.publication.address(self.article, link)

    def _picture(self, figure: Figure) -> str:
        return f"{pdf.SCHEME}{_asset(figure)}"

    def _ratio(self, figure: Figure) -> float:
        """A picture's height in hundredths of its width."""
        found = self.publication.pictures[figure.src]
        return round(100 * found.height / found.width, 3)


@dataclass(frozen=True)
class _Draft:
    """What a layout is made from."""

    key: str
    pages: list[str] = field(compare=False)
    css: str = field(compare=False)
    assets: Callable[[], Mapping[str, bytes]] = field(compare=False)
    private: Path = field(compare=False)

    def lay_out(self, spacing: int, more: str = "") -> pdf.Layout:
        return pdf.lay_out(pdf.Sheet(self.pages[spacing], self.css + more, self.assets()), self.private)


@lru_cache(maxsize=4)  # the editions of an article follow each other, and a layout is large
def _fitted(draft: _Draft) -> tuple[pdf.Layout, fit.Choice]:
    """The layout that fills its sheets best; with an odd number of sides, a side for notes makes them even."""
    tried: dict[int, pdf.Layout] = {}

    def measure(number: int) -> fit.Extent:
        tried[number] = draft.lay_out(number)
        return fit.measure(tried[number].write())

    choice = fit.choose(measure, len(_SPACINGS))
    odd = choice.extent.sides % 2
    return draft.lay_out(choice.number, _NOTED) if odd else tried[choice.number], choice


# A layout that is still remembered when Python ends would leave its folder of typefaces behind.
atexit.register(_fitted.cache_clear)


def light_inks(colours: Mapping[str, str]) -> Inks:
    """A screen's light."""
    return Inks({"": (0, 0, 0)} | {role: tuple(shares(colour)) for role, colour in colours.items()})


def large_ink(light: Mapping[str, str]) -> Mapping[str, str]:
    """The palette of large print: every word has its contrast on every ground."""
    ground = min((light[role] for role in _GROUNDS), key=lambda ground: contrast(ground, light["text"]))
    darker = {role: readable(light[role], ground, light["text"], _LARGE_CONTRAST) for role in _ACCENTS}
    return {**light, **darker, "muted": light["text"], "rule": light["text"]}


def _asset(figure: Figure) -> str:
    """A picture's asset name, without what an address would have to escape."""
    return f"picture-{digest(figure.src)[:12]}{Path(figure.src).suffix.lower()}"


def _qr_name(address: str) -> str:
    """The asset name of an address's QR code."""
    return f"qr-{digest(address)[:12]}.svg"


def _grey(image: Image) -> Image:
    return image.convert("L")


def _qr(address: str) -> bytes:
    """A QR code as SVG."""
    import segno

    stream = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        stream, kind="svg", border=4, omitsize=True, xmldecl=False, nl=False
    )
    return stream.getvalue()


@cache
def _versions() -> list[str]:
    """What else the bytes of a PDF depend on: the packages and the code that draws."""
    code = [Path(__file__), Path(fit.__file__), *sorted(Path(pdf.__file__).parent.glob("*.py"))]
    packages = ("weasyprint", "pydyf", "fonttools", "pypdfium2", "pillow")
    return [*map(metadata.version, packages), digest(*(path.read_bytes() for path in code))]
