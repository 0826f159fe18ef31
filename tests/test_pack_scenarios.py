"""The scenario tests that stand beside the shipped rules.

The compiled matcher runs all of them. The others, slower by far, run every so many-th, and all of them among
the large tests.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import COMPILED, MATCHERS
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.testing.failures import said_of
from followcue.testing.find import find_tests
from followcue.testing.run import run_scenario
from followcue.testing.scenario import Scenario
from followcue.testing.suite import read_suite

ROOT = Path(__file__).parents[1]
PACKS = sorted({file.parents[1] for file in (ROOT / "rules").glob("*/tests/*.yaml")})


@cache
def loaded(pack: Path) -> LoadedPack:
    return load_pack(pack, cache=False)


@cache
def scenarios(pack: Path) -> tuple[Scenario, ...]:
    return tuple(read_suite(find_tests([str(pack)]), loaded(pack)))


SAMPLED = 240
"""Every so many-th scenario of a single check is run on the slower matchers as well."""


def slips(scenario: Scenario, pack: Path, matcher: str) -> list[str]:
    """What is said of a scenario that fails."""
    result = run_scenario(scenario, loaded(pack), matcher)
    return [] if result.passed else [scenario.file, *said_of(result)]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_all_scenarios(pack: Path) -> None:
    found = [line for scenario in scenarios(pack) for line in slips(scenario, pack, COMPILED)]
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("every", [SAMPLED, pytest.param(1, marks=pytest.mark.large)])
@pytest.mark.parametrize("matcher", [matcher for matcher in MATCHERS if matcher != COMPILED])
@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_scenarios_on_the_slower_matchers(pack: Path, matcher: str, every: int) -> None:
    try:
        loaded(pack).matcher(matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    short = [s for s in scenarios(pack) if every == 1 or len(s.checks) == 1]
    found = [line for scenario in short[::every] for line in slips(scenario, pack, matcher)]
    assert not found, "\n".join(found)


def test_every_shipped_pack_has_tests() -> None:
    packs = {file.parent for file in (ROOT / "rules").glob("*/vocabulary")}
    assert packs == set(PACKS)
    assert all(scenarios(pack) for pack in PACKS)
