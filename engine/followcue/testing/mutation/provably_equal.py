"""Mutants of which it can be proved that they mean the same as their rule.

What is proved: two events of different kinds of one record never share a moment. So where a mutant only turns
`after` into `on or after` (or the like), and the two moments come from different kinds of events of the same
record, no situation can tell it from its rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from followcue.language.logic.program import Atom, Clause, Compare, Expr, Extreme, Program, Test, Var
from followcue.language.model.vocabulary import Vocabulary

Kinds: TypeAlias = frozenset[str]

TIE = "two events of different kinds never share a moment"

_STRICT = {"<": "<=", ">": ">=", "<=": "<", ">=": ">"}


class Moments:
    """Which kinds of events the moments of each relation may come from."""

    def __init__(self, program: Program, vocabulary: Vocabulary) -> None:
        self._scope = vocabulary.shape.scope
        self._columns = {
            (name, number)
            for name, relation in program.relations.items()
            for number, column in enumerate(relation.columns)
            if column.type == "moment"
        }
        self._scopes = {
            name: next((n for n, column in enumerate(r.columns) if column.name == self._scope), None)
            for name, r in program.relations.items()
        }
        self._kinds: dict[tuple[str, int], Kinds] = {
            (name, column): frozenset()
            if program.relations[name].derived
            else frozenset((name.partition(".")[0],))
            for name, column in self._columns
        }
        while self._grow(program):
            pass

    def _grow(self, program: Program) -> bool:
        grown = False
        for clause in program.clauses:
            for column, value in enumerate(clause.head.values):
                place = (clause.head.relation, column)
                if place in self._columns:
                    more = self._kinds[place] | self._of(value, clause)
                    grown |= more != self._kinds[place]
                    self._kinds[place] = more
        return grown

    def _of(self, value: Expr, clause: Clause) -> Kinds:
        if isinstance(value, Extreme):
            return frozenset().union(*(self._of(item, clause) for item in value.items))
        if not isinstance(value, Var):
            return frozenset()
        found = [self._kinds[atom.relation, column] for atom, column in self._sites(value.name, clause)]
        return frozenset.intersection(*found) if found else frozenset()

    def _sites(self, variable: str, clause: Clause) -> Iterator[tuple[Atom, int]]:
        """Where a variable takes its moment from."""
        for atom in clause.body:
            for column, name in atom.joins:
                if name == variable and (atom.relation, column) in self._columns:
                    yield atom, column
        for aggregate in clause.aggregates:
            columns = [column for column, name in aggregate.outputs if name == variable]
            if aggregate.result == variable and aggregate.column is not None:
                columns.append(aggregate.column)
            for column in columns:
                if (aggregate.atom.relation, column) in self._columns:
                    yield aggregate.atom, column

    def _scope_of(self, atom: Atom) -> str | None:
        """The variable of the record that the rows of an atom belong to; `` for the whole."""
        column = self._scopes.get(atom.relation)
        if column is None:
            return ""
        return next((name for place, name in atom.joins if place == column), None)

    def never_meet(self, atom: Atom, column: int, other: Expr, clause: Clause) -> bool:
        """Whether a row of the atom never has the very moment `other`."""
        if (atom.relation, column) not in self._columns or not isinstance(other, Var):
            return False
        own = self._kinds[atom.relation, column]
        scope = self._scope_of(atom)
        return scope is not None and any(
            self._scope_of(site) == scope and not own & self._kinds[site.relation, place]
            for site, place in self._sites(other.name, clause)
        )

    def variables_never_meet(self, one: Expr, other: Expr, clause: Clause) -> bool:
        """Whether two variables never have the same moment."""
        if not isinstance(one, Var):
            return False
        return any(
            self.never_meet(atom, column, other, clause) for atom, column in self._sites(one.name, clause)
        )


def only_ties(rule: Iterable[Clause], mutant: Iterable[Clause], moments: Moments) -> bool:
    """Whether the mutant differs from its rule only where two moments meet that never do."""
    ours, theirs = list(rule), list(mutant)
    return len(ours) == len(theirs) and all(
        one == other or _clause_ties(one, other, moments) for one, other in zip(ours, theirs, strict=True)
    )


def _clause_ties(one: Clause, other: Clause, moments: Moments) -> bool:
    parts = (one.head, len(one.body), len(one.negated), len(one.guards), len(one.aggregates))
    if parts != (other.head, len(other.body), len(other.negated), len(other.guards), len(other.aggregates)):
        return False
    folds = [(a.op, a.column, a.result, a.outputs) for a in one.aggregates]
    if folds != [(a.op, a.column, a.result, a.outputs) for a in other.aggregates]:
        return False
    pairs = [
        *zip(one.body, other.body, strict=True),
        *zip(one.negated, other.negated, strict=True),
        *((a.atom, b.atom) for a, b in zip(one.aggregates, other.aggregates, strict=True)),
    ]
    return all(_atom_ties(a, b, one, moments) for a, b in pairs) and all(
        _guard_ties(a, b, one, moments) for a, b in zip(one.guards, other.guards, strict=True)
    )


def _atom_ties(one: Atom, other: Atom, clause: Clause, moments: Moments) -> bool:
    if (one.relation, one.joins, len(one.tests)) != (other.relation, other.joins, len(other.tests)):
        return False
    return all(
        a == b or (_flipped(a, b) and _no_tie(one, a, clause, moments))
        for a, b in zip(one.tests, other.tests, strict=True)
    )


def _no_tie(atom: Atom, test: Test, clause: Clause, moments: Moments) -> bool:
    value = test.value
    return not isinstance(value, tuple | None) and moments.never_meet(atom, test.column, value, clause)


def _flipped(one: Test, other: Test) -> bool:
    return (one.column, one.value) == (other.column, other.value) and _STRICT.get(one.op) == other.op


def _guard_ties(one: Expr, other: Expr, clause: Clause, moments: Moments) -> bool:
    if one == other:
        return True
    return (
        isinstance(one, Compare)
        and isinstance(other, Compare)
        and (one.left, one.right) == (other.left, other.right)
        and _STRICT.get(one.op) == other.op
        and moments.variables_never_meet(one.left, one.right, clause)
    )


def by_rule(clauses: Iterable[Clause]) -> Mapping[str, list[Clause]]:
    """The clauses of each rule."""
    found: dict[str, list[Clause]] = {}
    for clause in clauses:
        found.setdefault(clause.rule, []).append(clause)
    return found
