"""The value of an expression, by walking its tree: the meaning that generated code must reproduce."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

from followcue.base.rows import Row, Value
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.match.refusals import WIDEST, too_wide
from followcue.language.logic.program import (
    Arith,
    Compare,
    Const,
    Expr,
    Extreme,
    Head,
    Junction,
    Param,
    Shift,
    Test,
    Today,
    Var,
)

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
        case Extreme(op, items):
            values = [evaluate_expr(item, bindings, env) for item in items]
            return max(values) if op == "max" else min(values)
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


def derived_row(head: Head, bindings: Mapping[str, Value], env: Environment) -> Row:
    """The row that `head` stands for; raises `LimitExceeded` for a number too wide to go on with."""
    row = tuple(evaluate_expr(value, bindings, env) for value in head.values)
    if any(isinstance(value, int) and abs(value) >= WIDEST for value in row):
        too_wide()
    return row
