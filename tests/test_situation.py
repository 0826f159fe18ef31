"""What a good situation becomes: rows, defaults, list members, names, the day, the parameters."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import pytest

from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import USUAL
from followcue.evaluation.situation.mistakes import MAX_MISTAKES
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.evaluation.situation.situation import MOMENTS_A_DAY, Situation
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from job_search import vocabulary

READER = SituationReader(vocabulary())
TODAY = date(2026, 11, 21)


def read(data: object, **options: Any) -> Situation:
    return READER.read(Document.of(data), today=lambda zone: TODAY, **options)


def mistakes(data: object, **options: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        read(data, **options)
    return [f"{d.where} {d.code}" for d in raised.value.diagnostics]


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def acme(*events: dict[str, Any], **fields: object) -> dict[str, Any]:
    contacts = {
        "dana": {"name": "Dana Ruiz", "role": "recruiter"},
        "lee": {"name": "Lee", "role": "helper"},
    }
    return {
        "applications": {"acme": {"company": "Acme", "contacts": contacts, "events": list(events)} | fields}
    }


# --- rows
def test_records_become_rows_with_defaults() -> None:
    facts = read(acme()).facts
    assert facts["application"] == [("acme", "Acme", None, "direct")]
    assert facts["contact"] == [
        ("acme", "dana", "Dana Ruiz", "recruiter", None, None),
        ("acme", "lee", "Lee", "helper", None, None),
    ]


def test_only_kinds_that_occur_have_facts() -> None:
    assert read({"applications": {}}).facts == {}


def test_an_event_becomes_a_row_in_column_order() -> None:
    event = {"event": "timeline_promised", "within": "2 weeks", "date": "2026-11-10", "from": "dana"}
    at = day("2026-11-10") * MOMENTS_A_DAY
    assert read(acme(event)).facts["timeline_promised"] == [
        ("acme", day("2026-11-10"), at, None, None, "dana", None, 14, None)
    ]


def test_an_event_of_the_whole_has_no_scope() -> None:
    situation = read({"applications": {}, "events": [{"date": "2026-11-01", "event": "network_told"}]})
    assert situation.facts["network_told"][0][:2] == (None, day("2026-11-01"))


def test_list_fields_also_make_a_row_for_each_member_once() -> None:
    event = {"date": "2026-11-10", "event": "interview", "with": ["dana", "lee", "dana"]}
    facts = read(acme(event)).facts
    (row,) = facts["interview"]
    assert facts["interview.with"] == [(*row, "dana"), (*row, "lee")]


def test_one_value_may_stand_alone_in_a_list_field() -> None:
    event = {"date": "2026-11-10", "event": "interview", "with": "dana"}
    assert [row[-1] for row in read(acme(event)).facts["interview.with"]] == ["dana"]


def test_list_fields_of_records() -> None:
    contacts = {"dana": {"name": "Dana", "role": "recruiter", "languages": ["de", "en"]}}
    assert [row[-1] for row in read(acme(contacts=contacts)).facts["contact.languages"]] == ["de", "en"]


def test_events_of_a_day_are_ordered_as_written() -> None:
    events = [{"date": "2026-11-10", "event": "applied"}, {"date": "2026-11-10", "event": "rejected"}]
    facts = read(acme(*events)).facts
    assert facts["applied"][0][2] < facts["rejected"][0][2]  # type: ignore[operator]


def test_an_event_may_refer_to_a_later_line() -> None:
    thanks = {"date": "2026-11-11", "event": "thank_you_sent", "to": "dana", "interview": "iv1"}
    interview = {"date": "2026-11-10", "event": "interview", "id": "iv1"}
    assert "thank_you_sent" in read(acme(thanks, interview)).facts


def test_scheduled_and_held_interview_share_their_id() -> None:
    scheduled = {"date": "2026-11-05", "event": "interview_scheduled", "id": "iv1", "for": "2026-11-10"}
    held = {"date": "2026-11-10", "event": "interview", "id": "iv1"}
    thanks = {"date": "2026-11-11", "event": "thank_you_sent", "to": "dana"}
    assert len(read(acme(scheduled, held, thanks)).facts) == 5


def test_a_held_interview_without_id_may_be_the_scheduled_one() -> None:
    scheduled = {"date": "2026-11-05", "event": "interview_scheduled", "id": "iv1", "for": "2026-11-10"}
    thanks = {"date": "2026-11-11", "event": "thank_you_sent", "to": "dana"}
    read(acme(scheduled, {"date": "2026-11-10", "event": "interview"}, thanks))


def test_collections_may_be_left_empty() -> None:
    text = "applications:\n  acme:\n    company: Acme\n    contacts:\n    events:\nevents:\nparams:\n"
    document = read_document(text, "s.yaml")
    assert set(READER.read(document, today=lambda zone: TODAY).facts) == {"application"}


# --- events ahead
def test_an_event_after_the_day_is_no_fact_but_a_warning() -> None:
    events = "[{date: 2026-12-10, event: rejected}]"
    text = f"applications:\n  acme:\n    company: Acme\n\n    events: {events}\n"
    situation = READER.read(read_document(text, "situation.yaml"), today=lambda zone: TODAY)
    assert "rejected" not in situation.facts
    assert not situation.events
    assert situation.warnings == (
        "situation.yaml:5: rejected on 2026-12-10 lies ahead and is not counted yet",
    )


def test_an_event_ahead_may_be_referred_to() -> None:
    ahead = {"date": "2026-12-01", "event": "interview", "id": "iv1"}
    thanks = {"date": "2026-11-11", "event": "thank_you_sent", "to": "dana", "interview": "iv1"}
    situation = read(acme(ahead, thanks))
    assert set(situation.facts) == {"application", "contact", "thank_you_sent"}
    assert situation.warnings[0].startswith("applications.acme.events[0]: interview on 2026-12-01")


# --- finding events and names
def test_a_row_finds_its_event() -> None:
    text = (
        "applications:\n  acme:\n    company: Acme\n    events:\n"
        "      - {date: 2026-11-01, event: applied}\n"
        "      - {date: 2026-11-10, event: offer_received, answer_by: 2026-11-30, written: true}\n"
    )
    situation = READER.read(read_document(text, "s.yaml"), today=lambda zone: TODAY)
    (row,) = situation.facts["offer_received"]
    event = situation.events[row[0], row[2]]  # type: ignore[index]
    assert (event.kind, event.scope, event.line) == ("offer_received", "acme", 6)
    assert (event.date, event.at) == row[1:3]
    assert event.fields == {"answer_by": "2026-11-30", "written": True}
    assert len(situation.events) == 2
    assert (None, 0) not in situation.events


def test_names_to_show() -> None:
    assert read(acme()).names == {
        "acme": "Acme",
        ("acme", "dana"): "Dana Ruiz",
        ("acme", "lee"): "Lee",
    }


# --- the day
def test_the_option_wins_over_the_file_and_the_file_over_today() -> None:
    data = {"applications": {}, "as_of": "2026-11-05"}
    assert read({"applications": {}}).as_of == TODAY.toordinal()
    assert read(data).as_of == day("2026-11-05")
    assert read(data, as_of=date(2026, 11, 9)).as_of == day("2026-11-09")


def test_today_is_asked_for_in_the_zone_of_the_file() -> None:
    asked: list[str | None] = []

    def today(zone: str | None) -> date:
        asked.append(zone)
        return TODAY

    READER.read(Document.of({"applications": {}, "timezone": "Asia/Tokyo"}), today=today)
    assert asked == ["Asia/Tokyo"]


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc", "", "Europe", 3, None, "x" * 5000])
def test_an_unknown_time_zone_is_a_mistake(zone: object) -> None:
    assert mistakes({"applications": {}, "timezone": zone}) == ["timezone FC604"]


# --- profile and parameters
def test_values_come_from_pack_profile_file_and_options_in_this_order() -> None:
    data = {"applications": {}, "profile": "patient", "params": {"max_attempts": 3}}
    assert read({"applications": {}}).parameters == {
        "profile": "balanced",
        "unpromised_wait": 7,
        "max_attempts": 2,
        "weekly": False,
        "count": "days",
        "holidays": None,
    }
    assert read(data).parameters["unpromised_wait"] == 10
    assert read(data).parameters["max_attempts"] == 3
    assert read(data, profile="balanced").parameters["unpromised_wait"] == 7
    chosen = read(data, parameters={"max_attempts": "5", "unpromised_wait": "2 weeks", "weekly": "true"})
    assert {"max_attempts": 5, "unpromised_wait": 14, "weekly": True}.items() <= chosen.parameters.items()


@pytest.mark.parametrize("count", ["days", "working_days"])
def test_holidays_are_looked_up_whatever_days_count(count: str) -> None:
    pytest.importorskip("holidays")
    assert mistakes({"applications": {}, "params": {"holidays": "XX", "count": count}}) == [
        "params.holidays FC602"
    ]
    assert mistakes({"applications": {}}, parameters={"holidays": "DE-XX", "count": count}) == [
        "parameters.holidays FC602"
    ]
    assert read({"applications": {}, "params": {"holidays": "DE-BY"}}).parameters["holidays"] == "DE-BY"


def test_holidays_that_are_not_needed_need_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert read({"applications": {}, "params": {"holidays": "XX"}}).parameters["holidays"] == "XX"


def test_one_situation_does_not_change_the_next() -> None:
    read({"applications": {}, "params": {"max_attempts": 9}})
    assert read({"applications": {}}).parameters["max_attempts"] == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"profile": "hasty"}, "profile FC603"),
        ({"parameters": {"max_attemts": "3"}}, "parameters.max_attemts FC601"),
        ({"parameters": {"max_attempts": "3.5"}}, "parameters.max_attempts FC602"),
        ({"parameters": {"max_attempts": "²"}}, "parameters.max_attempts FC602"),
        ({"parameters": {"unpromised_wait": 5}}, "parameters.unpromised_wait FC602"),
    ],
)
def test_mistakes_in_options(options: dict[str, Any], expected: str) -> None:
    assert mistakes({"applications": {}}, **options) == [expected]


# --- limits
def test_a_situation_may_not_be_huge() -> None:
    events = [{"date": "2026-11-01", "event": "network_told"}] * (USUAL.entries + 1)
    assert mistakes({"applications": {}, "events": events}) == ["situation FC901"]


def test_reading_ends_when_there_are_too_many_mistakes() -> None:
    many = {"applications": {}, "events": list(range(MAX_MISTAKES))}
    assert len(mistakes(many)) == MAX_MISTAKES
    more = {"applications": {}, "events": list(range(USUAL.entries))}
    assert mistakes(more) == [*mistakes(many), "situation FC599"]
    with pytest.raises(InvalidInput) as raised:
        read(more)
    assert str(raised.value).endswith("situation: FC599: and more mistakes: these are the first 1,000")


def test_read_situation_is_the_reader_for_once() -> None:
    document = Document.of(acme())
    once = SituationReader(vocabulary()).read(document, today=lambda zone: TODAY)
    assert once.facts == read(acme()).facts


def test_a_vocabulary_without_scope() -> None:
    from followcue.base.rows import Column, Relation
    from followcue.language.model.vocabulary import Field, Kind, Shape, Type

    text, item_type = Type("text", "text"), Type("item", "text", refers_to=("item",))
    item = Kind("item", "record", (Field("name", text),), path=("items",), scoped=False)
    sold = Kind("sold", "event", (Field("item", item_type),), scoped=False)
    columns = [("date", "date"), ("at", "moment"), ("id", "text"), ("note", "text"), ("item", "text")]
    plain = vocabulary(
        shape=Shape(None, "shop", ("item",), (("sales",),)),
        kinds={"item": item, "sold": sold},
        relations={
            "item": Relation("item", (Column("id", "text"), Column("name", "text"))),
            "sold": Relation("sold", tuple(Column(n, t) for n, t in columns)),  # type: ignore[arg-type]
        },
    )
    data = {
        "items": {"x": {"name": "X"}},
        "sales": [{"date": "2026-11-01", "event": "sold", "item": "x"}],
    }
    situation = SituationReader(plain).read(Document.of(data), today=lambda zone: TODAY)
    at = day("2026-11-01") * MOMENTS_A_DAY
    assert situation.facts == {
        "item": [("x", "X")],
        "sold": [(day("2026-11-01"), at, None, None, "x")],
    }
    assert situation.events[None, at].kind == "sold"
    assert situation.names == {"x": "X"}
