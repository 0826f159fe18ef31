"""Values written in a vocabulary -> values at run time, each with its type."""

from __future__ import annotations

import re
from calendar import monthrange

from followcue.base.rows import Value, places_of
from followcue.base.values import (
    LONGEST_DURATION,
    LONGEST_PERIOD,
    format_decimal,
    looks_like_date,
    parse_date,
    parse_decimal,
    parse_duration,
    parse_period,
    parse_time,
)
from followcue.language.documents.plain import digits_of
from followcue.language.model.vocabulary import MOST_PLACES, Type, decimal_type

PERCENT = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?) *%")
LIKE_A_DURATION = re.compile(r"[0-9]+ *[A-Za-z]+")
LIKE_A_PERIOD = re.compile(r"[0-9]+ *(?:months?|years?|yrs?|y|mo)", re.IGNORECASE)
MONTHS_OF_A_YEAR = 12
LONGEST = f"the longest duration is {LONGEST_DURATION} days"

_OF_ANY_LENGTH = re.compile(r"0*([0-9]+) +(?:days?|weeks?)")


def type_name(written: object) -> str:
    """The name of the base type that a value is written like."""
    if isinstance(written, bool):
        return "boolean"
    if isinstance(written, int):
        return "number"
    text = str(written)
    if isinstance(written, float) or PERCENT.fullmatch(text):
        places = len(digits_of_decimal(written).partition(".")[2])
        return decimal_type(min(max(places, 1), MOST_PLACES)).name
    if looks_like_date(text):
        return "date"
    if parse_time(text) is not None:
        return "time"
    if LIKE_A_PERIOD.fullmatch(text):
        return "period"
    return "duration" if LIKE_A_DURATION.fullmatch(text) else "text"


def digits_of_decimal(written: object) -> str:
    """The digits of a number that may have a point: `0.35` also of `35%`."""
    if isinstance(written, bool):
        return ""
    if isinstance(written, float):
        return digits_of(written)
    percent = PERCENT.fullmatch(str(written))
    if not percent:
        return str(written)
    whole, _, part = percent[1].partition(".")
    units = parse_decimal(f"{whole}.{part}" if part else whole, len(part))
    return str(written) if units is None else format_decimal(units, len(part) + 2)


def fitting(type: Type, written: object) -> Value:
    """The value at run time; raises `ValueError` if what is written is not of the type."""
    match type.base, written:
        case "bool", bool():
            return written
        case (("number" | "moment"), int()) if not isinstance(written, bool):
            return written
        case "text", str() if not type.choices or written in type.choices:
            return written
        case base, (int() | float() | str()) if (places := places_of(base)) and not isinstance(written, bool):
            units = parse_decimal(digits_of_decimal(written), places)
            if units is not None:
                return units
        case "date", str() if day := parse_date(written):
            return day.toordinal()
        case "duration", str() if (days := parse_duration(written)) is not None:
            return days
        case "period", str() if (months := parse_period(written)) is not None:
            return months
        case "time", str() if (minutes := parse_time(written)) is not None:
            return minutes
    raise ValueError(written)


def is_over_a_century(written: str) -> bool:
    """Whether a duration is written as it should be, and is only too long."""
    meant = _OF_ANY_LENGTH.fullmatch(written)
    return meant is not None and parse_duration(written[meant.start(1) :]) is None


_NEARLY_PERIOD = re.compile(r"([0-9]{1,5}) *(?:([my])[a-z]*)?", re.IGNORECASE)


def period_hint(written: object) -> str:
    """The period that was probably meant by `6`, `6months` or `2y`."""
    meant = _NEARLY_PERIOD.fullmatch(str(written))
    if not meant:
        return "a period is counted in months or years: `6 months`, `18 years`"
    unit = "year" if (meant[2] or "m").lower() == "y" else "month"
    period = f"{int(meant[1])} {unit if int(meant[1]) == 1 else unit + 's'}"
    if parse_period(period) is None:
        return f"the longest period is {LONGEST_PERIOD // 12} years"
    return f"did you mean `{period}`?"


_NEARLY_TIME = re.compile(
    r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?::[0-9]{2})? *([ap])?\.?(?:m\.?)?", re.IGNORECASE
)


def time_hint(written: object) -> str:
    """The time of day that was probably meant by `9:05`, `14.30` or `2pm`."""
    meant = _NEARLY_TIME.fullmatch(str(written))
    if meant:
        hour, minute, half = int(meant[1]), int(meant[2] or 0), (meant[3] or "").lower()
        hour = hour % 12 + 12 * (half == "p") if half and hour <= 12 else hour
        time = f"{hour:02}:{minute:02}"
        if parse_time(time) is not None and (meant[2] or half):
            return f"did you mean `{time}`?"
    return "a time of day has hours from 00 to 23 and minutes from 00 to 59: `14:30`"


def in_words(places: int) -> str:
    """`1 place`, `2 places`."""
    return f"{places} {'place' if places == 1 else 'places'}"


def described(type: Type) -> str:
    """What a value of the type looks like, for messages."""
    if type.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in type.choices)
    if places := places_of(type.base):
        return f"a number with at most {in_words(places)}, such as `12.{'5' * places}`"
    return {
        "text": "text",
        "number": "a whole number",
        "bool": "true or false",
        "date": "a date that exists, such as `2026-11-21`",
        "duration": "a duration such as `1 day` or `2 weeks`",
        "period": "a period such as `6 months` or `18 years`",
        "time": "a time of day such as `14:30`",
        "moment": "a moment",
    }[type.base]


def calendar_hint(written: str) -> str:
    """How a date is written, and on which day its month ends where it is only the day that is wrong."""
    year, month = int(written[:4]), int(written[5:7])
    if not 1 <= month <= MONTHS_OF_A_YEAR or year == 0:
        return "dates read like `2026-11-21`"
    return f"that month ends on {year:04}-{month:02}-{monthrange(year, month)[1]:02}"
