"""The days on which the steps of a report can be others, although what the rules derive is the same.

Steps look at the day themselves: what is late fades, silence ends, a deadline is or is no longer ahead,
somebody was written to today, offices are closed, and a day is told with its year where that is not the
present one. What has passed counts as today, so that the order can turn on the day on which something else is
due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta

from followcue.base.working_days import offices_of
from followcue.evaluation.advice.report import Report
from followcue.evaluation.advice.window import NEVER, calendar_day
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.vocabulary import STEPS, Vocabulary

_USUAL = {parameter.name: parameter.value for parameter in STEPS}
_DAY = timedelta(days=1)
_A_DAY = re.compile(r"\d [A-Z]")
"""What every day in words has, such as `20 November`."""


def _texts(report: Report) -> Iterator[str]:
    """All in a report that may tell a day in words."""
    for step in report.steps:
        yield step.title
        yield step.why
    for action in (*report.cautions, *report.actions):
        yield action.title
        yield from action.do
        yield from action.avoid
    yield from report.warnings


class StepDays:
    """Finds these days; works out once what depends on the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._fades = {name for name, kind in vocabulary.actions.items() if kind.fades}
        by_channel = {message.channel: message for message in vocabulary.messages.values()}
        self._by_channel = {name: message.office_hours for name, message in by_channel.items()}
        self._in_office_hours = {
            name: vocabulary.messages[kind.message].office_hours
            for name, kind in vocabulary.actions.items()
            if kind.message
        }
        self._has_office_hours = any(message.office_hours for message in vocabulary.messages.values())
        self._tell = [
            (kind.name, vocabulary.relations[kind.name].column("date"))
            for kind in vocabulary.kinds.values()
            if kind.message_to is not None
        ]

    def after(self, report: Report, situation: Situation) -> int:
        """The first day after that of the situation on which the steps of its report can be others.

        It may be too early, and is never too late; `NEVER` if there is none.
        """
        today = report.as_of
        found = min([day for day in self._days(report, situation) if day > today], default=None)
        this_year = found is not None and found.year == today.year
        if not this_year and any(map(_A_DAY.search, _texts(report))):
            found = date(today.year + 1, 1, 1) if today.year < MAXYEAR else None
        day = NEVER if found is None else found.toordinal()
        for skip in situation.skips:
            if skip.until is not None and situation.as_of < skip.until < day:
                day = skip.until
        return day

    def _days(self, report: Report, situation: Situation) -> Iterator[date]:
        today = report.as_of
        first_due = min([action.due for action in report.actions if action.due], default=date.max)
        fades_after: timedelta | None = None
        for action in report.actions:
            due, close, until = action.due, action.close, action.until
            # What is due later comes level with what was due before, which then counts as due today.
            if due is not None:
                if due > first_due:
                    yield due
                if action.action in self._fades:
                    if fades_after is None:
                        days = _parameter("fades_after", situation)
                        assert isinstance(days, int)
                        fades_after = timedelta(days + 1)
                    yield _later(due, fades_after)
            if close is not None:
                if close > first_due:
                    yield close
                yield _later(close, _DAY)
            if until is not None:
                yield until
                yield _later(until, _DAY)
        for step in report.steps:
            if step.when == "ahead":
                yield step.open
        if self._somebody_is_told(situation):
            yield _later(today, _DAY)
        if self._has_office_hours and _parameter("contact_days", situation) == "working_days":
            yield from self._office_days(report, situation)

    def _office_days(self, report: Report, situation: Situation) -> Iterator[date]:
        """The next day on which offices close or open again, if something of now is for their hours.

        The first message of a step says what it is: what rides on it comes after.
        """
        messages = {
            action.id: self._by_channel.get(action.channel or "", self._in_office_hours[action.action])
            for action in report.actions
            if action.action in self._in_office_hours
        }
        for step in report.steps:
            if step.when == "now" and next((messages[n] for n in step.actions if n in messages), False):
                offices, today = offices_of(situation.parameters), situation.as_of
                day = today + 1
                while offices.is_working_day(day) == offices.is_working_day(today):
                    day += 1
                yield calendar_day(day)
                return

    def _somebody_is_told(self, situation: Situation) -> bool:
        """Whether the situation records a message on its day."""
        today, facts = situation.as_of, situation.facts
        return any(row[place] == today for kind, place in self._tell if kind in facts for row in facts[kind])


def _parameter(name: str, situation: Situation) -> object:
    value = situation.parameters.get(name)
    return _USUAL[name] if value is None else value


def _later(day: date, by: timedelta) -> date:
    return day + by if date.max - day > by else date.max
