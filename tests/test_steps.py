"""Steps: what is done in one sitting, whatever the situation and the rules."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import Any

import pytest

from followcue.assistant.plan.course import undated
from followcue.assistant.plan.plan import plan
from followcue.evaluation.advice.advise import action_id
from followcue.evaluation.advice.report import PRIORITIES, Report, Step
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.language.documents.document import Document
from followcue.language.logic.compile_pack import Layer, compile_pack
from followcue.synthesis.sampling import situations

SOME = 40


@cache
def shipped_pack() -> LoadedPack:
    return load_pack()


def report_on(loaded: LoadedPack, data: Mapping[str, Any], **options: Any) -> Report:
    return evaluate(loaded, Document("situation", data), Options(**options))


def made(loaded: LoadedPack, seed: int, count: int = SOME) -> Iterator[dict[str, Any]]:
    yield from islice(situations(loaded, seed), count)


def person(data: Mapping[str, Any], step: Step) -> object:
    """Who is addressed: one address, or one number, is one person."""
    contact = data["applications"][step.scope].get("contacts", {}).get(step.to) or {}
    return contact.get("email") or contact.get("phone") or (step.scope, step.to)


@pytest.mark.parametrize("seed", range(4))
def test_what_always_holds(seed: int) -> None:
    loaded = shipped_pack()
    vocabulary = loaded.pack.vocabulary
    for data in made(loaded, seed):
        report = report_on(loaded, data)
        now = [step for step in report.steps if step.when == "now"]
        heard = Counter(str(person(data, step)) for step in now if step.to)
        assert not {who: count for who, count in heard.items() if count > 1}, data
        placed = Counter(action for step in report.steps for action in step.actions)
        assert all(count == 1 for count in placed.values())
        known = {action.id: action for action in report.actions}
        assert placed.keys() <= known.keys()
        for action in report.actions:
            kind = vocabulary.actions[action.action]
            if action.id not in placed:  # a habit, or it waits for a message to ride on
                assert kind.standing or kind.message is not None
                assert kind.standing or action.priority not in ("urgent", "high"), action.id
        ranks = [PRIORITIES.index(step.urgency) for step in now]
        assert ranks == sorted(ranks)
        assert [step.focus for step in report.steps] == [n < 3 for n in range(len(now))] + [False] * (
            len(report.steps) - len(now)
        )
        days = [step.open for step in report.steps if step.when == "ahead"]
        assert days == sorted(days)
        assert all(day > report.as_of for day in days)
        assert all(step.title and step.why is not None for step in report.steps)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_file_never_shows(seed: int) -> None:
    loaded, dice = shipped_pack(), random.Random(seed)
    for data in made(loaded, seed + 100, SOME // 2):
        turned = {**data, "applications": shuffled(dice, data["applications"])}
        for key, application in turned["applications"].items():
            turned["applications"][key] = {
                **application,
                "contacts": shuffled(dice, application.get("contacts") or {}),
            }
        first, second = report_on(loaded, data), report_on(loaded, turned)
        assert [step._replace(why="") for step in first.steps] == [
            step._replace(why="") for step in second.steps
        ]
        assert first.steps == second.steps


def shuffled(dice: random.Random, entries: Mapping[str, Any]) -> dict[str, Any]:
    items = list(entries.items())
    dice.shuffle(items)
    return dict(items)


def test_ids_are_made_of_their_parts() -> None:
    assert action_id("send_thank_you", "acme", "bo", "onsite") == "send_thank_you:acme:bo:onsite"
    assert action_id("send_thank_you", "acme", None, "on:50%") == "send_thank_you:acme::on%3A50%25"
    assert action_id("answer_offer", "acme", None, None) == "answer_offer:acme"
    assert action_id("tell_network", None, None, None) == "tell_network"


SHOP = {
    "vocabulary.yaml": """
pack: {name: shop}
situation:
  scope: order
  whole: shop
  records:
    order: {in: orders, fields: {name: text}}
    buyer: {in: orders.buyers, fields: {name: text, mail: text, phone: text}, same by: [mail, phone]}
  events: [orders.events]
