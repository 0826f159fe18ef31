"""Months and years: days moved on the calendar, ages, weekdays, ends of months, days that come each year."""

from __future__ import annotations

from calendar import day_name, monthrange
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import followcue
from followcue.authoring.lint.check import check
from followcue.base.civil import (
    first_of_month,
    last_of_month,
    months_after,
    months_before,
    months_between,
    next_anniversary,
    next_yearly,
    weekday_of,
    years_between,
)
from followcue.base.limits import LimitExceeded
from followcue.base.values import format_period, parse_period
from followcue.evaluation.match.registry import MATCHERS
from followcue.language.documents.read import read_document
from followcue.synthesis.solver.witness import situation_for
from followcue.testing.mutate import MutationPlan, run_mutation
from followcue.testing.mutation.mutation import grounded
from followcue.testing.suite import read_suite

DAYS = st.integers(date(1600, 1, 1).toordinal(), date(2400, 1, 1).toordinal())
MONTHS = st.integers(-3000, 3000)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


# --- the calendar by itself
@given(DAYS, MONTHS)
def test_a_day_moved_is_the_same_day_of_its_month_or_the_last(start: int, months: int) -> None:
    moved, given_ = date.fromordinal(months_after(start, months)), date.fromordinal(start)
    assert (moved.year - given_.year) * 12 + moved.month - given_.month == months
    assert moved.day == min(given_.day, monthrange(moved.year, moved.month)[1])
    assert months_before(start, -months) == moved.toordinal()


