"""Explanations can be relied on: suggested changes work, and each fact of a why is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import followcue
from followcue import LoadedPack, load_pack
from followcue.base import clock
from followcue.evaluation.advice.report import Action
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import evaluate_facts
from followcue.evaluation.situation.situation import Situation
from followcue.explain.explanation import Explanation, FactMention
from followcue.explain.why_not.answer import Counterfactual, WhyNot
from followcue.language.documents.read import read_file

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SMALL = [path for path in EXAMPLES if path.stat().st_size < 2500]
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AIM = 0.9
"""For so many of the questions a change must be found."""


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack(cache=False)


@cache
def data_of(example: Path) -> dict[str, Any]:
    data = read_file(example).data
    assert isinstance(data, dict)
    return data


# --- a suggested change brings the action about
def changed(data: dict[str, Any], change: Counterfactual) -> tuple[dict[str, Any], dict[str, Any]]:
    """The situation with the change made to it by its steps, and the options that belong to it."""
    options: dict[str, Any] = {"as_of": change.as_of}
    made = _copied(data)
    order = ("set", "add event", "wait", "set parameter", "remove event")
    for step in sorted(change.steps, key=lambda step: (order.index(step.do), _last(step.path))):
        if step.do == "wait":
            options["as_of"] = date.fromisoformat(str(step.value))
        elif step.path == "profile":
            options["profile"] = step.value
        elif step.do == "set parameter":
            options.setdefault("parameters", {})[step.path.removeprefix("params.")] = step.value
        else:
            *way, last = [int(key) if key.isdigit() else key for key in re.findall(r"[^.\[\]]+", step.path)]
            place: Any = made
            for key in way:
                place = place[key] if isinstance(key, int) else place.setdefault(key, {})
            if step.do == "add event":
                place.setdefault(last, []).append(_copied(step.value))
            elif step.do == "remove event":
                del place[last]
            else:
                place[last] = _copied(step.value)
    return made, options


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


def _last(path: str) -> int:
    """Sorts places in lists from the end, so that taking one out moves none of the others."""
    found = re.search(r"\[(\d+)\]$", path)
    return -int(found[1]) if found else 0


def lines(report: followcue.Report, answer: WhyNot) -> list[Action]:
    return [
        line
        for line in (*report.cautions, *report.actions)
        if line.action == answer.action
        and answer.scope in (None, line.scope)
        and answer.to in (None, line.to)
        and answer.about in (None, line.about)
    ]


def check(data: dict[str, Any], answer: WhyNot, rules: LoadedPack) -> None:
    """Every change that is told leads to the line that it promises, and not a day earlier."""
    before = lines(answer.report, answer)
    assert answer.is_recommended == any(line.status in ("due", "overdue") for line in before)
    for change in answer.changes:
        made, options = changed(data, change)
        after = lines(followcue.evaluate(made, rules, **options), answer)
        assert after, (answer.headline, change.text)
        then = change.then
        promised = (then.scope, then.to, then.about, then.status, then.open, then.due)
        assert promised in {(a.scope, a.to, a.about, a.status, a.open, a.due) for a in after}
        if answer.verdict == "upcoming":
            assert then.status in ("due", "overdue")
        waits = [step for step in change.steps if step.do == "wait"]
        if waits and len(change.steps) == 1:
            eve = followcue.evaluate(made, rules, as_of=change.as_of - timedelta(days=1))
            wanted = ("due", "overdue") if answer.verdict == "upcoming" else ("upcoming", "due", "overdue")
            assert not [line for line in lines(eve, answer) if line.status in wanted]


@st.composite
def questions(draw: st.DrawFn, examples: list[Path]) -> tuple[dict[str, Any], dict[str, Any]]:
    """An example without some of its events, on another day, and something to ask about it."""
    data = _copied(data_of(draw(st.sampled_from(examples))))
    for record in data["applications"].values():
        kept = draw(st.integers(0, len(record.get("events", []))))
        record["events"] = record.get("events", [])[:kept]
    scope = draw(st.none() | st.sampled_from(sorted(data["applications"])))
    people = sorted(data["applications"][scope].get("contacts", {})) if scope else []
    day = date.fromisoformat(data["as_of"]) + timedelta(days=draw(st.integers(-20, 40)))
    wanted = {
        "action": draw(st.sampled_from(sorted(shipped().pack.vocabulary.actions))),
        "scope": scope,
        "to": draw(st.none() | st.sampled_from(people)) if people else None,
        "as_of": day,
    }
    return data, wanted


def _readable(data: dict[str, Any]) -> bool:
    try:
        shipped().reader.read(followcue.Document.of(data), today=clock.today)
    except followcue.InvalidInput:
        return False
    return True


@pytest.mark.slow
@FEW
@given(questions(SMALL))
def test_applying_a_change_makes_the_action_appear(question: tuple[dict[str, Any], dict[str, Any]]) -> None:
    data, wanted = question
    if _readable(data):
        check(data, followcue.why_not(data, rules=shipped(), **wanted), shipped())


@pytest.mark.large
@MANY
@given(questions(EXAMPLES))
def test_applying_a_change_makes_the_action_appear_at_large(
    question: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    data, wanted = question
    if _readable(data):
        check(data, followcue.why_not(data, rules=shipped(), **wanted), shipped())


@pytest.mark.parametrize("action", ["ask_timeline", "move_on", "keep_warm", "let_it_go", "take_next_step"])
def test_changes_of_examples_work(action: str) -> None:
    for example in SMALL[:2]:
        data = data_of(example)
        answer = followcue.why_not(data, action, shipped())
        check(data, answer, shipped())


@pytest.mark.large
def test_a_change_is_found_for_most_questions() -> None:
    """Every action on every example: each change works, the answer is always the same, most have a change."""
    found = asked = 0
    for example in EXAMPLES:
        data = data_of(example)
        for action in shipped().pack.vocabulary.actions:
            answer = followcue.why_not(data, action, shipped())
            if answer.is_recommended:
                continue
            check(data, answer, shipped())
            if example in SMALL:
                assert followcue.why_not(data, action, shipped()).to_dict() == answer.to_dict()
            asked += 1
            found += bool(answer.changes)
    assert found / asked > AIM, f"{found} of {asked}"


# --- a small pack, and any situation of it
VOCABULARY = """
pack: {name: library, title: Lending books}
situation:
  scope: loan
  whole: library
  records:
    loan:
      in: loans
      says: One book lent.
      fields: {book: text, kind: book_kind}
      require: [book]
      defaults: {kind: novel}
  events: [loans.events, events]
