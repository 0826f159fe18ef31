"""Whether a clause can fire at all, whatever a situation holds and whatever its parameters are.

The answer "no" is certain. "Yes" may mean that the search was given up, or that what stands in the way is
nothing that this reasoning knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from followcue.language.logic import program as ir
from followcue.language.model.pack import RECOMMENDATION
from followcue.language.model.vocabulary import Vocabulary
from followcue.synthesis.solver.linear import Unclear, apply
from followcue.synthesis.solver.search import OutOfSteps, Search, SearchLimits
from followcue.synthesis.solver.tableau import Frame, Tableau, World, order_demands

Heads = Mapping[str, Sequence[ir.Clause]]

SHALLOW: Final = SearchLimits(depth=2, steps=400)
FLAT: Final = SearchLimits(depth=0, steps=100)
MOST_CASES: Final = 8


def can_fire(world: World, heads: Heads, clause: ir.Clause, *, denials: bool = True) -> bool:
    """Whether a clause can fire, as far as can be told; "no" is certain.

    Without `denials`, nothing that must be absent counts, be it something newer than the newest.
    """
    tableau = Tableau(world)
    search = Search(heads, share=False, limits=SHALLOW, denials=denials)
    return _is_possible(search, tableau, [tableau.frame(clause)])


def contradicts_itself(world: World, clause: ir.Clause) -> bool:
    """Whether a clause can never fire, for what it demands itself."""
    tableau = Tableau(world)
    return not _is_possible(Search({}, share=False, limits=FLAT), tableau, [tableau.frame(clause)])


def can_be_due(world: World, heads: Heads, clauses: Sequence[ir.Clause]) -> bool:
    """Whether clauses can all fire for one record, their windows open; "no" is certain."""
    tableau = Tableau(world)
    frames = together(tableau, clauses)
    for frame in frames:
        demand_open(tableau, frame)
    return _is_possible(Search(heads, share=False, limits=SHALLOW), tableau, frames)


def _is_possible(search: Search, tableau: Tableau, frames: Sequence[Frame]) -> bool:
    try:
        return next(search.fire(tableau, frames), None) is not None
    except OutOfSteps:
        return True


def together(tableau: Tableau, clauses: Sequence[ir.Clause]) -> list[Frame]:
    """Frames of clauses that speak of the same record of the scope."""
    frames = [tableau.frame(clause) for clause in clauses]
    scope = tableau.world.scope or ""
    for frame in frames[1:]:
        if scope in frame.nodes and scope in frames[0].nodes:
            tableau.store.equal(frame.nodes[scope], frames[0].nodes[scope])
    return frames


def cases(world: World, clause: ir.Clause) -> list[Tableau] | None:
    """All that is known where a clause fires: one tableau for each case; None if there are too many.

    Nothing is followed down: what it says of conclusions, they say.
    """
    tableau = Tableau(world)
    frame = tableau.frame(clause)
    search = Search({}, share=False, limits=FLAT)
    try:
        found = list(islice(search.fire(tableau, [frame]), MOST_CASES + 1))
    except OutOfSteps:
        return None
    return found if len(found) <= MOST_CASES else None


def any_parameters(vocabulary: Vocabulary, *, plain: bool = False) -> World:
    """A world in which parameters may have any value; unless `plain`, any days may be left out of account."""
    return World(vocabulary, plain=plain)


def needed(clause: ir.Clause) -> Iterator[str]:
    """The relations of which a clause needs some fact."""
    for atom in clause.body:
        yield atom.relation
    for aggregate in clause.aggregates:
        if aggregate.op not in ("count", "sum"):
            yield aggregate.atom.relation


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