@given(DAYS, DAYS, MONTHS)
def test_an_age_and_a_birthday_agree(start: int, end: int, number: int) -> None:
    assert (months_between(start, end) >= number) == (months_after(start, number) <= end)
    assert (years_between(start, end) >= number // 12) == (months_after(start, number // 12 * 12) <= end)


@given(DAYS, DAYS, st.integers(0, 60))
def test_no_move_puts_an_earlier_day_after_a_later_one(one: int, other: int, months: int) -> None:
    first, second = sorted((one, other))
    assert months_after(first, months) <= months_after(second, months)
    assert first_of_month(first) <= first_of_month(second)
    assert last_of_month(first) <= last_of_month(second)
    assert next_yearly(one, first) <= next_yearly(one, second)
    assert next_anniversary(one, first) <= next_anniversary(one, second)


@given(DAYS)
def test_weekdays_and_ends_are_those_of_the_calendar(number: int) -> None:
    known = date.fromordinal(number)
    assert weekday_of(number) == day_name[known.weekday()].lower()
    assert date.fromordinal(first_of_month(number)) == known.replace(day=1)
    assert date.fromordinal(last_of_month(number)) == known.replace(
        day=monthrange(known.year, known.month)[1]
    )


@given(DAYS, DAYS)
def test_a_day_of_each_year_is_the_first_from_there_on(kept: int, first: int) -> None:
    found = next_yearly(kept, first)
    assert first <= found <= first + 366
    years = date.fromordinal(found).year - date.fromordinal(kept).year
    assert found == months_after(kept, 12 * years)
    assert months_after(kept, 12 * (years - 1)) < first
    assert next_anniversary(kept, first) == max(kept, found)


@pytest.mark.parametrize(
    ("start", "months", "moved"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2008-02-29", 12 * 18, "2026-02-28"),
        ("2016-02-29", 120, "2026-02-28"),
        ("2026-05-31", -3, "2026-02-28"),
        ("2008-02-10", 216, "2026-02-10"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_the_days_that_are_told(start: str, months: int, moved: str) -> None:
    assert months_after(day(start), months) == day(moved)


@given(st.integers(0, 12_000))
def test_a_period_is_read_as_it_is_written(months: int) -> None:
    assert parse_period(format_period(months)) == months


@pytest.mark.parametrize("text", ["6 Months", "6months", "1001 years", "-1 month", "1.5 years", "6 days", ""])
def test_nothing_else_is_a_period(text: str) -> None:
    assert parse_period(text) is None


# --- rules
VOCABULARY = """
pack: {name: office, title: Visas and shots}
situation:
  scope: person
  whole: office
  records:
    person: {in: people, says: Somebody., fields: {born: date}}
  events: [people.events]
events:
  granted: {says: A visa was granted., fields: {until: date, for: period}}
conclusions:
  aged: {says: How old., fields: {years: number}}
  moved: {says: A day., fields: {day: date}}
actions:
  act: {title: Act}
parameters:
  ahead: {says: How early., value: 6 months, profiles: {early: 1 year}, cites: [own default]}
profiles: {usual: {default: true, says: Usual.}, early: {says: Early.}}
"""


def pack(folder: Path, rules: str) -> Path:
    (folder / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    return folder


def act(*conditions: str, head: str = "action: act") -> str:
    listed = "\n".join(f"      - {condition}" for condition in conditions)
    return (
        f"rules:\n  act:\n    title: Act\n    cites: [own default]\n    when:\n{listed}\n"
        f"    recommend: {{{head}}}\n"
    )


def person(as_of: str, born: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"as_of": as_of, "people": {"ann": {"born": born, "events": list(events)}}, **more}


ADULT = act("person: {born: $born}", "where: $born + 18 years on or before today")
AGED = """
rules:
  aged:
    cites: [own default]
    when: [person: {born: $born}]
    conclude: {aged: {years: years from $born to today}}
  act:
    title: Act
    cites: [own default]
    when: [aged: {years: at least 18}]
    recommend: {action: act}
"""


@pytest.mark.parametrize("rules", [ADULT, AGED], ids=["moved", "counted"])
@pytest.mark.parametrize(
    ("born", "first"),
    [("2008-02-10", "2026-02-10"), ("2008-02-29", "2026-02-28"), ("2007-03-01", "2025-03-01")],
)
def test_of_age_from_the_birthday_on(rules: str, born: str, first: str, tmp_path: Path) -> None:
    loaded = followcue.load_pack(pack(tmp_path, rules), cache=False)
    eve = (date.fromisoformat(first) - timedelta(1)).isoformat()
    for matcher in MATCHERS:
        try:
            for as_of, due in ((eve, 0), (first, 1)):
                report = followcue.evaluate(person(as_of, born), rules=loaded, matcher=matcher)
                assert len(report.actions) == due
        except followcue.MatcherUnavailable as error:
            pytest.skip(str(error))
    planned = followcue.plan(person(eve, born), loaded, days=3)
    assert planned.to_dict()["entries"][0]["date"] == first


def test_windows_and_parameters_by_months(tmp_path: Path) -> None:
    head = "action: act, open: $until - ahead, due: last day of month of ($until - 1 month), close: $until"
    loaded = followcue.load_pack(pack(tmp_path, act("granted: {until: $until}", head=head)), cache=False)
    granted = {"date": "2026-02-01", "event": "granted", "until": "2026-08-31"}
    situation = person("2026-02-28", "1990-01-01", granted)
    (action,) = followcue.evaluate(situation, rules=loaded).actions
    assert [str(found) for found in (action.open, action.due, action.close)] == [
        "2026-02-28",
        "2026-07-31",
        "2026-08-31",
    ]
    (early,) = followcue.evaluate(situation, rules=loaded, parameters={"ahead": "7 months"}).actions
    assert str(early.open) == "2026-01-31"


def test_a_field_may_be_a_period(tmp_path: Path) -> None:
    rules = act(
        "granted: {date: $day, for: $for and at least 1 year}", "where: $day + $for on or before today"
    )
    loaded = followcue.load_pack(pack(tmp_path, rules), cache=False)
    for length, as_of, due in (("12 months", "2025-02-28", 1), ("11 months", "2026-02-28", 0)):
        granted = {"date": "2024-02-29", "event": "granted", "for": length}
        assert len(followcue.evaluate(person(as_of, "1990-01-01", granted), rules=loaded).actions) == due
    wrong = person("2026-01-01", "1990-01-01", {"date": "2024-02-29", "event": "granted", "for": "12months"})
    with pytest.raises(followcue.InvalidInput, match="did you mean `12 months`"):
        followcue.evaluate(wrong, rules=loaded)


def test_a_day_beyond_the_calendar_is_refused_with_its_rule(tmp_path: Path) -> None:
    rules = """
rules:
  far:
    cites: [own default]
    when: [person: {born: $born}]
    conclude: {moved: {day: $born + 1000 years * 9}}
"""
    loaded = followcue.load_pack(pack(tmp_path, rules), cache=False)
    for matcher in MATCHERS:
        try:
            with pytest.raises((LimitExceeded, followcue.InvalidInput), match="far") as refused:
                followcue.evaluate(person("2026-01-01", "1990-01-01"), rules=loaded, matcher=matcher)
        except followcue.MatcherUnavailable as error:
            pytest.skip(str(error))
        assert "9999" in str(refused.value)


# --- what is found without a situation
CAN_BE = [
    "$born + 18 years on or before today",
    "$born + 18 years is today",
    "$born + 18 years before $born + 6575 days",
    "$born + 18 years on or after $born + 6575 days",
    "years from $born to today is 17 and $born + 18 years on or before today + 1 day",
    "months from $born to today at least 7 and months from $born to today less than 8",
    "weekday of $born is sunday and weekday of today is friday",
    "weekday of today is not monday",
    "last day of month of today is today",
    "first day of month of $born is $born and years from $born to today more than 90",
    "next 5 April on or after $born is $born + 10 days",
    "next anniversary of $born on or after today is today and $born before today",
    "next 29 February on or after today is today",
    "$born + ahead is last day of month of $born + 170 days",
]
CANNOT_BE = [
    "$born + 18 years on or before today and $born + 17 years after today",
    "$born + 18 years - $born less than 6573 days",
    "years from $born to today at least 18 and years from $born to today less than 18",
    "years from $born to today at least 18 and today - $born less than 6573 days",
    "$born + 1 month - $born less than 28 days",
    "last day of month of $born before $born",
    "first day of month of $born before $born - 30 days",
    "next anniversary of $born on or after today before today",
    "next 5 April on or after $born after $born + 366 days",
]


@pytest.mark.parametrize("test", CAN_BE)
def test_a_situation_is_made_in_which_it_is_so(test: str, tmp_path: Path) -> None:
    loaded = followcue.load_pack(pack(tmp_path, act("person: {born: $born}", f"where: {test}")), cache=False)
    assert situation_for(loaded, "act") is not None
    assert "FC430" not in {told.finding.diagnostic.code for told in check([str(tmp_path)]).told}


@pytest.mark.parametrize("test", CANNOT_BE)
def test_what_can_never_be_is_told(test: str, tmp_path: Path) -> None:
    pack(tmp_path, act("person: {born: $born}", f"where: {test}"))
    assert "FC430" in {told.finding.diagnostic.code for told in check([str(tmp_path)]).told}


@settings(max_examples=12, derandomize=True, deadline=None)
@given(st.integers(0, 30), st.sampled_from(["months", "years"]), st.sampled_from(["==", "<", ">="]))
def test_ages_on_their_edge_are_found(number: int, unit: str, op: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        test = f"{unit} from $born to today {op} {number} and $born on or before today"
        rules = act("person: {born: $born}", f"where: {test}")
        loaded = followcue.load_pack(pack(Path(folder), rules), cache=False)
        assert (situation_for(loaded, "act") is None) == (op == "<" and number == 0)


def test_every_change_of_an_age_is_noticed_by_a_test_that_is_written_for_it(tmp_path: Path) -> None:
    test = "where: years from $born to today at least 18 and weekday of today is not sunday"
    pack(tmp_path, act("person: {born: $born}", test))
    loaded = followcue.load_pack(tmp_path, cache=False)
    text = "situation: {as_of: 2026-03-02, people: {ann: {}}}\ntests: {nobody: {reject: [act]}}\n"
    (scenario,) = read_suite([read_document(text, "nobody.yaml")], loaded)
    found = run_mutation(loaded, [grounded(loaded, scenario)], plan=MutationPlan(tries=200))
    assert len(found.survivors) > 10
    assert all(survivor.killing is not None for survivor in found.survivors)


@pytest.mark.parametrize(
    ("test", "born", "said"),
    [
        ("$born + 18 years on or before today", "2020-02-29", "2038-02-28"),
        ("years from $born to today at least 60", "2008-02-10", "2068-02-10"),
        ("months from $born to today at least 20", "2026-01-31", "2027-09-30"),
    ],
)
def test_why_not_knows_the_day_years_ahead(test: str, born: str, said: str, tmp_path: Path) -> None:
    loaded = followcue.load_pack(pack(tmp_path, act("person: {born: $born}", f"where: {test}")), cache=False)
    answer = followcue.why_not(person("2026-02-09", born), "act", rules=loaded)
    assert said in str(answer.to_dict())
