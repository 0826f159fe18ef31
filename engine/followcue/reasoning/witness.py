"""Witnesses: small situations, made from the rules alone, in which given rules fire.

`situations_for` follows clauses back to facts, finds days and numbers that meet every demand, and evaluates
what it made: only situations in which all goals really hold are given out. None says nothing: a situation may
exist all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any, TypeAlias

from followcue.diagnostic import InvalidInput
from followcue.logic import program as ir
from followcue.match.protocol import LimitExceeded
from followcue.model.pack import RECOMMENDATION
from followcue.pipeline import Judgement, LoadedPack, judge
from followcue.reasoning.avoid import avoid_absences
from followcue.reasoning.emit import names_of, situation_data
from followcue.reasoning.search import Limits, OutOfSteps, Search, heads_of
from followcue.reasoning.solve import solve
from followcue.reasoning.tableau import Frame, Tableau, World, order_demands
from followcue.reasoning.terms import Unclear, apply
from followcue.rows import Value
from followcue.source.document import Document

Goal: TypeAlias = int | str | ir.Clause
"""A clause by its number in the program, a rule by its id (any of its clauses), or a clause of one's own."""

Accept: TypeAlias = Callable[[Mapping[str, Any], Judgement], bool]
"""Says whether a situation that was made will do."""

MOST_TABLEAUS = 60
SHUFFLES = 8


def situation_for(
    loaded: LoadedPack,
    *goals: Goal,
    accept: Accept | None = None,
    due: bool = False,
    tries: int = 400,
) -> dict[str, Any] | None:
    """The first of `situations_for`, or None."""
    return next(situations_for(loaded, *goals, accept=accept, due=due, tries=tries), None)


def situations_for(
    loaded: LoadedPack,
    *goals: Goal,
    accept: Accept | None = None,
    due: bool = False,
    tries: int = 400,
) -> Iterator[dict[str, Any]]:
    """Situations in which all goals fire, for one record of the scope; each was evaluated. Deterministic.

    A goal that is a clause of one's own is not looked for in what the evaluation derives, since no pack knows
    it: `accept` decides. With `due`, the windows of recommendations are open on the day of the situation.
    At most `tries` situations are evaluated.
    """
    return Witnesses(loaded).situations(goals, accept=accept, due=due, tries=tries)


class Witnesses:
    """Makes situations for one pack; keep one for many questions."""

    def __init__(self, loaded: LoadedPack) -> None:
        self._loaded = loaded
        self._clauses = loaded.program.clauses
        self._heads = heads_of(self._clauses)
        self._numbers: dict[str, list[int]] = {}
        for number, clause in enumerate(self._clauses):
            self._numbers.setdefault(clause.rule, []).append(number)

    def situations(
        self, goals: Sequence[Goal], *, accept: Accept | None = None, due: bool = False, tries: int = 400
    ) -> Iterator[dict[str, Any]]:
        """See `situations_for`."""
        left = tries
        seen: set[str] = set()
        for chosen in _products([self._ways(goal) for goal in goals]):
            wanted = [goal for goal in chosen if isinstance(goal, int)]
            clauses = [self._clauses[goal] if isinstance(goal, int) else goal for goal in chosen]
            for data in islice(self._made(clauses, due), left):
                left -= 1
                key = repr(data)
                if key in seen:
                    continue
                seen.add(key)
                judgement = self.judged(data)
                if judgement is None or not {d.clause for d in judgement.derivations}.issuperset(wanted):
                    continue
                if accept is None or accept(data, judgement):
                    yield data
            if left <= 0:
                return

    def situation(
        self, *goals: Goal, accept: Accept | None = None, due: bool = False, tries: int = 400
    ) -> dict[str, Any] | None:
        """See `situation_for`."""
        return next(self.situations(goals, accept=accept, due=due, tries=tries), None)

    def judged(self, data: Mapping[str, Any]) -> Judgement | None:
        """What the pack makes of a situation; None if it is none."""
        try:
            situation = self._loaded.reader.read(Document.of(dict(data)), today=_no_clock)
            return judge(self._loaded, situation, missed=True)
        except (InvalidInput, LimitExceeded):
            return None

    def _ways(self, goal: Goal) -> list[int | ir.Clause]:
        if isinstance(goal, str):
            return list(self._numbers.get(goal, ()))
        return [goal]

    # --- making
    def _made(self, clauses: Sequence[ir.Clause], due: bool) -> Iterator[dict[str, Any]]:
        """Situations that should do, the plainest first; nothing has been evaluated."""
        for parameters in self._settings(clauses):
            world = World(self._loaded.pack.vocabulary, exact=True, parameters=parameters)
            found = list(islice(self._tableaus(world, clauses, due), MOST_TABLEAUS))
            for turn in range(SHUFFLES):
                for place, tableau in enumerate(found):
                    shuffle = Random(f"{turn}/{place}") if turn else None
                    names = names_of(tableau)
                    solution = solve(tableau, names, shuffle)
                    if solution is not None:
                        yield situation_data(tableau, solution)

    def _settings(self, clauses: Sequence[ir.Clause]) -> Iterator[Mapping[str, Value]]:
        """The parameters of each profile, the default one first; at last, parameters that are free."""
        vocabulary = self._loaded.pack.vocabulary
        default = vocabulary.default_profile
        for profile in (default, *(name for name in vocabulary.profiles if name != default)):
            values = {p.name: p.profiles.get(profile, p.value) for p in vocabulary.parameters.values()}
            yield values | {"profile": profile}
        yield {}

    def _tableaus(self, world: World, clauses: Sequence[ir.Clause], due: bool) -> Iterator[Tableau]:
        tableau = Tableau(world)
        frames = [tableau.frame(clause) for clause in clauses]
        for frame in frames[1:]:
            scope = world.scope or ""
            if scope in frame.nodes and scope in frames[0].nodes:
                tableau.store.equal(frame.nodes[scope], frames[0].nodes[scope])
        if due:
            for frame in frames:
                demand_open(tableau, frame)
        search = Search(self._heads, share=True, limits=Limits(steps=3000))
        try:
            for found in search.fire(tableau, frames):
                yield avoid_absences(found, self._heads)
        except OutOfSteps:
            return


def demand_open(tableau: Tableau, frame: Frame) -> None:
    """Demand that the window of a recommendation is open on the day of evaluation."""
    head = frame.clause.head
    if head.relation != RECOMMENDATION:
        return
    columns = tableau.world.columns[RECOMMENDATION]
    for name, sign in (("open", 1), ("close", -1)):
        expr = head.values[columns.index(name)]
        if expr == ir.Const(None):
            continue
        try:
            total, _ = tableau.sum(ir.Arith("-", expr, ir.Today()), frame)
        except Unclear:
            continue
        for way in order_demands("<=", total.times(sign)):
            for demand in way:
                apply(tableau.store, demand)


def _products(ways: Sequence[Sequence[int | ir.Clause]]) -> Iterable[tuple[int | ir.Clause, ...]]:
    from itertools import product

    return product(*ways)


def _no_clock(zone: str | None) -> Any:
    raise AssertionError("a situation that was made names its day")
