"""From a situation to its plan: read it, suppose what is done, follow its course, list what changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from followcue.assistant.plan.agenda import AgendaEntry, Plan
from followcue.assistant.plan.changes import NamedDay, entries, in_order
from followcue.assistant.plan.course import Period, course
from followcue.assistant.plan.suppose import MOST as MOST_SUPPOSED
from followcue.assistant.plan.suppose import (
    Supposed,
    SupposedEvents,
    Supposition,
    all_done,
    as_arranged,
    read_on,
)
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import MOST
from followcue.base.values import looks_like_date
from followcue.base.working_days import calendar_of
from followcue.evaluation.advice.report import Reason
from followcue.evaluation.advice.value_text import parameters_as_written
from followcue.evaluation.pipeline import USUALLY, Options
from followcue.evaluation.situation.fields import LAST_YEAR, described
from followcue.explain.wanted import subject_of

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.evaluation.situation.situation import Situation
    from followcue.language.documents.document import Document

Assumption: TypeAlias = Literal["silence", "arranged", "done"]
"""What happens from the first day on: what the file says alone, what is arranged too, or also what is due."""

DAYS = 90
"""How many days a plan looks ahead unless it is told."""

MOST_DAYS = 3660
"""Ten years: nobody plans for longer, and mistyped years should not keep anybody waiting."""


class PlannedCourse(NamedTuple):
    """A plan, and what it was made from.

    `steps` are the reports, `document` is the situation with what was supposed.
    """

    plan: Plan
    steps: tuple[Period, ...]
    document: Document


def plan(
    loaded: LoadedPack,
    document: Document,
    options: Options = USUALLY,
    *,
    until: date | None = None,
    days: int | None = None,
    assume: Assumption = "arranged",
) -> PlannedCourse:
    """The plan of one situation; see `followcue.plan` for the arguments.

    Time is kept by who calls.
    """
    first = loaded.read(document, options)
    # What is supposed is no part of the situation that was given.
    allowed = min(options.limits.entries + 2 * MOST_SUPPOSED, MOST.entries)
    options = options._replace(limits=options.limits._replace(entries=allowed))
    last = _last_day(first.as_of, until, days)
    calendar = calendar_of(first.parameters)
    clockwork = loaded.watching(calendar is not None)
    given = _happenings(loaded, document, first, last, options)
    written = document
    meanwhile = Supposition(document, ())
    if assume != "silence":
        suppose = all_done if assume == "done" else as_arranged
        meanwhile = suppose(loaded, clockwork, document, first, last, options)
    document, kept, supposed, unsettled, steps = meanwhile
    begin = date.fromordinal(first.as_of)
    start = read_on(loaded, document, begin, options)
    whole = read_on(loaded, document, last, options)
    if supposed or kept:
        whole = whole._replace(events=SupposedEvents(whole.events, written, loaded.pack.vocabulary))
    steps = steps or tuple(course(loaded, clockwork, start, whole, options.limits))
    done = {(subject_of(one.action), one.event.date) for one in supposed}
    found = [
        *(
            entry
            for entry in entries(steps, last, days_named(whole), loaded.pack.vocabulary, kept)
            if entry.action is None
            or entry.change != "ends"
            or (subject_of(entry.action), entry.day) not in done
        ),
        *given,
        *(_told(one) for one in supposed),
    ]
    made = Plan(
        as_of=begin,
        until=last,
        assume=assume,
        profile=whole.profile,
        rules_version=loaded.pack.version,
        entries=in_order(found),
        unsettled=unsettled,
        parameters=parameters_as_written(loaded.pack.vocabulary, whole.parameters),
        names=whole.names,
        scope_key=loaded.pack.vocabulary.shape.scope or "scope",
    )
    return PlannedCourse(made, steps, document)


def _last_day(first: int, until: date | None, days: int | None) -> date:
    """The last day of a plan that begins on the day `first`."""
    begin, end = date.fromordinal(first), date(LAST_YEAR, 12, 31)
    if until is not None and not isinstance(until, date):
        raise _refusal(f"`until` must be a `datetime.date`, not {described(until)}", None, "until")
    if until is not None and days is not None:
        raise _refusal("a plan ends either on a day or after some days, not both", None, "until")
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise _refusal(f"a plan looks 0 to {MOST_DAYS} days ahead, not {days}", None, "days")
    last = min(begin + timedelta(days=DAYS if days is None else days), end) if until is None else until
    if last < begin:
        hint = f"it begins on {begin.isoformat()}: name that day or a later one"
        raise _refusal(f"a plan cannot end on {last.isoformat()}, before it begins", hint, "until")
    if (last - begin).days > MOST_DAYS or last > end:
        hint = f"the last day can be {min(begin + timedelta(days=MOST_DAYS), end).isoformat()}"
        raise _refusal(f"a plan cannot end as late as {last.isoformat()}", hint, "until")
    return last


def _refusal(message: str, hint: str | None, place: str) -> InvalidInput:
    return InvalidInput([Diagnostic("FC630", message, hint=hint, place=place)])


def _happenings(
    loaded: LoadedPack, document: Document, first: Situation, last: date, options: Options
) -> list[AgendaEntry]:
    """The events of the file that lie ahead."""
    whole = read_on(loaded, document, last, options)
    ahead = [event for event in whole.events.values() if event.date > first.as_of]
    return [
        _happening(Reason(e.kind, e.scope, date.fromordinal(e.date), e.fields, e.line), "event")
        for e in sorted(ahead, key=lambda e: (e.at, e.scope or ""))
    ]


def _happening(event: Reason, change: Literal["event", "supposed"]) -> AgendaEntry:
    return AgendaEntry(event.date, change, event=event, scope=event.scope)


def _told(supposed: Supposed) -> AgendaEntry:
    action, event = supposed
    happened = Reason(event.kind, event.scope, event.date, event.fields, None)
    return _happening(happened, "supposed")._replace(action=action, scope=action.scope)


def days_named(situation: Situation) -> frozenset[NamedDay]:
    """The days that events of the situation name besides their own."""
    return frozenset(
        NamedDay(event.scope, value)
        for event in situation.events.values()
        for value in event.fields.values()
        if isinstance(value, str) and looks_like_date(value)
    )
