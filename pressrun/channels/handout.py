"""The handout: a designed leaflet of an article as PDF, one file an edition."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import chain
from pathlib import Path

from pressrun import drawing, fit, fonts, imprint, packages, pdf, translations
from pressrun.colours import contrast, readable
from pressrun.drawing import GROUNDS, SPACINGS
from pressrun.inputs import Inputs, brief, of_article, of_channel
from pressrun.languages import marked
from pressrun.model import Article, Button, Figure, Link, LocalSite, Publication, blocks, direction
from pressrun.outputs import LOCAL, PRIVATE, Job, Output, Shelf, digest
from pressrun.pdf import imposition
from pressrun.pdf.inks import placeholders
from pressrun.pdf.press import BLEED_PT, SLUG_PT, Condition
from pressrun.schema import ChannelKeys, Key, list_of, number, one_of
from pressrun.templates import Templates

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
#: colours of words
_ACCENTS = ("link", "accent", "danger")
#: which covers of a booklet may have nothing on them of the text, where pages would stay blank
_APART = ("own-cover own-back", "own-back")
#: how long one handout may take to draw, unless the site says otherwise
_SECONDS = 60

_editions = list_of(one_of(*EDITIONS))
KEYS = ChannelKeys(
    options={"editions": Key(_editions, f"some of {', '.join(EDITIONS)}")},
    settings={
        "editions": Key(_editions, f"some of {', '.join(EDITIONS)}", default=list(DEFAULT)),
        "handout_seconds": Key(number, "how long one handout may take to draw, in seconds", default=_SECONDS),
    },
)


def render(publication: Publication, templates: Templates, shelf: Shelf) -> Iterator[Output]:
    """Every article's editions, each with its thumbnail, and the copies of outreach sites."""
    declared: set[str] = set()
    pages = _Pages()
    named = templates.tokens["press"]
    condition = Condition(named["condition"], templates.data(NAME, f"press/{named['profile']}"))
    for article in publication.live(NAME):
        names = editions(publication, article)
        leaflet = _Leaflet(publication, templates, shelf, article, condition, pages)
        copies = [replace(leaflet, local=local) for local in publication.local_sites]
        faces = {
            face.path: face for found in (leaflet, *copies) for face in found.declared if face.path not in declared
        }
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
        handout.thumbnail, lambda: drawing.thumbnail(shelf.data(handout)), NAME,
        inputs=lambda: {"handout": shelf.key(handout), "program": packages.version("pypdfium2")},
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
    #: the documents that were filled in last, for all leaflets
    pages: _Pages = field(repr=False)
    #: the outreach site whose own copy this is
    local: LocalSite | None = None

    def output(self, name: str) -> Output:
        edition = EDITIONS[name]
        path = f"{NAME}/{f'sites/{self.local.slug}/' if self.local else ''}{self.article.slug}-{name}.pdf"
        made = Output(
            path, partial(self._make, name, path), NAME, article=self.article.slug, job=partial(self._job, name),
            inputs=partial(self._inputs, name),
        )  # fmt: skip
        if self.local:  # nobody else has a use for it: neither the site nor the overview shows it
            return replace(made, channel=LOCAL)
        thumbnail = f"{NAME}/thumbnails/{self.article.slug}-{name}.png"
        return replace(
            made, label=edition.label, media_type="application/pdf", live=path, thumbnail=thumbnail,
            job=partial(self._job, name, thumbnail),
        )  # fmt: skip

    def _inputs(self, name: str) -> Inputs:
        """What an edition is made from, known without filling in its document."""
        publication, article = self.publication, self.article
        enlarged = any(EDITIONS[one].large for one in editions(publication, article))
        edition = (name, self._colours(EDITIONS[name]), self.condition.name, enlarged)
        faces = [face.key for face in self.declared]
        found = {
            **of_channel(publication, self.templates, NAME, "article.html", f"editions/{name}.css"),
            **of_article(publication, article),
            "edition": brief(*edition, self.condition.profile), "typefaces and packages": brief(faces, _versions()),
            "photographs": brief(*[part for named in sorted(self._photographs().items()) for part in named]),
        }  # fmt: skip
        return found | ({"outreach site": brief(_words(self.local))} if self.local else {})

    @cached_property
    def declared(self) -> list[Output]:
        """The typefaces that it may need, by the letters that were typed."""
        site, local = self.publication.site, self.local
        said = map(str, (site.name, site.description, site.address, site.helplines, _words(local)))
        scripts = fonts.needed(chain(self.article.letters, *said))
        return list(fonts.printed(NAME, [script for script in scripts if script.installed()]))

    def _make(self, name: str, path: str) -> bytes:
        job = self._job(name)
        made = job.do(job.stock, self.shelf.folder / PRIVATE)
        for warning in made.warnings:
            self.shelf.warn(path, warning)
        return made.data

    def _job(self, name: str, thumbnail: str = "") -> Job:
        edition, article = EDITIONS[name], self.article
        faces = {Path(face.path).name: self.shelf.data(face) for face in self.faces}
        draft = drawing.Draft(self._key(name), self._pages(edition), self._css(name), self._pictures(), tuple(faces))
        plan = drawing.Plan(
            draft, name, edition.paper, self._colours(edition), edition.black, edition.folded,
            condition=self.condition.name if edition.press else "", copy=self.local.name if self.local else "",
            article=replace(article, body=(), corrections=(), sources=(), image=None, withdrawn=None, channels={}),
            thumbnail=thumbnail,
        )  # fmt: skip
        stock = faces | {self.condition.name: self.condition.profile}
        seconds = self.publication.site.settings.get("handout_seconds", _SECONDS)
        return Job(partial(drawing.draw, plan), stock, article.place, f"{name} handout", seconds)

    @cached_property
    def _scripts(self) -> list[fonts.Script]:
        """The families that it needs beside our own, as far as they are installed."""
        return [script for script in fonts.needed(self._page(SPACINGS[0], narrow=False)) if script.installed()]

    @cached_property
    def faces(self) -> list[Output]:
        return list(fonts.printed(NAME, self._scripts))

    def _key(self, name: str) -> str:
        """A hash of all that a layout is made from."""
        edition = EDITIONS[name]
        versions = [*_versions(), *([imposition.version()] if edition.folded else [])]
        pictures = [part for figure, data in self._photographs().items() for part in (figure, data)]
        faces = (face.key for face in self.faces)
        return digest(self._css(name), *self._pages(edition), *faces, *self._codes, *pictures, *versions)

    def _css(self, name: str) -> str:
        faces = [(face, f"{pdf.SCHEME}{Path(face.stored).name}") for face in fonts.cuts(self._scripts)]
        own: Mapping[str, str] = self.templates.tokens["faces"]
        start, end = ("right", "left") if direction(self.article.language) == "rtl" else ("left", "right")
        page = self._pages(EDITIONS[name])[0]
        return self.templates.render(
            NAME, f"editions/{name}.css", faces=faces, ink=placeholders(self._roles),
            stack={role: fonts.stack(own[role], self._scripts, page) for role in ("text", "title")},
            language=self.article.language, start=start, end=end, bleed_pt=BLEED_PT, slug_pt=SLUG_PT,
        )  # fmt: skip

    def _pages(self, edition: Edition) -> tuple[str, ...]:
        """The document in every spacing; that of a booklet then with covers of its own."""
        covers = ("", *_APART) if edition.folded else ("",)
        return tuple(self._page(spacing, narrow=edition.narrow, apart=own) for own in covers for spacing in SPACINGS)

    def _page(self, spacing: str, *, narrow: bool, apart: str = "") -> str:
        """The document, filled in if it was not before."""
        of_whom = self.article.slug, self.local and self.local.slug
        fill = partial(self._html, spacing, narrow=narrow, apart=apart)
        return self.pages.get(of_whom, (spacing, narrow, apart), fill)

    def _html(self, spacing: str, *, narrow: bool, apart: str = "") -> str:
        enlarged = any(EDITIONS[name].large for name in editions(self.publication, self.article))
        return self.templates.render(
            NAME, "article.html", language=self.article.language, site=self.publication.site, article=self.article,
            answer=self._answer, outdated=translations.is_outdated(self.publication, self.article),
            code=self._code, text_hash=self._text_hash, enlarged=enlarged,
            address=self._address, picture=self._picture, ratio=self._ratio, qr=_qr_name, local=self.local,
            spacing=spacing, narrow=narrow, apart=apart,
        )  # fmt: skip

    @cached_property
    def _code(self) -> str:
        return imprint.code(self.article)

    @cached_property
    def _text_hash(self) -> str:
        return imprint.text_hash(self.article)

    @property
    def _answer(self) -> str:
        """The address that says whether a copy is current."""
        return self.publication.site.url(f"verify/{self._code}/")

    def _pictures(self) -> dict[str, bytes]:
        """Pictures and QR codes by asset name."""
        return {name: _qr(link) for name, link in self._codes.items()} | self._photographs()

    @cached_property
    def _codes(self) -> dict[str, str]:
        """Where QR codes lead, by asset name; nothing but the address makes the code."""
        buttons = (block for block in blocks(self.article.body) if isinstance(block, Button))
        links = [self._answer, *(self._address(button.link) for button in buttons), self.local and self.local.url]
        return {_qr_name(link): link for link in links if link}

    def _photographs(self) -> dict[str, bytes]:
        logos = {"logo": self.local.logo.data} if self.local and self.local.logo else {}
        if brand := self.publication.site.logo:
            logos["brand"] = self.publication.pictures[brand].data
        return logos | {_asset(one.src): self.publication.pictures[one.src].data for one in self.article.shown()}

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

    # ---- for the templates

    def _address(self, link: Link) -> str | None:
        return self.publication.address(self.article, link)

    def _picture(self, figure: Figure) -> str:
        return f"{pdf.SCHEME}{_asset(figure.src)}"

    def _ratio(self, figure: Figure) -> float:
        """A picture's height in hundredths of its width."""
        found = self.publication.pictures[figure.src]
        return round(100 * found.height / found.width, 3)


