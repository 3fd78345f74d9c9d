"""Publishing: what is due goes live, is looked at there, and only then told of.

Each step asks the ledger what is done already and writes down what it has done, so that a run which was ended anywhere
is continued by the next one, and a second one has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from pressrun import build, disk, lock, outputs, publishing
from pressrun.build import EVERYTHING, Desk, Result, Scope
from pressrun.channels import feed, handout, newsletter, web
from pressrun.content import Content
from pressrun.model import Article, states
from pressrun.outputs import LIVE, PRIVATE, Occupied, Output, digest
from pressrun.proof import rulings
from pressrun.proof import run as proofs
from pressrun.publishing import approving, fetching, ledger, letters, status, targets
from pressrun.publishing.ledger import Entry, Key
from pressrun.publishing.letters import Due
from pressrun.publishing.targets import Target, Undelivered

#: seconds in which the live site must show what it was given
_PATIENCE = 120
#: where handouts and their thumbnails are
_PAPER = (handout.NAME, f"{handout.NAME}/thumbnails")
#: how far the clock may be behind the last run
_BEHIND = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks for."""

    desk: Desk
    now: datetime
    environment: Mapping[str, str]
    #: the time of whatever comes after the build
    clock: Callable[[], datetime]
    #: the target of site.yaml, if not the first
    target: str = ""
    #: build, prove and say what would be done, and give nothing out
    rehearsal: bool = False
    #: how outputs are made
    scope: Scope = EVERYTHING


@dataclass(slots=True)
class Account:
    """How a run went: sentences, told as they come, and those that fail it."""

    tell: Callable[[str], None]
    problems: list[str] = field(default_factory=list)
    #: articles and issues whose letters are not as they should be
    unfit: set[str] = field(default_factory=set)
    #: how much went out: pages, entries, letters
    done: int = 0

    def fail(self, problem: str) -> None:
        self.problems.append(problem)
        self.tell(problem)


