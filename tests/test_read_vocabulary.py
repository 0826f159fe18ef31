"""Vocabulary documents become kinds, types, parameters and relations; layers add to them."""

from __future__ import annotations

import pytest

from followcue.base.diagnostic import render
from followcue.base.rows import Column, Relation
from followcue.language.documents.read import read_document
from followcue.language.model.read_vocabulary import read_vocabulary
from followcue.language.model.vocabulary import (
    ActionKind,
    AppointmentKind,
    Citation,
    Requirement,
    Type,
    Vocabulary,
)
from shipped import shipped_vocabulary

BASE = """\
situation:
  scope: client
  whole: practice
  records:
    invoice: {in: clients.invoices, fields: {amount: number, tags: list of text}}
    client:
      in: clients
      fields: {name: text, since: date, pays_within: duration, kind: kind, vip: boolean}
      defaults: {since: 2020-02-29, pays_within: 2 weeks, kind: private, vip: false}
      require: [name]
    holiday: {in: holidays, fields: {on: date}}
  events: [clients.events, events]
types:
  kind: {one of: [private, company]}
  bill: {id of: [billed]}
events:
  billed: {says: A bill went out., fields: {invoice: invoice, due: date}, require: [id, invoice]}
  reminded: {fields: {bill: bill, by: text, within: duration}, require: [by or within, bill if several]}
  closed:
conclusions:
  late: {fields: {days: duration, at: moment}}
  busy: {of: practice, internal: true}
actions:
  remind: {title: Send a reminder, priority: high, do: [Be friendly], contradicts: [wait]}
  wait: {title: Wait, standing: true, keep: latest until}
profiles: {kind: {default: true}, strict: {}}
parameters:
  grace: {says: How long to wait., value: 2 weeks, profiles: {strict: 0 days}, cites: [handbook, own default]}
  times: {value: 3, cites: [own reading of handbook, handbook/B2]}
  start: {value: 2026-01-31}
  strictly: {value: true}
  mark: {value: blue}
sources: {handbook: {title: The handbook, date: "2008"}}
items: {B2: {sources: [handbook], says: Remind thrice.}}
"""


def read(*layers: str) -> tuple[Vocabulary | None, str]:
    documents = [[read_document(text, f"{number}.yaml")] for number, text in enumerate(layers, 1)]
    vocabulary, problems = read_vocabulary(documents)
    return vocabulary, render(problems)


def read_well(*layers: str) -> Vocabulary:
    vocabulary, said = read(*layers)
    assert vocabulary is not None, said
    return vocabulary


def test_the_shape_of_a_situation() -> None:
    vocabulary = read_well(BASE)
    assert (vocabulary.shape.scope, vocabulary.shape.whole) == ("client", "practice")
    assert vocabulary.shape.records == ("client", "holiday", "invoice")
    assert vocabulary.shape.events == (("clients", "events"), ("events",))
    assert vocabulary.kinds["invoice"].path == ("clients", "invoices")
    assert [name for name, kind in vocabulary.kinds.items() if not kind.scoped] == ["holiday", "busy"]


def test_types() -> None:
    types = read_well(BASE).types
    assert types["kind"] == Type("kind", "text", choices=("private", "company"))
    assert types["bill"] == Type("bill", "text", refers_to=("billed",))
    assert types["invoice"] == Type("invoice", "text", refers_to=("invoice",))
    assert types["boolean"] == Type("boolean", "bool")


def test_fields_have_defaults_as_they_are_at_run_time() -> None:
    defaults = {field.name: field.default for field in read_well(BASE).kinds["client"].fields}
    assert defaults == {"name": None, "since": 737484, "pays_within": 14, "kind": "private", "vip": False}


VISIT = """\
types: {call: {id of: [visit]}}
events: {visit: {fields: {reason: text, what: kind}, require: [id, reason]}}
conclusions:
  visit_ahead:
    fields: {visit: call, on: date, hour: text, reason: text, what: text}
    appointment: {on: on, time: hour, becomes: visit}
"""


def test_an_appointment_becomes_an_event_with_what_both_call_the_same() -> None:
    appointment = read_well(BASE, VISIT).kinds["visit_ahead"].appointment
    assert appointment == AppointmentKind("on", "hour", "visit", {"id": "visit", "reason": "reason"})


def test_requirements() -> None:
    kinds = read_well(BASE).kinds
    assert kinds["billed"].require == (Requirement(("id",)), Requirement(("invoice",)))
    assert kinds["reminded"].require == (
        Requirement(("by", "within")),
        Requirement(("bill",), ("billed",)),
    )


COMMON = "client:text date:date at:moment id:text note:text"


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("client", "client:text name:text since:date pays_within:duration kind:text vip:bool"),
        ("invoice", "client:text id:text amount:number"),
        ("invoice.tags", "client:text id:text amount:number tags:text"),
        ("holiday", "id:text on:date"),
        ("billed", f"{COMMON} invoice:text due:date"),
        ("closed", COMMON),
        ("late", "client:text days:duration at:moment"),
        ("busy", ""),
        (
            "!recommendation",
            "scope:text to:text about:text open:date due:date close:date until:date channel:text",
        ),
        ("!tip", "scope:text to:text about:text"),
    ],
)
def test_columns_of_relations(name: str, columns: str) -> None:
    relation = read_well(BASE).relations[name]
    expected = tuple(Column(*column.split(":")) for column in columns.split())  # type: ignore[arg-type]
    assert relation == Relation(name, expected, derived=name in ("late", "busy", "!recommendation", "!tip"))


