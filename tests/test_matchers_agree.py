"""The same program and facts give the same derivations, whichever matcher runs, in whatever order."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derivations import Normal, normal
from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.language.logic.program import Clause, Component, Program
from generated_programs import Case, cases

OTHERS = [name for name in MATCHERS if name != "reference"]
LARGE = int(os.environ.get("FOLLOWCUE_PROGRAMS", "20000"))
SLOW = "relational"
"""It makes a database for every program."""
QUICKLY = settings(max_examples=80, derandomize=True, database=None, deadline=None)
SOME = settings(QUICKLY, max_examples=40)
AT_LENGTH = settings(
    max_examples=LARGE, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def outcome(
    name: str, case: Case, clauses: Sequence[int] | None = None, bodies: Sequence[Sequence[int]] | None = None
) -> Normal:
    """What a matcher makes of the case; the numbers undo a shuffle."""
    prepared = matcher(name)(case.program)
    return normal(prepared.run(case.facts, case.environment), clauses, bodies)


def check_agreement(name: str, case: Case) -> None:
    try:
        expected = outcome("reference", case)
    except LimitExceeded:
        return
    try:
        assert outcome(name, case) == expected
    except MatcherUnavailable:
        return


def check_order(name: str, case: Case, seed: int) -> None:
    shuffled, clauses, bodies = _shuffled(case, random.Random(seed))
    try:
        assert outcome(name, shuffled, clauses, bodies) == outcome(name, case)
    except (LimitExceeded, MatcherUnavailable):
        return


def _shuffled(case: Case, rng: random.Random) -> tuple[Case, list[int], list[list[int]]]:
    """The case with rows, clauses, atoms and guards in another order, and the order taken."""
    numbers = _order(len(case.program.clauses), rng)
    bodies = [_order(len(case.program.clauses[number].body), rng) for number in numbers]
    clauses = [
        _reordered(case.program.clauses[number], body, rng)
        for number, body in zip(numbers, bodies, strict=True)
    ]
    components = [
        Component(
            tuple(
                rng.sample([numbers.index(number) for number in component.clauses], len(component.clauses))
            ),
            component.recursive,
            component.level,
        )
        for component in case.program.components
    ]
    facts = {
        name: rng.sample(rows, len(rows)) for name, rows in rng.sample([*case.facts.items()], len(case.facts))
    }
    program = Program(case.program.relations, tuple(clauses), tuple(components))
    return replace(case, program=program, facts=facts), numbers, bodies


def _reordered(clause: Clause, body: list[int], rng: random.Random) -> Clause:
    return replace(
        clause,
        body=tuple(clause.body[number] for number in body),
        negated=tuple(rng.sample(clause.negated, len(clause.negated))),
        guards=tuple(rng.sample(clause.guards, len(clause.guards))),
    )


def _order(size: int, rng: random.Random) -> list[int]:
    return rng.sample(range(size), size)


@pytest.mark.parametrize("name", sorted({*OTHERS} - {SLOW}))
@QUICKLY
@given(case=cases())
def test_agrees_with_the_reference(name: str, case: Case) -> None:
    check_agreement(name, case)


@pytest.mark.slow
@SOME
@given(case=cases())
def test_the_slow_one_agrees_with_the_reference(case: Case) -> None:
    check_agreement(SLOW, case)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*MATCHERS} - {SLOW}))
@QUICKLY
@given(case=cases(), seed=st.integers(0, 2**32))
def test_order_never_matters(name: str, case: Case, seed: int) -> None:
    check_order(name, case, seed)


@pytest.mark.large
@pytest.mark.parametrize("name", OTHERS)
@AT_LENGTH
@given(case=cases())
def test_agrees_with_the_reference_on_many_programs(name: str, case: Case) -> None:
    check_agreement(name, case)


@pytest.mark.large
@pytest.mark.parametrize("name", MATCHERS)
@AT_LENGTH
@given(case=cases(), seed=st.integers(0, 2**32))
def test_order_never_matters_in_many_programs(name: str, case: Case, seed: int) -> None:
    check_order(name, case, seed)
