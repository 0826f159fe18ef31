"""The relational matcher on many situations at once: every shipped scenario, and what SQL might spoil."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import pytest

from derivations import normal
from followcue.base.limits import LimitExceeded
from followcue.base.rows import Column, Relation, Row
from followcue.evaluation import pipeline
from followcue.evaluation.match.protocol import Environment, Limits, Posed
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.evaluation.match.relational import RelationalMatcher
from followcue.evaluation.pipeline import LoadedPack, environment_of
from followcue.language.logic.program import (
    Aggregate,
    Atom,
    Clause,
    Compare,
    Const,
    Extreme,
    Head,
    Program,
    Var,
)
from followcue.testing.find import find_tests
from followcue.testing.suite import read_suite
from stratified import stratified

TEXTS = ["", "'", "';--", 'a"b', "é\n", "\\", "%", "NULL", "\u2028", "a\tb", "𝄞"]
SEEN = Relation("seen", (Column("text", "text"), Column("number", "number")))
SAID = Relation("said", (Column("text", "text"), Column("number", "number")), derived=True)


@cache
def shipped(name: str) -> LoadedPack:
    return pipeline.load_pack(packs=[] if name == "interview-follow-up" else [name])


def posed_of(name: str) -> list[Posed]:
    loaded = shipped(name)
    packs = [] if name == "interview-follow-up" else [name]
    checks = (
        check for scenario in read_suite(find_tests([], [], packs), loaded) for check in scenario.checks
    )
    return [Posed(check.situation.facts, environment_of(check.situation)) for check in checks]


def agree(program: Program, posed: Sequence[Posed], loaded: LoadedPack) -> None:
    together = RelationalMatcher(program).run_many(posed)
    for each, derivations in zip(posed, together, strict=True):
        assert normal(derivations) == normal(loaded.matcher().run(*each))


@pytest.mark.slow
@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.large)])
@pytest.mark.parametrize("name", ["interview-follow-up", "common-practice"])
def test_agrees_on_shipped_scenarios(name: str, every: int) -> None:
    posed = posed_of(name)[::every]
    assert len(posed) > 100
    agree(shipped(name).program, posed, shipped(name))


def copying() -> Program:
    clause = Clause("copy", Head("said", (Var("t"), Var("n"))), (Atom("seen", ((0, "t"), (1, "n"))),))
    return stratified({"seen": SEEN, "said": SAID}, (clause,))


def test_texts_come_out_as_they_went_in() -> None:
    rows: list[Row] = [(text, 10**15 - place) for place, text in enumerate(TEXTS)]
    found = RelationalMatcher(copying()).run({"seen": rows}, Environment(0))
    assert {derivation.row for derivation in found} == set(rows)


@pytest.mark.parametrize("op", ["max", "min"])
def test_an_extreme_may_name_one_variable_twice(op: Literal["max", "min"]) -> None:
    """DuckDB 2.0 refuses `greatest` of several columns of one name beside an aggregate."""
    counted = Aggregate("count", Atom("seen"), result="n")
    guard = Compare("==", Extreme(op, (Var("n"), Var("n"), Var("n"))), Const(2))
    head = Head("said", (Const("a"), Const(1)))
    clause = Clause("copy", head, (), (counted,), (Atom("other"),), (guard,))
    other = Relation("other", SEEN.columns)
    program = stratified({"seen": SEEN, "other": other, "said": SAID}, (clause,))
    facts: dict[str, list[Row]] = {"seen": [("a", 3), ("a", 7)]}
    found = RelationalMatcher(program).run(facts, Environment(0))
    assert normal(found) == normal(ReferenceMatcher(program).run(facts, Environment(0)))
    assert len(found) == 1


def test_situations_do_not_mix() -> None:
    posed = [Posed({"seen": [("same", number)]}, Environment(0)) for number in range(5)]
    found = RelationalMatcher(copying()).run_many(posed)
    assert [[derivation.row for derivation in each] for each in found] == [[("same", n)] for n in range(5)]


def test_one_situation_with_too_much_is_refused() -> None:
    little = Posed({"seen": [("a", 1)]}, Environment(0, limits=Limits(derivations=3)))
    much = Posed({"seen": [("a", number) for number in range(4)]}, little.environment)
    assert len(RelationalMatcher(copying()).run_many([little] * 4)) == 4
    with pytest.raises(LimitExceeded, match="more than 3"):
        RelationalMatcher(copying()).run_many([little, much])
