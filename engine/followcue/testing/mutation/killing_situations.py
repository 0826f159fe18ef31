"""For a mutant that survives the tests, a situation that kills it, as small as it can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from random import Random
from typing import NamedTuple

from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.situation.situation import Situation
from followcue.language.logic.program import Clause
from followcue.synthesis.plain_data import Data, copied, plain, read_plain
from followcue.synthesis.sampling.focus import Foci, Focus
from followcue.synthesis.sampling.variants import SEARCHING, Variants
from followcue.synthesis.shrink import shrunken
from followcue.synthesis.solver.civil_uses import on_the_edge
from followcue.synthesis.solver.witness import Effort, Witnesses
from followcue.testing.mutation.disagreement import disagreements
from followcue.testing.mutation.distinguish import Wanted, Witnessing, telling_apart
from followcue.testing.mutation.mutants import Mutant
from followcue.testing.mutation.provably_equal import by_rule
from followcue.testing.mutation.trial import TrialGround, Trials, ground_of

MOST_CHANGES = 4
"""How many changes one variant has at most."""

EFFORT = Effort(turns=4, steps=300, free_parameters=False)
"""So much work the solver does for one clause of a mutant, and no more, whether it finds something or not."""

MOST_PAIRS = 16
"""How many pairs of clauses of a mutant and of its rule are looked at for where they disagree."""

SOLVED = 3
"""How many situations the solver makes for each clause of a mutant and of its rule."""

MOST_LOOKS = 60
"""At so many situations made for other mutants one is looked at; after that only at its own."""


class KillingSituation(NamedTuple):
    """A situation in which a mutant shows, and what a test must demand there to kill it."""

    data: Data
    expect: tuple[Wanted, ...]
    reject: tuple[Wanted, ...]
    warnings: tuple[str, ...] | None


class KillingSearch:
    """The search for situations that kill the mutants of one pack; the same seed finds the same ones."""

    def __init__(
        self, loaded: LoadedPack, mutants: Sequence[Mutant], bases: Sequence[Situation], seed: int = 0
    ):
        self._loaded = loaded
        self._mutants = mutants
        self._trials = Trials(loaded, mutants)
        self._chance = Random(seed)
        self._bases = [plain(situation) for situation in bases]
        self._variants = Variants(loaded, self._chance, self._bases)
        self._rules = by_rule(loaded.program.clauses)
        self._witnesses = Witnesses(loaded, [c for mutant in mutants for c in mutant.clauses if c.helper])
        self._near = _Near(loaded, self._rules, bases)
        self.found: dict[int, KillingSituation] = {}
        self._looks = [0] * len(mutants)

    def run(
        self, tries: int, most_looks: int = MOST_LOOKS, progress: Callable[[], None] = lambda: None
    ) -> None:
        """Try up to so many situations, each made for one of the mutants that are left.

        First those that the solver makes of the clauses of mutant and rule, then variants of the tests' own.
        Each is tried with the mutant that it was made for, and with all that have looks left of `most_looks`.
        `progress` is called for each.
        """
        for number, data in islice(chain(self._solved(), self._varied()), tries):
            progress()
            self._look(number, data, most_looks)

    def _solved(self) -> Iterator[tuple[int, Data]]:
        left = {number: self._solved_for(mutant) for number, mutant in enumerate(self._mutants)}
        while left:
            for number in list(left):
                data = None if number in self.found else next(left[number], None)
                if data is None:
                    del left[number]
                else:
                    yield number, data

    def _solved_for(self, mutant: Mutant) -> Iterator[Data]:
        rule = self._rules.get(mutant.rule, ())
        for one, other in islice(product(mutant.clauses, rule), MOST_PAIRS):
            for clause in disagreements(one, other):
                yield from islice(self._witnesses.solved([clause], effort=EFFORT), 1)
        for clause in (*mutant.clauses, *rule):
            yield from islice(self._witnesses.solved([clause], effort=EFFORT), SOLVED)
        for clause in (*mutant.clauses, *rule):
            for edge in on_the_edge(clause):
                yield from islice(self._witnesses.solved([edge], effort=EFFORT), 1)

    def _varied(self) -> Iterator[tuple[int, Data]]:
        order: list[int] = []
        while len(self.found) < len(self._mutants):
            while not order or order[-1] in self.found:
                if order:
                    order.pop()
                else:
                    order = [n for n in range(len(self._mutants)) if n not in self.found]
                    self._chance.shuffle(order)
            number = order.pop()
            yield number, self._variant(self._mutants[number])

    def _variant(self, mutant: Mutant) -> Data:
        data: Data = copied(self._bases[self._chance.choice(self._near.bases(mutant))])
        focus = self._near.focus(mutant)
        for _ in range(self._chance.randint(1, MOST_CHANGES)):
            self._variants.change(data, focus, SEARCHING)
        return data

    def _look(self, own: int, data: Data, most_looks: int) -> None:
        """Which of the mutants that are left this situation kills, which was made for one of them."""
        ground = _ground(self._loaded, data)
        if ground is None:
            return
        looking = (n for n, looks in enumerate(self._looks) if n == own or looks < most_looks)
        open_ones = [number for number in looking if number not in self.found]
        try:
            for number, instead in self._trials.found(ground, open_ones).items():
                self._looks[number] += number != own
                shown = _shown(self._trials, ground, number, instead)
                if shown:
                    self.found[number] = self._smaller(self._mutants[number], KillingSituation(data, *shown))
        except LimitExceeded:
            return

    def _smaller(self, mutant: Mutant, killing: KillingSituation) -> KillingSituation:
        """The situation without all that the mutant survives without."""
        alone = Trials(self._loaded, [mutant])

        def killed(data: Data) -> KillingSituation | None:
            ground = _ground(self._loaded, data)
            try:
                instead = alone.found(ground).get(0) if ground else None
                shown = None if ground is None or instead is None else _shown(alone, ground, 0, instead)
            except LimitExceeded:
                return None
            return KillingSituation(data, *shown) if shown else None

        return killed(shrunken(killing.data, lambda data: killed(data) is not None)) or killing


def _shown(
    trials: Trials, ground: TrialGround, number: int, instead: Sequence[Derivation]
) -> Witnessing | None:
    """What a test must demand to tell the mutant from its rule, if it can."""
    report = trials.report(ground, number, trials.derivations(ground, number, instead))
    return telling_apart(ground.report, report)


def _ground(loaded: LoadedPack, data: Data) -> TrialGround | None:
    situation = read_plain(loaded, data)
    try:
        return situation and ground_of(loaded, situation)
    except (InvalidInput, LimitExceeded):
        return None


class _Near:
    """Which situations of the tests come near to showing a mutant, and what to change in them."""

    def __init__(
        self, loaded: LoadedPack, rules: Mapping[str, Sequence[Clause]], bases: Sequence[Situation]
    ) -> None:
        self._rules = rules
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
            clauses = self._rules.get(mutant.rule, mutant.clauses)
            positive = {atom.relation for clause in clauses for atom in clause.body}
            self._known[mutant.rule] = self._fitting(positive), self._foci.of(clauses)
        return self._known[mutant.rule]

    def _fitting(self, positive: set[str]) -> tuple[int, ...]:
        """The situations that have the most of these relations, or of what they are made of."""
        needed = [frozenset(self._foci.beneath([name])) for name in sorted(positive)]
        scores = [sum(1 for names in needed if names & given) for given in self._given]
        best = max(scores, default=0)
        return tuple(number for number, score in enumerate(scores) if score >= best) or (0,)
