"""`done_when` that nothing can ever match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, Witness
from followcue.authoring.lint.minimal_conflict import ConflictPart, parts_of, without
from followcue.evaluation.pipeline import Evaluation
from followcue.language.model.rules import Condition, Pattern, Rule
from followcue.language.model.syntax import Name


def never_settled(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each kind of `done_when` of which no fact can be, given what the conditions bind.

    That a fact would end the rule by one of its conditions as well, or become the newest itself, is no
    mistake: `done_when` then says what settles the action. So no `no` and no `newest` counts.
    """
    for name, rule in context.rules.items():
        if rule.head is None or name in context.dead or name not in context.about:
            continue
        for pattern in rule.head.done_when:
            for kind in pattern.kinds:
                matching = _with_fact(rule, pattern, kind)
                if context.is_contradictory(matching, denials=False):
                    yield _finding(context, rule, matching, kind)


def _with_fact(rule: Rule, pattern: Pattern, kind: Name) -> Rule:
    """The rule with the event that settles it as a last condition."""
    assert rule.head is not None
    settling = Condition("there is", replace(pattern, kinds=(kind,)))
    return replace(rule, when=(*rule.when, settling), head=replace(rule.head, done_when=()))


def _finding(context: LintContext, rule: Rule, matching: Rule, kind: Name) -> LintFinding:
    place = len(matching.when) - 1
    parts = [p for p in parts_of(matching.when) if p.condition == place and p.inner is not None]
    guilty = [
        part for part in parts if not context.is_contradictory(without(matching, [part]), denials=False)
    ]
    words = " and ".join(f"`{part.words}`" for part in guilty)
    why = f"no `{kind.text}` can be as {words} demands" if guilty else f"no `{kind.text}` can be so"
    message = f"`done_when` of `{rule.id}` can never match: {why}, given the conditions of the rule"
    hint = "turn it round, as in `date: after $day` with a day of the rule's conditions, or leave it out"
    settling = matching.when[place]
    assert isinstance(settling, Condition)
    problem = (
        guilty[0].problem("FC436", message, hint)
        if guilty
        else settling.where.problem("FC436", message, hint=hint)
    )
    return LintFinding(
        problem, rule=rule.id, witness=_witness(context, rule, matching, guilty or parts, kind)
    )


def _witness(
    context: LintContext, rule: Rule, matching: Rule, gone: list[ConflictPart], kind: Name
) -> Witness | None:
    """A situation in which such an event happened after all that the rule needs, and settles nothing."""
    assert rule.head is not None
    action = rule.head.target

    def still_there(data: Mapping[str, Any], judgement: Evaluation) -> bool:
        return any(rule.id in found.rules for found in judgement.report.actions)

    for clause in context.clauses_of(without(matching, gone)) or ():
        found = context.witnesses.situation(clause, accept=still_there, due=True, tries=60)
        if found is not None:
            shows = f"a `{kind.text}`, and `{action}` is still recommended"
            return Witness(found, shows, expect=(action,))
    return None
