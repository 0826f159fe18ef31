"""Searching: from clauses back to the facts that make them fire, in every way that is not contradictory.

With `share`, one fact may serve several conditions, and the facts are made complete: an example is looked
for. Without, each condition has a fact of its own unless a key makes two of them one, which leaves open most
that can be: what cannot be met even then can never be met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple, TypeAlias, TypeVar

from followcue.language.logic import program as ir
from followcue.language.model.vocabulary import Kind
from followcue.synthesis.solver.differences import ZERO
from followcue.synthesis.solver.entailment import bound_extremes, denied
from followcue.synthesis.solver.linear import Choice, LinearDemand, Sum, apply
from followcue.synthesis.solver.tableau import ABSENT, Derived, Entity, Frame, Tableau, extreme_of

T = TypeVar("T")

MOST_COPIES: Final = 12
"""How many facts of one kind an example may need for one `count`."""


class SearchLimits(NamedTuple):
    """How far a search goes: conclusions followed down, and directions tried."""

    depth: int = 8
    steps: int = 4000


USUAL: Final = SearchLimits()


class _Need(NamedTuple):
    """A fact that is needed for a condition of a frame; `fresh`: it must be none that is there already."""

    atom: ir.Atom
    frame: Frame
    depth: int
    way: tuple[str, ...] = ()
    fresh: bool = False


class _Counted(NamedTuple):
    """A number of facts that is needed."""

    aggregate: ir.Aggregate
    frame: Frame
    depth: int
    way: tuple[str, ...] = ()


_Task: TypeAlias = "_Need | _Counted | Choice"


class OutOfSteps(Exception):
    """The search was given up, so that nothing is known."""


class Search:
    """Looks for tableaus in which some clauses fire; `heads` are the clauses by what they conclude."""

    def __init__(
        self,
        heads: Mapping[str, Sequence[ir.Clause]],
        *,
        share: bool,
        limits: SearchLimits = USUAL,
        denials: bool = True,
        shuffle: Random | None = None,
    ) -> None:
        """Directions are tried in the order of the rules, or in any that `shuffle` gives."""
        self._heads = heads
        self._share = share
        self._denials = denials
        self._shuffle = shuffle
        self._limits = limits
        self._steps = 0

    def fire(self, tableau: Tableau, frames: Sequence[Frame]) -> Iterator[Tableau]:
        """Every tableau found in which the clauses of these frames fire, as far as their positive side goes.

        The one given is used up. Raises `OutOfSteps`.
        """
        self._steps = 0
        tasks: list[_Task] = []
        for frame in frames:
            tasks += self._tasks(tableau, frame, 0, ())
        yield from self._solve(tableau, tasks)

    def _tasks(self, tableau: Tableau, frame: Frame, depth: int, way: tuple[str, ...]) -> list[_Task]:
        """What the clause of a frame needs: demands at once, then facts, then choices."""
        clause = frame.clause
        tasks: list[_Task] = [_Need(atom, frame, depth, way) for atom in clause.body]
        for place, aggregate in enumerate(clause.aggregates):
            if aggregate.op in ("count", "sum"):
                tasks.append(_Counted(aggregate, frame, depth, way))
            else:
                tasks.append(_Need(chosen(aggregate, place), frame, depth, way))
        for guard in clause.guards:
            tasks += tableau.guard(guard, frame)
        return tasks

    def _solve(self, tableau: Tableau, tasks: list[_Task]) -> Iterator[Tableau]:
        self._steps += 1
        if self._steps > self._limits.steps:
            raise OutOfSteps
        if tableau.bad:
            return
        tableau.same_entities()
        if tableau.bad:
            return
        if not tasks:
            if self._denials:
                bound_extremes(tableau)
            if tableau.bad:
                return
            if self._share:
                yield from self._completed(tableau)
            elif not (self._denials and denied(tableau, self._heads)):
                yield tableau
            return
        place = _next(tasks, tableau)
        task, rest = tasks[place], tasks[:place] + tasks[place + 1 :]
        for branch, more in self._branches(tableau, task):
            yield from self._solve(branch, more + rest)

    def _branches(self, tableau: Tableau, task: _Task) -> Iterator[tuple[Tableau, list[_Task]]]:
        if isinstance(task, _Need):
            yield from self._facts(tableau, task)
        elif isinstance(task, _Counted):
            yield from self._counts(tableau, task)
        else:
            ways = task if self._shuffle is None else self._shuffle.sample(task, len(task))
            for branch, demands in _each_with_its_own(tableau, ways):
                for demand in demands:
                    apply(branch.store, demand)
                yield branch, []

    # --- facts
    def _facts(self, tableau: Tableau, need: _Need) -> Iterator[tuple[Tableau, list[_Task]]]:
        kind = tableau.world.kind(need.atom.relation)
        if kind.role == "conclusion":
            yield from self._conclusions(tableau, need)
            return
        if self._share and not need.fresh:
            for index, entity in enumerate(tableau.entities):
                if entity.kind.name == kind.name:
                    branch = tableau.copy()
                    left = branch.match(branch.entities[index], need.atom, need.frame)
                    if not branch.bad:
                        yield branch, list(left)
        left = tableau.match(tableau.entity(kind), need.atom, need.frame)
        if not tableau.bad:
            yield tableau, list(left)

    def _conclusions(self, tableau: Tableau, need: _Need) -> Iterator[tuple[Tableau, list[_Task]]]:
        if self._share and not need.fresh:
            for index, derived in enumerate(tableau.derived):
                if derived.relation == need.atom.relation:
                    branch = tableau.copy()
                    left = branch.match_derived(branch.derived[index], need.atom, need.frame)
                    if not branch.bad:
                        yield branch, list(left)
        clauses = self._heads.get(need.atom.relation, ())
        if self._shuffle is not None:
            clauses = self._shuffle.sample(list(clauses), len(clauses))
        if not clauses or need.depth >= self._limits.depth or need.way.count(need.atom.relation) > 1:
            if not self._share:
                yield self._unexplained(tableau, need)
            return
        way = (*need.way, need.atom.relation)
        for branch, clause in _each_with_its_own(tableau, clauses):
            frame = branch.frame(clause)
            derived = Derived(need.atom.relation, {})
            branch.derived.append(derived)
            left = branch.match_derived(derived, need.atom, need.frame)
            left += branch.conclude(derived, frame)
            if branch.bad:
                continue
            tasks = self._tasks(branch, frame, need.depth + 1, way)
            if need.fresh:
                tasks = [_afresh(branch, task) for task in tasks]
            if not branch.bad:
                yield branch, [*left, *tasks]

    def _unexplained(self, tableau: Tableau, need: _Need) -> tuple[Tableau, list[_Task]]:
        """A conclusion that is not followed down any further: it may be so."""
        derived = Derived(need.atom.relation, {})
        tableau.derived.append(derived)
        return tableau, list(tableau.match_derived(derived, need.atom, need.frame))

    def _counts(self, tableau: Tableau, task: _Counted) -> Iterator[tuple[Tableau, list[_Task]]]:
        aggregate, frame = task.aggregate, task.frame
        result = frame.nodes[aggregate.result or ""]
        own = Sum(((result, 1),))
        if not self._share:
            if aggregate.op == "count":
                tableau.store.at_most(ZERO, result, 0)
            yield tableau, []
            return
        if aggregate.op == "sum":
            yield from self._sums(tableau, task, own)
            return
        for number in range(MOST_COPIES + 1):
            branch = tableau.copy()
            apply(branch.store, LinearDemand("equal", own.plus(Sum((), -number))))
            if branch.bad:
                continue
            first = _Need(aggregate.atom, frame, task.depth, task.way)
            needs: list[_Task] = [first._replace(fresh=place > 0) for place in range(number)]
            yield branch, needs

    def _sums(self, tableau: Tableau, task: _Counted, own: Sum) -> Iterator[tuple[Tableau, list[_Task]]]:
        branch = tableau.copy()
        apply(branch.store, LinearDemand("equal", own))
        if not branch.bad:
            yield branch, []
        aggregate = task.aggregate
        joined = ((aggregate.column or 0, aggregate.result or ""),)
        atom = ir.Atom(aggregate.atom.relation, (*aggregate.atom.joins, *joined), aggregate.atom.tests)
        yield tableau, [_Need(atom, task.frame, task.depth, task.way)]

    # --- making facts complete
    def _completed(self, tableau: Tableau) -> Iterator[Tableau]:
        """The tableau with everything that its facts refer to and that a situation requires of them."""
        missing = _completions(tableau)
        if missing is None:
            yield tableau
            return
        for branch in missing:
            branch.same_entities()
            if not branch.bad:
                self._steps += 1
                if self._steps > self._limits.steps:
                    raise OutOfSteps
                yield from self._completed(branch)


def _each_with_its_own(tableau: Tableau, ways: Sequence[T]) -> Iterator[tuple[Tableau, T]]:
    """Each way with a tableau to go it with; the last with the tableau itself, which nobody else needs."""
    for way in ways[:-1]:
        yield tableau.copy(), way
    yield from ((tableau, way) for way in ways[-1:])


def _afresh(tableau: Tableau, task: _Task) -> _Task:
    """Another conclusion of a kind rests on another event, and on the same conclusions otherwise."""
    if isinstance(task, _Need) and tableau.world.kind(task.atom.relation).role != "conclusion":
        return task._replace(fresh=True)
    return task


def chosen(aggregate: ir.Aggregate, place: int) -> ir.Atom:
    """The fact that an aggregate chooses, or one that has the value it gives, as an atom."""
    atom = aggregate.atom
    assert aggregate.column is not None
    measured = aggregate.result or extreme_of(place)
    joins = (*atom.joins, *aggregate.outputs, (aggregate.column, measured))
    return ir.Atom(atom.relation, joins, (*atom.tests, ir.Test(aggregate.column, "present")))


def _next(tasks: Sequence[_Task], tableau: Tableau) -> int:
    """What to do next: given facts first, then conclusions, counting, and choices at last."""
    best, place = 99, 0
    for index, task in enumerate(tasks):
        if isinstance(task, _Need):
            rank = 1 if tableau.world.kind(task.atom.relation).role != "conclusion" else 2
            rank = 3 if task.fresh else rank
        elif isinstance(task, _Counted):
            rank = 4
        else:
            rank = 0 if len(task) <= 1 else 5
        if rank < best:
            best, place = rank, index
    return place


# --- what facts need
def _completions(tableau: Tableau) -> Iterable[Tableau] | None:
    """The tableau with one more fact or field, in each way that will do; None if nothing is missing."""
    scope = tableau.world.scope
    for index, entity in enumerate(tableau.entities):
        if scope and entity.kind.scoped:
            if scope not in entity.cells:
                return _with_scope(tableau, entity)
            node = entity.cells[scope]
            if isinstance(node, int) and not _record(tableau, scope, node, None):
                return _with_record(tableau, tableau.world.vocabulary.kinds[scope], node, None)
        for name in _required(tableau, entity):
            return _with_field(tableau, entity, name)
        for name, node in _references(entity):
            field = tableau.world.field(entity.kind, name)
            kinds = field.type.refers_to if field else ()
            if kinds and not _is_there(tableau, kinds, entity, node):
                return _referred(tableau, kinds, index, node)
    return None


def _with_scope(tableau: Tableau, entity: Entity) -> tuple[Tableau]:
    """An entity of any record of the scope becomes one of the first there is."""
    scope = tableau.world.scope or ""
    records = [other for other in tableau.entities if other.kind.name == scope]
    first = records[0] if records else tableau.entity(tableau.world.vocabulary.kinds[scope])
    entity.cells[scope] = first.cells[scope]
    return (tableau,)


def _with_field(tableau: Tableau, entity: Entity, name: str) -> tuple[Tableau]:
    """An entity gets a field that its kind requires."""
    field = tableau.world.field(entity.kind, name)
    if field is not None and field.many:
        entity.members.setdefault(name, []).append(tableau.new_value(entity.kind, name))
    else:
        tableau.cell(entity, name)
    return (tableau,)


def _record(tableau: Tableau, kind: str, node: int, scope_node: int | None) -> bool:
    """Whether there is a record with that key, in that scope where it belongs to one."""
    scope = tableau.world.scope
    key = scope if kind == scope else "id"
    find = tableau.store.find
    for entity in tableau.entities:
        if entity.kind.name != kind:
            continue
        cell = entity.cells.get(key or "")
        if not isinstance(cell, int) or find(cell) != find(node):
            continue
        own = entity.cells.get(scope or "")
        if kind == scope or scope_node is None or not isinstance(own, int) or find(own) == find(scope_node):
            return True
    return False


def _with_record(tableau: Tableau, kind: Kind, node: int, scope_node: int | None) -> tuple[Tableau]:
    """There is a record with that key, in that scope where it belongs to one."""
    entity = tableau.entity(kind)
    scope = tableau.world.scope
    key = scope if kind.name == scope else "id"
    tableau.store.equal(tableau.cell(entity, key or "id"), node)
    if scope_node is not None and scope and kind.scoped and kind.name != scope:
        tableau.store.equal(tableau.cell(entity, scope), scope_node)
    return (tableau,)


def _required(tableau: Tableau, entity: Entity) -> Iterator[str]:
    """A field for each requirement that is not met."""
    for requirement in entity.kind.require:
        if any(_given(entity, name) for name in requirement.fields):
            continue
        open_names = [name for name in requirement.fields if entity.cells.get(name) is not ABSENT]
        if requirement.several_of and _count(tableau, entity, requirement.several_of) < 2:
            continue
        yield (open_names or list(requirement.fields))[0]


def _given(entity: Entity, name: str) -> bool:
    return isinstance(entity.cells.get(name), int) or bool(entity.members.get(name))


def _count(tableau: Tableau, entity: Entity, kinds: Sequence[str]) -> int:
    scope = tableau.world.scope or ""
    same = [e for e in tableau.entities if e.kind.name in kinds]
    own = entity.cells.get(scope)
    find = tableau.store.find
    return sum(
        1
        for other in same
        if not isinstance(own, int)
        or not isinstance(cell := other.cells.get(scope), int)
        or find(cell) == find(own)
    )


def _references(entity: Entity) -> Iterator[tuple[str, int]]:
    """The names of fields and the values in them."""
    for name, cell in entity.cells.items():
        if isinstance(cell, int):
            yield name, cell
    for name, nodes in entity.members.items():
        for node in nodes:
            yield name, node


def _is_there(tableau: Tableau, kinds: Sequence[str], entity: Entity, node: int) -> bool:
    """Whether something of one of the kinds has that key in the scope of the entity."""
    scope = tableau.world.scope or ""
    own = entity.cells.get(scope)
    scope_node = own if isinstance(own, int) else None
    find = tableau.store.find
    for kind in kinds:
        if tableau.world.vocabulary.kinds[kind].role == "record":
            if _record(tableau, kind, node, scope_node):
                return True
            continue
        for other in tableau.entities:
            cell = other.cells.get("id")
            if other.kind.name == kind and isinstance(cell, int) and find(cell) == find(node):
                return True
    return False


def _referred(tableau: Tableau, kinds: Sequence[str], index: int, node: int) -> Iterator[Tableau]:
    """The tableau with something that a reference can mean: an event that is there, or a new one."""
    scope = tableau.world.scope or ""
    own = tableau.entities[index].cells.get(scope)
    scope_node = own if isinstance(own, int) else None
    records = [kind for kind in kinds if tableau.world.vocabulary.kinds[kind].role == "record"]
    if records:
        yield from _with_record(tableau, tableau.world.vocabulary.kinds[records[0]], node, scope_node)
        return
    for place, other in enumerate(tableau.entities):
        if other.kind.name in kinds and place != index and other.cells.get("id") is not ABSENT:
            branch = tableau.copy()
            branch.store.equal(branch.cell(branch.entities[place], "id"), node)
            _before(branch, branch.entities[place], branch.entities[index])
            if not branch.bad:
                yield branch
    for branch, kind in _each_with_its_own(tableau, kinds):
        entity = branch.entity(tableau.world.vocabulary.kinds[kind])
        branch.store.equal(branch.cell(entity, "id"), node)
        if scope_node is not None:
            branch.store.equal(branch.cell(entity, scope), scope_node)
        _before(branch, entity, branch.entities[index])
        yield branch


def _before(tableau: Tableau, first: Entity, then: Entity) -> None:
    """An event that another one names happened before it, if that can be."""
    one, other = first.cells.get("at"), then.cells.get("at")
    if isinstance(one, int) and isinstance(other, int):
        known = tableau.store.distance(one, other)
        if known is None or known > 0:
            tableau.store.at_most(one, other, -1)


def heads_of(clauses: Sequence[ir.Clause]) -> dict[str, list[ir.Clause]]:
    """The clauses by what they conclude, plain ones first."""
    found: defaultdict[str, list[ir.Clause]] = defaultdict(list)
    for clause in sorted(clauses, key=_weight):
        found[clause.head.relation].append(clause)
    return dict(found)


def _weight(clause: ir.Clause) -> int:
    return len(clause.body) + 2 * len(clause.aggregates) + 2 * len(clause.negated) + len(clause.guards)
