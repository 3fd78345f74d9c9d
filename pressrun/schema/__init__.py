"""From nodes to the model, key by key, with a fault for whatever does not fit.

Every mapping of the authors' contract is a table of keys here; a key says what kind of value it takes and what it
is for. No channel is known by name: the table of channels, with their own keys, comes in the context.
"""

from pressrun.schema import shapes
from pressrun.schema.context import (
    ChannelKeys,
    Context,
    Key,
    Keys,
    Kind,
    Unusable,
    either,
    list_of,
    made,
    named,
    nearest,
    record,
    values,
)  # fmt: skip
from pressrun.schema.documents import ARTICLE, SITE, WORDS, article, local_site, site
from pressrun.schema.kinds import (
    boolean,
    email,
    language,
    line,
    matching,
    moment,
    number,
    one_of,
    paragraphs,
    web_address,
    word,
)  # fmt: skip
from pressrun.schema.shapes import shaped

__all__ = [
    "ARTICLE", "SITE", "WORDS", "ChannelKeys", "Context", "Key", "Keys", "Kind", "Unusable", "article", "boolean",
    "either", "email", "language", "line", "list_of", "local_site", "made", "matching", "moment", "named", "nearest",
    "number", "one_of", "paragraphs", "record", "shaped", "shapes", "site", "values", "web_address", "word",
]  # fmt: skip
