"""Values written in a vocabulary -> values at run time, each with its type."""

from __future__ import annotations

import re

from followcue.base.rows import Value
from followcue.base.values import (
    LONGEST_DURATION,
    LONGEST_PERIOD,
    looks_like_date,
    parse_date,
    parse_duration,
    parse_period,
)
from followcue.language.model.vocabulary import Type

LIKE_A_DURATION = re.compile(r"[0-9]+ *[A-Za-z]+")
LIKE_A_PERIOD = re.compile(r"[0-9]+ *(?:months?|years?|yrs?|y|mo)", re.IGNORECASE)
LONGEST = f"the longest duration is {LONGEST_DURATION} days"

_OF_ANY_LENGTH = re.compile(r"0*([0-9]+) +(?:days?|weeks?)")


def type_name(written: object) -> str:
    """The name of the base type that a value is written like."""
    if isinstance(written, bool):
        return "boolean"
    if isinstance(written, int):
        return "number"
    text = str(written)
    if looks_like_date(text):
        return "date"
    if LIKE_A_PERIOD.fullmatch(text):
        return "period"
    return "duration" if LIKE_A_DURATION.fullmatch(text) else "text"


def fitting(type: Type, written: object) -> Value:
    """The value at run time; raises `ValueError` if what is written is not of the type."""
    match type.base, written:
        case "bool", bool():
            return written
        case (("number" | "moment"), int()) if not isinstance(written, bool):
            return written
        case "text", str() if not type.choices or written in type.choices:
            return written
        case "date", str() if day := parse_date(written):
            return day.toordinal()
        case "duration", str() if (days := parse_duration(written)) is not None:
            return days
        case "period", str() if (months := parse_period(written)) is not None:
            return months
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


def described(type: Type) -> str:
    """What a value of the type looks like, for messages."""
    if type.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in type.choices)
    return {
        "text": "text",
        "number": "a whole number",
        "bool": "true or false",
        "date": "a date that exists, such as `2026-11-21`",
        "duration": "a duration such as `1 day` or `2 weeks`",
        "period": "a period such as `6 months` or `18 years`",
        "moment": "a moment",
    }[type.base]
