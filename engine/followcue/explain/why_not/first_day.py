"""Days on which a comparison comes out otherwise than today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from followcue.base.civil import months_after
from followcue.base.rows import Value
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.next_change.next_flip import next_flip
from followcue.language.logic import program as ir
from followcue.language.logic.walk import depends_on_today, variables, walk

HORIZON = 400
"""Days that are looked at, before and after the day of evaluation."""

FAR_HORIZON = 36_525
"""Days that are looked at where months and years are counted: a hundred years."""


def first_day(
    expr: ir.Expr, bindings: Mapping[str, Value], environment: Environment, *, wanted: bool
) -> int | None:
    """The first later day on which a comparison comes out as wanted; None if there is none in reach."""
    if not depends_on_today(expr) or variables(expr) - bindings.keys():
        return None
    for day in range(environment.today + 1, environment.today + HORIZON):
        if bool(evaluate_expr(expr, bindings, environment._replace(today=day))) is wanted:
            return day
    if not asks_for_months((expr,)):
        return None
    last = environment.today + HORIZON - 1
    return next_flip((expr,), bindings, environment._replace(today=last), environment.today + FAR_HORIZON)


def asks_for_months(exprs: Iterable[ir.Expr]) -> bool:
    """Whether one of the expressions counts months or years, so that the days meant may lie far away."""
    return any(isinstance(part, ir.Civil) for expr in exprs for part in walk(expr))


def far_days(today: int) -> Iterator[int]:
    """Days out of reach that may be meant, the nearest first: by whole months, and next to those."""
    for months in range(HORIZON // 31, FAR_HORIZON // 31):
        for sign in (-1, 1):
            day = months_after(today, sign * months)
            yield from (day + 1, day, day - 1)
