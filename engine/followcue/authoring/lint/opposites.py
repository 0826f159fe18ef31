"""Pairs of rules that recommend opposites, where both can be due and neither overrides the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, Witness
from followcue.evaluation.pipeline import Evaluation
from followcue.language.model.rules import Rule
from followcue.synthesis.solver.feasible import can_be_due
from followcue.synthesis.solver.witness import Effort

MOST_PAIRS: Final = 400
"""How many pairs of rules are tried."""

MOST_CLAUSES: Final = 3
TRIES: Final = 16
"""How many situations are made for two clauses: where both can be due, nearly always the first shows it."""
EFFORT: Final = Effort(turns=1, steps=150, shuffles=2, free_parameters=False)
"""With parameters that nobody would choose, much could be due."""


def opposite_rules(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each pair of rules for which a situation was found in which both are due."""
    recommending: defaultdict[str, list[Rule]] = defaultdict(list)
    for name in sorted(context.rules):
        rule = context.rules[name]
        if rule.head is not None and rule.head.kind == "recommend" and name not in context.dead:
            recommending[rule.head.target].append(rule)
    tried = 0
    for action in sorted(recommending):
        for opposite in context.vocabulary.actions[action].contradicts:
            for one in recommending[action]:
                for other in recommending.get(opposite, ()):
                    if _overrides(one, other) or tried >= MOST_PAIRS:
                        continue
                    if not context.about & {one.id, other.id}:
                        continue
                    tried += 1
                    found = _both_due(context, one, other)
                    if found is not None:
                        pair = (one, other) if one.id in context.about else (other, one)
                        yield _finding(*pair, found)


def _overrides(one: Rule, other: Rule) -> bool:
    return other.id in {m.name for m in one.overrides} or one.id in {m.name for m in other.overrides}


def _both_due(context: LintContext, one: Rule, other: Rule) -> Mapping[str, Any] | None:
    """A situation of which the report itself warns of the two."""

    def warned(data: Mapping[str, Any], judgement: Evaluation) -> bool:
        return any(
            "contradict each other" in warning and f"{one.id} (" in warning and f"{other.id} (" in warning
            for warning in judgement.report.warnings
        )

    numbers = context.numbers
    for first in numbers[one.id][:MOST_CLAUSES]:
        for second in numbers[other.id][:MOST_CLAUSES]:
            clauses = [context.clauses[first], context.clauses[second]]
            if not can_be_due(context.world, context.heads, clauses):
                continue
            found = context.witnesses.situation(
                first, second, accept=warned, due=True, tries=TRIES, effort=EFFORT
            )
            if found is not None:
                return found
    return None


def _finding(one: Rule, other: Rule, situation: Mapping[str, Any]) -> LintFinding:
    assert one.head is not None
    assert other.head is not None
    message = (
        f"`{one.id}` and `{other.id}` recommend opposites for the same record: "
        f"`{one.head.target}` contradicts `{other.head.target}`, and both can be due"
    )
    hint = f"say which goes before: `overrides: [{other.id}]` in `{one.id}`, or the other way round"
    problem = one.where.problem("FC435", message, hint=hint)
    if other.where.span:
        problem = problem._replace(related=((f"`{other.id}`", other.where.span),))
    witness = Witness(
        situation,
        f"both `{one.head.target}` and `{other.head.target}` are due",
        expect=(
            {"action": one.head.target, "rules": [one.id]},
            {"action": other.head.target, "rules": [other.id]},
        ),
    )
    return LintFinding(problem, rule=one.id, witness=witness)
