"""Which demands of a rule contradict each other: as few as are enough, with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import said
from followcue.base.diagnostic import Diagnostic
from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Comparing,
    Condition,
    NoRowAbove,
    Rule,
    TableCell,
    Where,
)
from followcue.language.model.syntax import At, CompoundTest, Variable
from followcue.language.model.unparse import spoken_condition


class ConflictPart(NamedTuple):
    """A demand of a rule that can be taken out: a condition, or a demand or a comparison in it."""

    condition: int
    inner: int | None
    where: Where
    at: At | None
    words: str

    def problem(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """A mistake at this place."""
        return self.where.problem(code, message, self.at, hint)


def parts_of(when: Sequence[AnyCondition]) -> Iterator[ConflictPart]:
    """The demands of conditions, inner ones before those that hold them."""
    for place, condition in enumerate(when):
        if isinstance(condition, Comparing):
            yield from _comparisons(place, condition)
        elif isinstance(condition, AnyOf):
            yield ConflictPart(place, None, condition.where.as_key(), None, "any of")
        elif isinstance(condition, TableCell | NoRowAbove):
            yield ConflictPart(place, None, condition.where, None, spoken_condition(condition))
        elif not isinstance(condition, Condition):
            yield ConflictPart(place, None, condition.where.as_key(), None, spoken_condition(condition))
        else:
            yield from _demands(place, condition)
            where = condition.where
            yield ConflictPart(place, None, where, None, said(where))


def _comparisons(place: int, condition: Comparing) -> Iterator[ConflictPart]:
    test = condition.test
    if isinstance(test, CompoundTest) and test.op == "and":
        for inner, item in enumerate(test.items):
            yield ConflictPart(place, inner, condition.where, _at(item.at), said(condition.where, item.at))
    else:
        yield ConflictPart(place, None, condition.where, None, said(condition.where))


def _demands(place: int, condition: Condition) -> Iterator[ConflictPart]:
    for inner, demand in enumerate(condition.pattern.demands):
        constraint = demand.constraint
        bare = constraint.op == "==" and isinstance(constraint.values[0], Variable)
        if not bare or constraint.says_is:
            at = _at(constraint.at)
            words = f"{demand.field}: {said(demand.where, constraint.at)}"
            yield ConflictPart(place, inner, demand.where, at, words)


def _at(at: At) -> At | None:
    return at if at != (0, 0) else None


def without(rule: Rule, gone: Sequence[ConflictPart]) -> Rule:
    """The rule without some of its demands."""
    when: list[AnyCondition] = []
    for place, condition in enumerate(rule.when):
        mine = [part for part in gone if part.condition == place]
        if any(part.inner is None for part in mine):
            continue
        inner = {part.inner for part in mine}
        when.append(_thinned(condition, inner) if inner else condition)
    return replace(rule, when=tuple(when))


def _thinned(condition: AnyCondition, gone: set[int | None]) -> AnyCondition:
    if isinstance(condition, Comparing) and isinstance(condition.test, CompoundTest):
        items = tuple(item for i, item in enumerate(condition.test.items) if i not in gone)
        return replace(condition, test=replace(condition.test, items=items))
    if isinstance(condition, Condition):
        demands = tuple(d for i, d in enumerate(condition.pattern.demands) if i not in gone)
        return replace(condition, pattern=replace(condition.pattern, demands=demands))
    return condition


def minimal_conflict(context: LintContext, rule: Rule) -> list[ConflictPart]:
    """Demands of a contradictory rule that contradict each other, none of which could be spared.

    Empty where they cannot be told from what else the rule needs.
    """
    gone: list[ConflictPart] = []
    kept: list[ConflictPart] = []
    # Whole conditions first: what is far from the contradiction goes at once.
    parts = sorted(parts_of(rule.when), key=lambda part: part.inner is not None)
    for part in parts:
        if any(other.condition == part.condition and other.inner is None for other in gone):
            continue
        still = context.is_contradictory(without(rule, [*gone, part]))
        if still:
            gone.append(part)
        elif still is False:
            kept.append(part)
    # A condition is not told beside a demand in it.
    inner = {part.condition for part in kept if part.inner is not None}
    told = [part for part in kept if part.inner is not None or part.condition not in inner]
    return sorted(told, key=lambda part: (part.condition, part.inner or 0))
