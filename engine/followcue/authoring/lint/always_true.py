"""Conditions that always hold: they ask for nothing, so something else was probably meant.

    - count watered as $n
    - where: $n at least 0          a count is never less
    - maybe given_away              holds whether it is there or not

A comparison always holds where the rule with the opposite of it could never fire. Values that may be absent
are left aside: a comparison with one also asks that it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, said
from followcue.language.model.decision_table import table_of
from followcue.language.model.rules import Comparing, Condition, Rule
from followcue.language.model.syntax import OPPOSITE, TURNED, Comparison, Variable


def conditions_that_always_hold(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each condition of a rule, outside of tables, that always holds."""
    for name in sorted(context.about - context.dead):
        if table_of(name) is None:
            yield from _of_rule(context, context.rules[name])


def _of_rule(context: LintContext, rule: Rule) -> Iterator[LintFinding]:
    some_absent = any(_binds_what_may_be_absent(condition) for condition in rule.when)
    for place, condition in enumerate(rule.when):
        match condition:
            case Condition(word="maybe") if not _binds_what_may_be_absent(condition):
                hint = "give a field of it a variable, or leave it out"
            case Comparing(Comparison(op) as test) if op not in TURNED and not some_absent:
                opposite = replace(condition, test=replace(test, op=OPPOSITE[op]))
                when = (*rule.when[:place], opposite, *rule.when[place + 1 :])
                if not context.is_contradictory(replace(rule, when=when)):
                    continue
                hint = "compare with something else, or leave it out"
            case _:
                continue
        message = f"`{said(condition.where)}` always holds, so `{rule.id}` asks for nothing by it"
        yield LintFinding(condition.where.problem("FC444", message, hint=hint), "warning", rule.id)


def _binds_what_may_be_absent(condition: object) -> bool:
    """Whether a condition gives variables to the fields of what may be there or not."""
    return (
        isinstance(condition, Condition)
        and condition.word.startswith("maybe")
        and any(
            isinstance(value, Variable)
            for demand in condition.pattern.demands
            for value in demand.constraint.values
        )
    )
