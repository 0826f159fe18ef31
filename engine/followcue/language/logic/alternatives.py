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
from typing import Literal, TypeAlias, cast

from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Comparing,
    Condition,
    Demand,
    Every,
    Gathering,
    NoRowAbove,
    Pattern,
    TableCell,
    Where,
)
from followcue.language.model.syntax import At, Constraint, Expression, GatheringWord, Name, Variable
from followcue.language.model.unparse import spoken, spoken_test

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


@dataclass(frozen=True, slots=True)
class Gather:
    """One value of all ways to satisfy some conditions, for each value of some variables if it names any."""

    op: Literal["count", "sum", "min", "max"]
    value: Expression | None
    variable: Variable
    each: tuple[Variable, ...]
    ways: tuple[Alternative, ...]
    where: Where = field(compare=False, repr=False)
    says: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """There is no way to satisfy some conditions."""

    ways: tuple[Alternative, ...]
    where: Where = field(compare=False, repr=False)
    says: str = field(default="", compare=False)


Simple: TypeAlias = "Match | Without | Pick | Fold | Comparing | Gather | NoneOf | TableCell | NoRowAbove"
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
    if isinstance(condition, Gathering):
        return [(_gather(condition),)]
    if isinstance(condition, Every):
        return [(_none_without(condition),)]
    if condition.each:
        return [(_gather(_as_gathering(condition)),)]
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


def _gather(condition: Gathering) -> Gather:
    ways = tuple(alternatives(condition.conditions))
    of = f"{spoken(condition.value)} of " if condition.value is not None else ""
    says = of + _in_short(condition.conditions)
    return Gather(
        condition.word, condition.value, condition.variable, condition.each, ways, condition.where, says
    )


def _as_gathering(condition: Condition) -> Gathering:
    """`sum damaged.costs as $n for each $who: {…}` as a sum over one condition."""
    kind, demands, where = _only(condition)
    value = None
    if condition.field is not None:
        value = Variable(f"{kind.text}.{condition.field.text}", condition.field.at)
        demands = (*demands, Demand(condition.field.text, Constraint("==", (value,)), where))
    there_is = Condition("there is", Pattern((kind,), demands, where))
    word = cast(GatheringWord, condition.word)
    return Gathering(word, value, condition.variable or Variable(""), condition.each, (there_is,), where)


def _none_without(condition: Every) -> NoneOf:
    """Every one has it: there is none without."""
    kinds = " or ".join(kind.text for kind in condition.pattern.kinds)
    has = NoneOf(tuple(alternatives(condition.has)), condition.where, _in_short(condition.has))
    ways = tuple((*match, has) for match in _each_kind(condition.pattern))
    return NoneOf(ways, condition.where, f"{kinds}{WITHOUT}{has.says}")


WITHOUT = " without "


def _in_short(conditions: Iterable[AnyCondition]) -> str:
    """The kinds of facts that some conditions speak of, and their comparisons."""
    said = []
    for condition in conditions:
        match condition:
            case Comparing(test):
                said.append(spoken_test(test))
            case AnyOf(options):
                said.append(" or ".join(_in_short(option) for option in options))
            case Gathering():
                said.append(f"{condition.word} of {_in_short(condition.conditions)}")
            case Every(pattern, has):
                kinds = " or ".join(kind.text for kind in pattern.kinds)
                said.append(f"every {kinds} with {_in_short(has)}")
            case Condition(word, pattern):
                kinds = " or ".join(kind.text for kind in pattern.kinds)
                said.append(kinds if word == "there is" else f"{word} {kinds}")
    return " and ".join(said)


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
