"""What follows from a tableau."""

from __future__ import annotations

from followcue.reasoning.tableau import Tableau


def denied(tableau: Tableau) -> bool:
    """Whether something is there for certain that a clause of the tableau demands to be absent."""
    return False
