"""Articles made up for measuring: the same words as our YAML and as the peers' Markdown, the same for the same seed."""

from __future__ import annotations

import json
import random
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

SITE = """\
name: Example Health
base_url: https://www.example.org
language: en-US
time_zone: America/New_York
email: info@example.org
address: 1 Example Street
helplines:
  - {name: 988 Suicide & Crisis Lifeline, phone: "988", url: https://988lifeline.org, hours: "24 hours, every day"}
default_helplines: [988 Suicide & Crisis Lifeline]
"""

_CATEGORIES = ("Addiction", "Sleep", "Anxiety", "Recovery", "Families", "Medicines", "Prevention", "Research")
_TAGS = """
nights talking support clinics memory alcohol opioids stress habits school work travel exercise food veterans teenagers
parents older-adults first-steps relapse withdrawal harm-reduction
""".split()  # noqa: SIM905
_AUTHORS = ("The Team", "A. Writer", "B. Checker", "C. Nurse", "D. Counsellor")
#: words of health pages, short and long, so that lines break and words are hyphenated as in real text
_VOCABULARY = """
a about after again although and any are around as at be because before body both brain but by can care change clinic
clinician community condition consider course daily day depend different difficult doctor dose drink during each early
effect evening every example experience family feel few find first follow for friend from get group habit have health
help hospital hour how however if important in individual information is it keep later learn less life little local
long many may medication medicine mental month more morning most need never night not nurse of often on one only or
other out over pain patient people person physical place plan possible pressure problem professional programme question
quiet receive recommend recovery regular relationship research responsibility rest safe same service several share
should simple since sleep slowly small so some sometimes start stay still stress study substance such support symptom
take talk than that the their them then there these they thing think this those through time to together treatment trust
under understanding until use very walk warning way week well when where which while who will with withdrawal without
work worry year yet you your circumstances comprehensive considerations dependence environment neighbourhood
psychological particularly susceptibility uncomfortable unfortunately
""".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    #: CommonMark; a link to another article is [words](slug)
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    #: a name, which may be missing, and a text
    items: tuple[tuple[str, str], ...]
    numbered: bool = False


Block = Heading | Paragraph | Listing


@dataclass(frozen=True)
class Article:
    number: int
    slug: str
    title: str
    summary: str
    author: str
    date: date
    category: str
    tags: tuple[str, ...]
    body: tuple[Block, ...]

    @property
    def markdown(self) -> str:
        return "\n\n".join(map(_markdown, self.body)) + "\n"

    def changed(self, turn: int) -> Article:
        """With another word at its beginning in every turn."""
        first, *others = self.body
        assert isinstance(first, Paragraph)
        return replace(self, body=(Paragraph(f"Turn{turn} {first.text.partition(' ')[2]}"), *others))


def articles(count: int, seed: int = 6) -> Iterator[Article]:
    """So many articles of about 850 words each; a smaller number gives the first of a larger, but for their links."""
    return (_article(number, count, random.Random(f"{seed} {number}")) for number in range(count))  # noqa: S311


def _article(number: int, count: int, chance: random.Random) -> Article:
    title = " ".join(word.capitalize() for word in chance.sample(_VOCABULARY, 4))
    body: list[Block] = [Paragraph(_paragraph(chance))]
    for section in range(5):
        body += _section(chance, section, count)
    return Article(
        number=number,
        slug=f"article-{number}",
        title=f"{title} {number}",
        summary=f"{_sentence(chance)} {_sentence(chance)}".replace("*", ""),
        author=chance.choice(_AUTHORS),
        date=date(2022, 1, 1) + timedelta(days=number * 7919 % 1095),
        category=chance.choice(_CATEGORIES),
        tags=tuple(sorted(chance.sample(_TAGS, chance.randint(1, 4)))),
        body=tuple(body),
    )


