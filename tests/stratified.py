"""Programs that tests build by hand, in strata."""

from __future__ import annotations

from followcue.logic.program import Clause, Program
from followcue.logic.stratify import stratify
from followcue.rows import Relation


def stratified(relations: dict[str, Relation], clauses: tuple[Clause, ...]) -> Program:
    """The program of `clauses`, which must be stratified."""
    return Program(relations, clauses, stratify(clauses))