class Page(NamedTuple):
    """An article on the live site, with all that is served of it."""

    article: Article
    key: Key
    #: by their paths on the site
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the ledger does not know to be done."""

    pages: tuple[Page, ...]
    entries: tuple[tuple[Article, Key], ...]
    letters: tuple[Due, ...]
    #: issues whose hour is long past
    late: tuple[Due, ...]
    #: what the target has of articles that are not out any more
    gone: tuple[Key, ...]

    def lines(self) -> Iterator[str]:
        yield from (f"Page: /{page.article.slug}/ with {len(page.files) - 1} more files" for page in self.pages)
        yield from (f"Feed: {article.slug}" for article, _ in self.entries)
        yield from (f"Newsletter: {one.issue.name} to the list '{one.list}'" for one in self.letters)
        yield from map(_late, self.late)
        yield from (f"Off the site: {key.id}" for key in self.gone)


def _late(one: Due) -> str:
    return (
        f"The newsletter '{one.issue.name}' is held: its hour was {one.at:%Y-%m-%d %H:%M %Z}, long past. Send it"
        f" all the same: ./inv newsletter.send {one.issue.name} --list {one.list}"
    )


def publish(order: Order, tell: Callable[[str], None]) -> Account:
    """Builds, proves, uploads, looks, and then tells of it; or says of each thing why not.

    Raises Refused for a site at fault, ValueError where nothing can be done at all, Occupied while another run is
    publishing, ModuleNotFoundError for an extra that is not installed.
    """
    account = Account(tell)
    with _alone(order.desk):
        result = build.build(order.desk, order.now, order.scope)
        sound = _judge(order, result, account)
        settings = result.content.publication.site.settings
        if sound and not settings.get("targets"):
            tell(
                "Nothing was uploaded: site.yaml names no target. Upload outputs/web/ by hand, or write, for example:"
                " targets: {live: {folder: /srv/www/example}}"
            )
        elif sound:
            _Run(order, result, account).carry_out()
    url = settings.get("heartbeat_url", "")
    if url and not (order.rehearsal or account.problems) and (problem := status.call(url)):
        tell(f"{url} could not be called: {problem}")
    return account


@contextmanager
def _alone(desk: Desk) -> Iterator[None]:
    """Nobody else publishes from this desk meanwhile. Raises Occupied."""
    path = desk.outputs / PRIVATE / "publishing"
    with disk.plainly(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with lock.held(path):
            yield
    except lock.Busy:
        raise Occupied("Another run is publishing from here just now. This one did nothing.") from None


def _judge(order: Order, result: Result, account: Account) -> bool:
    """Tells what is not as it should be; whether the rest may go out."""
    found = result.content
    for fault in result.faults:
        account.fail(str(fault))
    for piece in approving.unapproved(found):
        name = piece.slug if isinstance(piece, Article) else piece.name
        if piece.date <= found.publication.now:
            taken = isinstance(piece, Article) and piece.withdrawn
            what = "to be withdrawn, and nobody has approved that" if taken else "due, and nobody has approved its text"
            account.fail(f"'{name}' is {what}: ./inv publish.approve {name} --as NAME")
            for line in approving.changes(order.desk, found, piece):
                account.tell(line)
    made = cache(lambda: {f"outputs/{one.path}": one for one in build.declare(order.desk, found, []).all()})
    sound = True
    for error in _errors(order, found, account):
        if error not in result.faults:
            path = str(getattr(error, "file", "") or getattr(error, "output", "")).partition(", ")[0]
            sound &= not _harms_readers(error, made().get(path), account)
    if not sound:
        account.tell("Nothing was uploaded, since outputs/ are not as they should be.")
    return sound


def _errors(order: Order, found: Content, account: Account) -> Iterator[object]:
    """What proofs find wrong with what is out, and what waits there for its words; all else is only told."""
    held, issues = found.publication.held, found.publication.held_issues
    coming = {piece.place.path for piece in held} | {issue.place.path for issue in issues}
    for verdict in proofs.everything(proofs.Wish(order.desk, order.now)):
        for finding in verdict.findings:
            typed, rule = (finding.place.path, finding.rule) if isinstance(finding, rulings.Finding) else ("", "")
            wrong = rule == "placeholder" or finding in verdict.errors
            if wrong and typed in coming:
                account.tell(str(finding))
            elif wrong:
                yield finding
        for lacking in verdict.lacking:
            account.tell(lacking)


def _harms_readers(error: object, about: Output | None, account: Account) -> bool:
    """Tells of an error; whether the site cannot go out with it, for it is not about a letter or a print shop alone."""
    if about and about.channel == newsletter.NAME and not about.live:
        account.unfit.add(about.article)
        account.tell(str(error))
        return False
    account.fail(str(error))
    edition = about and handout.EDITIONS.get(about.path.removesuffix(".pdf").rpartition("-")[2])
    return not (edition and edition.press)


class _Run:
    """One run against one target."""

    def __init__(self, order: Order, result: Result, account: Account) -> None:
        self._order, self._account = order, account
        self._faulty = result.content.faulty
        self._found = result.content
        self._publication = result.content.publication
        self._site = self._publication.site
        self._settings: Mapping[str, int] = self._site.settings.get("publish", {})
        self._book = ledger.opened(order.desk.content, self._site, order.environment)
        self._by = ledger.whoever(order.environment)
        self._name = targets.chosen(self._site, order.target)
        self._folder = order.desk.outputs / LIVE

    def carry_out(self) -> None:
        """Raises ValueError when nothing can be done."""
        plan = self._fit(planned(self._order.desk, self._found, self._book.entries(), self._name))
        if self._order.rehearsal:
            for line in tuple(plan.lines()) or ("Nothing new.",):
                self._account.tell(line)
            return
        with targets.open_target(self._order.desk, self._site, self._name, self._order.environment) as target:
            last = self._last(target)
            if last and last.at - self._order.now > _BEHIND:
                self._account.fail(
                    f"The clock says {self._order.now:%Y-%m-%d %H:%M %Z}, and the last run ended at"
                    f" {last.at:%Y-%m-%d %H:%M %Z}. Nothing is published before the clock is right. If it is"
                    f" right now, and was wrong then, remove {status.PATH} from '{self._name}'."
                )
                return
            for line in status.missed(last, self._publication, self._order.now, self._settings.get("every", 0)):
                self._account.tell(line)
            try:
                self._deliver(plan, target)
            except BaseException as error:
                self._account.problems.append(str(error))  # whoever started it is told; the word must not say "well"
                raise
            finally:
                self._leave_word(target, last)

    def _fit(self, plan: Plan) -> Plan:
        """Without the letters that are not as they should be, each of which is told."""
        unfit = [one for one in plan.letters if one.issue.name in self._account.unfit]
        for one in unfit:
            self._account.fail(f"The newsletter '{one.issue.name}' is held until what its proof says above is mended.")
        return replace(plan, letters=tuple(one for one in plan.letters if one not in unfit))

    def _deliver(self, plan: Plan, target: Target) -> None:
        sent = target.release(self._folder, self._waits)
        if sent.files or sent.removed:
            size = f"{sent.files} file{'s' * (sent.files != 1)}, {sent.bytes / 1000:.0f} kB"
            self._account.tell(f"Uploaded {size} to '{self._name}'; removed {sent.removed}.")
        wrong = self._look(plan, target)
        self._list(plan, target, wrong)
        self._post(plan, wrong)
        if self._site.settings.get(feed.NAME, {}).get("hub"):
            for line in publishing.announce(self._order.desk):
                self._account.tell(line)
        if not self._faulty:  # what is on paper now is answered for ever
            publishing.give_out(self._order.desk, self._order.now)
            publishing.keep_anchors(self._order.desk, self._order.now)

    def _waits(self, path: str) -> bool:
        """Whether a path of the site must stay as it is: what tells of others, and articles that could not be read."""
        return self._tells(path) or any(
            path.startswith((f"{slug}/", *(f"{paper}/{slug}-" for paper in _PAPER), f"{newsletter.NAME}/{slug}/"))
            for slug in self._faulty
        )

    def _tells(self, path: str) -> bool:
        return path == status.PATH or path.startswith(f"{feed.NAME}/")

    def _look(self, plan: Plan, target: Target) -> frozenset[str]:
        """Slugs of the articles that readers do not find as they were made."""
        files = {path: file for page in plan.pages for path, file in page.files.items()}
        why = {found.path: found.why for found in fetching.compared(files, target.read, self._patience)}
        for path, reason in why.items():
            self._account.fail(f"{self._site.url(path)} is not live: {reason}. What tells of it is held back.")
        for page in plan.pages:
            if not why.keys() & page.files.keys():
                self._note(page.key, ledger.VERIFIED)
        for key in plan.gone:
            self._account.tell(f"'{key.id}' was taken off the site.")
            self._note(key, ledger.TAKEN_OFF, done=0)
        return frozenset(page.article.slug for page in plan.pages if why.keys() & page.files.keys())

    @property
    def _patience(self) -> float:
        return self._settings.get("patience", _PATIENCE)

    def _list(self, plan: Plan, target: Target, wrong: frozenset[str]) -> None:
        """The feeds go live, if all that they tell of is there."""
        if wrong:
            self._account.fail(f"The feeds are held back until these are live: {', '.join(sorted(wrong))}.")
            return
        target.complete(self._folder, lambda path: path.startswith(f"{feed.NAME}/"))
        files = {path.removeprefix(f"{LIVE}/"): self._order.desk.outputs / path for path in feed.MAIN}
        there = {path: file for path, file in files.items() if plan.entries and file.is_file()}
        for found in fetching.compared(there, target.read, self._patience):
            self._account.fail(f"{self._site.url(found.path)} is not live: {found.why}.")
            return
        for _, key in plan.entries:
            self._note(key, ledger.LISTED)

    def _post(self, plan: Plan, wrong: frozenset[str]) -> None:
        for one in plan.late:
            self._account.fail(_late(one))
            self._note(one.key, ledger.HELD)
        for one in plan.letters:
            if missing := wrong & {entry.slug for entry in one.issue.entries}:
                self._account.fail(
                    f"The newsletter '{one.issue.name}' is held until live: {', '.join(sorted(missing))}."
                )
                continue
            begin = partial(self._note, one.key, ledger.BEGUN, done=0)
            fate = letters.send(self._order.desk, one, self._order.environment, self._order.clock, begin)
            (self._account.fail if fate.wrong else self._account.tell)(fate.told)
            if fate.event:
                self._note(one.key, fate.event, said=fate.told)

    def _note(self, key: Key, event: str, *, done: int = 1, **detail: str) -> None:
        entry = Entry(key=key, event=event, at=self._order.clock(), by=self._by, detail=detail)
        self._account.done += done * len(self._book.append(entry))

    def _last(self, target: Target) -> status.Status | None:
        try:
            return status.decoded(target.read(status.PATH))
        except Undelivered:
            return None

    def _leave_word(self, target: Target, last: status.Status | None) -> None:
        """What watchers find at /status.json; a target that does not take it has said why."""
        at = self._order.clock()
        coming = [when for when in build.moments(self._found) if when > at]
        word = status.Status(
            at, len(self._publication.live(web.NAME)), len(self._account.problems), min(coming, default=None)
        )
        # Who counts the runs needs a word of each.
        if self._account.done or self._settings.get("every") or not word.says_the_same(last):
            outputs.put(self._order.desk.outputs, Output(f"{LIVE}/{status.PATH}", word.encoded, publishing.CHANNEL))
            target.complete(self._folder, lambda path: path == status.PATH)


def planned(desk: Desk, found: Content, known: list[Entry], target: str) -> Plan:
    """What is to be done for a target, of what was built; decides by the ledger's entries alone."""
    publication = found.publication
    there = ledger.present(known)
    served = _served(desk, found)
    pages = [
        Page(article, key, served[article.slug])
        for article in publication.on(web.NAME)
        if (ledger.VERIFIED, key := _key(found, article, web.NAME, target)) not in there and article.slug in served
    ]
    entries = [
        (article, key)
        for article in publication.live(feed.NAME)
        if (ledger.LISTED, key := _key(found, article, feed.NAME, target)) not in there
    ]
    hours = publication.site.settings.get("publish", {}).get("late", letters.LATE)
    settled = {entry.key._replace(hash="") for entry in known if entry.event in letters.SETTLED}
    begun = {entry.key._replace(hash="") for entry in known if entry.event == ledger.BEGUN}
    due = [one for one in letters.due(publication) if one.key not in settled]
    late = [one for one in due if one.late(publication.now, hours) and one.key not in begun]
    out = {article.id for article in publication.on(web.NAME)}
    gone = [
        key._replace(hash="") for event, key in there
        if event == ledger.VERIFIED and (key.channel, key.audience) == (web.NAME, target) and key.id not in out
    ]  # fmt: skip
    return Plan(
        tuple(pages), tuple(entries), tuple(one for one in due if one not in late), tuple(late),
        tuple(sorted(gone)) if not found.faulty else (),
    )  # fmt: skip


