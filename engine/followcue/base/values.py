"""How dates (`2026-11-21`), durations (`1 day`, `2 weeks`) and periods (`6 months`, `18 years`) are written.

Inside, dates and durations are numbers of days, periods are numbers of months, and times of day (`14:30`) are
minutes since midnight.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

LONGEST_DURATION = 36_525
"""The longest duration that may be written, in days: a hundred years."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DURATION = re.compile(r"([0-9]{1,5}) +(days?|weeks?)")
_DECIMAL = re.compile(r"([-+]?)([0-9]{1,20})(?:\.([0-9]{1,20}))?")
_DAYS_IN = {"day": 1, "days": 1, "week": 7, "weeks": 7}

LONGEST_PERIOD = 12_000
"""The longest period that may be written, in months: a thousand years."""

_PERIOD = re.compile(r"([0-9]{1,5}) +(months?|years?)")
_MONTHS_IN = {"month": 1, "months": 1, "year": 12, "years": 12}


def parse_date(text: str) -> date | None:
    """The date that `text` (`yyyy-mm-dd`) names; None if it is written otherwise or is on no calendar."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def looks_like_date(text: str) -> bool:
    """Whether `text` is written as a date, be it on the calendar (`2026-02-28`) or not (`2026-02-30`)."""
    return _DATE.fullmatch(text) is not None


def parse_duration(text: str) -> int | None:
    """The days in `5 days` or `2 weeks`; None if `text` is no such duration, or one over a hundred years."""
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    days = int(match[1]) * _DAYS_IN[match[2]]
    return days if days <= LONGEST_DURATION else None


def parse_period(text: str) -> int | None:
    """The months in `6 months` or `18 years`; None if `text` is no period, or over a thousand years."""
    match = _PERIOD.fullmatch(text)
    if not match:
        return None
    months = int(match[1]) * _MONTHS_IN[match[2]]
    return months if months <= LONGEST_PERIOD else None


MOST_DIGITS = 15
"""The most digits that a number may have, with those after its point."""


def parse_decimal(text: str, places: int) -> int | None:
    """`12.5` in units of its last place, so 1250 for two places; None if it is none, or has more places."""
    found = _DECIMAL.fullmatch(text)
    if not found or len((found[3] or "").rstrip("0")) > places:
        return None
    digits = (found[2] + (found[3] or "").rstrip("0").ljust(places, "0")).lstrip("0") or "0"
    if len(digits) > MOST_DIGITS:
        return None
    return -int(digits) if found[1] == "-" else int(digits)


def format_decimal(units: int, places: int) -> str:
    """A number of units as a decimal of so many places: `12.50`."""
    digits = str(abs(units)).rjust(places + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def quotient(how: str, dividend: int, divisor: int) -> int:
    """The quotient of two whole numbers, rounded as `how` says, or what remains; 0 of a division by nought.

    `down` is towards nought and `up` away from it, and the halves likewise: `half up` takes 2.5 to 3 and -2.5
    to -3, `half even` both to the even neighbour. What remains (`remainder`) has the sign of the dividend.
    """
    if not divisor:
        return 0
    whole, rest = divmod(abs(dividend), abs(divisor))
    if how == "remainder":
        return rest if dividend >= 0 else -rest
    twice = 2 * rest - abs(divisor)
    if (
        (how == "up" and rest)
        or (how == "half up" and twice >= 0)
        or (how == "half even" and (twice > 0 or (twice == 0 and whole % 2)))
    ):
        whole += 1
    return whole if (dividend < 0) == (divisor < 0) else -whole


@lru_cache(4096)
def format_date(day: int) -> str:
    """A day number as `yyyy-mm-dd`; days before or after all calendars as the first or last day there is."""
    return date.fromordinal(min(max(day, date.min.toordinal()), date.max.toordinal())).isoformat()


def format_duration(days: int) -> str:
    """A number of days as it is written: `1 day`, `5 days`."""
    return "1 day" if days == 1 else f"{days} days"


def format_period(months: int) -> str:
    """A number of months as it is written, in years where it is whole years: `6 months`, `1 year`."""
    if months and months % 12 == 0:
        return "1 year" if months == 12 else f"{months // 12} years"
    return "1 month" if months == 1 else f"{months} months"


_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def parse_time(text: str) -> int | None:
    """The minutes since midnight of `14:30`; None if `text` is no such time of day."""
    match = _TIME.fullmatch(text)
    return int(match[1]) * 60 + int(match[2]) if match else None


def format_time(minutes: int) -> str:
    """Minutes since midnight as a time of day: `09:05`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
