"""What follows from a tableau: which facts of it are what a condition asks for, whatever the values are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from followcue.base.rows import Value
from followcue.language.logic import program as ir
from followcue.language.logic.text_parts import implied, meets, part_of
from followcue.language.logic.types import type_of
from followcue.language.model.syntax import TURNED
from followcue.synthesis.solver.civil_uses import as_moves
from followcue.synthesis.solver.differences import ZERO, Node
from followcue.synthesis.solver.linear import LinearDemand, Sum, Unclear, difference
from followcue.synthesis.solver.tableau import (
    ABSENT,
    Cell,
    Frame,
    Tableau,
    extreme_of,
    order_demands,
    variable_types,
)

Nodes = Mapping[str, Node]


class Fact(NamedTuple):
    """A fact of a tableau as a condition sees it: its columns, those not mentioned missing."""

    relation: str
    cells: Mapping[str, Cell]


def facts(tableau: Tableau, relation: str) -> Iterator[Fact]:
    """The facts of a relation that are there for certain."""
    kind, _, listed = relation.partition(".")
    for entity in tableau.entities:
        if entity.kind.name != kind:
            continue
        if not listed:
            yield Fact(relation, entity.cells)
        for node in entity.members.get(listed, ()):
            yield Fact(relation, {**entity.cells, listed: node})
    for derived in tableau.derived:
        if derived.relation == relation:
            yield Fact(relation, derived.cells)


def denied(tableau: Tableau, heads: Mapping[str, Sequence[ir.Clause]]) -> bool:
    """Whether something is there for certain that a clause of the tableau demands to be absent."""
    for frame in tuple(tableau.frames):
        entails = Entails(tableau, frame)
        for atom in frame.clause.negated:
            if any(entails.matches(fact, atom) for fact in facts(tableau, atom.relation)):
                return True
            if any(_concludes(tableau, clause, atom, frame) for clause in heads.get(atom.relation, ())):
                return True
    return False


def bound_extremes(tableau: Tableau) -> None:
    """Demand of the facts among which an aggregate chooses that none goes beyond the chosen one."""
    for frame in tuple(tableau.frames):
        entails = Entails(tableau, frame)
        for place, aggregate in enumerate(frame.clause.aggregates):
            extreme = frame.nodes.get(aggregate.result or extreme_of(place))
            if aggregate.op in ("count", "sum") or aggregate.column is None or extreme is None:
                continue
            if tableau.store.is_symbol(extreme):
                continue
            column = tableau.world.columns[aggregate.atom.relation][aggregate.column]
            for fact in tuple(facts(tableau, aggregate.atom.relation)):
                cell = fact.cells.get(column)
                if isinstance(cell, int) and entails.matches(fact, aggregate.atom):
                    greatest = aggregate.op in ("newest", "max")
                    low, high = (cell, extreme) if greatest else (extreme, cell)
                    tableau.store.at_most(low, high, 0)


def _concludes(tableau: Tableau, clause: ir.Clause, atom: ir.Atom, frame: Frame) -> bool:
    """Whether a plain clause concludes from the facts of the tableau what an atom asks for."""
    if clause.negated or clause.aggregates or len(clause.body) > 2:
        return False
    columns = tableau.world.columns[atom.relation]
    for nodes in embeddings(tableau, clause):
        own = Frame(clause, nodes, variable_types(clause, tableau.world))
        if not all(Entails(tableau, own).guard(guard) for guard in clause.guards):
            continue
        cells: dict[str, Cell] = {}
        for name, expr in zip(columns, clause.head.values, strict=True):
            if isinstance(expr, ir.Var):
                cells[name] = nodes[expr.name]
            elif expr == ir.Const(None):
                cells[name] = ABSENT
        if Entails(tableau, frame).matches(Fact(atom.relation, cells), atom):
            return True
    return False


def embeddings(tableau: Tableau, clause: ir.Clause, known: Nodes | None = None) -> Iterator[dict[str, Node]]:
    """Every way to find the body of a clause among the facts of a tableau, for certain."""
    yield from _embed(tableau, clause, clause.body, dict(known or {}))


def _embed(
    tableau: Tableau, clause: ir.Clause, body: Sequence[ir.Atom], nodes: dict[str, Node]
) -> Iterator[dict[str, Node]]:
    if not body:
        yield nodes
        return
    atom, *rest = body
    columns = tableau.world.columns[atom.relation]
    types = variable_types(clause, tableau.world)
    for fact in tuple(facts(tableau, atom.relation)):
        bound = dict(nodes)
        for column, variable in atom.joins:
            cell = fact.cells.get(columns[column])
            if not isinstance(cell, int):
                break
            if variable in bound and not same(tableau, bound[variable], cell):
                break
            bound.setdefault(variable, cell)
        else:
            frame = Frame(clause, bound, types)
            if all(Entails(tableau, frame).test(fact.cells.get(columns[t.column]), t) for t in atom.tests):
                yield from _embed(tableau, clause, rest, bound)


def same(tableau: Tableau, one: Node, other: Node) -> bool:
    """Whether two values are equal for certain."""
    store = tableau.store
    if store.find(one) == store.find(other):
        return True
    if store.is_symbol(one):
        value = store.constant(one)
        return value is not None and value == store.constant(other)
    return store.distance(one, other) == 0 and store.distance(other, one) == 0


class Entails:
    """Says what is certain of conditions, the variables of which are those of a frame."""

    def __init__(self, tableau: Tableau, frame: Frame) -> None:
        self._tableau = tableau
        self._store = tableau.store
        self._frame = frame

    def matches(self, fact: Fact, atom: ir.Atom) -> bool:
        """Whether a fact is what an atom asks for."""
        columns = self._tableau.world.columns[atom.relation]
        for column, variable in atom.joins:
            cell = fact.cells.get(columns[column])
            node = self._frame.nodes.get(variable)
            if not isinstance(cell, int) or node is None or not same(self._tableau, cell, node):
                return False
        return all(self.test(fact.cells.get(columns[test.column]), test) for test in atom.tests)

    def test(self, cell: Cell | None, test: ir.Test) -> bool:
        """Whether a column passes a test."""
        if test.op == "absent":
            return cell is ABSENT
        if not isinstance(cell, int):
            return False
        if test.op == "present":
            return True
        if isinstance(test.value, tuple):
            return self._listed(cell, test.value)
        assert test.value is not None
        if self._store.is_symbol(cell):
            return self._words(test.op, cell, test.value)
        return self._sums(test.op, Sum(((cell, 1),)), test.value)

    def guard(self, expr: ir.Expr) -> bool:
        """Whether a guard holds."""
        match expr:
            case ir.Junction("and", items):
                return all(self.guard(item) for item in items)
            case ir.Junction(_, items):
                return any(self.guard(item) for item in items)
            case ir.Compare() if (moves := as_moves(expr)) != expr:
                return self.guard(moves)
            case ir.Compare(op, left, right):
                world = self._tableau.world
                if type_of(left, self._frame.types, world.types) in ("text", "bool"):
                    word = self._word(left)
                    return word is not None and self._words(op, word, right)
                total = self._sum(left)
                return total is not None and self._sums(op, total, right)
            case _:
                return False

    def equal(self, mine: ir.Expr, theirs: ir.Expr, other: Frame) -> bool:
        """Whether an expression of this frame and one of another have one value, or both are absent."""
        absent = ir.Const(None)
        if absent in (mine, theirs):
            return mine == theirs
        return self.compare(mine, "==", theirs, other)

    def compare(self, mine: ir.Expr, op: str, theirs: ir.Expr, other: Frame) -> bool:
        """Whether an expression of this frame stands so to one of another."""
        world = self._tableau.world
        kinds = type_of(mine, self._frame.types, world.types), type_of(theirs, other.types, world.types)
        if "text" in kinds or "bool" in kinds:
            one, two = self._word(mine), Entails(self._tableau, other)._word(theirs)
            return op == "==" and one is not None and two is not None and same(self._tableau, one, two)
        left, right = self._sum(mine), Entails(self._tableau, other)._sum(theirs)
        if left is None or right is None:
            return False
        return self._all_hold(op, left.plus(right, -1))

    # --- words
    def _listed(self, node: Node, values: tuple[Value, ...]) -> bool:
        if self._store.is_symbol(node):
            allowed = self._store.allowed(node)
            return allowed is not None and allowed <= set(values)
        exact = self._store.distance(ZERO, node)
        return exact is not None and exact in values and self._store.distance(node, ZERO) == -exact

    def _words(self, op: str, node: Node, expr: ir.Expr) -> bool:
        if op in TURNED:
            part = part_of(op, expr, self._tableau.world.parameters)
            if part is None:
                return False
            allowed = self._store.allowed(node)
            if allowed is not None:
                return all(meets(value, [part]) for value in allowed)
            return implied(part, self._store.parts(node))
        if isinstance(expr, ir.Const):
            allowed = self._store.allowed(node)
            if op == "==":
                return allowed is not None and allowed <= {expr.value}
            return expr.value in self._store.excluded(node) or (
                allowed is not None and expr.value not in allowed
            )
        other = self._word(expr)
        if other is None:
            return False
        if op == "==":
            return same(self._tableau, node, other)
        pair = {self._store.find(node), self._store.find(other)}
        if any(set(known) == pair for known in self._store.differing()):
            return True
        mine, theirs = self._store.allowed(node), self._store.allowed(other)
        return mine is not None and theirs is not None and not mine & theirs

    def _word(self, expr: ir.Expr) -> Node | None:
        if isinstance(expr, ir.Var) and expr.name not in self._frame.nodes:
            return None
        return self._tableau.word(expr, self._frame)

    # --- sums
    def _sum(self, expr: ir.Expr) -> Sum | None:
        try:
            total, choices = self._tableau.sum(expr, self._frame)
        except (Unclear, KeyError):
            return None
        return None if choices else total

    def _sums(self, op: str, total: Sum, expr: ir.Expr) -> bool:
        other = self._sum(expr)
        return other is not None and self._all_hold(op, total.plus(other, -1))

    def _all_hold(self, op: str, total: Sum) -> bool:
        """Whether one of the ways in which a comparison can hold does so for certain."""
        return any(all(self._holds(demand) for demand in way) for way in order_demands(op, total))

    def _holds(self, demand: LinearDemand) -> bool:
        assert isinstance(demand.left, Sum)
        if demand.op == "equal":
            return self._is_at_most(demand.left) and self._is_at_most(demand.left.times(-1))
        return self._is_at_most(demand.left)

    def _is_at_most(self, total: Sum) -> bool:
        found = difference(self._store, total)
        if found is None:
            return False
        target, source, distance = found
        if target == source:
            return distance >= 0
        known = self._store.distance(source, target)
        return known is not None and known <= distance
