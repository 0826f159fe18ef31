"""Which days count: all, or Monday to Friday without public holidays (`params: {count: working_days}`).

A day moved by n working days is the n-th working day after it, or before it where n is negative. Moved by
none it is the day itself, or the next working day: what comes of a sum is a day on which work is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from warnings import catch_warnings, simplefilter

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import imported
from followcue.base.rows import Value

COUNT = "count"
"""The parameter that chooses between `days` and `working_days`."""

HOLIDAYS = "holidays"
"""The parameter that names a country or a part of it, such as `DE` or `DE-BY`."""

_FIRST_DAY, _LAST_DAY = date.min.toordinal(), date.max.toordinal()


class WorkingDays:
    """Monday to Friday, but for the days for which `is_holiday` holds."""

    def __init__(self, is_holiday: Callable[[int], bool] = lambda day: False) -> None:
        self._is_holiday = is_holiday

    def is_working_day(self, day: int) -> bool:
        """Whether work is done on `day`."""
        return not _is_weekend(day) and not self._is_holiday(day)

    def on_or_after(self, day: int) -> int:
        """The day itself, or the next working day."""
        return day if not _FIRST_DAY <= day <= _LAST_DAY or self.is_working_day(day) else self.shift(day, 1)

    def shift(self, day: int, by: int) -> int:
        """The day `by` working days after `day`, or before it; moved by none, it is that of `on_or_after`.

        Beyond the calendar every day is as good as the next: it stops at the first.
        """
        if not by:
            return self.on_or_after(day)
        step, left = (1, by) if by > 0 else (-1, -by)
        while left and _FIRST_DAY <= day <= _LAST_DAY:
            day += step
            left -= _FIRST_DAY <= day <= _LAST_DAY and self.is_working_day(day)
        return day


def calendar_of(parameters: Mapping[str, Value]) -> WorkingDays | None:
    """The calendar that the parameters ask for; None where every day counts.

    Raises `InvalidInput` for holidays that nobody knows, and `Unavailable` without the extra `holidays`.
    """
    if parameters.get(COUNT) != "working_days":
        return None
    region = parameters.get(HOLIDAYS)
    return WorkingDays(_holidays_in(str(region))) if region else WorkingDays()


def working_day_of(parameters: Mapping[str, Value]) -> Callable[[int], int] | None:
    """What moves a day to the next one that counts, unless it does itself; None where every day counts."""
    calendar = calendar_of(parameters)
    return calendar.on_or_after if calendar else None


def offices_of(parameters: Mapping[str, Value]) -> WorkingDays:
    """When offices are open: on the days of the calendar, or where every day counts, from Monday to Friday.

    Raises as `calendar_of` does.
    """
    return calendar_of(parameters) or WorkingDays()


def _is_weekend(day: int) -> bool:
    # Day 1 of the calendar was a Monday.
    return (day - 1) % 7 >= 5


def _holidays_in(region: str) -> Callable[[int], bool]:
    _public_holidays(region, 2000)  # so that an unknown region is refused at once
    return lambda day: day in _public_holidays(region, date.fromordinal(day).year)


@lru_cache(maxsize=512)
def _public_holidays(region: str, year: int) -> frozenset[int]:
    """The day numbers of the public holidays of a region in one year."""
    library = imported("holidays", "holidays")
    days = _asked(library, region, year)
    if days is None:
        raise _refusal(f"no public holidays are known for `{region}`", _nearest_region(library, region))
    return frozenset(day.toordinal() for day in days)


_REGION = r"([A-Z]{2,3})(?:-([A-Za-z0-9_ -]+))?"
"""A country and a part of it. What else the library has a name for is none."""


def _asked(library: Any, region: str, year: int) -> Any:
    """What the library knows of a region, None if nothing."""
    code = re.fullmatch(_REGION, region)
    if not code:
        return None
    with catch_warnings():
        simplefilter("ignore")  # a year that it does not know has no holidays
        try:
            days = library.country_holidays(code[1], subdiv=code[2], years=year)
        except (NotImplementedError, TypeError, AttributeError):
            return None
    return days if getattr(days, "country", None) else None


def _nearest_region(library: Any, region: str) -> str:
    """What was probably meant: the same in capitals, or another part of the country."""
    if _asked(library, region.upper(), 2000) is not None:
        return f"did you mean `{region.upper()}`?"
    country, _, _ = region.partition("-")
    whole = _asked(library, country, 2000)
    if whole is None:
        return "use a code such as `DE`, or `DE-BY` for a part of it"
    parts = ", ".join(whole.subdivisions)
    return f"the parts of `{country}` are {parts}" if parts else f"`{country}` has no parts: leave it at that"


def _refusal(message: str, hint: str) -> InvalidInput:
    return InvalidInput([Diagnostic("FC602", message, place=f"params.{HOLIDAYS}", hint=hint)])
