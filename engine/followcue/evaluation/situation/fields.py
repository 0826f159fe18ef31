"""How the value of a field is written: what each type accepts, and what to say of a value it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from followcue.base.diagnostic import nearest
from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Value, places_of
from followcue.base.values import (
    format_decimal,
    looks_like_date,
    parse_date,
    parse_decimal,
    parse_duration,
    parse_period,
    parse_time,
)
from followcue.language.documents.plain import digits_of
from followcue.language.documents.written import Written
from followcue.language.model.vocabulary import Type

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Dates outside these years are taken for slips of the pen."""

Convert: TypeAlias = Callable[[object], Value]
"""Turns a written value into the value of a row; raises one of `UNFIT` for a value not of the type."""

LONG = 60
"""Text longer than this is not shown in full, and nobody meant a name by it."""

# Made into patterns where they are used: only mistakes need them.
_WHOLE = r"[-+]?[0-9]{1,15}"
_DATE_IN_DIGITS = r"([0-9]{4})([0-9]{2})([0-9]{2})"
_NEARLY_DURATION = r"([0-9]{1,4}) *(?:([dw])(?:ays?|eeks?)?)?"
_WITH_MARKS = r"[$€£]?\s*([-+]?(?:[0-9]{1,3}(?:[,'_ ][0-9]{3})+|[0-9]+))((?:\.[0-9]+)?)\s*[$€£]?"
_WITH_PLACES = r"[-+]?[0-9]{1,14}\.([0-9]+)"

UNFIT = (LookupError, TypeError, ValueError)


class Refusal(NamedTuple):
    """Why a value does not fit: the diagnostic's code, its message and the likely fix."""

    code: str
    message: str
    hint: str | None = None


def converter(kind: Type, days: Days) -> Convert:
    """The function that reads values of a type; `days` remembers the dates it has read."""
    if kind.choices:
        return dict(zip(kind.choices, kind.choices, strict=True)).__getitem__  # type: ignore[return-value]
    match kind.base:
        case "date":
            return days.__getitem__
        case "duration":
            return _duration
        case "period":
            return _period
        case "time":
            return _time
        case "number" | "moment":
            return _number
        case "bool":
            return _boolean
        case base if places := places_of(base):
            return partial(_decimal, places)
        case _:
            return str.__str__  # gives text as it is, and raises for anything else


class Days(dict[object, int]):
    """Day numbers by written date, filled as dates are read: the same few days come again and again."""

    def __missing__(self, written: object) -> int:
        day = parse_date(written) if isinstance(written, str) else None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(written)
        number = self[written] = day.toordinal()
        return number


def _number(value: object) -> int:
    if type(value) is int:
        return value
    raise ValueError(value)


