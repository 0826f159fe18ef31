"""From a program to one that also says on what its answers wait: a watch for each comparison with `today`.

Between two days on which no comparison changes its truth, a program derives the same rows from the same
facts. So it is enough to know the next such day. A watch is a clause more: the conditions of a clause without
its comparisons with `today`, and for a head the variables that those need. Each row of it is one comparison
to come back to (`next_flip` says when).

    late(X, D)         :- sent(X, D), not heard(X), today > D + 7.
    !watch0(true, D)   :- sent(X, D), not heard(X).               tests: today > D + 7

From sent(acme, 100), sent(bolt, 90) and heard(bolt) follows on day 103 no `late`, and the row !watch0(true,
100): nothing can change before day 108, on which its test turns. On what bolt was sent nothing waits.

Not every comparison need be watched at every time. Of conditions that do not all hold it is enough to watch
one that does not, as nothing changes before that one does. So there is

- for the comparisons of the body and the guards: a watch of the clause without them, and without those
  absences that look at `today` too;
- for each such absence: a watch of the clause as it is, but for all such absences, with the rows that are or
  may come to be in its way (`not heard(X) after today - 7` is watched with each row of `heard`);
- for each aggregate whose rows depend on `today`: a watch of the body alone, with those rows.

Of a clause whose conditions do not all hold, one that does not is always among what is watched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

from followcue.base.rows import Column, Relation
from followcue.language.logic.program import (
    Atom,
    Clause,
    Compare,
    CompareOp,
    Component,
    Const,
    Expr,
    Head,
    Program,
    Test,
    Var,
)
from followcue.language.logic.walk import (
    aggregate_variables,
    atom_variables,
    depends_on_today,
    test_variables,
    variables,
)


class Watch(NamedTuple):
    """What the rows of a watch mean: values of `names`, with which all of `tests` hold today or do not."""

    names: tuple[str, ...]
    tests: tuple[Expr, ...]


class WatchedProgram(NamedTuple):
    """A program with its watches.

    Derivations of the clauses from `first` on are rows of `watches`, in the same order. Where a clause of
    `daily` derives a row, it derives another one on each day, or its rule tells something else of it.
    """

    program: Program
    first: int
    watches: tuple[Watch, ...]
    daily: frozenset[int]


def watched_program(program: Program) -> WatchedProgram:
    """The program with a watch for every comparison with `today`."""
    found = [made for clause in program.clauses for made in _watches(clause)]
    first = len(program.clauses)
    relations = dict(program.relations)
    components = list(program.components)
    clauses = list(program.clauses)
    for made in found:
        name = f"!watch{len(clauses) - first}"
        # The first column keeps apart what is not there from a row of no columns.
        values: tuple[Expr, ...] = (Const(True), *map(Var, made.watch.names))
        columns = tuple(Column(f"c{place}", "number") for place in range(len(values)))
        relations[name] = Relation(name, columns, derived=True)
        components.append(Component((len(clauses),), recursive=False, level=len(components)))
        clauses.append(replace(made.clause, head=Head(name, values)))
    daily = frozenset(
        number
        for number, clause in enumerate(program.clauses)
        if any(depends_on_today(value) for value in _said_by(clause))
    )
    whole = Program(relations, tuple(clauses), tuple(components))
    return WatchedProgram(whole, first, tuple(made.watch for made in found), daily)


def _said_by(clause: Clause) -> Iterator[Expr]:
    """What a clause derives, and what the sentences of its rule tell of that."""
    yield from clause.head.values
    yield from (value.expr for value in clause.computed if value.is_told)


@dataclass(frozen=True, slots=True)
class _WatchClause:
    """A watch and its clause, whose head is still to come."""

    watch: Watch
    clause: Clause


def _watches(clause: Clause) -> Iterator[_WatchClause]:
    calm = tuple(atom for atom in clause.negated if not any(map(_is_daily, atom.tests)))
    relaxed = _Relaxed.of(clause)
    if relaxed.tests:
        yield _watch_clause(
            replace(clause, body=relaxed.body, negated=calm, guards=relaxed.guards, settled=0), relaxed.tests
        )
    for atom in clause.negated:
        if any(map(_is_daily, atom.tests)):
            positive = _Positive.of(atom, _bound(clause.body))
            guards = (*clause.guards, *positive.guards)
            body = (*clause.body, positive.atom)
            yield _watch_clause(
                replace(clause, body=body, negated=calm, guards=guards, settled=0), positive.tests
            )
    for place, aggregate in enumerate(clause.aggregates):
        if any(map(_is_daily, aggregate.atom.tests)):
            yield _of_aggregate(clause, relaxed, calm, place)


def _of_aggregate(clause: Clause, relaxed: _Relaxed, calm: Sequence[Atom], place: int) -> _WatchClause:
    """The rows that an aggregate takes or may come to take; what depends on its outcome is left out."""
    positive = _Positive.of(clause.aggregates[place].atom, _bound(clause.body))
    earlier = clause.aggregates[:place]
    known = _bound(relaxed.body).union(*map(aggregate_variables, earlier))
    guards = [guard for guard in relaxed.guards if variables(guard) <= known]
    made = replace(
        clause,
        body=(*relaxed.body, positive.atom),
        aggregates=earlier,
        negated=tuple(atom for atom in calm if atom_variables(atom) <= known),
        guards=(*guards, *positive.guards),
        settled=0,
    )
    return _watch_clause(made, positive.tests)


def _watch_clause(clause: Clause, tests: tuple[Expr, ...]) -> _WatchClause:
    names = sorted(frozenset().union(*map(variables, tests)))
    return _WatchClause(Watch(tuple(names), tests), clause)


class _Relaxed(NamedTuple):
    """The body and guards of a clause without their comparisons with `today`, and those as `tests`."""

    body: tuple[Atom, ...]
    guards: tuple[Expr, ...]
    tests: tuple[Expr, ...]

    @classmethod
    def of(cls, clause: Clause) -> _Relaxed:
        body, tests = [], []
        for place, atom in enumerate(clause.body):
            daily = [test for test in atom.tests if _is_daily(test)]
            pairs = [(test.column, f"!{place}.{test.column}") for test in daily]
            tests += [_compared(test, name) for test, (_, name) in zip(daily, pairs, strict=True)]
            joins = (*atom.joins, *dict.fromkeys(pairs))
            body.append(Atom(atom.relation, joins, tuple(t for t in atom.tests if not _is_daily(t))))
        tests += [guard for guard in clause.guards if depends_on_today(guard)]
        guards = tuple(guard for guard in clause.guards if not depends_on_today(guard))
        return cls(tuple(body), guards, tuple(tests))


class _Positive(NamedTuple):
    """An atom of an absence or an aggregate as one of a body, without its comparisons with `today` (`tests`).

    Its comparisons with what an aggregate binds become `guards`: a body never depends on those.
    """

    atom: Atom
    guards: tuple[Expr, ...]
    tests: tuple[Expr, ...]

    @classmethod
    def of(cls, atom: Atom, bound: Collection[str]) -> _Positive:
        joins = [pair for pair in atom.joins if pair[1] in bound]
        later = [Test(column, "==", Var(name)) for column, name in atom.joins if name not in bound]
        kept = [
            t for t in atom.tests if not _is_daily(t) and all(name in bound for name in test_variables(t))
        ]
        later += [test for test in atom.tests if not _is_daily(test) and test not in kept]
        daily = [test for test in atom.tests if _is_daily(test)]
        pairs = dict.fromkeys((test.column, f"!.{test.column}") for test in (*later, *daily))
        return cls(
            Atom(atom.relation, (*joins, *pairs), tuple(kept)),
            tuple(_compared(test, f"!.{test.column}") for test in later),
            tuple(_compared(test, f"!.{test.column}") for test in daily),
        )


def _is_daily(test: Test) -> bool:
    return test.value is not None and not isinstance(test.value, tuple) and depends_on_today(test.value)


def _compared(test: Test, name: str) -> Expr:
    """The test as a comparison of a variable that holds its column."""
    assert test.value is not None
    assert not isinstance(test.value, tuple)
    return Compare(cast(CompareOp, test.op), Var(name), test.value)


def _bound(atoms: Iterable[Atom]) -> frozenset[str]:
    return frozenset(name for atom in atoms for _, name in atom.joins)
