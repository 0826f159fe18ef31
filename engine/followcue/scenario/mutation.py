"""Mutation: which small changes of the rules no test would notice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from followcue.match.protocol import Derivation, LimitExceeded
from followcue.pipeline import LoadedPack
from followcue.scenario.mutants import Mutant
from followcue.scenario.run import Outcome, outcome_of, result_of
from followcue.scenario.scenario import Scenario
from followcue.scenario.trial import Ground, Trials

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many scenarios are done, of how many."""


class Noticed(NamedTuple):
    """A mutant, and the scenario that fails with it: None where all would go on passing."""

    mutant: Mutant
    by: str | None


class _Suspicion(NamedTuple):
    """A check in which a mutant derives other rows than its rule."""

    place: int
    ground: Ground
    instead: Sequence[Derivation]


def noticed(
    loaded: LoadedPack,
    scenarios: Sequence[Scenario],
    mutants: Sequence[Mutant],
    progress: Progress | None = None,
) -> tuple[Noticed, ...]:
    """For each mutant the first scenario that fails with it."""
    trials = Trials(loaded, mutants)
    by: dict[int, str] = {}
    for done, scenario in enumerate(scenarios):
        if progress:
            progress(done, len(scenarios))
        tried = _Tried(loaded, trials, scenario)
        for number in tried.noticed(by.keys()):
            by[number] = scenario.id
    return tuple(Noticed(mutant, by.get(number)) for number, mutant in enumerate(mutants))


class _Tried:
    """One scenario, tried with mutants."""

    def __init__(self, loaded: LoadedPack, trials: Trials, scenario: Scenario) -> None:
        self._pack = loaded.pack
        self._trials = trials
        self._scenario = scenario
        self._grounds = [trials.ground(check.situation) for check in scenario.checks]
        self._usual = [
            outcome_of(check, ground.report, ground.by_rule, self._pack)
            for check, ground in zip(scenario.checks, self._grounds, strict=True)
        ]
        self._known: dict[tuple[object, ...], Outcome] = {}

    def noticed(self, before: Iterable[int]) -> Iterator[int]:
        """The mutants with which the scenario fails, but for those that were noticed before."""
        found = set(before)
        suspicions: dict[int, list[_Suspicion]] = {}
        for place, ground in enumerate(self._grounds):
            for number, instead in self._trials.found(ground).items():
                if number not in found:
                    suspicions.setdefault(number, []).append(_Suspicion(place, ground, instead))
        return (number for number, seen in sorted(suspicions.items()) if self._fails(number, seen))

    def _fails(self, number: int, seen: Iterable[_Suspicion]) -> bool:
        outcomes = list(self._usual)
        for suspicion in seen:
            try:
                outcome = self._outcome(number, suspicion)
            except LimitExceeded:
                return True
            if outcome.misses:
                return True
            outcomes[suspicion.place] = outcome
        return not result_of(self._scenario, tuple(outcomes), self._pack).passed

    def _outcome(self, number: int, suspicion: _Suspicion) -> Outcome:
        """What comes of the check; known where another change of the rule derives the same."""
        mutant = self._trials.mutants[number]
        rows = frozenset(derivation.row for derivation in suspicion.instead)
        key = (suspicion.place, mutant.rule, rows, mutant.info)
        if key not in self._known:
            derivations = self._trials.derivations(suspicion.ground, number, suspicion.instead)
            report = self._trials.report(suspicion.ground, number, derivations)
            check = self._scenario.checks[suspicion.place]
            self._known[key] = outcome_of(check, report, self._trials.fired(derivations), self._pack)
        return self._known[key]
