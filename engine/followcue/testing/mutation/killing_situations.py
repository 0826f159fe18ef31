"""Witnesses: for a mutant that no test notices, a situation in which it shows, as small as it can be made."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.situation.situation import Situation
from followcue.synthesis.plain_data import Data, copied, plain, read_plain
from followcue.synthesis.sampling.focus import Foci, Focus
from followcue.synthesis.sampling.variants import SEARCHING, Variants
from followcue.testing.mutation.distinguish import Wanted, Witnessing, telling_apart
from followcue.testing.mutation.mutants import Mutant
from followcue.testing.mutation.trial import Ground, Trials, ground_of

MOST_CHANGES = 4


class Witness(NamedTuple):
    """A situation in which a mutant shows, and what a test must demand there to notice it."""

    data: Data
    expect: tuple[Wanted, ...]
    reject: tuple[Wanted, ...]
    warnings: tuple[str, ...] | None


class Search:
    """The search for witnesses of the mutants of one pack; the same seed finds the same ones."""

    def __init__(
        self, loaded: LoadedPack, mutants: Sequence[Mutant], bases: Sequence[Situation], seed: int = 0
    ):
        self._loaded = loaded
        self._mutants = mutants
        self._trials = Trials(loaded, mutants)
        self._chance = Random(seed)
        self._bases = [plain(situation) for situation in bases]
        self._variants = Variants(loaded, self._chance, self._bases)
        self._near = _Near(loaded, bases)
        self.found: dict[int, Witness] = {}

    def run(self, tries: int, extra: Callable[[Mutant], Iterable[Data]] | None = None) -> None:
        """Try so many variants, each for one of the mutants that have no witness yet, and for all others."""
        if extra:
            for number, mutant in enumerate(self._mutants):
                for data in extra(mutant):
                    if number in self.found:
                        break
                    self._look(data)
        order: list[int] = []
        for _ in range(tries):
            if len(self.found) == len(self._mutants):
                return
            while not order or order[-1] in self.found:
                if order:
                    order.pop()
                else:
                    order = [n for n in range(len(self._mutants)) if n not in self.found]
                    self._chance.shuffle(order)
            self._look(self._variant(self._mutants[order.pop()]))

    def _variant(self, mutant: Mutant) -> Data:
        data: Data = copied(self._bases[self._chance.choice(self._near.bases(mutant))])
        focus = self._near.focus(mutant)
        for _ in range(self._chance.randint(1, MOST_CHANGES)):
            self._variants.change(data, focus, SEARCHING)
        return data

    def _look(self, data: Data) -> None:
        """Whether any mutant without a witness shows in this situation."""
        ground = _ground(self._loaded, data)
        if ground is None:
            return
        open_ones = [n for n in range(len(self._mutants)) if n not in self.found]
        try:
            for number, instead in self._trials.found(ground, open_ones).items():
                shown = _shown(self._trials, ground, number, instead)
                if shown:
                    self.found[number] = self._smaller(self._mutants[number], Witness(data, *shown))
        except LimitExceeded:
            return

    def _smaller(self, mutant: Mutant, witness: Witness) -> Witness:
        """The witness with everything left out that it does not need."""
        alone = Trials(self._loaded, [mutant])

        def shows(data: Data) -> Witness | None:
            ground = _ground(self._loaded, data)
            if ground is None:
                return None
            try:
                instead = alone.found(ground).get(0)
                shown = None if instead is None else _shown(alone, ground, 0, instead)
            except LimitExceeded:
                return None
            return Witness(data, *shown) if shown else None

        return _smallest(witness, shows)


def _smallest(witness: Witness, shows: Callable[[Data], Witness | None]) -> Witness:
    """The witness without all that can be left out of it one by one, larger things first."""
    smaller = True
    while smaller:
        smaller, place = False, 0
        while place < len(paths := _paths_by_size(witness.data)):
            found = shows(_without(witness.data, paths[place]))
            if found:
                witness, smaller = found, True
            else:
                place += 1
    return witness


def _shown(trials: Trials, ground: Ground, number: int, instead: Sequence[Derivation]) -> Witnessing | None:
    """What a test must demand to tell the mutant from its rule, if it can."""
    report = trials.report(ground, number, trials.derivations(ground, number, instead))
    return telling_apart(ground.report, report)


def _ground(loaded: LoadedPack, data: Data) -> Ground | None:
    situation = read_plain(loaded, data)
    try:
        return situation and ground_of(loaded, situation)
    except (InvalidInput, LimitExceeded):
        return None


def _paths_by_size(data: Data) -> list[tuple[Any, ...]]:
    return sorted((path for path in _paths(data) if path != ("as_of",)), key=len)


def _without(data: Data, path: tuple[Any, ...]) -> Data:
    smaller = copy.deepcopy(data)
    holder: Any = smaller
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return smaller


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield (*path, number)
            yield from _paths(inner, (*path, number))


class _Near:
    """Which situations of the tests come near to showing a mutant, and what to change in them."""

    def __init__(self, loaded: LoadedPack, bases: Sequence[Situation]) -> None:
        self._clauses = loaded.program.clauses
        self._foci = Foci(loaded.program, loaded.pack.vocabulary)
        self._given = [frozenset(situation.facts) for situation in bases]
        self._known: dict[str, tuple[tuple[int, ...], Focus]] = {}

    def bases(self, mutant: Mutant) -> tuple[int, ...]:
        """The situations that fit best, by their numbers."""
        return self._of(mutant)[0]

    def focus(self, mutant: Mutant) -> Focus:
        """What the rule is about."""
        return self._of(mutant)[1]

    def _of(self, mutant: Mutant) -> tuple[tuple[int, ...], Focus]:
        if mutant.rule not in self._known:
            clauses = [c for c in self._clauses if c.rule == mutant.rule] or list(mutant.clauses)
            positive = {atom.relation for clause in clauses for atom in clause.body}
            self._known[mutant.rule] = self._fitting(positive), self._foci.of(clauses)
        return self._known[mutant.rule]

    def _fitting(self, positive: set[str]) -> tuple[int, ...]:
        """The situations that have the most of these relations, or of what they are made of."""
        needed = [frozenset(self._foci.beneath([name])) for name in sorted(positive)]
        scores = [sum(1 for names in needed if names & given) for given in self._given]
        best = max(scores, default=0)
        return tuple(number for number, score in enumerate(scores) if score >= best) or (0,)
