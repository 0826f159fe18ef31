"""From a program to its plan: which part of each clause the network runs, and which part the host.

    path(X, Z) :- path(X, Y), edge(Y, Z).                one rule; its activation is the match
    thank(P)   :- interviewed(P), not thanked(P).        one rule: control, interviewed, thanked$not
    late(A)    :- sent(A, D), not heard(A, D2 > D + 7).  two, and a candidate between them

Where a negation compares with what must be computed first, the activation of the first rule lets the host
work it out and assert it with the rest as a *candidate*, which the second rule (control, candidate,
heard$not) lets through or not.

A control fact opens a stratum, when the relations that its negations look at are complete.

Invariant: whatever the network lets through that it should not, the host refuses: each test that the network
makes only roughly, or not at all, is among the `late` tests of its clause. The network never refuses what
should pass.
"""

from __future__ import annotations

from collections.abc import Iterable

from followcue.evaluation.match.durable.body import BodyPlanner, Breadth
from followcue.evaluation.match.durable.contract import MOST_JOINS
from followcue.evaluation.match.durable.fact_fields import Fields
from followcue.evaluation.match.durable.join_order import JoinOrder, join_order
from followcue.evaluation.match.durable.negation import CandidatePlanner, stands_beside_body
from followcue.evaluation.match.durable.network_plan import Auxiliary, ClausePlan, NetworkPlan, NetworkRule
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.language.logic.program import Clause, Program


def plan_program(program: Program, breadth: Breadth) -> NetworkPlan:
    """Plan every clause of `program`; raises `MatcherUnavailable` for what durable-rules cannot run."""
    fields = Fields(program)
    strata = strata_of(program)
    clauses: list[ClausePlan] = []
    rules: list[NetworkRule] = []
    for number, clause in enumerate(program.clauses):
        plan, its_rules = _plan_clause(number, clause, strata[number], fields, breadth)
        clauses.append(plan)
        rules += its_rules
    return NetworkPlan(
        clauses=tuple(clauses),
        rules={f"s{number}": rule for number, rule in enumerate(rules)},
        strata=1 + max(strata.values(), default=0),
        kinds=fields.kinds,
        sources=fields.sources,
        codes=dict(fields.codes.table),
    )


def _plan_clause(
    number: int, clause: Clause, stratum: int, fields: Fields, breadth: Breadth
) -> tuple[ClausePlan, list[NetworkRule]]:
    order = join_order(clause)
    body = BodyPlanner(number, order, fields, breadth)
    filters = CandidatePlanner(number, clause, stratum, fields)
    candidate: Auxiliary | None = None
    if _fits_one_rule(clause, order, breadth):
        body.join(clause.negated, stratum)
        stratum = 0  # the rule waits, so the host need not
    else:
        body.join()
        candidate = filters.plan() if clause.negated else None
    rules = [*body.rules, *filters.rules]
    _check_joins(clause, rules)
    late, scanned = tuple(body.late), tuple(filters.scanned)
    return ClausePlan(number, clause, order, stratum, late, candidate, scanned), rules


def _fits_one_rule(clause: Clause, order: JoinOrder, breadth: Breadth) -> bool:
    """Whether one rule can hold the body and the negated atoms: then no value has to be computed."""
    bound = {name for name, _, _ in order.binders}
    return (
        not breadth.by_equality_only
        and len(clause.body) > 0
        and len(clause.negated) > 0
        and len(clause.body) + len(clause.negated) < breadth.conditions
        and not clause.aggregates
        and all(stands_beside_body(atom, bound) for atom in clause.negated)
    )


def _check_joins(clause: Clause, rules: Iterable[NetworkRule]) -> None:
    """Refuse a negation that no rule can hold; what a positive condition cannot join is left to the host."""
    for condition in (condition for rule in rules for condition in rule.conditions):
        if condition.joins > MOST_JOINS:
            raise MatcherUnavailable(
                f"rule {clause.rule}: a `no` compares {condition.joins} fields with others; "
                f"durable-rules takes {MOST_JOINS}; `compiled` and `reference` give the same answers"
            )


def strata_of(program: Program) -> dict[int, int]:
    """The stratum of each clause, by number: all that it negates or aggregates lies in earlier ones.

    A clause belongs here to the first stratum in which it may fire, whatever the strata of its body: that
    takes no more strata than the program has levels, and often fewer.
    """
    completed = dict.fromkeys(program.relations, 0)  # the last stratum that adds rows to a relation
    strata: dict[int, int] = {}
    for component in program.components:
        latest = 0
        for number in component.clauses:
            clause = program.clauses[number]
            looked_at = [*clause.negated, *(aggregate.atom for aggregate in clause.aggregates)]
            strata[number] = max((completed[atom.relation] + 1 for atom in looked_at), default=0)
            latest = max(latest, strata[number], *(completed[atom.relation] for atom in clause.body), 0)
        for number in component.clauses:
            head = program.clauses[number].head.relation
            completed[head] = max(completed[head], latest)
    return strata
