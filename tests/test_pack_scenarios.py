"""The scenario tests that stand beside the shipped rules, on every matcher."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from followcue.match.protocol import MatcherUnavailable
from followcue.matchers import COMPILED, MATCHERS
from followcue.pipeline import LoadedPack, load_pack
from followcue.scenario.find import find_tests
from followcue.scenario.run import run_scenario
from followcue.scenario.said import said_of
from followcue.scenario.scenario import Scenario
from followcue.scenario.suite import read_suite

ROOT = Path(__file__).parents[1]
PACKS = sorted({file.parents[1] for file in (ROOT / "rules").glob("*/tests/*.yaml")})


@cache
def loaded(pack: Path) -> LoadedPack:
    return load_pack(pack, cache=False)


@cache
def scenarios(pack: Path) -> dict[str, Scenario]:
    documents = find_tests([str(pack)])
    return {f"{Path(s.file).stem}:{s.id}": s for s in read_suite(documents, loaded(pack))}


MANY = ("small-print", "both-sides", "edges", "fine-print", "more-sides")
"""Files of many small situations: the slower matchers run them only among the large tests."""


def _cases() -> list[Any]:
    names = ((pack, name, m) for pack in PACKS for name in scenarios(pack) for m in MATCHERS)
    return [
        pytest.param(
            pack,
            name,
            matcher,
            id=f"{pack.name}/{name}/{matcher}",
            marks=[pytest.mark.large] if matcher != COMPILED and name.startswith(MANY) else [],
        )
        for pack, name, matcher in names
    ]


@pytest.mark.parametrize(("pack", "name", "matcher"), _cases())
def test_scenario(pack: Path, name: str, matcher: str) -> None:
    try:
        loaded(pack).matcher(matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    result = run_scenario(scenarios(pack)[name], loaded(pack), matcher)
    assert result.passed, "\n".join(said_of(result))


def test_the_shipped_pack_has_tests() -> None:
    assert scenarios(ROOT / "rules" / "interview-follow-up")
