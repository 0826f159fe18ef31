"""What is known of unknown values: which are equal, which differ, and how far apart numbers and days are.

Dates, moments, durations and numbers are nodes of a graph of differences: an edge of weight w from u to v
says that v is at most u + w. Dates count in moments, so that `at` and `date` of an event can be compared.
Words are classes of equal values, with the values that each may and may not have, what is demanded of their
parts (`text_parts.py`), and where it matters a number for their length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from followcue.base.rows import ColumnType, Value
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.language.logic.text_parts import Part, contradicts, meets

Node = int
ZERO: Final[Node] = 0
"""The node whose value is nought, from which constants are measured."""

SYMBOLS: Final = ("text", "bool")


def scale(base: ColumnType) -> int:
    """In which unit nodes of a type are kept: dates in moments, all else as it is."""
    return MOMENTS_A_DAY if base == "date" else 1


class Store:
    """Nodes and what is demanded of them; `bad` once no values can meet all demands."""

    __slots__ = (
        *("_days", "_differ", "_domain", "_excluded", "_lengths", "_out", "_parent", "_parts", "_potential"),
        *("bad", "bases", "fixes"),
    )

    def __init__(self, *, fixes: bool = False) -> None:
        """With `fixes`, a number may be fixed where no difference can tell what is demanded of it."""
        self.fixes = fixes
        self._parent: list[Node] = []
        self.bases: list[ColumnType] = []
        self._out: list[dict[Node, int]] = []
        self._potential: list[int] = []
        self._domain: dict[Node, frozenset[Value]] = {}
        self._excluded: dict[Node, frozenset[Value]] = {}
        self._differ: list[tuple[Node, Node]] = []
        self._days: dict[Node, Node] = {}
        self._parts: dict[Node, tuple[Part, ...]] = {}
        self._lengths: dict[Node, Node] = {}
        self.bad = False
        self.new("number")

    def copy(self) -> Store:
        """The same, to go on with in another direction."""
        other = object.__new__(Store)
        other._parent = self._parent.copy()
        other.bases = self.bases.copy()
        other._out = [edges.copy() for edges in self._out]
        other._potential = self._potential.copy()
        other._domain = self._domain.copy()
        other._excluded = self._excluded.copy()
        other._differ = self._differ.copy()
        other._days = self._days.copy()
        other._parts = self._parts.copy()
        other._lengths = self._lengths.copy()
        other.bad = self.bad
        other.fixes = self.fixes
        return other

    # --- nodes
    def new(self, base: ColumnType) -> Node:
        """A value of which nothing is known but its type; a moment comes with its day."""
        node = len(self._parent)
        self._parent.append(node)
        self.bases.append(base)
        self._out.append({})
        self._potential.append(0)
        if base == "bool":
            self._domain[node] = frozenset((True, False))
        elif base == "moment":
            day = self._days[node] = self.new("date")
            self._edge(day, node, MOMENTS_A_DAY - 1)
            self._edge(node, day, 0)
        elif base == "duration":
            pass
        return node

    def find(self, node: Node) -> Node:
        """The node that stands for all that are equal to this one."""
        while self._parent[node] != node:
            node = self._parent[node]
        return node

    def day_of(self, moment: Node) -> Node:
        """The day on which a moment lies."""
        return self._days[self.find(moment)]

    def is_symbol(self, node: Node) -> bool:
        """Whether a node is a word or a truth value."""
        return self.bases[node] in SYMBOLS

    # --- words
    def constant(self, node: Node) -> Value:
        """The only value that a word may have; None if there are others."""
        domain = self._domain.get(self.find(node))
        return next(iter(domain)) if domain is not None and len(domain) == 1 else None

    def allowed(self, node: Node) -> frozenset[Value] | None:
        """The values that a word may have, as far as they are counted."""
        node = self.find(node)
        domain = self._domain.get(node)
        if domain is None:
            return None
        left = domain - self._excluded.get(node, frozenset())
        parts = self._parts.get(node)
        return frozenset(value for value in left if meets(value, parts)) if parts else left

    def excluded(self, node: Node) -> frozenset[Value]:
        """The values that a word must not have."""
        return self._excluded.get(self.find(node), frozenset())

    def differing(self) -> list[tuple[Node, Node]]:
        """The pairs of words that must differ."""
        return [(self.find(left), self.find(right)) for left, right in self._differ]

    def one_of(self, node: Node, values: Iterable[Value]) -> None:
        """Demand that a word is one of these."""
        node = self.find(node)
        wanted = frozenset(values)
        known = self._domain.get(node)
        self._domain[node] = wanted if known is None else known & wanted
        self._check_word(node)

    def none_of(self, node: Node, values: Iterable[Value]) -> None:
        """Demand that a word is none of these."""
        node = self.find(node)
        self._excluded[node] = self._excluded.get(node, frozenset()).union(values)
        self._check_word(node)

    def has_part(self, node: Node, part: Part) -> None:
        """Demand something of a part of a text."""
        node = self.find(node)
        self._parts[node] = (*self._parts.get(node, ()), part)
        self._check_word(node)

    def parts(self, node: Node) -> tuple[Part, ...]:
        """What is demanded of the parts of a text."""
        return self._parts.get(self.find(node), ())

    def length(self, node: Node) -> Node:
        """The number that is the length of a text."""
        node = self.find(node)
        if node not in self._lengths:
            self._lengths[node] = self.new("number")
            self._check_word(node)
        return self._lengths[node]

    def known_length(self, node: Node) -> Node | None:
        """The same, if anything is demanded of it."""
        return self._lengths.get(self.find(node))

    def differ(self, left: Node, right: Node) -> None:
        """Demand that two words differ."""
        left, right = self.find(left), self.find(right)
        if left == right:
            self.bad = True
            return
        for one, other in ((left, right), (right, left)):
            value = self.constant(one)
            if value is not None:
                self.none_of(other, [value])
        self._differ.append((left, right))

    def _check_word(self, node: Node) -> None:
        parts = self._parts.get(node, ())
        length = self._lengths.get(node)
        if length is not None:
            least = max((len(part.text) for part in parts if part.is_there), default=0)
            self.at_most(ZERO, length, -least)
        domain = self._domain.get(node)
        if domain is None:
            self.bad = self.bad or contradicts(parts)
            return
        if parts:
            domain = frozenset(value for value in domain if meets(value, parts))
        if length is not None and domain:
            self.at_most(length, ZERO, max(len(str(value)) for value in domain))
            self.at_most(ZERO, length, -min(len(str(value)) for value in domain))
        left = domain - self._excluded.get(node, frozenset())
        if not left:
            self.bad = True
        elif len(left) == 1 and len(domain) > 1:
            self._domain[node] = left
        if len(left) == 1:
            (value,) = left
            for one, other in self._differ:
                one, other = self.find(one), self.find(other)
                if node in (one, other):
                    rest = other if one == node else one
                    if value not in self._excluded.get(rest, frozenset()):
                        self.none_of(rest, [value])

    # --- equality
    def equal(self, left: Node, right: Node) -> None:
        """Demand that two nodes of one type have one value."""
        left, right = self.find(left), self.find(right)
        if left == right or self.bad:
            return
        if left > right:
            left, right = right, left
        if not self.is_symbol(left):
            # Both directions first, so that the potentials agree before the nodes become one.
            self._edge(left, right, 0)
            self._edge(right, left, 0)
            if self.bad:
                return
        self._parent[right] = left
        if not self.is_symbol(left):
            self._move(right, left)
        if left in self._days and right in self._days:
            self.equal(self._days[left], self._days[right])
        if self.is_symbol(left):
            self._join_words(left, right)

    def _move(self, old: Node, new: Node) -> None:
        """Let the edges of a node be those of the one that it has become."""
        for target, weight in self._out[old].items():
            target = self.find(target)
            if target != new:
                self._keep(new, target, weight)
        self._out[old] = {}
        for source, edges in enumerate(self._out):
            if old in edges:
                weight = edges.pop(old)
                if source != new:
                    self._keep(source, new, weight)

    def _keep(self, source: Node, target: Node, weight: int) -> None:
        known = self._out[source].get(target)
        if known is None or weight < known:
            self._out[source][target] = weight

    def _join_words(self, left: Node, right: Node) -> None:
        if right in self._excluded:
            self._excluded[left] = self._excluded.get(left, frozenset()) | self._excluded[right]
        if right in self._parts:
            self._parts[left] = (*self._parts.get(left, ()), *self._parts[right])
        if right in self._lengths:
            self.equal(self.length(left), self._lengths[right])
        if right in self._domain:
            self.one_of(left, self._domain[right])
        self._check_word(left)
        if any(one == other for one, other in self.differing()):
            self.bad = True

    # --- differences
    def at_most(self, target: Node, source: Node, distance: int) -> None:
        """Demand that `target` is at most `source` + `distance`, in the unit of the two."""
        source, target = self.find(source), self.find(target)
        if self.bad:
            return
        if self.bases[source] == self.bases[target] == "date":
            distance = distance // MOMENTS_A_DAY * MOMENTS_A_DAY
        self._edge(source, target, distance)
        if source in self._days and target in self._days:
            # Of two moments in this order the days are in this order as well.
            between = (distance + MOMENTS_A_DAY - 1) // MOMENTS_A_DAY * MOMENTS_A_DAY
            self._edge(self.find(self._days[source]), self.find(self._days[target]), between)

    def _edge(self, source: Node, target: Node, weight: int) -> None:
        if source == target:
            self.bad = self.bad or weight < 0
            return
        known = self._out[source].get(target)
        if known is not None and known <= weight:
            return
        self._out[source][target] = weight
        self._propagate(source, target, weight)

    def _propagate(self, source: Node, target: Node, weight: int) -> None:
        """Lower the values that a new edge makes too high; to come back to its source is a contradiction."""
        values = self._potential
        if values[target] <= values[source] + weight:
            return
        values[target] = values[source] + weight
        waiting = deque((target,))
        while waiting:
            here = waiting.popleft()
            base = values[here]
            for there, distance in self._out[here].items():
                if values[there] > base + distance:
                    if there == source:
                        self.bad = True
                        return
                    values[there] = base + distance
                    waiting.append(there)

    def distance(self, source: Node, target: Node) -> int | None:
        """The least w known for which `target` is at most `source` + w; None if there is none."""
        source, target = self.find(source), self.find(target)
        return self.distances(source).get(target)

    def distances(self, source: Node) -> Mapping[Node, int]:
        """The least distance from a node to each that is bounded by it."""
        source = self.find(source)
        found = {source: 0}
        if self.bad:  # where distances go down for ever
            return found
        waiting = deque((source,))
        while waiting:
            here = waiting.popleft()
            base = found[here]
            for there, weight in self._out[here].items():
                if there not in found or found[there] > base + weight:
                    found[there] = base + weight
                    waiting.append(there)
        return found

    def edges(self) -> Iterable[tuple[Node, Node, int]]:
        """All edges: source, target, weight."""
        for source, edges in enumerate(self._out):
            for target, weight in edges.items():
                yield source, self.find(target), weight
