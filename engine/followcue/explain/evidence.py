"""Provenance: the derivations of one evaluation, each read beside its clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from followcue.base.rows import Row, Value
from followcue.evaluation.advice.support import Node, RowDerivations
from followcue.evaluation.match.interpret import joined, test_holds
from followcue.evaluation.match.protocol import Derivation, Environment, Facts
from followcue.language.logic.program import Aggregate, Atom, Clause, Program
from followcue.language.model.pack import is_helper


class AggregateRows(NamedTuple):
    """The rows of one aggregate that a derivation rests on, and among how many they were chosen."""

    aggregate: Aggregate
    rows: tuple[Row, ...]
    among: int


class Firing(NamedTuple):
    """A derivation read by its clause: which row stands for which atom, and the value of each variable."""

    derivation: Derivation
    clause: Clause
    bindings: Mapping[str, Value]
    matched: tuple[tuple[Atom, Row], ...]
    seen: tuple[AggregateRows, ...]

    @property
    def premises(self) -> Iterator[Node]:
        """Every row that it rests on, with its relation; once for the conditions, once for each choice."""
        return premises_of(self.matched, self.seen)


def premises_of(matched: Iterable[tuple[Atom, Row]], seen: Iterable[AggregateRows]) -> Iterator[Node]:
    """The rows matched and the rows seen, with their relations; each of the matched ones once."""
    yield from dict.fromkeys((atom.relation, row) for atom, row in matched)
    for each in seen:
        for row in each.rows:
            yield each.aggregate.atom.relation, row


class Evidence:
    """The derivations of one evaluation, the facts and the environment that they come from."""

    def __init__(
        self,
        program: Program,
        environment: Environment,
        facts: Facts,
        derived: Mapping[str, RowDerivations],
    ) -> None:
        self.program = program
        self.environment = environment
        self._facts = facts
        self.derived = derived
        self._known: dict[Node, list[Firing]] = {}

    def is_derived(self, relation: str) -> bool:
        """Whether rules make the rows of `relation`."""
        return self.program.relations[relation].derived

    def firings(self, derivations: Iterable[Derivation]) -> list[Firing]:
        """Each derivation as a `Firing`, in an order that is the same for all matchers."""
        return [self._read(d) for d in sorted(derivations, key=self._order)]

    def of(self, node: Node) -> list[Firing]:
        """The firings that derive a row."""
        if node not in self._known:
            relation, row = node
            self._known[node] = self.firings(self.derived[relation][row])
        return self._known[node]

    def beneath_helpers(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """The rows, and instead of those that only serve one rule what they were made of."""
        for node in nodes:
            if not is_helper(node[0]):
                yield node
            elif node[1] in self.derived.get(node[0], ()):
                firing = self.of(node)[0]
                matched = [(atom, row) for atom, row in firing.matched if not _is_implied(atom)]
                yield from dict.fromkeys(self.beneath_helpers(premises_of(matched, firing.seen)))

    def _read(self, derivation: Derivation) -> Firing:
        clause = self.program.clauses[derivation.clause]
        bindings: dict[str, Value] = {}
        for atom, row in zip(clause.body, derivation.body, strict=True):
            bindings = _agreeing(joined(atom.joins, row, bindings))
        seen = []
        for aggregate, rows in zip(clause.aggregates, derivation.grouped, strict=True):
            seen.append(
                AggregateRows(aggregate, tuple(sorted(rows, key=row_key)), self._among(aggregate, bindings))
            )
            bindings = _outcome(aggregate, rows, bindings)
        matched = tuple(zip(clause.body, derivation.body, strict=True))
        return Firing(derivation, clause, bindings, matched, tuple(seen))

    def _among(self, aggregate: Aggregate, bindings: Mapping[str, Value]) -> int:
        """How many rows match the atom of an aggregate."""
        atom, environment = aggregate.atom, self.environment
        return sum(
            joined(atom.joins, row, bindings) is not None
            and all(test_holds(test, row, bindings, environment) for test in atom.tests)
            for row in dict.fromkeys(self._rows(atom.relation))
        )

    def _rows(self, relation: str) -> Iterable[Row]:
        rows = self.derived if self.is_derived(relation) else self._facts
        return rows.get(relation, ())

    def _order(self, derivation: Derivation) -> tuple[object, ...]:
        clause = self.program.clauses[derivation.clause]
        grouped = [sorted(map(row_key, rows)) for rows in derivation.grouped]
        return clause.rule, derivation.clause, [row_key(row) for row in derivation.body], grouped


def _is_implied(atom: Atom) -> bool:
    """Whether an atom only says which record the rule speaks of."""
    return atom.joins == ((0, atom.relation),) and not atom.tests


def row_key(row: Row) -> tuple[tuple[bool, Value], ...]:
    """A sort key for rows: absent values come first."""
    return tuple((value is not None, value) for value in row)


def _agreeing(bindings: dict[str, Value] | None) -> dict[str, Value]:
    assert bindings is not None, "the rows of a derivation agree"
    return bindings


def _outcome(aggregate: Aggregate, rows: Sequence[Row], bindings: Mapping[str, Value]) -> dict[str, Value]:
    """The bindings with what the aggregate binds."""
    if aggregate.result is None:
        return _agreeing(joined(aggregate.outputs, rows[0], bindings))
    value: Value = len(rows)
    if aggregate.column is not None:
        column = [cast(int, row[aggregate.column]) for row in rows]
        value = sum(column) if aggregate.op == "sum" else column[0]
    return {**bindings, aggregate.result: value}
