"""What pages may load and who may frame them: the content security policies of the site."""

from __future__ import annotations

#: of every page: own styles, pictures and typefaces, and no script at all
PAGE = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'"
)
#: of the search page alone, whose script asks an index in WebAssembly
SEARCH = f"{PAGE}; script-src 'self' 'wasm-unsafe-eval'"
#: of the newsletters' web copies, which carry their styles along as mail must, and pictures by whole addresses
LETTER = PAGE.replace("style-src 'self'", "style-src 'unsafe-inline'").replace("img-src 'self'", "img-src 'self' data:")
#: which only a header can say; a page's own tag cannot
_UNFRAMED = "frame-ancestors 'none'"


def header(policy: str) -> str:
    """A policy as a server sends it."""
    return f"{policy}; {_UNFRAMED}"


def widest(*, search: bool) -> str:
    """What no page of the site goes beyond, for servers that cannot tell one page from another."""
    wide = LETTER.replace("style-src 'unsafe-inline'", "style-src 'self' 'unsafe-inline'")
    return header(f"{wide}; script-src 'self' 'wasm-unsafe-eval'" if search else wide)
