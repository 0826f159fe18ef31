"""An upper bound of what the network would have to join, before it is asked to.

A fact that completes a billion joins does so inside one call that nothing can stop. So rules that join three
or more conditions are asked for only while the bound is small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from followcue.match.durable.plan import Reach
from followcue.rows import Row

MOST_JOINED = 300_000
"""How many partial matches of one rule the network may hold."""


class Growth:
    """Watches the rows of one run against the joins of its rules."""

    def __init__(self, joins: Sequence[Sequence[Reach]], rows: Mapping[str, Collection[Row]]) -> None:
        self._joins = joins
        self._longest = max(map(len, joins), default=0)
        self._rows = rows
        self._degrees: dict[tuple[str, int], tuple[int, int]] = {}

    def is_bounded(self) -> bool:
        """Whether no rule can have more than `MOST_JOINED` partial matches."""
        most = max(map(len, self._rows.values()), default=0)
        return bool(most**self._longest <= MOST_JOINED) or all(map(self._fits, self._joins))

    def _fits(self, reaches: Sequence[Reach]) -> bool:
        """Whether the product of what each condition can add stays small at every prefix."""
        joined = 1
        for reach in reaches:
            tried = joined * self._fan_out(reach)
            if tried > MOST_JOINED:
                return False
            if not reach.negated:
                joined = tried
        return True

    def _fan_out(self, reach: Reach) -> int:
        """How many rows of a kind at most join one partial match: the most that share a joined value."""
        size = len(self._rows.get(reach.kind, ()))
        return min((self._degree(reach.kind, column, size) for column in reach.columns), default=size)

    def _degree(self, kind: str, column: int, size: int) -> int:
        """A bound of how many rows share a value; counted anew only when the relation has grown by a half."""
        known, counted = self._degrees.get((kind, column), (0, 0))
        if counted == 0 or size - counted > counted // 2:
            counts = Counter(row[column] for row in self._rows[kind])
            known, counted = max(counts.values(), default=0), size
            self._degrees[kind, column] = known, counted
        return known + size - counted
