"""The handout: a designed leaflet of an article as PDF, one file an edition."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from pressrun import fonts, pdf
from pressrun.faults import Fault, Refused
from pressrun.model import Article, Button, Figure, Link, Publication, blocks, plain
from pressrun.outputs import PRIVATE, Output, Shelf, digest
from pressrun.schema import ChannelKeys, Key, list_of, one_of
from pressrun.templates import Templates

NAME = "handout"
#: edition and what staff call it; each has a style sheet in templates/handout/editions/
EDITIONS = {"a4": "Handout, A4", "letter": "Handout, US Letter", "press": "Handout for the print shop"}
#: those meant for a printing press, with bleed and crop marks
PRESS = ("press",)
_THUMBNAIL_WIDTH = 320
#: words of articles that fill a sheet when set close; shorter ones need not be, and longer ones do not fit
_CLOSE = range(700, 950)

_editions = list_of(one_of(*EDITIONS))
KEYS = ChannelKeys(
    options={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}")},
    settings={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}; all by default")},
)


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Every article's editions and the thumbnail of the first."""
    faces = list(fonts.printed(NAME))
    yield from faces
    for article in publication.live(NAME):
        editions = article.options(NAME).get("editions") or publication.site.settings.get("editions") or tuple(EDITIONS)
        thumbnail = f"{NAME}/thumbnails/{article.slug}.png"
        made = [_Handout(publication, templates, shelf, faces, article, name).output(thumbnail) for name in editions]
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
    faces: list[Output]
    article: Article
    edition: str

    def output(self, thumbnail: str) -> Output:
        name = f"{self.article.slug}-{self.edition}.pdf"
        html, css = self._html(), self._css()
        pictures = self._pictures()
        key = digest(html, css, *(face.key for face in self.faces), *pictures, *pictures.values(), *_versions())
        return Output(
            f"{NAME}/{name}", partial(self._draw, html, css, pictures), NAME, key, self.article.slug,
            EDITIONS[self.edition], "application/pdf", f"{NAME}/{name}", thumbnail,
        )  # fmt: skip

    def _html(self) -> str:
        url = self.publication.site.url(f"{self.article.slug}/")
        return self.templates.render(
            NAME, "article.html", site=self.publication.site, article=self.article, edition=self.edition, url=url,
            address=self._address, picture=self._picture, ratio=self._ratio, qr=_qr_name,
            spacing=_spacing(self.article),
        )  # fmt: skip

    def _css(self) -> str:
        faces = [(face, f"{pdf.SCHEME}{Path(face.stored).name}") for face in fonts.FACES]
        press = self.edition in PRESS
        return self.templates.render(
            NAME, f"editions/{self.edition}.css", faces=faces, press=press, slug_pt=pdf.SLUG_PT
        )

    def _pictures(self) -> dict[str, bytes]:
        """Pictures and QR codes by asset name."""
        url = self.publication.site.url(f"{self.article.slug}/")
        links = [url, *(self._address(block.link) for block in blocks(self.article.body) if isinstance(block, Button))]
        codes = {_qr_name(link): _qr(link) for link in links if link}
        pictures = self.publication.pictures
        return codes | {_asset(figure): pictures[figure.src].data for figure in self.article.figures()}

    def _draw(self, html: str, css: str, pictures: Mapping[str, bytes]) -> bytes:
        assets = {Path(face.path).name: self.shelf.data(face) for face in self.faces}
        sheet = pdf.Sheet(html, css, {**assets, **pictures}, marks=self.edition in PRESS)
        try:
            return pdf.draw(sheet, self.shelf.folder / PRIVATE)
        except pdf.Complaint as complaint:
            problem = f"The {self.edition} handout cannot be drawn: {complaint}."
            raise Refused(
                [Fault(self.article.place, problem, "Change the article, or the handout's template.")]
            ) from None

    def _address(self, link: Link) -> str | None:
        return self.publication.address(self.article, link)

    def _picture(self, figure: Figure) -> str:
        return f"{pdf.SCHEME}{_asset(figure)}"

    def _ratio(self, figure: Figure) -> float:
        """A picture's height in hundredths of its width."""
        found = self.publication.pictures[figure.src]
        return round(100 * found.height / found.width, 3)


def _spacing(article: Article) -> str:
    """Close when that brings the article onto one sheet of paper, both sides; roomy otherwise."""
    words = sum(len(plain(prose).split()) for prose in article.prose())
    return "close" if words in _CLOSE else "roomy"


def _asset(figure: Figure) -> str:
    return f"pictures/{figure.src}"


def _qr_name(address: str) -> str:
    """The asset name of an address's QR code."""
    return f"qr-{digest(address)[:12]}.svg"


def _qr(address: str) -> bytes:
    import segno

    stream = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        stream, kind="svg", border=4, omitsize=True, xmldecl=False, nl=False
    )
    return stream.getvalue()


def _versions() -> list[str]:
    """What else the bytes of a PDF depend on: the packages and the code that draws."""
    return [metadata.version(name) for name in ("weasyprint", "pydyf", "fonttools")] + [
        digest(Path(pdf.__file__).read_bytes())
    ]
