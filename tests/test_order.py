"""The order of files, rules, conditions and events changes no byte of a report, whatever matcher makes it."""

from __future__ import annotations

import random
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from followcue.evaluation.advice.advise import Advisor
from followcue.evaluation.match.protocol import Environment, MatcherUnavailable, PreparedMatcher
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.evaluation.report import as_json
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.language.documents.document import Document
from followcue.language.logic.compile_pack import CompiledPack, Layer, compile_pack

ROOT = Path(__file__).parents[1]
PACK = ROOT / "rules" / "interview-follow-up"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SEEDS = (1,)
QUICK = ("compiled", "reference")
FEW = ("first-interview", "two-offers")


def files() -> dict[str, bytes]:
    paths = [*PACK.glob("*.yaml"), *PACK.glob("vocabulary/*.yaml")]
    return {path.relative_to(PACK).as_posix(): path.read_bytes() for path in paths}


@cache
def pack(seed: int) -> CompiledPack:
    """The shipped pack; unless the seed is 0 with its files renamed, its rules and conditions shuffled."""
    r = random.Random(seed)
    shuffled = {}
    for name, content in files().items():
        if seed and not name.startswith("vocabulary"):
            shuffled[f"{r.randrange(1000):03}-{name}"] = shuffle_rules(content.decode(), r).encode()
        else:
            shuffled[name] = content
    return compile_pack([Layer("pack", shuffled)])


def shuffle_rules(text: str, r: random.Random) -> str:
    head, *rules = re.split(r"^(?=  [a-z][a-z0-9-]*:)", text, flags=re.M)
    r.shuffle(rules)
    return head + "".join(shuffle_conditions(rule, r) for rule in rules)


def shuffle_conditions(rule: str, r: random.Random) -> str:
    """The rule with the items of its block of conditions in another order."""
    match = re.search(r"^    when:[^\n]*\n((?:(?:      |\s*#)[^\n]*\n|\n)+)", rule, flags=re.M)
    if not match:
        return rule
    before, *items = re.split(r"^(?=      - )", match[1], flags=re.M)
    items = [item if item.endswith("\n") else item + "\n" for item in items]
    r.shuffle(items)
    return rule[: match.start(1)] + before + "".join(items) + rule[match.end(1) :]


@cache
def prepared(seed: int, name: str) -> PreparedMatcher:
    return matcher(name)(pack(seed).program)


def shuffle_situation(data: dict[str, Any], r: random.Random) -> dict[str, Any]:
    """The same situation with everything in another order, but for the events of one day in one list."""
    return {key: shuffle_value(key, value, r) for key, value in shuffle_mapping(data, r).items()}


def shuffle_value(key: str, value: Any, r: random.Random) -> Any:
    if key == "events":
        days = sorted({str(event["date"]) for event in value})
        r.shuffle(days)
        return [shuffle_mapping(e, r) for day in days for e in value if str(e["date"]) == day]
    if isinstance(value, dict):
        return {inner: shuffle_value(inner, v, r) for inner, v in shuffle_mapping(value, r).items()}
    return value


def shuffle_mapping(data: dict[str, Any], r: random.Random) -> dict[str, Any]:
    keys = list(data)
    r.shuffle(keys)
    return {key: data[key] for key in keys}


def report(data: dict[str, Any], seed: int, name: str) -> str:
    compiled = pack(seed)
    situation = SituationReader(compiled.pack.vocabulary).read(Document.of(data), today=lambda zone: date.min)
    derivations = prepared(seed, name).run(
        situation.facts, Environment(situation.as_of, situation.parameters)
    )
    return as_json.render(Advisor(compiled.pack).advise(situation, derivations)._replace(rules_version="any"))


CASES = [
    pytest.param(
        name,
        example,
        id=f"{name}-{example.stem}",
        marks=[] if name in QUICK or example.stem in FEW else [pytest.mark.large],
    )
    for name in MATCHERS
    for example in EXAMPLES
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "example"), CASES)
def test_order_changes_nothing(name: str, example: Path) -> None:
    data = yaml.safe_load(example.read_text(encoding="utf-8"))
    expected = report(data, 0, "reference")
    try:
        prepared(0, name)
    except MatcherUnavailable as error:
        pytest.skip(str(error))
    for seed in SEEDS:
        shuffled = shuffle_situation(data, random.Random(seed))
        assert report(shuffled, seed, name) == expected


@pytest.mark.slow
def test_shuffling_shuffles() -> None:
    one, other = pack(0).program.clauses, pack(1).program.clauses
    assert len(one) == len(other)
    assert [clause.body for clause in one] != [clause.body for clause in other]
