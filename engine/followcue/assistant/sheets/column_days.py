"""The days in a column as people write them, and whether the day or the month comes first in it.

`5/10/2026` means two days. Who writes a column writes it one way, so one cell that can only be read one way
(`25/10/2026`) decides for all of it, and what no cell decides is asked once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from followcue.assistant.sheets.sheet import Value, shown
from followcue.evaluation.situation.fields import FIRST_YEAR, LAST_YEAR

Order: TypeAlias = Literal["day first", "month first"]
ORDERS: tuple[Order, ...] = ("day first", "month first")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(
    r"[T ,]+(?:at )?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?$", re.I
)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4}|\d{2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -]+([a-z]{3,9})\.?,?[ -]+(\d{4}|\d{2})", re.I)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})", re.I)

_EPOCH = date(1899, 12, 30)
_SERIAL = range(
    date(2000, 1, 1).toordinal() - _EPOCH.toordinal(), date(2100, 1, 1).toordinal() - _EPOCH.toordinal()
)
"""Bare numbers that a spreadsheet program counts days of these years by."""


class NoDay(Exception):
    """A cell that is no day; the message says why, in half a sentence."""


class Decision(NamedTuple):
    """Which order a column shows: `order` is None where no cell decides; `other` is a cell against it."""

    order: Order | None
    example: tuple[int, str] | None = None
    other: tuple[int, str] | None = None


def looks_like_day(value: Value) -> bool:
    """Whether a cell may be a day, in whatever order; a bare number is only one where nothing else fits."""
    if isinstance(value, date):
        return True
    if not isinstance(value, str):
        return False
    try:
        day_of(value, None)
    except NoDay:
        return _YEAR_LAST.fullmatch(_bare(value)) is not None
    return True


def order_in(cells: Iterable[tuple[int, Value]]) -> Decision:
    """Which order the cells of a column show, with a cell that is undecided, or one that shows the other."""
    shows: dict[Order, tuple[int, str]] = {}
    undecided: tuple[int, str] | None = None
    for row, value in cells:
        found = _YEAR_LAST.fullmatch(_bare(value)) if isinstance(value, str) else None
        if found is None:
            continue
        one, other = int(found[1]), int(found[3])
        said = (row, str(value))
        if found[2] == "." or (one > 12 >= other):
            shows.setdefault("day first", said)
        elif other > 12 >= one:
            shows.setdefault("month first", said)
        elif one != other:
            undecided = undecided or said
    if len(shows) == 2:
        first, second = sorted(shows.items(), key=lambda pair: pair[1])
        return Decision(first[0], undecided, second[1])
    return Decision(next(iter(shows), None), undecided)


def day_of(value: Value, order: Order | None) -> date:
    """The day in a cell, with `order` where it can mean two; raises `NoDay`."""
    if isinstance(value, date):
        return _within(value)
    said = _bare(shown(value))
    if said.isdigit() and int(said) in _SERIAL:
        return _EPOCH + timedelta(int(said))
    if found := _YEAR_FIRST.fullmatch(said):
        return _made(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(said):
        one, other = found[1], found[3]
        if found[2] == "." or int(one) > 12 or one == other:
            return _made(found[4], other, one)
        if int(other) > 12:
            return _made(found[4], one, other)
        if order is None:
            raise NoDay("can mean two days")
        return _made(found[4], *((other, one) if order == "day first" else (one, other)))
    if found := _DAY_MONTH.fullmatch(said):
        return _made(found[3], _month(found[2]), found[1])
    if found := _MONTH_DAY.fullmatch(said):
        return _made(found[3], _month(found[1]), found[2])
    raise NoDay("is no day such as 2026-11-05")


def _bare(value: Value) -> str:
    """A cell without its day of the week and its hour."""
    text = " ".join(str(value).replace("\u00a0", " ").split())
    return _CLOCK.sub("", _WEEKDAY.sub("", text)).strip()


def _month(name: str) -> str:
    wanted = name.lower()
    for number, month in enumerate(_MONTHS, 1):
        if wanted == month or (wanted in _WHOLE and wanted.startswith(month)):
            return str(number)
    raise NoDay("is no day such as 2026-11-05")


_WHOLE = {
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "sept"),
    *("october", "november", "december"),
}


def _made(year: str, month: str, day: str) -> date:
    try:
        return _within(date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))
    except ValueError:
        raise NoDay("is not in the calendar") from None


def _within(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NoDay(f"is not a year between {FIRST_YEAR} and {LAST_YEAR}")
    return day
