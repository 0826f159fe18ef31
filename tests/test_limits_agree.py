"""Programs at their limits: `derivations` refuses in every matcher or in none, `steps` as the page says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derivations import normal
from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.protocol import Derivation, Limits, MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.language.logic.program import Aggregate, Program
from generated_programs import LIMITS, Case, cases

LARGE = int(os.environ.get("FOLLOWCUE_PROGRAMS", "20000"))
SLOW = "relational"
"""It makes a database for every program."""
QUICKLY = settings(max_examples=30, derandomize=True, database=None, deadline=None)
AT_LENGTH = settings(
    max_examples=LARGE, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
A_FEW = 8
"""So many steps it takes without a database to begin a recursion."""
PARTS = st.floats(0, 1)
"""Where between nothing and what is needed a limit lies."""


def answer(name: str, case: Case, limits: Limits) -> list[Derivation] | None:
    """The derivations within limits; None where they do not suffice."""
    environment = case.environment._replace(limits=limits)
    try:
        return matcher(name)(case.program).run(case.facts, environment)
    except LimitExceeded:
        return None


def about(total: int, part: float) -> Iterator[int]:
    """Limits that suffice and that do not, those next to what is needed among them."""
    yield from {total, total + 1}
    yield from {limit for limit in (total - 1, int(total * part), 0) if 0 <= limit < total}


def check_derivations(name: str, case: Case, part: float) -> None:
    whole = answer("reference", case, LIMITS)
    if whole is None:
        return
    for limit in about(len(whole), part):
        try:
            found = answer(name, case, Limits(derivations=limit))
        except MatcherUnavailable:
            return
        assert (found is None) == (limit < len(whole)), (limit, len(whole))
        assert found is None or normal(found) == normal(whole)


def needed(case: Case) -> int | None:
    """The steps that the default takes; None where the limits of the tests do not suffice."""
    if answer("compiled", case, LIMITS) is None:
        return None
    low, high = 0, LIMITS.steps
    while low < high:
        middle = (low + high) // 2
        if answer("compiled", case, Limits(steps=middle)) is None:
            low = middle + 1
        else:
            high = middle
    return low


def aggregates_of(program: Program) -> Iterator[Aggregate]:
    """All that the clauses of a program take together."""
    return (aggregate for clause in program.clauses for aggregate in clause.aggregates)


def check_steps(name: str, case: Case, part: float) -> None:
    # Facts of a situation are all different; of equal ones the others look at one.
    case = replace(case, facts={kind: list(dict.fromkeys(rows)) for kind, rows in case.facts.items()})
    steps = needed(case)
    if not steps:
        return
    # Where several facts are the newest, the default may go on from each, where others begin with the rest.
    if any(each.op in ("newest", "oldest") for each in aggregates_of(case.program)):
        return
    # A database is not asked before the sizes multiplied come to the limit, and then not for as much again.
    least = (steps - A_FEW) // 2 if name == SLOW else steps
    for limit in (least - 1, int((least - 1) * part)):
        assert limit < 1 or answer(name, case, Limits(steps=limit)) is None, (limit, steps)


@pytest.mark.slow
@pytest.mark.parametrize("name", MATCHERS)
@QUICKLY
@given(case=cases(), part=PARTS)
def test_a_program_is_refused_for_its_derivations_everywhere_or_nowhere(
    name: str, case: Case, part: float
) -> None:
    check_derivations(name, case, part)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reference", SLOW])
@QUICKLY
@given(case=cases(), part=PARTS)
def test_what_the_default_refuses_for_its_steps_is_refused(name: str, case: Case, part: float) -> None:
    check_steps(name, case, part)


@pytest.mark.large
@pytest.mark.parametrize("name", MATCHERS)
@AT_LENGTH
@given(case=cases(), part=PARTS)
def test_many_programs_are_refused_for_their_derivations_alike(name: str, case: Case, part: float) -> None:
    check_derivations(name, case, part)


@pytest.mark.large
@pytest.mark.parametrize("name", ["reference", SLOW])
@AT_LENGTH
@given(case=cases(), part=PARTS)
def test_many_programs_are_refused_for_their_steps_alike(name: str, case: Case, part: float) -> None:
    check_steps(name, case, part)
