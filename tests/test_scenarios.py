"""Situations with what must and must not come out of the shipped rules.

The compiled matcher runs all of them. The others, slower by far, run every so many-th, and all of them among
the large tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from followcue.evaluation import pipeline
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import COMPILED, MATCHERS
from followcue.language.documents.read import read_document

SCENARIOS = Path(__file__).parent / "scenarios"


NOT_ASKED_HERE = ("An interview and nobody who was there", "The day of an interview is over")
"""What a situation is told that leaves out who was in an interview: many here are about something else."""

SAMPLED = 80
"""Every so many-th situation is run on the slower matchers as well."""


@cache
def files() -> Mapping[str, list[Mapping[str, Any]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        file.stem: yaml.load(file.read_text("utf-8"), loader) for file in sorted(SCENARIOS.glob("*.yaml"))
    }


def sampled() -> list[Any]:
    """The situations for the slower matchers, spread over all files; those left out are large tests."""
    cases = [(stem, case) for stem, cases in files().items() for case in cases]
    return [
        pytest.param(case, id=f"{stem}:{case['id']}", marks=[pytest.mark.large] if number % SAMPLED else [])
        for number, (stem, case) in enumerate(cases)
    ]


@cache
def shipped() -> pipeline.LoadedPack:
    return pipeline.load_pack(cache=False)


def fits(wanted: Mapping[str, Any], action: Mapping[str, Any]) -> bool:
    return all(str(action[key]) == str(value) for key, value in wanted.items())


@pytest.mark.parametrize("stem", files())
def test_scenarios_of_a_file(stem: str) -> None:
    assert not [f"{case['id']}: {slip}" for case in files()[stem] for slip in slips(case, COMPILED)]


@pytest.mark.slow
@pytest.mark.parametrize("matcher", [matcher for matcher in MATCHERS if matcher != COMPILED])
@pytest.mark.parametrize("case", sampled())
def test_scenario_on_the_slower_matchers(case: Mapping[str, Any], matcher: str) -> None:
    try:
        shipped().matcher(matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    assert not slips(case, matcher)


def slips(case: Mapping[str, Any], matcher: str) -> list[str]:
    """What is missing, or should not be there; beside what is missing, what the same action looked like."""
    document = read_document(json.dumps(case["situation"], default=str), f"{case['id']}.json")
    report = pipeline.evaluate(shipped(), document, pipeline.Options(matcher=matcher)).to_dict()
    advice: list[Mapping[str, Any]] = [*report["actions"], *report["cautions"]]  # type: ignore[misc]

    warnings: list[object] = [*report["warnings"]]  # type: ignore[misc]

    def same_action(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{key: a[key] for key in wanted} for a in advice if a["action"] == wanted["action"]]

    missing = [w for w in case.get("expect", ()) if not any(fits(w, a) for a in advice)]
    unwanted = [w for w in case.get("reject", ()) if any(fits(w, a) for a in advice)]
    return [
        *(f"missing: {w}, but {same_action(w)}" for w in missing),
        *(f"unwanted: {w}" for w in unwanted),
        *(
            f"a warning: {told}"
            for told in map(str, warnings)
            if not any(one in told for one in NOT_ASKED_HERE)
        ),
    ]
