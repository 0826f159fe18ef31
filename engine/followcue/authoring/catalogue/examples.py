"""Examples: for each rule, of all that the tests look at, where it fires and where it almost does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from followcue.evaluation.advice.report import Action, Reason, Report
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.report.words import addressee, deadline, name_of, plain, reason
from followcue.language.model.pack import Pack
from followcue.testing.run import Outcome, Result

MOST_EVENTS = 14
"""So many events of an example are shown, the latest ones."""

Happening: TypeAlias = tuple[str | None, int, str, str]
"""The scope, the day, the kind and the fields of an event, by which two situations are compared."""


class Told(NamedTuple):
    """An event of an example; `other`: the second example does not have it, or only it does."""

    day: date
    text: str
    other: bool


class Example(NamedTuple):
    """A look of a test: its id, the day, the events until then, and what comes of it."""

    test: str
    title: str
    day: date
    events: tuple[Told, ...]
    earlier: int
    outcome: str


class Examples(NamedTuple):
    """Where a rule fires, where it does not though much is the same, and the tests that exercise it."""

    fires: Example | None
    silent: Example | None
    tests: tuple[str, ...]


class _Look(NamedTuple):
    """An outcome, its test, its events, and the rules that fired."""

    result: Result
    outcome: Outcome
    events: frozenset[Happening]
    fired: frozenset[str]


def examples(pack: Pack, results: Sequence[Result]) -> dict[str, Examples]:
    """The examples of every rule, from results in their order."""
    by_test = [[_look(result, outcome) for outcome in result.outcomes] for result in results]
    found: dict[str, Examples] = {}
    for rule in pack.rules:
        firing = [looks for looks in by_test if any(rule in look.fired for look in looks)]
        fires, silent = _pair(rule, firing)
        if fires is not None and silent is None:
            silent = _elsewhere(rule, fires, by_test)
        found[rule] = Examples(
            fires and _example(fires, _outcome(rule, fires, pack), silent),
            silent and _example(silent, _silence(rule, silent, pack), fires),
            tuple(looks[0].result.scenario.id for looks in firing),
        )
    return found


def _look(result: Result, outcome: Outcome) -> _Look:
    situation, report = outcome.check.situation, outcome.report
    events = frozenset(
        (event.scope, event.date, event.kind, repr(sorted(event.fields.items(), key=str)))
        for event in situation.events.values()
    )
    advised = (rule for action in (*report.actions, *report.cautions) for rule in action.rules)
    return _Look(result, outcome, events, frozenset((*outcome.fired, *advised)))


def _pair(rule: str, tests: Sequence[Sequence[_Look]]) -> tuple[_Look | None, _Look | None]:
    """The smallest look that fires, and in its test the one most like it that does not.

    Tests whose authors name the rule come first, and looks in which they expect what it leads to.
    """
    best: tuple[tuple[int, ...], _Look, _Look | None] | None = None
    for looks in tests:
        claimed = rule in looks[0].result.scenario.rules
        silent = [look for look in looks if rule not in look.fired]
        for fires in (look for look in looks if rule in look.fired):
            other = min(silent, key=lambda look: _unlike(fires, look), default=None)
            expected = any(rule in action.rules for action in fires.outcome.expected)
            unlike = _unlike(fires, other) if other else 0
            cost = (not claimed, other is None, not expected, len(fires.events), unlike)
            if best is None or cost < best[0]:
                best = cost, fires, other
    return (best[1], best[2]) if best else (None, None)


def _elsewhere(rule: str, fires: _Look, tests: Sequence[Sequence[_Look]]) -> _Look | None:
    """Where every look of a test fires: the silent look that is most like it, if possible of its file."""
    silent = (look for looks in tests for look in looks if rule not in look.fired)
    file = fires.result.scenario.file
    return min(
        silent,
        key=lambda look: (look.result.scenario.file != file, _unlike(fires, look)),
        default=None,
    )


def _unlike(one: _Look, other: _Look) -> int:
    """How much two looks differ, in events and days; a day alone counts least."""
    days = abs(one.outcome.check.situation.as_of - other.outcome.check.situation.as_of)
    return 10 * len(one.events ^ other.events) + min(days, 9)


def _example(look: _Look, outcome: str, other: _Look | None) -> Example:
    situation, report = look.outcome.check.situation, look.outcome.report
    told = [
        Told(
            calendar_day(event.date),
            _said(Reason(event.kind, event.scope, calendar_day(event.date), event.fields, None), report),
            other is not None
            and (event.scope, event.date, event.kind, repr(sorted(event.fields.items(), key=str)))
            not in other.events,
        )
        for event in sorted(situation.events.values(), key=lambda e: (e.at, e.scope or ""))
    ]
    scenario = look.result.scenario
    shown = tuple(told[-MOST_EVENTS:])
    return Example(scenario.id, scenario.title, report.as_of, shown, len(told) - len(shown), outcome)


def _said(because: Reason, report: Report) -> str:
    """The event without its day, which stands beside it, and with its scope where there are several."""
    words = reason(because, report).replace(f" {because.date.isoformat()}", "", 1)
    several = len({key for key in report.names if isinstance(key, str)}) > 1
    return f"{name_of(because.scope, None, report)}: {words}" if several and because.scope else words


def _outcome(rule: str, look: _Look, pack: Pack) -> str:
    """What the rule leads to in this look."""
    report, head = look.outcome.report, pack.rules[rule].head
    actions = [action for action in (*report.cautions, *report.actions) if rule in action.rules]
    if actions:
        return _advised(actions[0], report, head)
    for conclusion in report.conclusions:
        if rule in conclusion.rules:
            shown = [f"{plain(name)} {value}" for name, value in conclusion.fields.items()]
            return ": ".join(filter(None, [f"concluded: {plain(conclusion.fact)}", ", ".join(shown)]))
    return "a warning" if head == "warn" else "concluded"


def _advised(action: Action, report: Report, head: str) -> str:
    parts = [action.title, addressee(action, report), deadline(action, report.as_of)]
    said = "; ".join(filter(None, parts))
    return {"tip": "added to: ", "caution": "caution: "}.get(head, "recommended: ") + said


def _silence(rule: str, look: _Look, pack: Pack) -> str:
    """That the rule does not fire, and what is advised instead of its action, if anything."""
    wanted = pack.rules[rule].action
    other = next((one for one in look.outcome.report.actions if one.action == wanted), None)
    return "this rule does not fire" + (f"; by other rules: {other.title}" if other else "")
