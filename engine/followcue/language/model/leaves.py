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
    CivilOf,
    Comparison,
    CompoundTest,
    Constant,
    Constraint,
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


class WholeValue(NamedTuple):
    """A whole value as it is written at a part of a rule; `names_result` as of a leaf."""

    expression: Expression
    where: Where
    names_result: bool = False


def leaves_of(rule: Rule) -> Iterator[Leaf]:
    """All of them: those of the conditions, of what the rule brings about, and of what settles it."""
    for value in values_of(rule):
        if value.names_result and isinstance(value.expression, Variable):
            yield Leaf(value.expression, value.where, names_result=True)
        else:
            yield from _of_expression(value.expression, value.where)


def values_of(rule: Rule) -> Iterator[WholeValue]:
    """All values of a rule, in the same order."""
    for condition in rule.when:
        yield from _of_condition(condition)
    if rule.head is not None:
        for head in rule.head.each:
            for assigned in head.values.values():
                yield WholeValue(assigned.expression, assigned.where)
        for pattern in rule.head.done_when:
            yield from _of_pattern(pattern)


def variables_in(expression: Expression) -> Iterator[str]:
    """The names of the variables in a value, each as often as it stands there."""
    return (part.name for part in parts_of(expression) if isinstance(part, Variable))


def variables_of(test: Test) -> Iterator[str]:
    """The names of the variables in comparisons, each as often as it stands there."""
    match test:
        case CompoundTest(_, items):
            for item in items:
                yield from variables_of(item)
        case Comparison(_, left, right):
            yield from variables_in(left)
            yield from variables_in(right)


def _of_condition(condition: AnyCondition) -> Iterator[WholeValue]:
    if isinstance(condition, Comparing):
        yield from _of_test(condition.test, condition.where)
        return
    for conditions in within(condition):
        for inner in conditions:
            yield from _of_condition(inner)
    if isinstance(condition, TableCell):  # of `NoRowAbove` the rows above say it themselves
        yield WholeValue(condition.value, condition.where)
        yield from _of_constraints(condition.constraints, condition.where)
    if isinstance(condition, Condition | Every):
        yield from _of_pattern(condition.pattern)
    if isinstance(condition, Gathering) and condition.value is not None:
        yield WholeValue(condition.value, condition.where)
    if isinstance(condition, Condition | Gathering):
        for variable in condition.each:
            yield WholeValue(variable, condition.where)
        if condition.variable is not None:
            yield WholeValue(condition.variable, condition.where, names_result=True)


def _of_pattern(pattern: Pattern) -> Iterator[WholeValue]:
    for demand in pattern.demands:
        yield from _of_constraints((demand.constraint,), demand.where)


def _of_constraints(constraints: Iterable[Constraint], where: Where) -> Iterator[WholeValue]:
    for constraint in constraints:
        listed = constraint.op == "in"
        for place, value in enumerate(constraint.values):
            yield WholeValue(value, where / place if listed else where)


def _of_test(test: Test, where: Where) -> Iterator[WholeValue]:
    match test:
        case CompoundTest(_, items):
            for item in items:
                yield from _of_test(item, where)
        case Comparison(_, left, right):
            yield WholeValue(left, where)
            yield WholeValue(right, where)


def parts_of(expression: Expression) -> Iterator[Expression]:
    """An expression and all within it, in the order of the text."""
    yield expression
    match expression:
        case RoundedTo(item):
            yield from parts_of(item)
        case Operation(_, left, right) | RemainderOf(left, right):
            yield from parts_of(left)
            yield from parts_of(right)
        case LengthOf(item):
            yield from parts_of(item)
        case CivilOf(_, items) | ExtremeOf(_, items):
            for item in items:
                yield from parts_of(item)


def _of_expression(expression: Expression, where: Where) -> Iterator[Leaf]:
    for part in parts_of(expression):
        if isinstance(part, Word | Variable | Constant):
            yield Leaf(part, where)