def test_actions() -> None:
    actions = read_well(BASE).actions
    assert actions["wait"]._replace(origin="") == ActionKind("wait", "Wait", standing=True, keep="until")
    remind = actions["remind"]
    assert (remind.priority, remind.do, remind.contradicts) == ("high", ("Be friendly",), ("wait",))


def test_parameters_have_the_type_of_their_value() -> None:
    vocabulary = read_well(BASE)
    values = {name: (p.type.name, p.value) for name, p in vocabulary.parameters.items()}
    assert values == {
        "count": ("count", "days"),
        "holidays": ("text", None),
        "focus_steps": ("number", 3),
        "fades_after": ("duration", 5),
        "contact_days": ("contact_days", "working_days"),
        "grace": ("duration", 14),
        "times": ("number", 3),
        "start": ("date", 739647),
        "strictly": ("boolean", True),
        "mark": ("text", "blue"),
    }
    assert (vocabulary.profiles, vocabulary.default_profile) == (("kind", "strict"), "kind")
    assert vocabulary.parameters["grace"].profiles == {"strict": 0}
    assert vocabulary.parameters["grace"].origin == "1.yaml:28"


def test_citations() -> None:
    vocabulary = read_well(BASE)
    assert vocabulary.parameters["grace"].cites == (
        Citation("handbook"),
        Citation("own default", None, "own default"),
    )
    assert vocabulary.parameters["times"].cites == (
        Citation("handbook", None, "own reading"),
        Citation("handbook", "B2"),
    )
    assert vocabulary.sources["handbook"] == {"title": "The handbook", "date": "2008"}
    assert vocabulary.items == {"B2": ("handbook",)}


def test_a_pack_may_have_no_scope_and_no_profiles() -> None:
    vocabulary = read_well("situation: {events: [events]}\nevents: {rain: {fields: {amount: number}}}\n")
    assert vocabulary.shape.scope is None
    assert (vocabulary.profiles, vocabulary.default_profile) == ((), "default")
    names = [column.name for column in vocabulary.relations["rain"].columns]
    assert names == ["date", "at", "id", "note", "amount"]


def test_a_layer_adds() -> None:
    layer = """\
types: {colour: {one of: [red, green]}}
events: {closed: {fields: {colour: colour}}, opened: {}}
conclusions: {merry: {}}
actions: {sing: {title: Sing}}
profiles: {gentle: {}}
parameters:
  grace: {profiles: {gentle: 30 days}}
  times: {value: 5}
  pitch: {says: How high to sing., value: 440}
sources: {songbook: {title: The songbook}}
"""
    base, both = read_well(BASE), read_well(BASE, layer)
    assert [field.name for field in both.kinds["closed"].fields] == ["colour"]
    assert both.relations["closed"].columns[-1] == Column("colour", "text")
    assert both.kinds.keys() - base.kinds.keys() == {"opened", "merry"}
    assert "sing" in both.actions
    assert both.parameters["grace"] == base.parameters["grace"]._replace(profiles={"strict": 0, "gentle": 30})
    assert (both.parameters["times"].value, both.parameters["times"].origin) == (5, "2.yaml:8")
    assert both.parameters["pitch"].value == 440
    assert both.parameters["times"].cites == base.parameters["times"].cites


def test_a_later_layer_changes_what_an_earlier_one_added() -> None:
    vocabulary = read_well(
        BASE, "parameters: {pitch: {says: How high., value: 440}}", "parameters: {pitch: {value: 415}}"
    )
    assert vocabulary.parameters["pitch"].value == 415


def test_one_layer_may_lie_in_several_files() -> None:
    files = [read_document(text, name) for name, text in (("a.yaml", "types: {}\n"), ("b.yaml", BASE))]
    vocabulary, problems = read_vocabulary([files])
    assert vocabulary is not None, render(problems)


def test_the_same_name_in_two_files_shows_both_places() -> None:
    again = read_document("actions: {wait: {title: Wait}}", "again.yaml")
    _, problems = read_vocabulary([[read_document(BASE, "base.yaml"), again]])
    (problem,) = problems
    assert problem.code == "FC320"
    assert [str(span) for _, span in problem.related] == ["base.yaml:25:3"]


def test_no_files_at_all() -> None:
    vocabulary, problems = read_vocabulary([])
    assert vocabulary is None
    assert [problem.code for problem in problems] == ["FC203"]


def test_the_shipped_vocabulary() -> None:
    vocabulary = shipped_vocabulary()
    assert vocabulary.shape.scope == "application"
    assert vocabulary.parameters["thank_you_within"].profiles == {"prompt": 0}
    assert vocabulary.default_profile == "balanced"
