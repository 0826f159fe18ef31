"""Flips: the next day on which comparisons with `today` change their truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from followcue.base.rows import Value
from followcue.evaluation.match.evaluate import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.next_change.watch_clauses import depends_on_today
from followcue.language.logic.program import Arith, Compare, Const, Expr, Extreme, Junction, Shift, Today

Bindings: TypeAlias = Mapping[str, Value]

Course: TypeAlias = Literal["still", "rising", "falling", "unknown"]
"""How a value goes as the days pass: never changing, never falling, never rising, or nobody knows."""

_OPPOSITE: Mapping[Course, Course] = {
    "still": "still",
    "rising": "falling",
    "falling": "rising",
    "unknown": "unknown",
}


def next_flip(tests: Sequence[Expr], bindings: Bindings, environment: Environment, last: int) -> int | None:
    """The first day after today, up to `last`, on which it is otherwise whether all of `tests` hold."""
    today = environment.today
    held = _all_hold(tests, bindings, environment)
    leaves = [leaf for test in tests for leaf in _leaves(test)]
    while True:
        days = [_next_turn(leaf, bindings, environment._replace(today=today), last) for leaf in leaves]
        today = min((day for day in days if day is not None), default=last + 1)
        if today > last:
            return None
        if _all_hold(tests, bindings, environment._replace(today=today)) != held:
            return today


def course(expr: Expr) -> Course:
    """How the value of `expr` goes while its variables keep theirs; the calendar never turns a course."""
    match expr:
        case Today():
            return "rising"
        case Arith("+", left, right):
            return _both(course(left), course(right))
        case Arith("-", left, right):
            return _both(course(left), _OPPOSITE[course(right)])
        case Arith("*", left, Const(int(factor))) | Arith("*", Const(int(factor)), left):
            return course(left) if factor >= 0 else _OPPOSITE[course(left)]
        case Shift(day, by, sign):
            return _both(course(day), course(by) if sign == 1 else _OPPOSITE[course(by)])
        case Extreme(_, items):
            joint: Course = "still"
            for item in items:
                joint = _both(joint, course(item))
            return joint
        case _:
            return "unknown" if depends_on_today(expr) else "still"


def _both(one: Course, other: Course) -> Course:
    if one == "still":
        return other
    return one if other in (one, "still") else "unknown"


def _all_hold(tests: Sequence[Expr], bindings: Bindings, environment: Environment) -> bool:
    return all(evaluate_expr(test, bindings, environment) for test in tests)


def _leaves(test: Expr) -> list[Compare]:
    """The comparisons in a guard that look at `today`."""
    if isinstance(test, Junction):
        return [leaf for item in test.items for leaf in _leaves(item)]
    assert isinstance(test, Compare), "guards are comparisons and what joins them"
    return [test] if depends_on_today(test) else []


def _next_turn(leaf: Compare, bindings: Bindings, environment: Environment, last: int) -> int | None:
    """The next day on which the two sides stand otherwise to each other, or may for all one knows."""
    threshold = _threshold(leaf, bindings, environment)
    if threshold is not None:
        day = next((day for day in (threshold, threshold + 1) if day > environment.today), None)
        return day if day is not None and day <= last else None
    if _both(course(leaf.left), _OPPOSITE[course(leaf.right)]) == "unknown":
        return environment.today + 1 if environment.today < last else None
    return _search(leaf, bindings, environment, last)


def _threshold(leaf: Compare, bindings: Bindings, environment: Environment) -> int | None:
    """The value that `today` itself is compared with."""
    for one, other in ((leaf.left, leaf.right), (leaf.right, leaf.left)):
        if isinstance(one, Today) and not depends_on_today(other):
            return int(evaluate_expr(other, bindings, environment))
    return None


def _search(leaf: Compare, bindings: Bindings, environment: Environment, last: int) -> int | None:
    """By halves: as the difference of the sides only rises or only falls, each sign has its days in a row."""
    low, high = environment.today, last
    now = _sign(leaf, bindings, environment)
    if low >= high or _sign(leaf, bindings, environment._replace(today=high)) == now:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _sign(leaf, bindings, environment._replace(today=middle)) == now:
            low = middle
        else:
            high = middle
    return high


def _sign(leaf: Compare, bindings: Bindings, environment: Environment) -> int:
    left = evaluate_expr(leaf.left, bindings, environment)
    right = evaluate_expr(leaf.right, bindings, environment)
    return int(left > right) - int(left < right)