types: {book_kind: {one of: [novel, reference]}}
events:
  lent: {says: The book left the shelf., fields: {until: date}, require: [until]}
  extended: {says: The reader may keep it longer., fields: {for: duration}, require: [for]}
  reminded: {says: The reader was reminded.}
  returned: {says: The book is back.}
  closed_for_holidays: {says: The library was closed.}
conclusions:
  due_back: {says: The day on which it is to be back., fields: {day: date}}
  gone: {says: Nobody expects it any more.}
actions:
  remind: {title: Remind the reader}
  phone: {title: Phone the reader}
  write_off: {title: Take it off the books}
  check_shelf: {title: Look on the shelf}
  wait: {title: Wait, standing: true, keep: latest until}
parameters:
  grace: {says: Days before a late book is asked for., value: 3 days, cites: [own default]}
  most: {says: Reminders before the phone., value: 2, cites: [own default]}
profiles: {calm: {says: Slowly., default: true}, strict: {says: At once.}}
sources: {handbook: {title: Handbook}}
"""
RULES = """
rules:
  due-as-lent:
    when: [newest lent: {until: $day, at: $at}, no extended: {at: after $at}, no returned: {at: after $at}]
    conclude: {due_back: {day: $day}}
  due-as-extended:
    when:
      - newest lent: {until: $day, at: $at}
      - newest extended: {for: $time, at: $later}
      - where: $later after $at
      - no returned: {at: after $at}
    conclude: {due_back: {day: $day + $time}}
  it-is-gone:
    when: [due_back: {day: before today - 60 days}]
    conclude: gone
  remind:
    title: Remind
    when: [due_back: {day: $day}, no gone]
    recommend:
      action: remind
      open: $day + grace
      close: $day + 30 days
      done_when: {reminded: {date: after $day}}
  phone:
    title: Phone
    when: [due_back: {day: $day}, count reminded as $n: {date: after $day}, where: $n at least most]
    recommend: {action: phone}
  write-off:
    title: Write off
    when: [gone, loan: {kind: novel}]
    recommend: {action: write_off}
    overrides: [phone]
  check:
    title: Check
    profiles: [strict]
    when: [due_back, loan: {kind: reference}]
    recommend: {action: check_shelf, open: today}
  hold-on:
    title: Wait
    when: [due_back: {day: $day}, where: today before $day + grace]
    recommend: {action: wait, until: $day + grace}
