"""Each event compared with all others of its record: right, and in steps that grow as the events do."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import followcue
from derivations import normal
from followcue.base.limits import LimitExceeded
from followcue.base.rows import Column, Relation, Row
from followcue.evaluation.match.protocol import Environment, Limits
from followcue.evaluation.match.registry import matcher
from followcue.evaluation.pipeline import environment_of
from followcue.language.documents.document import Document
from followcue.language.logic.program import Aggregate, Arith, Atom, Clause, Const, Head, Program, Shift, Var
from followcue.language.logic.program import Test as ColumnTest
from stratified import stratified

VISITS = {
    "visit": Relation("visit", (Column("of", "text"), Column("day", "date"), Column("n", "number"))),
    "found": Relation("found", (Column("day", "date"), Column("n", "number")), derived=True),
}
DAY, NUMBER = 1, 2
EACH = Atom("visit", ((0, "of"), (DAY, "day"), (NUMBER, "n")))
OPERATORS: tuple[Literal["<", "<=", ">", ">="], ...] = ("<", "<=", ">", ">=")


@st.composite
def programs(draw: Any) -> tuple[Program, dict[str, list[Row]]]:
    """A clause that looks from each visit at those on some side of it, or around it; and visits."""
    bounds = draw(st.lists(st.tuples(st.sampled_from(OPERATORS), st.integers(-2, 2)), max_size=3))
    tests = [ColumnTest(DAY, op, Shift(Var("day"), Const(by), 1)) for op, by in bounds]
    if draw(st.integers(0, 3)) == 0:
        tests.append(ColumnTest(NUMBER, draw(st.sampled_from(("!=", "<", ">="))), Var("n")))
    if draw(st.integers(0, 3)) == 0:
        tests.append(ColumnTest(NUMBER, "<", Const(3)))
    joins = ((0, "of"),) if draw(st.booleans()) else ()
    atom = Atom("visit", joins, tuple(draw(st.permutations(tests))))
    op = draw(st.sampled_from(("no", "count", "sum", "min", "max", "newest", "oldest")))
    value = Arith("+", Var("n"), Const(0))
    if op == "no":
        clause = Clause("r", Head("found", (Var("day"), value)), (EACH,), negated=(atom,))
    else:
        column = None if op == "count" else NUMBER if op == "sum" else draw(st.sampled_from((DAY, NUMBER)))
        chosen = op in ("newest", "oldest")
        given_ = {"outputs": ((NUMBER, "m"),)} if chosen else {"result": "m"}
        head = (Var("m"), Var("n")) if column == DAY and not chosen else (Var("day"), Var("m"))
        clause = Clause("r", Head("found", head), (EACH,), (Aggregate(op, atom, column, **given_),))
    small = st.none() | st.integers(1, 9)
    most = draw(st.sampled_from((9, 90)))
    rows = draw(st.lists(st.tuples(st.sampled_from(("a", "b", None)), small, small), max_size=most))
    return stratified(VISITS, (clause,)), {"visit": list(dict.fromkeys(rows))}


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(programs())
def test_the_default_says_what_the_reference_says(case: tuple[Program, dict[str, list[Row]]]) -> None:
    program, facts = case
    expected = normal(matcher("reference")(program).run(facts, Environment(0)))
    assert normal(matcher("compiled")(program).run(facts, Environment(0))) == expected


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(programs())
def test_a_database_says_so_too(case: tuple[Program, dict[str, list[Row]]]) -> None:
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    program, facts = case
    expected = normal(matcher("reference")(program).run(facts, Environment(0)))
    assert normal(matcher("relational")(program).run(facts, Environment(0))) == expected


# --- as an author writes it
VOCABULARY = """\
pack: {name: visits}
situation:
  whole: book
  scope: case
  records:
    case: {in: cases, says: A case.}
  events: [cases.events]
events:
  visit: {says: It was visited., fields: {n: number}}
conclusions:
  found: {says: What came out., fields: {day: date, n: number}, internal: true}
