"""Conditions with choices in them (`a or b`, `maybe`, `any of`) -> alternatives without, a clause each.

Idea: the disjunctive normal form of a rule's conditions. Each condition is a list of ways to satisfy it, and
the alternatives are all ways to take one from each (their product):

    - returned or damaged: {}         2 ways: returned | damaged
    - maybe reminded                  2 ways: reminded | no reminded, its own variables absent
    - no answered                     1 way
                                      = 4 alternatives, the last: damaged, no reminded, no answered

A `no` of several kinds is one way, in which there is none of any of them. `maybe newest` chooses among the
facts that have all fields which give a variable its value. The two ways of a `maybe` exclude
each other, so no fact makes a rule fire twice for it; those of `or` need not.

Invariant: no alternative holds a choice, so each becomes one clause. More than `MAX_ALTERNATIVES` are
refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal, TypeAlias

from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Comparing,
    Condition,
    Demand,
    NoRowAbove,
    Pattern,
    TableCell,
    Where,
)
from followcue.language.model.syntax import At, Constraint, Name, Variable

MAX_ALTERNATIVES = 256


@dataclass(frozen=True, slots=True)
class Single:
    """A pattern of one kind."""

    kind: Name
    demands: tuple[Demand, ...]
    where: Where = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Match(Single):
    """There is such a fact."""


@dataclass(frozen=True, slots=True)
class Without(Single):
    """There is no such fact; with `optional` its variables that nothing else binds are absent (`maybe`)."""

    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pick(Single):
    """The facts with the greatest or least value of a field, `at` if none is named."""

    op: Literal["newest", "oldest"] = "newest"
    field: Name | None = None


@dataclass(frozen=True, slots=True)
class Fold(Single):
    """One value made of all such facts."""

    op: Literal["count", "sum", "min", "max"] = "count"
    variable: Variable = field(default=Variable(""))
    field: Name | None = None


Simple: TypeAlias = Match | Without | Pick | Fold | Comparing | TableCell | NoRowAbove
Alternative: TypeAlias = tuple[Simple, ...]


class TooManyAlternatives(Exception):
    """The choices of a rule multiply to more clauses than a reader could follow."""


class SeveralKinds(Exception):
    """A condition that takes one kind was given several."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.at: At = condition.pattern.kinds[1].at


def alternatives(conditions: Iterable[AnyCondition]) -> list[Alternative]:
    """Every way to satisfy all conditions by conditions without choices.

    Raises TooManyAlternatives, and SeveralKinds where `newest`, `count` and the like name several kinds.
    """
    return _all_of([_choices(condition) for condition in conditions])


def without(pattern: Pattern, *, optional: bool = False) -> Alternative:
    """There is no fact of any of the pattern's kinds."""
    return tuple(Without(kind, pattern.demands, pattern.where, optional) for kind in pattern.kinds)


def _all_of(choices: Sequence[list[Alternative]]) -> list[Alternative]:
    count = 1
    for options in choices:
        count *= len(options)
        if count > MAX_ALTERNATIVES:
            raise TooManyAlternatives
    return [tuple(simple for part in parts for simple in part) for parts in product(*choices)]


def _choices(condition: AnyCondition) -> list[Alternative]:
    if isinstance(condition, Comparing | TableCell | NoRowAbove):
        return [(condition,)]
    if isinstance(condition, AnyOf):
        return [option for conditions in condition.alternatives for option in alternatives(conditions)]
    pattern = condition.pattern
    match condition.word:
        case "there is":
            return _each_kind(pattern)
        case "no":
            return [without(pattern)]
        case "maybe":
            return [*_each_kind(pattern), without(pattern, optional=True)]
        case "maybe newest" | "maybe oldest":
            kind, demands, where = _only(condition)
            op: Literal["newest", "oldest"] = "newest" if condition.word == "maybe newest" else "oldest"
            pick = Pick(kind, (*demands, *_that_are_there(demands)), where, op)
            return [(pick,), without(pattern, optional=True)]
        case "newest" | "latest":
            return [(Pick(*_only(condition), "newest", condition.field),)]
        case "oldest" | "earliest":
            return [(Pick(*_only(condition), "oldest", condition.field),)]
        case "count" | "sum" | "min" | "max":
            variable = condition.variable or Variable("")
            return [(Fold(*_only(condition), condition.word, variable, condition.field),)]


def _that_are_there(demands: Iterable[Demand]) -> Iterator[Demand]:
    """That the fields are there which give a variable its value: so there is one to take, or none at all."""
    for demand in demands:
        constraint = demand.constraint
        if constraint.op == "==" and not constraint.says_is and isinstance(constraint.values[0], Variable):
            yield replace(demand, constraint=Constraint("present"))


def _each_kind(pattern: Pattern) -> list[Alternative]:
    return [(Match(kind, pattern.demands, pattern.where),) for kind in pattern.kinds]


def _only(condition: Condition) -> tuple[Name, tuple[Demand, ...], Where]:
    if len(condition.pattern.kinds) > 1:
        raise SeveralKinds(condition)
    return condition.pattern.kinds[0], condition.pattern.demands, condition.pattern.where
