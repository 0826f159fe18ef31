"""Where a mutant and its rule disagree: clauses that hold where one of the two does and the other does not.

Idea: most mutants differ from their rule in one demand. Where that demand does not hold and all others do,
the two disagree; so the clause of one, with the opposite of what the other demands more, is what the solver
is to find a situation for:

    rule      loan(l, value), value >= 50, value <= 500
    mutant    loan(l, value), value >= 50, value <= 501
    asked     loan(l, value), value >= 50, value <= 501, value > 500

A mutant that joins or aggregates otherwise gives none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from followcue.language.logic.expressions import negated
from followcue.language.logic.program import Clause, Const, Test
from followcue.language.model.syntax import OPPOSITE


def disagreements(one: Clause, other: Clause) -> Iterator[Clause]:
    """Clauses that hold where only one of the two clauses of one rule does."""
    if [(atom.relation, atom.joins) for atom in one.body] == [(a.relation, a.joins) for a in other.body]:
        yield from _without(one, other)
        yield from _without(other, one)


def _without(holds: Clause, fails: Clause) -> Iterator[Clause]:
    """What holds where `holds` does and `fails` does not."""
    for place, (mine, theirs) in enumerate(zip(holds.body, fails.body, strict=True)):
        for test in theirs.tests:
            if test not in mine.tests:
                atom = replace(mine, tests=(*mine.tests, *_opposite(test)))
                yield replace(holds, body=(*holds.body[:place], atom, *holds.body[place + 1 :]))
    for guard in fails.guards:
        if guard not in holds.guards:
            yield replace(holds, guards=(*holds.guards, negated(guard)))


def _opposite(test: Test) -> tuple[Test, ...]:
    """Tests that hold of a value that is there just if this one does not."""
    if isinstance(test.value, tuple):
        return tuple(Test(test.column, "!=", Const(value)) for value in test.value)
    if test.op in ("present", "absent"):
        return (Test(test.column, "absent" if test.op == "present" else "present"),)
    assert test.op != "in", "its value is a list"
    return (replace(test, op=OPPOSITE[test.op]),)
