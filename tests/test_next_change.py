"""When a report changes next: never later than it does, and seldom before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from followcue.assistant.plan.course import undated
from followcue.base.limits import USUAL
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, evaluate_facts, load_pack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_file
from followcue.synthesis.sampling.situations import Size, situations

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
PACKS = sorted(folder.parent for folder in (ROOT / "examples/packs").glob("*/vocabulary.yaml"))
LARGE = int(os.environ.get("FOLLOWCUE_DAYS", "12000"))
DAY = timedelta(days=1)
CALENDARS: tuple[Mapping[str, str], ...] = (
    {},
    {"count": "working_days"},
    {"count": "working_days", "holidays": "DE-BY"},
)


class Tally:
    """How many days were looked at, on how many a report changed, and on how many it was said to."""

    def __init__(self) -> None:
        self.days = self.changed = self.said = 0

    def __str__(self) -> str:
        return f"{self.days} days: {self.changed} changed, {self.said} said to"


def check(
    loaded: LoadedPack, document: Document, days: int, calendar: Mapping[str, Any], tally: Tally
) -> None:
    """No report is another one before the day that the one before it named."""
    start = date.fromordinal(loaded.reader.read(document, today=lambda zone: date(2026, 11, 30)).as_of)
    before, said = None, None
    for number in range(days):
        report = evaluate(loaded, document, Options(start + number * DAY, parameters=calendar))
        assert report.next_change is None or report.next_change > report.as_of
        plain = undated(report)
        if before is not None:
            due = said == report.as_of
            assert plain == before or due, f"changed on {report.as_of}, and not before {said} was said"
            # What was said holds until then.
            assert due or report.next_change == said
            tally.changed += plain != before
            tally.said += due
        tally.days += 1
        before, said = plain, report.next_change


def made_up(packs: tuple[LoadedPack, ...], count: int, seed: int) -> Iterator[tuple[LoadedPack, Document]]:
    for loaded in packs:
        for data in islice(situations(loaded, seed, Size(goals=3, noise=6)), count):
            yield loaded, Document.of(data)


@pytest.fixture(scope="module")
def packs() -> tuple[LoadedPack, ...]:
    return load_pack(), load_pack(packs=["common-practice"]), *(load_pack(folder) for folder in PACKS)


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_no_example_changes_before_it_is_said(packs: tuple[LoadedPack, ...], example: Path) -> None:
    tally = Tally()
    check(packs[0], read_file(example), 40, CALENDARS[EXAMPLES.index(example) % 3], tally)
    assert tally.said <= tally.changed * 1.5 + 2, str(tally)


@pytest.mark.slow
def test_no_made_up_situation_changes_before_it_is_said(packs: tuple[LoadedPack, ...]) -> None:
    tally = Tally()
    for number, (loaded, document) in enumerate(made_up(packs, 3, seed=8)):
        check(loaded, document, 25, CALENDARS[number % 3], tally)
    assert tally.changed


@pytest.mark.large
def test_thousands_of_days(packs: tuple[LoadedPack, ...]) -> None:
    """At most a tenth more days are named than something changes on."""
    tally = Tally()
    for example in EXAMPLES:
        for calendar in CALENDARS:
            for loaded in packs[:2]:
                check(loaded, read_file(example), 60, calendar, tally)
    each = 1 + max(0, LARGE - tally.days) // (60 * len(packs))
    for number, (loaded, document) in enumerate(made_up(packs, each, seed=9)):
        check(loaded, document, 60, CALENDARS[number % 3], tally)
    print(tally)
    assert tally.days >= LARGE
    assert tally.said <= 1.1 * tally.changed, str(tally)


@pytest.mark.slow
@pytest.mark.parametrize("matcher", MATCHERS)
def test_every_matcher_says_the_same(packs: tuple[LoadedPack, ...], matcher: str) -> None:
    try:
        packs[0].matcher(matcher)
    except MatcherUnavailable as problem:
        pytest.skip(str(problem))
    for example in EXAMPLES[:3]:
        document = read_file(example)
        assert evaluate(packs[0], document, Options(matcher=matcher)) == evaluate(packs[0], document)


def test_a_year_ends_where_a_day_is_told(packs: tuple[LoadedPack, ...]) -> None:
    """`20 November` becomes `20 November 2026`; where no day is told, nothing changes."""
    told = evaluate(packs[0], read_file(ROOT / "examples/rejected.yaml"), Options(date(2026, 12, 31)))
    assert any("November" in step.why for step in told.steps) == (told.next_change == date(2027, 1, 1))


def test_an_event_ahead_is_waited_for(packs: tuple[LoadedPack, ...]) -> None:
    document = Document.of(
        {"applications": {"a": {"company": "A", "events": [{"date": "2027-03-01", "event": "applied"}]}}}
    )
    report = evaluate(packs[0], document, Options(date(2026, 11, 20)))
    assert report.next_change == date(2027, 3, 1)
    assert report.to_dict()["next_change"] == "2027-03-01"


def test_what_watching_may_not_look_at_can_change_tomorrow(packs: tuple[LoadedPack, ...]) -> None:
    """No limit refuses a situation for the sake of its next change."""
    document = read_file(EXAMPLES[0])
    plain = evaluate_facts(packs[0], packs[0].read(document))
    least = USUAL._replace(derivations=len(plain.derivations))
    report = evaluate(packs[0], document, Options(limits=least))
    assert report.next_change == report.as_of + DAY
    assert report._replace(next_change=None) == plain.report
