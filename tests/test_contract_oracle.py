"""Random situations: the rules and a second telling of the same terms agree on every one."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

import contract_oracle as oracle
from followcue.evaluation import pipeline
from followcue.language.documents.read import read_document

CORE = {
    "wait": ("until",),
    "check_status": ("open", "due", "to", "channel"),
    "try_once_more": ("open", "due", "to", "channel"),
    "move_on": ("open",),
    "reengage": ("open",),
    "ask_why_cancelled": ("open", "due"),
    "follow_up_application": ("open",),
    "contacted_too_early": (),
}


@cache
def shipped() -> pipeline.LoadedPack:
    return pipeline.load_pack(cache=False)


def as_written(situation: Mapping[str, Any]) -> str:
    text = json.loads(json.dumps(situation, default=str))
    for record in text["applications"].values():
        for event in record["events"]:
            if "within" in event:
                event["within"] = f"{event['within']} days"
    return json.dumps(text)


def told(situation: Mapping[str, Any]) -> set[tuple[str, ...]]:
    report = pipeline.evaluate(shipped(), read_document(as_written(situation), "random.json")).to_dict()
    advice: list[Mapping[str, Any]] = [*report["actions"], *report["cautions"]]  # type: ignore[misc]
    return {line(a["action"], a) for a in advice if a["action"] in CORE}


def line(action: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    return action, *(f"{name}={fields[name]}" for name in CORE[action])


def compare(seeds: range) -> None:
    clear = 0
    for seed in seeds:
        situation = oracle.random_situation(random.Random(seed))
        try:
            steps = oracle.steps(situation)["kiln"]
        except oracle.Unclear:
            continue
        clear += 1
        wanted = {line(step.action, vars(step)) for step in steps}
        got = told(situation)
        off = f"only told: {got - wanted}, only wanted: {wanted - got}"
        assert got == wanted, f"seed {seed}: {as_written(situation)}: {off}"
    assert clear > len(seeds) // 2, "too few situations are clear enough to say anything"


@pytest.mark.slow
def test_random_situations() -> None:
    compare(range(300))


@pytest.mark.large
def test_many_random_situations() -> None:
    compare(range(300, 5000))
