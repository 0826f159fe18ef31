"""Plans as people meet them: the agenda, the suppositions, the command, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import followcue
from fenced import answers, blocks, rewrite, run_python, write_files
from followcue import cli
from followcue.assistant.done_event import done_events
from followcue.assistant.plan import forms, suppose
from followcue.assistant.plan.entry_text import EntryDescriber
from followcue.assistant.plan.plan import plan
from followcue.base.civil import FUNCTIONS
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.next_change.next_flip import next_flip
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_file
from followcue.language.documents.schema_check import load_schema
from followcue.language.logic.program import (
    Arith,
    Civil,
    Compare,
    Const,
    Expr,
    Extreme,
    Junction,
    Shift,
    Today,
)

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SILENCE = ROOT / "examples" / "silence-after-promise.yaml"
PAGE = ROOT / "docs" / "plan.md"


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack()


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["plan", *arguments], input=text)


def situation(*events: dict[str, Any], **keys: Any) -> dict[str, Any]:
    contacts = {"dana": {"name": "Dana Ruiz", "role": "recruiter"}}
    acme = {"company": "Acme", "contacts": contacts, "events": list(events)}
    return {"as_of": "2026-11-16", "applications": {"acme": acme}, **keys}


def told(made: followcue.Plan) -> list[tuple[str, str, str]]:
    """Each entry in short: the day, what comes up, and of what."""
    return [
        (
            entry.day.isoformat(),
            entry.change,
            entry.action.action if entry.action else entry.event.fact if entry.event else entry.text,
        )
        for entry in made.entries
    ]


HELD = {"date": "2026-11-09", "event": "interview", "id": "iv", "with": ["dana"]}
THANKED = {"date": "2026-11-09", "event": "thank_you_sent", "to": "dana"}
PROMISED = {"date": "2026-11-09", "event": "timeline_promised", "by": "2026-11-20", "from": "dana"}


# --- what comes up
def test_what_waits_opens_is_due_and_late_stands_on_its_day() -> None:
    made = followcue.plan(situation(HELD, THANKED, PROMISED), shipped(), scope="acme")
    found = [entry for entry in told(made) if entry[2] in ("wait", "check_status", "newest_promise")]
    assert ("2026-11-21", "step", "check_status") in found
    assert [entry for entry in found if entry[1] != "step"] == [
        ("2026-11-16", "waits", "wait"),
        ("2026-11-20", "day", "newest_promise"),
        ("2026-11-21", "opens", "check_status"),
        ("2026-11-26", "due", "check_status"),
        ("2026-11-27", "overdue", "check_status"),
    ]


def test_an_event_that_lies_ahead_counts_from_its_day_on() -> None:
    ahead = {"date": "2026-11-18", "event": "rejected", "from": "dana"}
    made = followcue.plan(situation(HELD, THANKED, PROMISED, ahead), shipped())
    assert ("2026-11-18", "event", "rejected") in told(made)
    assert ("2026-11-18", "opens", "thank_for_rejection") in told(made)
    assert [entry for entry in told(made) if entry[2] == "check_status"] == [
        ("2026-11-18", "ends", "check_status")
    ]
    assert made.warnings == ()


def test_an_appointment_is_a_day_to_know_of() -> None:
    ahead = {"date": "2026-11-10", "event": "interview_scheduled", "id": "iv", "for": "2026-11-25"}
    made = followcue.plan(situation(ahead), shipped())
    (entry,) = (entry for entry in made.entries if entry.change == "day")
    assert (entry.day, entry.text) == (date(2026, 11, 25), "An interview lies ahead.")
    moved = {"date": "2026-11-12", "event": "interview_rescheduled", "interview": "iv", "by": "employer"}
    made = followcue.plan(situation(ahead, {**moved, "to": "2026-11-27"}), shipped())
    assert [entry.day for entry in made.entries if entry.change == "day"] == [date(2026, 11, 27)]


AHEAD = {
    "date": "2026-11-10",
    "event": "interview_scheduled",
    "id": "iv",
    "for": "2026-11-25",
    "with": ["dana"],
}


def test_an_appointment_is_told_with_its_hour() -> None:
    made = followcue.plan(situation({**AHEAD, "time": "14:30"}), shipped())
    (entry,) = (entry for entry in made.entries if entry.change == "day")
    assert entry.to_dict("application") == {
        "date": "2026-11-25",
        "change": "day",
        "application": "acme",
        "event": {
            "fact": "interview_ahead",
            "application": "acme",
            "date": "2026-11-25",
            "fields": {"interview": "iv"},
            "line": None,
        },
        "text": "An interview lies ahead.",
        "time": "14:30",
        "supposed": {
            "fact": "interview",
            "application": "acme",
            "date": "2026-11-25",
            "fields": {"id": "iv"},
            "line": None,
        },
    }
    said = "the day          An interview lies ahead: Acme, iv, at 14:30; supposed to take"
    assert said in forms.as_text(made)


def test_what_follows_an_appointment_supposes_that_it_takes_place() -> None:
    made = followcue.plan(situation(AHEAD), shipped())
    assert ("2026-11-25", "opens", "send_thank_you") in told(made)
    text = forms.as_text(made)
    assert "if what is arranged takes place and nothing more happens" in " ".join(text.split())
    assert "interview 2026-11-25 (supposed)" in " ".join(text.split())
    silent = followcue.plan(situation(AHEAD), shipped(), assume="silence")
    assert "send_thank_you" not in [what for _, _, what in told(silent)]
    (entry,) = (entry for entry in silent.entries if entry.change == "day")
    assert entry.supposed is None
    assert "if nothing more happens" in forms.as_text(silent)


@pytest.mark.parametrize(
    "after",
    [
        {"event": "interview_cancelled", "interview": "iv", "by": "employer"},
        {"event": "interview_rescheduled", "interview": "iv", "by": "employer"},
        {"event": "interview_missed", "interview": "iv", "by": "me"},
    ],
    ids=lambda event: event["event"],
)
@pytest.mark.parametrize("day", ["2026-11-16", "2026-11-24", "2026-11-25"])
def test_what_does_not_take_place_is_not_supposed(after: dict[str, Any], day: str) -> None:
    made = followcue.plan(situation(AHEAD, {"date": day, **after}), shipped())
    assert not [entry for entry in made.entries if entry.supposed]
    assert "send_thank_you" not in [what for _, _, what in told(made)]


def test_each_appointment_takes_place_once_on_its_day() -> None:
    second = {**AHEAD, "id": "two", "for": "2026-11-16"}
    third = {**AHEAD, "id": "three", "for": "2026-11-25"}
    for assume in ("arranged", "done"):
        made = followcue.plan(situation(AHEAD, second, third), shipped(), assume=assume)  # type: ignore[arg-type]
        kept = [(e.day.day, e.supposed.fields["id"]) for e in made.entries if e.supposed]
        assert sorted(kept) == [(16, "two"), (25, "iv"), (25, "three")]


def test_with_everything_done_what_follows_an_appointment_is_done_too() -> None:
    made = followcue.plan(situation(AHEAD), shipped(), assume="done")
    done = [entry.action.action for entry in made.entries if entry.change == "supposed" and entry.action]
    assert "send_thank_you" in done


def test_a_caution_ends_on_its_day() -> None:
    early = {"date": "2026-11-11", "event": "status_checked", "to": "dana", "channel": "email"}
    heard = {"date": "2026-11-19", "event": "reply_received", "from": "dana"}
    made = followcue.plan(situation(HELD, THANKED, PROMISED, early, heard), shipped())
    cautions = [(day, change) for day, change, what in told(made) if what == "contacted_too_early"]
    assert cautions == [("2026-11-16", "caution"), ("2026-11-19", "caution ends")]


def test_what_ends_names_what_opens_instead() -> None:
    said = {"date": "2026-11-24", "event": "rejected"}
    made = followcue.plan(situation(HELD, THANKED, PROMISED, said), shipped())
    (ended,) = (
        e for e in made.entries if e.change == "ends" and e.action and e.action.action == "check_status"
    )
    assert ended.day == date(2026, 11, 24)
    assert "thank_for_rejection" in [other.action for other in ended.instead]


def test_the_same_plan_has_the_same_bytes_whatever_the_order_of_the_file() -> None:
    events = [HELD, THANKED, PROMISED, {"date": "2026-11-18", "event": "high_volume"}]
    made = {json.dumps(followcue.plan(situation(*order), shipped()).to_dict()) for order in (events, events)}
    other = followcue.plan(situation(PROMISED, HELD, THANKED, events[3]), shipped())
    assert len(made) == 1
    assert told(other) == told(followcue.plan(situation(*events), shipped()))


@pytest.mark.parametrize("example", EXAMPLES[3:6], ids=lambda path: path.stem)
@pytest.mark.parametrize("assume", ["silence", "arranged", "done"])
def test_a_plan_fits_its_schema(example: Path, assume: Any) -> None:
    made = followcue.plan(example, shipped(), days=30, assume=assume)
    Draft202012Validator(load_schema("plan")).validate(made.to_dict())


# --- suppositions
def test_with_everything_done_the_course_leads_to_moving_on() -> None:
    made = followcue.plan(situation(HELD, THANKED, PROMISED), shipped(), assume="done")
    done = [entry for entry in told(made) if entry[1] == "supposed"]
    asked = ("check_status", "try_once_more", "move_on")
    assert [entry for entry in done if entry[2] in asked] == [
        ("2026-11-26", "supposed", "check_status"),
        ("2026-12-01", "supposed", "try_once_more"),
        ("2026-12-06", "supposed", "move_on"),
    ]
    events = [e.event for e in made.entries if e.change == "supposed" and e.action]
    assert all(event is not None and event.line is None for event in events)


def test_what_no_event_settles_is_told_and_stays() -> None:
    made = followcue.plan(situation(HELD, THANKED, PROMISED), shipped(), assume="done")
    assert "Widen your search: no event says that it is done" in made.unsettled


def test_suppositions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppose, "MOST", 3)
    made = followcue.plan(situation(HELD, THANKED, PROMISED), shipped(), assume="done")
    assert len([entry for entry in made.entries if entry.change == "supposed"]) == 3
    assert re.fullmatch(r"3 actions were done by [\d-]+, and all that comes later stays", made.unsettled[-1])
    monkeypatch.setattr(suppose, "MOST", 400)
    monkeypatch.setattr(suppose, "MOST_A_DAY", 1)
    made = followcue.plan(situation(HELD, THANKED, PROMISED), shipped(), assume="done")
    assert made.unsettled[0] == "on 2026-11-16 1 actions were done, and what else is due stays"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_events_that_settle_are_complete(example: Path) -> None:
    document = read_file(example)
    report = evaluate(shipped(), document)
    for action in report.actions:
        for event in done_events(shipped(), document, action, report.as_of, Options()):
            assert event.entry().keys() >= {"date", "event"}
            assert event.date == report.as_of
            assert event.kind in shipped().pack.vocabulary.kinds


# --- days on which comparisons turn
NUMBERS = st.integers(-6, 6)
ONE_DAY = ["first_of_month", "last_of_month"]
TWO_DAYS = [op for op in FUNCTIONS if op not in (*ONE_DAY, "weekday_of")]
LAST = 70


def days(depth: int) -> st.SearchStrategy[Expr]:
    plain = st.one_of(st.just(Today()), st.builds(Const, NUMBERS))
    if not depth:
        return plain
    inner = days(depth - 1)
    return st.one_of(
        plain,
        st.builds(Shift, inner, inner, st.sampled_from([1, -1])),
        st.builds(Arith, st.sampled_from("+-*"), inner, inner),
        st.builds(lambda op, *items: Extreme(op, items), st.sampled_from(["max", "min"]), inner, inner),
        st.builds(lambda op, *items: Civil(op, items), st.sampled_from(TWO_DAYS), inner, inner),
        st.builds(lambda op, item: Civil(op, (item,)), st.sampled_from(ONE_DAY), inner),
    )


OPS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
COMPARISONS = st.builds(Compare, OPS, days(2), days(2))
TESTS = st.one_of(
    COMPARISONS,
    st.builds(
        lambda op, *items: Junction(op, items), st.sampled_from(["and", "or"]), COMPARISONS, COMPARISONS
    ),
)


def slow(day: int, by: int) -> int:
    """A calendar of every third day."""
    step = 1 if by > 0 else -1
    for _ in range(abs(by)):
        day += step
        while day % 3:
            day += step
    return day


@given(tests=st.lists(TESTS, min_size=1, max_size=2), start=st.integers(-8, 8))
@settings(max_examples=80, derandomize=True, database=None, deadline=None)
def test_the_next_flip_is_the_first_day_on_which_the_truth_is_another(tests: list[Expr], start: int) -> None:
    for shift in (None, slow):
        environment = Environment(start, {}, shift)
        truth = [
            all(evaluate_expr(test, {}, environment._replace(today=day)) for test in tests)
            for day in range(start, LAST + 1)
        ]
        expected = next((start + place for place, now in enumerate(truth) if now != truth[0]), None)
        assert next_flip(tests, {}, environment, LAST) == expected


# --- the command
def test_the_agenda_as_text() -> None:
    result = run(str(SILENCE), "--application", "fernhill", "--days", "8")
    assert result.exit_code == 0
    made = followcue.plan(SILENCE, shipped(), scope="fernhill", days=8)
    assert result.stdout == forms.as_text(made)
    heading, empty, today, *lines = result.stdout.splitlines()
    assert heading == "Fri 2026-03-20 to Sat 2026-03-28, if nothing more happens"
    assert (empty, today) == ("", "Fri 2026-03-20, today")
    assert lines[0].startswith("  now              Write to Grace Adeyemi, Fernhill Hospital: ask once more")
    said = " ".join(" ".join(lines).split())
    assert "due Sat 21 Mar; status checked 2026-03-16 (line 18)" in said
    assert "Sat 2026-03-21, tomorrow due Try once more: Grace Adeyemi, Fernhill Hospital; by email" in said


def test_a_day_tells_a_step_once_and_each_action_on_the_day_of_its_step() -> None:
    for example in EXAMPLES:
        made = followcue.plan(example, shipped(), days=40)
        lines = list(EntryDescriber(made).told())
        for day in {entry.day for entry in lines}:
            steps = [entry.step for entry in lines if entry.day == day and entry.step]
            assert len({step.id for step in steps}) == len(steps)
            held = [key for step in steps for key in step.actions]
            assert len(set(held)) == len(held)
        assert not any(entry.change in ("now", "opens") and entry.in_step for entry in lines)
        assert not re.search("days? late|overdue", forms.as_text(made))
        now = [entry.step.title for entry in lines if entry.day == made.as_of and entry.step]
        report = followcue.evaluate(example, shipped())
        assert now == [step.title for step in report.steps if step.when == "now"]


def test_red_in_a_plan_is_what_matters_and_ends() -> None:
    made = followcue.plan(SILENCE, shipped(), days=60)
    red = sum(
        entry.change == "closes" and entry.action is not None and entry.action.priority in ("urgent", "high")
        for entry in made.entries
    )
    assert forms.as_text(made, color=True).count("\x1b[31m") == red


def test_json_and_markdown_say_the_same() -> None:
    data = json.loads(run(str(SILENCE), "--format", "json").stdout)
    assert data == followcue.plan(SILENCE, shipped()).to_dict()
    said = run(str(SILENCE), "--format", "markdown", "--assume", "done").stdout
    assert said.startswith(
        "# What comes up: Fri 2026-03-20 to Thu 2026-06-18, if everything is done when it is due\n"
    )
    assert "- **done (supposed)**: Move on from this one: Fernhill Hospital; by \\`moved on\\`" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--until", "2026-03-19"], 3, "until: FC630: a plan cannot end on 2026-03-19, before it begins"),
        (["--until", "2046-03-19"], 3, "until: FC630: a plan cannot end as late as 2046-03-19"),
        (["--days", "-1"], 3, "days: FC630: a plan looks 0 to 3660 days ahead, not -1"),
        (["--days", "3", "--until", "2026-04-01"], 2, "--until and --days both say"),
        (["--until", "soon"], 3, "FC507: `until` must be a date"),
        (["--application", "fernhil"], 2, "there is no application `fernhil`; did you mean `fernhill`?"),
        (["--assume", "luck"], 2, "'luck' is not one of 'silence', 'arranged', 'done'"),
        (["--timezone", "Mars/Base"], 2, "FC604: 'Mars/Base' is no time zone such as Europe/Berlin"),
    ],
)
def test_what_cannot_be_planned_is_refused(arguments: list[str], code: int, said: str) -> None:
    result = run(str(SILENCE), *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_a_wrong_situation_is_refused_with_its_places() -> None:
    result = run("-", text="applications: {a: {company: A, events: [{date: 2026-01-01, event: aplied}]}}\n")
    assert result.exit_code == 3
    assert "<stdin>:1:" in result.stderr


def test_a_plan_ends_where_the_days_of_a_file_do() -> None:
    made = plan(shipped(), Document.of({"as_of": "2200-12-30", "applications": {}})).plan
    assert made.until == date(2200, 12, 31), "no day after the last that a file may name"
    assert all(entry.day <= made.until for entry in made.entries)
    assert made.as_of + timedelta(days=1) == made.until


# --- the page
def test_the_page_shows_what_the_program_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(EXAMPLES[0].parent, tmp_path / "examples")
    write_files(PAGE, "yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    printed, names, said = "", dict[str, object](), dict[int, str]()
    shown = blocks(PAGE)
    assert {block.label for block in shown} >= {"console", "python", "text output"}
    for number, block in enumerate(shown):
        if block.label == "console":
            said[number] = answers(block)
        elif block.label == "python":
            printed = run_python(block, PAGE, names)
        elif block.label == "text output":
            said[number] = printed
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, said)
    else:
        assert {number: shown[number].text for number in said} == said
