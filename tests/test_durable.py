"""The durable-rules matcher: what it emits, each literal, and what would break the engine."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from derivations import normal
from followcue.base.limits import LimitExceeded
from followcue.base.rows import Column, Relation, Row
from followcue.evaluation.match.durable import DurableMatcher, network_run
from followcue.evaluation.match.durable import growth as growth_module
from followcue.evaluation.match.durable.body import NARROW, WIDE
from followcue.evaluation.match.durable.codes import NEAR
from followcue.evaluation.match.durable.contract import CONTROL, fnv1a, violations
from followcue.evaluation.match.durable.host import SIDS
from followcue.evaluation.match.durable.network import BEGIN, Shard, shards_of
from followcue.evaluation.match.durable.planner import plan_program, strata_of
from followcue.evaluation.match.protocol import Derivation, Environment, Limits, MatcherUnavailable
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.language.logic.program import (
    Aggregate,
    Arith,
    Atom,
    Clause,
    Compare,
    Const,
    Head,
    Param,
    Program,
    Today,
    Var,
)
from followcue.language.logic.program import Test as Demand
from generated_programs import Case, cases
from stratified import stratified

if find_spec("durable_rules_engine") is None or sys.version_info >= (3, 13):
    pytest.skip("durable-rules works only below Python 3.13, where installed", allow_module_level=True)

TODAY = 738_000
ENV = Environment(TODAY, {"limit": 2})


def relation(name: str, types: str, *, derived: bool = False) -> Relation:
    """A relation with columns of the types whose initials are given."""
    known = {"t": "text", "n": "number", "b": "bool", "d": "date"}
    columns = tuple(Column(f"c{place}", known[initial]) for place, initial in enumerate(types))  # type: ignore[arg-type]
    return Relation(name, columns, derived)


def program(relations: Iterable[Relation], *clauses: Clause) -> Program:
    return stratified({each.name: each for each in relations}, clauses)


def clause(head: str, values: Sequence[Any], *body: Atom, **rest: Any) -> Clause:
    """A clause; values of the head are variables if text."""
    exprs = tuple(Var(value) if isinstance(value, str) else value for value in values)
    return Clause("rule", Head(head, exprs), body, **rest)


def atom(name: str, variables: str = "", *tests: Demand) -> Atom:
    """An atom with one variable a column, in order; `_` joins nothing."""
    return Atom(name, tuple((n, v) for n, v in enumerate(variables.split()) if v != "_"), tests)


def check(made: Program, facts: dict[str, list[Row]], env: Environment = ENV) -> list[Derivation]:
    """What durable derives, in both breadths; it must be what the reference derives."""
    expected = normal(ReferenceMatcher(made).run(facts, env))
    matcher = DurableMatcher(made)
    found = matcher.run(facts, env)
    assert normal(found) == expected
    assert normal(matcher._narrowly().run(facts, env)) == expected
    return found


def rows(found: Iterable[Derivation]) -> set[Row]:
    return {derivation.row for derivation in found}


PAIRS = relation("pair", "nn")
TEXTS = relation("said", "tn")
OTHER = relation("heard", "tn")
OUT = relation("out", "n", derived=True)
WORD = relation("word", "t", derived=True)


# --- the contract
def emitted(case: Case) -> list[Shard]:
    """What is emitted for a program; nothing for one that is refused."""
    with suppress(MatcherUnavailable):
        return _emitted(case)
    return []


def _emitted(case: Case) -> list[Shard]:
    return [shard for breadth in (WIDE, NARROW) for shard in shards_of(plan_program(case.program, breadth))]


@pytest.mark.slow
@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(case=cases())
def test_everything_emitted_keeps_the_contract(case: Case) -> None:
    for shard in emitted(case):
        assert violations(shard.ruleset) == []
        for name, rule in shard.ruleset.items():
            assert rule["dist"] == 0
            check_conditions(name, [next(iter(condition.items())) for condition in rule["all"]])


def check_conditions(rule: str, conditions: list[tuple[str, dict[str, list[dict[str, Any]]]]]) -> None:
    """The contract once more, in a way of its own: control first, joins repeated, presence tested."""
    present: dict[str, str] = {}
    for place, (name, body) in enumerate(conditions):
        terms = body["$and"]
        joins = [term for term in terms if refers(term)]
        assert list(terms[0]) == ["kind"]
        assert not joins or joins[0] == joins[-1]
        assert len(joins) != 1
        for join in joins:
            ((other, field),) = right(join).items()
            assert f'"{field}"' in present[other]
        if name.endswith("$not"):
            assert place > 0
            assert conditions[0][1]["$and"][0] == {"kind": CONTROL}
        else:
            present[name] = json.dumps([term for term in terms if "$nex" not in term])
    assert rule == BEGIN or len(present) > ("c" in present)


def right(term: dict[str, Any]) -> Any:
    ((key, value),) = term.items()
    return next(iter(value.values())) if key.startswith("$") else value


def refers(term: dict[str, Any]) -> bool:
    return isinstance(right(term), dict) and "$m" not in right(term)


GOOD: dict[str, Any] = {"all": [{"p0": {"$and": [{"kind": "r0"}, {"$ex": {"c0": 1}}]}}], "dist": 0}
CONTROLLED: dict[str, Any] = {"c": {"$and": [{"kind": CONTROL}, {"level": 0}]}}
FIRST = GOOD["all"][0]


def joined(*joins: dict[str, Any], name: str = "p1") -> dict[str, Any]:
    return {name: {"$and": [{"kind": "r1"}, *joins]}}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"all": [FIRST]}, "lacks dist: 0"),
        (GOOD | {"count": 2}, "unknown keys"),
        ({"all": [joined(name="n0$not"), FIRST], "dist": 0}, "begins with a negation"),
        ({"all": [FIRST, joined(name="n1$not")], "dist": 0}, "first condition is not the control"),
        ({"all": [FIRST, FIRST], "dist": 0}, "twice"),
        ({"all": [FIRST, joined({"c0": {"p0": "c0"}})], "dist": 0}, "repeat its first join"),
        (
            {"all": [FIRST, joined({"c0": {"p0": "c1"}}, {"c0": {"p0": "c1"}})], "dist": 0},
            "presence is not tested",
        ),
        (
            {"all": [FIRST, joined({"c0": {"p7": "c0"}}, {"c0": {"p7": "c0"}})], "dist": 0},
            "no earlier positive",
        ),
        ({"all": [joined({"c0": {"$m": "c1"}})], "dist": 0}, "before both are known"),
        ({"all": [joined({"id": 1})], "dist": 0}, "not allowed"),
        ({"all": [joined({"a.b": 1})], "dist": 0}, "not allowed"),
        ({"all": [joined({"c0": 1 << 63})], "dist": 0}, "63 bits"),
        ({"all": [joined({"c0": 0.5})], "dist": 0}, "neither text nor a whole number"),
        ({"all": [joined({"$lt": {"c0": "a"}})], "dist": 0}, "put in order"),
        ({"all": [{"p0": {"$or": [{"kind": "r0"}]}}], "dist": 0}, "not one non-empty $and"),
        (
            {"all": [{f"p{n}": {"$and": [{"kind": "r0"}]}} for n in range(17)], "dist": 0},
            "17 positive conditions",
        ),
        ({"all": [FIRST, joined(*[{"c0": {"p0": "c0"}}] * 30)], "dist": 0}, "29 joins"),
        ({"all": [CONTROLLED | {}, {"c0": {"$and": [{"level": 0}]}}], "dist": 0}, "test its kind first"),
    ],
)
def test_the_check_finds_what_is_not_allowed(rule: dict[str, Any], says: str) -> None:
    assert any(says in found for found in violations({"x": rule}))


def test_the_check_finds_too_many_alpha_nodes() -> None:
    def rules(number: int) -> dict[str, Any]:
        join = {"c0": {"p0": "c0"}}
        return {f"x{n}": {"all": [FIRST, joined(join, join)], "dist": 0} for n in range(number)}

    assert violations(rules(64)) == []
    assert "65 alpha nodes" in violations(rules(65))[0]


def test_states_have_different_hashes() -> None:
    assert len({fnv1a(sid) for sid in SIDS}) == len(SIDS)


def test_few_strata() -> None:
    made = program(
        [PAIRS, OUT, relation("b", "n", derived=True), relation("c", "n", derived=True)],
        clause("out", ["x"], atom("pair", "x")),
        clause("b", ["x"], atom("pair", "x"), negated=(atom("pair", "x x"), atom("out", "x"))),
        clause("c", ["x"], atom("b", "x"), negated=(atom("b", "x", Demand(0, "==", Const(1))),)),
    )
    assert strata_of(made) == {0: 0, 1: 1, 2: 2}


# --- each literal
@pytest.mark.parametrize(
    "test",
    [
        *[Demand(1, op, Const(2)) for op in ("==", "!=", "<", "<=", ">", ">=")],  # type: ignore[arg-type]
        *[Demand(1, op, Param("limit")) for op in ("==", "!=", "<", "<=", ">", ">=")],  # type: ignore[arg-type]
        *[Demand(1, op, Var("x")) for op in ("==", "!=", "<", "<=", ">", ">=")],  # type: ignore[arg-type]
        *[Demand(1, op, Arith("+", Var("x"), Const(1))) for op in ("==", "!=", "<", ">=")],  # type: ignore[arg-type]
        Demand(1, "in", (1, 3)),
        Demand(1, "in", ()),
        Demand(1, "present"),
        Demand(1, "absent"),
        Demand(1, "<", Const(1 << 70)),
    ],
    ids=repr,
)
def test_tests_of_positive_and_negated_atoms(test: Demand) -> None:
    facts: dict[str, list[Row]] = {
        "pair": [(n, m) for n in (0, 1, 2, None) for m in (0, 1, 2, 3, None)],
        "heard": [("a", 1), ("b", 2), ("c", None), (None, 3)],
    }
    made = program(
        [PAIRS, OTHER, OUT, relation("neg", "n", derived=True), relation("far", "n", derived=True)],
        clause("out", ["x"], atom("pair", "x", test)),
        clause("far", ["x"], atom("heard", "_ x"), atom("pair", "", test)),
        clause("neg", ["x"], atom("pair", "x"), negated=(atom("heard", "", test),)),
    )
    check(made, facts)


def test_recursion_reaches_its_fixpoint() -> None:
    path = relation("path", "nn", derived=True)
    made = program(
        [PAIRS, path],
        clause("path", ["x", "y"], atom("pair", "x y")),
        clause("path", ["x", "z"], atom("path", "x y"), atom("path", "y z")),
    )
    found = check(made, {"pair": [(n, (n + 1) % 7) for n in range(7)]})
    assert len(rows(found)) == 49


def test_one_variable_in_two_columns() -> None:
    made = program([PAIRS, OUT], clause("out", ["x"], atom("pair", "x x"), atom("pair", "_ x")))
    assert rows(check(made, {"pair": [(1, 1), (1, 2), (2, 2), (None, None)]})) == {(1,), (2,)}


@pytest.mark.parametrize("op", ["count", "sum", "min", "max"])
def test_values_of_groups(op: Any) -> None:
    group = Aggregate(op, atom("pair", "k"), None if op == "count" else 1, "n")
    made = program(
        [PAIRS, TEXTS, relation("res", "nn", derived=True)],
        clause("res", ["k", "n"], atom("said", "_ k"), aggregates=(group,), negated=(atom("pair", "n n"),)),
    )
    facts: dict[str, list[Row]] = {
        "pair": [(1, 5), (1, 7), (1, None), (2, None)],
        "said": [("a", 1), ("b", 2), ("c", 3)],
    }
    check(made, facts)


@pytest.mark.parametrize("op", ["newest", "oldest"])
def test_extreme_rows(op: Any) -> None:
    group = Aggregate(op, atom("said"), 1, outputs=((0, "who"),))
    made = program(
        [TEXTS, OTHER, WORD], clause("word", ["who"], aggregates=(group,), negated=(atom("heard", "who"),))
    )
    facts: dict[str, list[Row]] = {
        "said": [("a", 1), ("b", 1), (None, 1), ("c", 5), ("d", 5), (None, 5), ("e", None)],
        "heard": [("d", 1)],
    }
    check(made, facts)


def test_clauses_without_a_body() -> None:
    made = program(
        [PAIRS, TEXTS, OUT, WORD],
        clause("out", [Const(1)]),
        clause("out", [Const(2)], guards=(Compare("==", Today(), Const(0)),)),
        clause("out", [Const(3)], negated=(atom("pair"),)),
        clause("out", [Const(4)], negated=(atom("said"),)),
        clause("word", [Const(None)], negated=(atom("out", "", Demand(0, "==", Const(3))),)),
    )
    assert rows(check(made, {"pair": [(1, 1)]})) == {(1,), (4,), (None,)}


def test_a_negation_that_compares_with_what_is_computed() -> None:
    late = Demand(1, "<", Arith("+", Var("n"), Const(2)))
    made = program(
        [TEXTS, OTHER, WORD], clause("word", ["w"], atom("said", "w n"), negated=(atom("heard", "w", late),))
    )
    facts: dict[str, list[Row]] = {
        "said": [("a", 1), ("b", 1), ("c", 1)],
        "heard": [("a", 2), ("b", 3), ("a", None)],
    }
    assert rows(check(made, facts)) == {("b",), ("c",)}


def test_twenty_negations() -> None:
    negated = tuple(atom("heard", "w", Demand(1, "==", Arith("+", Var("n"), Const(k)))) for k in range(20))
    made = program([TEXTS, OTHER, WORD], clause("word", ["w"], atom("said", "w n"), negated=negated))
    facts: dict[str, list[Row]] = {
        "said": [(f"w{k}", 0) for k in range(22)],
        "heard": [(f"w{k}", k) for k in range(22)],
    }
    assert rows(check(made, facts)) == {("w20",), ("w21",)}


def test_twenty_negations_that_compare_with_far_numbers() -> None:
    late = [Demand(1, "<=", Arith("+", Var("n"), Const(NEAR - k))) for k in range(20)]
    made = program(
        [TEXTS, OTHER, WORD],
        clause("word", ["w"], atom("said", "w n"), negated=tuple(atom("heard", "w", test) for test in late)),
    )
    facts: dict[str, list[Row]] = {
        "said": [("a", 0), ("b", 30), ("c", 30)],
        "heard": [("a", NEAR + 9), ("b", 2 * NEAR), ("c", NEAR + 29)],
    }
    assert rows(check(made, facts)) == {("a",), ("b",)}


# --- values
@pytest.mark.parametrize(
    "texts",
    [
        ("v9782809", "v0082614"),
        ("\ud800", "\udc00"),
        ("é", "e\u0301"),
        ("", " "),
        ('"', "\\", "\n", "\0", "{", "}]"),
        ("1", "true", "null"),
        ("x" * 70_000, "x" * 69_999 + "y"),
    ],
    ids=lambda texts: ascii(texts)[:30],
)
def test_texts(texts: tuple[str, ...]) -> None:
    made = program(
        [TEXTS, OTHER, WORD, relation("not", "t", derived=True), relation("other", "tt", derived=True)],
        clause("word", ["w"], atom("said", "w"), atom("heard", "w")),
        clause("not", ["w"], atom("said", "w"), negated=(atom("heard", "w"),)),
        clause("other", ["w", "v"], atom("said", "w"), atom("heard", "v", Demand(0, "!=", Var("w")))),
        clause("word", ["w"], atom("said", "w", Demand(0, "==", Const(texts[0])))),
    )
    facts: dict[str, list[Row]] = {
        "said": [(text, 1) for text in texts],
        "heard": [(text, 2) for text in texts[1:]],
    }
    check(made, facts)


def test_far_numbers() -> None:
    far = [
        0,
        1,
        NEAR - 1,
        NEAR,
        NEAR + 1,
        1 << 63,
        (1 << 63) + 1,
        1 << 64,
        -(1 << 70),
        -(1 << 70) - 1,
        1 << 200,
    ]
    ops: list[Any] = ["==", "!=", "<", "<=", ">", ">="]
    names = [
        relation(f"{kind}{n}", "n", derived=True) for kind in ("pos", "neg", "con") for n in range(len(ops))
    ]
    clauses = [
        made
        for n, op in enumerate(ops)
        for made in (
            clause(f"pos{n}", ["x"], atom("pair", "x"), atom("pair", "", Demand(1, op, Var("x")))),
            clause(f"con{n}", ["x"], atom("pair", "x", Demand(0, op, Const(NEAR)))),
            clause(
                f"neg{n}",
                ["x"],
                atom("pair", "x"),
                negated=(atom("pair", "", Demand(1, op, Arith("+", Var("x"), Const(1)))),),
            ),
        )
    ]
    check(
        program([PAIRS, *names], *clauses),
        {"pair": [(x, y) for x, y in zip(far, reversed(far), strict=True)]},
    )


# --- size
@pytest.mark.slow
def test_three_hundred_rules_on_one_kind() -> None:
    made = program(
        [PAIRS, OUT, WORD],
        *(
            clause("out", [Const(n)], atom("pair", "x y"), atom("pair", "y", Demand(1, "==", Const(n))))
            for n in range(300)
        ),
        *(
            clause(
                "word",
                [Const(str(n))],
                atom("pair", "x"),
                negated=(atom("pair", "_ x", Demand(0, "==", Const(n))),),
            )
            for n in range(300)
        ),
    )
    facts: dict[str, list[Row]] = {"pair": [(n, (n * 7) % 300) for n in range(12)]}
    assert len(DurableMatcher(made)._wide._rulesets.shards) > 1
    check(made, facts)


def test_twenty_body_atoms() -> None:
    body = [atom("pair", f"v{n} v{n + 1}") for n in range(20)]
    made = program([PAIRS, relation("ends", "nn", derived=True)], clause("ends", ["v0", "v20"], *body))
    found = check(made, {"pair": [(n, n + 1) for n in range(25)]})
    assert rows(found) == {(n, n + 20) for n in range(6)}
    assert found[0].body[3] == (found[0].row[0] + 3, found[0].row[0] + 4)  # type: ignore[operator]


def test_a_negation_of_too_many_columns_is_refused() -> None:
    wide = relation("wide", "n" * 40)
    variables = " ".join(f"v{n}" for n in range(40))
    made = program(
        [wide, OUT], clause("out", ["v0"], atom("wide", variables), negated=(atom("wide", variables),))
    )
    with pytest.raises(MatcherUnavailable, match="compares 40 fields"):
        DurableMatcher(made)
    check(
        program([wide, OUT], clause("out", ["v0"], *[atom("wide", variables)] * 2)),
        {"wide": [tuple(range(40))]},
    )


def test_what_would_explode_runs_narrowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth_module, "MOST_JOINED", 10)
    made = program(
        [PAIRS, OUT], clause("out", ["x"], atom("pair", "x y"), atom("pair", "y z"), atom("pair", "z x"))
    )
    matcher = DurableMatcher(made)
    facts: dict[str, list[Row]] = {"pair": [(n, m) for n in range(5) for m in range(5)]}
    assert normal(matcher.run(facts, ENV)) == normal(ReferenceMatcher(made).run(facts, ENV))
    assert matcher._narrow is not None


# --- limits
SELF_FED = program(
    [OUT], clause("out", [Const(0)]), clause("out", [Arith("+", Var("x"), Const(1))], atom("out", "x"))
)
CROSS = program([PAIRS, OUT], clause("out", ["a"], *[atom("pair", f"{v}") for v in "abcdef"]))


@pytest.mark.parametrize(
    ("made", "limits", "says"),
    [(SELF_FED, Limits(derivations=50), "derivations = 50"), (CROSS, Limits(steps=5_000), "steps = 5000")],
)
def test_a_limit_ends_the_run_and_leaves_the_matcher_usable(made: Program, limits: Limits, says: str) -> None:
    matcher = DurableMatcher(made)
    facts: dict[str, list[Row]] = {"pair": [(n, n) for n in range(60)]}
    few: dict[str, list[Row]] = {"pair": [(1, 1)]}
    for _ in range(2 * len(SIDS)):
        with pytest.raises(LimitExceeded, match=says):
            matcher.run(facts, Environment(TODAY, limits=limits))
    if made is CROSS:
        assert rows(matcher.run(few, ENV)) == {(1,)}


def test_more_facts_than_the_engine_can_tell_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_run, "MOST_FACTS", 20)
    matcher = DurableMatcher(program([PAIRS, OUT], clause("out", ["x"], atom("pair", "x"))))
    with pytest.raises(LimitExceeded, match="more than 20 facts"):
        matcher.run({"pair": [(n, n) for n in range(30)]}, ENV)


def test_an_error_inside_an_activation_leaves_the_matcher_usable() -> None:
    made = program(
        [PAIRS, OUT], clause("out", ["x"], atom("pair", "x"), guards=(Compare("<", Var("x"), Param("p")),))
    )
    matcher = DurableMatcher(made)
    facts: dict[str, list[Row]] = {"pair": [(1, 1), (2, 2)]}
    for _ in range(2 * len(SIDS)):
        with pytest.raises(KeyError):
            matcher.run(facts, Environment(TODAY))
    assert rows(matcher.run(facts, Environment(TODAY, {"p": 2}))) == {(1,)}


# --- the host
MIXED = program(
    [TEXTS, OTHER, WORD, relation("alone", "t", derived=True)],
    clause("word", ["w"], atom("said", "w n"), atom("heard", "w", Demand(1, ">", Var("n")))),
    clause("alone", ["w"], atom("said", "w"), negated=(atom("word", "w"),)),
)


def mixed_facts(seed: int) -> dict[str, list[Row]]:
    words = [f"w{seed}-{n}" for n in range(6)]
    return {"said": [(w, n) for n, w in enumerate(words)], "heard": [(w, 3) for w in words[seed % 3 :]]}


def test_threads() -> None:
    matcher = DurableMatcher(MIXED)
    reference = ReferenceMatcher(MIXED)

    def work(thread: int) -> bool:
        seeds = range(thread * 50, thread * 50 + 50)
        return all(
            normal(matcher.run(mixed_facts(seed), ENV)) == normal(reference.run(mixed_facts(seed), ENV))
            for seed in seeds
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow() -> None:
    matcher = DurableMatcher(MIXED)

    def runs(number: int) -> int:
        for seed in range(number):
            matcher.run(mixed_facts(seed % 10), ENV)
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1])

    before = runs(500)
    assert runs(3000) - before < 100  # pages of 4 KB
    assert len(matcher._wide._rulesets._free) == len(SIDS)


def test_rulesets_go_with_their_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = DurableMatcher(MIXED)
    handles = matcher._wide._rulesets.handles
    assert len(handles) == 1
    del matcher
    gc.collect()
    assert handles == []


@pytest.mark.parametrize(
    ("version", "says"),
    [((3, 13), "which works only below Python 3.13"), ((3, 12), r"pip install 'followcue\[durable\]'")],
)
def test_where_the_module_is_missing(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], says: str
) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(MatcherUnavailable, match=f"`durable` needs the package `durable-rules`.*{says}"):
        DurableMatcher(MIXED)
