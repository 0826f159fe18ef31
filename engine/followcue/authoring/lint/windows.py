"""Windows that close before they open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from followcue.authoring.lint.context import Book
from followcue.authoring.lint.finding import Finding, Witness, said
from followcue.evaluation.pipeline import Judgement
from followcue.language.logic import program as ir
from followcue.language.model.pack import RECOMMENDATION, RECOMMENDATION_COLUMNS
from followcue.language.model.rules import Rule
from followcue.synthesis.solver.feasible import any_parameters, cases
from followcue.synthesis.solver.linear import Unclear, apply
from followcue.synthesis.solver.tableau import Tableau, World, order_demands

OPEN, CLOSE = RECOMMENDATION_COLUMNS.index("open"), RECOMMENDATION_COLUMNS.index("close")


def windows_that_never_open(book: Book) -> Iterator[Finding]:
    """One finding for each rule the window of which closes before it opens, where every day counts."""
    world = any_parameters(book.vocabulary, plain=True)
    for name, clauses in book.by_rule.items():
        rule = book.rules[name]
        if name in book.dead or name not in book.about or not clauses or not _has_window(book, rule):
            continue
        if all(_closes_first(world, clause) for clause in clauses):
            yield _finding(book, rule)


def _has_window(book: Book, rule: Rule) -> bool:
    head = rule.head
    if head is None or head.kind != "recommend" or book.vocabulary.actions[head.target].standing:
        return False
    return "open" in head.values and "close" in head.values


def _closes_first(world: World, clause: ir.Clause) -> bool:
    """Whether nothing lets the window of a clause open on or before the day on which it closes."""
    if clause.head.relation != RECOMMENDATION:
        return False
    found = cases(world, clause)
    return found is not None and all(_never_opens(tableau, clause) for tableau in found)


def _never_opens(tableau: Tableau, clause: ir.Clause) -> bool:
    opens, closes = clause.head.values[OPEN], clause.head.values[CLOSE]
    if ir.Const(None) in (opens, closes):
        return False
    frame = tableau.frames[0]
    try:
        first, some = tableau.sum(opens, frame)
        last, more = tableau.sum(closes, frame)
    except Unclear:
        return False
    if some or more:
        return False
    for way in order_demands("<=", first.plus(last, -1)):
        for demand in way:
            apply(tableau.store, demand)
    return tableau.bad


def _finding(book: Book, rule: Rule) -> Finding:
    assert rule.head is not None
    opens, closes = rule.head.values["open"], rule.head.values["close"]
    message = f"the window of `{rule.id}` never opens: it closes on `{said(closes.where)}`, before it opens"
    hint = "let it close on a later day, or open on an earlier one"
    problem = closes.where.problem("FC432", message, hint=hint)
    span = opens.where.span
    if span:
        problem = problem._replace(related=((f"it opens on `{said(opens.where)}`", span),))
    action = rule.head.target

    def is_never_due(data: Mapping[str, Any], judgement: Judgement) -> bool:
        return not any(
            rule.id in found.rules and found.status in ("due", "overdue")
            for found in judgement.report.actions
        )

    situation = book.witnesses.situation(rule.id, accept=is_never_due, tries=60)
    witness = situation and Witness(
        situation,
        f"all that `{rule.id}` asks for, and it is not due on any day",
        reject=({"action": action, "status": "due"},),
    )
    return Finding(problem, rule=rule.id, witness=witness or None)