def _key(found: Content, article: Article, channel: str, target: str) -> Key:
    """A text, and whether it still stands: a notice in its place is something else."""
    text, state = found.texts.hash(article), found.publication.state(article)
    return Key(article.id, channel, target, digest(state, text) if state in states.GONE else text)


def _served(desk: Desk, found: Content) -> dict[str, dict[str, Path]]:
    """The files of each article on the live site: its page, handouts and newsletter."""
    served: dict[str, dict[str, Path]] = {}
    for output in build.declare(desk, found, []).all():
        path = output.live or (output.path.removeprefix(f"{LIVE}/") if output.path.startswith(f"{LIVE}/") else "")
        file = desk.outputs / LIVE / path
        if output.article and path and file.is_file():
            served.setdefault(output.article, {})[path] = file
    return served


def told(desk: Desk, now: datetime, environment: Mapping[str, str], name: str) -> tuple[list[str], bool]:
    """How the last run for a target went and which did not happen, as the live site tells it; whether all is well."""
    publication = build.read(desk, now).publication
    site = publication.site
    with targets.open_target(desk, site, name, environment) as target:
        last = status.decoded(target.read(status.PATH))
    if last is None:
        return [f"{site.url(status.PATH)} tells of no run yet."], False
    missed = list(status.missed(last, publication, publication.now, site.settings.get("publish", {}).get("every", 0)))
    return [last.told(), *missed], not (last.problems or missed)
