"""Differential testing: every situation evaluated by all matchers, and what they agree on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

from followcue.authoring.verify.agreement import (
    MatcherDifference,
    MatcherRefused,
    Panel,
    agreeing,
    difference,
)
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.match.protocol import MatcherUnavailable, PreparedMatcher
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Document
from followcue.synthesis.plain_data import plain
from followcue.synthesis.sampling.situations import situations
from followcue.synthesis.sampling.variants import neighbours
from followcue.synthesis.shrink import shrunken
from followcue.testing.scenario import Scenario

OF_TESTS, VARIANTS, MADE_UP = "of the tests", "variants of these", "made up"

VARIANTS_EACH = 2
"""How many variants of one situation of the tests are tried, as long as that is not too many in all."""

Data = dict[str, Any]


class Trial(NamedTuple):
    """One situation and where it came from."""

    origin: str
    data: Data


class Disagreement(NamedTuple):
    """A situation of which two matchers say different things: as found, and the smallest of its kind."""

    origin: str
    found: Data
    smallest: Data
    difference: MatcherDifference


class MatcherResult(NamedTuple):
    """What one matcher did: on how many it `agreed`, those it refused by reason, and how long it took."""

    agreed: int
    refused: Counter[str]
    seconds: float


class Verified(NamedTuple):
    """What was tried and came of it.

    `fired` are the rules that fired at least once and `silent` those that did not; `unavailable` says why
    matchers cannot run this pack at all. `out_of_time`: not all that was asked for was tried.
    """

    tried: Counter[str]
    fired: frozenset[str]
    silent: tuple[str, ...]
    matchers: dict[str, MatcherResult]
    unavailable: dict[str, str]
    disagreement: Disagreement | None
    seconds: float
    out_of_time: bool = False

    @property
    def agreed(self) -> bool:
        """Whether at least two matchers answered, and none of them otherwise than the others."""
        return self.disagreement is None and any(share.agreed for share in self.matchers.values())


def prepared(loaded: LoadedPack, names: Sequence[str]) -> tuple[dict[str, PreparedMatcher], dict[str, str]]:
    """The matchers of those names that can run the pack, and of the others the reason why not."""
    ready: dict[str, PreparedMatcher] = {}
    reasons: dict[str, str] = {}
    for name in names:
        try:
            ready[name] = loaded.matcher(name)
        except MatcherUnavailable as problem:
            reasons[name] = str(problem)
    return ready, reasons


def trials(loaded: LoadedPack, scenarios: Iterable[Scenario], count: int, seed: int) -> Iterator[Trial]:
    """The situations of the tests, each once, then `count` others: variants of them and made-up ones."""
    own = _own(scenarios)
    yield from (Trial(OF_TESTS, data) for data in own)
    others: list[Iterator[Trial]] = [(Trial(MADE_UP, data) for data in situations(loaded, seed))]
    if own:
        others.insert(0, _variants(loaded, own, count, seed))
    turns = 0
    while turns < count and others:
        source = others[turns % len(others)]
        found = next(source, None)
        if found is None:
            others.remove(source)
        else:
            turns += 1
            yield found


def verify(
    loaded: LoadedPack,
    tried: Iterable[Trial],
    matchers: dict[str, PreparedMatcher],
    unavailable: dict[str, str] | None = None,
    *,
    seconds: float | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Verified:
    """Puts every trial to all matchers and stops at the first that they disagree on, or when time is up."""
    return _VerifyRun(Panel(loaded, matchers)).run(tried, unavailable or {}, seconds, progress)


class _VerifyRun:
    """Counts while the trials are put to the matchers."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._tried: Counter[str] = Counter()
        self._fired: set[int] = set()
        self._agreed: Counter[str] = Counter()
        self._refused: dict[str, Counter[str]] = {name: Counter() for name in panel.names}

    def run(
        self,
        tried: Iterable[Trial],
        unavailable: dict[str, str],
        seconds: float | None,
        progress: Callable[[int], None],
    ) -> Verified:
        start = perf_counter()
        found: Disagreement | None = None
        late = False
        for number, trial in enumerate(tried):
            late = seconds is not None and perf_counter() - start > seconds
            if late:
                break
            progress(number)
            found = self._put(trial)
            if found:
                break
        return self._verified(unavailable, found, perf_counter() - start, late)

    def _put(self, trial: Trial) -> Disagreement | None:
        panel = self._panel
        answers = panel.answers(_read(panel.loaded, trial.data))
        self._tried[trial.origin] += 1
        for name, answer in answers.items():
            if isinstance(answer, MatcherRefused):
                self._refused[name][answer.reason] += 1
            else:
                self._fired.update(clause for clause, *_ in answer.firings)
        differing = difference(answers)
        if differing is None:
            self._agreed.update(agreeing(answers))
            return None
        return _shrink(panel, trial, differing)

    def _verified(
        self, unavailable: dict[str, str], found: Disagreement | None, seconds: float, late: bool
    ) -> Verified:
        panel = self._panel
        clauses = panel.loaded.pack.clauses
        fired = {clauses[number].rule for number in self._fired}
        shares = {
            name: MatcherResult(self._agreed[name], self._refused[name], panel.seconds[name])
            for name in panel.names
        }
        return Verified(
            tried=self._tried,
            fired=frozenset(fired),
            silent=tuple(sorted({clause.rule for clause in clauses} - fired)),
            matchers=shares,
            unavailable=unavailable,
            disagreement=found,
            seconds=seconds,
            out_of_time=late,
        )


def _shrink(panel: Panel, trial: Trial, differing: MatcherDifference) -> Disagreement:
    """The smallest situation found in which the same two matchers differ."""
    two = panel.only(differing.other, differing.matcher)

    def differ(data: Data) -> MatcherDifference | None:
        try:
            return difference(two.answers(_read(panel.loaded, data)))
        except InvalidInput:
            return None

    smallest = shrunken(trial.data, lambda data: differ(data) is not None)
    return Disagreement(trial.origin, trial.data, smallest, differ(smallest) or differing)


# --- situations
def _own(scenarios: Iterable[Scenario]) -> list[Data]:
    found: dict[str, Data] = {}
    for check in (check for scenario in scenarios for check in scenario.checks):
        data = plain(check.situation)
        found.setdefault(json.dumps(data, default=str), data)
    return list(found.values())


def _variants(loaded: LoadedPack, own: Sequence[Data], count: int, seed: int) -> Iterator[Trial]:
    """Variants of the situations of the tests, of those in turn that chance puts first."""
    choose = Random(seed)
    order = choose.sample(own, len(own))
    each = max(VARIANTS_EACH, -(-count // len(own)))
    return (Trial(VARIANTS, data) for base in order for data in neighbours(loaded, base, choose, each))


def _read(loaded: LoadedPack, data: Data) -> Any:
    return loaded.reader.read(Document.of(data), today=_no_day)


def _no_day(zone: str | None) -> date:
    """Every situation that is tried says which day it is; one that was shrunken wrongly is no situation."""
    raise InvalidInput(())
