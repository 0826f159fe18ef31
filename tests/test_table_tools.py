"""Tables in layers, tests, coverage, mutation, explanations, comparisons and the catalogue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from followcue import cli, evaluate, load_pack
from followcue.authoring.catalogue.gather import catalogue
from followcue.authoring.catalogue.pages import pages
from followcue.authoring.lint.check import check
from followcue.base.diagnostic import InvalidInput
from followcue.testing.find import find_tests
from followcue.testing.mutate import Survivor
from followcue.testing.mutation.killing_situations import KillingSituation
from followcue.testing.mutation.mutants import mutants_of
from followcue.testing.mutation.mutation import grounded, noticed_by
from followcue.testing.mutation.proposed_tests import proposed_tests
from followcue.testing.suite import read_suite
from test_mutation import _slowly

VOCABULARY = """\
pack: {name: desk}
situation:
  scope: call
  whole: desk
  records:
    call: {in: calls, says: A call., fields: {age: number, kind: kind, town: text}}
  events: [calls.events, events]
types: {kind: {one of: [fault, question, praise]}}
events:
  asked: {says: Somebody asked., fields: {until: date}}
conclusions:
  grade: {says: How grave it is., fields: {of: text, weight: number}}
  band: {says: A band., of: desk, fields: {low: number, high: number, name: text}}
  named: {says: The name of a band., fields: {name: text}}
actions:
  answer: {title: Answer}
  wait: {title: Wait}
  phone: {title: Phone}
parameters:
  old: {says: Old., value: 60, profiles: {strict: 40}, cites: [own default]}
profiles:
  mild: {says: Mild., default: true}
  strict: {says: Strict.}
"""

RULES = """\
tables:
  grading:
    cites: [own default]
    hit: first
    when:
      - call: {age: $age, kind: $kind}
    columns: [$kind, $age, of, weight]
    conclude: grade
    rows:
      - [praise, any, none, 0]
      - [any, at least old, high, 5]
      - [fault, less than 18, high, 4]
      - [any, any, low, 1]
  acting:
    title: See to the call
    cites: [own default]
    allow: [FC356]
    hit: only
    when:
      - grade: {of: $grade}
      - maybe asked: {until: $until}
    columns: [$grade, $until, action, priority]
    recommend: {open: today}
    rows:
      at-once: [high, any, phone, urgent]
      in-time: [low, present, answer, any]
      some-day: [low, absent, wait, low]
"""

TESTS = """\
tests:
  by-grade:
    situation:
      as_of: 2026-03-10
      calls:
        ann: {age: 60, kind: question}
        bob: {age: 17, kind: fault}
        cat: {age: 18, kind: fault}
        dan: {age: 59, kind: question, events: [{date: 2026-03-01, event: asked, until: 2026-03-12}]}
        eve: {age: 61, kind: praise}
        fay: {age: 61, kind: fault}
    expect:
      - {action: phone, call: ann, priority: urgent}
      - {action: phone, call: bob, rules: [acting/at-once]}
      - {action: phone, call: fay}
      - {action: wait, call: cat, priority: low}
      - {action: answer, call: dan, priority: normal}
"""

WAITING = """\
rules:
  never-phone:
    title: Wait
    when: [call: {age: more than 60}]
    recommend: {action: wait}
    overrides: [acting]
"""

SITUATION = """\
as_of: 2026-03-10
calls:
  ann: {age: 60, kind: question}
  bob: {age: 17, kind: fault}
  cat: {age: 18, kind: fault}
  eve: {age: 61, kind: praise}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("desk", RULES, TESTS)
    Path("situation.yaml").write_text(SITUATION, "utf-8")
    return tmp_path


