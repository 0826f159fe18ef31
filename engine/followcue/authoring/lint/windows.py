"""Windows that close before they open, or whose days stand in another order with the values of a profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, Witness, said
from followcue.base.rows import Value
from followcue.evaluation.pipeline import Evaluation
from followcue.language.logic import program as ir
from followcue.language.model.pack import RECOMMENDATION_COLUMNS
from followcue.language.model.rules import Rule
from followcue.synthesis.solver.feasible import any_parameters, cases
from followcue.synthesis.solver.linear import Unclear, apply
from followcue.synthesis.solver.tableau import Tableau, World, order_demands

IN_ORDER: Final = (("open", "due"), ("open", "close"), ("due", "close"))
"""Days of a window of which the one is never to be after the other."""

SAYS: Final = {"open": "opens", "due": "is due", "close": "closes"}


def windows_that_never_open(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each rule the window of which closes before it opens, where every day counts."""
    world = any_parameters(context.vocabulary, plain=True)
    for rule, clauses in _with_windows(context):
        if _has(rule, "open", "close") and _is_out_of_order(world, clauses, "open", "close"):
            yield _finding(context, rule)


def windows_out_of_order(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each rule whose window has its days in another order, with the values of a profile.

    With others they may stand in order; of those that never do so, the lint above tells.
    """
    world = any_parameters(context.vocabulary, plain=True)
    profiles = context.vocabulary.profiles or (context.vocabulary.default_profile,)
    for rule, clauses in _with_windows(context):
        if _has(rule, "open", "close") and _is_out_of_order(world, clauses, "open", "close"):
            continue
        for first, last in IN_ORDER:
            if not _has(rule, first, last):
                continue
            wrong = [
                profile
                for profile in profiles
                if _is_out_of_order(world.with_parameters(_values(context, profile)), clauses, first, last)
            ]
            if wrong:
                yield _misplaced(rule, first, last, wrong, profiles)
                break


def _with_windows(context: LintContext) -> Iterator[tuple[Rule, Sequence[ir.Clause]]]:
    """The rules that are looked at, if what they advise has a window."""
    for name, clauses in context.by_rule.items():
        head = context.rules[name].head
        if name in context.dead or name not in context.about or head is None or head.kind != "recommend":
            continue
        if not context.vocabulary.actions[head.target].standing:
            yield context.rules[name], clauses


def _has(rule: Rule, *days: str) -> bool:
    return rule.head is not None and all(day in rule.head.values for day in days)


def _values(context: LintContext, profile: str) -> dict[str, Value]:
    """What every parameter is in a profile, unless a situation says otherwise."""
    found = {p.name: p.profiles.get(profile, p.value) for p in context.vocabulary.parameters.values()}
    return {**found, "profile": profile}


def _is_out_of_order(world: World, clauses: Sequence[ir.Clause], first: str, last: str) -> bool:
    """Whether in no case in which clauses fire the one day is on or before the other."""
    found = [cases(world, clause) for clause in clauses]
    if None in found or not any(found):
        return False
    return all(
        _is_later(tableau, clause.head.values[_COLUMN[first]], clause.head.values[_COLUMN[last]])
        for clause, tableaus in zip(clauses, found, strict=True)
        for tableau in tableaus or ()
    )


_COLUMN = {name: place for place, name in enumerate(RECOMMENDATION_COLUMNS)}


def _is_later(tableau: Tableau, day: ir.Expr, other: ir.Expr) -> bool:
    """Whether nothing lets a day be on or before another one; the tableau is used up."""
    if ir.Const(None) in (day, other):
        return False
    frame = tableau.frames[0]
    try:
        first, some = tableau.sum(day, frame)
        last, more = tableau.sum(other, frame)
    except Unclear:
        return False
    if some or more:
        return False
    for way in order_demands("<=", first.plus(last, -1)):
        for demand in way:
            apply(tableau.store, demand)
    return tableau.bad


def _misplaced(
    rule: Rule, first: str, last: str, wrong: Sequence[str], profiles: Sequence[str]
) -> LintFinding:
    assert rule.head is not None
    one, other = rule.head.values[first].where, rule.head.values[last].where
    named = " and ".join(f"`{profile}`" for profile in wrong)
    values = "the values as they are" if len(wrong) == len(profiles) else f"the values of {named}"
    before = f"before it {SAYS[first]} on `{said(one)}`"
    message = f"with {values}, `{rule.id}` {SAYS[last]} on `{said(other)}`, {before}"
    hint = _added_up(said(one), said(other)) or "add up both times, or change one of the values"
    problem = other.problem("FC441", message, hint=hint)
    if one.span:
        problem = problem._replace(related=((f"it {SAYS[first]} on `{said(one)}`", one.span),))
    return LintFinding(problem, "warning", rule.id)


def _added_up(first: str, last: str) -> str | None:
    """The later day counted from the earlier one: `$day + grace` after `$day + 1 week`."""
    start, _, time = last.partition(" + ")
    if not time or not first.startswith(f"{start} + "):
        return None
    return f"add up both times, as in `{first} + {time}`, or change one of the values"


def _finding(context: LintContext, rule: Rule) -> LintFinding:
    assert rule.head is not None
    opens, closes = rule.head.values["open"], rule.head.values["close"]
    message = f"the window of `{rule.id}` never opens: it closes on `{said(closes.where)}`, before it opens"
    hint = "let it close on a later day, or open on an earlier one"
    problem = closes.where.problem("FC432", message, hint=hint)
    span = opens.where.span
    if span:
        problem = problem._replace(related=((f"it opens on `{said(opens.where)}`", span),))
    action = rule.head.target

    def is_never_due(data: Mapping[str, Any], judgement: Evaluation) -> bool:
        return not any(
            rule.id in found.rules and found.status in ("due", "overdue")
            for found in judgement.report.actions
        )

    situation = context.witnesses.situation(rule.id, accept=is_never_due, tries=60)
    witness = situation and Witness(
        situation,
        f"all that `{rule.id}` asks for, and it is not due on any day",
        reject=({"action": action, "status": "due"},),
    )
    return LintFinding(problem, rule=rule.id, witness=witness or None)
