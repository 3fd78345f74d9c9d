"""Whether links to the sites of others are alive; what they answered is remembered for some days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pressrun import outputs
from pressrun.build import Desk
from pressrun.faults import Fault
from pressrun.model import Publication
from pressrun.outputs import PRIVATE, Output
from pressrun.proof import reach, rulings
from pressrun.proof.links import House, Spot, typed
from pressrun.proof.reach import Answer
from pressrun.proof.rulings import Finding

DEAD = "link-dead"
#: answers, below outputs/, and for how long they hold
CACHE = f"{PRIVATE}/links.json"
_HOLDS = timedelta(days=3)
#: stands in place of a channel, so that no build removes the file
_NAME = "proof"
#: doors that are closed to machines, and trouble that passes: nothing is known of what is behind them
_CLOSED = frozenset({401, 403, 407, 408, 425, 429, 502, 503, 504})
#: what HTTP knows as an error; some sites answer machines with numbers of their own
_ERRORS = range(300, 600)

Ask = Callable[[Iterable[str]], Iterable[tuple[str, Answer]]]


def prove(desk: Desk, publication: Publication, ask: Ask = reach.ask) -> tuple[list[Finding], list[str]]:
    """Links of articles and site.yaml that are dead, and a sentence for each that could not be checked.

    Asks the network, but nothing of an address that has answered within three days of the publication's instant.
    Raises Refused for a rule in site.yaml that there is not, ValueError while a build is running.
    """
    ruled, site = rulings.read(publication.site), publication.site
    articles = rulings.articles(publication)
    house = House(desk.outputs, site)
    typed_there = {article.slug: list(_elsewhere(typed(article), house)) for article in articles}
    own = (*(line.url for line in site.helplines), *site.links.values())
    settings = list(_elsewhere((Spot(url, site.place, "") for url in own if url), house))
    wanted = {spot.url for spots in (*typed_there.values(), settings) for spot in spots}
    answers = _answers(desk, wanted, publication.now, ask)
    findings = list(ruled.weigh(DEAD, _dead(settings, answers)))
    for article in articles:
        found = ruled.weigh(DEAD, _dead(typed_there[article.slug], answers))
        findings += ruled.excuse(article, [DEAD], found)
    unknown = {url: answer for url, answer in answers.items() if _is_closed(answer) and not _is_wrong(answer, answers)}
    return findings, [f"Could not be checked: {url} ({_said(answer)})." for url, answer in sorted(unknown.items())]


def _elsewhere(spots: Iterable[Spot], house: House) -> Iterator[Spot]:
    """Those that lead to other sites, without the place on a page, each address once."""
    seen: set[str] = set()
    for spot in spots:
        url = spot.url.partition("#")[0]
        if house.page(url) is None and url not in seen:
            seen.add(url)
            yield spot._replace(url=url)


# ---- answers


def _dead(spots: Iterable[Spot], answers: Mapping[str, Answer]) -> Iterator[Fault]:
    for spot in spots:
        answer = answers[spot.url]
        if _is_wrong(answer, answers) or (answer.status in _ERRORS and not _is_closed(answer)):
            problem = f"{spot.url} is dead ({_said(answer)})."
            yield Fault(spot.place, problem, "Look for its new address, or take the link out.", spot.excerpt)


def _is_closed(answer: Answer) -> bool:
    """Nothing is known of what is there."""
    return answer.status in _CLOSED or answer.status not in range(200, 600)


def _is_wrong(answer: Answer, answers: Mapping[str, Answer]) -> bool:
    """The address itself is at fault, unless this machine reaches nobody at all."""
    return answer.wrong and any(other.status for other in answers.values())


def _said(answer: Answer) -> str:
    return answer.why or f"it answers {answer.status}"


# ---- memory


def _answers(desk: Desk, wanted: set[str], now: datetime, ask: Ask) -> dict[str, Answer]:
    """The answer of each address: the remembered one, as long as it holds, or a new one."""
    kept = {url: entry for url, entry in _remembered(desk.outputs / CACHE).items() if _holds(entry, now)}
    asked = dict(ask(sorted(wanted - kept.keys())))
    entries = dict(kept)
    entries |= {url: [answer.status, now.isoformat()] for url, answer in asked.items() if answer.status}
    if asked:
        data = json.dumps(entries, indent=1, sort_keys=True).encode()
        outputs.put(desk.outputs, Output(CACHE, lambda: data, _NAME))
    return asked | {url: Answer(kept[url][0]) for url in wanted & kept.keys()}


def _remembered(file: Path) -> dict[str, Any]:
    """Nothing where that cannot be read: all is asked anew, which harms nobody."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _holds(entry: Any, now: datetime) -> bool:
    try:
        status, when = entry
        return isinstance(status, int) and timedelta() <= now - datetime.fromisoformat(when) <= _HOLDS
    except (ValueError, TypeError):
        return False