def write(folder: str, rules: str, tests: str = "", vocabulary: str | None = VOCABULARY) -> None:
    Path(folder, "tests").mkdir(parents=True, exist_ok=True)
    Path(folder, "rules.yaml").write_text(rules, "utf-8")
    if vocabulary is not None:
        Path(folder, "vocabulary.yaml").write_text(vocabulary, "utf-8")
    if tests:
        Path(folder, "tests", "tests.yaml").write_text(tests, "utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


def grades(*folders: str, **options: Any) -> dict[str, str]:
    report = evaluate(Path("situation.yaml"), load_pack(*folders, cache=False), **options).to_dict()
    return {found["call"]: found["rules"][0] for found in report["conclusions"] if found["fact"] == "grade"}


# --- layers
def test_the_first_row_that_fits_counts(desk: Path) -> None:
    assert grades("desk") == {
        "ann": "grading/row-2",
        "bob": "grading/row-3",
        "cat": "grading/row-4",
        "eve": "grading/row-1",
    }


def test_a_row_taken_away_by_a_layer_leaves_its_cases_to_the_rows_below(desk: Path) -> None:
    write("mine", "disable: [grading/row-1, grading/row-3]\n", vocabulary=None)
    assert grades("desk", "mine") == {
        "ann": "grading/row-2",
        "bob": "grading/row-4",
        "cat": "grading/row-4",
        "eve": "grading/row-2",
    }


def test_a_layer_refines_all_rows_replaces_the_table_or_takes_it_away(desk: Path) -> None:
    refined = "rules:\n  grown-ups:\n    refines: grading\n    when: [call: {age: at least 18}]\n"
    write("narrow", refined, vocabulary=None)
    assert grades("desk", "narrow").keys() == {"ann", "cat", "eve"}
    other = RULES.partition("  acting:")[0].replace("grading:", "other:\n    replaces: grading")
    write("other", other, vocabulary=None)
    assert grades("desk", "other")["ann"] == "other/row-2"
    write("none", "disable: [grading]\n", vocabulary=None)
    assert grades("desk", "none") == {}


def test_to_override_a_table_is_to_override_each_of_its_rows(desk: Path) -> None:
    write("mine", WAITING, vocabulary=None)
    rules = {rule.id: rule for rule in load_pack("desk", "mine", cache=False).rules}
    assert [m.name for m in rules["never-phone"].overrides] == [
        "acting/at-once",
        "acting/in-time",
        "acting/some-day",
    ]


def test_parameters_in_cells_follow_the_profile(desk: Path) -> None:
    Path("situation.yaml").write_text(SITUATION.replace("age: 18", "age: 41"), "utf-8")
    assert grades("desk")["cat"] == "grading/row-4"
    assert grades("desk", profile="strict")["cat"] == "grading/row-2"


# --- tests, coverage, mutation
def test_the_rows_are_covered_and_their_bounds_are_told(desk: Path) -> None:
    told = run("test", "--rules", "desk", "--coverage").stdout
    assert "rules that led to something: 7 of 7" in told
    notes = [line.strip()[2:] for line in told.splitlines() if line.strip().startswith("^")]
    assert "`$age: less than 18`: never just above" in notes
    assert "`$age: less than 18`: never just below" not in notes
    assert not [note for note in notes if "at least old" in note]


def test_a_row_without_a_test_is_told_once_and_not_the_conditions_of_each_row(desk: Path) -> None:
    write("desk", RULES, TESTS.replace("        eve: {age: 61, kind: praise}\n", ""))
    found = [f"{one.finding.diagnostic.code} {one.finding.rule}" for one in check(["desk"]).told]
    assert [said for said in found if not said.startswith("FC33")] == ["FC361 grading/row-1"]


def test_mutation_changes_cells_what_they_give_and_what_rows_share(desk: Path) -> None:
    said = [f"{mutant.rule}: {mutant.says}" for mutant in mutants_of(load_pack("desk", cache=False))]
    assert "grading/row-3: `$age: less than 18` is left out" in said
    assert "grading/row-3: `$age: less than 18` becomes `$age: less than 17`" in said
    assert "grading/row-1: the row `grading/row-1` is left out" in said
    assert "grading/row-1: `of: none` becomes `of: high`" in said
    assert "grading/row-2: `weight: 5` becomes `weight: 6`" in said
    assert "acting/at-once: `priority: urgent` becomes `priority: low`" in said
    assert "acting/in-time: `action: answer` becomes `action: wait`" in said
    shared = "acting/at-once: `maybe asked: {until: $until}` becomes `asked: {until: $until}` in all rows"
    assert shared in said
    assert len(said) == len(set(said))


def test_a_row_that_changes_in_a_table_of_first_hits_changes_the_rows_below(desk: Path) -> None:
    mutants = {mutant.says: mutant for mutant in mutants_of(load_pack("desk", cache=False))}
    assert mutants["`$kind: praise` is left out"].others == (
        "grading/row-2",
        "grading/row-3",
        "grading/row-4",
    )
    assert mutants["`$grade: high` is left out"].others == ()


def test_trials_of_tables_come_out_as_whole_evaluations_would(desk: Path) -> None:
    loaded = load_pack("desk", cache=False)
    tests = [grounded(loaded, scenario) for scenario in read_suite(find_tests((), ("desk",), ()), loaded)]
    mutants = mutants_of(loaded)
    found = noticed_by(loaded, tests, mutants)
    assert found == _slowly(loaded, tests, mutants)
    assert 0.5 < sum(name is not None for name in found) / len(mutants) < 1


def test_a_proposed_test_has_a_name_that_can_be_pasted(desk: Path) -> None:
    mutant = next(m for m in mutants_of(load_pack("desk", cache=False)) if m.rule == "grading/row-2")
    killing = KillingSituation({"as_of": "2026-03-10", "calls": {}}, ({"action": "wait"},), (), None)
    assert dict(proposed_tests([Survivor(mutant, killing)])).keys() == {"grading-row-2-1"}


# --- explanations
def test_why_names_the_row_with_its_line(desk: Path) -> None:
    told = run("why", "situation.yaml", "phone", "--rules", "desk")
    row = 1 + RULES.splitlines().index("      - [any, at least old, high, 5]")
    assert f"by rule grading/row-2 (own default; desk/rules.yaml:{row})" in told.stdout
    assert "and age of call 60 at least old\n" in told.stdout
    assert "and kind of call question is not praise" in told.stdout


def test_why_not_tells_which_cell_does_not_fit(desk: Path) -> None:
    Path("situation.yaml").write_text("as_of: 2026-03-10\ncalls:\n  cat: {age: 18, kind: fault}\n", "utf-8")
    told = run("why-not", "situation.yaml", "phone", "--rules", "desk").stdout
    assert "Set `age:" in told
    assert "does not hold: of of grade low is high" in told


# --- values, comparisons, pages
def test_a_table_of_values_is_concluded_once(desk: Path) -> None:
    rules = """\
tables:
  bands:
    columns: [low, high, name]
    conclude: band
    rows: [[0, 18, young], [18, 60, "grown up"], [60, 200, old]]
rules:
  named-so:
    when: [call: {age: $age}, band: {low: at most $age, high: more than $age, name: $name}]
    conclude: {named: {name: $name}}
"""
    write("desk", rules)
    found = evaluate(Path("situation.yaml"), load_pack("desk", cache=False)).to_dict()["conclusions"]
    assert [one["fields"]["name"] for one in found if one["fact"] == "band"] == ["young", "grown up", "old"]
    named = {one["call"]: one["fields"]["name"] for one in found if one["fact"] == "named"}
    assert named == {"ann": "old", "bob": "young", "cat": "grown up", "eve": "old"}


def test_two_versions_of_a_table_differ_by_cell(desk: Path) -> None:
    write("new", RULES.replace("fault, less than 18", "fault, less than 21"), TESTS)
    told = run("diff", "desk", "new", "--generated", "60").stdout
    assert "rule `grading/row-3`: the condition `$age: less than 18` is now `$age: less than 21`" in told
    assert "rule `grading/row-4`: the rows above ask for something else" in told


def test_the_catalogue_shows_the_table_and_marks_the_row(desk: Path) -> None:
    loaded = load_pack("desk", cache=False)
    made = dict(pages(catalogue(loaded, (), {})))
    page = made["rule-grading.row-2.html"]
    assert "the first row that fits counts" in page
    assert '<tr aria-current="true"><th scope="row"><strong>row-2</strong></th><td>any</td>' in page
    assert "<td>less than 18</td>" in page
    links = {name for text in made.values() for name in re.findall(r'href="(rule-[^"#]+)"', text)}
    assert links <= made.keys()


def test_too_many_pairs_of_rows_are_refused(desk: Path) -> None:
    rows = "".join(f"      - [any, any, x, {number}]\n" for number in range(220))
    head = RULES.partition("      - [praise")[0]
    write("desk", head + rows)
    with pytest.raises(InvalidInput, match="FC353"):
        load_pack("desk", cache=False)
    rows = "".join(f"      - [any, {number}, x, {number}]\n" for number in range(300))
    write("desk", head + rows)
    assert len(load_pack("desk", cache=False).rules) == 300
