"""The days of a tableau as a graph of differences in whole days, which gives each of them a day."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from followcue.synthesis.solver.differences import ZERO, Node

FAR: Final = 14
"""How many days ahead a date lies of which nothing is demanded."""

Edge = tuple[Node, Node, int]


class DayGraph(NamedTuple):
    """What is demanded of the days of a tableau, in whole days."""

    nodes: list[Node]
    today: Node
    edges: list[Edge]

    def found(self) -> dict[Node, int]:
        """A day for each node: the latest that may be, a while ahead where nothing is demanded."""
        found = distances(self.edges, self.today)
        loose = [(self.today, node, FAR) for node in self.nodes if node not in found]
        found = distances([*self.edges, *loose, (self.today, ZERO, 0)], self.today)
        zero = found[ZERO]
        return {node: found[node] - zero for node in self.nodes}

    def is_fixed(self, node: Node) -> bool:
        """Whether there is only one day that a node can be."""
        later, earlier = bounded(self.edges, ZERO, node), bounded(self.edges, node, ZERO)
        return later is not None and earlier is not None and later + earlier == 0

    def being(self, days: Iterable[tuple[Node, int]]) -> DayGraph | None:
        """The same with these days for some nodes; None if that cannot be."""
        more = [edge for node, day in days for edge in ((ZERO, node, day), (node, ZERO, -day))]
        edges = also(self.edges, {*self.nodes, ZERO}, more)
        return None if more and edges is self.edges else self._replace(edges=edges)


def also(edges: list[Edge], nodes: Iterable[Node], more: list[Edge]) -> list[Edge]:
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


def bounded(edges: list[Edge], source: Node, target: Node) -> int | None:
    """The least known distance from one node to another; None if there is none."""
    return distances(edges, source).get(target)


def distances(edges: list[Edge], source: Node) -> dict[Node, int]:
    """The least distance from a node to each that is bounded by it."""
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
