"""The civil calendar on day numbers: days moved by months, months between days, ends of months, weekdays.

Idea: a month is no number of days, so a day is moved by months on the calendar itself. Where the month has no
such day, it is the last one of that month.

    31 January 2026 + 1 month = 28 February 2026        29 February 2008 + 18 years = 28 February 2026

Whole months between two days are counted by the same move: as many as lead from the first day no further than
to the second. So an age and a birthday never disagree:

    months_between(a, b) >= n    just if    months_after(a, n) <= b

Invariant: every function is defined for every whole number, also for days beyond the years 1 to 9999 (as if
the calendar went on), and none but `weekday_of` ever puts an earlier day after a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypeAlias

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

LEAP_YEAR: Final = 4
"""The first year that has all days of all years; a day of each year is kept as that of this one."""

_DAYS, _MONTHS = 146_097, 4_800
"""After 400 years the calendar repeats itself."""

_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def months_after(day: int, months: int) -> int:
    """The day so many months later; the last of that month where it has no such day."""
    ages, rest = divmod(day - 1, _DAYS)
    start = date.fromordinal(rest + 1)
    more, month = divmod(start.year * 12 + start.month - 13 + months, _MONTHS)
    year, month = 1 + month // 12, 1 + month % 12
    moved = date(year, month, min(start.day, _length(year, month)))
    return moved.toordinal() + (ages + more) * _DAYS


def months_before(day: int, months: int) -> int:
    """The day so many months earlier; the last of that month where it has no such day."""
    return months_after(day, -months)


def months_between(start: int, end: int) -> int:
    """The greatest number of months that lead from `start` no further than to `end`; may be negative."""
    months = (end - start) * _MONTHS // _DAYS + 1
    while months_after(start, months) > end:
        months -= 1
    return months


def years_between(start: int, end: int) -> int:
    """The greatest number of years that lead from `start` no further than to `end`; may be negative."""
    return months_between(start, end) // 12


def weekday_of(day: int) -> str:
    """The day of the week, in English and small letters."""
    return WEEKDAYS[(day - 1) % 7]


def first_of_month(day: int) -> int:
    """The first day of the month of `day`."""
    return day - date.fromordinal((day - 1) % _DAYS + 1).day + 1


def last_of_month(day: int) -> int:
    """The last day of the month of `day`."""
    return months_after(first_of_month(day), 1) - 1


def next_anniversary(day: int, first: int) -> int:
    """The first of `day` and the days whole years after it that is not before `first`."""
    return months_after(day, 12 * max(0, _years_up_to(day, first)))


def next_yearly(day: int, first: int) -> int:
    """The first day, not before `first`, that is as many whole years after or before `day`."""
    return months_after(day, 12 * _years_up_to(day, first))


def _years_up_to(day: int, first: int) -> int:
    years = years_between(day, first)
    return years if months_after(day, 12 * years) == first else years + 1


def _length(year: int, month: int) -> int:
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap


CivilOp: TypeAlias = Literal[
    "months_after",
    "months_before",
    "months_between",
    "years_between",
    "weekday_of",
    "first_of_month",
    "last_of_month",
    "next_anniversary",
    "next_yearly",
]

FUNCTIONS: Final[Mapping[CivilOp, Callable[..., Any]]] = {
    "months_after": months_after,
    "months_before": months_before,
    "months_between": months_between,
    "years_between": years_between,
    "weekday_of": weekday_of,
    "first_of_month": first_of_month,
    "last_of_month": last_of_month,
    "next_anniversary": next_anniversary,
    "next_yearly": next_yearly,
}
"""Each function by its name; the names are also those in code that is made for a program."""
