"""The strata of a program, as few as its negations and aggregates allow."""

from __future__ import annotations

from followcue.language.logic.program import Program


def strata_of(program: Program) -> dict[int, int]:
    """The stratum of each clause, by number: all that it negates or aggregates lies in earlier ones.

    A clause belongs here to the first stratum in which it may fire, whatever the strata of its body: that
    takes no more strata than the program has levels, and often fewer.
    """
    completed = dict.fromkeys(program.relations, 0)  # the last stratum that adds rows to a relation
    strata: dict[int, int] = {}
    for component in program.components:
        latest = 0
        for number in component.clauses:
            clause = program.clauses[number]
            looked_at = [*clause.negated, *(aggregate.atom for aggregate in clause.aggregates)]
            strata[number] = max((completed[atom.relation] + 1 for atom in looked_at), default=0)
            latest = max(latest, strata[number], *(completed[atom.relation] for atom in clause.body), 0)
        for number in component.clauses:
            head = program.clauses[number].head.relation
            completed[head] = max(completed[head], latest)
    return strata
