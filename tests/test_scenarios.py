"""Situations with what must and must not come out of the shipped rules, on every matcher."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from followcue import pipeline
from followcue.match.protocol import MatcherUnavailable
from followcue.matchers import MATCHERS
from followcue.source.read import read_document

SCENARIOS = Path(__file__).parent / "scenarios"


def scenarios() -> list[Any]:
    found = []
    for file in sorted(SCENARIOS.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text("utf-8")):
            found.append(pytest.param(case, id=f"{file.stem}:{case['id']}"))
    return found


@cache
def shipped() -> pipeline.LoadedPack:
    return pipeline.load_pack(cache=False)


def fits(wanted: Mapping[str, Any], action: Mapping[str, Any]) -> bool:
    return all(str(action[key]) == str(value) for key, value in wanted.items())


@pytest.mark.parametrize("matcher", MATCHERS)
@pytest.mark.parametrize("case", scenarios())
def test_scenario(case: Mapping[str, Any], matcher: str) -> None:
    document = read_document(json.dumps(case["situation"], default=str), f"{case['id']}.json")
    try:
        shipped().matcher(matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    report = pipeline.evaluate(shipped(), document, matcher=matcher).to_dict()
    advice: list[Mapping[str, Any]] = [*report["actions"], *report["cautions"]]  # type: ignore[misc]

    def same_action(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{key: a[key] for key in wanted} for a in advice if a["action"] == wanted["action"]]

    missing = [(w, same_action(w)) for w in case.get("expect", ()) if not any(fits(w, a) for a in advice)]
    unwanted = [w for w in case.get("reject", ()) if any(fits(w, a) for a in advice)]
    assert not missing, f"missing, and what the same action looked like: {missing}"
    assert not unwanted, f"unwanted: {unwanted}"
    assert not report["warnings"]
