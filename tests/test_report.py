"""Each output form of each example, to the letter; and what a terminal does to the table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from followcue import LoadedPack, Report, evaluate, load_pack
from followcue.base.shipped import data_folder
from followcue.evaluation.advice.report import Action, Reason, Step
from followcue.evaluation.report import as_json, markdown, table
from followcue.evaluation.report.listing import listing
from followcue.evaluation.report.wording import relative, sources
from followcue.language.model.vocabulary import Citation
from followcue.synthesis.sampling import Size, situations

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


@cache
def schema() -> Draft202012Validator:
    text = (data_folder("schemas") / "report.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_json_fits_its_schema(example: Path) -> None:
    schema().validate(json.loads(as_json.render(report_on(example))))


@pytest.mark.slow
def test_json_of_made_up_situations_fits_its_schema() -> None:
    for report in made_up(60, seed=4):
        data = json.loads(as_json.render(report))
        schema().validate(data)
        ids = [action["id"] for action in data["actions"] if action["status"] != "missed"]
        assert len(set(ids)) == len(ids)
        assert {key for step in data["steps"] for key in step["actions"]} <= set(ids)


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("width", [10, 45, 60, 67, 80, 110, 300])
def test_no_line_is_wider_than_the_terminal(width: int, more: bool) -> None:
    for example in EXAMPLES:
        lines = table.render(report_on(example), width=width, more=more).splitlines()
        assert max(map(len, lines)) <= min(max(width, 40), 110)


@pytest.mark.parametrize("more", [False, True])
def test_colour_changes_nothing_but_colour(more: bool) -> None:
    for example in EXAMPLES:
        report = report_on(example)
        colored = table.render(report, color=True, more=more)
        assert "\x1b[" in colored
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == table.render(report, more=more)


@pytest.mark.parametrize("render", [table.render, markdown.render])
def test_an_empty_report_says_so_in_words(render: object) -> None:
    assert "othing to do" in render(report_of())  # type: ignore[operator]


# --- the short form
def test_the_short_form_of_a_small_search_fits_a_screen() -> None:
    small = [example for example in EXAMPLES if applications(example) <= 3]
    assert len(small) >= 4
    for example in small:
        for spare in (0, 5):  # later days of the same search have other things to say
            report = evaluate(example, shipped(), as_of=report_on(example).as_of + timedelta(days=spare))
            lines = table.render(report, width=80).splitlines()
            assert len(lines) <= 24, (example.stem, spare)


def applications(example: Path) -> int:
    return len(yaml.safe_load(example.read_text(encoding="utf-8"))["applications"])


def made_up(count: int, seed: int) -> Iterator[Report]:
    for data in islice(situations(shipped(), seed, Size(goals=3, noise=6)), count):
        yield evaluate(data, shipped(), missed=True)


@pytest.mark.slow
def test_whatever_is_found_is_told_once_and_numbered_through() -> None:
    for report in made_up(30, seed=12):
        found = listing(report)
        assert [one.number for one in found.steps] == list(range(1, len(report.steps) + 1))
        assert [one.step for one in found.steps] == list(report.steps)
        told = [a for one in found.steps for a in one.actions]
        told += [*found.meanwhile, *found.riding, *found.missed, *found.skipped]
        assert sorted(told, key=str) == sorted(report.actions, key=str)
        assert len(found.focus) <= sum(step.focus for step in report.steps)
        for action in report.actions:
            assert f" {action.title}"[:30] in " ".join(table.render(report, more=True, width=110).split())


def test_red_is_what_is_about_to_be_lost_and_nothing_else() -> None:
    seen = set()
    ends = report_by(step_of("a", ACTION._replace(priority="high", close=TODAY + DAY)), step_of("b"))
    for report in (ends, *made_up(60, seed=8)):
        found = listing(report)
        for more, steps in ((False, found.focus), (True, found.now)):
            lost = [one for one in steps if one.lost_on(report.as_of)]
            said = table.render(report, color=True, more=more)
            assert said.count("\x1b[31m") == len(lost)
            seen.add(bool(lost))
        assert not re.search(r"days? late", table.render(report, more=True))
    assert seen == {True, False}


def test_only_what_matters_and_ends_by_tomorrow_is_about_to_be_lost() -> None:
    def lost(urgency: str = "high", **days: date | str) -> date | None:
        action = ACTION._replace(**{"priority": "high", **days})  # type: ignore[arg-type]
        return listing(report_by(step_of("a", action, urgency=urgency))).focus[0].lost_on(TODAY)

    assert lost() is None
    assert lost(close=TODAY) == TODAY
    assert lost(until=TODAY + DAY) == TODAY + DAY
    assert lost(close=TODAY + 2 * DAY) is None
    assert lost(close=TODAY - DAY) is None
    assert lost(urgency="normal", close=TODAY) is None
    assert lost(priority="low", close=TODAY) is None


STEP = Step(
    "step:a",
    "now",
    True,
    "acme",
    "ann",
    "email",
    "Write to Ann: ring",
    TODAY,
    None,
    None,
    "high",
    0,
    ("a",),
    "",
)
DAY = timedelta(days=1)


def step_of(key: str, action: Action = ACTION, **others: Any) -> tuple[Step, Action]:
    step = STEP._replace(id=f"step:{key}", title=f"Write {key}", actions=(key,))._replace(**others)
    return step, action._replace(id=key)


def report_by(*steps: tuple[Step, Action], beside: Sequence[Action] = (), **others: object) -> Report:
    """A report with these steps, each of one action, and with actions in no step."""
    actions = (*(action for _, action in steps), *beside)
    return report_of(*actions, steps=tuple(step for step, _ in steps), **others)


def test_the_short_form_begins_with_one_thing_and_folds_the_rest() -> None:
    ahead = {"when": "ahead", "focus": False}
    report = report_by(
        step_of("first", why="You met yesterday."),
        step_of("second", ACTION._replace(due=TODAY + 3 * DAY)),
        step_of("third", ACTION._replace(status="overdue", due=TODAY - 9 * DAY), late=9),
        step_of("fourth", focus=False, urgency="normal"),
        step_of("fifth", focus=False, urgency="low"),
        *(step_of(f"ahead{day}", open=TODAY + day * DAY, **ahead) for day in range(1, 6)),
        beside=(
            ACTION._replace(id="w", action="wait", title="Wait", open=None, due=None, until=TODAY + 2 * DAY),
            ACTION._replace(id="h", title="Go on", scope=None, to=None, open=None, due=None),
            ACTION._replace(id="r", title="Ask on the way"),
            ACTION._replace(id="m", title="Gone", status="missed"),
            ACTION._replace(id="s", title="Not wanted", status="skipped"),
        ),
        cautions=(ACTION._replace(id="c", title="Mind", do=("Take care", "Take more")),),
    )
    assert table.render(report).splitlines() == [
        "Saturday 21 November 2026",
        *("", "First", " 1  Write first (today)", "    You met yesterday."),
        *("", "Then", " 2  Write second (by Tue 24 Nov)", " 3  Write third"),
        "    2 more can wait; `--more` lists them.",
        *("", "Be careful", "    Mind: Ann, Acme. Take care."),
        *("", "Meanwhile", "    Wait: Ann, Acme until Mon 23 Nov", "    Go on"),
        *("", "Coming up", " 6  Sun 22 Nov  Write ahead1", " 7  Mon 23 Nov  Write ahead2"),
        *(" 8  Tue 24 Nov  Write ahead3", "    and 2 more"),
        *("", "Missed", "    Gone: Ann, Acme"),
        *("", "Skipped", "    Not wanted: Ann, Acme"),
    ]
    whole = table.render(report, more=True)
    assert "With the next message\n    today            Ask on the way: Ann, Acme" in whole
    assert "    due Thu 12 Nov   Ring: Ann, Acme" in whole
    assert "10  Thu 26 Nov  Write ahead5" in whole


def test_a_day_is_never_broken() -> None:
    for width in range(40, 111):
        for example in EXAMPLES:
            for line in table.render(report_on(example), width=width).splitlines():
                assert not re.search(r" (Mon|Tue|Wed|Thu|Fri|Sat|Sun)( \d+)?$", line)


def test_where_nothing_presses_that_is_said() -> None:
    low = table.render(report_by(step_of("a", urgency="low"), step_of("b", urgency="low", focus=False)))
    assert low.splitlines()[2:5] == ["Nothing presses today.", "", "If you like"]
    later = table.render(report_by(step_of("a", when="ahead", focus=False, open=TODAY + DAY)))
    assert later.splitlines()[2:5] == ["Nothing to do today.", "", "Coming up"]


def test_what_is_low_does_not_stand_beside_what_is_not() -> None:
    said = table.render(report_by(step_of("a"), step_of("b", urgency="low")))
    assert "Then" not in said
    assert "1 more can wait" in said


def test_what_should_not_wait_is_not_said_to() -> None:
    report = report_by(
        step_of("a", urgency="urgent"),
        step_of("b", urgency="urgent", focus=False),
        step_of("c", ACTION._replace(priority="high", close=TODAY), focus=False),
        step_of("d", focus=False),
    )
    assert "2 more should not wait, 1 can; `--more` lists them." in table.render(report)
    assert "## 2 more should not wait, 1 can\n" in markdown.render(report)


def test_one_record_keeps_the_numbers_of_all() -> None:
    other = ACTION._replace(scope="brook")
    report = report_by(
        step_of("a"), step_of("b", other, scope="brook"), names={"acme": "Acme", "brook": "Brook"}
    )
    assert table.render(report, scope="brook").splitlines()[2:] == ["First", " 2  Write b (today)"]
    assert "1. **Write a**" not in markdown.render(report, scope="brook")
    assert "2. **Write b**" in markdown.render(report, scope="brook")


def test_steps_are_found_by_number_and_id() -> None:
    found = listing(report_by(step_of("a"), step_of("b")))
    assert [one and one.number for one in map(found.step, ("2", "step:a", "step:x", "3", "0", "9" * 99))] == [
        *(2, 1, None, None, None, None)
    ]


@pytest.mark.parametrize("pack", sorted((ROOT / "examples" / "packs").glob("*/")), ids=lambda path: path.name)
def test_a_pack_that_says_nothing_of_steps_reads_well(pack: Path) -> None:
    """Each step names its action, and with whom and what about, so that no two of them read the same."""
    for example in sorted(pack.glob("examples/*.yaml")):
        report = evaluate(example, load_pack(pack, cache=False))
        titles = [step.title for step in report.steps]
        assert titles
        assert len(set(titles)) == len(titles)
        assert all(title[:1].isupper() for title in titles)
        assert all(title in " ".join(table.render(report, more=True).split()) for title in titles)


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
    action = ACTION._replace(title="Ring\x1b[2J", because=(reason,), since=reason)
    report = report_by(step_of("a", action, title="Write\x1b[2J to *Ann*\n# x", why="\x1b[2J"))
    assert "\x1b" not in table.render(report)
    assert "\x1b" not in table.render(report, more=True)
    assert r"\*Ann\*" in markdown.render(report)
    assert "\n# x" not in markdown.render(report)
