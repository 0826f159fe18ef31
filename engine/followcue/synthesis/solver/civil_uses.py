"""Uses of the civil calendar in a tableau: what differences can say of them, and days that make them true.

A day moved by months is no day plus a known number of days: 18 years are 6574 or 6575. So while a tableau is
made, a use is a value of its own that lies between bounds, which is enough to be certain of a "no". When days
are chosen for an example, the uses are settled one after another, each on days on which it is exactly so:

    born + 18 years = m, m at most today     bounds: born + 6574 <= m <= born + 6575
    today = 2 March 2026                     latest: born = 1 March 2008, but then m = 1 March 2026: settled

Where the days found do not fit, those are tried that lead to the same result, then days near by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from followcue.base.civil import FUNCTIONS, CivilOp, months_after, months_before, years_between
from followcue.language.logic import program as ir
from followcue.language.logic.walk import walk
from followcue.language.model.syntax import MIRRORED
from followcue.synthesis.solver.differences import Node, Store
from followcue.synthesis.solver.linear import LinearDemand, Sum, apply, difference

_NEAR: Final = 62
"""So many days before and after those found are tried for a use: two months hold all ends and weekdays."""


class CivilUse(NamedTuple):
    """A function of the civil calendar, the sums that it takes, and the node of what it gives."""

    op: CivilOp
    items: tuple[Sum, ...]
    node: Node


# --- what is certain
def bound(store: Store, use: CivilUse, others: Sequence[CivilUse]) -> None:
    """Demand what is certain of a use, also beside the other uses of the tableau."""
    own = Sum(((use.node, 1),))
    match use.op, use.items:
        case "months_after", (start, months):
            if not months.parts:
                least, most = _days_in(months.constant)
                _between(store, start, least, own, most)
            elif months.constant >= 0 and all(_is_not_negative(store, *part) for part in months.parts):
                apply(store, LinearDemand("at most", start.plus(own, -1)))
        case "first_of_month", (day,):
            _between(store, day, -30, own, 0)
        case "last_of_month", (day,):
            _between(store, day, 0, own, 30)
        case "next_yearly", (_, first):
            _between(store, first, 0, own, 366)
        case "next_anniversary", (day, first):
            for earlier in (day, first):
                apply(store, LinearDemand("at most", earlier.plus(own, -1)))
    for other in others:
        if other.op == use.op:
            _beside(store, use, other)


def _beside(store: Store, use: CivilUse, other: CivilUse) -> None:
    """Of two moves by months: that of the later day, or by more months, leads no less far."""
    own, its = Sum(((use.node, 1),)), Sum(((other.node, 1),))
    if use.op == "months_after" and use.items[0] == other.items[0]:
        more = use.items[1].plus(other.items[1], -1)
        if not more.parts:
            least, most = _days_in(more.constant)
            _between(store, its, least - 3, own, most + 3)
    elif use.op in ("months_after", "first_of_month", "last_of_month") and use.items[1:] == other.items[1:]:
        if _is_at_most(store, use.items[0].plus(other.items[0], -1)):
            apply(store, LinearDemand("at most", own.plus(its, -1)))
        if _is_at_most(store, other.items[0].plus(use.items[0], -1)):
            apply(store, LinearDemand("at most", its.plus(own, -1)))


@lru_cache(maxsize=256)
def _days_in(months: int) -> tuple[int, int]:
    """The least and the greatest number of days in so many months, whichever day they begin on."""
    first = months_after(1, 0)
    lengths = set()
    for _ in range(4_800):
        following = months_after(first, 1)
        lengths |= {months_after(day, months) - day for day in (first, following - 1)}
        first = following
    return min(lengths), max(lengths)


def _between(store: Store, start: Sum, least: int, value: Sum, most: int) -> None:
    apply(store, LinearDemand("at most", start.plus(Sum((), least)).plus(value, -1)))
    apply(store, LinearDemand("at most", value.plus(start.plus(Sum((), most)), -1)))


def _is_at_most(store: Store, total: Sum) -> bool:
    found = difference(store, total)
    if found is None:
        return False
    target, source, distance = found
    known = 0 if target == source else store.distance(source, target)
    return known is not None and known <= distance


def _is_not_negative(store: Store, node: Node, times: int) -> bool:
    least = store.distance(node, 0)
    return times > 0 and least is not None and least <= 0


# --- comparisons with a number of months or years
def as_moves(compare: ir.Compare) -> ir.Expr:
    """A comparison with months or years between two days as one of days, which means the same.

    `years from a to b at least 18` is `a + 18 years on or before b`.
    """
    match compare.left, compare.right:
        case ir.Civil("months_between" | "years_between" as op, (start, end)), number:
            return _moves(compare.op, 12 if op == "years_between" else 1, start, end, number)
        case number, ir.Civil("months_between" | "years_between" as op, (start, end)):
            turned = MIRRORED[compare.op]
            return _moves(turned, 12 if op == "years_between" else 1, start, end, number)
    return compare


def _moves(op: ir.CompareOp, unit: int, start: ir.Expr, end: ir.Expr, number: ir.Expr) -> ir.Expr:
    def reached(more: int, *, yes: bool) -> ir.Expr:
        months = ir.Arith("*", ir.Arith("+", number, ir.Const(more)), ir.Const(unit))
        return ir.Compare("<=" if yes else ">", ir.Civil("months_after", (start, months)), end)

    match op:
        case ">=":
            return reached(0, yes=True)
        case ">":
            return reached(1, yes=True)
        case "<":
            return reached(0, yes=False)
        case "<=":
            return reached(1, yes=False)
        case "==":
            return ir.Junction("and", (reached(0, yes=True), reached(1, yes=False)))
        case "!=":
            return ir.Junction("or", (reached(0, yes=False), reached(1, yes=True)))
        case _:
            raise AssertionError(f"{op} compares texts")


# --- days for an example
def guesses(
    use: CivilUse, items: Sequence[int], given: int | None, least: int | None, most: int | None
) -> Iterator[tuple[int, ...]]:
    """Values for the items of a use, the likeliest first: those found, then those that should fit.

    `items` are the values found, `given` is the day found for what it gives; `least` and `most` bound the
    number that it gives.
    """
    yield tuple(items)
    match use.op, items:
        case (("months_between" | "years_between" as op), (start, end)):
            unit = 12 if op == "years_between" else 1
            number = FUNCTIONS[op](start, end)
            number = max(number, number if least is None else least)
            number = min(number, number if most is None else most)
            for back in range(4):
                yield months_before(end, number * unit) - back, end
                yield start, months_after(start, number * unit) + back
        case "next_anniversary", (day, first):
            if given is not None:
                years = max(0, years_between(day, given))
                yield months_before(given, 12 * years), first
                yield months_before(given, 12 * years), given
                yield day, given
            for away in range(1, 367):
                yield day, first - away
                yield day - away, first
        case "next_yearly", (day, first):
            for away in range(0, 367):
                yield day, (first if given is None else given) - away
        case _, (day, *rest):
            if given is not None and use.op == "months_after":
                yield from ((months_before(given, rest[0]) + more, *rest) for more in (0, -1, 1, 2, 3))
            elif given is not None:
                yield given, *rest
            for away in range(1, _NEAR):
                yield day - away, *rest
                yield day + away, *rest


def given_by(use: CivilUse, items: Sequence[int]) -> Any:
    """What a use gives of these values."""
    return FUNCTIONS[use.op](*items)


# --- clauses on the edge
def on_the_edge(clause: ir.Clause) -> Iterator[ir.Clause]:
    """The clause with each of its comparisons that asks the calendar met, or missed, by a single day.

    A day of the week is asked for, or is another one, and a day of each year is the one that is asked from.
    What only `or` leads to is left as it is.
    """
    for part in (part for value in clause.head.values for part in walk(value)):
        if isinstance(part, ir.Civil) and part.op in ("next_anniversary", "next_yearly"):
            yield replace(clause, guards=(*clause.guards, ir.Compare("==", part, part.items[1])))
    for place, guard in enumerate(clause.guards):
        items = guard.items if isinstance(guard, ir.Junction) and guard.op == "and" else (guard,)
        for number, item in enumerate(items):
            for edge in _edges(item):
                held = (*items[:number], edge, *items[number + 1 :])
                yield replace(clause, guards=(*clause.guards[:place], *held, *clause.guards[place + 1 :]))
    for place, atom in enumerate(clause.body):
        for number, test in enumerate(atom.tests):
            if test.value is None or isinstance(test.value, tuple) or not _asks(test.value):
                continue
            for days in _EDGES:
                on_edge = ir.Test(test.column, "==", ir.Arith("+", test.value, ir.Const(days)))
                tests = (*atom.tests[:number], on_edge, *atom.tests[number + 1 :])
                body = (*clause.body[:place], replace(atom, tests=tests), *clause.body[place + 1 :])
                yield replace(clause, body=body)


_EDGES: Final = (0, -1, 1)


def _edges(expr: ir.Expr) -> Iterator[ir.Expr]:
    if not isinstance(expr, ir.Compare) or not _asks(expr):
        return
    if isinstance(expr.left, ir.Civil) and expr.left.op == "weekday_of":
        yield replace(expr, op="!=" if expr.op == "==" else "==")
        return
    moves = as_moves(expr)
    leaves = moves.items if isinstance(moves, ir.Junction) else (moves,)
    for leaf in leaves:
        if isinstance(leaf, ir.Compare):
            for days in _EDGES:
                yield ir.Compare("==", leaf.left, ir.Arith("+", leaf.right, ir.Const(days)))


def _asks(expr: ir.Expr) -> bool:
    return any(isinstance(part, ir.Civil) for part in walk(expr))
