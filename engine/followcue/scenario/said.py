"""What a scenario missed, in the words of its author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from followcue.advice.report import Action
from followcue.scenario.run import Missed, Outcome, Result, Unwanted
from followcue.scenario.scenario import NAMING, PARTS

MOST_SHOWN = 3
"""How many actions of the expected name are set beside it."""


def said_of(result: Result) -> Iterator[str]:
    """The lines about a failed scenario, each check under its day."""
    scenario = result.scenario
    yield f"{_place(scenario.where.as_key().span)}: {scenario.id}" + (
        f": {scenario.title}" if scenario.title else ""
    )
    for outcome in result.outcomes:
        if outcome.misses:
            yield from _of_outcome(outcome, result.scope_key)
    for name, where in result.unclaimed:
        yield f"  {_place(where.span)}: the test says it is about `{name}`, which led to nothing it expects"


def _of_outcome(outcome: Outcome, scope_key: str) -> Iterator[str]:
    title = f", {outcome.check.title}" if outcome.check.title else ""
    yield f"  {_place(outcome.check.where.span)}: on {outcome.report.as_of}{title}"
    for miss in outcome.misses:
        lines = _of_missed(miss, scope_key) if isinstance(miss, Missed) else _of_unwanted(miss, scope_key)
        yield from (f"    {line}" for line in lines)


def _of_missed(miss: Missed, scope_key: str) -> Iterator[str]:
    wanted = miss.expectation.wanted
    yield f"expected  {_words(wanted)}"
    if not miss.nearest:
        yield (
            f"got       no `{miss.expectation.action}`"
            if miss.expectation.action
            else "got       nothing such"
        )
    for action in miss.nearest[:MOST_SHOWN]:
        got = action.to_dict(scope_key)
        instead = {key: got["action"] if key in NAMING else got.get(key) for key in wanted}
        yield f"got       {_words(instead)}"
    if len(miss.nearest) > MOST_SHOWN:
        yield f"          and {len(miss.nearest) - MOST_SHOWN} more of that name"


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
    named = next((str(keys[key]) for key in NAMING if key in keys), "anything")
    rest = ", ".join(f"{key} {_value(key, value)}" for key, value in keys.items() if key not in NAMING)
    return f"{named}: {rest}" if rest else named


def _value(key: str, value: object) -> str:
    if key in PARTS and isinstance(value, list):
        return f"[{'; '.join(map(str, value))}]"
    return "none" if value is None else str(value)


def _place(span: object) -> str:
    return str(span) if span else "test"
