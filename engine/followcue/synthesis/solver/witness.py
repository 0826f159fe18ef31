"""Witnesses: small situations, made from the rules alone, in which given rules fire.

`situations_for` follows clauses back to facts, finds days and numbers that meet every demand, and evaluates
what it made: only situations in which all goals really hold are given out. None says nothing: a situation may
exist all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias

from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.base.rows import Row, Value
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.evaluation.pipeline import Evaluation, LoadedPack, Options, environment_of, evaluate_facts
from followcue.evaluation.situation.situation import Situation
from followcue.language.logic import program as ir
from followcue.language.logic.compile_pack import with_helpers
from followcue.synthesis.plain_data import read_plain
from followcue.synthesis.shrink import shrunken
from followcue.synthesis.solver.feasible import demand_open, together
from followcue.synthesis.solver.search import OutOfSteps, Search, SearchLimits, heads_of
from followcue.synthesis.solver.solve import solve
from followcue.synthesis.solver.tableau import Tableau, World
from followcue.synthesis.solver.to_situation import names_of, situation_data

Goal: TypeAlias = int | str | ir.Clause
"""A clause by its number in the program, a rule by its id (any of its clauses), or a clause of one's own."""

Accept: TypeAlias = Callable[[Mapping[str, Any], Evaluation], bool]
"""Says whether a situation that was made will do."""

Chosen: TypeAlias = tuple[int | ir.Clause, ...]

ASKED = "?asked"


class Effort(NamedTuple):
    """How far to look: in how many orders, by how many choices of days, and with parameters of no profile."""

    turns: int = 16
    steps: int = 600
    shuffles: int = 3
    free_parameters: bool = True


USUAL: Final = Effort()
MOST_TABLEAUS = 6


class Seen(NamedTuple):
    """A situation that was evaluated, and what came of it."""

    situation: Situation
    judgement: Evaluation


def situation_for(
    loaded: LoadedPack,
    *goals: Goal,
    accept: Accept | None = None,
    due: bool = False,
    tries: int = 400,
) -> dict[str, Any] | None:
    """The first of `situations_for`, without anything that is not needed; None if there is none."""
    return Witnesses(loaded).situation(*goals, accept=accept, due=due, tries=tries)


def situations_for(
    loaded: LoadedPack,
    *goals: Goal,
    accept: Accept | None = None,
    due: bool = False,
    tries: int = 400,
) -> Iterator[dict[str, Any]]:
    """Situations in which all goals fire, for one record of the scope; each was evaluated. Deterministic.

    A goal that is a clause of one's own fires beside the pack: on what the situation holds and the pack
    concludes. With `due`, the windows of recommendations are open on the day of the situation. `accept` may
    ask for more. At most `tries` situations are evaluated.
    """
    return Witnesses(loaded).situations(goals, accept=accept, due=due, tries=tries)


