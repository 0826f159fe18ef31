"""Days and times in words: what people type for a day, and the day, or the days, that it means.

Idea: a day is written either whole (`2026-10-05`, `5 october 2026`, `05.10.2026`), or by how far off it is
(`yesterday`, `3 days ago`), or by a name that comes round again: a weekday, a day of a month without its
year. Only the last leaves open which one is meant. What has happened looks back, to the last such day, today
counting; what lies ahead looks forward, to the first one from `base` on, the day on which it was said.

    today = Sat 21 Nov 2026   `monday`, back: Mon 16 Nov      `monday`, ahead: Mon 23 Nov
                              `5/10/2026`: Mon 5 Oct or Sun 10 May 2026

Invariant: nothing is guessed. Words that may mean two days give both (`days`), words that mean none give
none, with what is wrong (`wrong`) and the likely fix.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from followcue.base.civil import MONTHS
from followcue.base.diagnostic import nearest
from followcue.evaluation.report.wording import WEEKDAYS, full_day
from followcue.evaluation.situation.fields import FIRST_YEAR, LAST_YEAR, LONG

View: TypeAlias = Literal["back", "ahead", "either"]
"""Where a day lies that comes round again: in the past, ahead, or nobody says."""


class Reading(NamedTuple):
    """The day that words mean, or those that they may mean; none if something is `wrong`, with the fix.

    `wrong` is empty for words that are no day at all. `time` is a time that was said with it, as `HH:MM`.
    """

    days: tuple[date, ...] = ()
    time: str | None = None
    wrong: str | None = None
    hint: str | None = None


def read_day(text: str, today: date, view: View = "back", base: date | None = None) -> Reading:
    """The day that `text` means; days ahead are counted from `base` on, which is today if it is left out."""
    said = _plainly(text)
    words, time = _without_time(said)
    if time is not None and not time:
        return Reading(wrong="there is no such time of day", hint="write it such as 14:30 or 2pm")
    reading = _day(words, _Clock(today, view, base or today))
    if reading is None:
        return Reading(wrong="", hint=_meant(words, today) if len(words) <= LONG else None)
    days = tuple(day for day in reading.days if FIRST_YEAR <= day.year <= LAST_YEAR)
    if reading.days and not days:
        year = reading.days[0].year
        return Reading(wrong=f"{year} is not a year between {FIRST_YEAR} and {LAST_YEAR}")
    return reading._replace(days=days, time=time)


def read_time(text: str) -> str | None:
    """A time of day as `HH:MM`; None for words that are not written as one, empty if there is none such."""
    match = _TIME_ALONE.fullmatch(_plainly(text))
    return _time(match) if match else None


# --- the time of day
def _time_written(between: str) -> str:
    """The pattern of a time of day, with these signs between its hours and minutes."""
    minutes = rf"(?:[{between}](?P<minute>\d\d)(?::\d\d)?)?"
    return rf"(?:(?P<hour>\d{{1,2}}){minutes}(?: ?(?P<half>[ap])\.?m\.?)?|(?P<noon>noon))"


_TIME = _time_written(":h")
_TIME_ALONE = re.compile(rf"(?:at )?{_time_written(':h.')}")
_TIME_LAST = re.compile(rf"(?P<rest>.+?)(?: at | |(?<=\d)t){_TIME}")
_TIME_FIRST = re.compile(rf"(?:at )?{_TIME} (?:on )?(?P<rest>.+)")


def _without_time(said: str) -> tuple[str, str | None]:
    """The words without a time of day in front or behind, and that time; empty if there is no such time."""
    for pattern in (_TIME_LAST, _TIME_FIRST):
        match = pattern.fullmatch(said)
        if match and (match["minute"] or match["half"] or match["noon"]):
            return match["rest"], _time(match)
    return said, None


def _time(match: re.Match[str]) -> str | None:
    if match["noon"]:
        return "12:00"
    if not (match["minute"] or match["half"]):
        return None  # a number alone is no time
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


# --- the day
class _Clock(NamedTuple):
    """What words for a day are read by."""

    today: date
    view: View
    base: date


def _day(said: str, clock: _Clock) -> Reading | None:
    """What the words mean; None where they mean nothing."""
    for pattern, read in _WAYS:
        match = pattern.fullmatch(said)
        if match:
            try:
                return read(match, clock)
            except (OverflowError, ValueError):  # at the ends of the calendar
                return Reading(wrong="that is too far off")
    return None


def _near(match: re.Match[str], clock: _Clock) -> Reading:
    return _off(clock.today, _NEAR[match[1]])


def _counted(match: re.Match[str], clock: _Clock) -> Reading:
    """`3 days ago`, `in two weeks`; without either, it may be both."""
    number = match["number"]
    count = int(number) if number.isdigit() else _NUMBERS.index(number) + 1 if number in _NUMBERS else 1
    signs = (-1,) if match["ago"] else (1,) if match["in"] or match["on"] else (-1, 1)
    found = [_moved(clock.today, sign * count, match["unit"]) for sign in signs]
    if None in found:
        return Reading(wrong="that is too far off")
    return Reading(tuple(dict.fromkeys(day for day in found if day)))


def _weekday(match: re.Match[str], clock: _Clock) -> Reading:
    """A weekday alone, or the last, next, coming one, or that of this week."""
    which, today = match["which"], clock.today
    wanted = _WEEKDAYS[match["day"][:3]]
    match which:
        case "last" | "past":
            return Reading((_last(wanted, today - timedelta(1)),))
        case "coming" | "this coming":
            return Reading((_first(wanted, today + timedelta(1)),))
        case "next":
            first = _first(wanted, today + timedelta(1))
            return Reading((first, first + timedelta(7)) if _monday(first) == _monday(today) else (first,))
        case "this":
            return Reading((_monday(today) + timedelta(wanted),))
    if clock.view == "back":
        return Reading((_last(wanted, today),))
    if clock.view == "either":
        return Reading(tuple(dict.fromkeys((_last(wanted, today), _first(wanted, today)))))
    first = _first(wanted, clock.base)
    return Reading((first, first + timedelta(7)) if first == clock.base else (first,))


def _of_week(match: re.Match[str], clock: _Clock) -> Reading:
    """`friday next week`."""
    weeks = {"last": -1, "this": 0, "next": 1}[match["week"]]
    return _off(_monday(clock.today), 7 * weeks + _WEEKDAYS[match["day"][:3]])


def _named(match: re.Match[str], clock: _Clock) -> Reading:
    """`5 oct`, `october 5th 2026`, maybe with its weekday."""
    month = _MONTHS[match["month"][:3]]
    return _on(match["year"], month, int(match["number"]), clock, match["weekday"])


def _year_first(match: re.Match[str], clock: _Clock) -> Reading:
    return _on(match["year"], int(match["month"]), int(match["number"]), clock)


def _numbers(match: re.Match[str], clock: _Clock) -> Reading:
    """Numbers with the year last, or without: with dots the day comes first, else the month may as well."""
    first, second, dotted = int(match["first"]), int(match["second"]), match["sign"] == "."
    year = match["year"]
    found = [_on(year, second, first, clock)]
    if not dotted:
        found.append(_on(year, first, second, clock))
    days = tuple(dict.fromkeys(day for reading in found for day in reading.days))
    if days:
        return Reading(days)
    if dotted and _on(year, first, second, clock).days:
        said = ".".join(filter(None, (match["second"], match["first"], year or "")))
        return found[0]._replace(hint=f"with dots the day comes first: did you mean {said}?")
    return found[0]


def _on(year: str | None, month: int, number: int, clock: _Clock, weekday: str | None = None) -> Reading:
    """A day of the calendar; without a `year`, the one within half a year or else both that it may be."""
    if not 1 <= month <= 12:
        return Reading(wrong=f"there is no month {month}", hint="write it such as 2026-11-05")
    if year:
        years = [int(year) + (2000 if len(year) == 2 else 0)]
        if not FIRST_YEAR <= years[0] <= LAST_YEAR:
            return Reading(wrong=f"{years[0]} is not a year between {FIRST_YEAR} and {LAST_YEAR}")
    else:
        years = _years(month, number, clock)
    try:
        days = [date(years[0], month, number)]
    except ValueError:
        return _no_such_day(years[0], month, number)
    days += [date(other, month, number) for other in years[1:] if number <= monthrange(other, month)[1]]
    if len(days) > 1 and clock.view != "either" and abs((days[0] - _base(clock)).days) <= HALF_A_YEAR:
        days = days[:1]
    if not weekday:
        return Reading(tuple(days))
    wanted = _WEEKDAYS[weekday[:3]]
    right = tuple(day for day in days if day.weekday() == wanted)
    if right:
        return Reading(right)
    first = days[0]
    wrong = f"{full_day(first).partition(' ')[2]} is a {WEEKDAYS[first.weekday()]}, no {WEEKDAYS[wanted]}"
    return Reading(wrong=wrong, hint="leave out the weekday, or write the day that is meant")


def _years(month: int, number: int, clock: _Clock) -> list[int]:
    """The years in which a day of a month may lie, the likelier one first."""
    base = _base(clock)
    is_past = (month, number) < (base.month, base.day)
    if (month, number) == (base.month, base.day):
        return [base.year]
    back, ahead = (base.year, base.year + 1) if is_past else (base.year - 1, base.year)
    return [ahead, back] if clock.view == "ahead" else [back, ahead]


def _base(clock: _Clock) -> date:
    return clock.base if clock.view == "ahead" else clock.today


HALF_A_YEAR = 183
"""A day without its year that lies farther off, in days, may as well be the one on the other side."""


def _no_such_day(year: int, month: int, number: int) -> Reading:
    last = date(year, month, monthrange(year, month)[1])
    wrong = f"there is no {number} {MONTHS[month - 1]} {year} in the calendar"
    return Reading(wrong=wrong, hint=f"that month ends on {last.isoformat()}")


# --- reckoning
def _off(day: date, days: int) -> Reading:
    try:
        return Reading((day + timedelta(days),))
    except OverflowError:
        return Reading(wrong="that is too far off")


def _moved(day: date, count: int, unit: str) -> date | None:
    """A day so many days, weeks, months or years off; the last one of a month that is too short."""
    try:
        if unit in _DAYS:
            return day + timedelta(count * _DAYS[unit])
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None


def _last(weekday: int, day: date) -> date:
    """The last such weekday up to and with a day."""
    return day - timedelta((day.weekday() - weekday) % 7)


def _first(weekday: int, day: date) -> date:
    """The first such weekday from a day on."""
    return day + timedelta((weekday - day.weekday()) % 7)


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


# --- words
_NEAR = {
    **{"today": 0, "now": 0, "tonight": 0, "this morning": 0},
    **{"yesterday": -1, "last night": -1, "tomorrow": 1},
    **{"day before yesterday": -2, "day after tomorrow": 2},
}
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_WEEKDAYS = {name[:3].lower(): number for number, name in enumerate(WEEKDAYS)}
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}

_WEEKDAY_WORDS = ("tues", "weds", "thur", "thurs", *_WEEKDAYS, *(name.lower() for name in WEEKDAYS))
_MONTH_WORDS = ("sept", *_MONTHS, *(name.lower() for name in MONTHS))
_SPELLED = (
    *_WEEKDAYS,
    *_MONTHS,
    *(word for said in _NEAR for word in said.split()),
    "ago",
    "days",
    "weeks",
    *(n.lower() for n in (*WEEKDAYS, *MONTHS)),
)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_WD = rf"(?:{_one_of(_WEEKDAY_WORDS)})"
_NUMBER = r"(?P<number>\d{1,2})(?:st|nd|rd|th|\.)?"
_MONTH = rf"(?P<month>{_one_of(_MONTH_WORDS)})\.?"
_YEAR = r"(?:[ -](?P<year>\d{4}|\d{2}))?"
_YEAR_FIRST = r"(?P<year>\d{4})"
_BEFORE = rf"(?:(?P<weekday>{_WD})\.? (?:the )?)?"
_AMOUNT = rf"(?P<number>\d{{1,5}}|an?|{_one_of(_NUMBERS)})"

_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Clock], Reading]], ...] = (
    (re.compile(rf"({_one_of(_NEAR)})"), _near),
    (
        re.compile(rf"{_YEAR_FIRST}(?P<sign>[-/.])(?P<month>\d{{1,2}})(?P=sign)(?P<number>\d{{1,2}})"),
        _year_first,
    ),
    (re.compile(rf"{_YEAR_FIRST}(?P<month>\d\d)(?P<number>\d\d)"), _year_first),
    (
        re.compile(
            r"(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second>\d{1,2})(?:(?P=sign)(?P<year>\d{4}|\d{2})?)?"
        ),
        _numbers,
    ),
    (
        re.compile(
            rf"(?P<in>in )?{_AMOUNT} (?P<unit>day|week|fortnight|month|year)s?"
            r"(?:(?P<ago> ago)|(?P<on> from (?:now|today)))?"
        ),
        _counted,
    ),
    (re.compile(rf"(?:(?P<which>last|past|next|this|(?:this )?coming) )?(?P<day>{_WD})\.?"), _weekday),
    (re.compile(rf"(?P<day>{_WD}) (?P<week>last|this|next) week"), _of_week),
    (re.compile(rf"{_BEFORE}{_NUMBER}[ -]?(?:of )?{_MONTH}{_YEAR}"), _named),
    (re.compile(rf"{_BEFORE}{_MONTH}[ -]?{_NUMBER}{_YEAR}"), _named),
)


def _plainly(text: str) -> str:
    """The words in small letters, with single spaces, without commas and small words in front."""
    said = " ".join(text.lower().replace(",", " ").split())
    return re.sub(r"^(?:(?:on|by|the) )+", "", said)


def _meant(said: str, today: date) -> str | None:
    """What was probably meant, where a word is misspelled."""
    mended = re.sub(r"[a-z]+", lambda m: nearest(m[0], _SPELLED) or m[0], said)
    if mended != said and (found := _day(mended, _Clock(today, "back", today))) and found.days:
        return f"did you mean `{mended}`?"
    return None
