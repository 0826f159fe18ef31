"""Programs that tests build by hand, in strata."""

from __future__ import annotations

from followcue.base.rows import Relation
from followcue.language.logic.program import Clause, Program
from followcue.language.logic.stratify import stratify


def stratified(relations: dict[str, Relation], clauses: tuple[Clause, ...]) -> Program:
    """The program of `clauses`, which must be stratified."""
    return Program(relations, clauses, stratify(clauses))
