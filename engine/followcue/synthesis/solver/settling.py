"""Days on which each use of the civil calendar is exactly so, found one use after another.

For each use the days that its bounds allow are tried, the likeliest first; where a later use cannot be
settled with them, the next ones are. A guess is tried by putting it into the graph, which says whether
all that is demanded of days can still be met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from followcue.base.rows import Value
from followcue.synthesis.solver.civil_uses import CivilUse, given_by, guesses
from followcue.synthesis.solver.day_graph import DayGraph
from followcue.synthesis.solver.differences import ZERO, Node, Store

_MOST_GUESSES: Final = 3000
"""So many guesses are tried for one tableau."""


def days_to_try(uses: Sequence[CivilUse]) -> Iterator[int]:
    """How many days after the usual one the day of evaluation may be: two months hold ends and weekdays."""
    of_each_year = any(use.op in ("next_anniversary", "next_yearly") for use in uses)
    yield from range(366 if of_each_year else 62)


class Settling:
    """The search for days that settle some uses; of no use after it has given up."""

    def __init__(self, uses: Sequence[CivilUse]) -> None:
        self._uses = uses
        self._left = _MOST_GUESSES

    def settled(self, store: Store, days: DayGraph, place: int = 0) -> tuple[Store, DayGraph] | None:
        """The days, and what the store learns of what uses give besides; None if there are no such days."""
        if place == len(self._uses):
            return store, days
        use = self._uses[place]
        if not all(len(total.parts) <= 1 and all(n == 1 for _, n in total.parts) for total in use.items):
            return None
        nodes = [store.find(total.parts[0][0]) if total.parts else None for total in use.items]
        found = days.found()
        if any(node is not None and node not in found for node in nodes):
            return None
        items = [
            total.constant + (0 if node is None else found[node])
            for total, node in zip(use.items, nodes, strict=True)
        ]
        node = store.find(use.node)
        least, most = store.distance(node, ZERO), store.distance(ZERO, node)
        fixed = [n is None or days.is_fixed(n) for n in nodes]
        for values in guesses(use, items, found.get(node), None if least is None else -least, most):
            if any(is_fixed and v != item for is_fixed, v, item in zip(fixed, values, items, strict=True)):
                continue
            self._left -= 1
            if self._left < 0:
                return None
            given = given_by(use, values)
            own = [
                (n, value - total.constant)
                for n, value, total in zip(nodes, values, use.items, strict=True)
                if n is not None
            ]
            next_days = days.being([*own, (node, given)] if node in found else own)
            learned = store if node in found else _being(store, node, given)
            if next_days is not None and learned is not None:
                rest = self.settled(learned, next_days, place + 1)
                if rest is not None:
                    return rest
        return None


def _being(store: Store, node: Node, value: Value) -> Store | None:
    """The store in which a word or a number has a value; None if it cannot."""
    learned = store.copy()
    if isinstance(value, int):
        learned.at_most(node, ZERO, value)
        learned.at_most(ZERO, node, -value)
    else:
        learned.one_of(node, [value])
    return None if learned.bad else learned
