"""Values for all that is unknown in a tableau: days near that of evaluation, small numbers, fresh names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date
from random import Random
from typing import Final, NamedTuple

from followcue.base.rows import Value
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.synthesis.solver.civil_uses import given_by, guesses
from followcue.synthesis.solver.differences import ZERO, Node, Store
from followcue.synthesis.solver.tableau import Tableau

EXAMPLE_DAY: Final = date(2026, 3, 2).toordinal()
"""The day of an example, a Monday, unless its rules ask for another."""

FAR: Final = 14
"""How many days ahead a date lies of which nothing is demanded."""

GAPS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30, 60)

Edge = tuple[Node, Node, int]


class Solution(NamedTuple):
    """The value of each node, by the node that stands for its equals; words as text, days as day numbers."""

    values: Mapping[Node, Value]
    today: int


def solve(
    tableau: Tableau, names: Mapping[Node, str], shuffle: Random | None = None, day: int = EXAMPLE_DAY
) -> Solution | None:
    """Values that meet every demand of the tableau, or None; with `shuffle`, days further apart.

    `names` are the texts to give to words that may be anything, `day` is the day of evaluation if it can be.
    """
    if not tableau.civil:
        return _solved(tableau, tableau.store, _days(tableau, shuffle, day), names, shuffle)
    for later in range(_TRIED_DAYS):
        store = tableau.store.copy()
        days = _settled(tableau, store, _days(tableau, shuffle, day + later))
        if days is not None:
            return _solved(tableau, store, days, names, shuffle)
    return _solved(tableau, tableau.store, _days(tableau, shuffle, day), names, shuffle)


_TRIED_DAYS: Final = 62
"""So many days of evaluation are tried where a rule asks the calendar for more than a distance."""


def _solved(
    tableau: Tableau, store: Store, days: _Days, names: Mapping[Node, str], shuffle: Random | None
) -> Solution | None:
    words = _words(store, names)
    if words is None:
        return None
    found = days.found()
    values: dict[Node, Value] = {**words, **found, ZERO: 0}
    values |= _moments(store, found, shuffle)
    values |= _numbers(store)
    return Solution(values, found[store.find(tableau.today)])


def _of_base(store: Store, *bases: str) -> list[Node]:
    return [
        node for node in range(1, len(store.bases)) if store.bases[node] in bases and store.find(node) == node
    ]


# --- days
class _Days(NamedTuple):
    """What is demanded of the days of a tableau, in whole days."""

    nodes: list[Node]
    today: Node
    edges: list[Edge]

    def found(self) -> dict[Node, int]:
        """A day for each node: the latest that may be, a while ahead where nothing is demanded."""
        found = _distances(self.edges, self.today)
        loose = [(self.today, node, FAR) for node in self.nodes if node not in found]
        found = _distances([*self.edges, *loose, (self.today, ZERO, 0)], self.today)
        zero = found[ZERO]
        return {node: found[node] - zero for node in self.nodes}

    def being(self, days: Iterable[tuple[Node, int]]) -> _Days | None:
        """The same with these days for some nodes; None if that cannot be."""
        more = [edge for node, day in days for edge in ((ZERO, node, day), (node, ZERO, -day))]
        edges = _also(self.edges, {*self.nodes, ZERO}, more)
        return None if more and edges is self.edges else self._replace(edges=edges)


def _settled(tableau: Tableau, store: Store, days: _Days) -> _Days | None:
    """Days on which each use of the calendar is exactly so; `store` learns the words and numbers it gives."""
    for use in tableau.civil:
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
        for values in guesses(use, items, found.get(node), None if least is None else -least, most):
            if any(n is None and value != item for n, value, item in zip(nodes, values, items, strict=True)):
                continue
            given = given_by(use, values)
            own = [
                (n, value - total.constant)
                for n, value, total in zip(nodes, values, use.items, strict=True)
                if n is not None
            ]
            settled = days.being([*own, (node, given)] if node in found else own)
            if settled is not None and (node in found or _can_be(store, node, given)):
                days = settled
                break
        else:
            return None
        if node not in found:
            _be(store, node, given)
    return days


def _can_be(store: Store, node: Node, value: Value) -> bool:
    trial = store.copy()
    _be(trial, node, value)
    return not trial.bad


def _be(store: Store, node: Node, value: Value) -> None:
    """Let a word or a number have a value."""
    if isinstance(value, int):
        store.at_most(node, ZERO, value)
        store.at_most(ZERO, node, -value)
    else:
        store.one_of(node, [value])


def _days(tableau: Tableau, shuffle: Random | None, day: int) -> _Days:
    store = tableau.store
    nodes = _of_base(store, "date")
    known = {*nodes, ZERO}
    edges = [(s, t, w // MOMENTS_A_DAY) for s, t, w in store.edges() if s in known and t in known]
    today = store.find(tableau.today)
    edges = _also(edges, known, [(ZERO, today, day), (today, ZERO, -day)])
    if shuffle is not None:
        past = [node for node in nodes if (w := _bound(edges, today, node)) is not None and w <= 0]
        for node in shuffle.sample(past, len(past)):
            if shuffle.random() < 0.7:
                edges = _also(edges, known, [(today, node, -shuffle.choice(GAPS))])
    return _Days(nodes, today, edges)


def _also(edges: list[Edge], nodes: Iterable[Node], more: list[Edge]) -> list[Edge]:
    """The edges with some more, if no contradiction comes of it."""
    together = edges + more
    return together if _is_consistent(together, nodes) else edges


def _is_consistent(edges: list[Edge], nodes: Iterable[Node]) -> bool:
    values = dict.fromkeys(nodes, 0)
    for _ in range(len(values)):
        changed = False
        for source, target, weight in edges:
            if values[source] + weight < values[target]:
                values[target] = values[source] + weight
                changed = True
        if not changed:
            return True
    return False


def _bound(edges: list[Edge], source: Node, target: Node) -> int | None:
    return _distances(edges, source).get(target)


def _distances(edges: list[Edge], source: Node) -> dict[Node, int]:
    out: dict[Node, list[tuple[Node, int]]] = {}
    for start, end, weight in edges:
        out.setdefault(start, []).append((end, weight))
    found = {source: 0}
    waiting = deque((source,))
    while waiting:
        here = waiting.popleft()
        for there, weight in out.get(here, ()):
            if there not in found or found[there] > found[here] + weight:
                found[there] = found[here] + weight
                waiting.append(there)
    return found


# --- moments, given their days
def _moments(store: Store, days: Mapping[Node, int], shuffle: Random | None) -> dict[Node, int]:
    """The least moments that keep every order; where any order would do, that of the facts, or any."""
    nodes = _of_base(store, "moment")
    values = {node: days[store.find(store.day_of(node))] * MOMENTS_A_DAY for node in nodes}
    if shuffle is not None:
        values = {node: value + shuffle.randrange(50) for node, value in values.items()}
    edges = [(s, t, w) for s, t, w in store.edges() if s in values and t in values]
    for _ in range(len(nodes) + 1):
        for source, target, weight in edges:
            # target is at most source + weight: so source is at least target - weight
            values[source] = max(values[source], values[target] - weight)
    return values


# --- numbers, durations and periods
def _numbers(store: Store) -> dict[Node, int]:
    """The least values that are not negative, as far as that can be."""
    nodes = _of_base(store, "number", "duration", "period")
    known = {*nodes, ZERO}
    edges: list[Edge] = [(s, t, w) for s, t, w in store.edges() if s in known and t in known]
    for node in nodes:
        edges = _also(edges, known, [(node, ZERO, 0)])
    back = _distances([(t, s, w) for s, t, w in edges] + [(ZERO, node, 10_000) for node in nodes], ZERO)
    return {node: -back[node] if back[node] != 10_000 else 1 for node in nodes}


# --- words
def _words(store: Store, names: Mapping[Node, str]) -> dict[Node, Value] | None:
    """A word for each class: one of those allowed, or the name given to it."""
    chosen: dict[Node, Value] = {}
    differ = store.differing()
    for node in sorted(_of_base(store, "text", "bool"), key=lambda n: len(store.allowed(n) or range(99))):
        near = {
            chosen[b if a == node else a]
            for a, b in differ
            if node in (a, b) and (b if a == node else a) in chosen
        }
        allowed = store.allowed(node)
        if allowed is None:
            name = names.get(node, f"something{node}")
            while name in near or name in store.excluded(node):
                name += "x"
            chosen[node] = name
            continue
        left = sorted((value for value in allowed if value not in near), key=str)
        if not left:
            return None
        chosen[node] = left[0]
    return chosen
