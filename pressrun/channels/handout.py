"""The handout: a designed leaflet of an article as PDF, one file an edition."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pressrun import fit, fonts, pdf
from pressrun.colours import contrast, readable, shares
from pressrun.faults import Fault, Refused
from pressrun.model import Article, Button, Figure, Link, Publication, blocks, direction
from pressrun.outputs import PRIVATE, Output, Shelf, digest
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


#: each has a style sheet in templates/handout/editions/
EDITIONS = {
    "a4": Edition("Handout, A4"),
    "letter": Edition("Handout, US Letter", "US Letter"),
    "large-print": Edition("Handout, large print", "A4 in large print", large=True),
    "office": Edition("Handout in black, for an office printer", black=True),
    "press": Edition("Handout for the print shop", press=True),
}
#: what an article has unless it or the site says otherwise
DEFAULT = ("a4", "letter", "press")
#: WCAG 2.2, success criterion 1.4.6: enhanced contrast
_LARGE_CONTRAST = 7.0
#: colours of words, and of what they stand on
_ACCENTS = ("link", "accent", "danger")
_GROUNDS = ("paper", "tint", "danger-tint")
_THUMBNAIL_WIDTH = 320
#: how a handout may be set, the best first; the sizes of type are the same in all
_SPACINGS = ("roomy", "middle", "close")
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
    """Every article's editions and the thumbnail of the first."""
    declared: set[str] = set()
    named = templates.tokens["press"]
    condition = Condition(named["condition"], templates.data(NAME, f"press/{named['profile']}"))
    for article in publication.live(NAME):
        leaflet = _Leaflet(publication, templates, shelf, article, condition)
        yield from (face for face in leaflet.faces if face.path not in declared)
        declared |= {face.path for face in leaflet.faces}
        thumbnail = f"{NAME}/thumbnails/{article.slug}.png"
        made = [leaflet.output(edition, thumbnail) for edition in editions(publication, article)]
        yield from made
        yield Output(
            thumbnail, partial(_picture, shelf, made[0]), NAME,
            key=digest("thumbnail", str(_THUMBNAIL_WIDTH), metadata.version("pypdfium2"), made[0].key),
            article=article.slug, media_type="image/png",
        )  # fmt: skip


def editions(publication: Publication, article: Article) -> tuple[str, ...]:
    """The editions of an article: its own choice, else the site's, else the usual ones."""
    chosen = article.options(NAME).get("editions") or publication.site.settings.get("editions")
    return tuple(chosen or DEFAULT)


def _picture(shelf: Shelf, handout: Output) -> bytes:
    return pdf.picture(shelf.data(handout), _THUMBNAIL_WIDTH)