types: {channel: {one of: [phone, email]}}
messages:
  mail: {says: "Write to {person}", channel: email}
  call: {says: "Ring {person}", channel: phone, office hours: true}
  card: {says: "Post a card to {person}", alone: true}
sittings: {wrap: order}
events:
  ordered: {says: It was ordered., fields: {by: buyer}}
  asked: {says: They asked., fields: {by: buyer}}
  written: {says: You wrote., fields: {to: buyer}, message to: to}
actions:
  confirm: {title: Confirm the order, say: confirm the order, message: mail, priority: high, fades: true}
  offer_more: {title: Offer more, say: offer more, message: mail, rides: true}
  ring: {title: Ring back, say: ask what they need, message: call, priority: high}
  card: {title: Send a card, say: say thank you, message: card, priority: low, in silence: speaks}
  wrap: {title: Wrap it, sitting: wrap}
  label: {title: Label it, sitting: wrap}
  quiet: {title: Leave them alone, standing: true, asks for silence: true}
""",
    "rules.yaml": """
rules:
  confirm:
    title: Confirm
    when:
      - ordered: {by: $who, date: $day}
    recommend:
      action: confirm
      to: $who
      open: $day
      due: $day
      why: "{who} ordered on {day}."
      done_when: {written: {to: $who, date: after $day}}
  more: {title: More, when: [{ordered: {by: $who}}], recommend: {action: offer_more, to: $who}}
  ring: {title: Ring, when: [{asked: {by: $who}}], recommend: {action: ring, to: $who}}
  card: {title: Card, when: [{ordered: {by: $who}}], recommend: {action: card, to: $who}}
  wrap: {title: Wrap, when: [ordered], recommend: {action: wrap}}
  label: {title: Label, when: [ordered], recommend: {action: label}}
""",
}


def shop(**more: str) -> LoadedPack:
    files = {name: text.encode() for name, text in {**SHOP, **more}.items()}
    return LoadedPack.of(compile_pack([Layer("shop", files)]))


def situation(as_of: str = "2026-06-15", **order: Any) -> dict[str, Any]:
    return {"as_of": as_of, "orders": {"o1": {"name": "Order 1", **order}}}


ANN = {"ann": {"name": "Ann", "mail": "ann@x.example"}}


def shown(report: Report) -> list[tuple[str, str, str]]:
    return [(step.when, step.urgency, step.title) for step in report.steps]


def test_one_message_says_what_one_person_is_to_hear_and_carries_what_rides() -> None:
    report = report_on(
        shop(), situation(buyers=ANN, events=[{"date": "2026-06-15", "event": "ordered", "by": "ann"}])
    )
    assert shown(report) == [
        ("now", "high", "Write to Ann, Order 1: confirm the order, and offer more"),
        ("now", "normal", "Wrap it, and label it: Order 1"),
        ("ahead", "low", "Post a card to Ann, Order 1: say thank you"),
    ]
    assert report.steps[0].why == "Ann ordered on 15 June."
    assert report.steps[0].actions == ("confirm:o1:ann", "offer_more:o1:ann")
    assert report.steps[2].open.isoformat() == "2026-06-16"


def test_what_is_late_fades_and_never_rises() -> None:
    events = [{"date": "2026-06-08", "event": "ordered", "by": "ann"}]
    report = report_on(shop(), situation(buyers=ANN, events=events))
    assert (report.steps[0].urgency, report.steps[0].late) == ("normal", 7)
    report = report_on(shop(), {**situation(buyers=ANN, events=events), "params": {"fades_after": "7 days"}})
    assert report.steps[0].urgency == "high"


def test_one_address_is_one_person_across_records() -> None:
    data = situation(buyers=ANN, events=[{"date": "2026-06-15", "event": "ordered", "by": "ann"}])
    data["orders"]["o2"] = {
        "name": "Order 2",
        "buyers": {"a": {"name": "A.", "mail": "ANN@x.example", "phone": "1 2"}, "b": {"phone": "12"}},
        "events": [
            {"date": "2026-06-15", "event": "ordered", "by": "a"},
            {"date": "2026-06-15", "event": "ordered", "by": "b"},
        ],
    }
    report = report_on(shop(), data)
    now = [step for step in report.steps if step.when == "now" and step.to]
    assert [step.actions for step in now] == [
        tuple(f"{action}:{who}" for action in ("confirm", "offer_more") for who in ("o1:ann", "o2:a", "o2:b"))
    ]


CUSTOMERS = {
    "vocabulary.yaml": """
