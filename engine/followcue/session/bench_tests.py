"""Tests of a bench, one after the other: first those that an edit touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from followcue.base.diagnostic import Span
from followcue.session.pack_bench import PackBench, rules_of
from followcue.testing.failures import lines_of_miss
from followcue.testing.reasons import reasons_of
from followcue.testing.run import Result
from followcue.testing.scenario import Scenario


class FailedPart(NamedTuple):
    """What a test misses, in the words of `test`, and where the check stands that demands it."""

    message: str
    span: Span | None


class TestedScenario(NamedTuple):
    """Whether a test passes, in how many of its checks, and all that it misses."""

    scenario: Scenario
    passed: bool
    checks: tuple[int, int]
    failures: tuple[FailedPart, ...]


def verdicts(
    bench: PackBench, rule: str | None = None, file: str | None = None, changed: Iterable[str] = ()
) -> Iterator[TestedScenario]:
    """The tests of a file, or those that exercise a rule, or all: first those that the changed rules touch.

    Raises `InvalidInput` while rules or tests have mistakes.
    """
    touched = [rule] if rule else list(changed)
    reasons = reasons_of(bench.loaded)
    for scenario in bench.near(touched):
        if file is not None and scenario.file != file:
            continue
        if rule is None or rule in rules_of(bench.ran(scenario)):
            result = bench.result(scenario)
            failures = tuple(FailedPart(*told) for told in lines_of_miss(result, reasons))
            missed = sum(bool(outcome.misses) for outcome in result.outcomes)
            checks = (len(result.outcomes) - missed, len(result.outcomes))
            yield TestedScenario(scenario, result.passed, checks, failures)


def verdict_in_words(result: Result) -> str:
    """Whether a test passes, in few words: `passes, 3 of 3`."""
    of = len(result.outcomes)
    missed = sum(bool(outcome.misses) for outcome in result.outcomes)
    if result.passed:
        return f"passes, {of} of {of}"
    if missed:
        return f"fails in {missed} of {of} checks"
    return f"fails: `{result.unclaimed[0][0]}` led to nothing that it expects"
