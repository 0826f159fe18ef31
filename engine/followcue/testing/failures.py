"""What a scenario missed, in the words of its author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from followcue.base.diagnostic import Span
from followcue.evaluation.advice.report import Action, Conclusion, Report
from followcue.testing.expected_conclusions import MissedConclusion, UnwantedConclusion, conclusion_in_words
from followcue.testing.reasons import Reasons, no_reasons
from followcue.testing.run import Miss, Missed, Outcome, Result, Unwanted, Warned
from followcue.testing.scenario import NAMING, PARTS, as_told

MOST_SHOWN = 3
"""How many actions of the expected name are set beside it."""


def said_of(result: Result, reasons: Reasons = no_reasons) -> Iterator[str]:
    """The lines about a failed scenario, each check under its day; `reasons` say why it came out so."""
    scenario = result.scenario
    yield f"{_place(scenario.where.as_key().span)}: {scenario.id}" + (
        f": {scenario.title}" if scenario.title else ""
    )
    for outcome in result.outcomes:
        if outcome.misses:
            yield from _of_outcome(outcome, reasons)
    for name, where in result.unclaimed:
        yield f"  {_place(where.span)}: the test says it is about `{name}`, which led to nothing it expects"


def lines_of_miss(result: Result, reasons: Reasons = no_reasons) -> Iterator[tuple[str, Span | None]]:
    """What a failed scenario misses, each with its lines and the place of the check that demands it."""
    for outcome in result.outcomes:
        for miss in outcome.misses:
            lines = [*_of_miss(miss, outcome.report), *reasons(outcome, miss)]
            yield "\n".join([f"on {outcome.report.as_of}", *lines]), outcome.check.where.span
    for name, where in result.unclaimed:
        yield f"the test says it is about `{name}`, which led to nothing it expects", where.span


def _of_outcome(outcome: Outcome, reasons: Reasons) -> Iterator[str]:
    title = f", {outcome.check.title}" if outcome.check.title else ""
    yield f"  {_place(outcome.check.where.span)}: on {outcome.report.as_of}{title}"
    for miss in outcome.misses:
        yield from (f"    {line}" for line in _of_miss(miss, outcome.report))
        yield from (f"    {line}" for line in reasons(outcome, miss))


def _of_miss(miss: Miss, report: Report) -> Iterator[str]:
    match miss:
        case Missed():
            return _of_missed(miss, report)
        case Unwanted():
            return _of_unwanted(miss, report.scope_key)
        case MissedConclusion():
            return _of_missed_conclusion(miss, report.scope_key)
        case UnwantedConclusion():
            return _of_unwanted_conclusion(miss, report.scope_key)
        case Warned():
            return _of_warned(miss)


def _of_missed_conclusion(miss: MissedConclusion, scope_key: str) -> Iterator[str]:
    yield f"expected  {miss.expectation.said(scope_key)}"
    if not miss.nearest:
        yield f"got       no `{miss.expectation.fact}`"
    for conclusion in miss.nearest[:MOST_SHOWN]:
        yield f"got       {_told(conclusion, scope_key)}"
    if len(miss.nearest) > MOST_SHOWN:
        yield f"          and {len(miss.nearest) - MOST_SHOWN} more of that name"


def _of_unwanted_conclusion(miss: UnwantedConclusion, scope_key: str) -> Iterator[str]:
    yield f"unwanted  {miss.rejected.said(scope_key)}"
    yield f"got       {_told(miss.conclusion, scope_key)}"
    yield f"          by {', '.join(miss.conclusion.rules)}"


def _told(conclusion: Conclusion, scope_key: str) -> str:
    of = {} if conclusion.scope is None else {scope_key: conclusion.scope}
    return conclusion_in_words(conclusion.fact, {**of, **conclusion.fields})


def _of_warned(miss: Warned) -> Iterator[str]:
    yield "no such warning expected" if miss.phrase is None else f"expected  a warning with: {miss.phrase}"
    yield from (f"got       {warning}" for warning in miss.warnings or ("no warning",))


def _of_missed(miss: Missed, report: Report) -> Iterator[str]:
    wanted = miss.expectation.wanted
    yield f"expected  {_words(wanted)}"
    if not miss.nearest:
        yield (
            f"got       no `{miss.expectation.action}`"
            if miss.expectation.action
            else "got       nothing such"
        )
    for action in miss.nearest[:MOST_SHOWN]:
        name = "caution" if action in report.cautions else "action"
        shown = _instead(as_told(action, report), wanted)
        yield f"got       {_words({name: action.action, **shown})}"
    if len(miss.nearest) > MOST_SHOWN:
        yield f"          and {len(miss.nearest) - MOST_SHOWN} more of that name"


def _instead(got: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """What was got under the keys of what is wanted; of texts, those that it lacks."""
    shown: dict[str, object] = {}
    for key in (key for key in wanted if key not in NAMING):
        there, value = got.get(key), wanted[key]
        if key in PARTS and isinstance(value, list) and isinstance(there, list):
            lacking = [part for part in value if part not in there]
            shown[f"{key} lack" if lacking else key] = lacking or value
        else:
            shown[key] = there
    return shown


def _of_unwanted(miss: Unwanted, scope_key: str) -> Iterator[str]:
    got = _words(_identity(miss.action, scope_key))
    if miss.rejected is None:
        yield f"nobody expects  {got}"
    else:
        yield f"unwanted  {_words(miss.rejected.wanted)}"
        yield f"got       {got}"
    yield f"          by {', '.join(miss.action.rules)}"


def _identity(action: Action, scope_key: str) -> dict[str, object]:
    """What tells an action from others, and when it is to be done."""
    keys = ("action", scope_key, "to", "about", "status", "open", "due", "close", "until")
    got = action.to_dict(scope_key)
    return {key: got[key] for key in keys if got[key] is not None}


def _words(keys: Mapping[str, object]) -> str:
    """`check_status: to dana, open 2026-11-18`."""
    named = str(keys.get("action", "anything"))
    if "caution" in keys:
        named = f"caution {keys['caution']}"
    rest = ", ".join(f"{key} {_value(key, value)}" for key, value in keys.items() if key not in NAMING)
    return f"{named}: {rest}" if rest else named


def _value(key: str, value: object) -> str:
    if isinstance(value, list):
        return f"[{'; '.join(map(str, value))}]"
    return "none" if value is None else str(value)


def _place(span: object) -> str:
    return str(span) if span else "test"