class _Pages:
    """The documents of one leaflet, which its editions share; those of all at once would fill the memory."""

    def __init__(self) -> None:
        self._of: object = None
        self._filled: dict[object, str] = {}

    def get(self, of: object, which: object, fill: Callable[[], str]) -> str:
        if of != self._of:
            self._of, self._filled = of, {}
        if which not in self._filled:
            self._filled[which] = fill()
        return self._filled[which]


def large_ink(light: Mapping[str, str]) -> Mapping[str, str]:
    """The palette of large print: every word has its contrast on every ground."""
    ground = min((light[role] for role in GROUNDS), key=lambda ground: contrast(ground, light["text"]))
    darker = {role: readable(light[role], ground, light["text"], _LARGE_CONTRAST) for role in _ACCENTS}
    return {**light, **darker, "muted": light["text"], "rule": light["text"]}


def _words(local: LocalSite | None) -> LocalSite | None:
    """An outreach site without its logo, which counts among the photographs."""
    return local and replace(local, logo=None)


def _asset(src: str) -> str:
    """A picture's asset name, without what an address would have to escape."""
    return f"picture-{digest(imprint.present(src))[:12]}{Path(src).suffix.lower()}"


def _qr_name(address: str) -> str:
    """The asset name of an address's QR code."""
    return f"qr-{digest(address)[:12]}.svg"


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
    files = [Path(str(module.__file__)) for module in (sys.modules[__name__], drawing, fit)]
    code = [*files, *sorted(Path(pdf.__file__).parent.glob("*.py"))]
    used = ("weasyprint", "pydyf", "fonttools", "pypdfium2", "pillow", "segno")
    return [*map(packages.version, used), digest(*(path.read_bytes() for path in code))]
