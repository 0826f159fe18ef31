"""Values as the network sees them: whole numbers that fit its 63 bits.

Equality on codes is equality on values. Order is kept by `clamped`, which is exact unless both sides lie
beyond the same end; whoever compares clamped numbers has to care for that case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from followcue.base.rows import Value

NEAR = 1 << 61
"""Numbers nearer to zero than this stand for themselves; codes of all else begin here."""

LOWEST, HIGHEST = -NEAR - 1, NEAR + 1
"""Bounds beyond every clamped number."""


class Codes:
    """Gives each text and each far number a code of its own; one table a run."""

    def __init__(self, known: Mapping[str | int, int] | None = None) -> None:
        self._known = dict(known or {})

    def code(self, value: Value) -> int:
        """The number that stands for `value`, which must not be absent; like Python, True is 1."""
        assert value is not None
        if isinstance(value, int) and -NEAR < value < NEAR:
            return int(value)
        return self._known.setdefault(value, NEAR + len(self._known))

    @property
    def table(self) -> Mapping[str | int, int]:
        """The codes given so far."""
        return self._known


def is_near(value: Value) -> TypeGuard[int]:
    """Whether `value` is a number that stands for itself."""
    return isinstance(value, int) and -NEAR < value < NEAR


def clamped(value: int) -> int:
    """`value`, or the end of the near range that it lies beyond."""
    return max(-NEAR, min(value, NEAR))
