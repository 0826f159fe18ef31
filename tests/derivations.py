"""Derivations compared as sets: what two matchers must have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from followcue.base.rows import Row
from followcue.evaluation.match.protocol import Derivation

Normal: TypeAlias = Counter[tuple[int, Row, tuple[Row, ...], tuple[frozenset[Row], ...]]]


def normal(
    derivations: Iterable[Derivation],
    clauses: Sequence[int] | None = None,
    bodies: Sequence[Sequence[int]] | None = None,
) -> Normal:
    """How often each derivation occurs, grouped rows without order.

    For a shuffled program, `clauses` and `bodies` hold, place by place, the numbers that clauses and body
    atoms had before.
    """
    found: Normal = Counter()
    for clause, row, body, grouped in derivations:
        if clauses is not None and bodies is not None:
            order = bodies[clause]
            body = tuple(body[order.index(number)] for number in range(len(order)))
            clause = clauses[clause]
        assert all(len(set(rows)) == len(rows) for rows in grouped)
        found[clause, row, body, tuple(map(frozenset, grouped))] += 1
    return found
