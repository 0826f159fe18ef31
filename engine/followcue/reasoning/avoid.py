"""Absences: what must not be there is kept away, as far as an order of days or moments can do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from followcue.logic import program as ir
from followcue.reasoning.tableau import Tableau


def avoid_absences(tableau: Tableau, heads: Mapping[str, Sequence[ir.Clause]]) -> Tableau:
    """The tableau with demands that keep its facts from being what its clauses must not find."""
    return tableau
