"""Lays the passages of an article beside the words of an output, and says where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from pressrun.proof.parity.chain import Run, Text, chained
from pressrun.proof.parity.difference import ADDED, CHANGED, MISSING, MOVED
from pressrun.proof.parity.furniture import Phrases
from pressrun.proof.parity.passages import Passage, Wanted
from pressrun.proof.parity.reading import Reading
from pressrun.proof.parity.tokens import tokens

#: of a passage's words, so many must stand there for it to be the same passage; or so many in a row
_SAME = 0.5
_ROW = 5
#: words that a template may add by itself, around the body: a mark, a unit, an initial
_FEW = 2
#: a longer number is no mark of an item, and no page number
_LONGEST_MARK = 3


#: what to do, with which words, into which
Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Deviation:
    """A difference of words, without what all differences of an output have."""

    passage: Passage
    kind: str
    expected: str = ""
    found: str = ""


@dataclass
class Alignment:
    """What of an output is which passage."""

    reading: Reading
    wanted: Wanted
    #: the output is about this article alone
    alone: bool = True
    #: the words that belong to no passage, as one text
    rest: str = ""
    #: where passages stand, by their number in `wanted`; those whose words differ a little are among them
    body: dict[int, Run] = field(default_factory=dict)
    around: dict[int, Run] = field(default_factory=dict)
    deviations: list[Deviation] = field(default_factory=list)


def align(reading: Reading, wanted: Wanted, within: Phrases, beside: Phrases, *, alone: bool) -> Alignment:
    """`within` may stand between passages of the body, `beside` around it as well.

    What stands around the passages of an article that is not alone in its output may be another article's.
    """
    aligner = _Aligner(Alignment(reading, wanted, alone), within, beside)
    aligner.pin()
    aligner.claim()
    aligner.compare()
    aligner.look_beside()
    aligner.leave()
    return aligner.made


class _Aligner:
    def __init__(self, made: Alignment, within: Phrases, beside: Phrases) -> None:
        self.made, reading = made, made.reading
        self._tokens = reading.tokens
        self._text = Text(reading.tokens, cut=reading.cut)
        self._within, self._beside = within, beside
        #: words that belong to a passage
        self._taken = bytearray(len(reading.tokens))
        self._unknown: dict[Phrases, set[int]] = {}

    # ---- what stands there word for word

    def pin(self) -> None:
        """The body, in its order."""
        body = self.made.wanted.body
        self.made.body = chained(self._text, len(self._tokens), [passage.tokens for passage in body])
        for run in self.made.body.values():
            self._take(run)

    def claim(self) -> None:
        """What stands around it, the longest first, so that a number is not looked for in a name."""
        around = self.made.wanted.around
        first, last = self._body()
        for number in sorted(range(len(around)), key=lambda number: -len(around[number].tokens)):
            passage = around[number]
            found = (run for words in (passage.tokens, tokens(passage.joined)) for run in self._text.find(words))
            free = [run for run in found if self._is_free(run)]
            if free:
                outside = [run for run in free if not first <= run.start < last] or free
                headings = [run for run in outside if passage.level and self._is_heading(run)]
                self.made.around[number] = (headings or outside)[0]
                self._take(self.made.around[number])

    def _is_heading(self, run: Run) -> bool:
        spans = self.made.reading.headings or ()
        return any(span.start <= run.start and run.end <= span.end for span in spans)

    def _body(self) -> Run:
        runs = self.made.body.values()
        return Run(min((run.start for run in runs), default=0), max((run.end for run in runs), default=0))

    def _take(self, run: Run) -> None:
        self._taken[run.start : run.end] = b"\1" * (run.end - run.start)

    def _is_free(self, run: Run) -> bool:
        return not any(self._taken[run.start : run.end])

    # ---- what does not

    def compare(self) -> None:
        """The passages that are not there word for word, each with what stands in its place."""
        pinned = dict(self.made.body)
        body = self.made.wanted.body
        at = 0
        while at < len(body):
            if at in pinned:
                at += 1
                continue
            end = next((number for number in range(at, len(body)) if number in pinned), len(body))
            start, stop = self._edges(at, end, pinned)
            free = [place for place in range(start, stop) if not self._taken[place]]
            outside = at == 0 or end == len(body)
            self._compare(range(at, end), free, self._beside if outside else self._within)
            at = end
        for number, passage in enumerate(self.made.wanted.around):
            if number not in self.made.around and passage.tokens:
                self._seek(number, passage)

    def _edges(self, first: int, end: int, pinned: dict[int, Run]) -> Run:
        """Between which words the passages `first` to before `end` must stand."""
        start = pinned[first - 1].end if first else 0
        stop = pinned[end].start if end in pinned else len(self._tokens)
        return Run(start, stop)

    def _compare(self, numbers: range, free: list[int], known: Phrases) -> None:
        body = self.made.wanted.body
        wanted = [token for number in numbers for token in body[number].tokens]
        matcher = SequenceMatcher(None, wanted, [self._tokens[place] for place in free], autojunk=False)
        steps = matcher.get_opcodes()
        start = 0
        for number in numbers:
            passage = body[number]
            part = _cut(steps, wanted, start, start + len(passage.tokens))
            self._judge(number, passage, part, free, known)
            start += len(passage.tokens)

    def _judge(self, number: int, passage: Passage, steps: list[_Step], free: list[int], known: Phrases) -> None:
        """One passage, by the steps that make its words into those that stand in its place."""
        places = [place for step in steps if step.same for place in free[step.start : step.end]]
        if not (_is_like(passage, steps) or self._is_cut_alone(steps, free)):
            self._lose(number, passage, steps, free, known)
            return
        places = places or [place for step in steps for place in free[step.start : step.end]]
        run = Run(places[0], places[-1] + 1)
        self.made.body[number] = run
        inside = [step for step in steps if not step.same]
        self._differ(passage, inside, free, run, known)
        self._take(run)

    def _lose(self, number: int, passage: Passage, steps: list[_Step], free: list[int], known: Phrases) -> None:
        """A passage that does not stand in its place: it stands elsewhere, or other words in its place, or nothing."""
        elsewhere = next(filter(self._is_free, self._text.find(passage.tokens)), None)
        places = [place for step in steps for place in free[step.start : step.end]]
        strange = self._strange(known)
        unknown = [place for place in places if place in strange and not self._is_mark(place)]
        if elsewhere:
            self.made.body[number] = elsewhere
            self._take(elsewhere)
            self._note(passage, MOVED, passage.words)
        elif len(unknown) >= _SAME * len(passage.tokens):
            self.made.body[number] = Run(unknown[0], unknown[-1] + 1)
            self._take(self.made.body[number])
            self._note(passage, CHANGED, passage.words, self.made.reading.quote(unknown))
        else:
            self._note(passage, MISSING, passage.words)

    def _is_cut_alone(self, steps: list[_Step], free: list[int]) -> bool:
        found = self._letters(place for step in steps for place in free[step.start : step.end])
        return self.made.reading.cut and found == "".join(token for step in steps for token in step.wanted)

    def _differ(self, passage: Passage, steps: list[_Step], free: list[int], run: Run, known: Phrases) -> None:
        lost: list[str] = []
        other: list[int] = []
        strange = self._strange(known)
        for step in steps:
            places = [place for place in free[step.start : step.end] if step.wanted or run.start <= place < run.end]
            if self.made.reading.cut and self._letters(places) == "".join(step.wanted):
                continue
            may_mark = self._may_mark(step)
            other += [place for place in places if place in strange and not (may_mark and self._is_mark(place))]
            if step.wanted:
                lost.append(passage.quote(step.at, step.at + len(step.wanted)))
        if lost or other:
            kind = CHANGED if lost and other else MISSING if lost else ADDED
            self._note(passage, kind, " … ".join(lost), self.made.reading.quote(other))

    def _letters(self, places: Iterable[int]) -> str:
        return "".join(self._tokens[place] for place in places)

    def _is_mark(self, place: int) -> bool:
        """A number before an item or at the foot of a page."""
        token = self._tokens[place]
        return token.isdigit() and len(token) <= _LONGEST_MARK

    def _strange(self, known: Phrases) -> set[int]:
        """The words of the whole output that none of some phrases explains."""
        if known not in self._unknown:
            runs = known.unknown(self._tokens)
            self._unknown[known] = {place for start, end in runs for place in range(start, end)}
        return self._unknown[known]

    def _may_mark(self, step: _Step) -> bool:
        """Whether a number there may be that of an item or a page: one in place of a number is not."""
        if not step.wanted:
            return self.made.reading.furnished
        return not any(map(str.isdigit, step.wanted))

    def _seek(self, number: int, passage: Passage) -> None:
        """A passage around the body that is not there word for word: what is most like it."""
        free = [place for place in range(len(self._tokens)) if not self._taken[place]]
        matcher = SequenceMatcher(None, passage.tokens, [self._tokens[place] for place in free], autojunk=False)
        most = matcher.find_longest_match()
        window = free[max(most.b - most.a, 0) : most.b - most.a + len(passage.tokens) + _FEW]
        found = SequenceMatcher(None, passage.tokens, [self._tokens[place] for place in window], autojunk=False)
        steps = _cut(found.get_opcodes(), passage.tokens, 0, len(passage.tokens))
        places = [place for step in steps if step.same for place in window[step.start : step.end]]
        if not _is_like(passage, steps):
            self._note(passage, MISSING, passage.words)
            return
        run = Run(places[0], places[-1] + 1)
        self.made.around[number] = run
        last = steps[-1]
        if last.wanted and not last.same:  # what stands in place of its last words
            strange = self._strange(self._beside)
            tail = [place + 1 for place in window[last.start : last.end] if place in strange]
            run = Run(run.start, max([run.end, *tail]))
        self._differ(passage, [step for step in steps if not step.same], window, run, self._beside)
        self._take(run)

    def _note(self, passage: Passage, kind: str, expected: str = "", found: str = "") -> None:
        self.made.deviations.append(Deviation(passage, kind, expected, found))

    # ---- what nobody wrote

    def look_beside(self) -> None:
        """What stands between and around the passages and belongs to none of them."""
        order = sorted((run, number) for number, run in self.made.body.items())
        if not order:
            return
        edges = [0, *(run.start for run, _ in order), len(self._tokens)]
        for place, (start, end) in enumerate(pairwise(edges)):
            outside = place in {0, len(order)}
            if outside and not self.made.alone:
                continue
            passage = self.made.wanted.body[order[max(place - 1, 0)][1]]
            self._report(passage, start, end, outside=outside)

    def leave(self) -> None:
        """The words that are left over, a gap in place of a passage."""
        gap = "" if self.made.reading.cut else " "
        words = ("\0" if taken else token for token, taken in zip(self._tokens, self._taken, strict=True))
        self.made.rest = gap + gap.join(words) + gap

    def _report(self, passage: Passage, start: int, end: int, *, outside: bool) -> None:
        # The words of a date for machines are judged with it.
        dated = {place for span in self.made.reading.times for place in range(span.start, span.end)}
        free = [place for place in range(start, end) if not self._taken[place] and place not in dated]
        phrases = self._beside if outside else self._within
        for first, last in _joined(phrases.unknown([self._tokens[place] for place in free])):
            places = [place for place in free[first:last] if not self._is_mark(place)]
            if self.made.reading.cut and phrases.has_letters([self._tokens[place] for place in free[first:last]]):
                continue
            if len(places) > (_FEW if outside else 0):
                self._note(passage, ADDED, found=self.made.reading.quote(places))


@dataclass(frozen=True)
class _Step:
    """Some words of a passage, and what stands in their place: free words from `start` to before `end`."""

    same: bool
    wanted: tuple[str, ...]
    start: int
    end: int
    #: which word of the passage is the first
    at: int


def _cut(steps: Sequence[Opcode], wanted: Sequence[str], first: int, last: int) -> list[_Step]:
    """The steps of words from `first` to before `last`; what is put in between two passages belongs to none."""
    found = []
    for step, start, end, left, right in steps:
        low, high = max(start, first), min(end, last)
        if low < high and step == "equal":
            found.append(_Step(True, tuple(wanted[low:high]), left + low - start, left + high - start, low - first))
        elif low < high:  # a step over several passages is shared out
            share = (right - left) / (end - start)
            places = left + round((low - start) * share), left + round((high - start) * share)
            found.append(_Step(False, tuple(wanted[low:high]), *places, low - first))
        elif step == "insert" and first < start < last:
            found.append(_Step(False, (), left, right, start - first))
    return found


def _is_like(passage: Passage, steps: list[_Step]) -> bool:
    """Whether enough of a passage stands there to be the same passage: half of its words, or some in a row."""
    same = [len(step.wanted) for step in steps if step.same]
    return sum(same) >= _SAME * len(passage.tokens) or max(same, default=0) >= _ROW


def _joined(runs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of unknown words with a known one between them as one: a sentence has such words too."""
    found: list[tuple[int, int]] = []
    for start, end in runs:
        if found and start - found[-1][1] <= 1:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
