"""The reference workload: on random situations every matcher says what a hand-written function says."""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import followcue
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS

ROOT = Path(__file__).parents[1]
WORKLOAD = ROOT / "benchmarks" / "workload"

sys.path.insert(0, str(WORKLOAD))

from generator import FIRST_DAY, as_situation, hand_written, random_facts  # noqa: E402

SEEDS = 300
MANY_SEEDS = 5_000


@cache
def workload() -> followcue.LoadedPack:
    return followcue.load_pack(WORKLOAD / "rules", cache=False)


def recommended(facts: list[dict[str, Any]], matcher: str) -> set[tuple[Any, ...]]:
    """What the report recommends, in the form of the hand-written function."""
    report = followcue.evaluate(as_situation(facts), workload(), matcher=matcher)
    found = [(a.action, a.to, a.about, *map(day_number, (a.open, a.due, a.until))) for a in report.actions]
    assert len(found) == len(set(found)), "no action is listed twice"
    return set(found)


def day_number(day: date | None) -> int | None:
    return None if day is None else day.toordinal() - FIRST_DAY


def check(matcher: str, seeds: int) -> None:
    try:
        workload().matcher(matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    for seed in range(seeds):
        facts = random_facts(seed)
        assert recommended(facts, matcher) == hand_written(facts), f"seed {seed}"


def test_every_action_occurs() -> None:
    """The situations are worth trying: each action of the workload is right in some of them."""
    answers = [hand_written(random_facts(seed)) for seed in range(SEEDS)]
    assert {action for answer in answers for action, *_ in answer} == set(workload().pack.vocabulary.actions)


@pytest.mark.slow
@pytest.mark.parametrize("matcher", MATCHERS)
def test_as_a_programmer_would_write_it(matcher: str) -> None:
    # A statement of SQL costs more than a whole situation.
    check(matcher, 20 if matcher == "relational" else SEEDS)


@pytest.mark.large
@pytest.mark.parametrize("matcher", MATCHERS)
def test_as_a_programmer_would_write_it_at_length(matcher: str) -> None:
    check(matcher, MANY_SEEDS)
