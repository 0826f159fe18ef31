"""What a run has used of what it may use."""

from __future__ import annotations

from followcue.evaluation.match.protocol import Limits
from followcue.evaluation.match.refusals import too_many_derivations, too_many_steps


class Meter:
    """Counts steps (facts sent, activations, rows that the host looks at) and derivations."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = 0
        self._derivations = 0

    def steps(self, number: int = 1) -> None:
        """Count steps; raises `LimitExceeded` beyond the limit."""
        self._steps += number
        if self._steps > self._limits.steps:
            too_many_steps(self._limits.steps)

    def derivation(self) -> None:
        """Count a derivation; raises `LimitExceeded` beyond the limit."""
        self._derivations += 1
        if self._derivations > self._limits.derivations:
            too_many_derivations(self._limits.derivations)
