"""Aggregates, computed by the host over the rows of complete relations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

from followcue.base.rows import Row, Value
from followcue.evaluation.match.durable.meter import Meter
from followcue.evaluation.match.evaluate import joined, test_holds
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic.program import Aggregate, Atom

Bindings: TypeAlias = Mapping[str, Value]
Rows: TypeAlias = tuple[Row, ...]


class Groups:
    """Finds the rows that match an atom all of whose variables are bound, and what aggregates make of them.

    Asked only about relations that are complete, so an index once made stays right for the run.
    """

    def __init__(self, rows: Mapping[str, Collection[Row]], environment: Environment, meter: Meter) -> None:
        self._rows = rows
        self._env = environment
        self._meter = meter
        self._indexes: dict[tuple[str, tuple[int, ...]], dict[Row, list[Row]]] = {}

    def outcomes(
        self, aggregates: tuple[Aggregate, ...], bindings: Bindings, grouped: tuple[Rows, ...] = ()
    ) -> Iterator[tuple[Bindings, tuple[Rows, ...]]]:
        """Each way in which all the aggregates come out: the variables then bound and the rows of each."""
        if not aggregates:
            yield bindings, grouped
            return
        for bound, rows in self._outcomes(aggregates[0], bindings):
            yield from self.outcomes(aggregates[1:], bound, (*grouped, rows))

    def matching(self, atom: Atom, bindings: Bindings) -> list[Row]:
        """The rows that match `atom`."""
        columns = tuple(column for column, _ in atom.joins)
        wanted = tuple(bindings[variable] for _, variable in atom.joins)
        rows = self._index(atom.relation, columns).get(wanted, [])
        self._meter.steps(len(rows))
        if not atom.tests:
            return rows
        return [row for row in rows if all(test_holds(test, row, bindings, self._env) for test in atom.tests)]

    def _outcomes(self, aggregate: Aggregate, bindings: Bindings) -> Iterator[tuple[Bindings, Rows]]:
        matching = self.matching(aggregate.atom, bindings)
        if aggregate.op == "count":
            yield _bind(bindings, aggregate, len(matching)), tuple(matching)
            return
        assert aggregate.column is not None
        column = aggregate.column
        present: list[tuple[Any, Row]] = [(row[column], row) for row in matching if row[column] is not None]
        if aggregate.op == "sum":
            total = sum(value for value, _ in present)
            yield _bind(bindings, aggregate, total), tuple(row for _, row in present)
        elif present:
            yield from self._extremes(aggregate, bindings, present)

    def _extremes(
        self, aggregate: Aggregate, bindings: Bindings, present: list[tuple[Any, Row]]
    ) -> Iterator[tuple[Bindings, Rows]]:
        values = [value for value, _ in present]
        extreme = max(values) if aggregate.op in ("max", "newest") else min(values)
        rows = tuple(row for value, row in present if value == extreme)
        if aggregate.op in ("min", "max"):
            yield _bind(bindings, aggregate, extreme), rows
            return
        for row in rows:
            bound = joined(aggregate.outputs, row, bindings)
            if bound is not None:
                yield bound, (row,)

    def _index(self, relation: str, columns: tuple[int, ...]) -> dict[Row, list[Row]]:
        """The rows by their values in `columns`; those that lack one match nothing."""
        index = self._indexes.get((relation, columns))
        if index is None:
            index = self._indexes[relation, columns] = {}
            for row in self._rows[relation]:
                key = tuple(row[column] for column in columns)
                if None not in key:
                    index.setdefault(key, []).append(row)
        return index


def _bind(bindings: Bindings, aggregate: Aggregate, value: Value) -> Bindings:
    assert aggregate.result is not None
    return {**bindings, aggregate.result: value}
