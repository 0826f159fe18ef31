"""Lints of logic: what they find in packs made for it, what they leave alone, and that no witness lies."""

from __future__ import annotations

from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from code_pages import write
from followcue.authoring.lint.as_test import as_yaml
from followcue.authoring.lint.check import LOGIC, check
from followcue.authoring.lint.forms import human
from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.opposites import opposite_rules
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.read import read_document
from followcue.language.folders import shipped_layer_names
from followcue.language.logic.program import Compare, Const, Var
from followcue.synthesis.solver.witness import Witnesses, situation_for, situations_for
from followcue.testing.suite import read_suite, run_suite

CASES = Path(__file__).parent / "cases" / "lints"


@pytest.mark.parametrize("case", sorted(path.stem for path in CASES.glob("*.yaml")))
def test_case(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    own = write((CASES / f"{case}.yaml").read_text("utf-8"), tmp_path)
    with chdir(tmp_path):
        found = check([own.name])
    told = tuple(
        t for t in found.told if t.finding.diagnostic.code not in ("FC360", "FC330", "FC331", "FC332")
    )
    got = human(found._replace(told=told, files=1))
    expected = CASES / f"{case}.expected"
    if request.config.getoption("--rebaseline"):
        expected.write_text(got, "utf-8")
    assert got == expected.read_text("utf-8")


@pytest.mark.parametrize("case", sorted(path.stem for path in CASES.glob("*.yaml")))
def test_shown_tests_pass(case: str, tmp_path: Path) -> None:
    own = write((CASES / f"{case}.yaml").read_text("utf-8"), tmp_path)
    with chdir(tmp_path):
        loaded = load_pack(own.name, cache=False)
        shown = [told.test for told in check([own.name]).told if told.test]
    for data in shown:
        scenarios = read_suite([read_document(as_yaml(data), "shown.yaml")], loaded)
        assert all(result.passed for result in run_suite(scenarios, loaded))


def pack(rules: str, folder: Path) -> LoadedPack:
    return load_pack(write(rules, folder), cache=False)


# --- what must not be found
def test_no_rule_of_the_shipped_packs_is_found_at_fault() -> None:
    book = LintContext(load_pack(packs=shipped_layer_names()))
    found = [finding for lint in LOGIC if lint is not opposite_rules for finding in lint(book)]
    allowed = {(rule.id, code) for rule in book.rules.values() for code in rule.allow}
    told = [finding for finding in found if (finding.rule, finding.diagnostic.code) not in allowed]
    assert [str(finding.diagnostic) for finding in told] == []


@pytest.mark.large
def test_shipped_packs_have_no_problems() -> None:
    checked = check()
    assert human(checked).splitlines()[-1].endswith("0 problems found.")
    assert checked.files > 40


CLEAN = """\
rules:
  bounds-that-meet:
    title: Phone
    when:
      - count reminded as $n
      - where: $n at least 2 and $n at most 2
    recommend: {action: phone}
  a-day-between:
    title: Remind
    when:
      - lent: {until: $day}
      - extended: {until: after $day + 2 days and before $day + 9 days}
    recommend: {action: remind, open: $day, close: $day}
  a-parameter-may-be-nothing:
    title: Remind
    when:
      - lent: {until: $day}
      - where: today before $day + grace and today on or after $day
    recommend: {action: remind, open: $day + grace, close: $day + 3 days}
  another-book:
    title: Care
    when:
      - lent: {to: $reader}
      - lent: {loan: $other}
      - where: $other is not $loan
    caution: {action: handle_with_care, about: $other}
  newest-and-older:
    title: Phone
    when:
      - newest reminded: {at: $at}
      - answered: {at: after $at}
    recommend: {action: phone, done_when: {returned: {at: after $at}}}
"""


def test_what_can_be_is_left_alone(tmp_path: Path) -> None:
    book = LintContext(pack(CLEAN, tmp_path))
    assert not book.dead
    with chdir(tmp_path):
        codes = {told.finding.diagnostic.code for told in check(["library"]).told}
    assert not codes & {"FC430", "FC431", "FC432", "FC433", "FC434", "FC436", "FC437"}


# --- any two bounds, held against what is true of them
BOUND = st.tuples(st.sampled_from(["at least", "at most", "less than", "more than"]), st.integers(0, 4))
HOLDS = {
    "at least": lambda n, bound: n >= bound,
    "at most": lambda n, bound: n <= bound,
    "less than": lambda n, bound: n < bound,
    "more than": lambda n, bound: n > bound,
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=BOUND, second=BOUND, day=st.tuples(st.integers(0, 4), st.integers(0, 4)))
def test_a_rule_is_dead_just_if_no_value_meets_its_bounds(
    first: tuple[str, int], second: tuple[str, int], day: tuple[int, int], tmp_path_factory: Any
) -> None:
    text = f"""\
rules:
  bounded:
    when:
      - count reminded as $n
      - where: $n {first[0]} {first[1]} and $n {second[0]} {second[1]}
    conclude: {{reminders: {{n: $n}}}}
  between:
    when:
      - lent: {{until: $day}}
      - extended: {{until: on or after $day + {day[0]} days and before $day + {day[1]} days}}
    conclude: back
"""
    loaded = pack(text, tmp_path_factory.mktemp("bounds"))
    possible = any(HOLDS[first[0]](n, first[1]) and HOLDS[second[0]](n, second[1]) for n in range(20))
    dead = LintContext(loaded).contradictory
    assert ("bounded" in dead) == (not possible)
    assert ("between" in dead) == (day[0] >= day[1])
    witnesses = Witnesses(loaded)
    assert (witnesses.situation("bounded") is not None) == possible
    assert (witnesses.situation("between") is not None) == (day[0] < day[1])


# --- witnesses
def test_shipped_rules_have_witnesses_that_fire() -> None:
    loaded = load_pack()
    witnesses = Witnesses(loaded)
    some = sorted(loaded.pack.rules)[::12]
    found = {rule: witnesses.situation(rule, tries=60) for rule in some if not loaded.pack.rules[rule].always}
    made = {rule: data for rule, data in found.items() if data is not None}
    assert len(made) >= 0.9 * len(found)
    for rule, data in made.items():
        seen = witnesses.judged(data)
        assert seen is not None
        assert rule in {loaded.pack.clauses[d.clause].rule for d in seen.judgement.derivations}


def test_a_witness_is_the_same_each_time_and_small(tmp_path: Path) -> None:
    loaded = pack(CLEAN, tmp_path)
    first = situation_for(loaded, "a-day-between", due=True)
    assert first == situation_for(loaded, "a-day-between", due=True)
    assert first is not None
    assert (
        as_yaml(first)
        == """\
as_of: 2026-03-02
loans:
  loan1:
    book: some book
    readers:
      reader1: {name: some name}
    events:
    - {date: 2026-03-02, event: lent, to: reader1, until: 2026-03-02}
    - {date: 2026-03-02, event: extended, until: 2026-03-10}
"""
    )


def test_a_clause_of_ones_own_fires_beside_the_pack(tmp_path: Path) -> None:
    loaded = pack(CLEAN, tmp_path)
    clause = next(clause for clause in loaded.program.clauses if clause.rule == "bounds-that-meet")
    more = replace(clause, guards=(Compare("==", Var("n"), Const(4)),))
    data = situation_for(loaded, more)
    assert data is not None
    assert len(data["loans"]["loan1"]["events"]) == 4


def test_accept_decides(tmp_path: Path) -> None:
    loaded = pack(CLEAN, tmp_path)
    assert situation_for(loaded, "a-day-between", accept=lambda data, seen: False, tries=20) is None
    assert len(list(situations_for(loaded, "a-day-between", tries=20))) >= 1


def test_nothing_is_made_for_a_rule_that_cannot_fire(tmp_path: Path) -> None:
    text = CLEAN.replace("$n at most 2", "$n at most 1")
    assert situation_for(pack(text, tmp_path), "bounds-that-meet", tries=20) is None