pack: {name: letters}
situation:
  scope: order
  whole: shop
  records:
    customer: {in: customers, fields: {name: text, mail: text}, same by: [mail]}
    order: {in: orders, fields: {name: text, customer: customer}}
    buyer: {in: orders.buyers, fields: {name: text}}
  events: [orders.events]
messages: {mail: {says: "Write to {person}"}}
events:
  written: {says: You wrote., fields: {to: customer}, message to: to}
actions:
  ask: {title: Ask, say: ask, message: mail, priority: high}
  thank: {title: Thank, say: "say thank you for {order}", message: mail}
  greet: {title: Greet, say: greet them, message: mail, priority: low}
""",
    "rules.yaml": """
rules:
  ask: {title: Ask, when: [{order: {customer: $who, name: present}}], recommend: {action: ask, to: $who}}
  thank: {title: Thank, when: [{order: {customer: $who}}], recommend: {action: thank, to: $who}}
  greet: {title: Greet, when: [{buyer: {id: $who}}], recommend: {action: greet, to: $who}}
""",
}


def test_whoever_is_no_record_of_the_scope_is_one_person_for_all_of_it() -> None:
    letters = shop(**CUSTOMERS)
    customers = {"ann": {"name": "Ann", "mail": "a@x.example"}, "a": {"name": "A.", "mail": "A@x.example"}}
    one = {"name": "One", "customer": "ann", "buyers": {"tim": {"name": "Tim"}}}
    data: dict[str, Any] = {
        "as_of": "2026-06-15",
        "customers": customers,
        "orders": {"o1": one, "o2": {"name": "Two", "customer": "ann"}, "o3": {"customer": "a"}},
    }
    assert [step.title for step in report_on(letters, data).steps] == [
        "Write to Ann, One, Two: ask, say thank you for One, say thank you for Two, and say thank you for o3",
        "Write to Tim, One: greet them",
    ]
    one["events"] = [{"date": "2026-06-15", "event": "written", "to": "ann"}]
    steps = report_on(letters, data).steps
    assert [(step.when, step.to, step.scope) for step in steps] == [
        ("now", "tim", "o1"),
        ("ahead", "ann", "o1"),
    ]


def test_a_message_of_today_leaves_the_next_for_tomorrow() -> None:
    events = [
        {"date": "2026-06-15", "event": "ordered", "by": "ann"},
        {"date": "2026-06-15", "event": "written", "to": "ann"},
    ]
    report = report_on(shop(), situation(buyers=ANN, events=events))
    assert [(step.when, step.open.day) for step in report.steps if step.to] == [("ahead", 16)] * 2


def test_offices_are_called_on_weekdays() -> None:
    data = situation("2026-06-13", buyers=ANN, events=[{"date": "2026-06-12", "event": "asked", "by": "ann"}])
    (step,) = report_on(shop(), data).steps
    assert (step.when, step.open.isoformat(), step.channel) == ("ahead", "2026-06-15", "phone")
    (step,) = report_on(shop(), {**data, "params": {"contact_days": "days"}}).steps
    assert step.when == "now"


def rung(as_of: str, window: str = "", **parameters: str) -> tuple[str, str]:
    """When Ann is rung who asked on Friday 29 May 2026: now or ahead, and from which day on."""
    when = "when: [{asked: {by: $who, date: $day}}]"
    rules = f"rules: {{ring: {{title: Ring, {when}, recommend: {{action: ring, to: $who, {window}}}}}}}"
    events = [{"date": "2026-05-29", "event": "asked", "by": "ann"}]
    data = {**situation(as_of, buyers=ANN, events=events), "params": parameters}
    (step,) = report_on(shop(**{"rules.yaml": rules}), data).steps
    return step.when, step.open.isoformat()


def test_offices_are_not_called_on_holidays_of_the_calendar() -> None:
    pytest.importorskip("holidays")
    german = {"count": "working_days", "holidays": "DE"}
    for day in ("2026-05-23", "2026-05-24", "2026-05-25"):  # Whit Monday is a holiday in Germany
        data = situation(day, buyers=ANN, events=[{"date": "2026-05-22", "event": "asked", "by": "ann"}])
        (step,) = report_on(shop(), {**data, "params": german}).steps
        assert (step.when, step.open.isoformat()) == ("ahead", "2026-05-26")
        (step,) = report_on(shop(), {**data, "params": {"count": "working_days"}}).steps
        assert step.when == ("now" if day == "2026-05-25" else "ahead")


@pytest.mark.parametrize("window", ["open: $day, close: $day + {n} days", "until: $day + {n} days"])
def test_a_call_does_not_wait_until_it_is_too_late(window: str) -> None:
    for days, when in ((2, "now"), (3, "ahead")):  # until Sunday, until Monday
        assert rung("2026-05-30", window.format(n=days))[0] == when
    assert rung("2026-05-31", window.format(n=3)) == ("ahead", "2026-06-01")


def test_what_would_be_too_late_after_the_weekend_is_said_otherwise() -> None:
    otherwise = SHOP["vocabulary.yaml"].replace("office hours: true", "office hours: true, otherwise: mail")
    rules = (
        "rules: {ring: {title: Ring, when: [{asked: {by: $who, date: $day}}], "
        "recommend: {action: ring, to: $who, open: $day, close: $day + 2 days}}}"
    )
    pack = shop(**{"vocabulary.yaml": otherwise, "rules.yaml": rules})
    data = situation("2026-05-29", buyers=ANN, events=[{"date": "2026-05-29", "event": "asked", "by": "ann"}])
    found = []
    for day in (29, 30, 31):  # Friday to Sunday
        (step,) = report_on(pack, {**data, "as_of": f"2026-05-{day}"}).steps
        found.append((step.when, step.channel, step.title.split(",")[0]))
    assert found == [("now", "phone", "Ring Ann"), *[("now", "email", "Write to Ann")] * 2]


def test_a_call_ahead_is_ahead_on_a_day_on_which_offices_are_open() -> None:
    assert rung("2026-05-29", "open: $day + 1 day") == ("ahead", "2026-06-01")
    assert rung("2026-05-29", "open: $day + 1 day", contact_days="days") == ("ahead", "2026-05-30")
    assert rung("2026-05-29", "open: $day + 1 day, close: $day + 2 days") == ("ahead", "2026-05-30")


@pytest.mark.parametrize("parameters", [{}, {"count": "working_days", "holidays": "DE"}], ids=["days", "DE"])
def test_a_plan_knows_the_days_on_which_offices_close_and_open(parameters: dict[str, str]) -> None:
    pytest.importorskip("holidays")
    data = situation("2026-05-20", buyers=ANN, events=[{"date": "2026-05-20", "event": "asked", "by": "ann"}])
    document = Document.of({**data, "params": parameters})
    course = plan(shop(), document, days=20)
    for number in range(20):
        day = date(2026, 5, 20) + timedelta(days=number)
        held = [step for step in course.steps if step.day <= day][-1]
        said = report_on(shop(), {**document.data, "as_of": day.isoformat()})  # type: ignore[dict-item]
        assert undated(held.report) == undated(said), day
    assert len(course.steps) > 4


QUIET = """
rules:
  quiet:
    title: Quiet
    when: [{asked: {date: $day}}]
    recommend: {action: quiet, until: $day + 3 days}