class Witnesses:
    """Makes situations for one pack; keep one for many questions.

    `helpers` are further clauses that serve the goals which are to be asked for.
    """

    def __init__(self, loaded: LoadedPack, helpers: Sequence[ir.Clause] = ()) -> None:
        self._loaded = loaded
        self._clauses = loaded.program.clauses
        self._heads = heads_of((*self._clauses, *helpers))
        self._vocabulary = with_helpers(loaded.pack.vocabulary, (*self._clauses, *helpers))
        self._numbers: dict[str, list[int]] = {}
        for number, clause in enumerate(self._clauses):
            self._numbers.setdefault(clause.rule, []).append(number)

    def situations(
        self, goals: Sequence[Goal], *, accept: Accept | None = None, due: bool = False, tries: int = 400
    ) -> Iterator[dict[str, Any]]:
        """See `situations_for`."""
        for data, _ in self._found(goals, accept, due, tries):
            yield data

    def situation(
        self,
        *goals: Goal,
        accept: Accept | None = None,
        due: bool = False,
        tries: int = 400,
        effort: Effort = USUAL,
    ) -> dict[str, Any] | None:
        """The first of them, without anything that is not needed; None if there is none."""
        found = next(self._found(goals, accept, due, tries, effort), None)
        if found is None:
            return None
        data, chosen = found
        return shrunken(data, lambda smaller: self._will_do(smaller, chosen, accept))

    def judged(self, data: Mapping[str, Any]) -> Seen | None:
        """What the pack makes of a situation; None if it is none."""
        situation = read_plain(self._loaded, data)
        try:
            return situation and Seen(
                situation, evaluate_facts(self._loaded, situation, Options(missed=True))
            )
        except (InvalidInput, LimitExceeded):
            return None

    def _found(
        self, goals: Sequence[Goal], accept: Accept | None, due: bool, tries: int, effort: Effort = USUAL
    ) -> Iterator[tuple[dict[str, Any], Chosen]]:
        left = tries
        seen: set[str] = set()
        for chosen in product(*(self._ways(goal) for goal in goals)):
            clauses = [self._clauses[goal] if isinstance(goal, int) else goal for goal in chosen]
            for data in islice(self.solved(clauses, due=due, effort=effort), left):
                left -= 1
                key = repr(data)
                if key not in seen:
                    seen.add(key)
                    if self._will_do(data, chosen, accept):
                        yield data, chosen
            if left <= 0:
                return

    def _will_do(self, data: Mapping[str, Any], chosen: Chosen, accept: Accept | None) -> bool:
        seen = self.judged(data)
        if seen is None:
            return False
        fired = {derivation.clause for derivation in seen.judgement.derivations}
        for goal in chosen:
            if not (goal in fired if isinstance(goal, int) else self.fires(goal, seen)):
                return False
        return accept is None or accept(data, seen.judgement)

    def fires(self, clause: ir.Clause, seen: Seen) -> bool:
        """Whether a clause that no pack knows fires on what a situation holds and the pack concludes."""
        known = self._loaded.program.relations
        relations = {name: relation._replace(derived=False) for name, relation in known.items()}
        relations[ASKED] = relations[clause.head.relation]._replace(name=ASKED, derived=True)
        asked = replace(clause, head=replace(clause.head, relation=ASKED))
        rows: dict[str, dict[Row, None]] = {n: dict.fromkeys(r) for n, r in seen.situation.facts.items()}
        for derivation in seen.judgement.derivations:
            relation = self._clauses[derivation.clause].head.relation
            rows.setdefault(relation, {})[derivation.row] = None
        program = ir.Program(relations, (asked,), (ir.Component((0,), False, 0),))
        facts = {name: list(found) for name, found in rows.items()}
        environment = environment_of(seen.situation)
        try:
            return bool(ReferenceMatcher(program).run(facts, environment))
        except LimitExceeded:
            return False

    def _ways(self, goal: Goal) -> list[int | ir.Clause]:
        if isinstance(goal, str):
            return list(self._numbers.get(goal, ()))
        return [goal]

    # --- making
    def solved(
        self, clauses: Sequence[ir.Clause], *, due: bool = False, effort: Effort = USUAL
    ) -> Iterator[dict[str, Any]]:
        """Situations in which the clauses should fire, the plainest first; none has been evaluated."""
        for parameters in self._settings(effort):
            world = World(self._vocabulary, exact=True, parameters=parameters)
            for turn in range(effort.turns):
                shuffle = Random(turn) if turn else None
                found = list(
                    islice(self._tableaus(world, clauses, due, shuffle, effort.steps), MOST_TABLEAUS)
                )
                if not found and not turn:
                    break
                found.sort(key=lambda tableau: len(tableau.entities))
                for times in range(effort.shuffles):
                    for place, tableau in enumerate(found):
                        shuffle = Random(f"{turn}/{times}/{place}") if times else None
                        solution = solve(tableau, names_of(tableau), shuffle)
                        if solution is not None:
                            yield situation_data(tableau, solution)

    def _settings(self, effort: Effort) -> Iterator[Mapping[str, Value]]:
        """The parameters of each profile, the default one first; at last, parameters that are free."""
        vocabulary = self._loaded.pack.vocabulary
        default = vocabulary.default_profile
        for profile in (default, *(name for name in vocabulary.profiles if name != default)):
            values = {p.name: p.profiles.get(profile, p.value) for p in vocabulary.parameters.values()}
            yield values | {"profile": profile}
        if effort.free_parameters:
            yield {}

    def _tableaus(
        self, world: World, clauses: Sequence[ir.Clause], due: bool, shuffle: Random | None, steps: int
    ) -> Iterator[Tableau]:
        tableau = Tableau(world)
        frames = together(tableau, clauses)
        if due:
            for frame in frames:
                demand_open(tableau, frame)
        search = Search(self._heads, share=True, limits=SearchLimits(steps=steps), shuffle=shuffle)
        try:
            yield from search.fire(tableau, frames)
        except OutOfSteps:
            return
