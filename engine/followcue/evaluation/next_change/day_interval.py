"""Day intervals: the days on which all tests of a watch hold, in closed form.

Idea: a comparison whose sides are sums, with `today` on one of them, holds on all days from one on, up to
one, or on one alone. So what is joined by `and` holds on an interval of days, and the next flip is its
beginning, the day after its end, or none, at the price of a few additions.

    today > D + 7 and today <= D + wait     with D = 100, wait = 14: from 108 to 114
    on 103 the next flip is 108, on 110 it is 115, and from 115 on there is none

Invariant: where an interval is given, it is what `next_flip` finds by looking; for all else (`is not`, `or`,
the greatest of several, a calendar that moves days) none is given, and `next_flip` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import CodeType
from typing import TypeAlias

from followcue.evaluation.advice.window import NEVER
from followcue.language.logic.program import Arith, Compare, Const, Expr, Junction, Param, Shift, Today, Var
from followcue.language.model.syntax import MIRRORED

LinearSum: TypeAlias = tuple[int, tuple[tuple[int, int], ...], tuple[tuple[int, str], ...]]
"""A number, and so many times which places of a row, and which parameters."""

_Linear: TypeAlias = tuple[int, LinearSum, bool]

DayInterval: TypeAlias = tuple[tuple[LinearSum, ...], tuple[LinearSum, ...], bool]
"""The first day is the latest of some sums, the last the earliest of others; whether a calendar moves any."""


def interval_of(tests: Sequence[Expr], names: Sequence[str]) -> DayInterval | None:
    """The days on which all of `tests` hold; a row gives the values of `names` from its second column on."""
    lows: list[LinearSum] = []
    highs: list[LinearSum] = []
    moved = False
    for test in _conjuncts(tests):
        if not isinstance(test, Compare):
            return None
        left, right = _linear(test.left, names), _linear(test.right, names)
        if left is None or right is None or abs(left[0] - right[0]) != 1:
            return None
        moved = moved or left[2] or right[2]
        # f * today + a OP b, so today OP b - a, or with f = -1 turned round.
        factor = left[0] - right[0]
        bound = _plus(right[1], left[1], -1) if factor == 1 else _plus(left[1], right[1], -1)
        match test.op if factor == 1 else MIRRORED[test.op]:
            case ">=":
                lows.append(bound)
            case ">":
                lows.append((bound[0] + 1, *bound[1:]))
            case "<=":
                highs.append(bound)
            case "<":
                highs.append((bound[0] - 1, *bound[1:]))
            case "==":
                lows.append(bound)
                highs.append(bound)
            case _:
                return None
    return tuple(lows), tuple(highs), moved


def compile_edges(intervals: Sequence[DayInterval | None]) -> CodeType:
    """Code that makes `EDGES`: for each interval a function of a row, the parameters and today, or None.

    It gives the first later day on which the interval begins, or is over; `NEVER` if there is none.
    """
    lines = [f"N = {NEVER}"]
    for number, interval in enumerate(intervals):
        if interval is not None:
            lines += [f"def e{number}(r, P, t):", *_edge(interval)]
    names = "".join("None, " if interval is None else f"e{n}, " for n, interval in enumerate(intervals))
    return compile("\n".join([*lines, f"EDGES = ({names})"]), "<edges>", "exec")


def _edge(interval: DayInterval) -> Iterator[str]:
    lows, highs, _ = interval
    if lows:
        yield f" a = {_outermost('max', lows)}"
    if highs:
        yield f" b = {_outermost('min', highs)}"
    if not highs:
        yield " return a if t < a else N"
    elif not lows:
        yield " return N if t > b else b + 1"
    else:
        yield " return N if a > b or t > b else a if t < a else b + 1"


def _outermost(name: str, sums: Sequence[LinearSum]) -> str:
    texts = [_text(linear) for linear in dict.fromkeys(sums)]
    return texts[0] if len(texts) == 1 else f"{name}({', '.join(texts)})"


def _text(linear: LinearSum) -> str:
    """A sum as Python: of what anybody wrote there are only numbers in it, and names as literals."""
    number, places, names = linear
    terms = [(factor, f"r[{place}]") for factor, place in places]
    terms += [(factor, f"P[{name!r}]") for factor, name in names]
    return " ".join(
        [str(number), *(f"{_SIGNS.get(factor, f'{factor:+} *')} {value}" for factor, value in terms)]
    )


_SIGNS = {1: "+", -1: "-"}


def _conjuncts(tests: Iterable[Expr]) -> Iterable[Expr]:
    for test in tests:
        if isinstance(test, Junction) and test.op == "and":
            yield from _conjuncts(test.items)
        else:
            yield test


def _linear(expr: Expr, names: Sequence[str]) -> _Linear | None:
    """How often `today` is in a sum, the rest of it, and whether a calendar moves it; None if it is none."""
    match expr:
        case Today():
            return 1, (0, (), ()), False
        case Const(int(number)):
            return 0, (number, (), ()), False
        case Var(name) if name in names:
            return 0, (0, ((1, names.index(name) + 1),), ()), False
        case Param(name):
            return 0, (0, (), ((1, name),)), False
        case Arith("+" | "-" as op, left, right):
            return _added(_linear(left, names), _linear(right, names), 1 if op == "+" else -1, moved=False)
        case Shift(day, by, sign):
            return _added(_linear(day, names), _linear(by, names), sign, moved=True)
        case _:
            return None


def _added(
    one: _Linear | None,
    other: _Linear | None,
    sign: int,
    *,
    moved: bool,
) -> _Linear | None:
    if one is None or other is None:
        return None
    return one[0] + sign * other[0], _plus(one[1], other[1], sign), moved or one[2] or other[2]


def _plus(one: LinearSum, other: LinearSum, sign: int) -> LinearSum:
    return (
        one[0] + sign * other[0],
        (*one[1], *((sign * factor, place) for factor, place in other[1])),
        (*one[2], *((sign * factor, name) for factor, name in other[2])),
    )
