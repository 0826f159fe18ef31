"""Each output form of each example, to the letter; and what a terminal does to the table."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from followcue import LoadedPack, Report, evaluate, load_pack
from followcue.base.shipped import data_folder
from followcue.evaluation.advice.report import Action, Reason
from followcue.evaluation.report import as_json, markdown, table
from followcue.evaluation.report.sections import numbered
from followcue.evaluation.report.words import relative, sources
from followcue.language.model.vocabulary import Citation

ROOT = Path(__file__).parents[1]
GOOD = ROOT / "tests" / "cases" / "good"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
FORMS = {"txt": table.render, "md": markdown.render, "json": as_json.render}

TODAY = date(2026, 11, 21)
WINDOW = ("due", TODAY, TODAY, None, None)
ACTION = Action("ring", "acme", "ann", None, *WINDOW, "normal", None, "Ring", (), (), ("r",), (), ())


@cache
def shipped() -> LoadedPack:
    return load_pack(cache=False)


@cache
def report_on(example: Path) -> Report:
    """The report, but for the version of the rules, which every edit of a rule changes."""
    return evaluate(example, shipped())._replace(rules_version="any")


def report_of(*actions: Action, **others: object) -> Report:
    report = Report(TODAY, "calm", "v1", actions, (), (), (), names={"acme": "Acme", ("acme", "ann"): "Ann"})
    return report._replace(**others)  # type: ignore[arg-type]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("form", FORMS)
def test_examples_read_as_expected(example: Path, form: str, request: pytest.FixtureRequest) -> None:
    said = FORMS[form](report_on(example))
    expected = GOOD / f"{example.stem}.{form}"
    if request.config.getoption("--rebaseline"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_json_fits_its_schema(example: Path) -> None:
    schema = json.loads((data_folder("schemas") / "report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(as_json.render(report_on(example))))


@pytest.mark.parametrize("width", [10, 45, 60, 67, 80, 300])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for example in EXAMPLES:
        lines = table.render(report_on(example), width=width).splitlines()
        assert max(map(len, lines)) <= min(max(width, 40), 80)


def test_colour_changes_nothing_but_colour() -> None:
    for example in EXAMPLES:
        report = report_on(example)
        colored = table.render(report, color=True)
        assert "\x1b[" in colored
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == table.render(report)


@pytest.mark.parametrize("render", [table.render, markdown.render])
def test_an_empty_report_says_so_in_words(render: object) -> None:
    assert "othing to do" in render(report_of())  # type: ignore[operator]


def test_a_table_groups_by_when_a_person_plans() -> None:
    ahead = ACTION._replace(status="upcoming", due=None)
    report = report_of(
        ACTION._replace(title="Late", status="overdue", due=date(2026, 11, 19)),
        ACTION._replace(title="Today"),
        ACTION._replace(title="Calm", open=None, due=None),
        ahead._replace(title="In a week", open=date(2026, 11, 28)),
        ahead._replace(title="After that", open=date(2026, 11, 29)),
        ACTION._replace(title="Gone", status="missed", close=date(2026, 11, 1)),
        cautions=(ACTION._replace(title="Mind", due=None),),
    )
    said = [" ".join(line.split(":")[0].split()) for line in table.render(report).splitlines() if line]
    assert said == [
        "Sat 2026-11-21",
        *("Be careful", "now Mind"),
        *("Now", "1 2 days late Late", "2 today Today"),
        *("Meanwhile", "3 always Calm"),
        *("Soon", "4 from Sat 28 Nov In a week"),
        *("Later", "5 from Sun 29 Nov After that"),
        *("Missed", "6 missed Gone"),
    ]
    titles = [action.title for action in numbered(report)]
    assert titles == ["Late", "Today", "Calm", "In a week", "After that", "Gone"]


@pytest.mark.parametrize(
    ("day", "said"),
    [(20, "yesterday"), (21, "today"), (22, "tomorrow"), (24, "in 3 days"), (18, "3 days ago")],
)
def test_days_are_told_from_today(day: int, said: str) -> None:
    assert relative(date(2026, 11, day), TODAY) == said


def test_sources_are_told_once_each_with_their_items() -> None:
    cited = [
        Citation("book", "G1"),
        Citation("book", "G2"),
        Citation("book", "G3", "own reading"),
        Citation("own default", None, "own default"),
    ]
    assert sources(cited) == "book G1, G2; own reading of book G3; own default"


def test_text_of_a_situation_cannot_steer_the_terminal_or_the_document() -> None:
    reason = Reason("note", "acme", TODAY, {"from": "\x1b[31m*Ann*\n# x"}, 3)
    report = report_of(ACTION._replace(title="Ring\x1b[2J", because=(reason,), since=reason))
    assert "\x1b" not in table.render(report)
    assert r"\*Ann\*" in markdown.render(report)
    assert "\n# x" not in markdown.render(report)
