"""What the rules of a pack speak of: the values, the distances in days and the kinds that matter to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from followcue.base.rows import Value
from followcue.language.logic.program import Atom, Clause, Const, Expr, Program, Shift, Test
from followcue.language.logic.variables import parts_of
from followcue.language.model.vocabulary import Vocabulary

Column = tuple[str, int]
"""A column of a relation, by its place."""

LONGEST_DISTANCE = 400
"""Distances that rules name are taken up to this many days, so that all dates lie near each other."""


class Hints(NamedTuple):
    """`values` are constants by the column they are compared with, `distances` numbers of days.

    `clauses` are the clauses that derive a relation, by number; `height` is how many clauses it takes at
    least to get from the situation to a relation, and `near` the base relations that a rule looks at.
    """

    values: dict[Column, tuple[Value, ...]]
    distances: tuple[int, ...]
    clauses: dict[str, tuple[int, ...]]
    height: dict[str, int]
    near: dict[str, tuple[str, ...]]


def hints_of(program: Program, vocabulary: Vocabulary) -> Hints:
    """What is worth trying with these rules."""
    clauses: defaultdict[str, list[int]] = defaultdict(list)
    for number, clause in enumerate(program.clauses):
        clauses[clause.head.relation].append(number)
    return Hints(
        values=_values(program),
        distances=_distances(program, vocabulary),
        clauses={name: tuple(numbers) for name, numbers in clauses.items()},
        height=_heights(program),
        near=_near(program),
    )


def atoms_of(clause: Clause) -> Iterator[Atom]:
    """Every atom of a clause: of its body, its aggregates and what it denies."""
    yield from clause.body
    yield from (aggregate.atom for aggregate in clause.aggregates)
    yield from clause.negated


def expressions_of(clause: Clause) -> Iterator[Expr]:
    """Every expression in a clause."""
    yield from clause.head.values
    yield from clause.guards
    for test in (test for atom in atoms_of(clause) for test in atom.tests):
        if test.value is not None and not isinstance(test.value, tuple):
            yield test.value


def _values(program: Program) -> dict[Column, tuple[Value, ...]]:
    found: defaultdict[Column, dict[Value, None]] = defaultdict(dict)
    for clause in program.clauses:
        for atom in atoms_of(clause):
            for test in atom.tests:
                found[atom.relation, test.column].update(dict.fromkeys(_constants(test)))
    return {column: tuple(values) for column, values in found.items() if values}


def _constants(test: Test) -> Iterator[Value]:
    if isinstance(test.value, tuple):
        yield from test.value
    elif isinstance(test.value, Const):
        yield test.value.value


def _distances(program: Program, vocabulary: Vocabulary) -> tuple[int, ...]:
    """Days between things that rules ask for: durations of parameters, numbers in sums."""
    found: set[int] = {0, 1, 2, 7}
    for parameter in vocabulary.parameters.values():
        if parameter.type.base == "duration":
            found.update(v for v in (parameter.value, *parameter.profiles.values()) if type(v) is int)
    for clause in program.clauses:
        for part in (part for expr in expressions_of(clause) for part in parts_of(expr)):
            if isinstance(part, Shift) and isinstance(part.by, Const) and type(part.by.value) is int:
                found.add(part.by.value)
    return tuple(sorted(days for days in found if 0 <= days <= LONGEST_DISTANCE))


def _heights(program: Program) -> dict[str, int]:
    """How far each relation is from the situation; relations that nothing can derive are missing."""
    heights = {name: 0 for name, relation in program.relations.items() if not relation.derived}
    changed = True
    while changed:
        changed = False
        for clause in program.clauses:
            needed = [atom.relation for atom in clause.body]
            needed += [a.atom.relation for a in clause.aggregates if a.op not in ("count", "sum")]
            if all(name in heights for name in needed):
                height = 1 + max((heights[name] for name in needed), default=0)
                if height < heights.get(clause.head.relation, height + 1):
                    heights[clause.head.relation] = height
                    changed = True
    return heights


def _near(program: Program) -> dict[str, tuple[str, ...]]:
    """The base relations beneath each rule, through one conclusion."""
    direct: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for clause in program.clauses:
        direct[clause.head.relation].update(dict.fromkeys(_base(program, atoms_of(clause))))
    near: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for clause in program.clauses:
        for atom in atoms_of(clause):
            below = direct[atom.relation] if program.relations[atom.relation].derived else [atom.relation]
            near[clause.rule].update(dict.fromkeys(below))
    return {rule: tuple(relations) for rule, relations in near.items()}


def _base(program: Program, atoms: Iterable[Atom]) -> Iterator[str]:
    return (atom.relation for atom in atoms if not program.relations[atom.relation].derived)
