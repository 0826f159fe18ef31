"""Rules that can never fire: for demands that contradict each other, or for what nothing concludes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, Witness
from followcue.authoring.lint.minimal_conflict import ConflictPart, minimal_conflict, without
from followcue.language.logic import program as ir
from followcue.language.logic.walk import test_variables, variables
from followcue.language.model.rules import AnyCondition, Condition, Every, NoRowAbove, Rule, Where, within

MOST_EXPLAINED: Final = 50
"""For how many rules of a pack it is worked out what exactly stands in the way."""


def dead_rules(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each rule that can never fire."""
    dead = (name for name in sorted(context.contradictory & context.about) if not _is_taken(context, name))
    for count, name in enumerate(dead):
        yield _contradiction(context, context.rules[name], explained=count < MOST_EXPLAINED)
    for count, name in enumerate(sorted((context.dead - context.contradictory) & context.about)):
        yield _unmade(context, context.rules[name], explained=count < MOST_EXPLAINED)


def _is_taken(context: LintContext, name: str) -> bool:
    """Whether it is a row of a table that could fire but for the rows above, of which another lint tells."""
    rule = context.rules[name]
    when = tuple(condition for condition in rule.when if not isinstance(condition, NoRowAbove))
    return when != rule.when and context.is_contradictory(replace(rule, when=when)) is False


# --- demands that contradict each other
def _contradiction(context: LintContext, rule: Rule, *, explained: bool) -> LintFinding:
    parts = minimal_conflict(context, rule) if explained else []
    if not parts:
        message = f"`{rule.id}` can never fire: its conditions contradict each other"
        hint = "change one of them, or leave the rule out"
        return LintFinding(rule.where.problem("FC430", message, hint=hint), rule=rule.id)
    first, *others = parts
    hint = "change one of them, or leave the rule out"
    if others:
        told = " and ".join(f"`{part.words}`" for part in others)
        message = (
            f"`{rule.id}` can never fire: {told} contradict{'s' if len(others) == 1 else ''} `{first.words}`"
        )
    else:
        message = f"`{rule.id}` can never fire: nothing can be as `{first.words}` demands"
        hint = "change it, or leave the rule out"
    last = others[-1] if others else first
    problem = last.problem("FC430", message, hint)
    related = [(f"`{part.words}`", part.problem("", "").span) for part in parts if part is not last]
    problem = problem._replace(related=tuple((note, span) for note, span in related if span))
    return LintFinding(problem, rule=rule.id, witness=_witness(context, rule, parts))


def _witness(context: LintContext, rule: Rule, parts: list[ConflictPart]) -> Witness | None:
    """A situation in which all conditions hold but one of those that contradict the others."""
    for gone in ([parts[-1]], parts):
        found = _all_but(context, without(rule, gone))
        if found is not None:
            words = " and ".join(f"`{part.words}`" for part in gone)
            return _silence(rule, found, words)
    return None


def _silence(rule: Rule, situation: Mapping[str, Any], missing: str) -> Witness:
    """A situation with all but what is missing, in which the rule says nothing."""
    head = rule.head
    shows = f"everything that `{rule.id}` asks for but {missing}, and it stays silent"
    advises = head is not None and head.kind in ("recommend", "caution", "tip")
    reject = ({"action": head.target, "rules": [rule.id]},) if head is not None and advises else ()
    return Witness(situation, shows, reject=reject)


def _all_but(context: LintContext, relaxed: Rule) -> Mapping[str, Any] | None:
    for clause in context.clauses_of(relaxed) or ():
        found = context.witnesses.situation(clause, tries=60)
        if found is not None:
            return found
    return None


# --- what nothing concludes
def _unmade(context: LintContext, rule: Rule, *, explained: bool) -> LintFinding:
    clauses = context.by_rule[rule.id]
    missing = sorted({name for clause in clauses for name in context.lacks(clause)})
    names = ", ".join(f"`{name}`" for name in missing)
    makers = [other for name in missing for other in context.concluding.get(name, ())]
    if makers:
        dead = ", ".join(f"`{name}`" for name in sorted({clause.rule for clause in makers}))
        why = f"{names}, which only rules conclude that can never fire themselves ({dead})"
    else:
        why = f"{names}, which no rule concludes"
    message = f"`{rule.id}` can never fire: it needs {why}"
    hint = "write a rule that concludes it, or leave this one out"
    place = next((where for kind, where in _speaking_of(rule.when) if kind in missing), rule.where)
    witness = _without_unmade(context, rule, clauses, set(missing)) if explained else None
    return LintFinding(place.problem("FC431", message, hint=hint), rule=rule.id, witness=witness)


def _speaking_of(when: tuple[AnyCondition, ...]) -> Iterator[tuple[str, Where]]:
    """The kinds that conditions speak of, with their places."""
    for condition in when:
        for conditions in within(condition):
            yield from _speaking_of(conditions)
        if isinstance(condition, Condition | Every):
            for kind in condition.pattern.kinds:
                yield kind.text, condition.where


def _without_unmade(
    context: LintContext, rule: Rule, clauses: Sequence[ir.Clause], missing: set[str]
) -> Witness | None:
    """A situation in which the other conditions hold, as far as they stand on their own."""
    for clause in clauses:
        freed = _freed(clause, missing)
        if freed is None:
            continue
        found = context.witnesses.situation(freed, tries=60)
        if found is not None:
            names = ", ".join(f"`{name}`" for name in sorted(missing))
            return _silence(rule, found, names)
    return None


def _freed(clause: ir.Clause, missing: set[str]) -> ir.Clause | None:
    """The clause without what is missing and all that rests on it; None if nothing is left."""
    body = tuple(atom for atom in clause.body if atom.relation not in missing)
    aggregates = tuple(a for a in clause.aggregates if a.atom.relation not in missing)
    bound = {variable for atom in body for _, variable in atom.joins}
    bound |= {variable for a in aggregates for _, variable in a.outputs}
    bound |= {a.result for a in aggregates if a.result}
    if not body:
        return None

    def known(atom: ir.Atom) -> bool:
        used = {variable for _, variable in atom.joins}.union(*map(test_variables, atom.tests))
        return used <= bound

    body = tuple(
        ir.Atom(atom.relation, atom.joins, tuple(t for t in atom.tests if test_variables(t) <= bound))
        for atom in body
    )
    return ir.Clause(
        clause.rule,
        ir.Head(clause.head.relation, tuple(ir.Const(None) for _ in clause.head.values)),
        body,
        tuple(aggregate for aggregate in aggregates if known(aggregate.atom)),
        tuple(atom for atom in clause.negated if known(atom)),
        tuple(guard for guard in clause.guards if variables(guard) <= bound),
    )
