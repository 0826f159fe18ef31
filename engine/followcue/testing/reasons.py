"""Why a check was missed: what stands in the way of what is expected, and what led to what is not wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeAlias, cast

from followcue.base.limits import LimitExceeded
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import LoadedPack, Options
from followcue.evaluation.report.wording import ground
from followcue.evaluation.situation.situation import Events
from followcue.explain.wanted import NotRecommended, Unknown
from followcue.testing.run import Miss, Missed, Outcome, Unwanted
from followcue.testing.scenario import Expectation

Reasons: TypeAlias = Callable[[Outcome, Miss], Iterator[str]]
"""The lines that say why a miss is one."""

MOST_ASKED = 20
"""How many misses of one run are looked into: each takes as long as some evaluations."""

MOST_EVENTS = 3


def no_reasons(outcome: Outcome, miss: Miss) -> Iterator[str]:
    """Nothing, where nobody asks."""
    return iter(())


def reasons_of(loaded: LoadedPack) -> Reasons:
    """The reasons of misses of tests of a pack, for the first of them."""
    asked = 0

    def reasons(outcome: Outcome, miss: Miss) -> Iterator[str]:
        nonlocal asked
        if isinstance(miss, Unwanted):
            yield from _because(miss.action, outcome.report)
        elif isinstance(miss, Missed) and not miss.nearest and miss.expectation.action:
            asked += 1
            if asked <= MOST_ASKED:
                yield from _why_not(loaded, outcome, miss.expectation)

    return reasons


def _because(action: Action, report: Report) -> Iterator[str]:
    """The latest events that led to the action, or else the records."""
    events = [
        f"{reason.fact} on {reason.date}" + (f" (line {reason.line})" if reason.line else "")
        for reason in action.because
    ] or [ground(found, report) for found in action.grounds]
    if events:
        more = f" and {len(events) - MOST_EVENTS} more" if len(events) > MOST_EVENTS else ""
        yield f"          because of {', '.join(events[-MOST_EVENTS:])}{more}"


def _why_not(loaded: LoadedPack, outcome: Outcome, expectation: Expectation) -> Iterator[str]:
    """What stands in the way, and what would change it."""
    from followcue.explain.wanted import Wanted
    from followcue.explain.why_not.why_not import why_not_lines

    situation = outcome.check.situation
    wanted: dict[str, Any] = dict(expectation.wanted)
    scope = wanted.get(outcome.report.scope_key)
    asked = Wanted(expectation.action, scope, wanted.get("to"), wanted.get("about"))
    document = cast(Events, situation.events).document
    try:
        said = why_not_lines(loaded, document, asked, Options(date.fromordinal(situation.as_of)))
    except (Unknown, NotRecommended, LimitExceeded):
        return
    for line, label in zip(said, ("why not", "unless"), strict=False):
        yield f"{label:9} {line}"