@dataclass(frozen=True)
class _Leaflet:
    """An article on paper."""

    publication: Publication
    templates: Templates
    shelf: Shelf
    article: Article
    condition: Condition
    #: the document in every spacing, in usual and in large print
    pages: dict[bool, list[str]] = field(default_factory=dict)

    def output(self, name: str, thumbnail: str) -> Output:
        edition, path = EDITIONS[name], f"{NAME}/{self.article.slug}-{name}.pdf"
        draft = self._draft(name)
        key = digest(draft.key, name, repr(self._colours(edition)), self.condition.name, self.condition.profile)
        return Output(
            path, partial(self._draw, draft, name, path), NAME, key, self.article.slug,
            edition.label, "application/pdf", path, thumbnail,
        )  # fmt: skip

    @cached_property
    def _scripts(self) -> list[fonts.Script]:
        """The families that it needs beside our own, as far as they are installed."""
        return [script for script in fonts.needed(self._pages(large=False)[0]) if script.installed()]

    @cached_property
    def faces(self) -> list[Output]:
        return list(fonts.printed(NAME, self._scripts))

    def _draft(self, name: str) -> _Draft:
        pages, pictures = self._pages(large=EDITIONS[name].large), self._pictures()
        faces = [(face, f"{pdf.SCHEME}{Path(face.stored).name}") for face in fonts.cuts(self._scripts)]
        own: Mapping[str, str] = self.templates.tokens["faces"]
        start, end = ("right", "left") if direction(self.article.language) == "rtl" else ("left", "right")
        css = self.templates.render(
            NAME, f"editions/{name}.css", faces=faces, ink=placeholders(self._roles),
            stack={role: fonts.stack(own[role], self._scripts, pages[0]) for role in ("text", "title")},
            start=start, end=end, bleed_pt=BLEED_PT, slug_pt=SLUG_PT,
        )  # fmt: skip
        key = digest(css, *pages, *(face.key for face in self.faces), *pictures, *pictures.values(), *_versions())
        return _Draft(key, pages, css, self._assets, self.shelf.folder / PRIVATE)

    def _pages(self, *, large: bool) -> list[str]:
        """The document in every spacing."""
        if large not in self.pages:
            self.pages[large] = [
                self.templates.render(
                    NAME, "article.html", site=self.publication.site, article=self.article, url=self._url,
                    address=self._address, picture=self._picture, ratio=self._ratio, qr=_qr_name,
                    spacing=spacing, large=large,
                ) for spacing in _SPACINGS
            ]  # fmt: skip
        return self.pages[large]

    @property
    def _url(self) -> str:
        return self.publication.site.url(f"{self.article.slug}/")

    def _assets(self) -> Mapping[str, bytes]:
        """Typefaces, pictures and QR codes by asset name."""
        return {Path(face.path).name: self.shelf.data(face) for face in self.faces} | self._pictures()

    def _pictures(self) -> dict[str, bytes]:
        buttons = (block for block in blocks(self.article.body) if isinstance(block, Button))
        links = [self._url, *(self._address(button.link) for button in buttons)]
        codes = {_qr_name(link): _qr(link) for link in links if link}
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
            fitted = _fitted(draft)
            condition = self.condition if edition.press else None
            data = fitted.layout.write(self._inks(edition), condition)
        except pdf.Complaint as complaint:
            raise Refused(self._faults(name, str(complaint))) from None
        if fitted.misfit:
            self.shelf.warn(path, self._warning(edition, fitted))
        return data

    def _warning(self, edition: Edition, fitted: _Fitted) -> str:
        """How far a handout is from filling its sheets."""
        sides, words = fitted.extent.sides, abs(fitted.misfit)
        remedy = f"Shorten it by about {words} words." if fitted.misfit > 0 else f"It has room for {words} words more."
        noted = " and a side for notes" if sides % 2 else ""
        return f"{self.article.place}: On {edition.paper} the handout takes {sides} sides{noted}. {remedy}"

    def _faults(self, name: str, complaint: str) -> Iterator[Fault]:
        """What WeasyPrint complains of, in an author's words if it is a character that our typefaces lack."""
        lacking = dict.fromkeys(_LACKING.findall(complaint))
        missing: dict[str, list[str]] = {}
        for character in sorted(lacking, key=self.article.typed.find):
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


class _Fitted(NamedTuple):
    layout: pdf.Layout
    #: without the side for notes
    extent: fit.Extent
    #: words too many, or, below zero, too few
    misfit: int


@lru_cache(maxsize=4)  # the editions of an article follow each other, and a layout is large
def _fitted(draft: _Draft) -> _Fitted:
    """The layout that fills its sheets best; with an odd number of sides, a side for notes makes them even."""
    tried: list[pdf.Layout] = []

    def measured() -> Iterator[fit.Extent]:
        for spacing in range(len(_SPACINGS)):
            tried.append(draft.lay_out(spacing))
            yield fit.measure(tried[-1].write())

    number, extent = fit.choose(measured())
    layout = draft.lay_out(number, _NOTED) if extent.sides % 2 else tried[number]
    return _Fitted(layout, extent, extent.misfit())


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


def _versions() -> list[str]:
    """What else the bytes of a PDF depend on: the packages and the code that draws."""
    code = [Path(__file__), Path(fit.__file__), *sorted(Path(pdf.__file__).parent.glob("*.py"))]
    packages = ("weasyprint", "pydyf", "fonttools", "pypdfium2", "pillow")
    return [*map(metadata.version, packages), digest(*(path.read_bytes() for path in code))]
