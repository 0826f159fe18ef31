"""Days on which a comparison comes out otherwise than today."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.base.rows import Value
from followcue.evaluation.match.evaluate import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic import program as ir
from followcue.language.logic.variables import variables

HORIZON = 400
"""Days that are looked at, before and after the day of evaluation."""


def first_day(
    expr: ir.Expr, bindings: Mapping[str, Value], environment: Environment, *, wanted: bool
) -> int | None:
    """The first later day on which a comparison comes out as wanted; None if there is none in reach."""
    if not _asks_today(expr) or variables(expr) - bindings.keys():
        return None
    for day in range(environment.today + 1, environment.today + HORIZON):
        if bool(evaluate_expr(expr, bindings, environment._replace(today=day))) is wanted:
            return day
    return None


def _asks_today(expr: ir.Expr) -> bool:
    match expr:
        case ir.Today():
            return True
        case ir.Arith(_, left, right) | ir.Compare(_, left, right) | ir.Shift(left, right, _):
            return _asks_today(left) or _asks_today(right)
        case ir.Extreme(_, items) | ir.Junction(_, items):
            return any(map(_asks_today, items))
        case _:
            return False
