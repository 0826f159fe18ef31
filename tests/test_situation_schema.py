"""The JSON Schema of situations is up to date and no stricter than the reader, which survives anything."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.evaluation.situation.situation_schema import situation_schema
from followcue.language.documents.document import Document
from shipped import ROOT, shipped_vocabulary

SHIPPED = ROOT / "schemas" / "situation.schema.json"
SCHEMA = situation_schema(shipped_vocabulary())
VALIDATOR = Draft202012Validator(SCHEMA)
READER = SituationReader(shipped_vocabulary())

GOOD: dict[str, Any] = {
    "as_of": "2026-11-21",
    "profile": "balanced",
    "params": {"max_attempts": 3, "unpromised_wait": "1 week", "count": "working_days"},
    "applications": {
        "acme": {
            "company": "Acme",
            "via": "agency",
            "contacts": {
                "dana": {"name": "Dana Ruiz", "role": "recruiter", "phone": "+1 555 0100"},
                "lee": {"name": "Lee Wong", "role": "hiring_manager"},
            },
            "events": [
                {"date": "2026-11-05", "event": "interview_scheduled", "id": "iv1", "for": "2026-11-10"},
                {"date": "2026-11-10", "event": "interview", "id": "iv1", "with": ["dana", "lee"]},
                {
                    "date": "2026-11-10",
                    "event": "timeline_promised",
                    "within": "5 days",
                    "call_ok": "implied",
                },
                {"date": "2026-11-11", "event": "thank_you_sent", "to": "dana", "interview": "iv1"},
                {"date": "2026-11-20", "event": "offer_received", "written": True, "answer_by": "2026-11-30"},
            ],
        },
        "zenith": {"company": "Zenith", "contacts": None, "events": []},
    },
    "events": [{"date": "2026-11-01", "event": "network_told"}],
}

WORDS = [kind.name for kind in shipped_vocabulary().kinds.values()] + [
    "acme",
    "dana",
    "iv1",
    "iv9",
    "2026-11-31",
]
WORDS += [
    "2026-11-10",
    "1 day",
    "5",
    "",
    "phone",
    "with",
    "to",
    "events",
    "contacts",
    "applications",
    "date",
    "by",
]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 10**9)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=4,
)


def places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values in the data."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for step, value in steps for place in places(value, (*path, step)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good situation with one to three changes anywhere: a value replaced, left out, added or moved."""
    data: Any = {"": copy.deepcopy(GOOD)}
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(data)[1:]))
        holder = data
        for step in path[:-1]:
            holder = holder[step]
        match draw(st.sampled_from(["replace", "drop", "add", "move"])):
            case "replace":
                holder[path[-1]] = draw(values)
            case "drop" if len(path) > 1:
                del holder[path[-1]]
            case "add" if isinstance(holder[path[-1]], dict):
                holder[path[-1]][draw(st.sampled_from(WORDS) | st.text(max_size=4))] = draw(values)
            case _:
                source: Any = data
                for step in draw(st.sampled_from(places(data))):
                    source = source[step]
                holder[path[-1]] = copy.deepcopy(source)
    return data[""]


def is_read(data: object) -> bool:
    try:
        READER.read(Document.of(data), today=lambda zone: date(2026, 11, 21))
    except InvalidInput:
        return False
    return True


def test_the_shipped_schema_is_up_to_date(request: pytest.FixtureRequest) -> None:
    made = json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--rebaseline", default=False):
        SHIPPED.write_text(made, encoding="utf-8")
    assert made == SHIPPED.read_text(encoding="utf-8"), "run pytest with --rebaseline"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_both_take_a_good_situation() -> None:
    assert [error.message for error in VALIDATOR.iter_errors(GOOD)] == []
    assert is_read(GOOD)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(mutated())
def test_what_the_schema_refuses_the_reader_refuses(data: Any) -> None:
    assert VALIDATOR.is_valid(data) or not is_read(data)


@pytest.mark.parametrize(
    "event",
    [
        {"event": "interview_scheduled", "date": "2026-11-05", "id": "iv1"},
        {"event": "applied"},
        {"event": "applied", "date": "5.11.2026"},
        {"event": "applied", "date": "2026-11-05", "channnel": "mail"},
        {"event": "aplied", "date": "2026-11-05"},
        {"event": "timeline_promised", "date": "2026-11-05"},
        {"event": "timeline_promised", "date": "2026-11-05", "within": 5},
        {"date": "2026-11-05"},
    ],
    ids=json.dumps,
)
def test_the_schema_knows_the_fields_of_each_event(event: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({"applications": {}, "events": [event]})
