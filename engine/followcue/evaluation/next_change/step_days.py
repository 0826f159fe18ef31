"""The days on which the steps of a report can be others, although what the rules derive is the same.

Steps look at the day themselves: what is late fades, silence ends, a deadline is or is no longer ahead,
somebody was written to today, offices are closed, and a day is told with its year where that is not the
present one. What has passed counts as today, so that the order can turn on the day on which something else is
due.
"""

from __future__ import annotations

from collections.abc import Iterator

from followcue.base.working_days import offices_of
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.vocabulary import STEPS, ActionKind, Vocabulary

_USUAL = {parameter.name: parameter.value for parameter in STEPS}


def next_step_day(report: Report, situation: Situation, vocabulary: Vocabulary) -> int:
    """The first day after that of the situation on which the steps of its report can be others.

    It may be too early, and is never too late. The report has at least the end of the year to wait for.
    """
    today = situation.as_of
    return min(day for day in _days(report, situation, vocabulary) if day > today)


def _days(report: Report, situation: Situation, vocabulary: Vocabulary) -> Iterator[int]:
    today = report.as_of
    yield today.replace(month=1, day=1).replace(year=today.year + 1).toordinal()
    fades_after = _parameter("fades_after", situation)
    assert isinstance(fades_after, int)
    for action in report.actions:
        yield from _days_of(action, vocabulary.actions[action.action], fades_after)
    for step in report.steps:
        if step.when == "ahead":
            yield step.open.toordinal()
    yield from (skip.until for skip in situation.skips if skip.until is not None)
    if _somebody_is_told(situation, vocabulary):
        yield situation.as_of + 1
    closed_offices = _parameter("contact_days", situation) == "working_days"
    if closed_offices and any(_in_office_hours(action, vocabulary) for action in report.actions):
        yield _offices_turn(situation)


def _days_of(action: Action, kind: ActionKind, fades_after: int) -> Iterator[int]:
    for day in (action.due, action.close, action.until):
        if day is not None:
            yield day.toordinal()
            yield day.toordinal() + 1
    if kind.fades and action.due is not None:
        yield action.due.toordinal() + fades_after + 1


def _parameter(name: str, situation: Situation) -> object:
    value = situation.parameters.get(name)
    return _USUAL[name] if value is None else value


def _in_office_hours(action: Action, vocabulary: Vocabulary) -> bool:
    """Whether the message of an action may be one for office hours."""
    usual = vocabulary.actions[action.action].message
    return any(
        message.office_hours and (message.name == usual or message.channel == action.channel)
        for message in vocabulary.messages.values()
        if usual
    )


def _offices_turn(situation: Situation) -> int:
    """The next day on which offices close, or open again."""
    offices, today = offices_of(situation.parameters), situation.as_of
    day = today + 1
    while offices.is_working_day(day) == offices.is_working_day(today):
        day += 1
    return day


def _somebody_is_told(situation: Situation, vocabulary: Vocabulary) -> bool:
    """Whether the situation records a message on its day."""
    kinds = vocabulary.kinds
    return any(
        event.date == situation.as_of and kinds[event.kind].message_to is not None
        for event in situation.events.values()
    )
