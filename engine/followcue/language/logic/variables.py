"""What stands inside an expression: its parts, and the variables and parameters that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from followcue.language.logic.program import (
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


def parts_of(expr: Expr) -> Iterator[Expr]:
    """The expression and all within it."""
    yield expr
    match expr:
        case Arith(_, left, right) | Compare(_, left, right) | Shift(left, right, _):
            yield from parts_of(left)
            yield from parts_of(right)
        case Extreme(_, items) | Junction(_, items):
            for item in items:
                yield from parts_of(item)
        case _:
            pass


def parameters_in(expr: Expr) -> Iterator[str]:
    """The names of the parameters in `expr`, each as often as it stands there."""
    return (part.name for part in parts_of(expr) if isinstance(part, Param))


def test_variables(test: Test) -> frozenset[str]:
    """The names of the variables that `test` compares with."""
    return frozenset() if test.value is None or isinstance(test.value, tuple) else variables(test.value)
