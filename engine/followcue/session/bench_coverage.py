"""What the tests of a bench have seen of one rule, and which small changes of it they would notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from followcue.language.model.decision_table import table_of
from followcue.session.pack_bench import GiveUp, PackBench, go_on
from followcue.testing.coverage.coverage import Coverage, coverage_of, excusable
from followcue.testing.mutation.declared_equivalent import (
    Claim,
    claims_in,
    reasons,
    refuse_noticed,
    refuse_unknown,
)
from followcue.testing.mutation.mutants import Mutant, mutants_of
from followcue.testing.mutation.mutation import Grounded, noticing
from followcue.testing.scenario import Scenario


class TriedMutant(NamedTuple):
    """A change of a rule and the test that notices it, None where none does; `same` says why none can."""

    mutant: Mutant
    by: Scenario | None
    same: str | None = None


def rule_coverage(bench: PackBench, rule: str, give_up: GiveUp = go_on) -> Coverage:
    """What `test --coverage` says of a rule; of a row of a table, of all its rows, which share parts.

    Raises `InvalidInput` for a rule that is not there, and while there are mistakes.
    """
    bench.refuse_unknown_rule(rule)
    loaded, table = bench.loaded, table_of(rule)
    only = [one.id for one in loaded.rules if rule == one.id or (table and table == table_of(one.id))]
    excuses = reasons(claims_in(bench.documents, loaded.pack.rules))
    return coverage_of(loaded, _passing(bench, give_up), excuses, only, give_up)


def rule_mutants(bench: PackBench, rule: str, give_up: GiveUp = go_on) -> Iterator[TriedMutant]:
    """What `test --mutate --rule` tries of a rule, each change as soon as a test notices it, the others last.

    Raises `InvalidInput` for a rule that is not there, where test files claim what is not so, and while there
    are mistakes.
    """
    bench.refuse_unknown_rule(rule)
    loaded = bench.loaded
    all_claims = claims_in(bench.documents, loaded.pack.rules)
    claims = [claim for claim in all_claims if rule in (claim.rule, *claim.rows)]
    every = mutants_of(loaded, [rule])
    of_it_alone = [claim for claim in claims if claim.rule == rule]  # others may be about other rows
    refuse_unknown(of_it_alone, {mutant.name for mutant in every} | excusable(loaded, [rule]))
    tried = [mutant for mutant in every if not mutant.same_since]
    by: dict[int, Scenario] = {}
    for number, test in noticing(loaded, _passing(bench, give_up), tried, give_up):
        by[number] = test.scenario
        yield TriedMutant(tried[number], test.scenario)
    yield from _unnoticed(every, tried, by, claims)


def _unnoticed(
    every: tuple[Mutant, ...], tried: list[Mutant], by: dict[int, Scenario], claims: list[Claim]
) -> Iterator[TriedMutant]:
    """Those that no test notices, and of which it is proved or said that none can."""
    left = [mutant for number, mutant in enumerate(tried) if number not in by]
    kept = {mutant.name for mutant in left}  # a rule may say the same twice, and tests notice one of the two
    noticed = {tried[number].name: test.id for number, test in by.items() if tried[number].name not in kept}
    refuse_noticed(claims, noticed)
    said = reasons(claims)
    yield from (TriedMutant(mutant, None, said.get(mutant.name)) for mutant in left)
    yield from (TriedMutant(mutant, None, mutant.same_since) for mutant in every if mutant.same_since)


def _passing(bench: PackBench, give_up: GiveUp) -> list[Grounded]:
    """Tests that fail see and notice nothing."""
    ran = zip(bench.scenarios, bench.all_ran(give_up), strict=True)
    return [found for scenario, found in ran if bench.result(scenario).passed]