"""
EVENTS = st.lists(
    st.tuples(st.integers(-120, 0), st.sampled_from(["lent", "extended", "reminded", "returned"])), max_size=6
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> LoadedPack:
    folder = tmp_path_factory.mktemp("library")
    (folder / "vocabulary.yaml").write_text(VOCABULARY)
    (folder / "rules.yaml").write_text(RULES)
    return load_pack(folder, cache=False)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=EVENTS,
    second=EVENTS,
    kind=st.sampled_from(["novel", "reference"]),
    action=st.sampled_from(["remind", "phone", "write_off", "check_shelf", "wait"]),
    scope=st.sampled_from([None, "emma", "dune"]),
)
def test_changes_work_for_any_situation_of_a_small_pack(
    first: list[tuple[int, str]],
    second: list[tuple[int, str]],
    kind: str,
    action: str,
    scope: str | None,
    library: LoadedPack,
) -> None:
    today = date(2026, 3, 10)
    more = {"lent": {"until": "2026-02-20"}, "extended": {"for": "2 weeks"}}

    def loan(book: str, kind: str, events: list[tuple[int, str]]) -> dict[str, Any]:
        dated = [
            {"date": (today + timedelta(days=days)).isoformat(), "event": event, **more.get(event, {})}
            for days, event in events
        ]
        return {"book": book, "kind": kind, "events": dated}

    data = {
        "as_of": today.isoformat(),
        "loans": {"emma": loan("Emma", kind, first), "dune": loan("Dune", "novel", second)},
    }
    answer = followcue.why_not(data, action, library, scope=scope)
    check(data, answer, library)
    assert answer.is_recommended or answer.changes, answer.headline


# --- without a fact, what it led to is gone
@cache
def explained(example: Path) -> Explanation:
    return followcue.why(example, rules=shipped())


@cache
def situation_of(example: Path) -> Situation:
    return shipped().reader.read(read_file(example), today=clock.today)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_without_any_fact_of_a_why_its_derivation_is_gone(data: st.DataObject) -> None:
    """Events and records alike: each row of the situation that a way rests on is needed for it."""
    example = data.draw(st.sampled_from(EXAMPLES), label="example")
    ways = [way for why in explained(example).whys for way in why.ways]
    way = data.draw(st.sampled_from(ways), label="way")
    facts = [fact for fact in way.all_facts if fact.role != "conclusion"]
    if facts:
        fact = data.draw(st.sampled_from(facts), label="fact")
        left = evaluate_facts(shipped(), without(situation_of(example), fact)).derivations
        assert fixed(way.derivation) not in set(map(fixed, left)), fact.text


def without(situation: Situation, fact: FactMention) -> Situation:
    """The situation without the rows of one fact."""
    vocabulary = shipped().pack.vocabulary

    def is_it(relation: str, row: tuple[Any, ...]) -> bool:
        values = dict(zip((c.name for c in vocabulary.relations[relation].columns), row, strict=True))
        if relation.partition(".")[0] != fact.fact or values.get("application") != fact.scope:
            return False
        if fact.role == "record":
            return "id" not in values or values["id"] == fact.fields.get("id")
        event = situation.events[fact.scope, values["at"]]
        return fact.date is not None and event.line == fact.line and event.date == fact.date.toordinal()

    facts: Mapping[str, list[tuple[Any, ...]]] = {
        name: [row for row in rows if not is_it(name, row)] for name, rows in situation.facts.items()
    }
    return situation._replace(facts=dict(facts))


def fixed(derivation: Derivation) -> Derivation:
    """The derivation with grouped rows in one order, to compare."""
    return derivation._replace(grouped=tuple(tuple(sorted(rows, key=repr)) for rows in derivation.grouped))