"""


def test_silence_keeps_messages_back_until_its_end() -> None:
    events = [
        {"date": "2026-06-15", "event": "ordered", "by": "ann"},
        {"date": "2026-06-14", "event": "asked"},
    ]
    report = report_on(shop(**{"quiet.yaml": QUIET}), situation(buyers=ANN, events=events))
    assert shown(report) == [
        ("now", "normal", "Wrap it, and label it: Order 1"),
        ("now", "low", "Post a card to Ann, Order 1: say thank you"),
        ("ahead", "high", "Write to Ann, Order 1: confirm the order, and offer more"),
    ]
    assert report.steps[2].open.isoformat() == "2026-06-17"


CHANGES = """
rules:
  asked-means-low: {when: [asked], step: {action: [confirm, wrap], at most: low}}
  asked-means-riding: {when: [{asked: {by: $who}}], step: {action: confirm, to: $who, rides: true}}
  asked-first: {for: shop, when: [{asked: {order: any}}], step: {action: label, tier: 1}}
"""


def test_step_rules_change_how_actions_are_done() -> None:
    pack = shop(**{"changes.yaml": CHANGES})
    events = [
        {"date": "2026-06-15", "event": "ordered", "by": "ann"},
        {"date": "2026-06-15", "event": "asked", "by": "ann"},
    ]
    report = report_on(pack, situation(buyers=ANN, events=events))
    assert shown(report) == [
        ("now", "high", "Ring Ann, Order 1: ask what they need, offer more, and confirm the order"),
        ("now", "normal", "Label it, and wrap it: Order 1"),
        ("ahead", "low", "Post a card to Ann, Order 1: say thank you"),
    ]
    alone = evaluate_without_ring(pack, events)
    assert [step.actions for step in alone.steps] == [("label:o1", "wrap:o1"), ("card:o1:ann",)]


def test_what_rides_never_leads_however_urgent_it_is() -> None:
    low = "rules: {quiet: {when: [ordered], step: {action: confirm, at most: low}}}"
    events = [{"date": "2026-06-15", "event": "ordered", "by": "ann"}]
    step = next(
        s for s in report_on(shop(**{"low.yaml": low}), situation(buyers=ANN, events=events)).steps if s.to
    )
    assert (step.id, step.urgency) == ("step:confirm:o1:ann", "normal")
    assert step.title == "Write to Ann, Order 1: confirm the order, and offer more"


def evaluate_without_ring(pack: LoadedPack, events: list[dict[str, Any]]) -> Report:
    """Where nothing is said to the person, what rides stands in no step."""
    return report_on(pack, {**situation(buyers=ANN, events=events), "skips": [{"action": "ring"}]})


def test_skips_take_advice_out_until_a_day() -> None:
    data = situation(buyers=ANN, events=[{"date": "2026-06-15", "event": "ordered", "by": "ann"}])
    data["skips"] = [
        {"action": "confirm", "order": "o1", "until": "2026-06-16", "because": "no time"},
        {"action": "wrap"},
        {"action": "quiet"},
    ]
    pack = shop()
    report = report_on(pack, data)
    assert {action.action for action in report.actions} == {"offer_more", "card", "label"}
    assert report.warnings == ("skips[2]: no rule advises `quiet`, so there is nothing to skip",)
    assert [a.action for a in report_on(pack, data, missed=True).actions if a.status == "skipped"] == [
        "confirm",
        "wrap",
    ]
    later = report_on(pack, {**data, "as_of": "2026-06-16"})
    assert "confirm" in {action.action for action in later.actions}


def test_a_pack_without_a_word_about_steps_has_a_step_an_action() -> None:
    files = dict(SHOP)
    plain = files["vocabulary.yaml"].split("actions:")[0].replace("same by: [mail, phone]", "")
    names = ("confirm", "offer_more", "ring", "card", "wrap", "label", "quiet")
    plain = plain.split("messages:")[0] + plain[plain.index("events:\n") :]
    plain += "actions:\n" + "".join(f"  {name}: {{title: Do {name}}}\n" for name in names)
    plain = plain.replace(", message to: to", "")
    report = report_on(
        shop(**{"vocabulary.yaml": plain}),
        situation(buyers=ANN, events=[{"date": "2026-06-15", "event": "ordered", "by": "ann"}]),
    )
    assert {step.actions for step in report.steps} == {(action.id,) for action in report.actions}
    assert all(step.to is None and step.channel is None for step in report.steps)


def test_why_is_that_of_the_window_that_opens_first_in_whatever_order_they_were_derived() -> None:
    for days in (("2026-06-13", "2026-06-09"), ("2026-06-09", "2026-06-13")):
        events = [{"event": "ordered", "by": "ann", "date": day} for day in days]
        report = report_on(shop(), situation(buyers=ANN, events=events))
        assert [step.why for step in report.steps if "confirm:o1:ann" in step.actions] == [
            "Ann ordered on 9 June."
        ]