def _section(chance: random.Random, section: int, count: int) -> list[Block]:
    blocks: list[Block] = [Heading(" ".join(chance.sample(_VOCABULARY, 4)).capitalize())]
    blocks += [Paragraph(_paragraph(chance)) for _ in range(chance.randint(1, 2))]
    if chance.random() < 0.3:
        blocks += [
            Heading(" ".join(chance.sample(_VOCABULARY, 3)).capitalize(), level=3),
            Paragraph(_paragraph(chance)),
        ]
    if section % 2:
        items = tuple((_name(chance), _sentence(chance)) for _ in range(chance.randint(3, 6)))
        blocks.append(Listing(items, numbered=chance.random() < 0.5))
    else:
        near = f"[{' '.join(chance.sample(_VOCABULARY, 3))}](article-{int(count * chance.random())})"
        far = f"[{' '.join(chance.sample(_VOCABULARY, 2))}](https://www.example.org/{chance.randrange(10_000)})"
        blocks.append(Paragraph(f"{_sentence(chance)} Read {near}, or {far}. {_sentence(chance)}"))
    return blocks


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(chance.randint(3, 6)))


def _sentence(chance: random.Random) -> str:
    words = chance.choices(_VOCABULARY, k=chance.randint(7, 20))
    if chance.random() < 0.2:
        place = chance.randrange(1, len(words))
        words[place] = chance.choice(("*{}*", "**{}**")).format(words[place])
    if chance.random() < 0.4:
        words[len(words) // 2] += ","
    return f"{words[0].capitalize()} {' '.join(words[1:])}."


def _name(chance: random.Random) -> str:
    return " ".join(chance.sample(_VOCABULARY, 2)).capitalize() if chance.random() < 0.5 else ""


# ---- as text


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)
        case Listing(items, numbered):
            mark = "1." if numbered else "-"
            return "\n".join(f"{mark} {f'**{name}:** ' if name else ''}{text}" for name, text in items)


def yaml(article: Article, *, handout: bool) -> str:
    """As our authors write it; every second article in the long form."""
    body = _blocks(article) if article.number % 2 else f"body: |\n{textwrap.indent(article.markdown, '  ')}"
    paper = "" if handout else "channels: {handout: false}\n"
    return (
        f"title: {_quoted(article.title)}\nsummary: {_quoted(article.summary)}\nauthors: [{article.author}]\n"
        f"date: {article.date}\ncategory: {article.category}\ntags: [{', '.join(article.tags)}]\n"
        f"id: {article.slug}\n{paper}{body}"
    )


def _blocks(article: Article) -> str:
    return "body:\n" + "".join(map(_block, article.body))


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"  - {'heading' if level == 2 else 'subheading'}: {_quoted(text)}\n"
        case Paragraph(_):
            return f"  - |\n{textwrap.indent(_markdown(block), '    ')}\n"
        case Listing(items, numbered):
            lines = "".join(f"      - {_quoted(_item(name, text))}\n" for name, text in items)
            return f"  - {'steps' if numbered else 'list'}:\n{lines}"


def _item(name: str, text: str) -> str:
    return f"**{name}:** {text}" if name else text


def _quoted(text: str) -> str:
    """A YAML text in double quotes, which is what JSON writes."""
    return json.dumps(text)


def front_matter(article: Article) -> str:
    """As Hugo and Eleventy want it: Markdown below keys in YAML."""
    return (
        f"---\ntitle: {_quoted(article.title)}\nsummary: {_quoted(article.summary)}\nauthors: [{article.author}]\n"
        f"date: {article.date}\ncategories: [{article.category}]\ntags: [{', '.join(article.tags)}]\n---\n\n"
        f"{_addressed(article)}"
    )


def pelican(article: Article) -> str:
    """As Pelican wants it: Markdown below lines of metadata."""
    return (
        f"Title: {article.title}\nSummary: {article.summary}\nAuthor: {article.author}\nDate: {article.date}\n"
        f"Category: {article.category}\nTags: {', '.join(article.tags)}\nSlug: {article.slug}\n\n{_addressed(article)}"
    )


def _addressed(article: Article) -> str:
    """The Markdown with links to other articles as addresses on the site; nobody but we looks them up."""
    return re.sub(r"\]\((article-\d+)\)", r"](/\1/)", article.markdown)
