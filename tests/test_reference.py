"""What each kind of literal means, by derivations written by hand; every matcher must give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from derivations import normal
from followcue.base.rows import Column, ColumnType, Relation, Row
from followcue.evaluation.match.protocol import Derivation, Environment, MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.language.logic.program import (
    Aggregate,
    Arith,
    Atom,
    Clause,
    Compare,
    Component,
    Const,
    Extreme,
    Head,
    Junction,
    Param,
    Program,
    Shift,
    Today,
    Var,
)
from followcue.language.logic.program import Test as ColumnTest
from stratified import stratified

X, Y, D, N = Var("x"), Var("y"), Var("d"), Var("n")
ENV = Environment(today=1000, parameters={"wait": 7, "name": "ann"})
FACTS: dict[str, list[Row]] = {
    "seen": [("ann", 990), ("bob", 995), ("bob", 995), ("cleo", None), (None, 999)],
    "knows": [("ann", "bob"), ("bob", "cleo"), ("cleo", "cleo")],
    "mark": [("ann", 1), ("ann", 5), ("bob", 5), ("bob", None), ("cleo", None)],
}
SEEN = Atom("seen", ((0, "x"), (1, "d")))
ANN, BOB = ("ann", 990), ("bob", 995)


def relation(name: str, *kinds: ColumnType, derived: bool = False) -> Relation:
    return Relation(name, tuple(Column(f"c{i}", kind) for i, kind in enumerate(kinds)), derived)


RELATIONS = {
    each.name: each
    for each in [
        relation("seen", "text", "date"),
        relation("knows", "text", "text"),
        relation("mark", "text", "number"),
        relation("nothing", "text"),
        relation("told", "text", derived=True),
        relation("dated", "text", "date", derived=True),
        relation("counted", "text", "number", derived=True),
        relation("pair", "text", "text", derived=True),
        relation("way", "text", "text", derived=True),
        relation("back", "text", "text", derived=True),
        relation("flag", derived=True),
    ]
}


@pytest.fixture(params=MATCHERS)
def run(request: pytest.FixtureRequest) -> Any:
    """Runs clauses by one of the matchers on the facts above."""

    def run(*clauses: Clause, env: Environment = ENV, facts: dict[str, list[Row]] = FACTS) -> Any:
        program = stratified(RELATIONS, clauses)
        try:
            return normal(matcher(request.param)(program).run(facts, env))
        except MatcherUnavailable as reason:
            pytest.skip(str(reason))

    return run


def expected(*derivations: tuple[int, Row, Iterable[Row], Iterable[Iterable[Row]]]) -> Any:
    return normal(
        Derivation(number, row, tuple(body), tuple(map(tuple, grouped)))
        for number, row, body, grouped in derivations
    )


def told(*body: Atom, **more: Any) -> Clause:
    """Tell of each x that the body finds."""
    return Clause("told", Head("told", (X,)), body, **more)


def both() -> Any:
    """The answer that ann and bob are told of."""
    return expected((0, ("ann",), [ANN], []), (0, ("bob",), [BOB], []))


def only(row: Row) -> Any:
    """The answer that the first column of one row of `seen` is told of."""
    return expected((0, row[:1], [row], []))


# --- atoms
def test_a_variable_never_stands_for_an_absent_value_and_a_fact_counts_once(run: Any) -> None:
    assert run(told(SEEN)) == both()


def test_a_clause_without_conditions_holds_once(run: Any) -> None:
    assert run(Clause("r", Head("flag", ()))) == expected((0, (), [], []))


def test_an_atom_without_variables_holds_for_each_row(run: Any) -> None:
    knows = Atom("knows", (), (ColumnTest(1, "==", Const("cleo")),))
    rows = [("bob", "cleo"), ("cleo", "cleo")]
    assert run(Clause("r", Head("flag", ()), (knows,))) == expected(*((0, (), [row], []) for row in rows))


def test_a_shared_variable_joins(run: Any) -> None:
    clause = told(SEEN, Atom("knows", ((0, "x"), (1, "y"))))
    assert run(clause) == expected(
        (0, ("ann",), [ANN, ("ann", "bob")], []), (0, ("bob",), [BOB, ("bob", "cleo")], [])
    )


def test_a_variable_twice_in_one_atom_asks_for_equal_columns(run: Any) -> None:
    row = ("cleo", "cleo")
    assert run(told(Atom("knows", ((0, "x"), (1, "x"))))) == expected((0, ("cleo",), [row], []))


def test_atoms_that_share_nothing_give_every_pair(run: Any) -> None:
    knows = FACTS["knows"]
    clause = Clause("r", Head("flag", ()), (Atom("knows"), Atom("knows")))
    assert run(clause) == expected(*((0, (), [left, right], []) for left in knows for right in knows))


def test_a_relation_without_rows_may_be_missing(run: Any) -> None:
    assert run(told(Atom("nothing", ((0, "x"),)))) == expected()


# --- tests of a column
@pytest.mark.parametrize(
    ("op", "value", "answer"),
    [
        ("==", Const(990), [ANN]),
        ("!=", Const(990), [BOB]),
        ("<", Const(995), [ANN]),
        ("<=", Const(995), [ANN, BOB]),
        (">", Const(990), [BOB]),
        (">=", Const(990), [ANN, BOB]),
        ("in", (990, 7), [ANN]),
        ("in", (), []),
        ("present", None, [ANN, BOB]),
        ("absent", None, [("cleo", None)]),
        ("<", Shift(Today(), Param("wait"), -1), [ANN]),
    ],
)
def test_tests(run: Any, op: Any, value: Any, answer: list[Row]) -> None:
    clause = told(Atom("seen", ((0, "x"),), (ColumnTest(1, op, value),)))
    assert run(clause) == expected(*((0, row[:1], [row], []) for row in answer))


def test_a_test_may_use_a_variable_that_a_later_atom_binds(run: Any) -> None:
    clause = told(
        Atom("seen", ((0, "x"),), (ColumnTest(1, "<", D),)),
        Atom("seen", ((1, "d"),), (ColumnTest(0, "present"),)),
    )
    assert run(clause) == expected((0, ("ann",), [ANN, BOB], []))


def test_two_atoms_may_each_test_a_variable_of_the_other(run: Any) -> None:
    earlier = Atom("seen", ((0, "x"), (1, "d")), (ColumnTest(1, "<", Var("e")),))
    later = Atom("seen", ((0, "y"), (1, "e")), (ColumnTest(0, "!=", X),))
    assert run(told(earlier, later)) == expected((0, ("ann",), [ANN, BOB], []))


def test_a_test_may_use_a_variable_of_its_own_atom(run: Any) -> None:
    row = ("cleo", "cleo")
    assert run(told(Atom("knows", ((0, "x"),), (ColumnTest(1, "==", X),)))) == expected(
        (0, ("cleo",), [row], [])
    )


# --- expressions
@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (Today(), 1000),
        (D, 990),
        (Shift(D, Param("wait"), 1), 997),
        (Shift(D, Arith("-", Today(), D), -1), 980),
        (Arith("-", Const(1), Arith("-", Const(2), Const(3))), 2),
        (Arith("*", Arith("+", Const(1), Const(2)), Const(-3)), -9),
        (Arith("*", Const(2**53), Const(2**53)), 2**106),
        (Extreme("max", (D, Today(), Const(5))), 1000),
        (Extreme("min", (D, Today())), 990),
        (Extreme("min", (D,)), 990),
        (Const(None), None),
    ],
)
def test_values_of_a_head(run: Any, expr: Any, value: int | None) -> None:
    body = (Atom("seen", ((0, "x"), (1, "d")), (ColumnTest(0, "==", Param("name")),)),)
    assert run(Clause("r", Head("dated", (X, expr)), body)) == expected((0, ("ann", value), [ANN], []))


def test_a_calendar_moves_days(run: Any) -> None:
    def double(day: int, days: int) -> int:
        return day + 2 * days

    env = Environment(1000, {"wait": 7}, double)
    body = (Atom("seen", ((0, "x"), (1, "d")), (ColumnTest(1, "==", Const(990)),)),)
    later = Shift(Shift(D, Param("wait"), 1), Const(1), -1)
    assert run(Clause("r", Head("dated", (X, later)), body), env=env) == expected(
        (0, ("ann", 1002), [ANN], [])
    )


def test_guards_compare_and_combine(run: Any) -> None:
    late = Compare("<", Shift(D, Param("wait"), 1), Today())
    odd = Compare("==", X, Const("bob"))
    assert run(told(SEEN, guards=(late,))) == only(ANN)
    assert run(told(SEEN, guards=(Junction("or", (late, odd)),))) == both()
    assert run(told(SEEN, guards=(Junction("and", (late, odd)),))) == expected()
    assert run(told(SEEN, guards=(late, odd))) == expected()


# --- negation
def test_negation_of_a_relation(run: Any) -> None:
    assert run(told(SEEN, negated=(Atom("nothing"),))) == both()
    assert run(told(SEEN, negated=(Atom("knows"),))) == expected()


def test_negation_joins(run: Any) -> None:
    assert run(told(SEEN, negated=(Atom("knows", ((1, "x"),)),))) == only(ANN)


def test_negation_tests(run: Any) -> None:
    assert run(told(SEEN, negated=(Atom("mark", ((0, "x"),), (ColumnTest(1, "<", Const(5)),)),))) == only(BOB)
    assert run(told(SEEN, negated=(Atom("seen", (), (ColumnTest(1, ">", D),)),))) == expected()
    assert run(
        told(
            SEEN,
            negated=(
                Atom(
                    "seen",
                    (),
                    (ColumnTest(1, ">", D), ColumnTest(0, "present")),
                ),
            ),
        )
    ) == only(BOB)


def test_negation_looks_at_what_earlier_clauses_derived(run: Any) -> None:
    flag = Clause("f", Head("flag", ()), (Atom("knows", ((0, "x"), (1, "x"))),))
    assert run(flag, told(SEEN, negated=(Atom("flag"),))) == expected((0, (), [("cleo", "cleo")], []))


# --- aggregates
def counted(aggregate: Aggregate, **more: Any) -> Clause:
    return Clause("r", Head("counted", (X, N)), (SEEN,), (aggregate,), **more)


OWN_MARKS = Atom("mark", ((0, "x"),))
ANN_1, ANN_5, BOB_5, BOB_NONE = FACTS["mark"][:4]


@pytest.mark.parametrize(
    ("op", "ann", "bob"),
    [
        ("count", (2, [ANN_1, ANN_5]), (2, [BOB_5, BOB_NONE])),
        ("sum", (6, [ANN_1, ANN_5]), (5, [BOB_5])),
        ("min", (1, [ANN_1]), (5, [BOB_5])),
        ("max", (5, [ANN_5]), (5, [BOB_5])),
    ],
)
def test_aggregates_of_joined_rows(run: Any, op: Any, ann: Any, bob: Any) -> None:
    aggregate = Aggregate(op, OWN_MARKS, None if op == "count" else 1, "n")
    assert run(counted(aggregate)) == expected(
        (0, ("ann", ann[0]), [ANN], [ann[1]]), (0, ("bob", bob[0]), [BOB], [bob[1]])
    )


def test_nothing_counts_and_sums_to_zero_but_has_no_extreme(run: Any) -> None:
    none = Atom("mark", ((0, "x"),), (ColumnTest(1, ">", Const(5)),))
    zero = expected((0, ("ann", 0), [ANN], [[]]), (0, ("bob", 0), [BOB], [[]]))
    assert run(counted(Aggregate("count", none, None, "n"))) == zero
    assert run(counted(Aggregate("sum", none, 1, "n"))) == zero
    assert run(counted(Aggregate("min", none, 1, "n"))) == expected()
    assert run(counted(Aggregate("newest", none, 1, outputs=((1, "n"),)))) == expected()


def test_all_rows_that_share_the_extreme_are_its_ground(run: Any) -> None:
    clause = Clause("r", Head("counted", (Const("all"), N)), (), (Aggregate("max", Atom("mark"), 1, "n"),))
    assert run(clause) == expected((0, ("all", 5), [], [[ANN_5, BOB_5]]))


def test_newest_and_oldest_choose_each_such_row_in_turn(run: Any) -> None:
    newest = Aggregate("newest", Atom("mark"), 1, outputs=((0, "x"),))
    assert run(told(aggregates=(newest,))) == expected(
        (0, ("ann",), [], [[ANN_5]]), (0, ("bob",), [], [[BOB_5]])
    )
    oldest = Aggregate("oldest", Atom("mark"), 1, outputs=((0, "x"), (1, "n")))
    assert run(told(aggregates=(oldest,))) == expected((0, ("ann",), [], [[ANN_1]]))


def test_the_newest_row_must_have_what_is_asked_of_it(run: Any) -> None:
    facts: dict[str, list[Row]] = {"seen": [("ann", 990), (None, 999)]}
    newest = Aggregate("newest", Atom("seen"), 1, outputs=((0, "x"),))
    assert run(told(aggregates=(newest,)), facts=facts) == expected()


def test_an_aggregate_uses_the_result_of_an_earlier_one(run: Any) -> None:
    most = Aggregate("max", Atom("mark"), 1, "n")
    reached = Aggregate("count", Atom("mark", ((1, "n"),)), None, "m")
    clause = Clause("r", Head("counted", (Const("all"), Var("m"))), (), (most, reached))
    assert run(clause) == expected((0, ("all", 2), [], [[ANN_5, BOB_5], [ANN_5, BOB_5]]))


def test_guards_and_negation_see_results(run: Any) -> None:
    marks = Aggregate("sum", OWN_MARKS, 1, "n")
    clause = counted(
        marks,
        guards=(Compare(">", N, Const(5)),),
        negated=(Atom("mark", ((1, "n"),)),),
    )
    assert run(clause) == expected((0, ("ann", 6), [ANN], [[ANN_1, ANN_5]]))


# --- several clauses
def test_one_row_may_have_several_derivations(run: Any) -> None:
    same = told(Atom("mark", ((0, "x"),), (ColumnTest(0, "==", Const("ann")),)))
    answer = run(same, told(SEEN), Clause("f", Head("flag", ()), (Atom("told"),)))
    assert answer == expected(
        (0, ("ann",), [ANN_1], []),
        (0, ("ann",), [ANN_5], []),
        (1, ("ann",), [ANN], []),
        (1, ("bob",), [BOB], []),
        (2, (), [("ann",)], []),
        (2, (), [("bob",)], []),
    )


def test_clauses_that_feed_each_other_may_join_each_other(run: Any) -> None:
    clauses = [
        Clause("a", Head("way", (X, Y)), (Atom("knows", ((0, "x"), (1, "y"))),)),
        Clause("b", Head("back", (Y, X)), (Atom("way", ((0, "x"), (1, "y"))),)),
        Clause("c", Head("way", (X, X)), (Atom("back", ((1, "x"),)), Atom("way", ((0, "x"),)))),
    ]
    facts: dict[str, list[Row]] = {"knows": [("a", "b")]}
    ab, ba, aa = ("a", "b"), ("b", "a"), ("a", "a")
    joined = [(2, aa, [back, way], []) for back in (ba, aa) for way in (ab, aa)]
    assert run(*clauses, facts=facts) == expected(
        (0, ab, [ab], []), (1, ba, [ab], []), (1, aa, [aa], []), *joined
    )


@pytest.mark.parametrize("name", MATCHERS)
def test_clauses_run_after_all_that_they_look_at(name: str) -> None:
    known = Atom("told", ((0, "x"),))
    marked = Atom("mark", ((0, "x"), (1, "n")))
    clauses = (
        told(SEEN),
        Clause("pair", Head("pair", (X, X)), (known, marked)),
        Clause("way", Head("way", (X, Y)), (Atom("knows", ((0, "x"), (1, "y"))),)),
        Clause("back", Head("back", (X, X)), (known, marked), negated=(Atom("way", ((1, "x"),)),)),
    )
    components = tuple(Component((number,), False, number // 3) for number in range(4))
    try:
        prepared = matcher(name)(Program(RELATIONS, clauses, components))
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    derivations = prepared.run(FACTS, ENV)
    assert Counter(found.clause for found in derivations) == {0: 2, 1: 3, 2: 3, 3: 2}


def test_recursion_ends_with_each_derivation_once(run: Any) -> None:
    step = Clause("step", Head("way", (X, Y)), (Atom("knows", ((0, "x"), (1, "y"))),))
    on = Clause(
        "on",
        Head("way", (X, Var("z"))),
        (Atom("way", ((0, "x"), (1, "y"))), Atom("way", ((0, "y"), (1, "z")))),
    )
    ab, bc, cc, ac = ("ann", "bob"), ("bob", "cleo"), ("cleo", "cleo"), ("ann", "cleo")
    steps = [(0, row, [row], []) for row in (ab, bc, cc)]
    pairs = [(ac, ab, bc), (bc, bc, cc), (cc, cc, cc), (ac, ac, cc)]
    assert run(step, on) == expected(*steps, *((1, row, [left, right], []) for row, left, right in pairs))


def test_clauses_may_feed_each_other(run: Any) -> None:
    clauses = [
        Clause("a", Head("way", (X, Y)), (Atom("knows", ((0, "x"), (1, "y"))),)),
        Clause("b", Head("back", (Y, X)), (Atom("way", ((0, "x"), (1, "y"))),)),
        Clause("c", Head("way", (X, Y)), (Atom("back", ((0, "x"), (1, "y"))),)),
    ]
    facts: dict[str, list[Row]] = {"knows": [("a", "b")]}
    ab, ba = ("a", "b"), ("b", "a")
    assert run(*clauses, facts=facts) == expected(
        (0, ab, [ab], []), (1, ba, [ab], []), (2, ba, [ba], []), (1, ab, [ba], []), (2, ab, [ab], [])
    )
