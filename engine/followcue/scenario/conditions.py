"""Conditions: which demands of the rules some check shows to matter.

A demand (a `no`, a comparison, a fixed value) matters in a check if its rule would derive more there without
it. All rules, each without one of its demands, run at once as one program over what the check derives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from followcue.calendar import calendar_of
from followcue.logic.program import Clause, Component, Program
from followcue.match.compiled import CompiledMatcher
from followcue.match.protocol import Derivation
from followcue.pipeline import LoadedPack, environment_of, judge
from followcue.rows import Row
from followcue.scenario.scenario import Check


class Demand(NamedTuple):
    """One demand of a clause by number: `name` says which, `without` is the clause that lacks it."""

    name: str
    clause: int
    without: Clause


def conditions_of(loaded: LoadedPack, checks: Iterable[Check]) -> tuple[set[str], set[str]]:
    """The names of all demands of the rules, and of those that matter in some check."""
    demands = [d for number, clause in enumerate(loaded.program.clauses) for d in _demands(number, clause)]
    matcher = CompiledMatcher(_program(loaded.program, demands))
    mattered: set[str] = set()
    for check in checks:
        mattered.update(_mattering(loaded, matcher, demands, check))
    return {demand.name for demand in demands}, mattered


def _mattering(
    loaded: LoadedPack, matcher: CompiledMatcher, demands: Sequence[Demand], check: Check
) -> Iterator[str]:
    """The demands without which more would be derived from what the check knows and derives."""
    situation = check.situation
    derivations = judge(loaded, situation).derivations
    facts = {name: list(rows) for name, rows in situation.facts.items()}
    by_clause: defaultdict[int, set[Row]] = defaultdict(set)
    for derivation in derivations:
        by_clause[derivation.clause].add(derivation.row)
    for relation, rows in _derived(loaded.program, derivations).items():
        facts[relation] = list(rows)
    environment = environment_of(situation, calendar_of(situation.parameters))
    for found in matcher.run(facts, environment):
        demand = demands[found.clause]
        if found.row not in by_clause[demand.clause]:
            yield demand.name


def _derived(program: Program, derivations: Iterable[Derivation]) -> dict[str, dict[Row, None]]:
    rows: defaultdict[str, dict[Row, None]] = defaultdict(dict)
    for derivation in derivations:
        rows[program.clauses[derivation.clause].head.relation][derivation.row] = None
    return rows


def _program(program: Program, demands: Sequence[Demand]) -> Program:
    """Every clause that lacks a demand, over relations that are all given."""
    relations = {name: relation._replace(derived=False) for name, relation in program.relations.items()}
    clauses = []
    for number, demand in enumerate(demands):
        head = demand.without.head
        name = f"?{number}"
        relations[name] = relations[head.relation]._replace(name=name, derived=True)
        clauses.append(replace(demand.without, head=replace(head, relation=name)))
    components = (Component((number,), False, 0) for number in range(len(clauses)))
    return Program(relations, tuple(clauses), tuple(components))


def _demands(number: int, clause: Clause) -> Iterator[Demand]:
    """A demand that stands in several clauses of a rule, as choices make them, has one name."""
    for i, atom in enumerate(clause.negated):
        rest = clause.negated[:i] + clause.negated[i + 1 :]
        yield Demand(f"{clause.rule}: no {atom.relation}", number, replace(clause, negated=rest))
    for i in range(len(clause.guards)):
        rest_guards = clause.guards[:i] + clause.guards[i + 1 :]
        yield Demand(f"{clause.rule}: comparison {i + 1}", number, replace(clause, guards=rest_guards))
    for i, atom in enumerate(clause.body):
        for j, test in enumerate(atom.tests):
            freed = replace(atom, tests=atom.tests[:j] + atom.tests[j + 1 :])
            body = (*clause.body[:i], freed, *clause.body[i + 1 :])
            name = f"{clause.rule}: {atom.relation} {test.op} {j + 1}"
            yield Demand(name, number, replace(clause, body=body))
