"""Goals: rows that are wanted, and what they make of the heads and conditions of clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from followcue.base.rows import Value
from followcue.language.logic import program as ir
from followcue.language.logic.walk import substituted, variables

Bindings: TypeAlias = Mapping[str, Value]
"""The variables of a clause that have a value."""


class Goal(NamedTuple):
    """A row that is wanted: columns that must hold a value, and demands on `Var("@3")`, the fourth column."""

    relation: str
    bound: tuple[tuple[int, Value], ...] = ()
    demands: tuple[ir.Expr, ...] = ()
    present: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()

    @property
    def asked(self) -> set[int]:
        """The columns of which something is demanded."""
        return {int(name[1:]) for demand in self.demands for name in variables(demand)}

    def demands_on(self, *columns: int) -> list[ir.Expr]:
        """The demands that speak of these columns alone."""
        names = {f"@{column}" for column in columns}
        return [demand for demand in self.demands if variables(demand) and variables(demand) <= names]

    def with_value(self, column: int, value: Value) -> Goal:
        """The goal with a value that a column must hold."""
        return self._replace(bound=tuple(sorted({**dict(self.bound), column: value}.items())))


def unify(head: ir.Head, goal: Goal) -> tuple[dict[str, Value], tuple[ir.Expr, ...]] | None:
    """Unify a head with a goal: the bindings and the guards that follow; None where they do not unify."""
    bindings: dict[str, Value] = {}
    guards: list[ir.Expr] = []
    for column, value in goal.bound:
        match head.values[column]:
            case ir.Const(constant):
                if constant != value:
                    return None
            case ir.Var(name):
                if bindings.setdefault(name, value) != value:
                    return None
            case expr:
                guards.append(ir.Compare("==", expr, ir.Const(value)))
    nothing = ir.Const(None)
    if any(head.values[column] == nothing for column in goal.present):
        return None
    if any(head.values[column] != nothing for column in goal.absent):
        return None
    columns = {f"@{column}": expr for column, expr in enumerate(head.values)}
    for demand in goal.demands:
        if any(columns[name] == nothing for name in variables(demand)):
            return None
        guards.append(substituted(demand, columns.__getitem__))
    return bindings, tuple(guards)


def goal_of(
    atom: ir.Atom,
    outputs: Sequence[tuple[int, str]],
    bindings: Bindings,
    guards: Iterable[ir.Expr],
) -> Goal:
    """The goal that an atom is under some bindings, with the guards that speak of it."""
    bound: dict[int, Value] = {}
    open_: dict[str, ir.Expr] = {}
    present, absent = set(), set()
    for column, variable in (*atom.joins, *outputs):
        if variable in bindings and bindings[variable] is not None:
            bound[column] = bindings[variable]
        else:
            open_[variable] = ir.Var(f"@{column}")
            present.add(column)
    known: dict[str, ir.Expr] = {n: ir.Const(v) for n, v in bindings.items()}
    demands: list[ir.Expr] = []
    for test in atom.tests:
        asked = ir.Var(f"@{test.column}")
        if test.op == "present":
            present.add(test.column)
        elif test.op == "absent":
            absent.add(test.column)
        elif isinstance(test.value, tuple):
            options = tuple(ir.Compare("==", asked, ir.Const(value)) for value in test.value)
            demands.append(options[0] if len(options) == 1 else ir.Junction("or", options))
        elif test.value is not None and variables(test.value) <= known.keys() | open_.keys():
            value = substituted(test.value, {**known, **open_}.__getitem__)
            if test.op == "==" and isinstance(value, ir.Const):
                bound[test.column] = value.value
            else:
                demands.append(ir.Compare(test.op, asked, value))  # type: ignore[arg-type]
    for guard in guards:
        names = variables(guard)
        if names & open_.keys() and names <= known.keys() | open_.keys():
            demands.append(substituted(guard, {**known, **open_}.__getitem__))
    return Goal(
        atom.relation, tuple(sorted(bound.items())), tuple(demands), frozenset(present), frozenset(absent)
    )


def parts_of(guards: Iterable[ir.Expr]) -> Iterator[ir.Expr]:
    """The conjuncts of some guards."""
    for guard in guards:
        if isinstance(guard, ir.Junction) and guard.op == "and":
            yield from parts_of(guard.items)
        else:
            yield guard
