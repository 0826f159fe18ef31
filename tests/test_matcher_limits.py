"""No program makes a matcher hang, run away or execute what a rule says."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from followcue.base.limits import LimitExceeded
from followcue.base.rows import Column, Relation, Row
from followcue.evaluation.match.compiled import CompiledMatcher, compile_program
from followcue.evaluation.match.compiled.module import generate
from followcue.evaluation.match.protocol import Environment, Limits, MatcherUnavailable, Posed
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.language.logic.program import (
    Aggregate,
    Arith,
    Atom,
    Clause,
    Compare,
    Const,
    Expr,
    Extreme,
    Head,
    Param,
    Program,
    Shift,
    Var,
)
from followcue.language.logic.program import Test as ColumnTest
from stratified import stratified

N = Var("n")
NUMBER = (Column("n", "number"),)
RELATIONS = {
    "item": Relation("item", NUMBER),
    "next": Relation("next", NUMBER, derived=True),
    "flag": Relation("flag", (), derived=True),
}
ITEMS: dict[str, list[Row]] = {"item": [(number,) for number in range(60)]}


def run(name: str, *clauses: Clause, limits: Limits, facts: dict[str, list[Row]] = ITEMS) -> Any:
    try:
        return matcher(name)(stratified(RELATIONS, clauses)).run(facts, Environment(0, {}, None, limits))
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))


def feeding_on(step: Expr) -> tuple[Clause, Clause]:
    """A number, and from each number the one that `step` gives."""
    first = Clause("first", Head("next", (Const(3),)))
    return first, Clause("again", Head("next", (step,)), (Atom("next", ((0, "n"),)),))


def stopped(name: str, limit: int) -> str:
    """What the message says; durable-rules has limits of its own, and a database counts steps beforehand."""
    return "limit" if name in ("durable", "relational") else str(limit)


# --- limits
@pytest.mark.slow
@pytest.mark.parametrize("name", MATCHERS)
def test_a_cross_product_ends_at_the_limit_of_derivations(name: str) -> None:
    clause = Clause("cross", Head("flag", ()), (Atom("item"),) * 5)
    with pytest.raises(LimitExceeded, match=stopped(name, 1000)):
        run(name, clause, limits=Limits(derivations=1000))


@pytest.mark.parametrize("name", MATCHERS)
def test_a_cross_product_without_result_ends_at_the_limit_of_steps(name: str) -> None:
    joins = tuple(Atom("item", ((0, f"n{number}"),)) for number in range(6))
    total = reduce(lambda left, right: Arith("+", left, right), (Var(f"n{number}") for number in range(6)))
    never = Compare("<", total, Const(-100))
    with pytest.raises(LimitExceeded, match="limit" if name == "durable" else "steps = 5000"):
        run(name, Clause("cross", Head("flag", ()), joins, guards=(never,)), limits=Limits(steps=5000))


PAIR = (Column("a", "number"), Column("b", "number"))
EDGES = {
    "edge": Relation("edge", PAIR),
    "on": Relation("on", NUMBER),
    "reached": Relation("reached", NUMBER, derived=True),
    "flag": Relation("flag", PAIR, derived=True),
}
A, B = Var("a"), Var("b")
LATER = ColumnTest(1, ">", B)
COMPARING: dict[str, tuple[Clause, int]] = {
    "each with each": (
        Clause("r", Head("flag", (A, B)), (Atom("edge", ((0, "a"),)), Atom("on", ((0, "b"),)))),
        30 * 10,
    ),
    "by an equal value": (
        Clause("r", Head("flag", (A, B)), (Atom("edge", ((0, "a"), (1, "b"))), Atom("on", ((0, "b"),)))),
        10,
    ),
    "no later": (
        Clause(
            "r",
            Head("flag", (A, B)),
            (Atom("edge", ((0, "a"), (1, "b"))),),
            negated=(Atom("edge", ((0, "a"),), (LATER,)),),
        ),
        30 * 10,
    ),
    "count of later": (
        Clause(
            "r",
            Head("flag", (A, Var("n"))),
            (Atom("edge", ((0, "a"), (1, "b"))),),
            (Aggregate("count", Atom("edge", (), (LATER,)), result="n"),),
        ),
        30 * 30,
    ),
}
"""Clauses, with how many rows they compare of 30 edges, ten from each of three, and of ten that are on."""


@pytest.mark.parametrize("among", [1, 3])
@pytest.mark.parametrize("what", COMPARING)
@pytest.mark.parametrize("name", ["compiled", "relational"])
def test_steps_count_the_rows_that_are_compared(name: str, what: str, among: int) -> None:
    """In a database too, for one situation and for each of several."""
    clause, steps = COMPARING[what]
    facts: dict[str, list[Row]] = {
        "edge": [(number % 3, number) for number in range(30)],
        "on": [(number,) for number in range(10)],
    }
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    prepared: Any = matcher(name)(stratified(EDGES, (clause,)))

    def ask(limit: int) -> Any:
        posed = [Posed(facts, Environment(0, {}, None, Limits(steps=limit)))] * among
        return prepared.run_many(posed) if name == "relational" else [prepared.run(*each) for each in posed]

    assert all(ask(steps))
    with pytest.raises(LimitExceeded, match=rf"\(limit: steps = {steps - 1}\)"):
        ask(steps - 1)


def chain(length: int, limits: Limits) -> Any:
    """What is reached from the beginning of a chain, by the relational matcher."""
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    first = Clause("first", Head("reached", (Const(0),)))
    on = Clause(
        "on", Head("reached", (B,)), (Atom("reached", ((0, "a"),)), Atom("edge", ((0, "a"), (1, "b"))))
    )
    edges: list[Row] = [(number, number + 1) for number in range(length)]
    program = stratified(EDGES, (first, on))
    return matcher("relational")(program).run({"edge": edges}, Environment(0, {}, None, limits))


@pytest.mark.slow
def test_a_long_chain_is_followed_by_a_database_too() -> None:
    """However long it takes: each round joins what came in the last."""
    assert len(chain(300, Limits(steps=300))) == 301
    with pytest.raises(LimitExceeded, match=r"\(limit: steps = 100\)"):
        chain(300, Limits(steps=100))


@pytest.mark.slow
@pytest.mark.parametrize("name", MATCHERS)
def test_a_rule_that_feeds_on_itself_ends_at_a_limit(name: str) -> None:
    limits = Limits(50 if name == "relational" else 2000, 200_000)  # a round for each conclusion takes time
    with pytest.raises(LimitExceeded, match="limit"):
        run(name, *feeding_on(Arith("+", N, Const(1))), limits=limits)


@pytest.mark.parametrize("name", ["reference", "compiled"])
def test_a_rule_that_squares_its_result_ends_at_a_limit(name: str) -> None:
    with pytest.raises(LimitExceeded, match="4096 bits"):
        run(name, *feeding_on(Arith("*", N, N)), limits=Limits())


@pytest.mark.parametrize("name", MATCHERS)
def test_as_many_derivations_as_the_limit_are_allowed(name: str) -> None:
    clause = Clause("copy", Head("flag", ()), (Atom("item"),))
    assert len(run(name, clause, limits=Limits(derivations=60))) == 60
    with pytest.raises(LimitExceeded, match=stopped(name, 59)):
        run(name, clause, limits=Limits(derivations=59))


DAYS = {
    "since": Relation("since", (Column("day", "date"), Column("by", "duration"))),
    "until": Relation("until", (Column("day", "date"),), derived=True),
}
LAST = date.max.toordinal()
MOVED = (Shift(Var("d"), Var("n"), 1), Shift(Var("d"), Var("n"), -1))


@pytest.mark.parametrize("calendar", [False, True])
@pytest.mark.parametrize(
    ("value", "day", "by", "fits"),
    [
        (MOVED[0], LAST - 3, 3, True),
        (MOVED[0], LAST - 3, 4, False),
        (MOVED[0], LAST - 3, 10**9, False),
        (MOVED[1], 4, 3, True),
        (MOVED[1], 4, 4, False),
        (Extreme("min", MOVED), 4, 4, False),
        (Extreme("max", MOVED), 4, 4, True),
    ],
)
@pytest.mark.parametrize("name", MATCHERS)
def test_a_day_beyond_the_calendar_is_refused(
    name: str, value: Expr, day: int, by: int, fits: bool, calendar: bool
) -> None:
    clause = Clause("move", Head("until", (value,)), (Atom("since", ((0, "d"), (1, "n"))),))
    shift = (lambda day, by: day + by) if calendar else None
    try:
        prepared = matcher(name)(stratified(DAYS, (clause,)))
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    environment = Environment(1, {}, shift)
    if fits:
        assert len(prepared.run({"since": [(day, by)]}, environment)) == 1
        return
    with pytest.raises(LimitExceeded, match="a day before the year 1 or after the year 9999") as refused:
        prepared.run({"since": [(day, by)]}, environment)
    assert refused.value.clause == 0


@pytest.mark.parametrize("name", MATCHERS)
def test_the_clause_to_look_at_is_known(name: str) -> None:
    """Of two that are recursive the one that grows; of several joins the one that compares so much."""
    quiet = Clause("quiet", Head("flag", ()), (Atom("item"),))
    grows = feeding_on(Arith("+", N, Const(1)))
    with pytest.raises(LimitExceeded, match="derivations = 50") as refused:
        run(name, quiet, *grows, limits=Limits(derivations=50), facts={"item": [(1,)]})
    assert refused.value.clause == 2
    cross = Clause("cross", Head("flag", ()), (Atom("item", ((0, "a"),)), Atom("item", ((0, "b"),))))
    with pytest.raises(LimitExceeded, match="steps = 100") as refused:
        run(name, quiet, cross, limits=Limits(steps=100))
    assert refused.value.clause == (None if name == "durable" else 1)


# --- size
@pytest.mark.slow
@pytest.mark.parametrize("name", ["reference", "compiled"])
@pytest.mark.parametrize("size", [25, 60])
def test_a_clause_may_have_many_conditions(name: str, size: int) -> None:
    grows = [ColumnTest(0, ">=", Var(f"n{number - 1}") if number else Const(58)) for number in range(size)]
    atoms = tuple(Atom("item", ((0, f"n{number}"),), (test,)) for number, test in enumerate(grows))
    above = Atom("item", (), (ColumnTest(0, "==", Arith("+", Var(f"n{size - 1}"), Const(1))),))
    counts = tuple(
        Aggregate("newest", Atom("item", ((0, f"n{number}"),)), 0, outputs=((0, f"m{number}"),))
        for number in range(size)
    )
    clause = Clause("long", Head("next", (Var(f"m{size - 1}"),)), atoms, counts, (above,))
    short = Clause("short", Head("next", (Var("n0"),)), atoms[:1])
    derivations = run(name, clause, short, clause, limits=Limits())
    assert sorted(found.row for found in derivations if found.clause != 1) == [(59,)] * size * 2
    assert sorted(found.row for found in derivations if found.clause == 1) == [(58,), (59,)]


@pytest.mark.parametrize("name", ["reference", "compiled"])
def test_an_expression_may_be_long(name: str) -> None:
    total: Expr = Const(0)
    for number in range(150):
        total = Arith("-", total, Const(-number))
    assert [found.row for found in run(name, Clause("sum", Head("next", (total,))), limits=Limits())] == [
        (11175,)
    ]


# --- generated code
AWKWARD = ["'); raise SystemExit('", '"""', "\\", "\n", "{0}", "r0", "emit", "None", "\0", "\ud800", "é"]


