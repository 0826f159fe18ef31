"""Mutation: which small changes of the rules no test would notice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import LoadedPack
from followcue.testing.mutation.mutants import Mutant
from followcue.testing.mutation.trial import TrialGround, Trials, ground_of
from followcue.testing.run import Outcome, exercised_rules, outcome_of, result_of
from followcue.testing.scenario import Scenario

Progress: TypeAlias = Callable[[], None]
"""Called once for every scenario that was tried."""


class Grounded(NamedTuple):
    """A scenario, each of its checks with all that is derived in it, and what usually comes of it."""

    scenario: Scenario
    grounds: tuple[TrialGround, ...]
    outcomes: tuple[Outcome, ...]
    about: frozenset[str]


class _Suspicion(NamedTuple):
    """A check in which a mutant derives other rows than its rule."""

    place: int
    instead: Sequence[Derivation]


def grounded(loaded: LoadedPack, scenario: Scenario) -> Grounded:
    """The scenario, run; `about` are the rules whose mutants it is the first to notice."""
    grounds = tuple(ground_of(loaded, check.situation) for check in scenario.checks)
    outcomes = tuple(
        outcome_of(check, ground.report, ground.by_rule, loaded.pack)
        for check, ground in zip(scenario.checks, grounds, strict=True)
    )
    expected = {rule for outcome in outcomes for action in outcome.expected for rule in action.rules}
    expected |= {rule for outcome in outcomes for one in outcome.concluded for rule in one.rules}
    claimed = set(scenario.rules) & exercised_rules(outcomes)
    return Grounded(scenario, grounds, outcomes, frozenset(expected | claimed))


def noticed_by(
    loaded: LoadedPack,
    tests: Sequence[Grounded],
    mutants: Sequence[Mutant],
    progress: Progress = lambda: None,
) -> tuple[str | None, ...]:
    """For each mutant a scenario that fails with it, None where all would go on passing."""
    by = {number: test.scenario.id for number, test in noticing(loaded, tests, mutants, progress)}
    return tuple(by.get(number) for number in range(len(mutants)))


def noticing(
    loaded: LoadedPack,
    tests: Sequence[Grounded],
    mutants: Sequence[Mutant],
    progress: Progress = lambda: None,
) -> Iterator[tuple[int, Grounded]]:
    """The number of each mutant that some scenario notices, as soon as one does, and that scenario.

    First those scenarios are tried that are about the rule, then, with what is left, all others.
    """
    left = dict(enumerate(mutants))
    for near in (True, False):
        for number, test in _try(loaded, tests, dict(left), progress, near=near):
            del left[number]
            yield number, test


def _try(
    loaded: LoadedPack,
    tests: Sequence[Grounded],
    numbered: Mapping[int, Mutant],
    progress: Progress,
    *,
    near: bool,
) -> Iterator[tuple[int, Grounded]]:
    """Try the mutants in every scenario that is about their rules (`near`), or in every other one."""
    numbers, mutants = list(numbered), list(numbered.values())
    trials = Trials(loaded, mutants)
    left = set(range(len(mutants)))
    for test in tests:
        progress()
        wanted = {n for n in left if (mutants[n].rule in test.about) == near}
        if wanted:
            for n in _Tried(loaded, trials, test).noticed(wanted):
                left.discard(n)
                yield numbers[n], test


class _Tried:
    """One scenario, tried with mutants."""

    def __init__(self, loaded: LoadedPack, trials: Trials, test: Grounded) -> None:
        self._pack = loaded.pack
        self._trials = trials
        self._test = test
        self._known: dict[tuple[object, ...], Outcome] = {}

    def noticed(self, wanted: Collection[int]) -> Iterator[int]:
        """Those of the mutants with which the scenario fails."""
        suspicions: dict[int, list[_Suspicion]] = {}
        for place, ground in enumerate(self._test.grounds):
            for number, instead in self._trials.found(ground, wanted).items():
                suspicions.setdefault(number, []).append(_Suspicion(place, instead))
        return (number for number, seen in sorted(suspicions.items()) if self._fails(number, seen))

    def _fails(self, number: int, seen: Iterable[_Suspicion]) -> bool:
        outcomes = list(self._test.outcomes)
        for suspicion in seen:
            try:
                outcome = self._outcome(number, suspicion)
            except LimitExceeded:
                return True
            if outcome.misses:
                return True
            outcomes[suspicion.place] = outcome
        scenario = self._test.scenario
        if not scenario.rules and not scenario.items:
            return False
        return not result_of(scenario, tuple(outcomes), self._pack).passed

    def _outcome(self, number: int, suspicion: _Suspicion) -> Outcome:
        """What comes of the check; known where another change of the rule derives the same."""
        mutant = self._trials.mutants[number]
        rows = frozenset(derivation.row for derivation in suspicion.instead)
        key = (suspicion.place, mutant.rule, rows, mutant.info)
        if key not in self._known:
            ground = self._test.grounds[suspicion.place]
            derivations = self._trials.derivations(ground, number, suspicion.instead)
            report = self._trials.report(ground, number, derivations)
            check = self._test.scenario.checks[suspicion.place]
            self._known[key] = outcome_of(check, report, self._trials.fired(derivations), self._pack)
        return self._known[key]
