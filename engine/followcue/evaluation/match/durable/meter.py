"""What a run has used of what it may use."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.evaluation.match.protocol import Derivation, Limits
from followcue.evaluation.match.refusals import too_many_derivations, too_many_steps


class Meter:
    """Counts steps (facts sent, activations, rows that the host looks at), and keeps to the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = 0

    def steps(self, number: int = 1) -> None:
        """Count steps; raises `LimitExceeded` beyond the limit."""
        self._steps += number
        if self._steps > self._limits.steps:
            too_many_steps(self._limits.steps)

    def derivations(self, made: Sequence[Derivation]) -> None:
        """Look at all that were made so far; raises `LimitExceeded` beyond the limit."""
        if len(made) > self._limits.derivations:
            too_many_derivations(self._limits.derivations, made)
