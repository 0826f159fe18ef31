"""No lint cries wolf: what it says of random rules is held against random situations."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from code_pages import write
from followcue.authoring.lint.context import Book
from followcue.authoring.lint.shadow import shadowed_rules
from followcue.authoring.lint.windows import windows_that_never_open
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.synthesis.solver.witness import Witnesses

DAYS = ["$day", "today", "2026-03-05", "$day + 2 days", "$day - 1 week", "$day + grace", "today - 3 days"]
ORDER = ["before", "after", "on or before", "on or after"]
COUNTS = ["at least 1", "at most 1", "less than 1", "at least 2", "more than 2", "less than max_reminders"]
KINDS = ["novel", "not novel", "[reference, magazine]", "not magazine", "magazine"]
EVENTS = ["reminded", "answered", "damaged", "returned", "extended"]
TERMS = ["back", "long_overdue"]


def condition(random: Random, place: int) -> str:
    event, day, order = random.choice(EVENTS), random.choice(DAYS), random.choice(ORDER)
    return random.choice(
        [
            f"{event}: {{date: {order} {day}}}",
            f"{event}",
            f"no {event}: {{date: {order} {day}}}",
            f"no {event}",
            f"no {random.choice(TERMS)}",
            f"{random.choice(TERMS)}",
            f"newest {event}: {{date: $new{place}, at: $at{place}}}",
            f"newest {event}: {{date: {order} {day}}}",
            f"max {event}.date as $max{place}",
            f"extended: {{until: {order} {day} and {random.choice(ORDER)} {random.choice(DAYS)}}}",
            "reminded: {to: $reader}",
            "answered: {from: $reader}",
            "no answered: {from: $reader}",
            "reader: {id: $reader}",
            f"where: $day {order} {random.choice(DAYS)}",
            f"where: today {order} {day}",
            f"loan: {{kind: {random.choice(KINDS)}}}",
            f"loan: {{kind: {random.choice(KINDS)}}}",
        ]
    )


def rule(random: Random, number: int) -> str:
    lines = ["lent: {to: $reader, until: $day}"]
    lines += [condition(random, place) for place in range(random.randint(1, 4))]
    if random.random() < 0.4:
        lines += [f"count {random.choice(EVENTS)} as $n", f"where: $n {random.choice(COUNTS)}"]
    if random.random() < 0.3:
        lines.append(f"where: $day {random.choice(ORDER)} {random.choice(DAYS)}")
    when = "".join(f"      - {line}\n" for line in lines)
    dates = ["$day", "$day + 1 day", "$day + 3 days", "$day - 2 days", "$day + grace"]
    window = f"open: {random.choice(dates)}, close: {random.choice(dates)}"
    to = random.choice(["to: $reader, ", ""])
    head = random.choice(
        [
            f"recommend: {{action: phone, {to}{window}}}",
            f"recommend: {{action: remind, {to}{window}}}",
            f"recommend: {{action: remind, {to.rstrip(', ') or 'about: $reader'}}}",
        ]
    )
    return f"  rule-{number}:\n    title: Rule {number}\n    when:\n{when}    {head}\n"


def term(random: Random, name: str, event: str) -> str:
    when = f"{event}: {{date: {random.choice(ORDER)} 2026-03-05}}"
    return f"  {name.replace('_', '-')}-{event}:\n    when: [{when}]\n    conclude: {name}\n"


def rules(random: Random) -> str:
    made = "".join(rule(random, number) for number in range(30))
    base = [event for event in EVENTS if random.random() < 0.5] or ["returned"]
    terms = "".join(term(random, name, event) for name in TERMS for event in base[:2])
    return "rules:\n" + made + terms


def situation(random: Random) -> dict[str, Any]:
    def day() -> str:
        return f"2026-03-{random.randint(1, 20):02}"

    events: list[dict[str, Any]] = []
    for _ in range(random.randint(0, 2)):
        events.append({"date": day(), "event": "lent", "to": random.choice("ab"), "until": day()})
    for _ in range(random.randint(0, 5)):
        event: dict[str, Any] = {"date": day(), "event": random.choice(EVENTS)}
        if event["event"] == "extended":
            event["until"] = day()
        elif event["event"] == "reminded" and random.random() < 0.6:
            event["to"] = random.choice("ab")
        elif event["event"] == "answered" and random.random() < 0.6:
            event["from"] = random.choice("ab")
        events.append(event)
    random.shuffle(events)
    loan = {"book": "Emma", "readers": {"a": {"name": "Ann"}, "b": {"name": "Bob"}}, "events": events}
    loan["kind"] = random.choice(["novel", "reference", "magazine"])
    params = random.choice([{}, {"grace": "0 days"}, {"max_reminders": 1}, {"count": "working_days"}])
    return {"as_of": "2026-03-15", "params": params, "loans": {"emma": loan}}


def advice(
    loaded: LoadedPack, data: dict[str, Any], *, but: str = ""
) -> tuple[Any, set[str], set[str], set[str]]:
    """What is advised, the rules behind it, those that are due, and all that fired."""
    seen = Witnesses(loaded).judged(data)
    if seen is None:  # an answer to one of several reminders, and nobody says to which
        return [], set(), set(), set()
    actions = [action for action in seen.judgement.report.actions if action.status != "missed"]
    said = [(a.action, a.to, a.about, a.status, a.open, a.due, a.close) for a in actions]
    told = {rule for action in actions for rule in action.rules}
    due = {rule for a in actions if a.status in ("due", "overdue") and len(a.rules) == 1 for rule in a.rules}
    fired = {loaded.pack.clauses[d.clause].rule for d in seen.judgement.derivations}
    return said, told, due, fired


def hold_against(seed: int, folder: Path, situations: int) -> tuple[int, int, int]:
    """Checks one random pack; how many rules were dead, shadowed or overridden, and without a window."""
    random = Random(seed)
    text = rules(random)
    loaded = load_pack(write(text, folder / "all"), cache=False)
    book = Book(loaded)
    shadows = [finding for finding in shadowed_rules(book) if finding.rule]
    closed = {finding.rule for finding in windows_that_never_open(book)}
    adds_nothing = [f.rule for f in shadows if f.diagnostic.code == "FC433"]
    overridden = {f.rule for f in shadows if f.diagnostic.code == "FC434"}
    without = {}
    for name in adds_nothing[:4]:
        own = folder / f"without-{name}"
        mine = own / "mine"
        pack = write(text, own)
        mine.mkdir()
        (mine / "rules.yaml").write_text(f"disable: [{name}]\n", "utf-8")
        without[name] = load_pack(pack, mine, cache=False)
    for _ in range(situations):
        data = situation(random)
        said, told, due, fired = advice(loaded, data)
        assert not fired & book.dead, (seed, fired & book.dead, data)
        assert not told & overridden, (seed, told & overridden, data)
        if data["params"].get("count") is None:
            assert not due & closed, (seed, due & closed, data)
        for name, other in without.items():
            assert advice(other, data)[0] == said, (seed, name, data)
    return len(book.dead), len(adds_nothing) + len(overridden), len(closed)


def test_no_lint_says_what_is_not_so(tmp_path: Path) -> None:
    found = [hold_against(seed, tmp_path / str(seed), 40) for seed in range(2)]
    assert all(sum(column) for column in list(zip(*found, strict=True))[::2])


@pytest.mark.large
@pytest.mark.parametrize("seed", range(100, 160))
def test_no_lint_says_what_is_not_so_at_length(seed: int, tmp_path: Path) -> None:
    hold_against(seed, tmp_path, 300)
