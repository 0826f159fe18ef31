"""Rules that grow without end, leave the calendar or multiply are refused with their names and places."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import followcue
from followcue.evaluation.report import as_json

WORDS = """\
situation:
  scope: loan
  whole: library
  records:
    loan: {in: loans, fields: {book: text}}
  events: [loans.events]
events:
  lent: {says: It was lent., fields: {wish: text}}
conclusions:
  reminders: {says: So many., fields: {n: number}}
  until: {says: It is to be back., fields: {day: date}}
  pair: {says: Two loans., fields: {other: loan}}
  copy: {says: What was noted., fields: {wish: text, n: number}}
actions:
  remind: {title: Remind the reader}
"""

GROWS = """\
rules:
  quiet:
    when: [{lent: {}}]
    conclude: {reminders: {n: 1}}
  grows:
    when:
      - reminders: {n: $n}
    conclude: {reminders: {n: $n + 1}}
"""
LATER = """\
rules:
  quiet:
    when: [{lent: {date: $day}}]
    conclude: {until: {day: $day + 30 days}}
  leaves:
    when: [{lent: {date: $day}}]
    conclude: {until: {day: $day + 365 days * 9000}}
"""
CREEPS = """\
rules:
  quiet:
    when: [{lent: {date: $day}}]
    conclude: {until: {day: $day}}
  creeps:
    when: [{until: {day: $day}}]
    conclude: {until: {day: $day + 36500 days}}
"""
MULTIPLIES = """\
rules:
  quiet:
    title: Remind
    when: [{lent: {date: $day}}]
    recommend: {action: remind, open: $day}
  multiplies:
    title: Remind
    for: library
    when:
      - lent: {loan: $one}
      - lent: {loan: $other}
    recommend: {action: remind, about: $one}
"""
COPIES = """\
rules:
  quiet:
    when: [{lent: {}}]
    conclude: {reminders: {n: 1}}
  copies:
    title: Remind
    for: library
    when:
      - lent: {wish: $wish}
      - reminders: {n: $n}
      - lent: {loan: $other}
    recommend: {action: remind, about: $other}
"""


@cache
def loaded(rules: str, folder: Path) -> followcue.LoadedPack:
    pack = folder / "pack"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(WORDS, "utf-8")
    (pack / "rules.yaml").write_text(rules, "utf-8")
    return followcue.load_pack(pack, cache=False)


def lent(number: int, wish: str = "") -> dict[str, Any]:
    event = {"event": "lent", "date": "2026-01-05"} | ({"wish": wish} if wish else {})
    return {
        "as_of": "2026-01-06",
        "loans": {f"l{n}": {"book": "B", "events": [event]} for n in range(number)},
    }


def place(rules: str, rule: str) -> str:
    """Where a rule begins."""
    line = next(n for n, line in enumerate(rules.splitlines(), 1) if line.strip() == f"{rule}:")
    return rf", first at `{rule}` \(.*rules\.yaml:{line}\)$"


@pytest.mark.parametrize("ask", [followcue.evaluate, followcue.plan])
@pytest.mark.parametrize(
    ("rules", "rule", "said"),
    [
        (GROWS, "grows", "derive more than 500 conclusions"),
        (LATER, "leaves", "derive a day before the year 1 or after the year 9999"),
        (CREEPS, "creeps", "derive a day before the year 1 or after the year 9999"),
    ],
)
def test_a_rule_that_runs_away_is_named(ask: Any, rules: str, rule: str, said: str, tmp_path: Path) -> None:
    limits = followcue.Limits(derivations=500)
    with pytest.raises(followcue.LimitExceeded, match=f"{said}.*{place(rules, rule)}"):
        ask(lent(2), loaded(rules, tmp_path), limits=limits)


def test_what_a_report_holds_grows_with_the_square_and_is_refused(tmp_path: Path) -> None:
    pack = loaded(MULTIPLIES, tmp_path)
    assert len(followcue.evaluate(lent(100), pack).to_dict()["actions"]) == 200  # type: ignore[arg-type]
    with pytest.raises(followcue.LimitExceeded, match=f"report = 200000.*{place(MULTIPLIES, 'multiplies')}"):
        followcue.evaluate(lent(100), pack, limits=followcue.Limits(report=200_000))
    with pytest.raises(followcue.LimitExceeded, match=r"report = 16777216\)"):
        followcue.evaluate(lent(450), pack, limits=followcue.Limits(derivations=10**6))


def test_a_long_text_counts_as_often_as_it_is_told(tmp_path: Path) -> None:
    pack = loaded(COPIES, tmp_path)
    followcue.evaluate(lent(20, "n" * 100), pack)
    with pytest.raises(followcue.LimitExceeded, match=f"report = 16777216.*{place(COPIES, 'copies')}"):
        followcue.evaluate(lent(20, "n" * 100_000), pack)


@pytest.mark.parametrize("number", [1, 10, 60])
def test_the_size_is_about_that_of_the_text(number: int, tmp_path: Path) -> None:
    """Within a factor of two, so that the limit means what it says."""
    pack = loaded(MULTIPLIES, tmp_path)
    written = len(as_json.render(followcue.evaluate(lent(number), pack)))
    with pytest.raises(followcue.LimitExceeded, match="report = "):
        followcue.evaluate(lent(number), pack, limits=followcue.Limits(report=written // 3))
    followcue.evaluate(lent(number), pack, limits=followcue.Limits(report=written * 2))
