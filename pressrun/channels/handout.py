"""The handout: a designed leaflet of an article as PDF, one file an edition."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import metadata
from pathlib import Path

from pressrun import fit, fonts, pdf
from pressrun.colours import contrast, readable
from pressrun.faults import Fault, Refused
from pressrun.model import Article, Button, Figure, Link, Publication, blocks, direction
from pressrun.outputs import PRIVATE, Output, Shelf, digest
from pressrun.schema import ChannelKeys, Key, list_of, one_of
from pressrun.templates import Templates

NAME = "handout"
#: edition and what staff call it; each has a style sheet in templates/handout/editions/
EDITIONS = {
    "a4": "Handout, A4",
    "letter": "Handout, US Letter",
    "large-print": "Handout, large print",
    "office": "Handout in black, for an office printer",
    "press": "Handout for the print shop",
}
#: what an article has unless it or the site says otherwise
DEFAULT = ("a4", "letter", "press")
#: those meant for a printing press, with bleed and crop marks
PRESS = ("press",)
#: those in large print, with more contrast
LARGE = ("large-print",)
#: those in black ink alone: RGB black would be mixed from all inks
BLACK = ("office",)
_BLACK, _CLEAR = "device-cmyk(0 0 0 1)", "transparent"
#: WCAG 2.2, success criterion 1.4.6: enhanced contrast
_LARGE_CONTRAST = 7.0
#: colours of words, and of what they stand on
_ACCENTS = ("link", "accent", "danger")
_GROUNDS = ("paper", "tint", "danger-tint")
_THUMBNAIL_WIDTH = 320
#: how a handout may be set, the best first; the sizes of type are the same in all
_SPACINGS = ("roomy", "middle", "close")

#: how WeasyPrint says that no font has a character
_LACKING = re.compile(r'unsupported by fonts: "(.)')

_editions = list_of(one_of(*EDITIONS))
KEYS = ChannelKeys(
    options={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}")},
    settings={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}; {', '.join(DEFAULT)} by default")},
)


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Every article's editions and the thumbnail of the first."""
    declared: dict[str, Output] = {}
    for article in publication.live(NAME):
        editions = article.options(NAME).get("editions") or publication.site.settings.get("editions") or DEFAULT
        thumbnail = f"{NAME}/thumbnails/{article.slug}.png"
        handouts = [_Handout(publication, templates, shelf, article, name) for name in editions]
        needed = {face.path: face for handout in handouts for face in handout.faces if face.path not in declared}
        declared |= needed
        yield from needed.values()
        made = [handout.output(thumbnail) for handout in handouts]
        yield from made
        yield Output(
            thumbnail, partial(_picture, shelf, made[0]), NAME,
            key=digest("thumbnail", str(_THUMBNAIL_WIDTH), metadata.version("pypdfium2"), made[0].key),
            article=article.slug, media_type="image/png",
        )  # fmt: skip


def _picture(shelf: Shelf, handout: Output) -> bytes:
    return pdf.picture(shelf.data(handout), _THUMBNAIL_WIDTH)


