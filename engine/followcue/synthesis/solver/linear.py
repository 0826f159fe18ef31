"""Expressions of clauses as sums of unknown values, and what a comparison of two such sums demands."""

from __future__ import annotations

from math import gcd
from typing import NamedTuple, TypeAlias

from followcue.base.rows import Value, places_of
from followcue.language.logic.text_parts import Part
from followcue.synthesis.solver.differences import ZERO, Node, Store, scale


class Sum(NamedTuple):
    """Nodes times whole numbers and a constant, in the unit of the type as rows hold it."""

    parts: tuple[tuple[Node, int], ...]
    constant: int = 0

    def plus(self, other: Sum, sign: int = 1) -> Sum:
        """The sum or the difference of two sums."""
        parts = dict(self.parts)
        for node, times in other.parts:
            parts[node] = parts.get(node, 0) + sign * times
        kept = tuple(sorted((node, times) for node, times in parts.items() if times))
        return Sum(kept, self.constant + sign * other.constant)

    def times(self, factor: int) -> Sum:
        """The sum multiplied by a number."""
        if not factor:
            return Sum(())
        return Sum(tuple((node, times * factor) for node, times in self.parts), self.constant * factor)


class LinearDemand(NamedTuple):
    """Something that must hold: a sum is at most nought, words are equal, differ, are listed, have parts."""

    op: str
    left: Sum | Node
    right: Node | tuple[Value, ...] | Part = ()


Choice: TypeAlias = tuple[tuple[LinearDemand, ...], ...]
"""Ways to meet a demand, of which one must be taken."""


class Unclear(Exception):
    """An expression that is no sum: nothing is concluded from it."""


def apply(store: Store, demand: LinearDemand) -> None:
    """Let the store meet a demand; what no difference can say is left out."""
    match demand:
        case LinearDemand("at most", Sum() as total):
            _at_most_nought(store, total)
        case LinearDemand("equal", Sum() as total):
            _equal_nought(store, total)
        case LinearDemand("same", int() as left, int() as right):
            store.equal(left, right)
        case LinearDemand("differ", int() as left, int() as right):
            store.differ(left, right)
        case LinearDemand("part", int() as node, Part() as part):
            store.has_part(node, part)
        case LinearDemand("one of", int() as node, tuple() as values):
            store.one_of(node, values)
        case LinearDemand("none of", int() as node, tuple() as values):
            store.none_of(node, values)
        case LinearDemand("never"):
            store.bad = True


def difference(store: Store, total: Sum) -> tuple[Node, Node, int] | None:
    """`(target, source, w)` such that the sum is at most nought just if target is at most source + w.

    None if the sum is no difference of two values of one unit. Values are whole, so that `100 a - 250` is at
    most nought just if a is at most 2.
    """
    merged: dict[Node, int] = {}
    for node, times in total.parts:
        node = store.find(node)
        merged[node] = merged.get(node, 0) + times
    parts = [(node, times) for node, times in merged.items() if times]
    units = {scale(store.bases[node]) for node, _ in parts}
    if len(units) > 1:
        return None
    unit = units.pop() if units else 1
    common = gcd(*(times for _, times in parts)) or 1
    plus = [node for node, times in parts if times == common]
    minus = [node for node, times in parts if times == -common]
    if len(plus) + len(minus) < len(parts) or len(plus) > 1 or len(minus) > 1:
        return None
    return (plus[0] if plus else ZERO), (minus[0] if minus else ZERO), -total.constant // common * unit


def fixed(store: Store, total: Sum) -> Sum:
    """The sum with a value chosen for each number, duration and period in it."""
    for node, times in total.parts:
        if store.bases[node] in ("duration", "period", "time") or places_of(store.bases[node]) is not None:
            value = _example(store, node)
            apply(store, LinearDemand("equal", Sum(((node, 1),), -value)))
            total = total.plus(Sum(((node, times),)), -1).plus(Sum((), times * value))
    return total


def _example(store: Store, node: Node) -> int:
    """A value that a number may have: the least one that is not negative, if that can be."""
    least, most = store.distance(node, ZERO), store.distance(ZERO, node)
    value = max(0, -least) if least is not None else 0
    return value if most is None else min(value, most)


def _simpler(store: Store, total: Sum) -> Sum:
    """The sum with as many numbers fixed as it takes to make it a difference.

    They are fixed at their least, so those first that the sum grows with, and of these the last.
    """
    if not store.fixes:
        return total
    for node, times in sorted(total.parts, key=lambda part: (part[1] < 0, -part[0])):
        if difference(store, total) is not None:
            break
        total = total.plus(Sum(((node, times),)), -1).plus(fixed(store, Sum(((node, times),))))
    return total


def _at_most_nought(store: Store, total: Sum) -> None:
    found = difference(store, total) or difference(store, _simpler(store, total))
    if found is None:
        return
    target, source, distance = found
    if target == source:
        store.bad = store.bad or distance < 0
    else:
        store.at_most(target, source, distance)


def _equal_nought(store: Store, total: Sum) -> None:
    found = difference(store, total)
    if found is None:
        total = _simpler(store, total)
        found = difference(store, total)
    if found is None:
        return
    target, source, distance = found
    common = gcd(*(times for _, times in total.parts)) or 1
    if total.constant % common:
        store.bad = True
        return
    if distance == 0 and store.bases[target] == store.bases[source]:
        store.equal(target, source)
        return
    _at_most_nought(store, total)
    _at_most_nought(store, total.times(-1))
