"""A day as it was typed for an option or a field -> the one day that is meant, asked back if it is two."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from followcue.assistant.journal.asker import Asker, which
from followcue.assistant.journal.day_words import Reading, View, read_day, read_time
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.report.wording import full_day
from followcue.evaluation.situation.fields import described

TIME = "time"
"""The field of an event for the hour of the day that it speaks of."""

EXAMPLES = "write it such as 2026-11-05, 5 nov, monday, yesterday, 3 days ago or in 2 weeks"


class TypedDay(NamedTuple):
    """A day, and the time of day as `HH:MM` that was typed with it."""

    day: date
    time: str | None = None


def typed_day(
    written: str,
    today: date,
    *,
    name: str,
    place: str,
    view: View = "back",
    base: date | None = None,
    asker: Asker | None = None,
) -> TypedDay:
    """The day that is meant by what was typed for `name`, as `read_day` reads it.

    Raises `InvalidInput` (FC507) for what means none, `Undecided` (FC531) for two with nobody to ask.
    """
    reading = read_day(written, today, view, base)
    if not reading.days:
        raise InvalidInput([_no_day(reading, written, name, place)])
    if len(reading.days) == 1:
        return TypedDay(reading.days[0], reading.time)
    days = sorted(reading.days)
    said = [f"{day.isoformat()}, {full_day(day)}" for day in days]
    message = f"`{name}`: {described(written)} can mean {' or '.join(map(full_day, days))}"
    hint = f"write {' or '.join(day.isoformat() for day in days)}"
    otherwise = Diagnostic("FC531", message, hint=hint, place=place)
    chosen = which(asker, f"`{name}`: which day is {described(written)}?", said, otherwise)
    return TypedDay(days[chosen], reading.time)


def typed_time(written: str, name: str, place: str) -> str:
    """A time of day as `HH:MM`; other words as they are. Raises `InvalidInput` (FC507) for 25:00."""
    time = read_time(written)
    if time == "":
        message = f"`{name}`: there is no such time of day as {described(written)}"
        raise InvalidInput([Diagnostic("FC507", message, hint="write it such as 14:30 or 2pm", place=place)])
    return time or written


def no_time(written: str, kind: str, time: str, place: str) -> Diagnostic:
    """That a kind of entries has no field for the time that was typed with a day."""
    message = f"`{kind}` has no `{TIME}`, so that {time} of {described(written)} would be lost"
    return Diagnostic("FC507", message, hint="leave the time out, or write it into note=…", place=place)


def _no_day(reading: Reading, written: str, name: str, place: str) -> Diagnostic:
    if reading.wrong:
        return Diagnostic("FC507", f"`{name}`: {reading.wrong}", hint=reading.hint, place=place)
    message = f"`{name}` must be a date such as 2026-11-05, not {described(written)}"
    return Diagnostic("FC507", message, hint=reading.hint or EXAMPLES, place=place)
