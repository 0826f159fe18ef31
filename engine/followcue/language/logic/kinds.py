"""Kinds of values: whether what a clause speaks of is a date, a duration, a number or text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from followcue.base.rows import ColumnType, Relation
from followcue.language.logic import program as ir
from followcue.language.model.vocabulary import Vocabulary

Kinds: TypeAlias = Mapping[str, ColumnType]
"""The kind of each variable of a clause."""


def kinds_of(clause: ir.Clause, relations: Mapping[str, Relation]) -> Kinds:
    """The kinds of the variables that the clause binds."""
    kinds: dict[str, ColumnType] = {}
    for atom in clause.body:
        kinds |= _kinds_in(atom.joins, relations[atom.relation])
    for aggregate in clause.aggregates:
        relation = relations[aggregate.atom.relation]
        kinds |= _kinds_in(aggregate.outputs, relation)
        if aggregate.result is not None:
            column = aggregate.column
            kinds[aggregate.result] = "number" if column is None else relation.columns[column].type
    return kinds


def kind_of(expr: ir.Expr, kinds: Kinds, vocabulary: Vocabulary) -> ColumnType | None:
    """The kind of an expression; None for a constant, which is of whatever kind is wanted."""
    match expr:
        case ir.Var(name):
            return kinds[name]
        case ir.Param(name):
            parameter = vocabulary.parameters.get(name)
            return parameter.type.base if parameter else "text"
        case ir.Today() | ir.Shift():
            return "date"
        case ir.Arith(op, left, right):
            both = [kind_of(left, kinds, vocabulary), kind_of(right, kinds, vocabulary)]
            if op == "-" and "date" in both:
                return "duration"
            return _first(sorted((kind for kind in both if kind), key=_ARITHMETIC.index))
        case ir.Extreme(_, items):
            return _first(kind_of(item, kinds, vocabulary) for item in items)
        case _:
            return None


_ARITHMETIC: tuple[ColumnType, ...] = ("duration", "number", "date", "moment", "text", "bool")
"""The kind of a sum or product is the first of these among its parts: twice a duration is a duration."""


def _kinds_in(pairs: Iterable[tuple[int, str]], relation: Relation) -> dict[str, ColumnType]:
    return {variable: relation.columns[column].type for column, variable in pairs}


def _first(kinds: Iterable[ColumnType | None]) -> ColumnType | None:
    return next((kind for kind in kinds if kind), None)
