"""Days on which a comparison comes out otherwise than today."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.base.rows import Value
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic import program as ir
from followcue.language.logic.walk import depends_on_today, variables

HORIZON = 400
"""Days that are looked at, before and after the day of evaluation."""


def first_day(
    expr: ir.Expr, bindings: Mapping[str, Value], environment: Environment, *, wanted: bool
) -> int | None:
    """The first later day on which a comparison comes out as wanted; None if there is none in reach."""
    if not depends_on_today(expr) or variables(expr) - bindings.keys():
        return None
    for day in range(environment.today + 1, environment.today + HORIZON):
        if bool(evaluate_expr(expr, bindings, environment._replace(today=day))) is wanted:
            return day
    return None
