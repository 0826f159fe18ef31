"""A plan is what evaluating every single day gives: on made-up programs, made-up situations, the examples."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derivations import normal
from followcue.assistant.done_event import DoneEvent, with_event
from followcue.assistant.plan.agenda import AgendaEntry
from followcue.assistant.plan.changes import entries, in_order
from followcue.assistant.plan.course import Period, undated
from followcue.assistant.plan.plan import PlannedCourse, days_named, plan
from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.advice.report import Reason, Report
from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.evaluation.next_change.watch_clauses import watched_program
from followcue.evaluation.next_change.watching_program import ProgramWatcher, WatchingProgram
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_file
from followcue.language.logic.program import (
    Arith,
    Atom,
    Civil,
    Compare,
    Const,
    Expr,
    Extreme,
    Junction,
    Param,
    Shift,
    Today,
)
from followcue.synthesis.sampling.situations import Size, situations
from generated_programs import TODAY, Case, cases

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DAY = timedelta(days=1)
LARGE = int(os.environ.get("FOLLOWCUE_PLANS", "3000"))
QUICKLY = settings(max_examples=40, derandomize=True, database=None, deadline=None)
AT_LENGTH = settings(
    max_examples=LARGE, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
COUNTS: tuple[dict[str, str], ...] = (
    {},
    {"count": "working_days"},
    {"count": "working_days", "holidays": "DE-BY"},
)


# --- programs
def check_watches(case: Case) -> None:
    """Until the day that the watches name, the plainest matcher derives the same on each day."""
    made = watched_program(case.program)
    watching = WatchingProgram.of(made, CompiledMatcher(made.program))
    last = TODAY + 6
    watcher = ProgramWatcher(watching, last)
    reference = ReferenceMatcher(case.program)
    until, expected = 0, None
    for day in range(TODAY - 4, last + 1):
        environment = case.environment._replace(today=day)
        try:
            now = normal(reference.run(case.facts, environment))
            if day < until:
                assert now == expected, f"on day {day - TODAY} of one until {until - TODAY}"
                continue
            found, until = watcher.derive(case.facts, environment)
            expected = normal(found)
        except LimitExceeded:
            return
        assert now == expected
        assert until > day


def by_the_day(case: Case) -> Case:
    """The case with many more comparisons with the day: one near it for every fixed day in a condition."""
    program = case.program
    clauses = tuple(
        replace(
            clause,
            body=tuple(map(_atom_by_the_day, clause.body)),
            aggregates=tuple(replace(a, atom=_atom_by_the_day(a.atom)) for a in clause.aggregates),
            negated=tuple(map(_atom_by_the_day, clause.negated)),
            guards=tuple(map(_by_the_day, clause.guards)),
        )
        for clause in program.clauses
    )
    return replace(case, program=replace(program, clauses=clauses))


def _atom_by_the_day(atom: Atom) -> Atom:
    tests = (
        replace(test, value=_by_the_day(test.value)) if isinstance(test.value, Expr) else test
        for test in atom.tests
    )
    return replace(atom, tests=tuple(tests))


def _by_the_day(expr: Expr) -> Expr:
    match expr:
        case Const(int(value)) if abs(value - TODAY) < 10:
            return Shift(Today(), Const(value - TODAY), 1) if value != TODAY else Today()
        case Param(name) if name.startswith("date"):
            return Today()
        case Arith() | Compare():
            return replace(expr, left=_by_the_day(expr.left), right=_by_the_day(expr.right))
        case Shift():
            return replace(expr, day=_by_the_day(expr.day), by=_by_the_day(expr.by))
        case Civil() | Extreme() | Junction():
            return replace(expr, items=tuple(map(_by_the_day, expr.items)))
        case _:
            return expr


@pytest.mark.slow
@QUICKLY
@given(case=cases())
def test_nothing_changes_before_a_watch_says_so(case: Case) -> None:
    check_watches(case)
    check_watches(by_the_day(case))


@pytest.mark.large
@AT_LENGTH
@given(case=cases())
def test_nothing_changes_before_a_watch_says_so_at_length(case: Case) -> None:
    check_watches(case)
    check_watches(by_the_day(case))


# --- situations
def check_plan(
    loaded: LoadedPack, document: Document, days: int, parameters: Mapping[str, object]
) -> PlannedCourse:
    """The plan has the reports of every single day, and the agenda that they make."""
    course = plan(loaded, document, Options(parameters=parameters), days=days, assume="silence")
    reports = list(every_day(loaded, course, parameters))
    steps = iter(course.steps)
    step = next(steps)
    following = next(steps, None)
    for report in reports:
        if following is not None and following.day == report.as_of:
            step, following = following, next(steps, None)
        assert undated(step.report) == undated(report), report.as_of
    assert following is None
    given = [entry for entry in course.plan.entries if entry.change == "event"]
    assert course.plan.entries == in_order([*agenda(loaded, course, reports), *given])
    return course


def every_day(
    loaded: LoadedPack, course: PlannedCourse, parameters: Mapping[str, object]
) -> Iterator[Report]:
    day = course.plan.as_of
    while day <= course.plan.until:
        report = evaluate(loaded, course.document, Options(day, parameters=parameters))
        yield report._replace(warnings=tuple(w for w in report.warnings if "is not counted yet" not in w))
        day += DAY


def agenda(loaded: LoadedPack, course: PlannedCourse, reports: list[Report]) -> list[AgendaEntry]:
    """The agenda told from a report of each day."""
    whole = loaded.reader.read(course.document, as_of=course.plan.until, today=lambda zone: date.max)
    last = course.plan.until
    return list(
        entries([Period(report) for report in reports], last, days_named(whole), loaded.pack.vocabulary)
    )


def placeless(data: Any) -> Any:
    """A report as data without lines, which what is supposed has none of, and without warnings."""
    if isinstance(data, Report):
        return placeless(data._replace(warnings=()).to_dict())
    if isinstance(data, dict):
        return {key: placeless(value) for key, value in data.items() if key != "line"}
    return [placeless(item) for item in data] if isinstance(data, list) else data


@cache
def pack(*packs: str) -> LoadedPack:
    return load_pack(packs=packs)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_planned_as_it_is_evaluated_day_by_day(example: Path) -> None:
    parameters = COUNTS[EXAMPLES.index(example) % 3]
    course = check_plan(pack(), read_file(example), 40, parameters)
    assert len(course.steps) < 30


@pytest.mark.large
@pytest.mark.parametrize("parameters", COUNTS, ids=str)
@pytest.mark.parametrize("packs", [(), ("common-practice",)], ids=str)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_four_hundred_days_of_an_example(
    example: Path, packs: tuple[str, ...], parameters: dict[str, str]
) -> None:
    check_plan(pack(*packs), read_file(example), 400, parameters)


def made_up(count: int, seed: int) -> Iterator[tuple[LoadedPack, Document, int, dict[str, Any]]]:
    """Situations of both packs, with every calendar in turn."""
    for packs in ((), ("common-practice",)):
        made = situations(pack(*packs), seed, Size(goals=3, noise=6))
        for number, data in enumerate(islice(made, count)):
            yield pack(*packs), Document.of(data), 45, dict(COUNTS[number % 3])


@pytest.mark.slow
def test_a_made_up_situation_is_planned_as_it_is_evaluated_day_by_day() -> None:
    for loaded, document, days, parameters in made_up(4, seed=5):
        check_plan(loaded, document, days, parameters)


@pytest.mark.large
@pytest.mark.parametrize("seed", range(4))
def test_made_up_situations_at_length(seed: int) -> None:
    for loaded, document, days, parameters in made_up(LARGE // 10, seed=100 + seed):
        check_plan(loaded, document, days, parameters)


# --- with what is arranged
def check_arranged(
    loaded: LoadedPack, document: Document, days: int, parameters: Mapping[str, object]
) -> PlannedCourse:
    """Each day has the report of the appointments before it, and later that of its own as well."""
    course = plan(loaded, document, Options(parameters=parameters), days=days)
    kept = [(entry.day, entry.supposed) for entry in course.plan.entries if entry.supposed]
    day = course.plan.as_of
    while day <= course.plan.until:
        begun = [step for step in course.steps if step.day < day or (step.day == day and not step.later)][-1]
        ended = [step for step in course.steps if step.day <= day][-1]
        before = [event for on, event in kept if on < day]
        after = [event for on, event in kept if on <= day]
        assert placeless(undated(begun.report)) == on_day(loaded, document, before, day, parameters), day
        assert placeless(undated(ended.report)) == on_day(loaded, document, after, day, parameters), day
        day += DAY
    return course


def on_day(
    loaded: LoadedPack,
    document: Document,
    supposed: list[Reason],
    day: date,
    parameters: Mapping[str, object],
) -> Any:
    """The report of a day on which these events have happened as well."""
    for said in supposed:
        event = DoneEvent(said.fact, said.scope, said.date, said.fields)
        document = with_event(document, loaded.pack.vocabulary, event)
    return placeless(undated(evaluate(loaded, document, Options(day, parameters=parameters))))


def with_appointments(count: int, seed: int) -> Iterator[tuple[LoadedPack, Document, int, dict[str, Any]]]:
    """Made-up situations in which something is arranged for a day ahead, some for the first day."""
    for number, (loaded, document, days, parameters) in enumerate(made_up(count, seed)):
        data: Any = document.data
        today = date.fromisoformat(data["as_of"])
        for place, (name, record) in enumerate(data["applications"].items()):
            ahead = {
                "date": str(today - DAY),
                "event": "interview_scheduled",
                "id": "planned",
                "for": str(today + (number + place) % 5 * 4 * DAY),
            }
            record = {**record, "events": [*record.get("events", ()), ahead]}
            data = {**data, "applications": {**data["applications"], name: record}}
        yield loaded, Document.of(data), days, parameters


@pytest.mark.parametrize("example", EXAMPLES[1::4], ids=lambda path: path.stem)
def test_what_is_arranged_takes_place_on_its_day(example: Path) -> None:
    check_arranged(pack(), read_file(example), 30, COUNTS[0])


@pytest.mark.slow
def test_what_is_arranged_in_a_made_up_situation_takes_place_on_its_day() -> None:
    courses = [check_arranged(*made) for made in with_appointments(3, seed=11)]
    assert any(step.later for course in courses for step in course.steps)


@pytest.mark.large
@pytest.mark.parametrize("seed", range(4))
def test_made_up_appointments_at_length(seed: int) -> None:
    for made in with_appointments(LARGE // 40, seed=200 + seed):
        check_arranged(*made)


# --- with everything done
@pytest.mark.parametrize("example", EXAMPLES[1::3], ids=lambda path: path.stem)
def test_what_is_supposed_is_a_situation_like_any_other(example: Path) -> None:
    course = plan(pack(), read_file(example), days=45, assume="done")
    supposed = [entry for entry in course.plan.entries if entry.change == "supposed"]
    assert supposed
    again = plan(pack(), course.document, days=45)
    assert [placeless(step.report) for step in again.steps] == [placeless(s.report) for s in course.steps]
    written = sum(
        len(record.get("events") or ())
        for record in [course.document.data, *course.document.data["applications"].values()]  # type: ignore[call-overload,index]
    )
    before = read_file(example).data
    read = sum(len(r.get("events") or ()) for r in [before, *before["applications"].values()])  # type: ignore[call-overload,index]
    kept = [entry for entry in course.plan.entries if entry.supposed]
    assert written == read + len(supposed) + len(kept)


@given(days=st.integers(-5, 400), until=st.dates(date(2026, 1, 1), date(2027, 1, 1)))
@settings(max_examples=20, derandomize=True, database=None, deadline=None)
def test_where_a_plan_ends_is_either_right_or_refused(days: int, until: date) -> None:
    situation = Document.of({"as_of": "2026-06-01", "applications": {}})
    for options in ({"days": days}, {"until": until}):
        try:
            made = plan(pack(), situation, **options).plan  # type: ignore[arg-type]
        except InvalidInput as refused:
            made = None
            codes = [problem.code for problem in refused.diagnostics]
        if made is None:
            assert codes == ["FC630"]
        else:
            assert made.until in (until, date(2026, 6, 1) + timedelta(days=days))
