"""Expressions as trees: all parts of one, the variables and parameters in it, a substitution of variables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Final

from followcue.base.civil import CivilOp
from followcue.language.logic.program import (
    Aggregate,
    Arith,
    Atom,
    Civil,
    Clause,
    Compare,
    Expr,
    Extreme,
    Junction,
    Length,
    Param,
    Program,
    Quotient,
    Rescale,
    Shift,
    Test,
    Today,
    Var,
)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all within it, in the order of the text."""
    left = [expr]
    while left:
        part = left.pop()
        yield part
        match part:
            case (
                Arith(_, one, other) | Compare(_, one, other) | Shift(one, other, _) | Quotient(_, one, other)
            ):
                left += (other, one)
            case Civil(_, items) | Extreme(_, items) | Junction(_, items):
                left += reversed(items)
            case Length(item) | Rescale(item):
                left.append(item)


def substituted(expr: Expr, value: Callable[[str], Expr]) -> Expr:
    """The expression with each variable replaced by what `value` gives for its name."""
    match expr:
        case Var(name):
            return value(name)
        case Arith(_, left, right) | Compare(_, left, right) | Quotient(_, left, right):
            return replace(expr, left=substituted(left, value), right=substituted(right, value))
        case Shift(day, by, _):
            return replace(expr, day=substituted(day, value), by=substituted(by, value))
        case Civil(_, items) | Extreme(_, items) | Junction(_, items):
            return replace(expr, items=tuple(substituted(item, value) for item in items))
        case Length(item) | Rescale(item):
            return replace(expr, item=substituted(item, value))
        case _:
            return expr


def variables(expr: Expr) -> frozenset[str]:
    """The names of the variables in `expr`."""
    return frozenset(part.name for part in walk(expr) if isinstance(part, Var))


def parameters_in(expr: Expr) -> Iterator[str]:
    """The names of the parameters in `expr`, each as often as it stands there."""
    return (part.name for part in walk(expr) if isinstance(part, Param))


def depends_on_today(expr: Expr) -> bool:
    """Whether the value of `expr` may change from day to day."""
    return any(isinstance(part, Today) for part in walk(expr))


def moves_a_day(expr: Expr) -> bool:
    """Whether `expr` is a day that is moved from another, so that it may leave the calendar."""
    if isinstance(expr, Extreme):
        return any(map(moves_a_day, expr.items))
    return isinstance(expr, Shift) or (isinstance(expr, Civil) and expr.op not in _OTHER_THAN_DAYS)


_OTHER_THAN_DAYS: Final[Collection[CivilOp]] = ("months_between", "years_between", "weekday_of")
"""The functions of the civil calendar that give no day."""


def civil_functions(program: Program) -> list[CivilOp]:
    """The functions of the civil calendar that a program uses, by name."""
    parts = (part for clause in program.clauses for expr in expressions_of(clause) for part in walk(expr))
    return sorted({part.op for part in parts if isinstance(part, Civil)})


def counts_months(expr: Expr) -> bool:
    """Whether `expr` is a number of months or years between two days."""
    return isinstance(expr, Civil) and expr.op in ("months_between", "years_between")


def test_variables(test: Test) -> frozenset[str]:
    """The names of the variables that `test` compares with."""
    return frozenset() if test.value is None or isinstance(test.value, tuple) else variables(test.value)


def atom_variables(atom: Atom) -> frozenset[str]:
    """The names of the variables that `atom` joins or compares with."""
    return frozenset(name for _, name in atom.joins).union(*map(test_variables, atom.tests))


def aggregate_variables(aggregate: Aggregate) -> frozenset[str]:
    """The names of the variables that `aggregate` binds."""
    names = {name for _, name in aggregate.outputs}
    return frozenset(names if aggregate.result is None else names | {aggregate.result})


def atoms_of(clause: Clause) -> Iterator[Atom]:
    """Every atom of `clause`: of its body, those that it negates, and those of its aggregates."""
    yield from clause.body
    yield from clause.negated
    yield from (aggregate.atom for aggregate in clause.aggregates)


def expressions_of(clause: Clause) -> Iterator[Expr]:
    """Every expression of `clause`: of its head, its guards, and the tests of its atoms."""
    yield from clause.head.values
    yield from clause.guards
    for atom in atoms_of(clause):
        for test in atom.tests:
            if test.value is not None and not isinstance(test.value, tuple):
                yield test.value
