"""An interpreter of expressions, tests and aggregates: the meaning that generated code must reproduce."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, assert_never

from followcue.base.civil import FUNCTIONS
from followcue.base.rows import Row, Value
from followcue.base.values import quotient
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.match.refusals import BEFORE, BEYOND, WIDEST, off_the_calendar, too_wide
from followcue.language.logic.program import (
    Aggregate,
    Arith,
    Civil,
    Clause,
    Compare,
    Const,
    Expr,
    Extreme,
    Junction,
    Length,
    Param,
    Quotient,
    Rescale,
    Shift,
    Test,
    Today,
    Var,
)
from followcue.language.logic.walk import moves_a_day

# The operands have one type that the operator accepts: the checks before matching saw to that.
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "contains": operator.contains,
    "starts with": str.startswith,
    "ends with": str.endswith,
    "does not contain": lambda text, part: part not in text,
    "does not start with": lambda text, part: not text.startswith(part),
    "does not end with": lambda text, part: not text.endswith(part),
}


def evaluate_expr(expr: Expr, bindings: Mapping[str, Value], env: Environment) -> Any:
    """The value of `expr`; each of its variables must be in `bindings`, each parameter in `env`."""
    match expr:
        case Const(value):
            return value
        case Var(name):
            return bindings[name]
        case Param(name):
            return env.parameters[name]
        case Today():
            return env.today
        case Arith(op, left, right) | Compare(op, left, right):
            return _OPERATORS[op](evaluate_expr(left, bindings, env), evaluate_expr(right, bindings, env))
        case Shift(day, by, sign):
            days = sign * evaluate_expr(by, bindings, env)
            start = evaluate_expr(day, bindings, env)
            return start + days if env.shift is None else env.shift(start, days)
        case Civil(function, items):
            return FUNCTIONS[function](*(evaluate_expr(item, bindings, env) for item in items))
        case Extreme(op, items):
            values = [evaluate_expr(item, bindings, env) for item in items]
            return max(values) if op == "max" else min(values)
        case Rescale(item, places):
            return evaluate_expr(item, bindings, env) * 10**places
        case Quotient(how, left, right):
            return quotient(how, evaluate_expr(left, bindings, env), evaluate_expr(right, bindings, env))
        case Length(item):
            return len(evaluate_expr(item, bindings, env))
        case Junction(op, items):
            truths = (evaluate_expr(item, bindings, env) for item in items)
            return all(truths) if op == "and" else any(truths)
        case _:
            assert_never(expr)


def test_holds(test: Test, row: Row, bindings: Mapping[str, Value], env: Environment) -> bool:
    """Whether `row` passes `test`; an absent value passes only the test `absent`."""
    value = row[test.column]
    if test.op == "absent" or value is None:
        return test.op == "absent" and value is None
    if test.op == "present":
        return True
    if isinstance(test.value, tuple):
        return value in test.value
    assert test.value is not None
    return bool(_OPERATORS[test.op](value, evaluate_expr(test.value, bindings, env)))


def joined(
    pairs: tuple[tuple[int, str], ...], row: Row, bindings: Mapping[str, Value]
) -> dict[str, Value] | None:
    """`bindings` and the columns of `row` that `pairs` name; None where one disagrees or is absent."""
    bound = dict(bindings)
    for column, variable in pairs:
        value = row[column]
        if value is None or bound.setdefault(variable, value) != value:
            return None
    return bound


def outcomes(
    aggregate: Aggregate, matching: Sequence[Row], bindings: Mapping[str, Value]
) -> Iterator[tuple[tuple[Row, ...], Mapping[str, Value]]]:
    """Each outcome of an aggregate over the rows that match its atom: the rows used, what is bound then."""
    if aggregate.op == "count":
        yield tuple(matching), _with(bindings, aggregate, len(matching))
        return
    column = aggregate.column
    assert column is not None
    values: list[tuple[Any, Row]] = [(row[column], row) for row in matching if row[column] is not None]
    if aggregate.op == "sum":
        yield tuple(row for _, row in values), _with(bindings, aggregate, sum(value for value, _ in values))
    elif values:
        furthest = max if aggregate.op in ("max", "newest") else min
        extreme = furthest(value for value, _ in values)
        rows = tuple(row for value, row in values if value == extreme)
        if aggregate.op in ("min", "max"):
            yield rows, _with(bindings, aggregate, extreme)
        else:
            chosen = ((row, joined(aggregate.outputs, row, bindings)) for row in rows)
            yield from (((row,), bound) for row, bound in chosen if bound is not None)


def _with(bindings: Mapping[str, Value], aggregate: Aggregate, value: Value) -> Mapping[str, Value]:
    assert aggregate.result is not None
    return {**bindings, aggregate.result: value}


def derived_row(number: int, clause: Clause, bindings: Mapping[str, Value], env: Environment) -> Row:
    """The row that a clause derives; raises `LimitExceeded` for a number or a day that nothing can hold."""
    row = tuple([evaluate_expr(value, bindings, env) for value in clause.head.values])
    for value, expr in zip(row, clause.head.values, strict=True):
        if isinstance(value, int):
            if moves_a_day(expr) and not BEFORE < value < BEYOND:
                off_the_calendar(number)
            if abs(value) >= WIDEST:
                too_wide(number)
    return row
