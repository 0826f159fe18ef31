"""Working days, public holidays and time zones, across rules, waits, plans and calendar files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import followcue
from fenced import answers, blocks, write_files
from followcue import cli
from followcue.assistant.plan.calendar.items import items
from followcue.assistant.plan.plan import plan
from followcue.base import clock
from followcue.base.calendar import WorkingDays, calendar_of
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.document import Document
from followcue.synthesis.sampling.situations import situations

pytest.importorskip("holidays")

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "calendars.md"
WORKING = {"count": "working_days", "holidays": "DE-BY"}


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack()


@cache
def bavaria() -> WorkingDays:
    found = calendar_of(WORKING)
    assert found is not None
    return found


def situation(*events: dict[str, Any], **keys: Any) -> dict[str, Any]:
    contacts = {"dana": {"name": "Dana Ruiz", "role": "recruiter"}}
    return {
        **keys,
        "applications": {"acme": {"company": "Acme", "contacts": contacts, "events": list(events)}},
    }


# --- which days count
def test_a_part_of_a_country_has_days_of_its_own() -> None:
    berlin = calendar_of({"count": "working_days", "holidays": "DE-BE"})
    assert berlin is not None
    epiphany, sunday, new_year = (date(2027, 1, day).toordinal() for day in (6, 3, 1))
    assert berlin.is_working_day(epiphany)
    assert not bavaria().is_working_day(epiphany)
    assert not any(
        calendar.is_working_day(day) for calendar in (berlin, bavaria()) for day in (sunday, new_year)
    )


DAYS = st.integers(date(2026, 11, 1).toordinal(), date(2027, 2, 28).toordinal())


@given(one=DAYS, other=DAYS, by=st.integers(-12, 12), more=st.integers(0, 3))
@settings(max_examples=300, derandomize=True, database=None, deadline=None)
def test_to_move_a_day_never_turns_the_order(one: int, other: int, by: int, more: int) -> None:
    # Plans look for the day on which a comparison turns by halves, which is right for this reason alone.
    shift = bavaria().shift
    first, second = sorted((one, other))
    assert shift(first, by) <= shift(second, by)
    assert shift(one, by) <= shift(one, by + more)
    assert by == 0 or bavaria().is_working_day(shift(one, by))
    assert bavaria().on_or_after(one) == shift(shift(one, -1), 1)


@pytest.mark.parametrize("year", [1900, 2026, 2200])
@pytest.mark.parametrize("region", ["DE-BY", "IN", "SA", "US-NY"])
def test_years_far_away_have_weekends_at_least(region: str, year: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calendar = calendar_of({"count": "working_days", "holidays": region})
        assert calendar is not None
        day = calendar.shift(date(year, 12, 20).toordinal(), 10)
    assert date.fromordinal(day).weekday() < 5
    assert date(year, 12, 20).toordinal() + 12 <= day <= date(year, 12, 20).toordinal() + 30


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("XX", "use a code such as `DE`, or `DE-BY` for a part of it"),
        ("de-by", "did you mean `DE-BY`?"),
        ("DE-BX", "the parts of `DE` are BB, BE, BW, BY, HB,"),
        ("VA-9", "`VA` has no parts: leave it at that"),
        ("utils", "use a code"),
        ("HolidayBase", "use a code"),
        ("__name__", "use a code"),
    ],
)
def test_holidays_that_nobody_knows_are_refused(region: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        calendar_of({"count": "working_days", "holidays": region})
    (problem,) = refused.value.diagnostics
    assert (problem.code, problem.message) == ("FC602", f"no public holidays are known for `{region}`")
    assert hint in str(problem.hint)


# --- across rules, waits, plans and calendar files
def test_a_wait_lasts_till_the_working_day_on_which_the_next_step_opens() -> None:
    held = {"date": "2026-11-02", "event": "interview", "id": "talk", "with": ["dana"]}
    frozen = {"date": "2026-11-03", "event": "hiring_freeze", "until": "2026-11-21"}  # a Saturday
    for day in range(18, 24):
        report = followcue.evaluate(
            situation(held, frozen), shipped(), as_of=date(2026, 11, day), parameters=WORKING
        )
        waits = [action.until for action in report.actions if action.action == "wait"]
        (asks,) = (action for action in report.actions if action.action == "reengage")
        assert asks.open == date(2026, 11, 23)
        assert (waits, asks.status) == (([asks.open], "upcoming") if day < 23 else ([], "due"))


def test_nothing_opens_and_no_wait_ends_on_a_free_day() -> None:
    calendar = bavaria()
    for data in islice(situations(shipped(), seed=11), 12):
        course = plan(shipped(), Document.of(data), days=40, parameters=WORKING)
        for step in course.steps:
            for action in step.report.actions:
                for day in (action.open, action.until):
                    assert day is None or calendar.is_working_day(day.toordinal()), action
                assert action.due is None or action.open is None or action.due >= action.open
        dated = str(data)  # what happens on a free day may open something on it
        opened = [entry.day for entry in course.plan.entries if entry.change == "opens" and entry.action]
        assert all(calendar.is_working_day(d.toordinal()) or str(d) in dated for d in opened)


def test_a_calendar_file_has_the_days_of_the_plan() -> None:
    promised = {"date": "2026-12-21", "event": "timeline_promised", "by": "2026-12-31", "from": "dana"}
    course = plan(shipped(), Document.of(situation(promised, as_of="2026-12-22")), parameters=WORKING)
    (asked,) = (i for i in items(course, shipped().pack.vocabulary) if i.key[0] == "check_status")
    assert (asked.first, asked.last) == (date(2027, 1, 4), date(2027, 1, 12))


# --- whose today
def moment(text: str) -> Any:
    """A clock that stands still."""

    def now(zone: tzinfo | None) -> datetime:
        here = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return here.astimezone(zone) if zone else here

    return now


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/New_York", 20), ("UTC", 21), ("Europe/Berlin", 21), ("Pacific/Kiritimati", 21), (None, 21)],
)
def test_today_is_another_day_elsewhere(zone: str | None, day: int) -> None:
    assert clock.today(zone, now=moment("2026-11-21T04:30:00")) == date(2026, 11, day)
    assert clock.today("Pacific/Kiritimati", now=moment("2026-11-21T10:00:00")) == date(2026, 11, 22)


def test_the_file_names_the_zone_and_an_option_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    real = clock.today

    def today(zone: str | None = None) -> date:
        asked.append(zone)
        return real(zone, now=moment("2026-11-21T04:30:00"))

    text = "timezone: America/New_York\napplications: {}\n"
    assert followcue.evaluate(text, shipped(), today=today).as_of == date(2026, 11, 20)
    monkeypatch.setattr(clock, "today", today)
    for command in ("evaluate", "plan", "export"):
        result = CliRunner().invoke(cli.main, [command, "-", "--timezone", "Europe/Berlin"], input=text)
        assert result.exit_code == 0, result.output
        assert asked[-1] == "Europe/Berlin"


def test_a_zone_that_nobody_knows_has_a_place() -> None:
    for wrong in ("Mars/Olympus", "", "../etc/passwd", "Europe/", 5):
        with pytest.raises(InvalidInput) as refused:
            followcue.plan({"timezone": wrong, "applications": {}}, shipped())
        assert [(p.code, p.where) for p in refused.value.diagnostics] == [("FC604", "timezone")]


# --- the page
def test_the_page_shows_what_the_program_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    write_files(PAGE, "yaml", tmp_path)
    shown = [block for block in blocks(PAGE) if block.label == "console"]
    assert len(shown) == 4
    for block in shown:
        assert answers(block) == block.text
