"""The article among the parts of a web page: what is its text, and what stands around it on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from justhtml import Comment, Element, Node, Text

from pressrun.importing.elements import attribute, is_hidden, words

#: parts of every page, by their elements and roles
_FRAME = {"nav", "aside", "footer", "dialog"}
_UNSEEN = {"script", "style", "template", "link", "meta"}
_ROLES = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar"}
#: ... and by words of their classes and ids, in any grammatical number
_NAMES = re.compile(
    r"breadcrumbs?|cookies?|consent|gdpr|shar(?:e|es|ing|edaddy)|social|related|recommended|recommendations?|newsletter"
    r"|subscribe|subscription|pagination|pager|pagenav|comments?|respond|disqus|sidebar|sidenav|widgets?|navbar|navigation"
    r"|nav|menu|skip|skiplink|skipnav|adverts?|advertisement|ads?|sponsored|promo|promos|popup|modal|overlay|paywall"
    r"|toolbar|byline|toc|editsection|trending|popular|masthead|headerlink|noprint|printonly|screenreader|sronly"
    r"|visuallyhidden|metadata"
)
#: ... and by pairs of them
_PAIRS = re.compile(
    r"(?:entry|post|article) (?:meta|footer|tags|nav)|author (?:bio|box|info)|posted on|tag (?:list|cloud)|sr only"
    r"|table of contents|read (?:more|next)|more (?:stories|posts|from|on)|print only|screen reader|visually hidden"
    r"|site (?:header|footer)"
)
#: what names the page as a whole by one of its parts
_WITH = {"has", "with", "no", "without", "is"}
#: what is never a part of the frame, whatever it is called
_TEXT = {
    "body",
    "main",
    "article",
    "html",
    "p",
    "h1",
    "h2",
    "h3",
    "table",
    "tbody",
    "tr",
    "td",
    "pre",
    "code",
    "em",
    "b",
}
#: what a page calls its article, the surest first, and the share of the page's running text that it has at least
_ARTICLE = (
    ("[itemprop=articleBody]", 0.25), ("article", 0.25), ("main, [role=main]", 0.4),
    (".entry-content, .post-content, .article-content, .article-body, .post-body, .story-body, .mw-parser-output", 0.4),
    ("#content, #main, #main-content", 0.6),
)  # fmt: skip
#: that share where several elements may be the article, or none says that it is
_MOST = 0.6
#: and the share of its parent's text that the innermost element has, where nothing else tells
_NEARLY = 0.85
#: what is never more than a part of an article
_FLOWING = {"p", "ul", "ol", "blockquote", "pre", "table", "tbody", "tr"}
#: the share that a part of the frame has at most: one that the page says is one, and one that is called like one
_SURE, _CALLED = 0.75, 0.35


def find(page: Node) -> tuple[Node, list[Element]]:
    """The element that holds the article, without the parts around it; and these, taken out of the tree."""
    body = page.query_one("body") or page
    weights = _weights(body)
    gone = list(_prune(body, weights, weights[id(body)]))
    weights = _weights(body)
    whole = weights[id(body)]
    for selector, least in _ARTICLE:
        found = [node for node in body.query(selector) if isinstance(node, Node)]
        best = max(found, key=lambda node: weights[id(node)], default=None)
        if best is not None and weights[id(best)] >= (least if len(found) == 1 else _MOST) * whole:
            return best, gone
    return _heaviest(body, weights), gone


def _weights(node: Node) -> dict[int, int]:
    """How many characters of running text each element holds, outside links."""
    found: dict[int, int] = {}

    def weigh(node: Node | Text) -> int:
        if isinstance(node, Text):
            text = str(node.data or "").strip()
            return len(text) if len(text) > 15 else 0
        silent = node.name in _UNSEEN or node.name in ("a", "noscript") or isinstance(node, Comment)
        found[id(node)] = sum(map(weigh, node.children or ())) * (not silent)
        return found[id(node)]

    weigh(node)
    return found


def _prune(node: Node, weights: dict[int, int], whole: int) -> Iterator[Element]:
    """Takes the frame's parts out; what holds a good deal of the page's running text is none."""
    for child in list(node.children or ()):
        if isinstance(child, Comment):
            node.remove_child(child)
        elif not isinstance(child, Element):
            continue
        elif (share := _share(child)) > 0 and weights[id(child)] <= share * whole:
            node.remove_child(child)
            yield child
        else:
            yield from _prune(child, weights, whole)


def _share(node: Element) -> float:
    """The share of the page's running text up to which an element is a part of the frame; below 0 it never is."""
    if node.name in _UNSEEN or is_hidden(node):
        return 1
    if node.name in _FRAME or attribute(node, "role") in _ROLES:
        return -1 if node.parent and node.parent.name == "blockquote" else _SURE
    if node.name == "div" and attribute(node, "title") in ("header", "footer"):  # as LibreOffice calls them
        return _SURE
    if node.name == "header":
        return -1 if node.query("h1, h2, figure, img") else _SURE
    names = f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}".split()
    return _CALLED if node.name not in _TEXT and any(map(_names_frame, names)) else -1


def _names_frame(name: str) -> bool:
    """Whether a class or an id is that of a part of the frame; long ones rather speak of what the text is about."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    parts = [part.lower() for part in parts]
    short = len(parts) < 4 and not _WITH & set(parts[:1])
    return short and (any(map(_NAMES.fullmatch, parts)) or bool(_PAIRS.search(" ".join(parts))))


def _heaviest(body: Node, weights: dict[int, int]) -> Node:
    """The innermost element that holds most of the page's running text."""
    best = body
    while True:
        inner = (child for child in best.children or () if isinstance(child, Element))
        heavy = max(inner, key=lambda node: weights[id(node)], default=None)
        if heavy is None or weights[id(heavy)] < _NEARLY * weights[id(best)] or heavy.name in _FLOWING:
            return best
        best = heavy


def told(gone: Sequence[Element]) -> list[str]:
    """What was left out, in a sentence; none if no words were."""
    said = [words(part) for part in gone if part.name not in _UNSEEN]
    said = [text for text in said if re.search(r"[^\W\d]{2}", text)]
    count = sum(len(text.split()) for text in said)
    begins = max(said, key=len, default="")[:60].strip()
    what = f"{count} words, among them '{begins}'"
    return [f"What stands around the article on its page was left out: {what}."] if said else []
