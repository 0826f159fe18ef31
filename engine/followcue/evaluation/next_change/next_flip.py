"""The next flip: the first later day on which it is otherwise whether all comparisons of a watch hold.

Idea: go from one day on which a single comparison may turn to the next, and look there whether all of them
together have changed. The day on which one turns is known at once where `today` itself is compared with a
value (`today > D + 7` with D = 100 turns on day 108, and before that at 107, where the two become equal);
where both sides move, it is found by halves, as long as their difference only rises or only falls.

    today - D >= 14          left rises, right stands still: by halves
    D > today - 7            left stands still, right rises: by halves; with D = 105 it turns on day 112
    today - (today - D)      rises and falls: nobody knows, so every day is looked at

Invariant: between `environment.today` and the day returned no comparison with `today` in the tests changes
the outcome; a day on which nothing changes may be looked at, one on which something does is never passed
over. A calendar moves days without putting any before another, so it never turns a course; nor do months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from followcue.base.rows import Value
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic.program import (
    Arith,
    Civil,
    Compare,
    Const,
    Expr,
    Extreme,
    Junction,
    Shift,
    Today,
)
from followcue.language.logic.walk import depends_on_today

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
        case Civil("months_after", (day, by)):
            return _both(course(day), course(by))
        case Civil("months_before", (day, by)):
            return _both(course(day), _OPPOSITE[course(by)])
        case Civil("months_between" | "years_between", (start, end)):
            return _both(_OPPOSITE[course(start)], course(end))
        case Civil("first_of_month" | "last_of_month", (day,)):
            return course(day)
        case Civil("next_anniversary" | "next_yearly", (day, first)) if course(day) == "still":
            return course(first)
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
