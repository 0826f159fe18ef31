"""Values for all that is unknown in a tableau: days near that of evaluation, small numbers, fresh names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Final, NamedTuple

from followcue.base.rows import DECIMALS, Value
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.language.logic.text_parts import text_with
from followcue.synthesis.solver.day_graph import DayGraph, Edge, also, bounded, distances
from followcue.synthesis.solver.differences import ZERO, Node, Store
from followcue.synthesis.solver.settling import Settling, days_to_try
from followcue.synthesis.solver.tableau import Tableau

EXAMPLE_DAY: Final = date(2026, 3, 2).toordinal()
"""The day of an example, a Monday, unless its rules ask for another."""

GAPS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30, 60)


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
    settling = Settling(tableau.civil)
    for later in days_to_try(tableau.civil):
        settled = settling.settled(tableau.store, _days(tableau, shuffle, day + later))
        if settled is not None:
            return _solved(tableau, *settled, names, shuffle)
    return _solved(tableau, tableau.store, _days(tableau, shuffle, day), names, shuffle)


def _solved(
    tableau: Tableau, store: Store, days: DayGraph, names: Mapping[Node, str], shuffle: Random | None
) -> Solution | None:
    numbers = _numbers(store)
    words = _words(store, names, numbers)
    if words is None:
        return None
    found = days.found()
    values: dict[Node, Value] = {**words, **found, ZERO: 0}
    values |= _moments(store, found, shuffle)
    values |= numbers
    return Solution(values, found[store.find(tableau.today)])


def _of_base(store: Store, *bases: str) -> list[Node]:
    return [
        node for node in range(1, len(store.bases)) if store.bases[node] in bases and store.find(node) == node
    ]


# --- days
def _days(tableau: Tableau, shuffle: Random | None, day: int) -> DayGraph:
    store = tableau.store
    nodes = _of_base(store, "date")
    known = {*nodes, ZERO}
    edges = [(s, t, w // MOMENTS_A_DAY) for s, t, w in store.edges() if s in known and t in known]
    today = store.find(tableau.today)
    edges = also(edges, known, [(ZERO, today, day), (today, ZERO, -day)])
    if shuffle is not None:
        past = [node for node in nodes if (w := bounded(edges, today, node)) is not None and w <= 0]
        for node in shuffle.sample(past, len(past)):
            if shuffle.random() < 0.7:
                edges = also(edges, known, [(today, node, -shuffle.choice(GAPS))])
    return DayGraph(nodes, today, edges)


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
    nodes = _of_base(store, "number", "duration", "period", "time", *DECIMALS.values())
    known = {*nodes, ZERO}
    edges: list[Edge] = [(s, t, w) for s, t, w in store.edges() if s in known and t in known]
    for node in nodes:
        edges = also(edges, known, [(node, ZERO, 0)])
    for word in _of_base(store, "text"):
        length = store.known_length(word)
        if length is not None:  # an empty text is none
            edges = also(edges, known, [(store.find(length), ZERO, -1)])
    back = distances([(t, s, w) for s, t, w in edges] + [(ZERO, node, 10_000) for node in nodes], ZERO)
    return {node: -back[node] if back[node] != 10_000 else 1 for node in nodes}


# --- words
def _words(store: Store, names: Mapping[Node, str], numbers: Mapping[Node, int]) -> dict[Node, Value] | None:
    """A word for each class: one of those allowed, or the name given to it, with the parts it must have."""
    chosen: dict[Node, Value] = {}
    differ = store.differing()
    for node in sorted(_of_base(store, "text", "bool"), key=lambda n: len(store.allowed(n) or range(99))):
        near = {
            chosen[b if a == node else a]
            for a, b in differ
            if node in (a, b) and (b if a == node else a) in chosen
        }
        allowed = store.allowed(node)
        measured = store.known_length(node)
        length = None if measured is None else numbers[store.find(measured)]
        if allowed is None:
            name = names.get(node, f"something{node}")
            if store.parts(node) or length is not None:
                text = text_with(name, store.parts(node), length, near | store.excluded(node))
                if text is None:
                    return None
                chosen[node] = text
                continue
            while name in near or name in store.excluded(node):
                name += "x"
            chosen[node] = name
            continue
        left = sorted((value for value in allowed if value not in near), key=str)
        if length is not None:
            left = [value for value in left if isinstance(value, str) and len(value) == length]
        if not left:
            return None
        chosen[node] = left[0]
    return chosen