"""
WEEK = "date: on or after $day - 7 days and on or before $day"
AT_ONCE = {
    "no later one": "{no visit: {date: after $day}}",
    "none later by number": "{no visit: {n: more than $k}}",
    "none around it": "{no visit: {date: after $day and before $day + 7 days}}",
    "none of another number": "{no visit: {n: not $k}}",
    "how many since": "{count visit as $n: {date: on or after $day}}",
    "how many in a week": f"{{count visit as $n: {{{WEEK}}}}}",
    "how many in all": "{count visit as $n}",
    "the sum of a week": f"{{sum visit.n as $n: {{{WEEK}}}}}",
    "the latest day before": "{max visit.date as $last: {date: before $day}}",
    "the one before": "{newest visit: {date: before $day, n: $n}}",
    "the one after": "{oldest visit: {date: after $day, n: $n}}",
    "the least since": "{min visit.n as $n: {date: after $day}}",
}
"""Second conditions, for each visit on a `$day` and of a number `$k`, that an index answers."""


SOME_ARE_LOOKED_AT = {
    "no other one within a week": f"{{no visit: {{{WEEK}, n: not $k}}}}",
    "the sum of the others of a week": f"{{sum visit.n as $n: {{{WEEK}, n: not $k}}}}",
}
"""Second conditions for which those within the week are looked at one by one."""


@cache
def rules(condition: str) -> followcue.LoadedPack:
    number = "$n" if "$n" in condition else "$k"
    written = (
        f"rules:\n  r:\n    when: [{{visit: {{date: $day, n: $k}}}}, {condition}]\n"
        f"    conclude: {{found: {{day: $day, n: {number}}}}}\n"
    )
    with TemporaryDirectory() as folder:
        Path(folder, "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
        Path(folder, "rules.yaml").write_text(written, "utf-8")
        return followcue.load_pack(folder, cache=False)


def posed(pack: followcue.LoadedPack, visits: int, limits: Limits) -> tuple[Any, Environment]:
    """Visits of one case, one on each day, in no order."""
    first = date(2000, 1, 1)
    events = [
        {"event": "visit", "date": (first + timedelta(n)).isoformat(), "n": n % (visits * 2 // 3)}
        for n in Random(1).sample(range(visits), visits)
    ]
    written = {"as_of": "2026-01-01", "cases": {"c": {"events": events}}}
    situation = pack.reader.read(Document("visits.yaml", written, None), today=None)
    return situation.facts, environment_of(situation, limits)


@pytest.mark.parametrize("what", AT_ONCE)
def test_what_an_index_answers_takes_no_steps(what: str) -> None:
    pack = rules(AT_ONCE[what])
    found = pack.matcher().run(*posed(pack, 1000, Limits(steps=0)))
    assert found or what == "none of another number"


@pytest.mark.parametrize("visits", [500, 2000])
@pytest.mark.parametrize("what", SOME_ARE_LOOKED_AT)
def test_what_is_looked_at_lies_between_the_bounds(what: str, visits: int) -> None:
    """Eight visits of a week for each visit, however many there are."""
    pack = rules(SOME_ARE_LOOKED_AT[what])
    assert pack.matcher().run(*posed(pack, visits, Limits(steps=8 * visits)))
    with pytest.raises(LimitExceeded):
        pack.matcher().run(*posed(pack, visits, Limits(steps=7 * visits)))


@pytest.mark.slow
@pytest.mark.parametrize("what", AT_ONCE)
def test_reasons_take_room_for_each_event_not_for_each_pair(what: str) -> None:
    pack = rules(AT_ONCE[what])
    taken = []
    for visits in (2000, 4000, 8000):
        facts = posed(pack, visits, Limits())
        pack.matcher().run(*facts)
        tracemalloc.start()
        pack.matcher().run(*facts)
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    small, middle, large = taken
    assert large - middle < 3 * (middle - small)  # 4 times, if it were each pair


@pytest.mark.parametrize("what", AT_ONCE | SOME_ARE_LOOKED_AT)
def test_the_answers_are_those_of_the_reference(what: str) -> None:
    pack = rules((AT_ONCE | SOME_ARE_LOOKED_AT)[what])
    facts = posed(pack, 60, Limits())
    expected = normal(pack.matcher("reference").run(*facts))
    assert normal(pack.matcher().run(*facts)) == expected
    assert expected or what == "none of another number"