def _decimal(places: int, value: object) -> int:
    """The number in units of its last place, taken from its digits, whatever it was read from."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        digits = digits_of(value) if isinstance(value, float) else str(value)
        units = parse_decimal(digits, places)
        if units is not None:
            return units
    raise ValueError(value)


def _boolean(value: object) -> bool:
    if value is True or value is False:
        return value
    raise ValueError(value)


def _duration(value: object) -> int:
    if isinstance(value, str) and (days := parse_duration(value)) is not None:
        return days
    raise ValueError(value)


def _period(value: object) -> int:
    if isinstance(value, str) and (months := parse_period(value)) is not None:
        return months
    raise ValueError(value)


def _time(value: object) -> int:
    if isinstance(value, str) and (minutes := parse_time(value)) is not None:
        return minutes
    raise ValueError(value)


def refuse(
    name: str, kind: Type, value: object, *, required: bool = False, written: Written | None = None
) -> Refusal:
    """What to tell the author of a field whose value is not of the field's type.

    `written` is how the value stands in its text, which a hint repeats as it stands; None if it has no text.
    """
    if value is None:
        hint = "give it one: it is required" if required else "give it one, or leave the key out"
        if written and written.text.isalpha() and not written.is_json and kind.base == "text":
            hint += f"; if it is meant as text, {quote(value, written)}"
        return Refusal("FC501", f"`{name}` has no value", hint)
    if kind.choices:
        return _refuse_choice(name, kind, value, written)
    if isinstance(value, list):
        hint = "write one entry for each"
        if not value:
            hint = "give it one: it is required" if required else "give it one, or leave the key out"
        elif len(value) == 1 and isinstance(value[0], str) and len(value[0]) <= LONG:
            hint = f"write `{value[0]}`"
        return Refusal("FC501", f"`{name}` takes one value, not a list", hint)
    match kind.base:
        case "date":
            return refuse_date(name, value, written)
        case "duration":
            return _refuse_duration(name, value, written)
        case "period":
            return _refuse_period(name, value, written)
        case "time":
            return _refuse_time(name, value, written)
        case "number" | "moment":
            message = f"`{name}` must be a whole number, not {described(value, written)}"
            if isinstance(value, float):
                return Refusal("FC501", message, "round it: the vocabulary declares a whole number")
            return Refusal("FC501", message, number_hint(value, written))
        case "bool":
            return _refuse_boolean(name, value, written)
        case base if places := places_of(base):
            return _refuse_decimal(name, places, value, written)
        case _:
            wanted = f"the key of one {in_words(*kind.refers_to)}" if kind.refers_to else "text"
            message = f"`{name}` must be {wanted}, not {described(value, written)}"
            if kind.refers_to and isinstance(value, dict):
                return Refusal("FC501", message, "write only the name under which it stands in its own place")
            return Refusal("FC501", message, quote(value, written))


def _refuse_choice(name: str, kind: Type, value: object, written: Written | None) -> Refusal:
    known = ", ".join(f"`{choice}`" for choice in kind.choices)
    said = written.text if written else value
    close = nearest(said, kind.choices) if isinstance(said, str) and len(said) <= LONG else None
    hint = f"did you mean `{close}`?" if close else None
    if said in kind.choices:  # `yes` and `true`, of which one is text and the other is not
        hint = quote(value, written)
    if isinstance(value, list):
        hint = "write one of them"
    return Refusal("FC509", f"`{name}` must be one of {known}, not {described(value)}", hint)


def refuse_date(name: str, value: object, written: Written | None = None) -> Refusal:
    """What to tell the author of a date that is none, is not on the calendar or is centuries away."""
    if isinstance(value, str) and looks_like_date(value):
        year, month = int(value[:4]), int(value[5:7])
        if parse_date(value) is not None:
            meant = f"20{value[2:]}"
            hint = f"did you mean {meant}?" if year < FIRST_YEAR and parse_date(meant) else None
            message = f"`{name}`: {value} is not a year between {FIRST_YEAR} and {LAST_YEAR}"
            return Refusal("FC507", message, hint)
        hint = "a year has the months 01 to 12, and the month comes before the day"
        if 1 <= month <= 12 and 1 <= year < 9999:
            from followcue.language.model.read_values import calendar_hint  # late: only mistakes need it

            hint = calendar_hint(value)
        return Refusal("FC507", f"`{name}`: there is no {value} in the calendar", hint)
    message = f"`{name}` must be a date such as 2026-11-05, not {described(value, written)}"
    hint = _date_hint(value, written or Written(str(value)))
    if isinstance(value, str) and re.match(_DAY_IN_WORDS, value):
        hint = "a file names the day itself; `followcue add` takes words such as `yesterday` for it"
    return Refusal("FC507", message, hint)


_DAY_IN_WORDS = r"(?i)(?:to|yester)day\b|tomorrow\b|now\b|(?:last|next|this|in|on) |.* ago\b"


def _date_hint(value: object, written: Written) -> str | None:
    """The date that was probably meant: `2026-1-5`, `2026/01/05`, `20260105` or one with a time of day."""
    if not isinstance(value, (str, int)):
        return None
    if whole := re.fullmatch(_DATE_IN_DIGITS, written.text):
        parts = list(whole.groups())
    else:
        parts = written.text.replace("/", "-").replace(".", "-").split("T")[0].split(" ")[0].split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return "write the day itself: the year, the month and the day in figures"
    year, month, day = parts
    if len(year) == 4 and parse_date(meant := f"{year}-{month:0>2}-{day:0>2}"):
        return f"did you mean {written.instead(meant)}?"
    return "write the year first, then month and day: 2026-11-05"


def _refuse_duration(name: str, value: object, written: Written | None) -> Refusal:
    from followcue.language.model.read_values import LONGEST, is_over_a_century  # late: only mistakes need it

    if isinstance(value, str) and is_over_a_century(value):
        return Refusal("FC508", f"`{name}`: {described(value)} is over a hundred years", LONGEST)
    message = f"`{name}` must be a duration such as `5 days`, not {described(value, written)}"
    return Refusal("FC508", message, duration_hint(value, written))


def duration_hint(value: object, written: Written | None = None) -> str | None:
    """The duration that was probably meant by `5`, `5days` or `2w`."""
    said = re.sub("^(?:an?|one) ", "1 ", value) if isinstance(value, str) else value
    meant = re.fullmatch(_NEARLY_DURATION, str(said)) if isinstance(said, (str, int)) else None
    if not meant and isinstance(value, str) and (found := re.fullmatch(r"(\d{1,5}) *([a-z]{3,6})", value)):
        near = nearest(found[2], ("day", "days", "week", "weeks"))
        meant = re.fullmatch(_NEARLY_DURATION, f"{found[1]} {near}") if near else None
    if not meant:
        return None
    unit = "week" if meant[2] == "w" else "day"
    duration = f"{meant[1]} {unit if meant[1] == '1' else unit + 's'}"
    if parse_duration(duration) is None:
        return None
    return f"did you mean `{written.instead(duration) if written else duration}`?"


def _refuse_time(name: str, value: object, written: Written | None) -> Refusal:
    from followcue.language.model.read_values import time_hint  # late: only mistakes need it

    message = f"`{name}` must be a time of day such as `14:30`, not {described(value, written)}"
    return Refusal("FC349", message, time_hint(written.text if written else value))


def _refuse_period(name: str, value: object, written: Written | None) -> Refusal:
    from followcue.language.model.read_values import period_hint  # late: only mistakes need it

    hint = period_hint(written.text if written else value)
    message = f"`{name}` must be a period such as `6 months`, not {described(value, written)}"
    return Refusal("FC508", message, hint)


_TRUTH = {"yes": True, "y": True, "on": True, "no": False, "n": False, "off": False}


def _refuse_decimal(name: str, places: int, value: object, written: Written | None) -> Refusal:
    has = f"{places} {'place' if places == 1 else 'places'}"
    digits = (digits_of(value) if isinstance(value, float) else str(value)).strip()
    if isinstance(value, str) and (marked := re.fullmatch(_WITH_MARKS, digits)):
        meant = re.sub(r"[,'_ ]", "", marked[1]) + marked[2]
        if meant != digits:
            hint = f"write `{meant}`, with a point before the places and no other sign"
            return Refusal(
                "FC344", f"`{name}`: a number has no marks beside its digits, as in `{digits}`", hint
            )
    with_places = re.fullmatch(_WITH_PLACES, digits)
    if isinstance(value, (float, str)) and with_places and len(with_places[1].rstrip("0")) > places:
        message = f"`{name}` has at most {has}, and {digits} has more"
        return Refusal("FC342", message, "round it before, or declare more places in the vocabulary")
    message = f"`{name}` must be a number with at most {has}, not {described(value, written)}"
    return Refusal("FC501", message, f"as in `{format_decimal(1250 * 10 ** (places - 1), places)}`")


def _refuse_boolean(name: str, value: object, written: Written | None) -> Refusal:
    message = f"`{name}` must be true or false, not {described(value, written)}"
    word = value.lower() if isinstance(value, str) else ""
    meant = {"true": True, "false": False, **_TRUTH}.get(word)
    if meant is None:
        return Refusal("FC501", message)
    return Refusal("FC501", message, _without_quotes(str(meant).lower(), value, written))


def number_hint(value: object, written: Written | None = None) -> str | None:
    """The advice to leave out the quotes around a number."""
    if isinstance(value, str) and re.fullmatch(_WHOLE, value):
        return _without_quotes(str(int(value)), value, written)
    if isinstance(value, str) and (found := re.fullmatch(r"[^\d.,-]*(\d{1,15})[^\d.,]*", value)):
        return f"write the number alone: `{found[1]}`"
    if isinstance(value, str) and value.replace(" ", "").replace("-", "").isalpha():
        return "write it in figures, such as `3`"
    return None


def _without_quotes(plain: str, value: object, written: Written | None) -> str:
    """The advice to write `plain`, which is no text, in place of text."""
    if written is None:
        return f"give it as `{plain}`, which is not text"
    if not written.quoted:
        return f"write `{plain}`"
    return "leave out the quotes" if value == plain else f"leave out the quotes, and write `{plain}`"


def described(value: object, written: Written | None = None) -> str:
    """A value in words, for the end of a sentence such as `… must be text, not`."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case int() if value.bit_length() > 128:
            return "a number of more than 38 digits"
        case int() | float():
            return f"the number {written.text if written else value}"
        case str():
            return f"`{value}`" if len(value) <= LONG else f"`{value[:LONG]}…`"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def quote(value: object, written: Written | None = None) -> str | None:
    """The advice to put into quotes, as it stands, what was read as a number, a truth or nothing."""
    match value:
        case str() | list() | dict():
            return None
        case _ if written:
            return f'put it into quotes: "{written.text}"'
        case bool() | int():
            return f'put it into quotes: "{str(value).lower()}"'
    return "put it into quotes"  # 1.1 may have been written 1.10


def in_words(*kinds: str) -> str:
    """Kinds as people say them: `interview scheduled or interview`."""
    return " or ".join(kind.replace("_", " ") for kind in kinds)