@pytest.mark.parametrize("text", AWKWARD)
def test_names_and_texts_of_rules_never_become_code(text: str) -> None:
    relations = {
        text: Relation(text, (Column(text, "text"),)),
        "out": Relation("out", NUMBER * 2, derived=True),
    }
    body = (Atom(text, ((0, text),), (ColumnTest(0, "==", Const(text)), ColumnTest(0, "in", (text,)))),)
    clause = Clause(text, Head("out", (Var(text), Param(text))), body)
    prepared = CompiledMatcher(stratified(relations, (clause,)))
    (found,) = prepared.run({text: [(text,)]}, Environment(0, {text: text}))
    assert found.row == (text, text)


def test_code_objects_are_all_that_a_run_needs() -> None:
    program = small_program()
    prepared = CompiledMatcher.from_code(lambda calendar: compile_program(program, calendar=calendar))
    for env in (Environment(0), Environment(0, shift=lambda day, days: day)):
        assert prepared.run(ITEMS, env) == CompiledMatcher(program).run(ITEMS, env)


def test_the_same_program_gives_the_same_source() -> None:
    script = "import test_matcher_limits as t; print(t.generate(t.small_program(), calendar=False))"
    here = Path(__file__).parent
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{here}:{here.parent / 'engine'}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert texts == {generate(small_program(), calendar=False) + "\n"}


def small_program() -> Program:
    one, two = feeding_on(Arith("-", N, Const(1)))
    stop = Atom(
        "item", (), (ColumnTest(0, "==", Arith("+", N, Const(57))), ColumnTest(0, "in", (60, 59, 58, 57)))
    )
    limited = Clause(two.rule, two.head, two.body, guards=(Compare(">", N, Const(0)),), negated=(stop,))
    return stratified(RELATIONS, (one, limited))
