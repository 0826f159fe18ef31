"""Decision tables: rows are rules; gaps, overlaps and rows never reached are found, with values for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

import pytest
import yaml

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.authoring.lint.table_rows import decision_tables
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate
from followcue.language.documents.document import Document
from followcue.language.logic.compile_pack import Layer, compile_pack
from planted_tables import CASES, VOCABULARY, Planted, planted

SEEDS = range(100)
MANY = [*SEEDS, *(pytest.param(seed, marks=pytest.mark.large) for seed in range(100, 500))]


def loaded_of(rules: Mapping[str, Any], vocabulary: str = VOCABULARY) -> LoadedPack:
    text = yaml.safe_dump(dict(rules), sort_keys=False).encode()
    return LoadedPack.of(
        compile_pack([Layer("t", {"vocabulary.yaml": vocabulary.encode(), "rules.yaml": text})])
    )


def sorts(loaded: LoadedPack, things: Mapping[str, Any], matcher: str = "compiled") -> dict[str, list[str]]:
    """The rows that conclude something of each thing."""
    data = {"as_of": "2026-03-04", "things": dict(things)}
    report = evaluate(loaded, Document.of(data), Options(matcher=matcher))
    found: dict[str, list[str]] = {name: [] for name in things}
    for conclusion in report.conclusions:
        found[conclusion.to_dict("thing")["thing"]] += conclusion.to_dict("thing")["rules"]
    return {name: sorted(rules) for name, rules in found.items()}


def expected(table: Planted, case: tuple[Any, ...]) -> list[str]:
    """The rules that fire in a case, by the hit policy."""
    rows = table.fitting(case)
    return [f"t/row-{number + 1}" for number in (rows[:1] if table.hit == "first" else rows)]


@pytest.mark.parametrize("seed", SEEDS[:40])
def test_the_rows_that_fire_are_those_of_the_hit_policy(seed: int) -> None:
    table = planted(Random(seed))
    loaded = loaded_of(table.data())
    cases = dict(enumerate(table.cases()))
    things = {f"t{n}": dict(zip(table.columns, case, strict=True)) for n, case in cases.items()}
    found = sorts(loaded, things)
    assert found == {f"t{n}": expected(table, case) for n, case in cases.items()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("matcher", [name for name in MATCHERS if name != "compiled"])
def test_every_matcher_takes_the_same_rows(matcher: str, seed: int) -> None:
    table = planted(Random(seed))
    loaded = loaded_of(table.data())
    cases = dict(list(enumerate(table.cases()))[::7])
    things = {f"t{n}": dict(zip(table.columns, case, strict=True)) for n, case in cases.items()}
    try:
        loaded.matcher(matcher)
    except MatcherUnavailable as problem:
        pytest.skip(str(problem))
    assert sorts(loaded, things, matcher) == {f"t{n}": expected(table, case) for n, case in cases.items()}


# --- what is found of planted tables
@cache
def findings(table: Planted) -> list[LintFinding]:
    return list(decision_tables(LintContext(loaded_of(table.data()))))


def values_in(message: str, table: Planted) -> tuple[Any, ...]:
    """The case that a finding tells of; of columns that it does not speak of the first value."""
    said = dict(re.findall(r"`\$(\w+)` is (.+?)(?= and `\$|: `|, `|$)", message.split(" where ", 1)[1]))
    return tuple(_value(column, said.get(column)) for column in table.columns)


def _value(column: str, said: str | None) -> Any:
    if said is None:
        return CASES[column][0]
    if said.startswith(("another word", "any word")):
        return "elsewhere"
    if column == "new":
        return said == "true"
    if column == "size":
        return int(said)
    if column == "made" and said not in CASES["made"]:
        return CASES["made"][0]  # of a column of which nothing is asked
    return re.sub(r"^1 day$", "1 days", said) if column == "lasts" else said


def told(found: list[LintFinding], code: str) -> Iterator[str]:
    return (finding.diagnostic.message for finding in found if finding.diagnostic.code == code)


@pytest.mark.parametrize("seed", MANY)
def test_gaps_are_found_where_there_are_some_and_the_values_are_right(seed: int) -> None:
    table = planted(Random(seed), hit=("only", "first")[seed % 2])
    found = findings(table)
    gaps = [case for case in table.cases() if not table.fitting(case)]
    said = list(told(found, "FC356"))
    assert bool(said) == bool(gaps)
    for message in said:
        assert values_in(message, table) in gaps


@pytest.mark.parametrize("seed", MANY)
def test_rows_that_fit_together_are_found_and_the_values_are_right(seed: int) -> None:
    table = planted(Random(seed), hit="only")
    pairs = {
        (one, other)
        for case in table.cases()
        for one in table.fitting(case)
        for other in table.fitting(case)
        if one < other
    }
    found = {}
    for message in told(findings(table), "FC355"):
        one, other = (int(number) - 1 for number in re.findall(r"`t/row-(\d+)`", message))
        found[one, other] = message
    assert found.keys() == pairs
    for pair, message in found.items():
        assert set(pair) <= set(table.fitting(values_in(message, table)))


@pytest.mark.parametrize("seed", MANY)
def test_rows_that_are_never_reached_are_found_and_the_values_are_right(seed: int) -> None:
    table = planted(Random(seed), hit="first")
    counted = {rows[0] for case in table.cases() if (rows := table.fitting(case))}
    fits = {row for case in table.cases() for row in table.fitting(case)}
    messages = {
        int(found[1]) - 1: message
        for message in told(findings(table), "FC357")
        if (found := re.match(r"`t/row-(\d+)` never counts", message))
    }
    assert messages.keys() == fits - counted
    for row, message in messages.items():
        case = values_in(message, table)
        first = int(re.findall(r"`t/row-(\d+)`", message)[-1]) - 1
        assert row in table.fitting(case)
        assert table.fitting(case)[0] == first


def test_enough_is_planted() -> None:
    tables = [planted(Random(seed), hit="only") for seed in SEEDS]
    gaps = sum(any(not table.fitting(case) for case in table.cases()) for table in tables)
    overlaps = sum(any(len(table.fitting(case)) > 1 for case in table.cases()) for table in tables)
    assert gaps >= 40
    assert overlaps >= 40
    assert gaps <= len(tables) - 10
    assert overlaps <= len(tables) - 10


TITLED = """\
pack: {name: t}
situation: {scope: thing, records: {thing: {in: things, fields: {n: number}}}, events: [things.events]}
actions: {look: {title: Look at it}, leave: {title: Leave it}}
"""


def test_rows_and_tables_call_their_advice_as_they_like() -> None:
    rows = [["at most 5", "Look at {n}"], ["more than 5", "any"]]
    shared: dict[str, Any] = {"title": "See to it", "hit": "only", "when": [{"thing": {"n": "$n"}}]}
    tables = {
        "a": {**shared, "columns": ["$n", "title"], "recommend": {"action": "look"}, "rows": rows},
        "b": {**shared, "columns": ["$n"], "caution": {"action": "leave", "title": "Not {n}"}, "rows": [[5]]},
    }
    data = {"as_of": "2026-03-04", "things": {"one": {"n": 5}, "two": {"n": 6}}}
    report = evaluate(loaded_of({"tables": tables}, TITLED), Document.of(data), Options())
    assert [action.title for action in (*report.cautions, *report.actions)] == [
        "Not 5",
        "Look at 5",
        "Look at it",
    ]


def shown(columns: str, rows: list[list[Any]], hit: str = "only") -> list[str]:
    """What is told of a table of things, with `made`, `place` and `size` as variables."""
    when = [{"thing": {name: f"${name}" for name in ("made", "place", "size")}}]
    table = {"hit": hit, "when": when, "columns": [*columns.split(), "of"], "conclude": "sort", "rows": rows}
    found = decision_tables(LintContext(loaded_of({"tables": {"t": table}})))
    return [f"{one.diagnostic.code} {one.diagnostic.message}" for one in found]


def test_edges_that_months_and_days_move_are_proven() -> None:
    whole = [["before today - 65 years", "old"], ["on or after today - 65 years", "young"]]
    assert shown("$made", whole) == []
    middle = [["on or after today - 65 years and before today - 18 years", "adult"]]
    split = [["before today - 65 years", "old"], *middle, ["on or after today - 18 years", "child"]]
    assert shown("$made", split) == []
    gap = [split[0], split[1], ["after today - 18 years", "child"]]
    (said,) = shown("$made", gap)
    assert said == "FC356 no row of `t` fits where `$made` is today - 18 years"
    overlap = [["on or before today - 65 years", "old"], *split[1:]]
    (said,) = shown("$made", overlap)
    assert said == "FC355 two rows fit where `$made` is today - 65 years: `t/row-1` and `t/row-2`"
    days = [["before today - 18 years + 1 day", "a"], ["on or after today - 18 years + 1 day", "b"]]
    assert shown("$made", days) == []
    between = [["on or before today - 18 years", "a"], ["on or after today - 18 years + 2 days", "b"]]
    (said,) = shown("$made", between)
    assert said == "FC356 no row of `t` fits where `$made` is today - 18 years + 1 day"


def test_far_days_beside_months_are_not_proven() -> None:
    rows = [["before today - 1 month", "a"], ["on or after today - 30 days", "b"]]
    (said,) = shown("$made", rows)
    assert said.startswith("FC358 `$made` is compared with what another condition gives")


def test_parts_of_texts_are_proven() -> None:
    both = [["contains visa", "a"], ["does not contain visa", "b"]]
    assert shown("$place", both) == []
    assert shown("$place", [["starts with XR-", "a"], ["does not start with XR-", "b"]], "first") == []
    (said,) = shown("$place", [["contains visa", "a"], ["does not contain vis", "b"]])
    assert said == 'FC356 no row of `t` fits where `$place` is "vis"'
    first, second = shown("$place", [*both, ["ends with -old", "c"]])
    assert first.startswith('FC355 two rows fit where `$place` is "')
    assert "`t/row-3`" in first
    assert second.startswith('FC355 two rows fit where `$place` is "')
    assert "`t/row-3`" in second
    (said,) = shown("$place", [["contains a", "a"], ["starts with ba", "b"], ["any", "c"]], "first")
    assert said.startswith("FC357 `t/row-2` never counts: `t/row-1` above it takes all of it")
    (said,) = shown("$place", [["visa", "a"], ["starts with vi", "b"], ["does not start with vi", "c"]])
    assert said == 'FC355 two rows fit where `$place` is "visa": `t/row-1` and `t/row-2`'
