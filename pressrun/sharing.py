"""Words for social media: an article's title, summary and address, cut to what each network takes."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from math import ceil
from operator import itemgetter
from typing import NamedTuple

#: where a sentence may end, with what closes behind it
_END = re.compile(r"[.!?…؟۔]+[\"'”’»)\]]*(?=\s+[^\sa-zß-ÿ]|\s*$)|[。！？]")
#: what stands before a dot that ends none, as in "e.g.", "U.S.", "Dr." and "J."
_CUT_SHORT = re.compile(r"[\"'“‘«(\[]*(?:(?:\w\.)+\w|[A-ZÀ-Þ]\w{0,3})")
#: what leaves nothing to read if it stands before a mark of omission
_LOOSE = " ,;:.–—-"
#: words, and letters: with fewer words a cut text says nothing; no cut text is longer
_LEAST, _MOST = 3, 2000

# ---- how networks count


def _graphemes(text: str) -> list[str]:
    """What people see as one letter each (after UAX 29): with its accents, or several emoji joined to one."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        before = found[-1] if found else ""
        flag = _is_flag(letter) and _is_flag(before)
        if before and (_joins(letter) or before[-1] == "\u200d" or flag):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _joins(letter: str) -> bool:
    """Accents and what else has no place of its own, skin tones, tags of flags, vowels and ends of Hangul."""
    marks = unicodedata.category(letter) in {"Mn", "Me", "Mc"} or letter in "\u200c\u200d"
    point = ord(letter)
    return marks or 0x1F3FB <= point <= 0x1F3FF or 0xE0020 <= point <= 0xE007F or 0x1160 <= point <= 0x11FF


def _is_flag(text: str) -> bool:
    """Half of a flag: two letters of a country make it whole."""
    return len(text) == 1 and 0x1F1E6 <= ord(text) <= 0x1F1FF


def _is_simple(text: str) -> bool:
    """Whether each character is a letter of its own, as in most texts, which are counted at once."""
    return text.isascii() or not any(_joins(letter) or _is_flag(letter) for letter in set(text))


def _seen(text: str) -> int:
    text = unicodedata.normalize("NFC", text)
    return len(text) if _is_simple(text) else len(_graphemes(text))


def _weighed(text: str) -> int:
    """Docs.x.com, Counting characters: an emoji is 2, so is a letter beyond some ranges."""
    text = unicodedata.normalize("NFC", text)
    if _is_simple(text):
        return len(text) + sum(text.count(letter) for letter in set(text) if _is_heavy(letter))
    return sum(map(_weight, _graphemes(text)))


def _weight(letter: str) -> int:
    weight = sum(1 + _is_heavy(part) for part in letter)
    return min(2, weight) if _is_heavy(letter[0]) else weight


def _is_heavy(character: str) -> bool:
    point = ord(character)
    return point > 0x10FF and not (0x2000 <= point <= 0x200D or 0x2010 <= point <= 0x201F or 0x2032 <= point <= 0x2037)


def _units(text: str) -> int:
    """Those of UTF-16, by which most programs count; of letters no fewer than any other count."""
    return len(text.encode("utf-16-le")) // 2


def _bytes(text: str) -> int:
    """Developers.facebook.com, Threads API: an emoji counts as its bytes in UTF-8."""
    return sum(len(letter.encode()) if ord(letter) > 0xFFFF else 1 for letter in text)


#: GSM 03.38: an SMS of these letters holds 160, of which the last count twice; any other letter leaves room for 70
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
    "^{}\\[~]|€"
)
_TWICE = "^{}\\[~]|€"
_PLAINER = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "})


def _septets(text: str) -> int:
    if _GSM.issuperset(text):
        return len(text) + sum(map(text.count, _TWICE))
    return ceil(_units(text) * 160 / 70)


class Network(NamedTuple):
    name: str
    #: how much it takes, as it counts
    limit: int
    count: Callable[[str], int]
    #: what it counts for an address, however long; 0 for its letters
    link: int = 0
    #: letters that cost too much there, with what takes their places
    plainer: dict[int, str] = {}  # noqa: RUF012  # never changed

    def measure(self, text: str, address: str) -> int:
        """What a text costs that ends in an address."""
        return self.count(text) - self.count(address) + self.link if self.link else self.count(text)


#: what is known of them in 2026, from the longest text to the shortest
NETWORKS = (
    Network("LinkedIn", 3000, _units),
    Network("Facebook", 3000, _units),
    Network("WhatsApp", 3000, _units),
    Network("Mastodon", 500, _seen, link=23),
    Network("Threads", 500, _bytes),
    Network("Bluesky", 300, _seen),
    Network("X", 280, _weighed, link=23),
    Network("SMS", 160, _septets, plainer=_PLAINER),
)


# ---- what is written


class Post(NamedTuple):
    """A text, and the networks that it is for."""

    text: str
    networks: str
    #: what it costs in the network in which least room is left, and what that takes
    cost: int
    limit: int


def posts(title: str, summary: str, address: str) -> list[Post]:
    """A text for each network, those of one text together; none for one that has no room for a word and the address."""
    written = [(write(network, title, summary, address), network) for network in NETWORKS]
    return [
        _post(text, address, [network for _, network in group])
        for text, group in groupby(written, key=itemgetter(0))
        if text
    ]


def _post(text: str, address: str, networks: list[Network]) -> Post:
    costs = [(network.measure(text, address), network.limit) for network in networks]
    return Post(text, ", ".join(network.name for network in networks), *max(costs, key=lambda pair: pair[0] / pair[1]))


def write(network: Network, title: str, summary: str, address: str) -> str:
    """Title, summary and address a line each: whole, else without the last sentences, else cut behind a word."""

    def fits(*parts: str) -> str:
        text = "\n".join([*(part.translate(network.plainer) for part in parts), address])
        return text if network.measure(text, address) <= network.limit else ""

    return (
        fits(title, summary)
        or _longest(partial(fits, title), list(_sentences(summary)))
        or _longest(partial(fits, title), list(_shortened(summary)))
        or fits(title)
        or _longest(fits, list(_shortened(title)))
    )


def _longest(fits: Callable[[str], str], texts: list[str]) -> str:
    """What is written of the longest that fits, of texts from the shortest to the longest."""
    number = bisect_left(texts, True, key=lambda text: not fits(text))
    return fits(texts[number - 1]) if number else ""


def _sentences(text: str) -> Iterator[str]:
    """The first sentence of a text, the first two, and so on."""
    for end in _END.finditer(text):
        if end[0][0] != "." or not _CUT_SHORT.fullmatch(text[: end.start()].rpartition(" ")[2]):
            yield text[: end.end()]


def _shortened(text: str) -> Iterator[str]:
    """The first words of a text, and ever one more; letters where nothing stands between words."""
    parts, between = (text[:_MOST].split(), " ") if " " in text else (_graphemes(text[:_MOST]), "")
    for number in range(_LEAST, len(parts)):
        yield between.join(parts[:number]).rstrip(_LOOSE) + "…"