@dataclass(frozen=True)
class _Handout:
    """One edition of one article."""

    publication: Publication
    templates: Templates
    shelf: Shelf
    article: Article
    edition: str

    @cached_property
    def _layouts(self) -> list[str]:
        return [self._html(spacing) for spacing in _SPACINGS]

    @cached_property
    def _scripts(self) -> list[fonts.Script]:
        """The families that it needs beside our own, as far as they are installed."""
        return [script for script in fonts.needed(self._layouts[0]) if script.installed()]

    @cached_property
    def faces(self) -> list[Output]:
        return list(fonts.printed(NAME, self._scripts))

    def output(self, thumbnail: str) -> Output:
        name = f"{self.article.slug}-{self.edition}.pdf"
        layouts, css = self._layouts, self._css()
        pictures = self._pictures()
        key = digest(*layouts, css, *(face.key for face in self.faces), *pictures, *pictures.values(), *_versions())
        return Output(
            f"{NAME}/{name}", partial(self._draw, layouts, css, pictures), NAME, key, self.article.slug,
            EDITIONS[self.edition], "application/pdf", f"{NAME}/{name}", thumbnail,
        )  # fmt: skip

    def _html(self, spacing: str) -> str:
        url = self.publication.site.url(f"{self.article.slug}/")
        return self.templates.render(
            NAME, "article.html", site=self.publication.site, article=self.article, edition=self.edition, url=url,
            address=self._address, picture=self._picture, ratio=self._ratio, qr=_qr_name,
            spacing=spacing, large=self.edition in LARGE,
        )  # fmt: skip

    def _css(self) -> str:
        cuts = [*fonts.FACES, *(face for script in self._scripts for face in script.faces())]
        faces = [(face, f"{pdf.SCHEME}{Path(face.stored).name}") for face in cuts]
        own: Mapping[str, str] = self.templates.tokens["faces"]
        stack = {role: fonts.stack(own[role], self._scripts, self._layouts[0]) for role in ("text", "title")}
        start, end = ("right", "left") if direction(self.article.language) == "rtl" else ("left", "right")
        press = self.edition in PRESS
        return self.templates.render(
            NAME, f"editions/{self.edition}.css", faces=faces, press=press, slug_pt=pdf.SLUG_PT, ink=self._ink(),
            stack=stack, start=start, end=end,
        )  # fmt: skip

    def _ink(self) -> Mapping[str, str]:
        """The palette: large print has a darker one, an office printer gets black alone."""
        light: Mapping[str, str] = self.templates.tokens["light"]
        if self.edition in BLACK:
            return {role: _CLEAR if role in (*_GROUNDS, "accent-text") else _BLACK for role in light}
        if self.edition in LARGE:
            return large_ink(light)
        return light

    def _pictures(self) -> dict[str, bytes]:
        """Pictures and QR codes by asset name."""
        url = self.publication.site.url(f"{self.article.slug}/")
        links = [url, *(self._address(block.link) for block in blocks(self.article.body) if isinstance(block, Button))]
        black = self.edition in BLACK
        codes = {_qr_name(link): _qr(link, _BLACK if black else "") for link in links if link}
        pictures = {_asset(figure): self.publication.pictures[figure.src].data for figure in self.article.figures()}
        return codes | ({name: _grey(data) for name, data in pictures.items()} if black else pictures)

    def _draw(self, layouts: list[str], css: str, pictures: Mapping[str, bytes]) -> bytes:
        assets = {Path(face.path).name: self.shelf.data(face) for face in self.faces} | dict(pictures)
        sheets = (pdf.Sheet(html, css, assets, marks=self.edition in PRESS) for html in layouts)
        try:
            return fit.choose(pdf.draw(sheet, self.shelf.folder / PRIVATE) for sheet in sheets)
        except pdf.Complaint as complaint:
            raise Refused(self._faults(str(complaint))) from None

    def _faults(self, complaint: str) -> Iterator[Fault]:
        """What WeasyPrint complains of, in an author's words if it is a character that our typefaces lack."""
        lacking = dict.fromkeys(_LACKING.findall(complaint))
        absent = {script.package: character for character in reversed(lacking) for script in fonts.absent(character)}
        for package, character in absent.items():
            place, line = self.article.find(character)
            problem = f"The typeface for '{character}' (U+{ord(character):04X}) is not installed."
            remedy = f"Install the package {package.replace('_', '-')}, or all of them: pip install 'pressrun[scripts]'."
            yield Fault(place, problem, remedy, line)
        for character in lacking:
            if any(fonts.absent(character)):
                continue
            place, line = self.article.find(character)
            problem = f"The handout's typefaces have no '{character}' (U+{ord(character):04X})."
            yield Fault(place, problem, "Write something else, or keep this off paper with 'except: handout'.", line)
        if not lacking:
            problem = f"The {self.edition} handout cannot be drawn: {complaint}."
            yield Fault(self.article.place, problem, "Change the article, or the handout's template.")

    def _address(self, link: Link) -> str | None:
        return self.publication.address(self.article, link)

    def _picture(self, figure: Figure) -> str:
        return f"{pdf.SCHEME}{_asset(figure)}"

    def _ratio(self, figure: Figure) -> float:
        """A picture's height in hundredths of its width."""
        found = self.publication.pictures[figure.src]
        return round(100 * found.height / found.width, 3)


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


def _grey(data: bytes) -> bytes:
    """A picture without its colours."""
    from PIL import Image

    stream = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        clear = image.has_transparency_data
        image.convert("RGBA" if clear else "RGB").convert("LA" if clear else "L").save(stream, "PNG")
    return stream.getvalue()


def _qr(address: str, ink: str = "") -> bytes:
    """A QR code as SVG, in a colour of CSS."""
    import segno

    stream = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        stream, kind="svg", border=4, omitsize=True, xmldecl=False, nl=False
    )
    code = stream.getvalue()
    return code.replace(b'stroke="#000"', f'stroke="{ink}"'.encode()) if ink else code


def _versions() -> list[str]:
    """What else the bytes of a PDF depend on: the packages and the code that draws."""
    return [metadata.version(name) for name in ("weasyprint", "pydyf", "fonttools", "pypdfium2")] + [
        digest(*(path.read_bytes() for path in [Path(fit.__file__), *sorted(Path(pdf.__file__).parent.glob("*.py"))]))
    ]
