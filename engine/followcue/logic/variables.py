"""Which variables an expression or a test uses."""

from __future__ import annotations

from typing import assert_never

from followcue.logic.program import (
    Arith,
    Compare,
    Const,
    Expr,
    Extreme,
    Junction,
    Param,
    Shift,
    Test,
    Today,
    Var,
)


def variables(expr: Expr) -> frozenset[str]:
    """The names of the variables in `expr`."""
    match expr:
        case Var(name):
            return frozenset((name,))
        case Const() | Param() | Today():
            return frozenset()
        case Arith(_, left, right) | Compare(_, left, right) | Shift(left, right, _):
            return variables(left) | variables(right)
        case Extreme(_, items) | Junction(_, items):
            return frozenset().union(*map(variables, items))
        case _:
            assert_never(expr)


def test_variables(test: Test) -> frozenset[str]:
    """The names of the variables that `test` compares with."""
    return frozenset() if test.value is None or isinstance(test.value, tuple) else variables(test.value)
