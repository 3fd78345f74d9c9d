"""What is published, as frozen values: no reading, no writing, no clock.

A field has the name of its key in the authors' files; `docs/architecture.md` draws the way from file to output.
"""

from pressrun.model import states
from pressrun.model.article import Article, Author, Citable, Correction, Helpline, Options, Review, Withdrawal
from pressrun.model.blocks import (
    Block,
    Break,
    Button,
    Callout,
    Figure,
    Heading,
    Item,
    List,
    Quote,
    Steps,
    Subheading,
    Table,
    Terms,
    Text,
    blocks,
    prose,
)  # fmt: skip
from pressrun.model.body import Body, Lead, Shown, Traits, leads, place, shown, traits_of
from pressrun.model.issue import Entry, Issue
from pressrun.model.record import Record
from pressrun.model.site import LocalSite, Picture, Publication, Ruling, Site
from pressrun.model.text import (
    Citation,
    Code,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    Prose,
    Strong,
    Words,
    direction,
    plain,
    spans,
)

__all__ = [
    "Article", "Author", "Block", "Body", "Break", "Button", "Callout", "Citable", "Citation", "Code", "Correction",
    "Emphasis", "Entry", "Figure", "Heading", "Helpline", "Inline", "Issue", "Item", "Lead", "LineBreak", "Link",
    "List", "LocalSite", "Options", "Picture", "Prose", "Publication", "Quote", "Record", "Review", "Ruling", "Shown",
    "Site", "Steps", "Strong", "Subheading", "Table", "Terms", "Text", "Traits", "Withdrawal", "Words", "blocks",
    "direction",
    "leads", "place", "plain", "prose", "shown", "spans", "states", "traits_of",
]  # fmt: skip
