"""Times of day: read, compared, told, solved; and refused where they are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import followcue
from followcue.authoring.lint.check import check
from followcue.base.values import format_time, parse_time
from followcue.evaluation.match.registry import MATCHERS
from followcue.language.model.read_values import time_hint
from followcue.synthesis.solver.witness import situation_for

VOCABULARY = """
pack: {name: desk, title: A desk}
situation:
  scope: device
  whole: site
  records: {device: {in: devices, says: A device., fields: {name: text}}}
  events: [devices.events]
events:
  alert: {says: It raised an alert., fields: {hour: time}}
conclusions:
  visit: {says: Somebody comes., fields: {day: date, hour: time}, appointment: {on: day, time: hour}}
actions:
  look: {title: Look}
parameters:
  evening: {says: When the desk closes., value: "18:00", profiles: {long: "20:30"}, cites: [own default]}
profiles: {usual: {default: true, says: Usual.}, long: {says: Long.}}
"""
RULES = """
rules:
  look:
    title: Look in the morning
    cites: [own default]
    when: [alert: {hour: $hour and after evening, date: $day}]
    recommend: {action: look, open: $day + 1 day, why: "the alert came at {hour}"}
  come:
    cites: [own default]
    when: [alert: {hour: $hour, date: $day}]
    conclude: {visit: {day: $day + 1 day, hour: $hour}}
"""


def pack(folder: Path, rules: str = RULES) -> Path:
    (folder / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    return folder


def situation(hour: object, as_of: str = "2026-03-11") -> dict[str, Any]:
    alert = {"date": "2026-03-11", "event": "alert", "hour": hour}
    return {"as_of": as_of, "devices": {"pump": {"name": "Pump", "events": [alert]}}}


@given(st.integers(0, 24 * 60 - 1))
def test_a_time_is_read_as_it_is_written(minutes: int) -> None:
    assert parse_time(format_time(minutes)) == minutes


@pytest.mark.parametrize("text", ["9:05", "24:00", "12:60", "1200", "12:00:00", "2pm", ""])
def test_nothing_else_is_a_time(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [("9:05", "09:05"), ("14.30", "14:30"), ("2pm", "14:00"), ("12 a.m.", "00:00"), ("12:30pm", "12:30")],
)
def test_what_was_meant_is_told(text: str, meant: str) -> None:
    assert time_hint(text) == f"did you mean `{meant}`?"


@pytest.mark.parametrize("matcher", MATCHERS)
def test_times_are_compared_and_told(matcher: str, tmp_path: Path) -> None:
    loaded = followcue.load_pack(pack(tmp_path), cache=False)
    try:
        for hour, profile, due in (("18:01", "usual", 1), ("18:00", "usual", 0), ("20:30", "long", 0)):
            report = followcue.evaluate(situation(hour), loaded, profile=profile, matcher=matcher)
            assert len(report.actions) == due
        report = followcue.evaluate(situation("18:01"), loaded, matcher=matcher)
    except followcue.MatcherUnavailable as error:
        pytest.skip(str(error))
    data = report.to_dict()
    assert "18:01" in str(data["steps"])
    assert data["conclusions"][0]["fields"] == {"day": "2026-03-12", "hour": "18:01"}
    assert data["parameters"]["evening"] == "18:00"


def test_an_appointment_is_at_its_hour(tmp_path: Path) -> None:
    planned = followcue.plan(situation("08:15"), followcue.load_pack(pack(tmp_path), cache=False), days=3)
    assert [entry["time"] for entry in planned.to_dict()["entries"] if "time" in entry] == ["08:15"]


def test_a_time_that_is_none_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    loaded = followcue.load_pack(pack(tmp_path), cache=False)
    for wrong in ("9:05", 905, "soon", ["09:05"]):
        with pytest.raises(followcue.InvalidInput) as refused:
            followcue.evaluate(situation(wrong), loaded)
        assert refused.value.diagnostics[0].code in ("FC349", "FC501")


def test_reasons_and_changes_speak_of_times(tmp_path: Path) -> None:
    loaded = followcue.load_pack(pack(tmp_path), cache=False)
    assert "18:30" in str(followcue.why(situation("18:30"), "look", loaded).to_dict())
    answer = followcue.why_not(situation("17:00"), "look", loaded)
    assert "18:30" in str(answer.to_dict()["changes"])


@pytest.mark.parametrize(
    ("demand", "can_be"),
    [
        ("after 18:00 and before 18:02", True),
        ("at least 23:59", True),
        ("after 23:59", False),
        ("before 00:00", False),
        ("after 18:00 and before 18:01", False),
    ],
)
def test_what_can_be_is_known_to_the_minute(demand: str, can_be: bool, tmp_path: Path) -> None:
    rules = RULES.replace("$hour and after evening", f"$hour and {demand}")
    loaded = followcue.load_pack(pack(tmp_path, rules), cache=False)
    assert (situation_for(loaded, "look") is not None) == can_be
    told = {told.finding.diagnostic.code for told in check([str(tmp_path)]).told}
    assert ("FC430" in told) == (not can_be)
