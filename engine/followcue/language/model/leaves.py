"""The words, variables and constants of a rule, each where it stands, in the order of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from followcue.language.model.rules import AnyCondition, AnyOf, Comparing, Pattern, Rule, Where
from followcue.language.model.syntax import (
    At,
    Comparison,
    CompoundTest,
    Constant,
    Expression,
    ExtremeOf,
    LengthOf,
    Operation,
    RemainderOf,
    RoundedTo,
    Test,
    Variable,
    Word,
)


class Leaf(NamedTuple):
    """A word, variable or constant at a part of the phrase that stands at `where`.

    `names_result`: the variable of a condition such as `count reminded as $n`.
    """

    value: Word | Variable | Constant
    where: Where
    names_result: bool = False

    @property
    def at(self) -> At:
        """Its place inside the phrase."""
        return self.value.at


def leaves_of(rule: Rule) -> Iterator[Leaf]:
    """All of them: those of the conditions, of what the rule brings about, and of what settles it."""
    for condition in rule.when:
        yield from _of_condition(condition)
    if rule.head is not None:
        for assigned in rule.head.values.values():
            yield from _of_expression(assigned.expression, assigned.where)
        for pattern in rule.head.done_when:
            yield from _of_pattern(pattern)


def _of_condition(condition: AnyCondition) -> Iterator[Leaf]:
    if isinstance(condition, Comparing):
        yield from _of_test(condition.test, condition.where)
    elif isinstance(condition, AnyOf):
        for alternative in condition.alternatives:
            for inner in alternative:
                yield from _of_condition(inner)
    else:
        yield from _of_pattern(condition.pattern)
        if condition.variable is not None:
            yield Leaf(condition.variable, condition.where, names_result=True)


def _of_pattern(pattern: Pattern) -> Iterator[Leaf]:
    for demand in pattern.demands:
        listed = demand.constraint.op == "in"
        for place, value in enumerate(demand.constraint.values):
            yield from _of_expression(value, demand.where / place if listed else demand.where)


def _of_test(test: Test, where: Where) -> Iterator[Leaf]:
    match test:
        case CompoundTest(_, items):
            for item in items:
                yield from _of_test(item, where)
        case Comparison(_, left, right):
            yield from _of_all((left, right), where)


def _of_all(expressions: Iterable[Expression], where: Where) -> Iterator[Leaf]:
    for expression in expressions:
        yield from _of_expression(expression, where)


def _of_expression(expression: Expression, where: Where) -> Iterator[Leaf]:
    match expression:
        case RoundedTo(item):
            yield from _of_expression(item, where)
        case Operation(_, left, right) | RemainderOf(left, right):
            yield from _of_all((left, right), where)
        case ExtremeOf(_, items):
            yield from _of_all(items, where)
        case LengthOf(item):
            yield from _of_expression(item, where)
        case _:
            yield Leaf(expression, where)
