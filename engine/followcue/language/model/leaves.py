"""The words, variables and constants of a rule, each where it stands, in the order of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from followcue.language.model.rules import (
    AnyCondition,
    Comparing,
    Condition,
    Every,
    Gathering,
    Pattern,
    Rule,
    TableCell,
    Where,
    within,
)
from followcue.language.model.syntax import (
    At,
    Comparison,
    CompoundTest,
    Constant,
    Constraint,
    Expression,
    ExtremeOf,
    Operation,
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
        for head in rule.head.each:
            for assigned in head.values.values():
                yield from _of_expression(assigned.expression, assigned.where)
        for pattern in rule.head.done_when:
            yield from _of_pattern(pattern)


def variables_in(expression: Expression) -> Iterator[str]:
    """The names of the variables in a value, each as often as it stands there."""
    match expression:
        case Variable(name):
            yield name
        case Operation(_, left, right):
            yield from variables_in(left)
            yield from variables_in(right)
        case ExtremeOf(_, items):
            for item in items:
                yield from variables_in(item)


def variables_of(test: Test) -> Iterator[str]:
    """The names of the variables in comparisons, each as often as it stands there."""
    match test:
        case CompoundTest(_, items):
            for item in items:
                yield from variables_of(item)
        case Comparison(_, left, right):
            yield from variables_in(left)
            yield from variables_in(right)


def _of_condition(condition: AnyCondition) -> Iterator[Leaf]:
    if isinstance(condition, Comparing):
        yield from _of_test(condition.test, condition.where)
        return
    for conditions in within(condition):
        for inner in conditions:
            yield from _of_condition(inner)
    if isinstance(condition, TableCell):  # of `NoRowAbove` the rows above say it themselves
        yield from _of_expression(condition.value, condition.where)
        yield from _of_constraints(condition.constraints, condition.where)
    if isinstance(condition, Condition | Every):
        yield from _of_pattern(condition.pattern)
    if isinstance(condition, Gathering) and condition.value is not None:
        yield from _of_expression(condition.value, condition.where)
    if isinstance(condition, Condition | Gathering):
        for variable in condition.each:
            yield Leaf(variable, condition.where)
        if condition.variable is not None:
            yield Leaf(condition.variable, condition.where, names_result=True)


def _of_pattern(pattern: Pattern) -> Iterator[Leaf]:
    for demand in pattern.demands:
        yield from _of_constraints((demand.constraint,), demand.where)


def _of_constraints(constraints: Iterable[Constraint], where: Where) -> Iterator[Leaf]:
    for constraint in constraints:
        listed = constraint.op == "in"
        for place, value in enumerate(constraint.values):
            yield from _of_expression(value, where / place if listed else where)


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
        case Operation(_, left, right):
            yield from _of_all((left, right), where)
        case ExtremeOf(_, items):
            yield from _of_all(items, where)
        case _:
            yield Leaf(expression, where)
