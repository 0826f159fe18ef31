"""Streams of records make the same situations as files."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.situation.mistakes import MAX_MISTAKES
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.evaluation.situation.records import situations_from_records
from followcue.language.documents.document import Document
from job_search import vocabulary

DANA = {"name": "Dana", "role": "recruiter"}
RECORDS: list[dict[str, Any]] = [
    {"situation": "ana", "application": "acme", "event": "interview", "date": "2026-11-10", "with": ["dana"]},
    {"situation": "ben", "application": "zen", "event": "application", "company": "Zenith"},
    {"situation": "ana", "application": "acme", "event": "contact", "contact": "dana", **DANA},
    {"situation": "ana", "application": "acme", "event": "application", "company": "Acme", "via": None},
    {"situation": "ana", "event": "network_told", "date": "2026-11-01", "application": None},
    {"situation": "ana", "event": "search", "as_of": "2026-11-21", "profile": "patient"},
    {"situation": "ana", "application": "acme", "event": "applied", "date": "2026-11-01", "channel": ""},
]


def grouped(records: list[Any]) -> dict[str, Any]:
    return dict(situations_from_records(records, vocabulary()))


def test_records_are_grouped_into_the_form_of_the_file() -> None:
    assert grouped(RECORDS) == {
        "ana": {
            "as_of": "2026-11-21",
            "profile": "patient",
            "applications": {
                "acme": {
                    "company": "Acme",
                    "contacts": {"dana": DANA},
                    "events": [
                        {"event": "interview", "date": "2026-11-10", "with": ["dana"]},
                        {"event": "applied", "date": "2026-11-01"},
                    ],
                }
            },
            "events": [{"event": "network_told", "date": "2026-11-01"}],
        },
        "ben": {"applications": {"zen": {"company": "Zenith"}}},
    }


def test_the_reader_takes_what_was_grouped() -> None:
    reader = SituationReader(vocabulary())
    for data in grouped(RECORDS).values():
        reader.read(Document.of(data), today=lambda zone: date(2026, 11, 21))


def test_keys_may_be_numbers_and_stand_under_id() -> None:
    records = [{"situation": 7, "event": "application", "id": 12, "company": "Acme"}]
    assert grouped(records) == {"7": {"applications": {"12": {"company": "Acme"}}}}


def test_an_application_that_only_has_events_lacks_its_company() -> None:
    data = grouped([{"situation": "ana", "application": "acme", "event": "applied", "date": "2026-11-01"}])[
        "ana"
    ]
    with pytest.raises(InvalidInput, match="FC503: application `acme` needs `company`"):
        SituationReader(vocabulary()).read(Document.of(data), today=lambda zone: date(2026, 11, 21))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("applied", "a record must be a mapping, not `applied`"),
        ({"event": "applied"}, "a record needs `situation`"),
        ({"situation": "ana"}, "a record needs `event`"),
        ({"situation": ["ana"], "event": "applied"}, "`situation` must be text, not a list"),
        ({"situation": "ana", "event": "contact", "id": "dana"}, "`event: contact` needs `application`"),
        ({"situation": "ana", "event": "application"}, "`event: application` needs `application`"),
        ({"situation": "ana", "event": "search", "applications": 3}, "`applications` cannot stand inside"),
        (
            {"situation": "ana", "event": "application", "id": "a", "events": 3},
            "`events` cannot stand inside",
        ),
    ],
)
def test_records_that_cannot_be_placed(record: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        grouped([RECORDS[0], record])
    (problem,) = raised.value.diagnostics
    assert problem.where == "record 2"
    assert problem.message.startswith(said)


def test_a_record_declared_twice() -> None:
    with pytest.raises(InvalidInput, match="record 2: FC501: the application `zen` is declared twice"):
        grouped([RECORDS[1], RECORDS[1]])


@pytest.mark.parametrize(("count", "told"), [(MAX_MISTAKES, "FC501"), (MAX_MISTAKES + 1, "FC599")])
def test_the_last_word_on_too_many_records_is_that_there_are_more(count: int, told: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        grouped([{}] * count)
    codes = [diagnostic.code for diagnostic in raised.value.diagnostics]
    assert codes.count("FC501") == MAX_MISTAKES
    assert codes[-1] == told


def test_skips_are_records_too() -> None:
    skip = {
        "situation": "ana",
        "event": "skip",
        "action": "send_paper_note",
        "application": "acme",
        "to": None,
    }
    made = grouped([*RECORDS, skip])
    assert made["ana"]["skips"] == [{"action": "send_paper_note", "application": "acme"}]
    whole = {"situation": "ana", "event": "search", "skips": [{"action": "wait"}]}
    for records in ([skip, whole], [whole, skip]):
        with pytest.raises(InvalidInput, match="`skips` stand in"):
            grouped(records)
