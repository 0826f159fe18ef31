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
from typing import Any

from followcue.language.logic.program import Clause, Compare, Const, Expr, Junction, Test
from followcue.testing.mutation.operators import OPPOSITE


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
        denied = _denied(guard) if guard not in holds.guards else None
        if denied is not None:
            yield replace(holds, guards=(*holds.guards, denied))


def _opposite(test: Test) -> tuple[Test, ...]:
    """Tests that hold of a value that is there just if this one does not."""
    if isinstance(test.value, tuple):
        return tuple(Test(test.column, "!=", Const(value)) for value in test.value)
    if test.op in ("present", "absent"):
        return (Test(test.column, "absent" if test.op == "present" else "present"),)
    op: Any = OPPOSITE[test.op]
    return (replace(test, op=op),)


def _denied(guard: Expr) -> Expr | None:
    """A guard that holds just if this one does not; None if there is no such guard."""
    match guard:
        case Compare(op):
            turned: Any = OPPOSITE[op]
            return replace(guard, op=turned)
        case Junction(op, items):
            denied = [_denied(item) for item in items]
            kept = tuple(item for item in denied if item is not None)
            return Junction("or" if op == "and" else "and", kept) if len(kept) == len(items) else None
    return None
